# SPDX-License-Identifier: Apache-2.0
"""What users write compiles with the headers that are named for it, and no others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

INCLUDE = Path(__file__).resolve().parent.parent.parent / "include"

# What inline compilation puts before a user's text.
INLINE = ["container/tensor.h", "dtype.h", "error.h", "extra/c_env_api.h", "function.h"]

PRINTED = """
using namespace tvm::ffi;
struct Loud : ObjectRef {};
void Refuse(Any a, Array<int> b, Optional<int> c, Variant<int, String> d, Optional<Array<int>> e) {
  TVM_FFI_CHECK(a == nullptr, ValueError) << a << b << c << d << e << Loud();
}
"""

KERNEL = """
using namespace tvm::ffi;
void AddOne(TensorView x, TensorView y) {
  TVM_FFI_CHECK(x.dtype() == y.dtype(), TypeError) << "dtypes " << x.ndim() << y.size(0);
  void* stream = TVMFFIEnvGetStream(kDLCUDA, 0);
  static_cast<void>(stream);
}
void Refuse(TensorView x) {
  TVM_FFI_CHECK_EQ(x.dtype(), (DLDataType{kDLFloat, 32, 1}), TypeError) << "not " << x.dtype();
  TVM_FFI_THROW(ValueError) << "a shape of " << x.shape() << Shape(x.shape());
}
Array<Any> Many(String s, Any a, Function f, Shape shape, Tensor t, Error e, Bytes b) {
  return {s, a, f, shape, t, e, b};
}
TVM_FFI_DLL_EXPORT_TYPED_FUNC(add_one, AddOne);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(many, Many);
TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(add_one, "Adds one.");
"""

CLASS = """
namespace ffi = tvm::ffi;
class PairObj : public ffi::Object {
 public:
  int64_t a = 0;
  ffi::String name;
  ffi::Optional<ffi::Map<ffi::String, ffi::Variant<int64_t, double>>> more;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.Pair", PairObj, ffi::Object);
};
class Pair : public ffi::ObjectRef {
 public:
  Pair() : ObjectRef(ffi::make_object<PairObj>()) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Pair, ffi::ObjectRef, PairObj);
};
TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<PairObj>().def_ro("a", &PairObj::a, "doc").def_ro("name", &PairObj::name);
  refl::GlobalDef().def("test.pair", [] { return Pair(); });
}
"""

MODULE = """
using namespace tvm::ffi;
class TextObj : public ModuleObj {
 public:
  const char* kind() const final { return "text"; }
  Optional<Function> GetFunction(const String& name) final { return std::nullopt; }
  int GetPropertyMask() const final { return Module::kBinarySerializable; }
  Bytes SaveToBytes() const final { return Bytes(); }
  void WriteToFile(const String& file, const String& format) const final {}
};
Module Load(const Bytes&) { return Module(make_object<TextObj>()); }
Module FromFile() { return Module::LoadFromFile("x.so"); }
"""

HOOKS = """
namespace refl = tvm::ffi::reflection;
class KeyObj : public tvm::ffi::Object {
 public:
  int64_t key = 0;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.Key", KeyObj, tvm::ffi::Object);
};
TVM_FFI_STATIC_INIT_BLOCK() {
  using tvm::ffi::type_attr::kHash;
  refl::ObjectDef<KeyObj>().def_type_attr(
      kHash, [](const KeyObj* self, const tvm::ffi::Function&) { return self->key; });
}
"""

MIRROR = """
struct Layout {
  ::tvm::ffi::Array<::tvm::ffi::Object*> objects;
  ::tvm::ffi::detail::StringObj* text;
  ::tvm::ffi::details::BytesObj* bytes;
  DLTensor* tensor;
};
static_assert(sizeof(::tvm::ffi::Optional<::tvm::ffi::String>) == 16, "");
"""

BIG = """
#include <utility>
tvm::ffi::BigInt Power(int n) { return tvm::ffi::BigInt(1) << tvm::ffi::BigInt(n); }
"""

STL = """
std::vector<int> Twice(std::vector<int> x, std::map<std::string, double> y) { return x; }
TVM_FFI_DLL_EXPORT_TYPED_FUNC(twice, Twice);
"""

PROGRAMS = {
    "inline kernel": (INLINE, KERNEL),
    "kernel": (["container/tensor.h", "function.h"], "tvm::ffi::Shape Of(tvm::ffi::TensorView x);"),
    "class": (["object.h", "memory.h", "reflection/registry.h"], CLASS),
    "standard types": (["function.h", "extra/stl.h"], STL),
    "module": (["extra/module.h"], MODULE),
    "hooks": (["extra/dataclass.h", "reflection/registry.h"], HOOKS),
    "mirror": (["tvm_ffi.h"], MIRROR),
    "big integers": (["big_int.h"], BIG),
    "printed": (["extra/dataclass.h", "container/array.h"], PRINTED),
}


def compile_text(language: str, standard: str, headers: list[str], text: str) -> None:
    compiler = "g++" if language == "c++" else "gcc"
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    source = "".join(f"#include <tvm/ffi/{header}>\n" for header in headers) + text
    command = [compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
    done = subprocess.run(
        [*command, "-fsyntax-only", f"-I{INCLUDE}", "-x", language, "-"],
        input=source,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_needs_only_the_headers_named_for_it(program: str) -> None:
    compile_text("c++", "c++17", *PROGRAMS[program])


@pytest.mark.parametrize("order", ["in order", "reversed"])
def test_inline_headers_come_in_any_order(order: str) -> None:
    compile_text("c++", "c++17", INLINE if order == "in order" else INLINE[::-1], KERNEL)


def test_plain_c_needs_the_contract_only() -> None:
    text = "int f(void) { return TVMFFIEnvGetStream(kDLCPU, 0) == 0 ? kTVMFFINone : kTVMFFIInt; }"
    compile_text("c", "c11", ["c_api.h", "extra/c_env_api.h"], text)
