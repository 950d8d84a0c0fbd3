/* SPDX-License-Identifier: Apache-2.0 */
/* What ctypes alone can call, see tvm_ffi_functions.cc. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void nop(void) {}
int64_t int1(int64_t x) { return x + 1; }
int64_t int3(int64_t x, int64_t y, int64_t z) { return x + y + z; }
double float1(double x) { return x + 1.0; }
int64_t str_size(const char* x) { return (int64_t)strlen(x); }
const char* str_result(void) { return "a result of some length"; }
double mixed(int64_t x, double y, const char* z) { return (double)x + y + (double)strlen(z); }
int64_t apply(int64_t (*f)(int64_t), int64_t x) { return f(x); }
