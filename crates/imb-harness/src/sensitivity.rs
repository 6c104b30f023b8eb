//! How much a choice weighs: the same columns made one way and another.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::interval::Interval;

use crate::claims::{Run, paired_difference, run_by_run};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::results::{Source, best_runs};
use crate::spec::{Evaluation, SensitivitySpec, WaySpec};

const NOTHING: &str = "–";

/// Choices of an experiment and what they change.
pub struct Sensitivities {
    lines: Vec<Line>,
}

/// A column on a data set, made both ways.
struct Line {
    about: String,
    row: String,
    column: String,
    learner: Option<String>,
    metric: String,
    ways: [(String, f64); 2],
    /// The second less the first, where both were run on the same rows.
    difference: Option<(f64, Interval)>,
    runs: usize,
}

impl Sensitivities {
    /// What records say of the choices of an experiment; none where nothing was run both ways.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn of(source: &Source<'_>) -> Result<Option<Self>> {
        let mut lines = Vec::new();
        for spec in &source.paper.spec.sensitivities {
            let is_asked = |entry: &&Entry| spec.datasets.is_empty() || spec.datasets.contains(&entry.row);
            for entry in source.entries.iter().filter(is_asked) {
                let learners: Vec<Option<&String>> = match &spec.learners[..] {
                    [] => vec![None],
                    names => names.iter().map(Some).collect(),
                };
                for column in &spec.columns {
                    for learner in &learners {
                        lines.extend(line(source, spec, entry, column, *learner)?);
                    }
                }
            }
        }
        Ok((!lines.is_empty()).then_some(Self { lines }))
    }

    /// The table.
    pub fn grid(&self) -> Grid {
        let header = [
            "choice",
            "data set",
            "column",
            "learner",
            "metric",
            "first",
            "second",
            "mean, first",
            "mean, second",
            "difference",
            "95 % interval",
            "runs",
        ];
        let row = |line: &Line| {
            let [(first, a), (second, b)] = &line.ways;
            let number = |value: f64| format!("{value:.3}");
            let (difference, interval) = match &line.difference {
                Some((mean, interval)) => {
                    (format!("{mean:+.3}"), format!("{:+.3} to {:+.3}", interval.lower, interval.upper))
                }
                None => (NOTHING.to_owned(), NOTHING.to_owned()),
            };
            vec![
                line.about.clone(),
                line.row.clone(),
                line.column.clone(),
                line.learner.clone().unwrap_or_else(|| NOTHING.to_owned()),
                line.metric.clone(),
                first.clone(),
                second.clone(),
                number(*a),
                number(*b),
                difference,
                interval,
                line.runs.to_string(),
            ]
        };
        let header = header.map(str::to_owned).to_vec();
        Grid { header, rows: self.lines.iter().map(row).collect(), text_columns: 7 }
    }

    /// What the table shows, in a sentence.
    pub fn note() -> &'static str {
        "Means over runs or folds. Difference: second minus first, run by run, where both were tested on the same rows \
         and labels. Nothing is judged here."
    }

    /// As Markdown, below the tables.
    pub fn to_markdown(&self) -> String {
        format!("## {TITLE}\n\n{}\n{}\n", self.grid().to_markdown(), Self::note())
    }
}

/// The heading.
pub(crate) const TITLE: &str = "The effect of our choices";

fn line(
    source: &Source<'_>,
    spec: &SensitivitySpec,
    entry: &Entry,
    column: &str,
    learner: Option<&String>,
) -> Result<Option<Line>> {
    let of = |way: &WaySpec| values(source, spec, entry, way, column, learner);
    let (first, second) = (of(&spec.first)?, of(&spec.second)?);
    if first.is_empty() || second.is_empty() {
        return Ok(None);
    }
    let common = first.keys().filter(|run| second.contains_key(run)).count();
    let (first, second) =
        if common > 0 { (among(&first, &second), among(&second, &first)) } else { (first, second) };
    let mean = |values: &BTreeMap<Run, f64>| values.values().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(&first), mean(&second));
    let same_rows = tests_the_same(source, entry, [&spec.first.protocol, &spec.second.protocol])?;
    let interval = if same_rows { paired_difference(&second, &first)? } else { None };
    Ok(Some(Line {
        about: spec.about.clone(),
        row: entry.row.clone(),
        column: column.to_owned(),
        learner: learner.cloned(),
        metric: source.paper.spec.title_of(&spec.metric).to_owned(),
        ways: [(spec.first.name.clone(), a), (spec.second.name.clone(), b)],
        difference: interval.map(|interval| (b - a, interval)),
        runs: first.len().min(second.len()),
    }))
}

/// The runs that another way has too.
fn among(values: &BTreeMap<Run, f64>, others: &BTreeMap<Run, f64>) -> BTreeMap<Run, f64> {
    values.iter().filter(|(run, _)| others.contains_key(run)).map(|(run, value)| (*run, *value)).collect()
}

fn values(
    source: &Source<'_>,
    spec: &SensitivitySpec,
    entry: &Entry,
    way: &WaySpec,
    column: &str,
    learner: Option<&String>,
) -> Result<BTreeMap<Run, f64>> {
    if !source.paper.spec.protocol(&way.protocol)?.is_for(&entry.row) {
        return Ok(BTreeMap::new());
    }
    let column = way.column.as_deref().unwrap_or(column);
    let learner = way.learner.as_ref().or(learner);
    let measure = Measure::named(way.metric.as_deref().unwrap_or(&spec.metric))?;
    let runs = match source.family(entry, &way.protocol, column, learner)? {
        Some(family) => source.runs(entry, &family)?,
        None => best_runs(source, entry, &way.protocol, column, learner)?.unwrap_or_default(),
    };
    Ok(run_by_run(&runs, &measure, Evaluation::Last))
}

/// Whether two protocols read, split and label a data set alike, so that their runs have the same test rows.
fn tests_the_same(source: &Source<'_>, entry: &Entry, protocols: [&String; 2]) -> Result<bool> {
    let spec = &source.paper.spec;
    let of = |name: &String| -> Result<_> {
        let rules = spec.protocol(name)?;
        let split = serde_json::to_value(&rules.split)?;
        Ok((
            rules.variant_of(entry),
            serde_json::to_value(&rules.prepare_on_all_rows)?,
            split,
            rules.labels_in_every_fold,
        ))
    };
    Ok(of(protocols[0])? == of(protocols[1])?)
}
