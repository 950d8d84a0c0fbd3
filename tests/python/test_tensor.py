# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import Device, Tensor, _ffi, core, from_dlpack

echo = tvm_ffi.convert(lambda value: value)


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy arrays over")


def torch() -> Any:
    return pytest.importorskip("torch", reason="hands torch tensors over")


def use_count(obj: core.CObject) -> int:
    return ctypes.c_uint32.from_address(obj.__chandle__()).value


# ---- Members -------------------------------------------------------------------------------------


def test_members_describe_the_memory() -> None:
    array = numpy().arange(12, dtype="float32").reshape(3, 4)
    tensor = from_dlpack(array)
    assert (tensor.shape, tensor.strides, tensor.ndim, tensor.numel()) == ((3, 4), (4, 1), 2, 12)
    assert tensor.dtype == "float32" and type(tensor.dtype) is tvm_ffi.dtype
    assert tensor.device == Device("cpu", 0)
    assert tensor.__dlpack_device__() == (1, 0)
    assert tensor.data_ptr() == array.ctypes.data
    assert tensor.is_contiguous()
    assert repr(tensor) == "float32[3, 4]@cpu:0"


def test_size_counts_from_either_end() -> None:
    tensor = from_dlpack(numpy().zeros((3, 4)))
    assert [tensor.size(dim) for dim in (0, 1, -1, -2)] == [3, 4, 4, 3]
    for dim in (2, -3):
        with pytest.raises(
            IndexError, match=f"Dimension {dim} out of range for tensor with 2 dimensions"
        ):
            tensor.size(dim)
    with pytest.raises(TypeError):
        tensor.size("0")


def test_a_scalar_has_no_dimensions() -> None:
    tensor = from_dlpack(numpy().array(3.0))
    assert (tensor.shape, tensor.strides, tensor.ndim, tensor.numel()) == ((), (), 0, 1)
    assert tensor.is_contiguous()


def test_contiguity() -> None:
    np = numpy()
    array = np.zeros((4, 6))
    assert not from_dlpack(array[:, ::2]).is_contiguous()
    assert from_dlpack(array[:, ::2]).strides == (6, 2)
    assert not from_dlpack(array.T).is_contiguous()
    assert from_dlpack(array[2:3]).is_contiguous()
    assert from_dlpack(array[:, :1].reshape(4, 1)[::4]).is_contiguous()  # extents of 1 do not count
    assert from_dlpack(np.zeros((0, 3))[:, ::2]).is_contiguous()  # nor do those of empty tensors


def test_strides_are_worked_out_where_there_are_none() -> None:
    shape = (ctypes.c_int64 * 3)(2, 3, 4)
    data = (ctypes.c_float * 24)()
    seen: list[tuple[Any, ...]] = []

    def look(tensor: Tensor) -> None:
        seen.append((tensor.strides, tensor.is_contiguous(), tensor.data_ptr()))

    view = view_of(data, shape, 3)
    view.byte_offset = 8
    call_with_view(look, view)
    assert seen == [((12, 4, 1), True, ctypes.addressof(data) + 8)]


def test_an_empty_wrapper_says_so() -> None:
    empty = Tensor.__new__(Tensor)
    assert repr(empty) == "Tensor(chandle=None)"
    assert empty.__chandle__() == 0
    for use in (lambda: empty.shape, empty.data_ptr, empty.__dlpack__, lambda: echo(empty)):
        with pytest.raises(ValueError, match="This tensor is empty"):
            use()


def test_tensors_compare_by_identity() -> None:
    tensor = from_dlpack(numpy().zeros(3))
    assert tensor == echo(tensor) and tensor.same_as(echo(tensor))
    assert echo(tensor) is not tensor
    assert tensor != from_dlpack(tensor)
    assert hash(tensor) == hash(echo(tensor))
    with pytest.raises(AttributeError):
        tensor.name = "x"


@pytest.mark.skipif(
    tvm_ffi.get_global_func("ffi.ToJSONGraphString", allow_missing=True) is None,
    reason="this library does not write objects as JSON",
)
def test_tensors_cannot_be_pickled() -> None:
    for duplicate in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            duplicate(from_dlpack(numpy().zeros(3)))


# ---- Views ---------------------------------------------------------------------------------------


def view_of(data: Any, shape: Any, ndim: int) -> _ffi.DLTensor:
    return _ffi.DLTensor(
        ctypes.addressof(data), _ffi.DLDevice(1, 0), ndim, _ffi.DLDataType(2, 32, 1), shape, None, 0
    )


