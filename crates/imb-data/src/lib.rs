//! From files to checked tables.
//!
//! - [`read()`] reads CSV and its relatives, KEEL's `.dat` and ARFF, packed with gzip or not;
//!   [`read_bytes`] reads the same from memory.
//! - [`TargetRule`] and [`LabelSet`] say what is to be predicted.
//! - [`split`] says which rows train, validate and test; [`prepare`] imputes, encodes, filters and
//!   scales, fitted on training rows only.
//! - [`Catalog`] knows the 22 data sets of three papers: their files, targets and fingerprints.
//! - [`AnyTable::describe`] measures size, gaps and imbalance.
//!
//! Feature `embedded` compiles in one small data set, so that there is always something to run on.
//! Feature `fetch` adds `Catalog::fetch`, which downloads what is missing.

mod catalog;
mod columns;
mod describe;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(feature = "fetch")]
mod fetch;
mod fingerprint;
mod join;
mod load;
mod matrix;
pub mod prepare;
mod read;
pub mod split;
mod store;
mod target;
mod write;

pub use catalog::{
    Archive, Catalog, Edition, Entry, FileEntry, Join, Lack, Mirror, MovedLabels, Shape, TargetColumns,
    Variant,
};
pub use columns::{ColumnSummary, count_duplicate_rows, summarize_columns};
pub use describe::{AnyTable, ClassMeasures, Description, LabelMeasure, LabelMeasures, Targets};
#[cfg(feature = "fetch")]
pub use fetch::{FetchOptions, FetchSource, Fetched, Progress};
pub use fingerprint::Fingerprint;
pub use load::{DataDirs, Loaded, user_cache};
pub use matrix::matrix_of;
pub use read::{
    ColumnNotes, DecimalSign, Delimiter, Format, Guess, Header, Input, Layout, NoNumber, Parsed, Place,
    ReadOptions, read, read_bytes, read_label_names, read_label_names_bytes,
};
pub use store::State;
pub use target::{Classes, LabelSet, TargetRule, all_labels};
pub use write::{
    ChangedCell, Destination, ExtraCells, ExtraColumn, NewCells, OutTable, discard_drafts, is_same_file,
    require_writable, write_label_names, write_whole,
};
