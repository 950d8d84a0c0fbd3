// SPDX-License-Identifier: Apache-2.0
//
// Entries of maps and dicts, by the library's own functions. The lock is kept: with keys that are
// text or numbers those run nobody else's code.
#include "host.h"

namespace tvm::ffi::host {
namespace {

// More entries of a map are not made at once: whoever iterates may stop early. Those of a dict are,
// as it may change meanwhile.
constexpr int64_t kAtOnce = 64;

// NULL where the pure lane has to look: at nothing, or where it says which class tensors get.
const ContainerFace* face_of_mapping(Value self) {
  const ContainerFace* face = face_of<ContainerFace>(self);
  bool is_mapping = face->index == kTVMFFIMap || face->index == kTVMFFIDict;
  return face->handle && is_mapping && !face->api ? face : nullptr;
}

TVMFFIAny view_of(const Face* face) {
  TVMFFIAny cell{};
  cell.type_index = face->index;
  cell.v_ptr = face->handle;
  return cell;
}

bool is_simple_key(Type type) { return type == host.text_type || type == host.int_type; }

// Calls a function of the library; false with an exception pending.
bool call(TVMFFIObjectHandle function, TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  *result = TVMFFIAny{};
  int status = TVMFFIFunctionCall(function, args, count, result);
  return status == 0 || raise_failure(status);
}

// What the mapping's own function of that name is called with the mapping alone.
bool ask(const Face* face, const char* of_map, const char* of_dict, TVMFFIAny* result) {
  TVMFFIAny self = view_of(face);
  TVMFFIObjectHandle function = library_function(face->index == kTVMFFIMap ? of_map : of_dict);
  bool done = call(function, &self, 1, result);
  TVMFFIObjectDecRef(function);
  return done;
}

// The key or the value where a cursor is: 0 or 1.
Value current(TVMFFIObjectHandle cursor, int64_t which) {
  TVMFFIAny command{};
  TVMFFIAny result;
  command.type_index = kTVMFFIInt;
  command.v_int64 = which;
  return call(cursor, &command, 1, &result) ? unpack(result, nullptr) : nullptr;
}

bool advance(TVMFFIObjectHandle cursor) {
  Value could = current(cursor, 2);
  if (could) host.release(could);
  return could != nullptr;
}

Value entry_of(TVMFFIObjectHandle cursor) {
  Value pair = host.make_tuple(2);
  for (int64_t which = 0; pair && which < 2; ++which) {
    Value value = current(cursor, which);
    if (!value || host.set_tuple_item(pair, which, value) != 0) {
      host.release(pair);
      return nullptr;
    }
  }
  return pair;
}

Value list_entries(TVMFFIObjectHandle cursor, int64_t count) {
  Value list = host.make_list(count);
  for (int64_t i = 0; list && i < count; ++i) {
    Value pair = i == 0 || advance(cursor) ? entry_of(cursor) : nullptr;
    if (!pair || host.set_list_item(list, i, pair) != 0) {
      host.release(list);
      return nullptr;
    }
  }
  return list;
}

}  // namespace

// `self[key]`
TVM_FFI_HOST_EXPORT Value TVMFFIHostMappingItem(Value self, Value key) {
  static TVMFFIObjectHandle in_map = library_function("ffi.MapGetItemOrMissing");
  static TVMFFIObjectHandle in_dict = library_function("ffi.DictGetItemOrMissing");
  const ContainerFace* face = face_of_mapping(self);
  Type type = type_of(key);
  if (!face || !is_simple_key(type)) return call_pure(pure.mapping_item, self, &key, 1);
  TVMFFIAny args[] = {view_of(face), {}};
  bool owned = false;
  Packed packed = pack_simple(key, nullptr, type, &args[1], &owned, 0);
  if (packed == Packed::kFailed) return nullptr;
  if (packed == Packed::kPure) return call_pure(pure.mapping_item, self, &key, 1);
  TVMFFIAny found;
  bool done = call(face->index == kTVMFFIMap ? in_map : in_dict, args, 2, &found);
  if (owned) TVMFFIObjectDecRef(args[1].v_obj);
  if (!done) return nullptr;
  // What stands for "no such key" is a plain object, and could be a value too.
  if (found.type_index != kTVMFFIObject) return unpack(found, nullptr);
  TVMFFIObjectDecRef(found.v_obj);
  return call_pure(pure.mapping_item, self, &key, 1);
}

// An iterator over pairs of keys and values.
TVM_FFI_HOST_EXPORT Value TVMFFIHostMappingEntries(Value self, Value) {
  const ContainerFace* face = face_of_mapping(self);
  if (!face) return call_pure(pure.entries, self, nullptr, 0);
  TVMFFIAny size;
  if (!ask(face, "ffi.MapSize", "ffi.DictSize", &size)) return nullptr;
  if (face->index == kTVMFFIMap && size.v_int64 > kAtOnce) {
    return call_pure(pure.entries, self, nullptr, 0);
  }
  TVMFFIAny cursor;
  if (!ask(face, "ffi.MapForwardIterFunctor", "ffi.DictForwardIterFunctor", &cursor)) {
    return nullptr;
  }
  Value list = list_entries(cursor.v_obj, size.v_int64);
  TVMFFIObjectDecRef(cursor.v_obj);
  Value iterator = list ? host.make_iterator(list) : nullptr;
  if (list) host.release(list);
  return iterator;
}

}  // namespace tvm::ffi::host
