# SPDX-License-Identifier: Apache-2.0
#
# GPU binaries inside libraries. The code takes them with TVM_FFI_EMBED_CUBIN(<name>) of
# <tvm/ffi/extra/cuda/cubin_launcher.h>, that is, as the symbols __tvm_ffi__cubin_<name> and
# __tvm_ffi__cubin_<name>_end.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/Library.cmake")

# tvm_ffi_embed_bin_into(<target> SYMBOL <name> BIN <file>)
#
# Embed a file into <target>. It is rebuilt when the file changes, which may be a generator
# expression such as $<TARGET_OBJECTS:kernels>.
function(tvm_ffi_embed_bin_into target)
  _tvm_ffi_parse("${ARGN}" "SYMBOL;BIN;INTERMEDIATE_FILE" "")
  _tvm_ffi_require(SYMBOL BIN)
  _tvm_ffi_check_symbol("${ARG_SYMBOL}")
  if(MSVC OR APPLE)
    message(FATAL_ERROR "tvm_ffi_embed_bin_into: only ELF systems can embed binaries so far")
  endif()
  if(NOT IS_ABSOLUTE "${ARG_BIN}" AND NOT ARG_BIN MATCHES "^\\$<")
    get_filename_component(ARG_BIN "${ARG_BIN}" ABSOLUTE)
  endif()
  set(symbol "__tvm_ffi__cubin_${ARG_SYMBOL}")
  # The assembler reads the file: no compiler has to parse megabytes of numbers.
  set(source "${CMAKE_CURRENT_BINARY_DIR}/tvm_ffi_embedded_${target}_${ARG_SYMBOL}.cc")
  string(
    CONCAT text
           "__asm__(\n"
           "    \".pushsection .rodata, \\\"a\\\"\\n\"\n"
           "    \".balign 64\\n\"\n"
           "    \".globl ${symbol}\\n.hidden ${symbol}\\n${symbol}:\\n\"\n"
           "    \".incbin \\\"${ARG_BIN}\\\"\\n\"\n"
           "    \".globl ${symbol}_end\\n.hidden ${symbol}_end\\n${symbol}_end:\\n\"\n"
           "    \".byte 0\\n\"\n"
           "    \".popsection\\n\");\n")
  file(GENERATE OUTPUT "${source}" CONTENT "${text}")
  # A stamp stands for the file: a property of a source can hold no generator expression.
  add_custom_command(
    OUTPUT "${source}.stamp"
    COMMAND "${CMAKE_COMMAND}" -E touch "${source}.stamp"
    DEPENDS "${ARG_BIN}"
    VERBATIM)
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${source}.stamp" GENERATED ON)
  target_sources(${target} PRIVATE "${source}")
endfunction()

# add_tvm_ffi_cubin(<target> CUDA <source>) and add_tvm_ffi_fatbin(<target> CUDA <source>)
#
# Compile kernels to a cubin (for one architecture) or a fatbin; $<TARGET_OBJECTS:<target>> is the
# file. Needs CMake 3.27 and enable_language(CUDA).
function(add_tvm_ffi_cubin target)
  _tvm_ffi_add_kernels(${target} CUDA_CUBIN_COMPILATION ${ARGN})
endfunction()

function(add_tvm_ffi_fatbin target)
  _tvm_ffi_add_kernels(${target} CUDA_FATBIN_COMPILATION ${ARGN})
endfunction()

# tvm_ffi_generate_cubin(OUTPUT <file> SOURCE <file> [ARCH <sm_xx>] [OPTIONS <option>...]
#                        [DEPENDS <file>...])
#
# Compile kernels with nvcc, called directly: neither a language nor a recent CMake is needed.
# Without ARCH it compiles for the GPU of this machine.
function(tvm_ffi_generate_cubin)
  _tvm_ffi_parse("${ARGN}" "OUTPUT;SOURCE;ARCH" "OPTIONS;DEPENDS")
  _tvm_ffi_require(OUTPUT SOURCE)
  _tvm_ffi_absolute()
  if(NOT DEFINED ARG_ARCH)
    set(ARG_ARCH native)
  endif()
  if(CMAKE_CUDA_COMPILER)
    set(nvcc "${CMAKE_CUDA_COMPILER}")
  else()
    find_package(CUDAToolkit REQUIRED)
    set(nvcc "${CUDAToolkit_NVCC_EXECUTABLE}")
  endif()
  add_custom_command(
    OUTPUT "${ARG_OUTPUT}"
    COMMAND "${nvcc}" -cubin "-arch=${ARG_ARCH}" ${ARG_OPTIONS} "${ARG_SOURCE}" -o "${ARG_OUTPUT}"
    DEPENDS "${ARG_SOURCE}" ${ARG_DEPENDS}
    COMMENT "Compiling ${ARG_SOURCE} for ${ARG_ARCH}"
    VERBATIM)
