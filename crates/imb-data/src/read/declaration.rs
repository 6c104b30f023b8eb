//! Lines such as `@attribute 'petal width' numeric`, and the rules of quoting, which KEEL and ARFF
//! share.

use std::borrow::Cow;

use imb_core::{ColumnKind, ReadProblem, Result};

use super::column::{require_distinct, shortened};
use super::source::{Line, Text};
use super::written_cell::WrittenCell;

/// What the lines up to `@data` say.
pub(crate) struct Head<'a> {
    /// The rest of the `@relation` line.
    pub(crate) relation: &'a str,
    /// Names and kinds of the columns.
    pub(crate) attributes: Vec<(String, Attribute)>,
    /// The names after `@outputs`.
    pub(crate) outputs: Vec<String>,
    /// The line of `@data`: rows stand below it.
    pub(crate) data_line: u64,
}

/// Whether the first line that is no comment is a declaration; a column may be called `@time`.
pub(crate) fn begins(text: &Text) -> bool {
    const WORDS: [&str; 7] = ["@relation", "@attribute", "@data", "@input", "@inputs", "@output", "@outputs"];
    let mut lines = text.lines().map(|line| line.content.trim());
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('%')).unwrap_or("");
    let word = first.split(char::is_whitespace).next().unwrap_or("").to_ascii_lowercase();
    WORDS.contains(&word.as_str())
}

/// Parses the lines up to `@data`.
pub(crate) fn head(text: &Text) -> Result<Head<'_>> {
    let mut head = Head { relation: "", attributes: Vec::new(), outputs: Vec::new(), data_line: 1 };
    for Line { number: line, content, .. } in text.lines() {
        let content = without_comment(content).trim();
        if content.is_empty() {
            continue;
        }
        head.data_line = line;
        match parse(content).map_err(|problem| text.error(line, problem).on_text(content))? {
            Declaration::Relation(relation) => head.relation = relation,
            Declaration::Attribute(name, kind) => head.attributes.push((name, kind)),
            Declaration::Outputs(names) => head.outputs = names,
            Declaration::Other => {}
            Declaration::Data if head.attributes.is_empty() => {
                let problem = ReadProblem::Syntax("no @attribute line before @data".to_owned());
                return Err(text.error(line, problem).into());
            }
            Declaration::Data => {
                let names: Vec<&str> = head.attributes.iter().map(|(name, _)| name.as_str()).collect();
                require_distinct(text, line, &names)?;
                return Ok(head);
            }
        }
    }
    let problem = ReadProblem::Syntax("no @data line: the file may be cut short".to_owned());
    Err(text.error(head.data_line, problem).into())
}

/// The type of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attribute {
    /// Numbers or declared categories.
    Of(ColumnKind),
    /// Texts or dates, of which the declaration lists none.
    Texts,
}

/// What a declaration line says.
enum Declaration<'a> {
    /// `@relation`, with the rest of the line.
    Relation(&'a str),
    /// `@attribute`, with a name and a kind.
    Attribute(String, Attribute),
    /// `@outputs`, with names.
    Outputs(Vec<String>),
    /// `@data`.
    Data,
    /// A declaration that says nothing of columns, such as `@inputs`.
    Other,
}

/// Parses a declaration, without its line end and comment.
fn parse(line: &str) -> Result<Declaration<'_>, ReadProblem> {
    let (word, rest) = line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()));
    match word.to_ascii_lowercase().as_str() {
        "@relation" => Ok(Declaration::Relation(rest.trim())),
        "@attribute" => {
            let (name, kind) = attribute(rest.trim())?;
            Ok(Declaration::Attribute(name, kind))
        }
        "@output" | "@outputs" => {
            let names = split(rest)?.into_iter().map(|name| name.text.into_owned());
            Ok(Declaration::Outputs(names.filter(|name| !name.is_empty()).collect()))
        }
        "@input" | "@inputs" => Ok(Declaration::Other),
        "@data" if rest.is_empty() => Ok(Declaration::Data),
        "@data" => Err(ReadProblem::Syntax("rows begin on the line below @data".to_owned())),
        _ => Err(ReadProblem::Syntax("is no declaration known here".to_owned())),
    }
}

