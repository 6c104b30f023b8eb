//! Delimited text: CSV, TSV, and columns parted by white space.

use imb_core::{Column, ColumnKind, ReadProblem, Result, Table, Values};
use rayon::prelude::*;

use super::cells::{OpenQuote, RawCell, RowSpan, cells, rows};
use super::column::{self, Cell, ColumnNotes, Found, Plan, Texts, require_distinct, shortened};
use super::dialect::{self, Dialect};
use super::layout::{Form, Layout};
use super::source::Text;
use super::value::{Gaps, NoNumber, may_be_gap, may_be_number, number};
use super::{DecimalSign, Delimiter, Guess, Header, Parsed, ReadOptions};

/// Reads a delimited file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    let dialect = dialect::detect(text, options)?;
    let mut rows = rows_of(text, &dialect)?;
    let (names, has_names) = take_names(text, &mut rows, &dialect, options)?;
    let width = common_width(text, &rows, &dialect, names.len())?;
    let mut reading = Reading::new(text, options, &dialect, rows, width);
    reading.quotes_count = !reading.every_cell_is_quoted(has_names);
    let names = reading.without_empty_ends(names);
    require_distinct(text, dialect.line.into(), &names)?;
    let mut columns = reading.columns(&names)?;
    if !reading.quotes_count && columns.iter().any(|(_, found)| found.has_bare) {
        // Some cell below the first rows is bare: so quotes mean something.
        reading.quotes_count = true;
        columns = reading.columns(&names)?;
    }
    reading.into_parsed(columns, has_names, dialect.guesses)
}

/// All rows, names among them. A blank line is none, unless there is one column only; a line of delimiters
/// is a row of gaps, tabs included.
fn rows_of(text: &Text, dialect: &Dialect) -> Result<Vec<RowSpan>> {
    let content = text.content.as_str();
    let mut all: Vec<RowSpan> = Vec::new();
    let mut several = false;
    for row in rows(content, dialect.start, dialect.line, dialect.delimiter) {
        let row = row.map_err(|OpenQuote(row)| {
            text.error(row.line.into(), ReadProblem::OpenQuote).on_text(row.of(content).trim())
        })?;
        let is_blank = is_blank(row.of(content), dialect.delimiter);
        if all.is_empty() {
            several = !is_blank && cells(row.of(content), dialect.delimiter).nth(1).is_some();
        }
        if !is_blank || !(several || all.is_empty()) {
            all.push(row);
        }
    }
    while all.last().is_some_and(|row| is_blank(row.of(content), dialect.delimiter)) {
        all.pop();
    }
    Ok(all)
}

/// Whether a line holds nothing: neither text nor a delimiter.
fn is_blank(line: &str, delimiter: Delimiter) -> bool {
    let delimiter = delimiter.byte().map(char::from);
    line.chars().all(|c| c.is_whitespace() && Some(c) != delimiter)
}

/// Takes the column names off the rows, if there are any; says whether there were.
fn take_names(
    text: &Text,
    rows: &mut Vec<RowSpan>,
    dialect: &Dialect,
    options: &ReadOptions,
) -> Result<(Vec<String>, bool)> {
    let Some(first) = rows.first().copied() else {
        return Err(text.error(1, ReadProblem::NoRows).into());
    };
    let unnamed = |number: usize| format!("column_{}", number + 1);
    let first_cells = || cells(first.of(&text.content), dialect.delimiter);
    // A number between quotes is a name, unless everything is quoted.
    let all_quoted = first_cells().all(|cell| cell.is_quoted());
    let bare = first_cells().filter(|cell| all_quoted || !cell.is_quoted());
    let number = bare.map(|cell| cell.text()).find(|cell| cell.parse::<f64>().is_ok());
    match (options.header, number) {
        (Header::Absent, _) => Ok((first_cells().enumerate().map(|(at, _)| unnamed(at)).collect(), false)),
        (Header::Unstated, Some(number)) => {
            Err(text.error(first.line.into(), ReadProblem::HeaderOrData).on_text(&number).into())
        }
        _ => {
            // Blanks between quotes are a name.
            let is_unnamed = |cell: RawCell<'_>| cell.text().is_empty();
            let name = |(at, cell): (usize, RawCell<'_>)| {
                if is_unnamed(cell) { unnamed(at) } else { cell.name().into_owned() }
            };
            let names = first_cells().enumerate().map(name).collect();
            rows.remove(0);
            if rows.is_empty() {
                Err(text.error(first.line.into(), ReadProblem::NoRows).into())
            } else {
                Ok((names, true))
            }
        }
    }
}

