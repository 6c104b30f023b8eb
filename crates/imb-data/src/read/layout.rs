//! Where the rows of a table stand in the text that they were read from, so that they can be written
//! again byte for byte.

use imb_core::{ColumnKind, ReadError, ReadProblem, Result};

use super::Delimiter;
use super::cells::{RowSpan, cells};
use super::declaration;
use super::source::Text;
use super::value::{Among, Gaps};
use super::written_cell::WrittenCell;

/// The places of the rows in a text, and how its cells are written.
///
/// The text itself is not kept: it is read a second time when rows are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub(crate) form: Form,
    pub(crate) rows: Vec<RowSpan>,
    /// How lines end.
    pub(crate) line_end: &'static str,
    /// For each column, whether its numbers have a decimal comma.
    pub(crate) decimal_comma: Vec<bool>,
    /// The texts that the user named as gaps.
    pub(crate) missing: Vec<String>,
    /// What the text was like, so that a change is noticed.
    pub(crate) length: usize,
    pub(crate) checksum: u32,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Cells with a delimiter between them.
    Delimited {
        delimiter: Delimiter,
        /// Every cell is quoted.
        quote_all: bool,
        /// The names stand above the rows.
        has_names: bool,
        /// Empty cells behind the last column.
        beyond: usize,
    },
    /// ARFF, with declarations above.
    Arff,
    /// KEEL's form of it.
    Keel,
}

impl Layout {
    /// The line of a row, from 1.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn line(&self, row: usize) -> u64 {
        u64::from(self.rows[row].line)
    }

    /// Refuses a text that is not the one that was read.
    pub(crate) fn require_same(&self, text: &Text) -> Result<()> {
        if text.content.len() == self.length && text.checksum() == self.checksum {
            return Ok(());
        }
        Err(ReadError::new(&text.path, ReadProblem::Changed).into())
    }

    /// What stands above the first row. Blank lines and comments between rows belong to no row.
    pub(crate) fn head<'a>(&self, text: &'a Text) -> &'a str {
        &text.content[..self.rows.first().map_or(text.content.len(), |row| row.start)]
    }

    /// A row as it was written, without its line end.
    pub(crate) fn row<'a>(&self, text: &'a Text, row: usize) -> &'a str {
        self.rows[row].of(&text.content)
    }

    /// The line end of a row; the last row may have none.
    pub(crate) fn line_end_of<'a>(&self, text: &'a Text, row: usize) -> &'a str {
        let rest = &text.content[self.rows[row].end()..];
        match rest.as_bytes() {
            [b'\r', b'\n', ..] => &rest[..2],
            [b'\r' | b'\n', ..] => &rest[..1],
            _ => self.line_end,
        }
    }

    /// The cells of a row, a kind each.
    pub(crate) fn cells<'a>(&self, text: &'a Text, row: usize, kinds: &[ColumnKind]) -> Vec<WrittenCell<'a>> {
        let row = self.row(text, row);
        match self.form {
            Form::Delimited { delimiter, .. } => {
                cells(row, delimiter).take(kinds.len()).map(WrittenCell::from).collect()
            }
            Form::Arff | Form::Keel => declaration::written_cells(row, kinds),
        }
    }

    /// Whether a cell was read as a gap.
    pub(crate) fn is_gap(&self, cell: &WrittenCell<'_>, kind: &ColumnKind) -> bool {
        let quote_all = matches!(self.form, Form::Delimited { quote_all: true, .. });
        let among = match kind {
            ColumnKind::Categorical(_) => Among::Texts,
            _ => Among::Numbers,
        };
        let may_be = !cell.is_quoted || (quote_all && among == Among::Numbers && cell.text.is_empty());
        may_be && Gaps { named: &self.missing }.has(&cell.text, among)
    }
}
