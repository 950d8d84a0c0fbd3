# SPDX-License-Identifier: Apache-2.0
"""What public functions and methods take, and that they refuse anything else in clear words."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import pytest

import tvm_ffi

# As programs written for the reference package pass their arguments, by position or by name. More
# are in test_api.py.
DOCUMENTED = """
Device.dlpack_device_type(self)
Dict.clear(self)
List.append(self, value)
List.clear(self)
List.extend(self, values)
List.insert(self, index, value)
List.pop(self, index=-1)
List.reverse(self)
Module.clear_imports(self)
Module.get_function(self, name, query_imports=False)
Module.get_function_doc(self, name, query_imports=False)
Module.get_function_metadata(self, name, query_imports=False)
Module.get_property_mask(self)
Module.get_write_formats(self)
Module.implements_function(self, name, query_imports=False)
Module.import_module(self, module)
Module.inspect_source(self, fmt='')
Module.is_binary_serializable(self)
Module.is_compilation_exportable(self)
Module.is_runnable(self)
Module.write_to_file(self, file_name, fmt='')
ObjectConvertible()
ObjectConvertible.asobject(self)
StructuralKey(key)
StructuralMutator.def_region_kind(self)
StructuralMutator.default_mutate(self, value)
StructuralMutator.mutate(self, value)
StructuralMutator.var_remap_get(self, var)
StructuralMutator.var_remap_set(self, var, mapped_value)
StructuralMutator.with_def_region_kind(self, kind, callback)
StructuralVisitor.def_region_kind(self)
StructuralVisitor.default_visit(self, value)
StructuralVisitor.visit(self, value)
StructuralVisitor.with_def_region_kind(self, kind, callback)
Tensor.data_ptr(self)
Tensor.is_contiguous(self)
Tensor.numel(self)
Tensor.size(self, idx)
VisitInterrupt(value=None)
dtype.from_dlpack_data_type(dltype_data_type)
dtype.with_lanes(self, lanes)
access_path.AccessPath()
access_path.AccessPath.array_item(self, index)
access_path.AccessPath.array_item_missing(self, index)
access_path.AccessPath.attr(self, attr_key)
access_path.AccessPath.attr_missing(self, attr_key)
access_path.AccessPath.is_prefix_of(self, other)
access_path.AccessPath.map_item(self, key)
access_path.AccessPath.map_item_missing(self, key)
access_path.AccessPath.root()
access_path.AccessPath.to_steps(self)
cpp.build(name, *, sources=None, cpp_files=None, cuda_files=None, extra_cflags=None,
    extra_cuda_cflags=None, extra_ldflags=None, extra_include_paths=None, build_directory=None,
    backend=None, output=None)
cpp.build_inline(name, *, cpp_sources=None, cuda_sources=None, functions=None,
    extra_cflags=None, extra_cuda_cflags=None, extra_ldflags=None, extra_include_paths=None,
    build_directory=None, embed_cubin=None, backend=None, output=None)
cpp.load(name, *, sources=None, cpp_files=None, cuda_files=None, extra_cflags=None,
    extra_cuda_cflags=None, extra_ldflags=None, extra_include_paths=None, build_directory=None,
    keep_module_alive=True, backend=None)
cpp.load_inline(name, *, cpp_sources=None, cuda_sources=None, functions=None,
    extra_cflags=None, extra_cuda_cflags=None, extra_ldflags=None, extra_include_paths=None,
    build_directory=None, embed_cubin=None, keep_module_alive=True, backend=None)
cpp.to_cpp_dtype(dtype_str)
cpp.nvrtc.nvrtc_compile(source, *, name='kernel.cu', arch=None, extra_opts=None)
dataclasses.Enum.all_entries(cls)
dataclasses.Enum.get(cls, index)
dataclasses.EnumState()
dataclasses.auto()
dataclasses.c_class(type_key, *, frozen=False, init=True, repr=True, eq=False, order=False,
    unsafe_hash=False, match_args=True)
