//! Delimited text: CSV, TSV, and columns parted by white space.

use csv::{ReaderBuilder, StringRecord};
use imb_core::{Column, ColumnKind, ReadProblem, Result, Table};

use super::column::{self, Cell};
use super::source::Text;
use super::{Delimiter, Header, ReadOptions};

/// Reads a delimited file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Table<()>> {
    let rows = Rows::of(text, options.delimiter.unwrap_or_else(|| guess_delimiter(&text.content)), 0)?;
    let (names, rows) = split_header(text, rows, options.header)?;
    if rows.0.is_empty() {
        return Err(text.error(1, ReadProblem::NoRows).into());
    }
    rows.require_length(text, names.len())?;
    require_known(text, &names, &options.categorical)?;
    let columns = names.iter().enumerate().map(|(number, name)| {
        let categorical = options.categorical.contains(name);
        column::infer(name, rows.column(number), categorical)
    });
    build(text, columns, rows.0.len())
}

/// Reads the comma-separated rows after a declaration of their columns. `skip` lines come before.
pub(crate) fn read_declared(text: &Text, skip: usize, kinds: &[(String, ColumnKind)]) -> Result<Table<()>> {
    let rows = Rows::of(text, Delimiter::Comma, skip)?;
    if rows.0.is_empty() {
        return Err(text.error(skip as u64, ReadProblem::NoRows).into());
    }
    rows.require_length(text, kinds.len())?;
    let columns = kinds.iter().enumerate();
    let columns = columns.map(|(number, (name, kind))| column::declared(name, kind, rows.column(number)));
    build(text, columns, rows.0.len())
}

fn build(
    text: &Text,
    columns: impl Iterator<Item = std::result::Result<Column, imb_core::ReadError>>,
    n_rows: usize,
) -> Result<Table<()>> {
    let columns: std::result::Result<Vec<Column>, _> = columns.collect();
    let columns = columns.map_err(|mut error| {
        error.file.clone_from(&text.path);
        error
    })?;
    Table::new(columns, n_rows)
}

/// The cells of each row, with the line that the row begins on.
struct Rows(Vec<(u64, StringRecord)>);

impl Rows {
    fn of(text: &Text, delimiter: Delimiter, skip: usize) -> Result<Self> {
        let start = text.content.split_inclusive('\n').take(skip).map(str::len).sum();
        let rest = &text.content[start..];
        let rows = match delimiter.byte() {
            Some(byte) => separated(text, rest, byte, skip as u64)?,
            None => spaced(text, rest, skip as u64)?,
        };
        Ok(Self(rows))
    }

    fn column(&self, number: usize) -> impl Iterator<Item = Cell<'_>> + Clone {
        self.0.iter().map(move |(line, record)| Cell { text: record.get(number).unwrap_or(""), line: *line })
    }

    fn require_length(&self, text: &Text, expected: usize) -> Result<()> {
        match self.0.iter().find(|(_, record)| record.len() != expected) {
            None => Ok(()),
            Some((line, record)) => {
                let problem = ReadProblem::RowLength { expected, found: record.len() };
                let shown: Vec<&str> = record.iter().take(10).collect();
                Err(text.error(*line, problem).on_text(&shown.join(",")).into())
            }
        }
    }
}

/// Rows of cells parted by one byte, by the `csv` crate.
fn separated(text: &Text, rest: &str, delimiter: u8, skip: u64) -> Result<Vec<(u64, StringRecord)>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(rest.as_bytes());
    let mut rows = Vec::new();
    let mut last_start = 0;
    for record in reader.records() {
        let record = record.map_err(|error| text.error(skip + 1, ReadProblem::Syntax(error.to_string())))?;
        let Some(position) = record.position() else { continue };
        // The reader counts from where it began to look, before the blank lines that it skipped.
        let from = usize::try_from(position.byte()).unwrap_or(0);
        let blank = rest.bytes().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = skip + position.line() + blank.filter(|byte| *byte == b'\n').count() as u64;
        last_start = from;
        if record.len() > 1 || record.get(0).is_some_and(|cell| !cell.trim().is_empty()) {
            rows.push((line, record));
        }
    }
    if ends_in_quotes(&rest[last_start..], delimiter) {
        let line = rows.last().map_or(skip + 1, |(line, _)| *line);
        return Err(text.error(line, ReadProblem::OpenQuote).into());
    }
    Ok(rows)
}

