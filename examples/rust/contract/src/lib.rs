// SPDX-License-Identifier: Apache-2.0
//! The part of `tvm/ffi/c_api.h` the example needs, and owners for what crosses it.

use std::ffi::c_void;
use std::os::raw::{c_char, c_int};

pub const NONE: i32 = 0;
pub const INT: i32 = 1;
pub const BOOL: i32 = 2;
pub const FLOAT: i32 = 3;
pub const RAW_STR: i32 = 8;
pub const STATIC_OBJECT_BEGIN: i32 = 64;

/// `TVMFFIAny`: 16 bytes; what `payload` holds is said by `type_index`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Any {
    pub type_index: i32,
    pub padding: u32,
    pub payload: u64,
}

impl Any {
    pub const fn none() -> Any {
        Any { type_index: NONE, padding: 0, payload: 0 }
    }

    pub const fn int(value: i64) -> Any {
        Any { type_index: INT, padding: 0, payload: value as u64 }
    }

    pub const fn bool(value: bool) -> Any {
        Any { type_index: BOOL, padding: 0, payload: value as u64 }
    }

    pub fn float(value: f64) -> Any {
        Any { type_index: FLOAT, padding: 0, payload: value.to_bits() }
    }

    /// A view of NUL-terminated text, borrowed for the call.
    pub fn raw_str(text: &std::ffi::CStr) -> Any {
        Any { type_index: RAW_STR, padding: 0, payload: text.as_ptr() as u64 }
    }
}

/// `TVMFFIByteArray`
#[repr(C)]
pub struct ByteArray {
    pub data: *const u8,
    pub size: usize,
}

impl ByteArray {
    pub fn of(text: &str) -> ByteArray {
        ByteArray { data: text.as_ptr(), size: text.len() }
    }

    /// # Safety
    /// The bytes must outlive the result.
    pub unsafe fn text(&self) -> String {
        String::from_utf8_lossy(std::slice::from_raw_parts(self.data, self.size)).into_owned()
    }
}

/// `TVMFFIObject`, the header of every object.
#[repr(C)]
pub struct Header {
    combined_ref_count: u64,
    type_index: i32,
    padding: u32,
    deleter: *const c_void,
}

/// The start of `TVMFFIErrorCell`, which follows the header of an error.
#[repr(C)]
struct ErrorCell {
    kind: ByteArray,
    message: ByteArray,
}

#[link(name = "tvm_ffi")]
extern "C" {
    fn TVMFFIObjectDecRef(object: *mut c_void) -> c_int;
    fn TVMFFIFunctionGetGlobal(name: *const ByteArray, out: *mut *mut c_void) -> c_int;
    fn TVMFFIFunctionCall(
        function: *mut c_void,
        args: *const Any,
        num_args: i32,
        result: *mut Any,
    ) -> c_int;
    fn TVMFFIErrorMoveFromRaised(result: *mut *mut c_void);
    fn TVMFFIErrorSetRaisedFromCStr(kind: *const c_char, message: *const c_char);
}

/// An error on its way across the boundary.
#[derive(Debug)]
pub struct Error {
    pub kind: String,
    pub message: String,
}

impl Error {
    pub fn new(kind: &str, message: impl Into<String>) -> Error {
        Error { kind: kind.into(), message: message.into() }
    }

    /// Takes this thread's pending error.
    fn take_raised() -> Error {
        let mut handle = std::ptr::null_mut();
        unsafe {
            TVMFFIErrorMoveFromRaised(&mut handle);
            if handle.is_null() {
                return Error::new("RuntimeError", "a call failed without an error");
            }
            let cell = &*((handle as *const Header).add(1) as *const ErrorCell);
            let error = Error { kind: cell.kind.text(), message: cell.message.text() };
            TVMFFIObjectDecRef(handle);
            error
        }
    }

    /// Makes this the pending error of this thread; the status to return.
    fn raise(&self) -> c_int {
        let text = |part: &str| std::ffi::CString::new(part.replace('\0', "")).unwrap();
        let (kind, message) = (text(&self.kind), text(&self.message));
        unsafe { TVMFFIErrorSetRaisedFromCStr(kind.as_ptr(), message.as_ptr()) };
        -1
    }
}

/// One reference to an object, given back when dropped.
pub struct Object(*mut c_void);

impl Object {
    /// Takes over the reference that an owned value holds.
    pub fn from_owned(value: Any) -> Result<Object, Error> {
        if value.type_index < STATIC_OBJECT_BEGIN {
            let text = format!("expected an object, got type index {}", value.type_index);
            return Err(Error::new("TypeError", text));
        }
        Ok(Object(value.payload as *mut c_void))
    }

    pub fn global_function(name: &str) -> Result<Object, Error> {
        let mut handle = std::ptr::null_mut();
        match unsafe { TVMFFIFunctionGetGlobal(&ByteArray::of(name), &mut handle) } {
            0 if !handle.is_null() => Ok(Object(handle)),
            0 => Err(Error::new("RuntimeError", format!("there is no function {name}"))),
            _ => Err(Error::take_raised()),
        }
    }

    /// Calls a function object. The result is owned: wrap it in an Object if it is one.
    pub fn call(&self, args: &[Any]) -> Result<Any, Error> {
        let mut result = Any::none();
        let status = unsafe {
            TVMFFIFunctionCall(self.0, args.as_ptr(), args.len() as i32, &mut result)
        };
        if status == 0 {
            Ok(result)
        } else {
            Err(Error::take_raised())
        }
    }

    /// A view of the object, borrowed from this reference.
    pub fn as_any(&self) -> Any {
        let type_index = unsafe { (*(self.0 as *const Header)).type_index };
        Any { type_index, padding: 0, payload: self.0 as u64 }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        unsafe { TVMFFIObjectDecRef(self.0) };
    }
}

/// Runs the body of an exported function. Errors, and panics, become the error of the call.
///
/// # Safety
/// The pointers must be those of a safe call.
pub unsafe fn answer(
    args: *const Any,
    num_args: i32,
    result: *mut Any,
    body: impl FnOnce(&[Any]) -> Result<Any, Error> + std::panic::UnwindSafe,
) -> c_int {
    let args = match num_args {
        0 => &[],
        count => std::slice::from_raw_parts(args, count as usize),
    };
    match std::panic::catch_unwind(|| body(args)) {
        Ok(Ok(value)) => {
            *result = value;
            0
        }
        Ok(Err(error)) => error.raise(),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied().unwrap_or("no message");
            Error::new("RuntimeError", format!("the Rust function panicked: {text}")).raise()
        }
    }
}
