# SPDX-License-Identifier: Apache-2.0
"""Check what compiled code imports from the library: `imports.py <binary>...`.

Code that uses the headers may import the functions of the C contract and nothing else, so that it
runs on every library of that contract.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONTRACT = set(
    """
    TVMFFIAnyViewToOwnedAny TVMFFIBacktrace TVMFFIBigIntFromByteArray
    TVMFFIBigIntGetContentByteArray TVMFFIBytesFromByteArray TVMFFIDataTypeFromString
    TVMFFIDataTypeToString TVMFFIEnvCheckSignals TVMFFIEnvGetDLPackManagedTensorAllocator
    TVMFFIEnvGetStream TVMFFIEnvModLookupFromImports TVMFFIEnvModRegisterContextSymbol
    TVMFFIEnvModRegisterSystemLibSymbol TVMFFIEnvRegisterCAPI
    TVMFFIEnvSetDLPackManagedTensorAllocator TVMFFIEnvSetStream TVMFFIEnvTensorAlloc
    TVMFFIErrorCreate TVMFFIErrorCreateWithCauseAndExtraContext TVMFFIErrorMoveFromRaised
    TVMFFIErrorSetRaised TVMFFIErrorSetRaisedFromCStr TVMFFIErrorSetRaisedFromCStrParts
    TVMFFIFunctionCall TVMFFIFunctionCreate TVMFFIFunctionGetGlobal TVMFFIFunctionSetGlobal
    TVMFFIFunctionSetGlobalFromMethodInfo TVMFFIGetCustomAllocator TVMFFIGetTypeAttrColumn
    TVMFFIGetTypeInfo TVMFFIGetVersion TVMFFIHandleDeinitOnce TVMFFIHandleInitOnce
    TVMFFIObjectCreateOpaque TVMFFIObjectDecRef TVMFFIObjectIncRef TVMFFISetCustomAllocator
    TVMFFIStringFromByteArray TVMFFITensorCreateUnsafeView TVMFFITensorFromDLPack
    TVMFFITensorFromDLPackVersioned TVMFFITensorToDLPack TVMFFITensorToDLPackVersioned
    TVMFFITypeGetOrAllocIndex TVMFFITypeKeyToIndex TVMFFITypeRegisterAttr
    TVMFFITypeRegisterField TVMFFITypeRegisterMetadata TVMFFITypeRegisterMethod
    """.split()
)

# Exported by libtvm_ffi_testing, to be linked against.
TESTING = {"TVMFFITestingDummyTarget"}


def undefined_symbols(binary: Path) -> set[str]:
    lines = subprocess.run(
        ["nm", "--undefined-only", str(binary)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {line.split()[-1].partition("@")[0] for line in lines if line.strip()}


def contract_imports(binary: Path) -> set[str]:
    """Return the functions of the contract that a binary or object file imports."""
    return undefined_symbols(binary) & CONTRACT


def foreign_imports(binary: Path) -> set[str]:
    """Return what it imports of ours beside the contract: other entry points, C++ functions."""
    ours = {name for name in undefined_symbols(binary) if "TVMFFI" in name or "3tvm3ffi" in name}
    return ours - CONTRACT - TESTING


def main() -> int:
    failed = False
    for binary in map(Path, sys.argv[1:]):
        foreign = sorted(foreign_imports(binary))
        failed |= bool(foreign)
        print(f"{binary.name}: {len(contract_imports(binary))} functions of the contract", *foreign)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
