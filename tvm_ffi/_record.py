# SPDX-License-Identifier: Apache-2.0
"""``dataclasses.dataclass`` for the few classes that importing the package needs.

The standard module imports `inspect`, which costs more than the rest of the package does; so the
constructor is made here, and the class becomes a real dataclass when somebody asks for its fields.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**options: Any) -> Any:
        return lambda function: function


_Class = TypeVar("_Class", bound=type)
_making = RLock()


class _Fields:
    """``__dataclass_fields__`` until it is read, by `dataclasses` itself or by others."""

    def __get__(self, instance: object, owner: Any) -> Any:
        import dataclasses

        with _making:
            for base in owner.__mro__:
                if base.__dict__.get(_NAME) is self:  # else another thread was faster
                    dataclasses.dataclass(init=False, repr=False, eq=False)(base)
        return getattr(owner, _NAME)


_NAME = "__dataclass_fields__"


@dataclass_transform(eq_default=False)
def record(cls: _Class) -> _Class:
    """Make a class with annotated fields, some with defaults, a dataclass that has no ``__eq__``.

    Defaults are plain values. ``__post_init__`` is called as usual.
    """
    names = list(cls.__annotations__)
    defaults = {name: vars(cls)[name] for name in names if name in vars(cls)}
    parameters = [f"{name}=_defaults[{name!r}]" if name in defaults else name for name in names]
    lines = [f"def __init__(self, {', '.join(parameters)}):"]
    lines += [f"    self.{name} = {name}" for name in names]
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    made: dict[str, Any] = {"_defaults": defaults}
    exec("\n".join(lines), made)

    def __repr__(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({values})"

    target: Any = cls
    for method in (made["__init__"], __repr__):
        method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
        method.__module__ = cls.__module__
        setattr(target, method.__name__, method)
    setattr(target, _NAME, _Fields())
    return cls
