# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi.stub import consts as C
from tvm_ffi.stub.file_utils import CodeBlock, FileInfo, collect_files, path_walk, syntax_for

PY, RS = C.PYTHON_SYNTAX, C.RUST_SYNTAX
BEGIN, END = "# tvm-ffi-stubgen(begin): ", "# tvm-ffi-stubgen(end)"


def read(path: Path, text: str, **options: Any) -> FileInfo:
    path.write_text(text, encoding="utf-8")
    info = FileInfo.from_file(path, **options)
    assert info is not None
    return info


# ---- Markers -------------------------------------------------------------------------------------


def test_markers_are_comments_of_the_language() -> None:
    assert PY.prefix == "# tvm-ffi-stubgen("
    assert (PY.begin, PY.end) == ("# tvm-ffi-stubgen(begin):", "# tvm-ffi-stubgen(end)")
    assert PY.skip_file == "# tvm-ffi-stubgen(skip-file)"
    assert PY.ty_map == PY.directive("ty-map") == "# tvm-ffi-stubgen(ty-map):"
    assert PY.import_object == "# tvm-ffi-stubgen(import-object):"
    assert RS.begin == "// tvm-ffi-stubgen(begin):"
    assert C.SYNTAX_BY_EXT == {".py": PY, ".pyi": PY, ".rs": RS}
    assert syntax_for(Path("a.RS")) == RS and syntax_for(Path("a.txt")) == PY


@pytest.mark.parametrize(
    ("line", "kind", "param"),
    [
        (BEGIN + "global/a.b", "global", ("a.b", "")),
        (BEGIN + "global/a.b@m.n", "global", ("a.b", "m.n")),
        (BEGIN + "object/a.B", "object", "a.B"),
        (BEGIN + "import-section", "import-section", ""),
        (BEGIN + "export/_ffi_api", "export", "_ffi_api"),
        (BEGIN + "__all__", "__all__", ""),
    ],
)
def test_blocks_start_open(line: str, kind: str, param: Any) -> None:
    assert CodeBlock.from_begin_line(3, line, PY) == CodeBlock(kind, param, 3, None, [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "param"),
    [
        ("# tvm-ffi-stubgen(ty-map):  A -> B ", ("ty-map", "A -> B")),
        ("# tvm-ffi-stubgen(import-object): a.b;False;c", ("import-object", "a.b;False;c")),
        ("# tvm-ffi-stubgen(custom-new): K", ("custom-new", "K")),
        ("# tvm-ffi-stubgen(prefix):", ("prefix", "")),
    ],
)
def test_directives_are_one_line(line: str, param: tuple[str, str]) -> None:
    block = CodeBlock.from_begin_line(3, line, PY)
    assert block == CodeBlock("directive", param, 3, 3, [])
    assert block.pair == param


@pytest.mark.parametrize("stub", ["nope/x", "object", "import-section/x", ""])
def test_unknown_blocks_are_refused(stub: str) -> None:
    with pytest.raises(ValueError, match=f"^Unknown stub type `{stub}` at line 7$"):
        CodeBlock.from_begin_line(7, BEGIN + stub, PY)


@pytest.mark.parametrize("marker", ["foo bar): x", "foo)", "1a): x", "): x"])
def test_markers_that_are_no_directive_are_refused(marker: str) -> None:
    line = PY.prefix + marker
    with pytest.raises(ValueError) as raised:
        CodeBlock.from_begin_line(7, line, PY)
    assert str(raised.value) == f"Unknown stub type at line 7: {line}"


# ---- Files ---------------------------------------------------------------------------------------


def test_a_file_is_read_into_blocks(tmp_path: Path) -> None:
    text = f"one\n  {BEGIN}__all__\n  old\n  {END}\n# tvm-ffi-stubgen(ty-map): A -> B\n"
    info = read(tmp_path / "a.py", text)
    assert [(b.kind, b.lineno_start, b.lineno_end) for b in info.code_blocks] == [
        (None, 1, 1),
        ("__all__", 2, 4),
        ("directive", 5, 5),
    ]
    assert info.code_blocks[1].indent == 2
    assert info.code_blocks[1].lines == [f"  {BEGIN}__all__", "  old", f"  {END}"]
    assert info.path == (tmp_path / "a.py").resolve()
    assert info.lines == tuple(text.splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{BEGIN}__all__\n{BEGIN}__all__\n", "Nested stub not permitted at line 2"),
        (f"x\n{END}\n", "Unmatched `# tvm-ffi-stubgen(end)` found at line 2"),
        (f"{BEGIN}__all__\n", "Unclosed stub block at end of file"),
    ],
)
def test_unbalanced_markers_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(ValueError) as raised:
        FileInfo.from_file(tmp_path / "a.py")
    assert str(raised.value) == message


