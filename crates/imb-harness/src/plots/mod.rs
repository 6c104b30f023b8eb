//! Plots of what records say, one file a kind. Each can be read without colour, says in words what it shows,
//! and has its numbers beside it.

mod canvas;
mod cost;
mod dumb_bells;
mod forest;
mod labels;
mod ranks;
mod row_chart;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use imb_data::Entry;
use imb_metrics::interval::{Interval, resampled_interval, student_interval};

use crate::claims::{Run, paired_differences, values_at};
use crate::experiment::place;
use crate::figures::{Drawn, columns_in_order};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::place::Place;
use crate::results::{ResultTable, Source};
use crate::spec::{Evaluation, LineSpec, TableSpec};

/// A plot.
pub struct Plot {
    /// The name of its file, and of its place in a page.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What there is to see, for those who do not see it.
    pub alternative: String,
    /// How it is read.
    pub legend: String,
    /// The picture; none where the numbers are a table of their own.
    pub drawn: Option<Drawn>,
    /// The numbers that it shows.
    pub numbers: Grid,
}

/// All plots of a paper, in the order of a report. `tables` are made from the same source.
///
/// # Errors
/// If the paper's specification does not fit together.
pub fn draw_plots(source: &Source<'_>, tables: &[ResultTable]) -> Result<Vec<Plot>> {
    let mut plots = dumb_bells::plots(source, tables);
    if let Some(scope) = Scope::of(source)? {
        for learner in scope.learners() {
            plots.extend(forest::plot(&scope, learner.as_deref())?);
            plots.extend(ranks::plots(&scope, learner.as_deref())?);
            plots.extend(cost::plot(&scope, learner.as_deref())?);
        }
    }
    Ok(plots)
}

/// What plots of the main protocol look at: its runs, by one metric.
pub(crate) struct Scope<'a> {
    source: &'a Source<'a>,
    protocol: &'a str,
    pub(crate) baseline: &'a str,
    metric: &'a str,
    pub(crate) measure: Measure,
    /// The line of the tables that shows the metric, and its table.
    shown: Option<(&'a TableSpec, &'a LineSpec)>,
}

/// The difference of a column to the one without resampling on a data set, run by run on the same rows.
pub(crate) struct Difference {
    row: String,
    pub(crate) column: String,
    runs: usize,
    pub(crate) mean: f64,
    /// The 95 % interval of the mean: Student's for a paper, whose protocol is repeated; of an experiment of the user's
    /// own, one that allows for the rows that runs share, since the question is what happens on other rows.
    pub(crate) interval: Interval,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(source: &'a Source<'a>) -> Result<Option<Self>> {
        let Some(focus) = source.paper.spec.focus() else { return Ok(None) };
        let tables = source.paper.spec.tables.iter();
        let mut lines = tables.flat_map(|table| table.lines.iter().map(move |line| (table, line)));
        Ok(Some(Self {
            source,
            protocol: focus.protocol,
            baseline: focus.baseline,
            metric: focus.metric,
            measure: Measure::named(focus.metric)?,
            shown: lines.find(|(_, line)| line.metric == focus.metric),
        }))
    }

    /// The learners that columns are crossed with; one without a name where the protocol has its own.
    pub(crate) fn learners(&self) -> Vec<Option<String>> {
        self.source.paper.spec.learners_under(self.protocol)
    }

