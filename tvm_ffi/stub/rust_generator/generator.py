# SPDX-License-Identifier: Apache-2.0
"""`RustGenerator`: what the tool asks of the Rust target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from .. import consts as C
from ..file_utils import CodeBlock
from ..utils import FuncInfo, InitConfig, ObjectInfo, Options
from . import codegen
from .consts import DIRECTIVE_KINDS, RUST_TY_MAP_DEFAULTS
from .names import Module, leaf_of
from .utils import RustImports, RustUse, check_tokens, is_crate_type_key, rust_module_path


class _Modules(Mapping[str, Module]):
    """The modules of files, found out when asked for: not every file need be in a crate."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def __getitem__(self, key: str) -> Module:
        return rust_module_path(self._files[key])

    def __contains__(self, key: object) -> bool:
        return key in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class RustGenerator:
    """Bindings in ``.rs`` files; see `generator.Generator`.

    Global functions are called through a macro of the crate, so only types have blocks.
    """

    name = "rust"
    syntax = C.RUST_SYNTAX
    source_exts = frozenset({".rs"})
    directive_kinds = DIRECTIVE_KINDS

    def default_ty_map(self) -> dict[str, str]:
        """Return a type map of its own for each run."""
        return dict(RUST_TY_MAP_DEFAULTS)

    def new_imports(self) -> RustImports:
        """Return the empty imports of a file."""
        return RustImports()

    def add_directive(self, imports: RustImports, name: str, payload: str, lineno: int) -> None:
        """Take in a directive."""
        if name == "import-object":
            imports.items.append(RustUse(payload.partition(";")[0].strip()))
        else:
            imports.directives.add(name, payload, lineno)

    def canonical_type_name(self, type_key: str) -> str:
        """Return the path that the type key spells."""
        return RustUse(type_key).path

    def extra_export_names(self, imports: RustImports) -> set[str]:
        """Return nothing: there are no lists of exports."""
        return set()

    def is_builtin(self, type_key: str) -> bool:
        """Tell whether the crate has the type already."""
        return is_crate_type_key(type_key)

    def check_view(self, code_blocks: list[CodeBlock]) -> dict[tuple[str, object], tuple[str, ...]]:
        """Return the tokens of the generated definitions."""
        view = {
            (str(block.kind), block.param): check_tokens(block.lines[1:-1])
            for block in code_blocks
            if block.kind in ("object", "import-section")
        }
        return {key: tokens for key, tokens in view.items() if tokens or key[0] == "object"}

    def generate_global_funcs_block(
        self,
        code: CodeBlock,
        global_funcs: list[FuncInfo],
        ty_map: dict[str, str],
        imports: RustImports,
        opt: Options,
    ) -> None:
        """Leave the block alone."""

    def generate_object_block(
        self,
        code: CodeBlock,
        ty_map: dict[str, str],
        imports: RustImports,
        opt: Options,
        obj_info: ObjectInfo,
        declared: Mapping[str, Path],
    ) -> None:
        """Fill an ``object`` block."""
        own_file = declared[str(obj_info.type_key)]
        for key, path in declared.items():
            if path == own_file:
                imports.reserved |= {leaf_of(key), f"{leaf_of(key)}Obj"}
        modules = _Modules(declared)
        codegen.generate_rust_object(code, ty_map, imports, opt, obj_info, modules)

    def generate_import_section_block(
        self, code: CodeBlock, imports: RustImports, opt: Options, defined_types: set[str]
    ) -> None:
        """Fill the ``import-section`` block."""
        codegen.generate_rust_import_section(code, imports, opt, defined_types)

    def generate_all_block(self, code: CodeBlock, names: set[str], opt: Options) -> None:
        """Leave the block alone."""

    def generate_export_block(self, code: CodeBlock) -> None:
        """Leave the block alone."""

    def generate_helpers_block(self, code: CodeBlock, opt: Options) -> None:
        """Leave the block alone."""

    def api_filename(self) -> str:
        """Return the name of the file with the bindings of a module."""
        return "mod.rs"

    def init_filename(self) -> str:
        """Return the name of the file that makes a directory a module: the same one."""
        return "mod.rs"

    def generate_api_file(
        self,
        code_blocks: list[CodeBlock],
        ty_map: dict[str, str],
        module_name: str,
        object_infos: list[ObjectInfo],
        init_cfg: InitConfig,
        is_root: bool,
    ) -> str:
        """Return what is to be appended to the file with the bindings."""
        return codegen.generate_rust_api_file(
            code_blocks, ty_map, module_name, object_infos, init_cfg, is_root, self.syntax
        )

    def generate_init_file(
        self, code_blocks: list[CodeBlock], module_name: str, submodule: str
    ) -> str:
        """Return nothing: a module exports what is public in it."""
        return ""

    def finalize_init(self, init_path: Path, generated_prefixes: set[str]) -> None:
        """Declare the modules of the generated files."""
        codegen.finalize_rust_module_tree(init_path, generated_prefixes)
