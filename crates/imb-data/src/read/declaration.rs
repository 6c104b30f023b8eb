//! Lines such as `@attribute 'petal width' numeric`, which KEEL and ARFF share.

use imb_core::{ColumnKind, ReadProblem};

/// What a declaration line says.
pub(crate) enum Declaration<'a> {
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
pub(crate) fn parse(line: &str) -> Result<Declaration<'_>, ReadProblem> {
    let (word, rest) = line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()));
    match word.to_ascii_lowercase().as_str() {
        "@relation" => Ok(Declaration::Relation(rest.trim())),
        "@attribute" => {
            let (name, kind) = attribute(rest.trim())?;
            Ok(Declaration::Attribute(name, kind))
        }
        "@output" | "@outputs" => {
            Ok(Declaration::Outputs(rest.split(',').map(|name| name.trim().to_owned()).collect()))
        }
        "@input" | "@inputs" => Ok(Declaration::Other),
        "@data" => Ok(Declaration::Data),
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
        return Ok((name, ColumnKind::Categorical(split(values)?)));
    }
    let word = kind.split(|c: char| c.is_whitespace() || c == '[').next().unwrap_or("");
    match word.to_ascii_lowercase().as_str() {
        "numeric" | "real" => Ok((name, ColumnKind::Numeric)),
        "integer" => Ok((name, ColumnKind::Integer)),
        _ => Err(ReadProblem::UnsupportedAttribute { kind: word.to_owned() }),
    }
}

/// Splits at commas outside quotes; each part without surrounding space and quotes.
pub(crate) fn split(line: &str) -> Result<Vec<String>, ReadProblem> {
    if !line.contains(['\'', '"', '\\']) {
        return Ok(line.split(',').map(|part| part.trim().to_owned()).collect());
    }
    let mut parts = Vec::new();
    let mut rest = line.trim_start();
    loop {
        let (part, after) = match rest.chars().next() {
            Some('\'' | '"') => quoted(rest)?,
            _ => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
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

/// The text between a quote and the next of its kind (a backslash takes the character after it as
/// it is), and what follows.
pub(crate) fn quoted(text: &str) -> Result<(String, &str), ReadProblem> {
    let mut chars = text.char_indices();
    let Some((_, quote)) = chars.next() else { return Err(ReadProblem::OpenQuote) };
    let mut content = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => content.extend(chars.next().map(|(_, escaped)| escaped)),
            c if c == quote => return Ok((content, &text[at + c.len_utf8()..])),
            c => content.push(c),
        }
    }
    Err(ReadProblem::OpenQuote)
}

/// The line without a comment: from a `%` outside quotes that begins the line or follows a space.
pub(crate) fn without_comment(line: &str) -> &str {
    if !line.contains('%') {
        return line;
    }
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '%') if before.is_whitespace() => return &line[..at],
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    line
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
    }

    #[test]
    fn quoted_parts_keep_commas_and_nothing_is_lost() {
        assert_eq!(split("a, 'b,c' ,\"d\"").expect("well formed"), ["a", "b,c", "d"]);
        assert_eq!(split("'a',").expect("an empty end"), ["a", ""]);
        assert!(split("'a' b").is_err());
        assert!(split("'a").is_err());
    }
}