/// Whether the last record's last cell is quoted and the quote never closed. The reader takes such
/// a cell for a whole one.
fn ends_in_quotes(record: &str, delimiter: u8) -> bool {
    #[derive(Clone, Copy)]
    enum At {
        Start,
        Bare,
        Quoted,
        Quote,
    }
    let end = record.bytes().fold(At::Start, |at, byte| match (at, byte) {
        (At::Start | At::Quote, b'"') => At::Quoted,
        (At::Quoted, b'"') => At::Quote,
        (At::Quoted, _) => At::Quoted,
        (_, b'\n' | b'\r') => At::Start,
        (_, byte) if byte == delimiter => At::Start,
        _ => At::Bare,
    });
    matches!(end, At::Quoted)
}

/// Rows of cells parted by spaces and tabs, in runs; a quoted cell may hold spaces.
fn spaced(text: &Text, rest: &str, skip: u64) -> Result<Vec<(u64, StringRecord)>> {
    let mut rows = Vec::new();
    for (line, mut left) in (skip + 1..).zip(rest.lines()) {
        let mut record = StringRecord::new();
        loop {
            left = left.trim_start();
            if left.is_empty() {
                break;
            }
            let (cell, after) = match left.strip_prefix('"') {
                None => left.split_at(left.find(char::is_whitespace).unwrap_or(left.len())),
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or_else(|| text.error(line, ReadProblem::OpenQuote).on_text(left))?,
            };
            record.push_field(cell);
            left = after;
        }
        if !record.is_empty() {
            rows.push((line, record));
        }
    }
    Ok(rows)
}

/// The delimiter that the first line has most of; white space if it has none.
fn guess_delimiter(content: &str) -> Delimiter {
    let line = content.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let candidates = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe];
    let count = |delimiter: &Delimiter| line.bytes().filter(|byte| Some(*byte) == delimiter.byte()).count();
    let most = candidates.into_iter().rev().max_by_key(count);
    most.filter(|delimiter| count(delimiter) > 0).unwrap_or(Delimiter::Whitespace)
}

/// Column names, and the rows below them.
fn split_header(text: &Text, mut rows: Rows, header: Header) -> Result<(Vec<String>, Rows)> {
    let Some((line, first)) = rows.0.first() else {
        return Err(text.error(1, ReadProblem::NoRows).into());
    };
    let unnamed = |number: usize| format!("column_{}", number + 1);
    let number = first.iter().find(|cell| cell.trim().parse::<f64>().is_ok());
    match (header, number) {
        (Header::Absent, _) => Ok(((0..first.len()).map(unnamed).collect(), rows)),
        (Header::Unstated, Some(number)) => {
            Err(text.error(*line, ReadProblem::HeaderOrData).on_text(number.trim()).into())
        }
        _ => {
            let name = |(number, cell): (usize, &str)| match cell.trim() {
                "" => unnamed(number),
                name => name.to_owned(),
            };
            let names: Vec<String> = first.iter().enumerate().map(name).collect();
            require_distinct(text, *line, &names)?;
            rows.0.remove(0);
            Ok((names, rows))
        }
    }
}

/// Refuses a column name that stands twice.
pub(crate) fn require_distinct(text: &Text, line: u64, names: &[String]) -> Result<()> {
    let mut seen = std::collections::BTreeMap::new();
    for (number, name) in (1..).zip(names) {
        if let Some(first) = seen.insert(name, number) {
            let problem = ReadProblem::DuplicateColumn { first };
            return Err(text.error(line, problem).on_text(name).into());
        }
    }
    Ok(())
}

fn require_known(text: &Text, names: &[String], asked: &[String]) -> Result<()> {
    match asked.iter().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let problem = ReadProblem::NoSuchColumn { known: column::shortened(names) };
            Err(text.error(1, problem).on_text(name).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_quote_is_found_only_where_it_is_one() {
        for closed in ["a,\"b\"", "a,\"b\"\"\"", "a,b\"", "5\" pipe,\"x\"\n", "\"a\nb\",1\n"] {
            assert!(!ends_in_quotes(closed, b','), "{closed:?}");
        }
        for open in ["a,\"b", "a,\"b\"\"", "\"a\nb,1\n"] {
            assert!(ends_in_quotes(open, b','), "{open:?}");
        }
    }

    #[test]
    fn the_first_line_names_the_delimiter() {
        assert_eq!(guess_delimiter("a,b;c,d\n"), Delimiter::Comma);
        assert_eq!(guess_delimiter("\n a\tb\n"), Delimiter::Tab);
        assert_eq!(guess_delimiter("a b  c\n"), Delimiter::Whitespace);
        assert_eq!(guess_delimiter("a;b\n"), Delimiter::Semicolon);
    }
}