/// A name and a type.
fn attribute(rest: &str) -> Result<(String, Attribute), ReadProblem> {
    let (name, kind) = match rest.chars().next() {
        Some('\'' | '"') => quoted(rest)?,
        _ => {
            let end = rest.find(|c: char| c.is_whitespace() || c == '{').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        }
    };
    let kind = kind.trim();
    if name.is_empty() || kind.is_empty() {
        return Err(ReadProblem::Syntax("an attribute needs a name and a type".to_owned()));
    }
    if let Some(values) = kind.strip_prefix('{') {
        let Some((values, _)) = values.rsplit_once('}') else {
            return Err(ReadProblem::Syntax("the list of values is not closed with }".to_owned()));
        };
        let values = split(values)?.into_iter().map(|value| value.text.into_owned()).collect();
        return Ok((name, Attribute::Of(ColumnKind::Categorical(values))));
    }
    let word = kind.split(|c: char| c.is_whitespace() || c == '[').next().unwrap_or("");
    match word.to_ascii_lowercase().as_str() {
        "numeric" | "real" => Ok((name, Attribute::Of(ColumnKind::Numeric))),
        "integer" => Ok((name, Attribute::Of(ColumnKind::Integer))),
        "string" | "date" => Ok((name, Attribute::Texts)),
        _ => Err(ReadProblem::UnsupportedAttribute { kind: shortened(&[word]) }),
    }
}

/// What stands between the values of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Commas,
    Tabs,
    /// Blanks and tabs, in runs.
    Blanks,
}

/// Splits at commas outside quotes; each part without surrounding space and quotes.
pub(crate) fn split(line: &str) -> Result<Vec<WrittenCell<'_>>, ReadProblem> {
    split_at(line, Between::Commas)
}

/// The cells of a dense row: `expected` of them, with commas, tabs or blanks between. An empty one may
/// follow the last.
pub(crate) fn split_row(row: &str, expected: usize) -> Result<Vec<WrittenCell<'_>>, ReadProblem> {
    let by_commas = split(row).map(|mut cells| {
        let one_beyond = cells.len() == expected + 1;
        if one_beyond && cells.last().is_some_and(|cell| cell.text.is_empty() && !cell.is_quoted) {
            cells.pop();
        }
        cells
    });
    if by_commas.as_ref().is_ok_and(|cells| cells.len() == expected) {
        return by_commas;
    }
    if !outside_quotes(row).any(|(_, _, c)| c == ',') {
        for between in [Between::Tabs, Between::Blanks] {
            if let Ok(cells) = split_at(row, between)
                && cells.len() == expected
            {
                return Ok(cells);
            }
        }
    }
    match by_commas {
        Ok(cells) => Err(ReadProblem::RowLength { expected, found: cells.len() }),
        Err(problem) => Err(problem),
    }
}

fn split_at(line: &str, between: Between) -> Result<Vec<WrittenCell<'_>>, ReadProblem> {
    let parts = |c: char| match between {
        Between::Commas => c == ',',
        Between::Tabs => c == '\t',
        Between::Blanks => c.is_whitespace(),
    };
    let trimmed = |text: &'_ str| match between {
        // A tab at the beginning stands between an empty cell and the next one.
        Between::Tabs => text.len() - text.trim_start_matches(' ').len(),
        _ => text.len() - text.trim_start().len(),
    };
    let mut cells = Vec::new();
    let mut rest = &line[trimmed(line)..];
    loop {
        let (cell, after) = match rest.chars().next() {
            Some('\'' | '"') => {
                let (text, after) = quoted(rest)?;
                (WrittenCell { text: Cow::Owned(text), is_quoted: true }, after)
            }
            _ => {
                let (text, after) = rest.split_at(rest.find(parts).unwrap_or(rest.len()));
                (WrittenCell { text: Cow::Borrowed(text.trim()), is_quoted: false }, after)
            }
        };
        cells.push(cell);
        let after = match between {
            Between::Commas => after.trim_start(),
            Between::Tabs => after.trim_start_matches(' '),
            Between::Blanks => after.trim_end(),
        };
        let mut chars = after.chars();
        match chars.next() {
            None => return Ok(cells),
            Some(c) if parts(c) => rest = &chars.as_str()[trimmed(chars.as_str())..],
            Some(_) => {
                return Err(ReadProblem::Syntax("a comma is missing after a quoted text".to_owned()));
            }
        }
    }
}

