# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi.core import TypeSchema
from tvm_ffi.stub import cli
from tvm_ffi.stub.file_utils import FileInfo
from tvm_ffi.stub.generator import get_generator
from tvm_ffi.stub.utils import FuncInfo, InitConfig, ObjectInfo, Options

YELLOW, RED = "\033[33m", "\033[31m"
PYTHON = get_generator("python")


@pytest.fixture
def stubgen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command in this process; gives its exit status."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["tvm-ffi-stubgen", *map(str, arguments)])
        return cli.__main__()

    return run


def begin(stub: str) -> str:
    return f"# tvm-ffi-stubgen(begin): {stub}\n"


END = "# tvm-ffi-stubgen(end)\n"


def directive(name: str, payload: str) -> str:
    return f"# tvm-ffi-stubgen({name}): {payload}\n"


def write(path: Path, *parts: str) -> Path:
    path.write_text("".join(parts))
    return path


def info(path: Path, *parts: str) -> FileInfo:
    read = FileInfo.from_file(write(path, *parts), include_empty=True)
    assert read is not None
    return read


PAIR = (begin("object/testing.TestIntPair"), END)

# ---- The command ---------------------------------------------------------------------------------


def test_blocks_are_filled_and_a_second_run_changes_nothing(
    stubgen: Callable[..., int], tmp_path: Path
) -> None:
    path = write(
        tmp_path / "a.py",
        '"""Kept."""\n',
        begin("import-section"),
        END,
        "\n",
        "class TestIntPair:\n",
        "    " + begin("object/testing.TestIntPair"),
        "    " + END,
        "\n",
        "__all__ = [\n",
        "    " + begin("__all__"),
        "    " + END,
        "]\n",
    )
    assert stubgen(tmp_path) == 0
    assert path.read_text() == (
        '"""Kept."""\n'
        "# tvm-ffi-stubgen(begin): import-section\n"
        "# fmt: off\n"
        "# isort: off\n"
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "# isort: on\n"
        "# fmt: on\n"
        "# tvm-ffi-stubgen(end)\n"
        "\n"
        "class TestIntPair:\n"
        "    # tvm-ffi-stubgen(begin): object/testing.TestIntPair\n"
        "    # fmt: off\n"
        "    a: int\n"
        "    b: int\n"
        "    if TYPE_CHECKING:\n"
        "        def __init__(self, a: int, b: int) -> None: ...\n"
        "        def __ffi_init__(self, _0: int, _1: int, /) -> None: ...\n"
        "        def sum(self, /) -> int: ...\n"
        "    # fmt: on\n"
        "    # tvm-ffi-stubgen(end)\n"
        "\n"
        "__all__ = [\n"
        "    # tvm-ffi-stubgen(begin): __all__\n"
        '    "TestIntPair",\n'
        "    # tvm-ffi-stubgen(end)\n"
        "]\n"
    )
    before = path.read_text()
    assert stubgen(tmp_path) == 0 and path.read_text() == before
    assert stubgen("--check", tmp_path) == 0


