# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
import threading
from ctypes import c_void_p
from types import SimpleNamespace
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import Device, core, get_raw_stream, use_raw_stream, use_torch_stream

CUDA = Device("cuda", 6)  # no such device is needed
echo = tvm_ffi.convert(lambda value: value)


def test_contexts_nest_and_restore() -> None:
    assert get_raw_stream(CUDA) == 0
    with use_raw_stream(CUDA, 5):
        assert get_raw_stream(CUDA) == 5
        with use_raw_stream(CUDA, c_void_p(2**63 + 1)), use_raw_stream(Device("rocm", 6), 9):
            assert get_raw_stream(CUDA) == 2**63 + 1
        assert get_raw_stream(CUDA) == 5
        assert get_raw_stream(Device("rocm", 6)) == 0
    assert get_raw_stream(CUDA) == 0


def test_one_context_may_be_entered_again() -> None:
    context = tvm_ffi.StreamContext(CUDA, 3)
    with context, use_raw_stream(CUDA, 4), context:
        assert get_raw_stream(CUDA) == 3
    assert get_raw_stream(CUDA) == 0


def test_the_stream_is_restored_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), use_raw_stream(CUDA, 5):
        raise ZeroDivisionError
    assert get_raw_stream(CUDA) == 0


def test_streams_belong_to_their_thread() -> None:
    seen: list[int] = []
    with use_raw_stream(CUDA, 5):
        thread = threading.Thread(target=lambda: seen.append(get_raw_stream(CUDA)))
        thread.start()
        thread.join()
    assert seen == [0]


def test_setting_returns_what_was_set() -> None:
    assert core._env_set_current_stream(2, 6, 7) == 0
    assert core._env_get_current_stream(2, 6) == 7
    assert core._env_set_current_stream(2, 6, 0) == 7


@pytest.mark.parametrize("stream", ["x", None, 1.5, object()])
def test_a_raw_stream_is_a_number_or_pointer(stream: Any) -> None:
    with pytest.raises(ValueError, match=r"only accepts int or c_void_p.*use_torch_stream"):
        use_raw_stream(CUDA, stream)


@pytest.mark.parametrize("stream", [-1, 2**64])
def test_a_stream_fits_an_address(stream: int) -> None:
    with pytest.raises(OverflowError, match="Expected a stream's 64-bit address"):
        use_raw_stream(CUDA, stream).__enter__()
    assert get_raw_stream(CUDA) == 0


def test_a_device_index_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        use_raw_stream(Device("cuda", -1), 5).__enter__()


# ---- torch ---------------------------------------------------------------------------------------


class FakeContext:
    """Stands for torch.cuda.stream(...); notes what our stream is when it is entered and left."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __enter__(self) -> None:
        self.seen.append(get_raw_stream(CUDA))

    def __exit__(self, *_: object) -> None:
        self.seen.append(get_raw_stream(CUDA))


def fake_torch(hip: str | None = None) -> Any:
    stream = SimpleNamespace(device=SimpleNamespace(index=6), cuda_stream=42)
    return SimpleNamespace(
        cuda=SimpleNamespace(current_stream=lambda: stream), version=SimpleNamespace(hip=hip)
    )


def test_torchs_current_stream_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", fake_torch())
    context = FakeContext()
    with use_torch_stream():
        assert get_raw_stream(CUDA) == 42
        core._env_set_current_stream(2, 6, 1)
        with use_torch_stream(context):
            assert get_raw_stream(CUDA) == 42
        assert get_raw_stream(CUDA) == 1
    assert get_raw_stream(CUDA) == 0
    assert context.seen == [1, 42]  # entered before, left before ours


def test_torch_on_rocm_means_rocm_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", fake_torch(hip="6.0"))
    with use_torch_stream():
        assert get_raw_stream(Device("rocm", 6)) == 42
        assert get_raw_stream(CUDA) == 0


def test_torchs_context_is_left_if_there_is_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch()
    torch.cuda.current_stream = lambda: 1 / 0
    monkeypatch.setitem(sys.modules, "torch", torch)
    context = FakeContext()
    with pytest.raises(ZeroDivisionError):
        use_torch_stream(context).__enter__()
    assert context.seen == [0, 0]


def test_without_torch_it_is_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="Cannot import torch"):
        use_torch_stream()


# ---- Streams as arguments ------------------------------------------------------------------------


def test_objects_with_a_cuda_stream_pass_as_its_address() -> None:
    class Stream:
        def __cuda_stream__(self) -> tuple[int, int]:
            return 0, 77

    assert echo(Stream()).value == 77


def test_streams_of_cuda_bindings_pass_as_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class CUstream:
        def __int__(self) -> int:
            return 2**63 + 5

    monkeypatch.setitem(sys.modules, "cuda.bindings.driver", SimpleNamespace(CUstream=CUstream))
    assert echo(CUstream()).value == 2**63 + 5
