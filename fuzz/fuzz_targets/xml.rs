//! Reads the XML file that lists the labels of a Mulan data set.

#![no_main]

use std::path::Path;

use imb_data::read_label_names_bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match read_label_names_bytes(Path::new("fuzz.xml"), bytes.to_vec()) {
        Ok(names) => assert!(!names.is_empty(), "a file without labels is an error"),
        Err(error) => assert!(error.to_string().len() < 2000, "messages stay readable"),
    }
});
