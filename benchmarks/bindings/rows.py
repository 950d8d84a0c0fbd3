# SPDX-License-Identifier: Apache-2.0
"""What is measured: per row the statement, and how each kind of binding prepares for it.

In a statement `m` holds the functions and the class Pair; everything else comes from the set-up
of the row. A row that a binding lacks is left out for it.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A statement, its set-up, and the kinds of bindings that have what it needs."""

    statement: str
    setup: str = ""
    kinds: str = "tvm_ffi compiled"
    needs: str = ""


_CAUGHT = "def f():\n    try: m.fail(1)\n    except ValueError: pass"
_RAISING = (
    "def g(x): raise ValueError('no')\n"
    "def f():\n    try: m.apply(g, 1)\n    except ValueError: pass"
)
_TORCH = "import torch\nx, y, z = torch.zeros(2, 3), torch.zeros(2), torch.zeros(4)"
_NUMPY = "import numpy\nx, y, z = numpy.zeros((2, 3)), numpy.zeros(2), numpy.zeros(4)"
_OWN = f"import numpy, tvm_ffi\n{_NUMPY}\nx, y, z = map(tvm_ffi.from_dlpack, (x, y, z))"

ROWS: dict[str, Row] = {
    "f()": Row("m.nop()", kinds="tvm_ffi compiled ctypes"),
    "f(int)": Row("m.int1(5)", kinds="tvm_ffi compiled ctypes"),
    "f(int, int, int)": Row("m.int3(5, 6, 7)", kinds="tvm_ffi compiled ctypes"),
    "f(float)": Row("m.float1(1.5)", kinds="tvm_ffi compiled ctypes"),
    "f(bool)": Row("m.bool1(True)"),
    "f(None)": Row("m.none1(None)"),
    "f(str), 5 characters": Row("m.str_size(text)", "text = 'hello'"),
    "f(str), 200 characters": Row("m.str_size(text)", "text = 'h' * 200"),
    "f(bytes)": Row("m.bytes_size(b'0123456789')"),
    "str result": Row("m.str_result()"),
    "f(int, float, str)": Row("m.mixed(1, 2.5, 'three')"),
    "f(device)": Row("m.device1(d)", "import tvm_ffi; d = tvm_ffi.device('cpu')", "tvm_ffi"),
    "f(dtype)": Row("m.dtype1(d)", "import tvm_ffi; d = tvm_ffi.dtype('int32')", "tvm_ffi"),
    "object argument": Row("m.pair_first(p)", "p = m.Pair(1, 2)"),
    "object result": Row("m.pair_echo(p)", "p = m.Pair(1, 2)"),
    "object by constructor": Row("m.Pair(1, 2)"),
    "object by function": Row("m.pair(1, 2)"),
    "field get": Row("p.a", "p = m.Pair(1, 2)"),
    "field set": Row("p.a = 5", "p = m.Pair(1, 2)"),
    "method": Row("p.plus(5)", "p = m.Pair(1, 2)"),
    "static method": Row("m.Pair.twice(5)"),
    "callback": Row("m.apply(f, 5)", "def f(x): return x"),
    "callback made before": Row(
        "m.apply(f, 5)", "import tvm_ffi; f = tvm_ffi.convert(lambda x: x)", "tvm_ffi"
    ),
    "callback with str": Row("m.apply_str(f, 'hello world')", "def f(x): return x"),
    "callback with object": Row("m.apply_pair(f, p)", "p = m.Pair(1, 2)\ndef f(x): return x"),
    "torch tensor": Row("m.tensor1(x)", _TORCH, needs="torch"),
    "3 torch tensors": Row("m.tensor3(x, y, z)", _TORCH, needs="torch"),
    "torch tensor result": Row("m.tensor_echo(x)", _TORCH, "tvm_ffi", "torch"),
    "numpy array": Row("m.tensor1(x)", _NUMPY, needs="numpy"),
    "3 numpy arrays": Row("m.tensor3(x, y, z)", _NUMPY, needs="numpy"),
    "own tensor": Row("m.tensor1(x)", _OWN, "tvm_ffi", "numpy"),
    "3 own tensors": Row("m.tensor3(x, y, z)", _OWN, "tvm_ffi", "numpy"),
    "list of 10": Row("m.list_size(x)", "x = list(range(10))"),
    "list of 1000": Row("m.list_size(x)", "x = list(range(1000))"),
    "dict of 10": Row("m.dict_size(x)", "x = {f'key{i}': i for i in range(10)}"),
    "nested list 10 x 10": Row("m.nested_size(x)", "x = [list(range(10)) for _ in range(10)]"),
    "array element": Row("x[5]", "x = m.numbers(10)"),
    "array of 10, out and iterated": Row("for _ in m.numbers(10): pass"),
    "map element": Row("x['key5']", "x = m.entries(10)"),
    "map of 10, out and iterated": Row("for _ in m.entries(10).items(): pass"),
    "C++ error caught in Python": Row("f()", _CAUGHT),
    "Python error through C++": Row("f()", _RAISING),
    "look-up of a global function": Row(
        "get('calls.int1')", "import tvm_ffi; get = tvm_ffi.get_global_func", "tvm_ffi"
    ),
    "load_module": Row(
        "tvm_ffi.load_module(library)", "import tvm_ffi; library = LIBRARY", "tvm_ffi"
    ),
}
