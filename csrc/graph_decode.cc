// SPDX-License-Identifier: Apache-2.0
//
// `ffi.FromJSONGraph`: the inverse of `ffi.ToJSONGraph`. Nodes may come in any order. No recursion:
// a node waits on a stack of our own until the nodes it refers to are there.
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
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/registry.h>

#include <optional>
#include <utility>
#include <vector>

#include "creation.h"
#include "graph.h"

namespace tvm::ffi::library {
namespace {

[[noreturn]] void ThrowInvalid(const char* expected) {
  TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph, expected " << expected;
  TVM_FFI_UNREACHABLE();
}

class GraphReader {
 public:
  explicit GraphReader(const Any& graph) {
    std::optional<Map<Any, Any>> members = graph.as<Map<Any, Any>>();
    if (!members.has_value()) ThrowInvalid("an object");
    std::optional<Any> root = members->Get("root_index");
    if (!root.has_value() || !root->as<int64_t>().has_value()) {
      ThrowInvalid("`root_index` integer field");
    }
    root_ = root->cast<int64_t>();
    std::optional<Any> nodes = members->Get("nodes");
    if (!nodes.has_value() || !nodes->as<Array<Any>>().has_value()) {
      ThrowInvalid("`nodes` array field");
    }
    nodes_ = nodes->cast<Array<Any>>();
    states_.resize(nodes_.size());
  }

  Any Read() {
    Need(root_);
    while (!open_.empty()) {
      int64_t index = open_.back();
      State& state = states_[static_cast<size_t>(index)];
      if (state.next < state.children.size()) {
        Need(state.children[state.next++]);
        continue;
      }
      state.value = Decode(state);
      state.progress = kDone;
      state.children = {};
      open_.pop_back();
    }
    return states_[static_cast<size_t>(root_)].value;
  }

 private:
  enum Progress { kUnseen, kOpen, kDone };
  struct State {
    Progress progress = kUnseen;
    int32_t type_index = 0;
    Any data;
    std::vector<int64_t> children;  // nodes this one refers to
    size_t next = 0;
    Any value;
  };

  void Need(int64_t index) {
    if (index < 0 || index >= static_cast<int64_t>(nodes_.size())) {
      TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph: invalid node index " << index;
    }
    State& state = states_[static_cast<size_t>(index)];
    if (state.progress == kDone) return;
    if (state.progress == kOpen) {
      TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph: node " << index
                                << " refers to itself";
    }
    std::optional<Map<Any, Any>> node = nodes_[index].as<Map<Any, Any>>();
    std::optional<Any> type = node.has_value() ? node->Get("type") : std::nullopt;
    if (!type.has_value() || !type->as<String>().has_value()) {
      TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph: node " << index
                                << " must be an object with a `type` string field";
    }
    const String key = type->cast<String>();
    state.type_index = TypeKeyToIndex({key.data(), key.size()});
    if (std::optional<Any> data = node->Get("data")) state.data = *std::move(data);
    state.progress = kOpen;
    FindChildren(&state);
    open_.push_back(index);
  }

  static void FindChildren(State* state) {
    switch (state->type_index) {
      case TypeIndex::kTVMFFIArray:
      case TypeIndex::kTVMFFIList:
      case TypeIndex::kTVMFFIMap:
      case TypeIndex::kTVMFFIDict: {
        for (const Any& child : state->data.cast<Array<Any>>()) {
          state->children.push_back(child.cast<int64_t>());
        }
        bool pairs = state->type_index == TypeIndex::kTVMFFIMap ||
                     state->type_index == TypeIndex::kTVMFFIDict;
        if (pairs && state->children.size() % 2 != 0) {
          TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph: Map/Dict data must contain an "
                                       "even number of [key, value] entries, got "
                                    << state->children.size();
        }
        return;
      }
      default:
        if (ReadsFields(state->type_index)) FindFields(state);
        return;
    }
  }

  static bool ReadsFields(int32_t type_index) {
    return type_index >= TypeIndex::kTVMFFIStaticObjectBegin &&
           type_index != TypeIndex::kTVMFFIStr && type_index != TypeIndex::kTVMFFIBytes &&
           type_index != TypeIndex::kTVMFFIShape && !IsEnum(type_index) &&
           FromJsonHook(type_index) == nullptr;
  }
  static bool IsEnum(int32_t type_index) { return detail::IsObjectInstance<EnumObj>(type_index); }
  static AnyView FromJsonHook(int32_t type_index) {
    static const reflection::TypeAttrColumn from_json(type_attr::kDataFromJson);
    return from_json[type_index];
  }

  static void FindFields(State* state) {
    Map<Any, Any> fields = state->data.cast<Map<Any, Any>>();
    reflection::ForEachFieldInfo(
        TVMFFIGetTypeInfo(state->type_index), [&](const TVMFFIFieldInfo* field) {
          if (IsInlineField(field)) return;
          std::optional<Any> child = fields.Get(String(field->name.data, field->name.size));
          if (child.has_value()) state->children.push_back(child->cast<int64_t>());
        });
  }

  const Any& Value(int64_t index) const { return states_[static_cast<size_t>(index)].value; }

