//! Our runs against runs of the authors' own code, or on another device: does a test find a difference?

use anyhow::{Context, Result};
use imb_core::{Device, Seed};
use imb_data::{Catalog, Entry};
use imb_metrics::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
use imb_metrics::rank::holm;
use rand::RngExt;
use serde::Serialize;

use crate::evidence::Done;
use crate::experiment::place;
use crate::grid::Grid;
use crate::key::Key;
use crate::measure::Measure;
use crate::paper::Paper;
use crate::place::Place;
use crate::record::Record;
use crate::records::Records;
use crate::spec::{ComparisonSpec, Evaluation, OtherRuns};
use crate::verdict::Printed;

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
    /// The protocol of the runs.
    pub protocol: String,
    /// The other runs, where they are not of the authors' code.
    pub against: Option<OtherRuns>,
    /// Two samples differ if the corrected p is below this.
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
    /// The value that the paper prints, where it prints one.
    pub printed: Option<f64>,
    /// The two-sample Kolmogorov–Smirnov test.
    pub kolmogorov_smirnov: KolmogorovSmirnov,
    /// Its p by Holm's correction over the tests that are not constant.
    pub holm_p: f64,
    /// The smallest shift of all runs that the test would find with a chance of 80 %, at the strictest level of the
    /// correction; none if it finds not even one of twice their spread.
    pub detectable_shift: Option<f64>,
    /// Whether all runs on both sides are equal, so that there is nothing to test.
    pub constant: bool,
}

impl Comparisons {
    /// Compares what has been run; none where the paper has no comparison.
    ///
    /// # Errors
    /// If the specification and the reference runs do not fit together.
    pub fn new(
        paper: &Paper,
        catalog: &Catalog,
        records: &Records,
        datasets: &[String],
    ) -> Result<Option<Self>> {
        if paper.spec.comparisons.is_empty() {
            return Ok(None);
        }
        let compare = |spec: &ComparisonSpec| Comparison::new(paper, catalog, spec, records, datasets);
        let (what, versions) = paper
            .reference_runs
            .as_ref()
            .map_or((Vec::new(), String::new()), |runs| (runs.what.clone(), runs.versions.clone()));
        Ok(Some(Self {
            paper: paper.spec.id.clone(),
            what,
            versions,
            entries: paper.spec.comparisons.iter().map(compare).collect::<Result<_>>()?,
        }))
    }

    /// The authors' runs of a row, column and measure in words, where the test against ours finds no difference.
    pub(crate) fn like_the_authors(&self, protocol: &str, what: [&str; 3]) -> Option<String> {
        let is_asked = |test: &&Test| [&*test.row, &*test.column, &*test.measure] == what;
        let is_of_authors = |entry: &&Comparison| entry.against.is_none() && entry.protocol == protocol;
        self.entries.iter().filter(is_of_authors).find_map(|entry| {
            let test = entry.tests.iter().find(is_asked)?;
            let is_alike = !test.differs(entry.significance);
            is_alike.then(|| {
                format!("{} runs of the authors' code ({})", test.theirs.len(), spread(&test.theirs))
            })
        })
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
            let grid = if entry.tests.is_empty() { String::new() } else { entry.grid().to_markdown() + "\n" };
            text += &format!("\n## {}\n\n{grid}{}\n", entry.title, entry.summary(&self.paper).trim_start());
        }
        text
    }
}

impl Comparison {
    fn new(
        paper: &Paper,
        catalog: &Catalog,
        spec: &ComparisonSpec,
        records: &Records,
        datasets: &[String],
    ) -> Result<Self> {
        let mut made = Self {
            title: spec.title.clone(),
            protocol: spec.protocol.clone(),
            against: spec.against,
            significance: spec.significance,
            tests: Vec::new(),
            missing: 0,
        };
        for row in &spec.datasets {
            let entry =
                catalog.entries.iter().find(|entry| entry.paper == paper.spec.id && entry.row == *row);
            let entry = entry.with_context(|| format!("the catalog has no {row}"))?;
            if !datasets.is_empty() && !datasets.contains(&entry.name) {
                continue;
            }
            for column in &spec.columns {
                made.add_tests(paper, spec, entry, column, records)?;
            }
        }
        made.correct()?;
        Ok(made)
    }

