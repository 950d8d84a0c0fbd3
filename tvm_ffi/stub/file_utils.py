# SPDX-License-Identifier: Apache-2.0
"""Source files as sequences of blocks: those between markers, and the lines around them."""

from __future__ import annotations

import difflib
import os
import re
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import consts as C

_DIRECTIVE = re.compile(r"(?P<name>[A-Za-z_][\w-]*)\):(?P<payload>.*)")


@dataclass
class CodeBlock:
    """Some lines of a file. `kind` None is text; lines are numbered from 1.

    `param` is the type key, submodule or "" of a block, the pair (prefix, module) of a global
    block, and the pair (name, payload) of a directive.
    """

    kind: C.STUB_BLOCK_KINDS
    param: str | tuple[str, ...]
    lineno_start: int
    lineno_end: int | None
    lines: list[str]

    @property
    def pair(self) -> tuple[str, str]:
        """The `param` of a global block or a directive."""
        assert not isinstance(self.param, str)
        first, second = self.param
        return first, second

    @property
    def indent(self) -> int:
        """The number of spaces before the first line."""
        if not self.lines:
            return 0
        first = self.lines[0]
        return len(first) - len(first.lstrip(" "))

    @staticmethod
    def from_begin_line(lineno: int, line: str, syntax: C.MarkerSyntax) -> CodeBlock:
        """Read a marker that begins a block, or a directive; `line` has no spaces around it."""
        if line.startswith(syntax.begin):
            kind, param = _parse_begin(lineno, line[len(syntax.begin) :].strip())
            return CodeBlock(kind, param, lineno, None, [])
        found = _DIRECTIVE.fullmatch(line[len(syntax.prefix) :])
        if not line.startswith(syntax.prefix) or found is None:
            raise ValueError(f"Unknown stub type at line {lineno}: {line}")
        return CodeBlock("directive", (found["name"], found["payload"].strip()), lineno, lineno, [])


def _parse_begin(lineno: int, stub: str) -> tuple[C.STUB_BLOCK_KINDS, str | tuple[str, ...]]:
    if stub == "import-section":
        return "import-section", ""
    if stub == "__all__":
        return "__all__", ""
    kind, slash, param = stub.partition("/")
    if slash and kind == "global":
        prefix, _, module = param.partition("@")
        return "global", (prefix.strip(), module.strip())
    if slash and kind == "object":
        return "object", param.strip()
    if slash and kind == "export":
        return "export", param.strip()
    raise ValueError(f"Unknown stub type `{stub}` at line {lineno}")


@dataclass
class FileInfo:
    """A file: `lines` as they were read, and the same in blocks, which generators rewrite."""

    path: Path
    lines: tuple[str, ...]
    code_blocks: list[CodeBlock]
    syntax: C.MarkerSyntax

    @staticmethod
    def from_file(
        file: Path, include_empty: bool = False, syntax: C.MarkerSyntax | None = None
    ) -> FileInfo | None:
        """Read a file. None if it asks to be skipped, or has no markers unless `include_empty`."""
        path = file.resolve()
        syntax = syntax or syntax_for(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        if any(line.strip().startswith(syntax.skip_file) for line in lines):
            return None
        blocks = _parse(lines, syntax)
        if not include_empty and all(block.kind is None for block in blocks):
            return None
        return FileInfo(path, tuple(lines), blocks, syntax)

    def update(self, verbose: bool, dry_run: bool) -> bool:
        """Write the blocks, unless `dry_run`; tells whether they changed the file."""
        lines = [line for block in self.code_blocks for line in block.lines]
        changed = tuple(lines) != self.lines
        if verbose:
            print(C.colored(f"[File] {self.path}", C.TERM_CYAN))
            if changed:
                _print_diff(self.lines, lines)
            else:
                print(C.colored("-----> Unchanged", C.TERM_CYAN))
        if changed and not dry_run:
            self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return changed

    def reload(self) -> None:
        """Read the blocks again after the file was written to; `lines` stay as they were."""
        source = self.path.read_text(encoding="utf-8").splitlines()
        self.code_blocks = _parse(source, self.syntax)


def _parse(lines: list[str], syntax: C.MarkerSyntax) -> list[CodeBlock]:
    blocks: list[CodeBlock] = []
    opened: CodeBlock | None = None
    for lineno, line in enumerate(lines, 1):
        marker = line.strip()
        if marker.startswith(syntax.end):
            if opened is None:
                raise ValueError(f"Unmatched `{syntax.end}` found at line {lineno}")
            opened.lines.append(line)
            opened.lineno_end = lineno
            blocks.append(opened)
            opened = None
        elif marker.startswith(syntax.prefix):
            if opened is not None and marker.startswith(syntax.begin):
                raise ValueError(f"Nested stub not permitted at line {lineno}")
            block = CodeBlock.from_begin_line(lineno, marker, syntax)
            block.lines.append(line)
            if block.lineno_end is None:
                opened = block
            else:  # inside a block it would be overwritten, so it moves in front
                blocks.append(block)
        elif opened is not None:
            opened.lines.append(line)
        else:
            blocks.append(CodeBlock(None, "", lineno, lineno, [line]))
    if opened is not None:
        raise ValueError("Unclosed stub block at end of file")
    return blocks


def _print_diff(old: Collection[str], new: Collection[str]) -> None:
    diff = list(difflib.unified_diff(list(old), list(new), lineterm=""))
    for line in diff[2:]:  # after the names of the files
        if line.startswith("+"):
            line = C.colored(line, C.TERM_GREEN)
        elif line.startswith("-"):
            line = C.colored(line, C.TERM_RED)
        print(line)


def syntax_for(path: Path) -> C.MarkerSyntax:
    """Return how markers are written in a file, by its extension; as in Python if unknown."""
    return C.SYNTAX_BY_EXT.get(path.suffix.lower(), C.PYTHON_SYNTAX)


def collect_files(
    paths: list[Path], source_exts: Collection[str] = (".py", ".pyi")
) -> list[FileInfo]:
    """Read all files given, and those in given directories that have one of the extensions.

    Sorted by path. Files that cannot be parsed are reported and left out.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _files_in(path, source_exts) if path.is_dir() else [path]:
            found[str(file.resolve())] = file
    files: list[FileInfo] = []
    for _, file in sorted(found.items()):
        try:
            info = FileInfo.from_file(file)
        except Exception:
            print(C.colored(f"[Error]\n{traceback.format_exc()}", C.TERM_RED))
            continue
        if info is not None:
            files.append(info)
    return files


def _files_in(folder: Path, source_exts: Collection[str]) -> Iterator[Path]:
    for parent, _, names in path_walk(folder):
        for name in names:
            if Path(name).suffix.lower() in source_exts:
                yield parent / name


def path_walk(
    p: Path,
    *,
    top_down: bool = True,
    on_error: Callable[[OSError], object] | None = None,
    follow_symlinks: bool = False,
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk a directory as `Path.walk` of newer Pythons does."""
    for parent, folders, names in os.walk(p, top_down, on_error, follow_symlinks):
        yield Path(parent), folders, names
