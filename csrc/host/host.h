// SPDX-License-Identifier: Apache-2.0
//
// The host is the interpreter whose values come in and go out. All this library knows of it is in
// this file: opaque values, a table of functions over them that Python fills once, and where our
// own types keep their data inside a value.
//
// References. A `Value` that a function returns is a new reference, one that it takes is borrowed,
// unless said otherwise. Every function runs with the host's lock held, unless said otherwise.
// NULL for a Value means that the host has an exception pending.
//
// The interpreter may end a thread inside `take_back` and `enter`. So nothing here holds a lock, or
// needs a destructor, while it calls either.
#ifndef TVM_FFI_HOST_HOST_H_
#define TVM_FFI_HOST_HOST_H_

#include <stddef.h>
#include <stdint.h>
#include <tvm/ffi/c_api.h>

#include <atomic>

#define TVM_FFI_HOST_EXPORT extern "C" __attribute__((visibility("default")))
#define TVM_FFI_HOST_LIKELY(condition) __builtin_expect(static_cast<bool>(condition), 1)

namespace tvm::ffi::host {

using Value = void*;
using Type = void*;

// ---- The table ---------------------------------------------------------------------------------

// Where parts of values lie, as Python found by looking at some, which is quicker than asking. What
// was not found is 0, and its function is asked.
struct Layout {
  ptrdiff_t type;  // the type, in any value
  // Of a whole number: a word that tells whether it is zero or has one digit, and that digit.
  ptrdiff_t int_tag;
  ptrdiff_t int_digit;
  int64_t tag_mask;  // what of the word tells it
  int64_t tag_of_zero;
  int64_t tag_of_one_digit;
  int64_t tag_of_minus_one_digit;
  ptrdiff_t float_value;
  ptrdiff_t list_items;   // in a list: where its items are
  ptrdiff_t tuple_items;  // in a tuple: its items
};

// In the order of tvm_ffi/_host.py. Each entry is a function of the interpreter that is documented
// and as old as Python 3.9; the comments say what it does, not how it is called there.
struct Table {
  void (*retain)(Value);
  void (*release)(Value);
  Type (*type_of)(Value);
  Value (*make_int)(long long);
  Value (*make_float)(double);
  Value (*make_text)(const char*, ptrdiff_t);
  Value (*make_bytes)(const char*, ptrdiff_t);
  long long (*read_int)(Value, int* overflow);
  double (*read_float)(Value);
  const char* (*read_text)(Value, ptrdiff_t* size);  // UTF-8, lives as long as the value
  int (*read_bytes)(Value, char** data, ptrdiff_t* size);
  ptrdiff_t (*list_size)(Value);
  Value (*list_item)(Value, ptrdiff_t);  // borrowed
  ptrdiff_t (*tuple_size)(Value);
  Value (*tuple_item)(Value, ptrdiff_t);  // borrowed
  ptrdiff_t (*dict_size)(Value);
  int (*dict_next)(Value, ptrdiff_t* position, Value* key, Value* value);  // borrowed
  Value (*make_list)(ptrdiff_t);
  int (*set_list_item)(Value, ptrdiff_t, Value item);  // takes the item over, also on failure
  Value (*make_iterator)(Value);
  Value (*allocate)(Type, ptrdiff_t);                                 // zeroed
  Value (*call)(Value, const Value* args, size_t count, Value none);  // `count` may carry kSpare
  Value (*call_with_tuple)(Value, Value, Value);
  Value (*pending)();  // the type of the pending exception, borrowed, or NULL
  void (*take_error)(Value* type, Value* value, Value* traceback);
  void (*normalize_error)(Value* type, Value* value, Value* traceback);
  int (*set_traceback)(Value error, Value traceback);
  void (*restore_error)(Value type, Value value, Value traceback);  // takes them over
  void (*raise)(Type, Value error);
  void (*clear_error)();
  Value (*no_memory)();  // raises and returns NULL
  int (*enter)();        // takes the lock, on any thread
  void (*leave)(int);
  void* (*give_up)();  // gives the lock up until take_back
  void (*take_back)(void*);
  Value (*make_type)(void* spec, Value bases);
  Value (*bind)(Value function, Value self);
  Value (*get_dict)(Value, void*);
  int (*set_dict)(Value, Value, void*);
  Value (*make_method)(Type, void* definition);
  int (*set_attribute)(Value, Value name, Value value);
  // `args` starts with the object
  Value (*call_method)(Value name, const Value* args, size_t count, Value none);
  void* (*capsule_pointer)(Value, const char* name);
  int (*capsule_is_valid)(Value, const char* name);
  int (*capsule_set_name)(Value, const char* name);
  int (*capsule_set_destructor)(Value, void (*)(Value));
  Value (*make_string)(Type, Value args, Value none);  // the constructor of text
  void* (*get_slot)(Type, int);
  void (*untrack)(Value);  // takes a value out of sight of the garbage collector
  Value (*make_tuple)(ptrdiff_t);
  int (*set_tuple_item)(Value, ptrdiff_t, Value item);  // takes the item over
  Value (*list_to_tuple)(Value);
  Value (*copy_dict)(Value);

