//! Where rows and cells stand in delimited text.
//!
//! A quote opens only at the beginning of a cell; two of them within quotes are one. What follows the
//! closing quote belongs to the cell, as other readers have it.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::Delimiter;

/// A row's place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowSpan {
    /// Its first byte.
    pub(crate) start: usize,
    /// Its bytes, without the line end.
    pub(crate) length: u32,
    /// The line that it begins on, from 1.
    pub(crate) line: u32,
}

impl RowSpan {
    /// The row's text.
    pub(crate) fn of(self, content: &str) -> &str {
        &content[self.start..self.end()]
    }

    /// The byte behind the row.
    pub(crate) fn end(self) -> usize {
        self.start + self.length as usize
    }
}

/// A cell as it stands in the file, with its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawCell<'a>(pub(crate) &'a str);

impl<'a> RawCell<'a> {
    /// As it was written.
    pub(crate) fn raw(&self) -> &'a str {
        self.0
    }

    pub(crate) fn is_quoted(self) -> bool {
        self.0.starts_with('"')
    }

    /// What it says: without quotes, or, of a bare cell, without surrounding space.
    pub(crate) fn text(self) -> Cow<'a, str> {
        let Some(inner) = self.0.strip_prefix('"') else { return Cow::Borrowed(self.0.trim()) };
        match inner.split_once('"') {
            Some((text, "")) => Cow::Borrowed(text),
            None => Cow::Borrowed(inner),
            Some(_) => Cow::Owned(unquoted(inner)),
        }
    }

    /// As [`text`](Self::text), but with the space around a bare cell: the name of a column.
    pub(crate) fn name(self) -> Cow<'a, str> {
        if self.is_quoted() { self.text() } else { Cow::Borrowed(self.0) }
    }
}

/// The text behind an opening quote.
fn unquoted(inner: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(inner.len()), inner);
    while let Some((before, after)) = rest.split_once('"') {
        text.push_str(before);
        let Some(again) = after.strip_prefix('"') else {
            text.push_str(after);
            return text;
        };
        text.push('"');
        rest = again;
    }
    text.push_str(rest);
    text
}

/// The cells of a row.
#[derive(Clone)]
pub(crate) struct Cells<'a> {
    rest: Option<&'a str>,
    delimiter: Delimiter,
}

/// Takes a row apart.
pub(crate) fn cells(row: &str, delimiter: Delimiter) -> Cells<'_> {
    Cells { rest: Some(row), delimiter }
}

impl<'a> Iterator for Cells<'a> {
    type Item = RawCell<'a>;

    fn next(&mut self) -> Option<RawCell<'a>> {
        let row = self.rest?;
        let Some(delimiter) = self.delimiter.byte() else { return self.next_spaced(row.trim_start()) };
        let bytes = row.as_bytes();
        let closed = if bytes.first() == Some(&b'"') { closing_quote(bytes) } else { 0 };
        match memchr(delimiter, &bytes[closed..]) {
            Some(at) => {
                self.rest = Some(&row[closed + at + 1..]);
                Some(RawCell(&row[..closed + at]))
            }
            None => {
                self.rest = None;
                Some(RawCell(row))
            }
        }
    }
}

impl<'a> Cells<'a> {
    /// The next of the cells that are parted by white space.
    fn next_spaced(&mut self, row: &'a str) -> Option<RawCell<'a>> {
        if row.is_empty() {
            self.rest = None;
            return None;
        }
        let end = match row.strip_prefix('"') {
            Some(inner) => inner.find('"').map_or(row.len(), |at| at + 2),
            None => row.find(char::is_whitespace).unwrap_or(row.len()),
        };
        self.rest = Some(&row[end..]);
        Some(RawCell(&row[..end]))
    }
}

/// The byte behind the quote that closes the one at the beginning, or the end.
fn closing_quote(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr(b'"', &bytes[at..]) {
        at += found + 1;
        if bytes.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The rows of a text from a byte on.
pub(crate) struct Rows<'a> {
    content: &'a str,
    at: usize,
    line: u32,
    delimiter: Delimiter,
    /// Lines end with a carriage return alone, as in old Macintosh files.
    returns_only: bool,
}

/// A quote that is opened in this row and not closed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpenQuote(pub(crate) RowSpan);

/// All rows from byte `at`, which stands on a line, blank ones among them.
pub(crate) fn rows(content: &str, at: usize, line: u32, delimiter: Delimiter) -> Rows<'_> {
    let returns_only = memchr(b'\n', content.as_bytes()).is_none();
    Rows { content, at, line, delimiter, returns_only }
}

impl Iterator for Rows<'_> {
    type Item = Result<RowSpan, OpenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.content.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let span = |length: usize| RowSpan { start, length: length as u32, line };
        let mut end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        if memchr(b'"', &rest[..end]).is_some() {
            let Some(quoted_end) = self.end_of_quoted(rest) else {
                self.at = self.content.len();
                return Some(Err(OpenQuote(span(rest.len()))));
            };
            let inside = if self.returns_only { b'\r' } else { b'\n' };
            self.line += rest[..quoted_end].iter().filter(|byte| **byte == inside).count() as u32;
            end = quoted_end;
        }
        let line_end = match &rest[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        let ends_line = rest[end..end + line_end].contains(&b'\n') || self.returns_only;
        self.line += u32::from(ends_line && line_end > 0);
        self.at += end + line_end;
        Some(Ok(span(end)))
    }
}

