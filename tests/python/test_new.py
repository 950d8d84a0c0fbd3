# SPDX-License-Identifier: Apache-2.0
"""What the scaffold writes and refuses; tests/packaging builds it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi import new


@pytest.mark.parametrize("build", new.BUILD_SYSTEMS)
def test_every_placeholder_is_filled_and_every_python_file_compiles(
    tmp_path: Path, build: str
) -> None:
    folder = tmp_path / "My-Project"
    written = new.write_project(folder, build)
    assert Path("src/my_project.cc") in written
    assert Path("python/my_project/__init__.py") in written
    assert written == sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    for path in written:
        text = (folder / path).read_text(encoding="utf-8")
        assert "@" not in str(path) and "@M" not in text and "@P" not in text
        if path.suffix == ".py":
            compile(text, path, "exec")
    assert 'name = "My-Project"' in (folder / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("1st", "cannot be called '1st'"),
        ("has space", "cannot be called"),
        ("class", "cannot be called"),
        ("tail-", "cannot be called"),
        ("tvm-ffi", "would hide the module tvm_ffi"),
    ],
)
def test_a_name_that_cannot_be_imported_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    assert new.main([str(tmp_path / name)]) == 1
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=8))
def test_any_name_is_usable_or_refused(name: str) -> None:
    """Only names; none of these folders can be made."""
    try:
        new.write_project(Path(os.devnull) / name)
    except (ValueError, OSError) as error:
        assert str(error)


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "precious").write_text("x")
    assert new.main([str(folder)]) == 1
    assert f"{folder} is there already" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["precious"]


def test_an_empty_folder_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    assert new.main(["."]) == 0
    assert (tmp_path / "mine" / "src" / "mine.cc").is_file()


def test_an_unknown_build_system_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        new.main([str(tmp_path / "x"), "--build", "make"])
    assert raised.value.code == 2
