//! Any number of labels a row.

use std::path::Path;

use anyhow::{Context, Result};
use imb_core::{LabelMatrix, Table, Target};
use imb_data::all_labels;
use imb_metrics::multi_label::LabelOutcomes;
use imb_metrics::{Compute, METRICS, Task};

use super::report::Report;
use super::scores::numbers;
use super::{Arguments, require_rows};

pub(super) fn report(arguments: &Arguments) -> Result<Report> {
    let read = |path: &Path| -> Result<Table<()>> { Ok(arguments.reading.read(path, None)?.table) };
    let truth = all_labels(&read(&arguments.truth)?, &arguments.truth)?;
    // The columns of the labels, by their names.
    let places = |path: &Path, table: &Table<()>| -> Result<Vec<usize>> {
        require_rows(path, truth.n_rows(), table.n_rows())?;
        let place = |name: &String| {
            table
                .position(name)
                .with_context(|| format!("{}: no column for label \"{name}\"", path.display()))
        };
        truth.names().iter().map(place).collect()
    };
    let predicted = read(&arguments.prediction)?;
    let predicted = predicted.select_columns(&places(&arguments.prediction, &predicted)?);
    let prediction: LabelMatrix = all_labels(&predicted, &arguments.prediction)?;
    let scores = arguments.scores.as_deref().map(|path| {
        let parsed = arguments.reading.read(path, None)?;
        numbers(path, &parsed, &places(path, &parsed.table)?)
    });
    let scores = scores.transpose()?;
    let outcomes = LabelOutcomes::new(&truth, &prediction)?;
    let mut report = Report::new(truth.n_rows());
    for metric in METRICS.iter().filter(|metric| metric.task() == Task::MultiLabel) {
        match (metric.compute, &scores) {
            (Compute::Labels(compute), _) => report.add(metric.name, Ok(compute(&outcomes)))?,
            (Compute::LabelScores(compute), Some(scores)) => {
                report.add(metric.name, compute(&truth, scores.view()))?;
            }
            _ => {}
        }
    }
    Ok(report)
}
