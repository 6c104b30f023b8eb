//! Any number of labels a row.

use std::path::Path;

use anyhow::{Context, Result};
use imb_core::{LabelMatrix, Table, Target};
use imb_data::all_labels;
use imb_metrics::multi_label::LabelOutcomes;
use imb_metrics::{Compute, METRICS, Task};
use ndarray::Array2;

use super::report::Report;
use super::{Arguments, require_rows};

pub(super) fn report(arguments: &Arguments) -> Result<Report> {
    let read = |path: &Path| -> Result<Table<()>> { Ok(arguments.reading.read(path, None)?.table) };
    let truth = all_labels(&read(&arguments.truth)?, &arguments.truth)?;
    let by_name = |path: &Path| -> Result<Table<()>> {
        let table = read(path)?;
        require_rows(path, truth.n_rows(), table.n_rows())?;
        let place = |name: &String| {
            table
                .position(name)
                .with_context(|| format!("{}: no column for label \"{name}\"", path.display()))
        };
        Ok(table.select_columns(&truth.names().iter().map(place).collect::<Result<Vec<usize>>>()?))
    };
    let prediction: LabelMatrix = all_labels(&by_name(&arguments.prediction)?, &arguments.prediction)?;
    let scores = arguments.scores.as_deref().map(by_name).transpose()?.map(|table| dense(&table));
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

fn dense(table: &Table<()>) -> Array2<f64> {
    let mut all = Array2::zeros((table.n_rows(), table.n_columns()));
    for (mut cells, column) in all.columns_mut().into_iter().zip(table.columns()) {
        cells.iter_mut().zip(column.values.to_dense(table.n_rows())).for_each(|(cell, value)| *cell = value);
    }
    all
}
