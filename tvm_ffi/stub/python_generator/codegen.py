# SPDX-License-Identifier: Apache-2.0
"""The contents of blocks, and of files that did not exist."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .. import consts as C
from ..file_utils import CodeBlock
from ..utils import FuncInfo, InitConfig, ObjectInfo, Options
from .consts import TY_MAP_DEFAULTS, TY_MAP_INPUT_DEFAULTS
from .utils import (
    ImportItem,
    TypeName,
    is_name,
    render_func_signature,
    render_object_ffi_init,
    render_object_fields,
    render_object_init,
    render_object_methods,
)

__all__ = [
    "generate_python_all",
    "generate_python_export",
    "generate_python_ffi_api",
    "generate_python_global_funcs",
    "generate_python_import_section",
    "generate_python_init",
    "generate_python_object",
    "render_func_signature",
    "render_object_ffi_init",
    "render_object_fields",
    "render_object_init",
    "render_object_methods",
]

_FMT_OFF, _FMT_ON = "# fmt: off", "# fmt: on"
_ISORT_OFF, _ISORT_ON = "# isort: off", "# isort: on"

# ---- Blocks --------------------------------------------------------------------------------------


def _fill(code: CodeBlock, lines: Iterable[str]) -> None:
    """Put lines between the markers of a block, indented as these are."""
    space = " " * code.indent
    code.lines = [code.lines[0], *(space + line for line in lines), code.lines[-1]]


def _named_by(ty_map: dict[str, str], imports: list[ImportItem], taken: Iterable[str]) -> TypeName:
    """Return what writes types as `ty_map` says and adds their imports.

    A type called like a function in `taken` is imported under another name.
    """
    taken = frozenset(taken)

    def name_of(origin: str) -> str:
        target = ty_map.get(origin, origin)
        if "." not in target:
            return target
        name = target.rpartition(".")[2]
        alias = f"_{name}" if name in taken else None
        imports.append(ImportItem(target, type_checking_only=True, alias=alias))
        return alias or name

    return name_of


def _input_ty_map(ty_map: dict[str, str]) -> dict[str, str]:
    """Return the type map for parameters: what the user did not change takes more."""
    return ty_map | {
        origin: name
        for origin, name in TY_MAP_INPUT_DEFAULTS.items()
        if ty_map.get(origin, TY_MAP_DEFAULTS[origin]) == TY_MAP_DEFAULTS[origin]
    }


def generate_python_global_funcs(
    code: CodeBlock,
    global_funcs: list[FuncInfo],
    ty_map: dict[str, str],
    imports: list[ImportItem],
    opt: Options,
) -> None:
    """Fill a ``global`` block: the functions of a prefix."""
    if not global_funcs:
        return
    prefix, module = code.pair
    imports.append(ImportItem(f"{module or 'tvm_ffi'}.init_ffi_api", alias="_FFI_INIT_FUNC"))
    imports.append(ImportItem("typing.TYPE_CHECKING"))
    funcs = {func.schema.name.rpartition(".")[2]: func for func in global_funcs}
    names = [name for name in funcs if is_name(name)]
    output = _named_by(ty_map, imports, names)
    input_ = _named_by(_input_ty_map(ty_map), imports, names)
    _fill(
        code,
        [
            _FMT_OFF,
            f'_FFI_INIT_FUNC("{prefix}", __name__)',
            "if TYPE_CHECKING:",
            *(render_func_signature(funcs[name], output, opt.indent, input_) for name in names),
            _FMT_ON,
        ],
    )


def generate_python_object(
    code: CodeBlock,
    ty_map: dict[str, str],
    imports: list[ImportItem],
    opt: Options,
    obj_info: ObjectInfo,
) -> None:
    """Fill an ``object`` block: fields, constructor and methods of a type."""
    names = [method.schema.name for method in obj_info.methods]
    output = _named_by(ty_map, imports, names)
    input_ = _named_by(_input_ty_map(ty_map), imports, names)
    fields = render_object_fields(obj_info, output, 0)
    methods = [
        *render_object_init(obj_info, output, opt.indent, input_),
        *render_object_ffi_init(obj_info, output, opt.indent, input_),
        *render_object_methods(obj_info, output, opt.indent, input_),
    ]
    if methods:
        imports.append(ImportItem("typing.TYPE_CHECKING"))
        methods.insert(0, "if TYPE_CHECKING:")
    if obj_info.has_overloaded_methods():
        imports.append(ImportItem("typing.overload"))
    _fill(code, [_FMT_OFF, *fields, *methods, _FMT_ON])


def generate_python_import_section(
    code: CodeBlock, imports: list[ImportItem], opt: Options
) -> None:
    """Fill an ``import-section`` block: what the other blocks of the file name."""
    if not imports:
        return
    at_run_time = {item for item in imports if not item.type_checking_only}
    only_typing = {item for item in imports if item.type_checking_only}
    if only_typing:
        at_run_time.add(ImportItem("typing.TYPE_CHECKING"))
    lines = [_FMT_OFF, _ISORT_OFF, "from __future__ import annotations", *_imports(at_run_time)]
    if only_typing:
        lines.append("if TYPE_CHECKING:")
        lines += (" " * opt.indent + line for line in _imports(only_typing))
    _fill(code, [*lines, _ISORT_ON, _FMT_ON])


def _imports(items: Iterable[ImportItem]) -> list[str]:
    names: dict[str, set[str]] = defaultdict(set)
    for item in items:
        names[item.mod].add(item.name_with_alias)
    lines = [f"import {name}" for name in sorted(names.pop("", ()))]
    return lines + [f"from {mod} import {', '.join(sorted(names[mod]))}" for mod in sorted(names)]


_ALL_CAPS = re.compile(r"[A-Z][A-Z0-9_]*")
_CAP_WORDS = re.compile(r"[A-Z][A-Za-z0-9]*")


def generate_python_all(code: CodeBlock, names: set[str], opt: Options) -> None:
    """Fill an ``__all__`` block: names, constants first, then classes, then the rest."""
    if not names:
        return

    def rank(name: str) -> int:
        return 0 if _ALL_CAPS.fullmatch(name) else 1 if _CAP_WORDS.fullmatch(name) else 2

    last = {name.rpartition(".")[2] for name in names}
    _fill(code, (f'"{name}",' for name in sorted(last, key=lambda name: (rank(name), name))))


def generate_python_export(code: CodeBlock) -> None:
    """Fill an ``export`` block: all public names of a submodule, as the package's own."""
    module = code.param
    names = f"{module}__all__"
    _fill(
        code,
        [
            _FMT_OFF,
            _ISORT_OFF,
            f"from .{module} import *  # noqa: F403",
            f"from .{module} import __all__ as {names}",
            'if "__all__" not in globals():',
            "    __all__ = []",
            f"__all__.extend({names})",
            _ISORT_ON,
            _FMT_ON,
        ],
    )