dataclasses.fields(obj_or_cls)
dataclasses.gen_abi_cpp(type_keys)
dataclasses.init_property(func)
dataclasses.is_dataclass(obj)
dataclasses.py_class(cls_or_type_key=None, /, *, type_key=None, frozen=False, init=True,
    repr=True, eq=False, order=False, unsafe_hash=False, match_args=True, kw_only=False,
    structural_eq='tree', slots=True)
dataclasses.replace(obj, /, **changes)
libinfo.find_cmake_path()
libinfo.find_cython_lib()
libinfo.find_dlpack_include_path()
libinfo.find_include_path()
libinfo.find_libtvm_ffi()
libinfo.find_python_helper_include_path()
libinfo.find_source_path()
libinfo.find_windows_implib()
libinfo.include_paths()
libinfo.load_lib_ctypes(package, target_name, mode, extra_lib_paths=None)
libinfo.load_lib_module(package, target_name, keep_module_alive=True, extra_lib_paths=None)
utils.lockfile.FileLock(lock_file_path)
utils.lockfile.FileLock.acquire(self)
utils.lockfile.FileLock.blocking_acquire(self, timeout=None, poll_interval=0.1)
utils.lockfile.FileLock.release(self)
utils.kwargs_wrapper.make_kwargs_wrapper(target_func, arg_names, arg_defaults=(),
    kwonly_names=None, kwonly_defaults=None, prototype=None, map_dataclass_to_tuple=None)
utils.kwargs_wrapper.make_kwargs_wrapper_from_signature(target_func, signature, prototype=None,
    exclude_arg_names=None, map_dataclass_to_tuple=None)
utils.kwargs_wrapper.unpack_dataclass_to_tuple(x)
utils.embed_cubin.embed_cubin(cubin_path, input_obj_path, output_obj_path, name, verbose=False)
core.CObject.is_(self, other)
core.CObject.same_as(self, other)
core.Error.py_error(self)
core.Error.update_backtrace(self, backtrace)
core.FFIProperty(fget, fset, frozen, fdel=None, doc=None)
core.FFIProperty.set(self, obj, value)
core.OpaquePyObject.pyobject(self)
core.TypeSchema(origin, args=None, origin_type_index=-3, fallback=None, named_args=None,
    type_key=None)
core.TypeSchema.check_value(self, value)
core.TypeSchema.convert(self, value)
core.TypeSchema.from_annotation(annotation)
core.TypeSchema.from_json_obj(obj)
core.TypeSchema.from_json_str(s)
core.TypeSchema.from_type_index(type_index, args=())
core.TypeSchema.input_repr(self, ty_map=None)
core.TypeSchema.output_repr(self, ty_map=None)
core.TypeSchema.repr(self, ty_map=None)
core.TypeSchema.to_json(self)
"""
SIGNATURES = dict(
    re.fullmatch(r"([\w.]+)(\(.*\))", " ".join(entry.split())).groups()  # type: ignore[union-attr]
    for entry in re.split(r"\n(?! )", DOCUMENTED.strip())
)


def found(path: str) -> Any:
    """Return what a name of the package stands for; its submodules are imported."""
    value: Any = tvm_ffi
    for name in path.split("."):
        if not hasattr(value, name):
            importlib.import_module(f"{value.__name__}.{name}")
        value = (
            inspect.getattr_static(value, name) if inspect.isclass(value) else getattr(value, name)
        )
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def takes(value: Any) -> str:
    """Write a signature without annotations, and without the class of class methods."""
    signature = inspect.signature(value)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    return str(inspect.Signature(bare))


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_function_takes_what_it_is_documented_to_take(name: str) -> None:
    assert takes(found(name)) == SIGNATURES[name]


def test_calls_with_too_much_are_refused(nothing_retained: None) -> None:
    for name, signature in SIGNATURES.items():
        if "*" in signature.replace("*, ", ""):
            continue
        with pytest.raises(TypeError, match="argument"):
            found(name)(*[None] * 30)
        with pytest.raises(TypeError, match="argument"):
            found(name)(no_such_argument=None)


def test_calls_with_too_little_are_refused(nothing_retained: None) -> None:
    for name in SIGNATURES:
        parameters = inspect.signature(found(name)).parameters.values()
        if any(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters):
            with pytest.raises(TypeError, match="argument"):
                found(name)()
