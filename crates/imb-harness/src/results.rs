//! A table of results: printed, measured under each protocol, and what is to be said of it. Every
//! figure comes from records.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::Result;
use imb_core::{Device, Seed};
use imb_data::{Catalog, Entry};
use serde::Serialize;

use crate::cell::{Cell, Done, Outcome, Place};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::paper::{LineSpec, Paper, TableSpec};
use crate::profile::Profile;
use crate::proof;
use crate::protocol::{Protocol, Score, TrainingRows};
use crate::record::{Record, Records};
use crate::verdict::{Measured, Verdict};

/// What a table is made from.
pub struct Source<'a> {
    /// The paper.
    pub paper: &'a Paper,
    /// The data sets.
    pub catalog: &'a Catalog,
    /// What was run.
    pub records: &'a Records,
    /// The data sets that are not at hand, by their row in the paper, and what to do about it.
    pub absent: &'a BTreeMap<String, String>,
    /// The fingerprints of the data at hand, by data set and protocol: records of other data are not
    /// shown.
    pub data: &'a BTreeMap<(String, String), String>,
    /// The profile whose cells are shown.
    pub profile: Profile,
    /// What trained them.
    pub device: Device,
}

/// A table of results.
#[derive(Clone, Debug, Serialize)]
pub struct ResultTable {
    /// The paper's folder.
    pub paper: String,
    /// The paper's title.
    pub title: String,
    /// The table's number in the paper.
    pub number: u32,
    /// What it shows.
    pub caption: String,
    /// The profile.
    pub profile: Profile,
    /// Its columns.
    pub columns: Vec<String>,
    /// The lines of each data set, as the paper orders them.
    pub lines: Vec<Line>,
    /// What to know of the table.
    pub notes: Vec<String>,
}

/// One metric of one data set.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The data set's row in the paper.
    pub row: String,
    /// What is measured.
    pub title: String,
    /// The metric.
    pub metric: String,
    /// The printed figures; none where the paper prints none.
    pub printed: Vec<Option<f64>>,
    /// Why a printed figure cannot be right, by column.
    pub impossible: Vec<Option<String>>,
    /// What was measured, under each protocol and rule.
    pub readings: Vec<Reading>,
    decimals: usize,
}

/// What was measured under one protocol by one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Reading {
    /// The protocol.
    pub protocol: String,
    /// Which rows methods were given.
    pub rows: TrainingRows,
    /// On which test rows and with the weights of which epoch.
    pub score: Score,
    /// One a column.
    pub figures: Vec<Figure>,
}

/// What is to be said of one figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub measured: Option<Measured>,
    /// Why nothing was.
    pub lacking: Option<Lacking>,
    /// Whether the printed figure holds; none where none is printed.
    pub verdict: Option<Verdict>,
}

/// Why nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacking {
    /// The method is not there yet.
    Method,
    /// The data set is not at hand.
    Data,
    /// No record is there.
    NotRun,
    /// The method cannot be applied.
    NotApplicable(String),
    /// The cells failed.
    Failed(String),
}

