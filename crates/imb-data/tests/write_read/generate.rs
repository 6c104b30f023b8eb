//! Tables of odd texts and numbers, and the files that hold them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// A column to be written. `None` is a gap.
#[derive(Clone, Debug)]
pub(crate) enum Cells {
    Numeric(Vec<Option<f64>>),
    Integer(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

pub(crate) type Columns = Vec<(String, Cells)>;

impl Cells {
    /// A cell as it is written, numbers so that they tell their kind; `None` for a gap.
    pub(crate) fn written(&self, row: usize, quoted: impl Fn(&str) -> String) -> Option<String> {
        match self {
            Self::Numeric(cells) => cells[row].map(|number| format!("{number:?}")),
            Self::Integer(cells) => cells[row].map(|number| number.to_string()),
            Self::Texts(cells) => cells[row].as_deref().map(quoted),
        }
    }

    /// The cells of one row.
    pub(crate) fn only(&self, row: usize) -> Self {
        match self {
            Self::Numeric(cells) => Self::Numeric(vec![cells[row]]),
            Self::Integer(cells) => Self::Integer(vec![cells[row]]),
            Self::Texts(cells) => Self::Texts(vec![cells[row].clone()]),
        }
    }

    /// The different texts, in the order in which they come.
    pub(crate) fn values(&self) -> Vec<&str> {
        let mut values = Vec::new();
        if let Self::Texts(cells) = self {
            for text in cells.iter().flatten() {
                if !values.contains(&text.as_str()) {
                    values.push(text);
                }
            }
        }
        values
    }

    /// Whether a sparse row leaves the cell out.
    pub(crate) fn is_zero(&self, row: usize) -> bool {
        match self {
            Self::Numeric(cells) => cells[row] == Some(0.0),
            Self::Integer(cells) => cells[row] == Some(0),
            Self::Texts(cells) => {
                cells[row].is_some() && cells[row].as_deref() == self.values().first().copied()
            }
        }
    }
}

/// Any text, with a liking for what readers stumble over. A zero byte is refused, and a byte order
/// mark means something at the start of a file.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let odd = "a0é語\"'`,;|\t \n\r%{}\\?@&<\u{a0}".chars().collect::<Vec<char>>();
    let letter = prop_oneof![4 => select(odd), 1 => any::<char>()];
    let letter = letter.prop_filter("no text", |c| !matches!(c, '\0' | '\u{feff}'));
    let letters = vec(letter, 0..8).prop_map(|letters| letters.into_iter().collect::<String>());
    let known =
        vec!["1", "-2.5", "05", "1,5", "NA", "nan", "<null>", "?", "null", " x", "@data", "#x", "sep=;"];
    prop_oneof![4 => letters, 1 => select(known).prop_map(String::from)]
}

/// Two columns at least, since the row of a gap in a single one is an empty line.
pub(crate) fn columns(text: BoxedStrategy<String>, limit: i64) -> impl Strategy<Value = Columns> {
    let name = text.clone().prop_filter("a column has a name", |name| !name.is_empty());
    (btree_set(name, 2..5), 1..6_usize).prop_flat_map(move |(names, n_rows)| {
        use proptest::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
        let number = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE;
        let cells = prop_oneof![
            vec(prop::option::weighted(0.8, number), n_rows).prop_map(Cells::Numeric),
            vec(prop::option::weighted(0.8, -limit..limit), n_rows).prop_map(Cells::Integer),
            vec(prop::option::weighted(0.8, text.clone()), n_rows).prop_map(Cells::Texts),
        ];
        let names: Vec<String> = names.into_iter().collect();
        vec(cells, names.len()).prop_map(move |cells| names.iter().cloned().zip(cells).collect())
    })
}

pub(crate) fn n_rows(columns: &Columns) -> usize {
    match &columns[0].1 {
        Cells::Numeric(cells) => cells.len(),
        Cells::Integer(cells) => cells.len(),
        Cells::Texts(cells) => cells.len(),
    }
}

pub(crate) fn packed(content: String, pack: bool) -> Vec<u8> {
    if !pack {
        return content.into_bytes();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).expect("to memory");
    encoder.finish().expect("to memory")
}

/// How a delimited file is written.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) delimiter: char,
    pub(crate) line_end: &'static str,
    pub(crate) mark: &'static str,
    pub(crate) gap: &'static str,
    pub(crate) quote_texts: bool,
    pub(crate) last_line_end: bool,
}

