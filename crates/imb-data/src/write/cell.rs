//! How a cell is written so that it is read back as what it was.

use imb_core::ColumnKind;

use crate::read::value::{may_be_gap, may_be_number, number};
use crate::read::written_cell::WrittenCell;

/// Whole numbers up to here are written as such.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// The form of the cells that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Delimited text.
    Delimited { delimiter: u8, quote_all: bool },
    /// ARFF and KEEL.
    Declared,
}

impl Style {
    pub(crate) fn delimiter(self) -> u8 {
        match self {
            Self::Delimited { delimiter, .. } => delimiter,
            Self::Declared => b',',
        }
    }

    /// Appends a number in the shortest form that reads back as the same number; NaN is a gap.
    pub(crate) fn append_number(self, bytes: &mut Vec<u8>, value: f64, whole: bool, decimal_comma: bool) {
        if value.is_nan() {
            return self.append_gap(bytes);
        }
        let quote = matches!(self, Self::Delimited { quote_all: true, .. });
        bytes.extend(quote.then_some(b'"'));
        let start = bytes.len();
        if whole && value.fract() == 0.0 && value.abs() < EXACT_BELOW {
            bytes.extend(itoa::Buffer::new().format(value as i64).as_bytes());
        } else {
            bytes.extend(zmij::Buffer::new().format(value).as_bytes());
        }
        if decimal_comma && let Some(point) = bytes[start..].iter().position(|byte| *byte == b'.') {
            bytes[start + point] = b',';
            // Where commas part cells too, the number stands between quotes.
            if !quote && self.delimiter() == b',' {
                bytes.insert(start, b'"');
                bytes.push(b'"');
            }
        }
        bytes.extend(quote.then_some(b'"'));
    }

    pub(crate) fn append_gap(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Delimited { .. } => {}
            Self::Declared => bytes.push(b'?'),
        }
    }

    /// Appends a text, quoted where it would otherwise be read as something else.
    pub(crate) fn append_text(self, bytes: &mut Vec<u8>, text: &str, missing: &[String]) {
        match self {
            Self::Declared => append_declared(bytes, text),
            Self::Delimited { quote_all, .. } => {
                let plain = !quote_all
                    && self.may_stay_bare(text)
                    && text.trim() == text
                    && !may_be_gap(text)
                    && !may_be_number(text)
                    && !missing.iter().any(|gap| gap == text);
                if plain {
                    bytes.extend(text.as_bytes());
                } else {
                    append_quoted(bytes, text);
                }
            }
        }
    }

    /// Whether a text of a delimited file needs no quotes to be one cell, by whichever delimiter a reader
    /// guesses.
    pub(crate) fn may_stay_bare(self, text: &str) -> bool {
        let special = |byte: u8| byte == self.delimiter() || b"\"\r\n,;\t|".contains(&byte);
        self != Self::Declared && !text.bytes().any(special)
    }

    /// Appends the name of a column of delimited text, which stands in the first line if `is_first`.
    pub(crate) fn append_name(self, bytes: &mut Vec<u8>, name: &str, is_first: bool) {
        let like_a_note = name.starts_with(['#', '%', '@'])
            || name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="));
        if is_first && like_a_note {
            append_quoted(bytes, name);
        } else {
            self.append_text(bytes, name, &[]);
        }
    }

    /// Appends a cell that was read in another form.
    pub(crate) fn append_converted(
        self,
        bytes: &mut Vec<u8>,
        cell: &WrittenCell<'_>,
        kind: &ColumnKind,
        decimal_comma: bool,
        missing: &[String],
    ) {
        if matches!(kind, ColumnKind::Categorical(_)) {
            return self.append_text(bytes, &cell.text, missing);
        }
        let text = if decimal_comma { cell.text.replacen(',', ".", 1) } else { cell.text.to_string() };
        let is_plain = number(&text, false).is_ok();
        match text.parse::<f64>() {
            Ok(value) if !is_plain => self.append_number(bytes, value, *kind == ColumnKind::Integer, false),
            _ => bytes.extend(text.as_bytes()),
        }
    }
}

fn append_quoted(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    for byte in text.bytes() {
        bytes.extend((byte == b'"').then_some(b'"'));
        bytes.push(byte);
    }
    bytes.push(b'"');
}

/// A text in single quotes, with backslashes as Weka writes them, unless it is a plain word.
pub(crate) fn append_declared(bytes: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return bytes.extend(text.as_bytes());
    }
    bytes.push(b'\'');
    for byte in text.bytes() {
        match byte {
            b'\n' => bytes.extend(b"\\n"),
            b'\r' => bytes.extend(b"\\r"),
            b'\t' => bytes.extend(b"\\t"),
            b'\\' | b'\'' | b'"' => bytes.extend([b'\\', byte]),
            byte => bytes.push(byte),
        }
    }
    bytes.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Style = Style::Delimited { delimiter: b',', quote_all: false };

    fn written(append: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = Vec::new();
        append(&mut bytes);
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn numbers_are_exact_and_follow_the_kind() {
        let number = |value, whole, comma| written(|bytes| COMMA.append_number(bytes, value, whole, comma));
        assert_eq!(number(0.1, false, false), "0.1");
        assert_eq!(number(3.0, false, true), "\"3,0\"", "a comma parts cells too");
        let semicolon = Style::Delimited { delimiter: b';', quote_all: false };
        assert_eq!(written(|bytes| semicolon.append_number(bytes, 3.0, false, true)), "3,0");
        assert_eq!(number(-3.0, true, false), "-3");
        assert_eq!(number(1e300, false, false), "1e+300");
        assert_eq!(number(f64::NAN, true, false), "");
        let all = Style::Delimited { delimiter: b';', quote_all: true };
        assert_eq!(written(|bytes| all.append_number(bytes, 0.5, false, true)), "\"0,5\"");
        assert_eq!(written(|bytes| Style::Declared.append_number(bytes, f64::NAN, true, false)), "?");
    }

    #[test]
    fn texts_are_quoted_where_they_would_be_something_else() {
        let text = |text: &str| written(|bytes| COMMA.append_text(bytes, text, &["gone".to_owned()]));
        assert_eq!(text("x y"), "x y");
        for odd in ["NA", "05", "1,5", " x", "", "a\nb", "gone", "inf"] {
            assert_eq!(text(odd), format!("\"{odd}\""));
        }
        assert_eq!(text("say \"y\""), "\"say \"\"y\"\"\"");
        let declared = |text: &str| written(|bytes| append_declared(bytes, text));
        assert_eq!(declared("NA"), "NA");
        assert_eq!(declared("it's %\n"), "'it\\'s %\\n'");
    }
}
