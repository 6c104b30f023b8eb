//! ARFF, dense and sparse, as Weka, Mulan and MEKA write it.
//!
//! Attributes may be numeric, real, integer or nominal; string and date ones are read as texts, relational
//! ones are refused by name. Values are parted by commas, or by tabs or blanks. In a sparse row the cells that
//! are not written are 0: of a nominal attribute, its first value.

use std::borrow::Cow;

use imb_core::{Column, ColumnKind, ReadError, ReadProblem, Result, Table, Values};

use super::cells::RowSpan;
use super::column::{self, ColumnNotes, Declared, Place, Texts};
use super::declaration::{self, Attribute, Head};
use super::layout::{Form, Layout};
use super::source::{Line, Text};
use super::value::{Among, Gaps, NoNumber};
use super::written_cell::WrittenCell;
use super::{Parsed, ReadOptions, place_among};

/// Reads an ARFF file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    read_declared(text, options, Form::Arff)
}

/// Reads the declarations and the rows below them.
pub(crate) fn read_declared(text: &Text, options: &ReadOptions, form: Form) -> Result<Parsed> {
    let Head { relation, attributes, outputs, data_line } = declaration::head(text)?;
    let mut cells = Cells::new(attributes, form, options);
    let mut rows = Vec::new();
    for line in text.lines().skip_while(|line| line.number <= data_line) {
        let row = match form {
            Form::Arff => declaration::without_comment(line.content).trim(),
            _ => line.content.trim(),
        };
        if !row.is_empty() {
            let in_file = |error| ReadError { file: text.path.clone(), line: Some(line.number), ..error };
            cells.push_row(row, line.number).map_err(in_file)?;
            rows.push(span(line));
        }
    }
    if rows.is_empty() {
        return Err(text.error(data_line, ReadProblem::NoRows).into());
    }
    let layout = Layout {
        form,
        rows,
        is_sparse: !cells.dense,
        decimal_comma: vec![false; cells.names.len()],
        missing: options.missing.clone(),
        line_end: text.line_end(),
        length: text.content.len(),
        checksum: text.checksum(),
    };
    let label_count = if form == Form::Arff { meka_label_count(relation) } else { None };
    let (table, notes) = cells.into_table()?;
    Ok(Parsed { table, outputs, label_count, layout, notes, guesses: Vec::new() })
}

fn span(line: Line<'_>) -> RowSpan {
    RowSpan { start: line.start, length: line.content.len() as u32, line: line.number as u32 }
}

/// The number after `-C` in the relation's name.
fn meka_label_count(relation: &str) -> Option<i64> {
    let after = relation.split("-C ").nth(1)?;
    let number = after.trim_start().split(|c: char| !(c.is_ascii_digit() || c == '-')).next()?;
    number.parse().ok().filter(|count| *count != 0)
}

/// What the cells of an attribute are looked up in.
enum Kind {
    Declared(Declared),
    Texts(Texts<'static>),
}

/// The cells read so far, column by column. They are kept dense as long as every row is.
struct Cells<'a> {
    names: Vec<String>,
    kinds: Vec<Kind>,
    notes: Vec<ColumnNotes>,
    values: Vec<Values>,
    /// For each attribute, how many rows there were when it last got a value in a sparse row.
    rows_at_last_value: Vec<u32>,
    n_rows: u32,
    dense: bool,
    gaps: Gaps<'a>,
    form: Form,
}

/// A problem whose file and line the caller of [`Cells::push_row`] adds.
type Fault = ReadError;

impl<'a> Cells<'a> {
    fn new(attributes: Vec<(String, Attribute)>, form: Form, options: &'a ReadOptions) -> Self {
        let n_attributes = attributes.len();
        let (names, kinds): (Vec<String>, Vec<Attribute>) = attributes.into_iter().unzip();
        let target = options.target.as_ref().and_then(|target| place_among(&names, target));
        let kind = |(place, attribute)| match attribute {
            // A class goes by its text, even if it is declared as a number.
            Attribute::Of(ColumnKind::Numeric | ColumnKind::Integer) if Some(place) == target => {
                Kind::Texts(Texts::default())
            }
            Attribute::Of(kind) => Kind::Declared(Declared::new(kind)),
            Attribute::Texts => Kind::Texts(Texts::default()),
        };
        Self {
            names,
            kinds: kinds.into_iter().enumerate().map(kind).collect(),
            notes: vec![ColumnNotes::default(); n_attributes],
            values: vec![Values::Dense(Vec::new()); n_attributes],
            rows_at_last_value: vec![0; n_attributes],
            n_rows: 0,
            dense: true,
            gaps: Gaps { named: &options.missing },
            form,
        }
    }

