//! Lines such as `@attribute 'petal width' numeric`, and the rules of quoting, which KEEL and ARFF
//! share.

use std::borrow::Cow;

use imb_core::{ColumnKind, ReadProblem, Result};

use super::column::shortened;
use super::delimited::require_distinct;
use super::source::Text;

/// What the lines up to `@data` say.
pub(crate) struct Head<'a> {
    /// The rest of the `@relation` line.
    pub(crate) relation: &'a str,
    /// Names and kinds of the columns.
    pub(crate) attributes: Vec<(String, ColumnKind)>,
    /// The names after `@outputs`.
    pub(crate) outputs: Vec<String>,
    /// The line of `@data`: rows stand below it.
    pub(crate) data_line: u64,
}

/// Whether the first line that is no comment is a declaration.
pub(crate) fn begins(text: &Text) -> bool {
    let mut lines = text.lines().map(|(_, line)| line.trim());
    lines.find(|line| !line.is_empty() && !line.starts_with('%')).is_some_and(|line| line.starts_with('@'))
}

/// Parses the lines up to `@data`.
pub(crate) fn head(text: &Text) -> Result<Head<'_>> {
    let mut head = Head { relation: "", attributes: Vec::new(), outputs: Vec::new(), data_line: 1 };
    for (line, content) in text.lines() {
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

/// What a declaration line says.
enum Declaration<'a> {
    /// `@relation`, with the rest of the line.
    Relation(&'a str),
    /// `@attribute`, with a name and a kind.
    Attribute(String, ColumnKind),
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
            let names = split(rest)?.into_iter().map(Cow::into_owned);
            Ok(Declaration::Outputs(names.filter(|name| !name.is_empty()).collect()))
        }
        "@input" | "@inputs" => Ok(Declaration::Other),
        "@data" if rest.is_empty() => Ok(Declaration::Data),
        "@data" => Err(ReadProblem::Syntax("rows begin on the line below @data".to_owned())),
        _ => Err(ReadProblem::Syntax("is no declaration known here".to_owned())),
    }
}

/// A name and a type.
fn attribute(rest: &str) -> Result<(String, ColumnKind), ReadProblem> {
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
        let values = split(values)?.into_iter().map(Cow::into_owned).collect();
        return Ok((name, ColumnKind::Categorical(values)));
    }
    let word = kind.split(|c: char| c.is_whitespace() || c == '[').next().unwrap_or("");
    match word.to_ascii_lowercase().as_str() {
        "numeric" | "real" => Ok((name, ColumnKind::Numeric)),
        "integer" => Ok((name, ColumnKind::Integer)),
        _ => Err(ReadProblem::UnsupportedAttribute { kind: shortened(&[word]) }),
    }
}

/// Splits at commas outside quotes; each part without surrounding space and quotes.
pub(crate) fn split(line: &str) -> Result<Vec<Cow<'_, str>>, ReadProblem> {
    if !line.contains(['\'', '"']) {
        return Ok(line.split(',').map(|part| Cow::Borrowed(part.trim())).collect());
    }
    let mut parts = Vec::new();
    let mut rest = line.trim_start();
    loop {
        let (part, after) = match rest.chars().next() {
            Some('\'' | '"') => quoted(rest).map(|(part, after)| (Cow::Owned(part), after))?,
            _ => {
                let (part, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                (Cow::Borrowed(part.trim()), after)
            }
        };
        parts.push(part);
        let after = after.trim_start();
        match after.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if after.is_empty() => return Ok(parts),
            None => return Err(ReadProblem::Syntax("a comma is missing after a quoted text".to_owned())),
        }
    }
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

    fn kind(line: &str) -> (String, ColumnKind) {
        match parse(line) {
            Ok(Declaration::Attribute(name, kind)) => (name, kind),
            _ => panic!("an attribute: {line}"),
        }
    }

    #[test]
    fn attributes_of_both_dialects() {
        let nominal =
            |values: &[&str]| ColumnKind::Categorical(values.iter().map(ToString::to_string).collect());
        assert_eq!(kind("@attribute Mcg real [0.0, 0.89]"), ("Mcg".into(), ColumnKind::Numeric));
        assert_eq!(kind("@ATTRIBUTE a INTEGER[0,4]"), ("a".into(), ColumnKind::Integer));
        assert_eq!(kind("@attribute Class{no,yes}"), ("Class".into(), nominal(&["no", "yes"])));
        assert_eq!(
            kind(r"@attribute 'it\'s %' {'a, b', c , {}"),
            ("it's %".into(), nominal(&["a, b", "c", "{"]))
        );
        assert!(matches!(
            parse("@attribute note string"),
            Err(ReadProblem::UnsupportedAttribute { kind }) if kind == "string"
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

    #[test]
    fn quoted_parts_keep_commas_and_nothing_is_lost() {
        assert_eq!(split("a, 'b,c' ,\"d\"").expect("well formed"), ["a", "b,c", "d"]);
        assert_eq!(split("'a',").expect("an empty end"), ["a", ""]);
        assert!(split("'a' b").is_err());
        assert!(split("'a").is_err());
        let escaped = split(r"'a\n\\\'b', c\n").expect("well formed");
        assert_eq!(escaped, ["a\n\\'b", r"c\n"]);
    }
}
