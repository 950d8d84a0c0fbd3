# SPDX-License-Identifier: Apache-2.0
"""`python -m tvm_ffi.new my_ext`: a project that builds, installs and passes its test.

It has C++ source, build files, a Python package, a test and a README, all meant to be edited. The
files are those in `templates/`: the common ones and those of the chosen build system.

Exit status: 0, 1 if the project cannot be written, 2 for arguments it does not understand.
"""

from __future__ import annotations

import argparse
import keyword
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["main", "write_project"]

BUILD_SYSTEMS = ("scikit-build-core", "meson-python")
_TEMPLATES = Path(__file__).resolve().parent / "templates"


def main(arguments: list[str] | None = None) -> int:
    """Write a project and print what to do with it; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tvm_ffi.new",
        description="Write a project: C++ functions in a Python wheel, for every Python version.",
    )
    parser.add_argument("folder", help="folder to make; its name is the name of the project")
    parser.add_argument(
        "--build",
        choices=BUILD_SYSTEMS,
        default=BUILD_SYSTEMS[0],
        help="build system: with CMake (default) or with Meson",
    )
    options = parser.parse_args(arguments)
    folder = Path(options.folder)
    try:
        written = write_project(folder, options.build)
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    for path in written:
        print(f"  {folder / path}")
    install = os.path.join(os.curdir, folder) if not folder.is_absolute() else folder
    print(
        "\nBuild and install it, and run its test:\n\n"
        f"  python -m pip install {install}\n"
        f"  python -m unittest discover -v {folder / 'tests'}\n"
    )
    return 0


def write_project(folder: Path, build: str = BUILD_SYSTEMS[0]) -> list[Path]:
    """Write the files of a project below `folder`, and return their paths relative to it.

    `ValueError` if the folder's name cannot name a project, `OSError` if there is something in it
    already or it cannot be written. Then nothing is written.
    """
    project = folder.resolve().name
    module = re.sub(r"[-.]", "_", project).lower()
    if not re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", project) or not (
        module.isidentifier() and not keyword.iskeyword(module)
    ):
        raise ValueError(
            f"a project cannot be called {project!r}; "
            "take letters, digits, `-` and `_`, and begin with a letter"
        )
    if module == "tvm_ffi" or module in getattr(sys, "stdlib_module_names", ()):
        raise ValueError(f"a project called {project!r} would hide the module {module}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already; name a new or an empty folder")

    files = dict(_rendered(build, {"PROJECT": project, "MODULE": module}))
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return sorted(files)


def _rendered(build: str, names: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of each file."""
    for group in ("common", build):
        root = _TEMPLATES / group
        for template in sorted(root.rglob("*.in")):
            path = template.relative_to(root).with_suffix("")
            text = template.read_text(encoding="utf-8")
            yield Path(_filled(str(path), names)), _filled(text, names)


def _filled(text: str, names: dict[str, str]) -> str:
    """Replace `@PROJECT@` and `@MODULE@`, in paths and in texts."""
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text
