// SPDX-License-Identifier: Apache-2.0
//
// The host's types over our faces. They are described in static memory, which the host may go on
// reading for ever.
#include "host.h"
#include "type_spec.h"

namespace tvm::ffi::host {

// Not a finalizer: those run for a whole cycle before any of it dies, and what is left of it may
// still be used by other finalizers.
void drop_object(TVMFFIObjectHandle handle) {
  if (TVM_FFI_HOST_LIKELY(strong_count(handle) > 1 || !host.pending())) {
    drop(handle);
    return;
  }
  // What is pending stays so: the interpreter itself runs this in the middle of anything.
  Value type = nullptr;
  Value error = nullptr;
  Value traceback = nullptr;
  host.take_error(&type, &error, &traceback);
  drop(handle);
  host.restore_error(type, error, traceback);
}

Value make(Spec* spec, Value base) {
  Value bases = nullptr;
  if (base) {
    bases = host.make_tuple(1);
    if (!bases) return nullptr;
    host.set_tuple_item(bases, 0, retained(base));
  }
  Value type = host.make_type(spec, bases);
  if (bases) host.release(bases);
  return type;
}

namespace {

// ---- What the types do ----

void release_memory(Value self) {
  Type type = type_of(self);
  reinterpret_cast<void (*)(void*)>(host.get_slot(type, kSlotFree))(self);
  host.release(type);  // the reference that the instance held
}

void drop_held(Face* face) {
  TVMFFIObjectHandle handle = face->handle;
  face->handle = nullptr;
  if (handle) drop_object(handle);
}

void deallocate(Value self) {
  drop_held(face_of<Face>(self));
  release_memory(self);
}

void deallocate_function(Value self) {
  host.untrack(self);
  FunctionFace* face = face_of<FunctionFace>(self);
  Value dict = face->dict;
  face->dict = nullptr;
  if (dict) host.release(dict);
  drop_held(face);
  release_memory(self);
}

Value new_empty(Type type, Value, Value) { return host.allocate(type, 0); }

Value new_function(Type type, Value, Value) {
  Value self = host.allocate(type, 0);
  if (self) {
    FunctionFace* face = face_of<FunctionFace>(self);
    face->vectorcall = TVMFFIHostCall;
    face->gives_up = gives_up_by_default;
  }
  return self;
}

int traverse_function(Value self, int (*visit)(Value, void*), void* context) {
  Value dict = face_of<FunctionFace>(self)->dict;
  int stop = dict ? visit(dict, context) : 0;
  return stop ? stop : visit(type_of(self), context);
}

int clear_function(Value self) {
  FunctionFace* face = face_of<FunctionFace>(self);
  Value dict = face->dict;
  face->dict = nullptr;
  if (dict) host.release(dict);
  return 0;
}

int traverse_initializer(Value self, int (*visit)(Value, void*), void* context) {
  const InitializerFace* face = face_of<InitializerFace>(self);
  int stop = face->cls ? visit(face->cls, context) : 0;
  if (stop == 0 && face->slowly) stop = visit(face->slowly, context);
  if (stop) return stop;
  return traverse_function(self, visit, context);
}

// Not cleared to break cycles: they go through the class, which breaks them.
void deallocate_initializer(Value self) {
  host.untrack(self);
  InitializerFace* face = face_of<InitializerFace>(self);
  if (face->cls) host.release(face->cls);
  if (face->slowly) host.release(face->slowly);
  deallocate_function(self);
}

Value bind_method(Value self, Value obj, Value) {
  return !obj || obj == host.none ? retained(self) : host.bind(self, obj);
}

Value get_api(Value self, void*) {
  const Exchange* api = face_of<ContainerFace>(self)->api;
  return retained(api ? api->api : host.none);
}

#define FACE_OFFSET(Face, field) (host.head + static_cast<ptrdiff_t>(offsetof(Face, field)))

}  // namespace

// The base of all faces: `_handle` and `_index`.
TVM_FFI_HOST_EXPORT Value TVMFFIHostHandleType() {
  static Member members[] = {
      {"_handle", kUint64Member, FACE_OFFSET(Face, handle), 0, nullptr},
      {"_index", kInt32Member, FACE_OFFSET(Face, index), 0, nullptr},
      {},
  };
  static Slot slots[] = {
      {kSlotMembers, members},
      {kSlotNew, slot(new_empty)},
      {kSlotDeallocate, slot(deallocate)},
      {},
  };
  static Spec spec = {"tvm_ffi._host.Handle", static_cast<int>(host.head + sizeof(Face)), 0,
                      kDefault | kCanBeBase, slots};
  return types.handle = retained(make(&spec, nullptr));
}

// The base of containers: `_api`, which is set with TVMFFIHostSetApi.
TVM_FFI_HOST_EXPORT Value TVMFFIHostContainerType(Value base) {
  static Accessor accessors[] = {{"_host_api", get_api, nullptr, nullptr, nullptr}, {}};
  static Slot slots[] = {{kSlotAccessors, accessors}, {}};
  static Spec spec = {"tvm_ffi._host.Container",
                      static_cast<int>(host.head + sizeof(ContainerFace)), 0, kDefault | kCanBeBase,
                      slots};
  return types.container = retained(make(&spec, base));
}

TVM_FFI_HOST_EXPORT void TVMFFIHostSetApi(Value container, const Exchange* api) {
  face_of<ContainerFace>(container)->api = api;
}

// The base of tensors: `_view`.
TVM_FFI_HOST_EXPORT Value TVMFFIHostTensorType(Value base) {
  static Member members[] = {{"_view", kUint64Member, host.head + TensorFace::kView, 0, nullptr},
                             {}};
  static Slot slots[] = {{kSlotMembers, members}, {}};
  static Spec spec = {"tvm_ffi._host.TensorHandle",
                      static_cast<int>(host.head + sizeof(TensorFace)), 0, kDefault | kCanBeBase,
                      slots};
  return types.tensor = retained(make(&spec, base));
}

// `Function` itself; with `is_method` a function that binds as methods do.
TVM_FFI_HOST_EXPORT Value TVMFFIHostFunctionType(const char* name, Value base, int is_method) {
  static Member members[] = {
      {"__vectorcalloffset__", kOffsetMember, host.head + FunctionFace::kVectorcall, kReadOnly,
       nullptr},
      {"__dictoffset__", kOffsetMember, host.head + FunctionFace::kDict, kReadOnly, nullptr},
      {"_gives_up", kUint64Member, host.head + FunctionFace::kGivesUp, 0, nullptr},
      {},
  };
  static Accessor accessors[] = {{"__dict__", host.get_dict, host.set_dict, nullptr, nullptr}, {}};
  static Slot slots[] = {
      {kSlotMembers, members},
      {kSlotAccessors, accessors},
      {kSlotNew, slot(new_function)},
      {kSlotCall, slot(host.call_with_tuple)},
      {kSlotDeallocate, slot(deallocate_function)},
      {kSlotTraverse, slot(traverse_function)},
      {kSlotClear, slot(clear_function)},
      {},
  };
  constexpr unsigned kFlags = kDefault | kCanBeBase | kHasVectorcall | kIsCollected;
  static int size = static_cast<int>(host.head + sizeof(FunctionFace));
  if (!is_method) {
    static Spec spec = {name, size, 0, kFlags, slots};
    return types.function = retained(make(&spec, base));
  }
  static Slot method_slots[] = {
      {kSlotDescriptorGet, slot(bind_method)},      {kSlotCall, slot(host.call_with_tuple)},
      {kSlotDeallocate, slot(deallocate_function)}, {kSlotTraverse, slot(traverse_function)},
      {kSlotClear, slot(clear_function)},           {},
  };
  static Spec spec = {name, size, 0, kFlags | kIsMethod, method_slots};
  return types.method = retained(make(&spec, base));
}

// The type of the `__init__` that TVMFFIHostInitializer makes.
TVM_FFI_HOST_EXPORT Value TVMFFIHostInitializerType() {
  static Slot slots[] = {
      {kSlotDescriptorGet, slot(bind_method)},
      {kSlotCall, slot(host.call_with_tuple)},
      {kSlotDeallocate, slot(deallocate_initializer)},
      {kSlotTraverse, slot(traverse_initializer)},
      {kSlotClear, slot(clear_function)},
      {},
  };
  static Spec spec = {"tvm_ffi._host.Initializer",
                      static_cast<int>(host.head + sizeof(InitializerFace)), 0,
                      kDefault | kHasVectorcall | kIsCollected | kIsMethod, slots};
  return types.initializer = retained(make(&spec, types.method));
}

// The `__init__` of `cls`, whose objects `function` makes. Keeps all three.
TVM_FFI_HOST_EXPORT Value TVMFFIHostInitializer(Type cls, Value function, Value slowly) {
  Value self = host.allocate(types.initializer, 0);
  if (!self) return nullptr;
  InitializerFace* face = face_of<InitializerFace>(self);
  face->handle = face_of<FunctionFace>(function)->handle;
  face->index = kTVMFFIFunction;
  if (face->handle) incref(face->handle);
  face->vectorcall = TVMFFIHostInitialize;
  face->cls = retained(cls);
  face->slowly = retained(slowly);
  return self;
}

// Callables that read or write a field.
TVM_FFI_HOST_EXPORT Value TVMFFIHostFieldType() {
  static Member members[] = {
      {"__vectorcalloffset__", kOffsetMember, host.head, kReadOnly, nullptr},
      {},
  };
  static Slot slots[] = {{kSlotMembers, members}, {kSlotCall, slot(host.call_with_tuple)}, {}};
  static Spec spec = {"tvm_ffi._host.Field", static_cast<int>(host.head + sizeof(FieldFace)), 0,
                      kDefault | kHasVectorcall, slots};
  return types.field = retained(make(&spec, nullptr));
}

// A face of `type` for an object; takes the reference over, also on failure.
TVM_FFI_HOST_EXPORT Value TVMFFIHostFunctionFace(Type type, TVMFFIObjectHandle handle) {
  Value self = new_function(type, nullptr, nullptr);
  if (!self) return drop(handle), nullptr;
  Face* face = face_of<Face>(self);
  face->handle = handle;
  face->index = kTVMFFIFunction;
  return self;
}

// The global function of that name; None if there is none, and for what is no text.
TVM_FFI_HOST_EXPORT Value TVMFFIHostGlobal(Value, Value name) {
  ptrdiff_t size = 0;
  if (type_of(name) != host.text_type) return retained(host.none);
  const char* text = host.read_text(name, &size);
  if (!text) return nullptr;
  TVMFFIByteArray bytes{text, static_cast<size_t>(size)};
  TVMFFIObjectHandle function = nullptr;
  int status = TVMFFIFunctionGetGlobal(&bytes, &function);
  if (status != 0) return raise_failure(status);
  return function ? TVMFFIHostFunctionFace(types.function, function) : retained(host.none);
}

// Names the classes that results are instances of: 0 tensors, 1 text, 2 the native twins of text.
TVM_FFI_HOST_EXPORT void TVMFFIHostNameType(int which, Type type) {
  host.retain(type);
  Type* places[] = {&types.result_tensor, &types.string, &types.object};
  *places[which] = type;
}

// The methods in C of a class: 0 construction; of sequences 1 indexing, 2 iteration; of mappings 3
// indexing, 4 the entries.
TVM_FFI_HOST_EXPORT Value TVMFFIHostMethod(Type type, int which) {
  static Method methods[] = {
      {"__init_handle_by_constructor__", slot(TVMFFIHostConstruct), kManyArguments, nullptr},
      {"__getitem__", slot(TVMFFIHostSequenceItem), kOneArgument, nullptr},
      {"__iter__", slot(TVMFFIHostSequenceIterate), kNoArguments, nullptr},
      {"__getitem__", slot(TVMFFIHostMappingItem), kOneArgument, nullptr},
      {"_entries", slot(TVMFFIHostMappingEntries), kNoArguments, nullptr},
  };
  return host.make_method(type, &methods[which]);
}

}  // namespace tvm::ffi::host
