//! A resampled table: rows of a file as they stand there, and new ones behind them.

use std::io;
use std::sync::atomic::AtomicBool;

use imb_core::{ColumnKind, Error, Result};
use ndarray::{CowArray, Ix1};

use super::cell::Style;
use super::destination::Destination;
use super::writer::Writer;
use crate::Input;
use crate::read::again::Again;
use crate::read::layout::Layout;

/// A table to write: rows of a file that was read, by number, and new rows.
///
/// If file and destination have one form, the rows that are kept are written byte for byte, and what stands
/// above them as well. Ranges that KEEL's declarations state are widened where new rows lie beyond them. New rows
/// follow in the same form: delimiter, decimal sign, line ends, quotes. CSV goes to CSV whether its cells are parted
/// by commas, semicolons or bars. Otherwise each cell is written so that it is read as what it was. New rows of
/// sparse ARFF are sparse.
pub struct OutTable<'a> {
    /// The names of the columns, in the order of the file.
    pub names: Vec<&'a str>,
    /// Their kinds.
    pub kinds: Vec<ColumnKind>,
    /// Rows of the file, by number.
    pub kept: &'a [usize],
    /// Cells of the kept rows that are not to be as they were read, in the order of rows and columns.
    pub changed: Vec<ChangedCell>,
    /// Number of new rows.
    pub n_new: usize,
    /// The cells of the new rows, column by column.
    pub new: Vec<NewCells<'a>>,
    /// Columns behind those of the file.
    pub extra: Vec<ExtraColumn>,
    /// The numbers of the columns that hold labels, ascending. Mulan and MEKA read them only as `{0,1}`, and so
    /// they are declared where the declarations of the file are not kept.
    pub labels: Vec<usize>,
    /// The name of the relation in ARFF, where the declarations of the file are not kept.
    pub relation: String,
}

/// A cell of a kept row that gets another value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangedCell {
    /// The row's place among the kept rows.
    pub place: usize,
    /// The number of the column.
    pub column: usize,
    /// The new number; in a column of categories, its number among them.
    pub value: f64,
}

/// The cells of the new rows in a column.
pub enum NewCells<'a> {
    /// Numbers, `(n_new)`; in a column of categories, their numbers among them.
    Numbers(CowArray<'a, f64, Ix1>),
    /// The cells of these rows of the file, one for each new row.
    CopiesOf(Vec<usize>),
    /// Gaps.
    Gaps,
}

impl NewCells<'_> {
    /// The least and the greatest number; none without numbers.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        let Self::Numbers(numbers) = self else { return None };
        let known = numbers.iter().copied().filter(|number| !number.is_nan());
        known.fold(None, |range, number| {
            let (least, most) = range.unwrap_or((number, number));
            Some((number.min(least), number.max(most)))
        })
    }
}

/// A column that the file does not have. NaN is a gap.
pub struct ExtraColumn {
    /// Its name.
    pub name: String,
    /// Its cells: those of the kept rows, then those of the new ones.
    pub cells: ExtraCells,
}

/// The cells of a column that the file does not have.
pub enum ExtraCells {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<f64>),
}

impl OutTable<'_> {
    /// Reads the file a second time and writes the table. Stops with [`Error::Interrupted`] once `stop` is
    /// set; the destination is then as it was.
    ///
    /// # Errors
    /// [`Error::Read`] if the file has changed; [`Error::Write`] if the destination cannot be written: it is
    /// then as it was.
    pub fn write(&self, to: &Destination, from: &Input, layout: &Layout, stop: &AtomicBool) -> Result<()> {
        let text = Again::open(from, layout)?;
        let writer = Writer { table: self, layout, text: &text, style: Style::of(to, layout), stop };
        let written = to.write(|out| writer.write(to, out));
        match written {
            Err(Error::Write { source, .. }) if source.kind() == io::ErrorKind::Interrupted => {
                Err(Error::Interrupted { stage: "writing".into(), kept: "nothing is written".into() })
            }
            written => written,
        }
    }
}
