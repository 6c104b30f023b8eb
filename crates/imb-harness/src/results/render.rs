//! A table of results as text, Markdown and CSV.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::{Lacking, Line, Reading, ResultTable, Source};
use crate::grid::Grid;
use crate::protocol::{Score, TrainingRows};
use crate::verdict::Verdict;

impl ResultTable {
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

    pub(super) fn remarks(&self, source: &Source<'_>) -> Vec<String> {
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
                        let (row, column) = (&line.row, &self.columns[column]);
                        let note = format!("{row}, {column}, {}: {why}", reading.rows_label());
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
        notes.extend(self.verdict_counts());
        notes
    }

    /// The verdicts of each reading, in the order in which readings first stand.
    fn verdict_counts(&self) -> impl Iterator<Item = String> {
        let mut counts: Vec<(String, BTreeMap<Verdict, usize>)> = Vec::new();
        for reading in self.lines.iter().flat_map(|line| &line.readings) {
            let label = reading.label();
            let place = counts.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
                counts.push((label, BTreeMap::new()));
                counts.len() - 1
            });
            for verdict in reading.figures.iter().filter_map(|figure| figure.verdict) {
                *counts[place].1.entry(verdict).or_default() += 1;
            }
        }
        counts.into_iter().map(|(label, counts)| {
            let counts: Vec<String> =
                counts.into_iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
            format!("Verdicts, {label}: {}", counts.join(", "))
        })
    }

    fn notes_as(&self, bullet: &str) -> String {
        self.notes.iter().map(|note| format!("{bullet}{note}\n")).collect()
    }
}

impl Reading {
    fn label(&self) -> String {
        match self.score {
            Score::Last => self.rows_label(),
            score => format!("{}: {score}", self.rows_label()),
        }
    }

    /// The protocol and which rows methods were given.
    fn rows_label(&self) -> String {
        let rows = if self.rows == TrainingRows::WithValidation { " + validation rows" } else { "" };
        format!("{}{rows}", self.protocol)
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