    /// The columns in the order of the tables, the one without resampling first.
    pub(crate) fn columns(&self) -> Vec<&'a str> {
        let spec = &self.source.paper.spec;
        let mut columns = columns_in_order(spec);
        columns.retain(|column| spec.columns.contains_key(*column));
        columns
    }

    /// The data sets that the protocol is for.
    fn entries(&self) -> impl Iterator<Item = &'a Entry> {
        let is_for = |entry: &&Entry| {
            let protocol = self.source.paper.spec.protocols.get(self.protocol);
            protocol.is_some_and(|protocol| protocol.is_for(&entry.row))
        };
        self.source.entries.iter().filter(is_for)
    }

    fn place(&self, entry: &Entry, column: &str, learner: Option<&str>) -> Place {
        let place = place(&self.source.paper.spec, entry, self.protocol, column);
        Place { learner: learner.map(str::to_owned), ..place }
    }

    /// The values of a column, run by run, in the unit of the tables.
    fn values(&self, entry: &Entry, column: &str, learner: Option<&str>) -> Result<BTreeMap<Run, f64>> {
        let place = self.place(entry, column, learner);
        let mut values = values_at(self.source, entry, &place, &self.measure, Evaluation::Last)?;
        if self.shown.is_some_and(|(table, _)| table.percent) {
            values.values_mut().for_each(|value| *value *= 100.0);
        }
        Ok(values)
    }

    /// What stands behind the metric's name where tables show it in percent.
    fn unit(&self) -> &'static str {
        if self.shown.is_some_and(|(table, _)| table.percent) { ", %" } else { "" }
    }

    /// Digits after the point: one more than in the tables.
    pub(crate) fn digits(&self) -> usize {
        1 + self.shown.map_or(3, |(table, line)| line.decimals.unwrap_or(table.decimals))
    }

    /// The mean over runs; none without a run.
    fn mean(&self, entry: &Entry, column: &str, learner: Option<&str>) -> Result<Option<f64>> {
        let values = self.values(entry, column, learner)?;
        Ok((!values.is_empty()).then(|| values.values().sum::<f64>() / values.len() as f64))
    }

    /// The differences of all columns to the one without resampling, data set by data set; those with two runs
    /// or more.
    pub(crate) fn differences(&self, learner: Option<&str>) -> Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for entry in self.entries() {
            let before = self.values(entry, self.baseline, learner)?;
            for column in self.columns().into_iter().filter(|column| *column != self.baseline) {
                let after = self.values(entry, column, learner)?;
                let pairs = paired_differences(&after, &before);
                let place = self.place(entry, column, learner);
                let Some(interval) = self.interval(entry, &place, &pairs)? else { continue };
                let runs = after.keys().filter(|run| before.contains_key(run)).count();
                differences.push(Difference {
                    row: entry.row.clone(),
                    column: column.to_owned(),
                    runs,
                    mean: pairs.iter().sum::<f64>() / pairs.len() as f64,
                    interval,
                });
            }
        }
        Ok(differences)
    }

    /// The interval of the mean of differences; none of fewer than two.
    fn interval(&self, entry: &Entry, place: &Place, differences: &[f64]) -> Result<Option<Interval>> {
        if differences.len() < 2 {
            return Ok(None);
        }
        if !self.allows_for_shared_rows() {
            return Ok(Some(student_interval(differences, 0.95)?));
        }
        let runs = self.source.runs(entry, place)?;
        let done = runs.records.iter().find_map(|record| record.done());
        let share = done.and_then(|done| {
            let tested = done.evaluations.get(&Evaluation::Last)?.evidence.n_rows();
            Some(tested as f64 / done.training_rows.rows as f64)
        });
        Ok(Some(resampled_interval(differences, share.context("a run without test rows")?, 0.95)?))
    }

    /// Whether intervals of differences are wider than Student's, because runs share rows.
    pub(crate) fn allows_for_shared_rows(&self) -> bool {
        self.source.paper.is_own
    }

    /// What the metric is called in the tables.
    pub(crate) fn metric_title(&self) -> &'a str {
        self.shown.map_or(self.metric, |(_, line)| &line.title)
    }

    /// The protocol and, where there are several, the learner, for titles.
    pub(crate) fn under(&self, learner: Option<&str>) -> String {
        learner.map_or(self.protocol.to_owned(), |learner| format!("{}, {learner}", self.protocol))
    }

    /// The name of a plot's file.
    fn name(&self, kind: &str, learner: Option<&str>) -> String {
        learner.map_or(kind.to_owned(), |learner| format!("{kind}_{learner}"))
    }
}
