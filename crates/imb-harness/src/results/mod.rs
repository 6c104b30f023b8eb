//! Tables of results: printed, measured under each protocol, and judged. Every value comes from records.

mod best;
mod families;
mod ranks;
mod render;
mod source;

pub(crate) use best::best_runs;
pub(crate) use ranks::{RankBlock, RankedValues};
pub(crate) use render::legend;

pub use ranks::{ColumnTests, RankTests};
pub use source::{Runs, Source, is_stand_in};

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;
use serde::Serialize;

use self::families::Families;
use crate::evidence::Outcome;
use crate::experiment::place;
use crate::inversion::{Inverted, invert};
use crate::measure::Measure;
use crate::place::Place;
use crate::proof::{self, Impossible};
use crate::spec::{Evaluation, LineSpec, Statistic, TableSpec, TrainingRows};
use crate::verdict::{Judged, Printed, Rule, Sample, Verdict};

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
        Ok(made)
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
/// paper's own protocol. Only values of single runs can be turned back.
fn inverted(
    source: &Source<'_>,
    table: &TableSpec,
    entry: &Entry,
    families: &Families<'_>,
) -> Result<Vec<Inverted>> {
    let single = source.paper.spec.printed.as_ref().filter(|printed| printed.unit.runs == 1);
    let Some(protocol) = single.map(|printed| &printed.protocol) else { return Ok(Vec::new()) };
    let Some(&[first, second]) = families.test_rows(protocol).as_deref() else { return Ok(Vec::new()) };
    let mut inverted = Vec::new();
    for (column, counts) in invert(source.paper, table, &entry.row, [first, second])? {
        let runs = families.get(&place(&source.paper.spec, entry, protocol, &column));
        let records = runs.map_or(&[][..], |runs| &runs.records);
        inverted.push(Inverted::new(&entry.row, column, counts, records)?);
    }
    Ok(inverted)
}

/// The columns of a table whose methods are reconstructions.
fn reconstructed(source: &Source<'_>, table: &TableSpec) -> Vec<String> {
    let is_reconstructed =
        |column: &&String| source.paper.spec.columns.get(*column).is_some_and(|column| column.reconstructed);
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

/// Makes one line.
struct LineMaker<'a> {
    source: &'a Source<'a>,
    table: &'a TableSpec,
    entry: &'a Entry,
    spec: &'a LineSpec,
    families: &'a Families<'a>,
    learner: Option<String>,
}