impl ResultTable {
    /// The table of a paper as the records have it.
    ///
    /// # Errors
    /// If the paper's specification does not fit together.
    pub fn new(source: &Source<'_>, table: &TableSpec) -> Result<Self> {
        let (paper, catalog) = (source.paper, source.catalog);
        let mut lines = Vec::new();
        for entry in catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id) {
            let families = Families::of(source, entry)?;
            for line in &table.lines {
                lines.push(families.line(source, table, entry, line)?);
            }
        }
        let mut made = Self {
            paper: paper.spec.id.clone(),
            title: paper.spec.title.clone(),
            number: table.number,
            caption: table.caption.clone(),
            profile: source.profile,
            columns: table.columns.clone(),
            lines,
            notes: Vec::new(),
        };
        made.notes = made.remarks(source);
        Ok(made)
    }

    /// Figures with a verdict, under the protocols of all readings.
    pub fn count(&self, verdict: Verdict) -> usize {
        let figures = self.lines.iter().flat_map(|line| &line.readings).flat_map(|reading| &reading.figures);
        figures.filter(|figure| figure.verdict == Some(verdict)).count()
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let caution = self.profile.caution().map_or(String::new(), |caution| format!("{caution}\n"));
        let heading = format!("Table {} of {}: {}\n{}", self.number, self.paper, self.title, self.caption);
        format!("{heading}\n{caution}{}\n{}", self.grid().to_text(), self.notes_as("  "))
    }

    /// For a Markdown file.
    pub fn to_markdown(&self) -> String {
        let caution = self.profile.caution().map_or(String::new(), |caution| format!("**{caution}**\n\n"));
        let heading = format!("# {}\n\nTable {}. {}.", self.title, self.number, self.caption);
        format!("{heading}\n\n{caution}{}\n{}", self.grid().to_markdown(), self.notes_as("- "))
    }

    /// As CSV: a line a figure.
    pub fn to_csv(&self) -> String {
        let mut text = String::from(
            "paper,table,profile,data_set,metric,column,protocol,rows,score,runs,printed,mean,student_lower,\
             student_upper,bootstrap_lower,bootstrap_upper,percentile,verdict\n",
        );
        let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        for line in &self.lines {
            for reading in &line.readings {
                for (column, figure) in reading.figures.iter().enumerate() {
                    let measured = figure.measured.as_ref();
                    let student = measured.and_then(|measured| measured.student);
                    let bootstrap = measured.and_then(|measured| measured.bootstrap);
                    let mut cells = vec![
                        self.paper.clone(),
                        self.number.to_string(),
                        self.profile.to_string(),
                        line.row.clone(),
                        line.metric.clone(),
                        self.columns[column].clone(),
                        reading.protocol.clone(),
                        name_of(&reading.rows),
                        name_of(&reading.score),
                        measured.map_or(0, |measured| measured.runs.len()).to_string(),
                        number(line.printed[column]),
                    ];
                    cells.extend([
                        number(measured.map(|measured| measured.mean)),
                        number(student.map(|interval| interval.lower)),
                        number(student.map(|interval| interval.upper)),
                        number(bootstrap.map(|interval| interval.lower)),
                        number(bootstrap.map(|interval| interval.upper)),
                        number(measured.and_then(|measured| measured.percentile)),
                        figure.verdict.map_or(String::new(), |verdict| verdict.to_string()),
                    ]);
                    let _ = writeln!(text, "{}", cells.join(","));
                }
            }
        }
        text
    }

    /// A row a line, with a line of text for what is printed and two for each reading.
    fn grid(&self) -> Grid {
        let header = ["data set", "", ""].into_iter().map(String::from).chain(self.columns.clone());
        let rows = self.lines.iter().map(|line| {
            let mut labels = vec!["printed".to_owned()];
            for reading in &line.readings {
                labels.extend([reading.label(), format!("  {}", reading.runs())]);
            }
            let cells = (0..self.columns.len()).map(|column| self.cell(line, column));
            [line.row.clone(), line.title.clone(), labels.join("\n")].into_iter().chain(cells).collect()
        });
        Grid { header: header.collect(), rows: rows.collect(), text_columns: 3 }
    }

    fn cell(&self, line: &Line, column: usize) -> String {
        let printed = line.printed[column];
        let mut lines =
            vec![printed.map_or("–".to_owned(), |printed| format!("{printed:.*}", line.decimals))];
        let digits = line.decimals + 1;
        for reading in &line.readings {
            let figure = &reading.figures[column];
            let verdict = figure.verdict.map_or(String::new(), |verdict| verdict.to_string());
            match (&figure.measured, &figure.lacking) {
                (Some(measured), _) => {
                    let interval = measured.student.map_or(String::new(), |interval| {
                        format!(" [{:.digits$}, {:.digits$}]", interval.lower, interval.upper)
                    });
                    let percentile = measured.percentile.map_or(String::new(), |p| format!(", P{p:.0}"));
                    lines.extend([format!("{:.digits$}{interval}", measured.mean), verdict + &percentile]);
                }
                (None, Some(lacking)) => lines.extend([lacking.label().to_owned(), verdict]),
                (None, None) => lines.extend([String::new(), verdict]),
            }
        }
        lines.iter().map(|line| if line.is_empty() { "–" } else { line }).collect::<Vec<_>>().join("\n")
    }

    fn remarks(&self, source: &Source<'_>) -> Vec<String> {
        let mut notes = vec![
            "Measured: the mean over runs with Student's 95 % interval, and below it the verdict and the \
             percentile (P) of the printed figure among our single runs."
                .to_owned(),
        ];
        notes.extend(source.paper.spec.deviations.iter().cloned());
        for (row, reason) in source.absent {
            notes.push(format!("{row} not attempted: {reason}"));
        }
        let mut said = BTreeSet::new();
        for line in &self.lines {
            for (column, proof) in line.impossible.iter().enumerate() {
                if let Some(proof) = proof {
                    notes.push(format!("{}, {}, {}: {proof}", line.row, line.title, self.columns[column]));
                }
            }
            for reading in &line.readings {
                for (column, figure) in reading.figures.iter().enumerate() {
                    if let Some(Lacking::NotApplicable(why) | Lacking::Failed(why)) = &figure.lacking {
                        let note =
                            format!("{}, {}, {}: {why}", line.row, self.columns[column], reading.label());
                        if said.insert(note.clone()) {
                            notes.push(note);
                        }
                    }
                }
            }
        }
        let contradictions = source.paper.contradictions(self.number);
        notes.extend(
            contradictions
                .map(|entry| format!("The paper contradicts itself: {}: {}", entry.place, entry.what)),
        );
        let verdicts = [
            Verdict::Reproduced,
            Verdict::Differs,
            Verdict::Undecided,
            Verdict::CannotBeRight,
            Verdict::NotAttempted,
        ];
        let counts: Vec<String> =
            verdicts.iter().map(|verdict| format!("{} {verdict}", self.count(*verdict))).collect();
        notes.push(format!("Verdicts, over all protocols: {}", counts.join(", ")));
        notes
    }

    fn notes_as(&self, bullet: &str) -> String {
        self.notes.iter().map(|note| format!("{bullet}{note}\n")).collect()
    }
}

