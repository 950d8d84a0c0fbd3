# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# tvm_ffi_add_prefix_map(<target> <dir>)
#
# Name source files relative to <dir> in error traces and debug information, so that a traceback
# reads `File "src/extension.cc"` on every machine.
function(tvm_ffi_add_prefix_map target dir)
  get_filename_component(dir "${dir}" ABSOLUTE)
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C,CXX>:-ffile-prefix-map=${dir}/=>")
endfunction()
