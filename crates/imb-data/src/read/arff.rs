//! ARFF, dense and sparse, as Weka, Mulan and MEKA write it.
//!
//! Attributes may be numeric, real, integer or nominal; string, date and relational ones are
//! refused by name. In a sparse row the cells that are not written are 0: of a nominal attribute,
//! its first value.

use imb_core::{Column, ColumnKind, ReadError, ReadProblem, Result, Table, Values};

use super::Parsed;
use super::column;
use super::declaration::{self, Declaration};
use super::delimited::require_distinct;
use super::source::Text;

/// Reads an ARFF file.
pub(crate) fn read(text: &Text) -> Result<Parsed> {
    let mut lines = text
        .lines()
        .map(|(line, content)| (line, declaration::without_comment(content).trim()))
        .filter(|(_, content)| !content.is_empty());
    let (label_count, attributes, data_line) = header(text, &mut lines)?;
    let mut cells = Cells::new(attributes);
    for (line, row) in lines {
        cells.push_row(row).map_err(|error| in_file(error, text, line))?;
    }
    if cells.n_rows == 0 {
        return Err(text.error(data_line, ReadProblem::NoRows).into());
    }
    Ok(Parsed { table: cells.into_table()?, outputs: Vec::new(), label_count })
}

fn in_file(error: ReadError, text: &Text, line: u64) -> ReadError {
    ReadError { file: text.path.clone(), line: Some(line), ..error }
}

type Attributes = Vec<(String, ColumnKind)>;

/// Everything up to `@data`: the label count of a MEKA relation, the attributes, the line of `@data`.
fn header<'a>(
    text: &Text,
    lines: &mut impl Iterator<Item = (u64, &'a str)>,
) -> Result<(Option<i64>, Attributes, u64)> {
    let mut attributes = Vec::new();
    let mut label_count = None;
    let mut last = 0;
    for (line, content) in lines {
        last = line;
        match declaration::parse(content) {
            Ok(Declaration::Relation(relation)) => label_count = meka_label_count(relation),
            Ok(Declaration::Attribute(name, kind)) => attributes.push((name, kind)),
            Ok(Declaration::Outputs(_) | Declaration::Other) => {}
            Ok(Declaration::Data) => {
                let names: Vec<String> = attributes.iter().map(|(name, _)| name.clone()).collect();
                require_distinct(text, line, &names)?;
                return Ok((label_count, attributes, line));
            }
            Err(problem) => return Err(text.error(line, problem).on_text(content).into()),
        }
    }
    Err(text.error(last, ReadProblem::Syntax("no @data line: the file may be cut short".to_owned())).into())
}

/// The number after `-C` in the relation's name.
fn meka_label_count(relation: &str) -> Option<i64> {
    let after = relation.split("-C ").nth(1)?;
    let number = after.trim_start().split(|c: char| !(c.is_ascii_digit() || c == '-')).next()?;
    number.parse().ok().filter(|count| *count != 0)
}

/// The cells read so far, column by column. The first row decides whether they are kept sparse.
struct Cells {
    attributes: Attributes,
    values: Vec<Values>,
    n_rows: usize,
}

impl Cells {
    fn new(attributes: Attributes) -> Self {
        Self { attributes, values: Vec::new(), n_rows: 0 }
    }

    /// Adds a row. Errors lack file and line.
    fn push_row(&mut self, row: &str) -> std::result::Result<(), ReadError> {
        let sparse = row.starts_with('{');
        if self.n_rows == 0 {
            let empty = || match sparse {
                true => Values::Sparse { rows: Vec::new(), values: Vec::new() },
                false => Values::Dense(Vec::new()),
            };
            self.values = self.attributes.iter().map(|_| empty()).collect();
        }
        for values in &mut self.values {
            if let Values::Dense(values) = values {
                values.push(0.0);
            }
        }
        let row_number = u32::try_from(self.n_rows)
            .map_err(|_| fault(ReadProblem::Syntax("more than four thousand million rows".to_owned())))?;
        match row.strip_prefix('{') {
            Some(rest) => self.push_sparse(rest, row_number),
            None => self.push_dense(row, row_number),
        }?;
        self.n_rows += 1;
        Ok(())
    }

