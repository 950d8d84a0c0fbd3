// SPDX-License-Identifier: Apache-2.0
//
// A peer to compare with, never a part of the package. See tvm_ffi_functions.cc.
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;

#define BINDING_MODULE(m) PYBIND11_MODULE(pybind11_functions, m)
using Bytes = py::bytes;
using Shared = py::array;
#define BINDING_FIELD def_readwrite
namespace binding = py;
#include "compiled_functions.inc"
