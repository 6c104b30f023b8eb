//! What is done, what is missing, and how long that may take.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::cell::Cell;
use crate::evidence::Outcome;
use crate::place::Place;
use crate::record::Record;
use crate::records::scan;

/// The little that a plan needs of a record.
#[derive(Clone, Debug)]
pub struct Brief {
    /// The name of its cell.
    pub id: String,
    /// Its place, as a family.
    pub family: Place,
    /// Why it failed, if so.
    pub failure: Option<String>,
    /// CPU seconds.
    pub seconds: f64,
}

impl Brief {
    /// The brief of a record.
    pub fn new(record: &Record) -> Self {
        let failure = if let Outcome::Failed(error) = &record.outcome { Some(error.clone()) } else { None };
        Self { id: record.id(), family: record.place.family(), failure, seconds: record.cost.seconds() }
    }
}

/// Briefs by the name of their cell.
#[derive(Clone, Debug, Default)]
pub struct Briefs {
    by_id: BTreeMap<String, Brief>,
    /// Files that are no records, each with its name.
    pub problems: Vec<String>,
}

impl Briefs {
    /// The briefs of a results folder.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn read(results: &Path, paper: &str) -> Result<Self> {
        let mut briefs = Self::default();
        for brief in scan(results, paper, |record| Brief::new(&record))? {
            match brief {
                Ok(brief) => drop(briefs.by_id.insert(brief.id.clone(), brief)),
                Err(problem) => briefs.problems.push(problem),
            }
        }
        Ok(briefs)
    }

    /// The briefs of records.
    pub fn of<'r>(records: impl Iterator<Item = &'r Record>) -> Self {
        let by_id = records.map(Brief::new).map(|brief| (brief.id.clone(), brief)).collect();
        Self { by_id, problems: Vec::new() }
    }
}

/// The cells of a selection against the records there are.
pub struct Plan<'a> {
    /// Cells with a record that is not a failure.
    pub done: Vec<&'a Cell>,
    /// Cells that failed, and why.
    pub failed: Vec<(&'a Cell, &'a str)>,
    /// Cells without a record.
    pub missing: Vec<&'a Cell>,
    /// How long the missing cells may take.
    pub estimate: Estimate,
}

/// An estimate of time, in CPU seconds, from cells that were recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Seconds of the cells whose like has been recorded.
    pub seconds: f64,
    /// Cells of which nothing like has been recorded.
    pub unknown: usize,
}

impl<'a> Plan<'a> {
    /// Sorts cells by their records. `costs` are further records to estimate from, such as those that
    /// are committed.
    pub fn new(cells: impl IntoIterator<Item = &'a Cell>, briefs: &'a Briefs, costs: &Costs) -> Self {
        let (mut done, mut failed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            match briefs.by_id.get(&cell.id()) {
                Some(Brief { failure: Some(error), .. }) => failed.push((cell, error.as_str())),
                Some(_) => done.push(cell),
                None => missing.push(cell),
            }
        }
        let mut estimate = Estimate::default();
        for cell in &missing {
            match costs.of(&cell.place) {
                Some(seconds) => estimate.seconds += seconds,
                None => estimate.unknown += 1,
            }
        }
        Self { done, failed, missing, estimate }
    }
}

/// Mean CPU seconds of recorded cells: of the same family, else of the same column and data set.
#[derive(Default)]
pub struct Costs {
    families: BTreeMap<Place, Mean>,
    columns: BTreeMap<(String, String), Mean>,
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn get(&self) -> f64 {
        self.sum / self.count
    }
}

impl Costs {
    /// The costs of several sets of records.
    pub fn new<'r>(briefs: impl IntoIterator<Item = &'r Briefs>) -> Self {
        let mut costs = Self::default();
        for brief in briefs.into_iter().flat_map(|briefs| briefs.by_id.values()) {
            let column = (brief.family.dataset.clone(), brief.family.column.clone());
            costs.families.entry(brief.family.clone()).or_default().add(brief.seconds);
            costs.columns.entry(column).or_default().add(brief.seconds);
        }
        costs
    }

    /// The CPU seconds that a cell at a place may take.
    pub fn of(&self, place: &Place) -> Option<f64> {
        let column = || self.columns.get(&(place.dataset.clone(), place.column.clone()));
        self.families.get(&place.family()).or_else(column).map(Mean::get)
    }
}
