//! Our runs against runs of the authors' own code: are they draws from one distribution?

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use imb_core::Device;
use imb_metrics::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
use imb_metrics::rank::holm;
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Outcome, Place};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::paper::{ComparisonSpec, Paper};
use crate::protocol::{Score, TrainingRows};
use crate::record::Records;
use crate::verdict::percentile;

/// Runs of the authors' code: a paper's `reference-runs.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceRuns {
    /// What was run.
    pub what: Vec<String>,
    /// With which versions.
    pub versions: String,
    /// What was measured of each run, by the data set's row in the paper, column and measure.
    pub runs: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<f64>>>>,
}

/// The comparisons of a paper.
#[derive(Clone, Debug, Serialize)]
pub struct Comparisons {
    /// The paper's folder.
    pub paper: String,
    /// What ours are compared with.
    pub what: Vec<String>,
    /// With which versions those were run.
    pub versions: String,
    /// One an entry of the specification.
    pub entries: Vec<Comparison>,
}

/// Tests that are corrected together.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What is compared.
    pub title: String,
    /// The chance, corrected for the number of tests, below which two samples differ.
    pub significance: f64,
    /// One a data set, column and measure.
    pub tests: Vec<Test>,
    /// Runs of ours that are missing.
    pub missing: usize,
}

/// One test.
#[derive(Clone, Debug, Serialize)]
pub struct Test {
    /// The data set's row in the paper.
    pub row: String,
    /// The column.
    pub column: String,
    /// What is compared.
    pub measure: String,
    /// Our runs.
    pub ours: Vec<f64>,
    /// The authors' runs.
    pub theirs: Vec<f64>,
    /// The figure that the paper prints, where it prints one.
    pub printed: Option<f64>,
    /// The share of our runs below the printed figure, in percent; those equal to it count half.
    pub percentile: Option<f64>,
    /// The two-sample Kolmogorov–Smirnov test.
    pub kolmogorov_smirnov: KolmogorovSmirnov,
    /// Its p by Holm's correction over all tests of the comparison.
    pub holm_p: f64,
}

impl Comparisons {
    /// Compares what has been run; none where the paper has no comparison. `entries` are the catalog's
    /// names of the data sets, by their rows in the paper.
    ///
    /// # Errors
    /// If the specification and the reference runs do not fit together.
    pub fn new(
        paper: &Paper,
        entries: &BTreeMap<String, String>,
        records: &Records,
        device: Device,
    ) -> Result<Option<Self>> {
        let Some(reference) = &paper.reference_runs else { return Ok(None) };
        let compare = |spec: &ComparisonSpec| compare(paper, spec, reference, entries, records, device);
        Ok(Some(Self {
            paper: paper.spec.id.clone(),
            what: reference.what.clone(),
            versions: reference.versions.clone(),
            entries: paper.spec.comparisons.iter().map(compare).collect::<Result<_>>()?,
        }))
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = format!("Our runs of {} against the authors' code\n", self.paper);
        for entry in &self.entries {
            text += &format!("{}\n{}\n{}\n", entry.title, entry.grid().to_text(), entry.summary(&self.paper));
        }
        text
    }

    /// For a Markdown file.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# Our runs against the authors' code\n\nTheirs ({}):\n\n", self.versions);
        self.what.iter().for_each(|what| text += &format!("- {what}\n"));
        for entry in &self.entries {
            let (grid, summary) = (entry.grid().to_markdown(), entry.summary(&self.paper));
            text += &format!("\n## {}\n\n{grid}\n{summary}\n", entry.title);
        }
        text
    }
}

