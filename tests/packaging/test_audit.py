# SPDX-License-Identifier: Apache-2.0
"""Wheels for other machines: auditwheel repairs ours and an extension's, and both still run."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Callable

import elf
import pytest
from installer import pip

# The oldest C and C++ library each file runs with, whatever is on the system that builds it:
# csrc/older_systems.h and older_systems.cc see to that. GLIBC_2.16 has aligned_alloc, and
# GLIBCXX_3.4.22 (GCC 6) has uncaught_exceptions.
LIMITS = {
    "libtvm_ffi.so": {"GLIBC": (2, 16), "GLIBCXX": (3, 4, 22)},
    "libtvm_ffi_host.so": {"GLIBC": (2, 14), "GLIBCXX": (3, 4, 11)},
    "libtvm_ffi_testing.so": {"GLIBC": (2, 16), "GLIBCXX": (3, 4, 22)},
    "extension": {"GLIBC": (2, 14), "GLIBCXX": (3, 4, 22)},
}
PLATFORM = {"apache_tvm_ffi": "manylinux_2_24", "extension": "manylinux_2_24"}


def repair(python: Path, wheel: Path, folder: Path, *options: str) -> Path:
    command = [python.parent / "auditwheel", "repair", *options, "-w", folder, wheel]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (repaired,) = folder.glob("*.whl")
    return repaired


def libraries(wheel: Path, folder: Path) -> dict[str, Path]:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if re.search(r"\.so(\.|$)", name)]
        archive.extractall(folder, names)
    return {Path(name).name: folder / name for name in names}


def version_of_platform(wheel: Path) -> tuple[int, ...]:
    # A wheel may carry several tags, the lowest one last.
    *_, (major, minor) = re.findall(r"manylinux_(\d+)_(\d+)", wheel.name)
    return int(major), int(minor)


def version_of(platform: str) -> tuple[int, ...]:
    return tuple(map(int, platform.split("_")[1:]))


def assert_within(library: Path, limits: dict[str, tuple[int, ...]]) -> None:
    for prefix, limit in limits.items():
        needed = elf.needed_versions(library, prefix)
        assert needed and max(needed) <= limit, (library.name, prefix, max(needed))


def test_our_wheel_is_repaired_and_runs(
    wheel: Path, environment: Path, tmp_path: Path, new_environment: Callable[[], Path]
) -> None:
    repaired = repair(environment, wheel, tmp_path / "repaired")
    assert version_of_platform(repaired) <= version_of(PLATFORM["apache_tvm_ffi"])
    found = libraries(repaired, tmp_path / "unpacked")
    assert set(found) == {"libtvm_ffi.so", "libtvm_ffi_host.so", "libtvm_ffi_testing.so"}
    for name, library in found.items():
        assert_within(library, LIMITS[name])
    assert elf.dynamic_entries(found["libtvm_ffi.so"], "SONAME") == ["libtvm_ffi.so"]

    python = new_environment()
    pip("--python", python, "install", "-q", repaired)
    code = "import tvm_ffi; print(tvm_ffi.get_global_func('testing.echo')([1, 'a']))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, '(1, "a")'), done.stderr
    doctor = subprocess.run([str(python), "-m", "tvm_ffi.doctor"], capture_output=True, text=True)
    assert doctor.returncode == 0, doctor.stdout


def test_an_extensions_wheel_is_repaired_without_our_library_and_runs(
    scaffold: tuple[Path, Path], environment: Path, tmp_path: Path
) -> None:
    project, wheel = scaffold
    options = ("--exclude", "libtvm_ffi.so")
    repaired = repair(environment, wheel, tmp_path / "repaired", *options)
    assert "py3-none-manylinux" in repaired.name
    assert version_of_platform(repaired) <= version_of(PLATFORM["extension"])
    found = libraries(repaired, tmp_path / "unpacked")
    assert set(found) == {f"lib{project.name.replace('-', '_')}.so"}
    for library in found.values():
        assert_within(library, LIMITS["extension"])
        assert "libtvm_ffi.so" in elf.dynamic_entries(library, "NEEDED")

    # Before what is installed beside it, the wheel as it was built.
    target = tmp_path / "installed"
    pip("--python", environment, "install", "--no-deps", "--target", target, repaired)
    command = [str(environment), "-m", "unittest", "discover", f"{project.name}/tests"]
    done = subprocess.run(
        command,
        cwd=project.parent,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_without_the_exclusion_auditwheel_refuses_or_copies(
    scaffold: tuple[Path, Path], environment: Path, tmp_path: Path
) -> None:
    """That is why the documented command has it: two copies would be two registries."""
    _, wheel = scaffold
    with pytest.raises(AssertionError, match=r"libtvm_ffi\.so.*could not be located"):
        repair(environment, wheel, tmp_path / "repaired")
