//! The error type of the workspace. Each message names what is at fault and, where possible, what would work.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fetch_error::FetchError;

/// The result type of every fallible function in this workspace.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with data and methods. Each variant names the thing at fault.
///
/// ```
/// use imb_core::Error;
///
/// let error = Error::invalid_parameter("k_neighbors", "at least 1", 0);
/// assert_eq!(error.to_string(), "k_neighbors must be at least 1, but is 0");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter's value is outside its valid range.
    #[error("{name} must be {requirement}, but is {value}")]
    InvalidParameter {
        /// The parameter's name.
        name: String,
        /// What the value must be, worded to follow "must be".
        requirement: String,
        /// The value found.
        value: String,
    },
    /// A device, or its driver, failed.
    #[error("the device {device} failed: {message}")]
    Device {
        /// The device.
        device: crate::Device,
        /// What its driver said.
        message: String,
    },
    /// The method is not defined for these data. A results table prints `NA`.
    #[error("{method} does not apply: {reason}")]
    NotApplicable {
        /// The method's name.
        method: String,
        /// Why it is not defined here.
        reason: String,
    },
    /// A class or label has fewer rows than the method needs.
    #[error("{class} has {has} rows, but {needs} are needed: {remedy}")]
    TooFewRows {
        /// The class or label, by its name in the data.
        class: String,
        /// Rows found.
        has: usize,
        /// Rows needed.
        needs: usize,
        /// What would work, such as the largest possible k.
        remedy: String,
    },
    /// Two things that must have the same length do not.
    #[error("{what}: {expected} expected, {found} found")]
    LengthMismatch {
        /// What was counted.
        what: String,
        /// The count that fits the rest of the data.
        expected: usize,
        /// The count found.
        found: usize,
    },
    /// A cell that must be a finite number is missing or infinite, or is beyond single precision, in which networks
    /// compute.
    #[error("data row {} of column \"{column}\" is {value:e}: {}", row + 1, remedy_for(*value))]
    NotFinite {
        /// Row number, from 0.
        row: usize,
        /// The column's name.
        column: String,
        /// The value found.
        value: f64,
    },
    /// A name that stands neither in the data nor in the list it was looked up in.
    #[error("unknown {what} \"{name}\"; known: {known}")]
    UnknownName {
        /// What kind of thing was looked up, such as `class`.
        what: String,
        /// The name given.
        name: String,
        /// The valid names, separated by commas.
        known: String,
    },
    /// Training produced a loss, gradient or weight that is not finite.
    #[error("{method} diverged in epoch {epoch}: {detail}")]
    Diverged {
        /// The method's name.
        method: String,
        /// Epoch, from 0.
        epoch: usize,
        /// What was not finite, or the last finite loss.
        detail: String,
    },
    /// The observer asked the method to stop.
    #[error("interrupted during {stage}; {kept}")]
    Interrupted {
        /// What the method was doing.
        stage: String,
        /// Which part of the work is kept.
        kept: String,
    },
    /// A file whose content differs from what the catalog states.
    #[error("{}: not the data expected: {detail}", file.display())]
    Unrecognised {
        /// The file at fault.
        file: PathBuf,
        /// What was expected and what was found.
        detail: String,
    },
    /// A data set of which no file was found.
    #[error("{dataset}: no data found. {remedy}")]
    MissingData {
        /// The data set's name.
        dataset: String,
        /// Which file to put where.
        remedy: String,
    },
    /// A data set could not be fetched.
    #[error(transparent)]
    Fetch(Box<FetchError>),
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] Box<ReadError>),
    /// A file could not be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
}

impl Error {
    /// [`Error::InvalidParameter`] for a parameter `name` that must be `requirement` but is `value`.
    pub fn invalid_parameter(
        name: impl Into<String>,
        requirement: impl Into<String>,
        value: impl ToString,
    ) -> Self {
        Self::InvalidParameter {
            name: name.into(),
            requirement: requirement.into(),
            value: value.to_string(),
        }
    }
}

/// What to do about a cell that holds no number which a method can use.
fn remedy_for(value: f64) -> &'static str {
    if value.is_finite() {
        "that is beyond single precision, in which networks compute; scale the column first"
    } else {
        "impute or drop it first"
    }
}

