// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for the crate that generated bindings are written for: its names, with the sizes that
// the contract gives them, and bodies that are never run. Enough to check types and layouts.
use std::marker::PhantomData;
use std::ptr::NonNull;

pub mod derive {
    pub use tvm_ffi_derive::{Object, ObjectRef};
}

// ---- Objects ------------------------------------------------------------------------------------

#[repr(C)]
pub struct Object {
    combined_ref_count: u64,
    type_index: i32,
    padding: u32,
    deleter: Option<unsafe extern "C" fn(*mut Object, i32)>,
}

impl Object {
    pub fn new() -> Self {
        Object { combined_ref_count: 1, type_index: 64, padding: 0, deleter: None }
    }
}

pub unsafe trait ObjectCore {
    fn type_index() -> i32 {
        unimplemented!()
    }
}

unsafe impl ObjectCore for Object {}

pub trait ShallowCopy {
    fn shallow_copy(&self) -> Self;
}

impl ShallowCopy for Object {
    fn shallow_copy(&self) -> Self {
        Object::new()
    }
}

pub unsafe trait UnsafeInit {
    unsafe fn drop_defined_fields(this: *mut Self);
}

unsafe impl UnsafeInit for Object {
    unsafe fn drop_defined_fields(_: *mut Self) {}
}

#[repr(C)]
pub struct ObjectArc<T>(NonNull<T>);

impl<T: ObjectCore> ObjectArc<T> {
    pub fn new(_: T) -> Self {
        unimplemented!()
    }
}

impl<T> Clone for ObjectArc<T> {
    fn clone(&self) -> Self {
        unimplemented!()
    }
}

impl<T> std::ops::Deref for ObjectArc<T> {
    type Target = T;
    fn deref(&self) -> &T {
        unimplemented!()
    }
}

pub mod object {
    pub trait ObjectRefCore: Clone {}

    #[derive(Clone)]
    pub struct ObjectRef(pub(crate) super::ObjectArc<super::Object>);
    impl ObjectRefCore for ObjectRef {}
}

#[macro_export]
macro_rules! impl_object_upcast {
    ($($from:ty => $to:ty),+) => {
        $(impl From<$from> for $to {
            fn from(_: $from) -> $to {
                unimplemented!()
            }
        })+
    };
}

// ---- Values -------------------------------------------------------------------------------------

macro_rules! values {
    ($size:literal: $($name:ident$(<$($param:ident),+>)?),+) => {
        $(#[derive(Clone)]
        #[repr(C, align(8))]
        pub struct $name$(<$($param),+>)?([u8; $size], PhantomData<($($($param,)+)?)>);)+
    };
}

macro_rules! references {
    ($($name:ident$(<$($param:ident),+>)?),+) => {
        $(#[derive(Clone)]
        #[repr(C)]
        pub struct $name$(<$($param),+>)?(ObjectArc<Object>, PhantomData<($($($param,)+)?)>);)+
    };
}

values!(16: Any, String, Bytes, BigInt, Optional<T>);
references!(Array<T>, List<T>, Map<K, V>, Function, Tensor, Shape, Module);

#[derive(Clone, Copy)]
#[repr(C)]
pub struct DLDevice {
    device_type: i32,
    device_id: i32,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct DLDataType {
    code: u8,
    bits: u8,
    lanes: u16,
}

impl From<&str> for String {
    fn from(_: &str) -> Self {
        unimplemented!()
    }
}

// ---- Errors and fields --------------------------------------------------------------------------

pub struct Error(PhantomData<()>);
pub type Result<T> = std::result::Result<T, Error>;

pub struct ErrorKind(());
pub const VALUE_ERROR: ErrorKind = ErrorKind(());

impl Error {
    pub fn new(_: ErrorKind, _: &str, _: &str) -> Self {
        Error(PhantomData)
    }
}

pub struct FieldGetter(());

impl FieldGetter {
    pub fn new(_: i32, _: &str) -> Result<Self> {
        unimplemented!()
    }
    pub fn get<T, O: ObjectCore>(&self, _: &O) -> Result<T> {
        unimplemented!()
    }
    pub fn get_any<O: ObjectCore>(&self, _: &O) -> Result<Any> {
        unimplemented!()
    }
}

pub mod reflection {
    pub unsafe fn drop_if_defined<T>(_: *mut T) {}

    #[derive(Clone)]
    pub struct AccessPath(#[allow(dead_code)] super::ObjectArc<super::Object>);
    #[derive(Clone)]
    pub struct AccessStep(#[allow(dead_code)] super::ObjectArc<super::Object>);
}
