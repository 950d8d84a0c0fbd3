// SPDX-License-Identifier: Apache-2.0
//
// `ffi.ToJSONGraph`: a value and all it reaches as a JSON value that keeps what is shared shared.
// Nodes are listed children first. No recursion: values being written wait on a stack of our own.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/extra/base64.h>
#include <tvm/ffi/extra/json.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/registry.h>

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph.h"

namespace tvm::ffi::library {
namespace {

class GraphWriter {
 public:
  Any Write(const Any& root, const Any& metadata) {
    Enter(root);
    while (!open_.empty()) Step();
    Map<Any, Any> graph;
    graph.Set("root_index", index_.at(root));
    graph.Set("nodes", std::move(nodes_));
    if (metadata != nullptr) graph.Set("metadata", metadata);
    return graph;
  }

 private:
  // A value whose children are not all written yet.
  struct Open {
    Any value;
    std::vector<Any> children;
    size_t next;
  };

  // Values that are equal as map keys share a node: equal scalars and texts, the same object.
  void Enter(const Any& value) {
    if (index_.count(value) != 0) return;
    if (IsGraphObject(value) && !in_progress_.insert(Address(value)).second) {
      TVM_FFI_THROW(ValueError) << "Cycle detected during serialization: a " << ShortName(value)
                                << " contains itself";
    }
    open_.push_back(Open{value, ChildrenOf(value), 0});
  }

  void Step() {
    Open& top = open_.back();
    if (top.next < top.children.size()) {
      Any child = top.children[top.next++];
      Enter(child);  // `top` may be gone after this
      return;
    }
    nodes_.push_back(MakeNode(top));
    index_.emplace(top.value, nodes_.size() - 1);
    if (IsGraphObject(top.value)) in_progress_.erase(Address(top.value));
    open_.pop_back();
  }

  static const Object* Address(const Any& value) {
    return detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck(value);
  }
  static bool IsGraphObject(const Any& value) {
    return value.type_index() >= TypeIndex::kTVMFFIStaticObjectBegin;
  }
  static std::string ShortName(const Any& value) {
    std::string key = value.GetTypeKey();
    return key.substr(key.rfind('.') + 1);
  }

  static std::vector<Any> ChildrenOf(const Any& value) {
    std::vector<Any> children;
    switch (value.type_index()) {
      case TypeIndex::kTVMFFIArray:
      case TypeIndex::kTVMFFIList: {
        const auto* seq = detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<SeqBaseObj>(value);
        children.assign(seq->begin(), seq->end());
        break;
      }
      case TypeIndex::kTVMFFIMap:
      case TypeIndex::kTVMFFIDict: {
        const auto* map = detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<MapBaseObj>(value);
        for (const auto& entry : *map) {
          children.push_back(entry.first);
          children.push_back(entry.second);
        }
        break;
      }
      default:
        if (WritesFields(value)) AppendFields(value, &children);
        break;
    }
    return children;
  }

  // Whether the node lists the object's fields, which then have nodes of their own.
  static bool WritesFields(const Any& value) {
    int32_t type_index = value.type_index();
    return type_index >= TypeIndex::kTVMFFIStaticObjectBegin &&
           type_index != TypeIndex::kTVMFFIStr && type_index != TypeIndex::kTVMFFIBytes &&
           type_index != TypeIndex::kTVMFFIShape && !value.as<EnumObj>() && !HasJsonHook(value);
  }
  static bool HasJsonHook(const Any& value) {
    static const reflection::TypeAttrColumn to_json(type_attr::kDataToJson);
    return to_json[value.type_index()] != nullptr;
  }

  static void AppendFields(const Any& value, std::vector<Any>* children) {
    const TVMFFITypeInfo* type = TVMFFIGetTypeInfo(value.type_index());
    if (!HasCreator(type)) {
      TVM_FFI_THROW(TypeError) << "Type `" << value.GetTypeKey()
                               << "` does not support ToJSONGraph (no native creator or "
                                  "__ffi_new__ type attr)";
    }
    reflection::ForEachFieldInfo(type, [&](const TVMFFIFieldInfo* field) {
      if (!IsInlineField(field)) {
        children->push_back(reflection::FieldGetter(field)(Address(value)));
      }
    });
  }

