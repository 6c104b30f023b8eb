//! The commands, one file each: read arguments, call the library, print.

pub(crate) mod data;
pub(crate) mod describe;
#[cfg(feature = "fetch")]
mod fetch;
mod file;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod plan;
pub(crate) mod reproduce;
pub(crate) mod resample;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod split;

use std::io::{ErrorKind, Write};

use anyhow::Result;
use serde::Serialize;

/// Prints text and a line end. A reader that has gone away is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints JSON, indented.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}
