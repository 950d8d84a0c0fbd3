// SPDX-License-Identifier: Apache-2.0
//
// Kept so that builds which include this file still compile. The Python
// package reaches the library through ctypes, so there is no C++ glue to declare here.
#pragma once
