// SPDX-License-Identifier: Apache-2.0
//! Functions for every language. The name of each is what follows `__tvm_ffi_`.

use contract::{answer, Any, Error, FLOAT, INT};
use std::ffi::c_void;
use std::os::raw::c_int;

fn expect_int(value: &Any) -> Result<i64, Error> {
    match value.type_index {
        INT => Ok(value.payload as i64),
        other => Err(Error::new("TypeError", format!("expected an int, got type index {other}"))),
    }
}

/// gcd(a: int, b: int) -> int
///
/// # Safety
/// As `TVMFFISafeCallType`.
#[no_mangle]
pub unsafe extern "C" fn __tvm_ffi_gcd(
    _self: *mut c_void,
    args: *const Any,
    num_args: i32,
    result: *mut Any,
) -> c_int {
    answer(args, num_args, result, |args| match args {
        [a, b] => {
            let (mut a, mut b) = (expect_int(a)?, expect_int(b)?);
            while b != 0 {
                (a, b) = (b, a.checked_rem(b).unwrap_or(0));
            }
            a.checked_abs()
                .map(Any::int)
                .ok_or_else(|| Error::new("ValueError", "the result does not fit 64 bits"))
        }
        _ => Err(Error::new("TypeError", format!("gcd expects 2 arguments, got {}", args.len()))),
    })
}

/// square_root(x: float) -> float
///
/// # Safety
/// As `TVMFFISafeCallType`.
#[no_mangle]
pub unsafe extern "C" fn __tvm_ffi_square_root(
    _self: *mut c_void,
    args: *const Any,
    num_args: i32,
    result: *mut Any,
) -> c_int {
    answer(args, num_args, result, |args| match args {
        [x] if x.type_index == FLOAT => {
            let x = f64::from_bits(x.payload);
            assert!(x >= 0.0, "negative"); // a panic never leaves the library
            Ok(Any::float(x.sqrt()))
        }
        _ => Err(Error::new("TypeError", "square_root expects a float")),
    })
}
