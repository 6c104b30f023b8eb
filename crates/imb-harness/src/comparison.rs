//! Our runs against runs of the authors' own code, or on another device: are they draws from one distribution?

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use imb_core::Device;
use imb_metrics::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
use imb_metrics::rank::holm;
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Done, Outcome, Place};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::paper::{ComparisonSpec, OtherRuns, Paper};
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
    /// What was run of the authors' code, where it was.
    pub what: Vec<String>,
    /// With which versions.
    pub versions: String,
    /// One an entry of the specification.
    pub entries: Vec<Comparison>,
}

/// Tests that are corrected together.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What is compared.
    pub title: String,
    /// The other runs, where they are not of the authors' code.
    pub against: Option<OtherRuns>,
    /// The chance, corrected for the number of tests, below which two samples differ.
    pub significance: f64,
    /// One a data set, column and measure.
    pub tests: Vec<Test>,
    /// Runs that are missing, ours or on the other device.
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
    /// The other runs.
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
    pub fn new(paper: &Paper, entries: &BTreeMap<String, String>, records: &Records) -> Result<Option<Self>> {
        if paper.spec.comparisons.is_empty() {
            return Ok(None);
        }
        let compare = |spec: &ComparisonSpec| compare(paper, spec, entries, records);
        let (what, versions) = match &paper.reference_runs {
            Some(reference) => (reference.what.clone(), reference.versions.clone()),
            None => (Vec::new(), String::new()),
        };
        Ok(Some(Self {
            paper: paper.spec.id.clone(),
            what,
            versions,
            entries: paper.spec.comparisons.iter().map(compare).collect::<Result<_>>()?,
        }))
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = format!("Our runs of {} against others\n", self.paper);
        for entry in &self.entries {
            text += &format!("{}\n{}\n{}\n", entry.title, entry.grid().to_text(), entry.summary(&self.paper));
        }
        text
    }

    /// For a Markdown file.
    pub fn to_markdown(&self) -> String {
        let mut text = "# Our runs against others\n".to_owned();
        if !self.what.is_empty() {
            text += &format!("\nThe authors' code ({}):\n\n", self.versions);
            self.what.iter().for_each(|what| text += &format!("- {what}\n"));
        }
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
    entries: &BTreeMap<String, String>,
    records: &Records,
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
            let runs = |device| done_on(paper, spec, row, &place, records, device);
            let ours = runs(Device::Cpu)?;
            let others = spec.against.map(|others| runs(others.device)).transpose()?;
            let lacking = [Some(&ours), others.as_ref()].into_iter().flatten();
            let lacking: usize = lacking.map(|runs| spec.runs - runs.len()).sum();
            missing += lacking;
            if lacking > 0 {
                continue;
            }
            for measure in &spec.measures {
                let read = Measure::named(measure)?;
                let of = |runs: &[&Done]| -> Result<Vec<f64>> {
                    runs.iter().map(|done| read.of(done, None, Score::Last)).collect()
                };
                let theirs = match &others {
                    Some(others) => of(others)?,
                    None => authors_runs(paper, row, column, measure)?,
                };
                let (ours, theirs) = (quantised(&of(&ours)?), quantised(&theirs));
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
    Ok(Comparison {
        title: spec.title.clone(),
        against: spec.against,
        significance: spec.significance,
        tests,
        missing,
    })
}

/// What came of the runs of a comparison on a device, as far as they are recorded.
fn done_on<'a>(
    paper: &Paper,
    spec: &ComparisonSpec,
    row: &str,
    place: &Place,
    records: &'a Records,
    device: Device,
) -> Result<Vec<&'a Done>> {
    let wanted = spec.runs_on(device);
    let family = Cell::new(paper, row, place.clone(), None, device)?.family;
    let records = records.family(&family).into_iter().filter(|record| wanted.contains(&record.place.run));
    let mut done: Vec<(usize, &Done)> = records
        .filter_map(|record| match &record.outcome {
            Outcome::Done(done) => Some((record.place.run, &**done)),
            _ => None,
        })
        .collect();
    // A run may be recorded twice, of two editions of the data.
    done.dedup_by_key(|(run, _)| *run);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}

fn authors_runs(paper: &Paper, row: &str, column: &str, measure: &str) -> Result<Vec<f64>> {
    let runs = paper.reference_runs.as_ref().and_then(|reference| reference.runs.get(row));
    let runs = runs.and_then(|columns| columns.get(column)?.get(measure));
    runs.cloned().with_context(|| format!("reference runs: {row}, {column}, {measure}"))
}

