//! What the tests of the multi-label methods have in common: small data, and the recorded runs of the
//! released programs in `tests/reference/multi-label`, which `README.md` there describes.

use std::io::Read;
use std::ops::Index;
use std::path::{Path, PathBuf};

pub(crate) use crate::contract::resample;
use flate2::read::GzDecoder;
use imb_core::{Dataset, Error, LabelMatrix, Table};
use imb_data::{AnyTable, Catalog, DataDirs, LabelSet, Parsed, ReadOptions, prepare, read, read_label_names};
use ndarray::Array2;
use serde_json::Value;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Labels from rows of 0 and 1; they are called a, b, c …
pub(crate) fn labels(rows: &[&str]) -> LabelMatrix {
    let n_labels = rows[0].len();
    let on =
        Array2::from_shape_fn((rows.len(), n_labels), |(row, label)| rows[row].as_bytes()[label] == b'1');
    let names = (b'a'..).take(n_labels).map(|letter| char::from(letter).to_string()).collect();
    LabelMatrix::new(on, names).expect("valid")
}

/// The same, with one feature that counts the rows.
pub(crate) fn label_rows(rows: &[&str]) -> Dataset<LabelMatrix> {
    points(&(0..rows.len()).map(|row| row as f64).collect::<Vec<_>>(), rows)
}

/// Rows with one feature.
pub(crate) fn points(x: &[f64], rows: &[&str]) -> Dataset<LabelMatrix> {
    let x = Array2::from_shape_vec((x.len(), 1), x.to_vec()).expect("one feature");
    Dataset::unnamed(x, labels(rows)).expect("finite")
}

/// A line of a recorded run, with the rows that it was run on.
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) rows: Dataset<LabelMatrix>,
    pub(crate) line: Value,
}

impl Reference {
    pub(crate) fn is(&self, case: &str) -> bool {
        self["case"] == case
    }

    pub(crate) fn number(&self, key: &str) -> f64 {
        self[key].as_f64().expect("a number")
    }
}

impl Index<&str> for Reference {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        &self.line[key]
    }
}

/// The lines recorded of a program on every input. Yeast is left out, with a word, where it is not at hand.
pub(crate) fn references(program: &str) -> impl Iterator<Item = Reference> {
    let mut lines = Vec::new();
    for input in ["tiny14", "synth60", "yeast400"] {
        let file = reference_dir().join(format!("{program}-{input}.jsonl.gz"));
        if !file.exists() {
            continue;
        }
        let Some(rows) = rows_of(input) else {
            skipped(input);
            continue;
        };
        for (number, line) in text(&file).lines().enumerate() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let rows = match line["run"].as_str() {
                Some(run) if run.starts_with("without_label_13") => without_last_label(&rows),
                _ => rows.clone(),
            };
            lines.push(Reference { name: format!("{input}, line {}", number + 1), rows, line });
        }
    }
    assert!(!lines.is_empty(), "no reference of {program}");
    lines.into_iter()
}

#[allow(clippy::print_stderr, reason = "a test that runs on less must say so")]
fn skipped(input: &str) {
    eprintln!("skipped {input}: the data set yeast is not at hand");
}

fn reference_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/multi-label")
}

fn text(file: &Path) -> String {
    let file = std::fs::File::open(file).expect("is there");
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("gzip of text");
    text
}

/// The rows of an input; yeast400 is the first 400 rows of the data set yeast.
fn rows_of(input: &str) -> Option<Dataset<LabelMatrix>> {
    if input == "yeast400" {
        return Some(dataset(yeast()?, 400));
    }
    let (arff, xml) =
        (reference_dir().join(format!("{input}.arff")), reference_dir().join(format!("{input}.xml")));
    let Parsed { table, .. } = read(&arff, &ReadOptions::default()).expect("ARFF");
    let names = read_label_names(&xml).expect("XML");
    Some(dataset(LabelSet::Names(names).apply(table, &arff).expect("labels"), usize::MAX))
}

