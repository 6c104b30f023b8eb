//! How a user's file is read: the arguments that commands on files share.

use std::path::Path;

use clap::{Args, ValueEnum};
use imb_core::Result;
use imb_data::{Delimiter, Header, Parsed, ReadOptions, read};

#[derive(Args)]
pub(crate) struct FileArguments {
    /// The file begins with column names.
    #[arg(long)]
    header: bool,
    /// The file has no column names: columns are called column_1, column_2, …
    #[arg(long, conflicts_with = "header")]
    no_header: bool,
    /// What parts the cells.
    #[arg(long)]
    delimiter: Option<DelimiterName>,
    /// A column of numbers that are categories; may be given more than once.
    #[arg(long, value_name = "COL")]
    categorical: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum DelimiterName {
    Comma,
    Tab,
    Semicolon,
    Pipe,
    Whitespace,
}

impl FileArguments {
    pub(crate) fn read(&self, path: &Path) -> Result<Parsed> {
        let header = match (self.header, self.no_header) {
            (true, _) => Header::Present,
            (_, true) => Header::Absent,
            _ => Header::Unstated,
        };
        let delimiter = self.delimiter.map(DelimiterName::delimiter);
        read(path, &ReadOptions { format: None, header, delimiter, categorical: self.categorical.clone() })
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