endfunction()

# tvm_ffi_embed_cubin(OUTPUT <file> SOURCE <file> CUBIN <file> NAME <name> [DEPENDS <file>...])
#
# Compile a C++ source, embed the cubin, and make OUTPUT of it, an object file to add to the sources
# of a library.
function(tvm_ffi_embed_cubin)
  _tvm_ffi_parse("${ARGN}" "OUTPUT;SOURCE;CUBIN;NAME" "DEPENDS")
  _tvm_ffi_require(OUTPUT SOURCE CUBIN NAME)
  _tvm_ffi_check_symbol("${ARG_NAME}")
  _tvm_ffi_absolute()
  if(NOT Python_EXECUTABLE)
    find_package(Python COMPONENTS Interpreter REQUIRED)
  endif()
  string(MAKE_C_IDENTIFIER "tvm_ffi_source_of_${ARG_OUTPUT}" objects)
  add_library(${objects} OBJECT "${ARG_SOURCE}")
  set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${objects} PRIVATE tvm_ffi::header)
  if(TARGET CUDA::cudart)
    target_link_libraries(${objects} PRIVATE CUDA::cudart)
  endif()
  add_custom_command(
    OUTPUT "${ARG_OUTPUT}"
    COMMAND
      "${Python_EXECUTABLE}" -m tvm_ffi.utils.embed_cubin --output-obj "${ARG_OUTPUT}" --input-obj
      "$<TARGET_OBJECTS:${objects}>" --cubin "${ARG_CUBIN}" --name "${ARG_NAME}"
    DEPENDS ${objects} "$<TARGET_OBJECTS:${objects}>" "${ARG_CUBIN}" ${ARG_DEPENDS}
    COMMENT "Embedding ${ARG_CUBIN} as ${ARG_NAME}"
    VERBATIM)
  set_source_files_properties("${ARG_OUTPUT}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endfunction()

# ---- Private -------------------------------------------------------------------------------------

function(_tvm_ffi_add_kernels target property)
  _tvm_ffi_parse("${ARGN}" "CUDA" "")
  _tvm_ffi_require(CUDA)
  if(CMAKE_VERSION VERSION_LESS 3.27)
    message(FATAL_ERROR "add_tvm_ffi_cubin and add_tvm_ffi_fatbin need CMake 3.27 and this is "
                        "${CMAKE_VERSION}; tvm_ffi_generate_cubin works with any")
  endif()
  add_library(${target} OBJECT "${ARG_CUDA}")
  set_target_properties(${target} PROPERTIES ${property} ON)
  if(property STREQUAL "CUDA_CUBIN_COMPILATION" AND CMAKE_CUDA_ARCHITECTURES MATCHES "^[0-9]+[a-z]?$")
    # A cubin is machine code alone, without the PTX that "90" also asks for.
    set_target_properties(${target} PROPERTIES CUDA_ARCHITECTURES "${CMAKE_CUDA_ARCHITECTURES}-real")
  endif()
  target_link_libraries(${target} PRIVATE tvm_ffi::header)
endfunction()

macro(_tvm_ffi_require)
  foreach(keyword IN ITEMS ${ARGN})
    if(NOT DEFINED ARG_${keyword})
      message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: ${keyword} is missing")
    endif()
  endforeach()
endmacro()

# Inputs lie in the source folder, or are made like the output in the build folder.
macro(_tvm_ffi_absolute)
  get_filename_component(ARG_OUTPUT "${ARG_OUTPUT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  foreach(keyword IN ITEMS SOURCE CUBIN)
    if(DEFINED ARG_${keyword} AND NOT IS_ABSOLUTE "${ARG_${keyword}}")
      if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_${keyword}}")
        set(ARG_${keyword} "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_${keyword}}")
      else()
        set(ARG_${keyword} "${CMAKE_CURRENT_BINARY_DIR}/${ARG_${keyword}}")
      endif()
    endif()
  endforeach()
endmacro()

function(_tvm_ffi_check_symbol name)
  if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "the name of an embedded binary is an identifier, `${name}` is none")
  endif()
endfunction()
