//! How a user's file is read: the arguments that commands on files share.

use std::path::Path;

use clap::{Args, ValueEnum};
use imb_core::Result;
use imb_data::{DecimalSign, Delimiter, Header, Input, Parsed, ReadOptions};

#[derive(Args)]
pub(crate) struct FileArguments {
    /// The file begins with column names.
    #[arg(long)]
    header: bool,
    /// The file has no column names: columns are called column_1, column_2, …
    #[arg(long, conflicts_with = "header")]
    no_header: bool,
    /// The character that separates cells.
    #[arg(long)]
    delimiter: Option<DelimiterName>,
    /// The decimal sign of numbers.
    #[arg(long)]
    decimal: Option<DecimalName>,
    /// Number of lines to skip at the top of the file.
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip_lines: usize,
    /// A text that means a missing value in every column, such as NA or -999; may be given more than once.
    /// Empty cells, ? and `<null>` are always missing, and, in a column of numbers, so are NA, NaN, N/A, null
    /// and the like. A quoted cell never is.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    missing: Vec<String>,
    /// Read a column of numbers as categories; may be given more than once.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    categorical: Vec<String>,
    /// Read a column as numbers, even if cells are quoted, begin with a zero or are too large to be exact; may
    /// be given more than once.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    numeric: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum DelimiterName {
    Comma,
    Tab,
    Semicolon,
    Pipe,
    Whitespace,
}

#[derive(Clone, Copy, ValueEnum)]
enum DecimalName {
    Point,
    Comma,
}

impl FileArguments {
    /// Reads a file, or standard input as `-`; the cells of the target column are read as texts.
    pub(crate) fn read(&self, path: &Path, target: Option<&str>) -> Result<Parsed> {
        Input::open(path)?.parse(&self.options(target))
    }

    /// Whether the user says that there are column names, or that there are none.
    pub(crate) fn says_header(&self) -> bool {
        self.header || self.no_header
    }

    pub(crate) fn options(&self, target: Option<&str>) -> ReadOptions {
        let header = match (self.header, self.no_header) {
            (true, _) => Header::Present,
            (_, true) => Header::Absent,
            _ => Header::Unstated,
        };
        ReadOptions {
            format: None,
            header,
            delimiter: self.delimiter.map(DelimiterName::delimiter),
            categorical: self.categorical.clone(),
            numeric: self.numeric.clone(),
            target: target.map(str::to_owned),
            missing: self.missing.clone(),
            decimal: self.decimal.map(|decimal| match decimal {
                DecimalName::Point => DecimalSign::Point,
                DecimalName::Comma => DecimalSign::Comma,
            }),
            skip_lines: self.skip_lines,
        }
    }
}

impl DelimiterName {
    fn delimiter(self) -> Delimiter {
        match self {
            Self::Comma => Delimiter::Comma,
            Self::Tab => Delimiter::Tab,
            Self::Semicolon => Delimiter::Semicolon,
            Self::Pipe => Delimiter::Pipe,
            Self::Whitespace => Delimiter::Whitespace,
        }
    }
}
