# SPDX-License-Identifier: Apache-2.0
"""Where each promise of the binary contract is tested.

The contract ends with a list of what a library that takes the place of another must show. This is
that list, by its numbers, with the tests of each line. They are named here and nowhere run: what is
checked is that they exist, so that the list cannot outlive them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CPP = Path(__file__).resolve().parent
TESTS = CPP.parent

# A test of GoogleTest as `Suite.Name`, one of pytest as `file::name`.
LINES = {
    "1. the exported names, the name of the library": """
        packaging/test_wheel.py::test_the_library_exports_the_contract_and_nothing_else
        packaging/test_audit.py::test_our_wheel_is_repaired_and_runs
        python/test_boundary.py::test_the_library_exports_what_the_headers_declare
        cpp/test_headers.py::test_headers_import_only_contract_functions""",
    "2. what is there once the library is loaded": """
        CType.StaticRowsAreThereFromLoadTime CAttr.WellKnownColumnsAreThereFromLoadTime
        RegisteredNames.AreAllListed RegisteredNames.FunctionsHaveTheirSignatures
        BuiltinType.IsRegisteredWithItsMetadata BuiltinField.IsReflected
        RegisteredNames.MethodsHaveTheirSignatures""",
    "3. objects, their counts and deleters": """
        Vectors.NewObject CObject.StartsWithOneStrongAndOneWeakReference
        CObject.OpaqueHandleIsDeletedOnceWithTheLastStrongReference
        CObject.WeakReferenceKeepsTheMemory WeakObjectPtr.WeakReferenceKeepsTheMemory
        WeakObjectPtr.MakesTheObjectShared""",
    "4. clients change what the library made": """
        Mixed.AListOfTheLibraryGrowsHereAndThere Mixed.DictsGrowByTurns
        MapLayout.ADictChangesLayoutInPlace Mixed.AMapOfTheLibraryIsChangedInPlace
        Mixed.AnArrayOfTheLibraryIsAppendedToInPlace Mixed.KeysOfEitherSideAreFound
        KeyHooks.MapsOfTheLibraryFindKeysByValue""",
    "5. the library changes what clients made": """
        Mixed.AListMadeHereGrowsInTheLibrary Mixed.DictsGrowByTurns Mixed.TextMadeHereIsReadThere
        Mixed.ATensorMadeHereDiesThere Mixed.AnErrorMadeHereIsAnnotatedThere
        CFunction.IgnoresCppCallOfClients Module.TheLibraryCallsModulesOfOthers
        RegisteredModule.AnswersThroughItsVirtualFunctions""",
    "6. errors": """
        CErrorSlot.IsEmptyAtFirstAndAfterTaking CErrorSlot.KeepsIdentityAndReference
        Function.ThrownErrorsKeepTheirIdentity CError.BacktraceIsReplacedOrAppendedTo
        CError.ContextMayBeReplacedInPlace""",
    "7. types": """
        CType.ChildrenTakeTheReservedSlotsAndThenOverflow CType.LookupRegistersNothing
        CType.AncestorsAreListedFromTheRoot CType.InfosKeepTheirAddress
        CAttr.ColumnKeepsItsAddressWhileItGrows""",
    "8. modules": """
        LibraryModule.CallsExportedFunctions SystemLib.TriesThePrefixFirst
        LibraryModule.TellsMetadataAndDocWhereTheLibraryHasThem LibraryModule.ReceivesItsContext
        Module.Layout EmbeddedModule.SharedLibraryBringsItsModules
        EmbeddedModule.ImportsAreMadeInOrder LibraryModule.FindsImportsThroughItsContext
        RegisteredModule.LendsWhatItFindsInImports
        LibraryModule.LivesAsLongAsItsFunctions""",
    "9. the environment": """
        CStream.IsPerThread CTensorAllocator.ThreadsOwnComesBeforeTheGlobalOne
        CTensorAllocator.ReportsItsOwnErrorAndStatus CSignals.AreAskedOfTheHost""",
    "10. vectors": """
        Vectors.BytesHash Vectors.AnyHash Vectors.BigIntWords Vectors.BigIntHashes Vectors.Unchanged
        Vectors.RecursiveHash Vectors.BigIntAsGraph Vectors.TypeKeyHashes Vectors.InlineText
        Vectors.NewObject Vectors.MapSlots Vectors.UpdatedKeyOfADenseMapComesLast
        StructuralHash.ValuesHaveKnownHashes StructuralHash.ContainersHaveKnownHashes
        StructuralHash.ObjectsHaveKnownHashes MapLayout.HashesOfTheContract""",
    "11. big integers": """
        CBigInt.ValuesOf64BitsBecomeInt CBigInt.OtherValuesKeepTheWordsTheyNeed
        BigIntHooks.HashAndCompareKeys KeyHooks.ClientsGetRightAnswersFromTheLibrarysHooks
        Vectors.BigIntAsGraph BigIntInAny.IsAnIntOrAnObject""",
    "12. structural mutation": """
        StructuralMap.CopiesWhatChanges StructuralMapInPlace.UniqueContainersAreReused
        StructuralMapInPlace.WhatIsReferredToElsewhereIsCopied
        StructuralMapInPlace.AWeakReferenceCountsToo StructuralMap.KeepsWhatDoesNotChange
        StructuralMutate.NoneAndUnchangedRoots RegisteredStructuralMap.AMovedRootIsReused""",
    "13. binaries of both generations in one process": """
        AnyHookGenerations.HashesAreReadAsTheyAreMeant AnyHookGenerations.KeysOfBothAreFound
        KeyHooks.MapsOfThisCodeFindKeysByValue KeyHooks.MapsOfTheLibraryFindKeysByValue
        KeyHooks.ClientsGetRightAnswersFromTheLibrarysHooks StructuralKey.HooksAreFunctions
        python/test_type_schema.py::test_json_of_the_library_is_read
        CompatVisit.ARawHookDecidesTheOrder StructuralVisitHook.DecidesWhatIsVisited""",
}


@pytest.fixture(scope="module")
def names() -> set[str]:
    pattern = r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),\s*(\w+)\)"
    found = {
        f"{suite}.{name}"
        for path in CPP.rglob("*.cc")
        for suite, name in re.findall(pattern, path.read_text(), re.MULTILINE)
    }
    for path in TESTS.rglob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE):
            found.add(f"{path.relative_to(TESTS)}::{name}")
    return found


@pytest.mark.parametrize("line", LINES)
def test_the_tests_of_a_promise_exist(line: str, names: set[str]) -> None:
    assert [name for name in LINES[line].split() if name not in names] == []
