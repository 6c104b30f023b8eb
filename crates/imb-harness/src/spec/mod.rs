//! What is asked for: a paper's `spec.toml`, as plain data. It imports nothing of the harness.

mod check;
mod claim;
mod column;
mod protocol;
mod rows;
mod runs;
mod sweep;
mod table;

pub use claim::{ClaimSpec, ClaimTest};
pub use column::{Choice, ChoiceRule, ChoosingRows, Column, Learner, StageSpec};
pub use protocol::{Evaluation, ProtocolSpec, SplitRule, TrainingRows};
pub use runs::{RunPlan, RunRule, Unit};
pub use sweep::{BestRows, SweepSpec};
pub use table::{
    ComparisonSpec, DifferenceSpec, FigureKind, FigureSpec, LineSpec, OtherRuns, SensitivitySpec, Statistic,
    Table1Spec, TableSpec, Tolerance, WaySpec,
};

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// A paper's `spec.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The name of the paper's folder.
    pub id: String,
    /// The paper's title.
    pub title: String,
    /// Authors, place and year; empty for an experiment of one's own.
    #[serde(default)]
    pub citation: String,
    /// The paper's address, where one is known.
    pub link: Option<String>,
    /// The root of all seeds.
    pub seed: u64,
    /// Data sets of the built-in catalog that an experiment of one's own runs on, beside its own.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// The table of data sets.
    #[serde(default)]
    pub table1: Table1Spec,
    /// How data sets are read, split, prepared and evaluated.
    pub protocols: BTreeMap<String, ProtocolSpec>,
    /// How many runs of which cells the full profile makes; the first rule that fits counts.
    #[serde(default)]
    pub runs: Vec<RunRule>,
    /// The columns that are run, by name.
    #[serde(default)]
    pub columns: BTreeMap<String, Column>,
    /// Columns that are run with several values of parameters.
    #[serde(default, rename = "sweep")]
    pub sweeps: Vec<SweepSpec>,
    /// Learners that every column is crossed with, by name; none where the protocol names the one.
    #[serde(default)]
    pub learners: BTreeMap<String, Learner>,
    /// The learners of the smoke profile; all if none is named.
    #[serde(default)]
    pub smoke_learners: Vec<String>,
    /// By what parameters are chosen, by the rows that choose.
    #[serde(default)]
    pub choices: BTreeMap<ChoosingRows, ChoiceRule>,
    /// What the paper's values are, taken as evidence.
    pub printed: Option<PrintedSpec>,
    /// Where the runs depart from the paper.
    #[serde(default)]
    pub deviations: Vec<String>,
    /// What a reader should know before the tables: leaks, contradictions.
    #[serde(default)]
    pub read_first: Vec<String>,
    /// The tables of results.
    #[serde(default, rename = "table")]
    pub tables: Vec<TableSpec>,
    /// The figures.
    #[serde(default, rename = "figure")]
    pub figures: Vec<FigureSpec>,
    /// Which distributions are compared.
    #[serde(default, rename = "comparison")]
    pub comparisons: Vec<ComparisonSpec>,
    /// Choices whose weight is measured.
    #[serde(default, rename = "sensitivity")]
    pub sensitivities: Vec<SensitivitySpec>,
    /// Sentences of the paper that are tested.
    #[serde(default, rename = "claim")]
    pub claims: Vec<ClaimSpec>,
    /// Known reasons for differences, by data set and column.
    #[serde(default, rename = "difference")]
    pub differences: Vec<DifferenceSpec>,
}

/// What the paper's values are, taken as evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintedSpec {
    /// What one printed value was made from.
    pub unit: Unit,
    /// The protocol that does as the paper or its code does.
    pub protocol: String,
    /// The protocol whose values are the main result.
    pub main_protocol: String,
    /// The column without resampling.
    pub baseline: String,
    /// The paper's own method.
    pub method: String,
    /// The metric by which the paper judges.
    pub metric: String,
}

/// What a reader looks at first: of printed values, or of an experiment that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focus<'a> {
    /// The protocol whose values are the main result.
    pub protocol: &'a str,
    /// The column that others are compared with: the one without resampling.
    pub baseline: &'a str,
    /// The metric.
    pub metric: &'a str,
}

