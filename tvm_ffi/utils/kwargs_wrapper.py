# SPDX-License-Identifier: Apache-2.0
"""Keyword arguments for functions that take positional ones only, as all FFI functions do."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any, Callable

from .._object import MISSING
from .unpack_dataclass import unpack_dataclass_to_tuple

__all__ = ["make_kwargs_wrapper", "make_kwargs_wrapper_from_signature"]

# What the generated code calls its surroundings.
_TARGET, _MISSING = "__i_target_func", "__i_MISSING"
_DEFAULTS, _UNPACK = "__i_arg_defaults", "__i_unpack"
_INTERNAL_NAMES = frozenset({_TARGET, _MISSING, _DEFAULTS, _UNPACK})


def make_kwargs_wrapper(
    target_func: Callable[..., Any],
    arg_names: Sequence[str],
    arg_defaults: tuple[Any, ...] = (),
    kwonly_names: Sequence[str] | None = None,
    kwonly_defaults: Mapping[str, Any] | None = None,
    prototype: Callable[..., Any] | None = None,
    map_dataclass_to_tuple: Iterable[str] | None = None,
) -> Callable[..., Any]:
    """Make a Python function with named parameters that calls `target_func` with positions only.

    Positional parameters come first, then the keyword-only ones. `arg_defaults` belong to the last
    of `arg_names`. Defaults other than None and booleans read ``<MISSING>`` in the signature; the
    same object is passed on each call. `prototype` lends its name, documentation and annotations.
    Arguments named in `map_dataclass_to_tuple` go through `unpack_dataclass_to_tuple`.

        add = make_kwargs_wrapper(native_add, ["x", "y"], arg_defaults=(1,))
        add(x=2)  # native_add(2, 1)
    """
    if not callable(target_func):
        raise TypeError(f"Expected a function to wrap, got {type(target_func).__name__}")
    names, kwonly = list(arg_names), list(kwonly_names or ())
    kwonly_defaults = dict(kwonly_defaults or {})
    _validate(names, arg_defaults, kwonly, kwonly_defaults)
    positional_defaults = dict(zip(names[len(names) - len(arg_defaults) :], arg_defaults))
    defaults = {**positional_defaults, **kwonly_defaults}
    scope: dict[str, Any] = {
        "__name__": __name__,
        _TARGET: target_func,
        _MISSING: MISSING,
        _DEFAULTS: defaults,
        _UNPACK: unpack_dataclass_to_tuple,
    }
    exec(_source(names, kwonly, defaults, frozenset(map_dataclass_to_tuple or ())), scope)
    wrapper: Callable[..., Any] = scope["wrapper"]
    if prototype is not None:
        functools.update_wrapper(wrapper, prototype, updated=())
    return wrapper


def make_kwargs_wrapper_from_signature(
    target_func: Callable[..., Any],
    signature: Signature,
    prototype: Callable[..., Any] | None = None,
    exclude_arg_names: Iterable[str] | None = None,
    map_dataclass_to_tuple: Iterable[str] | None = None,
) -> Callable[..., Any]:
    """Make a wrapper as `make_kwargs_wrapper` does, with the parameters of `signature`.

    Those named in `exclude_arg_names` are left out. ValueError if the signature has ``*args`` or
    ``**kwargs``, or a required positional parameter after one with a default.
    """
    if not isinstance(signature, Signature):
        raise TypeError(f"Expected an inspect.Signature, got {type(signature).__name__}")
    excluded = frozenset(exclude_arg_names or ())
    names: list[str] = []
    defaults: list[Any] = []
    kwonly: list[str] = []
    kwonly_defaults: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if name in excluded:
            continue
        if parameter.kind is Parameter.VAR_POSITIONAL:
            raise ValueError("*args not supported in wrapper generation")
        if parameter.kind is Parameter.VAR_KEYWORD:
            raise ValueError("**kwargs not supported in wrapper generation")
        has_default = parameter.default is not Parameter.empty
        if parameter.kind is Parameter.KEYWORD_ONLY:
            kwonly.append(name)
            if has_default:
                kwonly_defaults[name] = parameter.default
            continue
        if has_default:
            defaults.append(parameter.default)
        elif defaults:
            raise ValueError(
                f"Required positional parameter {name!r} cannot follow parameters with defaults"
            )
        names.append(name)
    return make_kwargs_wrapper(
        target_func,
        names,
        tuple(defaults),
        kwonly,
        kwonly_defaults,
        prototype,
        map_dataclass_to_tuple,
    )


def _source(
    names: list[str], kwonly: list[str], defaults: dict[str, Any], unpacked: frozenset[str]
) -> str:
    def is_literal(name: str) -> bool:
        return defaults[name] is None or type(defaults[name]) is bool

    def parameter(name: str) -> str:
        if name not in defaults:
            return name
        return f"{name}={defaults[name] if is_literal(name) else _MISSING}"

    def argument(name: str) -> str:
        code = name
        if name in defaults and not is_literal(name):
            code = f"{_DEFAULTS}[{name!r}] if {name} is {_MISSING} else {name}"
        return f"{_UNPACK}({code})" if name in unpacked else code

    parameters = [parameter(name) for name in names]
    if kwonly:
        parameters += ["*", *map(parameter, kwonly)]
    arguments = map(argument, [*names, *kwonly])
    return f"def wrapper({', '.join(parameters)}):\n    return {_TARGET}({', '.join(arguments)})\n"


def _validate(
    names: list[str], defaults: Any, kwonly: list[str], kwonly_defaults: dict[str, Any]
) -> None:
    _validate_names(names, "Argument name", "argument name")
    if not isinstance(defaults, tuple):
        raise TypeError(f"arg_defaults must be a tuple, got {type(defaults).__name__}")
    if len(defaults) > len(names):
        raise ValueError(
            f"arg_defaults has {len(defaults)} values but only {len(names)} positional arguments"
        )
    _validate_names(kwonly, "Keyword-only argument name", "keyword-only argument name")
    for name in kwonly_defaults:
        if name not in kwonly:
            raise ValueError(
                f"Default provided for {name!r} which is not in kwonly_names: {kwonly}"
            )
    both = set(names) & set(kwonly)
    if both:
        raise ValueError(f"Arguments cannot be both positional and keyword-only: {both}")
    internal = _INTERNAL_NAMES.intersection([*names, *kwonly])
    if internal:
        raise ValueError(
            f"Argument names conflict with internal names: {set(internal)}. Please avoid using "
            'names starting with "__i_"'
        )


def _validate_names(names: list[str], title: str, noun: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{title} must be a string, got {type(name).__name__}: {name!r}")
        if not name.isidentifier():
            raise ValueError(f"Invalid {noun}: {name!r} is not a valid Python identifier")
        if keyword.iskeyword(name):
            raise ValueError(
                f"Invalid {noun}: {name!r} is a Python keyword and cannot be used as a parameter "
                "name"
            )
    if len(set(names)) != len(names):
        raise ValueError(f"Duplicate {noun}s found in: {names}")