impl Rows<'_> {
    /// The length of a row that holds quotes, or none if one is left open.
    fn end_of_quoted(&self, rest: &[u8]) -> Option<usize> {
        let Some(delimiter) = self.delimiter.byte() else {
            let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            let row = std::str::from_utf8(&rest[..end]).ok()?;
            let open = |cell: RawCell<'_>| cell.is_quoted() && !(cell.0.len() > 1 && cell.0.ends_with('"'));
            return (!cells(row, self.delimiter).any(open)).then_some(end);
        };
        let mut at = 0;
        loop {
            // At the beginning of a cell.
            if rest.get(at) == Some(&b'"') {
                let mut closed = at + 1;
                loop {
                    closed += memchr(b'"', &rest[closed..])? + 1;
                    if rest.get(closed) != Some(&b'"') {
                        break;
                    }
                    closed += 1;
                }
                at = closed;
            }
            let stops = |byte: &u8| *byte == delimiter || *byte == b'\n' || *byte == b'\r';
            match rest[at..].iter().position(stops) {
                Some(found) if rest[at + found] == delimiter => at += found + 1,
                Some(found) => return Some(at + found),
                None => return Some(rest.len()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(row: &str, delimiter: Delimiter) -> Vec<String> {
        cells(row, delimiter).map(|cell| cell.text().into_owned()).collect()
    }

    #[test]
    fn cells_by_hand() {
        let comma = |row| texts(row, Delimiter::Comma);
        assert_eq!(comma("a, b ,\"c,d\",\"\",\" e\""), ["a", "b", "c,d", "", " e"]);
        assert_eq!(comma("\"say \"\"x\"\"\",5\" pipe,\"a\"b"), ["say \"x\"", "5\" pipe", "ab"]);
        assert_eq!(comma("a,"), ["a", ""]);
        assert_eq!(comma(""), [""]);
        assert_eq!(texts("  1   2\t\"x y\"  ", Delimiter::Whitespace), ["1", "2", "x y"]);
        assert!(texts("  ", Delimiter::Whitespace).is_empty());
    }

    #[test]
    fn rows_have_places_and_lines() {
        let content = "a,b\r\n\"x\ny\",1\n\nz,2";
        let found: Vec<RowSpan> =
            rows(content, 0, 1, Delimiter::Comma).map(|row| row.expect("closed")).collect();
        let shown: Vec<(&str, u32)> = found.iter().map(|row| (row.of(content), row.line)).collect();
        assert_eq!(shown, [("a,b", 1), ("\"x\ny\",1", 2), ("", 4), ("z,2", 5)]);
        let returns: Vec<u32> =
            rows("a\rb\r", 0, 1, Delimiter::Comma).map(|row| row.expect("").line).collect();
        assert_eq!(returns, [1, 2]);
    }

    #[test]
    fn an_open_quote_is_found_only_where_it_is_one() {
        let open = |content: &str| rows(content, 0, 1, Delimiter::Comma).any(|row| row.is_err());
        for closed in ["a,\"b\"", "a,\"b\"\"\"", "a,b\"", "5\" pipe,\"x\"\n", "\"a\nb\",1\n"] {
            assert!(!open(closed), "{closed:?}");
        }
        for left_open in ["a,\"b", "a,\"b\"\"", "\"a\nb,1\n"] {
            assert!(open(left_open), "{left_open:?}");
        }
        assert!(rows("a \"b", 0, 1, Delimiter::Whitespace).any(|row| row.is_err()));
    }
}
