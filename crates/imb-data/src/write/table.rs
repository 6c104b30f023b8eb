//! A resampled table: rows of a file as they stand there, and new ones behind them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use imb_core::{ColumnKind, Error, Result};
use ndarray::ArrayView1;
use rayon::prelude::*;

use super::cell::Style;
use super::destination::Destination;
use super::head;
use crate::Input;
use crate::read::again::{Again, Piece};
use crate::read::cells::cells;
use crate::read::layout::{Form, Layout};
use crate::read::written_cell::WrittenCell;
use crate::read::{Delimiter, Format};

/// A table to write: rows of a file that was read, by number, and new rows.
///
/// If file and destination have one form, the rows that are kept are written byte for byte, and what stands
/// above them as well; new rows follow in the same form: delimiter, decimal sign, line ends, quotes. CSV goes
/// to CSV whether its cells are parted by commas, semicolons or bars. Otherwise each cell is written so that it
/// is read as what it was.
pub struct OutTable<'a> {
    /// The names of the columns, in the order of the file.
    pub names: Vec<&'a str>,
    /// Their kinds.
    pub kinds: Vec<ColumnKind>,
    /// Rows of the file, by number.
    pub kept: &'a [usize],
    /// Number of new rows.
    pub n_new: usize,
    /// The cells of the new rows, column by column.
    pub new: Vec<NewCells<'a>>,
    /// Columns behind those of the file.
    pub extra: Vec<ExtraColumn>,
}

