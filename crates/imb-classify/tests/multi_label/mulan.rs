//! What mulan predicts, and the data that it saw.
//!
//! `reference/mulan-*.jsonl` has a line for each learner: labels as strings of 0 and 1, one a test row, and
//! scores. `tiny14` is trained and tested on its 14 rows. `yeast400` is trained on the first 400 rows of
//! mulan's yeast and tested on the next 100; its data come from `IMB_DATA`, and a test without them says
//! that it was skipped.

use std::io::Write;
use std::path::Path;

use imb_core::{Dataset, LabelMatrix, Prediction, Table, Train};
use imb_data::prepare::prepare;
use imb_data::{AnyTable, Catalog, DataDirs, LabelSet, ReadOptions};
use ndarray::Array2;
use serde::Deserialize;

/// Training rows, test rows and mulan's answers.
pub(crate) struct Reference {
    pub(crate) train: Train<LabelMatrix>,
    pub(crate) test: Dataset<LabelMatrix>,
    cases: &'static str,
}

/// One learner's answer.
#[derive(Deserialize)]
pub(crate) struct Answer {
    case: String,
    labels: Vec<String>,
    scores: Vec<Vec<f64>>,
    /// RAkEL's labelsets.
    #[serde(default)]
    pub(crate) labelsets: Vec<Vec<usize>>,
    /// The orders of labels of an ensemble of chains.
    #[serde(default)]
    pub(crate) chains: Vec<Vec<usize>>,
}

impl Reference {
    pub(crate) fn tiny14() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
        let file = folder.join("tiny14.arff");
        let names = imb_data::read_label_names(&folder.join("tiny14.xml")).expect("readable");
        let table = imb_data::read(&file, &ReadOptions::default()).expect("readable").table;
        let table = LabelSet::Names(names).apply(table, &file).expect("labels are columns");
        let all: Vec<usize> = (0..14).collect();
        Self::new(table, &all, &all, include_str!("../reference/mulan-tiny14.jsonl"))
    }

    /// None, with a word to the reader, where the data are missing.
    pub(crate) fn yeast400(test: &str) -> Option<Self> {
        let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
        let loaded = match Catalog::built_in().load("yeast-ml", None, &dirs) {
            Ok(loaded) => loaded,
            Err(missing) => {
                assert!(std::env::var_os("IMB_REQUIRE_DATA").is_none(), "{missing}");
                let line =
                    format!("skipped: {test} needs the data of yeast-ml (IMB_DATA or the cache folder)\n");
                std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
                return None;
            }
        };
        let AnyTable::MultiLabel(table) = loaded.table else { panic!("yeast-ml is multi-label") };
        let (train, test): (Vec<usize>, Vec<usize>) = ((0..400).collect(), (400..500).collect());
        Some(Self::new(table, &train, &test, include_str!("../reference/mulan-yeast400.jsonl")))
    }

    fn new(table: Table<LabelMatrix>, train: &[usize], test: &[usize], cases: &'static str) -> Self {
        let prepared = prepare(table, train, &[]).expect("nothing to do");
        let rows = |rows| prepared.dataset(rows).expect("no gaps");
        Self { train: Train { rows: rows(train), validation: None }, test: rows(test), cases }
    }

    pub(crate) fn answer(&self, case: &str) -> Answer {
        let answers = self.cases.lines().map(|line| serde_json::from_str::<Answer>(line).expect("an answer"));
        answers.into_iter().find(|answer| answer.case.starts_with(case)).expect("a case of that name")
    }
}

impl Answer {
    pub(crate) fn labels(&self) -> Array2<bool> {
        let shape = (self.labels.len(), self.labels[0].len());
        let cells = self.labels.iter().flat_map(|row| row.chars()).map(|cell| cell == '1').collect();
        Array2::from_shape_vec(shape, cells).expect("one cell a label")
    }

    pub(crate) fn scores(&self) -> Array2<f64> {
        let shape = (self.scores.len(), self.scores[0].len());
        let cells = self.scores.iter().flatten().copied().collect();
        Array2::from_shape_vec(shape, cells).expect("one score a label")
    }

    /// Labels are equal and scores are within 1e-9.
    pub(crate) fn assert_equals(&self, found: &Prediction<LabelMatrix>) {
        assert_eq!(found.labels.view(), self.labels(), "labels of {}", self.case);
        let expected = self.scores();
        assert_eq!(found.scores.dim(), expected.dim(), "scores of {}", self.case);
        for ((place, found), expected) in found.scores.indexed_iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-9, "{} at {place:?}: {found}, not {expected}", self.case);
        }
    }
}