/// The cells that every row has. They may be more than there are names, if the rest is empty in every row,
/// as where each row ends in a delimiter; or fewer, if names end in one.
fn common_width(text: &Text, rows: &[RowSpan], dialect: &Dialect, n_names: usize) -> Result<usize> {
    let width = |row: &RowSpan| cells(row.of(&text.content), dialect.delimiter).count();
    let first = rows.first().map_or(0, width);
    let empty_beyond = |row: &RowSpan| {
        cells(row.of(&text.content), dialect.delimiter).skip(n_names).all(|cell| cell.0.trim().is_empty())
    };
    let expected = if first > n_names && rows.par_iter().all(empty_beyond) { first } else { n_names };
    match rows.par_iter().find_first(|row| width(row) != expected) {
        None => Ok(expected),
        Some(row) => {
            let problem = ReadProblem::RowLength { expected, found: width(row) };
            let shown: Vec<_> =
                cells(row.of(&text.content), dialect.delimiter).take(10).map(|cell| cell.text()).collect();
            Err(text.error(row.line.into(), problem).on_text(&shown.join(",")).into())
        }
    }
}

/// Rows that are being read.
struct Reading<'a> {
    text: &'a Text,
    options: &'a ReadOptions,
    delimiter: Delimiter,
    /// The first byte of the names, or of the rows.
    start: usize,
    rows: Vec<RowSpan>,
    width: usize,
    /// Whether a quote says that a cell is a text. It says nothing where every cell has one.
    quotes_count: bool,
}

/// A block of rows of one column.
type Block<'a> = Vec<Found<'a>>;

impl<'a> Reading<'a> {
    fn new(
        text: &'a Text,
        options: &'a ReadOptions,
        dialect: &Dialect,
        rows: Vec<RowSpan>,
        width: usize,
    ) -> Self {
        let (delimiter, start) = (dialect.delimiter, dialect.start);
        Self { text, options, delimiter, start, rows, width, quotes_count: true }
    }

    /// Whether quotes stand around every cell of the first rows and around every name, and do not need to.
    fn every_cell_is_quoted(&self, has_names: bool) -> bool {
        let content = self.text.content.as_str();
        let is_special = |byte: u8| b"\"\r\n".contains(&byte) || Some(byte) == self.delimiter.byte();
        let needless = |text: &str| text.trim() == text && !text.bytes().any(is_special);
        let looked_at = self.rows.iter().take(100);
        let mut all =
            looked_at.flat_map(|row| cells(row.of(content), self.delimiter).take(self.width)).peekable();
        if all.peek().is_none() || !all.clone().all(|cell| cell.is_quoted() || cell.0.is_empty()) {
            return false;
        }
        if !has_names {
            return all.any(|cell| needless(&cell.text()));
        }
        let names = content[self.start..self.rows[0].start].trim_end_matches(['\r', '\n']);
        let unlike_data = |name: &str| !may_be_number(name) && !may_be_gap(name);
        cells(names, self.delimiter).all(|cell| cell.is_quoted())
            && cells(names, self.delimiter).any(|cell| needless(&cell.text()) && unlike_data(&cell.text()))
    }

    /// The names of the columns, without those at the end that have neither a name nor a cell.
    fn without_empty_ends(&self, mut names: Vec<String>) -> Vec<String> {
        let content = self.text.content.as_str();
        names.truncate(self.width);
        let is_empty = |at: usize| {
            self.rows.par_iter().all(|row| {
                cells(row.of(content), self.delimiter).nth(at).is_none_or(|cell| cell.0.trim().is_empty())
            })
        };
        while names.len() > 1
            && names.last() == Some(&format!("column_{}", names.len()))
            && is_empty(names.len() - 1)
        {
            names.pop();
        }
        names
    }

