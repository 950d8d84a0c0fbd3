// SPDX-License-Identifier: Apache-2.0
//
// Elements of arrays and lists, read where they lie.
#include "host.h"

namespace tvm::ffi::host {
namespace {

// More elements than that are not made at once: whoever iterates may stop early.
constexpr int64_t kAtOnce = 64;

const TVMFFISeqCell* cell_of(Value self) {
  const Face* face = face_of<Face>(self);
  if (!face->handle || (face->index != kTVMFFIArray && face->index != kTVMFFIList)) return nullptr;
  return reinterpret_cast<const TVMFFISeqCell*>(static_cast<TVMFFIObject*>(face->handle) + 1);
}

Value element(Value self, const TVMFFISeqCell* cell, int64_t position) {
  return unpack_view(static_cast<const TVMFFIAny*>(cell->data)[position],
                     face_of<ContainerFace>(self)->api);
}

}  // namespace

// `self[index]`
TVM_FFI_HOST_EXPORT Value TVMFFIHostSequenceItem(Value self, Value index) {
  const TVMFFISeqCell* cell = cell_of(self);
  if (cell && type_of(index) == host.int_type) {
    int overflow = 0;
    int64_t position = host.read_int(index, &overflow);
    if (position < 0) position += cell->size;
    if (!overflow && 0 <= position && position < cell->size) return element(self, cell, position);
  }
  return call_pure(pure.sequence_item, self, &index, 1);
}

// `iter(self)` of a sequence that never changes
TVM_FFI_HOST_EXPORT Value TVMFFIHostSequenceIterate(Value self, Value) {
  const TVMFFISeqCell* cell = cell_of(self);
  if (!cell || cell->size > kAtOnce) return call_pure(pure.iterate, self, nullptr, 0);
  Value list = host.make_list(cell->size);
  for (int64_t i = 0; list && i < cell->size; ++i) {
    Value value = element(self, cell, i);
    if (!value || host.set_list_item(list, i, value) != 0) {
      host.release(list);
      return nullptr;
    }
  }
  Value iterator = list ? host.make_iterator(list) : nullptr;
  if (list) host.release(list);
  return iterator;
}

}  // namespace tvm::ffi::host