  // Values that live for ever.
  Value none;
  Value yes;
  Value no;
  Type int_type;
  Type float_type;
  Type text_type;
  Type bytes_type;
  Type bool_type;
  Type none_type;
  // Bytes that every value starts with.
  ptrdiff_t head;
  // Whether its threads run at the same time: then there is no lock, `enter` and `take_back` only
  // attach a thread, and what others may change must be copied before it is looked at.
  ptrdiff_t runs_freely;
  Layout layout;
};

// Functions of the pure lane, which does everything that is not done here.
struct Pure {
  Value call;             // (function, *args): a whole call
  Value refuse_keywords;  // (names): raises
  Value failure;          // (status): the exception for a call that failed
  Value exception;        // (kind, message, backtrace, error, has cause): for an error
  Value unpack;           // (tag, payload, api): the value of an owned cell
  Value unpack_view;      // (tag, payload, api): the value of a borrowed cell
  Value store;            // (value, address): writes an owned cell
  Value hand_over;        // (error): makes an exception this thread's pending native error
  Value read_field;       // (obj, getter, offset)
  Value write_field;      // (obj, value, setter, offset)
  Value construct;        // (self, function, *args)
  Value sequence_item;    // (self, index)
  Value iterate;          // (self)
  Value mapping_item;     // (self, key)
  Value entries;          // (self)
  Value dlpack_name;      // the name of the method that exports a tensor
};

extern Table host;
extern Pure pure;

// ---- Our types ---------------------------------------------------------------------------------

// What follows the head of a value of one of our types, each of which starts with a Face.
struct Face {
  TVMFFIObjectHandle handle;  // owned, or NULL
  int32_t index;              // its type index
  int32_t unused;
};

struct Exchange;
using Vectorcall = Value (*)(Value self, const Value* args, size_t count, Value names);

struct ContainerFace : Face {
  const Exchange* api;  // decides what tensors inside become; NULL for our own
};

struct TensorFace : Face {
  static constexpr ptrdiff_t kView = sizeof(Face);
  DLTensor* view;  // of the caller of a callback, when there is no handle
};

struct FunctionFace : Face {
  static constexpr ptrdiff_t kVectorcall = sizeof(Face);
  static constexpr ptrdiff_t kDict = kVectorcall + 8;
  static constexpr ptrdiff_t kGivesUp = kDict + 8;