def call_with_view(function: Any, view: _ffi.DLTensor) -> None:
    """Call as native code does that owns memory, but no tensor object."""
    argument = _ffi.TVMFFIAny(_ffi.kTVMFFIDLTensorPtr, 0)
    argument.v_ptr = ctypes.addressof(view)
    result = _ffi.TVMFFIAny()
    handle = tvm_ffi.convert(function)
    _ffi.check(
        _ffi.TVMFFIFunctionCall(
            handle.__chandle__(), ctypes.byref(argument), 1, ctypes.byref(result)
        )
    )


def test_a_view_can_be_read_and_passed_on_but_not_kept() -> None:
    data, shape = (ctypes.c_float * 2)(), (ctypes.c_int64 * 1)(2)

    def look(tensor: Tensor) -> None:
        assert type(tensor) is Tensor
        assert (tensor.__chandle__(), tensor.shape, tensor.dtype) == (0, (2,), "float32")
        assert tensor.data_ptr() == ctypes.addressof(data)
        assert echo(tensor).data_ptr() == ctypes.addressof(data)
        with pytest.raises(BufferError, match="is a view of its caller's memory"):
            tensor.__dlpack__()
        with pytest.raises(BufferError, match="is a view of its caller's memory"):
            from_dlpack(tensor)

    call_with_view(look, view_of(data, shape, 1))


# ---- The class of results ------------------------------------------------------------------------


def test_the_class_is_bound_to_its_type() -> None:
    info = core._type_cls_to_type_info(Tensor)
    assert (info.type_key, info.type_cls) == ("ffi.Tensor", Tensor)
    assert info.parent_type_info.type_cls is core.Object


class MyTensor(Tensor):
    __slots__ = ()

    def total(self) -> int:
        return self.numel()


def test_the_class_of_tensors_can_be_replaced() -> None:
    array = numpy().zeros((2, 3))
    core._set_class_tensor(MyTensor)
    try:
        assert core._CLASS_TENSOR is MyTensor
        made = from_dlpack(array)
        assert type(made) is MyTensor and made.total() == 6
        assert type(echo(array)) is type(echo(made)) is MyTensor
    finally:
        core._set_class_tensor(Tensor)
    assert type(echo(made)) is Tensor
    with pytest.raises(TypeError, match=r"Expected a subclass of tvm_ffi\.Tensor"):
        core._set_class_tensor(int)


# ---- numpy ---------------------------------------------------------------------------------------


def test_numpy_round_trips_share_memory() -> None:
    np = numpy()
    array = np.arange(6, dtype="int16").reshape(2, 3)
    for tensor in (from_dlpack(array), echo(array), tvm_ffi.convert(array), echo([array])[0]):
        assert type(tensor) is Tensor
        back = np.from_dlpack(tensor)
        assert np.shares_memory(back, array)
        assert (back == array).all()
    strided = np.from_dlpack(echo(array[:, ::2]))
    assert np.shares_memory(strided, array) and (strided == array[:, ::2]).all()


def test_numpy_memory_is_kept_and_let_go() -> None:
    np = numpy()
    array = np.zeros(4)
    before = sys.getrefcount(array)
    tensor = echo(array)
    assert sys.getrefcount(array) > before
    back = np.from_dlpack(tensor)
    del tensor
    assert sys.getrefcount(array) > before
    del back
    assert sys.getrefcount(array) == before


@pytest.mark.parametrize(
    "take", [echo, from_dlpack, lambda x: echo([x])], ids=["call", "own", "in"]
)
def test_a_read_only_array_is_a_buffer_error_that_says_what_to_do(take: Any) -> None:
    array = numpy().zeros(3)
    array.flags.writeable = False
    before = sys.getrefcount(array)
    with pytest.raises(
        BufferError, match=r"(?s)can be written to, got a read-only ndarray.*Pass a copy"
    ):
        take(array)
    gc.collect()
    assert sys.getrefcount(array) == before
    assert take(array.copy()) is not None


def test_memory_numpy_cannot_describe_is_its_own_error() -> None:
    np = numpy()
    for array in (np.zeros(3, dtype=">i4"), np.zeros(3, dtype="S2")):
        with pytest.raises(BufferError):
            echo(array)