# ---- Files ---------------------------------------------------------------------------------------


def generate_python_ffi_api(
    code_blocks: list[CodeBlock],
    ty_map: dict[str, str],
    module_name: str,
    object_infos: list[ObjectInfo],
    init_cfg: InitConfig,
    is_root: bool,
    syntax: C.MarkerSyntax,
) -> str:
    """Return what a file needs to bind all of a prefix, less the sections it has already."""
    present = {block.kind for block in code_blocks}
    declared = {block.param for block in code_blocks if block.kind == "object"}
    parts: list[str] = []
    if not code_blocks:
        parts.append(f'"""FFI API bindings for {module_name}."""\n\n')
    if "import-section" not in present:
        parts.append(_block(syntax, "import-section"))
    if is_root and not _loads_library(code_blocks):
        parts.append(
            f"{syntax.import_object} tvm_ffi.libinfo.load_lib_module;False;_FFI_LOAD_LIB\n"
            f'LIB = _FFI_LOAD_LIB("{init_cfg.pkg}", "{init_cfg.shared_target}")\n'
        )
    if "global" not in present:
        parts.append(_block(syntax, f"global/{module_name}"))
    objects = [info for info in object_infos if info.type_key not in declared]
    if objects:
        parts.append(f"{syntax.import_object} tvm_ffi.register_object;False;_FFI_REG_OBJ\n")
    defined = {str(info.type_key) for info in object_infos} | {str(key) for key in declared}
    parts += (f"{_class(info, ty_map, defined, syntax)}\n" for info in objects)
    if "__all__" not in present:
        parts.append(f"\n__all__ = [\n{_block(syntax, '__all__', 4)}]\n")
    return "".join(parts)


def _loads_library(code_blocks: list[CodeBlock]) -> bool:
    return any(
        block.kind == "directive"
        and block.pair[0] == "import-object"
        and block.pair[1].endswith("_FFI_LOAD_LIB")
        for block in code_blocks
    )


def _block(syntax: C.MarkerSyntax, stub: str, indent: int = 0) -> str:
    space = " " * indent
    return f"{space}{syntax.begin} {stub}\n{space}{syntax.end}\n"


def _class(
    info: ObjectInfo, ty_map: dict[str, str], defined: set[str], syntax: C.MarkerSyntax
) -> str:
    key = str(info.type_key)
    name = key.rpartition(".")[2]
    parent = info.parent_type_key or "ffi.Object"
    parent_name = parent.rpartition(".")[2]
    text = ""
    if parent not in defined:
        target = ty_map.get(parent, parent)
        parent_name = "_" + target.replace(".", "_")
        text = f"{syntax.import_object} {target};False;{parent_name}\n"
    return (
        f'{text}@_FFI_REG_OBJ("{key}")\n'
        f"class {name}({parent_name}):\n"
        f'    """FFI binding for `{key}`."""\n\n'
        f"{_block(syntax, f'object/{key}', 4)}"
    )


def generate_python_init(
    code_blocks: list[CodeBlock], module_name: str, submodule: str, syntax: C.MarkerSyntax
) -> str:
    """Return what a package's entry file needs to export the names of a submodule."""
    if any(block.kind == "export" for block in code_blocks):
        return ""
    docstring = "" if code_blocks else f'"""Package {module_name}."""\n\n'
    return docstring + _block(syntax, f"export/{submodule}")
