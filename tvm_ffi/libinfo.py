# SPDX-License-Identifier: Apache-2.0
"""Where the parts of an installation lie: libraries, headers, sources, the CMake package.

Imports nothing heavy and loads no library by itself: `tvm-ffi-config` answers through it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    import ctypes

    from .module import Module

__all__ = [
    "find_cmake_path",
    "find_cython_lib",
    "find_dlpack_include_path",
    "find_include_path",
    "find_libtvm_ffi",
    "find_pkgconfig_path",
    "find_python_helper_include_path",
    "find_source_path",
    "find_windows_implib",
    "include_paths",
    "load_lib_ctypes",
    "load_lib_module",
]


def find_libtvm_ffi() -> str:
    """Path of the library this package runs on."""
    try:
        return str(_find_library_by_basename("apache-tvm-ffi", "tvm_ffi"))
    except RuntimeError as error:
        raise RuntimeError(f"Cannot find libtvm_ffi: {error}") from None


def find_windows_implib() -> str:
    """Path of the import library a Windows program links to call `tvm_ffi.dll`."""
    candidate = Path(find_libtvm_ffi()).parent / "tvm_ffi.lib"
    return _required([candidate], Path.is_file, "Cannot find implib tvm_ffi.lib")


def find_source_path() -> str:
    """Directory with the CMake project that builds the library from source."""
    return _required(
        [_package(), _top()],
        lambda path: (path / "src").is_dir() or (path / "csrc").is_dir(),
        "Cannot find home path.",
    )


def find_cmake_path() -> str:
    """Directory of the CMake package, the one that holds `tvm_ffi-config.cmake`."""
    return _required(
        [_package() / "share" / "cmake" / "tvm_ffi", _top() / "cmake"],
        lambda path: (path / "tvm_ffi-config.cmake").is_file(),
        "Cannot find cmake path.",
    )


def find_pkgconfig_path() -> str:
    """Directory of `tvm_ffi.pc`, to add to `PKG_CONFIG_PATH`."""
    return _required(
        [Path(find_libtvm_ffi()).parent / "pkgconfig"],
        lambda path: (path / "tvm_ffi.pc").is_file(),
        "Cannot find pkg-config path.",
    )


def find_include_path() -> str:
    """Directory to add to a compiler's include path for `tvm/ffi/...`."""
    return _include_path("tvm/ffi/c_api.h", "Cannot find include path.")


def find_dlpack_include_path() -> str:
    """Directory to add to a compiler's include path for `dlpack/dlpack.h`."""
    return _include_path("dlpack/dlpack.h", "Cannot find dlpack include path.")


def find_python_helper_include_path() -> str:
    """Directory that holds `tvm_ffi_python_helpers.h`."""
    return _include_path("tvm_ffi_python_helpers.h", "Cannot find python helper include path.")


def include_paths() -> list[str]:
    """All include directories an extension may need, sorted and without repetition."""
    return sorted(
        {find_include_path(), find_dlpack_include_path(), find_python_helper_include_path()}
    )


def find_cython_lib() -> str:
    """Path of the file behind `tvm_ffi.core`, which is not imported for this."""
    from importlib.util import find_spec

    spec = find_spec("tvm_ffi.core")
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise RuntimeError("Cannot find tvm cython path.")
    return str(Path(spec.origin).resolve())


def load_lib_ctypes(
    package: str, target_name: str, mode: str, extra_lib_paths: list[Path] | None = None
) -> ctypes.CDLL:
    """Find a distribution's library and load it; `mode` is `RTLD_GLOBAL` or `RTLD_LOCAL`."""
    import ctypes

    if mode not in ("RTLD_GLOBAL", "RTLD_LOCAL"):
        raise ValueError(f"Expected mode 'RTLD_GLOBAL' or 'RTLD_LOCAL', got {mode!r}")
    path = _find_library_by_basename(package, target_name, extra_lib_paths)
    _let_windows_find_beside(path)
    flags: int = getattr(ctypes, mode)
    return ctypes.CDLL(str(path), flags)


def load_lib_module(
    package: str,
    target_name: str,
    keep_module_alive: bool = True,
    extra_lib_paths: list[Path] | None = None,
) -> Module:
    """Find a distribution's library and load it as a module, see `tvm_ffi.load_module`."""
    from .module import load_module

    path = _find_library_by_basename(package, target_name, extra_lib_paths)
    _let_windows_find_beside(path)
    return load_module(path, keep_module_alive)


