//! Where the rows of a table stand in the text that they were read from, so that they can be written
//! again byte for byte.

use std::ops::Range;

use imb_core::ColumnKind;

use super::Delimiter;
use super::again::Piece;
use super::cells::{RowSpan, cells};
use super::declaration;
use super::value::{Among, Gaps};
use super::written_cell::WrittenCell;

/// The places of the rows in a text, and how its cells are written.
///
/// The text itself is not kept: it is read a second time when rows are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub(crate) form: Form,
    pub(crate) rows: Vec<RowSpan>,
    /// Rows leave zeros out, as those of sparse ARFF do.
    pub(crate) is_sparse: bool,
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

    /// The bytes above the first row. Blank lines and comments between rows belong to no row.
    pub(crate) fn head(&self) -> Range<usize> {
        0..self.rows.first().map_or(self.length, |row| row.start)
    }

    /// The bytes of rows that follow each other, with their line ends.
    pub(crate) fn bytes_of(&self, first: usize, last: usize) -> Range<usize> {
        self.rows[first].start..self.rows[last].end() + 2
    }

    /// A row as it was written, without its line end.
    pub(crate) fn row<'a>(&self, piece: &'a Piece<'_>, row: usize) -> &'a str {
        piece.get(self.rows[row].start..self.rows[row].end())
    }

    /// The line end of a row; the last row may have none.
    pub(crate) fn line_end_of<'a>(&self, piece: &'a Piece<'_>, row: usize) -> &'a str {
        let end = self.rows[row].end();
        // What follows may be half a character, but never after a line end.
        match piece.bytes(end..end + 2) {
            b"\r\n" => "\r\n",
            [b'\r', ..] => "\r",
            [b'\n', ..] => "\n",
            _ => self.line_end,
        }
    }

    /// The cells of a row, a kind each.
    pub(crate) fn cells<'a>(
        &self,
        piece: &'a Piece<'_>,
        row: usize,
        kinds: &[ColumnKind],
    ) -> Vec<WrittenCell<'a>> {
        let row = self.row(piece, row);
        match self.form {
            Form::Delimited { delimiter, .. } => {
                cells(row, delimiter).take(kinds.len()).map(WrittenCell::from).collect()
            }
            Form::Arff => declaration::arff_cells(row, kinds),
            Form::Keel => declaration::keel_cells(row, kinds),
        }
    }

    /// Whether a cell was read as a gap.
    pub(crate) fn is_gap(&self, cell: &WrittenCell<'_>, kind: &ColumnKind) -> bool {
        let gaps = Gaps { named: &self.missing };
        let text = cell.text.as_ref();
        match (self.form, kind) {
            (Form::Arff | Form::Keel, ColumnKind::Categorical(values)) => {
                let is_declared = || values.iter().any(|value| value == text);
                gaps.among_declared(text, cell.is_quoted, is_declared)
            }
            (_, ColumnKind::Categorical(_)) => !cell.is_quoted && gaps.has(text, Among::Texts),
            _ => text.is_empty() || (!cell.is_quoted && gaps.has(text, Among::Numbers)),
        }
    }
}
