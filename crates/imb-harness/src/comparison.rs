//! Our runs against runs of the authors' own code: are they draws from one distribution?

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use imb_core::Device;
use imb_metrics::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
use imb_metrics::rank::holm;
use imb_metrics::{ConfusionMatrix, single_label};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Outcome, Place};
use crate::grid::Grid;
use crate::paper::Paper;
use crate::protocol::{Score, TrainingRows};
use crate::record::Records;

/// Runs of the authors' code: a paper's `reference-runs.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceRuns {
    /// What was run.
    pub what: String,
    /// With which versions.
    pub versions: String,
    /// Test confusion matrices by the data set's row in the paper and by column.
    pub runs: BTreeMap<String, BTreeMap<String, Vec<ConfusionMatrix>>>,
}

/// The comparison of a paper.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The paper's folder.
    pub paper: String,
    /// What ours are compared with.
    pub what: String,
    /// With which versions those were run.
    pub versions: String,
    /// The chance, corrected for the number of tests, below which two samples differ.
    pub significance: f64,
    /// One test a data set and column.
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
    /// Macro F1 of our runs.
    pub ours: Vec<f64>,
    /// Macro F1 of the authors' runs.
    pub theirs: Vec<f64>,
    /// The two-sample Kolmogorov–Smirnov test.
    pub kolmogorov_smirnov: KolmogorovSmirnov,
    /// Its p by Holm's correction over all tests of the comparison.
    pub holm_p: f64,
}

impl Comparison {
    /// Compares what has been run; none where the paper has no comparison.
    ///
    /// # Errors
    /// If the specification and the reference runs do not fit together.
    pub fn new(
        paper: &Paper,
        entries: &BTreeMap<String, String>,
        records: &Records,
        device: Device,
    ) -> Result<Option<Self>> {
        let (Some(spec), Some(reference)) = (&paper.spec.comparison, &paper.reference_runs) else {
            return Ok(None);
        };
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
                let ours: Vec<f64> = records
                    .family(&cell.family)
                    .into_iter()
                    .take(spec.runs)
                    .filter_map(|record| match &record.outcome {
                        Outcome::Done(done) => Some(macro_f1(&done.scores.get(&Score::Last)?.confusion)),
                        _ => None,
                    })
                    .collect();
                missing += spec.runs - ours.len();
                let theirs = reference.runs.get(row).and_then(|columns| columns.get(column));
                let theirs: Vec<f64> =
                    theirs.context("reference runs of the comparison")?.iter().map(macro_f1).collect();
                if ours.len() == spec.runs {
                    let kolmogorov_smirnov = kolmogorov_smirnov(&ours, &theirs)?;
                    let (row, column) = (row.clone(), column.clone());
                    tests.push(Test { row, column, ours, theirs, kolmogorov_smirnov, holm_p: f64::NAN });
                }
            }
        }
        let p: Vec<f64> = tests.iter().map(|test: &Test| test.kolmogorov_smirnov.p).collect();
        let corrected = if p.is_empty() { Vec::new() } else { holm(&p)? };
        for (test, corrected) in tests.iter_mut().zip(corrected) {
            test.holm_p = corrected;
        }
        Ok(Some(Self {
            paper: paper.spec.id.clone(),
            what: reference.what.clone(),
            versions: reference.versions.clone(),
            significance: spec.significance,
            tests,
            missing,
        }))
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        format!(
            "Our runs of {} against the authors' code\n{}\n{}\n",
            self.paper,
            self.grid().to_text(),
            self.summary()
        )
    }

    /// For a Markdown file.
    pub fn to_markdown(&self) -> String {
        let (what, versions) = (&self.what, &self.versions);
        format!(
            "# Our runs against the authors' code\n\nTheirs: {what} ({versions})\n\n{}\n{}\n",
            self.grid().to_markdown(),
            self.summary()
        )
    }

    fn grid(&self) -> Grid {
        let header = ["data set", "column", "runs", "ours", "theirs", "KS", "p", "p (Holm)", ""];
        let mean = |values: &[f64]| {
            let (least, most) = values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), v| (least.min(*v), most.max(*v)));
            format!("{:.3} ({least:.3} to {most:.3})", values.iter().sum::<f64>() / values.len() as f64)
        };
        let rows = self.tests.iter().map(|test| {
            let ks = &test.kolmogorov_smirnov;
            let same = if test.holm_p > self.significance { "agree" } else { "differ" };
            vec![
                test.row.clone(),
                test.column.clone(),
                format!("{} / {}", test.ours.len(), test.theirs.len()),
                mean(&test.ours),
                mean(&test.theirs),
                format!("{:.3}", ks.statistic),
                format!("{:.3}", ks.p),
                format!("{:.3}", test.holm_p),
                same.to_owned(),
            ]
        });
        Grid { header: header.map(str::to_owned).into(), rows: rows.collect(), text_columns: 2 }
    }

    fn summary(&self) -> String {
        let differing = self.tests.iter().filter(|test| test.holm_p <= self.significance).count();
        let mut text = format!(
            "Macro F1 on the bootstrapped test rows: mean (least to most). Two-sample Kolmogorov-Smirnov tests, \
             corrected by Holm: {differing} of {} differ at {}.",
            self.tests.len(),
            self.significance
        );
        if self.missing > 0 {
            text += &format!(
                " {} runs are missing: `imb run {} --comparison` runs them.",
                self.missing, self.paper
            );
        }
        text
    }
}

fn macro_f1(confusion: &ConfusionMatrix) -> f64 {
    single_label::macro_f1_score(confusion)
}
