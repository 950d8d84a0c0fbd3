# SPDX-License-Identifier: Apache-2.0
#
# find_package(tvm_ffi CONFIG REQUIRED): the headers and the library of the Python package.
#
#   tvm_ffi_header, tvm_ffi::header   the C++ API
#   tvm_ffi_shared, tvm_ffi::shared   the same, linked with libtvm_ffi
#
# and the functions of Utils/Library.cmake and Utils/EmbedCubin.cmake. The package is asked where it
# keeps its files, so set Python_EXECUTABLE, or call find_package(Python COMPONENTS Interpreter), to
# choose an interpreter.
if(TARGET tvm_ffi::shared)
  return()
endif()

if(NOT Python_EXECUTABLE)
  find_package(Python COMPONENTS Interpreter REQUIRED)
endif()

function(_tvm_ffi_ask flag result)
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -m tvm_ffi.config ${flag}
    OUTPUT_STRIP_TRAILING_WHITESPACE
    OUTPUT_VARIABLE answer
    ERROR_VARIABLE complaint
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0 OR NOT EXISTS "${answer}")
    message(FATAL_ERROR "`${Python_EXECUTABLE} -m tvm_ffi.config ${flag}` should print an existing "
                        "path and printed `${answer}`. Install apache-tvm-ffi for this interpreter "
                        "or set Python_EXECUTABLE to one that has it.\n${complaint}")
  endif()
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

_tvm_ffi_ask(--includedir tvm_ffi_INCLUDE_DIR)
_tvm_ffi_ask(--dlpack-includedir tvm_ffi_DLPACK_INCLUDE_DIR)
_tvm_ffi_ask(--libfiles tvm_ffi_LIBRARY)

add_library(tvm_ffi::header INTERFACE IMPORTED)
target_compile_features(tvm_ffi::header INTERFACE cxx_std_17)
target_include_directories(tvm_ffi::header INTERFACE "${tvm_ffi_INCLUDE_DIR}"
                                                     "${tvm_ffi_DLPACK_INCLUDE_DIR}")
add_library(tvm_ffi_header ALIAS tvm_ffi::header)

add_library(tvm_ffi::shared SHARED IMPORTED)
set_target_properties(tvm_ffi::shared PROPERTIES IMPORTED_LOCATION "${tvm_ffi_LIBRARY}"
                                                 IMPORTED_SONAME libtvm_ffi.so)
target_link_libraries(tvm_ffi::shared INTERFACE tvm_ffi::header)
add_library(tvm_ffi_shared ALIAS tvm_ffi::shared)

include("${CMAKE_CURRENT_LIST_DIR}/Utils/Library.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/Utils/EmbedCubin.cmake")
