// SPDX-License-Identifier: Apache-2.0
//
// Calls from the host into native functions.
#include <cstdlib>

#include "host.h"

namespace tvm::ffi::host {
namespace {

constexpr int kInline = 8;

// The packed arguments of one call.
struct Arguments {
  TVMFFIAny inline_cells[kInline];
  bool inline_owned[kInline];
  TVMFFIAny* cells = inline_cells;
  bool* owned = inline_owned;
  int32_t packed = 0;
  Context context;

  bool reserve(size_t count) {
    if (TVM_FFI_HOST_LIKELY(count <= kInline)) return true;
    cells = static_cast<TVMFFIAny*>(std::malloc(count * (sizeof(TVMFFIAny) + sizeof(bool))));
    owned = reinterpret_cast<bool*>(cells + count);
    return cells != nullptr;
  }

  Packed pack_all(const Value* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      owned[i] = false;
      Packed packed_one = pack(values + i, count - i, &cells[i], &owned[i], &context);
      if (TVM_FFI_HOST_LIKELY(packed_one == Packed::kDone)) {
        ++packed;
      } else {
        return packed_one;
      }
    }
    return Packed::kDone;
  }

  void release() {
    for (int32_t i = 0; i < packed; ++i) {
      // Made for this call out of values that are still there, so this waits for nobody.
      if (owned[i]) TVMFFIObjectDecRef(cells[i].v_obj);
    }
    if (cells != inline_cells) std::free(cells);
  }
};

}  // namespace

Value call_pure(Value function, Value first, const Value* others, size_t count) {
  Value inline_args[kInline + 2];
  Value* args = inline_args;
  if (count > kInline) {
    args = static_cast<Value*>(std::malloc((count + 2) * sizeof(Value)));
    if (!args) return host.no_memory();
  }
  args[0] = nullptr;
  args[1] = first;
  for (size_t i = 0; i < count; ++i) args[i + 2] = others[i];
  Value result = host.call(function, args + 1, (count + 1) | kSpare, nullptr);
  if (args != inline_args) std::free(args);
  return result;
}

Value raise_failure(int status) {
  Value number = host.make_int(status);
  if (!number) return nullptr;
  Value args[] = {nullptr, number};
  Value error = host.call(pure.failure, args + 1, 1 | kSpare, nullptr);
  host.release(number);
  if (!error) return nullptr;
  Type type = type_of(error);
  host.raise(type, error);
  host.release(error);
  return nullptr;
}

// A function's `__call__`, and a method's. Keyword arguments are refused by the pure lane.
Value function_entry(Value self, const Value* args, size_t nargs, Value names) {
  size_t count = nargs & ~kSpare;
  const FunctionFace* face = face_of<FunctionFace>(self);
  Arguments arguments;
  if (names) return call_pure(pure.refuse_keywords, names, nullptr, 0);
  if (!face->handle || count > INT32_MAX || !arguments.reserve(count)) {
    return call_pure(pure.call, self, args, count);
  }
  Packed packed = arguments.pack_all(args, count);
  if (TVM_FFI_HOST_LIKELY(packed == Packed::kDone)) {
    TVMFFIAny result{};
    int status;
    Environment environment;
    const Context& context = arguments.context;
    bool in_environment = context.api != nullptr;
    if (in_environment && !environment.enter(context)) {
      arguments.release();
      return nullptr;
    }
    if (face->gives_up) {
      void* state = host.give_up();
      status =
          TVMFFIFunctionCall(face->handle, arguments.cells, static_cast<int32_t>(count), &result);
      host.take_back(state);
    } else {
      status =
          TVMFFIFunctionCall(face->handle, arguments.cells, static_cast<int32_t>(count), &result);
    }
    const Exchange* api = context.api;
    bool restored = !in_environment || environment.leave(context);
    arguments.release();
    // A signal handler may have raised while native code ran, and asked to stop.
    bool interrupted = !restored || host.pending();
    if (TVM_FFI_HOST_LIKELY(status == 0 && !interrupted)) return unpack(result, api);
    if (!interrupted) return raise_failure(status);
    if (status == 0 && is_object(result.type_index)) TVMFFIObjectDecRef(result.v_obj);
    if (status != 0) TVMFFIErrorSetRaised(nullptr);
    return nullptr;
  }
  arguments.release();
  return packed == Packed::kFailed ? nullptr : call_pure(pure.call, self, args, count);
}

// The face's method `__init_handle_by_constructor__(function, *args)`: the lock is kept, and no
// stream or allocator is set.
TVM_FFI_HOST_EXPORT Value TVMFFIHostConstruct(Value self, const Value* args, ptrdiff_t nargs) {
  Arguments arguments;
  Packed packed = Packed::kPure;
  size_t count = nargs > 0 ? static_cast<size_t>(nargs) - 1 : 0;
  if (nargs > 0 && type_of(args[0]) == types.function && nargs < INT32_MAX &&
      face_of<FunctionFace>(args[0])->handle && arguments.reserve(count)) {
    packed = arguments.pack_all(args + 1, count);
  }
  if (packed == Packed::kDone && arguments.context.api) packed = Packed::kPure;
  if (packed == Packed::kDone) {
    TVMFFIAny result{};
    int status = TVMFFIFunctionCall(face_of<FunctionFace>(args[0])->handle, arguments.cells,
                                    static_cast<int32_t>(count), &result);
    arguments.release();
    if (status != 0) return raise_failure(status);
    Face* face = face_of<Face>(self);
    if (TVM_FFI_HOST_LIKELY(is_object(result.type_index))) {
      TVMFFIObjectHandle former = face->handle;
      face->handle = result.v_obj;
      face->index = result.type_index;
      if (former) drop(former);
      return retained(host.none);
    }
    packed = Packed::kPure;  // says what it got instead, of another call
  } else {
    arguments.release();
  }
  if (packed == Packed::kFailed) return nullptr;
  return call_pure(pure.construct, self, args, static_cast<size_t>(nargs));
}

}  // namespace tvm::ffi::host
