# SPDX-License-Identifier: Apache-2.0
"""Put a CUBIN into an object file, where the code compiled with it finds it by a private symbol.

    python -m tvm_ffi.utils.embed_cubin --output-obj out.o --input-obj in.o --cubin k.cubin --name k

The result is the input object plus ``__tvm_ffi__cubin_<name>`` and ``__tvm_ffi__cubin_<name>_end``,
visible to that object alone. Needs ``ld`` and ``objcopy`` of GNU binutils.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Union

_Path = Union[str, "os.PathLike[str]"]

_STATUS_MISSING_FILE, _STATUS_TOOL_FAILED, _STATUS_OTHER = 1, 2, 3


def embed_cubin(
    cubin_path: _Path,
    input_obj_path: _Path,
    output_obj_path: _Path,
    name: str,
    verbose: bool = False,
) -> None:
    """Write `output_obj_path`: the object `input_obj_path` with the CUBIN inside, under `name`.

    FileNotFoundError if an input is missing; RuntimeError with the tool's own words if one fails.
    """
    cubin, input_obj = Path(cubin_path).absolute(), Path(input_obj_path).absolute()
    output_obj = Path(output_obj_path).absolute()
    if not cubin.is_file():
        raise FileNotFoundError(f"CUBIN file not found: {cubin_path}")
    if not input_obj.is_file():
        raise FileNotFoundError(f"Input object file not found: {input_obj_path}")
    say = print if verbose else _silent
    with tempfile.TemporaryDirectory() as folder:
        # The linker makes symbols of the file's name, as it stands in the command.
        source, binary = f"embedded_{name}.cubin", f"cubin_{name}.o"
        shutil.copyfile(cubin, Path(folder, source))
        symbol = f"__tvm_ffi__cubin_{name}"
        say(f"[1/4] Wrapping {cubin} into an object file")
        _run(folder, verbose, "ld", "-r", "-b", "binary", "-o", binary, source)
        say("[2/4] Making the section read-only and naming the symbols")
        _rename_sections_and_symbols(folder, verbose, binary, name, symbol)
        say(f"[3/4] Linking with {input_obj}")
        _run(folder, verbose, "ld", "-r", "-o", "linked.o", str(input_obj), binary)
        say("[4/4] Hiding the symbols from other object files")
        hidden = f"--localize-symbol={symbol}", f"--localize-symbol={symbol}_end"
        _run(folder, verbose, "objcopy", *hidden, "linked.o")
        shutil.copyfile(Path(folder, "linked.o"), output_obj)
    say(f"Successfully embedded {cubin} as {symbol} in {output_obj}")


def _silent(message: str) -> None:
    pass


def _rename_sections_and_symbols(
    folder: str, verbose: bool, binary: str, name: str, symbol: str
) -> None:
    # Without the note the linker takes the object for one that wants an executable stack.
    _run(
        folder,
        verbose,
        "objcopy",
        "--add-section",
        f".note.GNU-stack={os.devnull}",
        "--set-section-flags",
        ".note.GNU-stack=noload,readonly",
        binary,
    )
    linker_symbol = f"_binary_embedded_{name}_cubin"
    _run(
        folder,
        verbose,
        "objcopy",
        "--rename-section",
        ".data=.rodata,alloc,load,readonly,data,contents",
        "--redefine-sym",
        f"{linker_symbol}_start={symbol}",
        "--redefine-sym",
        f"{linker_symbol}_end={symbol}_end",
        f"--strip-symbol={linker_symbol}_size",
        binary,
    )


def _run(folder: str, verbose: bool, *command: str) -> None:
    if verbose:
        print("  " + " ".join(command))
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise RuntimeError(
            f"Cannot run {command[0]}: it is not installed. It is part of GNU binutils."
        ) from error
    if done.returncode != 0:
        raise RuntimeError(
            f"Command failed with status {done.returncode}: {' '.join(command)}\n"
            f"stdout:\n{done.stdout}\nstderr:\n{done.stderr}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line tool and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tvm_ffi.utils.embed_cubin", description="Embed a CUBIN in an object file."
    )
    parser.add_argument("--output-obj", required=True, help="object file to write")
    parser.add_argument("--input-obj", required=True, help="object file that uses the CUBIN")
    parser.add_argument("--cubin", required=True, help="CUBIN file to embed")
    parser.add_argument("--name", required=True, help="name under which the code asks for it")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each step")
    options = parser.parse_args(arguments)
    try:
        embed_cubin(
            options.cubin, options.input_obj, options.output_obj, options.name, options.verbose
        )
    except FileNotFoundError as error:
        return _failed(error, _STATUS_MISSING_FILE)
    except RuntimeError as error:
        return _failed(error, _STATUS_TOOL_FAILED)
    except Exception as error:
        return _failed(error, _STATUS_OTHER)
    return 0


def _failed(error: Exception, status: int) -> int:
    print(f"Error: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
