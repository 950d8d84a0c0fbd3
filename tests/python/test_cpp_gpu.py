# SPDX-License-Identifier: Apache-2.0
"""Which GPU toolkit is chosen, and the build.ninja that comes of it; no GPU is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from pathlib import Path

import pytest

from tvm_ffi import cpp
from tvm_ffi.cpp import _gpu

pytestmark = pytest.mark.skipif(
    shutil.which("c++") is None or not sys.platform.startswith("linux"),
    reason="needs a C++ compiler and Linux",
)

CUDA = Path("/usr/local/cuda")
KERNEL = """
__global__ void AddOne(float* x) { x[threadIdx.x] += 1; }
void add_one(tvm::ffi::TensorView x) {
  auto stream = static_cast<cudaStream_t>(
      TVMFFIEnvGetStream(x.device().device_type, x.device().device_id));
  AddOne<<<1, x.size(0), 0, stream>>>(static_cast<float*>(x.data_ptr()));
}
"""


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No toolkit, no torch, no variable; programs put into the returned folder are found first."""
    for name in list(os.environ):
        if re.match("TVM_FFI_|CUDA_|ROCM_", name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TVM_FFI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "torch", None)
    programs = tmp_path / "bin"
    programs.mkdir()
    beside = sysconfig.get_path("scripts")  # where ninja is a program, not a wrapper of one
    for name in ("cc", "c++", "as", "ld", "ninja", "sh", "cp", "touch"):
        found = shutil.which(name, path=beside) or shutil.which(name)
        if found:
            (programs / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    _gpu._compute_capability.cache_clear()
    _gpu._detected_rocm_archs.cache_clear()
    return programs


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def fake_torch(monkeypatch: pytest.MonkeyPatch, hip: str | None, cuda: str | None) -> None:
    torch = types.ModuleType("torch")
    torch.version = types.SimpleNamespace(hip=hip, cuda=cuda)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)


# ---- Which one -----------------------------------------------------------------------------------


def test_what_is_asked_for_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_FFI_GPU_BACKEND", "hip")
    assert _gpu.choose_backend() == "hip"
    assert _gpu.choose_backend("cuda") == "cuda"


