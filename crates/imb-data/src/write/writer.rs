//! Rows on their way to a file, in its form.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use imb_core::ColumnKind;
use rayon::prelude::*;

use super::cell::Style;
use super::destination::Destination;
use super::table::{ChangedCell, ExtraCells, ExtraColumn, NewCells, OutTable};
use super::{head, sparse};
use crate::read::again::{Again, Piece};
use crate::read::cells::cells;
use crate::read::layout::{Form, Layout};
use crate::read::written_cell::WrittenCell;
use crate::read::{Delimiter, Format};

/// The rows of a table on their way.
pub(super) struct Writer<'a, 't> {
    pub(super) table: &'a OutTable<'t>,
    pub(super) layout: &'a Layout,
    pub(super) text: &'a Again,
    /// The form of what is written, and whether it is that of the file.
    pub(super) style: (Style, bool),
    pub(super) stop: &'a AtomicBool,
}

impl Style {
    /// The form that a destination asks for, and whether it is that of the file.
    pub(super) fn of(to: &Destination, layout: &Layout) -> (Self, bool) {
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
    pub(super) fn write(&self, to: &Destination, out: &mut dyn Write) -> io::Result<()> {
        self.write_head(to, out)?;
        let n_kept = self.table.kept.len();
        self.write_blocks(n_kept, out, |rows| self.kept_rows(rows))?;
        self.write_blocks(self.table.n_new, out, |rows| self.new_rows(rows))?;
        self.unless_stopped()
    }

    fn unless_stopped(&self) -> io::Result<()> {
        if self.stop.load(Ordering::Relaxed) { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }

    fn write_head(&self, to: &Destination, out: &mut dyn Write) -> io::Result<()> {
        let (style, same) = self.style;
        let extra = || self.table.extra.iter().map(|column| column.name.as_str());
        if !same {
            return match style {
                // A file without names gets none.
                Style::Delimited { .. }
                    if matches!(self.layout.form, Form::Delimited { has_names: false, .. }) =>
                {
                    Ok(())
                }
                Style::Delimited { .. } => {
                    let names: Vec<&str> = self.table.names.iter().copied().chain(extra()).collect();
                    out.write_all(&head::names(style, &names, "\n"))
                }
                Style::Declared => out.write_all(&self.declarations(to)),
            };
        }
        let range = self.layout.head();
        let piece = self.text.piece(range.clone())?;
        let head = piece.get(range);
        if self.text.has_mark() && to.ending.is_some() {
            out.write_all("\u{feff}".as_bytes())?;
        }
        match self.layout.form {
            Form::Keel | Form::Arff => match self.extended_head(head) {
                Some(bytes) => out.write_all(&bytes),
                None => out.write_all(&self.declarations(to)),
            },
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
        }
    }

    /// The head of the file itself, with what the table has beyond it. None if columns follow labels, which MEKA
    /// (`-C -2` in the relation) and Mulan count from the end.
    fn extended_head(&self, head: &str) -> Option<Vec<u8>> {
        let n_own = self.table.names.len();
        if self.table.extra.is_empty() && self.layout.form == Form::Arff {
            return Some(head.as_bytes().to_vec());
        }
        let counts_labels = |line: &str| {
            let line = line.trim_start();
            line.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("@relation")) && line.contains("-C ")
        };
        let has_labels = || !self.table.labels.is_empty() || head.lines().any(counts_labels);
        if !self.table.extra.is_empty() && has_labels() {
            return None;
        }
        let range = |(new, kind): (&NewCells<'_>, &ColumnKind)| match kind {
            ColumnKind::Categorical(_) => None,
            ColumnKind::Numeric | ColumnKind::Integer => new.range(),
        };
        let ranges: Vec<_> = self.table.new.iter().zip(&self.table.kinds).map(range).collect();
        let extended = head::extended(head, &self.declared()[n_own..], &ranges);
        extended.or_else(|| self.table.extra.is_empty().then(|| head.as_bytes().to_vec()))
    }

    fn declarations(&self, to: &Destination) -> Vec<u8> {
        let relation = match to.declared_format() {
            Some(Format::Arff) => self.table.relation.as_str(),
            _ => "table",
        };
        head::declarations(relation, &self.declared())
    }

    /// All columns with their kinds.
    fn declared(&self) -> Vec<(&str, &ColumnKind)> {
        let kinds = self.table.kinds.iter().enumerate();
        let kinds = kinds.map(|(column, kind)| if self.is_binary(column) { &*BINARY } else { kind });
        let own = self.table.names.iter().copied().zip(kinds);
        let extra = self.table.extra.iter().map(|column| match &column.cells {
            ExtraCells::Numbers(_) => (column.name.as_str(), &ColumnKind::Numeric),
            ExtraCells::Integers(_) => (column.name.as_str(), &ColumnKind::Integer),
        });
        own.chain(extra).collect()
    }

    /// Whether a column is declared as `{0,1}`, whatever it was in the file.
    fn is_binary(&self, column: usize) -> bool {
        self.style == (Style::Declared, false) && self.table.labels.binary_search(&column).is_ok()
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
        let changed = self.changed_in(place);
        if !self.style.1 {
            self.append_converted(bytes, piece, row, changed);
            self.append_extra(bytes, place);
        } else if self.table.extra.is_empty() && changed.is_empty() {
            bytes.extend(self.layout.row(piece, row).as_bytes());
        } else if let Some(cells) = sparse::cells(self.layout, self.layout.row(piece, row)) {
            self.append_sparse(bytes, cells, place, changed);
        } else {
            self.append_own_cells(bytes, piece, row, changed);
            self.append_extra(bytes, place);
        }
        let line_end = if self.style.1 { self.layout.line_end_of(piece, row) } else { "\n" };
        bytes.extend(line_end.as_bytes());
    }

    /// The cells of a kept row that get other values.
    fn changed_in(&self, place: usize) -> &[ChangedCell] {
        let all = &self.table.changed;
        let first = all.partition_point(|cell| cell.place < place);
        let n = all[first..].iter().take_while(|cell| cell.place == place).count();
        &all[first..first + n]
    }

    /// The cells of a row without what stands behind the last column, unless no column follows.
    fn append_own_cells(&self, bytes: &mut Vec<u8>, piece: &Piece<'_>, row: usize, changed: &[ChangedCell]) {
        let Form::Delimited { delimiter, .. } = self.layout.form else {
            return self.append_converted(bytes, piece, row, changed);
        };
        let row = self.layout.row(piece, row);
        let own = first_cells(row, delimiter, self.table.names.len());
        let mut written = 0;
        for ChangedCell { column, value, .. } in changed {
            let Some(cell) = cells(row, delimiter).nth(*column) else { continue };
            let start = cell.0.as_ptr() as usize - row.as_ptr() as usize;
            bytes.extend(&row.as_bytes()[written..start]);
            self.append_value(bytes, *column, *value);
            written = start + cell.0.len();
        }
        let end = if self.table.extra.is_empty() { row.len() } else { own.len() };
        bytes.extend(&row.as_bytes()[written..end]);
    }

    fn append_converted(&self, bytes: &mut Vec<u8>, piece: &Piece<'_>, row: usize, changed: &[ChangedCell]) {
        let written = self.layout.cells(piece, row, &self.table.kinds);
        for (column, cell) in written.iter().enumerate() {
            if column > 0 {
                bytes.push(self.style.0.delimiter());
            }
            match changed.iter().find(|changed| changed.column == column) {
                Some(changed) => self.append_value(bytes, column, changed.value),
                None => self.append_cell(bytes, cell, column),
            }
        }
    }

    /// A row of sparse ARFF, given the numbers and texts of its cells.
    fn append_sparse(
        &self,
        bytes: &mut Vec<u8>,
        mut cells: BTreeMap<usize, Vec<u8>>,
        place: usize,
        changed: &[ChangedCell],
    ) {
        for ChangedCell { column, value, .. } in changed {
            cells.remove(column);
            if *value != 0.0 {
                self.append_value(cells.entry(*column).or_default(), *column, *value);
            }
        }
        for (column, extra) in self.table.extra.iter().enumerate() {
            let mut text = Vec::new();
            self.append_extra_cell(&mut text, extra, place);
            cells.insert(self.table.names.len() + column, text);
        }
        sparse::append_row(bytes, &cells);
    }

    fn append_cell(&self, bytes: &mut Vec<u8>, cell: &WrittenCell<'_>, column: usize) {
        let (style, kind) = (self.style.0, &self.table.kinds[column]);
        if self.layout.is_gap(cell, kind) {
            return style.append_gap(bytes);
        }
        if self.is_binary(column) {
            return append_bit(bytes, cell.text.parse() == Ok(1.0));
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

    /// A number that the file does not have: of a category, its text.
    fn append_value(&self, bytes: &mut Vec<u8>, column: usize, value: f64) {
        let (style, same) = self.style;
        match &self.table.kinds[column] {
            ColumnKind::Categorical(texts) if !value.is_nan() => {
                let text = texts.get(value as usize).map_or("", String::as_str);
                if self.is_binary(column) {
                    return append_bit(bytes, text.parse() == Ok(1.0));
                }
                style.append_text(bytes, text, &self.layout.missing);
            }
            _ if self.is_binary(column) => append_bit(bytes, value == 1.0),
            kind => {
                let comma = same && self.layout.decimal_comma[column];
                style.append_number(bytes, value, *kind == ColumnKind::Integer, comma);
            }
        }
    }

    fn append_extra(&self, bytes: &mut Vec<u8>, place: usize) {
        for column in &self.table.extra {
            bytes.push(self.style.0.delimiter());
            self.append_extra_cell(bytes, column, place);
        }
    }

    fn append_extra_cell(&self, bytes: &mut Vec<u8>, column: &ExtraColumn, place: usize) {
        match &column.cells {
            ExtraCells::Numbers(values) => {
                let comma = self.style.1 && self.layout.decimal_comma.contains(&true);
                self.style.0.append_number(bytes, values[place], false, comma);
            }
            ExtraCells::Integers(values) => self.style.0.append_number(bytes, values[place], true, false),
        }
    }

    fn new_rows(&self, places: Range<usize>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(places.len() * self.table.names.len() * 12);
        let line_end = if self.style.1 { self.layout.line_end } else { "\n" };
        let mut copies = Copies::new();
        for place in places {
            if self.style.1 && self.layout.is_sparse {
                self.append_new_sparse(&mut bytes, place, &mut copies)?;
            } else {
                self.append_new(&mut bytes, place, &mut copies)?;
            }
            bytes.extend(line_end.as_bytes());
        }
        Ok(bytes)
    }

    fn append_new(&self, bytes: &mut Vec<u8>, place: usize, copies: &mut Copies) -> io::Result<()> {
        let (style, same) = self.style;
        for column in 0..self.table.new.len() {
            if column > 0 {
                bytes.push(style.delimiter());
            }
            self.append_new_cell(bytes, column, place, copies)?;
        }
        if let Form::Delimited { beyond, .. } = self.layout.form
            && same
            && self.table.extra.is_empty()
        {
            bytes.extend(std::iter::repeat_n(style.delimiter(), beyond));
        }
        self.append_extra(bytes, self.table.kept.len() + place);
        Ok(())
    }

    fn append_new_sparse(&self, bytes: &mut Vec<u8>, place: usize, copies: &mut Copies) -> io::Result<()> {
        let mut cells = BTreeMap::new();
        for (column, new) in self.table.new.iter().enumerate() {
            if !matches!(new, NewCells::Numbers(numbers) if numbers[place] == 0.0) {
                self.append_new_cell(cells.entry(column).or_default(), column, place, copies)?;
            }
        }
        self.append_sparse(bytes, cells, self.table.kept.len() + place, &[]);
        Ok(())
    }

    fn append_new_cell(
        &self,
        bytes: &mut Vec<u8>,
        column: usize,
        place: usize,
        copies: &mut Copies,
    ) -> io::Result<()> {
        match &self.table.new[column] {
            NewCells::Numbers(numbers) => self.append_value(bytes, column, numbers[place]),
            NewCells::CopiesOf(rows) => match copies.entry((rows[place], column)) {
                Entry::Occupied(copy) => bytes.extend(copy.get()),
                Entry::Vacant(empty) => {
                    bytes.extend_from_slice(empty.insert(self.copy(rows[place], column)?))
                }
            },
            NewCells::Gaps => self.style.0.append_gap(bytes),
        }
        Ok(())
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

/// What Mulan and MEKA take for a label.
static BINARY: LazyLock<ColumnKind> =
    LazyLock::new(|| ColumnKind::Categorical(["0", "1"].map(str::to_owned).to_vec()));

fn append_bit(bytes: &mut Vec<u8>, on: bool) {
    bytes.push(if on { b'1' } else { b'0' });
}

/// Cells of the file that stand in new rows, by row and column: classes repeat.
type Copies = HashMap<(usize, usize), Vec<u8>>;

/// The beginning of a row up to the end of its `n`-th cell.
fn first_cells(row: &str, delimiter: Delimiter, n: usize) -> &str {
    let last = cells(row, delimiter).take(n).last();
    let end = last.map_or(0, |cell| cell.0.as_ptr() as usize - row.as_ptr() as usize + cell.0.len());
    &row[..end]
}
