# SPDX-License-Identifier: Apache-2.0
# Any bytes do for a CUBIN here: it is embedded, not read.
from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tvm_ffi.utils import embed_cubin as module
from tvm_ffi.utils.embed_cubin import embed_cubin

_USER = """
extern const char __tvm_ffi__cubin_kernel[], __tvm_ffi__cubin_kernel_end[];
const void* begin(void) { return __tvm_ffi__cubin_kernel; }
unsigned long size(void) { return __tvm_ffi__cubin_kernel_end - __tvm_ffi__cubin_kernel; }
"""
_CUBIN = bytes(range(256)) * 3 + b"\x7fELF"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("cc", "ld", "objcopy"))),
    reason="needs a C compiler and GNU binutils",
)


class Files(NamedTuple):
    cubin: Path
    user: Path
    out: Path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    source = tmp_path / "user.c"
    source.write_text(_USER)
    made = Files(tmp_path / "any name.cubin", tmp_path / "user.o", tmp_path / "out.o")
    made.cubin.write_bytes(_CUBIN)
    subprocess.run(["cc", "-fPIC", "-c", source, "-o", made.user], check=True)
    return made


def load(obj: Path) -> ctypes.CDLL:
    library = obj.with_suffix(".so")
    done = subprocess.run(
        ["cc", "-shared", "-Wl,--fatal-warnings", obj, "-o", library],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(library))


def test_code_finds_the_bytes_it_was_given(files: Files) -> None:
    embed_cubin(files.cubin, files.user, files.out, "kernel")
    library = load(files.out)
    library.begin.restype = ctypes.c_void_p
    library.size.restype = ctypes.c_ulong
    assert ctypes.string_at(library.begin(), library.size()) == _CUBIN


def test_the_symbols_stay_inside_the_object(files: Files) -> None:
    embed_cubin(str(files.cubin), str(files.user), str(files.out), "kernel")
    listing = subprocess.run(["nm", files.out], capture_output=True, text=True, check=True).stdout
    kinds = {line.split()[-1]: line.split()[-2] for line in listing.splitlines()}
    assert kinds["__tvm_ffi__cubin_kernel"] == kinds["__tvm_ffi__cubin_kernel_end"] == "r"


def test_missing_files_are_named(files: Files) -> None:
    with pytest.raises(FileNotFoundError, match=r"^CUBIN file not found: .*gone"):
        embed_cubin("gone", files.user, files.out, "kernel")
    with pytest.raises(FileNotFoundError, match=r"^Input object file not found: .*gone"):
        embed_cubin(files.cubin, "gone", files.out, "kernel")
    assert not files.out.exists()


def test_a_failing_tool_is_quoted_and_leaves_no_output(files: Files) -> None:
    files.user.write_bytes(b"no object file")
    with pytest.raises(RuntimeError) as raised:
        embed_cubin(files.cubin, files.user, files.out, "kernel")
    text = str(raised.value)
    assert "ld -r" in text and "stdout:" in text and "stderr:" in text and "user.o" in text
    assert not files.out.exists()


def test_a_missing_tool_is_named(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="Cannot run ld: it is not installed"):
        embed_cubin(files.cubin, files.user, files.out, "kernel")


def command(files: Files, **changed: Any) -> list[str]:
    paths = {"cubin": files.cubin, "input-obj": files.user, "output-obj": files.out, **changed}
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    return [*options, "--name", "kernel"]


def test_the_command_prints_nothing_unless_asked(files: Files) -> None:
    run = [sys.executable, "-m", "tvm_ffi.utils.embed_cubin", *command(files)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert files.out.exists()


def test_verbose_prints_the_steps(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main([*command(files), "-v"]) == 0
    printed = capsys.readouterr().out
    for step in ("[1/4]", "[2/4]", "[3/4]", "[4/4]", "Successfully embedded"):
        assert step in printed


def test_the_status_tells_what_failed(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(command(files, cubin="gone")) == 1
    assert module.main(command(files, **{"output-obj": files.out.parent})) == 3
    files.user.write_bytes(b"no object file")
    assert module.main(command(files)) == 2
    assert "CUBIN file not found: gone" in capsys.readouterr().err
