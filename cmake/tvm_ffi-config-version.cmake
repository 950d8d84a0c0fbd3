# SPDX-License-Identifier: Apache-2.0
#
# For find_package(tvm_ffi <version>): any later version with the same major one will do. The
# version is that of the package around this folder.
foreach(_tvm_ffi_package IN ITEMS "../../.." "../tvm_ffi")
  set(_tvm_ffi_version_file "${CMAKE_CURRENT_LIST_DIR}/${_tvm_ffi_package}/_version.py")
  if(EXISTS "${_tvm_ffi_version_file}")
    file(STRINGS "${_tvm_ffi_version_file}" _tvm_ffi_line REGEX "^__version__ = ")
    string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" PACKAGE_VERSION "${_tvm_ffi_line}")
  endif()
endforeach()

string(REGEX MATCH "^[0-9]+" _tvm_ffi_major "${PACKAGE_VERSION}")
if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION
   OR (PACKAGE_FIND_VERSION AND NOT _tvm_ffi_major EQUAL PACKAGE_FIND_VERSION_MAJOR))
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
