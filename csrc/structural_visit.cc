// SPDX-License-Identifier: Apache-2.0
//
// Registers visiting: the visitor's type and functions, how containers are visited, and the
// traversals whose callbacks are chosen by type index.
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "internal.h"
#include "recursive.h"

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;

// ---- Containers --------------------------------------------------------------------------------

TVMFFIAny visit_sequence(StructuralVisitorObj* visitor, AnyView value) noexcept {
  const Any sequence = value;  // held, and looked at anew each time: lists may change
  for (size_t i = 0; i < as_sequence(sequence)->size(); ++i) {
    const Any item = as_sequence(sequence)->begin()[i];
    auto result = visitor->VisitExpected(item);
    if (detail::StructuralVisitNeedEarlyReturn(result))
      return detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(result));
  }
  return AnyView().CopyToTVMFFIAny();
}

TVMFFIAny visit_values(StructuralVisitorObj* visitor, AnyView value) noexcept {
  std::vector<Any> values;  // a Dict may change
  for (const auto& [key, item] : *as_map(Any(value))) values.push_back(item);
  for (const Any& item : values) {
    auto result = visitor->VisitExpected(item);
    if (detail::StructuralVisitNeedEarlyReturn(result))
      return detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(result));
  }
  return AnyView().CopyToTVMFFIAny();
}

void register_hook(int32_t type_index, FStructuralVisitABI visit) {
  const TVMFFIByteArray name = byte_array("__s_visit__");
  const Any hook = reinterpret_cast<void*>(visit);
  TVM_FFI_CHECK_SAFE_CALL(
      TVMFFITypeRegisterAttr(type_index, &name, reinterpret_cast<const TVMFFIAny*>(&hook)));
}

// ---- Traversals --------------------------------------------------------------------------------

// A callback and the type index it is for.
using Entries = Array<Tuple<int32_t, Function>>;

class Callbacks {
 public:
  explicit Callbacks(const Entries& entries) {
    for (const auto& entry : entries) entries_.push_back({entry.get<0>(), entry.get<1>()});
  }
  // The first one for the value; NULL if there is none.
  const Function* find(AnyView value) const {
    for (const auto& [type_index, callback] : entries_) {
      if (detail::CallbackTypeMatches(value.type_index(), type_index)) return &callback;
    }
    return nullptr;
  }

 private:
  std::vector<std::pair<int32_t, Function>> entries_;
};

class WalkByIndexObj : public StructuralVisitorObj {
 public:
  WalkByIndexObj(const Entries& callbacks, const Entries& callbacks_with_kind, int order)
      : StructuralVisitorObj(order == 0 ? &kPreOrder : &kPostOrder),
        callbacks_(callbacks),
        callbacks_with_kind_(callbacks_with_kind) {}

 private:
  template <WalkOrder order>
  static TVMFFIAny visit(StructuralVisitorObj* self, AnyView value) noexcept {
    static constexpr detail::StructuralVisitSteps kSteps{
        order == WalkOrder::kPreOrder ? call_back : nullptr,
        order == WalkOrder::kPreOrder ? nullptr : call_back, nullptr};
    return detail::StructuralVisitRun::Visit(self, value, kSteps);
  }

  static TVMFFIAny call_back(StructuralVisitorObj* visitor, AnyView value) noexcept {
    auto* self = static_cast<WalkByIndexObj*>(visitor);
    if (const Function* callback = self->callbacks_.find(value)) {
      return callback->CallExpected<WalkResult>(value);
    }
    if (const Function* callback = self->callbacks_with_kind_.find(value)) {
      return callback->CallExpected<WalkResult>(value, static_cast<int>(self->def_region_kind()));
    }
    return AnyView().CopyToTVMFFIAny();
  }

  static constexpr StructuralVisitorVTable kPreOrder{visit<WalkOrder::kPreOrder>};
  static constexpr StructuralVisitorVTable kPostOrder{visit<WalkOrder::kPostOrder>};

  Callbacks callbacks_;
  Callbacks callbacks_with_kind_;
};

class VisitByIndexObj : public StructuralVisitorObj {
 public:
  explicit VisitByIndexObj(const Entries& callbacks)
      : StructuralVisitorObj(&kVTable), callbacks_(callbacks) {}

 private:
  static TVMFFIAny visit(StructuralVisitorObj* self, AnyView value) noexcept {
    static constexpr detail::StructuralVisitSteps kSteps{call_back, nullptr, nullptr};
    return detail::StructuralVisitRun::Visit(self, value, kSteps);
  }

  // A callback does all there is to do: the parts are skipped.
  static TVMFFIAny call_back(StructuralVisitorObj* visitor, AnyView value) noexcept {
    auto* self = static_cast<VisitByIndexObj*>(visitor);
    const Function* callback = self->callbacks_.find(value);
    if (callback == nullptr) return AnyView().CopyToTVMFFIAny();
    auto result = callback->CallExpected<Optional<VisitInterrupt>>(
        value, static_cast<StructuralVisitorObj*>(self));
    if (detail::StructuralVisitNeedEarlyReturn(result))
      return detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(result));
    return AnyView(WalkResult::kSkipTag).CopyToTVMFFIAny();
  }

  static constexpr StructuralVisitorVTable kVTable{visit};

  Callbacks callbacks_;
};

Optional<VisitInterrupt> walk(const Any& root, const Entries& callbacks,
                              const Entries& callbacks_with_kind, int order) {
  return StructuralVisitor(make_object<WalkByIndexObj>(callbacks, callbacks_with_kind, order))
      ->Visit(root);
}

// ---- Registration ------------------------------------------------------------------------------

void register_visitor() {
  refl::GlobalDef()
      .def("ffi.StructuralVisitorVisit",
           [](const StructuralVisitor& visitor, AnyView value) { return visitor->Visit(value); })
      .def("ffi.StructuralVisitorDefaultVisit",
           [](const StructuralVisitor& visitor, AnyView value) {
             return visitor->DefaultVisitExpected(value).value();
           })
      .def("ffi.StructuralVisitorDefRegionKind",
           [](const StructuralVisitor& visitor) {
             return static_cast<int>(visitor->def_region_kind());
           })
      .def("ffi.StructuralVisitorWithDefRegionKind",
           [](const StructuralVisitor& visitor, int kind, const Function& f) -> Any {
             return visitor->WithDefRegionKind(static_cast<TVMFFIDefRegionKind>(kind), f);
           });
}

// init(false): the released library gives these no constructor either.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<VisitInterruptObj>(refl::init(false))
      .def_ro("value", &VisitInterruptObj::value, refl::default_value(nullptr));
  refl::ObjectDef<StructuralVisitorObj>{};
  register_hook(kTVMFFIArray, visit_sequence);
  register_hook(kTVMFFIList, visit_sequence);
  register_hook(kTVMFFIMap, visit_values);
  register_hook(kTVMFFIDict, visit_values);
  register_visitor();
  refl::GlobalDef()
      .def("ffi.VisitInterrupt", [](Any value) { return VisitInterrupt(std::move(value)); })
      .def("ffi.StructuralWalk", walk)
      .def("ffi.StructuralVisit", [](const Any& root, const Entries& callbacks) {
        return StructuralVisitor(make_object<VisitByIndexObj>(callbacks))->Visit(root);
      });
}

}  // namespace
}  // namespace tvm::ffi::library
