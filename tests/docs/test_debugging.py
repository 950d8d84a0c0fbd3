# SPDX-License-Identifier: Apache-2.0
"""What the page on errors and debugging says about debuggers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """\
import tvm_ffi

def callback(x):
    return x

function = tvm_ffi.convert(callback)
function(41)
function(object())
"""


def debug(tmp_path: Path, *commands: str) -> str:
    """Run the program below pdb in the pure lane, and return what is printed."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "pdb", program.name],
        input="\n".join([*commands, "quit", ""]),
        env={**os.environ, "TVM_FFI_PURE_PYTHON": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_pdb_steps_from_a_call_into_the_package(tmp_path: Path) -> None:
    said = debug(tmp_path, "break program.py:7", "continue", "step", "step", "where")
    assert "_block_call.py(" in said


def test_pdb_shows_how_a_callback_was_reached(tmp_path: Path) -> None:
    said = debug(tmp_path, "break callback", "continue", "where")
    places = ("program.py(7)", "_block_call.py(", "program.py(4)callback")
    found = [said.rfind(place) for place in places]
    assert -1 not in found and found == sorted(found)


def test_pdb_breaks_where_any_kind_of_argument_comes_by(tmp_path: Path) -> None:
    there = "break tvm_ffi._lane.call_by_cells"
    said = debug(tmp_path, "break program.py:8", "continue", there, "continue", "where")
    assert "call_by_cells(" in said.rpartition("program.py(8)")[2]