def test_enumerations_come_from_the_dataclasses(
    stubgen: Callable[..., int], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.py", begin("import-section"), END, begin("global/testing"), END)
    assert stubgen(path) == 0
    text = path.read_text()
    assert "    from tvm_ffi.dataclasses import Enum\n" in text
    assert "    def enum_variant_get(_0: str, /) -> Enum: ...\n" in text
    assert "    def schema_id_list_int(_0: Sequence[int], /) -> MutableSequence[int]: ...\n" in text
    assert "    def schema_id_dict_str_int(_0: Mapping[str, int], /) -> MutableMapping" in text


def test_check_reports_stale_files_and_writes_nothing(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.py", *PAIR)
    assert stubgen("--check", path) == 1
    assert f"{YELLOW}[Stale] {path.resolve()}\033[0m" in capsys.readouterr().out
    assert path.read_text() == "".join(PAIR)


def test_dry_run_shows_the_change_and_writes_nothing(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.py", *PAIR)
    assert stubgen("--dry-run", "--verbose", path) == 0
    assert path.read_text() == "".join(PAIR)
    printed = capsys.readouterr().out
    assert f"[File] {path.resolve()}" in printed and "\033[32m+a: int\033[0m" in printed
    assert stubgen(path) == 0
    assert stubgen("--verbose", path) == 0
    assert "Unchanged" in capsys.readouterr().out


def test_a_failing_file_does_not_stop_the_others(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.py", directive("ty-map", "no arrow"))
    write(tmp_path / "b.py", directive("opaque", "K"))
    good = write(tmp_path / "c.py", *PAIR)
    assert stubgen(tmp_path) == 2
    assert "a: int" in good.read_text()
    printed = capsys.readouterr().out
    assert f'{RED}[Failed] File "{(tmp_path / "a.py").resolve()}": ' in printed
    assert "Invalid ty_map format at line 1. Example: " in printed
    assert "ValueError: Unknown directive `opaque` at line 1" in printed
    assert stubgen("--check", tmp_path) == 2


def test_a_file_that_cannot_be_parsed_is_left_out(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.py", begin("nonsense"), END)
    assert stubgen(tmp_path) == 0
    assert "[Error]" in capsys.readouterr().out


def test_types_that_are_gone_are_reported_after_the_rest_is_written(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = begin("object/testing.Gone") + "old\n" + END
    more = begin("object/testing.Away") + END
    path = write(tmp_path / "a.py", gone, *PAIR, more)
    assert stubgen(path) == 2
    assert gone in path.read_text() and "a: int" in path.read_text()
    assert (
        "`object/testing.Gone` (line 1), `object/testing.Away` (line 6): the type is no longer "
        "registered; delete the block"
    ) in capsys.readouterr().out


def test_type_maps_hold_for_all_files(stubgen: Callable[..., int], tmp_path: Path) -> None:
    write(tmp_path / "z.py", directive("ty-map", "testing.TestObjectBase -> my.models.Base"))
    path = write(
        tmp_path / "a.py",
        begin("import-section"),
        END,
        begin("object/testing.TestObjectPtrHolder"),
        END,
    )
    assert stubgen(tmp_path) == 0
    assert "    from my.models import Base\n" in path.read_text()
    assert "optional_value: Base | None\n" in path.read_text()


def test_modules_and_libraries_are_loaded_first(
    stubgen: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "import tvm_ffi\ntvm_ffi.register_global_func('test_cli.loaded', len, override=True)\n"
    write(tmp_path / "stubgen_imported.py", module)
    monkeypatch.syspath_prepend(str(tmp_path))
    library = Path(tvm_ffi.libinfo.find_libtvm_ffi())
    path = write(tmp_path / "a.py", *PAIR)
    assert stubgen("--imports", "stubgen_imported; json", "--dlls", f"{library};", path) == 0
    assert tvm_ffi.get_global_func("test_cli.loaded")
    with pytest.raises(OSError, match="nothing"):
        stubgen("--dlls", tmp_path / "nothing.so", path)
    with pytest.raises(ImportError):
        stubgen("--imports", "no_such_module_at_all", path)


def test_a_library_in_the_working_directory_is_found(
    stubgen: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.so").symlink_to(tvm_ffi.libinfo.find_libtvm_ffi())
    path = write(tmp_path / "a.py", *PAIR)
    monkeypatch.chdir(tmp_path)
    assert stubgen("--dlls", "here.so", path) == 0


def test_the_layout_report_needs_no_files(stubgen: Callable[..., int], tmp_path: Path) -> None:
    tvm_ffi.get_global_func("testing.nop")
    report = tmp_path / "report.json"
    assert stubgen("--coverage-out", report) == 0
    verdicts = json.loads(report.read_text())
    assert list(verdicts) == sorted(verdicts)
    assert verdicts["ffi.Object"]["verdict"] == "complete"
    assert verdicts["testing.TestCxxClassHiddenField"]["uncovered"] == [[32, 40]]
    assert "int" not in verdicts


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--init-lib", "x", "."],
            "--init-pypkg, --init-lib, and --init-prefix must be provided together",
        ),
        (
            ["--check", "--init-lib", "x", "--init-pypkg", "x", "--init-prefix", "x", "."],
            "--check cannot be combined with --init-* flags",
        ),
        (["--target", "cobol", "."], "invalid choice: 'cobol'"),
        (["no_such_folder"], "no such file or directory: no_such_folder"),
    ],
)
def test_bad_options_are_refused(
    stubgen: Callable[..., int], arguments: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        stubgen(*arguments)
    assert raised.value.code == 2 and words in capsys.readouterr().err


def test_without_paths_help_is_printed(
    stubgen: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        stubgen()
    assert raised.value.code == 1
    assert "--coverage-out" in capsys.readouterr().out


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", *PAIR)
    command = [sys.executable, "-m", "tvm_ffi.stub.cli", "--check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "") and "[Stale]" in done.stdout


# ---- Files that are missing ----------------------------------------------------------------------


def test_a_generated_package_works(
    stubgen: Callable[..., int], tmp_path: Path, run_python: Callable[..., str]
) -> None:
    init = ("--init-pypkg", "apache-tvm-ffi", "--init-lib", "tvm_ffi_testing")
    (tmp_path / "pkg").mkdir()
    enums = ("TestEnumVariant", "TestCxxIntEnum", "TestCxxStrEnum")
    write(tmp_path / "pkg" / "x.py", *(directive("skip", f"testing.{name}") for name in enums))
    assert stubgen(tmp_path / "pkg", *init, "--init-prefix", "testing") == 0
    folder = tmp_path / "pkg" / "testing"
    assert {path.name for path in folder.iterdir()} == {"__init__.py", "_ffi_api.py"}
    assert stubgen("--check", folder) == 0
    before = (folder / "_ffi_api.py").read_text()
    assert stubgen(tmp_path / "pkg", *init, "--init-prefix", "testing.") == 0
    assert (folder / "_ffi_api.py").read_text() == before
    printed = run_python(
        """
        import os, sys
        sys.path.insert(0, os.environ["STUBS"])
        import testing
        print(testing.TestIntPair(1, 2).sum(), testing.add_one(41), testing.LIB is not None)
        print(testing.TestObjectDerived({}, []).v_i64, "schema_id_int" in testing.__all__)
        """,
        STUBS=str(tmp_path / "pkg"),
    )
    assert printed.split() == ["3", "42", "True", "10", "True"]


def test_stubs_of_our_own_package_are_python(stubgen: Callable[..., int], tmp_path: Path) -> None:
    init = ("--init-pypkg", "apache-tvm-ffi", "--init-lib", "tvm_ffi", "--init-prefix", "ffi")
    assert stubgen(tmp_path, *init) == 0
    assert stubgen("--check", tmp_path) == 0
    text = (tmp_path / "ffi" / "_ffi_api.py").read_text()
    assert "    def ArraySize(_0: Sequence[Any], /) -> int: ...\n" in text
    assert "class Module(" in text and "class String(" not in text
    assert (tmp_path / "ffi" / "reflection" / "_ffi_api.py").exists()
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


def fake_registry(monkeypatch: pytest.MonkeyPatch, keys: dict[str, list[str]]) -> None:
    monkeypatch.setattr(cli, "collect_type_keys", lambda: keys)
    monkeypatch.setattr(
        cli,
        "toposort_objects",
        lambda keys: [ObjectInfo([], [], type_key=k, parent_type_key="ffi.Object") for k in keys],
    )


def func(name: str) -> FuncInfo:
    return FuncInfo.from_schema(name, TypeSchema("Callable"))


def stage_2(files: list[FileInfo], path: Path, funcs: Any) -> set[str]:
    config = InitConfig("pkg", "lib", "a")
    return cli._stage_2(files, {}, config, path, funcs, PYTHON)


def test_files_are_made_for_the_prefix_and_those_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_registry(monkeypatch, {"a": ["a.X"], "a.b": ["a.b.Y"], "ab": ["ab.Z"], "c": ["c.W"]})
    files: list[FileInfo] = []
    made = stage_2(files, tmp_path, {"a.d": [func("a.d.f")], "abc": [func("abc.g")]})
    assert made == {"a", "a.b", "a.d"}
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert names == {
        f"{folder}/{name}"
        for folder in ("a", "a/b", "a/d")
        for name in ("_ffi_api.py", "__init__.py")
    }
    assert "LIB = " in (tmp_path / "a" / "_ffi_api.py").read_text()
    assert "LIB = " not in (tmp_path / "a" / "b" / "_ffi_api.py").read_text()
    assert {file.path.name for file in files} == {"_ffi_api.py", "__init__.py"}


def test_what_is_declared_skipped_or_built_in_makes_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"a": ["a.Declared"], "a.s": ["a.s.Skipped"], "a.f": []}
    fake_registry(monkeypatch, keys)
    present = info(
        tmp_path / "x.py",
        begin("object/a.Declared"),
        END,
        directive("skip", "a.s.Skipped"),
        begin("global/a.f"),
        END,
    )
    assert stage_2([present], tmp_path / "out", {"a.f": [func("a.f.g")]}) == set()
    assert not (tmp_path / "out").exists()
    fake_registry(monkeypatch, {"ffi": ["ffi.Object"]})
    config = InitConfig("pkg", "lib", "ffi")
    assert cli._stage_2([], {}, config, tmp_path / "out", {}, PYTHON) == set()


def test_existing_files_only_get_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_registry(monkeypatch, {"a": ["a.X", "a.Y"]})
    (tmp_path / "a").mkdir()
    api = info(
        tmp_path / "a" / "_ffi_api.py",
        begin("import-section"),
        END,
        begin("object/a.X"),
        END,
        begin("global/a"),
        END,
        begin("__all__"),
        END,
        directive("import-object", "tvm_ffi.libinfo.load_lib_module;False;_FFI_LOAD_LIB"),
    )
    assert stage_2([api], tmp_path, {}) == {"a"}
    text = (tmp_path / "a" / "_ffi_api.py").read_text()
    assert text.count("object/a.X") == 1 and text.count("object/a.Y") == 1
    for stub in ("import-section", "global/a\n", "(begin): __all__", "LOAD_LIB"):
        assert text.count(stub) == 1
    assert any(block.param == "a.Y" for block in api.code_blocks)


# ---- Rolling prefixes out ------------------------------------------------------------------------


def roll_out(files: list[FileInfo]) -> int:
    return cli._roll_out_prefixes(files, PYTHON)


def lines(file: FileInfo) -> str:
    return "".join(f"{line}\n" for block in file.code_blocks for line in block.lines)


def test_a_prefix_adds_an_import_section_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_registry(monkeypatch, {"a": ["a.X", "a.Y", "a.Z", "a.W"], "a.b": ["a.b.Deep"]})
    other = info(tmp_path / "b.py", begin("object/a.Y"), END, directive("skip", "a.W"))
    file = info(tmp_path / "a.py", directive("prefix", "a."), "x = 1\n")
    assert roll_out([file, other]) == 0
    assert lines(file) == (
        directive("prefix", "a.")
        + "\n"
        + begin("import-section")
        + END
        + "\n"
        + begin("object/a.X")
        + END
        + "\n"
        + begin("object/a.Z")
        + END
        + "x = 1\n"
    )
    assert roll_out([file, other]) == 0
    assert lines(file).count("object/a.X") == 1


def test_new_blocks_follow_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_registry(monkeypatch, {"a": ["a.X", "a.Y"]})
    file = info(
        tmp_path / "a.py",
        begin("import-section") + END,
        directive("prefix", "a"),
        begin("object/a.Y") + END,
        "tail\n",
    )
    assert roll_out([file]) == 0
    assert lines(file).endswith(
        begin("object/a.Y") + END + "\n" + begin("object/a.X") + END + "tail\n"
    )


def test_blocks_of_types_that_are_gone_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_registry(monkeypatch, {"a": ["a.X"]})
    file = info(
        tmp_path / "a.py",
        directive("prefix", "a"),
        begin("import-section") + END,
        "\n",
        begin("object/a.Gone") + END,
        "\n",
        begin("object/a.X") + END,
        begin("object/b.Gone") + END,
    )
    assert roll_out([file]) == 0
    assert lines(file) == (
        directive("prefix", "a")
        + begin("import-section")
        + END
        + "\n"
        + begin("object/a.X")
        + END
        + begin("object/b.Gone")
        + END
    )
    assert (
        f'[Removed] File "{file.path}": `object/a.Gone` (line 5): the type is no longer registered'
    ) in capsys.readouterr().out


def test_a_prefix_belongs_to_one_file_and_a_file_has_one_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_registry(monkeypatch, {"a": ["a.X"]})
    files = [
        info(tmp_path / "a.py", directive("prefix", "a")),
        info(tmp_path / "b.py", directive("prefix", "a.")),
        info(tmp_path / "c.py", directive("prefix", "x"), directive("prefix", "y")),
    ]
    assert roll_out(files) == 2
    printed = capsys.readouterr().out
    assert f"prefix `a` is already declared by {files[0].path}" in printed
    assert "more than one `prefix` directive (line 2)" in printed
    assert "object/a.X" in lines(files[0]) and "object/" not in lines(files[1])


def test_a_prefix_without_types_adds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_registry(monkeypatch, {"a": []})
    file = info(tmp_path / "a.py", directive("prefix", "a"))
    assert roll_out([file]) == 0
    expected = f"{YELLOW}[Skipped] No registered object under prefix `a`"
    assert expected in capsys.readouterr().out
    assert lines(file) == directive("prefix", "a")


# ---- Stages called directly ----------------------------------------------------------------------


def test_stage_1_reads_type_maps(tmp_path: Path) -> None:
    ty_map = {"a": "b"}
    cli._stage_1(info(tmp_path / "a.py", directive("ty-map", " x.Y  ->  z.W ")), ty_map)
    assert ty_map == {"a": "b", "x.Y": "z.W"}
    for wrong in ("x", "x ->", "-> y", ""):
        with pytest.raises(ValueError, match=r"Example: `A\.B -> C\.D`"):
            cli._stage_1(info(tmp_path / "a.py", directive("ty-map", wrong)), ty_map)


def test_stage_3_tells_whether_the_file_changed(tmp_path: Path) -> None:
    file = info(tmp_path / "a.py", begin("export/_x"), END)
    options, ty_map = Options(), PYTHON.default_ty_map()
    assert cli._stage_3(file, options, ty_map, {}, PYTHON) is True
    again = FileInfo.from_file(tmp_path / "a.py")
    assert again is not None
    assert cli._stage_3(again, options, ty_map, {}, PYTHON) is False


def test_only_the_first_import_section_and_all_are_filled(tmp_path: Path) -> None:
    parts = [begin("import-section") + END, begin("__all__") + END]
    file = info(tmp_path / "a.py", *parts, *parts, begin("global/a") + END)
    funcs = {"a": [func("a.f")]}
    cli._stage_3(file, Options(), PYTHON.default_ty_map(), funcs, PYTHON)
    text = (tmp_path / "a.py").read_text()
    assert text.count("import init_ffi_api") == 1 and text.count('"f",') == 1
    assert text.count("".join(parts)) == 1
