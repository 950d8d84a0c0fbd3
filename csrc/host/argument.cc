// SPDX-License-Identifier: Apache-2.0
//
// From values of the host to cells. Whatever is not as simple as it can be is left to the pure
// lane, which then packs all arguments of the call.
#include <cstdlib>
#include <cstring>

#include "host.h"

namespace tvm::ffi::host {
namespace {

// Deeper containers are left to the pure lane, which can tell endless ones.
constexpr int kMaxDepth = 32;

Packed set_bytes(const char* data, ptrdiff_t size, bool is_text, TVMFFIAny* cell, bool* owned) {
  if (size < 8) {
    cell->type_index = is_text ? kTVMFFISmallStr : kTVMFFISmallBytes;
    cell->small_str_len = static_cast<uint32_t>(size);
    cell->v_uint64 = 0;
    std::memcpy(cell->v_bytes, data, static_cast<size_t>(size));
    return Packed::kDone;
  }
  TVMFFIByteArray bytes{data, static_cast<size_t>(size)};
  int status =
      is_text ? TVMFFIStringFromByteArray(&bytes, cell) : TVMFFIBytesFromByteArray(&bytes, cell);
  if (status != 0) return raise_failure(status), Packed::kFailed;
  *owned = true;
  return Packed::kDone;
}

Packed set_text(Value value, TVMFFIAny* cell, bool* owned) {
  ptrdiff_t size = 0;
  const char* data = host.read_text(value, &size);
  return data ? set_bytes(data, size, true, cell, owned) : Packed::kFailed;
}

Packed set_object(const Face* face, TVMFFIAny* cell) {
  if (!face->handle) return Packed::kPure;  // to be refused
  cell->type_index = face->index;
  cell->zero_padding = 0;
  cell->v_ptr = face->handle;
  return Packed::kDone;
}

// ---- Containers ----

struct Cells {
  TVMFFIAny* cells;
  bool* owned;
  ptrdiff_t count = 0;

  explicit Cells(ptrdiff_t capacity) {
    size_t bytes = static_cast<size_t>(capacity) * (sizeof(TVMFFIAny) + sizeof(bool)) + 1;
    cells = static_cast<TVMFFIAny*>(std::malloc(bytes));
    owned = reinterpret_cast<bool*>(cells + capacity);
  }

  Packed add(Value value, int depth) {
    Type type = type_of(value);
    owned[count] = false;
    if (pack_number(value, type, &cells[count])) return ++count, Packed::kDone;
    Packed packed = pack_simple(value, nullptr, type, &cells[count], &owned[count], depth);
    if (packed == Packed::kDone) ++count;
    return packed;
  }

