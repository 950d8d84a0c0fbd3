// SPDX-License-Identifier: Apache-2.0
//
// Text that keeps the object it came from: the interpreter's own text with a Face behind it.
#include "host.h"
#include "type_spec.h"

namespace tvm::ffi::host {
namespace {

ptrdiff_t face_offset = 0;
void (*deallocate_plain)(Value) = nullptr;

void deallocate_text(Value self) {
  Face* face = text_face(self);
  TVMFFIObjectHandle handle = face->handle;
  Type type = type_of(self);
  face->handle = nullptr;
  if (handle) drop_object(handle);
  deallocate_plain(self);
  host.release(type);  // the reference that the instance held
}

Value get_twin(Value self, void*) {
  const Face* face = text_face(self);
  if (!face->handle) return retained(host.none);
  incref(face->handle);
  return new_face(types.object, face->handle, face->index);
}

int set_twin(Value self, Value value, void*) {
  Face* face = text_face(self);
  const Face* given = nullptr;
  if (value && value != host.none) {
    const Known* known = find_known(type_of(value));
    given = known && known->kind == kObject ? face_of<Face>(value) : nullptr;
    if (!given) return call_pure(pure.refuse_keywords, host.none, nullptr, 0), -1;
  }
  TVMFFIObjectHandle former = face->handle;
  face->handle = given ? given->handle : nullptr;
  face->index = given ? given->index : 0;
  if (face->handle) incref(face->handle);
  if (former) drop(former);
  return 0;
}

}  // namespace

Face* text_face(Value text) {
  return reinterpret_cast<Face*>(static_cast<char*>(text) + face_offset);
}

Value make_twin_text(const TVMFFIAny& cell) {
  const TVMFFIByteArray* bytes = TVMFFIBytesGetByteArrayPtr(cell.v_obj);
  Value text = host.make_text(bytes->data, static_cast<ptrdiff_t>(bytes->size));
  Value args = text ? host.make_tuple(1) : nullptr;
  if (args) {
    host.set_tuple_item(args, 0, text);
  } else if (text) {
    host.release(text);
  }
  Value made = args ? host.make_string(types.string, args, nullptr) : nullptr;
  if (args) host.release(args);
  if (made) {
    Face* face = text_face(made);
    face->handle = cell.v_obj;
    face->index = cell.type_index;
  } else {
    drop(cell.v_obj);
  }
  return made;
}

// The base of such text, for values of the interpreter's text of `size` bytes. NULL without an
// exception where the interpreter does not tell how to make and free text.
TVM_FFI_HOST_EXPORT Value TVMFFIHostTextType(ptrdiff_t size) {
  if (!host.make_string || size % 8 != 0) return retained(host.none);
  void* deallocate = host.get_slot(host.text_type, kSlotDeallocate);
  deallocate_plain = reinterpret_cast<void (*)(Value)>(deallocate);
  if (!deallocate_plain) return retained(host.none);
  face_offset = size;
  static Accessor accessors[] = {
      {"_tvm_ffi_cached_object", get_twin, set_twin, nullptr, nullptr},
      {},
  };
  static Slot slots[] = {
      {kSlotAccessors, accessors},
      {kSlotDeallocate, slot(deallocate_text)},
      {},
  };
  static Spec spec = {"tvm_ffi._host.Text", static_cast<int>(size + sizeof(Face)), 0,
                      kDefault | kCanBeBase, slots};
  return make(&spec, host.text_type);
}

}  // namespace tvm::ffi::host