impl Reading {
    fn label(&self) -> String {
        let rows = if self.rows == TrainingRows::WithValidation { " + validation rows" } else { "" };
        match self.score {
            Score::Last => format!("{}{rows}", self.protocol),
            score => format!("{}{rows}: {score}", self.protocol),
        }
    }

    fn runs(&self) -> String {
        let measured = self.figures.iter().filter_map(|figure| figure.measured.as_ref());
        let runs: BTreeSet<usize> = measured.map(|measured| measured.runs.len()).collect();
        match (runs.first(), runs.last()) {
            (Some(least), Some(most)) if least != most => format!("{least} to {most} runs"),
            (Some(1), _) => "1 run".to_owned(),
            (Some(runs), _) => format!("{runs} runs"),
            _ => "no runs".to_owned(),
        }
    }
}

impl Lacking {
    fn label(&self) -> &'static str {
        match self {
            Self::Method | Self::Data | Self::NotRun => "–",
            Self::NotApplicable(_) => "NA",
            Self::Failed(_) => "failed",
        }
    }
}

/// The name that a value has in JSON.
fn name_of<T: Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The records of a data set, by protocol, rows and column, each in the order of runs.
struct Families<'a> {
    protocols: Vec<(&'a str, &'a Protocol)>,
    records: BTreeMap<(&'a str, TrainingRows, &'a str), Vec<&'a Record>>,
}

impl<'a> Families<'a> {
    fn of(source: &Source<'a>, entry: &Entry) -> Result<Self> {
        let spec = &source.paper.spec;
        let mut families = Self { protocols: Vec::new(), records: BTreeMap::new() };
        for name in spec.protocols.names() {
            let protocol = spec.protocols.get(name)?;
            if !protocol.is_for(&entry.row) {
                continue;
            }
            families.protocols.push((name, protocol));
            for rows in protocol.training_rows() {
                for column in spec.columns.keys() {
                    let place = Place {
                        paper: spec.id.clone(),
                        dataset: entry.name.clone(),
                        protocol: name.to_owned(),
                        rows,
                        column: column.clone(),
                        run: 0,
                    };
                    let budget = source.profile.budget();
                    let cell = Cell::new(source.paper, &entry.row, place, budget, source.device)?;
                    let data = source.data.get(&(entry.name.clone(), name.to_owned()));
                    let mut records = source.records.family(&cell.family);
                    records.retain(|record| data.is_none_or(|data| *data == record.data));
                    families.records.insert((name, rows, column), records);
                }
            }
        }
        Ok(families)
    }

    fn line(&self, source: &Source<'_>, table: &TableSpec, entry: &Entry, line: &LineSpec) -> Result<Line> {
        let printed = |column: &String| source.paper.printed(table, &entry.row, line, column);
        let printed: Vec<Option<f64>> = table.columns.iter().map(printed).collect();
        let truth_counts = self.truth_counts();
        let impossible = table.columns.iter().map(|column| {
            proof::cannot_be_right(source.paper, table, &entry.row, line, column, truth_counts.as_deref())
        });
        let impossible: Vec<Option<String>> = impossible.collect();
        let measure = Measure::named(&line.metric)?;
        let mut readings = Vec::new();
        for (name, protocol) in &self.protocols {
            for rows in protocol.training_rows() {
                let every = protocol.scores_for(rows);
                // What does not depend on test rows is the same for each way to test.
                let scores = if measure.is_of_test_rows() { every } else { vec![Score::Last] };
                for score in scores {
                    let mut figures = Vec::new();
                    for (place, column) in table.columns.iter().enumerate() {
                        let runs = Runs {
                            records: self.records.get(&(*name, rows, column.as_str())),
                            unsampled: self.records.get(&(*name, rows, "none")),
                            score,
                        };
                        let figure = runs.figure(source, table, entry, line, &measure, printed[place])?;
                        figures.push(figure.or_impossible(impossible[place].is_some()));
                    }
                    readings.push(Reading { protocol: (*name).to_owned(), rows, score, figures });
                }
            }
        }
        Ok(Line {
            row: entry.row.clone(),
            title: line.title.clone(),
            metric: line.metric.clone(),
            printed,
            impossible,
            readings: without_empty(readings),
            decimals: line.decimals.unwrap_or(table.decimals),
        })
    }

