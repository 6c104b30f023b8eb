//! Delimited text: CSV, TSV, and columns parted by white space.

use csv::{ReaderBuilder, StringRecord};
use imb_core::{Column, ColumnKind, ReadError, ReadProblem, Result, Table};

use super::column::{self, Cell};
use super::declaration;
use super::source::Text;
use super::{Delimiter, Header, ReadOptions};

/// Reads a delimited file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Table<()>> {
    let delimiter = options.delimiter.unwrap_or_else(|| guess_delimiter(&text.content));
    let rows = match delimiter.byte() {
        Some(byte) => separated(text, byte)?,
        None => spaced(text)?,
    };
    let (names, rows) = split_header(text, rows, options.header)?;
    rows.require(text, 1, names.len())?;
    require_known(text, &names, &options.categorical)?;
    let columns = names.iter().enumerate().map(|(number, name)| {
        let categorical = options.categorical.contains(name);
        column::infer(name, rows.column(number), categorical)
    });
    build(text, columns, rows.len())
}

/// Reads the comma-separated rows below the last line of their columns' declaration.
pub(crate) fn read_declared(text: &Text, last: u64, kinds: Vec<(String, ColumnKind)>) -> Result<Table<()>> {
    let mut rows = Rows::default();
    for (line, content) in text.lines().skip_while(|(line, _)| *line <= last) {
        if !content.trim().is_empty() {
            let cells = declaration::split(content);
            let cells = cells.map_err(|problem| text.error(line, problem).on_text(content))?;
            rows.push(line, cells.iter().map(AsRef::as_ref));
        }
    }
    rows.require(text, last, kinds.len())?;
    let columns = kinds.into_iter().enumerate();
    let columns = columns.map(|(number, (name, kind))| column::declared(name, kind, rows.column(number)));
    build(text, columns, rows.len())
}

fn build(
    text: &Text,
    columns: impl Iterator<Item = Result<Column, ReadError>>,
    n_rows: usize,
) -> Result<Table<()>> {
    let columns: Result<Vec<Column>, ReadError> = columns.collect();
    Table::new(columns.map_err(|error| ReadError { file: text.path.clone(), ..error })?, n_rows)
}

/// The cells of all rows, one after the other: a row of its own allocations would take a hundred
/// bytes for a cell of one.
#[derive(Default)]
struct Rows {
    content: String,
    /// Where each cell ends in the content.
    ends: Vec<usize>,
    /// For each row, the line that it begins on and the number of its first cell.
    starts: Vec<(u64, usize)>,
}

impl Rows {
    fn push<'a>(&mut self, line: u64, cells: impl Iterator<Item = &'a str>) {
        self.starts.push((line, self.ends.len()));
        for cell in cells {
            self.content.push_str(cell);
            self.ends.push(self.content.len());
        }
    }

    fn len(&self) -> usize {
        self.starts.len()
    }

    /// The number of cells of a row.
    fn width(&self, row: usize) -> usize {
        let end = self.starts.get(row + 1).map_or(self.ends.len(), |(_, first)| *first);
        end - self.starts[row].1
    }

    fn cell(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.content[start..self.ends[number]]
    }

    fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        let first = self.starts[row].1;
        (first..first + self.width(row)).map(|number| self.cell(number))
    }

    /// A column, once every row is known to have it.
    fn column(&self, number: usize) -> impl Iterator<Item = Cell<'_>> + Clone {
        self.starts.iter().map(move |(line, first)| Cell { text: self.cell(first + number), line: *line })
    }

    /// Refuses to have no rows, or one of another length than that of the head, which ends on a line.
    fn require(&self, text: &Text, head: u64, expected: usize) -> Result<()> {
        if self.starts.is_empty() {
            return Err(text.error(head, ReadProblem::NoRows).into());
        }
        match (0..self.len()).find(|row| self.width(*row) != expected) {
            None => Ok(()),
            Some(row) => {
                let problem = ReadProblem::RowLength { expected, found: self.width(row) };
                let shown: Vec<&str> = self.row(row).take(10).collect();
                Err(text.error(self.starts[row].0, problem).on_text(&shown.join(",")).into())
            }
        }
    }
}

