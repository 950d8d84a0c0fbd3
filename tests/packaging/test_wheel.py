# SPDX-License-Identifier: Apache-2.0
"""The wheel is what it says: one file for every Python of the platform, and all of it there."""

from __future__ import annotations

import email
import platform
import re
import subprocess
import zipfile
from pathlib import Path

import elf
import pytest


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def version(root: Path) -> str:
    return re.search(r"version: '([^']+)'", (root / "meson.build").read_text()).group(1)


@pytest.fixture(scope="module")
def dist_info(unpacked: Path, version: str) -> Path:
    return unpacked / f"apache_tvm_ffi-{version}.dist-info"


def tracked(root: Path, folder: str) -> set[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return {name for name in names.splitlines() if (root / name).is_file()}


def shipped(unpacked: Path, folder: str) -> set[str]:
    return {
        str(path.relative_to(unpacked)) for path in (unpacked / folder).rglob("*") if path.is_file()
    }


def test_name_and_tag_say_any_python_of_this_platform(
    wheel: Path, dist_info: Path, version: str
) -> None:
    tag = f"py3-none-linux_{platform.machine()}"
    assert wheel.name == f"apache_tvm_ffi-{version}-{tag}.whl"
    fields = email.message_from_string((dist_info / "WHEEL").read_text())
    assert fields.get_all("Tag") == [tag]
    assert fields["Root-Is-Purelib"] == "false"


def test_metadata_names_dependencies_and_python(dist_info: Path) -> None:
    fields = email.message_from_string((dist_info / "METADATA").read_text())
    assert fields["Name"] == "apache-tvm-ffi"
    assert fields["Requires-Python"] == ">=3.9"
    always = [line for line in fields.get_all("Requires-Dist") if "extra" not in line]
    assert always == ["typing-extensions>=4.13"]
    assert any(path.name == "LICENSE" for path in dist_info.rglob("*"))


def test_every_python_file_of_the_package_is_shipped(root: Path, unpacked: Path) -> None:
    def of_python(names: set[str]) -> set[str]:
        return {name for name in names if name.endswith((".py", ".pyi", ".typed"))}

    installed = of_python(shipped(unpacked, "tvm_ffi"))
    assert installed == of_python(tracked(root, "tvm_ffi")) | {"tvm_ffi/_version.py"}


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        ("include", "tvm_ffi/include"),
        ("cmake", "tvm_ffi/share/cmake/tvm_ffi"),
        ("csrc", "tvm_ffi/src/ffi"),
        ("tvm_ffi/new/templates", "tvm_ffi/new/templates"),
    ],
)
def test_sources_are_shipped_as_they_stand(
    root: Path, unpacked: Path, folder: str, target: str
) -> None:
    names = {name[len(folder) + 1 :] for name in tracked(root, folder)}
    if folder == "csrc":
        names = {name for name in names if not name.startswith(("host/", "testing/"))}
        names -= {"meson.build"}
    assert shipped(unpacked, target) == {f"{target}/{name}" for name in names}
    for name in names:
        assert (unpacked / target / name).read_bytes() == (root / folder / name).read_bytes()


def test_the_layout_other_projects_rely_on(unpacked: Path) -> None:
    for name in [
        "lib/libtvm_ffi.so",
        "lib/libtvm_ffi_host.so",
        "lib/libtvm_ffi_testing.so",
        "lib/pkgconfig/tvm_ffi.pc",
        "include/tvm/ffi/c_api.h",
        "include/dlpack/dlpack.h",
        "include/tvm_ffi_python_helpers.h",
        "include/tvm_ffi_python_object.h",
        "share/cmake/tvm_ffi/tvm_ffi-config.cmake",
        "share/cmake/tvm_ffi/Utils/Library.cmake",
        "src/ffi/libtvm_ffi.map",
        "CMakeLists.txt",
        "py.typed",
    ]:
        assert (unpacked / "tvm_ffi" / name).is_file(), name


