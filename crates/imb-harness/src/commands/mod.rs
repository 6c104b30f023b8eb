//! The commands, one file each: read arguments, call the library, print.

pub(crate) mod completions;
pub(crate) mod data;
mod data_selection;
pub(crate) mod describe;
mod device;
#[cfg(feature = "fetch")]
mod fetch;
mod file;
pub(crate) mod interrupt;
pub(crate) mod lint_table;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod predictions;
pub(crate) mod reproduce;
pub(crate) mod resample;
pub(crate) mod run;
pub(crate) mod score;
mod script;
pub(crate) mod split;
mod targets;
pub(crate) mod terminal;

pub(crate) use terminal::{failure, json, print, print_aside, print_json};
