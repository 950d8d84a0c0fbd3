# SPDX-License-Identifier: Apache-2.0
"""The command ``tvm-ffi-stubgen``: its options, and the stages of a run.

Exit status: 2 if a file failed, else 1 if ``--check`` found a stale one, else 0.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._testing_library import ensure_testing_library
from . import consts as C
from .file_utils import CodeBlock, FileInfo, collect_files
from .generator import Generator, generator_names, get_generator
from .layout import classify, write_coverage_report
from .lib_state import (
    collect_global_funcs,
    collect_type_keys,
    is_object_type,
    object_info_from_type_key,
    toposort_objects,
)
from .utils import FuncInfo, InitConfig, ObjectInfo, Options

# ---- The run -------------------------------------------------------------------------------------


def __main__() -> int:
    """Run the command, and return its exit status."""
    opt = _parse_args()
    generator = get_generator(opt.target)
    for name in opt.imports:
        importlib.import_module(name)
    libraries = [_load(library) for library in opt.dlls]
    paths = [Path(path) for path in opt.files if Path(path).exists()]
    files = collect_files(paths, generator.source_exts)
    _load_what_files_ask_for(files, opt)
    global_funcs = collect_global_funcs()
    ty_map = generator.default_ty_map()
    failed: set[Path] = set()
    for file in files:
        try:
            _stage_1(file, ty_map)
        except Exception:
            _report_failure(file, traceback.format_exc())
            failed.add(file.path)
    generated: set[str] = set()
    init_path = _init_path(opt)
    if opt.init is not None and not opt.dry_run:
        generated = _stage_2(files, ty_map, opt.init, init_path, global_funcs, generator)
    views = {file.path: generator.check_view(file.code_blocks) for file in files}
    failures = _roll_out_prefixes(files, generator)
    declared = _declared_objects(files)
    stale = False
    for file in files:
        try:
            _stage_3(file, opt, ty_map, global_funcs, generator, declared)
        except Exception:
            _report_failure(file, traceback.format_exc())
            failed.add(file.path)
        if opt.check and generator.check_view(file.code_blocks) != views[file.path]:
            print(C.colored(f"[Stale] {file.path}", C.TERM_YELLOW))
            stale = True
    if generated:
        generator.finalize_init(init_path, generated)
    if opt.coverage_out is not None:
        _write_coverage(Path(opt.coverage_out))
    del libraries  # held until here: what they registered was in use
    return 2 if failed or failures else 1 if stale else 0


def _load(library: str) -> ctypes.CDLL:
    # The system's loader takes a bare name for one to search for elsewhere.
    return ctypes.CDLL(str(Path(library).resolve()) if Path(library).exists() else library)


def _report_failure(file: FileInfo, reason: str) -> None:
    print(C.colored(f'[Failed] File "{file.path}": {reason}', C.TERM_RED))


def _load_what_files_ask_for(files: Sequence[FileInfo], opt: Options) -> None:
    names = [opt.init.prefix] if opt.init is not None else []
    for file in files:
        for block in file.code_blocks:
            names += [block.param] if isinstance(block.param, str) else block.param
    for name in names:
        ensure_testing_library(name + ".")


def _write_coverage(path: Path) -> None:
    keys = [key for keys in collect_type_keys().values() for key in keys if is_object_type(key)]
    infos: dict[str, ObjectInfo] = {}
    for key in keys:
        info = object_info_from_type_key(key)
        for name in (key, *info.ancestors):
            infos[name] = object_info_from_type_key(name)
    verdicts = classify(infos)
    write_coverage_report(path, {key: verdicts[key] for key in keys})


# ---- Stages --------------------------------------------------------------------------------------


def _directives(file: FileInfo, name: str) -> list[tuple[int, str]]:
    """List the directives of one name in a file, as (line, payload)."""
    return [
        (block.lineno_start, block.pair[1])
        for block in file.code_blocks
        if block.kind == "directive" and block.pair[0] == name
    ]


def _declared_objects(files: Sequence[FileInfo]) -> dict[str, Path]:
    """Return which file has the block of each type key."""
    return {
        str(block.param): file.path
        for file in files
        for block in file.code_blocks
        if block.kind == "object"
    }


def _skipped(files: Sequence[FileInfo]) -> set[str]:
    return {payload for file in files for _, payload in _directives(file, "skip")}


def _stage_1(file: FileInfo, ty_map: dict[str, str]) -> None:
    """Read the ``ty-map`` directives of a file."""
    for lineno, payload in _directives(file, "ty-map"):
        origin, arrow, target = (part.strip() for part in payload.partition("->"))
        if not (origin and arrow and target):
            raise ValueError(f"Invalid ty_map format at line {lineno}. Example: `A.B -> C.D`")
        ty_map[origin] = target


def _stage_2(
    files: list[FileInfo],
    ty_map: dict[str, str],
    init_cfg: InitConfig,
    init_path: Path,
    global_funcs: dict[str, list[FuncInfo]],
    generator: Generator,
) -> set[str]:
    """Write the files that are missing for a prefix and those below it; returns the prefixes."""
    root = init_cfg.prefix.rstrip(".")
    type_keys = collect_type_keys()
    declared, skipped = _declared_objects(files), _skipped(files)
    declared_funcs = {
        block.pair[0] for file in files for block in file.code_blocks if block.kind == "global"
    }
    generated: set[str] = set()
    for prefix in sorted({*global_funcs, *type_keys}):
        if not f"{prefix}.".startswith(f"{root}."):
            continue
        keys = [
            key
            for key in type_keys.get(prefix, ())
            if key not in declared and key not in skipped and not generator.is_builtin(key)
        ]
        funcs = global_funcs.get(prefix) if prefix not in declared_funcs else None
        if not keys and not funcs:
            continue
        generated.add(prefix)
        folder = init_path / prefix.replace(".", "/")
        folder.mkdir(parents=True, exist_ok=True)
        api = _opened(files, folder / generator.api_filename(), generator)
        if api is not None:
            objects = toposort_objects(keys)
            is_root = prefix == root
            _append(
                api,
                generator.generate_api_file(
                    api.code_blocks, ty_map, prefix, objects, init_cfg, is_root
                ),
            )
        entry = _opened(files, folder / generator.init_filename(), generator)
        if entry is not None:
            submodule = Path(generator.api_filename()).stem
            _append(entry, generator.generate_init_file(entry.code_blocks, prefix, submodule))
    return generated


def _opened(files: list[FileInfo], path: Path, generator: Generator) -> FileInfo | None:
    """Return a file of the run, which joins it now if it did not exist; None if it is skipped."""
    path = path.resolve()
    for file in files:
        if file.path == path:
            return file
    path.touch()
    opened = FileInfo.from_file(path, include_empty=True, syntax=generator.syntax)
    if opened is not None:
        files.append(opened)
    return opened


def _append(file: FileInfo, text: str) -> None:
    if text:
        with file.path.open("a", encoding="utf-8") as stream:
            stream.write(text)
        file.reload()


def _stage_3(
    file: FileInfo,
    opt: Options,
    ty_map: dict[str, str],
    global_funcs: dict[str, list[FuncInfo]],
    generator: Generator,
    declared: Mapping[str, Path] | None = None,
) -> bool:
    """Fill the blocks of a file and write it; tells whether it changed."""
    if declared is None:
        declared = _declared_objects([file])
    blocks: dict[Any, list[CodeBlock]] = {}
    for block in file.code_blocks:
        blocks.setdefault(block.kind, []).append(block)
    imports = generator.new_imports()
    names: set[str] = set()
    for block in blocks.get("directive", ()):
        _take_in(block, imports, generator)
    for block in blocks.get("global", ()):
        funcs = global_funcs.get(block.pair[0], [])
        generator.generate_global_funcs_block(block, funcs, ty_map, imports, opt)
        names.update(func.schema.name for func in funcs)
    gone: list[str] = []
    defined: set[str] = set()
    for block in blocks.get("object", ()):
        key = str(block.param)
        try:
            info = object_info_from_type_key(key)
        except ValueError:
            gone.append(f"`object/{key}` (line {block.lineno_start})")
            continue
        generator.generate_object_block(block, ty_map, imports, opt, info, declared)
        names.add(key)
        defined.add(generator.canonical_type_name(key))
    for block in blocks.get("import-section", ())[:1]:
        generator.generate_import_section_block(block, imports, opt, defined)
    for block in blocks.get("__all__", ())[:1]:
        names |= generator.extra_export_names(imports)
        generator.generate_all_block(block, names, opt)
    for block in blocks.get("export", ()):
        generator.generate_export_block(block)
    changed = file.update(opt.verbose, opt.dry_run)
    if gone:
        raise ValueError(f"{', '.join(gone)}: the type is no longer registered; delete the block")
    return changed


def _take_in(block: CodeBlock, imports: Any, generator: Generator) -> None:
    name, payload = block.pair
    if name in generator.directive_kinds:
        generator.add_directive(imports, name, payload, block.lineno_start)
    elif name not in C.PIPELINE_DIRECTIVE_KINDS:
        raise ValueError(f"Unknown directive `{name}` at line {block.lineno_start}")


# ---- Rolling prefixes out ------------------------------------------------------------------------


def _roll_out_prefixes(files: list[FileInfo], generator: Generator) -> int:
    """Add blocks for the types directly under each ``prefix``; returns how many files failed."""
    owners: dict[str, Path] = {}
    failures = 0
    type_keys = collect_type_keys()
    skipped = _skipped(files)
    for file in files:
        wanted = _directives(file, "prefix")
        if not wanted:
            continue
        prefix = wanted[0][1].rstrip(".")
        reason = None
        if len(wanted) > 1:
            reason = f"more than one `prefix` directive (line {wanted[1][0]})"
        elif prefix in owners:
            reason = f"prefix `{prefix}` is already declared by {owners[prefix]}"
        if reason is not None:
            _report_failure(file, reason)
            failures += 1
            continue
        owners[prefix] = file.path
        registered = type_keys.get(prefix, [])
        _remove_unregistered_blocks(file, prefix, registered)
        if not registered:
            reason = f"[Skipped] No registered object under prefix `{prefix}`"
            print(C.colored(reason, C.TERM_YELLOW))
            continue
        present = _declared_objects(files).keys() | skipped
        keys = [key for key in registered if key not in present and not generator.is_builtin(key)]
        _add_blocks(file, generator.syntax, wanted[0][0], toposort_objects(keys))
    return failures


def _remove_unregistered_blocks(file: FileInfo, prefix: str, registered: Sequence[str]) -> None:
    kept: list[CodeBlock] = []
    for block in file.code_blocks:
        key = str(block.param)
        is_under = block.kind == "object" and key.rpartition(".")[0] == prefix
        if not is_under or key in registered:
            kept.append(block)
            continue
        if kept and kept[-1].kind is None and not "".join(kept[-1].lines).strip():
            kept.pop()
        reason = f"`object/{key}` (line {block.lineno_start}): the type is no longer registered"
        print(C.colored(f'[Removed] File "{file.path}": {reason}', C.TERM_YELLOW))
    file.code_blocks[:] = kept


def _add_blocks(
    file: FileInfo, syntax: C.MarkerSyntax, lineno: int, objects: Sequence[ObjectInfo]
) -> None:
    blocks = file.code_blocks
    if not any(block.kind == "import-section" for block in blocks):
        at = next(i for i, block in enumerate(blocks) if block.lineno_start == lineno) + 1
        blocks[at:at] = _new_blocks(syntax, lineno, "import-section")
    last = max(i for i, block in enumerate(blocks) if block.kind in ("object", "import-section"))
    blocks[last + 1 : last + 1] = [
        block
        for info in objects
        for block in _new_blocks(syntax, lineno, f"object/{info.type_key}")
    ]


def _new_blocks(syntax: C.MarkerSyntax, lineno: int, stub: str) -> list[CodeBlock]:
    begin = f"{syntax.begin} {stub}"
    block = CodeBlock.from_begin_line(lineno, begin, syntax)
    block.lineno_end = lineno
    block.lines = [begin, syntax.end]
    return [CodeBlock(None, "", lineno, lineno, [""]), block]


# ---- Options -------------------------------------------------------------------------------------


def _init_path(opt: Options) -> Path:
    path = Path(opt.files[0]) if opt.files else Path()
    return (path if path.is_dir() or not path.exists() else path.parent).resolve()


def _parse_args(arguments: Sequence[str] | None = None) -> Options:
    parser = _parser()
    given = parser.parse_args(arguments)
    init = (given.init_pypkg, given.init_lib, given.init_prefix)
    if any(init) and not all(init):
        parser.error("--init-pypkg, --init-lib, and --init-prefix must be provided together")
    if given.check and any(init):
        parser.error("--check cannot be combined with --init-* flags")
    missing = [path for path in given.files if not Path(path).exists()]
    if missing and not any(init):  # with --init-* the directory is made
        parser.error(f"no such file or directory: {', '.join(missing)}")
    if not given.files and given.coverage_out is None:
        parser.print_help()
        sys.exit(1)
    return Options(
        imports=_listed(given.imports),
        dlls=_listed(given.dlls),
        init=InitConfig(*init) if all(init) else None,
        indent=given.indent,
        files=given.files,
        verbose=given.verbose,
        dry_run=given.dry_run or given.check,
        check=given.check,
        target=given.target,
        coverage_out=given.coverage_out,
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tvm-ffi-stubgen",
        description=(
            "Fill the marked blocks of source files with what native libraries registered: type "
            "stubs for Python, bindings for Rust. With --init-* also write files that are missing."
        ),
        epilog=f"Documentation: {C.DOC_URL}",
    )
    add = parser.add_argument
    add("files", nargs="*", metavar="PATH", help="files, or directories to search for sources")
    add("--imports", default="", help="Python modules to import first, separated by ';'")
    add("--dlls", default="", metavar="LIBS", help="libraries to load first, separated by ';'")
    add("--init-pypkg", default="", help="Python package that missing files are written for")
    add("--init-lib", default="", help="build target of the library that the package loads")
    add("--init-prefix", default="", help="prefix of the names that the library registers")
    add("--indent", type=int, default=4, help="indentation inside `if TYPE_CHECKING:` (default 4)")
    add("--target", choices=generator_names(), default="python", help="language (default python)")
    add("--verbose", action="store_true", help="print file names and what changes")
    add("--dry-run", action="store_true", help="write nothing")
    add("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    add("--coverage-out", metavar="JSON", help="write which types can be held by value, and why")
    return parser


if __name__ == "__main__":
    sys.exit(__main__())
