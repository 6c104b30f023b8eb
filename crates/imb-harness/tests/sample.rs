//! Records that meet others of their cells: run again on another instruction set, or merged.

mod fabricated;

use std::path::Path;

use imb_core::Budget;
use imb_data::Catalog;
use imb_harness::cell::Cell;
use imb_harness::evidence::{Evidence, Outcome};
use imb_harness::experiment::place;
use imb_harness::key::Key;
use imb_harness::paper::papers;
use imb_harness::place::Place;
use imb_harness::record::Record;
use imb_harness::records::{Records, folder_of, merge};
use imb_harness::sample::{Comparison, choose, compare};
use imb_harness::spec::Evaluation;

/// The record with other predictions and another macro F1, made with these instructions.
fn again(record: &Record, macro_f1: f64, instructions: &str) -> Record {
    let mut again = record.clone();
    instructions.clone_into(&mut again.cost.instructions);
    let Outcome::Done(done) = &mut again.outcome else { panic!("{:?}", again.outcome) };
    let evaluated = done.evaluations.get_mut(&Evaluation::Last).expect("evaluated");
    "others".clone_into(&mut evaluated.predicted);
    let Evidence::Labels(labels) = &mut evaluated.evidence else { panic!("{:?}", evaluated.evidence) };
    labels.metrics.insert("macro_f1_score".to_owned(), macro_f1);
    again
}

/// Macro F1 is 0.50 to 0.59 in the ten folds: one more lies within 0.4 and 0.7, and not at 0.9.
#[test]
fn predictions_of_labels_may_differ_between_instruction_sets_as_much_as_runs_do() {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let entry = Catalog::built_in().entry("cal500").expect("known").clone();
    let family = Place { learner: Some("br".to_owned()), ..place(&paper.spec, &entry, "sound", "origin") };
    let mut records = Records::default();
    for (number, place) in fabricated::folds(&family, 2).into_iter().enumerate() {
        let metrics = [("macro_f1_score", 0.5 + 0.01 * number as f64)];
        records.insert(fabricated::record(&fabricated::cell(&paper, &entry, place), &metrics));
    }
    let known = records.iter().next().expect("ten").clone();
    assert_eq!(compare(&known, &known, &records), Comparison::Same);
    assert_eq!(compare(&again(&known, 0.6, "other"), &known, &records), Comparison::Alike);
    for (macro_f1, instructions) in [(0.9, "other"), (0.6, "none")] {
        let compared = compare(&again(&known, macro_f1, instructions), &known, &records);
        assert!(matches!(compared, Comparison::Different(_)), "{macro_f1} {instructions}: {compared:?}");
    }
}

/// Resampling took 50 s, and one of two learners' records has that.
#[test]
fn a_sample_pays_for_the_resampling_that_its_cells_share() {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let entry = Catalog::built_in().entry("cal500").expect("known").clone();
    let mut records = Records::default();
    let mut cell = |column: &str, learner: &str, seconds: &[f64]| {
        let place = place(&paper.spec, &entry, "sound", column);
        let place = Place { learner: Some(learner.to_owned()), fold: Some(0), ..place };
        let cell = fabricated::cell(&paper, &entry, place);
        let mut record = fabricated::record(&cell, &[("macro_f1_score", 0.5)]);
        record.cost.cpu_seconds = seconds.iter().map(|s| ("a stage".to_owned(), *s)).collect();
        records.insert(record);
        cell
    };
    let cells =
        [cell("mlsmote", "br", &[50.0, 2.0]), cell("mlsmote", "mlknn", &[1.0]), cell("origin", "br", &[3.0])];
    let chosen = |seconds| -> Vec<String> {
        choose(&cells, &records, seconds).iter().map(|cell| cell.place.to_string()).collect()
    };
    let [br, mlknn, origin] = [0, 1, 2].map(|number: usize| cells[number].place.to_string());
    assert_eq!(chosen(53.0), std::slice::from_ref(&origin), "the cheap learner needs the resampled rows too");
    assert_eq!(chosen(54.0), [&*mlknn, &*origin], "in their order");
    assert_eq!(chosen(56.0), [br, mlknn, origin], "the second learner shares the rows");
}

