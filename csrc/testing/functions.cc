// SPDX-License-Identifier: Apache-2.0
//
// Functions that call, raise, count and wait.
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

namespace tvm::ffi::testing {

// Not inlined and not local: tracebacks show the names of these two.
TVM_FFI_NO_INLINE void TestRaiseError(const String& kind, const String& message) {
  throw Error(std::string(kind), std::string(message),
              TVMFFIBacktrace(__FILE__, __LINE__, TVM_FFI_FUNC_SIG, 0));
}

TVM_FFI_NO_INLINE void TestApply(PackedArgs args, Any* result) {
  args[0].cast<Function>().CallPacked(args.Slice(1), result);
}

namespace {

int add_one(void* /*self*/, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  TVM_FFI_SAFE_CALL_BEGIN();
  TVM_FFI_CHECK_EQ(num_args, 1, TypeError);
  *reinterpret_cast<Any*>(result) = reinterpret_cast<const AnyView*>(args)[0].cast<int64_t>() + 1;
  TVM_FFI_SAFE_CALL_END();
}

// The same in the calling convention of compilers that pass every argument by address.
void add_one_packed(void** packed) {
  *static_cast<int*>(packed[4]) =
      add_one(*static_cast<void**>(packed[0]), *static_cast<const TVMFFIAny**>(packed[1]),
              *static_cast<int32_t*>(packed[2]), *static_cast<TVMFFIAny**>(packed[3]));
}

void run_check_signal(int seconds) {
  for (int i = 0; i < seconds; ++i) {
    if (TVMFFIEnvCheckSignals() != 0) throw EnvErrorAlreadySet();
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  std::printf("Function finished without catching signal\n");
  std::fflush(stdout);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("testing.test_raise_error", TestRaiseError)
      .def("testing.add_one", [](int x) { return x + 1; })
      .def_packed("testing.nop", [](PackedArgs, Any*) {})
      .def_packed("testing.echo", [](PackedArgs args, Any* result) { *result = args[0]; })
      .def_packed("testing.apply", TestApply)
      .def("testing.run_check_signal", run_check_signal)
      .def("testing.object_use_count",
           [](const Object* object) { return static_cast<int64_t>(object->use_count()); })
      .def("testing.get_add_one_c_symbol", [] { return reinterpret_cast<int64_t>(add_one); })
      .def("testing.get_mlir_add_one_c_symbol",
           [] { return reinterpret_cast<int64_t>(add_one_packed); })
      .def("testing.optional_tensor_view_has_value",
           [](Optional<TensorView> view) { return view.has_value(); });
  TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_testing.add_one",
                                      reinterpret_cast<void*>(add_one));
}

}  // namespace
}  // namespace tvm::ffi::testing
