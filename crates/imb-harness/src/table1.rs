//! Table 1 of each paper: its data sets, as printed and as measured.
//!
//! A data set is measured in its plain reading (every row and column) and in each variant of the
//! catalog, and a printed number is compared with all of them; the verdict names the reading that
//! it matched.

use std::fmt::Write;

use imb_core::Error;
use imb_data::{Catalog, DataDirs, Description, Entry, Loaded, Targets};
use rayon::prelude::*;
use serde::Serialize;

use crate::export::Export;
use crate::grid::Grid;
use crate::paper::Paper;
use crate::spec::Tolerance;
use crate::verdict::{Verdict, is_cut_off};

/// The table of one paper.
#[derive(Clone, Debug, Serialize)]
pub struct Table1 {
    /// The paper's folder.
    pub paper: String,
    /// The paper's title.
    pub title: String,
    /// What the table shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Digits printed after the point, by column.
    pub decimals: Vec<usize>,
    /// Its rows, as the paper orders them.
    pub rows: Vec<Row>,
    /// What to know of the table: what the paper contradicts itself in.
    pub contradictions: Vec<String>,
}

/// A data set.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The name in the paper.
    pub name: String,
    /// The name in the catalog.
    pub dataset: String,
    /// The edition that was read; none if there is no data.
    pub edition: Option<String>,
    /// Whether the catalog knows the fingerprint of that edition.
    pub verified: bool,
    /// What was measured, the plain reading first.
    pub readings: Vec<Reading>,
    /// One number a column.
    pub numbers: Vec<PrintedNumber>,
    /// What to know of this row.
    pub remarks: Vec<String>,
}

/// A data set as it is read in one way.
#[derive(Clone, Debug, Serialize)]
pub struct Reading {
    /// The variant in the catalog, or `plain`.
    pub name: String,
    /// What it is.
    pub title: String,
    /// What was measured, one number a column.
    pub measured: Vec<f64>,
}

/// A printed number.
#[derive(Clone, Debug, Serialize)]
pub struct PrintedNumber {
    /// As printed.
    pub printed: f64,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The readings that it matches: places in the row's list.
    pub matched: Vec<usize>,
}

impl Table1 {
    /// Measures the data sets of a paper that are in the data folders.
    pub fn measure(paper: &Paper, catalog: &Catalog, dirs: &DataDirs) -> Self {
        let entries: Vec<&Entry> =
            catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id).collect();
        let table = &paper.published.table1;
        Self {
            paper: paper.spec.id.clone(),
            title: paper.spec.title.clone(),
            caption: table.caption.clone(),
            columns: table.columns.clone(),
            decimals: table.decimals.clone(),
            rows: entries.par_iter().map(|entry| Row::measure(paper, entry, catalog, dirs)).collect(),
            contradictions: paper
                .contradictions(1)
                .map(|entry| format!("{}: {}", entry.place, entry.what))
                .collect(),
        }
    }

    /// Numbers of a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().flat_map(|row| &row.numbers).filter(|number| number.verdict == verdict).count()
    }

    fn cell(&self, row: &Row, column: usize) -> String {
        let (number, decimals) = (&row.numbers[column], self.decimals[column]);
        let shown = if decimals == 0 { 0 } else { decimals + 2 };
        let mut lines = vec![format!("{:.decimals$}", number.printed)];
        lines.extend(row.readings.iter().map(|reading| format!("{:.shown$}", reading.measured[column])));
        lines.push(match number.matched.first() {
            Some(place) => format!("{}{}", number.verdict, row.letter(*place)),
            None => number.verdict.to_string(),
        });
        lines.join("\n")
    }

    fn notes(&self, bullet: &str) -> String {
        let mut notes = String::new();
        for row in &self.rows {
            if row.readings.len() > 1 {
                let readings = row.readings.iter().enumerate();
                let readings: Vec<String> = readings
                    .map(|(place, reading)| format!("{}: {}", row.letter(place).trim(), reading.title))
                    .collect();
                let _ = writeln!(notes, "{bullet}{} {}", row.name, readings.join("; "));
            }
            for remark in &row.remarks {
                let _ = writeln!(notes, "{bullet}{}: {remark}", row.name);
            }
        }
        for contradiction in &self.contradictions {
            let _ = writeln!(notes, "{bullet}About the paper: {contradiction}");
        }
        let verdicts = [Verdict::Reproduced, Verdict::Differs, Verdict::NotAttempted];
        let counts: Vec<String> =
            verdicts.iter().map(|verdict| format!("{} {verdict}", self.count(*verdict))).collect();
        let numbers = self.rows.len() * self.columns.len();
        let _ = writeln!(notes, "{bullet}{numbers} printed numbers: {}", counts.join(", "));
        notes
    }
}