    /// Reads all columns. Those that turn out not to be what they seemed to be are read again.
    fn columns(&self, names: &[String]) -> Result<Vec<(Column, Found<'a>)>> {
        let mut plans = self.plans(names)?;
        let mut done: Vec<Option<(Column, Found<'a>)>> = names.iter().map(|_| None).collect();
        // Numbers with a point, then with a comma, then texts.
        for _ in 0..3 {
            if plans.iter().all(|plan| *plan == Plan::Done) {
                break;
            }
            let read = self.read_columns(&plans);
            for (at, (values, found)) in read.into_iter().enumerate() {
                let plan = plans[at];
                plans[at] = self.next_plan(plan, &found);
                match (plan, &found.notes.why_text) {
                    (Plan::Numbers { forced: true, .. }, Some((place, _))) => {
                        let error = self.text.error(place.line, ReadProblem::NotANumber);
                        return Err(error.in_column(&names[at]).on_text(&place.text).into());
                    }
                    _ if plan != Plan::Done && plans[at] == Plan::Done => {
                        done[at] = Some(finish(&names[at], values, found, plan));
                    }
                    _ => {}
                }
            }
        }
        Ok(done.into_iter().flatten().collect())
    }

    /// What the first rows say of each column, and what the user says.
    fn plans(&self, names: &[String]) -> Result<Vec<Plan>> {
        let known = |asked: &[String]| -> Result<Vec<usize>> {
            asked.iter().map(|name| place_of(self.text, names, name)).collect()
        };
        let numeric = known(&self.options.numeric)?;
        let texts = known(&self.options.categorical)?;
        let target = self.options.target.as_ref().and_then(|name| place_of(self.text, names, name).ok());
        let comma = self.options.decimal == Some(DecimalSign::Comma);
        let mut plans = vec![Plan::Numbers { comma, forced: false }; names.len()];
        let sample = Reading {
            rows: self.rows.iter().take(200).copied().collect(),
            ..Reading { rows: Vec::new(), ..*self }
        };
        for (at, (_, found)) in sample.read_columns(&plans).into_iter().enumerate() {
            // A gap among numbers may be a text.
            plans[at] = match self.next_plan(plans[at], &found) {
                Plan::Done => plans[at],
                next => next,
            };
        }
        numeric.iter().for_each(|&at| plans[at] = Plan::Numbers { comma, forced: true });
        texts.into_iter().chain(target).for_each(|at| plans[at] = Plan::Texts);
        Ok(plans)
    }

    /// What to take a column for that was read by a plan.
    fn next_plan(&self, plan: Plan, found: &Found<'_>) -> Plan {
        let Some((place, why)) = &found.notes.why_text else { return Plan::Done };
        let comma_may_part_decimals = self.options.decimal.is_none() && self.delimiter != Delimiter::Comma;
        match plan {
            Plan::Numbers { comma: false, forced: false }
                if comma_may_part_decimals && *why == NoNumber::Text && number(&place.text, true).is_ok() =>
            {
                Plan::Numbers { comma: true, forced: false }
            }
            Plan::Numbers { forced: false, .. } => Plan::Texts,
            _ => Plan::Done,
        }
    }

    /// Reads the columns of these plans, in blocks of rows on all threads.
    fn read_columns(&self, plans: &[Plan]) -> Vec<(Vec<f64>, Found<'a>)> {
        const CELLS: usize = 1 << 16;
        let n_rows = self.rows.len();
        let at_once = (CELLS / plans.len().max(1)).max(64);
        let room = |plan: &Plan| if *plan == Plan::Done { Vec::new() } else { vec![0.0; n_rows] };
        let mut values: Vec<Vec<f64>> = plans.iter().map(room).collect();
        let mut blocks: Vec<Vec<&mut [f64]>> = self.rows.chunks(at_once).map(|_| Vec::new()).collect();
        for column in &mut values {
            let mut parts = column.chunks_mut(at_once);
            blocks.iter_mut().for_each(|block| block.push(parts.next().unwrap_or_default()));
        }
        let found: Vec<Block<'a>> = blocks
            .par_iter_mut()
            .zip(self.rows.par_chunks(at_once))
            .map(|(block, rows)| self.read_block(plans, rows, block))
            .collect();
        drop(blocks);
        joined(values, found, at_once)
    }

    fn read_block(&self, plans: &[Plan], rows: &[RowSpan], values: &mut [&mut [f64]]) -> Block<'a> {
        let content: &'a str = &self.text.content;
        let gaps = Gaps { named: &self.options.missing };
        let mut found: Block<'a> = plans.iter().map(|_| Found::default()).collect();
        for (place, row) in rows.iter().enumerate() {
            let line = row.line;
            let columns = plans.iter().zip(values.iter_mut().zip(&mut found));
            for (cell, (&plan, (values, found))) in cells(row.of(content), self.delimiter).zip(columns) {
                if plan != Plan::Done {
                    let cell = Cell { text: cell.text(), is_quoted: cell.is_quoted(), line };
                    values[place] = found.take(cell, plan, gaps, self.quotes_count);
                }
            }
        }
        found
    }

