/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract as a C program sees it: compiled as C11, and a life of each kind of object from
 * creation to release without a line of C++. What each entry point promises in detail is tested in
 * test_c_*.cc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

_Static_assert(sizeof(TVMFFIObject) == 24, "object header");
_Static_assert(sizeof(TVMFFIAny) == 16, "any");
_Static_assert(sizeof(TVMFFIErrorCell) == 72, "error cell");
_Static_assert(sizeof(TVMFFIFieldInfo) == 120, "field info");
_Static_assert(sizeof(TVMFFIMethodInfo) == 72, "method info");
_Static_assert(sizeof(TVMFFITypeInfo) == 72, "type info");
_Static_assert(sizeof(TVMFFITypeIndex) == 4, "enums are ints");
_Static_assert(sizeof(DLTensor) == 48, "tensor");
_Static_assert(sizeof(DLManagedTensorVersioned) == 80, "managed tensor");

/* Names of 0.1.14 for what has another name now. */
_Static_assert((int)kTVMFFIDefRegionKindRecursive == (int)kTVMFFIDefRegionKindPattern, "");
_Static_assert((int)kTVMFFIDefRegionKindNonRecursive == (int)kTVMFFIDefRegionKindSimple, "");
_Static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefRecursive == 16, "");
_Static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive == 4096, "");

static int num_failures = 0;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++num_failures;                                                 \
    }                                                                 \
  } while (0)

static TVMFFIByteArray bytes(const char* text) {
  TVMFFIByteArray result = {text, strlen(text)};
  return result;
}

/* What follows the header of an object. */
static void* cell(TVMFFIObjectHandle handle) { return (TVMFFIObject*)handle + 1; }

static int is_text(const TVMFFIByteArray* array, const char* text) {
  return array->size == strlen(text) && memcmp(array->data, text, array->size) == 0;
}

/* Takes the pending error and compares it. */
static int raised(const char* kind, const char* message) {
  TVMFFIObjectHandle error = NULL;
  TVMFFIErrorMoveFromRaised(&error);
  if (error == NULL) return 0;
  const TVMFFIErrorCell* error_cell = cell(error);
  const int matches = is_text(&error_cell->kind, kind) && is_text(&error_cell->message, message);
  TVMFFIObjectDecRef(error);
  return matches;
}

static void count_up(void* counter) { ++*(int*)counter; }

static void test_version(void) {
  TVMFFIVersion version;
  TVMFFIGetVersion(&version);
  CHECK(version.major == TVM_FFI_VERSION_MAJOR);
  CHECK(version.minor == TVM_FFI_VERSION_MINOR);
  CHECK(version.patch == TVM_FFI_VERSION_PATCH);
}

static void test_object(void) {
  int num_deleted = 0;
  TVMFFIObjectHandle object = NULL;
  CHECK(TVMFFIObjectCreateOpaque(&num_deleted, kTVMFFIOpaquePyObject, count_up, &object) == 0);
  CHECK(((TVMFFIObject*)object)->type_index == kTVMFFIOpaquePyObject);
  CHECK(((TVMFFIOpaqueObjectCell*)cell(object))->handle == &num_deleted);
  CHECK(TVMFFIObjectIncRef(object) == 0);
  CHECK(TVMFFIObjectDecRef(object) == 0);
  CHECK(num_deleted == 0);
  CHECK(TVMFFIObjectDecRef(object) == 0);
  CHECK(num_deleted == 1);
}

static int add(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  if (num_args != 2 || args[0].type_index != kTVMFFIInt || args[1].type_index != kTVMFFIInt) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add takes two integers");
    return -1;
  }
  result->type_index = kTVMFFIInt;
  result->zero_padding = 0;
  result->v_int64 = *(int*)self + args[0].v_int64 + args[1].v_int64;
  return 0;
}

static void test_function(void) {
  int num_deleted = 0;
  TVMFFIObjectHandle function = NULL;
  CHECK(TVMFFIFunctionCreate(&num_deleted, add, count_up, &function) == 0);
  const TVMFFIByteArray name = bytes("test.c.add");
  CHECK(TVMFFIFunctionSetGlobal(&name, function, 0) == 0);
  CHECK(TVMFFIObjectDecRef(function) == 0);

  TVMFFIObjectHandle found = NULL;
  CHECK(TVMFFIFunctionGetGlobal(&name, &found) == 0);
  CHECK(found == function);

  TVMFFIAny args[2] = {{.type_index = kTVMFFIInt, .v_int64 = 40},
                       {.type_index = kTVMFFIInt, .v_int64 = 2}};
  TVMFFIAny result = {.type_index = kTVMFFINone, .v_int64 = 0};
  CHECK(TVMFFIFunctionCall(found, args, 2, &result) == 0);
  CHECK(result.type_index == kTVMFFIInt && result.v_int64 == 42);

  result = (TVMFFIAny){.type_index = kTVMFFINone, .v_int64 = 0};
  CHECK(TVMFFIFunctionCall(found, args, 1, &result) == -1);
  CHECK(raised("TypeError", "add takes two integers"));
  CHECK(TVMFFIObjectDecRef(found) == 0);
  CHECK(num_deleted == 0); /* the table holds it */
}

