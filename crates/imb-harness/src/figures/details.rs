//! What figures show, in words and in numbers.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::experiment::place;
use crate::grid::Grid;
use crate::place::Place;
use crate::record::Record;
use crate::results::Source;
use crate::spec::FigureSpec;

/// What a figure shows.
#[derive(Clone, Debug)]
pub struct Details {
    /// Its number, data set and protocol.
    pub title: String,
    /// What there is to see, for those who do not see it.
    pub alternative: String,
    /// Its numbers, where they are not in a table.
    pub numbers: Option<Grid>,
}

/// What each figure of a paper shows, by the name of its file.
///
/// # Errors
/// If the specification names an unknown column.
pub fn details_of(source: &Source<'_>) -> Result<BTreeMap<String, Details>> {
    let mut details = BTreeMap::new();
    for figure in &source.paper.spec.figures {
        // A figure of all data sets has its numbers in a file beside it.
        let Some(entry) = source.entry(&figure.dataset) else { continue };
        for (protocol, _) in source.protocols(entry) {
            let mut records = Vec::new();
            for column in &figure.columns {
                let family = place(&source.paper.spec, entry, protocol, column);
                let family = Place { learner: figure.learner.clone(), ..family };
                records.push(source.runs(entry, &family)?.records);
            }
            details.insert(figure.file_name(protocol), Details::of(figure, protocol, &records));
        }
    }
    Ok(details)
}

impl Details {
    /// What can be said of a figure by its name alone.
    pub(crate) fn named(name: &str) -> Self {
        let title = name.replace('_', " ");
        let alternative = format!("{title}; its numbers stand in the tables.");
        Self { title, alternative, numbers: None }
    }

    fn of(figure: &FigureSpec, protocol: &str, records: &[Vec<&Record>]) -> Self {
        let columns = figure.columns.join(" and ");
        let (alternative, numbers) = match figure.kind.as_str() {
            "outputs" => (
                format!(
                    "Shares of rows by z, the logit of the minority: the majority filled, the minority as an outline; \
                     one panel each for {columns}. The border between the classes is z = 1/2."
                ),
                Some(outputs(figure, records)),
            ),
            "accepted_steps" => (
                format!(
                    "What each set that {columns} accepted lacks in F1 on validation rows, a mark a step."
                ),
                Some(accepted_steps(records)),
            ),
            kind @ ("sweep" | "sweep_grid") => {
                let measures = figure.measures.join(" and ");
                let parameters = figure.sweep.iter().flatten().cloned().collect::<Vec<_>>().join(" and ");
                let means = if kind == "sweep" {
                    "means over runs, with their 95 % intervals as bands"
                } else {
                    "the mean over runs of each pair"
                };
                (format!("{measures} of {columns} on test rows against {parameters}: {means}."), None)
            }
            kind => (format!("{}: {columns}", kind.replace('_', " ")), None),
        };
        Self {
            title: format!("Figure {}: {}, {protocol}", figure.number, figure.dataset),
            alternative,
            numbers: numbers.filter(|grid| !grid.rows.is_empty()),
        }
    }
}

/// Rows of each class in bins of z that hold some, of the first run of each column.
fn outputs(figure: &FigureSpec, records: &[Vec<&Record>]) -> Grid {
    let header = ["column", "z from", "z to", "majority rows", "minority rows"];
    let mut rows = Vec::new();
    for (column, records) in figure.columns.iter().zip(records) {
        let histogram = records.iter().find_map(|record| record.done()?.outputs.as_ref());
        let Some(histogram) = histogram else { continue };
        let width = (histogram.greatest - histogram.least) / histogram.majority.len() as f64;
        for (bin, (majority, minority)) in histogram.majority.iter().zip(&histogram.minority).enumerate() {
            if majority + minority > 0 {
                let edge = |bin: usize| format!("{:.2}", histogram.least + width * bin as f64);
                rows.push(vec![
                    column.clone(),
                    edge(bin),
                    edge(bin + 1),
                    majority.to_string(),
                    minority.to_string(),
                ]);
            }
        }
    }
    Grid { header: header.map(String::from).into(), rows, text_columns: 1 }
}

/// The accepted steps of the first runs.
fn accepted_steps(records: &[Vec<&Record>]) -> Grid {
    let header = ["run", "step", "minority F1", "macro F1"].map(String::from).into();
    let mut rows = Vec::new();
    for record in records.first().into_iter().flatten().take(super::accepted_steps::RUNS) {
        let steps = record.done().and_then(|done| done.series.get("steps"));
        for (number, step) in steps.into_iter().flatten().enumerate() {
            let value = |name: &str| step.get(name).map_or("–".to_owned(), |value| format!("{value:.4}"));
            if step.get("accepted") == Some(&1.0) {
                rows.push(vec![
                    (record.place.run + 1).to_string(),
                    (number + 1).to_string(),
                    value("minority_f1_score"),
                    value("macro_f1_score"),
                ]);
            }
        }
    }
    Grid { header, rows, text_columns: 0 }
}
