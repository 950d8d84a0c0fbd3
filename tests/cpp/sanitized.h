// SPDX-License-Identifier: Apache-2.0
//
// Whether a sanitizer watches, which makes tests some ten times slower and stack frames larger.
#ifndef TVM_FFI_TESTS_CPP_SANITIZED_H_
#define TVM_FFI_TESTS_CPP_SANITIZED_H_

namespace sanitized {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

// The length of a chain that shows that an operation does not recurse: several times what a stack
// takes. And of one that shows that it takes linear time, where that does not take minutes.
inline constexpr int kDeepChain = 30000;
inline constexpr int kLongChain = kSanitized ? kDeepChain : 1000000;

}  // namespace sanitized

// In a test that needs as many levels as an operation takes at most: the other tests of deep values
// go the same ways.
#define SKIP_IF_SANITIZED() \
  if (sanitized::kSanitized) GTEST_SKIP() << "takes minutes under a sanitizer"

#endif  // TVM_FFI_TESTS_CPP_SANITIZED_H_