def test_a_directive_inside_a_block_survives_in_front_of_it(tmp_path: Path) -> None:
    text = f"{BEGIN}__all__\n# tvm-ffi-stubgen(ty-map): A -> B\nold\n{END}\n"
    info = read(tmp_path / "a.py", text)
    assert [block.kind for block in info.code_blocks] == ["directive", "__all__"]
    assert info.code_blocks[1].lines == [f"{BEGIN}__all__", "old", END]


def test_files_without_markers_or_with_skip_file_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    assert FileInfo.from_file(path) is None
    assert len(read(path, "x = 1\n", include_empty=True).code_blocks) == 1
    path.write_text(f"{BEGIN}__all__\n{END}\n  # tvm-ffi-stubgen(skip-file)\n")
    assert FileInfo.from_file(path) is None
    assert FileInfo.from_file(path, include_empty=True) is None


def test_markers_of_another_language_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("// tvm-ffi-stubgen(begin): __all__\n")
    assert FileInfo.from_file(tmp_path / "a.py") is None
    info = read(tmp_path / "a.rs", f"// tvm-ffi-stubgen(opaque): K\n{BEGIN}nope\n")
    assert [block.kind for block in info.code_blocks] == ["directive", None]


texts = st.lists(
    st.sampled_from(["", "x = 1", f"    {BEGIN}__all__\n    a\n    {END}"]), max_size=6
)


@given(texts)
def test_unchanged_blocks_are_written_as_they_were(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.py")
        info = read(path, "".join(f"{part}\n" for part in parts), include_empty=True)
        assert info.update(verbose=False, dry_run=False) is False
        assert path.read_text() == "".join(f"{part}\n" for part in parts)


def test_a_change_is_written_unless_dry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.py"
    info = read(path, f"{BEGIN}__all__\n{END}")
    info.code_blocks[0].lines.insert(1, "new")
    assert info.update(verbose=True, dry_run=True) is True
    assert path.read_text() == f"{BEGIN}__all__\n{END}"
    assert "\033[32m+new\033[0m" in capsys.readouterr().out
    assert info.update(verbose=False, dry_run=False) is True
    assert path.read_text() == f"{BEGIN}__all__\nnew\n{END}\n"
    info.reload()
    assert info.code_blocks[0].lines[1] == "new" and len(info.lines) == 2
    again = FileInfo.from_file(path)
    assert again is not None and again.update(verbose=True, dry_run=False) is False
    assert "Unchanged" in capsys.readouterr().out


def test_directories_are_searched_and_named_files_always_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = f"{BEGIN}__all__\n{END}\n"
    (tmp_path / "sub").mkdir()
    for name in ("b.py", "sub/a.PY", "c.txt", "d.pyi"):
        (tmp_path / name).write_text(block)
    (tmp_path / "plain.py").write_text("x = 1\n")
    (tmp_path / "wrong.py").write_text(BEGIN + "nope\n")
    exts = {".py", ".pyi"}
    found = collect_files([tmp_path], exts)
    assert [file.path.name for file in found] == ["b.py", "d.pyi", "a.PY"]
    assert "[Error]" in (printed := capsys.readouterr().out) and "`nope` at line 1" in printed
    found = collect_files([tmp_path / "c.txt", tmp_path / "b.py", tmp_path / "b.py"], exts)
    assert [file.path.name for file in found] == ["b.py", "c.txt"]


def test_path_walk_lists_as_path_walk_of_newer_pythons(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").touch()
    assert list(path_walk(tmp_path)) == [
        (tmp_path, ["sub"], []),
        (tmp_path / "sub", [], ["a"]),
    ]
