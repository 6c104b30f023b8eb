//! Parameters that are chosen: on validation rows by the cell itself, on test rows by records, and never
//! otherwise.

mod fabricated;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use imb_core::{Dataset, LabelMatrix, Train};
use imb_data::{Catalog, Entry};
use imb_harness::cell::Cell;
use imb_harness::choices::Choices;
use imb_harness::evidence::{Done, Outcome};
use imb_harness::experiment::{place, places_of};
use imb_harness::paper::{Paper, papers};
use imb_harness::place::Place;
use imb_harness::records::Records;
use imb_harness::results::Source;
use imb_harness::rows::{AnyRows, RunRows};
use ndarray::Array2;

fn aemlo() -> Paper {
    papers(&["aemlo".to_owned()]).expect("well formed").remove(0)
}

fn entry(name: &str) -> Entry {
    Catalog::built_in().entry(name).expect("known").clone()
}

/// One row in three with the rare label, all with the other; the rare rows lie around `middle`.
fn rows(n: usize, middle: f64, is_rare: impl Fn(usize) -> bool) -> Dataset<LabelMatrix> {
    let x = Array2::from_shape_fn((n, 1), |(row, _)| {
        let step = (row as f64 * 0.37).fract();
        if is_rare(row) { middle + 0.2 * step } else { step }
    });
    let y = Array2::from_shape_fn((n, 2), |(row, label)| label == 1 || is_rare(row));
    let y = LabelMatrix::new(y, vec!["rare".into(), "common".into()]).expect("two names");
    Dataset::unnamed(x, y).expect("finite")
}

fn run_rows(validation: Dataset<LabelMatrix>, test: Dataset<LabelMatrix>) -> AnyRows {
    let train = Train { rows: rows(60, 0.8, |row| row % 10 == 0), validation: Some(validation) };
    AnyRows::Labels(RunRows { train, test, natural_test: None, made: None })
}

fn done(cell: &Cell, rows: &mut AnyRows) -> (Done, Vec<&'static str>) {
    let ran = cell.run(1, rows, &AtomicBool::new(false)).expect("not interrupted");
    let Outcome::Done(done) = ran.outcome else { panic!("{:?}", ran.outcome) };
    (*done, ran.seconds.iter().map(|(stage, _)| *stage).collect())
}

fn sound(paper: &Paper, column: &str, learner: &str) -> Cell {
    let entry = entry("cal500");
    let place = place(&paper.spec, &entry, "sound", column);
    let place = Place { learner: Some(learner.to_owned()), fold: Some(0), ..place };
    fabricated::cell(paper, &entry, place)
}

/// The rate depends on validation rows and on no test row; all learners have the same rows, which are made
/// once.
#[test]
fn a_rate_is_chosen_on_validation_rows_once_for_all_learners() {
    let paper = aemlo();
    let [br, mlknn] = ["br", "mlknn"].map(|learner| sound(&paper, "mlsol", learner));
    let all_rare = || rows(20, 0.8, |_| true);
    let none_rare = || rows(20, 0.8, |_| false);
    let mut rates = Vec::new();
    for validation in [all_rare(), none_rare()] {
        let mut chosen = Vec::new();
        for test in [all_rare(), none_rare()] {
            let mut shared = run_rows(validation.clone(), test.clone());
            let (first, stages) = done(&br, &mut shared);
            assert_eq!(stages, ["choice", "mlsol", "binary_relevance"]);
            let (second, stages) = done(&mlknn, &mut shared);
            assert_eq!(stages, ["ml_knn"], "the rows have been made");
            assert_eq!(first.values["sampling_rate"], second.values["sampling_rate"]);
            assert_eq!(first.fitted_rows, second.fitted_rows);
            let (alone, stages) = done(&mlknn, &mut run_rows(validation.clone(), test));
            assert_eq!(stages, ["choice", "mlsol", "ml_knn"]);
            assert_eq!(alone, second, "a cell gives the same whether it runs alone or after others");
            chosen.push(first.values["sampling_rate"]);
        }
        assert_eq!(chosen[0], chosen[1], "test rows choose nothing");
        rates.push(chosen[0]);
    }
    assert_eq!(rates[1], 0.1, "of equally good rates the first");
    assert!(rates[0] > 0.1, "more rows with the label make it likelier to be predicted");
}

