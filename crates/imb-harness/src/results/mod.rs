//! Tables of results: printed, measured under each protocol, and judged. Every value comes from records.

mod best;
mod families;
mod line;
mod ranks;
mod render;
mod source;

pub(crate) use best::best_runs;
pub(crate) use ranks::{RankBlock, RankedValues};
pub(crate) use render::{legend, percentile_text};

pub(crate) use families::test_rows_of;
pub use ranks::{ColumnTests, RankTests};
pub(crate) use source::has_only_stand_ins;
pub use source::{Runs, Source, is_stand_in};

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;
use serde::Serialize;

use self::families::Families;
use self::line::LineMaker;
use crate::experiment::place;
use crate::inversion::{Inverted, invert};
use crate::paper::Paper;
use crate::spec::{Evaluation, RunRule, Statistic, TableSpec, TrainingRows};
use crate::verdict::{Judged, Printed, Sample, Verdict};

/// A table of results.
#[derive(Clone, Debug, Serialize)]
pub struct ResultTable {
    /// The paper's folder.
    pub paper: String,
    /// The table's number.
    pub number: u32,
    /// Whether the paper has the table.
    pub printed: bool,
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The lines of each data set, in the paper's order; of each learner where ranks are averaged over data
    /// sets.
    pub lines: Vec<Line>,
    /// The tests behind mean ranks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<RankTests>,
    /// Why printed values cannot be right, and pairs of them that contradict each other.
    pub proofs: Vec<String>,
    /// Printed values that come from one confusion matrix alone.
    pub inverted: Vec<Inverted>,
    /// Why something was not measured.
    pub reasons: Vec<String>,
    /// Which values of a parameter stand in columns that were chosen among others.
    pub choices: Vec<String>,
    /// The columns whose methods are reconstructed from the paper's text, as no code was released.
    pub reconstructed: Vec<String>,
}

/// One metric of one data set.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The data set's row in the paper; empty where ranks are averaged over data sets.
    pub row: String,
    /// The learner, where columns are crossed with learners.
    pub learner: Option<String>,
    /// What is measured.
    pub title: String,
    /// The metric.
    pub metric: String,
    /// What the paper prints, by column.
    pub printed: Vec<Option<Printed>>,
    /// Digits printed after the point.
    pub decimals: usize,
    /// The values under each protocol, the paper's own first.
    pub settings: Vec<Setting>,
}

/// The values of a line under one protocol by one evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The protocol.
    pub protocol: String,
    /// Which rows methods were given.
    pub rows: TrainingRows,
    /// On which test rows and with the weights of which epoch.
    pub evaluation: Evaluation,
    /// Whether the protocol is the paper's own.
    pub is_papers: bool,
    /// Whether this is the protocol's main evaluation, on training rows alone.
    pub is_main: bool,
    /// One a column.
    pub values: Vec<Value>,
}

/// What is known of one value of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Value {
    /// The runs behind it.
    pub sample: Sample,
    /// What they say.
    pub judged: Option<Judged>,
    /// Why nothing was measured.
    pub lacking: Option<Lacking>,
    /// Whether the printed value holds; none where none is printed.
    pub verdict: Option<Verdict>,
}

/// Why nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacking {
    /// The method is not there yet.
    Method,
    /// The data set is not available.
    Data,
    /// There is no record.
    NotRun,
    /// The method cannot be applied, or the measure is not defined.
    NotApplicable(String),
    /// Every run failed.
    Failed(String),
}

impl ResultTable {
    /// A table of a paper, from records.
    ///
    /// # Errors
    /// If the paper's specification does not fit together.
    pub fn new(source: &Source<'_>, table: &TableSpec) -> Result<Self> {
        let mut made = Self {
            paper: source.paper.spec.id.clone(),
            number: table.number,
            printed: table.printed,
            caption: table.caption.clone(),
            columns: table.columns.clone(),
            lines: Vec::new(),
            tests: Vec::new(),
            proofs: Vec::new(),
            inverted: Vec::new(),
            reasons: Vec::new(),
            choices: Vec::new(),
            reconstructed: reconstructed(source, table),
        };
        if table.statistic == Statistic::MeanRank {
            let ranks = ranks::make(source, table)?;
            (made.lines, made.tests) = (ranks.lines, ranks.tests);
            (made.proofs, made.reasons) = (ranks.proofs, ranks.reasons);
            return Ok(made);
        }
        for entry in &source.entries {
            let families = Families::of(source, entry)?;
            made.inverted.extend(inverted(source, table, entry, &families)?);
            let notes = families.notes.iter().filter(|(column, _)| table.columns.contains(column));
            made.choices.extend(notes.map(|(_, note)| note.clone()));
            for line in &table.lines {
                for learner in families.learners(table) {
                    let line = LineMaker { source, table, entry, spec: line, families: &families, learner };
                    made.lines.push(line.make(&mut made.proofs)?);
                }
            }
        }
        if !table.printed {
            // A table of our own shows what was run, and no gaps for what was not.
            made.lines.retain(Line::has_values);
        }
        made.reasons = made.all_reasons();
        made.reasons.extend(left_out(source.paper, table));
        Ok(made)
    }

