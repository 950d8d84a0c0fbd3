# SPDX-License-Identifier: Apache-2.0
"""The CMake package, used whole by tests/packages/cmake_package, on the oldest and newest CMake."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import elf
import pytest
from installer import pip

import tvm_ffi
from tvm_ffi import libinfo

SCRIPTS = sysconfig.get_path("scripts")


@pytest.fixture(scope="module", params=["3.18", "4"])
def cmake(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("cmake")
    pip("install", "-q", "--no-deps", "--target", target, f"cmake=={request.param}.*")
    program = target / "cmake" / "data" / "bin" / "cmake"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert f" {request.param}." in said.stdout
    return program


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the interpreter CMake uses writes down what it is asked to run."""
    return tmp_path_factory.mktemp("calls") / "calls.txt"


@pytest.fixture(scope="module")
def python(calls: Path) -> Path:
    """The interpreter of the tests; stub generators it only writes down."""
    program = calls.parent / "python"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(calls))}\n'
        'case "$2" in tvm_ffi.stub.cli) exit 0;; esac\n'
        f'exec {shlex.quote(sys.executable)} "$@"\n'
    )
    program.chmod(0o755)
    return program


def run(*command: str | Path) -> str:
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "CMAKE_GENERATOR": "Ninja"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def source(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "source"
    return Path(shutil.copytree(root / "tests" / "packages" / "cmake_package", folder))


@pytest.fixture(scope="module")
def built(cmake: Path, python: Path, source: Path) -> Path:
    folder = source.parent / f"built-{cmake.parts[-5]}"
    where = [f"-Dtvm_ffi_ROOT={libinfo.find_cmake_path()}", f"-DPython_EXECUTABLE={python}"]
    log = run(cmake, "-S", source, "-B", folder, "-Werror=dev", *where)
    assert "Warning" not in log, log
    run(cmake, "--build", folder)
    run(cmake, "--install", folder, "--prefix", folder / "installed")
    return folder


@pytest.mark.parametrize("name", ["new_names", "old_names", "configured", "headers_only", "hiding"])
def test_each_way_to_link_gives_a_library_that_loads(built: Path, name: str) -> None:
    library = built / f"lib{name}.so"
    assert tvm_ffi.load_module(library).add_one(41) == 42
    linked = "libtvm_ffi.so" in elf.dynamic_entries(library, "NEEDED")
    assert linked is (name != "headers_only")


def test_sources_are_named_without_the_folder_they_were_built_in(built: Path) -> None:
    with pytest.raises(TypeError, match=r"^add\.c$"):
        tvm_ffi.load_module(built / "libconfigured.so").add_one()
    with pytest.raises(TypeError, match=r"^/.*/add\.c$"):
        tvm_ffi.load_module(built / "libheaders_only.so").add_one()


def test_stubs_are_generated_as_asked(built: Path, source: Path, calls: Path) -> None:
    lines = [line.split() for line in calls.read_text().splitlines() if str(built) in line]
    stubs = {Path(line[4]).stem: line for line in lines if "tvm_ffi.stub.cli" in line}
    command = ["-m", "tvm_ffi.stub.cli"]
    assert stubs["libconfigured"] == [
        *(*command, str(source / "python"), "--dlls", str(built / "libconfigured.so")),
        *("--init-lib", "configured", "--init-pypkg", "cmake-package"),
        *("--init-prefix", "cmake_package"),
    ]
    assert stubs["librenamed"] == [
        *(*command, str(source / "rust"), "--dlls", str(built / "librenamed.so")),
        *("--target", "rust", "--init-lib", "renamed", "--init-pypkg", "other-package"),
        *("--init-prefix", "other.prefix"),
    ]
    assert len(stubs) == 2


def test_symbols_of_static_libraries_can_be_hidden(built: Path) -> None:
    assert "__tvm_ffi_add_one" in elf.exported_symbols(built / "libhiding.so")
    assert "inner_one" not in elf.exported_symbols(built / "libhiding.so")


@pytest.mark.parametrize("name", ["embedding", "embedding_object"])
def test_binaries_are_embedded(built: Path, source: Path, name: str) -> None:
    library = built / f"lib{name}.so"
    assert tvm_ffi.load_module(library).data() == (source / "data.bin").read_bytes()
    exported = elf.exported_symbols(library)
    assert [symbol for symbol in exported if "cubin" in symbol] == []


def test_a_changed_binary_is_embedded_again(built: Path, source: Path, cmake: Path) -> None:
    data = source / "data.bin"
    before = data.read_bytes()
    data.write_bytes(b"new" * 7)
    try:
        run(cmake, "--build", built, "--target", "embedding", "embedding_object")
        for name in ("embedding", "embedding_object"):
            content = (built / f"lib{name}.so").read_bytes()
            assert b"new" * 7 in content and before not in content
    finally:
        data.write_bytes(before)
        run(cmake, "--build", built, "--target", "embedding", "embedding_object")


def test_only_what_was_asked_for_is_installed(built: Path) -> None:
    assert [path.name for path in (built / "installed").iterdir()] == ["libconfigured.so"]


def test_the_shipped_sources_are_a_subdirectory(cmake: Path, source: Path) -> None:
    """Configured only: test_examples.py also builds them."""
    folder = source.parent / f"from-source-{cmake.parts[-5]}"
    shipped = f"-DTVM_FFI_SOURCE_DIR={libinfo.find_source_path()}"
    log = run(cmake, "-S", source, "-B", folder, shipped, f"-DPython_EXECUTABLE={sys.executable}")
    assert "Warning" not in log, log
    assert "libtvm_ffi.so" in (folder / "build.ninja").read_text()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("find_package(tvm_ffi 999 CONFIG REQUIRED)", r'compatible with requested version "999"'),
        ("tvm_ffi_configure_target(nowhere)", "there is no target `nowhere`"),
        ("tvm_ffi_configure_target(x STUB_INIT ON)", "STUB_INIT needs STUB_DIR"),
        ("tvm_ffi_configure_target(x STUBS ON)", r"configure_target: unexpected `STUBS;ON`"),
        ("tvm_ffi_install(x TO lib)", r"tvm_ffi_install: unexpected `TO;lib`; it takes DEST"),
        ("tvm_ffi_embed_bin_into(x SYMBOL s)", "tvm_ffi_embed_bin_into: BIN is missing"),
        ("tvm_ffi_embed_bin_into(x SYMBOL a-b BIN f)", "is an identifier, `a-b` is none"),
    ],
)
def test_a_mistake_is_named(cmake: Path, tmp_path: Path, statement: str, message: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(x LANGUAGES NONE)\n"
        f'set(Python_EXECUTABLE "{sys.executable}")\n'
        "find_package(tvm_ffi 0.1 CONFIG REQUIRED)\nadd_library(x INTERFACE)\n" + statement
    )
    with pytest.raises(AssertionError) as raised:
        where = f"-Dtvm_ffi_ROOT={libinfo.find_cmake_path()}"
        run(cmake, "-S", tmp_path, "-B", tmp_path / "build", where)
    assert re.search(message, re.sub(r"\s+", " ", str(raised.value)))


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
def test_a_kernel_needs_two_lines_of_the_packaging_example(
    cmake: Path, root: Path, tmp_path: Path
) -> None:
    text = (root / "examples" / "packaging" / "CMakeLists.txt").read_text()
    text, languages = re.subn("LANGUAGES CXX", "LANGUAGES CXX CUDA", text)
    text, files = re.subn(r"src/extension\.cc\)", "scale.cu)", text)
    assert (languages, files) == (1, 1)
    (tmp_path / "CMakeLists.txt").write_text(text)
    shutil.copy(root / "examples" / "cuda" / "scale.cu", tmp_path)
    where = [f"-Dtvm_ffi_ROOT={libinfo.find_cmake_path()}", f"-DPython_EXECUTABLE={sys.executable}"]
    folder = tmp_path / "built"
    run(cmake, "-S", tmp_path, "-B", folder, *where, "-DCMAKE_CUDA_ARCHITECTURES=80")
    run(cmake, "--build", folder)
    module = tvm_ffi.load_module(folder / "my_ffi_extension.so")
    assert module.implements_function("scaled")
