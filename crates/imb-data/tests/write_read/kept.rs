//! Rows of a file that are written again: byte for byte to the same form, and in any form as the same table.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use imb_core::{Column, ColumnKind, Table};
use imb_data::{Destination, Header, Input, NewCells, OutTable, Parsed, ReadOptions};
use ndarray::{Array1, ArrayView1};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use crate::generate::{Cells, columns, delimited, dense_row, head, look, n_rows, packed, text};

/// Writes rows of a file that was read, with a new row of these numbers, into a file of this name.
fn written(
    name: &str,
    (from, parsed): (&Input, &Parsed),
    kept: &[usize],
    new: Option<ArrayView1<'_, f64>>,
) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let columns = parsed.table.columns();
    let cells = |column: &Column| match column.kind {
        ColumnKind::Categorical(_) => NewCells::CopiesOf(vec![0]),
        _ => new.map_or(NewCells::Gaps, |new| NewCells::Numbers(new.into())),
    };
    let table = OutTable {
        names: columns.iter().map(|column| column.name.as_str()).collect(),
        kinds: columns.iter().map(|column| column.kind.clone()).collect(),
        kept,
        n_new: usize::from(new.is_some()),
        new: columns.iter().map(cells).collect(),
        extra: Vec::new(),
        changed: Vec::new(),
        labels: Vec::new(),
        relation: "table".to_owned(),
    };
    let to = Destination::new(&path).expect("a known ending");
    table.write(&to, from, &parsed.layout, &AtomicBool::new(false)).expect("written");
    std::fs::read(&path).expect("there")
}

fn memory(name: &str, bytes: Vec<u8>) -> Input {
    Input::Memory { name: name.into(), bytes }
}

/// The cells of a table as texts; a number by its bits, a gap as nothing.
fn cells(table: &Table<()>) -> Vec<(String, Vec<Option<String>>)> {
    let cell = |column: &Column, value: f64| match &column.kind {
        _ if value.is_nan() => None,
        ColumnKind::Categorical(texts) => Some(texts[value as usize].clone()),
        _ => Some(format!("{:x}", value.to_bits())),
    };
    let column = |column: &Column| {
        let values = column.values.to_dense(table.n_rows());
        (column.name.clone(), values.into_iter().map(|value| cell(column, value)).collect())
    };
    table.columns().iter().map(column).collect()
}

