//! Records with values that are made up, to test what is made of records.

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

/// The cell of a place, as if its data had been read.
pub(crate) fn cell(paper: &Paper, entry: &Entry, place: Place) -> Cell {
    let (key, recipe) = Key::new(&paper.spec, entry, &place, Device::Cpu, None).expect("a column");
    let data = entry.editions[0].fingerprints.values().next().expect("one").clone();
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
    let evaluated = Evaluated { evidence, predicted: "none".to_owned(), epoch: None, predictions: None };
    let rows = RowCounts { rows: 40, classes: Vec::new() };
    let done = Done {
        evaluations: [(Evaluation::Last, evaluated)].into(),
        training_rows: rows.clone(),
        fitted_rows: rows,
        shortfalls: Vec::new(),
        fitted_outputs: None,
        projection: None,
        outputs: None,
        values: BTreeMap::new(),
        series: BTreeMap::new(),
        capped: false,
    };
    let ran = Ran { outcome: Outcome::Done(Box::new(done)), seconds: vec![("made_up", 1.0)] };
    Record::new(cell, ran, cost())
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