impl Export for Table1 {
    fn heading(&self) -> String {
        format!("Table 1 of {}: {}", self.paper, self.caption)
    }

    /// A row a data set, of as many lines as it has readings and two more.
    fn grid(&self) -> Grid {
        let header = ["data set", ""].into_iter().map(String::from).chain(self.columns.clone());
        let rows = self.rows.iter().map(|row| {
            let mut labels = vec!["printed".to_owned()];
            labels.extend((0..row.readings.len()).map(|place| format!("measured{}", row.letter(place))));
            labels.push("verdict".to_owned());
            let cells = (0..self.columns.len()).map(|column| self.cell(row, column));
            [row.name.clone(), labels.join("\n")].into_iter().chain(cells).collect()
        });
        Grid { header: header.collect(), rows: rows.collect(), text_columns: 2 }
    }

    fn to_text(&self) -> String {
        let heading = format!("Table 1 of {}: {}\n{}", self.paper, self.title, self.caption);
        format!("{heading}\n{}\n{}", self.grid().to_text(), self.notes("  "))
    }

    fn to_markdown(&self) -> String {
        let heading = format!("# {}\n\nTable 1. {}.", self.title, self.caption);
        format!("{heading}\n\n{}\n{}", self.grid().to_markdown(), self.notes("- "))
    }

    /// A line a printed value and reading of the data.
    fn to_records(&self) -> Vec<Vec<String>> {
        let header = ["paper", "data_set", "column", "printed", "reading", "measured", "matches", "verdict"];
        let mut records = vec![header.map(String::from).to_vec()];
        for row in &self.rows {
            for (column, number) in row.numbers.iter().enumerate() {
                let start = [&self.paper, &row.name, &self.columns[column]].map(Clone::clone);
                let printed = format!("{:.*}", self.decimals[column], number.printed);
                let mut add = |reading: &str, measured: String, matches: bool| {
                    let rest = [printed.clone(), reading.to_owned(), measured, matches.to_string()];
                    let verdict = [number.verdict.to_string()];
                    records.push([&start[..], &rest, &verdict].concat());
                };
                if row.readings.is_empty() {
                    add("", String::new(), false);
                }
                for (place, reading) in row.readings.iter().enumerate() {
                    let matches = number.matched.contains(&place);
                    add(&reading.name, reading.measured[column].to_string(), matches);
                }
            }
        }
        records
    }
}

impl Row {
    fn measure(paper: &Paper, entry: &Entry, catalog: &Catalog, dirs: &DataDirs) -> Self {
        match Self::try_measure(paper, entry, catalog, dirs) {
            Ok(row) => row,
            Err(error) => Self::unmeasured(paper, entry, &error),
        }
    }

    /// The row of a data set that is missing, or whose files are not what they should be.
    fn unmeasured(paper: &Paper, entry: &Entry, error: &Error) -> Self {
        let printed = &paper.published.table1.rows[&entry.row];
        let numbers = printed.iter().map(|&printed| PrintedNumber {
            printed,
            verdict: Verdict::NotAttempted,
            matched: Vec::new(),
        });
        Self {
            name: entry.row.clone(),
            dataset: entry.name.clone(),
            edition: None,
            verified: false,
            readings: Vec::new(),
            numbers: numbers.collect(),
            remarks: vec![error.to_string()],
        }
    }

    fn try_measure(paper: &Paper, entry: &Entry, catalog: &Catalog, dirs: &DataDirs) -> Result<Self, Error> {
        let columns = &paper.published.table1.columns;
        let plain = catalog.load(&entry.name, None, dirs)?;
        let mut readings = vec![Reading::of(&plain, columns, "plain", "every row and column")];
        for (name, variant) in &entry.variants {
            let loaded = catalog.load(&entry.name, Some(name), dirs)?;
            readings.push(Reading::of(&loaded, columns, name, &variant.title));
        }
        let lacks = plain.edition.lacks.as_ref();
        let numbers = (0..columns.len()).map(|column| {
            let lacking = lacks.is_some_and(|lack| lack.columns.contains(&columns[column]));
            judge(paper, entry, column, if lacking { &[] } else { &readings })
        });
        let mut row = Self {
            name: entry.row.clone(),
            dataset: entry.name.clone(),
            edition: Some(plain.edition.name.clone()),
            verified: plain.verified_as.is_some(),
            numbers: numbers.collect(),
            readings,
            remarks: Vec::new(),
        };
        row.remarks = row.remarks_on(&plain, paper);
        Ok(row)
    }

