# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# tvm_ffi_configure_target(<target>
#                          [LINK_SHARED ON|OFF] [LINK_HEADER ON|OFF]
#                          [DEBUG_SYMBOL ON|OFF] [MSVC_FLAGS ON|OFF]
#                          [STUB_DIR <dir>] [STUB_TARGET python|rust]
#                          [STUB_INIT ON|OFF] [STUB_PKG <package>] [STUB_PREFIX <prefix>])
#
# Make <target> a library that tvm_ffi can load. All switches are ON but STUB_INIT.
#
# LINK_SHARED, LINK_HEADER: link tvm_ffi::shared, tvm_ffi::header.
# DEBUG_SYMBOL: tvm_ffi_add_prefix_map() for this directory, and tvm_ffi_add_apple_dsymutil().
# MSVC_FLAGS: tvm_ffi_add_msvc_flags().
# STUB_DIR: after each build run the stub generator over this folder, relative to the current source
# folder; if it fails, so does the build. STUB_TARGET is the language of the files.
# STUB_INIT: let it also write the files that are missing, for the functions and classes whose names
# begin with STUB_PREFIX, loaded from the distribution STUB_PKG. The package is by default the
# project scikit-build-core builds, or else the CMake project; the prefix is that of the package.
function(tvm_ffi_configure_target target)
  set(switches LINK_SHARED LINK_HEADER DEBUG_SYMBOL MSVC_FLAGS STUB_INIT)
  _tvm_ffi_parse("${ARGN}" "${switches};STUB_DIR;STUB_PKG;STUB_PREFIX;STUB_TARGET" "")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "tvm_ffi_configure_target: there is no target `${target}`")
  endif()
  foreach(switch IN LISTS switches)
    if(DEFINED ARG_${switch})
      continue()
    elseif(switch STREQUAL "STUB_INIT")
      set(ARG_${switch} OFF)
    else()
      set(ARG_${switch} ON)
    endif()
  endforeach()

  if(ARG_LINK_HEADER)
    target_link_libraries(${target} PRIVATE tvm_ffi::header)
  endif()
  if(ARG_LINK_SHARED)
    target_link_libraries(${target} PRIVATE tvm_ffi::shared)
  endif()
  if(ARG_DEBUG_SYMBOL)
    tvm_ffi_add_prefix_map(${target} "${CMAKE_CURRENT_SOURCE_DIR}")
    tvm_ffi_add_apple_dsymutil(${target})
  endif()
  if(ARG_MSVC_FLAGS)
    tvm_ffi_add_msvc_flags(${target})
  endif()

  if(DEFINED ARG_STUB_DIR)
    _tvm_ffi_generate_stubs(${target})
  elseif(ARG_STUB_INIT)
    message(FATAL_ERROR "tvm_ffi_configure_target(${target}): STUB_INIT needs STUB_DIR, the folder "
                        "to write to")
  endif()
endfunction()

# tvm_ffi_install(<target> [DESTINATION <dir>])
#
# Install what goes with <target> beside the target itself, for which you call install(TARGETS): on
# Apple systems its debug information, <target>.dSYM; elsewhere there is nothing.
function(tvm_ffi_install target)
  _tvm_ffi_parse("${ARGN}" "DESTINATION" "")
  if(NOT DEFINED ARG_DESTINATION)
    set(ARG_DESTINATION lib)
  endif()
  if(APPLE)
    install(
      DIRECTORY "$<TARGET_FILE:${target}>.dSYM"
      DESTINATION "${ARG_DESTINATION}"
      OPTIONAL)
  endif()
endfunction()

# tvm_ffi_add_prefix_map(<target> <dir>)
#
# Name source files relative to <dir> in error traces and debug information, so that a traceback
# reads `File "src/extension.cc"` on every machine.
function(tvm_ffi_add_prefix_map target dir)
  get_filename_component(dir "${dir}" ABSOLUTE)
  if(NOT MSVC)
    set(option "-ffile-prefix-map=${dir}/=")
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C,CXX>:${option}>")
  endif()
endfunction()