    /// Tests every measure of a column of a data set, if all of its runs are there.
    fn add_tests(
        &mut self,
        paper: &Paper,
        spec: &ComparisonSpec,
        entry: &Entry,
        column: &str,
        records: &Records,
    ) -> Result<()> {
        let family = place(&paper.spec, entry, &spec.protocol, column);
        let ours = done_on(paper, spec, entry, &family, records, Device::Cpu)?;
        let others = spec.against.map(|others| done_on(paper, spec, entry, &family, records, others.device));
        let others = others.transpose()?;
        let missing = spec.runs - ours.len() + others.as_ref().map_or(0, |others| spec.runs - others.len());
        self.missing += missing;
        if missing > 0 {
            return Ok(());
        }
        for name in &spec.measures {
            let measure = Measure::named(name)?;
            let of = |runs: &[&Done]| -> Result<Vec<f64>> {
                runs.iter().map(|done| measure.of(done, None, Evaluation::Last)).collect()
            };
            let theirs = match &others {
                Some(others) => of(others)?,
                None => authors_runs(paper, &entry.row, column, name)?,
            };
            let printed = printed(paper, &entry.row, column, name);
            self.tests.push(Test::new(&entry.row, column, name, (&of(&ours)?, &theirs), printed)?);
        }
        Ok(())
    }

    /// Holm's correction, and what the tests could have found at its strictest level. Where all runs are equal there
    /// is nothing to test: such lines stay out of it.
    fn correct(&mut self) -> Result<()> {
        let mut tests: Vec<&mut Test> = self.tests.iter_mut().filter(|test| !test.constant).collect();
        if tests.is_empty() {
            return Ok(());
        }
        let p: Vec<f64> = tests.iter().map(|test| test.kolmogorov_smirnov.p).collect();
        let strictest = self.significance / tests.len() as f64;
        for (test, corrected) in tests.iter_mut().zip(holm(&p)?) {
            test.holm_p = corrected;
            test.detectable_shift = detectable_shift(&test.ours, test.theirs.len(), strictest)?;
        }
        Ok(())
    }

    pub(crate) fn grid(&self) -> Grid {
        let theirs = self.against.map_or("theirs".to_owned(), |others| others.device.to_string());
        let header = [
            "data set",
            "column",
            "measure",
            "runs",
            "ours",
            &theirs,
            "printed",
            "KS",
            "p",
            "p (Holm)",
            "detectable shift",
            "",
        ];
        let rows = self.tests.iter().map(|test| test.row(self.significance)).collect();
        Grid { header: header.map(str::to_owned).into(), rows, text_columns: 3 }
    }

    pub(crate) fn summary(&self, paper: &str) -> String {
        let tested = self.tests.iter().filter(|test| !test.constant).count();
        if self.tests.is_empty() {
            return self.how_to_run(paper);
        }
        let differing = self.tests.iter().filter(|test| test.differs(self.significance)).count();
        let mut text = format!(
            "Values are means, with the least and the greatest in parentheses. Two-sample Kolmogorov-Smirnov tests, \
             corrected by Holm over the {tested} that are not constant: {differing} differ at {}. \"No difference \
             found\" does not prove that there is none: the detectable shift is the smallest shift of all runs that \
             the test would detect with a power of 80 %, at the strictest level of the correction.",
            self.significance
        );
        text += &self.how_to_run(paper);
        text
    }

