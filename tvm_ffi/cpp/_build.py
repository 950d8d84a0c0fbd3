# SPDX-License-Identifier: Apache-2.0
"""One build: its folder, its files, its lock, and the run of ninja in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import _ninja, _toolchain


@dataclass(frozen=True)
class Request:
    """What to build: `texts` become files of the build folder, `files` lie where they are."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    cflags: tuple[str, ...] = ()
    cuda_cflags: tuple[str, ...] = ()
    ldflags: tuple[str, ...] = ()
    include_paths: tuple[str, ...] = ()
    cubins: Mapping[str, bytes] = field(default_factory=dict)
    backend: str | None = None
    output: str | None = None


def run(request: Request, build_directory: str | os.PathLike[str] | None) -> str:
    """Build what is out of date, and return the resolved path of the result."""
    from ..utils.lockfile import FileLock

    _validate(request)
    output = request.output or request.name + (".dll" if sys.platform == "win32" else ".so")
    rules = _toolchain.rules(
        suffixes={Path(name).suffix for name in (*request.texts, *request.files)},
        cflags=request.cflags,
        cuda_cflags=request.cuda_cflags,
        ldflags=request.ldflags,
        include_paths=request.include_paths,
        backend=request.backend,
        embeds=bool(request.cubins),
    )
    if build_directory is None:
        folder = _cache() / f"{request.name}_{_key(request, output, rules)}"
    else:
        folder = Path(build_directory)
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)

    sources = [*request.files, *(str(folder / name) for name in request.texts)]
    plan = _ninja.steps(sources, output, sorted(request.cubins))
    with FileLock(str(folder / "lock")):
        for name, content in _contents(request, rules + plan):
            _write_if_changed(folder / name, content)
        _run_ninja(folder)
    return str((folder / output).resolve())


def _validate(request: Request) -> None:
    # Asserted, since callers have come to expect that kind.
    if not request.texts and not request.files:
        raise AssertionError("sources must be provided.")
    for what, name in (("name", request.name), ("output", request.output or "x")):
        if name in ("", ".", "..") or any(mark in name for mark in "/\\\n\0"):
            raise ValueError(f"Expected `{what}` to be a plain file name but got {name!r}")
    for name in request.cubins:
        if not name.isidentifier():
            raise ValueError(f"Expected an identifier as name of a cubin but got {name!r}")
    if request.cubins and sys.platform == "win32":
        raise NotImplementedError("CUBIN embedding is not yet supported on Windows")


def _contents(request: Request, ninja: str) -> Iterator[tuple[str, bytes]]:
    for name, text in request.texts.items():
        yield name, text.encode()
    for name, binary in request.cubins.items():
        yield f"{name}.cubin", bytes(binary)
    yield "build.ninja", ninja.encode()


def _cache() -> Path:
    return Path(os.environ.get("TVM_FFI_CACHE_DIR") or "~/.cache/tvm-ffi").expanduser()


def _key(request: Request, output: str, rules: str) -> str:
    """Digest all that decides the outcome. `rules` has the flags, the compiler and our headers."""
    import hashlib

    # repr() tells a text from a list of it, and where one ends.
    parts = (
        sorted(request.texts.items()),
        sorted(request.files),
        rules,
        output,
        sorted((name, hashlib.sha256(cubin).digest()) for name, cubin in request.cubins.items()),
        # Also those flags no rule of this build takes.
        (request.cflags, request.cuda_cflags, request.ldflags, request.include_paths),
        request.backend,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _write_if_changed(path: Path, content: bytes) -> None:
    """Leave equal files alone: ninja goes by their time. Nobody sees half a file."""
    try:
        if path.read_bytes() == content:
            return
    except OSError:  # not there, or stale on a network file system
        pass
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _run_ninja(folder: Path) -> None:
    import subprocess

    command = [_find_ninja(), "-v"]
    jobs = os.environ.get("MAX_JOBS")
    if jobs:
        command += ["-j", jobs]
    if sys.platform == "win32":
        from ._msvc import in_developer_prompt

        command = in_developer_prompt(command)
    done = subprocess.run(command, cwd=folder, capture_output=True)
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    _log(out, err)
    if done.returncode:
        raise RuntimeError(
            f"ninja exited with status {done.returncode}\nstdout:\n{out}\nstderr:\n{err}\n"
            f"The build folder is {folder}"
        )


def _find_ninja() -> str:
    """Find the one on PATH, or else the one pip installed beside this interpreter."""
    import shutil
    import sysconfig

    found = shutil.which("ninja") or shutil.which("ninja", path=sysconfig.get_path("scripts"))
    if found is None:
        raise RuntimeError(
            "Building needs ninja, which is not on PATH; `pip install ninja` provides it"
        )
    return found


def _log(out: str, err: str) -> None:
    if os.environ.get("TVM_FFI_CPP_EXTENSION_LOG_BUILD", "0") not in ("1", "stdout", "stderr"):
        return
    import logging

    log = logging.getLogger("tvm_ffi.cpp.extension")
    for text in filter(None, (out, err)):
        log.info("%s", text)
