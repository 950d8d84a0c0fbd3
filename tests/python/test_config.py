# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tvm_ffi import config, libinfo


def ask(*flags: str, **options: str) -> str:
    """Run the command as a build would; nothing but the answer may be printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tvm_ffi.config", *flags], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("flag", "answer"),
    [
        ("--includedir", libinfo.find_include_path),
        ("--dlpack-includedir", libinfo.find_dlpack_include_path),
        ("--cmakedir", libinfo.find_cmake_path),
        ("--pkgconfigdir", libinfo.find_pkgconfig_path),
        ("--libfiles", libinfo.find_libtvm_ffi),
        ("--sourcedir", libinfo.find_source_path),
        ("--cython-lib-path", libinfo.find_cython_lib),
        ("--libdir", lambda: str(Path(libinfo.find_libtvm_ffi()).parent)),
        ("--libs", lambda: "-ltvm_ffi"),
        ("--ldflags", lambda: f"-L{Path(libinfo.find_libtvm_ffi()).parent}"),
        ("--cflags", lambda: _includes()),
        ("--cxxflags", lambda: f"{_includes()} -std=c++17"),
    ],
)
def test_answers_are_those_of_libinfo(flag: str, answer: object) -> None:
    assert ask(flag) == f"{answer()}\n"


def _includes() -> str:
    return f"-I{libinfo.find_include_path()} -I{libinfo.find_dlpack_include_path()}"


def test_several_answers_come_in_a_fixed_order() -> None:
    assert ask("--libs", "--includedir") == f"{libinfo.find_include_path()}\n-ltvm_ffi\n"


def test_no_flag_prints_the_help() -> None:
    assert "--cxxflags" in ask()


def test_an_unknown_flag_fails() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        ask("--no-such-flag")


def test_nothing_heavy_is_loaded() -> None:
    """Neither the library nor what would need it."""
    script = (
        "import runpy, sys; sys.orig_argv = ['python', '-m', 'tvm_ffi.config', '--libs'];"
        "sys.argv = ['config', '--libs']\n"
        "try: runpy.run_module('tvm_ffi.config', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'ctypes', 'tvm_ffi._ffi', 'tvm_ffi.core', 'numpy', 'torch'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-ltvm_ffi\n", "")


def test_windows_links_the_import_library(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(config, "_windows", lambda: True)
    monkeypatch.setattr(libinfo, "find_windows_implib", lambda: "C:/tvm_ffi.lib")
    assert config.main(["--libfiles", "--libs", "--ldflags"]) == 0
    assert capsys.readouterr().out == "C:/tvm_ffi.lib\nC:/tvm_ffi.lib\n\n"
