# SPDX-License-Identifier: Apache-2.0
"""Values seen as trees: compare them, hash them, walk through them, rewrite them.

Equality is of content, under the rules that types declare: variables may be matched with one
another, shared nodes may have to be shared alike, fields may not count. Traversals visit the
elements of sequences, the values (not the keys) of maps and the fields of objects, and call back.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi_api
from ._object import Object
from ._structural_callbacks import Callbacks, Entry, entries_of, takes_inplace_mode
from .access_path import AccessPath
from .registry import register_object

__all__ = [
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
]


class WalkOrder(IntEnum):
    """Whether a callback sees a value before or after what is inside it."""

    PREORDER = 0
    POSTORDER = 1


class WalkResult(IntEnum):
    """What a callback of `structural_walk` says: go on, or leave out what is inside the value."""

    ADVANCE = 0
    SKIP = 1


class InplaceMode(IntEnum):
    """Whether a callback of `structural_mutate` may change the value it gets."""

    DISALLOW = 0
    ALLOW = 1


class DefRegionKind(IntEnum):
    """Whether variables are used or defined where a traversal is.

    In a pattern all variables found define themselves, those in their own fields too; in a simple
    definition only the variable itself does.
    """

    NONE = 0
    DEF_PATTERN = 1
    DEF_SIMPLE = 2
    # Earlier names.
    DEF_RECURSIVE = 1
    DEF_NON_RECURSIVE = 2


_UINT64_MASK = 2**64 - 1

# ---- Equality and hash ---------------------------------------------------------------------------


def structural_equal(
    lhs: Any, rhs: Any, map_free_vars: bool = False, skip_tensor_content: bool = False
) -> bool:
    """Tell whether two values have the same structure.

    With `map_free_vars`, variables defined nowhere may be matched one to one; with
    `skip_tensor_content` only shape and type of tensors count. TypeError if a type in them does not
    support structural equality.
    """
    return bool(_ffi_api.StructuralEqual(lhs, rhs, map_free_vars, skip_tensor_content))


def get_first_structural_mismatch(
    lhs: Any, rhs: Any, map_free_vars: bool = False, skip_tensor_content: bool = False
) -> tuple[AccessPath, AccessPath] | None:
    """Return where two values first differ, seen from either root; None if they are equal."""
    paths = _ffi_api.GetFirstStructuralMismatch(lhs, rhs, map_free_vars, skip_tensor_content)
    if paths is None:
        return None
    left, right = paths
    return left, right


def structural_hash(
    value: Any, map_free_vars: bool = False, skip_tensor_content: bool = False
) -> int:
    """Return an unsigned 64-bit hash, the same for values that `structural_equal` takes as equal.

    The flags must be those of the comparison.
    """
    signed = _ffi_api.StructuralHash(value, map_free_vars, skip_tensor_content)
    return int(signed) & _UINT64_MASK


@register_object("ffi.StructuralKey")
class StructuralKey(Object):
    """A value as a key of a `dict` or `Map` that finds whatever is structurally equal."""

    if TYPE_CHECKING:

        @property
        def key(self) -> Any:
            """The value."""

        @property
        def hash_i64(self) -> int:
            """Its hash, as the signed integer with the same bits."""

    def __init__(self, key: Any) -> None:
        self.__init_handle_by_constructor__(_ffi_api.StructuralKey, key)

    def __hash__(self) -> int:
        return self.hash_i64 & _UINT64_MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StructuralKey) and bool(_ffi_api.StructuralKeyEqual(self, other))

    def __ne__(self, other: object) -> bool:
        return not self == other


# ---- Walking and visiting ------------------------------------------------------------------------


@register_object("ffi.VisitInterrupt")
class VisitInterrupt(Object):
    """Returned by a callback, it ends the traversal, which returns it."""

    if TYPE_CHECKING:

        @property
        def value(self) -> Any:
            """What the callback wants to tell."""

    def __init__(self, value: Any = None) -> None:
        self.__init_handle_by_constructor__(_ffi_api.VisitInterrupt, value)


@register_object("ffi.StructuralVisitor")
class StructuralVisitor(Object):
    """A traversal under way, as callbacks of `structural_visit` get it."""

    def visit(self, value: Any) -> VisitInterrupt | None:
        """Visit a value as the traversal would: by its callback, or by default."""
        stop: VisitInterrupt | None = _ffi_api.StructuralVisitorVisit(self, value)
        return stop

    def default_visit(self, value: Any) -> VisitInterrupt | None:
        """Visit what is inside a value, without its own callback.

        Not for the value whose ``__s_visit__`` hook is running: that would call the hook again.
        """
        stop: VisitInterrupt | None = _ffi_api.StructuralVisitorDefaultVisit(self, value)
        return stop

    def def_region_kind(self) -> DefRegionKind:
        """Return in which kind of region the traversal is."""
        return DefRegionKind(_ffi_api.StructuralVisitorDefRegionKind(self))

    def with_def_region_kind(self, kind: int, callback: Callable[[], Any]) -> Any:
        """Return ``callback()``, run in a region of that kind; a pattern stays a pattern."""
        return _ffi_api.StructuralVisitorWithDefRegionKind(self, kind, callback)


def structural_walk(
    root: Any,
    callbacks: Callbacks = (),
    with_def_region_kind: Callbacks = (),
    order: str | WalkOrder = "post",
) -> VisitInterrupt | None:
    """Call back for each value inside `root`, and `root` itself, except for None.

    A callback is one for all values, or given with the type or tuple of types it is for, or one of
    a sequence of such pairs; the first that fits is called. Those in `with_def_region_kind` come
    after the others and also get the `DefRegionKind`. Callbacks return None, a `WalkResult`, or a
    `VisitInterrupt`, which ends the walk and is returned. In the order ``"post"`` a value is seen
    after what is inside it, in ``"pre"`` before. What is shared is seen once per occurrence.

        structural_walk(tree, (int, numbers.append))
    """
    caller = "structural_walk"
    entries = entries_of(callbacks, caller)
    with_kind = _with_kind(entries_of(with_def_region_kind, caller))
    stop: VisitInterrupt | None = _ffi_api.StructuralWalk(
        root, entries, with_kind, _order(order, "walk")
    )
    return stop


def structural_visit(root: Any, callbacks: Callbacks = ()) -> VisitInterrupt | None:
    """Visit `root`; callbacks, chosen as in `structural_walk`, decide how it goes on.

    They get the value and the `StructuralVisitor`: only what they visit with it is visited. Values
    without a callback are passed through. Callbacks return None or a `VisitInterrupt`.
    """
    entries = entries_of(callbacks, "structural_visit")
    stop: VisitInterrupt | None = _ffi_api.StructuralVisit(root, entries)
    return stop


def _with_kind(entries: list[Entry]) -> list[Entry]:
    def adapted(callback: Callable[..., Any]) -> Callable[..., Any]:
        return lambda value, kind: callback(value, DefRegionKind(kind))

    return [(index, adapted(callback)) for index, callback in entries]


def _order(order: str | WalkOrder, what: str) -> int:
    if order == "pre" or order is WalkOrder.PREORDER:
        return WalkOrder.PREORDER.value
    if order == "post" or order is WalkOrder.POSTORDER:
        return WalkOrder.POSTORDER.value
    raise ValueError(f"Unknown structural {what} order: {order!r}")


# ---- Rewriting -----------------------------------------------------------------------------------


@register_object("ffi.StructuralMutator")
class StructuralMutator(Object):
    """A rewriting under way, as callbacks of `structural_mutate` get it."""

    def mutate(self, value: Any) -> Any:
        """Rewrite a value as the traversal would, by its callback or by default; never in place."""
        return _ffi_api.StructuralMutatorMutate(self, value)

    def default_mutate(self, value: Any) -> Any:
        """Rewrite what is inside a value, without its own callback; never in place."""
        return _ffi_api.StructuralMutatorDefaultMutate(self, value)

    def var_remap_get(self, var: Object) -> Any | None:
        """Return what a variable, or another object, has been rewritten to; None if unknown."""
        return _ffi_api.StructuralMutatorVarRemapGet(self, var)

    def var_remap_set(self, var: Object, mapped_value: Any) -> None:
        """Record what later uses of a variable, or another object, are rewritten to."""
        _ffi_api.StructuralMutatorVarRemapSet(self, var, mapped_value)

    def def_region_kind(self) -> DefRegionKind:
        """Return in which kind of region the traversal is."""
        return DefRegionKind(_ffi_api.StructuralMutatorDefRegionKind(self))

    def with_def_region_kind(self, kind: int, callback: Callable[[], Any]) -> Any:
        """Return ``callback()``, run in a region of that kind; a pattern stays a pattern."""
        return _ffi_api.StructuralMutatorWithDefRegionKind(self, kind, callback)


def structural_map(
    root: Any,
    callbacks: Callbacks = (),
    with_def_region_kind: Callbacks = (),
    order: str | WalkOrder = "post",
) -> Any:
    """Return `root` with values inside it, or itself, replaced by what callbacks return.

    Callbacks are given as to `structural_walk` and also called for None. In the order ``"post"``
    they get what the inside of the value was rewritten to, in ``"pre"`` the value, and the inside
    of what they return is rewritten. They must not change what they get.

    Only objects on the way to a replacement are copied: without one the result is `root` itself.
    Pass ``root._move()`` to let objects that nobody else holds be changed instead of copied.
    """
    caller = "structural_map"
    entries = entries_of(callbacks, caller)
    with_kind = _with_kind(entries_of(with_def_region_kind, caller))
    return _ffi_api.StructuralMap(root, entries, with_kind, _order(order, "map"))


def structural_mutate(root: Any, callbacks: Callbacks = ()) -> Any:
    """Rewrite `root`; callbacks, chosen as in `structural_map`, decide how it goes on.

    They get the value and the `StructuralMutator`, and the `InplaceMode` as an integer if they take
    three arguments; what they return is the result, whose inside is not looked at again. Values
    without a callback are rewritten inside, copied as in `structural_map`.
    """
    caller = "structural_mutate"
    entries = [
        (index, callback, takes_inplace_mode(callback, caller))
        for index, callback in entries_of(callbacks, caller)
    ]
    return _ffi_api.StructuralMutate(root, entries)
