// SPDX-License-Identifier: Apache-2.0
//
// A peer to compare with, never a part of the package. See tvm_ffi_functions.cc.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/unordered_map.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

#define BINDING_MODULE(m) NB_MODULE(nanobind_functions, m)
using Bytes = nb::bytes;
using Shared = nb::ndarray<>;
#define BINDING_FIELD def_rw
namespace binding = nb;
#include "compiled_functions.inc"