/// Texts that look like numbers are texts only if their column is said to be, or if they are quoted.
fn texts_of(columns: &[(String, Cells)]) -> Vec<String> {
    let texts = columns.iter().filter(|(_, cells)| matches!(cells, Cells::Texts(_)));
    texts.map(|(name, _)| name.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn kept_rows_stay_byte_for_byte(
        columns in columns(text().boxed(), 1 << 53),
        look in look(),
        pack in any::<bool>(),
        kept in vec(any::<Index>(), 0..8),
    ) {
        let kept: Vec<usize> = kept.iter().map(|index| index.index(n_rows(&columns))).collect();
        let options =
            ReadOptions { header: Header::Present, categorical: texts_of(&columns), ..ReadOptions::default() };
        let content = delimited(&columns, &look);
        let from = memory("any.csv", packed(content, pack));
        let parsed = from.parse(&options).expect("readable");
        let ending = if look.delimiter == '\t' { "out.tsv" } else { "out.csv" };
        let out = written(ending, (&from, &parsed), &kept, None);

        // The head and each row, which may hold line ends between quotes, as the generator writes them.
        let one = |row: usize| {
            let only = columns.iter().map(|(name, cells)| (name.clone(), cells.only(row))).collect::<Vec<_>>();
            let whole = delimited(&only, &crate::generate::Look { last_line_end: true, mark: "", ..look.clone() });
            let head = delimited(&only.iter().map(|(name, _)| (name.clone(), Cells::Texts(vec![]))).collect::<Vec<_>>(),
                &crate::generate::Look { last_line_end: true, mark: "", ..look.clone() });
            (head.clone(), whole[head.len()..].to_owned())
        };
        let head = one(0).0;
        let expected: String =
            [look.mark.to_owned(), head].into_iter().chain(kept.iter().map(|&row| one(row).1)).collect();
        prop_assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn what_is_written_in_any_form_is_read_as_the_same_table(
        columns in columns(text().boxed(), 1 << 53),
        look in look(),
        arff in any::<bool>(),
        ending in select(vec!["csv", "csv.gz", "tsv", "txt", "arff", "arff.gz", "dat"]),
        kept in vec(any::<Index>(), 1..8),
    ) {
        let kept: Vec<usize> = kept.iter().map(|index| index.index(n_rows(&columns))).collect();
        let rows = || (0..n_rows(&columns)).map(|row| dense_row(&columns, row)).collect::<Vec<_>>().join("\n");
        let options =
            ReadOptions { header: Header::Present, categorical: texts_of(&columns), ..ReadOptions::default() };
        let from = if arff { memory("any.arff", format!("{}\n@data\n{}\n", head(&columns), rows()).into_bytes()) } else { memory("any.csv", delimited(&columns, &look).into_bytes()) };
        let parsed = from.parse(&options).expect("readable");
        let out = written(&format!("out.{ending}"), (&from, &parsed), &kept, None);
        let shown = String::from_utf8_lossy(&out).into_owned();
        let back = memory(&format!("out.{ending}"), out).parse(&ReadOptions { header: Header::Present, ..options });
        let back = back.unwrap_or_else(|error| panic!("{error}\n{shown}"));
        prop_assert_eq!(cells(&back.table), cells(&parsed.table.select_rows(&kept)), "{}", shown);
    }
}

/// Cells that look like comments, sparse rows or gaps are in another form what they were read as.
#[test]
fn cells_that_look_like_something_else_keep_their_meaning() {
    let arff = |values: &str, rows: &str| {
        format!("@relation r\n@attribute a {{{values}}}\n@attribute x real\n@data\n{rows}\n")
    };
    let keel = "@relation r\n@attribute a {%, kg, {}\n@attribute x real\n@data\n%, 1\nkg, 2\n{, 3\n";
    let read = |numeric: &[&str], missing: &[&str]| ReadOptions {
        header: Header::Present,
        numeric: numeric.iter().map(ToString::to_string).collect(),
        missing: missing.iter().map(ToString::to_string).collect(),
        ..ReadOptions::default()
    };
    for (name, content, options, gaps) in [
        ("a.dat", keel.to_owned(), read(&[], &[]), 0),
        ("a.arff", arff("a,b", "NA,1\na,2"), read(&[], &[]), 1),
        ("a.arff", arff("a,NA", "NA,1\na,2"), read(&[], &[]), 0),
        ("a.arff", arff("none,low", "none,1\nlow,2"), read(&[], &["none"]), 1),
        ("a.arff", arff("'<null>',low", "<null>,1\n'<null>',2"), read(&[], &[]), 1),
        ("a.csv", "a,x\n\"\",1\n2,2\n".to_owned(), read(&["a"], &[]), 1),
    ] {
        let from = memory(name, content.clone().into_bytes());
        let parsed = from.parse(&options).expect("readable");
        let before = cells(&parsed.table);
        assert_eq!(before[0].1.iter().filter(|cell| cell.is_none()).count(), gaps, "{content}");
        let kept: Vec<usize> = (0..parsed.table.n_rows()).collect();
        for ending in ["csv", "arff", "dat"] {
            let out = written(&format!("out.{ending}"), (&from, &parsed), &kept, None);
            let shown = String::from_utf8_lossy(&out).into_owned();
            let back = memory(&format!("out.{ending}"), out).parse(&options);
            let back = back.unwrap_or_else(|error| panic!("{error}\n{shown}"));
            assert_eq!(cells(&back.table), before, "{content}\n{shown}");
        }
    }
}

/// A new row follows in the form of the file.
#[test]
fn new_rows_follow_the_form_of_the_file() {
    let new = Array1::from(vec![2.25]);
    for (name, content, expected) in [
        ("a.csv", "x;y\r\n1,5;a\r\n", "x;y\r\n1,5;a\r\n2,25;a\r\n"),
        ("a.csv", "\"x\",\"y\"\n\"1.5\",\"a b\"", "\"x\",\"y\"\n\"1.5\",\"a b\"\n\"2.25\",\"a b\"\n"),
        ("a.csv", "sep=|\nx|y|\n1.5|a|\n", "sep=|\nx|y|\n1.5|a|\n2.25|a|\n"),
        (
            "a.arff",
            "@relation r\n@attribute x real\n@attribute y string\n@data\n1.5, a % one\n",
            "@relation r\n@attribute x real\n@attribute y string\n@data\n1.5, a % one\n2.25,a\n",
        ),
    ] {
        let from = memory(name, content.into());
        let parsed = from.parse(&ReadOptions::default()).expect("readable");
        let out = written(name, (&from, &parsed), &[0], Some(new.view()));
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }
}

#[test]
fn a_file_that_has_changed_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "x,y\n1,a\n").expect("written");
    let from = Input::open(Path::new(&path)).expect("a file");
    let parsed = from.parse(&ReadOptions::default()).expect("readable");
    std::fs::write(&path, "x,y\n2,a\n").expect("written");
    let table = OutTable {
        names: vec!["x", "y"],
        kinds: parsed.table.columns().iter().map(|column| column.kind.clone()).collect(),
        kept: &[0],
        n_new: 0,
        new: vec![NewCells::Gaps, NewCells::Gaps],
        extra: Vec::new(),
        changed: Vec::new(),
        labels: Vec::new(),
        relation: "table".to_owned(),
    };
    let to = Destination::new(&folder.path().join("out.csv")).expect("known");
    let error =
        table.write(&to, &from, &parsed.layout, &AtomicBool::new(false)).expect_err("changed").to_string();
    assert!(error.contains("has changed since it was read"), "{error}");
    assert!(!folder.path().join("out.csv").exists());
    let stopped = table.write(
        &to,
        &from,
        &from.parse(&ReadOptions::default()).expect("readable").layout,
        &AtomicBool::new(true),
    );
    assert!(matches!(stopped, Err(imb_core::Error::Interrupted { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "no draft is left");
}
