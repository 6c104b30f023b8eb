//! Reads delimited text and uses its last column as the target. The first byte chooses the options.

#![no_main]

use std::path::Path;

use imb_data::{Delimiter, Format, Header, ReadOptions, TargetRule, read_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, content)) = bytes.split_first() else { return };
    let delimiters =
        [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe, Delimiter::Whitespace];
    let options = ReadOptions {
        format: Some(Format::Csv),
        header: [Header::Unstated, Header::Present, Header::Absent][usize::from(choice / 8 % 3)],
        delimiter: delimiters.get(usize::from(choice % 8)).copied(),
        categorical: if choice / 32 % 2 == 1 { vec!["column_1".to_owned()] } else { Vec::new() },
    };
    let name = Path::new("fuzz.csv");
    match read_bytes(name, content.to_vec(), &options) {
        Ok(parsed) => drop(TargetRule::classes_of("last").apply(parsed.table, name)),
        Err(error) => assert!(error.to_string().len() < 2000, "messages stay readable"),
    }
});
