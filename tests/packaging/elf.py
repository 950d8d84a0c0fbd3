# SPDX-License-Identifier: Apache-2.0
"""What `nm` and `readelf` say about a shared library."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported_symbols(library: Path) -> set[str]:
    lines = _run("nm", "-D", "--defined-only", str(library)).splitlines()
    return {line.split()[-1] for line in lines}


def imported_symbols(library: Path) -> set[str]:
    lines = _run("nm", "-D", "--undefined-only", str(library)).splitlines()
    return {line.split()[-1].partition("@")[0] for line in lines}


def dynamic_entries(library: Path, tag: str) -> list[str]:
    """Return the bracketed values of a dynamic section tag such as SONAME or NEEDED."""
    return re.findall(rf"\({tag}\).*\[(.*)\]", _run("readelf", "-dW", str(library)))


def needed_versions(library: Path, prefix: str) -> set[tuple[int, ...]]:
    """Return the numbered symbol versions it needs, such as (2, 17) for prefix GLIBC."""
    found = re.findall(rf"@{prefix}_([\d.]+)", _run("nm", "-D", "--undefined-only", str(library)))
    return {tuple(map(int, number.split("."))) for number in found}