/// A folder keeps what it has against other values and against a failure, and a result takes the place of a failure.
#[test]
fn merging_into_a_folder_loses_no_result() {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let entry = Catalog::built_in().entry("cal500").expect("known").clone();
    let family = Place { learner: Some("br".to_owned()), ..place(&paper.spec, &entry, "sound", "origin") };
    let cell = fabricated::cell(&paper, &entry, fabricated::folds(&family, 1).remove(0));
    let record = fabricated::record(&cell, &[("macro_f1_score", 0.5)]);
    let other = fabricated::record(&cell, &[("macro_f1_score", 0.6)]);
    let failed = fabricated::failed_record(&cell);
    let only = |record: &Record| {
        let mut records = Records::default();
        records.insert(record.clone());
        records
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let results = folder.path().join("r");
    let records = folder_of(&results, "aemlo");
    let is_there = |record: &Record| {
        let read = Records::read(&results, "aemlo").expect("a folder");
        read.problems.is_empty() && read.iter().next().is_some_and(|there| there.is_twin_of(record))
    };
    only(&failed).write_missing(&records).expect("written");
    assert!(is_there(&failed));
    only(&record).write_missing(&records).expect("a result is more than a failure");
    assert!(is_there(&record));
    only(&failed).write_missing(&records).expect("a failure is less than a result");
    let error = only(&other).write_missing(&records).expect_err("other values").to_string();
    assert!(error.contains("has other values than the records that are merged"), "{error}");
    assert!(is_there(&record));

    let mut all = only(&record);
    all.extend(only(&failed));
    assert!(all.iter().all(|kept| kept.is_twin_of(&record)));
    all.extend(only(&other));
    assert!(all.iter().all(|kept| kept.is_twin_of(&other)), "the later of two results");
}

/// A failure on one machine says nothing against a result of another, whichever is read first.
#[test]
fn folders_with_a_failure_and_a_result_are_merged() {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let entry = Catalog::built_in().entry("cal500").expect("known").clone();
    let family = Place { learner: Some("br".to_owned()), ..place(&paper.spec, &entry, "sound", "origin") };
    let cell = fabricated::cell(&paper, &entry, fabricated::folds(&family, 1).remove(0));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = |name: &str, record: &Record| {
        let source = folder.path().join(name);
        record.write(&folder_of(&source, "aemlo")).expect("written");
        source
    };
    let result = fabricated::record(&cell, &[("macro_f1_score", 0.5)]);
    let other = Cell { key: Key { recipe: "another".to_owned(), ..cell.key.clone() }, ..cell.clone() };
    let sources = [
        source("failed", &fabricated::failed_record(&cell)),
        source("done", &result),
        source("other", &fabricated::record(&cell, &[("macro_f1_score", 0.6)])),
        source("foreign", &fabricated::record(&other, &[("macro_f1_score", 0.5)])),
    ];
    // A cell with a budget stands at the same place, as the smoke profile has it.
    let budget = Some(Budget { steps: 1, epochs: 1 });
    let cells = [Cell { key: Key { budget, ..cell.key.clone() }, ..cell.clone() }, cell];
    let merged = |numbers: &[usize]| {
        let sources: Vec<_> = numbers.iter().map(|number| sources[*number].clone()).collect();
        merge(&cells, |_| true, "aemlo", &sources, &folder.path().join("r"))
    };
    for order in [[0, 1], [1, 0]] {
        let records = merged(&order).expect("a failure does not contradict");
        assert!(records.len() == 1 && records.iter().all(|record| record.is_twin_of(&result)));
    }
    let error = merged(&[1, 2]).expect_err("two results").to_string();
    let file = |source: &Path| folder_of(source, "aemlo").join(format!("{}.json", result.id()));
    let files = [&sources[1], &sources[2]].map(|source| file(source).display().to_string());
    let expected = format!("two records with different values, {}", files.join(" and "));
    assert!(error.contains(&expected), "{error}");
    // What differs is told from the closest cell, and the file that can be taken away is named.
    let error = merged(&[3]).expect_err("foreign").to_string();
    let file = folder_of(&sources[3], "aemlo").join(format!("{}.json", other.id()));
    let expected = format!("recorded with another method or parameters: {} (move", file.display());
    assert!(error.contains(&expected), "{error}");
}