pub(crate) fn look() -> impl Strategy<Value = Look> {
    let gaps = vec!["", "?", "<null>"];
    let ends = (select(vec!["\n", "\r\n"]), any::<bool>());
    (select(vec![',', '\t', ';', '|']), ends, select(vec!["", "\u{feff}"]), select(gaps), any::<bool>())
        .prop_map(|(delimiter, (line_end, last_line_end), mark, gap, quote_texts)| Look {
            delimiter,
            line_end,
            mark,
            gap,
            quote_texts,
            last_line_end,
        })
}

pub(crate) fn delimited(columns: &Columns, look: &Look) -> String {
    let special = |text: &str| text.contains(['"', ',', '\t', ';', '|', '\n', '\r']);
    // A text that is not quoted may be read as a gap, without the space around it, or as a note.
    let bare = |text: &str| {
        let odd = ["", "NA", "NaN", "nan", "?", "<null>", "null", "NULL"].contains(&text);
        !special(text) && !odd && text.trim() == text && !text.starts_with(['#', '%', 's'])
    };
    let quoted = |text: &str| {
        if look.quote_texts || !bare(text) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let joined = |cells: Vec<String>| cells.join(&look.delimiter.to_string());
    let mut lines = vec![joined(columns.iter().map(|(name, _)| quoted(name)).collect())];
    for row in 0..n_rows(columns) {
        let cell =
            |(_, cells): &(String, Cells)| cells.written(row, quoted).unwrap_or_else(|| look.gap.to_owned());
        lines.push(joined(columns.iter().map(cell).collect()));
    }
    let last = if look.last_line_end { look.line_end } else { "" };
    format!("{}{}{last}", look.mark, lines.join(look.line_end))
}

/// In single or double quotes, by length, so that both are met.
pub(crate) fn declared_quoted(text: &str) -> String {
    let quote = if text.len().is_multiple_of(2) { '\'' } else { '"' };
    let mut written = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\\' | '\'' | '"' => written.extend(['\\', c]),
            c => written.push(c),
        }
    }
    written.push(quote);
    written
}

/// The head of an ARFF or KEEL file.
pub(crate) fn head(columns: &Columns) -> String {
    let mut lines = vec!["% it's a note".to_owned(), "@relation 'any, 50 % of it'".to_owned()];
    for (name, cells) in columns {
        let kind = match cells {
            Cells::Numeric(_) => "numeric".to_owned(),
            Cells::Integer(_) => "INTEGER".to_owned(),
            Cells::Texts(_) => {
                let values: Vec<String> = cells.values().into_iter().map(declared_quoted).collect();
                format!("{{{}}} % end", values.join(", "))
            }
        };
        lines.push(format!("@attribute {} {kind}", declared_quoted(name)));
    }
    lines.join("\n")
}

pub(crate) fn dense_row(columns: &Columns, row: usize) -> String {
    let cell =
        |(_, cells): &(String, Cells)| cells.written(row, declared_quoted).unwrap_or_else(|| "?".into());
    columns.iter().map(cell).collect::<Vec<_>>().join(", ")
}

pub(crate) fn sparse_row(columns: &Columns, row: usize) -> String {
    let cell = |(number, (_, cells)): (usize, &(String, Cells))| {
        let written = cells.written(row, declared_quoted).unwrap_or_else(|| "?".into());
        (!cells.is_zero(row)).then(|| format!("{number} {written}"))
    };
    let cells: Vec<String> = columns.iter().enumerate().filter_map(cell).collect();
    format!("{{{}}}", cells.join(","))
}

/// Texts that an attribute can declare beside gaps, which are written `?`.
pub(crate) fn declared_text() -> BoxedStrategy<String> {
    text().prop_filter("a gap", |text| text != "?").boxed()
}