fn compare(
    paper: &Paper,
    spec: &ComparisonSpec,
    reference: &ReferenceRuns,
    entries: &BTreeMap<String, String>,
    records: &Records,
    device: Device,
) -> Result<Comparison> {
    let (mut tests, mut missing) = (Vec::new(), 0);
    for row in &spec.datasets {
        for column in &spec.columns {
            let place = Place {
                paper: paper.spec.id.clone(),
                dataset: entries.get(row).context("a data set of the catalog")?.clone(),
                protocol: spec.protocol.clone(),
                rows: TrainingRows::Train,
                column: column.clone(),
                run: 0,
            };
            let cell = Cell::new(paper, row, place, None, device)?;
            let ours = records.family(&cell.family).into_iter().filter_map(|record| match &record.outcome {
                Outcome::Done(done) => Some(done),
                _ => None,
            });
            let ours: Vec<_> = ours.take(spec.runs).collect();
            missing += spec.runs - ours.len();
            if ours.len() < spec.runs {
                continue;
            }
            for measure in &spec.measures {
                let theirs = reference.runs.get(row).and_then(|columns| columns.get(column)?.get(measure));
                let theirs = theirs.with_context(|| format!("reference runs: {row}, {column}, {measure}"))?;
                let read = Measure::named(measure)?;
                let ours: Result<Vec<f64>> =
                    ours.iter().map(|done| read.of(done, None, Score::Last)).collect();
                let (ours, theirs) = (quantised(&ours?), quantised(theirs));
                let printed = printed(paper, row, column, measure);
                tests.push(Test {
                    printed,
                    percentile: printed.map(|printed| percentile(&ours, printed)),
                    row: row.clone(),
                    column: column.clone(),
                    measure: measure.clone(),
                    kolmogorov_smirnov: kolmogorov_smirnov(&ours, &theirs)?,
                    ours,
                    theirs,
                    holm_p: 1.0,
                });
            }
        }
    }
    if !tests.is_empty() {
        let p: Vec<f64> = tests.iter().map(|test| test.kolmogorov_smirnov.p).collect();
        tests.iter_mut().zip(holm(&p)?).for_each(|(test, corrected)| test.holm_p = corrected);
    }
    Ok(Comparison { title: spec.title.clone(), significance: spec.significance, tests, missing })
}

/// The figure that some table of the paper prints.
fn printed(paper: &Paper, row: &str, column: &str, measure: &str) -> Option<f64> {
    paper.spec.tables.iter().find_map(|table| {
        let line = table.lines.iter().find(|line| line.metric == measure)?;
        paper.printed(table, row, line, column)
    })
}

/// Figures that are equal but for the last binary digits are to tie.
fn quantised(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| (value * 1e9).round() / 1e9).collect()
}

impl Comparison {
    fn grid(&self) -> Grid {
        let header =
            ["data set", "column", "measure", "runs", "ours", "theirs", "printed", "KS", "p", "p (Holm)", ""];
        let rows = self.tests.iter().map(|test| {
            let ks = &test.kolmogorov_smirnov;
            let same = if test.holm_p > self.significance { "agree" } else { "differ" };
            vec![
                test.row.clone(),
                test.column.clone(),
                test.measure.clone(),
                format!("{} / {}", test.ours.len(), test.theirs.len()),
                spread(&test.ours),
                spread(&test.theirs),
                match (test.printed, test.percentile) {
                    (Some(printed), Some(percentile)) => format!("{printed:.2}, P{percentile:.0}"),
                    _ => "–".to_owned(),
                },
                format!("{:.3}", ks.statistic),
                format!("{:.4}", ks.p),
                format!("{:.4}", test.holm_p),
                same.to_owned(),
            ]
        });
        Grid { header: header.map(str::to_owned).into(), rows: rows.collect(), text_columns: 3 }
    }

    fn summary(&self, paper: &str) -> String {
        let differing = self.tests.iter().filter(|test| test.holm_p <= self.significance).count();
        let mut text = format!(
            "Mean (least to most); the printed figure and its percentile (P) among our runs. Two-sample Kolmogorov-Smirnov tests, corrected by Holm over all: {differing} of \
             {} differ at {}.",
            self.tests.len(),
            self.significance
        );
        if self.missing > 0 {
            text += &format!(" {} runs are missing: `imb run {paper} --comparison` runs them.", self.missing);
        }
        text
    }
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.3} ({least:.3} to {most:.3})", values.iter().sum::<f64>() / values.len() as f64)
}
