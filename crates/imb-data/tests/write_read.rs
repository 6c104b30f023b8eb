//! What is written is read back: names, kinds, texts, and numbers bit for bit.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use imb_data::{Header, ReadOptions, read_bytes};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// A column to be written. `None` is a gap.
#[derive(Clone, Debug)]
enum Cells {
    Numeric(Vec<Option<f64>>),
    Integer(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

type Columns = Vec<(String, Cells)>;

impl Cells {
    /// A cell as it is written, numbers so that they tell their kind; `None` for a gap.
    fn written(&self, row: usize, quoted: impl Fn(&str) -> String) -> Option<String> {
        match self {
            Self::Numeric(cells) => cells[row].map(|number| format!("{number:?}")),
            Self::Integer(cells) => cells[row].map(|number| number.to_string()),
            Self::Texts(cells) => cells[row].as_deref().map(quoted),
        }
    }

    /// The different texts, in the order in which they come.
    fn values(&self) -> Vec<&str> {
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
    fn is_zero(&self, row: usize) -> bool {
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
fn text() -> impl Strategy<Value = String> {
    let odd = "a0é語\"'`,;|\t \n\r%{}\\?@&<\u{a0}".chars().collect::<Vec<char>>();
    let letter = prop_oneof![4 => select(odd), 1 => any::<char>()];
    let letter = letter.prop_filter("no text", |c| !matches!(c, '\0' | '\u{feff}'));
    let letters = vec(letter, 0..8).prop_map(|letters| letters.into_iter().collect::<String>());
    let known = vec!["1", "-2.5", "05", "1,5", "NA", "nan", "<null>", "?", "null", " x", "@data", "#x", "sep=;"];
    prop_oneof![4 => letters, 1 => select(known).prop_map(String::from)]
}

/// Two columns at least, since the row of a gap in a single one is an empty line.
fn columns(text: BoxedStrategy<String>, limit: i64) -> impl Strategy<Value = Columns> {
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

fn n_rows(columns: &Columns) -> usize {
    match &columns[0].1 {
        Cells::Numeric(cells) => cells.len(),
        Cells::Integer(cells) => cells.len(),
        Cells::Texts(cells) => cells.len(),
    }
}

fn packed(content: String, pack: bool) -> Vec<u8> {
    if !pack {
        return content.into_bytes();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).expect("to memory");
    encoder.finish().expect("to memory")
}

/// Reads bytes and compares what comes back. Returns the outputs that the file names.
fn require_same(name: &str, bytes: Vec<u8>, options: &ReadOptions, columns: &Columns) -> Vec<String> {
    use imb_core::ColumnKind::{Categorical, Integer, Numeric};
    let shown = String::from_utf8_lossy(&bytes).into_owned();
    let parsed =
        read_bytes(Path::new(name), bytes, options).unwrap_or_else(|error| panic!("{error}\n{shown}"));
    assert_eq!(parsed.table.n_rows(), n_rows(columns), "{shown}");
    assert_eq!(parsed.table.n_columns(), columns.len(), "{shown}");
    for (column, (name, cells)) in parsed.table.columns().iter().zip(columns) {
        assert_eq!(&column.name, name, "{shown}");
        let (kind, numbers) = (&column.kind, column.values.to_dense(n_rows(columns)));
        let bits = |number: Option<f64>| number.filter(|number| !number.is_nan()).map(f64::to_bits);
        for (row, number) in numbers.into_iter().enumerate() {
            let number = Some(number);
            match (cells, kind) {
                (Cells::Numeric(cells), Numeric) => assert_eq!(bits(number), bits(cells[row]), "{shown}"),
                (Cells::Integer(cells), Integer | Numeric) => {
                    assert_eq!(bits(number), bits(cells[row].map(|cell| cell as f64)), "{shown}");
                    let known = cells.iter().any(Option::is_some);
                    assert!(*kind == Integer || !known, "{shown}");
                }
                (Cells::Texts(cells), Categorical(values)) => {
                    let text = number.filter(|code| !code.is_nan()).map(|code| &values[code as usize]);
                    assert_eq!(text, cells[row].as_ref(), "{shown}");
                }
                _ => panic!("{name:?} is {kind:?}\n{shown}"),
            }
        }
    }
    parsed.outputs
}

/// How a delimited file is written.
#[derive(Clone, Debug)]
struct Look {
    delimiter: char,
    line_end: &'static str,
    mark: &'static str,
    gap: &'static str,
    quote_texts: bool,
    last_line_end: bool,
}

fn look() -> impl Strategy<Value = Look> {
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

fn delimited(columns: &Columns, look: &Look) -> String {
    let special = |text: &str| text.contains(['"', ',', '\t', ';', '|', '\n', '\r']);
    // A text that is not quoted may be read as a gap, without the space around it, or as a note.
    let bare = |text: &str| {
        let odd = ["", "NA", "NaN", "nan", "?", "<null>", "null", "NULL"].contains(&text);
        !special(text) && !odd && text.trim() == text && !text.starts_with(['#', '%', 's'])
    };
    let quoted = |text: &str| match look.quote_texts || !bare(text) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
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
fn declared_quoted(text: &str) -> String {
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
fn head(columns: &Columns) -> String {
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

fn dense_row(columns: &Columns, row: usize) -> String {
    let cell =
        |(_, cells): &(String, Cells)| cells.written(row, declared_quoted).unwrap_or_else(|| "?".into());
    columns.iter().map(cell).collect::<Vec<_>>().join(", ")
}

fn sparse_row(columns: &Columns, row: usize) -> String {
    let cell = |(number, (_, cells)): (usize, &(String, Cells))| {
        let written = cells.written(row, declared_quoted).unwrap_or_else(|| "?".into());
        (!cells.is_zero(row)).then(|| format!("{number} {written}"))
    };
    let cells: Vec<String> = columns.iter().enumerate().filter_map(cell).collect();
    format!("{{{}}}", cells.join(","))
}

/// Texts that an attribute can declare beside gaps, which are written `?`.
fn declared_text() -> BoxedStrategy<String> {
    text().prop_filter("a gap", |text| text != "?").boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Above 2^53 whole numbers are no longer exact, and the reader no longer calls them so. Kinds
    /// are inferred: what may look like a number is named as categorical.
    #[test]
    fn delimited_files(columns in columns(text().boxed(), 1 << 53), look in look(), pack in any::<bool>()) {
        let categorical = columns.iter().filter(|(_, cells)| matches!(cells, Cells::Texts(_)));
        let categorical = categorical.map(|(name, _)| name.clone()).collect();
        let options = ReadOptions { header: Header::Present, categorical, ..ReadOptions::default() };
        require_same("any.csv", packed(delimited(&columns, &look), pack), &options, &columns);
    }

    /// A sparse row leaves out zeros, whatever their sign: no -0 where rows are sparse.
    #[test]
    fn arff_files(
        columns in columns(declared_text(), i64::MAX),
        sparse in vec(any::<bool>(), 6),
        pack in any::<bool>(),
    ) {
        let sparse = &sparse[..n_rows(&columns)];
        let mut columns = columns;
        for (_, cells) in &mut columns {
            if let (Cells::Numeric(cells), true) = (cells, sparse.contains(&true)) {
                cells.iter_mut().flatten().for_each(|number| *number += 0.0);
            }
        }
        let row = |(row, sparse): (usize, &bool)| match sparse {
            true => sparse_row(&columns, row),
            false => dense_row(&columns, row),
        };
        let rows: Vec<String> = sparse.iter().enumerate().map(row).collect();
        let content = format!("{}\n@data\n% it's\n{}", head(&columns), rows.join("\r\n"));
        require_same("any.arff", packed(content, pack), &ReadOptions::default(), &columns);
    }

    #[test]
    fn keel_files(columns in columns(declared_text(), i64::MAX), pack in any::<bool>()) {
        let output = &columns[1].0;
        let rows: Vec<String> = (0..n_rows(&columns)).map(|row| dense_row(&columns, row)).collect();
        let head = format!("{}\n@outputs {}", head(&columns), declared_quoted(output));
        let content = format!("{head}\n@data\n{}\n", rows.join("\n"));
        let outputs = require_same("any.dat", packed(content, pack), &ReadOptions::default(), &columns);
        prop_assert_eq!(outputs, [output.as_str()]);
    }
}