    /// Whether anything of a column has been run.
    pub fn has_run(&self, column: &str) -> bool {
        let Some(place) = self.columns.iter().position(|other| other == column) else { return false };
        let mut settings = self.lines.iter().flat_map(|line| &line.settings);
        settings.any(|setting| setting.values[place].sample.runs > 0)
    }

    /// Why values are missing, each reason once.
    fn all_reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        for line in &self.lines {
            for setting in &line.settings {
                for (value, column) in setting.values.iter().zip(&self.columns) {
                    if let Some(Lacking::NotApplicable(why) | Lacking::Failed(why)) = &value.lacking {
                        let reason = format!("{}, {column}, {}: {why}", line.row, setting.protocol);
                        if !reasons.contains(&reason) {
                            reasons.push(reason);
                        }
                    }
                }
            }
        }
        reasons
    }

    /// The verdicts of each protocol's main evaluation, and of every other reading apart.
    pub fn tally(&self) -> Vec<(String, BTreeMap<Verdict, usize>)> {
        let mut tally: Vec<(String, BTreeMap<Verdict, usize>)> = Vec::new();
        for setting in self.lines.iter().flat_map(|line| &line.settings) {
            let label = setting.label();
            let place = tally.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
                tally.push((label, BTreeMap::new()));
                tally.len() - 1
            });
            for verdict in setting.values.iter().filter_map(|value| value.verdict) {
                *tally[place].1.entry(verdict).or_default() += 1;
            }
        }
        tally
    }
}

/// The printed values of a data set that come from one confusion matrix alone, beside our runs under the
/// paper's own protocol. Only values of single runs on a stated number of test rows can be turned back.
fn inverted(
    source: &Source<'_>,
    table: &TableSpec,
    entry: &Entry,
    families: &Families<'_>,
) -> Result<Vec<Inverted>> {
    let single = source.paper.spec.printed.as_ref().filter(|printed| printed.unit.runs == 1);
    let single = single.filter(|_| source.paper.states_test_rows(table, &entry.row));
    let Some(protocol) = single.map(|printed| &printed.protocol) else { return Ok(Vec::new()) };
    let Some(&[first, second]) = families.test_rows(protocol).as_deref() else { return Ok(Vec::new()) };
    let mut inverted = Vec::new();
    for (column, counts) in invert(source.paper, table, &entry.row, [first, second])? {
        let runs = families.get(&place(&source.paper.spec, entry, protocol, &column));
        let records = runs.map_or(&[][..], |runs| &runs.records);
        // On the test rows that the printed values are of.
        let is_whole = counts.rows == [first, second];
        let evaluation = if is_whole { Evaluation::Last } else { Evaluation::WithoutFirstTestRow };
        inverted.push(Inverted::new(&entry.row, column, counts, records, evaluation)?);
    }
    Ok(inverted)
}

/// Which columns of a table are not run where, and why.
fn left_out(paper: &Paper, table: &TableSpec) -> Vec<String> {
    let has = |column: &String| table.columns.contains(column);
    let is_shown = |rule: &&RunRule| rule.columns.is_empty() || rule.columns.iter().any(has);
    let rules = paper.spec.runs.iter().filter(is_shown);
    let mut left_out: Vec<String> = rules.filter_map(RunRule::left_out).collect();
    for (name, column) in paper.spec.columns.iter().filter(|(name, _)| has(name)) {
        let reasons = column.not_under.iter();
        left_out.extend(
            reasons.map(|(protocol, why)| format!("{name} under {protocol}: not run, because {why}")),
        );
    }
    left_out
}

/// The columns of a table whose methods are reconstructions.
fn reconstructed(source: &Source<'_>, table: &TableSpec) -> Vec<String> {
    let spec = &source.paper.spec;
    let is_reconstructed = |column: &&String| {
        // The best of a sweep is the swept column.
        let sweep = spec.sweeps.iter().find(|sweep| sweep.best.contains_key(*column));
        let column = sweep.map_or(*column, |sweep| &sweep.column);
        spec.columns.get(column).is_some_and(|column| column.reconstructed)
    };
    table.columns.iter().filter(is_reconstructed).cloned().collect()
}

impl Line {
    fn has_values(&self) -> bool {
        self.settings.iter().flat_map(|setting| &setting.values).any(|value| !value.sample.values.is_empty())
    }
}

impl Setting {
    /// The protocol, the rows that methods were given, and the evaluation, as far as they matter.
    pub fn label(&self) -> String {
        let rows = if self.rows == TrainingRows::WithValidation { " + validation rows" } else { "" };
        if self.evaluation == Evaluation::Last {
            return format!("{}{rows}", self.protocol);
        }
        format!("{}{rows}, {}", self.protocol, self.evaluation)
    }
}

impl Value {
    fn lacking(lacking: Lacking, printed: Option<Printed>) -> Self {
        Self {
            sample: Sample::default(),
            judged: None,
            lacking: Some(lacking),
            verdict: printed.map(|_| Verdict::NotAttempted),
        }
    }

    /// Replaces the verdict on what is printed, if anything is, by one that runs have no part in.
    pub(super) fn set_aside(&mut self, verdict: Verdict) {
        if self.verdict.is_some() {
            self.verdict = Some(verdict);
        }
        if let Some(judged) = &mut self.judged {
            (judged.verdict, judged.percentile) = (self.verdict, None);
        }
    }
}