  Vectorcall vectorcall;
  Value dict;        // NULL until one is asked for
  int64_t gives_up;  // whether a call gives up the lock
};

// The `__init__` of a class whose objects a native function makes.
struct InitializerFace : FunctionFace {
  Type cls;
  Value slowly;  // for subclasses, and with keyword arguments
};

// A callable that reads or writes one field.
struct FieldFace {
  Vectorcall vectorcall;
  void* access;  // the getter or setter
  int64_t offset;
  int64_t is_plain;  // no deleter can run when it is written
};

template <typename T>
T* face_of(Value value) {
  return reinterpret_cast<T*>(static_cast<char*>(value) + host.head);
}

// The types that results are made of; NULL until Python has named them.
struct Types {
  Type handle;
  Type container;
  Type tensor;
  Type function;
  Type method;
  Type field;
  Type initializer;
  Type result_tensor;  // the class of tensors that calls return
  Type string;         // the class of text that has a native twin, see text_face
  Type object;         // the class of native twins
};

extern Types types;
extern bool gives_up_by_default;

// ---- Small helpers -----------------------------------------------------------------------------

// In `count`: the word before the arguments may be overwritten by the callee.
constexpr size_t kSpare = size_t{1} << 63;

inline Value retained(Value value) {
  host.retain(value);
  return value;
}

template <typename T>
T part(Value value, ptrdiff_t offset) {
  return *reinterpret_cast<const T*>(static_cast<const char*>(value) + offset);
}

// The type, which the value keeps alive.
inline Type type_of(Value value) {
  if (TVM_FFI_HOST_LIKELY(host.layout.type)) return part<Type>(value, host.layout.type);
  Type type = host.type_of(value);
  host.release(type);
  return type;
}

inline bool is_object(int32_t index) { return index >= kTVMFFIStaticObjectBegin; }

inline uint32_t strong_count(TVMFFIObjectHandle handle) {
  uint64_t* counts = &static_cast<TVMFFIObject*>(handle)->combined_ref_count;
  return static_cast<uint32_t>(__atomic_load_n(counts, __ATOMIC_RELAXED));
}

// Another reference to an object that somebody holds one to.
inline void incref(TVMFFIObjectHandle handle) {
  __atomic_add_fetch(&static_cast<TVMFFIObject*>(handle)->combined_ref_count, 1, __ATOMIC_RELAXED);
}

// Drops a reference. A last one may run anybody's deleter, which may wait for another thread, so
// the lock is given up for it, unless the program has it kept in calls too.
inline void drop(TVMFFIObjectHandle handle) {
  int32_t index = static_cast<TVMFFIObject*>(handle)->type_index;
  bool is_simple = index == kTVMFFIStr || index == kTVMFFIBytes;
  if (strong_count(handle) > 1 || is_simple || !gives_up_by_default) {
    TVMFFIObjectDecRef(handle);
    return;
  }
  void* state = host.give_up();
  TVMFFIObjectDecRef(handle);
  host.take_back(state);
}

// ---- What the files offer each other -----------------------------------------------------------

enum Kind : int32_t {
  kUnknown,    // left to the pure lane
  kObject,     // a face with a handle
  kContainer,  // a ContainerFace
  kTensor,     // a TensorFace
  kList,
  kTuple,
  kDict,
  kCallable,   // becomes a function that calls back
  kExchanged,  // a tensor of a class with an exchange table; `data` is the Exchange
  kProvider,   // a tensor that exports itself in a capsule
  kPayload,    // a small value: `data` is the Path to the payload, a whole number
  kTwin,       // text with a text_face
};

// The way from a value to another one that it keeps: a slot of it, perhaps a slot of what is there.
struct Path {
  int64_t length;
  int64_t offsets[3];