#[test]
fn without_validation_rows_nothing_is_chosen() {
    let cell = sound(&aemlo(), "mlros", "br");
    let test = rows(20, 0.8, |_| true);
    let train = Train { rows: test.clone(), validation: None };
    let mut rows = AnyRows::Labels(RunRows { train, test, natural_test: None, made: None });
    let ran = cell.run(1, &mut rows, &AtomicBool::new(false)).expect("not interrupted");
    assert!(matches!(ran.outcome, Outcome::NotApplicable(why) if why.contains("validation rows")));
}

/// Records of the learners that choose, with a value for each candidate and learner in every fold.
fn chosen(paper: &Paper, entry: &Entry, value: impl Fn(&str, &str) -> f64, left_out: usize) -> Choices {
    let columns = ["mlrus".to_owned()];
    let families = places_of(&paper.spec, entry, "as_released", &[&columns[0]], &Choices::default());
    let mut records = Records::default();
    for family in families.expect("a column") {
        let learner = family.learner.clone().expect("crossed");
        let value = value(&family.setting["sampling_rate"], &learner);
        for place in fabricated::folds(&family, 2) {
            let metrics = [("macro_f1_score", value + 0.001 * place.run as f64)];
            records.insert(fabricated::record(&fabricated::cell(paper, entry, place), &metrics));
        }
    }
    let ids: Vec<_> = records.iter().skip(left_out).cloned().collect();
    let mut kept = Records::default();
    ids.into_iter().for_each(|record| kept.insert(record));
    Choices::of(&Source::new(paper, &Catalog::built_in(), &kept)).expect("well formed")
}

/// The mean over both learners decides; the choice is one a data set and serves the other learners, and it is
/// made once every cell that chooses is recorded.
#[test]
fn a_rate_that_is_best_on_test_is_chosen_from_complete_records() {
    let (paper, entry) = (aemlo(), entry("cal500"));
    let value = |rate: &str, learner: &str| match (rate, learner) {
        ("0.1", "br") => 0.5,
        ("0.2", "br") => 0.4,
        ("0.3", "br") => 0.3,
        ("0.1", _) => 0.1,
        ("0.2", _) => 0.3,
        _ => 0.35,
    };
    let choices = chosen(&paper, &entry, value, 0);
    assert_eq!(choices.get("cal500", "as_released", "mlrus"), Some("0.2"), "0.70 against 0.60 and 0.65");
    assert_eq!(choices.get("cal500", "sound", "mlrus"), None, "sound never chooses on test rows");
    assert_eq!(choices.get("enron", "as_released", "mlrus"), None, "nothing is recorded of it");
    assert_eq!(chosen(&paper, &entry, value, 1), Choices::default(), "one record is missing");
    let places = |choices: &Choices| {
        let column = "mlrus".to_owned();
        let places = places_of(&paper.spec, &entry, "as_released", &[&column], choices).expect("a column");
        let learners = places.into_iter().map(|place| place.learner.expect("crossed"));
        learners.fold(BTreeMap::new(), |mut counts: BTreeMap<String, usize>, learner| {
            *counts.entry(learner).or_default() += 1;
            counts
        })
    };
    let before = [("br", 3), ("mlknn", 3)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(places(&Choices::default()), before.into());
    let after = [("br", 3), ("mlknn", 3), ("rakel", 1), ("ecc", 1), ("clr", 1)];
    assert_eq!(places(&choices), after.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn features_of_the_reuters_sets_are_chosen_on_training_rows() {
    let paper = aemlo();
    let steps = |row| paper.spec.protocol("sound").expect("known").steps_for(row).len();
    assert_eq!((steps("rcv1"), steps("enron")), (2, 1));
}

/// Else the difference of the two ways would be that of a fixed and a chosen rate too.
#[test]
fn both_ways_of_a_sensitivity_choose_alike() {
    let mut paper = aemlo();
    paper.spec.check().expect("as committed");
    let choice = paper.spec.columns.get_mut("mlsol").and_then(|column| column.choice.as_mut());
    choice.expect("it chooses its rate").on.remove("cart");
    let error = format!("{:#}", paper.spec.check().expect_err("one way only"));
    assert!(error.contains("\"mlsol\" chooses its sampling_rate in one way under sound"), "{error}");
}
