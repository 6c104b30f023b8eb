//! Tables, figures, comparisons and sensitivities.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result};
use imb_core::Device;
use serde::{Deserialize, Serialize};

use super::{Spec, is_among};

/// How the table of data sets is judged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table1Spec {
    /// The tolerance of each column.
    pub tolerance: BTreeMap<String, Tolerance>,
}

/// How far a measured statistic of the data may lie from the printed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Not at all: counts.
    Exact,
    /// Half a unit of the last printed digit.
    HalfDigit,
}

/// A table of results: what is measured and how it is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Its number in the paper, or one that the paper does not have for a table of our own.
    pub number: u32,
    /// Whether the paper has the table.
    #[serde(default = "yes")]
    pub printed: bool,
    /// What it shows.
    pub caption: String,
    /// Its columns: methods, also those that cannot be run yet.
    pub columns: Vec<String>,
    /// The column whose values are shown learner by learner: `columns` then names learners.
    pub of_column: Option<String>,
    /// The learners whose values it shows, in order; all if none is named.
    #[serde(default)]
    pub learners: Vec<String>,
    /// What is measured of each data set.
    pub lines: Vec<LineSpec>,
    /// What a value of the table is, of the values of runs.
    #[serde(default)]
    pub statistic: Statistic,
    /// How far a measured value may lie from the printed one, in the unit of the table.
    #[serde(default)]
    pub tolerance: f64,
    /// Digits printed after the point.
    #[serde(default = "three")]
    pub decimals: usize,
    /// Whether shares are printed in percent.
    #[serde(default)]
    pub percent: bool,
}

fn yes() -> bool {
    true
}

fn three() -> usize {
    3
}

/// What a value of a table is, of the values of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The mean over runs, for each data set.
    #[default]
    Mean,
    /// The mean over data sets of the rank among columns, for each learner; 1 is best.
    MeanRank,
}

/// A line of a data set in a table of results.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    /// The key of its values in `published.toml` below the data set; none if they stand there
    /// themselves.
    pub key: Option<String>,
    /// Where the paper gives a value of a method a column of its own: that column, by the method's. The
    /// values of other methods are not printed.
    #[serde(default)]
    pub printed_as: BTreeMap<String, String>,
    /// What it is called.
    pub title: String,
    /// What is measured: a name that `Measure::named` knows.
    pub metric: String,
    /// What is measured instead under a protocol, by its name.
    #[serde(default)]
    pub metric_under: BTreeMap<String, String>,
    /// The tolerance, where it is not the table's.
    pub tolerance: Option<f64>,
    /// Digits printed after the point, where they are not the table's.
    pub decimals: Option<usize>,
    /// The protocols that the line is for; all if none is named.
    #[serde(default)]
    pub protocols: Vec<String>,
}

impl LineSpec {
    /// Whether the line is for a protocol.
    pub fn is_for(&self, protocol: &str) -> bool {
        self.protocols.is_empty() || self.protocols.iter().any(|other| other == protocol)
    }
}

impl TableSpec {
    /// The learners that the table shows, in order.
    pub fn learners_of(&self, spec: &Spec) -> Vec<String> {
        if self.learners.is_empty() { spec.learners.keys().cloned().collect() } else { self.learners.clone() }
    }
}

impl TableSpec {
    /// What is measured under a protocol where a line of the table measures this.
    pub fn metric_under<'a>(&'a self, metric: &'a str, protocol: &str) -> &'a str {
        let line = self.lines.iter().find(|line| line.metric == metric);
        line.map_or(metric, |line| line.metric_under(protocol))
    }
}

impl LineSpec {
    /// What is measured under a protocol.
    pub fn metric_under(&self, protocol: &str) -> &str {
        self.metric_under.get(protocol).unwrap_or(&self.metric)
    }
}

