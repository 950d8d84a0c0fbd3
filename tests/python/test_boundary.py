# SPDX-License-Identifier: Apache-2.0
"""`tvm_ffi/_ffi.py` against the C headers, and the library against both, in both directions."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import _ffi
from tvm_ffi._device import DLDeviceType
from tvm_ffi._dtype import DataTypeCode

INCLUDE = Path(__file__).resolve().parents[2] / "include"
C_API = INCLUDE / "tvm" / "ffi" / "c_api.h"
C_ENV_API = INCLUDE / "tvm" / "ffi" / "extra" / "c_env_api.h"
DLPACK = INCLUDE / "dlpack" / "dlpack.h"

INT = ("int", 4, True)
KINDS: dict[str, Any] = {
    "int": INT,
    "int32_t": INT,
    "int64_t": ("int", 8, True),
    "uint8_t": ("int", 1, False),
    "uint16_t": ("int", 2, False),
    "uint32_t": ("int", 4, False),
    "uint64_t": ("int", 8, False),
    "size_t": ("int", 8, False),
    "double": "double",
    "void": None,
    # Enumerations and pointer types.
    "DLDeviceType": INT,
    "TVMFFISEqHashKind": INT,
    "TVMFFIObjectHandle": "pointer",
    "TVMFFIStreamHandle": "pointer",
    "TVMFFISafeCallType": "pointer",
    "TVMFFIFieldGetter": "pointer",
    "TVMFFIObjectCreator": "pointer",
}


def text_of(header: Path) -> str:
    """Return what a C compiler sees of a header, comments and the C++ part taken out."""
    text = re.sub(r"//[^\n]*", "", header.read_text())
    lines, skipped = [], []
    for line in text.splitlines():
        directive = line.strip()
        if directive.startswith("#if"):
            skipped.append(directive == "#ifdef __cplusplus")
        elif directive == "#else" and skipped:
            skipped[-1] = False
        elif directive.startswith("#endif"):
            skipped.pop()
        elif not any(skipped):
            lines.append(line)
    return "\n".join(lines)


def c_kind(declaration: str) -> Any:
    """Reduce a C type, with or without a name behind it, to what ctypes can tell apart."""
    if "*" in declaration or "(" in declaration:
        return "pointer"
    words = [word for word in declaration.split() if word not in ("const", "struct")]
    name = words[0]
    if name.endswith(("Allocator", "NoSync", "WorkStream")):
        return "pointer"
    return KINDS.get(name, name)


def py_kind(ctype: Any) -> Any:
    if ctype is None:
        return None
    if issubclass(ctype, ctypes.Structure):
        return ctype.__name__
    if ctype is ctypes.c_double:
        return "double"
    if issubclass(ctype, (ctypes._SimpleCData)) and ctype._type_ in "bBhHiIlLqQ":
        return "int", ctypes.sizeof(ctype), ctype(-1).value == -1
    return "pointer"


def split_arguments(text: str) -> list[str]:
    """Split at commas outside of parentheses."""
    parts = re.split(r",(?![^(]*\))", text)
    return [part.strip() for part in parts if part.strip() not in ("", "void")]


def declared_functions() -> dict[str, tuple[Any, list[Any]]]:
    found = {}
    for header in (C_API, C_ENV_API):
        pattern = r"TVM_FFI_DLL\s+([\w\s*]+?)\b(TVMFFI\w+)\s*\(((?:[^()]|\([^()]*\))*)\)"
        for result, name, arguments in re.findall(pattern, text_of(header)):
            kinds = [c_kind(argument) for argument in split_arguments(arguments)]
            found[name] = (c_kind(result), kinds)
    return found


def declared_constants(header: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for body in re.findall(r"enum\s*(?:\w+\s*)?\{([^}]*)\}", text_of(header)):
        for name, value in re.findall(r"(\w+)\s*=\s*([^,}\n]+)", body):
            found[name] = eval(value.strip().rstrip("U"))
    return found


def test_every_entry_point_is_declared_alike():
    header = declared_functions()
    assert len(header) == 50
    python = {
        name: (py_kind(result), [py_kind(argument) for argument in arguments])
        for name, (result, arguments) in _ffi.ENTRY_POINTS.items()
    }
    assert python == header


def test_every_constant_has_its_value():
    header = declared_constants(C_API)
    python = {name: value for name, value in vars(_ffi).items() if name.startswith("kTVMFFI")}
    assert len(header) > 50
    assert python == header


@pytest.mark.parametrize("enum", [DLDeviceType, DataTypeCode])
def test_dlpack_enumerations_have_their_values(enum: type[IntEnum]):
    header = {
        name.lower().replace("_", ""): value for name, value in declared_constants(DLPACK).items()
    }
    for member in enum:
        name = member.name.lower().replace("_", "").removeprefix("kdl")
        # Our own word for an opaque handle is shorter.
        assert header[{"handle": "kdlopaquehandle"}.get(name, f"kdl{name}")] == member.value


def test_dlpack_versions_and_flags():
    text = DLPACK.read_text()
    defined = dict(re.findall(r"#define (DLPACK_\w+) (\d+|\(1UL << \dUL\))", text))
    for name, value in defined.items():
        assert getattr(_ffi, name) == eval(value.replace("UL", "")), name
    assert {name for name in vars(_ffi) if name.startswith("DLPACK_")} == set(defined)


SIZES = {
    "TVMFFIVersion": 12,
    "TVMFFIObject": 24,
    "TVMFFIAny": 16,
    "TVMFFIByteArray": 16,
    "TVMFFIShapeCell": 16,
    "TVMFFISeqCell": 32,
    "TVMFFIErrorCell": 72,
    "TVMFFIFunctionCell": 16,
    "TVMFFIOpaqueObjectCell": 8,
    "TVMFFIObjectAllocHeader": 8,
    "TVMFFICustomAllocator": 16,
    "TVMFFIFieldInfo": 120,
    "TVMFFIMethodInfo": 72,
    "TVMFFITypeMetadata": 32,
    "TVMFFITypeAttrColumn": 16,
    "TVMFFITypeInfo": 72,
    "DLPackVersion": 8,
    "DLDevice": 8,
    "DLDataType": 4,
    "DLTensor": 48,
    "DLManagedTensor": 64,
    "DLManagedTensorVersioned": 80,
    "DLPackExchangeAPIHeader": 16,
    "DLPackExchangeAPI": 56,
}


def structures() -> dict[str, type[ctypes.Structure]]:
    return {
        name: value
        for name, value in vars(_ffi).items()
        if isinstance(value, type)
        and issubclass(value, ctypes.Structure)
        and name.startswith(("TVMFFI", "DL"))
    }


def test_every_structure_has_its_size():
    assert {name: ctypes.sizeof(struct) for name, struct in structures().items()} == SIZES


def declared_structures() -> set[str]:
    found = set()
    for header in (C_API, DLPACK):
        found |= set(
            re.findall(r"\}\s*(\w+);", re.sub(r"enum\s*\{[^}]*\}", "enum", text_of(header)))
        )
    return {name for name in found if name.startswith(("TVMFFI", "DL"))}


def test_every_structure_of_the_headers_is_here():
    enumerations = {"DLDeviceType", "DLDataTypeCode"}
    enumerations |= {name for name in declared_structures() if name.endswith(("Mask", "Kind"))}
    enumerations |= {"TVMFFITypeIndex", "TVMFFIBacktraceUpdateMode"}
    assert declared_structures() - enumerations == set(structures())


def members(struct: type[ctypes.Structure]) -> list[str]:
    """Names of the fields as C writes them; an anonymous union counts as its members."""
    names = []
    for name, *_ in struct._fields_:
        if name in getattr(struct, "_anonymous_", ()):
            names += [inner for inner, *_ in dict(struct._fields_)[name]._fields_]
        else:
            names.append(name)
    return names


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_c_compiler_places_every_field_alike(tmp_path: Path):
    """The compiler's own sizes and offsets, of the fields that `_ffi` names."""
    lines, expected = [], []
    for name, struct in structures().items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(struct)}")
        for member in members(struct):
            lines.append(
                f'printf("{name}.{member} %zu %zu\\n", offsetof({name}, {member}), '
                f"sizeof((({name}*)0)->{member}));"
            )
            field = getattr(struct, member)
            expected.append(f"{name}.{member} {field.offset} {field.size}")
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <tvm/ffi/extra/c_env_api.h>\n"
        "int main(void) {\n" + "\n".join(lines) + "\nreturn 0; }\n"
    )
    program = tmp_path / "layout"
    subprocess.run(["cc", "-std=c11", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    assert printed.splitlines() == expected


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs binutils")
def test_the_library_exports_what_the_headers_declare():
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", tvm_ffi.LIB._name],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert {line.split()[-1] for line in listed.splitlines()} == set(declared_functions())


def test_the_library_is_of_the_version_of_the_header():
    version = _ffi.TVMFFIVersion()
    _ffi.TVMFFIGetVersion(ctypes.byref(version))
    header = dict(re.findall(r"#define TVM_FFI_VERSION_(\w+) (\d+)", C_API.read_text()))
    assert (version.major, version.minor, version.patch) == (
        int(header["MAJOR"]),
        int(header["MINOR"]),
        int(header["PATCH"]),
    )
