# SPDX-License-Identifier: Apache-2.0
"""`PythonGenerator`: what the tool asks of the Python target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import consts as C
from ..file_utils import CodeBlock
from ..utils import FuncInfo, InitConfig, ObjectInfo, Options
from . import codegen
from .consts import TY_MAP_DEFAULTS
from .utils import ImportItem, PythonImports


class PythonGenerator:
    """Type stubs in ``.py`` and ``.pyi`` files; see `generator.Generator`."""

    name = "python"
    syntax = C.PYTHON_SYNTAX
    source_exts = frozenset({".py", ".pyi"})
    directive_kinds = frozenset({"import-object"})

    def default_ty_map(self) -> dict[str, str]:
        """Return a type map of its own for each run."""
        return dict(TY_MAP_DEFAULTS)

    def new_imports(self) -> PythonImports:
        """Return the empty imports of a file."""
        return PythonImports()

    def add_directive(self, imports: PythonImports, name: str, payload: str, lineno: int) -> None:
        """Take in an ``import-object`` directive."""
        imports.add_directive(payload)

    def canonical_type_name(self, type_key: str) -> str:
        """Return the Python name of a type with its module."""
        return ImportItem(type_key).full_name

    def extra_export_names(self, imports: PythonImports) -> set[str]:
        """Return names that a file exports besides functions and classes."""
        return {"LIB"} if imports.has_lib_load else set()

    def is_builtin(self, type_key: str) -> bool:
        """Tell whether the package has the class already."""
        return type_key in C.BUILTIN_TYPE_KEYS

    def check_view(self, code_blocks: list[CodeBlock]) -> tuple[str, ...]:
        """Return all lines: any change makes a file stale."""
        return tuple(line for block in code_blocks for line in block.lines)

    def generate_global_funcs_block(
        self,
        code: CodeBlock,
        global_funcs: list[FuncInfo],
        ty_map: dict[str, str],
        imports: PythonImports,
        opt: Options,
    ) -> None:
        """Fill a ``global`` block."""
        codegen.generate_python_global_funcs(code, global_funcs, ty_map, imports.items, opt)

    def generate_object_block(
        self,
        code: CodeBlock,
        ty_map: dict[str, str],
        imports: PythonImports,
        opt: Options,
        obj_info: ObjectInfo,
        declared: Mapping[str, Path],
    ) -> None:
        """Fill an ``object`` block."""
        codegen.generate_python_object(code, ty_map, imports.items, opt, obj_info)

    def generate_import_section_block(
        self, code: CodeBlock, imports: PythonImports, opt: Options, defined_types: set[str]
    ) -> None:
        """Fill the ``import-section`` block; types that the file defines are not imported."""
        items = [item for item in imports.items if item.full_name not in defined_types]
        codegen.generate_python_import_section(code, items, opt)

    def generate_all_block(self, code: CodeBlock, names: set[str], opt: Options) -> None:
        """Fill the ``__all__`` block."""
        codegen.generate_python_all(code, names, opt)

    def generate_export_block(self, code: CodeBlock) -> None:
        """Fill an ``export`` block."""
        codegen.generate_python_export(code)

    def generate_helpers_block(self, code: CodeBlock, opt: Options) -> None:
        """Do nothing: stubs need no helpers."""

    def api_filename(self) -> str:
        """Return the name of the file with the bindings of a package."""
        return "_ffi_api.py"

    def init_filename(self) -> str:
        """Return the name of the file that makes a directory a package."""
        return "__init__.py"

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
        return codegen.generate_python_ffi_api(
            code_blocks, ty_map, module_name, object_infos, init_cfg, is_root, self.syntax
        )

    def generate_init_file(
        self, code_blocks: list[CodeBlock], module_name: str, submodule: str
    ) -> str:
        """Return what is to be appended to the package's entry file."""
        return codegen.generate_python_init(code_blocks, module_name, submodule, self.syntax)

    def finalize_init(self, init_path: Path, generated_prefixes: set[str]) -> None:
        """Do nothing: directories of packages need no list."""