  Any Decode(const State& state) {
    switch (state.type_index) {
      case TypeIndex::kTVMFFINone:
        return nullptr;
      case TypeIndex::kTVMFFIBool:
        return state.data.cast<bool>();
      case TypeIndex::kTVMFFIInt:
        return state.data.cast<int64_t>();
      case TypeIndex::kTVMFFIFloat:
        return state.data.cast<double>();
      case TypeIndex::kTVMFFISmallStr:
      case TypeIndex::kTVMFFIStr:
        return state.data.cast<String>();
      case TypeIndex::kTVMFFISmallBytes:
      case TypeIndex::kTVMFFIBytes:
        return Base64Decode(state.data.cast<String>());
      case TypeIndex::kTVMFFIDataType:
        return StringToDLDataType(state.data.cast<String>());
      case TypeIndex::kTVMFFIDevice:
        return DecodeDevice(state.data.cast<Array<int64_t>>());
      case TypeIndex::kTVMFFIShape:
        return Shape(state.data.cast<Array<int64_t>>());
      case TypeIndex::kTVMFFIArray:
        return DecodeSequence<Array<Any>>(state);
      case TypeIndex::kTVMFFIList:
        return DecodeSequence<List<Any>>(state);
      case TypeIndex::kTVMFFIMap:
        return DecodePairs<Map<Any, Any>>(state);
      case TypeIndex::kTVMFFIDict:
        return DecodePairs<Dict<Any, Any>>(state);
      default:
        return DecodeObject(state);
    }
  }

  static Any DecodeDevice(const Array<int64_t>& pair) {
    if (pair.size() != 2) {
      TVM_FFI_THROW(ValueError) << "Invalid JSON Object Graph: Device data must be an array of "
                                   "[device_type, device_id], got "
                                << pair.size() << " element(s)";
    }
    return TVMFFIDLDeviceFromIntPair(static_cast<int32_t>(pair[0]), static_cast<int32_t>(pair[1]));
  }

  template <typename Sequence>
  Any DecodeSequence(const State& state) {
    Sequence sequence;
    sequence.reserve(static_cast<int64_t>(state.children.size()));
    for (int64_t child : state.children) sequence.push_back(Value(child));
    return sequence;
  }

  template <typename Mapping>
  Any DecodePairs(const State& state) {
    Mapping mapping;
    for (size_t i = 0; i < state.children.size(); i += 2) {
      mapping.Set(Value(state.children[i]), Value(state.children[i + 1]));
    }
    return mapping;
  }

  Any DecodeObject(const State& state) {
    const int32_t type_index = state.type_index;
    if (type_index < TypeIndex::kTVMFFIStaticObjectBegin) {
      TVM_FFI_THROW(RuntimeError) << "Cannot deserialize type `" << TypeIndexToTypeKey(type_index)
                                  << "`";
    }
    if (IsEnum(type_index)) {
      if (std::optional<int64_t> index = state.data.as<int64_t>()) {
        return EnumObj::_GetByIntIndex(type_index, *index);
      }
      return EnumObj::_GetByStrIndex(type_index, state.data.cast<String>());
    }
    AnyView hook = FromJsonHook(type_index);
    if (hook != nullptr) return (*type_attr::kDataFromJson.ValueFrom(hook))(state.data);
    return DecodeFields(state);
  }

  Any DecodeFields(const State& state) {
    const TVMFFITypeInfo* type = TVMFFIGetTypeInfo(state.type_index);
    ObjectPtr<Object> object = CreateEmptyObject(type);
    Map<Any, Any> fields = state.data.cast<Map<Any, Any>>();
    reflection::ForEachFieldInfo(type, [&](const TVMFFIFieldInfo* field) {
      std::optional<Any> data = fields.Get(String(field->name.data, field->name.size));
      if (!data.has_value()) {
        SetDefault(object.get(), type, field);
      } else if (!IsInlineField(field)) {
        set_field(object.get(), field, Value(data->cast<int64_t>()));
      } else {
        set_field(object.get(), field, *data);
      }
    });
    return object;
  }

  static void SetDefault(Object* object, const TVMFFITypeInfo* type, const TVMFFIFieldInfo* field) {
    if ((field->flags & kTVMFFIFieldFlagBitMaskHasDefault) == 0) {
      TVM_FFI_THROW(TypeError) << "Required field `"
                               << std::string_view(field->name.data, field->name.size)
                               << "` not set in type `"
                               << std::string_view(type->type_key.data, type->type_key.size) << "`";
    }
    reflection::SetFieldToDefault(field, field_address(object, field));
  }

  int64_t root_;
  Array<Any> nodes_;
  std::vector<State> states_;
  std::vector<int64_t> open_;
};

Any FromJSONGraph(const Any& graph) { return GraphReader(graph).Read(); }

Any FromJSONGraphString(const String& text) { return FromJSONGraph(json::Parse(text)); }

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.FromJSONGraph", FromJSONGraph)
      .def("ffi.FromJSONGraphString", FromJSONGraphString);
}

}  // namespace
}  // namespace tvm::ffi::library
