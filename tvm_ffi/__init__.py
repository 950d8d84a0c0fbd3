# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: F401 - more can be imported than `*` gives
"""Python face of tvm-ffi: functions, objects and tensors across an open ABI."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

try:
    from ._version import (  # type: ignore[import-not-found, unused-ignore]
        __version__,
        __version_tuple__,
    )
except ImportError:  # a checkout that has not been built
    __version__ = "0.0.0.dev0"
    __version_tuple__ = (0, 0, 0, "dev0", "")  # type: ignore[assignment, unused-ignore]


# A program that only asks where things are gets to load nothing else.
_arguments = getattr(sys, "orig_argv", [])
_is_config_command = ("-m", "tvm_ffi.config") in zip(_arguments, _arguments[1:]) or (
    len(sys.argv) > 0 and sys.argv[0].endswith("tvm-ffi-config")
)

# What is imported when first asked for, so that a program pays for what it uses: submodules, and
# the modules that public names come from.
_SUBMODULES = frozenset(
    "access_path core cpp dataclasses error libinfo module serialization structural".split()
)
_ON_DEMAND = {
    "CAny": "_any",
    "Module": "module",
    "convert": "_conversion",
    "load_module": "module",
    "method": "dataclasses._py_methods",
    "register_error": "error",
    "system_lib": "module",
    **dict.fromkeys(
        (
            "DefRegionKind",
            "InplaceMode",
            "StructuralKey",
            "StructuralMutator",
            "StructuralVisitor",
            "VisitInterrupt",
            "WalkOrder",
            "WalkResult",
            "get_first_structural_mismatch",
            "structural_equal",
            "structural_hash",
            "structural_map",
            "structural_mutate",
            "structural_visit",
            "structural_walk",
        ),
        "structural",
    ),
}


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    module = _ON_DEMAND.get(name)
    if module is None or _is_config_command:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBMODULES, *_ON_DEMAND})


if TYPE_CHECKING:
    from . import (
        access_path,
        core,
        cpp,
        dataclasses,
        error,
        libinfo,
        module,
        serialization,
        structural,
    )
    from ._any import CAny as CAny
    from ._conversion import convert
    from .dataclasses._py_methods import method
    from .error import register_error
    from .module import Module, load_module, system_lib
    from .structural import (
        DefRegionKind,
        InplaceMode,
        StructuralKey,
        StructuralMutator,
        StructuralVisitor,
        VisitInterrupt,
        WalkOrder,
        WalkResult,
        get_first_structural_mismatch,
        structural_equal,
        structural_hash,
        structural_map,
        structural_mutate,
        structural_visit,
        structural_walk,
    )

if not _is_config_command:
    from . import _capsule, _host, container, registry, stream
    from ._device import Device, DLDeviceType, device
    from ._dtype import *  # noqa: F403
    from ._dtype import dtype
    from ._ffi import LIB
    from ._function import Function, convert_func
    from ._host import lane as lane
    from ._object import CContainerBase as CContainerBase
    from ._object import Object, ObjectConvertible
    from ._shape import Shape
    from ._tensor import Tensor, from_dlpack
    from .container import Array, Dict, List, Map
    from .registry import (
        get_global_func,
        get_global_func_metadata,
        init_ffi_api,
        register_global_func,
        register_object,
        remove_global_func,
    )
    from .stream import StreamContext, get_raw_stream, use_raw_stream, use_torch_stream

    _capsule.warn()
    if _host.active:
        from . import _host_learning

        _host_learning.start()

    __all__ = [
        "LIB",
        "Array",
        "DLDeviceType",
        "DefRegionKind",
        "Device",
        "Dict",
        "Function",
        "InplaceMode",
        "List",
        "Map",
        "Module",
        "Object",
        "ObjectConvertible",
        "Shape",
        "StreamContext",
        "StructuralKey",
        "StructuralMutator",
        "StructuralVisitor",
        "Tensor",
        "VisitInterrupt",
        "WalkOrder",
        "WalkResult",
        "__version__",
        "__version_tuple__",
        "access_path",
        "convert",
        "convert_func",
        "cpp",
        "dataclasses",
        "device",
        "dtype",
        "from_dlpack",
        "get_first_structural_mismatch",
        "get_global_func",
        "get_global_func_metadata",
        "get_raw_stream",
        "init_ffi_api",
        "load_module",
        "method",
        "register_error",
        "register_global_func",
        "register_object",
        "remove_global_func",
        "serialization",
        "structural",
        "structural_equal",
        "structural_hash",
        "structural_map",
        "structural_mutate",
        "structural_visit",
        "structural_walk",
        "system_lib",
        "use_raw_stream",
        "use_torch_stream",
    ]