/// The figure that some table of the paper prints, as the measure has it.
fn printed(paper: &Paper, row: &str, column: &str, measure: &str) -> Option<f64> {
    paper.spec.tables.iter().find_map(|table| {
        let line = table.lines.iter().find(|line| line.metric == measure)?;
        let printed = paper.printed(table, row, line, column)?;
        Some(if table.percent { printed / 100.0 } else { printed })
    })
}

/// Figures that are equal but for the last binary digits are to tie.
fn quantised(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| (value * 1e9).round() / 1e9).collect()
}

impl Comparison {
    fn grid(&self) -> Grid {
        let theirs = self.against.map_or("theirs".to_owned(), |others| others.device.to_string());
        let header =
            ["data set", "column", "measure", "runs", "ours", &theirs, "printed", "KS", "p", "p (Holm)", ""];
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
                    (Some(printed), Some(percentile)) => format!("{printed:.3}, P{percentile:.0}"),
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
        if let Some(OtherRuns { device, first_run }) = self.against {
            text += &format!(" Those on {device} are runs {first_run} and on, with seeds of their own.");
        }
        if self.missing > 0 {
            text += &format!(" {} runs are missing: `imb run {paper} --comparison` runs them.", self.missing);
            if let Some(OtherRuns { device, .. }) = self.against {
                text += &format!(" With `--device {device}` it runs those of {device}.");
            }
        }
        text
    }
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.3} ({least:.3} to {most:.3})", values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Scored;
    use crate::paper::papers;
    use crate::record::{Cost, Record};
    use imb_metrics::ConfusionMatrix;
    use ndarray::array;

    /// As many runs as a comparison asks for, of a data set whose rows of the second class are found or
    /// missed by `right(run)` of ten.
    fn record_runs(records: &mut Records, row: &str, device: Device, right: impl Fn(u64) -> u64) {
        let paper = &papers(&["adversarial".to_owned()]).expect("well formed")[0];
        let spec = &paper.spec.comparisons[0];
        for run in spec.runs_on(device) {
            let place = Place {
                paper: paper.spec.id.clone(),
                dataset: row.to_owned(),
                protocol: spec.protocol.clone(),
                rows: TrainingRows::Train,
                column: "mlp".to_owned(),
                run,
            };
            let found = right(run as u64);
            let counts = array![[90, 10], [10 - found, found]];
            let confusion = ConfusionMatrix::from_counts(counts).expect("square");
            let done = Done {
                scores: [(Score::Last, Scored { confusion, epoch: None })].into(),
                training_rows: vec![],
                fitted_rows: vec![],
                shortfalls: vec![],
                fitted_outputs: None,
                outputs: None,
                figures: BTreeMap::new(),
            };
            let text = String::new;
            let cost = Cost {
                seconds: 1.0,
                processor: text(),
                instructions: text(),
                device: text(),
                version: text(),
            };
            let cell = Cell::new(paper, row, place, None, device).expect("a column");
            records.insert(Record::new(&cell, Outcome::Done(Box::new(done)), cost));
        }
    }

    #[test]
    fn runs_of_two_devices_are_compared_where_both_are_there() {
        let mut records = Records::default();
        record_runs(&mut records, "Pima", Device::Cpu, |run| run % 5);
        record_runs(&mut records, "Pima", Device::Flex, |run| (run + 2) % 5);
        record_runs(&mut records, "Haberman", Device::Cpu, |run| run % 5);
        record_runs(&mut records, "Haberman", Device::Flex, |run| 5 + run % 5);
        record_runs(&mut records, "Yeast", Device::Cpu, |run| run % 5);
        let twins = records.iter().map(|record| Record { data: "another edition".into(), ..record.clone() });
        twins.collect::<Vec<_>>().into_iter().for_each(|twin| records.insert(twin));
        let paper = &papers(&["adversarial".to_owned()]).expect("well formed")[0];
        let names = ["Pima", "Haberman", "Yeast", "Secom"].map(|row| (row.to_owned(), row.to_owned()));
        let compared = Comparisons::new(paper, &names.into(), &records).expect("whole").expect("one entry");
        let entry = &compared.entries[0];
        assert_eq!(entry.missing, 3 * 20, "Yeast on flex, Secom on both");
        let differ = |row: &str| {
            let mut of_row = entry.tests.iter().filter(|test| test.row == row);
            of_row.any(|test| test.holm_p <= entry.significance)
        };
        assert!(!differ("Pima") && differ("Haberman"), "{}", compared.to_text());
        assert!(compared.to_text().contains("--device flex"), "says how to run what is missing");
    }
}
