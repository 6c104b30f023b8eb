//! From a file to a table: CSV and its relatives, KEEL, ARFF; gzip of each, known by its content.
//!
//! Nothing here panics on a file's content. An error names file, line, column and the text at
//! fault, and what would work.

pub(crate) mod again;
mod arff;
pub(crate) mod cells;
mod column;
pub(crate) mod declaration;
mod delimited;
mod dialect;
mod keel;
pub(crate) mod layout;
mod mulan_xml;
pub(crate) mod source;
pub(crate) mod value;
pub(crate) mod written_cell;

use std::io::Read;
use std::path::{Path, PathBuf};

use imb_core::{ReadError, ReadProblem, Result, Table};
use serde::{Deserialize, Serialize};

pub(crate) use column::shortened;
pub use column::{ColumnNotes, Place};
pub use layout::Layout;
pub use mulan_xml::{read_label_names, read_label_names_bytes};
use source::Text;
pub use value::NoNumber;

/// How to read a file. The default lets the file say it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadOptions {
    /// The format; else the content and the file's name tell.
    pub format: Option<Format>,
    /// Whether delimited text begins with column names.
    pub header: Header,
    /// What parts the cells of delimited text; else what parts its first rows into equally many.
    pub delimiter: Option<Delimiter>,
    /// Columns of delimited text to read as categories although their cells are numbers. Columns go by
    /// name, by number from 1 (from the end if negative), or as `last`.
    pub categorical: Vec<String>,
    /// Columns of delimited text to read as numbers although a cell is quoted, begins with a needless
    /// zero, or is too large to be exact.
    pub numeric: Vec<String>,
    /// The column of classes, if there is one: its texts are read, whatever they are.
    pub target: Option<String>,
    /// Texts that stand for a gap in every column, beside those that always do: the empty cell, `?` and
    /// `<null>`, and among numbers `NA`, `NaN`, `N/A`, `null` and the like. A quoted cell is never a gap.
    pub missing: Vec<String>,
    /// The decimal sign of delimited text; else a comma in columns that hold no other numbers, where the
    /// delimiter is not a comma.
    pub decimal: Option<DecimalSign>,
    /// How many lines to skip at the top of delimited text; if 0, leading comment lines are skipped.
    pub skip_lines: usize,
}

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
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
    pub(crate) fn byte(self) -> Option<u8> {
        match self {
            Self::Comma => Some(b','),
            Self::Tab => Some(b'\t'),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            Self::Whitespace => None,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Tab => "tabs",
            Self::Semicolon => "semicolons",
            Self::Pipe => "bars",
            Self::Whitespace => "blanks",
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
    /// Where the rows stand in the text.
    pub layout: Layout,
    /// What was found in each column.
    pub notes: Vec<ColumnNotes>,
    /// What was guessed of how the file is written.
    pub guesses: Vec<Guess>,
}

/// Something that a file does not say of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// What was guessed.
    pub what: String,
    /// The option of the program `imb` that says it.
    pub option: &'static str,
}

impl Guess {
    fn new(what: impl Into<String>, option: &'static str) -> Self {
        Self { what: what.into(), option }
    }
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

/// What can be read more than once: a file, or what came through a pipe.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Bytes, and the name that errors call them by.
    Memory {
        /// The name.
        name: PathBuf,
        /// All there is.
        bytes: Vec<u8>,
    },
}

impl Input {
    /// A path, or `-` for standard input. Pipes and devices are read to their end.
    ///
    /// # Errors
    /// [`Error::Read`](imb_core::Error::Read) if it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let is_standard = path == Path::new("-");
        let name = if is_standard { PathBuf::from("standard input") } else { path.to_owned() };
        let io = |error| ReadError::new(&name, ReadProblem::Io(error));
        let mut bytes = Vec::new();
        if is_standard {
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(io)?;
        } else if std::fs::metadata(path).map_err(io)?.file_type().is_file() || path.is_dir() {
            return Ok(Self::File(name));
        } else {
            std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(io)?;
        }
        Ok(Self::Memory { name, bytes })
    }

    /// What errors call it by.
    pub fn name(&self) -> &Path {
        match self {
            Self::File(path) | Self::Memory { name: path, .. } => path,
        }
    }

    /// Reads the table in it.
    ///
    /// # Errors
    /// As [`read`].
    pub fn parse(&self, options: &ReadOptions) -> Result<Parsed> {
        parse(&self.text()?, options)
    }

    pub(crate) fn text(&self) -> Result<Text> {
        match self {
            Self::File(path) => Text::open(path),
            Self::Memory { name, bytes } => Text::new(name, bytes.clone()),
        }
    }
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
        Format::Csv => delimited::read(text, options),
        Format::Keel => keel::read(text, options),
        Format::Arff => arff::read(text, options),
    }
}

/// The place of a column: by its name, by `last`, by its number from 1 (negative: from the end), or by its
/// name without the space around it, if no other column has that.
pub(crate) fn place_among<S: AsRef<str>>(names: &[S], wanted: &str) -> Option<usize> {
    let named = || names.iter().position(|name| name.as_ref() == wanted);
    let last = || if wanted == "last" { names.len().checked_sub(1) } else { None };
    let numbered = || match wanted.parse::<i64>().ok()? {
        number if number > 0 => usize::try_from(number - 1).ok(),
        number => names.len().checked_sub(usize::try_from(number.unsigned_abs()).ok()?),
    };
    let place = named().or_else(last).or_else(numbered).filter(|place| *place < names.len());
    place.or_else(|| {
        let trimmed = |name: &S| name.as_ref().trim() == wanted.trim();
        let mut alike = (0..names.len()).filter(|&place| trimmed(&names[place]));
        alike.next().filter(|_| alike.next().is_none())
    })
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
