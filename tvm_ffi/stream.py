# SPDX-License-Identifier: Apache-2.0
"""The stream on which native code launches work, per thread and device.

Only noted down here: streams are made and synchronised by the framework they belong to.
"""

from __future__ import annotations

import sys
from ctypes import byref, c_void_p
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _ffi
from ._convert import CallFrame, Cells, Packer, has_protocol, pack_opaque_pointer, rule
from ._frameworks import imported
from ._optional_torch_c_dlpack import patch_torch_cuda_stream_protocol

if TYPE_CHECKING:
    from ._device import Device

__all__ = [
    "StreamContext",
    "TorchStreamContext",
    "get_raw_stream",
    "use_raw_stream",
    "use_torch_stream",
]


class StreamContext:
    """While entered, `stream` is this thread's current stream of `device`."""

    def __init__(self, device: Device, stream: int | c_void_p) -> None:
        self.device_type, self.device_id = _place(device)
        if not isinstance(stream, (int, c_void_p)):
            raise TypeError(f"Expected a stream as int or c_void_p, got {type(stream).__name__}")
        self.stream = (stream.value or 0) if isinstance(stream, c_void_p) else stream
        # One context may be entered again before it is left.
        self._previous: list[int] = []

    def __enter__(self) -> StreamContext:
        previous = _env_set_current_stream(self.device_type, self.device_id, self.stream)
        self._previous.append(previous)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _env_set_current_stream(self.device_type, self.device_id, self._previous.pop())


class TorchStreamContext:
    """While entered, torch's current stream is this thread's current stream of its device."""

    def __init__(self, context: Any = None) -> None:
        self.torch_context = context
        self._entered: list[StreamContext] = []

    def __enter__(self) -> TorchStreamContext:
        torch = _torch()
        if self.torch_context is not None:
            self.torch_context.__enter__()
        try:
            current = torch.cuda.current_stream()
            from ._device import device

            kind = "rocm" if getattr(torch.version, "hip", None) else "cuda"
            place = device(kind, current.device.index or 0)
            self._entered.append(StreamContext(place, current.cuda_stream).__enter__())
        except BaseException:
            if self.torch_context is not None:
                self.torch_context.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self.torch_context is not None:
                self.torch_context.__exit__(kind, error, traceback)
        finally:
            self._entered.pop().__exit__(kind, error, traceback)


def use_raw_stream(device: Device, stream: int | c_void_p) -> StreamContext:
    """Make `stream`, an address, current while the returned context is entered."""
    if not isinstance(stream, (int, c_void_p)):
        raise ValueError(
            "use_raw_stream only accepts int or c_void_p as stream input, "
            "try use_torch_stream when using torch.cuda.Stream or torch.cuda.graph"
        )
    return StreamContext(device, stream)


def use_torch_stream(context: Any = None) -> TorchStreamContext:
    """Follow torch's current stream while the returned context is entered.

    `context`, such as `torch.cuda.stream(s)` or `torch.cuda.graph(g)`, is entered first.
    """
    _torch()
    return TorchStreamContext(context)


def get_raw_stream(device: Device) -> int:
    """Return the address of this thread's current stream of `device`, 0 if none was set."""
    return _env_get_current_stream(*_place(device))


def _place(device: Device) -> tuple[int, int]:
    if not hasattr(device, "dlpack_device_type"):
        raise TypeError(f"Expected a tvm_ffi.Device, got {type(device).__name__}")
    return device.dlpack_device_type(), device.index


def _env_set_current_stream(device_type: int, device_id: int, stream: int) -> int:
    """Set this thread's current stream, return the one it replaces."""
    if device_type < 0 or device_id < 0:
        raise ValueError(
            f"Expected a device type and an index that are not negative, got {device_type} "
            f"and {device_id}"
        )
    if not 0 <= stream < 2**64:
        raise OverflowError(f"Expected a stream's 64-bit address, got {stream}")
    previous = c_void_p()
    _ffi.TVMFFIEnvSetStream(device_type, device_id, stream, byref(previous))
    return previous.value or 0


def _env_get_current_stream(device_type: int, device_id: int) -> int:
    """Return this thread's current stream, 0 if none was set."""
    return _ffi.TVMFFIEnvGetStream(device_type, device_id) or 0


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError("Cannot import torch") from error
    return torch


# ---- Streams as arguments ------------------------------------------------------------------------


@rule(8)
def _stream_protocol(cls: type) -> Packer | None:
    if cls.__module__.startswith("torch"):
        patch_torch_cuda_stream_protocol()
    if not has_protocol(cls, "__cuda_stream__"):
        return None

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        pack_opaque_pointer(cells, int(value.__cuda_stream__()[1]), frame)

    return pack


@rule(9)
def _cuda_bindings_stream(cls: type) -> Packer | None:
    driver = imported("cuda.bindings.driver")
    if driver is None or not issubclass(cls, driver.CUstream):
        return None
    return lambda cells, value, frame: pack_opaque_pointer(cells, int(value), frame)
