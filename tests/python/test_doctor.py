# SPDX-License-Identifier: Apache-2.0
"""Libraries that ail, and what is said of them: by the doctor and by load_module alike."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import doctor, libinfo, load_module
from tvm_ffi._elf import ElfFile, NotReadable

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or not sys.platform.startswith("linux"),
    reason="needs a C compiler and Linux",
)

FUNCTION = """
#include <tvm/ffi/c_api.h>
TVM_FFI_DLL_EXPORT int __tvm_ffi_f(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* out) {
  out->type_index = kTVMFFINone;
  BODY
  return 0;
}
"""

Compile = Callable[..., Path]


@pytest.fixture
def compile_c(tmp_path: Path) -> Compile:
    def run(name: str, body: str = "", *flags: str, source: str = FUNCTION) -> Path:
        file = tmp_path / f"{name}.c"
        file.write_text(source.replace("BODY", body))
        includes = [f"-I{path}" for path in libinfo.include_paths()]
        library = tmp_path / f"{name}.so"
        command = ["cc", "-shared", "-fPIC", "-w", *includes, str(file), "-o", str(library)]
        subprocess.run([*command, *flags], check=True)
        return library

    return run


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], tuple[int, str]]:
    def run(library: Path) -> tuple[int, str]:
        status = doctor.main([str(library)])
        return status, capsys.readouterr().out

    return run


Report = Callable[[Path], "tuple[int, str]"]


def check_words(library: Path, report: Report, problem: str, remedy: str) -> None:
    """The doctor and load_module must say the same, naming the file."""
    status, text = report(library)
    assert status == 1
    assert f"problem   {problem}" in text
    assert f"remedy    {remedy}" in text
    assert str(library) in problem
    with pytest.raises(RuntimeError, match="Failed to load dynamic shared library") as raised:
        load_module(library)
    assert f"- {problem}" in str(raised.value)
    assert remedy in str(raised.value)


# ---- All is well ---------------------------------------------------------------------------------


def test_without_a_library_it_tells_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main([]) == 0
    text = capsys.readouterr().out
    assert f"tvm_ffi   {tvm_ffi.__version__}" in text
    assert f"library   {libinfo.find_libtvm_ffi()}" in text
    assert sys.executable in text
    assert f"lane      {tvm_ffi.lane()}\n" in text
    for label in ("numpy", "torch", "ninja", "compiler"):
        assert f"  {label:<9} " in text
    assert text.endswith("\n0 problems found\n")


def test_functions_have_signatures_and_needs_have_places(report: Report) -> None:
    testing = libinfo._find_library_by_basename("apache-tvm-ffi", "tvm_ffi_testing")
    status, text = report(testing)
    assert status == 0
    assert "exports   testing_dll_schema_id_int(int) -> int\n" in text
    assert f"needs     libtvm_ffi.so -> {libinfo.find_libtvm_ffi()}\n" in text


def test_a_function_without_metadata_is_listed_by_name(compile_c: Compile, report: Report) -> None:
    status, text = report(compile_c("plain"))
    assert status == 0
    assert "exports   f(...)\n" in text
    status, text = report(compile_c("none", source="int x;"))
    assert (status, "exports   no function" in text) == (0, True)


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    package = Path(tvm_ffi.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(package)}
    for arguments, status in (([], 0), (["nowhere.so"], 1), (["--what"], 2)):
        command = [sys.executable, "-m", "tvm_ffi.doctor", *arguments]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True)
        assert done.returncode == status, done


# ---- Files ---------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "nowhere.so"
    check_words(path, report, f"{path} does not exist", "Check the path")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "the file is empty"),
        (b"int x;", "it is not a shared library of this system (ELF)"),
        (b"\x7fELF", "it is not a 64-bit little-endian library"),
        (b"\x7fELF\x01\x01" + bytes(100), "it is not a 64-bit little-endian library"),
        (b"\x7fELF\x02\x01", "the file is cut short"),
    ],
)
def test_a_file_that_is_no_library(
    tmp_path: Path, report: Report, content: bytes, cause: str
) -> None:
    path = tmp_path / "file.so"
    path.write_bytes(content)
    check_words(path, report, f"{path} cannot be loaded: {cause}", "Build or copy the file again")


def test_half_a_library(compile_c: Compile, report: Report) -> None:
    path = compile_c("half")
    path.write_bytes(path.read_bytes()[:4096])
    check_words(path, report, f"{path} cannot be loaded: the file is cut short", "Build or copy")


def test_a_library_of_another_machine(compile_c: Compile, report: Report) -> None:
    path = compile_c("foreign")
    content = bytearray(path.read_bytes())
    content[18:20] = b"\xf3\x00"
    path.write_bytes(content)
    check_words(path, report, f"{path} was built for riscv64 and this machine is", "Build it for")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.integers(6, 12000), st.integers(0, 255), min_size=1))
def test_a_damaged_file_is_read_or_refused_and_no_more(
    tmp_path: Path, compile_c: Compile, changes: dict[int, int]
) -> None:
    path = tmp_path / "whole.so"
    content = bytearray((path if path.exists() else compile_c("whole")).read_bytes())
    for position, value in changes.items():
        content[position % len(content)] = value
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(content)
    try:
        library = ElfFile(damaged)
        assert isinstance(library.needed, list) and isinstance(library.run_path, list)
        assert isinstance(library.exported, set) and isinstance(library.imported, set)
        assert isinstance(library.needed_versions, dict)
        assert isinstance(library.defined_versions, set)
    except NotReadable as error:
        assert str(error)


# ---- Needs ---------------------------------------------------------------------------------------


def test_a_missing_library_is_named_with_where_it_was_looked_for(
    compile_c: Compile, report: Report, tmp_path: Path
) -> None:
    compile_c("libinner", source="int inner(void) { return 1; }")
    path = compile_c("outer", "extern int inner(void); inner();", f"-L{tmp_path}", "-l:libinner.so")
    (tmp_path / "libinner.so").rename(tmp_path / "gone.so")
    check_words(path, report, f"{path} needs libinner.so and it is not in ", "Install what provi")
    _, text = report(path)
    assert "needs     libinner.so -> not found" in text


def test_a_need_of_a_need_is_found_too(compile_c: Compile, report: Report, tmp_path: Path) -> None:
    here = (f"-L{tmp_path}", f"-Wl,-rpath,{tmp_path},--allow-shlib-undefined")
    compile_c("libinner", source="int inner(void) { return 1; }")
    compile_c(
        "libmiddle",
        "",
        *here,
        "-l:libinner.so",
        source="int inner(void); int m() { return inner(); }",
    )
    path = compile_c("outer", "extern int m(void); m();", *here, "-l:libmiddle.so")
    assert report(path)[0] == 0
    (tmp_path / "libinner.so").unlink()
    problem = f"{path} needs libinner.so, which {tmp_path}/libmiddle.so needs, and it is not in"
    check_words(path, report, problem, "Install what provides it")


def test_run_paths_are_relative_to_the_library(
    compile_c: Compile, report: Report, tmp_path: Path
) -> None:
    compile_c("libinner", source="int inner(void) { return 1; }")
    (tmp_path / "sub").mkdir()
    path = compile_c(
        "outer",
        "extern int inner(void); inner();",
        *(f"-L{tmp_path}", "-l:libinner.so", "-Wl,-rpath,$ORIGIN/sub"),
    )
    (tmp_path / "libinner.so").rename(tmp_path / "sub" / "libinner.so")
    status, text = report(path)
    assert (status, f"libinner.so -> {tmp_path}/sub/libinner.so" in text) == (0, True)
    assert load_module(path).f() is None


# ---- The contract --------------------------------------------------------------------------------


def test_a_library_for_a_newer_abi_is_refused_before_it_runs(
    compile_c: Compile, report: Report
) -> None:
    """The system would load it, and end the process at the first call."""
    path = compile_c("newer", "extern int TVMFFIFromTheFuture(void); TVMFFIFromTheFuture();")
    version = tvm_ffi.__version__
    problem = f"{path} was built for a newer tvm-ffi than the {version} that runs here: it needs "
    check_words(path, report, problem + "TVMFFIFromTheFuture", "Upgrade apache-tvm-ffi")


def test_a_file_that_changed_is_looked_into_again(compile_c: Compile) -> None:
    """Only a library that is still loaded is loaded again unexamined."""
    path = compile_c("changing")
    for _ in range(2):
        assert load_module(path, keep_module_alive=False).f() is None
    compile_c("changing", "extern int TVMFFIFromTheFuture(void); TVMFFIFromTheFuture();")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="was built for a newer tvm-ffi"):
            load_module(path)


def test_what_a_needed_library_provides_is_not_missing(
    compile_c: Compile, report: Report, tmp_path: Path
) -> None:
    compile_c("libmore", source="int TVMFFIMore(void) { return 1; }")
    flags = (f"-L{tmp_path}", "-l:libmore.so", f"-Wl,-rpath,{tmp_path}")
    path = compile_c("user", "extern int TVMFFIMore(void); TVMFFIMore();", *flags)
    assert report(path)[0] == 0
    assert load_module(path).f() is None


def test_cpp_functions_of_the_library_cannot_be_needed(compile_c: Compile, report: Report) -> None:
    path = compile_c("mangled", "extern int _ZN3tvm3ffi3fooEv(void); _ZN3tvm3ffi3fooEv();")
    status, text = report(path)
    assert status == 1
    assert f"{path} needs C++ functions of libtvm_ffi (_ZN3tvm3ffi3fooEv)" in text


def test_a_library_that_ends_the_process_is_a_finding(compile_c: Compile, report: Report) -> None:
    source = (
        "#include <stdlib.h>\n#include <stdio.h>\n"
        "__attribute__((constructor)) static void init(void) {\n"
        '  fprintf(stderr, "TEXT\\n"); abort();\n}\n'
    )
    path = compile_c("dying", source=source.replace("TEXT", "no good"))
    status, text = report(path)
    assert (status, f"loading {path} ended the process: " in text, "no good" in text) == (1, 1, 1)

    twice = "Global Function `mine.f` is already registered"
    path = compile_c("twice", source=source.replace("TEXT", twice))
    status, text = report(path)
    assert status == 1
    assert f"{path} registers the global function mine.f, which is registered already" in text


TWICE = """
#include <tvm/ffi/reflection/registry.h>
TVM_FFI_STATIC_INIT_BLOCK() {
  tvm::ffi::reflection::GlobalDef()
      .def("test_doctor.before", [] { return 1; })
      .def("test_doctor.twice", [] { return 2; })
      .def("test_doctor.before", [] { return 3; });
}
"""


@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_a_name_registered_twice_is_an_error_of_the_load_not_the_end(
    tmp_path: Path, report: Report
) -> None:
    (tmp_path / "twice.cc").write_text(TWICE)
    path = Path(tvm_ffi.cpp.build("twice", sources=tmp_path / "twice.cc", build_directory=tmp_path))
    tvm_ffi.register_global_func("test_doctor.twice", lambda: 0)
    problem = f"{path} registers the global function test_doctor.twice, which is registered already"
    # Once more: the system has it loaded by then and would not run its static blocks again.
    for _ in range(2):
        with pytest.raises(RuntimeError, match="Failed to load dynamic shared library") as raised:
            load_module(path)
        assert f"- {problem}. Register each name in one place" in str(raised.value)
    assert tvm_ffi.get_global_func("test_doctor.twice")() == 0
    # Registered before the failure; it stays, and so does its code.
    assert tvm_ffi.get_global_func("test_doctor.before")() == 1
    # The doctor looks from another process, where the library itself says one of them twice.
    status, text = report(path)
    assert status == 1
    assert f"{path} registers the global function test_doctor.before, which is" in text


def test_what_is_said_of_a_type_twice_fails_the_load_as_well(compile_c: Compile) -> None:
    source = """
#include <tvm/ffi/c_api.h>
__attribute__((constructor)) static void say(void) {
  TVMFFIByteArray name = {"test_doctor_attr", 16};
  TVMFFIAny value = {kTVMFFIInt};
  TVMFFITypeRegisterAttr(kTVMFFIObject, &name, &value);
}
"""
    load_module(compile_c("attr_once", source=source))
    with pytest.raises(RuntimeError, match="test_doctor_attr") as raised:
        load_module(compile_c("attr_again", source=source))
    assert "attr_again.so" in str(raised.value)