# tvm_ffi_add_apple_dsymutil(<target>)
#
# On Apple systems, gather the debug information of <target> into a bundle beside it after linking.
function(tvm_ffi_add_apple_dsymutil target)
  get_target_property(kind ${target} TYPE)
  if(APPLE AND kind MATCHES "^(SHARED_LIBRARY|MODULE_LIBRARY|EXECUTABLE)$")
    find_program(TVM_FFI_DSYMUTIL dsymutil)
    if(TVM_FFI_DSYMUTIL)
      add_custom_command(
        TARGET ${target}
        POST_BUILD
        COMMAND "${TVM_FFI_DSYMUTIL}" "$<TARGET_FILE:${target}>"
        VERBATIM)
    endif()
  endif()
endfunction()

# tvm_ffi_add_msvc_flags(<target>)
#
# With Microsoft's compiler, drop what nobody refers to from object files: our headers are inline.
function(tvm_ffi_add_msvc_flags target)
  if(MSVC)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C,CXX>:/Zc:inline>")
  endif()
endfunction()

# tvm_ffi_hide_static_linked_lib_symbols(<target>)
#
# Keep the symbols of the static libraries in <target> out of those it exports, so that two
# extensions may hold different versions of one. Call it after target_link_libraries().
function(tvm_ffi_hide_static_linked_lib_symbols target)
  if(APPLE)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    foreach(library IN LISTS libraries)
      if(TARGET "${library}")
        get_target_property(kind ${library} TYPE)
        if(kind STREQUAL "STATIC_LIBRARY")
          target_link_options(${target} PRIVATE "LINKER:-load_hidden,$<TARGET_FILE:${library}>")
        endif()
      elseif(library MATCHES "\\.a$")
        target_link_options(${target} PRIVATE "LINKER:-load_hidden,${library}")
      endif()
    endforeach()
  elseif(NOT MSVC)
    target_link_options(${target} PRIVATE "LINKER:--exclude-libs,ALL")
  endif()
endfunction()

# ---- Private -------------------------------------------------------------------------------------

# Parse keywords with one value into ARG_<keyword>, and those with any number. What is none of them
# is an error; a switch without a value is ON.
macro(_tvm_ffi_parse arguments single multiple)
  cmake_parse_arguments(ARG "" "${single}" "${multiple}" ${arguments})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: unexpected `${ARG_UNPARSED_ARGUMENTS}`; it "
                        "takes ${single} ${multiple}")
  endif()
  foreach(keyword IN LISTS ARG_KEYWORDS_MISSING_VALUES)
    set(ARG_${keyword} ON)
  endforeach()
endmacro()

# Run the generator after each build of the target, as the ARG_STUB_* of the caller say.
function(_tvm_ffi_generate_stubs target)
  if(NOT Python_EXECUTABLE)
    find_package(Python COMPONENTS Interpreter REQUIRED)
  endif()
  get_filename_component(folder "${ARG_STUB_DIR}" ABSOLUTE)
  set(command "${Python_EXECUTABLE}" -m tvm_ffi.stub.cli "${folder}" --dlls
              "$<TARGET_FILE:${target}>")
  if(DEFINED ARG_STUB_TARGET)
    list(APPEND command --target "${ARG_STUB_TARGET}")
  endif()
  if(ARG_STUB_INIT)
    if(NOT DEFINED ARG_STUB_PKG)
      set(ARG_STUB_PKG "${PROJECT_NAME}")
      if(DEFINED SKBUILD_PROJECT_NAME)
        set(ARG_STUB_PKG "${SKBUILD_PROJECT_NAME}")
      endif()
    endif()
    if(NOT DEFINED ARG_STUB_PREFIX)
      string(REPLACE "-" "_" ARG_STUB_PREFIX "${ARG_STUB_PKG}")
    endif()
    list(APPEND command --init-lib "${target}" --init-pypkg "${ARG_STUB_PKG}" --init-prefix
         "${ARG_STUB_PREFIX}")
  endif()
  add_custom_command(
    TARGET ${target}
    POST_BUILD
    COMMAND ${command}
    COMMENT "Generating stubs in ${folder}"
    VERBATIM)
endfunction()
