# SPDX-License-Identifier: Apache-2.0
"""Tensors handed over, with producers made here: each counts what is given back to it."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from ctypes import PYFUNCTYPE, c_int, c_int32, c_int64, c_void_p, py_object
from typing import ClassVar

import pytest

import tvm_ffi
from tvm_ffi import _dlpack, _ffi, core, from_dlpack

if not hasattr(ctypes, "pythonapi"):
    pytest.skip("Python code cannot make or read capsules here", allow_module_level=True)
pythonapi = ctypes.pythonapi

CPU, CUDA = 1, 2
echo = tvm_ffi.convert(lambda value: value)


class Source:
    """Float32 memory of three elements that knows how often it is lent and given back."""

    def __init__(self, device_type: int = CPU, version: int = 1, flags: int = 0) -> None:
        self.data = (ctypes.c_float * 3)(1.0, 2.0, 3.0)
        self.shape = (c_int64 * 1)(3)
        self.strides = (c_int64 * 1)(1)
        self.lent = self.returned = 0
        self.device_type, self.version, self.flags = device_type, version, flags
        self.structs: list[ctypes.Structure] = []
        self._deleter = ctypes.CFUNCTYPE(None, c_void_p)(self._take_back)

    def _take_back(self, _managed: int) -> None:
        self.returned += 1

    def lend(self, struct: type[ctypes.Structure]) -> int:
        """Return the address of a managed tensor that describes the memory."""
        self.lent += 1
        managed = struct()
        managed.dl_tensor.data = ctypes.addressof(self.data)
        managed.dl_tensor.device = _ffi.DLDevice(self.device_type, 0)
        managed.dl_tensor.ndim = 1
        managed.dl_tensor.dtype = _ffi.DLDataType(2, 32, 1)
        managed.dl_tensor.shape = self.shape
        managed.dl_tensor.strides = self.strides
        managed.deleter = ctypes.cast(self._deleter, c_void_p).value
        if struct is _ffi.DLManagedTensorVersioned:
            managed.version = _ffi.DLPackVersion(self.version, 0)
            managed.flags = self.flags
        self.structs.append(managed)
        return ctypes.addressof(managed)

    def capsule(self, kind: _dlpack.CapsuleKind = _dlpack.PLAIN) -> object:
        return new_capsule(self.lend(kind.struct), NAMES[kind.name])

    @property
    def borrowed(self) -> int:
        return self.lent - self.returned


NAMES = {name: ctypes.create_string_buffer(name.encode()) for name in ("dltensor", "other")}
NAMES["dltensor_versioned"] = ctypes.create_string_buffer(b"dltensor_versioned")
NAMES["api"] = ctypes.create_string_buffer(b"dlpack_exchange_api")
_NEW = PYFUNCTYPE(py_object, c_void_p, c_void_p, c_void_p)(("PyCapsule_New", pythonapi))
_NAME = PYFUNCTYPE(ctypes.c_char_p, py_object)(("PyCapsule_GetName", pythonapi))
_DESTRUCTOR = PYFUNCTYPE(c_void_p, py_object)(("PyCapsule_GetDestructor", pythonapi))


def new_capsule(address: int, name: ctypes.Array[ctypes.c_char]) -> object:
    return _NEW(address, name, None)


def name_of(capsule: object) -> str:
    return _NAME(capsule).decode()


def use_count(obj: core.CObject) -> int:
    return ctypes.c_uint32.from_address(obj.__chandle__()).value


def stream_of(device_type: int) -> int:
    return core._env_get_current_stream(device_type, 0)


# ---- Capsules, taken -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [_dlpack.PLAIN, _dlpack.VERSIONED], ids=lambda kind: kind.name)
def test_a_capsule_is_consumed_once_and_given_back_once(kind: _dlpack.CapsuleKind) -> None:
    source = Source()
    capsule = source.capsule(kind)
    tensor = from_dlpack(capsule)
    assert tensor.data_ptr() == ctypes.addressof(source.data)
    assert name_of(capsule) == f"used_{kind.name}"
    assert _DESTRUCTOR(capsule) is None
    with pytest.raises(TypeError, match="Expect from_dlpack to take either"):
        from_dlpack(capsule)
    with pytest.raises(ValueError, match=f"Expect a {kind.name} field, PyCapsule can only be"):
        kind.consume(capsule)
    del capsule
    assert source.borrowed == 1
    del tensor
    assert source.borrowed == 0


@pytest.mark.parametrize("kind", [_dlpack.PLAIN, _dlpack.VERSIONED], ids=lambda kind: kind.name)
def test_a_capsule_that_is_refused_stays_fresh(kind: _dlpack.CapsuleKind) -> None:
    source = Source()
    capsule = source.capsule(kind)
    with pytest.raises(RuntimeError, match="Data is not aligned to 1073741824 bytes"):
        from_dlpack(capsule, require_alignment=1 << 30)
    source.strides[0] = 2
    with pytest.raises(RuntimeError, match="Tensor is not contiguous"):
        from_dlpack(capsule, require_contiguous=True)
    assert name_of(capsule) == kind.name
    assert source.returned == 0
    assert from_dlpack(capsule).strides == (2,)
    assert source.borrowed == 0


def test_padded_subbyte_elements_are_refused() -> None:
    source = Source(flags=_ffi.DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED)
    capsule = source.capsule(_dlpack.VERSIONED)
    with pytest.raises(RuntimeError, match="Subbyte type padded is not yet supported"):
        from_dlpack(capsule)
    assert name_of(capsule) == "dltensor_versioned"


def test_other_capsules_and_values_are_refused() -> None:
    for value in (new_capsule(1234, NAMES["other"]), 5, None, "text"):
        with pytest.raises(TypeError, match="Expect from_dlpack to take either a compatible"):
            from_dlpack(value)


@pytest.mark.parametrize("alignment", [-1, 1 << 31, 1 << 40])
def test_an_alignment_beyond_32_bits_is_refused(alignment: int) -> None:
    source = Source()
    with pytest.raises(OverflowError, match="Expected require_alignment within"):
        from_dlpack(source.capsule(), require_alignment=alignment)


def test_a_producer_without_a_deleter_is_fine() -> None:
    source = Source()
    capsule = source.capsule()
    source.structs[0].deleter = None
    assert from_dlpack(capsule).shape == (3,)
    assert source.returned == 0


def test_threads_cannot_consume_a_capsule_twice() -> None:
    for _ in range(20):
        source = Source()
        capsule = source.capsule()
        taken: list[object] = []
        start = threading.Barrier(4)

        def take(capsule: object = capsule, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                taken.append(from_dlpack(capsule))  # noqa: B023
            except (TypeError, ValueError):
                pass

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1
        taken.clear()
        assert source.returned == 1


# ---- Capsules, given -----------------------------------------------------------------------------


def test_versions_choose_the_form() -> None:
    tensor = from_dlpack(Source().capsule())
    assert core.__dlpack_version__ == (1, 3)
    for version in (None, (0, 8)):
        assert name_of(tensor.__dlpack__(max_version=version)) == "dltensor"
    for version in ((1, 0), (1, 3), (2, 0)):
        assert name_of(tensor.__dlpack__(max_version=version)) == "dltensor_versioned"
    assert name_of(tensor.__dlpack__(stream=7)) == "dltensor"
    assert name_of(tensor._to_dlpack()) == "dltensor"
    assert name_of(tensor._to_dlpack_versioned()) == "dltensor_versioned"


def test_what_cannot_be_done_is_a_buffer_error() -> None:
    tensor = from_dlpack(Source().capsule())
    with pytest.raises(BufferError, match="dl_device of different type not supported"):
        tensor.__dlpack__(max_version=(1, 0), dl_device=(CUDA, 0))
    with pytest.raises(BufferError, match="copy not yet supported"):
        tensor.__dlpack__(max_version=(1, 0), copy=True)
    assert tensor.__dlpack__(max_version=(1, 0), dl_device=(CPU, 0), copy=False)
    assert use_count(tensor) == 1


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_an_unconsumed_capsule_lets_its_tensor_go(version: tuple[int, int] | None) -> None:
    source = Source()
    tensor = from_dlpack(source.capsule())
    capsule = tensor.__dlpack__(max_version=version)
    assert use_count(tensor) == 2
    del capsule
    assert use_count(tensor) == 1
    capsule = tensor.__dlpack__(max_version=version)
    del tensor
    assert source.borrowed == 1
    del capsule
    assert source.borrowed == 0


def test_an_exception_survives_the_death_of_a_capsule() -> None:
    """It is pending while the interpreter drops the arguments evaluated so far."""
    source = Source()
    tensor = from_dlpack(source.capsule())

    def fail() -> None:
        raise ZeroDivisionError("the one to see")

    for _ in range(3):
        with pytest.raises(ZeroDivisionError, match="the one to see"):
            print(tensor.__dlpack__(), tensor.__dlpack__(max_version=(1, 0)), fail())
    gc.collect()
    assert use_count(tensor) == 1


def test_a_consumers_error_survives_the_death_of_a_capsule() -> None:
    np = pytest.importorskip("numpy", reason="numpy drops the capsule with its error pending")
    source = Source(device_type=12)  # no device that numpy reads from
    tensor = from_dlpack(source.capsule())
    with pytest.raises((BufferError, RuntimeError), match=r"(?i)device"):
        np.from_dlpack(tensor)
    gc.collect()
    assert use_count(tensor) == 1


def test_a_round_trip_shares_memory_and_counts_exactly() -> None:
    source = Source()
    tensor = from_dlpack(source.capsule())
    again = from_dlpack(tensor)
    assert again.data_ptr() == tensor.data_ptr()
    assert not again.same_as(tensor)
    assert use_count(tensor) == 2
    del tensor
    assert source.borrowed == 1
    del again
    assert source.borrowed == 0


def test_capsules_may_outlive_the_interpreter() -> None:
    script = (
        "import ctypes, sys, tvm_ffi\n"
        "from tvm_ffi import _dlpack, _ffi\n"
        "data, shape = (ctypes.c_float * 1)(), (ctypes.c_int64 * 1)(1)\n"
        "managed = _ffi.DLManagedTensor()\n"
        "managed.dl_tensor = _ffi.DLTensor(ctypes.addressof(data), _ffi.DLDevice(1, 0), 1,\n"
        "                                  _ffi.DLDataType(2, 32, 1), shape, shape, 0)\n"
        "name = ctypes.create_string_buffer(b'dltensor')\n"
        "new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_void_p,\n"
        "    ctypes.c_void_p)(('PyCapsule_New', ctypes.pythonapi))\n"
        "tensor = tvm_ffi.from_dlpack(new(ctypes.addressof(managed), name, None))\n"
        "sys.keep = [tensor, tensor.__dlpack__(), tensor.__dlpack__(max_version=(1, 0))]\n"
        "cycle = [tensor.__dlpack__()]; cycle.append(cycle)\n"
        "print('end')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


# ---- Exchange tables -----------------------------------------------------------------------------


class Framework:
    """A tensor class with an exchange table whose functions are written here.

    They cannot leave an exception pending, as ctypes callbacks never do; the failures with an
    exception are tested with torch.
    """

    alive: ClassVar[list[Framework]] = []  # a table lives as long as the process

    def __init__(self, **entries: object) -> None:
        self.alive.append(self)
        self.sources: dict[int, Source] = {}
        self.streams: dict[tuple[int, int], int] = {(CUDA, 0): 77}
        self.made: list[int] = []
        self.stream_queries = 0
        self.status = 0
        functions = {
            "managed_tensor_from_py_object_no_sync": PYFUNCTYPE(c_int, c_void_p, c_void_p)(
                self._export
            ),
            "managed_tensor_to_py_object_no_sync": PYFUNCTYPE(c_int, c_void_p, c_void_p)(
                self._import
            ),
            "current_work_stream": PYFUNCTYPE(c_int, c_int32, c_int32, c_void_p)(self._stream),
        }
        functions.update(entries)
        self._alive = functions
        self.table = _ffi.DLPackExchangeAPI()
        self.table.header.version = _ffi.DLPackVersion(1, 3)
        for name, function in functions.items():
            address = None if function is None else ctypes.cast(function, c_void_p).value
            setattr(self.table, name, address)
        capsule = new_capsule(ctypes.addressof(self.table), NAMES["api"])
        self.Tensor = type("Tensor", (), {"__dlpack_c_exchange_api__": capsule})

    def tensor(self, **options: int) -> object:
        made = self.Tensor()
        self.sources[id(made)] = Source(**options)
        return made

    def source(self, tensor: object) -> Source:
        return self.sources[id(tensor)]

    def _export(self, py_object_address: int, out: int) -> int:
        if self.status == 0:
            source = self.sources[py_object_address]
            c_void_p.from_address(out).value = source.lend(_ffi.DLManagedTensorVersioned)
        return self.status

    def _import(self, managed: int, out: int) -> int:
        if self.status == 0:
            value = self.Tensor()
            self.made.append(managed)
            pythonapi.Py_IncRef(py_object(value))
            c_void_p.from_address(out).value = id(value)
        return self.status

    def _stream(self, device_type: int, device_id: int, out: int) -> int:
        self.stream_queries += 1
        c_void_p.from_address(out).value = self.streams[device_type, device_id]
        return 0

    def give_back_made(self) -> None:
        for managed in self.made:
            _dlpack.delete(_ffi.DLManagedTensorVersioned.from_address(managed))
        self.made.clear()


@pytest.fixture
def framework() -> Iterator[Framework]:
    made = Framework()
    yield made
    made.status = 0
    made.give_back_made()


def test_arguments_and_results_go_through_the_table(framework: Framework) -> None:
    tensor = framework.tensor()
    result = echo(tensor)
    assert type(result) is framework.Tensor
    alive = weakref.ref(result)
    source = framework.source(tensor)
    assert source.borrowed == 1  # by the result
    del result
    assert alive() is None
    framework.give_back_made()
    assert source.borrowed == 0


def test_the_table_may_be_an_address(framework: Framework) -> None:
    framework.Tensor.__dlpack_c_exchange_api__ = ctypes.addressof(framework.table)
    assert type(echo(framework.tensor())) is framework.Tensor


@pytest.mark.parametrize("published", [5.0, "text", new_capsule(1234, NAMES["other"])])
def test_anything_else_is_a_value_error(published: object) -> None:
    wrong = type("Wrong", (), {"__dlpack_c_exchange_api__": published})
    for take in (echo, from_dlpack):
        with pytest.raises(ValueError, match="Expect a dlpack_exchange_api field"):
            take(wrong())


def test_without_an_importer_results_are_our_tensors() -> None:
    framework = Framework(managed_tensor_to_py_object_no_sync=None)
    tensor = framework.tensor()
    result = echo(tensor)
    assert type(result) is tvm_ffi.Tensor
    del result
    assert framework.source(tensor).borrowed == 0


def test_a_failed_import_falls_back_to_our_tensor(framework: Framework) -> None:
    def fail_from_here_on(value: object) -> object:
        framework.status = -1
        return value

    tensor = framework.tensor()
    result = tvm_ffi.convert(fail_from_here_on)(tensor)
    assert type(result) is tvm_ffi.Tensor
    assert use_count(result) == 1  # what was exported in vain has been given back
    del result
    assert framework.source(tensor).borrowed == 0


def test_a_failed_export_is_an_error(framework: Framework) -> None:
    tensor = framework.tensor()
    framework.status = -1
    for take in (echo, from_dlpack):
        with pytest.raises(BufferError, match="from_py_object_no_sync failed with status -1"):
            take(tensor)
    with pytest.raises(BufferError, match="cannot export tensors"):
        echo(Framework(managed_tensor_from_py_object_no_sync=None).tensor())


def test_a_tensor_the_library_refuses_is_given_back(framework: Framework) -> None:
    tensor = framework.tensor(flags=_ffi.DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED)
    for take in (echo, from_dlpack, lambda value: echo([value]), lambda value: echo({1: value})):
        with pytest.raises(
            BufferError, match=r"Failed to convert DLManagedTensorVersioned to ffi\.Tensor"
        ):
            take(tensor)
    source = framework.source(tensor)
    assert (source.lent, source.returned) == (4, 4)


def test_arguments_converted_before_an_error_are_given_back(framework: Framework) -> None:
    tensor = framework.tensor()
    with pytest.raises(UnicodeEncodeError):
        echo(tensor, [tensor], "\ud800")
    assert framework.source(tensor).lent == 2
    assert framework.source(tensor).borrowed == 0


def test_from_dlpack_goes_on_to_the_protocol_after_a_buffer_error(framework: Framework) -> None:
    tensor = framework.tensor()
    source = framework.source(tensor)
    framework.Tensor.__dlpack__ = lambda self: source.capsule()
    with pytest.raises(RuntimeError, match="Data is not aligned"):
        from_dlpack(tensor, require_alignment=1 << 30)
    assert (source.lent, source.returned) == (2, 1)  # the second is in the capsule still
    framework.status = -1
    assert from_dlpack(tensor).data_ptr() == ctypes.addressof(source.data)


def test_tables_can_be_switched_off(framework: Framework, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_FFI_SKIP_DLPACK_C_EXCHANGE_API", "1")
    tensor = framework.tensor()
    framework.Tensor.__dlpack__ = lambda self: framework.source(tensor).capsule()
    assert type(echo(tensor)) is tvm_ffi.Tensor
    assert type(from_dlpack(tensor)) is tvm_ffi.Tensor


def test_an_older_table_behind_an_unknown_one_is_found(framework: Framework) -> None:
    newer = _ffi.DLPackExchangeAPI()
    newer.header.version = _ffi.DLPackVersion(2, 0)
    newer.header.prev_api = ctypes.addressof(framework.table)
    framework.Tensor.__dlpack_c_exchange_api__ = ctypes.addressof(newer)
    assert type(echo(framework.tensor())) is framework.Tensor


def test_an_unknown_version_is_a_buffer_error_that_names_it() -> None:
    newer = _ffi.DLPackExchangeAPI()
    newer.header.version = _ffi.DLPackVersion(2, 5)
    with pytest.raises(BufferError, match=r"version 1, found 2\.5"):
        _dlpack.exchange_api(ctypes.addressof(newer))


def test_tensors_in_containers_go_through_the_table(framework: Framework) -> None:
    tensor = framework.tensor()
    result = echo({"x": [tensor]})
    assert type(result["x"][0]) is framework.Tensor
    assert type(result.get("x")[0]) is framework.Tensor
    assert [type(value[0]) for value in result.values()] == [framework.Tensor]
    assert [type(value[0]) for _, value in result.items()] == [framework.Tensor]
    assert [type(value) for value in echo([tensor])] == [framework.Tensor]
    # Passed on, the container still says so; a container made here never does.
    assert type(echo(result)["x"][0]) is framework.Tensor
    assert type(tvm_ffi.Array([tensor])[0]) is tvm_ffi.Tensor
    assert type(echo(tvm_ffi.Array([tensor]))[0]) is tvm_ffi.Tensor
    del result
    framework.give_back_made()
    gc.collect()
    assert framework.source(tensor).borrowed == 0


def test_callbacks_get_the_class_they_ask_for(framework: Framework) -> None:
    seen: list[type] = []

    def note(value: object) -> None:
        seen.append(type(value[0] if isinstance(value, tvm_ffi.Array) else value))

    tensor = framework.tensor()
    for function in (
        tvm_ffi.convert_func(note),
        tvm_ffi.convert_func(note, tensor_cls=framework.Tensor),
    ):
        function(tensor)
        function([tensor])
    assert seen == [tvm_ffi.Tensor, tvm_ffi.Tensor, framework.Tensor, framework.Tensor]
    with pytest.raises(TypeError, match="must expose __dlpack_c_exchange_api__"):
        tvm_ffi.convert_func(note, tensor_cls=int)


# ---- Streams -------------------------------------------------------------------------------------


def test_a_call_runs_on_the_frameworks_stream(framework: Framework) -> None:
    observe = tvm_ffi.convert(lambda *_: stream_of(CUDA))
    assert stream_of(CUDA) == 0
    assert observe(framework.tensor(device_type=CUDA)) == 77
    assert observe(1, [{"x": framework.tensor(device_type=CUDA)}]) == 77
    assert stream_of(CUDA) == 0
    assert observe(framework.tensor()) == 0  # on the CPU there is none
    assert framework.stream_queries == 2


def test_the_first_tensor_on_a_device_decides(framework: Framework) -> None:
    framework.streams[(10, 0)] = 88
    observe = tvm_ffi.convert(lambda *_: [stream_of(CUDA), stream_of(10)])
    cpu, cuda, rocm = (framework.tensor(device_type=kind) for kind in (CPU, CUDA, 10))
    assert list(observe(cpu, cuda, rocm)) == [77, 0]
    assert list(observe(rocm, cuda)) == [0, 88]


def test_the_stream_is_restored_after_an_error(framework: Framework) -> None:
    def fail(_: object) -> None:
        raise KeyError(stream_of(CUDA))

    with tvm_ffi.use_raw_stream(tvm_ffi.Device("cuda", 0), 5):
        with pytest.raises(KeyError, match="77"):
            tvm_ffi.convert(fail)(framework.tensor(device_type=CUDA))
        assert stream_of(CUDA) == 5


def test_a_tagged_container_brings_its_stream(framework: Framework) -> None:
    observe = tvm_ffi.convert(lambda *_: stream_of(CUDA))
    tagged = echo([framework.tensor(device_type=CUDA)])
    assert observe(tagged) == 77
    assert observe({"in": [tagged]}) == 77
    assert observe(echo([framework.tensor()])) == 0
    assert observe(tvm_ffi.Array([framework.tensor(device_type=CUDA)])) == 0


def test_without_a_stream_entry_none_is_set() -> None:
    framework = Framework(current_work_stream=None)
    observe = tvm_ffi.convert(lambda _: stream_of(CUDA))
    assert observe(framework.tensor(device_type=CUDA)) == 0


def test_a_plain_provider_tells_its_stream_after_others_did(framework: Framework) -> None:
    class Provider:
        def __init__(self) -> None:
            self.source = Source(device_type=CUDA)

        def __dlpack__(self) -> object:
            return self.source.capsule()

        def __tvm_ffi_env_stream__(self) -> int:
            return 99

    observe = tvm_ffi.convert(lambda *_: stream_of(CUDA))
    assert observe(Provider()) == 0
    assert observe(framework.tensor(device_type=CUDA), Provider()) == 99


def test_the_allocator_is_set_for_the_call() -> None:
    allocator = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_void_p)(lambda *_: -1)
    framework = Framework(managed_tensor_allocator=allocator)
    address = ctypes.cast(allocator, c_void_p).value
    observe = tvm_ffi.convert(lambda _: _ffi.TVMFFIEnvGetDLPackManagedTensorAllocator() or 0)
    before = _ffi.TVMFFIEnvGetDLPackManagedTensorAllocator()
    assert observe(framework.tensor()) == address
    assert _ffi.TVMFFIEnvGetDLPackManagedTensorAllocator() == before
    assert observe(1) != address


# ---- Providers of the Python protocol ------------------------------------------------------------


def test_a_provider_is_asked_without_arguments() -> None:
    calls: list[tuple[object, ...]] = []

    class Provider:
        def __init__(self) -> None:
            self.source = Source()

        def __dlpack__(self, *args: object, **kwargs: object) -> object:
            calls.append((args, kwargs))
            return self.source.capsule()

    provider = Provider()
    for take in (echo, from_dlpack, tvm_ffi.convert):
        tensor = take(provider)
        assert type(tensor) is tvm_ffi.Tensor
        assert tensor.data_ptr() == ctypes.addressof(provider.source.data)
    assert calls == [((), {})] * 3
    del tensor
    assert provider.source.borrowed == 0


def test_a_provider_may_answer_with_a_versioned_capsule() -> None:
    source = Source()
    provider = type("Provider", (), {"__dlpack__": lambda _: source.capsule(_dlpack.VERSIONED)})
    assert echo(provider()).shape == (3,)
    assert source.borrowed == 0


def test_a_provider_that_answers_with_something_else_is_a_value_error() -> None:
    wrong = type("Wrong", (), {"__dlpack__": lambda _: 5})
    for take in (echo, from_dlpack):
        with pytest.raises(ValueError, match="Expect a dltensor field, PyCapsule can only be"):
            take(wrong())


def test_the_providers_own_error_is_raised() -> None:
    def refuse(_: object) -> None:
        raise BufferError("not today")

    refusing = type("Refusing", (), {"__dlpack__": refuse})
    for take in (echo, from_dlpack):
        with pytest.raises(BufferError, match=r"^not today$"):
            take(refusing())
