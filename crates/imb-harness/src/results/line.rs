//! One line of a table: a metric of a data set, under every protocol.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;

use super::families::Families;
use super::{Lacking, Line, Runs, Setting, Source, Value, is_stand_in};
use crate::evidence::Outcome;
use crate::measure::Measure;
use crate::place::Place;
use crate::proof::{self, Impossible};
use crate::spec::{Evaluation, LineSpec, TableSpec, TrainingRows};
use crate::verdict::{Judged, Printed, Rule, Sample, Verdict};

/// Makes one line.
pub(super) struct LineMaker<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) table: &'a TableSpec,
    pub(super) entry: &'a Entry,
    pub(super) spec: &'a LineSpec,
    pub(super) families: &'a Families<'a>,
    pub(super) learner: Option<String>,
}

impl LineMaker<'_> {
    pub(super) fn make(self, proofs: &mut Vec<String>) -> Result<Line> {
        let (paper, row) = (self.source.paper, &self.entry.row);
        let printed_spec = paper.spec.printed.as_ref();
        let printed: Vec<Option<Printed>> = self
            .table
            .columns
            .iter()
            .map(|column| paper.printed(self.table, row, self.spec, column))
            .collect();
        // Means over runs need not come from any one matrix.
        let single = printed_spec.filter(|printed| printed.unit.runs == 1);
        let test_rows = single.and_then(|printed| self.families.test_rows(&printed.protocol));
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
        let mut settings = Vec::new();
        let protocols = self.source.protocols(self.entry).into_iter();
        for (name, protocol) in protocols.filter(|(name, rules)| !rules.aside && self.spec.is_for(name)) {
            let measure = Measure::named(self.spec.metric_under(name))?;
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
                            value.set_aside(Verdict::CannotBeRight);
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
        let values = Values { measure, evaluation: setting.evaluation, scale: self.scale() };
        let n_folds = spec.protocol(&setting.protocol)?.n_folds().filter(|_| printed.is_some());
        let (sample, lacking) = values.sample_of(of_column, baseline, n_folds);
        let rule = Rule {
            tolerance: self.spec.tolerance.unwrap_or(self.table.tolerance),
            decimals: self.spec.decimals.unwrap_or(self.table.decimals),
            range: (measure.range().0 * self.scale(), measure.range().1 * self.scale()),
        };
        let judged = Judged::new(&sample, printed, rule)?;
        let lacking = lacking.filter(|_| sample.values.is_empty());
        let mut value = Value { sample, verdict: judged.verdict, judged: Some(judged), lacking };
        if of_column.records.iter().any(|record| is_stand_in(self.entry, &record.key.data)) {
            value.set_aside(Verdict::NotAttempted);
        }
        Ok(value)
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

/// What is read off each run.
struct Values<'a> {
    measure: &'a Measure,
    evaluation: Evaluation,
    scale: f64,
}

impl Values<'_> {
    /// The values of runs, or of units of them, and why there is none where there is none. Of `n_folds`, all together
    /// are a unit: a value printed for folds is their mean. Where nothing is printed, each fold is a value of its own.
    fn sample_of(
        &self,
        runs: &Runs<'_>,
        baseline: Option<&Runs<'_>>,
        n_folds: Option<usize>,
    ) -> (Sample, Option<Lacking>) {
        let mut sample = Sample::default();
        let mut lacking = None;
        let mut by_unit: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for record in &runs.records {
            match &record.outcome {
                Outcome::Done(done) => {
                    sample.capped |= done.capped;
                    let before = baseline.and_then(|baseline| baseline.at(&record.place));
                    if matches!(self.measure, Measure::Outputs(..)) && before.is_none() {
                        // Its partner is not recorded yet, which says nothing of this run.
                        lacking.get_or_insert(Lacking::NotRun);
                        continue;
                    }
                    match self.measure.of(done, before, self.evaluation) {
                        Ok(value) => {
                            sample.runs += 1;
                            by_unit.entry(record.place.unit()).or_default().push(self.scale * value);
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
        let runs_of_start = runs.plan.filter(|plan| plan.starts > 0).map(|plan| plan.runs);
        let runs_of_unit = match (runs_of_start, n_folds) {
            (None, None) => None,
            (runs, folds) => Some(runs.unwrap_or(1) * folds.unwrap_or(1)),
        };
        sample.values = match runs_of_unit {
            // A unit of fewer runs would vary more than the paper's.
            Some(n) => by_unit.into_values().filter(|runs| runs.len() == n).map(|runs| mean(&runs)).collect(),
            None => by_unit.into_values().flatten().collect(),
        };
        (sample, lacking)
    }
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
