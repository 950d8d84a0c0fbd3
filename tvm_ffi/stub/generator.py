# SPDX-License-Identifier: Apache-2.0
"""What a target language has to provide, and the targets there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from . import consts as C
from .file_utils import CodeBlock
from .python_generator.generator import PythonGenerator
from .rust_generator.generator import RustGenerator
from .utils import FuncInfo, InitConfig, ObjectInfo, Options


class Generator(Protocol):
    """A target language.

    `imports` is whatever `new_imports` returned for the file: it gathers what the blocks of the
    file need, and is written last. The methods that fill a block replace its inner lines.
    """

    @property
    def name(self) -> str:
        """The word after ``--target``."""

    @property
    def syntax(self) -> C.MarkerSyntax:
        """How markers are written."""

    @property
    def source_exts(self) -> frozenset[str]:
        """Extensions of the files that are looked for in directories."""

    @property
    def directive_kinds(self) -> frozenset[str]:
        """Directives understood besides those of the tool itself."""

    def default_ty_map(self) -> dict[str, str]:
        """Return what native types are called; a new one for each run."""

    def new_imports(self) -> Any:
        """Return the empty imports of a file."""

    def add_directive(self, imports: Any, name: str, payload: str, lineno: int) -> None:
        """Take in a directive; ValueError if it is malformed."""

    def canonical_type_name(self, type_key: str) -> str:
        """Return the full name of a type in the language."""

    def extra_export_names(self, imports: Any) -> set[str]:
        """Return names that a file exports besides functions and types."""

    def is_builtin(self, type_key: str) -> bool:
        """Tell whether the language has the type already, so that no block is added for it."""

    def check_view(self, code_blocks: list[CodeBlock]) -> object:
        """Return what must differ before and after for a file to be stale."""

    def generate_global_funcs_block(
        self,
        code: CodeBlock,
        global_funcs: list[FuncInfo],
        ty_map: dict[str, str],
        imports: Any,
        opt: Options,
    ) -> None:
        """Fill a ``global`` block."""

    def generate_object_block(
        self,
        code: CodeBlock,
        ty_map: dict[str, str],
        imports: Any,
        opt: Options,
        obj_info: ObjectInfo,
        declared: Mapping[str, Path],
    ) -> None:
        """Fill an ``object`` block; `declared` tells which file has the block of a type key."""

    def generate_import_section_block(
        self, code: CodeBlock, imports: Any, opt: Options, defined_types: set[str]
    ) -> None:
        """Fill the ``import-section`` block; `defined_types` are canonical names."""

    def generate_all_block(self, code: CodeBlock, names: set[str], opt: Options) -> None:
        """Fill the ``__all__`` block."""

    def generate_export_block(self, code: CodeBlock) -> None:
        """Fill an ``export`` block."""

    def generate_helpers_block(self, code: CodeBlock, opt: Options) -> None:
        """Fill a block of helpers, for languages that need some."""

    def api_filename(self) -> str:
        """Return the name of the file with the bindings of a package."""

    def init_filename(self) -> str:
        """Return the name of the file that makes a directory a package."""

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

    def generate_init_file(
        self, code_blocks: list[CodeBlock], module_name: str, submodule: str
    ) -> str:
        """Return what is to be appended to the package's entry file."""

    def finalize_init(self, init_path: Path, generated_prefixes: set[str]) -> None:
        """Tie the generated files together, after all of them are written."""


_GENERATORS: dict[str, Generator] = {"python": PythonGenerator(), "rust": RustGenerator()}


def generator_names() -> list[str]:
    """List the targets."""
    return sorted(_GENERATORS)


def get_generator(target: str) -> Generator:
    """Return the generator of a target; ValueError if there is none of that name."""
    generator = _GENERATORS.get(target)
    if generator is None:
        raise ValueError(
            f"Unknown stubgen generator: {target!r}. Known generators: "
            f"{', '.join(generator_names())}"
        )
    return generator
