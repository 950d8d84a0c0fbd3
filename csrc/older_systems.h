// SPDX-License-Identifier: Apache-2.0
//
// For files that open libraries, read their symbols or use a shared_mutex. Where a newer C library
// gave functions a new version without changing them, this asks for the old one, so that what is
// built here runs on older systems too. (tests/packaging/test_audit.py tells where it is missing.)
// Private.
#ifndef TVM_FFI_CSRC_OLDER_SYSTEMS_H_
#define TVM_FFI_CSRC_OLDER_SYSTEMS_H_

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TVM_FFI_SANITIZED  // the sanitizers put functions of their own in place of these
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TVM_FFI_SANITIZED
#endif

#include <stddef.h>  // defines __GLIBC__

#if defined(__linux__) && defined(__GLIBC__) && defined(__x86_64__) && !defined(TVM_FFI_SANITIZED)
// Until 2.34 they were in libdl and libpthread, which the build links for that reason.
__asm__(
    ".symver dladdr, dladdr@GLIBC_2.2.5\n"
    ".symver dladdr1, dladdr1@GLIBC_2.3.3\n"
    ".symver dlclose, dlclose@GLIBC_2.2.5\n"
    ".symver dlerror, dlerror@GLIBC_2.2.5\n"
    ".symver dlopen, dlopen@GLIBC_2.2.5\n"
    ".symver dlsym, dlsym@GLIBC_2.2.5\n"
    ".symver pthread_rwlock_rdlock, pthread_rwlock_rdlock@GLIBC_2.2.5\n"
    ".symver pthread_rwlock_unlock, pthread_rwlock_unlock@GLIBC_2.2.5\n"
    ".symver pthread_rwlock_wrlock, pthread_rwlock_wrlock@GLIBC_2.2.5\n");
#endif

#endif  // TVM_FFI_CSRC_OLDER_SYSTEMS_H_