def test_nothing_else_is_in_the_wheel(unpacked: Path, dist_info: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {"tvm_ffi", dist_info.name}
    stray = [path for path in unpacked.rglob("*") if path.suffix in (".pyc", ".o", ".a", ".ninja")]
    assert stray == []


def test_no_file_is_an_extension_module(unpacked: Path) -> None:
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    native = [path for path in files if path.read_bytes()[:4] == b"\x7fELF"]
    assert sorted(path.name for path in native) == [
        "libtvm_ffi.so",
        "libtvm_ffi_host.so",
        "libtvm_ffi_testing.so",
    ]
    for library in native:
        symbols = elf.exported_symbols(library) | elf.imported_symbols(library)
        assert sorted(name for name in symbols if re.match(r"_?Py", name)) == []
        needed = elf.dynamic_entries(library, "NEEDED")
        assert [name for name in needed if "python" in name] == []


def test_the_library_exports_the_contract_and_nothing_else(root: Path, unpacked: Path) -> None:
    exported = elf.exported_symbols(unpacked / "tvm_ffi/lib/libtvm_ffi.so")
    assert sorted(name for name in exported if not name.startswith("TVMFFI")) == []
    host = elf.exported_symbols(unpacked / "tvm_ffi/lib/libtvm_ffi_host.so")
    assert sorted(name for name in host if not name.startswith("TVMFFIHost")) == []
    declared = set()
    for header in ("c_api.h", "extra/c_env_api.h"):
        text = (root / "include/tvm/ffi" / header).read_text()
        declared |= set(re.findall(r"TVM_FFI_DLL[^;{}]*?\b(TVMFFI\w+)\(", text))
    assert exported == declared


def test_the_libraries_link_by_name_and_find_each_other(unpacked: Path) -> None:
    library = unpacked / "tvm_ffi/lib/libtvm_ffi.so"
    testing = unpacked / "tvm_ffi/lib/libtvm_ffi_testing.so"
    assert elf.dynamic_entries(library, "SONAME") == ["libtvm_ffi.so"]
    assert elf.dynamic_entries(library, "RUNPATH") + elf.dynamic_entries(library, "RPATH") == []
    # Linked dynamically: a client's module may throw through a virtual call.
    assert "libstdc++.so.6" in elf.dynamic_entries(library, "NEEDED")
    assert "libtvm_ffi.so" in elf.dynamic_entries(testing, "NEEDED")
    paths = elf.dynamic_entries(testing, "RUNPATH") + elf.dynamic_entries(testing, "RPATH")
    assert paths == ["$ORIGIN"]
    assert "TVMFFITestingDummyTarget" in elf.exported_symbols(testing)


def test_the_version_stands_in_one_place(root: Path, version: str) -> None:
    command = ["git", "grep", "-lF", version, "--", ".", ":!CHANGELOG.md"]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout
    assert found.split() == ["meson.build"]


def test_no_native_source_knows_python(root: Path) -> None:
    """Text and comments may name an interpreter's functions; code may not."""
    literal_or_comment = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
    for name in sorted(tracked(root, "csrc") | tracked(root, "include")):
        code = (root / name).read_text()
        assert not re.search(r"#\s*include\s*[<\"]Python\.h", code), name
        assert re.findall(r"\bPy\w*_\w+", literal_or_comment.sub("", code)) == [], name


def test_each_console_script_leads_to_a_function(dist_info: Path, unpacked: Path) -> None:
    text = (dist_info / "entry_points.txt").read_text()
    scripts = re.findall(r"^([\w-]+) = ([\w.]+):(\w+)$", text, re.MULTILINE)
    assert {"tvm-ffi-config", "tvm-ffi-stubgen"} <= {name for name, _, _ in scripts}
    for _, module, function in scripts:
        source = unpacked / (module.replace(".", "/") + ".py")
        assert re.search(rf"^(def )?{function}\b", source.read_text(), re.MULTILINE)
