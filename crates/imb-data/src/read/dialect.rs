//! How a delimited file is written, as far as it says so itself: what stands above the rows, and what
//! parts the cells.

use imb_core::{ReadProblem, Result};

use super::cells::{RowSpan, cells, rows};
use super::source::Text;
use super::value;
use super::{Delimiter, Guess, Header, ReadOptions};

/// Rows that are looked at before the delimiter is chosen.
const LOOKED_AT: usize = 20;
/// Bytes after which no further row is looked at: rows may be long.
const ENOUGH: usize = 1 << 20;

const BY_A_BYTE: [Delimiter; 4] = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe];

/// Where the names or rows begin, and what parts their cells.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) delimiter: Delimiter,
    /// The first byte of the column names, or of the rows where there are none.
    pub(crate) start: usize,
    /// Its line, from 1.
    pub(crate) line: u32,
    pub(crate) guesses: Vec<Guess>,
}

/// Looks at the first rows of a file.
pub(crate) fn detect(text: &Text, options: &ReadOptions) -> Result<Dialect> {
    let content = text.content.as_str();
    let mut top = Top { content, start: 0, line: 1 };
    for _ in 0..options.skip_lines {
        if top.rest().is_empty() {
            break;
        }
        top.skip_line();
    }
    let mut guesses = Vec::new();
    let mut delimiter = options.delimiter;
    if let Some(named) = top.separator_line() {
        let named =
            named.map_err(|problem| text.error(u64::from(top.line), problem).on_text(top.first_line()))?;
        delimiter = delimiter.or(Some(named));
        guesses.push(Guess::new("line 1 (sep=) is a spreadsheet's note on the delimiter", "--skip-lines"));
        top.skip_line();
    }
    if options.skip_lines == 0 {
        let skipped = top.skip_comments(delimiter, options.header);
        if skipped > 0 {
            guesses.push(Guess::new(format!("{skipped} lines on top are comments"), "--skip-lines"));
        }
    }
    let delimiter = delimiter.unwrap_or_else(|| {
        let guessed = guess_delimiter(&content[top.start..]);
        guesses.push(Guess::new(format!("cells are separated by {}", guessed.in_words()), "--delimiter"));
        guessed
    });
    Ok(Dialect { delimiter, start: top.start, line: top.line, guesses })
}

/// The lines that are still to be read.
struct Top<'a> {
    content: &'a str,
    start: usize,
    line: u32,
}

impl<'a> Top<'a> {
    fn rest(&self) -> &'a str {
        &self.content[self.start..]
    }

    fn first_line(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
    }

    fn skip_line(&mut self) {
        self.start += self.first_line().len();
        let rest = self.rest();
        let line_end = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        self.start += line_end;
        self.line += u32::from(line_end > 0);
    }

    /// The delimiter that a first line such as `sep=;` names.
    fn separator_line(&self) -> Option<Result<Delimiter, ReadProblem>> {
        let line = self.first_line().trim_matches([' ', '"']);
        let is_note = line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="));
        let named = is_note.then(|| &line[4..])?;
        if named.chars().nth(1).is_some() {
            return None;
        }
        let known = BY_A_BYTE.into_iter().find(|delimiter| delimiter.byte() == named.bytes().next());
        Some(known.ok_or_else(|| {
            let advice = "names a delimiter that is not known here: say --delimiter and --skip-lines 1";
            ReadProblem::Syntax(advice.to_owned())
        }))
    }

    /// Steps over lines that begin with `#` or `%` and returns how many they were. The last of them may
    /// hold the column names.
    fn skip_comments(&mut self, delimiter: Option<Delimiter>, header: Header) -> usize {
        let (mut skipped, mut last) = (0, (self.start, self.line));
        while self.first_line().starts_with(['#', '%']) {
            last = (self.start, self.line);
            self.skip_line();
            skipped += 1;
        }
        if skipped > 0 && header != Header::Absent && self.follows_names(last.0, delimiter) {
            (self.start, self.line) = last;
            skipped -= 1;
        }
        skipped
    }

    /// Whether the line at a byte, which begins with a mark, names the columns of what follows: it has as
    /// many cells, and the next line holds a number, or no blank follows the mark.
    fn follows_names(&self, at: usize, delimiter: Option<Delimiter>) -> bool {
        let delimiter = delimiter.unwrap_or_else(|| guess_delimiter(self.rest()));
        let line = &self.content[at..self.start].trim_end_matches(['\r', '\n']);
        let next: Vec<_> = cells(self.first_line(), delimiter).collect();
        let n_cells = cells(line, delimiter).count();
        let has_number = || next.iter().any(|cell| cell.text().parse::<f64>().is_ok());
        let unspaced = || line.chars().nth(1).is_some_and(|second| !second.is_whitespace());
        n_cells > 1 && n_cells == next.len() && (has_number() || unspaced())
    }
}

