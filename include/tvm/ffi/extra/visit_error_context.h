// SPDX-License-Identifier: Apache-2.0
//
// VisitErrorContext: which objects a traversal was in when an error came up, as part of the error.
#ifndef TVM_FFI_EXTRA_VISIT_ERROR_CONTEXT_H_
#define TVM_FFI_EXTRA_VISIT_ERROR_CONTEXT_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/access_path.h>

#include <optional>  // std::nullopt
#include <string>    // std::string
#include <utility>   // std::move

namespace tvm {
namespace ffi {

class VisitErrorContextObj : public Object {
 public:
  // The objects, the innermost first. Not all that lie in between need be there.
  List<ObjectRef> reverse_visit_pattern;
  // What the error carried along before.
  Optional<ObjectRef> prev_error_context;

  VisitErrorContextObj() = default;
  VisitErrorContextObj(List<ObjectRef> reverse_visit_pattern,
                       Optional<ObjectRef> prev_error_context)
      : reverse_visit_pattern(std::move(reverse_visit_pattern)),
        prev_error_context(std::move(prev_error_context)) {}

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.VisitErrorContext", VisitErrorContextObj, Object);
};

class VisitErrorContext : public ObjectRef {
 public:
  explicit VisitErrorContext(ObjectPtr<VisitErrorContextObj> data) : ObjectRef(std::move(data)) {
    TVM_FFI_ICHECK(defined()) << "VisitErrorContext cannot be null";
  }

  // The context that an error carries along, if it does.
  static Optional<VisitErrorContext> TryGetFromError(const Error& error) {
    std::optional<ObjectRef> context = error.extra_context();
    if (!context.has_value()) return std::nullopt;
    std::optional<VisitErrorContext> result = context->as<VisitErrorContext>();
    if (!result.has_value()) return std::nullopt;
    return *std::move(result);
  }

  // All paths from the root to the innermost object that lead through the others. With
  // allow_prefix_match, where the innermost is not reached, also those to the last one that is.
  static Array<reflection::AccessPath> FindAccessPaths(const ObjectRef& root,
                                                       const VisitErrorContext& context,
                                                       bool allow_prefix_match = false) {
    static const Function find =
        Function::GetGlobalRequired("ffi.VisitErrorContext.FindAccessPaths");
    return find(root, context, allow_prefix_match).cast<Array<reflection::AccessPath>>();
  }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(VisitErrorContext, ObjectRef, VisitErrorContextObj);
};

namespace detail {

inline VisitErrorContext MakeVisitErrorContext(const ObjectRef& node) {
  return VisitErrorContext(
      make_object<VisitErrorContextObj>(List<ObjectRef>{node}, Optional<ObjectRef>(std::nullopt)));
}

// Adds a node to the context of the error, which gets one if it has none. The context belongs to
// the error object: all handles to the error see it. Not synchronised.
TVM_FFI_COLD inline void UpdateVisitErrorContext(Error& error, const ObjectRef& node) noexcept {
  if (auto context = VisitErrorContext::TryGetFromError(error)) {
    (*context).get()->reverse_visit_pattern.push_back(node);
    return;
  }
  VisitErrorContext context = MakeVisitErrorContext(node);
  ErrorObj* cell = const_cast<ErrorObj*>(error.get());
  if (std::optional<ObjectRef> previous = error.extra_context()) {
    context.get()->prev_error_context = *previous;
    ObjectUnsafe::DecRefObjectHandle(cell->extra_context);
  }
  cell->extra_context = ObjectUnsafe::MoveObjectRefToTVMFFIObjectPtr(std::move(context));
}

// The same for any value: only objects can be part of the context.
TVM_FFI_COLD inline void UpdateVisitErrorContext(Error& error, AnyView value) noexcept {
  if (value.type_index() >= TypeIndex::kTVMFFIStaticObjectBegin) {
    UpdateVisitErrorContext(error, AnyUnsafe::CopyFromAnyViewAfterCheck<ObjectRef>(Any(value)));
  }
}

// The same for an error in a cell.
TVM_FFI_COLD inline void UpdateVisitErrorContext(const TVMFFIAny& error_cell,
                                                 AnyView value) noexcept {
  Error error = TypeTraits<Error>::CopyFromAnyViewAfterCheck(&error_cell);
  UpdateVisitErrorContext(error, value);
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

// Brackets what is done with a node. An error on the way gets the node as context and goes on.
#define TVM_FFI_VISIT_BEGIN() \
  try {                       \
  (void)0

#define TVM_FFI_VISIT_END(node)                                             \
  }                                                                         \
  catch (::tvm::ffi::Error & tvm_ffi_visit_error) {                         \
    ::tvm::ffi::detail::UpdateVisitErrorContext(tvm_ffi_visit_error, node); \
    throw;                                                                  \
  }                                                                         \
  static_assert(true, "")

// The same for functions that return an Expected: the error is returned.
#define TVM_FFI_VISIT_END_RETURN_EXPECTED(node)                             \
  }                                                                         \
  catch (::tvm::ffi::Error & tvm_ffi_visit_error) {                         \
    ::tvm::ffi::detail::UpdateVisitErrorContext(tvm_ffi_visit_error, node); \
    return ::tvm::ffi::Unexpected(std::move(tvm_ffi_visit_error));          \
  }                                                                         \
  static_assert(true, "")

// Throws an error with the node as context: TVM_FFI_VISIT_THROW(ValueError, node) << message.
#define TVM_FFI_VISIT_THROW(ErrorKind, node)                                                 \
  ::tvm::ffi::detail::ErrorBuilder(                                                          \
      std::string(#ErrorKind), TVMFFIBacktrace(__FILE__, __LINE__, TVM_FFI_FUNC_SIG, 0),     \
      TVM_FFI_ALWAYS_LOG_BEFORE_THROW, std::nullopt,                                         \
      std::optional<::tvm::ffi::ObjectRef>(::tvm::ffi::detail::MakeVisitErrorContext(node))) \
      .stream()

#endif  // TVM_FFI_EXTRA_VISIT_ERROR_CONTEXT_H_
