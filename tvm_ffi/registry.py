# SPDX-License-Identifier: Apache-2.0
"""Global functions and registered types: entering them, finding them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any, Callable, Literal, TypeVar, overload

from ._constructor import install_init
from ._function import Function, find_global, get_global, set_global
from ._members import install_members
from ._testing_library import ensure_testing_library
from ._type_info import TypeInfo, enter_class, index_of_key

__all__ = [
    "get_global_func",
    "get_global_func_metadata",
    "get_registered_type_keys",
    "init_ffi_api",
    "list_global_func_names",
    "register_global_func",
    "register_object",
    "remove_global_func",
]

# Leave classes of unknown types alone: for tools that import packages without their libraries.
_SKIP_UNKNOWN_OBJECTS = False

_Class = TypeVar("_Class", bound=type)

# ---- Types ---------------------------------------------------------------------------------------


def register_object(type_key: str | type | None = None, *, init: bool = True) -> Any:
    """Make the decorated class the Python class of a native type.

    Fields and methods of the type become attributes of the class. With `init` the class also gets
    a constructor, made from the native one, unless it defines ``__init__``. `type_key` defaults to
    the name of the class. Register a base before the classes derived from it.

        @tvm_ffi.register_object("my_library.Pair")
        class Pair(tvm_ffi.Object): ...

    ValueError if there is no such type, which usually means that its library is not loaded.
    """
    if isinstance(type_key, type):
        return _register_class(type_key, type_key.__name__, init)
    if type_key is not None and not isinstance(type_key, str):
        raise TypeError("type_key must be a string, type, or None")
    key = type_key

    def register(cls: _Class) -> _Class:
        if not isinstance(cls, type):
            raise TypeError(f"Expected a class to register, got {cls!r}")
        return _register_class(cls, cls.__name__ if key is None else key, init)

    return register


def _register_class(cls: _Class, key: str, init: bool) -> _Class:
    index = index_of_key(key)
    if index is None:
        if _SKIP_UNKNOWN_OBJECTS:
            return cls
        raise ValueError(f"Cannot find object type index for {key}")
    info = enter_class(index, cls)
    target: Any = cls
    install_members(target, info)
    target.__tvm_ffi_type_info__ = info
    install_init(cls, info, init)
    return cls


def own_annotations(cls: type) -> dict[str, Any]:
    """Return what annotations say in the body of this very class, unresolved."""
    from typing_extensions import Format, get_annotations

    annotations: dict[str, Any] = get_annotations(cls, format=Format.FORWARDREF)
    return annotations


def _warn_missing_field_annotations(cls: type, type_info: TypeInfo, *, stacklevel: int) -> None:
    """Warn if the type has own fields that the class does not annotate.

    `stacklevel` is that of a warning by the caller.
    """
    annotated = own_annotations(cls)
    missing = sorted(f.name for f in type_info.fields or () if f.name not in annotated)
    if missing:
        warnings.warn(
            f"@c_class({type_info.type_key!r}): class `{cls.__qualname__}` does not annotate the "
            f"following reflected field(s): {', '.join(missing)}. Type checkers and editors learn "
            "of a field by its annotation in the class body, such as `name: type`.",
            UserWarning,
            stacklevel=stacklevel + 1,
        )


def get_registered_type_keys() -> Sequence[str]:
    """List the keys of all registered types, values such as ``int`` included."""
    from . import _ffi_api

    list_keys: Any = _ffi_api.GetRegisteredTypeKeys
    keys: Sequence[str] = list_keys()
    return keys


# ---- Functions -----------------------------------------------------------------------------------


@overload
def register_global_func(
    func_name: str, f: None = None, override: bool = False
) -> Callable[[Callable[..., Any]], Function]: ...
@overload
def register_global_func(
    func_name: str, f: Callable[..., Any], override: bool = False
) -> Function: ...
@overload
def register_global_func(
    func_name: Callable[..., Any], f: None = None, override: bool = False
) -> Function: ...


def register_global_func(
    func_name: str | Callable[..., Any],
    f: Callable[..., Any] | None = None,
    override: bool = False,
) -> Any:
    """Make a Python function callable by name from every language.

    Used directly, as a decorator with a name, or as a bare decorator, which takes the function's
    own name. The result is a `Function`. A name that is taken is an error unless `override`.
    """
    if not isinstance(func_name, str):
        if not callable(func_name):
            raise ValueError("expect string function name")
        f, func_name = func_name, getattr(func_name, "__name__", None)  # type: ignore[assignment]
    if not isinstance(func_name, str):
        raise ValueError("expect string function name")
    name = func_name
    if f is not None:
        return set_global(name, f, override)
    return lambda function: set_global(name, function, override)


@overload
def get_global_func(name: str, allow_missing: Literal[False] = False) -> Function: ...
@overload
def get_global_func(name: str, allow_missing: bool) -> Function | None: ...


def get_global_func(name: str, allow_missing: bool = False) -> Function | None:
    """Look a global function up by name; ValueError, or None with `allow_missing`, if it is not."""
    function = find_global(name)
    if function is None:
        function = get_global(name)
        if function is None and not allow_missing:
            raise ValueError(f"Cannot find global function {name}")
    return function


def list_global_func_names() -> list[str]:
    """List the names of all global functions."""
    lister = get_global_func("ffi.FunctionListGlobalNamesFunctor")()
    return [str(lister(position)) for position in range(lister(-1))]


def remove_global_func(name: str) -> None:
    """Take a function out of the global table; those who hold it keep it."""
    get_global_func("ffi.FunctionRemoveGlobal")(name)


def get_global_func_metadata(name: str) -> dict[str, Any]:
    """Return what was registered about a function: ``type_schema`` and the author's own entries."""
    import json

    ensure_testing_library(name)
    text = get_global_func("ffi.GetGlobalFuncMetadata")(name)
    metadata: dict[str, Any] = json.loads(text) if text else {}
    return metadata


def init_ffi_api(namespace: str, target_module_name: str | None = None) -> None:
    """Make attributes of a module out of the global functions of a namespace.

    ``init_ffi_api("my_library", __name__)`` turns ``my_library.add`` into ``add``. The module is
    `namespace` itself by default. Names with further dots are left out.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"Expected the name of a namespace, got {type(namespace).__name__}")
    ensure_testing_library(f"{namespace}.")
    target_name = target_module_name if target_module_name else namespace
    if target_name not in sys.modules:
        raise KeyError(
            f"No module {target_name!r} has been imported; pass the one that gets the functions, "
            "as in init_ffi_api(namespace, __name__)"
        )
    target = sys.modules[target_name]
    prefix = namespace[4:] if namespace.startswith("tvm.") else namespace
    for name in list_global_func_names():
        if not name.startswith(prefix):
            continue
        attribute = name[len(prefix) + 1 :]
        if not attribute or "." in attribute:
            continue
        function = get_global(name)
        if function is not None:  # not removed meanwhile
            function.__dict__["__name__"] = attribute
            setattr(target, attribute, function)