/// The delimiter by which the first rows have equally many cells, and the most; if rows are parted by
/// blanks and hold a tab as well, blanks. A comma that can be a decimal comma parts nothing where
/// something else does.
fn guess_delimiter(content: &str) -> Delimiter {
    let first = content.trim_start_matches(['\r', '\n', ' ']);
    let mut looks: Vec<Look<'_>> = BY_A_BYTE.map(|delimiter| Look::new(first, delimiter)).into();
    // Where quotes close properly by some delimiters, those by which they do not part nothing.
    if looks.iter().any(|look| look.quotes_close) {
        for look in looks.iter_mut().filter(|look| !look.quotes_close) {
            (look.in_first_row, look.width) = (1, 0);
        }
    }
    let spaced = Look::new(first, Delimiter::Whitespace);
    if looks.iter().all(|look| look.in_first_row < 2) {
        // One column may have a name of several words.
        let parts = spaced.in_first_row > 1 && spaced.has_cells_below;
        return if parts { Delimiter::Whitespace } else { Delimiter::Comma };
    }
    let [comma, tab, ..] = looks.as_slice() else { return Delimiter::Comma };
    if comma.width > 1 {
        let others = looks[1..].iter().chain([&spaced]);
        if let Some(other) = others.filter(|look| look.width > 1).find(|look| look.commas_are_decimal()) {
            return other.delimiter;
        }
    }
    if tab.width > 1 && spaced.width > tab.width && comma.width < 2 && tab.holds_spaced_numbers() {
        return Delimiter::Whitespace;
    }
    // What parts the first row alone, such as a stray tab, parts nothing where blanks part all rows alike.
    if spaced.width > 1 && looks.iter().all(|look| look.in_first_row < 2 || !look.has_cells_below) {
        return Delimiter::Whitespace;
    }
    let widest = looks.iter().rev().max_by_key(|look| (look.width, look.in_first_row));
    match widest {
        Some(look) if look.width > 1 => look.delimiter,
        _ => {
            looks.iter().rev().max_by_key(|look| look.in_first_row).map_or(Delimiter::Comma, |l| l.delimiter)
        }
    }
}

/// The first rows, as a delimiter parts them.
struct Look<'a> {
    content: &'a str,
    delimiter: Delimiter,
    rows: Vec<RowSpan>,
    /// The cells of the first row.
    in_first_row: usize,
    /// The cells of every row, or 0 if they differ.
    width: usize,
    /// A row below the first has several cells, or there is none.
    has_cells_below: bool,
    /// Every cell that begins with a quote ends with the one that closes it.
    quotes_close: bool,
}

impl<'a> Look<'a> {
    fn new(content: &'a str, delimiter: Delimiter) -> Self {
        let mut open = false;
        let all = rows(content, 0, 1, delimiter).inspect(|row| open |= row.is_err());
        let filled = all.map_while(Result::ok).filter(|row| !row.of(content).trim().is_empty());
        let near = filled.take_while(|row| row.start < ENOUGH).take(LOOKED_AT);
        let rows: Vec<RowSpan> = near.collect();
        let widths: Vec<usize> = rows.iter().map(|row| cells(row.of(content), delimiter).count()).collect();
        let mut parted = rows.iter().flat_map(|row| cells(row.of(content), delimiter));
        let quotes_close = !open && parted.all(|cell| closes(cell.raw()));
        let in_first_row = widths.first().copied().unwrap_or(0);
        let width = widths.get(1).copied().unwrap_or(in_first_row);
        let equal = widths.iter().skip(1).all(|other| *other == width);
        // Rows may end in a delimiter that the names do not end in, or the other way round.
        let fits = equal && in_first_row.abs_diff(width) <= 1 && in_first_row > 1;
        let has_cells_below = widths.len() < 2 || widths[1..].iter().any(|width| *width > 1);
        let width = if fits { width } else { 0 };
        Self { content, delimiter, rows, in_first_row, width, has_cells_below, quotes_close }
    }

