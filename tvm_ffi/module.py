# SPDX-License-Identifier: Apache-2.0
"""Modules: functions that come from a library file, or from whatever else a loader reads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar, cast

from . import _ffi_api
from ._function import Function
from ._object import Object
from ._trace import note_name
from .registry import register_object

__all__ = ["Module", "ModulePropertyMask", "load_module", "system_lib"]


# What the loader of shared libraries takes, on the systems whose files can be looked into.
_LIBRARY_SUFFIXES = (".so", ".dso")


class ModulePropertyMask(IntEnum):
    """What can be done with a module; the bits of `Module.get_property_mask()`."""

    BINARY_SERIALIZABLE = 0b001
    RUNNABLE = 0b010
    COMPILATION_EXPORTABLE = 0b100


@register_object("ffi.Module")
class Module(Object):
    """A set of named functions, and the modules it imports.

    `mod.add_one(1)` and `mod["add_one"](1)` call one; `mod(...)` calls the one called `main`.
    """

    __slots__ = ("__dict__",)

    entry_name: ClassVar[str] = "main"

    @property
    def kind(self) -> str:
        """What made the module: `library` for one that was loaded from a file."""
        return str(_ffi_api.ModuleGetKind(self))

    @property
    def imports(self) -> Sequence[Module]:
        """The modules this one imports, in order."""
        # A reflected field: the class gets it when it is registered.
        imported: Any = self.imports_
        return cast("Sequence[Module]", imported)

    def implements_function(self, name: str, query_imports: bool = False) -> bool:
        """Tell whether the module, or with `query_imports` one it imports, has the function."""
        return bool(_ffi_api.ModuleImplementsFunction(self, name, query_imports))

    def get_function(self, name: str, query_imports: bool = False) -> Function:
        """Return the function; AttributeError if there is none of that name."""
        function = _ffi_api.ModuleGetFunction(self, name, query_imports)
        if function is None:
            raise AttributeError(f"Module has no function '{name}'")
        assert isinstance(function, Function)
        note_name(function, name)
        return function

    def __getattr__(self, name: str) -> Function:
        # Asked for once: the function then is an attribute of the instance.
        function = self.get_function(name)
        self.__dict__[name] = function
        return function

    def __getitem__(self, name: str) -> Function:
        if not isinstance(name, str):
            raise ValueError("Can only take string as function name")
        return self.get_function(name)

    def __call__(self, *args: Any) -> Any:
        """Call the function `main`."""
        return self.get_function(self.entry_name)(*args)

    def get_function_metadata(
        self, name: str, query_imports: bool = False
    ) -> dict[str, Any] | None:
        """Return what the module tells about a function, None if it was built without that."""
        text = _ffi_api.ModuleGetFunctionMetadata(self, name, query_imports)
        import json

        return None if text is None else dict(json.loads(text))

    def get_function_doc(self, name: str, query_imports: bool = False) -> str | None:
        """Return a function's documentation, None if it has none."""
        text = _ffi_api.ModuleGetFunctionDoc(self, name, query_imports)
        return str(text) if text else None

    def import_module(self, module: Module) -> None:
        """Let this module find the functions of `module`."""
        _ffi_api.ModuleImportModule(self, module)

    def clear_imports(self) -> None:
        """Forget the imported modules."""
        _ffi_api.ModuleClearImports(self)

    def inspect_source(self, fmt: str = "") -> str:
        """Return the source the module was made from, empty if it knows none."""
        return str(_ffi_api.ModuleInspectSource(self, fmt))

    def get_write_formats(self) -> Sequence[str]:
        """Return the formats `write_to_file` knows."""
        formats: Sequence[str] = _ffi_api.ModuleGetWriteFormats(self)
        return formats

    def write_to_file(self, file_name: str, fmt: str = "") -> None:
        """Write the module to a file, in one of its formats."""
        _ffi_api.ModuleWriteToFile(self, file_name, fmt)

    def get_property_mask(self) -> int:
        """Return the bits of `ModulePropertyMask` that hold for the module."""
        return int(_ffi_api.ModuleGetPropertyMask(self))

    def is_binary_serializable(self) -> bool:
        """Tell whether the module can be saved to bytes."""
        return self._has(ModulePropertyMask.BINARY_SERIALIZABLE)

    def is_runnable(self) -> bool:
        """Tell whether the module's functions can be called."""
        return self._has(ModulePropertyMask.RUNNABLE)

    def is_compilation_exportable(self) -> bool:
        """Tell whether the module can become part of an exported library."""
        return self._has(ModulePropertyMask.COMPILATION_EXPORTABLE)

    def _has(self, bit: ModulePropertyMask) -> bool:
        return bool(self.get_property_mask() & bit)


def load_module(path: str | os.PathLike[str], keep_module_alive: bool = True) -> Module:
    """Load a library, or another file some loader is registered for.

    With `keep_module_alive` the library stays loaded to the end of the process. Without it the
    caller keeps the module for as long as any object or function that came out of it.

    Errors: `RuntimeError` that says what is wrong with the file and what to do, in the words of
    `python -m tvm_ffi.doctor`.
    """
    path = os.fsdecode(path)
    is_library = path.endswith(_LIBRARY_SUFFIXES) and "/" in path
    if is_library and path not in _kept:
        from . import _diagnosis  # deferred: programs that load nothing need none of it

        _diagnosis.refuse_newer_abi(path)
    try:
        module = _ffi_api.ModuleLoadFromFile(path)
    except RuntimeError as error:
        if is_library:
            from . import _diagnosis

            error.args = (_diagnosis.explain_failure(path, str(error)),)
        raise
    assert isinstance(module, Module)
    if keep_module_alive and not (is_library and path in _kept):
        _ffi_api.ModuleGlobalsAdd(module)
        _kept.add(path)
    return module


# What stays loaded: the system finds it by its path, and never looks at the file again.
_kept: set[str] = set()


def system_lib(symbol_prefix: str = "") -> Module:
    """Return the module of the functions that are linked into the program itself.

    `system_lib("p_")["f"]` finds the symbol `__tvm_ffi_p_f`, or else `__tvm_ffi_f`.
    """
    module = _ffi_api.SystemLib(symbol_prefix)
    assert isinstance(module, Module)
    return module
