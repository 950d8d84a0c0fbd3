# SPDX-License-Identifier: Apache-2.0
"""Compile C++ that stands in this file, and call it."""

from __future__ import annotations

import tvm_ffi.cpp

SOURCE = """
#include <numeric>

int64_t gcd(int64_t a, int64_t b) { return std::gcd(a, b); }

double mean(tvm::ffi::TensorView values) {
  TVM_FFI_CHECK_EQ(values.ndim(), 1, ValueError) << "values must have one dimension";
  TVM_FFI_CHECK_GT(values.numel(), 0, ValueError) << "values must not be empty";
  const double* data = static_cast<const double*>(values.data_ptr());
  return std::accumulate(data, data + values.numel(), 0.0) / values.numel();
}
"""


def main() -> None:
    lib = tvm_ffi.cpp.load_inline(
        name="inline_example",
        cpp_sources=SOURCE,
        # The text becomes the function's documentation.
        functions={"gcd": "Greatest common divisor.", "mean": "Mean of a float64 vector."},
        extra_cflags=["-DTVM_FFI_DLL_EXPORT_INCLUDE_METADATA=1"],  # keep documentation and types
    )
    print("gcd   ", lib.gcd(12, 18))
    print("doc   ", lib.get_function_doc("gcd"))
    print("type  ", lib.get_function_metadata("gcd")["type_schema"])
    try:
        import numpy
    except ImportError:
        print("mean   skipped, numpy is not installed here")
    else:
        print("mean  ", lib.mean(numpy.array([1.0, 2.0, 6.0])))
        try:
            lib.mean(numpy.zeros((2, 2)))
        except ValueError as error:
            print("error ", error)


if __name__ == "__main__":
    main()
