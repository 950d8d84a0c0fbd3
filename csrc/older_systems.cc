// SPDX-License-Identifier: Apache-2.0
//
// What the headers of newer C and C++ libraries refer to and older ones do not have.
#include <features.h>

#include <new>

#if defined(__GLIBC__) && defined(__GLIBCXX__)

// Since glibc 2.32. The C++ library asks whether reference counts may do without atomic
// instructions; here they may not.
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}

namespace std {

// Since GCC 11; before, the headers threw bad_alloc.
[[noreturn]] __attribute__((visibility("hidden"))) void __throw_bad_array_new_length() {
  throw bad_array_new_length();
}

}  // namespace std
#endif
