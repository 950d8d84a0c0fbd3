# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from typing import Callable

import pytest

_numbers = itertools.count()


@pytest.fixture
def new_key() -> Callable[[], str]:
    """Make type keys nobody has used, as types can never be unregistered."""
    return lambda: f"test_dataclasses.Type{next(_numbers)}"
