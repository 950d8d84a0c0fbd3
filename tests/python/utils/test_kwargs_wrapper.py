# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import inspect
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi import core
from tvm_ffi.utils import kwargs_wrapper
from tvm_ffi.utils.kwargs_wrapper import make_kwargs_wrapper, make_kwargs_wrapper_from_signature


def positions(*args: Any) -> tuple[Any, ...]:
    return args


def prototype(a: int, b: str = "x", *, c: Any, d: Any = None) -> int:
    """Describe the wrapped function."""
    raise NotImplementedError


@dataclass
class Pair:
    x: int
    y: int


def test_arguments_reach_the_target_by_position() -> None:
    wrapper = make_kwargs_wrapper(positions, ["a", "b"], (2,), ["k", "m"], {"k": 3})
    assert wrapper(1, m=4) == (1, 2, 3, 4)
    assert wrapper(m=4, k=9, b=8, a=7) == (7, 8, 9, 4)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'm'"):
        wrapper(1)
    with pytest.raises(TypeError, match="takes from 1 to 2 positional arguments"):
        wrapper(1, 2, 3, m=4)


def test_plain_defaults_are_literal_and_others_read_missing() -> None:
    shared: list[int] = []
    wrapper = make_kwargs_wrapper(
        positions, ["a", "b"], (None, shared), ["k", "m"], {"k": True, "m": 5}
    )
    parameters = inspect.signature(wrapper).parameters
    assert parameters["a"].default is None and parameters["k"].default is True
    assert core.MISSING.same_as(parameters["b"].default)
    assert core.MISSING.same_as(parameters["m"].default)
    first, second = wrapper(), wrapper()
    assert first == (None, [], True, 5)
    assert first[1] is second[1] is shared


def test_a_native_function_is_called_by_name(testing: Any) -> None:
    assert make_kwargs_wrapper(testing.add_one, ["x"])(x=2) == 3
    assert kwargs_wrapper.make_kwargs_wrapper is make_kwargs_wrapper


def test_the_prototype_lends_what_describes_it() -> None:
    wrapper = make_kwargs_wrapper(positions, ["a"], prototype=prototype)
    for name in ("__name__", "__doc__", "__module__", "__qualname__", "__annotations__"):
        assert getattr(wrapper, name) == getattr(prototype, name)
    assert wrapper.__wrapped__ is prototype  # type: ignore[attr-defined]


def test_named_arguments_are_unpacked() -> None:
    wrapper = make_kwargs_wrapper(
        positions, ["a", "b"], (Pair(3, 4),), map_dataclass_to_tuple=["b", "unknown"]
    )
    pair = Pair(1, 2)
    assert wrapper(pair, [pair]) == (pair, [(1, 2)])
    assert wrapper(pair) == (pair, (3, 4))


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((["a", "a"],), ValueError, "Duplicate argument names found"),
        ((["a"], (), ["k", "k"]), ValueError, "Duplicate keyword-only argument names found"),
        (([1],), TypeError, "Argument name must be a string"),
        ((["1a"],), ValueError, "'1a' is not a valid Python identifier"),
        ((["for"],), ValueError, "'for' is a Python keyword and cannot be used as a parameter"),
        ((["a"], (), ["a b"]), ValueError, "'a b' is not a valid Python identifier"),
        ((["a"], [1]), TypeError, "arg_defaults must be a tuple"),
        ((["a"], (1, 2)), ValueError, "arg_defaults has 2 values but only 1 positional arguments"),
        (
            (["a"], (), ["k"], {"z": 1}),
            ValueError,
            r"Default provided for 'z' which is not in kwonly_names: \['k'\]",
        ),
        ((["a"], (), ["a"]), ValueError, "Arguments cannot be both positional and keyword-only"),
        ((["__i_MISSING"],), ValueError, "Argument names conflict with internal names: "),
        ((["a"], (), ["__i_unpack"]), ValueError, "Argument names conflict with internal names: "),
    ],
)
def test_bad_names_and_defaults_are_refused(arguments: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind, match=words):
        make_kwargs_wrapper(positions, *arguments)


@st.composite
def signatures(draw: Any) -> Signature:
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6))
    count = draw(st.integers(0, len(names)))
    first_default = draw(st.integers(0, count))
    parameters = [
        Parameter(
            name,
            Parameter.POSITIONAL_OR_KEYWORD if i < count else Parameter.KEYWORD_ONLY,
            default=draw(st.none() | st.booleans() | st.integers())
            if (first_default <= i if i < count else draw(st.booleans()))
            else Parameter.empty,
        )
        for i, name in enumerate(names)
    ]
    return Signature(parameters)


@given(signatures(), st.data())
def test_a_wrapper_binds_as_its_signature_does(signature: Signature, data: Any) -> None:
    wrapper = make_kwargs_wrapper_from_signature(positions, signature)
    given_names = data.draw(st.sets(st.sampled_from([*signature.parameters, "zz"])))
    kwargs = {name: object() for name in given_names}
    try:
        bound = signature.bind(**kwargs)
    except TypeError:
        with pytest.raises(TypeError):
            wrapper(**kwargs)
        return
    bound.apply_defaults()
    assert wrapper(**kwargs) == tuple(bound.arguments.values())


def test_a_signature_becomes_the_wrappers() -> None:
    wrapper = make_kwargs_wrapper_from_signature(
        positions, inspect.signature(prototype), prototype, exclude_arg_names=["c", "unknown"]
    )
    assert wrapper(1, d=5) == (1, "x", 5)
    own = inspect.signature(wrapper, follow_wrapped=False)
    assert list(own.parameters) == ["a", "b", "d"]


def test_signatures_that_positions_cannot_express_are_refused() -> None:
    def stars(*args: Any) -> None: ...
    def keywords(**kwargs: Any) -> None: ...
    def late(a: int = 1, /, b: int = 2) -> None: ...

    for function, words in (
        (stars, r"^\*args not supported in wrapper generation$"),
        (keywords, r"^\*\*kwargs not supported in wrapper generation$"),
    ):
        with pytest.raises(ValueError, match=words):
            make_kwargs_wrapper_from_signature(positions, inspect.signature(function))
    required = Signature(
        [
            Parameter("a", Parameter.POSITIONAL_OR_KEYWORD, default=1),
            Parameter("x", Parameter.POSITIONAL_OR_KEYWORD),
        ],
        __validate_parameters__=False,
    )
    with pytest.raises(
        ValueError, match="Required positional parameter 'x' cannot follow parameters with defaults"
    ):
        make_kwargs_wrapper_from_signature(positions, required)
    assert make_kwargs_wrapper_from_signature(positions, inspect.signature(late))() == (1, 2)