  void release() {
    for (ptrdiff_t i = 0; i < count; ++i) {
      if (owned[i]) TVMFFIObjectDecRef(cells[i].v_obj);  // not the last reference, or a new object
    }
    std::free(cells);
  }
};

// Calls a constructor of containers, which runs no foreign code.
Packed make_container(TVMFFIObjectHandle function, Cells* elements, Packed packed, TVMFFIAny* cell,
                      bool* owned) {
  if (packed == Packed::kDone) {
    *cell = TVMFFIAny{};
    int status =
        TVMFFIFunctionCall(function, elements->cells, static_cast<int32_t>(elements->count), cell);
    if (status != 0) {
      raise_failure(status);
      packed = Packed::kFailed;
    } else {
      *owned = true;
    }
  }
  elements->release();
  return packed;
}

// NULL where they have to be asked for one by one.
const Value* items_of(Value value, bool is_list) {
  const Layout& layout = host.layout;
  if (is_list) return layout.list_items ? part<const Value*>(value, layout.list_items) : nullptr;
  if (!layout.tuple_items) return nullptr;
  return reinterpret_cast<const Value*>(static_cast<char*>(value) + layout.tuple_items);
}

Packed set_sequence(Value value, bool is_list, TVMFFIAny* cell, bool* owned, int depth) {
  static TVMFFIObjectHandle make_array = library_function("ffi.Array");
  ptrdiff_t size = is_list ? host.list_size(value) : host.tuple_size(value);
  if (depth >= kMaxDepth || size >= INT32_MAX) return Packed::kPure;
  Cells elements(size);
  if (!elements.cells) return Packed::kPure;
  Packed packed = Packed::kDone;
  // Nothing in the loop runs code of the host, so with its lock held a list stays as it is.
  const Value* items = items_of(value, is_list);
  for (ptrdiff_t i = 0; i < size && packed == Packed::kDone; ++i) {
    Value item = items ? items[i] : is_list ? host.list_item(value, i) : host.tuple_item(value, i);
    packed = elements.add(item, depth);
  }
  return make_container(make_array, &elements, packed, cell, owned);
}

Packed set_mapping(Value value, TVMFFIAny* cell, bool* owned, int depth) {
  static TVMFFIObjectHandle make_map = library_function("ffi.Map");
  ptrdiff_t size = host.dict_size(value);
  if (depth >= kMaxDepth || size >= INT32_MAX / 2) return Packed::kPure;
  Cells elements(2 * size);
  if (!elements.cells) return Packed::kPure;
  Packed packed = Packed::kDone;
  ptrdiff_t position = 0;
  Value key = nullptr;
  Value item = nullptr;
  while (packed == Packed::kDone && host.dict_next(value, &position, &key, &item)) {
    packed = elements.add(key, depth);
    if (packed == Packed::kDone) packed = elements.add(item, depth);
  }
  return make_container(make_map, &elements, packed, cell, owned);
}

// Where threads run freely, only a copy stays as it is.
Packed set_list(Value value, TVMFFIAny* cell, bool* owned, int depth) {
  if (!host.runs_freely) return set_sequence(value, true, cell, owned, depth);
  Value copy = host.list_to_tuple(value);
  if (!copy) return Packed::kFailed;
  Packed packed = set_sequence(copy, false, cell, owned, depth);
  host.release(copy);
  return packed;
}

Packed set_dict(Value value, TVMFFIAny* cell, bool* owned, int depth) {
  if (!host.runs_freely) return set_mapping(value, cell, owned, depth);
  Value copy = host.copy_dict(value);
  if (!copy) return Packed::kFailed;
  Packed packed = set_mapping(copy, cell, owned, depth);
  host.release(copy);
  return packed;
}

Packed set_payload(Value value, const Known* known, TVMFFIAny* cell) {
  Value payload = static_cast<const Path*>(known->data)->follow(value);
  if (!payload || type_of(payload) != host.int_type) return Packed::kPure;
  int overflow = 0;
  cell->v_int64 = host.read_int(payload, &overflow);
  cell->type_index = known->tag;
  cell->zero_padding = 0;
  return overflow ? Packed::kPure : Packed::kDone;
}

Packed set_twin(Value value, TVMFFIAny* cell, bool* owned) {
  const Face* twin = text_face(value);
  return twin->handle ? set_object(twin, cell) : set_text(value, cell, owned);
}

bool is_known(Type type) {
  return type == host.int_type || type == host.text_type || type == host.float_type ||
         type == host.bool_type || type == host.bytes_type || type == host.none_type ||
         find_known(type);
}

}  // namespace

TVMFFIObjectHandle library_function(const char* name) {
  TVMFFIByteArray text{name, std::strlen(name)};
  TVMFFIObjectHandle function = nullptr;
  TVMFFIFunctionGetGlobal(&text, &function);
  return function;
}

Packed pack_simple(Value value, const Known* known, Type type, TVMFFIAny* cell, bool* owned,
                   int depth) {
  if (type == host.int_type) {
    int overflow = 0;
    cell->type_index = kTVMFFIInt;
    cell->zero_padding = 0;
    cell->v_int64 = host.read_int(value, &overflow);
    return TVM_FFI_HOST_LIKELY(!overflow) ? Packed::kDone : Packed::kPure;
  }
  if (type == host.text_type) return set_text(value, cell, owned);
  cell->zero_padding = 0;
  if (type == host.float_type) {
    cell->type_index = kTVMFFIFloat;
    cell->v_float64 = host.read_float(value);
    return Packed::kDone;
  }
  if (value == host.none) {
    cell->type_index = kTVMFFINone;
    cell->v_int64 = 0;
    return Packed::kDone;
  }
  if (type == host.bool_type) {
    cell->type_index = kTVMFFIBool;
    cell->v_int64 = value == host.yes;
    return Packed::kDone;
  }
  if (type == host.bytes_type) {
    char* data = nullptr;
    ptrdiff_t size = 0;
    if (host.read_bytes(value, &data, &size) != 0) return Packed::kFailed;
    return set_bytes(data, size, false, cell, owned);
  }
  if (!known) known = find_known(type);
  if (!known) return Packed::kPure;
  switch (known->kind) {
    case kObject:
      return set_object(face_of<Face>(value), cell);
    case kContainer:
      if (face_of<ContainerFace>(value)->api) return Packed::kPure;
      return set_object(face_of<Face>(value), cell);
    case kTensor: {
      const TensorFace* face = face_of<TensorFace>(value);
      if (face->handle || !face->view) return set_object(face, cell);
      cell->type_index = kTVMFFIDLTensorPtr;
      cell->v_ptr = face->view;
      return Packed::kDone;
    }
    case kPayload:
      return set_payload(value, known, cell);
    case kTwin:
      return set_twin(value, cell, owned);
    case kList:
      return set_list(value, cell, owned, depth + 1);
    case kTuple:
      return set_sequence(value, false, cell, owned, depth + 1);
    case kDict:
      return set_dict(value, cell, owned, depth + 1);
    default:
      return Packed::kPure;
  }
}

Packed pack(const Value* values, size_t count, Type type, TVMFFIAny* cell, bool* owned,
            Context* context) {
  Value value = values[0];
  if (type == host.int_type || type == host.text_type) {
    return pack_simple(value, nullptr, type, cell, owned, 0);
  }
  const Known* known = find_known(type);
  if (!known || known->kind < kContainer) return pack_simple(value, known, type, cell, owned, 0);
  if (known->kind >= kExchanged && !context->all_known) {
    for (size_t i = 1; i < count; ++i) {
      if (!is_known(type_of(values[i]))) return Packed::kPure;
    }
    context->all_known = true;
  }
  switch (known->kind) {
    case kCallable:
      if (!function_from(value, nullptr, &cell->v_ptr)) return Packed::kFailed;
      cell->type_index = kTVMFFIFunction;
      cell->zero_padding = 0;
      *owned = true;
      return Packed::kDone;
    case kExchanged:
      return pack_exchanged(value, static_cast<const Exchange*>(known->data), cell, owned, context);
    case kProvider:
      return pack_provided(value, cell, owned);
    case kContainer: {
      const ContainerFace* face = face_of<ContainerFace>(value);
      // Whether what is inside lies on another device is for the pure lane to find out.
      if (face->api && context->api != face->api) return Packed::kPure;
      return set_object(face, cell);
    }
    default:
      return pack_simple(value, known, type, cell, owned, 0);
  }
}

}  // namespace tvm::ffi::host
