//! Reads ARFF files, dense and sparse, and applies the targets that the file names.

#![no_main]

use std::path::Path;

use imb_data::{LabelSet, ReadOptions, read_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = Path::new("fuzz.arff");
    match read_bytes(name, bytes.to_vec(), &ReadOptions::default()) {
        Ok(parsed) => {
            let labels = LabelSet::Count(parsed.label_count.unwrap_or(-1));
            drop(labels.apply(parsed.table, name));
        }
        Err(error) => assert!(error.to_string().len() < 2000, "messages stay readable"),
    }
});
