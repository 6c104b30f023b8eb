//! What can go wrong, said so that a reader knows what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fetch_error::FetchError;

/// The result of everything in this workspace that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with data and methods. Each variant names the thing at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter has a value that it cannot have.
    #[error("{name} must be {requirement}, but is {value}")]
    InvalidParameter {
        /// The parameter's name.
        name: String,
        /// What the value must be.
        requirement: String,
        /// The value found.
        value: String,
    },
    /// The method has no answer for such data. A table prints `NA`.
    #[error("{method} does not apply: {reason}")]
    NotApplicable {
        /// The method's name.
        method: String,
        /// Why it has no answer.
        reason: String,
    },
    /// A class or label has fewer rows than the method needs.
    #[error("{class} has {has} rows, but {needs} are needed: {remedy}")]
    TooFewRows {
        /// The class or label, as the data name it.
        class: String,
        /// Rows found.
        has: usize,
        /// Rows needed.
        needs: usize,
        /// What would work, such as the largest k.
        remedy: String,
    },
    /// Two things that belong together have different lengths.
    #[error("{what}: {expected} expected, {found} found")]
    LengthMismatch {
        /// What was counted.
        what: String,
        /// The count that the rest of the data has.
        expected: usize,
        /// The count found.
        found: usize,
    },
    /// A cell that must be a finite number is missing or infinite.
    #[error("data row {} of column \"{column}\" is {value}: impute or drop it first", row + 1)]
    NotFinite {
        /// Row number, from 0.
        row: usize,
        /// The column's name.
        column: String,
        /// The value found.
        value: f64,
    },
    /// A name that the data, or a list of this workspace, does not have.
    #[error("no {what} is called \"{name}\"; there is: {known}")]
    UnknownName {
        /// What kind of thing was looked up.
        what: String,
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Training left the finite numbers.
    #[error("{method} diverged in epoch {epoch}: {detail}")]
    Diverged {
        /// The method's name.
        method: String,
        /// Epoch, from 0.
        epoch: usize,
        /// The last finite loss, or the like.
        detail: String,
    },
    /// The observer asked to stop.
    #[error("interrupted during {stage}; {kept}")]
    Interrupted {
        /// What was being done.
        stage: String,
        /// What is kept of the work.
        kept: String,
    },
    /// Data whose content is not what the catalog says.
    #[error("{}: not the data expected: {detail}", file.display())]
    Unrecognised {
        /// The file at fault.
        file: PathBuf,
        /// What was expected and what was found.
        detail: String,
    },
    /// A data set that is nowhere to be found.
    #[error("{dataset}: no data found. {remedy}")]
    MissingData {
        /// The data set's name.
        dataset: String,
        /// What to put where.
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
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where in a file reading failed, and on what text.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub file: PathBuf,
    /// Line number, from 1, where one is known.
    pub line: Option<u64>,
    /// Name of the column (or attribute, or label), where one is known, cut to a readable length.
    pub column: Option<String>,
    /// The offending text, cut to a readable length.
    pub text: Option<String>,
    /// What is wrong.
    pub problem: ReadProblem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadProblem {
    /// The system refused.
    #[error("cannot be read: {0}")]
    Io(#[source] std::io::Error),
    /// A folder stands where a file is needed.
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
    /// There is not a single data row.
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
    /// A quoted cell is still open where the file ends.
    #[error("a quote is opened and not closed: the file may be cut short")]
    OpenQuote,
    /// The first row holds numbers, and nothing says whether it is a header.
    #[error(
        "is a number in the first row, which may be data: say --no-header to keep the row, --header if it \
         holds column names"
    )]
    HeaderOrData,
    /// Two columns have one name.
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
    /// A cell whose text the attribute's declaration does not list.
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
    /// A label is named that the data do not have.
    #[error("is named as a label, but no column is called so")]
    AbsentLabel,
    /// A label column holds something other than 0 and 1.
    #[error("is no label: a label is 0 or 1")]
    NotALabel,
    /// More labels are asked for than there are columns to spare.
    #[error("{asked} labels are asked for, but there are {columns} columns, and a feature must remain")]
    TooManyLabels {
        /// Labels asked for.
        asked: usize,
        /// Columns there are.
        columns: usize,
    },
    /// No column of that name or number.
    #[error("no column is called so; there is: {known}")]
    NoSuchColumn {
        /// The names there are.
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

    /// The same, at a line (from 1).
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, in a named column. Of the name the first 60 characters are kept.
    #[must_use]
    pub fn in_column(mut self, column: impl AsRef<str>) -> Self {
        self.column = Some(shown(column.as_ref()));
        self
    }

    /// The same, with the offending text, of which the first 60 characters are kept.
    #[must_use]
    pub fn on_text(mut self, text: &str) -> Self {
        self.text = Some(shown(text));
        self
    }
}

/// A text of any length, cut for a message.
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
