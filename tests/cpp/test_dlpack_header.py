# SPDX-License-Identifier: Apache-2.0
"""Our dlpack.h lays out and numbers what the one that torch ships does."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

OURS = Path(__file__).resolve().parent.parent.parent / "include" / "dlpack" / "dlpack.h"
FIELDS = {
    "DLPackVersion": ["major", "minor"],
    "DLDevice": ["device_type", "device_id"],
    "DLDataType": ["code", "bits", "lanes"],
    "DLTensor": ["data", "device", "ndim", "dtype", "shape", "strides", "byte_offset"],
    "DLManagedTensor": ["dl_tensor", "manager_ctx", "deleter"],
    "DLManagedTensorVersioned": ["version", "manager_ctx", "deleter", "flags", "dl_tensor"],
}
SPEC = importlib.util.find_spec("torch")


def layout(header: Path, constants: list[str], folder: Path) -> list[str]:
    lines = [f'printf("{name} %lld\\n", (long long){name});' for name in constants]
    for struct, fields in FIELDS.items():
        lines.append(f'printf("{struct} %zu %zu\\n", sizeof({struct}), alignof({struct}));')
        for field in fields:
            lines.append(f'printf("{struct}.{field} %zu\\n", offsetof({struct}, {field}));')
    source = folder / "layout.cc"
    source.write_text(
        f'#include "{header}"\n#include <cstddef>\n#include <cstdio>\n'
        f"int main() {{ {' '.join(lines)} }}\n"
    )
    program = folder / "layout"
    subprocess.run(["g++", "-std=c++17", str(source), "-o", str(program)], check=True)
    return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.split(
        "\n"
    )


@pytest.mark.skipif(SPEC is None, reason="torch, whose header this compares with, is not installed")
def test_layouts_and_constants_are_those_of_torch(tmp_path: Path) -> None:
    assert SPEC is not None and SPEC.origin is not None
    theirs = Path(SPEC.origin).parent / "include" / "ATen" / "dlpack.h"
    pattern = r"^\s*(kDL\w+)\s*="
    constants = re.findall(pattern, theirs.read_text(), re.MULTILINE)
    assert {"kDLCPU", "kDLCUDA", "kDLFloat", "kDLBool"} <= set(constants)
    assert layout(OURS, constants, tmp_path) == layout(theirs, constants, tmp_path)
