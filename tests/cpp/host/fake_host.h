// SPDX-License-Identifier: Apache-2.0
//
// An interpreter of a few kinds of values, for tests of the host lane. It counts references, and
// knows which exception is pending and whether its lock is held.
#ifndef TVM_FFI_TESTS_CPP_HOST_FAKE_HOST_H_
#define TVM_FFI_TESTS_CPP_HOST_FAKE_HOST_H_

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "../../../csrc/host/host.h"

namespace fake {

using tvm::ffi::host::Table;
using tvm::ffi::host::Type;
using tvm::ffi::host::Value;

struct Object;
using Values = std::vector<Object*>;
using Code = std::function<Object*(const Values&)>;  // borrows, returns a new reference

struct Content {
  int64_t number = 0;
  double real = 0;
  std::string text;  // or bytes
  Values items;      // owned
  Code code;
};

// What the host lane knows of the head: its size, and where the type is.
struct Object {
  int64_t references;
  Object* type;
  Content* content;  // NULL for faces, whose own parts start here
};

inline Object none_type{1, nullptr, nullptr}, int_type{1, nullptr, nullptr},
    float_type{1, nullptr, nullptr}, text_type{1, nullptr, nullptr},
    bytes_type{1, nullptr, nullptr}, bool_type{1, nullptr, nullptr}, list_type{1, nullptr, nullptr},
    tuple_type{1, nullptr, nullptr}, code_type{1, nullptr, nullptr},
    error_type{1, nullptr, nullptr}, function_type{1, nullptr, nullptr};
inline Content nothing;
inline Object none{1, &none_type, &nothing}, yes{1, &bool_type, &nothing},
    no{1, &bool_type, &nothing};

inline int64_t alive = 0;  // values that were made and not freed
inline Object* pending = nullptr;
inline int lock_depth = 1;  // how often the lock is held: 1, or 0 while it is given up
inline int times_given_up = 0;

inline Object* of(Value value) { return static_cast<Object*>(value); }

inline Object* make(Object* type, Content content) {
  ++alive;
  return new Object{1, type, new Content(std::move(content))};
}

inline void retain(Value value) { ++of(value)->references; }

inline void release(Value value) {
  Object* object = of(value);
  if (--object->references > 0) return;
  --alive;
  if (object->type == &function_type) {
    auto* face = tvm::ffi::host::face_of<tvm::ffi::host::Face>(value);
    if (face->handle) TVMFFIObjectDecRef(face->handle);
    std::free(value);
    return;
  }
  for (Object* item : object->content->items) release(item);
  delete object->content;
  delete object;
}

inline Object* integer(int64_t number) {
  Content content;
  content.number = number;
  return make(&int_type, content);
}
inline Object* real(double number) {
  Content content;
  content.real = number;
  return make(&float_type, content);
}
inline Object* characters(Object* type, const char* data, ptrdiff_t size) {
  Content content;
  content.text.assign(data, static_cast<size_t>(size));
  return make(type, content);
}
inline Object* text(const std::string& value) {
  return characters(&text_type, value.data(), static_cast<ptrdiff_t>(value.size()));
}
inline Object* sequence(Object* type, Values items) {
  Content content;
  content.items = std::move(items);
  return make(type, content);
}
inline Object* callable(Code code) {
  Content content;
  content.code = std::move(code);
  return make(&code_type, content);
}

inline Value call(Value function, const Value* args, size_t count, Value) {
  count &= ~tvm::ffi::host::kSpare;
  Values values;
  for (size_t i = 0; i < count; ++i) values.push_back(of(args[i]));
  return of(function)->content->code(values);
}

inline void raise(Type, Value error) {
  retain(error);
  if (pending) release(pending);
  pending = of(error);
}
inline void clear() {
  if (pending) release(pending);
  pending = nullptr;
}
// Raises an exception with that text, and is what a failing function returns.
inline Object* fail(const std::string& message) {
  Object* error = characters(&error_type, message.data(), static_cast<ptrdiff_t>(message.size()));
  raise(&error_type, error);
  release(error);
  return nullptr;
}

inline Value allocate(Type type, ptrdiff_t) {
  ++alive;
  auto* object = static_cast<Object*>(std::calloc(1, 256));
  object->references = 1;
  object->type = of(type);
  return object;
}

inline Table table() {
  Table made{};
  made.retain = retain;
  made.release = release;
  made.type_of = [](Value value) -> Type {
    retain(of(value)->type);
    return of(value)->type;
  };
  made.make_int = [](long long number) -> Value { return integer(number); };
  made.make_float = [](double number) -> Value { return real(number); };
  made.make_text = [](const char* data, ptrdiff_t size) -> Value {
    return characters(&text_type, data, size);
  };
  made.make_bytes = [](const char* data, ptrdiff_t size) -> Value {
    return characters(&bytes_type, data, size);
  };
  // Numbers beyond this stand for those that do not fit.
  made.read_int = [](Value value, int* overflow) -> long long {
    int64_t number = of(value)->content->number;
    *overflow = number == INT64_MAX;
    return *overflow ? -1 : number;
  };
  made.read_float = [](Value value) { return of(value)->content->real; };
  made.read_text = [](Value value, ptrdiff_t* size) -> const char* {
    *size = static_cast<ptrdiff_t>(of(value)->content->text.size());
    return of(value)->content->text.data();
  };
  made.read_bytes = [](Value value, char** data, ptrdiff_t* size) {
    *size = static_cast<ptrdiff_t>(of(value)->content->text.size());
    *data = of(value)->content->text.data();
    return 0;
  };
  made.list_size = made.tuple_size = [](Value value) {
    return static_cast<ptrdiff_t>(of(value)->content->items.size());
  };
  made.list_item = made.tuple_item = [](Value value, ptrdiff_t at) -> Value {
    return of(value)->content->items[static_cast<size_t>(at)];
  };
  made.allocate = allocate;
  made.call = call;
  made.pending = []() -> Value { return pending ? &error_type : nullptr; };
  made.take_error = [](Value* type, Value* value, Value* traceback) {
    *type = pending ? &error_type : nullptr;
    *value = pending;
    *traceback = nullptr;
    if (pending) retain(&error_type);
    pending = nullptr;
  };
  made.normalize_error = [](Value*, Value*, Value*) {};
  made.raise = raise;
  made.clear_error = clear;
  made.no_memory = []() -> Value { return fail("no memory"); };
  made.enter = [] { return lock_depth++; };
  made.leave = [](int depth) { lock_depth = depth; };
  made.give_up = []() -> void* {
    ++times_given_up;
    lock_depth = 0;
    return &lock_depth;
  };
  made.take_back = [](void*) { lock_depth = 1; };
  made.none = &none;
  made.yes = &yes;
  made.no = &no;
  made.int_type = &int_type;
  made.float_type = &float_type;
  made.text_type = &text_type;
  made.bytes_type = &bytes_type;
  made.bool_type = &bool_type;
  made.none_type = &none_type;
  made.head = offsetof(Object, content);
  return made;
}

}  // namespace fake
#endif  // TVM_FFI_TESTS_CPP_HOST_FAKE_HOST_H_
