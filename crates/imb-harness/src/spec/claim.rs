//! Claims: sentences of a paper, or questions of ours, each with the test that decides it.

use std::collections::BTreeMap;

use imb_metrics::printed::TwoClassMetric;
use serde::Deserialize;

use super::Evaluation;

/// A sentence of the paper that is tested on measured values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimSpec {
    /// What the paper says, in our words.
    pub says: String,
    /// Where it says so.
    pub place: String,
    /// Whether it is a question of ours, and not the paper's.
    #[serde(default)]
    pub ours: bool,
    /// The protocol whose runs are asked.
    pub protocol: String,
    /// Other protocols whose runs are asked too. Their answers are shown below it and not counted.
    #[serde(default)]
    pub also_under: Vec<String>,
    /// How it is tested.
    pub test: ClaimTest,
}

/// How a claim is tested.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimTest {
    /// A column has the highest mean of a metric on at least so many data sets.
    Leads {
        /// The column.
        column: String,
        /// The metric.
        metric: String,
        /// The least number of data sets.
        on: usize,
        /// The columns that it is compared with; those of the paper's own tables if none is named.
        #[serde(default)]
        among: Vec<String>,
        /// The data sets, by their row in the paper, that the claim speaks of; all if none is named.
        #[serde(default)]
        datasets: Vec<String>,
    },
    /// A column has a higher mean of a metric than another on every data set but some.
    Outperforms {
        /// The column.
        column: String,
        /// The column it is compared with.
        over: String,
        /// The metric.
        metric: String,
        /// The data sets, by their row in the paper, on which it need not.
        except: Vec<String>,
    },
    /// A column's mean of a metric on a data set lies in a range.
    MeanIn {
        /// The column.
        column: String,
        /// The metric.
        metric: String,
        /// The data set, by its row in the paper.
        dataset: String,
        /// The ends of the range.
        range: [f64; 2],
    },
    /// The variance of a metric over so many runs lies in a range, on every data set.
    RunVariance {
        /// The column.
        column: String,
        /// The metric.
        metric: String,
        /// The rows that are tested.
        evaluation: Evaluation,
        /// The least and the greatest variance that the paper states.
        range: [f64; 2],
        /// Runs that the paper's variance is of.
        runs: usize,
    },
    /// The relative gain of a column over another, in percent, is at least the least one stated on every data set,
    /// and reaches the greatest on one.
    Improvement {
        /// The column.
        column: String,
        /// The column it is compared with.
        over: String,
        /// The metric.
        metric: String,
        /// The least and the greatest improvement stated.
        range: [f64; 2],
    },
    /// Each of some columns has a better mean rank over all learners than each of some others, in every
    /// metric of the table of mean ranks.
    RanksAhead {
        /// The columns.
        columns: Vec<String>,
        /// The columns they are compared with.
        of: Vec<String>,
    },
    /// No column is significantly better than this one, with any learner in any metric of the table of mean
    /// ranks.
    NoRankLosses {
        /// The column.
        column: String,
    },
    /// The lead of a column over the best other column lies in a range, on at least so many data sets.
    LeadsBy {
        /// The column.
        column: String,
        /// The metric.
        metric: String,
        /// The least and the greatest lead stated, in points of a hundred.
        range: [f64; 2],
        /// The least number of data sets.
        on: usize,
    },
    /// Every one of these measures, compared with no sampling, is at least as large as stated, on at least so many
    /// data sets.
    Reaches {
        /// The column.
        column: String,
        /// The measures, each with its least value.
        at_least: BTreeMap<String, f64>,
        /// The least number of data sets.
        on: usize,
    },
    /// A measure of the set that was fitted rises with a metric, over all columns of the paper and all data sets.
    RisesWith {
        /// The measure, compared with no sampling.
        measure: String,
        /// The metric.
        metric: String,
    },
    /// A column is ahead of each of its controls by more than a margin, over all data sets.
    BeatsControls {
        /// The column.
        column: String,
        /// The columns that lack one of its parts each.
        controls: Vec<String>,
        /// The metric.
        metric: String,
        /// The least lead that matters.
        margin: f64,
    },
    /// Runs take at most so many hours.
    RunTime {
        /// The column.
        column: String,
        /// Runs together.
        runs: usize,
        /// The most CPU hours on the smallest data set, and on any.
        hours: [f64; 2],
    },
    /// On the protocol's test rows, runs can have a column's printed metrics.
    CanBeOfRuns {
        /// The column.
        column: String,
        /// The metrics, of two classes, that one table prints together.
        metrics: Vec<TwoClassMetric>,
        /// The runs of which the printed values are means.
        runs: u64,
    },
    /// Test rows of each class that the paper prints, by the data set's row in the paper.
    TestRows(BTreeMap<String, Vec<u64>>),
}

impl ClaimTest {
    /// The columns that it names.
    pub fn columns(&self) -> Vec<&String> {
        match self {
            Self::Leads { column, among: others, .. }
            | Self::BeatsControls { column, controls: others, .. } => {
                [column].into_iter().chain(others).collect()
            }
            Self::Outperforms { column, over, .. } | Self::Improvement { column, over, .. } => {
                vec![column, over]
            }
            Self::RanksAhead { columns, of } => columns.iter().chain(of).collect(),
            Self::MeanIn { column, .. }
            | Self::RunVariance { column, .. }
            | Self::NoRankLosses { column }
            | Self::LeadsBy { column, .. }
            | Self::Reaches { column, .. }
            | Self::RunTime { column, .. }
            | Self::CanBeOfRuns { column, .. } => vec![column],
            Self::RisesWith { .. } | Self::TestRows(_) => Vec::new(),
        }
    }

    /// The data sets that it names, by their row in the paper.
    pub fn rows(&self) -> Vec<&String> {
        match self {
            Self::Leads { datasets, .. } | Self::Outperforms { except: datasets, .. } => {
                datasets.iter().collect()
            }
            Self::MeanIn { dataset, .. } => vec![dataset],
            Self::TestRows(rows) => rows.keys().collect(),
            Self::RunVariance { .. }
            | Self::Improvement { .. }
            | Self::RanksAhead { .. }
            | Self::NoRankLosses { .. }
            | Self::LeadsBy { .. }
            | Self::Reaches { .. }
            | Self::RisesWith { .. }
            | Self::BeatsControls { .. }
            | Self::RunTime { .. }
            | Self::CanBeOfRuns { .. } => Vec::new(),
        }
    }

    /// The measures that it names.
    pub fn measures(&self) -> Vec<&String> {
        match self {
            Self::Leads { metric, .. }
            | Self::Outperforms { metric, .. }
            | Self::MeanIn { metric, .. }
            | Self::RunVariance { metric, .. }
            | Self::Improvement { metric, .. }
            | Self::LeadsBy { metric, .. }
            | Self::BeatsControls { metric, .. } => vec![metric],
            Self::Reaches { at_least, .. } => at_least.keys().collect(),
            Self::RisesWith { measure, metric } => vec![measure, metric],
            Self::RanksAhead { .. }
            | Self::NoRankLosses { .. }
            | Self::RunTime { .. }
            | Self::CanBeOfRuns { .. }
            | Self::TestRows(_) => Vec::new(),
        }
    }
}
