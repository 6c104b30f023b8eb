//! `imb score`: every metric that truth, prediction and scores allow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use imb_core::{Error, LabelMatrix, Labels, Table, Target};
use imb_data::{TargetRule, all_labels};
use imb_harness::grid::Grid;
use imb_metrics::multi_label::LabelOutcomes;
use imb_metrics::{Compute, ConfusionMatrix, METRICS, Metric, Task};
use ndarray::Array2;
use serde::Serialize;

use super::file::FileArguments;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The file with the true classes, or, with --multi-label, the true labels.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// The file with what was predicted, in the same order of rows.
    #[arg(long, value_name = "FILE")]
    prediction: PathBuf,
    /// The file with a score a class or label, in columns of their names. Of two classes one column
    /// is enough.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// The class column in both files: its name, its number, or `last`. The prediction may call it
    /// something else, if it is the last there.
    #[arg(long, value_name = "COL", default_value = "last", allow_hyphen_values = true)]
    target: String,
    /// Every column is a label, 0 or 1.
    #[arg(long, conflicts_with = "target")]
    multi_label: bool,
    #[command(flatten)]
    reading: FileArguments,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Report {
    n_rows: usize,
    /// By name; none where the metric has no answer for these data.
    metrics: BTreeMap<&'static str, Option<f64>>,
    /// By name and class.
    per_class: BTreeMap<&'static str, BTreeMap<String, f64>>,
    /// Rows by true class and predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    confusion: Option<ConfusionMatrix>,
    notes: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let report = if arguments.multi_label { of_labels(arguments)? } else { of_classes(arguments)? };
    if arguments.json {
        super::print_json(&report)?
    } else {
        super::print(&to_text(&report))?
    }
    Ok(ExitCode::SUCCESS)
}

fn of_classes(arguments: &Arguments) -> Result<Report> {
    let (truth, prediction) = classes(arguments)?;
    let confusion = ConfusionMatrix::new(&truth, &prediction)?;
    let mut report = Report::new(truth.n_rows());
    let scores = arguments.scores.as_deref().map(|path| class_scores(arguments, path, &truth)).transpose()?;
    for metric in METRICS.iter().filter(|metric| metric.task() == Task::SingleLabel) {
        match (metric.compute, &scores) {
            (Compute::Classes(compute), _) => report.add(metric, Ok(compute(&confusion)))?,
            (Compute::PerClass(compute), _) => {
                let by_class = truth.classes().iter().cloned().zip(compute(&confusion)).collect();
                report.per_class.insert(metric.name, by_class);
            }
            (Compute::OneClassScores(compute), Some(scores)) => {
                report
                    .add(metric, compute(&truth, scores.class, scores.all.column(scores.class as usize)))?;
            }
            (Compute::ClassScores(compute), Some(scores)) => {
                report.add(metric, compute(&truth, scores.all.view()))?
            }
            (Compute::ClassProbabilities(compute), Some(scores)) if scores.are_probabilities() => {
                report.add(metric, compute(&truth, scores.all.view()))?;
            }
            _ => {}
        }
    }
    if let Some(scores) = scores {
        let class = &truth.classes()[scores.class as usize];
        report.notes.push(format!("ROC AUC and average precision are of class {class}"));
        if !scores.are_probabilities() {
            report
                .notes
                .push("the scores are no probabilities: no log loss, Brier or calibration".to_owned());
        }
    }
    report.confusion = Some(confusion);
    Ok(report)
}

/// Truth and prediction over the classes of both.
fn classes(arguments: &Arguments) -> Result<(Labels, Labels)> {
    let read = |path: &Path, column: &str| -> Result<Vec<String>> {
        let table = TargetRule::classes_of(column).apply(arguments.reading.read(path)?.table, path)?;
        let labels = table.target();
        Ok(labels.codes().iter().map(|&code| labels.classes()[code as usize].clone()).collect())
    };
    let truth = read(&arguments.truth, &arguments.target)?;
    let has_target =
        arguments.reading.read(&arguments.prediction)?.table.position(&arguments.target).is_some();
    let prediction = read(&arguments.prediction, if has_target { &arguments.target } else { "last" })?;
    require_rows(&arguments.prediction, truth.len(), prediction.len())?;
    let all = Labels::from_texts(&[truth.clone(), prediction].concat());
    let (first, second): (Vec<usize>, Vec<usize>) = (0..all.n_rows()).partition(|row| *row < truth.len());
    Ok((all.select(&first), all.select(&second)))
}

/// One score a class, `(n_rows, n_classes)`, and the class that one-class metrics are about.
struct ClassScores {
    all: Array2<f64>,
    class: u32,
}