/// The cells of the new rows in a column.
pub enum NewCells<'a> {
    /// Numbers, `(n_new)`.
    Numbers(ArrayView1<'a, f64>),
    /// The cells of these rows of the file, one for each new row.
    CopiesOf(Vec<usize>),
    /// Gaps.
    Gaps,
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

/// The rows of a table on their way.
struct Writer<'a, 't> {
    table: &'a OutTable<'t>,
    layout: &'a Layout,
    text: &'a Again,
    /// The form of what is written, and whether it is that of the file.
    style: (Style, bool),
    stop: &'a AtomicBool,
}

impl Style {
    /// The form that a destination asks for, and whether it is that of the file.
    fn of(to: &Destination, layout: &Layout) -> (Self, bool) {
        let ending = to.ending.unwrap_or("txt");
        let comma = Self::Delimited { delimiter: b',', quote_all: false };
        match (to.declared_format(), layout.form) {
            (Some(Format::Arff), Form::Arff) | (Some(Format::Keel), Form::Keel) => (Self::Declared, true),
            (
                Some(Format::Keel),
                Form::Delimited { delimiter: Delimiter::Comma, has_names: false, quote_all, .. },
            ) => (Self::Delimited { delimiter: b',', quote_all }, true),
            (Some(_), _) => (Self::Declared, false),
            (None, Form::Delimited { delimiter, quote_all, .. }) => {
                let fits = match ending {
                    "csv" => delimiter != Delimiter::Tab,
                    "tsv" | "tab" => delimiter == Delimiter::Tab,
                    _ => true,
                };
                match delimiter.byte().filter(|_| fits) {
                    Some(delimiter) => (Self::Delimited { delimiter, quote_all }, true),
                    None => (Self::by_ending(ending), false),
                }
            }
            (None, _) if to.ending.is_none() => (comma, false),
            (None, _) => (Self::by_ending(ending), false),
        }
    }

    fn by_ending(ending: &str) -> Self {
        let delimiter = if matches!(ending, "tsv" | "tab") { b'\t' } else { b',' };
        Self::Delimited { delimiter, quote_all: false }
    }
}

impl Writer<'_, '_> {
    fn write(&self, to: &Destination, out: &mut dyn Write) -> io::Result<()> {
        self.write_head(to, out)?;
        let n_kept = self.table.kept.len();
        self.write_blocks(n_kept, out, |rows| self.kept_rows(rows))?;
        self.write_blocks(self.table.n_new, out, |rows| self.new_rows(rows))?;
        self.unless_stopped()
    }

    fn unless_stopped(&self) -> io::Result<()> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::Interrupted.into()),
            false => Ok(()),
        }
    }

    fn write_head(&self, to: &Destination, out: &mut dyn Write) -> io::Result<()> {
        let (style, same) = self.style;
        let extra = || self.table.extra.iter().map(|column| column.name.as_str());
        if !same {
            return match style {
                Style::Delimited { .. } => {
                    let names: Vec<&str> = self.table.names.iter().copied().chain(extra()).collect();
                    out.write_all(&head::names(style, &names, "\n"))
                }
                Style::Declared => out.write_all(&head::declarations(&self.declared())),
            };
        }
        let range = self.layout.head();
        let piece = self.text.piece(range.clone())?;
        let head = piece.get(range);
        if self.text.has_mark() && to.ending.is_some() {
            out.write_all("\u{feff}".as_bytes())?;
        }
        match self.layout.form {
            _ if self.table.extra.is_empty() => out.write_all(head.as_bytes()),
            Form::Delimited { has_names: true, delimiter, .. } => {
                // Blank lines below the names are left out.
                let names = head.trim_end_matches(['\r', '\n']);
                let start = names.rfind(['\r', '\n']).map_or(0, |at| at + 1);
                let mut bytes = head.as_bytes()[..start].to_vec();
                bytes.extend(first_cells(&names[start..], delimiter, self.table.names.len()).as_bytes());
                for name in extra() {
                    bytes.push(style.delimiter());
                    style.append_name(&mut bytes, name, false);
                }
                bytes.extend(self.layout.line_end.as_bytes());
                out.write_all(&bytes)
            }
            Form::Delimited { .. } => out.write_all(head.as_bytes()),
            Form::Arff | Form::Keel => out.write_all(&head::declarations(&self.declared())),
        }
    }

    /// All columns with their kinds.
    fn declared(&self) -> Vec<(&str, &ColumnKind)> {
        let own = self.table.names.iter().copied().zip(&self.table.kinds);
        let extra = self.table.extra.iter().map(|column| match &column.cells {
            ExtraCells::Numbers(_) => (column.name.as_str(), &ColumnKind::Numeric),
            ExtraCells::Integers(_) => (column.name.as_str(), &ColumnKind::Integer),
        });
        own.chain(extra).collect()
    }

    /// Rows are made on all threads and written in order, a few blocks at a time.
    fn write_blocks(
        &self,
        n_rows: usize,
        out: &mut dyn Write,
        block: impl Fn(Range<usize>) -> io::Result<Vec<u8>> + Sync,
    ) -> io::Result<()> {
        const CELLS: usize = 1 << 16;
        let at_once = (CELLS / self.table.names.len().max(1)).max(1);
        let starts: Vec<usize> = (0..n_rows).step_by(at_once).collect();
        for wave in starts.chunks(4 * rayon::current_num_threads()) {
            self.unless_stopped()?;
            let blocks = wave.par_iter().map(|&start| block(start..(start + at_once).min(n_rows)));
            let blocks: Vec<Vec<u8>> = blocks.collect::<io::Result<_>>()?;
            blocks.iter().try_for_each(|block| out.write_all(block))?;
        }
        Ok(())
    }

    /// Rows of the file. Those that follow each other there are read together.
    fn kept_rows(&self, places: Range<usize>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut place = places.start;
        for run in self.table.kept[places].chunk_by(|row, next| row + 1 == *next) {
            let piece = self.text.piece(self.layout.bytes_of(run[0], run[run.len() - 1]))?;
            for &row in run {
                self.append_kept(&mut bytes, &piece, row, place);
                place += 1;
            }
        }
        Ok(bytes)
    }

    fn append_kept(&self, bytes: &mut Vec<u8>, piece: &Piece<'_>, row: usize, place: usize) {
        if !self.style.1 {
            self.append_converted(bytes, piece, row);
        } else if self.table.extra.is_empty() {
            bytes.extend(self.layout.row(piece, row).as_bytes());
        } else {
            self.append_own_cells(bytes, piece, row);
        }
        self.append_extra(bytes, place);
        let line_end = if self.style.1 { self.layout.line_end_of(piece, row) } else { "\n" };
        bytes.extend(line_end.as_bytes());
    }

    /// The cells of a row without what stands behind the last column.
    fn append_own_cells(&self, bytes: &mut Vec<u8>, piece: &Piece<'_>, row: usize) {
        match self.layout.form {
            Form::Delimited { delimiter, .. } => {
                let row = self.layout.row(piece, row);
                bytes.extend(first_cells(row, delimiter, self.table.names.len()).as_bytes());
            }
            Form::Arff | Form::Keel => self.append_converted(bytes, piece, row),
        }
    }

    fn append_converted(&self, bytes: &mut Vec<u8>, piece: &Piece<'_>, row: usize) {
        let written = self.layout.cells(piece, row, &self.table.kinds);
        for (place, cell) in written.iter().enumerate() {
            if place > 0 {
                bytes.push(self.style.0.delimiter());
            }
            self.append_cell(bytes, cell, place);
        }
    }

    fn append_cell(&self, bytes: &mut Vec<u8>, cell: &WrittenCell<'_>, column: usize) {
        let (style, kind) = (self.style.0, &self.table.kinds[column]);
        if self.layout.is_gap(cell, kind) {
            return style.append_gap(bytes);
        }
        let is_text = matches!(kind, ColumnKind::Categorical(_));
        let stood_bare = matches!(self.layout.form, Form::Delimited { .. }) && !cell.is_quoted;
        if is_text && stood_bare && style.may_stay_bare(&cell.text) {
            // It was told for a text without quotes, and will be again.
            return bytes.extend(cell.text.as_bytes());
        }
        let comma = self.layout.decimal_comma[column];
        style.append_converted(bytes, cell, kind, comma, &self.layout.missing);
    }

    fn append_extra(&self, bytes: &mut Vec<u8>, place: usize) {
        for column in &self.table.extra {
            bytes.push(self.style.0.delimiter());
            match &column.cells {
                ExtraCells::Numbers(values) => self.style.0.append_number(bytes, values[place], false, false),
                ExtraCells::Integers(values) => self.style.0.append_number(bytes, values[place], true, false),
            }
        }
    }

    fn new_rows(&self, places: Range<usize>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(places.len() * self.table.names.len() * 12);
        let (style, same) = self.style;
        let (beyond, line_end) = match self.layout.form {
            Form::Delimited { beyond, .. } if same => (beyond, self.layout.line_end),
            _ if same => (0, self.layout.line_end),
            _ => (0, "\n"),
        };
        let mut copies = Copies::new();
        for place in places {
            for (column, cells) in self.table.new.iter().enumerate() {
                if column > 0 {
                    bytes.push(style.delimiter());
                }
                let comma = same && self.layout.decimal_comma[column];
                match cells {
                    NewCells::Numbers(numbers) => {
                        let whole = self.table.kinds[column] == ColumnKind::Integer;
                        style.append_number(&mut bytes, numbers[place], whole, comma);
                    }
                    NewCells::CopiesOf(rows) => match copies.entry((rows[place], column)) {
                        Entry::Occupied(copy) => bytes.extend(copy.get()),
                        Entry::Vacant(empty) => {
                            bytes.extend_from_slice(empty.insert(self.copy(rows[place], column)?))
                        }
                    },
                    NewCells::Gaps => style.append_gap(&mut bytes),
                }
            }
            if self.table.extra.is_empty() {
                bytes.extend(std::iter::repeat_n(style.delimiter(), beyond));
            }
            self.append_extra(&mut bytes, self.table.kept.len() + place);
            bytes.extend(line_end.as_bytes());
        }
        Ok(bytes)
    }

    /// The cell of a row of the file.
    fn copy(&self, row: usize, column: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let piece = self.text.piece(self.layout.bytes_of(row, row))?;
        match (self.layout.form, self.style.1) {
            (Form::Delimited { delimiter, .. }, true) => {
                let cell = cells(self.layout.row(&piece, row), delimiter).nth(column);
                bytes.extend(cell.map_or("", |cell| cell.0).as_bytes());
            }
            _ => {
                let written = self.layout.cells(&piece, row, &self.table.kinds);
                written.get(column).into_iter().for_each(|cell| self.append_cell(&mut bytes, cell, column));
            }
        }
        Ok(bytes)
    }
}

/// Cells of the file that stand in new rows, by row and column: classes repeat.
type Copies = HashMap<(usize, usize), Vec<u8>>;

/// The beginning of a row up to the end of its `n`-th cell.
fn first_cells(row: &str, delimiter: Delimiter, n: usize) -> &str {
    let last = cells(row, delimiter).take(n).last();
    let end = last.map_or(0, |cell| cell.0.as_ptr() as usize - row.as_ptr() as usize + cell.0.len());
    &row[..end]
}