@pytest.mark.parametrize(
    ("hip", "cuda", "expected"), [("6.0", None, "hip"), (None, "13.0", "cuda"), (None, None, "hip")]
)
def test_then_torch_is_believed(
    hip: str | None,
    cuda: str | None,
    expected: str,
    bare: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program(bare / "hipcc", "")
    if cuda:
        program(bare / "nvcc", "")
    fake_torch(monkeypatch, hip, cuda)
    assert _gpu.choose_backend() == expected


def test_then_the_compilers(bare: Path) -> None:
    assert _gpu.choose_backend() == "cuda"
    program(bare / "hipcc", "")
    assert _gpu.choose_backend() == "hip"
    program(bare / "nvcc", "")
    assert _gpu.choose_backend() == "cuda"


def test_another_backend_is_refused_if_there_is_a_gpu_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as raised:
        cpp.build_inline("x", cuda_sources="int x;", backend="metal")
    expected = "Invalid backend: metal. Supported backends are 'cuda' and 'hip'."
    assert str(raised.value) == expected
    (tmp_path / "x.c").write_text("int x;")
    assert cpp.build("x", sources=tmp_path / "x.c", backend="metal")


# ---- CUDA ----------------------------------------------------------------------------------------


def test_the_cuda_folder_is_given_or_around_nvcc(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "toolkit"
    program(home / "bin" / "nvcc", "")
    (home / "include").mkdir()
    (home / "include" / "cuda_runtime.h").touch()
    (bare / "nvcc").symlink_to(home / "bin" / "nvcc")
    assert _gpu.cuda_home() == str(home.resolve())
    monkeypatch.setenv("CUDA_PATH", "/second")
    assert _gpu.cuda_home() == "/second"
    monkeypatch.setenv("CUDA_HOME", "/first")
    assert _gpu.cuda_home() == "/first"


@pytest.mark.skipif(CUDA.exists(), reason="CUDA is installed where it is looked for last")
def test_without_cuda_an_error_names_the_variable() -> None:
    with pytest.raises(RuntimeError, match=r"^Could not find CUDA installation\. Set the CUDA_HOM"):
        _gpu.cuda_home()


def test_listed_architectures_are_compiled_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_FFI_CUDA_ARCH_LIST", " 8.9 9.0a ")
    assert _gpu.cuda_arch_flags() == [
        "-gencode=arch=compute_89,code=sm_89",
        "-gencode=arch=compute_90a,code=sm_90a",
    ]
    monkeypatch.setenv("TVM_FFI_CUDA_ARCH_LIST", "9")
    with pytest.raises(ValueError, match=r"^Invalid CUDA architecture: 9$"):
        _gpu.cuda_arch_flags()


@pytest.mark.parametrize(
    ("capability", "name", "expected"),
    [("9.0", "", "90"), ("failed", "NVIDIA A100-SXM4", "80"), ("failed", "NVIDIA A10", "86")],
)
def test_else_nvidia_smi_is_asked(bare: Path, capability: str, name: str, expected: str) -> None:
    script = f'case "$1" in *compute_cap) echo "{capability}";; *) echo "{name}";; esac'
    program(bare / "nvidia-smi", script)
    assert _gpu.cuda_arch_flags() == [f"-gencode=arch=compute_{expected},code=sm_{expected}"]


@pytest.mark.parametrize("script", [None, "exit 9", "echo unknown"])
def test_an_unknown_gpu_is_an_error_that_names_the_variable(bare: Path, script: str | None) -> None:
    if script:
        program(bare / "nvidia-smi", script)
    with pytest.raises(RuntimeError, match="TVM_FFI_CUDA_ARCH_LIST"):
        _gpu.cuda_arch_flags()


def test_cuda_sources_go_through_nvcc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a program that only writes down how it is called."""
    home = tmp_path / "my toolkit"
    out = 'for a; do test "$last" = -o && echo "int x;" | cc -x c -c - -o "$a"; last=$a; done'
    program(home / "bin" / "nvcc", f'echo "$@" >> "{tmp_path}/calls"\n{out}')
    (home / "lib64").mkdir()
    runtime = str(home / "lib64" / "libcudart.so")
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-o", runtime], check=True)
    monkeypatch.setenv("CUDA_HOME", str(home))
    monkeypatch.setenv("TVM_FFI_CUDA_ARCH_LIST", "9.0")
    path = cpp.build_inline(
        "x", cuda_sources="__global__", functions="f", extra_cuda_cflags=["-DA"]
    )
    call = (tmp_path / "calls").read_text()
    flags = "-Xcompiler -fPIC -std=c++17 -O2 -gencode=arch=compute_90,code=sm_90 -DA -I"
    assert flags in call
    text = (Path(path).parent / "cuda.cu").read_text()
    assert text.endswith("\n__global__\nTVM_FFI_DLL_EXPORT_TYPED_FUNC(f, f);\n")


@pytest.mark.skipif(not (CUDA / "bin" / "nvcc").exists(), reason="needs CUDA")
def test_a_kernel_is_compiled_and_its_library_loads(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{bare}:/usr/bin:/bin")
    monkeypatch.setenv("CUDA_HOME", str(CUDA))
    monkeypatch.setenv("TVM_FFI_CUDA_ARCH_LIST", "9.0")
    # Nobody wants to read what nvcc thinks of our headers.
    strict = ["-Werror", "all-warnings"]
    module = cpp.load_inline(
        "kernel", cuda_sources=KERNEL, functions="add_one", extra_cuda_cflags=strict
    )
    assert module.implements_function("add_one")


# ---- ROCm ----------------------------------------------------------------------------------------


def test_the_rocm_folder_is_given_or_around_hipcc(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "rocm" / "bin" / "hipcc", "")
    (bare / "hipcc").symlink_to(tmp_path / "rocm" / "bin" / "hipcc")
    assert _gpu.rocm_home() == str((tmp_path / "rocm").resolve())
    monkeypatch.setenv("ROCM_PATH", "/second")
    assert _gpu.rocm_home() == "/second"
    monkeypatch.setenv("ROCM_HOME", "/first")
    assert _gpu.rocm_home() == "/first"


@pytest.mark.skipif(Path("/opt/rocm").exists(), reason="ROCm is installed")
def test_without_rocm_an_error_names_the_variable() -> None:
    with pytest.raises(RuntimeError, match="ROCM_HOME"):
        _gpu.rocm_home()


def test_rocm_processors_are_listed_or_asked_for(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match="TVM_FFI_ROCM_ARCH_LIST"):
        _gpu.rocm_archs()
    program(bare / "rocminfo", 'echo "  Name:  gfx1100"; echo "  Name: amdgcn--gfx1100"')
    assert _gpu.rocm_archs() == ["gfx1100"]
    _gpu._detected_rocm_archs.cache_clear()
    program(bare / "rocm_agent_enumerator", "echo gfx000; echo gfx942; echo gfx942")
    assert _gpu.rocm_archs() == ["gfx942"]
    monkeypatch.setenv("TVM_FFI_ROCM_ARCH_LIST", "gfx90a gfx942")
    assert _gpu.rocm_archs() == ["gfx90a", "gfx942"]


def test_hip_sources_go_through_hipcc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCM_HOME", "/opt/my-rocm")
    monkeypatch.setenv("TVM_FFI_ROCM_ARCH_LIST", "gfx942")
    kit = _gpu.toolkit("hip")
    assert kit.compiler == "/opt/my-rocm/bin/hipcc"
    for flag in ("-fPIC", "-D__HIP_PLATFORM_AMD__=1", "-fno-gpu-rdc", "--offload-arch=gfx942"):
        assert flag in kit.flags
    assert list(kit.includes) == ["/opt/my-rocm/include"]
    assert list(kit.link_flags) == ["-L/opt/my-rocm/lib", "-lamdhip64"]


# ---- Names of types, and run-time compilation ---------------------------------------------------


def test_element_types_have_cpp_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"int8": "int8_t", "uint64": "uint64_t", "float32": "float", "float64": "double"}
    for name, expected in {**names, "bool": "bool", "torch.float32": "float"}.items():
        assert cpp.to_cpp_dtype(name) == expected
    with pytest.raises(ValueError, match="Unsupported dtype string: float16"):
        cpp.to_cpp_dtype("float16")

    for hip, expected in ((None, "__nv_bfloat16"), ("6.0", "__hip_bfloat16")):
        fake_torch(monkeypatch, hip, None)
        sys.modules["torch"].cuda = types.SimpleNamespace(  # type: ignore[attr-defined]
            is_available=lambda: True
        )
        assert cpp.to_cpp_dtype("torch.bfloat16") == expected
        assert cpp.to_cpp_dtype("float16") == "__half"
        with pytest.raises(ValueError, match="Unsupported dtype string: complex64"):
            cpp.to_cpp_dtype("complex64")


def test_without_cuda_bindings_nvrtc_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cuda.bindings", None)
    with pytest.raises(RuntimeError, match=r"^CUDA bindings not available\. Install"):
        cpp.nvrtc.nvrtc_compile("", arch="sm_90")


def nvrtc_version() -> object:
    try:
        from cuda.bindings import nvrtc

        return nvrtc.nvrtcVersion()
    except (ImportError, RuntimeError):
        return None


@pytest.mark.skipif(nvrtc_version() is None, reason="needs cuda-bindings and NVRTC")
def test_nvrtc_compiles_and_shows_its_log() -> None:
    source = 'extern "C" __global__ void f(int* x) { *x = 1; }'
    assert cpp.nvrtc.nvrtc_compile(source, arch="sm_90")[:4] == b"\x7fELF"
    source = "__global__ void f() { undefined(); }"
    with pytest.raises(RuntimeError, match=r'mine\.cu\(1\): error: .*"undefined" is undefined'):
        cpp.nvrtc.nvrtc_compile(source, name="mine.cu", arch="sm_90")
