# SPDX-License-Identifier: Apache-2.0
"""For tests and for people who look for a bug in here."""

from __future__ import annotations

from . import _ffi, _pyref
from ._convert import frames, packers, unpackers


def _print_debug_info() -> None:
    """Print the sizes of the tables that grow while a program runs."""
    for name, table in (
        ("packers", packers),
        ("unpackers", unpackers),
        ("pooled call frames", frames),
        ("Python objects owned by native code", _pyref.references),
    ):
        print(f"{name}: {len(table)}")


def _testing_drop_last_ref_without_thread_state() -> None:
    """Release an opaque object while no thread state is attached: the call gives it up."""
    _ffi.TVMFFIObjectDecRef(_pyref.opaque_from({}))