    fn push_dense(&mut self, row: &str, row_number: u32) -> std::result::Result<(), ReadError> {
        let cells = declaration::split(row).map_err(|problem| fault(problem).on_text(row))?;
        if cells.len() != self.attributes.len() {
            let problem = ReadProblem::RowLength { expected: self.attributes.len(), found: cells.len() };
            return Err(fault(problem).on_text(row));
        }
        cells.iter().enumerate().try_for_each(|(attribute, cell)| self.set(row_number, attribute, cell))
    }

    fn push_sparse(&mut self, rest: &str, row_number: u32) -> std::result::Result<(), ReadError> {
        let syntax = |problem: &str, text: &str| fault(ReadProblem::Syntax(problem.to_owned())).on_text(text);
        let (cells, after) = split_sparse(rest)?;
        if !after.trim().is_empty() {
            return Err(syntax("follows a sparse row; instance weights are not supported", after));
        }
        for cell in cells {
            let (number, value) = cell.split_once(char::is_whitespace).unwrap_or((cell, ""));
            let attribute: usize = number
                .parse()
                .map_err(|_| syntax("a sparse cell is a number of an attribute and a value", cell))?;
            if attribute >= self.attributes.len() {
                let problem = format!("there are {} attributes, numbered from 0", self.attributes.len());
                return Err(syntax(&problem, cell));
            }
            let value = value.trim();
            match value.chars().next() {
                Some('\'' | '"') => {
                    let (value, _) =
                        declaration::quoted(value).map_err(|problem| fault(problem).on_text(cell))?;
                    self.set(row_number, attribute, &value)?;
                }
                _ => self.set(row_number, attribute, value)?,
            }
        }
        Ok(())
    }

    fn set(&mut self, row: u32, attribute: usize, text: &str) -> std::result::Result<(), ReadError> {
        let (name, kind) = &self.attributes[attribute];
        let number =
            column::value(text, kind).map_err(|problem| fault(problem).in_column(name).on_text(text))?;
        match &mut self.values[attribute] {
            Values::Dense(values) => values[row as usize] = number,
            Values::Sparse { rows, values } => {
                if rows.last() == Some(&row) {
                    let problem =
                        ReadProblem::Syntax("is the second value of this attribute in one row".to_owned());
                    return Err(fault(problem).in_column(name).on_text(text));
                }
                if number != 0.0 {
                    rows.push(row);
                    values.push(number);
                }
            }
        }
        Ok(())
    }

    fn into_table(self) -> Result<Table<()>> {
        let columns = self.attributes.into_iter().zip(self.values).map(|((name, kind), values)| Column {
            name,
            kind: column::kept_kind(kind, &values),
            values,
        });
        Table::new(columns.collect(), self.n_rows)
    }
}

/// The cells of a sparse row after its opening brace, each with its quotes, and what follows the
/// closing one.
fn split_sparse(row: &str) -> std::result::Result<(Vec<&str>, &str), ReadError> {
    let (mut cells, mut start, mut quote, mut escaped) = (Vec::new(), 0, None, false);
    for (at, c) in row.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ',' | '}') => {
                let cell = row[start..at].trim();
                start = at + 1;
                if c == ',' || !cell.is_empty() || !cells.is_empty() {
                    cells.push(cell);
                }
                if c == '}' {
                    return Ok((cells, &row[start..]));
                }
            }
            _ => {}
        }
    }
    let problem = match quote {
        Some(_) => ReadProblem::OpenQuote,
        None => {
            ReadProblem::Syntax("a sparse row is not closed with }: the file may be cut short".to_owned())
        }
    };
    Err(fault(problem).on_text(row))
}

/// A problem whose file and line the caller adds.
fn fault(problem: ReadProblem) -> ReadError {
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
        let mixed = parse(&format!("{HEAD}1,no\n{{1 'yes, it is'}}\n")).expect("dense first");
        assert_eq!(mixed.table.columns()[0].values, Values::Dense(vec![1.0, 0.0]));
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
        assert!(message("{0 1}, {5}\n").contains("instance weights"));
        assert!(message("").contains("no data rows"));
        assert!(
            parse("@relation x\n@attribute a numeric\n").expect_err("cut").to_string().contains("no @data")
        );
    }
}
