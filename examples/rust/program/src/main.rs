// SPDX-License-Identifier: Apache-2.0
//! Loads a library, in whatever language it was written, and calls it: `program <library.so>`

use contract::{Any, Error, Object};
use std::ffi::CString;

fn run(path: &str) -> Result<(), Error> {
    let path = CString::new(path).map_err(|e| Error::new("ValueError", e.to_string()))?;
    let load = Object::global_function("ffi.ModuleLoadFromFile")?;
    let module = Object::from_owned(load.call(&[Any::raw_str(&path)])?)?;

    let name = CString::new("power").unwrap();
    let look_up = Object::global_function("ffi.ModuleGetFunction")?;
    let found = look_up.call(&[module.as_any(), Any::raw_str(&name), Any::bool(false)])?;
    let power = Object::from_owned(found)?;

    let result = power.call(&[Any::int(2), Any::int(10)])?;
    println!("power(2, 10) = {}", result.payload as i64);
    match power.call(&[Any::int(2), Any::int(-1)]) {
        Ok(_) => println!("power(2, -1) was accepted"),
        Err(error) => println!("{}: {}", error.kind, error.message),
    }
    Ok(())
}

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: program <library.so>");
        std::process::exit(2);
    };
    if let Err(error) = run(&path) {
        eprintln!("{}: {}", error.kind, error.message);
        std::process::exit(1);
    }
}