    fn push_row(&mut self, row: &str, line: u64) -> Result<(), Fault> {
        let n_rows = self.n_rows.checked_add(1);
        let too_many = || syntax("more than four thousand million rows", "");
        let n_rows = n_rows.ok_or_else(too_many)?;
        match row.strip_prefix('{') {
            Some(rest) if self.form == Form::Arff => {
                self.turn_sparse()?;
                self.push_sparse(rest, n_rows, line)?;
            }
            _ => self.push_dense(row, line)?,
        }
        self.n_rows = n_rows;
        Ok(())
    }

    /// Leaves out zeros: a few short sparse rows may stand for more cells than fit into memory.
    fn turn_sparse(&mut self) -> Result<(), Fault> {
        if !std::mem::take(&mut self.dense) {
            return Ok(());
        }
        let texts = |kind: &Kind| matches!(kind, Kind::Texts(_));
        if let Some(place) = self.kinds.iter().position(texts) {
            let problem = "holds texts, of which sparse rows say nothing where they leave them out: declare it as nominal";
            return Err(syntax(problem, "").in_column(&self.names[place]));
        }
        for column in &mut self.values {
            let cells = column.non_zero().map(|(row, number)| (row as u32, number));
            let (rows, values) = cells.unzip();
            *column = Values::Sparse { rows, values };
        }
        Ok(())
    }

    fn push_dense(&mut self, row: &str, line: u64) -> Result<(), Fault> {
        let cells = declaration::split_row(row, self.names.len());
        let cells = cells.map_err(|problem| fault(problem).on_text(row))?;
        cells.iter().enumerate().try_for_each(|(attribute, cell)| self.push(attribute, cell, line))
    }

    fn push_sparse(&mut self, rest: &str, n_rows: u32, line: u64) -> Result<(), Fault> {
        let (cells, after) =
            declaration::split_sparse(rest).map_err(|problem| fault(problem).on_text(rest))?;
        if !after.trim().is_empty() {
            return Err(syntax("follows a sparse row; instance weights are not supported", after));
        }
        for cell in cells {
            let (number, value) = cell.split_once(char::is_whitespace).unwrap_or((cell, ""));
            let attribute: usize = number
                .parse()
                .map_err(|_| syntax("a sparse cell is a number of an attribute and a value", cell))?;
            let Some(last) = self.rows_at_last_value.get_mut(attribute) else {
                let problem = format!("there are {} attributes, numbered from 0", self.names.len());
                return Err(syntax(&problem, cell));
            };
            if std::mem::replace(last, n_rows) == n_rows {
                let error = syntax("is the second value of this attribute in one row", value.trim());
                return Err(error.in_column(self.names[attribute].as_str()));
            }
            let values = declaration::split(value).map_err(|problem| fault(problem).on_text(cell))?;
            let [value] = values.as_slice() else {
                return Err(syntax("holds commas: put all of it between quotes", cell));
            };
            self.push(attribute, value, line)?;
        }
        Ok(())
    }

