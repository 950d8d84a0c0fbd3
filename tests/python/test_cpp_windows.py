# SPDX-License-Identifier: Apache-2.0
"""The build files for Windows, as text: they are written without being run."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tvm_ffi import libinfo
from tvm_ffi.cpp import _msvc, _ninja, _toolchain


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(libinfo, "find_include_path", lambda: "C:\\my env\\include")
    monkeypatch.setattr(libinfo, "find_dlpack_include_path", lambda: "C:\\my env\\include")
    monkeypatch.setattr(libinfo, "find_libtvm_ffi", lambda: "C:/lib/tvm_ffi.dll")
    for name in ("CXX", "CC"):
        monkeypatch.delenv(name, raising=False)


def rules(suffix: str) -> dict[str, str]:
    text = _toolchain.rules([suffix], ["/DX"], [], ["extra.lib"], [], backend=None, embeds=False)
    lines = [line for line in text.splitlines() if " = " in line and not line.startswith(" ")]
    return dict(line.split(" = ", 1) for line in lines)


def test_cpp_is_compiled_and_linked_by_cl() -> None:
    found = rules(".cpp")
    assert found["cxx"] == "cl"
    assert found["cxxflags"].startswith("/std:c++17 /O2 /MD /EHsc /wd")
    assert found["cxxflags"].endswith('/DX "-IC$:\\my env\\include" "-IC$:\\my env\\include"')
    assert found["ldflags"] == "/DLL /LIBPATH$:C$:/lib tvm_ffi.lib extra.lib"
    assert "cc" not in found


def test_c_has_its_own_flags() -> None:
    found = rules(".c")
    assert found["cc"] == "cl"
    assert found["cflags"].startswith("/O2 /MD /wd")


def test_cuda_links_its_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_HOME", "/cuda")
    monkeypatch.setenv("TVM_FFI_CUDA_ARCH_LIST", "9.0")
    monkeypatch.setenv("TVM_FFI_GPU_BACKEND", "cuda")
    found = rules(".cu")
    assert found["cudaflags"].startswith("-Xcompiler /MD -std=c++17 -O2 -gencode=arch=compute_90")
    assert "cudart.lib extra.lib" in found["ldflags"]


def test_drives_are_escaped_in_paths() -> None:
    assert "build main.obj: copy_object C$:/a$ b.obj\n" in _ninja.steps(
        ["C:/a b.obj"], "main.obj", []
    )


@pytest.mark.parametrize(("machine", "target"), [("AMD64", "x64"), ("ARM64", "arm64")])
def test_ninja_runs_in_the_developer_prompt(
    machine: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    answer = subprocess.CompletedProcess([], 0, stdout="C:\\VS\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    shell, switch, line = _msvc.in_developer_prompt(["ninja", "-v"])
    assert (shell, switch) == ("cmd", "/c")
    assert "VsDevCmd.bat" in line and f"-arch={target} " in line
    assert line.endswith("&& ninja -v")


def test_what_cannot_be_found_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "mips")
    with pytest.raises(RuntimeError, match=r"^Unsupported Windows architecture: mips$"):
        _msvc.in_developer_prompt(["ninja"])
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path))
    with pytest.raises(RuntimeError, match="Visual Studio was not found"):
        _msvc.in_developer_prompt(["ninja"])