impl ClassScores {
    fn are_probabilities(&self) -> bool {
        let sums_to_one = |row: ndarray::ArrayView1<'_, f64>| (row.sum() - 1.0).abs() < 1e-6;
        self.all.iter().all(|score| (0.0..=1.0).contains(score))
            && self.all.rows().into_iter().all(sums_to_one)
    }
}

fn class_scores(arguments: &Arguments, path: &Path, truth: &Labels) -> Result<ClassScores> {
    let table = arguments.reading.read(path)?.table;
    require_rows(path, truth.n_rows(), table.n_rows())?;
    let class = truth.minority().context("the truth has no rows")?;
    let names = truth.classes();
    let mut all = Array2::zeros((truth.n_rows(), names.len()));
    if let ([column], 2) = (table.columns(), names.len()) {
        let named = (0u32..).zip(names).find(|(_, name)| **name == column.name).map(|(class, _)| class);
        let class = named.unwrap_or(class) as usize;
        for (row, score) in column.values.to_dense(table.n_rows()).into_iter().enumerate() {
            all[[row, class]] = score;
            all[[row, 1 - class]] = 1.0 - score;
        }
        return Ok(ClassScores { all, class: class as u32 });
    }
    for (class, name) in names.iter().enumerate() {
        let place = table.position(name).with_context(|| {
            format!("{}: no column of scores is called \"{name}\", as a class is", path.display())
        })?;
        let scores = table.columns()[place].values.to_dense(table.n_rows());
        all.column_mut(class).iter_mut().zip(scores).for_each(|(cell, score)| *cell = score);
    }
    Ok(ClassScores { all, class })
}

fn of_labels(arguments: &Arguments) -> Result<Report> {
    let read = |path: &Path| -> Result<Table<()>> { Ok(arguments.reading.read(path)?.table) };
    let truth = all_labels(&read(&arguments.truth)?, &arguments.truth)?;
    let by_name = |path: &Path| -> Result<Table<()>> {
        let table = read(path)?;
        require_rows(path, truth.n_rows(), table.n_rows())?;
        let place = |name: &String| {
            table
                .position(name)
                .with_context(|| format!("{}: no column is called \"{name}\", as a label is", path.display()))
        };
        Ok(table.select_columns(&truth.names().iter().map(place).collect::<Result<Vec<usize>>>()?))
    };
    let prediction: LabelMatrix = all_labels(&by_name(&arguments.prediction)?, &arguments.prediction)?;
    let scores = arguments.scores.as_deref().map(by_name).transpose()?.map(|table| dense(&table));
    let outcomes = LabelOutcomes::new(&truth, &prediction)?;
    let mut report = Report::new(truth.n_rows());
    for metric in METRICS.iter().filter(|metric| metric.task() == Task::MultiLabel) {
        match (metric.compute, &scores) {
            (Compute::Labels(compute), _) => report.add(metric, Ok(compute(&outcomes)))?,
            (Compute::LabelScores(compute), Some(scores)) => {
                report.add(metric, compute(&truth, scores.view()))?
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

fn require_rows(path: &Path, expected: usize, found: usize) -> Result<()> {
    if expected != found {
        bail!("{}: {found} rows, but the truth has {expected}", path.display());
    }
    Ok(())
}

impl Report {
    fn new(n_rows: usize) -> Self {
        Self {
            n_rows,
            metrics: BTreeMap::new(),
            per_class: BTreeMap::new(),
            confusion: None,
            notes: Vec::new(),
        }
    }

    /// Adds a metric; one that does not apply has no value.
    fn add(&mut self, metric: &Metric, value: imb_core::Result<f64>) -> Result<()> {
        let value = match value {
            Ok(value) => Some(value),
            Err(Error::NotApplicable { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        self.metrics.insert(metric.name, value);
        Ok(())
    }
}

fn to_text(report: &Report) -> String {
    let single = report.metrics.iter().map(|(name, value)| {
        let value = value.map_or("NA".to_owned(), |value| format!("{value:.6}"));
        vec![(*name).to_owned(), String::new(), value]
    });
    let per_class = report.per_class.iter().flat_map(|(name, values)| {
        values.iter().map(|(class, value)| vec![(*name).to_owned(), class.clone(), format!("{value:.6}")])
    });
    let header = ["metric", "class", "value"].map(String::from).to_vec();
    let grid = Grid { header, rows: single.chain(per_class).collect(), text_columns: 2 };
    let notes: Vec<String> = report.notes.iter().map(|note| format!("  {note}")).collect();
    format!("{} rows\n{}\n{}", report.n_rows, grid.to_text(), notes.join("\n"))
}