    /// Adds a cell to the row that is being read.
    fn push(&mut self, attribute: usize, cell: &WrittenCell<'_>, line: u64) -> Result<(), Fault> {
        let text = cell.text.as_ref();
        let number = match &mut self.kinds[attribute] {
            Kind::Texts(_) if !cell.is_quoted && self.gaps.has(text, Among::Texts) => Ok(f64::NAN),
            Kind::Texts(texts) => Ok(f64::from(texts.number_of(Cow::Owned(text.to_owned())))),
            Kind::Declared(kind) => kind.value(text, cell.is_quoted, self.gaps),
        };
        let number = number
            .map_err(|problem| fault(problem).in_column(self.names[attribute].as_str()).on_text(text))?;
        self.note(attribute, number, text, line);
        match &mut self.values[attribute] {
            Values::Dense(values) => values.push(number),
            Values::Sparse { rows, values } => {
                if number != 0.0 {
                    rows.push(self.n_rows);
                    values.push(number);
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, attribute: usize, number: f64, text: &str, line: u64) {
        let notes = &mut self.notes[attribute];
        if number.is_nan() {
            notes.n_gaps += 1;
            notes.first_gap.get_or_insert_with(|| Place::new(line, text));
        } else if number.is_infinite() {
            notes.n_infinite += 1;
            notes.first_infinite.get_or_insert_with(|| Place::new(line, text));
        } else if matches!(self.kinds[attribute], Kind::Texts(_)) {
            notes.why_text.get_or_insert_with(|| (Place::new(line, text), NoNumber::Text));
        }
    }

    fn into_table(self) -> Result<(Table<()>, Vec<ColumnNotes>)> {
        let columns = self.names.into_iter().zip(self.kinds).zip(self.values);
        let columns = columns.map(|((name, kind), values)| match (kind, values) {
            (Kind::Declared(kind), values) => kind.column(name, values),
            (Kind::Texts(texts), Values::Dense(numbers)) => column::of_texts(name, texts.in_order(), numbers),
            (Kind::Texts(_), values) => Column { name, kind: ColumnKind::Numeric, values },
        });
        Ok((Table::new(columns.collect(), self.n_rows as usize)?, self.notes))
    }
}

fn syntax(problem: &str, text: &str) -> Fault {
    fault(ReadProblem::Syntax(problem.to_owned())).on_text(text)
}

fn fault(problem: ReadProblem) -> Fault {
    ReadError::new(std::path::Path::new(""), problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content: &str) -> Result<Parsed> {
        let text = Text { path: "test.arff".into(), content: content.to_owned(), has_mark: false };
        read(&text, &ReadOptions::default())
    }

    const HEAD: &str = "% a comment\n@relation 'x: -C -2'\n@ATTRIBUTE a numeric\n\n@attribute 'b c' {no,'yes, it is'}\n@data\n";

    #[test]
    fn dense_and_sparse_rows_hold_the_same() {
        let dense = parse(&format!("{HEAD}0,no\n% between\n2.5,'yes, it is'\n?,no\n")).expect("dense");
        let sparse = parse(&format!("{HEAD}{{}}\n{{0 2.5, 1 'yes, it is'}}\n{{0 ?}}\n")).expect("sparse");
        assert_eq!(dense.label_count, Some(-2));
        assert_eq!(dense.table.n_rows(), 3);
        for (dense, sparse) in dense.table.columns().iter().zip(sparse.table.columns()) {
            assert_eq!((&dense.name, &dense.kind), (&sparse.name, &sparse.kind));
            for row in 0..3 {
                assert_eq!(dense.values.get(row).to_bits(), sparse.values.get(row).to_bits());
            }
        }
    }

    #[test]
    fn a_dense_file_may_turn_sparse_and_back() {
        let mixed = parse(&format!("{HEAD}0,no\n1,no\n{{1 'yes, it is'}}\n")).expect("dense first");
        assert_eq!(mixed.table.columns()[0].values, Values::Sparse { rows: vec![1], values: vec![1.0] });
        let mixed = parse(&format!("{HEAD}{{0 1}}\n0,'yes, it is'\n")).expect("sparse first");
        assert_eq!(mixed.table.columns()[1].values.get(1), 1.0);
    }

    #[test]
    fn faults_are_named_by_line_attribute_and_text() {
        let message = |rows: &str| parse(&format!("{HEAD}{rows}")).expect_err(rows).to_string();
        assert_eq!(
            message("x,no\n"),
            "test.arff, line 7, column \"a\": \"x\" is not a number, as the attribute's declaration asks"
        );
        assert!(
            message("1,no\n1,maybe\n").contains("line 8, column \"b c\": \"maybe\" is none of the declared")
        );
        assert!(message("1\n").contains("has 1 cells where 2 are needed"));
        assert!(message("{0 1\n").contains("not closed"));
        assert!(message("{2 1}\n").contains("2 attributes"));
        assert!(message("{0 1,0 2}\n").contains("second value"));
        assert!(message("1,no\n{0 0,0 2}\n").contains("second value"));
        assert!(message("{1 'no' no}\n").contains("comma is missing"));
        assert!(message("{0 1}, {5}\n").contains("instance weights"));
        assert!(message("").contains("no data rows"));
        assert!(
            parse("@relation x\n@attribute a numeric\n").expect_err("cut").to_string().contains("no @data")
        );
    }
}
