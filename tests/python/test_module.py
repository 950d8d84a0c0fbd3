# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import Module, libinfo, load_module, system_lib
from tvm_ffi.module import ModulePropertyMask

SOURCE = r"""
#include <tvm/ffi/c_api.h>
TVM_FFI_DLL_EXPORT int __tvm_ffi_add(void* f, const TVMFFIAny* args, int32_t n, TVMFFIAny* out) {
  if (n != 2 || args[0].type_index != kTVMFFIInt || args[1].type_index != kTVMFFIInt) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add takes two integers");
    return -1;
  }
  out->type_index = kTVMFFIInt;
  out->v_int64 = args[0].v_int64 + args[1].v_int64;
  return 0;
}
TVM_FFI_DLL_EXPORT int __tvm_ffi_main(void* f, const TVMFFIAny* args, int32_t n, TVMFFIAny* out) {
  out->type_index = kTVMFFIInt;
  out->v_int64 = 1000 + n;
  return 0;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library in plain C, as any compiler makes one."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and Linux")
    folder = tmp_path_factory.mktemp("library")
    source, built = folder / "adder.c", folder / "adder.so"
    source.write_text(SOURCE)
    includes = [f"-I{path}" for path in libinfo.include_paths()]
    # Without the library: its symbols are global once tvm_ffi is imported.
    subprocess.run([compiler, "-shared", "-fPIC", *includes, source, "-o", built], check=True)
    return built


@pytest.fixture
def copy(library: Path, tmp_path: Path) -> Path:
    """The library in a file of its own, so that it can be seen to be unloaded."""
    return Path(shutil.copy(library, tmp_path / "own.so"))


@pytest.fixture
def testing() -> Module:
    return load_module(libinfo._find_library_by_basename("apache-tvm-ffi", "tvm_ffi_testing"))


def is_loaded(path: Path) -> bool:
    return str(path) in Path("/proc/self/maps").read_text()


# ---- Functions -----------------------------------------------------------------------------------


def test_functions_are_called_by_name(library: Path) -> None:
    for path in (library, str(library), os.fsencode(library)):
        module = load_module(path)
        assert type(module) is Module and module.kind == "library"
        assert module.add(1, 2) == 3
        assert module["add"](1, 2) == module.get_function("add")(1, 2) == 3
        assert module("any", "number") == 1002
        assert Module.entry_name == "main"


def test_a_function_is_looked_up_once(library: Path) -> None:
    module = load_module(library)
    assert module.__dict__ == {}
    assert module.add is module.add
    assert list(module.__dict__) == ["add"]


def test_errors_of_the_callee_keep_their_kind(library: Path) -> None:
    with pytest.raises(TypeError, match="add takes two integers"):
        load_module(library).add(1, "2")


def test_a_missing_function_is_an_attribute_error(library: Path) -> None:
    module = load_module(library)
    for look in (lambda: module.nothing, lambda: module["nothing"]):
        with pytest.raises(AttributeError, match=r"^Module has no function 'nothing'$"):
            look()
    with pytest.raises(AttributeError, match="Module has no function 'main'"):
        system_lib("no_such_prefix_")()
    assert not hasattr(module, "__array__")
    with pytest.raises(ValueError, match="Can only take string as function name"):
        module[3]


def test_implements_function_tells_without_raising(library: Path) -> None:
    module = load_module(library)
    assert module.implements_function("add") is True
    assert module.implements_function("nothing") is False


def test_metadata_and_documentation_are_optional(library: Path, testing: Module) -> None:
    documented = "testing_dll_test_add_with_docstring"
    metadata = testing.get_function_metadata(documented)
    assert metadata is not None and isinstance(metadata["type_schema"], str)
    assert testing.get_function_doc(documented)
    assert testing.get_function_metadata("testing_dll_schema_id_int") is not None
    assert testing.get_function_doc("testing_dll_schema_id_int") is None
    assert load_module(library).get_function_metadata("add") is None
    assert load_module(library).get_function_doc("nothing") is None


# ---- Modules -------------------------------------------------------------------------------------


def test_properties_of_a_library(library: Path) -> None:
    module = load_module(library)
    mask = ModulePropertyMask.BINARY_SERIALIZABLE | ModulePropertyMask.RUNNABLE
    assert module.get_property_mask() == mask == 3
    assert module.is_binary_serializable() and module.is_runnable()
    assert not module.is_compilation_exportable()
    assert module.inspect_source() == ""
    assert list(module.get_write_formats()) == []
    with pytest.raises(RuntimeError, match="does not support WriteToFile"):
        module.write_to_file("anywhere")


def test_imported_functions_are_found_when_asked_for(library: Path, testing: Module) -> None:
    module = load_module(library)
    assert list(module.imports) == []
    module.import_module(testing)
    try:
        (imported,) = module.imports
        assert type(imported) is Module and imported.same_as(testing)
        name = "testing_dll_schema_id_int"
        assert not module.implements_function(name)
        assert module.implements_function(name, query_imports=True)
        assert module.get_function(name, query_imports=True)(5) == 5
        assert module.get_function_metadata(name) is None
        assert module.get_function_metadata(name, query_imports=True) is not None
        with pytest.raises(RuntimeError, match="Cyclic dependency"):
            testing.import_module(module)
        with pytest.raises(RuntimeError, match="Cyclic dependency"):
            module.import_module(module)
    finally:
        module.clear_imports()
    assert list(module.imports) == []


def test_a_module_cannot_be_made_directly() -> None:
    with pytest.raises(TypeError, match="`Module` cannot be constructed directly"):
        Module()


def test_the_system_library_is_one_per_prefix() -> None:
    assert system_lib("some_").same_as(system_lib("some_"))
    assert not system_lib("some_").same_as(system_lib())


def test_functions_linked_into_the_program_are_found_by_prefix(library: Path) -> None:
    import ctypes

    from tvm_ffi import _ffi

    add = ctypes.cast(ctypes.CDLL(str(library))["__tvm_ffi_add"], ctypes.c_void_p).value
    _ffi.TVMFFIEnvModRegisterSystemLibSymbol(b"__tvm_ffi_linked_add", add)
    assert system_lib("linked_")["add"](1, 2) == 3
    assert system_lib()["linked_add"](1, 2) == 3


# ---- Lifetime ------------------------------------------------------------------------------------


def test_a_library_stays_loaded_by_default(copy: Path) -> None:
    load_module(copy)
    gc.collect()
    assert is_loaded(copy)


def test_otherwise_it_goes_with_its_module_and_functions(copy: Path, settle: Any) -> None:
    module = load_module(copy, keep_module_alive=False)
    function = module["add"]
    del module
    assert is_loaded(copy)
    assert function(2, 2) == 4
    del function
    settle()
    assert not is_loaded(copy)


def test_a_function_cached_on_its_module_is_no_cycle(copy: Path, settle: Any) -> None:
    """Native references are invisible to the garbage collector."""
    module = load_module(copy, keep_module_alive=False)
    assert module.add(1, 1) == 2
    del module
    settle()
    assert not is_loaded(copy)


# ---- Files that cannot be loaded -----------------------------------------------------------------


def test_a_missing_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Failed to load dynamic shared library") as raised:
        load_module(tmp_path / "missing.so")
    assert str(tmp_path / "missing.so") in str(raised.value)


def test_a_damaged_file_names_itself(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(b"\x7fELF and no more")
    with pytest.raises(RuntimeError, match="Failed to load dynamic shared library") as raised:
        load_module(damaged)
    assert str(damaged) in str(raised.value)


def test_the_ending_chooses_the_loader(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Loader for `\.zz` files is not registered"):
        load_module(tmp_path / "module.zz")
    with pytest.raises(RuntimeError, match="Failed to get file format from"):
        load_module("/nowhere/module")


def test_a_loader_may_be_written_in_python(library: Path, tmp_path: Path) -> None:
    name = "ffi.Module.load_from_file.pyzz"
    seen: list[tuple[str, str]] = []

    def load(path: str, file_format: str) -> Module:
        seen.append((path, file_format))
        return load_module(library)

    tvm_ffi.register_global_func(name, load)
    try:
        assert load_module("some/module.pyzz").add(1, 2) == 3
    finally:
        tvm_ffi.remove_global_func(name)
    assert seen == [("some/module.pyzz", "pyzz")]


def test_a_path_is_text_or_a_path() -> None:
    with pytest.raises(TypeError):
        load_module(5)