static void test_text(void) {
  const TVMFFIByteArray text = bytes("longer than seven");
  TVMFFIAny string;
  CHECK(TVMFFIStringFromByteArray(&text, &string) == 0);
  CHECK(string.type_index == kTVMFFIStr);
  CHECK(is_text(cell(string.v_obj), "longer than seven"));
  CHECK(TVMFFIObjectDecRef(string.v_obj) == 0);

  DLDataType dtype;
  const TVMFFIByteArray name = bytes("float32x4");
  CHECK(TVMFFIDataTypeFromString(&name, &dtype) == 0);
  CHECK(dtype.code == kDLFloat && dtype.bits == 32 && dtype.lanes == 4);

  const int64_t words[2] = {0, 1};
  const TVMFFIByteArray input = {(const char*)words, sizeof(words)};
  TVMFFIAny big;
  CHECK(TVMFFIBigIntFromByteArray(&input, &big) == 0);
  CHECK(big.type_index == kTVMFFIBigInt);
  const TVMFFIByteArray content = TVMFFIBigIntGetContentByteArray(&big);
  CHECK(content.size == sizeof(words) && memcmp(content.data, words, sizeof(words)) == 0);
  CHECK(TVMFFIObjectDecRef(big.v_obj) == 0);
}

static void delete_managed(DLManagedTensor* self) { count_up(self->manager_ctx); }

static void test_tensor(void) {
  float data[6] = {0};
  int64_t shape[2] = {2, 3};
  int num_deleted = 0;
  DLManagedTensor managed = {
      .dl_tensor = {.data = data,
                    .device = {kDLCPU, 0},
                    .ndim = 2,
                    .dtype = {kDLFloat, 32, 1},
                    .shape = shape},
      .manager_ctx = &num_deleted,
      .deleter = delete_managed,
  };
  TVMFFIObjectHandle tensor = NULL;
  CHECK(TVMFFITensorFromDLPack(&managed, 0, 1, &tensor) == 0);
  const DLTensor* view = cell(tensor);
  CHECK(view->data == data && view->strides[0] == 3 && view->strides[1] == 1);

  DLManagedTensorVersioned* exported = NULL;
  CHECK(TVMFFITensorToDLPackVersioned(tensor, &exported) == 0);
  CHECK(exported->version.major == DLPACK_MAJOR_VERSION);
  CHECK(TVMFFIObjectDecRef(tensor) == 0);
  CHECK(num_deleted == 0);
  exported->deleter(exported);
  CHECK(num_deleted == 1);
}

static void test_types(void) {
  const TVMFFIByteArray key = bytes("ffi.Function");
  int32_t index = -1;
  CHECK(TVMFFITypeKeyToIndex(&key, &index) == 0);
  CHECK(index == kTVMFFIFunction);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
  CHECK(info->type_depth == 1 && is_text(&info->type_key, "ffi.Function"));
  CHECK(info->type_ancestors[0] == TVMFFIGetTypeInfo(kTVMFFIObject));
  const TVMFFIByteArray attr = bytes("__any_hash__");
  CHECK(TVMFFIGetTypeAttrColumn(&attr) != NULL);
}

static void test_environment(void) {
  int stream;
  TVMFFIStreamHandle original = &stream;
  CHECK(TVMFFIEnvSetStream(kDLCUDA, 0, &stream, &original) == 0);
  CHECK(original == NULL);
  CHECK(TVMFFIEnvGetStream(kDLCUDA, 0) == &stream);
  CHECK(TVMFFIEnvSetStream(kDLCUDA, 0, NULL, NULL) == 0);
  CHECK(TVMFFIEnvCheckSignals() == 0);
  CHECK(TVMFFIEnvRegisterCAPI("PyNoSuchThing", NULL) == -1);
  CHECK(raised("ValueError", "Unknown env API PyNoSuchThing"));
}

int main(void) {
  test_version();
  test_object();
  test_function();
  test_text();
  test_tensor();
  test_types();
  test_environment();
  if (num_failures != 0) fprintf(stderr, "%d checks failed\n", num_failures);
  return num_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