/// Rows of cells parted by one byte, by the `csv` crate.
fn separated(text: &Text, delimiter: u8) -> Result<Rows> {
    let content = text.content.as_str();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(content.as_bytes());
    let mut rows = Rows::default();
    let mut record = StringRecord::new();
    let mut last = (1, 0);
    while reader
        .read_record(&mut record)
        .map_err(|error| text.error(last.0, ReadProblem::Syntax(error.to_string())))?
    {
        let Some(position) = record.position() else { continue };
        // The reader counts from where it began to look, before the blank lines that it skipped.
        let from = usize::try_from(position.byte()).unwrap_or(0);
        let blank = content.bytes().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = position.line() + blank.filter(|byte| *byte == b'\n').count() as u64;
        last = (line, from);
        if record.len() > 1 || record.get(0).is_some_and(|cell| !cell.trim().is_empty()) {
            rows.push(line, record.iter());
        }
    }
    let (line, from) = last;
    match ends_in_quotes(&content[from..], delimiter) {
        true => Err(text.error(line, ReadProblem::OpenQuote).on_text(content[from..].trim()).into()),
        false => Ok(rows),
    }
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
fn spaced(text: &Text) -> Result<Rows> {
    let mut rows = Rows::default();
    let mut cells = Vec::new();
    for (line, mut left) in text.lines() {
        cells.clear();
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
            cells.push(cell);
            left = after;
        }
        if !cells.is_empty() {
            rows.push(line, cells.iter().copied());
        }
    }
    Ok(rows)
}

/// The delimiter that the first row has most of; white space if it has none.
fn guess_delimiter(content: &str) -> Delimiter {
    let candidates = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe];
    let mut counts = [0_usize; 4];
    let (mut quoted, mut before) = (false, b',');
    for byte in content.trim_start_matches(['\r', '\n', ' ']).bytes() {
        match byte {
            b'"' if quoted => quoted = false,
            b'"' => quoted = b",\t;|\" \n".contains(&before),
            _ if quoted => {}
            b'\n' => break,
            _ => {
                let place = candidates.iter().position(|delimiter| delimiter.byte() == Some(byte));
                place.into_iter().for_each(|place| counts[place] += 1);
            }
        }
        before = byte;
    }
    let most = candidates.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    most.filter(|(_, count)| *count > 0).map_or(Delimiter::Whitespace, |(delimiter, _)| delimiter)
}

/// Column names, and the rows below them.
fn split_header(text: &Text, mut rows: Rows, header: Header) -> Result<(Vec<String>, Rows)> {
    let Some((line, _)) = rows.starts.first().copied() else {
        return Err(text.error(1, ReadProblem::NoRows).into());
    };
    let unnamed = |number: usize| format!("column_{}", number + 1);
    let number = rows.row(0).find(|cell| cell.trim().parse::<f64>().is_ok());
    match (header, number) {
        (Header::Absent, _) => Ok(((0..rows.width(0)).map(unnamed).collect(), rows)),
        (Header::Unstated, Some(number)) => {
            Err(text.error(line, ReadProblem::HeaderOrData).on_text(number.trim()).into())
        }
        _ => {
            let name = |(number, cell): (usize, &str)| match cell.trim() {
                "" => unnamed(number),
                name => name.to_owned(),
            };
            let names: Vec<String> = rows.row(0).enumerate().map(name).collect();
            require_distinct(text, line, &names)?;
            rows.starts.remove(0);
            Ok((names, rows))
        }
    }
}

/// Refuses a column name that stands twice.
pub(crate) fn require_distinct<S: AsRef<str>>(text: &Text, line: u64, names: &[S]) -> Result<()> {
    let mut seen = std::collections::BTreeMap::new();
    for (number, name) in (1..).zip(names) {
        if let Some(first) = seen.insert(name.as_ref(), number) {
            let problem = ReadProblem::DuplicateColumn { first };
            return Err(text.error(line, problem).on_text(name.as_ref()).into());
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
        assert_eq!(guess_delimiter("\"a;b;\"\"\nc\",d\n"), Delimiter::Comma);
        assert_eq!(guess_delimiter("\"Sales 5\"\",\" a\n"), Delimiter::Whitespace, "quoted");
        assert_eq!(guess_delimiter("5\" pipe,x\n"), Delimiter::Comma);
    }
}
