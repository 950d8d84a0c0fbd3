// SPDX-License-Identifier: Apache-2.0
//
// Calls from the host into native functions.
#include <cstdlib>

#include "host.h"

namespace tvm::ffi::host {
namespace {

constexpr size_t kInline = 8;

// The packed arguments of one call. What is owned was made for it, out of values that are still
// there, so dropping that waits for nobody.
struct Arguments {
  TVMFFIAny inline_cells[kInline];
  TVMFFIAny* cells = inline_cells;
  uint64_t owned = 0;  // a bit each of the first 64
  bool* more_owned = nullptr;
  size_t packed = 0;
  Context context;

  bool reserve(size_t count) {
    if (TVM_FFI_HOST_LIKELY(count <= kInline)) return true;
    cells = static_cast<TVMFFIAny*>(std::malloc(count * (sizeof(TVMFFIAny) + sizeof(bool))));
    more_owned = reinterpret_cast<bool*>(cells + count);
    return cells != nullptr;
  }

  Packed pack_all(const Value* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      Type type = type_of(values[i]);
      bool is_owned = false;
      if (!pack_number(values[i], type, &cells[i])) {
        Packed done = pack(values + i, count - i, type, &cells[i], &is_owned, &context);
        if (!TVM_FFI_HOST_LIKELY(done == Packed::kDone)) return done;
      }
      if (i < 64) owned |= uint64_t{is_owned} << i;
      if (more_owned) more_owned[i] = is_owned;
      packed = i + 1;
    }
    return Packed::kDone;
  }

  void release() {
    for (uint64_t rest = owned; rest != 0; rest &= rest - 1) {
      TVMFFIObjectDecRef(cells[__builtin_ctzll(rest)].v_obj);
    }
    if (TVM_FFI_HOST_LIKELY(!more_owned)) return;
    for (size_t i = 64; i < packed; ++i) {
      if (more_owned[i]) TVMFFIObjectDecRef(cells[i].v_obj);
    }
    std::free(cells);
  }
};

int invoke(const FunctionFace* face, Arguments& arguments, size_t count, TVMFFIAny* result) {
  // Not by the function's own pointer: backtraces of errors end where this call is.
  if (!face->gives_up) {
    return TVMFFIFunctionCall(face->handle, arguments.cells, static_cast<int32_t>(count), result);
  }
  void* state = host.give_up();
  int status =
      TVMFFIFunctionCall(face->handle, arguments.cells, static_cast<int32_t>(count), result);
  host.take_back(state);
  return status;
}

// With the stream and the allocator that the arguments ask for. False with an exception pending.
[[gnu::noinline]] bool invoke_in_environment(const FunctionFace* face, Arguments& arguments,
                                             size_t count, TVMFFIAny* result, int* status) {
  Environment environment;
  if (!environment.enter(arguments.context)) return false;
  *status = invoke(face, arguments, count, result);
  return environment.leave(arguments.context);
}

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

namespace {

// Gives up what a call left behind whose caller gets an exception that is pending already.
Value abandon(int status, const TVMFFIAny& result) {
  if (status != 0) {
    TVMFFIErrorSetRaised(nullptr);
  } else if (is_object(result.type_index)) {
    TVMFFIObjectDecRef(result.v_obj);
  }
  return nullptr;
}

}  // namespace

// A function's `__call__`, and a method's. Keyword arguments are refused by the pure lane. Exported
// so that backtraces find its name, and with it where calls leave the interpreter.
TVM_FFI_HOST_EXPORT Value TVMFFIHostCall(Value self, const Value* args, size_t nargs, Value names) {
  size_t count = nargs & ~kSpare;
  const FunctionFace* face = face_of<FunctionFace>(self);
  if (names) return call_pure(pure.refuse_keywords, names, nullptr, 0);
  Arguments arguments;
  if (!face->handle || count > INT32_MAX || !arguments.reserve(count)) {
    return call_pure(pure.call, self, args, count);
  }
  Packed packed = arguments.pack_all(args, count);
  if (!TVM_FFI_HOST_LIKELY(packed == Packed::kDone)) {
    arguments.release();
    return packed == Packed::kFailed ? nullptr : call_pure(pure.call, self, args, count);
  }
  TVMFFIAny result{};
  int status = 0;
  bool went_well = true;
  if (TVM_FFI_HOST_LIKELY(!arguments.context.api)) {
    status = invoke(face, arguments, count, &result);
  } else {
    went_well = invoke_in_environment(face, arguments, count, &result, &status);
  }
  arguments.release();
  // A signal handler may have raised while native code ran, and asked to stop.
  if (!went_well || host.pending()) return abandon(status, result);
  if (TVM_FFI_HOST_LIKELY(status == 0)) return unpack(result, arguments.context.api);
  return raise_failure(status);
}

namespace {

// Makes the object that `self` is the face of; the lock is kept, and no stream or allocator is set.
Packed construct(Value self, TVMFFIObjectHandle function, const Value* args, size_t count) {
  Arguments arguments;
  if (!function || count > INT32_MAX || !arguments.reserve(count)) return Packed::kPure;
  Packed packed = arguments.pack_all(args, count);
  if (arguments.context.api && packed == Packed::kDone) packed = Packed::kPure;
  TVMFFIAny result{};
  int status = 0;
  if (TVM_FFI_HOST_LIKELY(packed == Packed::kDone)) {
    status = TVMFFIFunctionCall(function, arguments.cells, static_cast<int32_t>(count), &result);
  }
  arguments.release();
  if (packed != Packed::kDone) return packed;
  if (status != 0) return raise_failure(status), Packed::kFailed;
  // The pure lane says what it got instead, of another call.
  if (!is_object(result.type_index)) return Packed::kPure;
  Face* face = face_of<Face>(self);
  TVMFFIObjectHandle former = face->handle;
  face->handle = result.v_obj;
  face->index = result.type_index;
  if (former) drop(former);
  return Packed::kDone;
}

}  // namespace

// The face's method `__init_handle_by_constructor__(function, *args)`.
TVM_FFI_HOST_EXPORT Value TVMFFIHostConstruct(Value self, const Value* args, ptrdiff_t nargs) {
  Packed packed = Packed::kPure;
  if (nargs > 0 && type_of(args[0]) == types.function) {
    TVMFFIObjectHandle function = face_of<FunctionFace>(args[0])->handle;
    packed = construct(self, function, args + 1, static_cast<size_t>(nargs) - 1);
  }
  if (TVM_FFI_HOST_LIKELY(packed == Packed::kDone)) return retained(host.none);
  if (packed == Packed::kFailed) return nullptr;
  return call_pure(pure.construct, self, args, static_cast<size_t>(nargs));
}

// The `__init__` of a class, called with the new object.
TVM_FFI_HOST_EXPORT Value TVMFFIHostInitialize(Value self, const Value* args, size_t nargs,
                                               Value names) {
  const InitializerFace* face = face_of<InitializerFace>(self);
  size_t count = nargs & ~kSpare;
  Packed packed = Packed::kPure;
  if (!names && count > 0 && type_of(args[0]) == face->cls) {
    packed = construct(args[0], face->handle, args + 1, count - 1);
  }
  if (TVM_FFI_HOST_LIKELY(packed == Packed::kDone)) return retained(host.none);
  if (packed == Packed::kFailed) return nullptr;
  return host.call(face->slowly, args, nargs, names);
}

}  // namespace tvm::ffi::host
