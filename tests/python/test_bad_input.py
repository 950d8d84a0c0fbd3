# SPDX-License-Identifier: Apache-2.0
"""What is passed wrongly to a public function is an error that names it, and changes nothing.

Errors of containers, data types and tensors have their tests beside what they are about.
"""

from __future__ import annotations

from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import core, dataclasses, libinfo, serialization, testing, utils
from tvm_ffi.utils import kwargs_wrapper  # noqa: F401 - is used as an attribute

CPU = tvm_ffi.device("cpu")


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy arrays over")


def new(cls: Any) -> Any:
    return cls.__new__(cls)


Case = tuple[Callable[[], Any], type[BaseException], str]

CASES: dict[str, Case] = {
    # The registry
    "get_global_func, not a name": (lambda: tvm_ffi.get_global_func(3), TypeError,
        "Expected the name of a global function, got int"),
    "get_global_func, bytes": (lambda: tvm_ffi.get_global_func(b"x"), TypeError,
        "Expected the name of a global function, got bytes"),
    "get_global_func, unknown": (lambda: tvm_ffi.get_global_func("no.such"), ValueError,
        "Cannot find global function no.such"),
    "register_global_func, not a name": (lambda: tvm_ffi.register_global_func(3), ValueError,
        "expect string function name"),
    "register_global_func, no name but a function": (
        lambda: tvm_ffi.register_global_func(3, len), ValueError, "expect string function name"),
    "register_global_func, not a function": (
        lambda: tvm_ffi.register_global_func("test_bad_input.x", 3), TypeError,
        "Expected a callable to make a function of, got 3"),
    "register_global_func, taken": (
        lambda: tvm_ffi.register_global_func("testing.echo", len), RuntimeError,
        "Global Function `testing.echo` is already registered"),
    "get_global_func_metadata, unknown": (
        lambda: tvm_ffi.get_global_func_metadata("no.such"), RuntimeError,
        "Global Function is not found: no.such"),
    "remove_global_func, not a name": (lambda: tvm_ffi.remove_global_func(3), TypeError,
        "Expected `str` but got `int`"),
    "init_ffi_api, not a name": (lambda: tvm_ffi.init_ffi_api(3), TypeError,
        "Expected the name of a namespace, got int"),
    "init_ffi_api, no such module": (lambda: tvm_ffi.init_ffi_api("no_such_module"), KeyError,
        "No module 'no_such_module' has been imported"),
    "register_object, not a key": (lambda: tvm_ffi.register_object(3), TypeError,
        "type_key must be a string, type, or None"),
    "register_object, unknown key": (
        lambda: tvm_ffi.register_object("no.such")(type("X", (tvm_ffi.Object,), {})), ValueError,
        "Cannot find object type index for no.such"),
    "register_object, not a class": (
        lambda: tvm_ffi.register_object("testing.TestIntPair")(len), TypeError,
        "Expected a class to register, got <built-in function len>"),
    "register_error, not a kind": (lambda: tvm_ffi.register_error(3), TypeError,
        "Expected the name of an error kind or an exception class, got 3"),
    "register_error, not an exception": (lambda: tvm_ffi.register_error("X", int), TypeError,
        "Expected an exception class for errors of kind 'X', got <class 'int'>"),
    # Functions
    "convert_func, not a function": (lambda: tvm_ffi.convert_func(3), TypeError,
        "Expected a callable to make a function of, got 3"),
    "convert_func, not a tensor class": (
        lambda: tvm_ffi.convert_func(len, tensor_cls=int), TypeError,
        "tensor_cls <class 'int'> must expose __dlpack_c_exchange_api__"),
    "an empty function": (lambda: new(tvm_ffi.Function)(), ValueError,
        "Function(chandle=None) holds no function"),
    "a function of no address": (
        lambda: tvm_ffi.Function.__from_extern_c__("x"), TypeError,
        "Expected the address of a function, got str"),
    "a function of address 0": (
        lambda: tvm_ffi.Function.__from_extern_c__(0), ValueError,
        "Expected the address of a function, got 0"),
    "a packed function of no address": (
        lambda: tvm_ffi.Function.__from_mlir_packed_safe_call__(None), TypeError,
        "Expected the address of a function, got NoneType"),
    # Objects
    "a constructor that is no function": (
        lambda: new(tvm_ffi.Object).__init_handle_by_constructor__(3), TypeError,
        "Expected a Function to construct with, got 3"),
    "a constructor that makes no object": (
        lambda: new(tvm_ffi.Object).__init_handle_by_constructor__(testing.echo, 1), TypeError,
        "Expected a constructor to return an object, got type index 1"),
    "taking over no object": (
        lambda: new(tvm_ffi.Object).__move_handle_from__(3), TypeError,
        "Expected an object to take over, got int"),
    "moving from no object": (lambda: core.ObjectRValueRef(3), TypeError,
        "Expected an object to move from, got int"),
    "the text of no object": (lambda: core.object_repr(3), TypeError,
        "Expected an object of the library, got int"),
    "an error of no text": (lambda: core.Error(1, "x", ""), TypeError,
        "Expected kind, message and backtrace as text, got int"),
    "an error of no exception": (lambda: core._convert_to_ffi_error(3), TypeError,
        "Expected an exception, got int"),
    "the extents of no shape": (lambda: core._shape_obj_get_py_tuple(3), TypeError,
        "Expected a native shape, got 3"),
    # Types
    "no type key": (lambda: core._object_type_key_to_index(3), TypeError,
        "Expected a type key, got int"),
    "an unknown type key": (
        lambda: core._lookup_or_register_type_info_from_type_key("no.such"), ValueError,
        "Cannot find type key: no.such"),
    "a schema of no type": (lambda: core.TypeSchema.from_type_index(10**6), ValueError,
        "No type has the type index 1000000"),
    "an attribute of no type": (lambda: core._register_type_attr(10**6, "x", 1), ValueError,
        "No type has the type index 1000000"),
    "an attribute of no name": (lambda: core._register_type_attr(64, 3, 1), TypeError,
        "Expected the name of a type attribute, got int"),
    "looking up an attribute of no name": (lambda: core._lookup_type_attr(64, 3), TypeError,
        "Expected the name of a type attribute, got int"),
    "a class of no type": (lambda: core._register_object_by_index(10**6, int), ValueError,
        "No type has the type index 1000000"),
    "a class that is no tensor": (lambda: core._set_class_tensor(int), TypeError,
        "Expected a subclass of tvm_ffi.Tensor, got <class 'int'>"),
    "a class that is no device": (lambda: core._set_class_device(3), TypeError,
        "Expected a subclass of tvm_ffi.Device, got 3"),
    "a class that is no data type": (lambda: core._set_class_dtype(str), TypeError,
        "Expected a subclass of tvm_ffi.dtype, got <class 'str'>"),
    "a class that is no object": (lambda: core._set_class_object(int), TypeError,
        "Expected a subclass of tvm_ffi.Object, got <class 'int'>"),
    "create_object, unknown key": (lambda: testing.create_object("no.such"), RuntimeError,
        "Cannot find type `no.such`"),
    "create_object, unknown field": (
        lambda: testing.create_object("testing.TestObjectBase", nope=1), TypeError,
        "Type `testing.TestObjectBase` does not have field `nope`"),
    # Devices, data types, tensors
    "device, neither name nor number": (lambda: tvm_ffi.device(None), TypeError,
        "Expected the name or the number of a kind of device, got None"),
    "device, a fraction": (lambda: tvm_ffi.device(1.5), TypeError,
        "Expected the name or the number of a kind of device, got 1.5"),
    "dtype, unknown": (lambda: tvm_ffi.dtype("nope"), ValueError, "unknown dtype `nope`"),
    "dtype, no triple": (lambda: tvm_ffi.dtype.from_dlpack_data_type(3), TypeError,
        "Expected (code, bits, lanes), got 3"),
    "dtype, a triple of something else": (
        lambda: tvm_ffi.dtype.from_dlpack_data_type(("a", 2, 3)), TypeError,
        "Expected (code, bits, lanes), got ('a', 2, 3)"),
    "dtype, lanes that are no number": (
        lambda: tvm_ffi.dtype("int8").with_lanes("x"), TypeError,
        "'str' object cannot be interpreted as an integer"),
    "a numpy dtype that is none": (
        lambda: core._convert_numpy_dtype_to_ffi_dtype(3), ValueError,
        "Unsupported numpy or ml_dtypes dtype: "),
    "a torch dtype that is none": (
        lambda: core._convert_torch_dtype_to_ffi_dtype(3), ValueError,
        "Unsupported torch dtype: "),
    "from_dlpack, no tensor": (lambda: tvm_ffi.from_dlpack(3), TypeError,
        "Expect from_dlpack to take either a compatible tensor or PyCapsule"),
    "from_dlpack, alignment that is no number": (
        lambda: tvm_ffi.from_dlpack(numpy().zeros(3), require_alignment="x"), TypeError,
        "'str' object cannot be interpreted as an integer"),
    # Streams
    "StreamContext, no device": (lambda: tvm_ffi.StreamContext(3, 0), TypeError,
        "Expected a tvm_ffi.Device, got int"),
    "StreamContext, no stream": (lambda: tvm_ffi.StreamContext(CPU, "x"), TypeError,
        "Expected a stream as int or c_void_p, got str"),
    "use_raw_stream, no stream": (lambda: tvm_ffi.use_raw_stream(CPU, "x"), ValueError,
        "only accepts int or c_void_p as stream input, try use_torch_stream"),
    "get_raw_stream, no device": (lambda: tvm_ffi.get_raw_stream("cpu"), TypeError,
        "Expected a tvm_ffi.Device, got str"),
    # Modules and libraries
    "load_module, no path": (lambda: tvm_ffi.load_module(3), TypeError,
        "expected str, bytes or os.PathLike object, not int"),
    "load_module, no file": (lambda: tvm_ffi.load_module("/no/such.so"), RuntimeError,
        "/no/such.so"),
    "system_lib, no prefix": (lambda: tvm_ffi.system_lib(3), TypeError, "from type `int` to `str`"),
    "a module's missing function": (lambda: tvm_ffi.system_lib().no_such, AttributeError,
        "Module has no function 'no_such'"),
    "a module's function of no name": (lambda: tvm_ffi.system_lib()[3], ValueError,
        "Can only take string as function name"),
    "importing no module": (lambda: tvm_ffi.system_lib().import_module(3), TypeError,
        "Expected `ffi.Module` but got `int`"),
    "load_lib_ctypes, unknown mode": (
        lambda: libinfo.load_lib_ctypes("apache-tvm-ffi", "tvm_ffi", "RTLD_LAZY"), ValueError,
        "Expected mode 'RTLD_GLOBAL' or 'RTLD_LOCAL', got 'RTLD_LAZY'"),
    "load_lib_module, no library": (
        lambda: libinfo.load_lib_module("no-such", "no_such"), RuntimeError,
        "Cannot find library libno_such.so"),
    # Serialization
    "from_json_graph_str, not JSON": (
        lambda: serialization.from_json_graph_str("nope"), ValueError, "Expecting value"),
    "to_json_graph_str, an opaque object": (
        lambda: serialization.to_json_graph_str(object()), TypeError,
        "Type `ffi.OpaquePyObject` does not support ToJSONGraph"),
    # Dataclasses
    "c_class, not a key": (lambda: dataclasses.c_class(object), TypeError,
        "c_class: expected a type key, got type"),
    "c_class, unknown key": (
        lambda: dataclasses.c_class("no.such")(type("X", (tvm_ffi.Object,), {})), ValueError,
        "no.such"),
    "py_class, neither key nor class": (lambda: dataclasses.py_class(3), TypeError,
        "py_class: expected str or type, got <class 'int'>"),
    "py_class, no object": (lambda: dataclasses.py_class("test_bad_input.X")(int), TypeError,
        "int must inherit from a registered FFI Object type"),
    "py_class, no kind of equality": (
        lambda: dataclasses.py_class(structural_eq="x"), ValueError,
        "structural_eq must be one of"),
    "py_class, order without equality": (
        lambda: dataclasses.py_class(order=True), ValueError, "order=True requires eq=True"),
    "fields, not a dataclass": (lambda: dataclasses.fields(3), TypeError,
        "fields() argument must be a c_class or py_class type or instance, got int"),
    "asdict, not a dataclass": (lambda: dataclasses.asdict(3), TypeError,
        "asdict() should be called on c_class / py_class instances"),
    "astuple, not a dataclass": (lambda: dataclasses.astuple(3), TypeError,
        "astuple() should be called on c_class / py_class instances"),
    "field, two defaults": (
        lambda: dataclasses.field(default=1, default_factory=list), ValueError, "default"),
    "gen_abi_cpp, not a key": (lambda: dataclasses.gen_abi_cpp(3), TypeError,
        "Expected type keys or patterns of them, got 3"),
    "gen_abi_cpp, not keys": (lambda: dataclasses.gen_abi_cpp(["x", 3]), TypeError,
        "Expected type keys or patterns of them, got ['x', 3]"),
    "gen_abi_cpp, unknown": (lambda: dataclasses.gen_abi_cpp("no.such"), ValueError, "no.such"),
    # Structure
    "structural_walk, no callback": (
        lambda: tvm_ffi.structural_walk([1], (3,)), TypeError, "callback"),
    "structural_map, no order": (
        lambda: tvm_ffi.structural_map([1], (), (), "sideways"), ValueError, "sideways"),
    "a path of no index": (
        lambda: tvm_ffi.access_path.AccessPath.root().array_item("x"), TypeError, "int"),
    "a path of no name": (
        lambda: tvm_ffi.access_path.AccessPath.root().attr(3), TypeError, "str"),
    # Helpers
    "a lock of no file": (lambda: utils.FileLock(3), TypeError,
        "expected str, bytes or os.PathLike object, not int"),
    "a wrapper of no function": (
        lambda: utils.kwargs_wrapper.make_kwargs_wrapper(3, ["x"]), TypeError,
        "Expected a function to wrap, got int"),
    "a wrapper of no signature": (
        lambda: utils.kwargs_wrapper.make_kwargs_wrapper_from_signature(len, 3), TypeError,
        "Expected an inspect.Signature, got int"),
    "a wrapper of no names": (
        lambda: utils.kwargs_wrapper.make_kwargs_wrapper(len, ["not a name"]), ValueError,
        "not a name"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_wrong_input_is_an_error_that_says_so(case: str, nothing_retained: None) -> None:
    run, kind, text = CASES[case]
    try:
        run()
    except Exception as error:
        raised: tuple[type[BaseException], str] = type(error), str(error)
    else:
        pytest.fail("nothing was raised")
    assert raised[0] is kind
    assert text in raised[1]


def test_what_fails_registers_nothing() -> None:
    before = set(tvm_ffi.registry.list_global_func_names())
    for case in ("register_global_func, not a function", "convert_func, not a function"):
        with pytest.raises(TypeError):
            CASES[case][0]()
    assert set(tvm_ffi.registry.list_global_func_names()) == before

    class Fresh(tvm_ffi.Object):
        pass

    with pytest.raises(ValueError):
        tvm_ffi.register_object("no.such")(Fresh)
    assert core._type_cls_to_type_info(Fresh) is None
    assert "__tvm_ffi_type_info__" not in Fresh.__dict__


def test_surrogates_in_names_are_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        tvm_ffi.get_global_func("\ud800")


def test_unknown_names_are_looked_up_in_vain_where_that_is_asked_for() -> None:
    assert tvm_ffi.get_global_func("no.such", allow_missing=True) is None
    assert core._object_type_key_to_index("no.such") is None
    assert core._lookup_type_attr(64, "__metadata__") is None
    assert core._type_cls_to_type_info(int) is None