    /// Which runs stand on the other side, and how to make those that are missing.
    fn how_to_run(&self, paper: &str) -> String {
        let mut text = String::new();
        if let Some(OtherRuns { device, first_run }) = self.against {
            text += &format!(" The runs on {device} are numbered from {first_run} and have their own seeds.");
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

impl Test {
    fn new(
        row: &str,
        column: &str,
        measure: &str,
        (ours, theirs): (&[f64], &[f64]),
        printed: Option<f64>,
    ) -> Result<Self> {
        let (ours, theirs) = (ours.to_vec(), tied(ours, theirs));
        let constant = ours.iter().chain(&theirs).all(|value| *value == ours[0]);
        Ok(Self {
            row: row.to_owned(),
            column: column.to_owned(),
            measure: measure.to_owned(),
            kolmogorov_smirnov: kolmogorov_smirnov(&ours, &theirs)?,
            detectable_shift: None,
            printed,
            holm_p: 1.0,
            constant,
            ours,
            theirs,
        })
    }

    fn differs(&self, significance: f64) -> bool {
        !self.constant && self.holm_p <= significance
    }

    fn row(&self, significance: f64) -> Vec<String> {
        let ks = &self.kolmogorov_smirnov;
        let said = match (self.constant, self.differs(significance)) {
            (true, _) => "all runs are equal",
            (false, true) => "differ",
            (false, false) => "no difference found",
        };
        vec![
            self.row.clone(),
            self.column.clone(),
            self.measure.clone(),
            format!("{} / {}", self.ours.len(), self.theirs.len()),
            spread(&self.ours),
            spread(&self.theirs),
            self.printed.map_or("–".to_owned(), |printed| format!("{printed:.3}")),
            format!("{:.3}", ks.statistic),
            format!("{:.4}", ks.p),
            if self.constant { "–".to_owned() } else { format!("{:.4}", self.holm_p) },
            self.detectable_shift.map_or("–".to_owned(), |shift| format!("{shift:.3}")),
            said.to_owned(),
        ]
    }
}

/// The authors' values, each replaced by one of ours where that is the same number: reference files keep
/// ten decimals, and results that are equal have to tie.
fn tied(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    const HALF_UNIT: f64 = 0.5e-10 * (1.0 + 1e-3);
    let same = |value: f64| ours.iter().copied().find(|other| (other - value).abs() <= HALF_UNIT);
    theirs.iter().map(|value| same(*value).unwrap_or(*value)).collect()
}

/// The smallest shift of our runs that the test at a level finds in 80 % of samples, by resampling our runs with a
/// fixed generator.
fn detectable_shift(ours: &[f64], n_theirs: usize, level: f64) -> Result<Option<f64>> {
    const WANTED: f64 = 0.8;
    let spread = ours.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - ours.iter().copied().fold(f64::INFINITY, f64::min);
    if spread == 0.0 {
        return Ok(None);
    }
    let (mut low, mut high) = (0.0, 2.0 * spread);
    if power(ours, n_theirs, high, level)? < WANTED {
        return Ok(None);
    }
    for _ in 0..10 {
        let middle = f64::midpoint(low, high);
        if power(ours, n_theirs, middle, level)? < WANTED {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(Some(high))
}

/// The share of pairs of samples in which a shift is found.
fn power(ours: &[f64], n_theirs: usize, shift: f64, level: f64) -> Result<f64> {
    const SAMPLES: u64 = 100;
    let mut found = 0.0;
    for sample in 0..SAMPLES {
        let mut rng = Seed::new(1).child("power").index(sample).rng();
        let mut draw = |n: usize, shift: f64| -> Vec<f64> {
            (0..n).map(|_| ours[rng.random_range(0..ours.len())] + shift).collect()
        };
        let (first, second) = (draw(ours.len(), 0.0), draw(n_theirs, shift));
        found += f64::from(u8::from(kolmogorov_smirnov(&first, &second)?.p < level));
    }
    Ok(found / SAMPLES as f64)
}

/// What is known of the runs of a comparison on a device, as far as they are recorded, each run once.
fn done_on<'a>(
    paper: &Paper,
    spec: &ComparisonSpec,
    entry: &Entry,
    family: &Place,
    records: &'a Records,
    device: Device,
) -> Result<Vec<&'a Done>> {
    let (key, _) = Key::new(&paper.spec, entry, family, device, None)?;
    let wanted = spec.runs_on(device);
    let is_asked = |record: &&Record| {
        record.place.start.is_none()
            && record.place.family() == *family
            && wanted.contains(&record.place.run)
            && record.key.differences(&key).is_empty()
    };
    let mut runs: Vec<(usize, &str, &Done)> = records
        .iter()
        .filter(is_asked)
        .filter_map(|record| Some((record.place.run, record.key.data.as_str(), record.done()?)))
        .collect();
    runs.sort_by_key(|(run, data, _)| (*run, *data));
    runs.dedup_by_key(|(run, ..)| *run);
    Ok(runs.into_iter().map(|(.., done)| done).collect())
}

fn authors_runs(paper: &Paper, row: &str, column: &str, measure: &str) -> Result<Vec<f64>> {
    let runs = paper.reference_runs.as_ref().and_then(|reference| reference.runs.get(row));
    let runs = runs.and_then(|columns| columns.get(column)?.get(measure));
    runs.cloned().with_context(|| format!("reference runs: {row}, {column}, {measure}"))
}

/// The value that some table of the paper prints, as the measure has it.
fn printed(paper: &Paper, row: &str, column: &str, measure: &str) -> Option<f64> {
    paper.spec.tables.iter().find_map(|table| {
        let line = table.lines.iter().find(|line| line.metric == measure)?;
        let printed = paper.printed(table, row, line, column).and_then(Printed::value)?;
        Some(if table.percent { printed / 100.0 } else { printed })
    })
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.3} ({least:.3} to {most:.3})", values.iter().sum::<f64>() / values.len() as f64)
}
