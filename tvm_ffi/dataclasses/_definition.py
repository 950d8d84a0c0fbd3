# SPDX-License-Identifier: Apache-2.0
"""The definition of a class written in Python, from its first registration to its last method.

Nothing reaches the type table, which forgets nothing, before all that can fail is done.
"""

from __future__ import annotations

from threading import RLock
from typing import Any, Callable

from .._constructor import lineage, signature_of_fields
from .._dunder import _install_dataclass_dunders
from .._members import install_members
from .._py_fields import PreparedField, prepare_fields, register_fields
from .._py_methods import PreparedEntry, prepare_methods, register_methods
from .._py_type import register_py_class, rollback_py_class
from .._type_info import TypeInfo, info_of_class
from ..registry import own_annotations
from ._py_methods import (
    _collect_py_methods,
    inherited_type_attrs,
    names_in_module_of,
    type_attr_names,
)
from ._resolve_fields import Resolved, Unresolved, declarations, field_owners, resolve_fields
from ._rollback import restore_attributes
from .field import Field

STRUCTURE_KINDS = {None: 0, "tree": 1, "var": 2, "dag": 3, "const-tree": 4, "singleton": 5}

# The classes that annotations can name, by module and name.
_classes: dict[str, dict[str, type]] = {}
# Classes whose annotations name what does not exist yet, in the order of their definition.
_pending: dict[type, Definition] = {}


def structure_kind(name: Any) -> int:
    """Return the native number of a kind of structural equality."""
    for known, kind in STRUCTURE_KINDS.items():
        if known == name:
            return kind
    raise ValueError(f"structural_eq must be one of {list(STRUCTURE_KINDS)}, got {name!r}")


class Definition:
    """One class on its way. `options` are those of the decorator."""

    def __init__(self, cls: Any, type_key: str, options: dict[str, Any]) -> None:
        self.cls = cls
        self.options = options
        self.parent = _registered_parent(cls)
        self.before: dict[str, Any] = dict(cls.__dict__)
        self.is_finished = self.is_undone = False
        self.deferred_init: Any = None
        self.named_before: Any = _classes.get(cls.__module__, {}).get(cls.__name__)
        # Held while the class is finished, by one thread; others that want it wait, as they do for
        # a module that is being imported.
        self.lock = RLock()
        self.info = register_py_class(self.parent, type_key, cls)
        self.info._decorator_args = dict(options)
        cls.__tvm_ffi_type_info__ = self.info
        _classes.setdefault(cls.__module__, {})[cls.__name__] = cls

    def undo(self) -> None:
        """Make the class what it was before it was decorated, and free its key; once."""
        with self.lock:
            if self.is_undone:
                return
            self.is_undone = True
        cls: Any = self.cls
        _pending.pop(cls, None)
        rollback_py_class(self.info)
        names, name = _classes[cls.__module__], cls.__name__
        if names.get(name) is cls:
            del names[name]
            if self.named_before is not None:
                names[name] = self.named_before
        restore_attributes(cls, self.before)

    # ---- Finishing ----

    def finish(self) -> None:
        """Resolve the annotations and register everything; raises Unresolved if it is too early."""
        with self.lock:
            if self.is_finished:
                return
            self._finish_parent()
            resolved = self._resolve()
            _collect_py_methods(self.cls)  # refuses bad hooks before others run
            self._call_hooks(resolved.fields)
            prepared = prepare_fields(self.info, resolved.fields)
            methods = prepare_methods(
                _collect_py_methods(self.cls, names_in_module_of(self.cls)) or ()
            )
            attributes = prepare_methods(
                (name, value, False) for name, value in inherited_type_attrs(self.cls, self.info)
            )
            kind = structure_kind(self.info._decorator_args["structural_eq"])
            if self.options["init"] and "__init__" not in self.before:
                # Says if two parameters have one name.
                signature_of_fields(self._all_fields(prepared))
            self._register(prepared, methods, attributes, kind)
            self._install(resolved)
            self.is_finished = True
            _pending.pop(self.cls, None)

    def _finish_parent(self) -> None:
        if self.parent.fields is not None:
            return
        parent = _pending.get(self.parent.type_cls or object)
        if parent is None:
            raise TypeError(
                f"{self.cls.__name__} derives from `{self.parent.type_key}`, whose definition "
                "failed"
            )
        parent.finish()

    def _resolve(self) -> Resolved:
        parent_cls = self.parent.type_cls
        assert parent_cls is not None
        known = {module: dict(names) for module, names in list(_classes.items())}
        declared = declarations(self.cls, field_owners(self.cls, parent_cls), known)
        resolved = resolve_fields(
            self.cls,
            declared,
            inherited={
                native.name: native.dataclass_field or Field(native.name, native.ty)
                for native in lineage(self.parent)
            },
            kw_only=self.options["kw_only"],
            frozen=self.options["frozen"],
        )
        self.info._decorator_args["field_markers"] = (
            *self.parent._decorator_args.get("field_markers", ()),
            *resolved.markers,
        )
        return resolved

    def _call_hooks(self, fields: list[Field]) -> None:
        for hook in _hooks(self.cls):
            hook(self.info, fields)
        for field in fields:
            if field.extra_kwargs:
                raise TypeError(
                    f"{self.cls.__name__}.{field.name}: unrecognized field options: "
                    f"{', '.join(sorted(field.extra_kwargs))}"
                )

    def _all_fields(self, prepared: list[PreparedField]) -> list[Any]:
        return [*lineage(self.parent), *(field.described for field in prepared)]

    def _register(
        self,
        prepared: list[PreparedField],
        methods: list[PreparedEntry],
        attributes: list[PreparedEntry],
        kind: int,
    ) -> None:
        register_fields(self.info, prepared, kind)
        register_methods(self.info, methods, type_attr_names(self.cls))
        for entry in attributes:
            entry.register_as_attribute(self.info.type_index)
        self.info._read_back_methods()

    def _install(self, resolved: Resolved) -> None:
        cls = self.cls
        declared = {*(field.name or "" for field in resolved.fields), *resolved.computed}
        for name in {*declared, *resolved.sentinels} & own_annotations(cls).keys():
            if name in cls.__dict__:
                delattr(cls, name)
        if resolved.computed:
            cls.__ffi_init_property_funcs__ = resolved.computed
        install_members(cls, self.info)
        _install_dataclass_dunders(
            cls,
            **{
                option: self.options[option]
                for option in ("init", "repr", "eq", "order", "unsafe_hash", "match_args")
            },
            py_class_mode=True,
        )
        self._end_deferral()

    # ---- Deferring ----

    def defer(self) -> None:
        """Put the rest off until the class is instantiated, or others are finished."""
        cls = self.cls

        def __init__(this: Any, /, *args: Any, **kwargs: Any) -> None:
            self._finish_now()
            cls.__init__(this, *args, **kwargs)

        __init__.__wrapped__ = self.before.get("__init__")  # type: ignore[attr-defined]
        cls.__init__ = self.deferred_init = __init__
        cls.__ffi_py_class_is_deferred_init__ = True
        _pending[cls] = self

    def _end_deferral(self) -> None:
        # Until here threads that instantiate the class come into the deferred constructor, and
        # wait; where it was replaced, they find the class whole.
        cls = self.cls
        if self.deferred_init is None:
            return
        if cls.__dict__.get("__init__") is self.deferred_init:
            del cls.__init__
        del cls.__ffi_py_class_is_deferred_init__

    def _finish_now(self) -> None:
        try:
            self.finish()
        except Unresolved as unresolved:
            self._give_up(unresolved)
        except BaseException:
            self.undo()
            raise
        finish_pending()

    def _give_up(self, unresolved: Unresolved) -> None:
        message = (
            f"Cannot instantiate {self.cls.__name__}: unresolved forward references: "
            f"{list(unresolved.args)}"
        )
        self.undo()
        set_failed_init(self.cls, message)
        raise TypeError(message) from None


