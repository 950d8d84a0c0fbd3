// SPDX-License-Identifier: Apache-2.0
//
// Kept so that builds which look this file up to find an include path still find one. The Python
// package reaches the library through ctypes, so there is no C++ glue to declare here.
#pragma once