def test_requirements_are_checked() -> None:
    array = numpy().zeros((4, 4), dtype="int8")
    with pytest.raises(RuntimeError, match="Tensor is not contiguous"):
        from_dlpack(array.T, require_contiguous=True)
    offset = array.reshape(-1)[1:]
    with pytest.raises(RuntimeError, match="Data is not aligned to 8 bytes"):
        from_dlpack(offset, require_alignment=8)
    assert from_dlpack(array, require_alignment=8, require_contiguous=True).shape == (4, 4)


# ---- torch ---------------------------------------------------------------------------------------


def test_torch_in_means_torch_out() -> None:
    tensor = torch().arange(6).reshape(2, 3)
    for result in (echo(tensor), echo([tensor])[0], echo({"a": [tensor]})["a"][0]):
        assert type(result) is type(tensor)
        assert result.data_ptr() == tensor.data_ptr()
        assert (result.dtype, result.shape, result.device) == (
            tensor.dtype,
            tensor.shape,
            tensor.device,
        )
    parameter = torch().nn.Parameter(torch().zeros(2))
    assert echo(parameter.detach()).data_ptr() == parameter.data_ptr()


def test_torch_in_a_map_comes_out_as_torch_however_it_is_read() -> None:
    tensor = torch().zeros(2)
    mapping = echo({"a": tensor})
    for value in (
        mapping["a"],
        mapping.get("a"),
        *mapping.values(),
        *dict(mapping.items()).values(),
    ):
        assert type(value) is type(tensor)


def test_only_numpy_or_own_tensors_in_means_own_out() -> None:
    assert type(echo(from_dlpack(torch().zeros(2)))) is Tensor
    choose = tvm_ffi.convert(lambda first, second: first)
    assert type(choose(numpy().zeros(2), 1)) is Tensor
    assert type(choose(numpy().zeros(2), torch().zeros(2))) is type(torch().zeros(2))


def torch_tensor_over(array: Any) -> Any:
    """A torch tensor whose memory keeps `array`: its reference count tells if anybody has it."""
    return torch().from_numpy(array)


def test_torch_memory_is_kept_and_let_go() -> None:
    array = numpy().zeros(4)
    before = sys.getrefcount(array)
    result = echo(torch_tensor_over(array))
    assert sys.getrefcount(array) > before
    own = from_dlpack(result)
    del result
    assert sys.getrefcount(array) > before
    del own
    assert sys.getrefcount(array) == before


def test_torch_takes_our_tensors() -> None:
    array = numpy().arange(3.0)
    shared = torch().from_dlpack(echo(array))
    shared[0] = 7
    assert array[0] == 7


def test_torch_refusals_are_raised_and_lose_nothing() -> None:
    sparse = torch().eye(3).to_sparse()
    meta = torch().zeros(2, device="meta")
    take = tvm_ffi.convert(lambda *_: None)
    array = numpy().zeros(2)
    before = sys.getrefcount(array)
    for refused in (sparse, meta):
        with pytest.raises((BufferError, RuntimeError)):
            take(torch_tensor_over(array), [refused])
        gc.collect()
        assert sys.getrefcount(array) == before


def test_what_torch_cannot_import_stays_ours() -> None:
    """Among the arguments is a torch tensor, so torch is offered the result first."""
    shape = (ctypes.c_int64 * 1)(2)
    data = (ctypes.c_uint8 * 2)()
    odd = _ffi.DLTensor(
        ctypes.addressof(data), _ffi.DLDevice(1, 0), 1, _ffi.DLDataType(15, 6, 1), shape, shape, 0
    )
    out = ctypes.c_void_p()
    owner = tvm_ffi.Array([])
    _ffi.TVMFFITensorCreateUnsafeView(owner.__chandle__(), ctypes.byref(odd), ctypes.byref(out))
    give = tvm_ffi.convert(lambda _: from_handle(out.value))

    def from_handle(handle: int) -> Tensor:
        tensor = Tensor.__new__(Tensor)
        _ffi.TVMFFIObjectIncRef(handle)
        tensor._adopt(_ffi.kTVMFFITensor, handle)
        return tensor

    result = give(torch().zeros(1))
    assert type(result) is Tensor and result.dtype == "float6_e2m3fn"
    assert use_count(result) == 2  # with ours
    _ffi.TVMFFIObjectDecRef(out.value)


def test_requirements_are_checked_for_torch() -> None:
    tensor = torch().zeros(4, 4)
    with pytest.raises(RuntimeError, match="Tensor is not contiguous"):
        from_dlpack(tensor.T, require_contiguous=True)
    with pytest.raises(RuntimeError, match="Data is not aligned"):
        from_dlpack(tensor.reshape(-1)[1:], require_alignment=64)


