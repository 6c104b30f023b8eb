//! One class a row: truth and prediction over the classes of both.

use std::path::Path;

use anyhow::{Result, bail};
use imb_core::{Labels, Target};
use imb_data::{Classes, Input, TargetRule};
use imb_metrics::single_label::{acsa_score, cohen_kappa_score, mcc_score};
use imb_metrics::{Compute, ConfusionMatrix, METRICS, Metric, Task};

use super::report::Report;
use super::scores::ClassScores;
use super::{Arguments, require_rows};
use crate::commands::targets::is_name_or_class;

pub(super) fn report(arguments: &Arguments) -> Result<Report> {
    let (truth, prediction) = truth_and_prediction(arguments)?;
    let scores =
        arguments.scores.as_deref().map(|path| ClassScores::read(arguments, path, &truth)).transpose()?;
    let confusion = ConfusionMatrix::new(&truth, &prediction)?;
    let mut report = Report::new(truth.n_rows());
    report.add("balanced_accuracy_score", Ok(acsa_score(&confusion)))?;
    report.add("mcc_score", mcc_score(&confusion))?;
    report.add("cohen_kappa_score", cohen_kappa_score(&confusion))?;
    for metric in METRICS.iter().filter(|metric| metric.task() == Task::SingleLabel) {
        match (metric.compute, &scores) {
            (Compute::Classes(compute), _) => report.add(metric.name, Ok(compute(&confusion)))?,
            (Compute::PerClass(compute), _) => {
                let by_class = truth.classes().iter().cloned().zip(compute(&confusion)).collect();
                report.per_class.insert(metric.name, by_class);
            }
            (_, Some(scores)) => add_scored(&mut report, metric, scores)?,
            _ => {}
        }
    }
    report.notes.extend(one_sided(&truth, &prediction));
    if let Some(scores) = scores {
        report.notes.extend(scores.notes);
    }
    report.confusion = Some(confusion);
    Ok(report)
}

fn add_scored(report: &mut Report, metric: &Metric, scores: &ClassScores) -> Result<()> {
    let ClassScores { truth, all, .. } = scores;
    match (metric.compute, scores.positive, &scores.no_probabilities) {
        (Compute::OneClassScores(compute), Some(class), _) => {
            report.add(metric.name, compute(truth, class, all.column(class as usize)))
        }
        (Compute::OneClassScores(_), None, _) => {
            report.add_reason(metric.name, "name the positive class with --positive CLASS".to_owned());
            Ok(())
        }
        (Compute::ClassScores(compute), ..) => report.add(metric.name, compute(truth, all.view())),
        (Compute::ClassProbabilities(compute), _, None) => {
            report.add(metric.name, compute(truth, all.view()))
        }
        (Compute::ClassProbabilities(_), _, Some(reason)) => {
            report.add_reason(metric.name, reason.clone());
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Classes that only one of the files has.
fn one_sided(truth: &Labels, prediction: &Labels) -> Vec<String> {
    let counts = truth.classes().iter().zip(truth.counts().into_iter().zip(prediction.counts()));
    let note = |(class, counts): (&String, (usize, usize))| match counts {
        (0, _) => Some(format!("class {class} is predicted, but no row of the truth has it")),
        (_, 0) => Some(format!("class {class} is never predicted")),
        _ => None,
    };
    counts.filter_map(note).collect()
}

/// The classes of a file, and the name of their column.
struct Column {
    name: String,
    classes: Vec<String>,
}

fn truth_and_prediction(arguments: &Arguments) -> Result<(Labels, Labels)> {
    let truth = read(arguments, &arguments.truth, false)?;
    let prediction = read(arguments, &arguments.prediction, true)?;
    if !arguments.reading.says_header() {
        require_name(&arguments.truth, &truth, &prediction)?;
        require_name(&arguments.prediction, &prediction, &truth)?;
    }
    require_rows(&arguments.prediction, truth.classes.len(), prediction.classes.len())?;
    let n_rows = truth.classes.len();
    let all = Labels::from_texts(&[truth.classes, prediction.classes].concat());
    let (first, second): (Vec<usize>, Vec<usize>) = (0..all.n_rows()).partition(|row| *row < n_rows);
    Ok((all.select(&first), all.select(&second)))
}

/// Reads the class column of a file. Where it may be called something else, the last will do.
fn read(arguments: &Arguments, path: &Path, by_other_name: bool) -> Result<Column> {
    let input = Input::open(path)?;
    let file = input.name();
    let mut target = arguments.target.as_str();
    let mut parsed = input.parse(&arguments.reading.options(Some(target)))?;
    if by_other_name && parsed.place_of(target, file).is_err() {
        target = "last";
        parsed = input.parse(&arguments.reading.options(Some(target)))?;
    }
    parsed.require_whole_target(target, file)?;
    let place = parsed.place_of(target, file)?;
    let name = parsed.table.columns()[place].name.clone();
    let rule = TargetRule { column: target.to_owned(), classes: Classes::EachValue };
    let labels = rule.labels(&parsed.table, file)?;
    let classes = labels.codes().iter().map(|&code| labels.classes()[code as usize].clone()).collect();
    Ok(Column { name, classes })
}

/// Asks if a name in the first line is a class below as well: perhaps it is none, and the rows would be
/// one short.
fn require_name(path: &Path, column: &Column, other: &Column) -> Result<()> {
    let is_class = |columns: &[&Column]| columns.iter().any(|known| known.classes.contains(&column.name));
    if is_class(&[column, other]) {
        bail!("{}", is_name_or_class(path, &column.name));
    }
    Ok(())
}
