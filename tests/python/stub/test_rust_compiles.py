# SPDX-License-Identifier: Apache-2.0
"""What the Rust target writes is Rust: rustfmt leaves it alone, and rustc checks its types."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

import tvm_ffi
from tvm_ffi.dataclasses import py_class
from tvm_ffi.stub import cli

CRATE = Path(__file__).with_name("rust_crate")

# Longer lines than usual, nothing packed two to a line, uses in the order of their text.
STYLE = "max_width=100,use_small_heuristics=Max,short_array_element_width_threshold=1"
STYLE += ",reorder_imports=false"

needs_rustc = pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
needs_rustfmt = pytest.mark.skipif(
    shutil.which("rustfmt") is None, reason="rustfmt is not installed"
)


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def check_style(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.rstrip("\n") + "\n")  # a new file ends with a blank line
    run("rustfmt", "--check", "--edition", "2021", "--config", STYLE, path, cwd=path.parent)
    path.write_text(text)


@pytest.fixture(scope="session")
def check_types(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Compile the stand-in for the crate, for `rustc` to check files against."""
    if shutil.which("rustc") is None:
        pytest.skip("rustc is not installed")
    built = tmp_path_factory.mktemp("crate")
    rustc = ("rustc", "--edition", "2021", "-L", built, "--out-dir", built)
    derive = ("--crate-name", "tvm_ffi_derive", "--crate-type", "proc-macro")
    run(*rustc, *derive, CRATE / "derive.rs", cwd=built)
    library = ("--crate-name", "tvm_ffi", "--crate-type", "lib", "--emit", "metadata")
    made = next(built.glob("*tvm_ffi_derive*"))
    run(
        *(*rustc, *library, "-A", "dead_code", "--extern", f"tvm_ffi_derive={made}"),
        CRATE / "tvm_ffi.rs",
        cwd=built,
    )

    def check(root: Path) -> None:
        options = ("--crate-name", "bindings", "--crate-type", "lib", "--emit", "metadata")
        extern = ("--extern", f"tvm_ffi={built / 'libtvm_ffi.rmeta'}")
        run(*rustc, *options, *extern, "-D", "warnings", root, cwd=built)

    return check


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return the folder of the sources of a new crate."""
    (tmp_path / "Cargo.toml").touch()
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.fixture
def stubgen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def generate(*arguments: Any) -> None:
        monkeypatch.setattr(sys, "argv", ["x", "--target", "rust", *map(str, arguments)])
        assert cli.__main__() == 0

    yield generate


# ---- A whole library -----------------------------------------------------------------------------


@pytest.fixture
def testing_module(source: Path, stubgen: Callable[..., None]) -> Path:
    """Return the module that is made for all types of the testing library."""
    tvm_ffi.get_global_func("testing.echo")  # loads it
    stubgen(source, "--init-pypkg", "p", "--init-lib", "l", "--init-prefix", "testing")
    (source / "lib.rs").write_text("pub mod testing;\n")
    return source / "testing" / "mod.rs"


@needs_rustfmt
def test_generated_modules_are_formatted(testing_module: Path) -> None:
    check_style(testing_module)


@needs_rustc
def test_generated_modules_compile(
    testing_module: Path, check_types: Callable[[Path], None]
) -> None:
    check_types(testing_module.parent.parent / "lib.rs")


@needs_rustc
def test_the_stand_in_finds_mistakes(
    testing_module: Path, check_types: Callable[[Path], None]
) -> None:
    text = testing_module.read_text()
    for right, wrong in (("pub a: i64", "pub a: i32"), ("base: Object,", "base: Nothing,")):
        testing_module.write_text(text.replace(right, wrong, 1))
        with pytest.raises(AssertionError, match="error"):
            check_types(testing_module.parent.parent / "lib.rs")


# ---- Directives, names, modules ------------------------------------------------------------------


@py_class("rust_compiles.Node")
class Node(tvm_ffi.Object):
    """Names that Rust reserves, or writes otherwise."""

    type: int
    camelCase: str
    super: float
    base: bool
    flag_: bool
    parent: Optional[tvm_ffi.Object]  # noqa: UP045
    note: Optional[str]  # noqa: UP045
    anything: Any
    children: tvm_ffi.Array[tvm_ffi.Map[str, int]]
    callback: Callable[..., Any]


@py_class("rust_compiles.Leaf")
class Leaf(Node):
    """A second level, whose allocators take a line per parameter."""

    a_rather_long_name_of_a_field: tvm_ffi.List[int]
    another_rather_long_name: tvm_ffi.Tensor
    kind: int
    owner: Node
    device: tvm_ffi.Device
    data_type: tvm_ffi.dtype


@py_class("rust_compiles.far.Twig")
class Twig(Leaf):
    """Of a module that has to import its base."""

    leaf: Optional[Leaf]  # noqa: UP045
    leaves: tvm_ffi.Array[Leaf]


@py_class("rust_compiles.Hidden")
class Hidden(tvm_ffi.Object):
    """Kept opaque by a directive."""

    kind: int
    typeName: str
    owner: Node


LIB = """\
pub mod by_hand;
pub mod far;