    /// Test rows of each class under the protocol that does as the paper says, where all of its runs
    /// have the same.
    fn truth_counts(&self) -> Option<Vec<u64>> {
        let of_paper = self.records.iter().filter(|((protocol, ..), _)| *protocol == "as_printed");
        let counts = of_paper.flat_map(|(_, records)| records).filter_map(|record| match &record.outcome {
            Outcome::Done(done) => Some(done.scores.get(&Score::Last)?.confusion.truth_counts()),
            _ => None,
        });
        let all: BTreeSet<Vec<u64>> = counts.collect();
        if all.len() == 1 { all.into_iter().next() } else { None }
    }
}

/// Leaves out readings of which nothing was run, but for the first where there is no other.
fn without_empty(readings: Vec<Reading>) -> Vec<Reading> {
    let has_run = |reading: &Reading| {
        let not_run = |figure: &Figure| {
            matches!(figure.lacking, Some(Lacking::Method | Lacking::Data | Lacking::NotRun))
        };
        !reading.figures.iter().all(not_run)
    };
    let any = readings.iter().any(has_run);
    let keep = |(place, reading): (usize, Reading)| {
        (has_run(&reading) || !any && place == 0).then_some(reading)
    };
    readings.into_iter().enumerate().filter_map(keep).collect()
}

/// The runs of a column, and how they are read.
struct Runs<'a> {
    records: Option<&'a Vec<&'a Record>>,
    /// Those of the column without resampling.
    unsampled: Option<&'a Vec<&'a Record>>,
    score: Score,
}

impl Runs<'_> {
    fn figure(
        &self,
        source: &Source<'_>,
        table: &TableSpec,
        entry: &Entry,
        line: &LineSpec,
        measure: &Measure,
        printed: Option<f64>,
    ) -> Result<Figure> {
        let lacking = |lacking| {
            let verdict = printed.map(|_| Verdict::NotAttempted);
            Ok(Figure { measured: None, lacking: Some(lacking), verdict })
        };
        let Some(records) = self.records else { return lacking(Lacking::Method) };
        if records.is_empty() {
            let absent = source.absent.contains_key(&entry.row);
            return lacking(if absent { Lacking::Data } else { Lacking::NotRun });
        }
        let mut runs = Vec::new();
        for record in records {
            match &record.outcome {
                Outcome::Done(done) => {
                    let value = measure.of(done, self.before(record.place.run), self.score);
                    match value {
                        Ok(value) => runs.push(if table.percent { 100.0 * value } else { value }),
                        Err(error) => return lacking(Lacking::NotApplicable(format!("{error:#}"))),
                    }
                }
                Outcome::NotApplicable(why) => return lacking(Lacking::NotApplicable(why.clone())),
                Outcome::Failed(why) => return lacking(Lacking::Failed(why.clone())),
            }
        }
        let seed = Seed::new(1).child("bootstrap").child(&entry.name).child(&line.metric);
        let measured = Measured::of(runs, printed, seed)?;
        let tolerance = line.tolerance.unwrap_or(table.tolerance);
        let verdict = printed.map(|printed| measured.verdict(printed, tolerance));
        Ok(Figure { measured: Some(measured), lacking: None, verdict })
    }

    /// The same run without resampling.
    fn before(&self, run: usize) -> Option<&Done> {
        let record = self.unsampled?.iter().find(|record| record.place.run == run)?;
        match &record.outcome {
            Outcome::Done(done) => Some(done),
            _ => None,
        }
    }
}

impl Figure {
    /// A figure that cannot be right is not judged by what was measured.
    fn or_impossible(mut self, impossible: bool) -> Self {
        if impossible {
            self.verdict = Some(Verdict::CannotBeRight);
        }
        self
    }
}
