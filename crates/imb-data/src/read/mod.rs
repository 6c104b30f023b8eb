//! From a file to a table: CSV and its relatives, KEEL, ARFF; gzip of each, known by its content.
//!
//! Nothing here panics on a file's content. An error names file, line, column and the text at
//! fault, and what would work.

mod arff;
mod column;
mod declaration;
mod delimited;
mod keel;
mod mulan_xml;
pub(crate) mod source;

use std::path::Path;

use imb_core::{Result, Table};
use serde::{Deserialize, Serialize};

pub(crate) use column::shortened;
pub use mulan_xml::{read_label_names, read_label_names_bytes};
use source::Text;

/// How to read a file. The default lets the file say it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadOptions {
    /// The format, where name and content do not tell.
    pub format: Option<Format>,
    /// Whether delimited text begins with column names.
    pub header: Header,
    /// What parts the cells of delimited text; else what its first line has most of.
    pub delimiter: Option<Delimiter>,
    /// Columns of delimited text to read as categories although their cells are numbers.
    pub categorical: Vec<String>,
}

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text.
    Csv,
    /// KEEL's `.dat`, with or without its `@` header.
    Keel,
    /// Weka's ARFF, dense or sparse.
    Arff,
}

/// Whether delimited text begins with column names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// It does, unless the first row holds a number: then reading stops and asks, because a data
    /// row taken for names is a row lost without a word.
    #[default]
    Unstated,
    /// It does.
    Present,
    /// It does not: columns are called `column_1`, `column_2`, …
    Absent,
}

/// What parts the cells of delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// A tab.
    Tab,
    /// `;`
    Semicolon,
    /// `|`
    Pipe,
    /// Spaces and tabs, in runs.
    Whitespace,
}

impl Delimiter {
    fn byte(self) -> Option<u8> {
        match self {
            Self::Comma => Some(b','),
            Self::Tab => Some(b'\t'),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            Self::Whitespace => None,
        }
    }
}

/// A table as a file holds it, and what the file says of its targets.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// All columns, targets among them.
    pub table: Table<()>,
    /// The target columns that a KEEL header names with `@outputs`.
    pub outputs: Vec<String>,
    /// The label count that a MEKA relation states as `-C`: positive at the start, negative at the
    /// end.
    pub label_count: Option<i64>,
}

/// Reads a file.
///
/// # Errors
/// [`Error::Read`](imb_core::Error::Read) with file, line, column and text.
///
/// ```
/// # fn main() -> imb_core::Result<()> {
/// use imb_data::{ReadOptions, TargetRule, read};
///
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let file = folder.path().join("iris0.dat");
/// std::fs::write(&file, "\
/// @relation iris0
/// @attribute SepalLength real [4.3, 7.9]
/// @attribute SepalWidth real [2.0, 4.4]
/// @attribute Class {positive, negative}
/// @inputs SepalLength, SepalWidth
/// @outputs Class
/// @data
/// 5.1, 3.5, positive
/// 7.0, 3.2, negative
/// 6.4, 3.2, negative
/// ").expect("written");
///
/// let parsed = read(&file, &ReadOptions::default())?;
/// assert_eq!(parsed.outputs, ["Class"]);
/// let table = TargetRule::positive("Class", "positive").apply(parsed.table, &file)?;
/// assert_eq!((table.n_rows(), table.n_columns()), (3, 2));
/// assert_eq!(table.target().counts(), [2, 1]);
/// # Ok(())
/// # }
/// ```
pub fn read(path: &Path, options: &ReadOptions) -> Result<Parsed> {
    parse(&Text::open(path)?, options)
}

/// Reads a file that is in memory. Errors call it by `name`, whose ending helps to tell the format.
///
/// # Errors
/// As [`read`].
///
/// ```
/// # fn main() -> imb_core::Result<()> {
/// use std::path::Path;
///
/// use imb_data::{ReadOptions, read_bytes};
///
/// let bytes = b"height,class\n1.5,a\n2.5,b\n".to_vec();
/// let table = read_bytes(Path::new("upload.csv"), bytes, &ReadOptions::default())?.table;
/// assert_eq!((table.n_rows(), table.n_columns()), (2, 2));
/// # Ok(())
/// # }
/// ```
pub fn read_bytes(name: &Path, bytes: Vec<u8>, options: &ReadOptions) -> Result<Parsed> {
    parse(&Text::new(name, bytes)?, options)
}

fn parse(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    match options.format.unwrap_or_else(|| guess_format(text)) {
        Format::Csv => plain(delimited::read(text, options)?),
        Format::Keel => keel::read(text, options),
        Format::Arff => arff::read(text),
    }
}

fn plain(table: Table<()>) -> Result<Parsed> {
    Ok(Parsed { table, outputs: Vec::new(), label_count: None })
}

/// The format by the ending, `.gz` aside, or else by whether the file begins with a declaration.
fn guess_format(text: &Text) -> Format {
    let name = text.path.to_string_lossy().to_lowercase();
    match name.trim_end_matches(".gz").rsplit('.').next().unwrap_or("") {
        "arff" => Format::Arff,
        "dat" => Format::Keel,
        "csv" | "tsv" => Format::Csv,
        _ if declaration::begins(text) => Format::Arff,
        _ => Format::Csv,
    }
}