/// A figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureSpec {
    /// Its number in the paper.
    pub number: u32,
    /// What it shows: the name of a kind of figure.
    pub kind: FigureKind,
    /// The name of its file, where the paper has no such figure.
    pub name: Option<String>,
    /// The data set, by its row in the paper; none of a figure of all data sets.
    #[serde(default)]
    pub dataset: String,
    /// The columns that it shows, from top to bottom.
    pub columns: Vec<String>,
    /// The parameters whose sweep it shows, in alphabetical order.
    pub sweep: Option<Vec<String>>,
    /// The learner whose runs a sweep shows, where columns are crossed with learners.
    pub learner: Option<String>,
    /// What it shows of each column: names that `Measure::named` knows.
    #[serde(default)]
    pub measures: Vec<String>,
}

impl FigureSpec {
    /// The name of its file under a protocol.
    pub fn file_name(&self, protocol: &str) -> String {
        match &self.name {
            Some(name) => format!("{name}_{protocol}"),
            None => format!("figure{}_{protocol}", self.number),
        }
    }

    /// The one measure that it shows.
    ///
    /// # Errors
    /// If none is named.
    pub fn measure(&self) -> Result<&str> {
        let first = self.measures.first().map(String::as_str);
        first.with_context(|| format!("figure {} names no measure", self.number))
    }
}

/// A choice whose weight is measured: the same columns, made one way and another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensitivitySpec {
    /// What is chosen.
    pub about: String,
    /// One way.
    pub first: WaySpec,
    /// Another.
    pub second: WaySpec,
    /// The columns.
    pub columns: Vec<String>,
    /// The learners, where columns are crossed with learners.
    #[serde(default)]
    pub learners: Vec<String>,
    /// The data sets, by their row in the paper; all if none is named.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// The metric.
    pub metric: String,
}

/// One way in which columns are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaySpec {
    /// What it is called.
    pub name: String,
    /// The protocol.
    pub protocol: String,
    /// The column that stands for the one that is asked about.
    pub column: Option<String>,
    /// The learner that stands for the one that is asked about.
    pub learner: Option<String>,
    /// The metric that stands for the one that is asked about.
    pub metric: Option<String>,
}

/// The name of a kind of figure.
pub type FigureKind = String;

/// Cells that are compared with runs of the authors' code, or with runs on another device.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSpec {
    /// What is compared.
    pub title: String,
    /// The protocol.
    pub protocol: String,
    /// The data sets, by their row in the paper.
    pub datasets: Vec<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// What is compared of each run: names that `Measure::named` knows.
    pub measures: Vec<String>,
    /// Runs of each.
    pub runs: usize,
    /// What they are compared with, where it is not runs of the authors' code.
    pub against: Option<OtherRuns>,
    /// Two samples differ if the chance of it, corrected for the number of tests, is below this.
    pub significance: f64,
}

/// As many runs of the same columns on another device, with seeds of their own.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRuns {
    /// The device.
    pub device: Device,
    /// The number of the first of them.
    pub first_run: usize,
}

impl ComparisonSpec {
    /// The runs on a device; none on one that plays no part.
    pub fn runs_on(&self, device: Device) -> Range<usize> {
        match self.against {
            _ if device == Device::Cpu => 0..self.runs,
            Some(other) if device == other.device => other.first_run..other.first_run + self.runs,
            _ => 0..0,
        }
    }
}

/// A known reason why a value differs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferenceSpec {
    /// The data sets, by their row in the paper; any if none is named.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// The columns; any if none is named.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The learners; any if none is named.
    #[serde(default)]
    pub learners: Vec<String>,
    /// The metrics; any if none is named.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// The reason: ours, the code against the paper, or the print.
    pub reason: String,
}

impl DifferenceSpec {
    /// Whether it speaks of a value: of a data set's row, of a column with a learner, of a metric.
    pub fn is_of(&self, row: &str, column: &str, learner: Option<&String>, metric: &str) -> bool {
        is_among(&self.datasets, row)
            && is_among(&self.columns, column)
            && (self.learners.is_empty() || learner.is_some_and(|learner| self.learners.contains(learner)))
            && is_among(&self.metrics, metric)
    }
}
