//! Reads KEEL's `.dat` files, with and without a header, and applies the targets that the file names.

#![no_main]

use std::path::Path;

use imb_data::{ReadOptions, TargetRule, read_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = Path::new("fuzz.dat");
    match read_bytes(name, bytes.to_vec(), &ReadOptions::default()) {
        Ok(parsed) => {
            let column = parsed.outputs.first().map_or("last", String::as_str);
            drop(TargetRule::classes_of(column).apply(parsed.table, name));
        }
        Err(error) => assert!(error.to_string().len() < 2000, "messages stay readable"),
    }
});
