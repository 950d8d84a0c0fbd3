// SPDX-License-Identifier: Apache-2.0
//
// Functions of the host behind native functions.
//
// The interpreter can end before the last native function that leads to it, and entering it then
// kills the process. So it cuts the callbacks off in time, see TVMFFIHostDisarm.
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "host.h"

namespace tvm::ffi::host {
namespace {

struct Callback {
  std::atomic<Value> callable;  // owned; NULL once it is cut off
  const Exchange* api;          // decides what tensors among the arguments become
  std::atomic<bool> cut_off;
  std::atomic<int> readers;  // threads that are about to retain the callable
  Callback* previous;
  Callback* next;
};

// All callbacks there are, in a ring. The lock is held for a few instructions at a time, and never
// while waiting for the host's.
Callback ring{{nullptr}, nullptr, {false}, {0}, &ring, &ring};
std::mutex ring_lock;

enum Phase { kRunning, kExiting, kEnded };
std::atomic<int> phase{kRunning};

bool can_enter(const Callback* callback) {
  return !callback->cut_off.load(std::memory_order_acquire) &&
         phase.load(std::memory_order_acquire) != kEnded;
}

void forget(Callback* callback) {
  ring_lock.lock();
  callback->previous->next = callback->next;
  callback->next->previous = callback->previous;
  ring_lock.unlock();
}

// The callable, a new reference; NULL, with no exception, once it is cut off.
Value callable_of(Callback* callback) {
  if (!host.runs_freely) {
    Value callable = callback->callable.load(std::memory_order_relaxed);
    return callable ? retained(callable) : nullptr;
  }
  // Who takes the callable out waits for those who have seen it.
  callback->readers.fetch_add(1);
  Value callable = callback->callable.load();
  if (callable) host.retain(callable);
  callback->readers.fetch_sub(1);
  return callable;
}

// Takes the callable out, for good; the caller releases it.
Value take_callable(Callback* callback) {
  Value callable = callback->callable.exchange(nullptr);
  while (callback->readers.load() != 0) {
  }
  return callable;
}

constexpr int kInline = 8;

int fail() {
  Value type = nullptr;
  Value error = nullptr;
  Value traceback = nullptr;
  host.take_error(&type, &error, &traceback);
  host.normalize_error(&type, &error, &traceback);
  if (error && traceback) host.set_traceback(error, traceback);
  Value done = error ? call_pure(pure.hand_over, error, nullptr, 0) : nullptr;
  if (!done) {
    // A signal came meanwhile, or the interpreter is being taken down.
    host.clear_error();
    TVMFFIErrorSetRaisedFromCStr("RuntimeError", "A callback failed, and so did its report");
  } else {
    host.release(done);
  }
  if (type) host.release(type);
  if (error) host.release(error);
  if (traceback) host.release(traceback);
  return -1;
}

// Writes what a callback returned; takes over nothing.
bool store(Value value, TVMFFIAny* result) {
  TVMFFIAny cell{};
  bool owned = false;
  Context context;
  switch (pack(&value, 1, type_of(value), &cell, &owned, &context)) {
    case Packed::kDone:
      if (!owned && is_object(cell.type_index)) incref(cell.v_obj);
      *result = cell;
      return true;
    case Packed::kFailed:
      return false;
    case Packed::kPure:
      break;
  }
  Value address = host.make_int(reinterpret_cast<intptr_t>(result));
  if (!address) return false;
  Value done = call_pure(pure.store, value, &address, 1);
  host.release(address);
  if (done) host.release(done);
  return done != nullptr;
}

}  // namespace

// The code of all native functions made here; `self` is a Callback. Enters on any thread.
TVM_FFI_HOST_EXPORT int TVMFFIHostAnswer(void* self, const TVMFFIAny* args, int32_t count,
                                         TVMFFIAny* result) {
  auto* callback = static_cast<Callback*>(self);
  if (!can_enter(callback)) {
    TVMFFIErrorSetRaisedFromCStr("RuntimeError", "The interpreter of this function has ended");
    return -1;
  }
  Value inline_values[kInline + 1];
  Value* values = inline_values;
  if (count > kInline) {
    values = static_cast<Value*>(std::malloc(sizeof(Value) * (static_cast<size_t>(count) + 1)));
    if (!values) {
      TVMFFIErrorSetRaisedFromCStr("MemoryError", "No memory for the arguments of a callback");
      return -1;
    }
  }
  int state = host.enter();
  int status = 0;
  Value callable = callable_of(callback);
  if (!callable) {
    TVMFFIErrorSetRaisedFromCStr("RuntimeError", "The interpreter of this function has ended");
    status = -1;
  } else if (host.pending()) {
    // Of a signal handler: the native caller was told, and has to return first.
    TVMFFIErrorSetRaisedFromCStr("EnvErrorAlreadySet", "");
    status = -1;
  } else {
    int32_t made = 0;
    while (made < count && (values[made + 1] = unpack_view(args[made], callback->api))) ++made;
    Value value = nullptr;
    if (made == count) {
      value = host.call(callable, values + 1, static_cast<size_t>(count) | kSpare, nullptr);
    }
    for (int32_t i = 0; i < made; ++i) host.release(values[i + 1]);
    if (!value || (value != host.none && !store(value, result))) status = fail();
    if (value) host.release(value);
  }
  if (callable) host.release(callable);
  host.leave(state);
  if (values != inline_values) std::free(values);
  return status;
}

namespace {

void delete_callback(void* self) {
  auto* callback = static_cast<Callback*>(self);
  if (can_enter(callback)) {
    int state = host.enter();
    Value callable = take_callable(callback);  // unless it was cut off while waiting
    forget(callback);
    if (callable) host.release(callable);
    host.leave(state);
    delete callback;
  }
  // Otherwise nothing is left to release, and where the interpreter has ended the ring is not
  // looked at any more.
}

}  // namespace

bool function_from(Value callable, const Exchange* api, TVMFFIObjectHandle* out) {
  auto* callback = new (std::nothrow) Callback{{callable}, api, {false}, {0}, nullptr, nullptr};
  if (!callback) return host.no_memory(), false;
  host.retain(callable);
  // What is made while the interpreter ends lives until the process does.
  bool is_exiting = phase.load(std::memory_order_acquire) != kRunning;
  int status =
      TVMFFIFunctionCreate(callback, TVMFFIHostAnswer, is_exiting ? nullptr : delete_callback, out);
  if (status != 0) {
    host.release(callable);
    delete callback;
    return raise_failure(status), false;
  }
  ring_lock.lock();
  callback->previous = ring.previous;
  callback->next = &ring;
  ring.previous->next = callback;
  ring.previous = callback;
  ring_lock.unlock();
  return true;
}

// A native function that calls `callable`, an owned handle; NULL with an exception pending.
TVM_FFI_HOST_EXPORT TVMFFIObjectHandle TVMFFIHostFunctionFrom(Value callable, const Exchange* api) {
  TVMFFIObjectHandle function = nullptr;
  return function_from(callable, api, &function) ? function : nullptr;
}

// How many callbacks there are: one for each native function that may still call.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostCountCallbacks() {
  int64_t count = 0;
  ring_lock.lock();
  for (Callback* at = ring.next; at != &ring; at = at->next) ++count;
  ring_lock.unlock();
  return count;
}

// Cuts off the callbacks there are: calls of them fail, and what they called is released. When the
// interpreter exits `is_last` is 0, and new ones can still be made; at its end it is 1.
TVM_FFI_HOST_EXPORT void TVMFFIHostDisarm(int is_last) {
  phase.store(is_last ? kEnded : kExiting, std::memory_order_release);
  for (;;) {
    ring_lock.lock();
    Callback* callback = ring.next;
    if (callback == &ring) {
      ring_lock.unlock();
      return;
    }
    callback->previous->next = callback->next;
    callback->next->previous = callback->previous;
    callback->previous = callback->next = callback;
    callback->cut_off.store(true, std::memory_order_release);
    Value callable = take_callable(callback);
    ring_lock.unlock();  // from now on its deleter may have freed it
    if (callable) host.release(callable);
  }
}

}  // namespace tvm::ffi::host
