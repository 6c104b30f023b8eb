//! What is done, what is missing, and how long that may take.

use std::collections::BTreeMap;

use crate::cell::{Cell, Outcome, Place};
use crate::record::{Record, Records};

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

/// An estimate of time, in seconds of one core. A training that may end early is taken as if it did
/// not, unless it has been recorded before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Seconds of the cells whose like has been recorded.
    pub seconds: f64,
    /// Cells of which nothing like has been recorded.
    pub unknown: usize,
}

impl<'a> Plan<'a> {
    /// Sorts cells by their records. `costs` are further records to estimate from, such as those
    /// that are committed.
    pub fn new(cells: impl IntoIterator<Item = &'a Cell>, records: &'a Records, costs: &Records) -> Self {
        let (mut done, mut failed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            match records.of(cell).map(|record| &record.outcome) {
                Some(Outcome::Failed(error)) => failed.push((cell, error.as_str())),
                Some(_) => done.push(cell),
                None => missing.push(cell),
            }
        }
        let estimate = Estimate::of(&missing, &Costs::new(records.iter().chain(costs.iter())));
        Self { done, failed, missing, estimate }
    }
}

impl Estimate {
    fn of(cells: &[&Cell], costs: &Costs) -> Self {
        let mut estimate = Self::default();
        for cell in cells {
            match costs.of(cell) {
                Some(seconds) => estimate.seconds += seconds,
                None => estimate.unknown += 1,
            }
        }
        estimate
    }
}

/// Mean seconds of the cells recorded: of the same cell in any run, else a gradient step of the same
/// data set under the same protocol.
struct Costs {
    cells: BTreeMap<String, Mean>,
    steps: BTreeMap<(String, String), Mean>,
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, sum: f64, count: f64) {
        self.sum += sum;
        self.count += count;
    }

    fn get(&self) -> f64 {
        self.sum / self.count
    }
}

impl Costs {
    fn new<'r>(records: impl Iterator<Item = &'r Record>) -> Self {
        let mut costs = Self { cells: BTreeMap::new(), steps: BTreeMap::new() };
        for record in records {
            let seconds = record.cost.seconds;
            costs.cells.entry(record.family.clone()).or_default().add(seconds, 1.0);
            if let Outcome::Done(done) = &record.outcome
                && let Some(steps) = done.figures.get("gradient_steps").filter(|steps| **steps > 0.0)
            {
                costs.steps.entry(like(&record.place)).or_default().add(seconds, *steps);
            }
        }
        costs
    }

    fn of(&self, cell: &Cell) -> Option<f64> {
        let by_step = || Some(self.steps.get(&like(&cell.place))?.get() * cell.most_steps() as f64);
        self.cells.get(&cell.family).map(Mean::get).or_else(by_step)
    }
}

fn like(place: &Place) -> (String, String) {
    (place.dataset.clone(), place.protocol.clone())
}
