//! Records with values that are made up, to test what is made of records.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::collections::BTreeMap;

use imb_core::Device;
use imb_data::Entry;
use imb_harness::cell::{Cell, Ran};
use imb_harness::evidence::{Done, Evaluated, Evidence, LabelEvidence, Outcome, RowCounts};
use imb_harness::key::Key;
use imb_harness::paper::Paper;
use imb_harness::place::Place;
use imb_harness::record::{Cost, Record};
use imb_harness::spec::Evaluation;
use imb_metrics::ConfusionMatrix;
use ndarray::array;

/// The cell of a place, as if its data had been read.
pub(crate) fn cell(paper: &Paper, entry: &Entry, place: Place) -> Cell {
    let (key, recipe) = Key::new(&paper.spec, entry, &place, Device::Cpu, None).expect("a column");
    let mut data = entry.editions.iter().flat_map(|edition| edition.fingerprints.values());
    let data = data.next().expect("a known fingerprint").clone();
    let evaluations = vec![Evaluation::Last];
    Cell {
        place,
        key: Key { data, ..key },
        recipe,
        evaluations,
        choose_epoch_by: None,
        keeps_predictions: false,
    }
}

/// A record of a cell with these metrics of its test rows.
pub(crate) fn record(cell: &Cell, metrics: &[(&str, f64)]) -> Record {
    let metrics: BTreeMap<String, f64> =
        metrics.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let evidence = Evidence::Labels(LabelEvidence { rows: 10, labels: 2, on: [5, 5, 5], metrics });
    recorded(cell, Outcome::Done(Box::new(done(evidence, Vec::new()))))
}

/// A record of a cell that gets so many of a thousand test rows of each of two classes right; of a method that
/// cannot be applied, if it says none.
pub(crate) fn record_of_classes(cell: &Cell, right: Option<u64>) -> Record {
    let Some(right) = right else {
        return recorded(cell, Outcome::NotApplicable("it needs more rows".to_owned()));
    };
    let counts = array![[right, 1_000 - right], [1_000 - right, right]];
    let confusion = ConfusionMatrix::from_counts(counts).expect("square");
    recorded(cell, Outcome::Done(Box::new(done(Evidence::Classes(confusion), vec![20, 20]))))
}

fn done(evidence: Evidence, classes: Vec<usize>) -> Done {
    let evaluated = Evaluated { evidence, predicted: "none".to_owned(), epoch: None, predictions: None };
    let rows = RowCounts { rows: 40, classes };
    Done {
        evaluations: [(Evaluation::Last, evaluated)].into(),
        training_rows: rows.clone(),
        fitted_rows: rows,
        ..Done::default()
    }
}

/// A record of a cell that failed.
pub(crate) fn failed_record(cell: &Cell) -> Record {
    recorded(cell, Outcome::Failed("no luck".to_owned()))
}

fn recorded(cell: &Cell, outcome: Outcome) -> Record {
    Record::new(cell, Ran { outcome, seconds: vec![("made_up", 1.0)] }, cost())
}

fn cost() -> Cost {
    let [processor, instructions, version] = ["none", "none", "0"].map(str::to_owned);
    Cost { cpu_seconds: Vec::new(), processor, instructions, version }
}

/// The places of every fold and repeat of a family.
pub(crate) fn folds(family: &Place, repeats: usize) -> Vec<Place> {
    let of = |run| (0..5).map(move |fold| (run, fold));
    let all = (0..repeats).flat_map(of);
    all.map(|(run, fold)| Place { run, fold: Some(fold), ..family.clone() }).collect()
}