  // Borrowed; NULL where a slot was never filled.
  Value follow(Value value) const {
    for (int64_t i = 0; i < length && value; ++i) value = part<Value>(value, offsets[i]);
    return value;
  }
};

struct Known {
  Type type;
  Kind kind;
  int32_t tag;
  void* data;
};

// What was learned last, by a few bits of the address of the type: most types are found here at
// once. Only who learns writes it, so that nothing outdated comes back.
constexpr size_t kLearnedLast = 256;
extern std::atomic<const Known*> learned_last[kLearnedLast];

inline std::atomic<const Known*>& learned_last_at(Type type) {
  uintptr_t address = reinterpret_cast<uintptr_t>(type);
  return learned_last[(address >> 4 ^ address >> 11) % kLearnedLast];
}

const Known* find_in_table(Type type);

// How values of that type are packed, or NULL. Types in the table are never taken out.
inline const Known* find_known(Type type) {
  const Known* known = learned_last_at(type).load(std::memory_order_acquire);
  if (TVM_FFI_HOST_LIKELY(known && known->type == type)) return known;
  return find_in_table(type);
}

// What the arguments of a call say about it.
struct Context {
  const Exchange* api = nullptr;
  int32_t device_type = -1;
  int32_t device_id = 0;
  void* stream = nullptr;
  bool all_known = false;  // no later argument is of a type left to the pure lane
};

enum class Packed {
  kDone,
  kFailed,  // an exception is pending
  kPure,    // nothing was done: the pure lane has to
};

// Whole numbers of one digit, and floats: most arguments are. False if it is something else.
inline bool pack_number(Value value, Type type, TVMFFIAny* cell) {
  const Layout& layout = host.layout;
  if (type == host.int_type && layout.int_tag) {
    int64_t tag = part<int64_t>(value, layout.int_tag) & layout.tag_mask;
    int64_t digit = part<uint32_t>(value, layout.int_digit);
    if (tag == layout.tag_of_minus_one_digit) {
      digit = -digit;
    } else if (tag == layout.tag_of_zero) {
      digit = 0;
    } else if (tag != layout.tag_of_one_digit) {
      return false;
    }
    cell->type_index = kTVMFFIInt;
    cell->zero_padding = 0;
    cell->v_int64 = digit;
    return true;
  }
  if (type == host.float_type && layout.float_value) {
    cell->type_index = kTVMFFIFloat;
    cell->zero_padding = 0;
    cell->v_float64 = part<double>(value, layout.float_value);
    return true;
  }
  return false;
}

// Packs the first of `values`, which is a `type`, into a view; `*owned` says that it holds a
// reference to be dropped afterwards. The others are looked at before something is done that can be
// seen, such as exporting a tensor: it must not be done again by the pure lane.
Packed pack(const Value* values, size_t count, Type type, TVMFFIAny* cell, bool* owned,
            Context* context);

// Packs what brings nothing but itself: no tensors of frameworks, nothing that runs host code.
Packed pack_simple(Value value, const Known* known, Type type, TVMFFIAny* cell, bool* owned,
                   int depth);

// Makes the value of an owned cell, which is taken over even on failure.
Value unpack(const TVMFFIAny& cell, const Exchange* api);

// Makes the value of a borrowed cell.
Value unpack_view(const TVMFFIAny& cell, const Exchange* api);

// Where a value of types.string keeps its native twin, if it has one.
Face* text_face(Value text);
Value make_twin_text(const TVMFFIAny& cell);

Value new_face(Type type, TVMFFIObjectHandle handle, int32_t index);

// Makes a native function that calls `callable`; false with an exception pending.
bool function_from(Value callable, const Exchange* api, TVMFFIObjectHandle* out);

// Raises the exception of a call that failed with `status`; returns NULL.
Value raise_failure(int status);

// Asks the pure lane for the value of a cell: `function` is pure.unpack or pure.unpack_view.
Value ask_pure(Value function, const TVMFFIAny& cell, const Exchange* api);

// The library's function of that name, which it always has; an owned handle.
TVMFFIObjectHandle library_function(const char* name);

// Calls a function of the pure lane with `first` and then the others.
Value call_pure(Value function, Value first, const Value* others, size_t count);

// ---- Exchange tables ---------------------------------------------------------------------------

struct Exchange {
  Value api;                       // the pure lane's name for it
  const DLPackExchangeAPI* table;  // NULL if there is none
};

Packed pack_exchanged(Value value, const Exchange* api, TVMFFIAny* cell, bool* owned,
                      Context* context);
Packed pack_provided(Value value, TVMFFIAny* cell, bool* owned);
Value tensor_result(TVMFFIObjectHandle handle, const Exchange* api);

// Sets the stream and allocator that a context asks for, and puts the former ones back.
class Environment {
 public:
  bool enter(const Context& context);  // false with an exception pending
  bool leave(const Context& context);

 private:
  void* stream_ = nullptr;
  bool has_stream_ = false;
  DLPackManagedTensorAllocator allocator_ = nullptr;
  bool has_allocator_ = false;
};

// ---- Entry points that other files refer to ----------------------------------------------------

TVM_FFI_HOST_EXPORT Value TVMFFIHostCall(Value self, const Value* args, size_t nargs, Value names);
TVM_FFI_HOST_EXPORT Value TVMFFIHostInitialize(Value self, const Value* args, size_t nargs,
                                               Value names);
TVM_FFI_HOST_EXPORT Value TVMFFIHostConstruct(Value self, const Value* args, ptrdiff_t nargs);
TVM_FFI_HOST_EXPORT Value TVMFFIHostSequenceItem(Value self, Value index);
TVM_FFI_HOST_EXPORT Value TVMFFIHostSequenceIterate(Value self, Value);
TVM_FFI_HOST_EXPORT Value TVMFFIHostMappingItem(Value self, Value key);
TVM_FFI_HOST_EXPORT Value TVMFFIHostMappingEntries(Value self, Value);

}  // namespace tvm::ffi::host
#endif  // TVM_FFI_HOST_HOST_H_