fn yeast() -> Option<Table<LabelMatrix>> {
    let dirs = DataDirs::find(None).expect("a folder");
    match Catalog::built_in().load("yeast-ml", None, &dirs).map(|loaded| loaded.table) {
        Ok(AnyTable::MultiLabel(table)) => Some(table),
        Err(Error::MissingData { .. }) if std::env::var_os("IMB_REQUIRE_DATA").is_none() => None,
        other => panic!("yeast: {other:?}"),
    }
}

fn dataset(table: Table<LabelMatrix>, n_rows: usize) -> Dataset<LabelMatrix> {
    let rows: Vec<usize> = (0..table.n_rows().min(n_rows)).collect();
    prepare::prepare(table, &rows, &[]).and_then(|prepared| prepared.dataset(&rows)).expect("finite")
}

fn without_last_label(rows: &Dataset<LabelMatrix>) -> Dataset<LabelMatrix> {
    let last = rows.y().n_labels() - 1;
    let on = rows.y().view().slice(ndarray::s![.., ..last]).to_owned();
    let labels = LabelMatrix::new(on, rows.y().names()[..last].to_vec()).expect("valid");
    rows.with_targets(labels).expect("as many rows")
}

/// A list of whole numbers.
pub(crate) fn numbers(list: &Value) -> Vec<usize> {
    list.as_array().expect("a list").iter().map(|number| number.as_u64().expect("whole") as usize).collect()
}

/// A list of lists of whole numbers.
pub(crate) fn lists(list: &Value) -> Vec<Vec<usize>> {
    list.as_array().expect("a list").iter().map(numbers).collect()
}

/// A list of pairs.
pub(crate) fn pairs(list: &Value) -> Vec<(usize, usize)> {
    lists(list).into_iter().map(|pair| (pair[0], pair[1])).collect()
}

/// A list of numbers.
pub(crate) fn reals(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

/// Rows of labels, written as 0 and 1.
pub(crate) fn written(on: &[bool]) -> String {
    on.iter().map(|on| if *on { '1' } else { '0' }).collect()
}

/// Equal but for the digits that the reference left out.
pub(crate) fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let near = (found - expected).abs() <= tolerance * expected.abs().max(1.0);
        assert!(near, "{what}, place {place}: {found} instead of {expected}");
    }
}

/// Chance at which a statistical test fails although all is well.
const ALPHA: f64 = 1e-4;

/// Whether counts are what weights let expect, by a chi-square test.
pub(crate) fn chi_square_passes(counts: &[f64], weights: &[f64]) -> bool {
    let (n, total): (f64, f64) = (counts.iter().sum(), weights.iter().sum());
    let (mut statistic, mut freedom) = (0.0, -1.0);
    for (count, weight) in counts.iter().zip(weights) {
        if *weight == 0.0 {
            assert_eq!(*count, 0.0, "drawn without weight");
            continue;
        }
        let expected = n * weight / total;
        statistic += (count - expected).powi(2) / expected;
        freedom += 1.0;
    }
    let limit = ChiSquared::new(freedom).expect("two weights").inverse_cdf(1.0 - ALPHA);
    statistic <= limit
}

/// By the Kolmogorov–Smirnov test, with the limit for many numbers, √(ln(2 / α) / 2).
pub(crate) fn assert_uniform(values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let steps = values.iter().enumerate();
    let widest = steps.map(|(place, value)| (value - place as f64 / n).max((place as f64 + 1.0) / n - value));
    let widest = widest.fold(0.0, f64::max) * n.sqrt();
    assert!(n > 1000.0 && widest < ((2.0 / ALPHA).ln() / 2.0).sqrt(), "{widest} of {n} numbers");
}

/// `java.util.Random`'s whole numbers: a linear congruential generator of 48 bits, as its documentation
/// states it.
pub(crate) struct JavaRandom(u64);

impl JavaRandom {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;

    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ Self::MULTIPLIER)
    }

    fn next_int(&mut self) -> i32 {
        self.0 = (self.0.wrapping_mul(Self::MULTIPLIER) + 0xB) & ((1 << 48) - 1);
        (self.0 >> 16) as i32
    }

    /// A row of a bag as mulan draws it: no draw for a bag of one.
    pub(crate) fn pick(&mut self, bag: &[usize]) -> usize {
        match bag {
            [only] => *only,
            bag => bag[self.next_int().unsigned_abs() as usize % bag.len()],
        }
    }
}