def _registered_parent(cls: type) -> TypeInfo:
    for base in cls.__mro__[1:]:
        info = info_of_class(base)
        if info is not None:
            return info
    raise TypeError(
        f"{cls.__name__} must inherit from a registered FFI Object type (e.g. tvm_ffi.Object)"
    )


def _hooks(cls: type) -> list[Callable[[TypeInfo, list[Field]], Any]]:
    hooks = []
    for owner in reversed(cls.__mro__):
        for member in owner.__dict__.values():
            hook = member.__func__ if isinstance(member, staticmethod) else member
            if callable(hook) and any(
                getattr(marked, "__ffi_on_fields_resolved__", None) is True
                for marked in (member, hook)
            ):
                hooks.append(hook)
    return hooks


def finish_pending() -> None:
    """Finish the deferred classes that can be; what fails in others is told when they are used."""
    progress = True
    while progress:
        progress = False
        for definition in list(_pending.values()):
            try:
                definition.finish()
                progress = True
            except Exception:
                continue


def finish_if_possible(cls: type) -> None:
    """Finish a deferred class if it can be."""
    definition = _pending.get(cls)
    if definition is not None:
        try:
            definition.finish()
        except Exception:
            return
        finish_pending()


def set_failed_init(cls: Any, message: str) -> None:
    """Let a class whose definition failed late say so; decorating it again takes this away."""
    own = cls.__dict__.get("__init__")

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        raise TypeError(message)

    __init__.__wrapped__ = own  # type: ignore[attr-defined]
    cls.__init__ = __init__
    cls.__ffi_py_class_is_deferred_init__ = True


def clear_failed_init(cls: Any) -> None:
    """Take away what `set_failed_init` did."""
    if "__ffi_py_class_is_deferred_init__" in cls.__dict__:
        del cls.__ffi_py_class_is_deferred_init__
        own = cls.__init__.__wrapped__
        if own is None:
            del cls.__init__
        else:
            cls.__init__ = own
