# SPDX-License-Identifier: Apache-2.0
"""Every public header compiles by itself, cleanly, and includes nothing above its layer.

What headers include and import is as much a promise as what they declare: it is what users compile
and link.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from imports import contract_imports, foreign_imports

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"
# The second stands in for the CUDA toolkit, which some headers need.
SEARCH = [f"-I{INCLUDE}", f"-I{HERE / 'fixtures' / 'cuda'}"]
HEADERS = sorted(str(path.relative_to(INCLUDE)) for path in INCLUDE.rglob("*.h"))
CONTRACT = ["dlpack/dlpack.h", "tvm/ffi/c_api.h", "tvm/ffi/extra/c_env_api.h"]
STANDARDS = ["c++17", "c++20", "c++2b"]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

HEAVY = {"iostream", "sstream", "iomanip", "functional", "ostream", "istream", "regex"}
# The headers whose subject they are: std::function is one of the types of stl.h.
SUBJECTS = {"tvm/ffi/extra/stl.h": {"functional"}}

# First match wins; a header may include those of its own layer and below, never in a circle.
LAYERS = [
    (r"dlpack/dlpack\.h", 0),
    (r"tvm/ffi/c_api\.h|tvm/ffi/extra/c_env_api\.h", 1),
    (r"tvm/ffi/(endian|base_details?)\.h", 2),
    (r"tvm/ffi/type_traits\.h", 3),
    (r"tvm/ffi/(object(_ptr)?(_detail)?|memory)\.h", 4),
    (r"tvm/ffi/(message_detail|error|string)\.h", 5),
    (r"tvm/ffi/(any|optional|cast|rvalue_ref|expected|big_int(_detail)?)\.h", 6),
    (r"tvm/ffi/(function|function_details?)\.h", 7),
    (r"tvm/ffi/(dtype|device)\.h|tvm/ffi/container/.*", 8),
    (r"tvm/ffi/(reflection/.*|enum\.h)", 9),
    (r"tvm/ffi/extra/.*", 10),
    (r"tvm/ffi/tvm_ffi\.h", 10),
    (r"tvm_ffi_python_(helpers|object)\.h", 10),
]


def layer_of(header: str) -> int:
    for pattern, layer in LAYERS:
        if re.fullmatch(pattern, header):
            return layer
    pytest.fail(f"{header} is in no layer: give it one in {Path(__file__).name}")


@functools.cache
def includes_of(header: str) -> list[str]:
    """Return the project's headers that a header names in #include lines."""
    text = (INCLUDE / header).read_text()
    return [name for name in re.findall(r'#include [<"]([^>"]+)', text) if name in HEADERS]


def run_compiler(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def compile_alone(compiler: str, standard: str, language: str, text: str) -> None:
    command = [compiler, f"-std={standard}", *WARNINGS, "-fsyntax-only", *SEARCH]
    run_compiler([*command, "-x", language, "-"], text)


# What is missing shows when a header is alone, in one standard or another: the library includes
# more by itself in some. Clang's two releases take the headers in turn; one of each would take as
# long as everything else here, and all of them read all headers together.
ALONE = [("g++", standard, header) for standard in STANDARDS for header in HEADERS] + [
    ((("clang++", "c++17"), ("clang++-16", "c++20"))[position % 2] + (header,))
    for position, header in enumerate(HEADERS)
]


@pytest.mark.parametrize(("compiler", "standard", "header"), ALONE)
def test_header_compiles_alone_and_twice(compiler: str, standard: str, header: str) -> None:
    # Twice, for the include guard; from a file of its own, so that it brings what it names.
    compile_alone(compiler, standard, "c++", f"#include <{header}>\n" * 2 + "int main() {}\n")


@pytest.mark.parametrize("order", ["in order", "reversed"])
@pytest.mark.parametrize("compiler", ["g++", "clang++", "clang++-16"])
@pytest.mark.parametrize("standard", STANDARDS)
def test_headers_compile_together(standard: str, compiler: str, order: str) -> None:
    headers = HEADERS if order == "in order" else HEADERS[::-1]
    text = "".join(f"#include <{header}>\n" for header in headers)
    compile_alone(compiler, standard, "c++", text + "int main() {}\n")


@pytest.mark.parametrize("header", HEADERS)
def test_header_brings_no_heavy_standard_header(header: str) -> None:
    # Streams and <functional> cost more than most of our headers; who uses them includes them.
    command = ["g++", "-std=c++17", *SEARCH, "-M", "-x", "c++", str(INCLUDE / header)]
    rule = run_compiler(command).stdout
    brought = {Path(path).name for path in rule.replace("\\\n", " ").split()}
    assert brought & HEAVY == SUBJECTS.get(header, set())


def test_headers_import_only_contract_functions(tmp_path: Path) -> None:
    # Every inline function is emitted, used or not, so that what it calls shows.
    source = tmp_path / "all.cc"
    source.write_text("".join(f"#include <{header}>\n" for header in HEADERS))
    compiled = tmp_path / "all.o"
    flags = ["-std=c++17", "-fkeep-inline-functions", *SEARCH]
    run_compiler(["g++", *flags, "-c", str(source), "-o", str(compiled)])
    foreign, contract = foreign_imports(compiled), contract_imports(compiled)
    assert foreign == set()
    assert "TVMFFIFunctionCall" in contract  # the symbols of an object file were read at all


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("header", CONTRACT)
def test_the_contract_is_c11(header: str, compiler: str) -> None:
    text = f"#include <{header}>\n" * 2 + "int main(void) { return 0; }\n"
    compile_alone(compiler, "c11", "c", text)


@pytest.mark.parametrize("header", HEADERS)
def test_header_includes_only_its_own_layer_and_below(header: str) -> None:
    above = [name for name in includes_of(header) if layer_of(name) > layer_of(header)]
    assert above == []


def test_no_header_includes_itself_in_a_circle() -> None:
    finished: set[str] = set()

    def visit(header: str, path: tuple[str, ...]) -> None:
        assert header not in path, " -> ".join([*path, header])
        if header not in finished:
            for name in includes_of(header):
                visit(name, (*path, header))
            finished.add(header)

    for header in HEADERS:
        visit(header, ())


def test_every_include_of_the_project_exists() -> None:
    for header in HEADERS:
        names = re.findall(r'#include [<"]([^>"]+)', (INCLUDE / header).read_text())
        ours = [name for name in names if name.startswith(("tvm/", "dlpack/"))]
        assert [name for name in ours if name not in HEADERS] == []