/// The cells of a row of KEEL that was read without fault, a kind each.
pub(crate) fn keel_cells<'a>(row: &'a str, kinds: &[ColumnKind]) -> Vec<WrittenCell<'a>> {
    split_row(row.trim(), kinds.len()).unwrap_or_default()
}

/// The cells of a row of ARFF that was read without fault, a kind each. What a sparse row leaves out is 0, or
/// the first of the declared values.
pub(crate) fn arff_cells<'a>(row: &'a str, kinds: &[ColumnKind]) -> Vec<WrittenCell<'a>> {
    let row = without_comment(row).trim();
    let Some(sparse) = row.strip_prefix('{') else { return split_row(row, kinds.len()).unwrap_or_default() };
    let left_out = |kind: &ColumnKind| match kind {
        ColumnKind::Categorical(values) => {
            WrittenCell { text: Cow::Owned(values.first().cloned().unwrap_or_default()), is_quoted: true }
        }
        _ => WrittenCell { text: Cow::Borrowed("0"), is_quoted: false },
    };
    let mut cells: Vec<WrittenCell<'a>> = kinds.iter().map(left_out).collect();
    for cell in split_sparse(sparse).map(|(cells, _)| cells).unwrap_or_default() {
        let (number, value) = cell.split_once(char::is_whitespace).unwrap_or((cell, ""));
        let values = split(value).unwrap_or_default();
        let place = number.parse().ok().and_then(|number: usize| cells.get_mut(number));
        if let (Some(place), Some(value)) = (place, values.into_iter().next()) {
            *place = value;
        }
    }
    cells
}

/// The cells of a sparse row after its opening brace, each with its quotes, and what follows the
/// closing one.
pub(crate) fn split_sparse(row: &str) -> Result<(Vec<&str>, &str), ReadProblem> {
    let (mut cells, mut start) = (Vec::new(), 0);
    for (at, _, c) in outside_quotes(row).filter(|(.., c)| matches!(c, ',' | '}')) {
        let cell = row[start..at].trim();
        start = at + 1;
        if c == ',' || !cell.is_empty() || !cells.is_empty() {
            cells.push(cell);
        }
        if c == '}' {
            return Ok((cells, &row[start..]));
        }
    }
    let problem = "a sparse row is not closed with } outside quotes: the file may be cut short";
    Err(ReadProblem::Syntax(problem.to_owned()))
}

/// The text between a quote and the next of its kind, and what follows. A backslash takes the
/// character after it as it is, but `\n`, `\r` and `\t` are line ends and a tab, as Weka writes them.
pub(crate) fn quoted(text: &str) -> Result<(String, &str), ReadProblem> {
    let mut chars = text.char_indices();
    let Some((_, quote)) = chars.next() else { return Err(ReadProblem::OpenQuote) };
    let mut content = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => content.extend(chars.next().map(|(_, escaped)| match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                itself => itself,
            })),
            c if c == quote => return Ok((content, &text[at + c.len_utf8()..])),
            c => content.push(c),
        }
    }
    Err(ReadProblem::OpenQuote)
}

/// The characters outside quotes with their places, each after the character before it. A quote
/// opens where a text begins, so that `O'Brien` opens none.
pub(crate) fn outside_quotes(line: &str) -> impl Iterator<Item = (usize, char, char)> {
    let (mut quote, mut before, mut escaped) = (None, ' ', false);
    line.char_indices().filter_map(move |(at, c)| {
        let previous = std::mem::replace(&mut before, c);
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') && (previous.is_whitespace() || ",{".contains(previous)) => {
                quote = Some(c);
            }
            None => return Some((at, previous, c)),
        }
        None
    })
}

