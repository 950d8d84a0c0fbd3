# SPDX-License-Identifier: Apache-2.0
"""Meson and pkg-config: the installed package, and the source tree as a subproject."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Callable

import elf
import pytest
from installer import pip

import tvm_ffi
from tvm_ffi import libinfo

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command with Meson, and a pkg-config that knows no folder but those it is given."""
    tools = tmp_path_factory.mktemp("tools")
    pip("install", "-q", "--target", tools, "meson", "pkgconf")
    environment = {
        **os.environ,
        "PYTHONPATH": str(tools),
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
        "PKG_CONFIG": str(tools / "pkgconf" / ".bin" / "pkgconf"),
    }

    def call(*command: str | Path, pkg_config_path: str = "") -> str:
        if command[0] == "meson":
            command = (sys.executable, "-m", "mesonbuild.mesonmain", *command[1:])
        elif command[0] == "pkg-config":
            command = (environment["PKG_CONFIG"], *command[1:])
        done = subprocess.run(
            [str(part) for part in command],
            env={**environment, "PKG_CONFIG_PATH": pkg_config_path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return call


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    packages = root / "tests" / "packages"
    copy = Path(shutil.copytree(packages / "meson_package", tmp_path / "project"))
    shutil.copy(packages / "cmake_package" / "add.c", copy)
    return copy


def test_pkg_config_says_what_tvm_ffi_config_says(run: Run) -> None:
    folder = libinfo.find_pkgconfig_path()
    ask = ("pkg-config", "--cflags", "--libs", "tvm_ffi")
    flags = [Path(flag[2:]) for flag in run(*ask, pkg_config_path=folder).split()]
    assert flags[0].resolve() == Path(libinfo.find_include_path())
    assert flags[1].resolve() == Path(libinfo.find_libtvm_ffi()).parent
    assert flags[2:] == [Path("tvm_ffi")]
    version = run("pkg-config", "--modversion", "tvm_ffi", pkg_config_path=folder)
    assert version.strip() == tvm_ffi.__version__


def test_meson_finds_the_installed_package(run: Run, project: Path) -> None:
    folder = project / "build"
    run("meson", "setup", folder, project, pkg_config_path=libinfo.find_pkgconfig_path())
    run("meson", "compile", "-C", folder)
    assert tvm_ffi.load_module(folder / "libadd.so").add_one(41) == 42
    assert "libtvm_ffi.so" in elf.dynamic_entries(folder / "libadd.so", "NEEDED")


def test_meson_builds_the_source_tree_as_a_subproject(
    run: Run, project: Path, checkout: Path
) -> None:
    """Up to the first object that needs its headers: building the library takes its minute."""
    (project / "subprojects").mkdir()
    (project / "subprojects" / "tvm_ffi").symlink_to(checkout)
    folder = project / "build"
    log = run("meson", "setup", "--fatal-meson-warnings", folder, project)
    assert "Subproject tvm_ffi finished" in log or "Dependency tvm_ffi from subproject" in log
    run("ninja", "-C", folder, "libadd.so.p/add.c.o")
    plan = run("ninja", "-C", folder, "-n", "libadd.so")
    assert "Linking target subprojects/tvm_ffi/csrc/libtvm_ffi.so" in plan
    installed = json.loads(run("meson", "introspect", folder, "--installed"))
    assert [Path(name).name for name in installed] == ["libadd.so"]
    targets = json.loads(run("meson", "introspect", folder, "--targets"))
    assert {target["name"] for target in targets} == {"add", "tvm_ffi"}