    fn remarks_on(&self, plain: &Loaded, paper: &Paper) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(lack) = &plain.edition.lacks {
            remarks.push(format!("{} not attempted: {}", lack.columns.join(", "), lack.reason));
        }
        if !self.verified {
            let fingerprint = &plain.fingerprint;
            remarks.push(format!(
                "unverified: no fingerprint is known of this file; this one has {fingerprint}"
            ));
        }
        if plain.files.is_empty() {
            remarks.push("read from the copy that is built in".to_owned());
        }
        remarks.extend(plain.edition.remark.clone().filter(|_| plain.edition.lacks.is_none()));
        remarks.extend(self.reading_used());
        let decimals = &paper.published.table1.decimals;
        for (column, number) in
            self.numbers.iter().enumerate().filter(|(_, number)| number.verdict == Verdict::Differs)
        {
            let cut =
                |reading: &&Reading| is_cut_off(number.printed, reading.measured[column], decimals[column]);
            if let Some(reading) = self.readings.iter().find(cut) {
                remarks.push(format!(
                    "{:.*} is {:.4} ({}) cut off, not rounded",
                    decimals[column], number.printed, reading.measured[column], reading.title
                ));
            }
        }
        remarks
    }

    /// Which reading the paper used, if not the plain one: the one that most numbers match, where
    /// the plain reading matches fewer.
    fn reading_used(&self) -> Option<String> {
        let matching =
            |place: usize| self.numbers.iter().filter(|number| number.matched.contains(&place)).count();
        let best = (0..self.readings.len()).rev().max_by_key(|place| matching(*place))?;
        if matching(best) <= matching(0) {
            return None;
        }
        Some(format!(
            "the paper used: {} ({} of {} numbers match; with the plain reading {})",
            self.readings[best].title,
            matching(best),
            self.numbers.len(),
            matching(0)
        ))
    }

    /// ` a`, ` b`, … for the readings of a row that has several.
    fn letter(&self, place: usize) -> String {
        let letter = ('a'..='z').nth(place).filter(|_| self.readings.len() > 1);
        letter.map_or(String::new(), |letter| format!(" {letter}"))
    }
}

/// Compares a printed number with each reading.
fn judge(paper: &Paper, entry: &Entry, column: usize, readings: &[Reading]) -> PrintedNumber {
    let table = &paper.published.table1;
    let printed = table.rows[&entry.row][column];
    let tolerance: Tolerance = paper.spec.table1.tolerance[&table.columns[column]];
    let holds =
        |reading: &Reading| tolerance.holds(printed, reading.measured[column], table.decimals[column]);
    let matched: Vec<usize> = (0..readings.len()).filter(|place| holds(&readings[*place])).collect();
    let verdict = match (readings.is_empty(), matched.is_empty()) {
        (true, _) => Verdict::NotAttempted,
        (false, false) => Verdict::Reproduced,
        (false, true) => Verdict::Differs,
    };
    PrintedNumber { printed, verdict, matched }
}

impl Reading {
    fn of(loaded: &Loaded, columns: &[String], name: &str, title: &str) -> Self {
        let description = loaded.table.describe();
        let measured = columns.iter().map(|column| measure(&description, column)).collect();
        Self { name: name.to_owned(), title: title.to_owned(), measured }
    }
}

/// A measure by the name that `published.toml` gives its column; NaN for one that such data lack.
fn measure(description: &Description, column: &str) -> f64 {
    match (column, &description.targets) {
        ("n", _) => description.n_rows as f64,
        ("d", _) => description.n_features as f64,
        ("classes", Targets::SingleLabel(classes)) => classes.class_counts.len() as f64,
        ("minority_percent", Targets::SingleLabel(classes)) => classes.minority_percent,
        ("imbalance_ratio", Targets::SingleLabel(classes)) => classes.imbalance_ratio,
        ("majority", Targets::SingleLabel(classes)) => {
            classes.class_counts.iter().map(|(_, count)| *count).max().unwrap_or(0) as f64
        }
        ("minority", Targets::SingleLabel(classes)) => {
            classes.class_counts.iter().map(|(_, count)| *count).min().unwrap_or(0) as f64
        }
        ("q", Targets::MultiLabel(labels)) => labels.n_labels as f64,
        ("card", Targets::MultiLabel(labels)) => labels.cardinality,
        ("den", Targets::MultiLabel(labels)) => labels.density,
        ("mean_ir", Targets::MultiLabel(labels)) => labels.mean_ir,
        ("cvir", Targets::MultiLabel(labels)) => labels.cvir,
        _ => f64::NAN,
    }
}
