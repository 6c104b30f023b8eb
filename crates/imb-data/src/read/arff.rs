//! ARFF, dense and sparse, as Weka, Mulan and MEKA write it.
//!
//! Attributes may be numeric, real, integer or nominal; string, date and relational ones are
//! refused by name. In a sparse row the cells that are not written are 0: of a nominal attribute,
//! its first value.

use imb_core::{ColumnKind, ReadError, ReadProblem, Result, Table, Values};

use super::Parsed;
use super::column::Declared;
use super::declaration;
use super::source::Text;

/// Reads an ARFF file.
pub(crate) fn read(text: &Text) -> Result<Parsed> {
    let head = declaration::head(text)?;
    let mut cells = Cells::new(head.attributes);
    for (line, content) in text.lines().skip_while(|(line, _)| *line <= head.data_line) {
        let row = declaration::without_comment(content).trim();
        if !row.is_empty() {
            let in_file = |error| ReadError { file: text.path.clone(), line: Some(line), ..error };
            cells.push_row(row).map_err(in_file)?;
        }
    }
    if cells.n_rows == 0 {
        return Err(text.error(head.data_line, ReadProblem::NoRows).into());
    }
    Ok(Parsed {
        table: cells.into_table()?,
        outputs: Vec::new(),
        label_count: meka_label_count(head.relation),
    })
}

/// The number after `-C` in the relation's name.
fn meka_label_count(relation: &str) -> Option<i64> {
    let after = relation.split("-C ").nth(1)?;
    let number = after.trim_start().split(|c: char| !(c.is_ascii_digit() || c == '-')).next()?;
    number.parse().ok().filter(|count| *count != 0)
}

/// The cells read so far, column by column. They are kept dense as long as every row is.
struct Cells {
    names: Vec<String>,
    kinds: Vec<Declared>,
    values: Vec<Values>,
    /// For each attribute, how many rows there were when it last got a value in a sparse row.
    rows_at_last_value: Vec<u32>,
    n_rows: u32,
    dense: bool,
}

/// A problem whose file and line the caller of [`Cells::push_row`] adds.
type Fault = ReadError;

impl Cells {
    fn new(attributes: Vec<(String, ColumnKind)>) -> Self {
        let n_attributes = attributes.len();
        let (names, kinds): (_, Vec<ColumnKind>) = attributes.into_iter().unzip();
        Self {
            names,
            kinds: kinds.into_iter().map(Declared::new).collect(),
            values: vec![Values::Dense(Vec::new()); n_attributes],
            rows_at_last_value: vec![0; n_attributes],
            n_rows: 0,
            dense: true,
        }
    }

    fn push_row(&mut self, row: &str) -> Result<(), Fault> {
        let n_rows = self.n_rows.checked_add(1);
        let too_many = || syntax("more than four thousand million rows", "");
        let n_rows = n_rows.ok_or_else(too_many)?;
        match row.strip_prefix('{') {
            Some(rest) => {
                self.turn_sparse();
                self.push_sparse(rest, n_rows)?;
            }
            None => self.push_dense(row)?,
        }
        self.n_rows = n_rows;
        Ok(())
    }

    /// Leaves out zeros: a few short sparse rows may stand for more cells than fit into memory.
    fn turn_sparse(&mut self) {
        if std::mem::take(&mut self.dense) {
            for column in &mut self.values {
                let cells = column.non_zero().map(|(row, number)| (row as u32, number));
                let (rows, values) = cells.unzip();
                *column = Values::Sparse { rows, values };
            }
        }
    }

    fn push_dense(&mut self, row: &str) -> Result<(), Fault> {
        let cells = declaration::split(row).map_err(|problem| fault(problem).on_text(row))?;
        if cells.len() != self.names.len() {
            let problem = ReadProblem::RowLength { expected: self.names.len(), found: cells.len() };
            return Err(fault(problem).on_text(row));
        }
        cells.iter().enumerate().try_for_each(|(attribute, cell)| self.push(attribute, cell))
    }

    fn push_sparse(&mut self, rest: &str, n_rows: u32) -> Result<(), Fault> {
        let (cells, after) = split_sparse(rest)?;
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
            self.push(attribute, value)?;
        }
        Ok(())
    }

    /// Adds a cell to the row that is being read.
    fn push(&mut self, attribute: usize, text: &str) -> Result<(), Fault> {
        let number = self.kinds[attribute]
            .value(text)
            .map_err(|problem| fault(problem).in_column(self.names[attribute].as_str()).on_text(text))?;
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

    fn into_table(self) -> Result<Table<()>> {
        let columns = self.names.into_iter().zip(self.kinds).zip(self.values);
        let columns = columns.map(|((name, kind), values)| kind.column(name, values));
        Table::new(columns.collect(), self.n_rows as usize)
    }
}

/// The cells of a sparse row after its opening brace, each with its quotes, and what follows the
/// closing one.
fn split_sparse(row: &str) -> Result<(Vec<&str>, &str), Fault> {
    let (mut cells, mut start) = (Vec::new(), 0);
    for (at, _, c) in declaration::outside_quotes(row).filter(|(.., c)| matches!(c, ',' | '}')) {
        let cell = row[start..at].trim();
        start = at + 1;
        if c == ',' || !cell.is_empty() || !cells.is_empty() {
            cells.push(cell);
        }
        if c == '}' {
            return Ok((cells, &row[start..]));
        }
    }
    Err(syntax("a sparse row is not closed with } outside quotes: the file may be cut short", row))
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
        read(&Text { path: "test.arff".into(), content: content.to_owned() })
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
