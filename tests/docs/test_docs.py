# SPDX-License-Identifier: Apache-2.0
"""The documentation builds without a warning, and what it shows is what happens."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tvm_ffi

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

needs_sphinx = pytest.mark.skipif(
    not all(importlib.util.find_spec(module) for module in ("sphinx", "myst_parser")),
    reason="sphinx and myst-parser are not installed",
)

# Whose `__all__` is public. What else the package holds is for tools, tests and itself.
PUBLIC = ["", "access_path", "container", "core", "cpp", "cpp.dtype", "cpp.extension", "cpp.nvrtc"]
PUBLIC += ["dataclasses", "dataclasses.enum", "error", "libinfo", "module", "new", "registry"]
PUBLIC += ["serialization", "stream", "structural", "utils", "utils.kwargs_wrapper"]


def build(builder: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where ninja is
    done = subprocess.run(
        [*command, "-d", str(folder / "read"), str(DOCS), str(folder / builder)],
        cwd=folder,
        env={**os.environ, "PATH": path, "TVM_FFI_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / builder


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("html", tmp_path_factory.mktemp("docs"))


@needs_sphinx
def test_every_page_is_built(html: Path) -> None:
    pages = {page.stem for page in DOCS.glob("*.md")}
    assert pages <= {page.stem for page in html.glob("*.html")}


@needs_sphinx
def test_examples_on_the_pages_do_what_they_say(tmp_path: Path) -> None:
    build("doctest", tmp_path)


# ---- The reference -------------------------------------------------------------------------------


def resolve(name: str) -> Any:
    """Return the object of a dotted name."""
    module, rest = name, []
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, attribute = module.rpartition(".")
            rest.insert(0, attribute)
    for attribute in rest:
        found = getattr(found, attribute)
    return found


@needs_sphinx
@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_on_the_reference_page(html: Path, module: str) -> None:
    page = (html / "python_api.html").read_text()
    documented = re.findall(r'id="(tvm_ffi\.[\w.]+)"', page)
    # One object may have several names, and is documented under one of them.
    known = {id(resolve(name)) for name in documented if name.count(".") < 4}
    prefix = f"tvm_ffi.{module}" if module else "tvm_ffi"
    names = [name for name in importlib.import_module(prefix).__all__ if not name.startswith("_")]
    missing = [
        name
        for name in names
        if f"{prefix}.{name}" not in documented
        and not isinstance(resolve(f"{prefix}.{name}"), ModuleType)
        and id(resolve(f"{prefix}.{name}")) not in known
    ]
    assert names and not missing


def test_the_list_of_public_modules_is_complete() -> None:
    listed = {name for name in tvm_ffi.__all__ if isinstance(getattr(tvm_ffi, name), ModuleType)}
    assert listed <= set(PUBLIC)


# ---- Pictures ------------------------------------------------------------------------------------

PICTURES = sorted((DOCS / "pictures").iterdir())
SVG = "{http://www.w3.org/2000/svg}"


@needs_sphinx
def test_every_picture_is_on_a_page_and_described(html: Path) -> None:
    tags = [
        tag for page in html.glob("*.html") for tag in re.findall("<img [^>]*>", page.read_text())
    ]
    included = dict(
        re.search(r'alt="([^"]*)"[^>]*src="_images/([^"]*)"', tag).group(2, 1)  # type: ignore
        for tag in tags
        if "_images/" in tag
    )
    assert sorted(included) == [picture.name for picture in PICTURES]
    for description in included.values():
        assert len(description) > 100 and description.endswith(".")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_pictures_are_drawings_with_text_in_one_style(picture: Path) -> None:
    root = ElementTree.parse(picture).getroot()
    assert root.tag == f"{SVG}svg"
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert root.get("viewBox") == f"0 0 {width:g} {height:g}"
    title = root.find(f"{SVG}title")
    assert title is not None and title.text
    # The card behind it all makes the picture readable on any background.
    card = root.find(f"{SVG}rect")
    assert card is not None and card.get("class") == "card"
    first = ElementTree.parse(PICTURES[0]).getroot()
    assert root.findtext(f"{SVG}style") == first.findtext(f"{SVG}style")
    texts = list(root.iter(f"{SVG}text"))
    assert texts
    for element in root.iter():
        assert element.tag != f"{SVG}image"
        for axis, limit in (("x", width), ("y", height)):
            assert 0 <= float(element.get(axis, 0)) < limit