  Any MakeNode(const Open& open) {
    Map<Any, Any> node;
    node.Set("type", TypeOf(open.value));
    if (open.value != nullptr) node.Set("data", DataOf(open));
    return node;
  }

  static String TypeOf(const Any& value) {
    int32_t type_index = value.type_index();
    if (type_index == TypeIndex::kTVMFFISmallStr) return StaticTypeKey::kTVMFFIStr;
    if (type_index == TypeIndex::kTVMFFISmallBytes) return StaticTypeKey::kTVMFFIBytes;
    return String(value.GetTypeKey());
  }

  Any DataOf(const Open& open) {
    const Any& value = open.value;
    switch (value.type_index()) {
      case TypeIndex::kTVMFFIBool:
      case TypeIndex::kTVMFFIInt:
      case TypeIndex::kTVMFFIFloat:
      case TypeIndex::kTVMFFISmallStr:
      case TypeIndex::kTVMFFIStr:
        return value;
      case TypeIndex::kTVMFFISmallBytes:
      case TypeIndex::kTVMFFIBytes:
        return Base64Encode(value.cast<Bytes>());
      case TypeIndex::kTVMFFIDataType:
        return DLDataTypeToString(value.cast<DLDataType>());
      case TypeIndex::kTVMFFIDevice: {
        DLDevice device = value.cast<DLDevice>();
        return Array<Any>{static_cast<int64_t>(device.device_type), device.device_id};
      }
      case TypeIndex::kTVMFFIShape: {
        Shape shape = value.cast<Shape>();
        return Array<Any>(shape.begin(), shape.end());
      }
      case TypeIndex::kTVMFFIArray:
      case TypeIndex::kTVMFFIList:
      case TypeIndex::kTVMFFIMap:
      case TypeIndex::kTVMFFIDict:
        return IndicesOf(open.children);
      default:
        return ObjectData(open);
    }
  }

  Any IndicesOf(const std::vector<Any>& children) {
    Array<Any> indices;
    indices.reserve(static_cast<int64_t>(children.size()));
    for (const Any& child : children) indices.push_back(index_.at(child));
    return indices;
  }

  Any ObjectData(const Open& open) {
    const Any& value = open.value;
    if (!IsGraphObject(value)) {
      TVM_FFI_THROW(RuntimeError) << "Cannot serialize type `" << value.GetTypeKey() << "`";
    }
    if (const EnumObj* member = value.as<EnumObj>()) {
      if (value.as<IntEnumObj>() != nullptr) return member->_int_index;
      return member->_str_index;
    }
    if (HasJsonHook(value)) {
      static const reflection::TypeAttrColumn to_json(type_attr::kDataToJson);
      return (*type_attr::kDataToJson.ValueFrom(to_json[value.type_index()]))(value);
    }
    Map<Any, Any> fields;
    size_t child = 0;
    reflection::ForEachFieldInfo(
        TVMFFIGetTypeInfo(value.type_index()), [&](const TVMFFIFieldInfo* field) {
          String name(field->name.data, field->name.size);
          if (!IsInlineField(field)) {
            fields.Set(name, index_.at(open.children[child++]));
            return;
          }
          Any inline_value = reflection::FieldGetter(field)(Address(value));
          if (field->field_static_type_index == TypeIndex::kTVMFFIDataType) {
            inline_value = DLDataTypeToString(inline_value.cast<DLDataType>());
          }
          fields.Set(name, inline_value);
        });
    return fields;
  }

  Array<Any> nodes_;
  std::unordered_map<Any, int64_t, AnyHash, AnyEqual> index_;  // node of each written value
  std::unordered_set<const Object*> in_progress_;
  std::vector<Open> open_;
};

Any ToJSONGraph(const Any& value, const Any& metadata) {
  return GraphWriter().Write(value, metadata);
}

String ToJSONGraphString(const Any& value, const Any& metadata) {
  return json::Stringify(ToJSONGraph(value, metadata));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.ToJSONGraph", ToJSONGraph)
      .def("ffi.ToJSONGraphString", ToJSONGraphString);
}

}  // namespace
}  // namespace tvm::ffi::library