    fn into_parsed(
        self,
        columns: Vec<(Column, Found<'a>)>,
        has_names: bool,
        mut guesses: Vec<Guess>,
    ) -> Result<Parsed> {
        if self.options.header == Header::Unstated {
            guesses.push(Guess::new("the first row holds the column names", "--no-header"));
        }
        let (columns, notes): (Vec<Column>, Vec<ColumnNotes>) =
            columns.into_iter().map(|(column, found)| (column, found.notes)).unzip();
        let form = Form::Delimited {
            delimiter: self.delimiter,
            quote_all: !self.quotes_count,
            has_names,
            beyond: self.width - columns.len(),
        };
        let layout = Layout {
            form,
            decimal_comma: notes.iter().map(|notes| notes.decimal_comma).collect(),
            line_end: self.text.line_end(),
            missing: self.options.missing.clone(),
            length: self.text.content.len(),
            checksum: self.text.checksum(),
            rows: self.rows,
            is_sparse: false,
        };
        let table = Table::new(columns, layout.rows.len())?;
        Ok(Parsed { table, outputs: Vec::new(), label_count: None, layout, notes, guesses })
    }
}

/// Puts the blocks of each column together. Their texts get the numbers of the whole column.
fn joined<'a>(values: Vec<Vec<f64>>, blocks: Vec<Block<'a>>, at_once: usize) -> Vec<(Vec<f64>, Found<'a>)> {
    let mut columns: Vec<(Vec<f64>, Found<'a>)> =
        values.into_iter().map(|values| (values, Found::default())).collect();
    for (place, block) in blocks.into_iter().enumerate() {
        for ((values, whole), found) in columns.iter_mut().zip(block) {
            whole.extend(&found);
            renumber(
                &mut whole.texts,
                &found.texts,
                values.chunks_mut(at_once).nth(place).unwrap_or_default(),
            );
        }
    }
    columns
}

fn renumber<'a>(whole: &mut Texts<'a>, block: &Texts<'a>, values: &mut [f64]) {
    if block.in_order().is_empty() {
        return;
    }
    let numbers: Vec<f64> =
        block.in_order().iter().map(|text| f64::from(whole.number_of(text.clone()))).collect();
    for value in values.iter_mut().filter(|value| !value.is_nan()) {
        *value = numbers[*value as usize];
    }
}

/// The column that was read by a plan that held.
fn finish<'a>(name: &str, values: Vec<f64>, mut found: Found<'a>, plan: Plan) -> (Column, Found<'a>) {
    let name = name.to_owned();
    let texts = std::mem::take(&mut found.texts);
    if plan == Plan::Texts {
        return (column::of_texts(name, texts.in_order(), values), found);
    }
    found.notes.decimal_comma = matches!(plan, Plan::Numbers { comma: true, .. });
    let whole = !found.has_fractions && found.notes.n_numbers > 0 && found.notes.n_infinite == 0;
    let kind = if whole { ColumnKind::Integer } else { ColumnKind::Numeric };
    (Column { name, kind, values: Values::Dense(values) }, found)
}

fn place_of(text: &Text, names: &[String], wanted: &str) -> Result<usize> {
    super::place_among(names, wanted).ok_or_else(|| {
        let problem = ReadProblem::NoSuchColumn { known: shortened(names) };
        text.error(1, problem).on_text(wanted).into()
    })
}