def test_callbacks_get_torch_only_where_asked() -> None:
    tensor = torch().zeros(2)
    seen: list[type] = []
    note = lambda value: seen.append(type(value))  # noqa: E731
    tvm_ffi.convert(note)(tensor)
    tvm_ffi.convert_func(note, tensor_cls=type(tensor))(tensor)
    tvm_ffi.convert_func(note, tensor_cls=type(tensor))(numpy().zeros(2))
    assert seen == [Tensor, type(tensor), type(tensor)]


def test_a_torch_without_exchange_table_works_all_the_same() -> None:
    """As torch before 2.10: through the functions of torch.utils.dlpack."""
    from tvm_ffi import _convert, _tensor

    class OldTensor(torch().Tensor):
        __dlpack_c_exchange_api__ = None

    packer = next(
        found for rule in (_tensor._exchanged, _tensor._torch_tensor) if (found := rule(OldTensor))
    )
    array = numpy().zeros(3)
    before = sys.getrefcount(array)
    tensor = torch_tensor_over(array).as_subclass(OldTensor)
    frame = _convert.CallFrame()
    cells: list[int] = []
    packer(cells, tensor, frame)
    assert cells[0] == _ffi.kTVMFFITensor
    assert frame.device_type == -1 and not frame.api.allocator
    result = echo(tensor)
    assert isinstance(result, torch().Tensor) and result.data_ptr() == tensor.data_ptr()
    frame.reset()
    del result, tensor
    assert sys.getrefcount(array) == before


def test_the_fallback_asks_torch_for_the_stream_of_its_devices() -> None:
    from tvm_ffi._dlpack import TorchFallback

    class FakeTorch:
        class _C:
            @staticmethod
            def _cuda_getCurrentRawStream(index: int) -> int:
                return 500 + index

    api = TorchFallback(FakeTorch)
    assert api.current_stream(2, 1) == 501
    assert api.current_stream(10, 0) == 500
    assert api.current_stream(8, 0) is None


# ---- The end of the process ----------------------------------------------------------------------

SHUTDOWN = """
import sys, {framework}, tvm_ffi

make = {framework}.ones
echo = tvm_ffi.convert(lambda value: value)
held = [echo(make(3)), echo([make(3)]), tvm_ffi.Dict({{"x": make(3)}})]
held.append(tvm_ffi.from_dlpack(make(3)))
sys.held_by_sys = list(held)
tvm_ffi.register_global_func("test_tensor.held", lambda: held)  # the registry is never torn down
tvm_ffi.register_global_func("test_tensor.value", tvm_ffi.convert(lambda held=held: None))
cycle = [held, {framework}.from_dlpack(held[3])]
cycle.append(cycle)
print("end")
"""


@pytest.mark.parametrize("framework", ["numpy", "torch"])
def test_tensors_may_outlive_the_interpreter(framework: str) -> None:
    pytest.importorskip(framework, reason="hands its tensors over")
    script = SHUTDOWN.format(framework=framework)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_native_threads_may_let_tensors_go() -> None:
    """The last reference is dropped by a thread that Python never heard of."""
    array = numpy().zeros(3)
    before = sys.getrefcount(array)
    tensor = echo(array)
    assert sys.getrefcount(array) > before
    _ffi.TVMFFIObjectIncRef(tensor.__chandle__())
    handle = tensor.__chandle__()
    del tensor
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong()
    drop = ctypes.cast(_ffi.LIB["TVMFFIObjectDecRef"], ctypes.c_void_p)
    assert libc.pthread_create(ctypes.byref(thread), None, drop, ctypes.c_void_p(handle)) == 0
    assert libc.pthread_join(thread, None) == 0
    assert sys.getrefcount(array) == before


def test_threads_hand_tensors_over_at_once() -> None:
    np = numpy()
    arrays = [np.arange(4) + i for i in range(4)]
    before = [sys.getrefcount(array) for array in arrays]
    wrong: list[object] = []

    def work(array: Any) -> None:
        for _ in range(300):
            results = echo([array, {"x": array}])
            back = np.from_dlpack(results[1]["x"])
            if back.ctypes.data != array.ctypes.data or results[0].shape != (4,):
                wrong.append(back)

    threads = [threading.Thread(target=work, args=(array,)) for array in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    del threads, thread
    gc.collect()
    assert [sys.getrefcount(array) for array in arrays] == before
