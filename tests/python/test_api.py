# SPDX-License-Identifier: Apache-2.0
"""The public names: that each exists, takes what it is documented to take, and says what it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import core

PACKAGE = (
    "LIB Array DLDeviceType DefRegionKind Device Dict Function InplaceMode List Map Module Object "
    "ObjectConvertible Shape StreamContext StructuralKey StructuralMutator StructuralVisitor "
    "Tensor VisitInterrupt WalkOrder WalkResult __version__ __version_tuple__ access_path convert "
    "convert_func cpp dataclasses device dtype from_dlpack get_first_structural_mismatch "
    "get_global_func get_global_func_metadata get_raw_stream init_ffi_api load_module method "
    "register_error register_global_func register_object remove_global_func serialization "
    "structural structural_equal structural_hash structural_map structural_mutate structural_visit "
    "structural_walk system_lib use_raw_stream use_torch_stream"
).split()

UNLISTED = (
    "CAny CContainerBase bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 "
    "float64 bfloat16 float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz "
    "float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float6_e2m3fn float6_e3m2fn float4_e2m1fn "
    "float4_e2m1fnx2"
).split()

MODULES = (
    "core registry module container error stream structural access_path serialization libinfo "
    "config cpp cpp.dtype cpp.extension cpp.nvrtc dataclasses dataclasses.c_class "
    "dataclasses.py_class dataclasses.field dataclasses.common dataclasses.enum "
    "dataclasses.gen_abi_cpp dataclasses._resolve_fields testing testing.testing testing._ffi_api "
    "testing._locking utils utils.kwargs_wrapper utils.lockfile utils.embed_cubin "
    "utils.unpack_dataclass utils._build_optional_torch_c_dlpack _ffi_api _dunder _convert _dtype "
    "_tensor _optional_torch_c_dlpack"
).split()

CORE = (
    "CObject CContainerBase Object ObjectConvertible ObjectRValueRef OpaquePyObject PyNativeObject "
    "Function Tensor Error DataType Device DLDeviceType String Bytes CAny TypeSchema TypeField "
    "TypeMethod TypeInfo FFIProperty FieldGetter FieldSetter DLTensorTestWrapper MISSING KWARGS "
    "__dlpack_version__ ERROR_NAME_TO_TYPE ERROR_TYPE_TO_NAME _CLASS_TENSOR _CLASS_DEVICE "
    "_CLASS_DTYPE _CLASS_OBJECT _OPAQUE_PTR_HANDLERS from_dlpack object_repr _set_class_tensor "
    "_set_class_device _set_class_dtype _set_class_object _new_object _object_type_key_to_index "
    "_type_cls_to_type_info _type_index_to_type_info _lookup_or_register_type_info_from_type_key "
    "_lookup_type_attr _register_type_attr _register_object_by_index _register_py_class "
    "_rollback_py_class _set_type_cls _register_global_func _get_global_func _convert_to_ffi_func "
    "_convert_to_opaque_object _convert_to_ffi_error _convert_torch_dtype_to_ffi_dtype "
    "_convert_numpy_dtype_to_ffi_dtype _create_cdtype_from_tuple _create_device_from_tuple "
    "_shape_obj_get_py_tuple _env_set_current_stream _env_get_current_stream _to_py_class_value "
    "_print_debug_info _testing_drop_last_ref_without_thread_state _WITH_APPEND_BACKTRACE "
    "_TRACEBACK_TO_BACKTRACE_STR"
).split()

NATIVE = (
    "Array ArrayContains ArrayGetItem ArraySize Bytes ContainerFindFirstNonCPUDevice DeepCopy Dict "
    "DictClear DictCount DictErase DictForwardIterFunctor DictGetItem DictGetItemOrMissing "
    "DictSetItem DictSize FromJSONGraph FromJSONGraphString FunctionFromExternC "
    "FunctionListGlobalNamesFunctor FunctionRemoveGlobal GetFirstStructuralMismatch "
    "GetGlobalFuncMetadata GetInvalidObject GetKwargsObject GetRegisteredTypeKeys List ListAppend "
    "ListClear ListContains ListErase ListEraseRange ListGetItem ListInsert ListPop "
    "ListReplaceSlice ListReserve ListReverse ListSetItem ListSize MakeFieldGetter MakeFieldSetter "
    "MakeObjectFromPackedArgs Map MapCount MapForwardIterFunctor MapGetItem MapGetItemOrMissing "
    "MapSize ModuleClearImports ModuleGetFunction ModuleGetFunctionDoc ModuleGetFunctionMetadata "
    "ModuleGetKind ModuleGetPropertyMask ModuleGetWriteFormats ModuleGlobalsAdd "
    "ModuleGlobalsRemove ModuleImplementsFunction ModuleImportModule ModuleInspectSource "
    "ModuleLoadFromFile ModuleWriteToFile RecursiveEq RecursiveGe RecursiveGt RecursiveHash "
    "RecursiveLe RecursiveLt ReprPrint Shape String StructuralEqual StructuralHash StructuralKey "
    "StructuralKeyEqual StructuralMap StructuralMutate StructuralMutatorDefRegionKind "
    "StructuralMutatorDefaultMutate StructuralMutatorMutate StructuralMutatorVarRemapGet "
    "StructuralMutatorVarRemapSet StructuralMutatorWithDefRegionKind StructuralVisit "
    "StructuralVisitorDefRegionKind StructuralVisitorDefaultVisit StructuralVisitorVisit "
    "StructuralVisitorWithDefRegionKind StructuralWalk SystemLib ToJSONGraph ToJSONGraphString "
    "VisitInterrupt _PyClassRegisterTypeAttrColumns _RegisterFFIInit"
).split()

SIGNATURES = {
    "convert": "(value)",
    "convert_func": "(pyfunc, tensor_cls=None)",
    "from_dlpack": "(ext_tensor, *, require_alignment=0, require_contiguous=False)",
    "device": "(device_type, index=None)",
    "Device": "(device_type, index=None)",
    "load_module": "(path, keep_module_alive=True)",
    "system_lib": "(symbol_prefix='')",
    "register_object": "(type_key=None, *, init=True)",
    "register_global_func": "(func_name, f=None, override=False)",
    "get_global_func": "(name, allow_missing=False)",
    "get_global_func_metadata": "(name)",
    "remove_global_func": "(name)",
    "init_ffi_api": "(namespace, target_module_name=None)",
    "register_error": "(name_or_cls=None, cls=None)",
    "use_raw_stream": "(device, stream)",
    "use_torch_stream": "(context=None)",
    "get_raw_stream": "(device)",
    "StreamContext": "(device, stream)",
    "structural_equal": "(lhs, rhs, map_free_vars=False, skip_tensor_content=False)",
    "get_first_structural_mismatch": "(lhs, rhs, map_free_vars=False, skip_tensor_content=False)",
    "structural_hash": "(value, map_free_vars=False, skip_tensor_content=False)",
    "structural_walk": "(root, callbacks=(), with_def_region_kind=(), order='post')",
    "structural_visit": "(root, callbacks=())",
    "structural_map": "(root, callbacks=(), with_def_region_kind=(), order='post')",
    "structural_mutate": "(root, callbacks=())",
    "method": "(fn)",
    "registry.list_global_func_names": "()",
    "registry.get_registered_type_keys": "()",
    "serialization.to_json_graph_str": "(obj, metadata=None)",
    "serialization.from_json_graph_str": "(json_str)",
    "libinfo.load_lib_ctypes": "(package, target_name, mode, extra_lib_paths=None)",
    "libinfo.load_lib_module": "(package, target_name, keep_module_alive=True, "
    "extra_lib_paths=None)",
}

REGISTRY = (
    "get_global_func get_global_func_metadata get_registered_type_keys init_ffi_api "
    "list_global_func_names register_global_func register_object remove_global_func"
).split()


def found(path: str) -> Any:
    value: Any = tvm_ffi
    for name in path.split("."):
        value = getattr(value, name)
    return value


# ---- Existence -----------------------------------------------------------------------------------


def test_the_package_exports_its_names_and_no_others() -> None:
    assert sorted(tvm_ffi.__all__) == sorted(PACKAGE)
    assert [name for name in PACKAGE + UNLISTED if not hasattr(tvm_ffi, name)] == []


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported(name: str) -> None:
    importlib.import_module(f"tvm_ffi.{name}")


def test_core_has_every_name_others_use() -> None:
    assert [name for name in CORE if not hasattr(core, name)] == []
    assert Path(core.__file__).is_file()
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        core.no_such_name  # noqa: B018


def test_the_library_registers_every_function() -> None:
    assert [name for name in NATIVE if not hasattr(tvm_ffi._ffi_api, name)] == []
    assert set(NATIVE) <= set(tvm_ffi._ffi_api.__all__)
    assert not hasattr(tvm_ffi._ffi_api, "MakeNew")


def test_the_registry_exports_its_names() -> None:
    assert sorted(tvm_ffi.registry.__all__) == REGISTRY


def test_names_other_projects_use_exist() -> None:
    for name in (
        "Function.__from_extern_c__",
        "Function.__from_mlir_packed_safe_call__",
        "Function.__call__",
        "Function.release_gil",
        "core.CObject.__chandle__",
        "core.CObject.__ctypes_handle__",
        "core.CObject.__init_handle_by_constructor__",
        "core.CObject.__move_handle_from__",
        "core.PyNativeObject.__init_cached_object_by_constructor__",
        "Object._move",
        "registry._SKIP_UNKNOWN_OBJECTS",
        "libinfo._find_library_by_basename",
        "libinfo._resolve_and_validate",
        "_optional_torch_c_dlpack.load_torch_c_dlpack_extension",
        "_dtype.DataTypeCode",
        "_dtype.float4_e2m1fn_x2",
        "dtype._NUMPY_DTYPE_TO_STR",
    ):
        found(name)


def test_values_to_begin_with() -> None:
    assert core._OPAQUE_PTR_HANDLERS == {}
    assert core.__dlpack_version__[0] == 1
    assert tvm_ffi.container.MISSING is core.MISSING  # type: ignore[attr-defined]
    assert core._CLASS_TENSOR is tvm_ffi.Tensor
    assert core._CLASS_DEVICE is tvm_ffi.Device
    assert core._CLASS_DTYPE is tvm_ffi.dtype
    assert core._CLASS_OBJECT is tvm_ffi.Object


# ---- Signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_function_takes_what_it_is_documented_to_take(name: str) -> None:
    signature = inspect.signature(found(name))
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    taken = str(inspect.Signature(bare))
    if name == "dtype":
        taken = taken.replace("cls, ", "")
    assert taken == SIGNATURES[name]


def test_containers_are_made_of_anything_iterable() -> None:
    assert list(tvm_ffi.Array(x for x in "ab")) == ["a", "b"]
    assert list(tvm_ffi.List()) == []
    assert dict(tvm_ffi.Map({"a": 1})) == {"a": 1}
    assert dict(tvm_ffi.Dict()) == {}
    assert tvm_ffi.Shape((1, 2)) == (1, 2)
    assert tvm_ffi.dtype("int8") == "int8"


# ---- Documentation -------------------------------------------------------------------------------


def public_modules() -> list[ModuleType]:
    names = [
        module.name
        for module in pkgutil.walk_packages(tvm_ffi.__path__, "tvm_ffi.")
        if not any(part.startswith("_") for part in module.name.split("."))
    ]
    return [tvm_ffi, *map(importlib.import_module, names)]


def public_members(module: ModuleType) -> dict[str, Any]:
    """Classes, functions and their members that a module defines, by where they are found."""
    members = {}
    listed = getattr(module, "__all__", None)
    for name, value in vars(module).items():
        home = getattr(value, "__module__", "")
        if listed is None:  # then what it imports is not for others
            public = not name.startswith("_") and home == module.__name__
        else:
            public = name in listed and home.startswith("tvm_ffi")
        if not public or not callable(value):
            continue
        if isinstance(value, type):
            members[f"{module.__name__}.{name}"] = value
            for inner, member in vars(value).items():
                if not inner.startswith("_") and (callable(member) or isinstance(member, property)):
                    members[f"{module.__name__}.{name}.{inner}"] = member
        elif inspect.isfunction(value):
            members[f"{module.__name__}.{name}"] = value
    return members


def test_every_public_name_says_what_it_is() -> None:
    silent = sorted(
        {
            path
            for module in public_modules()
            for path, value in public_members(module).items()
            if not (getattr(value, "__doc__", None) or "").strip() and not is_reflected(path)
        }
    )
    assert silent == []
    assert [m.__name__ for m in public_modules() if not (m.__doc__ or "").strip()] == []


def is_reflected(path: str) -> bool:
    """Tell whether native code documents the member, or does not."""
    *owner, name = path.split(".")
    cls: Any = importlib.import_module(".".join(owner[:-1])) if len(owner) > 1 else None
    cls = getattr(cls, owner[-1], None)
    info = getattr(cls, "__tvm_ffi_type_info__", None)
    names = [member.name for member in (*(info.fields or ()), *info.methods)] if info else []
    return name in names


def test_every_public_function_is_annotated() -> None:
    bare = []
    for module in public_modules():
        for path, value in public_members(module).items():
            if inspect.isfunction(value) and not is_reflected(path):
                signature = inspect.signature(value)
                if signature.return_annotation is inspect.Signature.empty:
                    bare.append(path)
    assert bare == []


# ---- Typing --------------------------------------------------------------------------------------


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(tvm_ffi.__file__).parent / "py.typed").is_file()


def test_a_program_passes_strict_type_checks(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    program = Path(__file__).parent / "typing_usage.py"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", str(program)],
        cwd=tmp_path,  # so that the package is found as users' programs find it
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_runs() -> None:
    program = Path(__file__).parent / "typing_usage.py"
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
