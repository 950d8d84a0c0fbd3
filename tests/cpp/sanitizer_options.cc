// SPDX-License-Identifier: Apache-2.0
//
// Read by the sanitizers at start-up: running out of memory is tested, so it must not end the run.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
