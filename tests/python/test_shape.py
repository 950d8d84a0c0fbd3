# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import pickle

import pytest

import tvm_ffi
from tvm_ffi import Shape

echo = tvm_ffi.convert(lambda value: value)


def test_a_shape_is_a_tuple() -> None:
    shape = Shape((2, 3))
    assert shape == (2, 3) and hash(shape) == hash((2, 3))
    assert Shape([2, 3]) == shape and Shape(()) == ()
    assert shape[0] == 2 and (shape + shape) == (2, 3, 2, 3)
    assert repr(shape) == "(2, 3)"


def test_the_native_twin_goes_round_unchanged() -> None:
    shape = Shape((10, 20))
    twin = shape._tvm_ffi_cached_object
    for result in (echo(shape), tvm_ffi.convert(shape), echo([shape])[0]):
        assert type(result) is Shape and result == (10, 20)
        assert result._tvm_ffi_cached_object.same_as(twin)
    assert echo(Shape(())) == ()


@pytest.mark.parametrize("content", [(1, "a"), (1.5,), (None,), (2**70,)])
def test_elements_must_be_integers_of_64_bits(content: tuple[object, ...]) -> None:
    with pytest.raises(ValueError):
        Shape(content)


def test_the_content_must_be_iterable() -> None:
    with pytest.raises(TypeError):
        Shape(5)


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_are_equal_shapes(clone: object) -> None:
    copied = clone({"k": [Shape((1, 2))]})["k"][0]
    assert type(copied) is Shape and copied == (1, 2)
    assert echo(copied) == (1, 2)


def test_numpy_integers_are_extents() -> None:
    np = pytest.importorskip("numpy", reason="makes numpy integers")
    assert echo(Shape((np.int64(3), np.uint8(4)))) == (3, 4)
