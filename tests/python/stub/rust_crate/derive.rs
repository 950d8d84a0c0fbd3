// SPDX-License-Identifier: Apache-2.0
//
// The derive macros of the stand-in: they say of which struct they are, and nothing else.
extern crate proc_macro;

use proc_macro::{TokenStream, TokenTree};

fn name_of_struct(item: TokenStream) -> String {
    let mut tokens = item.into_iter();
    while let Some(token) = tokens.next() {
        if let TokenTree::Ident(word) = token {
            if word.to_string() == "struct" {
                return tokens.next().expect("the name of the struct").to_string();
            }
        }
    }
    panic!("Expected a struct")
}

#[proc_macro_derive(Object, attributes(type_key, type_final))]
pub fn derive_object(item: TokenStream) -> TokenStream {
    let has_key = item.to_string().contains("type_key");
    assert!(has_key, "Expected #[type_key = ...]");
    format!("unsafe impl ::tvm_ffi::ObjectCore for {} {{}}", name_of_struct(item)).parse().unwrap()
}

#[proc_macro_derive(ObjectRef)]
pub fn derive_object_ref(item: TokenStream) -> TokenStream {
    let name = name_of_struct(item);
    format!("impl ::tvm_ffi::object::ObjectRefCore for {name} {{}}").parse().unwrap()
}
