//! A table of results: printed, measured under each protocol, and what is to be said of it. Every
//! figure comes from records.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use imb_core::{Device, Seed};
use imb_data::{Catalog, Edition, Entry};
use serde::Serialize;

use crate::cell::{Cell, Done, Outcome, Place};
use crate::measure::Measure;
use crate::paper::{LineSpec, Paper, TableSpec};
use crate::profile::Profile;
use crate::proof;
use crate::protocol::{Protocol, Score, TrainingRows};
use crate::record::{Record, Records};
use crate::verdict::{Measured, Verdict};

mod render;

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

impl Source<'_> {
    /// The records of a column of a data set under a protocol, in the order of runs.
    ///
    /// # Errors
    /// If the paper has no such column or protocol.
    pub fn runs(
        &self,
        entry: &Entry,
        protocol: &str,
        rows: TrainingRows,
        column: &str,
    ) -> Result<Vec<&Record>> {
        let place = Place {
            paper: self.paper.spec.id.clone(),
            dataset: entry.name.clone(),
            protocol: protocol.to_owned(),
            rows,
            column: column.to_owned(),
            run: 0,
        };
        let cell = Cell::new(self.paper, &entry.row, place, self.profile.budget(), self.device)?;
        let data = self.data.get(&(entry.name.clone(), protocol.to_owned()));
        let mut records = self.records.family(&cell.family);
        records.retain(|record| data.is_none_or(|data| *data == record.data));
        Ok(records)
    }
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
}

/// The records of a data set, by protocol, rows and column, each in the order of runs.
struct Families<'a> {
    protocols: Vec<(&'a str, &'a Protocol)>,
    records: BTreeMap<(&'a str, TrainingRows, &'a str), Vec<&'a Record>>,
}

impl<'a> Families<'a> {
    fn of(source: &'a Source<'a>, entry: &Entry) -> Result<Self> {
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
                    families.records.insert((name, rows, column), source.runs(entry, name, rows, column)?);
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
    let keep =
        |(place, reading): (usize, Reading)| (has_run(&reading) || !any && place == 0).then_some(reading);
    readings.into_iter().enumerate().filter_map(keep).collect()
}

/// Whether data are those of an edition that has other rows than the paper used.
fn is_stand_in(entry: &Entry, data: &str) -> bool {
    let of_data = |edition: &&Edition| edition.fingerprints.values().any(|known| known == data);
    let lacks = entry.editions.iter().find(of_data).and_then(|edition| edition.lacks.as_ref());
    lacks.is_some_and(|lack| lack.columns.iter().any(|column| column == "n"))
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
        // Other rows than the paper's are shown and not judged.
        let stand_in = records.iter().any(|record| is_stand_in(entry, &record.data));
        let verdict = printed.map(|printed| match stand_in {
            true => Verdict::NotAttempted,
            false => measured.verdict(printed, tolerance),
        });
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