impl LineMaker<'_> {
    fn make(self, proofs: &mut Vec<String>) -> Result<Line> {
        let (paper, row) = (self.source.paper, &self.entry.row);
        let printed_spec = paper.spec.printed.as_ref();
        let printed: Vec<Option<Printed>> = self
            .table
            .columns
            .iter()
            .map(|column| paper.printed(self.table, row, self.spec, column))
            .collect();
        let test_rows = printed_spec.and_then(|printed| self.families.test_rows(&printed.protocol));
        let mut impossible = Vec::new();
        for column in &self.table.columns {
            let found = proof::check(paper, self.table, row, self.spec, column, test_rows.as_deref());
            if let Some(found) = &found {
                let proof = format!("{row}, {}, {column}: {}", self.spec.title, found.proof());
                if !proofs.contains(&proof) {
                    proofs.push(proof);
                }
            }
            impossible.push(matches!(found, Some(Impossible::Value(_))));
        }
        let measure = Measure::named(&self.spec.metric)?;
        let mut settings = Vec::new();
        let protocols = self.source.protocols(self.entry).into_iter();
        for (name, protocol) in protocols.filter(|(name, rules)| !rules.aside && self.spec.is_for(name)) {
            for rows in protocol.training_rows(false) {
                let evaluations = protocol.evaluations_for(rows);
                // What does not depend on test rows is the same for each way to test.
                let n = if measure.is_of_test_rows() { evaluations.len() } else { 1 };
                for &evaluation in &evaluations[..n] {
                    let mut setting = Setting {
                        protocol: name.to_owned(),
                        rows,
                        evaluation,
                        is_papers: printed_spec.is_some_and(|printed| printed.protocol == name),
                        is_main: rows == TrainingRows::Train && evaluation == evaluations[0],
                        values: Vec::new(),
                    };
                    for (place, column) in self.table.columns.iter().enumerate() {
                        let mut value = self.value(&setting, column, &measure, printed[place])?;
                        if impossible[place] {
                            value.verdict = Some(Verdict::CannotBeRight);
                        }
                        setting.values.push(value);
                    }
                    settings.push(setting);
                }
            }
        }
        Ok(Line {
            row: row.clone(),
            learner: self.learner,
            title: self.spec.title.clone(),
            metric: self.spec.metric.clone(),
            printed,
            decimals: self.spec.decimals.unwrap_or(self.table.decimals),
            settings: without_empty(settings),
        })
    }

    fn value(
        &self,
        setting: &Setting,
        column: &str,
        measure: &Measure,
        printed: Option<Printed>,
    ) -> Result<Value> {
        let named = column.to_owned();
        let (column, learner) = match &self.table.of_column {
            Some(of) => (of.as_str(), Some(&named)),
            None => (column, self.learner.as_ref()),
        };
        let spec = &self.source.paper.spec;
        if spec.columns.contains_key(column) && !spec.runs_column(&setting.protocol, column) {
            return Ok(Value::lacking(Lacking::Method, None));
        }
        let runs = |column: &str| self.runs(setting, column, learner);
        let Some(of_column) = runs(column)? else {
            let is_there = spec.columns.contains_key(column);
            let lacking = if is_there { Lacking::NotRun } else { Lacking::Method };
            return Ok(Value::lacking(lacking, printed));
        };
        if of_column.records.is_empty() {
            let absent = self.source.absent.contains_key(&self.entry.row);
            return Ok(Value::lacking(if absent { Lacking::Data } else { Lacking::NotRun }, printed));
        }
        let baseline = spec.focus().map(|focus| runs(focus.baseline)).transpose()?.flatten();
        let (sample, lacking) = sample_of(of_column, baseline, measure, setting.evaluation, self.scale());
        let rule = Rule {
            tolerance: self.spec.tolerance.unwrap_or(self.table.tolerance),
            decimals: self.spec.decimals.unwrap_or(self.table.decimals),
            range: (measure.range().0 * self.scale(), measure.range().1 * self.scale()),
        };
        let judged = Judged::new(&sample, printed, rule)?;
        let stand_in = of_column.records.iter().any(|record| is_stand_in(self.entry, &record.key.data));
        let verdict = if stand_in { printed.map(|_| Verdict::NotAttempted) } else { judged.verdict };
        let lacking = lacking.filter(|_| sample.values.is_empty());
        Ok(Value { sample, judged: Some(judged), lacking, verdict })
    }

    /// The runs of a column with a learner, as a setting has them.
    fn runs(&self, setting: &Setting, column: &str, learner: Option<&String>) -> Result<Option<&Runs<'_>>> {
        if setting.rows == TrainingRows::Train
            && let Some(best) = self.families.best(&setting.protocol, column, learner)
        {
            return Ok(Some(best));
        }
        let family = self.source.family(self.entry, &setting.protocol, column, learner)?;
        Ok(family.and_then(|family| self.families.get(&Place { rows: setting.rows, ..family })))
    }

    fn scale(&self) -> f64 {
        if self.table.percent { 100.0 } else { 1.0 }
    }
}

/// The values of runs, or of units of them, and why there is none where there is none.
fn sample_of(
    runs: &Runs<'_>,
    baseline: Option<&Runs<'_>>,
    measure: &Measure,
    evaluation: Evaluation,
    scale: f64,
) -> (Sample, Option<Lacking>) {
    let mut sample = Sample::default();
    let mut lacking = None;
    let mut by_unit: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for record in &runs.records {
        match &record.outcome {
            Outcome::Done(done) => {
                sample.capped |= done.capped;
                let before = baseline.and_then(|baseline| baseline.at(&record.place));
                if matches!(measure, Measure::Outputs(..)) && before.is_none() {
                    // Its partner is not recorded yet, which says nothing of this run.
                    lacking.get_or_insert(Lacking::NotRun);
                    continue;
                }
                match measure.of(done, before, evaluation) {
                    Ok(value) => {
                        sample.runs += 1;
                        by_unit.entry(record.place.unit()).or_default().push(scale * value);
                    }
                    Err(error) => {
                        sample.not_applicable += 1;
                        lacking.get_or_insert(Lacking::NotApplicable(format!("{error:#}")));
                    }
                }
            }
            Outcome::NotApplicable(why) => {
                sample.not_applicable += 1;
                lacking.get_or_insert(Lacking::NotApplicable(why.clone()));
            }
            Outcome::Failed(why) => {
                sample.failed += 1;
                lacking = Some(Lacking::Failed(why.clone()));
            }
        }
    }
    let runs_of_unit = runs.plan.filter(|plan| plan.starts > 0).map(|plan| plan.runs);
    sample.values = match runs_of_unit {
        // A unit of fewer runs would vary more than the paper's.
        Some(n) => by_unit.into_values().filter(|runs| runs.len() == n).map(|runs| mean(&runs)).collect(),
        None => by_unit.into_values().flatten().collect(),
    };
    (sample, lacking)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Leaves out settings of which nothing was run, but for the first where there is no other.
fn without_empty(mut settings: Vec<Setting>) -> Vec<Setting> {
    let has_run = |setting: &Setting| {
        let not_run =
            |value: &Value| matches!(value.lacking, Some(Lacking::Method | Lacking::Data | Lacking::NotRun));
        !setting.values.iter().all(not_run)
    };
    if settings.iter().any(has_run) {
        settings.retain(has_run);
    } else {
        settings.truncate(1);
    }
    settings
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
}
