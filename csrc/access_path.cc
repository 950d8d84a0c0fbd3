// SPDX-License-Identifier: Apache-2.0
//
// Registers `ffi.reflection.AccessStep` and `ffi.reflection.AccessPath`.
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>

namespace tvm::ffi::library {
namespace {

using reflection::AccessKind;
using reflection::AccessPath;
using reflection::AccessPathObj;
using reflection::AccessStep;
using reflection::AccessStepObj;

// Renders a value inside another one.
using Print = TypedFunction<String(AnyView)>;

std::string step_text(const AccessStepObj* step, const Print& print) {
  switch (step->kind) {
    case AccessKind::kAttr:
      return "." + std::string(step->key.cast<String>());
    case AccessKind::kArrayItem:
    case AccessKind::kMapItem:
      return "[" + std::string(print(step->key)) + "]";
    case AccessKind::kAttrMissing:
    case AccessKind::kArrayItemMissing:
    case AccessKind::kMapItemMissing:
      return "[<missing:" + std::string(print(step->key)) + ">]";
  }
  return "<unknown step>";
}

String path_text(const AccessPathObj* path, const Print& print) {
  std::string text = "<root>";
  for (const AccessStep& step : path->ToSteps()) text += step_text(step.get(), print);
  return text;
}

void register_step() {
  reflection::ObjectDef<AccessStepObj>(reflection::init(false))
      .def_ro("kind", &AccessStepObj::kind)
      .def_ro("key", &AccessStepObj::key)
      .def_type_attr("__ffi_repr__", [](const AccessStepObj* step, const Print& print) {
        return String(step_text(step, print));
      });
}

void register_path() {
  reflection::ObjectDef<AccessPathObj>(reflection::init(false))
      .def_ro("parent", &AccessPathObj::parent)
      .def_ro("step", &AccessPathObj::step)
      .def_ro("depth", &AccessPathObj::depth)
      .def_static("_root", &AccessPath::Root)
      .def("_extend", &AccessPathObj::Extend)
      .def("_attr", &AccessPathObj::Attr)
      .def("_array_item", &AccessPathObj::ArrayItem)
      .def("_map_item", &AccessPathObj::MapItem)
      .def("_attr_missing", &AccessPathObj::AttrMissing)
      .def("_array_item_missing", &AccessPathObj::ArrayItemMissing)
      .def("_map_item_missing", &AccessPathObj::MapItemMissing)
      .def("_is_prefix_of", &AccessPathObj::IsPrefixOf)
      .def("_to_steps", &AccessPathObj::ToSteps)
      .def("_path_equal", &AccessPathObj::PathEqual)
      .def_type_attr("__ffi_repr__", path_text);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  register_step();
  register_path();
}

}  // namespace
}  // namespace tvm::ffi::library