# ---- The search ----------------------------------------------------------------------------------


def _find_library_by_basename(
    package: str,
    target_name: str,
    extra_lib_paths: list[Path] | None = None,
    *,
    use_fallback_build_path: bool = True,
    use_env_path: bool = True,
) -> Path:
    """Find library `target_name` of distribution `package`; the first hit, resolved.

    Looked into: the files the distribution installed, `extra_lib_paths`, the build and library
    folders of this package, the system's library and program paths.
    """
    folders = list(extra_lib_paths or ())
    for position, folder in enumerate(folders):
        if not isinstance(folder, Path):
            raise TypeError(
                f"extra_lib_paths[{position}] must be a pathlib.Path, "
                f"got {type(folder).__name__}: {folder!r}"
            )
    own = _own_library_folders() if use_fallback_build_path else []
    folders += own + (_environment_folders() if use_env_path else [])

    names = _file_names(target_name)
    places = [_installed_files(package, names), _files_in(folders, names)]
    if package == "apache-tvm-ffi":
        # A checkout must not run on the library of another, installed copy.
        places.insert(0, _files_in(own, names))
    for candidates in places:
        found = _resolve_and_validate(candidates, Path.is_file)
        if found is not None:
            return Path(found)
    searched = "".join(f"\n  {folder}" for folder in folders)
    raise RuntimeError(
        f"Cannot find library {' or '.join(names)} among the files of distribution {package!r} "
        f"or in the searched directories:{searched}"
    )


def _files_in(folders: list[Path], names: list[str]) -> Iterator[Path]:
    return (folder / name for folder in folders for name in names)


def _file_names(target_name: str) -> list[str]:
    if sys.platform.startswith("win32"):
        return [f"{target_name}.dll"]
    if sys.platform.startswith("darwin"):
        return [f"lib{target_name}.dylib", f"lib{target_name}.so"]
    return [f"lib{target_name}.so"]


def _installed_files(package: str, names: list[str]) -> Iterator[Path]:
    """Yield what the distribution's RECORD lists under one of `names`, in its order."""
    # Deferred: importing it costs more than all of this module.
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files(package)
    except PackageNotFoundError:
        return
    for file in listed or ():
        if file.name in names:
            yield Path(str(file.locate()))


def _environment_folders() -> list[Path]:
    if sys.platform.startswith("win32"):
        variables = ["PATH"]
    elif sys.platform.startswith("darwin"):
        variables = ["DYLD_LIBRARY_PATH", "PATH"]
    else:
        variables = ["LD_LIBRARY_PATH", "PATH"]
    entries = (os.environ.get(name, "").split(os.pathsep) for name in variables)
    return [Path(entry) for group in entries for entry in group if entry]


def _own_library_folders() -> list[Path]:
    return [root / sub for root in (_package(), _top()) for sub in ("build/lib", "lib")]


def _package() -> Path:
    return Path(__file__).resolve().parent


def _top() -> Path:
    """Return the checkout, when the package is used from one."""
    return _package().parent


def _include_path(header: str, complaint: str) -> str:
    return _required(
        [_package() / "include", _top() / "include"],
        lambda path: (path / header).is_file(),
        complaint,
    )


def _required(paths: Iterable[Path], cond: Callable[[Path], bool | Path], complaint: str) -> str:
    paths = list(paths)
    found = _resolve_and_validate(paths, cond)
    if found is None:
        looked = ", ".join(str(path) for path in paths)
        raise RuntimeError(f"{complaint} Looked at {looked}; is the installation complete?")
    return found


def _resolve_and_validate(paths: Iterable[Path], cond: Callable[[Path], bool | Path]) -> str | None:
    """Return the first path that can be resolved and satisfies `cond`.

    `cond` may answer with another path, which is then the result.
    """
    for path in paths:
        try:
            resolved = path.resolve()
            answer = cond(resolved)
        except OSError:  # unreadable, or a loop of links: not a candidate
            continue
        if isinstance(answer, Path):
            return str(answer.resolve())
        if answer:
            return str(resolved)
    return None


def _let_windows_find_beside(path: Path) -> None:
    if sys.platform == "win32":
        os.add_dll_directory(str(path.parent))
