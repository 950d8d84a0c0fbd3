# SPDX-License-Identifier: Apache-2.0
"""The exchange table of versions of torch that lack one; a stand-in plays torch."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import _optional_torch_c_dlpack as addon
from tvm_ffi import core
from tvm_ffi.utils import _build_optional_torch_c_dlpack as build

if not hasattr(ctypes, "pythonapi"):
    pytest.skip("Python code cannot make or read capsules here", allow_module_level=True)

TABLE = core.DLTensorTestWrapper.__dlpack_c_exchange_api__
NAME = "__dlpack_c_exchange_api__"
OLD_NAME = "__c_dlpack_exchange_api__"


def fake_torch(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> Any:
    torch = SimpleNamespace(Tensor=type("Tensor", (), attributes), cuda=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch_c_dlpack_ext", None)
    return torch


def supplier(monkeypatch: pytest.MonkeyPatch, torch: Any, name: str, table: object) -> None:
    """A package that gives torch a table when it is imported."""

    class Finder:
        @staticmethod
        def find_spec(fullname: str, path: Any = None, target: Any = None) -> Any:
            if fullname != "torch_c_dlpack_ext":
                return None
            from importlib.machinery import ModuleSpec

            return ModuleSpec(fullname, Finder)  # type: ignore[arg-type]

        @staticmethod
        def create_module(spec: Any) -> ModuleType:
            setattr(torch.Tensor, name, table)
            return ModuleType(spec.name)

        @staticmethod
        def exec_module(module: ModuleType) -> None: ...

    monkeypatch.delitem(sys.modules, "torch_c_dlpack_ext", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])


def test_a_torch_with_a_table_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch(monkeypatch, **{NAME: TABLE})
    supplier(monkeypatch, torch, NAME, object())
    assert addon.load_torch_c_dlpack_extension() is None
    assert "torch_c_dlpack_ext" not in sys.modules
    assert getattr(torch.Tensor, NAME) is TABLE


def test_without_torch_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert addon.load_torch_c_dlpack_extension() is None


def test_the_old_name_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch(monkeypatch, **{OLD_NAME: TABLE})
    assert addon.load_torch_c_dlpack_extension() is None
    assert getattr(torch.Tensor, NAME) is TABLE


def test_an_address_under_the_old_name_becomes_a_capsule(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch(monkeypatch, **{OLD_NAME: 4096})
    addon.load_torch_c_dlpack_extension()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    assert pointer(getattr(torch.Tensor, NAME), b"dlpack_exchange_api") == 4096


@pytest.mark.parametrize("name", [NAME, OLD_NAME])
def test_the_extension_supplies_a_table(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    torch = fake_torch(monkeypatch)
    supplier(monkeypatch, torch, name, TABLE)
    module = addon.load_torch_c_dlpack_extension()
    assert module is sys.modules["torch_c_dlpack_ext"]
    assert getattr(torch.Tensor, NAME) is TABLE


def test_a_missing_extension_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_torch(monkeypatch)
    with pytest.warns(UserWarning, match="pip install torch-c-dlpack-ext"):
        assert addon.load_torch_c_dlpack_extension() is None


def test_the_first_tensor_passed_asks_for_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch(monkeypatch, **{OLD_NAME: TABLE})
    monkeypatch.setenv("TVM_FFI_DISABLE_TORCH_C_DLPACK", "1")
    addon.supply_table_to(torch.Tensor)
    assert not hasattr(torch.Tensor, NAME)
    monkeypatch.delenv("TVM_FFI_DISABLE_TORCH_C_DLPACK")
    addon.supply_table_to(int)
    assert not hasattr(torch.Tensor, NAME)
    addon.supply_table_to(type("Parameter", (torch.Tensor,), {}))
    assert getattr(torch.Tensor, NAME) is TABLE


@pytest.mark.parametrize(
    ("available", "cuda", "hip", "device"),
    [
        (False, "12.0", None, "cpu"),
        (True, "12.0", None, "cuda"),
        (True, None, "6.0", "rocm"),
        (True, None, None, "cuda"),
    ],
)
def test_the_device_of_a_build(available: bool, cuda: Any, hip: Any, device: str) -> None:
    torch = SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: available),
        version=SimpleNamespace(cuda=cuda, hip=hip),
    )
    assert addon._torch_extension_device(torch) == device


def test_streams_of_torch_pass_as_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        cuda_stream = 77

    Stream.__module__ = "torch.cuda.streams"
    torch = fake_torch(monkeypatch)
    torch.cuda.Stream = Stream
    assert tvm_ffi.get_global_func("testing.echo")(Stream()).value == 77


# ---- Building ------------------------------------------------------------------------------------


def test_building_says_where_to_get_the_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TVM_FFI_DISABLE_TORCH_C_DLPACK", "0")
    assert build.main(["--output-dir", str(tmp_path), "--libname", "x.so"]) == 1
    assert "pip install torch-c-dlpack-ext" in capsys.readouterr().err
    (tmp_path / "x.so").touch()
    assert build.main(["--output-dir", str(tmp_path), "--libname", "x.so"]) == 0


def test_one_kind_of_device_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="both CUDA and ROCm"):
        build.main(["--output-dir", str(tmp_path), "--build-with-cuda", "--build-with-rocm"])


# ---- A tensor class for tests --------------------------------------------------------------------


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy arrays over")


def wrapper() -> Any:
    return core.DLTensorTestWrapper(tvm_ffi.from_dlpack(numpy().arange(3.0)))


def test_the_test_tensor_goes_through_its_table() -> None:
    echo = tvm_ffi.get_global_func("testing.echo")
    value = wrapper()
    result = echo(value)
    assert isinstance(result, tvm_ffi.Tensor)
    assert result.data_ptr() == value.tensor.data_ptr()
    assert tvm_ffi.from_dlpack(value).shape == (3,)


def test_the_test_tensor_shows_what_it_holds() -> None:
    value = wrapper()
    assert value.__dlpack_device__() == (1, 0)
    assert value.__tvm_ffi_env_stream__() == 0
    assert numpy().from_dlpack(value).tolist() == [0, 1, 2]
    assert tvm_ffi.from_dlpack(value.__dlpack__(max_version=(1, 0))).shape == (3,)


def test_the_test_tensor_leaves_the_counts_exact(use_count: Any) -> None:
    echo = tvm_ffi.get_global_func("testing.echo")
    value = wrapper()
    for _ in range(10):
        echo([value, value])
    assert use_count(value.tensor) == 1


def test_the_test_tensor_holds_tensors_only() -> None:
    with pytest.raises(TypeError, match=r"Expected a tvm_ffi\.Tensor to hold, got int"):
        core.DLTensorTestWrapper(3)