/// Where reading a file failed, and on which text.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub file: PathBuf,
    /// Line number, from 1, if known.
    pub line: Option<u64>,
    /// Name of the column, attribute or label, if known, shortened to 60 characters.
    pub column: Option<String>,
    /// The offending text, shortened to 60 characters.
    pub text: Option<String>,
    /// What is wrong.
    pub problem: ReadProblem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadProblem {
    /// The operating system reported an error.
    #[error("cannot be read: {0}")]
    Io(#[source] std::io::Error),
    /// The path is a folder, not a file.
    #[error("is a folder: name a file in it")]
    IsFolder,
    /// The gzip stream ends early or is damaged.
    #[error("gzip data cut short or damaged ({0}): get the file again")]
    Gzip(String),
    /// The unpacked content is larger than any table this reader is meant for.
    #[error(
        "is packed in {packed} bytes and unpacks to more than {limit}: unpack it, and take the part that you need"
    )]
    TooLarge {
        /// The packed bytes.
        packed: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes are not UTF-8 text.
    #[error("is not UTF-8 text ({0}): convert it, for example with iconv -t utf-8")]
    Encoding(&'static str),
    /// There are no data rows.
    #[error("holds no data rows")]
    NoRows,
    /// A row has too many or too few cells.
    #[error("has {found} cells where {expected} are needed")]
    RowLength {
        /// Cells needed.
        expected: usize,
        /// Cells found.
        found: usize,
    },
    /// The file ends inside a quoted cell.
    #[error("a quote is opened and not closed: the file may be cut short")]
    OpenQuote,
    /// The first row holds numbers, and nothing says whether it is a header.
    #[error(
        "is a number in the first row, which may be data: say --no-header to keep the row, --header if it \
         holds column names"
    )]
    HeaderOrData,
    /// Two columns have the same name.
    #[error("is the name of column {first} already: rename one of them")]
    DuplicateColumn {
        /// Number of the first column with that name, from 1.
        first: usize,
    },
    /// Text in a column that is said to hold numbers.
    #[error("is not a number, as --numeric says of its column: mend the cell, or name it with --missing")]
    NotANumber,
    /// The file is not the one that was read a moment ago.
    #[error("has changed since it was read: run the command again")]
    Changed,
    /// A cell of a numeric attribute that is no number.
    #[error("is not a number, as the attribute's declaration asks")]
    NotNumeric,
    /// A cell's text is not among the values that the attribute declares.
    #[error("is none of the declared values: {declared}")]
    Undeclared {
        /// The values declared.
        declared: String,
    },
    /// An attribute of a type that cannot become a number.
    #[error("attributes of type {kind} are not supported: remove it")]
    UnsupportedAttribute {
        /// The type declared.
        kind: String,
    },
    /// A label is requested that is no column of the data.
    #[error("is named as a label, but there is no such column")]
    AbsentLabel,
    /// A label column holds something other than 0 and 1.
    #[error("is no label: a label is 0 or 1")]
    NotALabel,
    /// The requested labels would leave no column as a feature.
    #[error("{asked} labels are asked for, but there are {columns} columns, and a feature must remain")]
    TooManyLabels {
        /// Labels requested.
        asked: usize,
        /// Columns of the file.
        columns: usize,
    },
    /// No column has that name or number.
    #[error("is not a column; known: {known}")]
    NoSuchColumn {
        /// The names of the columns, separated by commas.
        known: String,
    },
    /// A target cell is missing.
    #[error("the target is missing{}", of_row(*row))]
    MissingTarget {
        /// Row number, from 1, where the line is not known.
        row: Option<usize>,
    },
    /// The file does not follow its format.
    #[error("{0}")]
    Syntax(String),
}

fn of_row(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(" in data row {row}"))
}

impl ReadError {
    /// A problem with a file as a whole.
    pub fn new(file: &Path, problem: ReadProblem) -> Self {
        Self { file: file.to_owned(), line: None, column: None, text: None, problem }
    }

    /// Adds the line number, from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Adds the name of the column, shortened to 60 characters.
    #[must_use]
    pub fn in_column(mut self, column: impl AsRef<str>) -> Self {
        self.column = Some(shown(column.as_ref()));
        self
    }

    /// Adds the offending text, shortened to 60 characters.
    #[must_use]
    pub fn on_text(mut self, text: &str) -> Self {
        self.text = Some(shown(text));
        self
    }
}

/// Shortens a text to fit into a message.
fn shown(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        write!(f, ": ")?;
        if let Some(text) = &self.text {
            write!(f, "\"{text}\" ")?;
        }
        write!(f, "{}", self.problem)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            ReadProblem::Io(source) => Some(source),
            _ => None,
        }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::Read(Box::new(error))
    }
}