// tvm-ffi-stubgen(enum): rust_compiles.Leaf.kind -> Kind(i64) { Small=0, Large=-1 }
// tvm-ffi-stubgen(enum): rust_compiles.Hidden.kind -> HiddenKind(i64)
// tvm-ffi-stubgen(nullable): rust_compiles.Leaf.owner
// tvm-ffi-stubgen(custom-new): rust_compiles.Leaf
// tvm-ffi-stubgen(upcast): rust_compiles.Leaf -> crate::by_hand::Any
// tvm-ffi-stubgen(opaque): rust_compiles.Hidden
// tvm-ffi-stubgen(field): rust_compiles.Node.parent -> crate::by_hand::Parent

// tvm-ffi-stubgen(begin): import-section
// tvm-ffi-stubgen(end)

// tvm-ffi-stubgen(begin): object/rust_compiles.Node
// tvm-ffi-stubgen(end)

// tvm-ffi-stubgen(begin): object/rust_compiles.Leaf
// tvm-ffi-stubgen(end)

// tvm-ffi-stubgen(begin): object/rust_compiles.Hidden
// tvm-ffi-stubgen(end)

impl Leaf {
    pub fn new(kind: Kind) -> Kind {
        kind
    }
}
"""
FAR = """\
// tvm-ffi-stubgen(begin): import-section
// tvm-ffi-stubgen(end)

// tvm-ffi-stubgen(begin): object/rust_compiles.far.Twig
// tvm-ffi-stubgen(end)
"""
BY_HAND = """\
#[derive(Clone)]
#[repr(C)]
pub struct Parent(tvm_ffi::Any);

pub struct Any;
"""


@pytest.fixture
def written(source: Path, stubgen: Callable[..., None]) -> Path:
    """Return the folder of a crate with text of its own around the blocks."""
    for name, text in (("lib", LIB), ("far", FAR), ("by_hand", BY_HAND)):
        (source / f"{name}.rs").write_text(text)
    stubgen(source)
    return source


def test_the_directives_are_what_is_compiled(written: Path) -> None:
    text = (written / "lib.rs").read_text()
    for expected in (
        "pub struct Kind(i64);",
        "pub fn from_fields(",
        "pub owner: Option<Node>,",
        "pub parent: Parent,",
        "tvm_ffi::impl_object_upcast!(Leaf => Node, Leaf => crate::by_hand::Any);",
        "/// Opaque: vetoed by directive",
        "HiddenKind::try_from(raw)",
        "pub r#type: i64,",
        "pub super_: f64,",
        "pub base_: bool,",
    ):
        assert expected in text
    assert "use crate::Leaf;" in (written / "far.rs").read_text()


@needs_rustfmt
@pytest.mark.parametrize("name", ["lib", "far"])
def test_what_directives_make_is_formatted(written: Path, name: str) -> None:
    check_style(written / f"{name}.rs")


@needs_rustc
def test_what_directives_make_compiles(written: Path, check_types: Callable[[Path], None]) -> None:
    check_types(written / "lib.rs")
