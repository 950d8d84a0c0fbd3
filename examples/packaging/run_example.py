# SPDX-License-Identifier: Apache-2.0
"""Use the installed package: `python run_example.py add_one|int_pair|raise_error`."""

import argparse

import my_ffi_extension


def add_one() -> None:
    try:
        import torch
    except ImportError:
        import numpy

        x = numpy.array([1, 2, 3, 4, 5], dtype="float32")
        y = numpy.empty_like(x)
    else:
        x = torch.tensor([1, 2, 3, 4, 5], dtype=torch.float32)
        y = torch.empty_like(x)
    my_ffi_extension.add_one(x, y)
    print(y)


def int_pair() -> None:
    pair = my_ffi_extension.IntPair(1, 2)
    print(pair.get_first(), my_ffi_extension.IntPair.static_get_second(pair))


def raise_error() -> None:
    my_ffi_extension.raise_error("This is an error")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    examples = {f.__name__: f for f in (add_one, int_pair, raise_error)}
    parser.add_argument("example", choices=examples)
    examples[parser.parse_args().example]()