    fn texts(&self) -> impl Iterator<Item = String> + '_ {
        let parted = |row: &RowSpan| cells(row.of(self.content), self.delimiter);
        self.rows.iter().flat_map(parted).map(|cell| cell.text().into_owned())
    }

    /// Whether there are commas, and each may be the decimal comma of a number.
    fn commas_are_decimal(&self) -> bool {
        let mut with_comma = self.texts().filter(|text| text.contains(',')).peekable();
        with_comma.peek().is_some() && with_comma.all(|text| value::number(&text, true).is_ok())
    }

    /// Whether a cell holds several numbers that are parted by blanks.
    fn holds_spaced_numbers(&self) -> bool {
        self.texts().any(|text| {
            let parts: Vec<&str> = text.split_whitespace().collect();
            parts.len() > 1 && parts.iter().all(|part| part.parse::<f64>().is_ok())
        })
    }
}

/// Whether a cell is unquoted, or ends with the quote that closes it.
fn closes(cell: &str) -> bool {
    let Some(rest) = cell.trim().strip_prefix('"') else { return true };
    rest.strip_suffix('"').is_some_and(|inside| !inside.replace("\"\"", "").contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_name_the_delimiter() {
        for (content, delimiter) in [
            ("a,b;c,d\n", Delimiter::Comma),
            ("\n a\tb\n", Delimiter::Tab),
            ("a b  c\n", Delimiter::Whitespace),
            ("a;b\n", Delimiter::Semicolon),
            ("\"a;b;\"\"\nc\",d\n", Delimiter::Comma),
            ("5\" pipe,x\n", Delimiter::Comma),
            ("x;y;class\n1,5;2,5;a\n", Delimiter::Semicolon),
            ("1,5;2,5;3,5\n2,5;1,5;0,5\n", Delimiter::Semicolon),
            ("1,5 2,5\n2,5 1,5\n", Delimiter::Whitespace),
            ("18.0   8\t\"ford torino\"\n17.0   8\t\"amc rebel\"\n", Delimiter::Whitespace),
            ("New York\t1\nBoston\t2\n", Delimiter::Tab),
            ("sick\nvery sick\nwell\n", Delimiter::Comma),
            ("true class\n1\n0\n", Delimiter::Comma),
            ("a b\n1 2\n1 2 3\n", Delimiter::Whitespace),
            ("A,B,class\n1,4,x,\n2,5,y,\n", Delimiter::Comma),
            ("\"\"\"\";\"0\t\"\n1;2\n", Delimiter::Semicolon),
        ] {
            assert_eq!(guess_delimiter(content), delimiter, "{content:?}");
        }
    }

    fn start(content: &str) -> (String, u32, Delimiter) {
        let text = Text::new(std::path::Path::new("x.csv"), content.into()).expect("text");
        let found = detect(&text, &ReadOptions::default()).expect("known");
        (text.content[found.start..].lines().next().unwrap_or("").to_owned(), found.line, found.delimiter)
    }

    #[test]
    fn notes_on_top_are_stepped_over() {
        assert_eq!(start("sep=;\nx;y\n1;2\n"), ("x;y".into(), 2, Delimiter::Semicolon));
        assert_eq!(start("\"sep=|\"\r\nx|y\n"), ("x|y".into(), 2, Delimiter::Pipe));
        assert_eq!(start("# made on monday\n# by hand\nx,y\n1,2\n").0, "x,y");
        assert_eq!(start("# one, two\nx,y\n1,2\n").0, "x,y", "the next line holds no number");
        assert_eq!(start("# note\n#x,y\n1,2\n"), ("#x,y".into(), 2, Delimiter::Comma));
        assert_eq!(start("#id,name\na,b\n").0, "#id,name");
        assert_eq!(start("separate,y\n1,2\n").0, "separate,y");
    }
}
