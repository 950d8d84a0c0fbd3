# SPDX-License-Identifier: Apache-2.0
"""`field` and `Field`: options, checks, copies."""

from __future__ import annotations

import copy
import sys

import pytest

from tvm_ffi import core
from tvm_ffi.dataclasses import KW_ONLY, MISSING, Field, c_class, field


def test_options_of_field_default_as_a_user_expects():
    made = field()
    assert made.name is None and made.type is None
    assert made.default is MISSING and made.default_factory is MISSING
    assert (made.frozen, made.init, made.repr, made.compare) == (False, True, True, True)
    assert made.hash is None and made.kw_only is None
    assert made.metadata == {} and made.extra_kwargs == {}
    assert made.structural_eq is None and made.doc is None


def test_options_of_the_low_level_form_default_differently():
    made = Field("x")
    assert made.name == "x"
    assert (made.hash, made.compare, made.kw_only) == (True, False, False)


def test_missing_is_the_ffi_singleton():
    assert MISSING is core.MISSING


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the standard sentinel came with 3.10")
def test_kw_only_is_the_sentinel_of_the_standard_module():
    import dataclasses

    assert KW_ONLY is dataclasses.KW_ONLY


def test_a_field_has_no_room_for_unknown_attributes():
    with pytest.raises(AttributeError):
        field().color = "red"


def test_default_and_default_factory_exclude_each_other():
    with pytest.raises(ValueError, match="cannot specify both default and default_factory"):
        field(default=1, default_factory=list)


@pytest.mark.parametrize(("factory", "named"), [(None, "NoneType"), (3, "int"), ("x", "str")])
def test_default_factory_must_be_callable(factory, named):
    with pytest.raises(TypeError, match=f"default_factory must be a callable, got {named}"):
        field(default_factory=factory)


def test_none_is_a_default_like_any_other():
    assert field(default=None).default is None


@pytest.mark.parametrize("kind", [None, "ignore", "def", "def-pattern", "def-simple"])
def test_structural_eq_keeps_the_word_it_was_given(kind):
    assert field(structural_eq=kind).structural_eq == kind


@pytest.mark.parametrize(
    ("former", "now"), [("def-recursive", "def-pattern"), ("def-non-recursive", "def-simple")]
)
def test_structural_eq_takes_the_words_of_the_previous_release(former, now):
    assert field(structural_eq=former).structural_eq == now


@pytest.mark.parametrize("kind", ["tree", "", 1, ["ignore"]])
def test_other_structural_eq_is_refused(kind):
    with pytest.raises(ValueError, match=r"^structural_eq must be one of"):
        field(structural_eq=kind)


def test_metadata_is_a_shallow_copy_that_can_be_changed():
    nested = [1]
    given = {"nested": nested}
    made = field(metadata=given)
    made.metadata["more"] = 2
    assert given == {"nested": nested}
    assert made.metadata["nested"] is nested
    assert field().metadata is not field().metadata


def test_other_keywords_are_kept_for_hooks():
    made = field(color="red", size=3)
    assert made.extra_kwargs == {"color": "red", "size": 3}
    assert Field("x", color="red").extra_kwargs == {"color": "red"}


def test_a_copy_has_the_same_values_but_its_own_dictionaries():
    made = field(default=1, doc="text", metadata={"a": 1}, color="red")
    made.name, made.type = "x", int
    copied = copy.copy(made)
    for slot in Field.__slots__:
        assert getattr(copied, slot) == getattr(made, slot)
    copied.metadata["b"] = 2
    copied.extra_kwargs.clear()
    assert made.metadata == {"a": 1}
    assert made.extra_kwargs == {"color": "red"}


def test_a_copy_of_a_subclass_has_its_attributes_too():
    class Colored(Field):
        __slots__ = ("__shade", "color", "unset")

        def darken(self):
            self.__shade = "dark"
            return self

        def shade(self):
            return self.__shade

    class Open(Colored):
        pass

    made = Open("x").darken()
    made.color = "red"
    made.anything = 1
    copied = copy.copy(made)
    assert type(copied) is Open
    assert (copied.color, copied.shade(), copied.anything) == ("red", "dark", 1)
    assert not hasattr(copied, "unset")


def test_type_checkers_learn_that_values_are_converted():
    for decorator in (c_class,):
        told = decorator.__dataclass_transform__
        assert told["kwargs"]["converter"] is field().converter
        assert field in told["field_specifiers"]


def test_repr_names_the_field_and_its_default():
    made = field(default=3)
    made.name = "x"
    assert repr(made).startswith("Field(name='x'")
    assert "default=3" in repr(made)