/// The line without a comment: from a `%` outside quotes that begins the line or follows a space.
pub(crate) fn without_comment(line: &str) -> &str {
    if !line.contains('%') {
        return line;
    }
    let comment = outside_quotes(line).find(|(_, before, c)| *c == '%' && before.is_whitespace());
    comment.map_or(line, |(at, ..)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(line: &str) -> (String, Attribute) {
        match parse(line) {
            Ok(Declaration::Attribute(name, kind)) => (name, kind),
            _ => panic!("an attribute: {line}"),
        }
    }

    #[test]
    fn attributes_of_both_dialects() {
        let nominal = |values: &[&str]| {
            Attribute::Of(ColumnKind::Categorical(values.iter().map(ToString::to_string).collect()))
        };
        assert_eq!(
            kind("@attribute Mcg real [0.0, 0.89]"),
            ("Mcg".into(), Attribute::Of(ColumnKind::Numeric))
        );
        assert_eq!(kind("@ATTRIBUTE a INTEGER[0,4]"), ("a".into(), Attribute::Of(ColumnKind::Integer)));
        assert_eq!(kind("@attribute Class{no,yes}"), ("Class".into(), nominal(&["no", "yes"])));
        assert_eq!(
            kind(r"@attribute 'it\'s %' {'a, b', c , {}"),
            ("it's %".into(), nominal(&["a, b", "c", "{"]))
        );
        assert_eq!(kind("@attribute when date \"yyyy-MM-dd\""), ("when".into(), Attribute::Texts));
        assert!(matches!(
            parse("@attribute note relational"),
            Err(ReadProblem::UnsupportedAttribute { kind }) if kind == "relational"
        ));
        for broken in ["@attribute", "@attribute a", "@attribute a {x,y", "@attribute 'a numeric", "@what"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn comments_end_a_line_but_not_a_quote() {
        assert_eq!(without_comment("1,2 % three"), "1,2 ");
        assert_eq!(without_comment("'50 % off',1"), "'50 % off',1");
        assert_eq!(without_comment("50%,1"), "50%,1");
        assert_eq!(without_comment("% all of it"), "");
        assert_eq!(without_comment("O'Brien, 5 % share"), "O'Brien, 5 ");
        assert_eq!(without_comment(r"{'a\\', 'b % c'} % d"), r"{'a\\', 'b % c'} ");
    }

    fn texts(line: &str) -> Vec<String> {
        split(line).expect("well formed").into_iter().map(|cell| cell.text.into_owned()).collect()
    }

    #[test]
    fn quoted_parts_keep_commas_and_nothing_is_lost() {
        assert_eq!(texts("a, 'b,c' ,\"d\""), ["a", "b,c", "d"]);
        assert_eq!(texts("'a',"), ["a", ""]);
        assert!(split("'a' b").is_err());
        assert!(split("'a").is_err());
        assert_eq!(texts(r"'a\n\\\'b', c\n"), ["a\n\\'b", r"c\n"]);
    }

    #[test]
    fn values_are_parted_by_commas_tabs_or_blanks() {
        let count = |row: &str, expected: usize| split_row(row, expected).map(|cells| cells.len());
        for row in ["1,x", "1\tx", "1 x", "1,x,", "1   'x y'", "\"x\" y"] {
            assert_eq!(count(row, 2).expect(row), 2, "{row}");
        }
        assert_eq!(split_row("\tx", 2).expect("a tab")[0].text, "");
        assert!(matches!(count("1,2 3", 3), Err(ReadProblem::RowLength { found: 2, .. })));
        assert!(count("1 x", 3).is_err());
    }

    #[test]
    fn sparse_rows_are_written_out() {
        let values = ColumnKind::Categorical(vec!["x".into(), "b c".into()]);
        let kinds = [ColumnKind::Numeric, values.clone(), ColumnKind::Integer, values];
        let cells = arff_cells("{1 'b c', 2 5} % note", &kinds);
        let shown: Vec<&str> = cells.iter().map(|cell| cell.text.as_ref()).collect();
        assert_eq!(shown, ["0", "b c", "5", "x"]);
        assert!(cells[1].is_quoted);
    }
}
