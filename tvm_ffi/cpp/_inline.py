# SPDX-License-Identifier: Apache-2.0
"""Source text as users write it, made into files that compile and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_HEADERS = (
    "tvm/ffi/container/tensor.h",
    "tvm/ffi/dtype.h",
    "tvm/ffi/error.h",
    "tvm/ffi/extra/c_env_api.h",
    "tvm/ffi/function.h",
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def decorate(
    cpp: str, cuda: str, functions: Mapping[str, str] | Sequence[str] | str | None
) -> dict[str, str]:
    """Return file name -> text. What is exported is so from the C++ file, if there is one."""
    exports = "".join(_export(name, doc) for name, doc in _documented(functions).items())
    files = {}
    if cpp:
        files["main.cpp"] = _with_headers(cpp, exports)
    if cuda:
        files["cuda.cu"] = _with_headers(cuda, "" if cpp else exports)
    return files


def _with_headers(source: str, exports: str) -> str:
    includes = "".join(f"#include <{header}>\n" for header in _HEADERS)
    return f"{includes}\n{source}\n{exports}"


def _documented(functions: Mapping[str, str] | Sequence[str] | str | None) -> dict[str, str]:
    if functions is None:
        return {}
    if isinstance(functions, str):
        return {functions: ""}
    if isinstance(functions, Mapping):
        return dict(functions)
    return dict.fromkeys(functions, "")


def _export(name: str, doc: str) -> str:
    if not name.isidentifier():
        raise ValueError(
            f"Expected the name of a C++ function in the global namespace but got {name!r}; "
            "give a function of a namespace a `using` declaration or a wrapper"
        )
    text = f"TVM_FFI_DLL_EXPORT_TYPED_FUNC({name}, {name});\n"
    if doc:
        text += f'TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC({name}, "{doc.translate(_ESCAPES)}");\n'
    return text
