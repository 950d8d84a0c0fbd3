// SPDX-License-Identifier: Apache-2.0
//
// A small expression tree: classes, what is registered about them, and operations on whole values.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/json.h>
#include <tvm/ffi/extra/serialization.h>
#include <tvm/ffi/extra/structural_equal.h>
#include <tvm/ffi/extra/structural_hash.h>
#include <tvm/ffi/extra/structural_mutate.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/overload.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <utility>

namespace tour {

namespace ffi = tvm::ffi;

// [classes]
class ExprObj : public ffi::Object {
 public:
  // Compared, hashed and walked by its fields.
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO("tour.Expr", ExprObj, ffi::Object);
};

class Expr : public ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Expr, ffi::ObjectRef, ExprObj);
};

class NumberObj : public ExprObj {
 public:
  int64_t value = 0;
  ffi::String comment;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("tour.Number", NumberObj, ExprObj);
};

class Number : public Expr {
 public:
  explicit Number(int64_t value) : Expr(ffi::UnsafeInit{}) {
    ffi::ObjectPtr<NumberObj> number = ffi::make_object<NumberObj>();
    number->value = value;
    data_ = std::move(number);
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Number, Expr, NumberObj);
};

class SumObj : public ExprObj {
 public:
  ffi::Array<Expr> terms;

  explicit SumObj(ffi::Array<Expr> terms) : terms(std::move(terms)) {}
  // With empty references, for copies and for reading text: fields are set afterwards.
  explicit SumObj(ffi::UnsafeInit tag) : terms(tag) {}

  int64_t Count() const { return static_cast<int64_t>(terms.size()); }
  // Two methods of one name.
  Expr At(int64_t i) const { return terms[i]; }
  ffi::Array<Expr> AtMany(ffi::Array<int64_t> which) const {
    ffi::Array<Expr> found;
    for (int64_t i : which) found.push_back(terms[i]);
    return found;
  }

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("tour.Sum", SumObj, ExprObj);
};

class Sum : public Expr {
 public:
  explicit Sum(ffi::Array<Expr> terms) : Expr(ffi::UnsafeInit{}) {
    data_ = ffi::make_object<SumObj>(std::move(terms));
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Sum, Expr, SumObj);
};
// [classes]

// [operations]
ffi::Any Copied(ffi::Any value) { return ffi::DeepCopy(value); }
ffi::String Printed(ffi::Any value) { return ffi::ReprPrint(value); }
bool Same(ffi::Any a, ffi::Any b) { return ffi::StructuralEqual::Equal(a, b); }

ffi::String ToText(ffi::Any value) { return ffi::json::Stringify(ffi::ToJSONGraph(value)); }
ffi::Any FromText(ffi::String text) { return ffi::FromJSONGraph(ffi::json::Parse(text)); }
// [operations]

// [walk]
// Called for each Number below, the value itself included.
int64_t Total(ffi::Any tree) {
  int64_t total = 0;
  ffi::StructuralWalk<ffi::WalkOrder::kPreOrder>(
      tree, [&](const Number& number) -> ffi::Expected<ffi::WalkResult> {
        total += number->value;
        return ffi::WalkResult::Advance();
      });
  return total;
}

// What a callback returns stands in for the value. What does not change is shared.
ffi::Any Folded(ffi::Any tree) {
  return ffi::StructuralMap<ffi::WalkOrder::kPostOrder>(
      std::move(tree), [](const Sum& sum) -> ffi::Expected<ffi::Any> {
        int64_t total = 0;
        for (const Expr& term : sum->terms) {
          const auto* number = term.as<NumberObj>();
          if (number == nullptr) return ffi::Any(sum);
          total += number->value;
        }
        return ffi::Any(Number(total));
      });
}
// [walk]

// [registration]
TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<ExprObj>();
  // No constructor is given: it is made from the fields, with their defaults.
  refl::ObjectDef<NumberObj>()
      .def_ro("value", &NumberObj::value, "What it stands for.")
      .def_ro("comment", &NumberObj::comment, refl::default_value(ffi::String("")),
              refl::kw_only(true), refl::AttachFieldFlag::SEqHashIgnore());
  // OverloadObjectDef lets a name be defined more than once.
  refl::OverloadObjectDef<SumObj>()
      .def(refl::init<ffi::Array<Expr>>())
      .def_ro("terms", &SumObj::terms)
      .def("count", &SumObj::Count)
      .def("at", &SumObj::At)
      .def("at", &SumObj::AtMany)
      .def_static("empty", [] { return Sum(ffi::Array<Expr>()); });
  refl::GlobalDef()
      .def("tour.copied", Copied)
      .def("tour.printed", Printed)
      .def("tour.same", Same)
      .def("tour.to_text", ToText)
      .def("tour.from_text", FromText)
      .def("tour.total", Total)
      .def("tour.folded", Folded);
}
// [registration]

}  // namespace tour