impl Spec {
    /// What a reader looks at first. Where no values are printed: the first protocol and the first column
    /// without stages, by name, and the first line of the first table. None where one of them is missing.
    pub fn focus(&self) -> Option<Focus<'_>> {
        if let Some(printed) = &self.printed {
            let PrintedSpec { main_protocol, baseline, metric, .. } = printed;
            return Some(Focus { protocol: main_protocol, baseline, metric });
        }
        let is_bare =
            |column: &Column| column.stages.is_empty() && column.under.is_empty() && column.on.is_empty();
        let bare = self.columns.iter().find(|(_, column)| is_bare(column));
        let protocol = self.protocols.keys().next()?;
        let metric = self.tables.first()?.lines.first()?.metric_under(protocol);
        Some(Focus { protocol, baseline: bare?.0, metric })
    }

    /// The protocol of a name.
    ///
    /// # Errors
    /// If there is none, with the known names.
    pub fn protocol(&self, name: &str) -> Result<&ProtocolSpec> {
        named(&self.protocols, "protocol", name)
    }

    /// The column of a name.
    ///
    /// # Errors
    /// If there is none, with the known names.
    pub fn column(&self, name: &str) -> Result<&Column> {
        named(&self.columns, "column", name)
    }

    /// The learner of a name.
    ///
    /// # Errors
    /// If there is none, with the known names.
    pub fn learner(&self, name: &str) -> Result<&Learner> {
        named(&self.learners, "learner", name)
    }

    /// Whether a column is run under a protocol. One that is not in the specification is not.
    pub fn runs_column(&self, protocol: &str, column: &str) -> bool {
        let (Some(rules), Some(of_column)) = (self.protocols.get(protocol), self.columns.get(column)) else {
            return false;
        };
        is_among(&rules.only_columns, column)
            && is_among(&of_column.only_under, protocol)
            && !of_column.not_under.contains_key(protocol)
    }

    /// The learners that columns are crossed with under a protocol; one without a name where it has its own.
    pub fn learners_under(&self, protocol: &str) -> Vec<Option<String>> {
        let Some(rules) = self.protocols.get(protocol).filter(|rules| rules.learner.is_none()) else {
            return vec![None];
        };
        let learns = |(name, learner): &(&String, &Learner)| {
            is_among(&rules.only_learners, name) && is_among(&learner.only_under, protocol)
        };
        self.learners.iter().filter(learns).map(|(name, _)| Some(name.clone())).collect()
    }

    /// Whether a learner, where there are several, is one of the smoke profile.
    pub fn is_for_smoke(&self, learner: Option<&String>) -> bool {
        learner.is_none_or(|learner| is_among(&self.smoke_learners, learner))
    }

    /// By what parameters are chosen on these rows.
    ///
    /// # Errors
    /// If the specification does not say.
    pub fn choice_rule(&self, rows: ChoosingRows) -> Result<&ChoiceRule> {
        self.choices.get(&rows).with_context(|| format!("no rule says how to choose on {rows:?} rows"))
    }

    /// Whether records decide which cells there are.
    pub fn chooses_on_test_rows(&self) -> bool {
        let choices = self.columns.values().filter_map(|column| column.choice.as_ref());
        choices.flat_map(|choice| choice.on.values()).any(|rows| *rows == ChoosingRows::Test)
    }

    /// The table of a number.
    pub fn table(&self, number: u32) -> Option<&TableSpec> {
        self.tables.iter().find(|table| table.number == number)
    }

    /// The columns that a column of the paper is compared with: those of the paper's own tables that are run.
    /// Ablations and other columns of ours are not among them.
    pub fn rivals<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a str> {
        let printed = |name: &str| {
            self.tables.iter().any(|table| table.printed && table.columns.iter().any(|other| other == name))
        };
        let columns = self.columns.keys().map(String::as_str);
        columns.filter(move |&name| printed(name)).filter(move |&name| name != column)
    }

    /// What the tables call a metric.
    pub fn title_of<'a>(&'a self, metric: &'a str) -> &'a str {
        let mut lines = self.tables.iter().flat_map(|table| &table.lines);
        lines.find(|line| line.metric == metric).map_or(metric, |line| line.title.as_str())
    }

    /// The table of mean ranks.
    ///
    /// # Errors
    /// If there is none.
    pub fn rank_table(&self) -> Result<&TableSpec> {
        let mut tables = self.tables.iter();
        tables.find(|table| table.statistic == Statistic::MeanRank).context("no table is of mean ranks")
    }
}

/// Whether a name is listed, or none is.
pub(crate) fn is_among(listed: &[String], name: &str) -> bool {
    listed.is_empty() || listed.iter().any(|other| other == name)
}

fn named<'a, T>(all: &'a BTreeMap<String, T>, what: &str, name: &str) -> Result<&'a T> {
    all.get(name).with_context(|| {
        let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("unknown {what} \"{name}\"; known: {known}")
    })
}
