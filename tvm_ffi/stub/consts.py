# SPDX-License-Identifier: Apache-2.0
"""The spelling of markers, and what is printed around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STUB_BLOCK_KINDS = Literal[
    "global", "object", "import-section", "directive", "export", "__all__", None
]


@dataclass(frozen=True)
class MarkerSyntax:
    """Markers as they are written in a language: `comment` starts a comment in it."""

    comment: str

    @property
    def prefix(self) -> str:
        """What every marker starts with."""
        return f"{self.comment} tvm-ffi-stubgen("

    @property
    def begin(self) -> str:
        """The start of a block; its kind follows."""
        return self.directive("begin")

    @property
    def end(self) -> str:
        """The end of a block."""
        return f"{self.prefix}end)"

    @property
    def skip_file(self) -> str:
        """Says that a file is not to be touched."""
        return f"{self.prefix}skip-file)"

    @property
    def ty_map(self) -> str:
        """The directive that renames a type."""
        return self.directive("ty-map")

    @property
    def import_object(self) -> str:
        """The directive that imports a name."""
        return self.directive("import-object")

    def directive(self, name: str) -> str:
        """Return a one-line directive; its payload follows."""
        return f"{self.prefix}{name}):"


PYTHON_SYNTAX = MarkerSyntax("#")
RUST_SYNTAX = MarkerSyntax("//")
SYNTAX_BY_EXT = {".py": PYTHON_SYNTAX, ".pyi": PYTHON_SYNTAX, ".rs": RUST_SYNTAX}

# Directives of the tool itself; all others belong to a generator.
PIPELINE_DIRECTIVE_KINDS = frozenset({"ty-map", "prefix", "skip"})

# Types with classes of their own in every target: no block is ever generated for them.
BUILTIN_TYPE_KEYS = {
    "ffi.BigInt",
    "ffi.Bytes",
    "ffi.Error",
    "ffi.Function",
    "ffi.Object",
    "ffi.OpaquePyObject",
    "ffi.SmallBytes",
    "ffi.SmallStr",
    "ffi.String",
    "ffi.Tensor",
}

# Global functions that are to be called otherwise in the target language.
FN_NAME_MAP: dict[str, str] = {}

DOC_URL = "https://tvm.apache.org/ffi/packaging/stubgen.html"

TERM_RESET = "\033[0m"
TERM_BOLD = "\033[1m"
TERM_BLACK = "\033[30m"
TERM_RED = "\033[31m"
TERM_GREEN = "\033[32m"
TERM_YELLOW = "\033[33m"
TERM_BLUE = "\033[34m"
TERM_MAGENTA = "\033[35m"
TERM_CYAN = "\033[36m"
TERM_WHITE = "\033[37m"


def colored(text: str, color: str) -> str:
    """Return text for a terminal in one of the colors above."""
    return f"{color}{text}{TERM_RESET}"
