# SPDX-License-Identifier: Apache-2.0
"""Building from Python. Plain C compiles in no time, so C++ only where it is the subject."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import cpp

pytestmark = pytest.mark.skipif(
    shutil.which("c++") is None or not sys.platform.startswith("linux"),
    reason="needs a C++ compiler and Linux",
)

ADD = r"""
#include <tvm/ffi/c_api.h>
TVM_FFI_DLL_EXPORT int __tvm_ffi_NAME(void* f, const TVMFFIAny* args, int32_t n, TVMFFIAny* out) {
  out->type_index = kTVMFFIInt;
  out->v_int64 = args[0].v_int64 + 1;
  return 0;
}
"""

DOC = 'Says "hi",\n\tand costs \\ nothing: 100 %, ~\x7f, ünïcode ☃ ??/'


def c_source(folder: Path, name: str = "add_one") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.c"
    path.write_text(ADD.replace("NAME", name))
    return path


def compiler_that_counts(folder: Path) -> tuple[Path, Path]:
    """A C compiler that takes its time and notes each call: the program, the notes."""
    program, notes = folder / "counting cc", folder / "calls.txt"
    program.write_text(f'#!/bin/sh\necho called >> "{notes}"\nsleep 0.3\nexec cc "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, notes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CXX", "CC", "MAX_JOBS", "TVM_FFI_CPP_EXTENSION_LOG_BUILD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TVM_FFI_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


# ---- C++ in a string -----------------------------------------------------------------------------


def test_inline_cpp_takes_and_gives_every_kind_of_value() -> None:
    module = cpp.load_inline(
        "kinds",
        cpp_sources=[
            "int64_t add(int64_t a, int64_t b) { return a + b; }",
            "tvm::ffi::String greet(tvm::ffi::String name) { return tvm::ffi::String(",
            '    "hello, " + std::string(name)); }',
            "void scale(tvm::ffi::TensorView x, double by) {",
            "  auto* data = static_cast<float*>(x.data_ptr());",
            "  for (int64_t i = 0; i < x.size(0); ++i) data[i] *= by;",
            "}",
            "tvm::ffi::Tensor empty(int64_t n) {",
            "  return tvm::ffi::Tensor::FromEnvAlloc(TVMFFIEnvTensorAlloc, tvm::ffi::Shape({n}),",
            "      DLDataType{kDLFloat, 32, 1}, DLDevice{kDLCPU, 0});",
            "}",
            'void fail() { TVM_FFI_THROW(ValueError) << "as asked"; }',
        ],
        functions={"add": DOC, "greet": "", "scale": "", "empty": "", "fail": ""},
        extra_cflags=["-DTVM_FFI_DLL_EXPORT_INCLUDE_METADATA=1", "-O0"],
    )
    assert module.add(1, 2) == 3
    assert module.greet("you") == "hello, you"
    with pytest.raises(ValueError, match="as asked"):
        module.fail()
    assert module.get_function_doc("add") == DOC
    assert module.get_function_doc("greet") is None
    metadata = module.get_function_metadata("add")
    assert metadata is not None and "int" in metadata["type_schema"]

    numpy = pytest.importorskip("numpy")
    array = numpy.ones(3, dtype="float32")
    module.scale(array, 2)
    assert array.tolist() == [2, 2, 2]


def test_cubins_are_embedded() -> None:
    """Any bytes will do: nothing runs them here."""
    symbols = "extern const char __tvm_ffi__cubin_{0}[], __tvm_ffi__cubin_{0}_end[];"
    get = "tvm::ffi::Bytes {0}() {{ return {{__tvm_ffi__cubin_{0}, "
    get += "size_t(__tvm_ffi__cubin_{0}_end - __tvm_ffi__cubin_{0})}}; }}"
    source = 'extern "C" {' + symbols.format("one") + symbols.format("two") + "}"
    cubins = {"two": b"2" * 1000, "one": b"\0not a cubin\xff"}
    module = cpp.load_inline(
        "embedding",
        cpp_sources=[source, *map(get.format, cubins)],
        functions=list(cubins),
        embed_cubin=cubins,
        extra_cflags=["-O0"],
    )
    assert {name: bytes(module[name]()) for name in cubins} == cubins


@pytest.mark.parametrize("name", ["", "a-b", "../x"])
def test_a_cubin_has_a_name_for_cpp(name: str) -> None:
    with pytest.raises(ValueError, match="identifier as name of a cubin"):
        cpp.build_inline("x", cpp_sources="int x;", embed_cubin={name: b""})


def test_a_compile_error_shows_the_command_and_the_compilers_words(cache: Path) -> None:
    with pytest.raises(RuntimeError) as raised:
        cpp.build_inline("broken", cpp_sources="#error here it is", functions=[])
    message = str(raised.value)
    assert message.startswith("ninja exited with status 1\nstdout:\n")
    assert "main.cpp:7:2: error: #error here it is" in message
    assert " -std=c++17 -fPIC -O2 " in message
    (folder,) = cache.iterdir()
    assert message.endswith(f"The build folder is {folder}")
    assert not (folder / "broken.so").exists()


def test_inline_needs_a_source() -> None:
    with pytest.raises(AssertionError, match=r"^sources must be provided\.$"):
        cpp.build_inline("nothing", functions="f")
    with pytest.raises(AssertionError, match=r"^sources must be provided\.$"):
        cpp.build("nothing")


@pytest.mark.parametrize("name", ["a::b", "", "1", "f(", "f g"])
def test_only_functions_of_the_global_namespace_can_be_exported(name: str) -> None:
    with pytest.raises(ValueError, match="name of a C\\+\\+ function"):
        cpp.build_inline("x", cpp_sources="int x;", functions=name)


# ---- Files ---------------------------------------------------------------------------------------


def test_a_c_file_is_built_and_loaded(tmp_path: Path) -> None:
    module = cpp.load("add_one", sources=c_source(tmp_path))
    assert module.add_one(41) == 42


def test_relative_folders_and_files_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    c_source(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = cpp.build("add_one", sources=["add_one.c"], build_directory="some/where")
    assert path == str((tmp_path / "some" / "where" / "add_one.so").resolve())
    assert tvm_ffi.load_module(path).add_one(1) == 2


def test_all_three_lists_go_into_one_library(tmp_path: Path) -> None:
    one, two, three = (c_source(tmp_path, name) for name in ("one", "two", "three"))
    module = cpp.load("all", sources=[one], cpp_files=str(two), cuda_files=[str(three)])
    assert [module.one(0), module.two(1), module.three(2)] == [1, 2, 3]


def test_an_include_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = c_source(tmp_path)
    (tmp_path / "my headers").mkdir()
    header = tmp_path / "my headers" / "other.h"
    header.write_text("#define OTHER 1\n")
    source.write_text('#include "other.h"\n#if OTHER\n' + source.read_text() + "#endif\n")
    monkeypatch.chdir(tmp_path)
    arguments = {"sources": source, "extra_include_paths": ["my headers"]}
    assert cpp.load("add_one", **arguments).add_one(1) == 2

    header.write_text("#error changed\n")
    with pytest.raises(RuntimeError, match="error: #error changed"):
        cpp.build("add_one", **arguments)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Source file not found: .*missing\.cc"):
        cpp.build("x", sources=tmp_path / "missing.cc")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\nb"])
def test_a_name_is_a_file_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        cpp.build(name, sources=c_source(tmp_path))
    with pytest.raises(ValueError, match="`output`" if name else "`name`"):
        cpp.build("x" if name else "", sources=c_source(tmp_path), output=name)


def test_flags_are_a_sequence(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Expected a sequence of flags but got the string '-O0'"):
        cpp.build("x", sources=c_source(tmp_path), extra_cflags="-O0")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text("ab .$:'&;#()[]{}=é☃-", min_size=1, max_size=12))
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / f"x{name}x"
    source = c_source(folder / "sources")
    path = cpp.build(
        "add_one", sources=source, build_directory=folder / "b", extra_include_paths=[folder]
    )
    assert Path(path) == folder / "b" / "add_one.so"
    assert Path(path).is_file()


def test_a_folder_ninja_cannot_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ninja cannot read a path with"):
        cpp.build("x", sources=c_source(tmp_path / "a|b"))


# ---- Objects -------------------------------------------------------------------------------------


def test_one_object_is_copied_and_several_are_merged(tmp_path: Path) -> None:
    one, two, three = (c_source(tmp_path, name) for name in ("one", "two", "three"))
    single = cpp.build("single", sources=one, output="single.o")
    merged = cpp.build("merged", sources=[two, three], output="merged.o")
    assert Path(single).name == "single.o" and Path(merged).name == "merged.o"
    module = cpp.load("linked", sources=[single, merged])
    assert [module.one(0), module.two(1), module.three(2)] == [1, 2, 3]


def test_the_result_can_be_given_a_name(tmp_path: Path) -> None:
    path = cpp.build("x", sources=c_source(tmp_path), output="libother.so")
    assert Path(path).name == "libother.so"
    assert tvm_ffi.load_module(path).add_one(1) == 2


# ---- The cache -----------------------------------------------------------------------------------


def test_an_equal_build_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler, notes = compiler_that_counts(tmp_path)
    monkeypatch.setenv("CC", f"'{compiler}'")
    source = c_source(tmp_path)
    assert cpp.build("add_one", sources=source) == cpp.build("add_one", sources=source)
    assert notes.read_text().split() == ["called"]


def test_the_place_is_named_after_the_library_and_all_that_matters(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = c_source(tmp_path, "one"), c_source(tmp_path, "two")
    variants = [
        {"sources": one},
        {"sources": two},
        {"sources": [one, two]},
        {"sources": one, "extra_cflags": ["-DA", "-DB"]},
        {"sources": one, "extra_cflags": ["-DA -DB"]},
        {"sources": one, "extra_ldflags": ["-s"]},
        {"sources": one, "extra_cuda_cflags": ["-DA", "-DB"]},
        {"sources": one, "extra_include_paths": [tmp_path]},
    ]
    paths = [cpp.build("x", **variant) for variant in variants]
    monkeypatch.setenv("CC", "cc -DOTHER")
    paths.append(cpp.build("x", sources=one))
    assert len(set(paths)) == len(variants) + 1
    for path in map(Path, paths):
        assert path.parent.parent == cache.resolve()
        name, _, digest = path.parent.name.partition("_")
        assert name == "x" and len(digest) == 16
        int(digest, 16)


def test_without_a_cache_folder_it_is_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TVM_FFI_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = Path(cpp.build("x", sources=c_source(tmp_path)))
    assert path.parent.parent == (tmp_path / "home" / ".cache" / "tvm-ffi").resolve()


def test_a_changed_file_is_built_again(tmp_path: Path) -> None:
    source = c_source(tmp_path)
    path = cpp.build("add_one", sources=source)
    source.write_text(source.read_text().replace("+ 1", "+ 100"))
    assert cpp.build("add_one", sources=source) == path
    assert tvm_ffi.load_module(path).add_one(1) == 101


def test_processes_and_threads_that_build_the_same_compile_once(tmp_path: Path) -> None:
    compiler, notes = compiler_that_counts(tmp_path)
    source = c_source(tmp_path)
    program = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from tvm_ffi import cpp, load_module\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        f"    built = [pool.submit(cpp.build, 'add_one', sources={str(source)!r})"
        " for _ in range(2)]\n"
        "path, = {build.result() for build in built}\n"
        "print(path, load_module(path).add_one(1))\n"
    )
    package = Path(tvm_ffi.__file__).parent.parent
    environment = {**os.environ, "CC": f"'{compiler}'", "PYTHONPATH": str(package)}

    def run(_: int) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        (answer,) = set(pool.map(run, range(4)))
    assert answer.endswith("add_one.so 2\n")
    assert notes.read_text().split() == ["called"]


def test_a_build_that_was_killed_is_done_again(tmp_path: Path) -> None:
    path = Path(cpp.build("add_one", sources=c_source(tmp_path)))
    path.write_bytes(path.read_bytes()[:100])
    for log in path.parent.glob(".ninja_*"):
        log.unlink()
    assert cpp.build("add_one", sources=c_source(tmp_path)) == str(path)
    assert tvm_ffi.load_module(path).add_one(1) == 2


# ---- Tools ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["CXX", "CC"])
def test_a_missing_compiler_is_named(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "no-such-compiler -m64")
    with pytest.raises(RuntimeError, match=f"'no-such-compiler' was not found.* {variable}"):
        cpp.build("x", sources=c_source(tmp_path))


def test_ninja_is_found_beside_the_interpreter_or_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sysconfig

    ninja = shutil.which("ninja", path=sysconfig.get_path("scripts")) or shutil.which("ninja")
    assert ninja is not None
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cc", "c++", "as", "ld"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tools))
    scripts = tmp_path / "scripts"
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(scripts))
    with pytest.raises(RuntimeError, match="pip install ninja"):
        cpp.build("x", sources=c_source(tmp_path))
    scripts.mkdir()
    (scripts / "ninja").symlink_to(ninja)
    assert Path(cpp.build("x", sources=c_source(tmp_path))).is_file()


def test_max_jobs_reaches_ninja(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_JOBS", "many")
    with pytest.raises(RuntimeError, match="invalid -j parameter"):
        cpp.build("x", sources=c_source(tmp_path))
    monkeypatch.setenv("MAX_JOBS", "1")
    assert Path(cpp.build("x", sources=c_source(tmp_path))).is_file()


@pytest.mark.parametrize(("setting", "logged"), [(None, False), ("1", True), ("stderr", True)])
def test_what_ninja_says_is_logged_if_asked_for(
    setting: str | None,
    logged: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if setting:
        monkeypatch.setenv("TVM_FFI_CPP_EXTENSION_LOG_BUILD", setting)
    with caplog.at_level(logging.INFO):
        cpp.build("x", sources=c_source(tmp_path))
    assert ("-c " in caplog.text) is logged
