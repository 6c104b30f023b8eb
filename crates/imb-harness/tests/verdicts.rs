//! What the rule of verdicts does to values that are known to be of the same method: a simulation from the
//! committed runs.

use std::collections::BTreeMap;

use imb_data::Catalog;
use imb_harness::experiment::place;
use imb_harness::measure::Measure;
use imb_harness::paper::{Paper, papers};
use imb_harness::records::Records;
use imb_harness::results::Source;
use imb_harness::spec::Evaluation;
use imb_harness::verdict::{Judged, Printed, Rule, Sample, Verdict};

/// A paper with its committed records.
fn committed(name: &str) -> (Paper, Records) {
    let paper = papers(&[name.to_owned()]).expect("well formed").remove(0);
    let records = paper.committed_records().expect("readable");
    (paper, records)
}

/// The values of each unit of a column, each unit with its runs.
fn units(source: &Source<'_>, row: &str, protocol: &str, column: &str, metric: &str) -> Vec<Vec<f64>> {
    let entry = source.entry(row).expect("a data set");
    let runs = source.runs(entry, &place(&source.paper.spec, entry, protocol, column)).expect("a column");
    let measure = Measure::named(metric).expect("a metric");
    let mut units: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for record in runs.records {
        if let Some(done) = record.done() {
            let value = measure.of(done, None, Evaluation::Last).expect("recorded");
            units.entry(record.place.unit()).or_default().push(value);
        }
    }
    units.into_values().collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Whether a value, printed with so many decimals, is said to differ from the others.
fn differs(printed: f64, others: &[f64], tolerance: f64, decimals: usize) -> bool {
    let unit = 10f64.powi(i32::try_from(decimals).expect("few"));
    let printed = Printed::Value((printed * unit).round() / unit);
    let sample = Sample { values: others.to_vec(), runs: others.len(), ..Sample::default() };
    let rule = Rule { tolerance, decimals, range: (0.0, 1.0) };
    Judged::new(&sample, Some(printed), rule).expect("finite").verdict == Some(Verdict::Differs)
}

/// Whether a printed value is one of those that it is judged by, or left out of them.
#[derive(PartialEq)]
enum Draw {
    OneOfThem,
    LeftOut,
}

/// The share of values, each drawn from its own line and printed, that are said to differ from that line,
/// with the tolerance and without. Lines whose values are all equal are left out.
fn false_alarms(lines: &[Vec<f64>], draw: Draw) -> (f64, f64, usize) {
    let (mut with, mut without, mut all) = (0, 0, 0);
    for line in lines.iter().filter(|line| line.len() >= 6 && line.iter().any(|value| *value != line[0])) {
        for (place, &value) in line.iter().enumerate() {
            let is_used = |at: usize| draw == Draw::OneOfThem || at != place;
            let values = line.iter().enumerate().filter(|(at, _)| is_used(*at));
            let values: Vec<f64> = values.map(|(_, value)| *value).collect();
            with += usize::from(differs(value, &values, 0.03, 2));
            without += usize::from(differs(value, &values, 0.0, 2));
            all += 1;
        }
    }
    (with as f64 / all as f64, without as f64 / all as f64, all)
}

const METRICS: [&str; 3] = ["macro_f1_score", "minority_f1_score", "majority_f1_score"];

/// A printed value that is one start of our own distribution is called different in at most 1.5 %. Starts
/// without sampling are nearly all equal: left out of its line, the one that is not would differ from a line
/// without any spread, which says nothing of the rule.
#[test]
fn starts_of_the_same_method_rarely_differ() {
    let (paper, records) = committed("moods");
    let source = Source::new(&paper, &Catalog::built_in(), &records);
    let mut lines = Vec::new();
    for row in ["Ecoli", "Yeast", "Winequality"] {
        for column in ["none", "smote", "svm_smote", "moods"] {
            for metric in METRICS {
                let units = units(&source, row, "as_released", column, metric);
                lines.push(units.iter().map(|runs| mean(runs)).collect::<Vec<f64>>());
            }
        }
    }
    let (with, without, all) = false_alarms(&lines, Draw::OneOfThem);
    assert!(all >= 200, "{all}");
    assert!(with <= 0.015, "{with} of {all}");
    assert!((0.003..=0.015).contains(&without), "{without} of {all}");
}

/// The same for single runs, each left out of its line.
#[test]
fn single_runs_of_the_same_method_rarely_differ() {
    let (paper, records) = committed("adversarial");
    let source = Source::new(&paper, &Catalog::built_in(), &records);
    let mut lines = Vec::new();
    for row in ["Secom", "Pima", "Haberman", "Yeast", "Wafer"] {
        for column in ["mlp", "random_over", "smote", "borderline_smote", "adasyn"] {
            for protocol in ["as_printed", "sound"] {
                for metric in ["acsa_score", "geometric_mean_score"] {
                    lines.push(units(&source, row, protocol, column, metric).concat());
                }
            }
        }
    }
    let (with, without, all) = false_alarms(&lines, Draw::LeftOut);
    assert!(all >= 1_000, "{all}");
    assert!(with <= 0.015, "{with} of {all}");
    assert!((0.003..=0.015).contains(&without), "{without} of {all}");
}

/// Of the runs that the authors' own code made, each taken for a printed value, at most one in twelve is said
/// to differ from our single runs, on the sets whose runs are recorded.
#[test]
fn runs_of_the_authors_code_rarely_differ() {
    let (paper, records) = committed("moods");
    let source = Source::new(&paper, &Catalog::built_in(), &records);
    let reference = paper.reference_runs.as_ref().expect("reference runs");
    let (mut differing, mut all) = (0, 0);
    for row in ["Ecoli", "Yeast", "Winequality"] {
        let ours = units(&source, row, "as_released", "moods", "macro_f1_score").concat();
        let theirs = &reference.runs[row]["moods"]["macro_f1_score"];
        for &theirs in theirs.iter().filter(|_| ours.len() >= 20) {
            differing += usize::from(differs(theirs, &ours, 0.03, 10));
            all += 1;
        }
    }
    assert!(all >= 24, "{all}");
    assert!(differing * 12 <= all, "{differing} of {all}");
}
