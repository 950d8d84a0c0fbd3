# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from tvm_ffi import libinfo

LIBRARY = libinfo._file_names("tvm_ffi")[0]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A file that is called like a library, and that no other place has."""
    path = tmp_path / libinfo._file_names("only_here")[0]
    path.write_bytes(b"")
    return path


def find(*args: object, **options: bool) -> Path:
    return libinfo._find_library_by_basename("no-such-distribution", *args, **options)


def test_every_answer_is_an_existing_absolute_path() -> None:
    assert Path(libinfo.find_libtvm_ffi()).is_file()
    assert Path(libinfo.find_source_path(), "CMakeLists.txt").is_file()
    assert Path(libinfo.find_cmake_path(), "tvm_ffi-config.cmake").is_file()
    assert Path(libinfo.find_include_path(), "tvm", "ffi", "c_api.h").is_file()
    assert Path(libinfo.find_dlpack_include_path(), "dlpack", "dlpack.h").is_file()
    helpers = libinfo.find_python_helper_include_path()
    assert Path(helpers, "tvm_ffi_python_helpers.h").is_file()
    assert Path(libinfo.find_cython_lib()).is_file()
    assert all(os.path.isabs(path) for path in (libinfo.find_libtvm_ffi(), helpers))


def test_include_paths_are_sorted_and_distinct() -> None:
    paths = libinfo.include_paths()
    assert paths == sorted(set(paths))
    assert libinfo.find_include_path() in paths
    assert libinfo.find_dlpack_include_path() in paths


def test_a_missing_part_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(libinfo, "__file__", str(tmp_path / "package" / "libinfo.py"))
    for function, complaint in (
        (libinfo.find_source_path, "Cannot find home path."),
        (libinfo.find_cmake_path, "Cannot find cmake path."),
        (libinfo.find_include_path, "Cannot find include path."),
        (libinfo.find_dlpack_include_path, "Cannot find dlpack include path."),
        (libinfo.find_python_helper_include_path, "Cannot find python helper include path."),
    ):
        with pytest.raises(RuntimeError, match=complaint) as raised:
            function()
        assert str(tmp_path) in str(raised.value)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(libinfo, "__file__", str(tmp_path / "package" / "libinfo.py"))
    monkeypatch.setattr(libinfo, "_installed_files", lambda *_: iter(()))
    monkeypatch.setattr(libinfo, "_environment_folders", list)
    with pytest.raises(RuntimeError, match="Cannot find libtvm_ffi"):
        libinfo.find_libtvm_ffi()


def test_windows_import_library_lies_beside_the_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(libinfo, "find_libtvm_ffi", lambda: str(tmp_path / "tvm_ffi.dll"))
    with pytest.raises(RuntimeError, match=r"Cannot find implib tvm_ffi\.lib"):
        libinfo.find_windows_implib()
    (tmp_path / "tvm_ffi.lib").write_bytes(b"")
    assert libinfo.find_windows_implib() == str((tmp_path / "tvm_ffi.lib").resolve())


def test_the_core_module_is_found_without_importing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tvm_ffi.core", raising=False)
    assert Path(libinfo.find_cython_lib()).is_file()
    assert "tvm_ffi.core" not in sys.modules


# ---- The search for libraries --------------------------------------------------------------------


def test_extra_paths_are_searched(library: Path) -> None:
    assert find("only_here", [library.parent]) == library.resolve()


def test_an_extra_path_must_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"extra_lib_paths\[1\] must be a pathlib.Path, got str: 'x'"
    ):
        find("only_here", [tmp_path, "x"])


def test_the_environment_is_searched(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "PATH" if sys.platform == "win32" else "LD_LIBRARY_PATH"
    monkeypatch.setenv(variable, f"{os.pathsep}{library.parent}")
    assert find("only_here") == library.resolve()
    with pytest.raises(RuntimeError):
        find("only_here", use_env_path=False)


def test_own_folders_can_be_left_out(tmp_path: Path) -> None:
    assert find("tvm_ffi", use_env_path=False).name == LIBRARY
    with pytest.raises(RuntimeError):
        find("tvm_ffi", use_fallback_build_path=False, use_env_path=False)


def test_a_failed_search_lists_names_and_directories(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as raised:
        find("nowhere", [tmp_path], use_env_path=False)
    message = str(raised.value)
    assert libinfo._file_names("nowhere")[0] in message
    assert "no-such-distribution" in message
    assert str(tmp_path) in message


def test_files_of_the_distribution_come_first(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    installed = site / "package" / library.name
    installed.parent.mkdir(parents=True)
    installed.write_bytes(b"")
    info = site / "some_dist-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-dist\nVersion: 1\n")
    (info / "RECORD").write_text(f"package/other.py,,\npackage/{library.name},,\n")
    monkeypatch.syspath_prepend(str(site))
    assert importlib.metadata.version("some-dist") == "1"
    found = libinfo._find_library_by_basename("some-dist", "only_here", [library.parent])
    assert found == installed.resolve()


def test_a_recorded_file_that_is_gone_is_passed_over(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = library.parent / "gone" / library.name
    monkeypatch.setattr(libinfo, "_installed_files", lambda *_: iter([gone]))
    assert find("only_here", [library.parent]) == library.resolve()


def test_own_library_wins_over_another_installed_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / LIBRARY
    other.write_bytes(b"")
    monkeypatch.setattr(libinfo, "_installed_files", lambda *_: iter([other]))
    own = Path(libinfo.find_libtvm_ffi())
    assert own != other.resolve()
    assert libinfo._find_library_by_basename("apache-tvm-ffi", "tvm_ffi") == own


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("linux", ["libx.so"]),
        ("darwin", ["libx.dylib", "libx.so"]),
        ("win32", ["x.dll"]),
    ],
)
def test_file_names_follow_the_platform(
    platform: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert libinfo._file_names("x") == names


def test_a_condition_may_answer_with_a_path(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    assert libinfo._resolve_and_validate([tmp_path], lambda _: chosen) == str(chosen.resolve())
    assert libinfo._resolve_and_validate([tmp_path], lambda _: False) is None


# ---- Loading -------------------------------------------------------------------------------------


def test_loading_gives_the_library(tmp_path: Path) -> None:
    loaded = libinfo.load_lib_ctypes("apache-tvm-ffi", "tvm_ffi", "RTLD_GLOBAL")
    assert isinstance(loaded, ctypes.CDLL)
    assert loaded._name == libinfo.find_libtvm_ffi()
    assert loaded.TVMFFIGetVersion


def test_a_damaged_library_is_an_os_error_that_names_it(library: Path) -> None:
    library.write_bytes(b"\x7fELF, and then nothing of the kind")
    with pytest.raises(OSError, match="only_here"):
        libinfo.load_lib_ctypes("no-such-distribution", "only_here", "RTLD_LOCAL", [library.parent])


def test_a_module_is_loaded_from_where_the_search_ends(tmp_path: Path) -> None:
    link = tmp_path / libinfo._file_names("as_module")[0]
    link.symlink_to(libinfo._find_library_by_basename("apache-tvm-ffi", "tvm_ffi_testing"))
    module = libinfo.load_lib_module(
        "no-such-distribution", "as_module", keep_module_alive=False, extra_lib_paths=[tmp_path]
    )
    assert module.kind == "library"
