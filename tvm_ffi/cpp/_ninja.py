# SPDX-License-Identifier: Apache-2.0
"""The steps of a build, in ninja's language: what is made from what, by which rule.

The rules themselves are the toolchain's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

OBJECT_SUFFIXES = (".o", ".obj")
# Rule and prefix of the object's name, by the source's ending; all else is C++.
_COMPILED = {".c": ("compile_c", "c"), ".cu": ("compile_cuda", "cuda")}


def steps(sources: Sequence[str], output: str, cubins: Sequence[str]) -> str:
    """Compile the sources, embed the cubins in turn, and make `output` of it.

    An output that is an object is merged, or copied if there is only one; any other is linked.
    """
    lines = []
    objects = []
    for position, source in enumerate(sorted(sources)):
        suffix = PurePath(source).suffix
        if suffix in OBJECT_SUFFIXES:
            objects.append(source)
            continue
        rule, prefix = _COMPILED.get(suffix, ("compile", "cpp"))
        objects.append(f"{prefix}_{position}.o")
        lines.append(_edge(objects[-1], rule, [source]))
    if cubins:
        # Each one goes into the object that holds all the code, so that all of it can see it.
        lines.append(_edge("unified.o", _joining(objects), objects))
        objects = ["unified.o"]
        for cubin in cubins:
            file = f"{cubin}.cubin"
            lines.append(_edge(f"cubin_{cubin}.o", "embed_cubin", objects, needs=[file]))
            lines += [f"  name = {cubin}", f"  cubin = {file}"]
            objects = [f"cubin_{cubin}.o"]
    is_object = PurePath(output).suffix in OBJECT_SUFFIXES
    lines.append(_edge(output, _joining(objects) if is_object else "link", objects))
    return "\n".join([*lines, "", f"default {_path(output)}", ""])


def _joining(objects: Sequence[str]) -> str:
    return "copy_object" if len(objects) == 1 else "merge_objects"


def _edge(output: str, rule: str, inputs: Sequence[str], needs: Sequence[str] = ()) -> str:
    implicit = " | " + " ".join(map(_path, needs)) if needs else ""
    return f"build {_path(output)}: {rule} {' '.join(map(_path, inputs))}{implicit}"


def _path(path: str) -> str:
    """Escape a path; ninja quotes it for the shell by itself."""
    if "|" in path or "\n" in path:
        raise ValueError(f"ninja cannot read a path with `|` or a newline in it: {path!r}")
    return escape(path).replace(" ", "$ ")


def escape(text: str) -> str:
    """Escape what ninja would read as its own."""
    return text.replace("$", "$$").replace(":", "$:")
