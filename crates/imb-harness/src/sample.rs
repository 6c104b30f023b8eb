//! The default profile: some recorded cells are run again, and each is compared with its record.

use std::collections::BTreeMap;

use imb_metrics::Predictive;

use crate::cell::Cell;
use crate::evidence::{Done, Evaluated, Outcome};
use crate::place::Place;
use crate::record::Record;
use crate::records::Records;

/// The cells to run again, in their order: the first run of every family, the cheapest first, then the second
/// runs, and so on, until so many CPU seconds are spent.
///
/// Cells that differ in the learner alone share the resampled rows. Only one of their records has its cost, but
/// each of the cells would have to do it again.
pub fn choose<'a>(cells: &'a [Cell], records: &Records, seconds: f64) -> Vec<&'a Cell> {
    let mut turns: BTreeMap<Place, usize> = BTreeMap::new();
    let mut resampling: BTreeMap<Place, f64> = BTreeMap::new();
    for record in records.iter().filter(|record| record.place.learner.is_some()) {
        *resampling.entry(record.place.without_learner()).or_default() += record.cost.before_learner();
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        let Some(record) = records.of(cell) else { continue };
        let turn = turns.entry(cell.place.family()).or_default();
        let shared = cell.place.learner.is_some().then(|| cell.place.without_learner());
        let before = if shared.is_some() { record.cost.before_learner() } else { 0.0 };
        let seconds = record.cost.seconds() - before;
        candidates.push(Candidate { number, turn: *turn, seconds, shared });
        *turn += 1;
    }
    let alone = |of: &Candidate| of.seconds + of.shared.as_ref().map_or(0.0, |shared| resampling[shared]);
    candidates.sort_by(|a, b| a.turn.cmp(&b.turn).then(alone(a).total_cmp(&alone(b))));
    let mut spent = 0.0;
    let affordable = candidates.into_iter().take_while(|candidate| {
        let first_of_them = candidate.shared.as_ref().and_then(|shared| resampling.remove(shared));
        spent += candidate.seconds + first_of_them.unwrap_or(0.0);
        spent <= seconds
    });
    let mut chosen: Vec<usize> = affordable.map(|candidate| candidate.number).collect();
    chosen.sort_unstable();
    chosen.into_iter().map(|number| &cells[number]).collect()
}

/// A recorded cell that may be run again.
struct Candidate {
    /// Among all cells.
    number: usize,
    /// How many cells of its family come before it.
    turn: usize,
    /// CPU seconds of what it shares with no other cell.
    seconds: f64,
    /// The place of the resampled rows that it shares.
    shared: Option<Place>,
}

/// How a cell came out against its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same predicted classes or labels in every evaluation, or the same outcome without any.
    Same,
    /// Other predictions, on another instruction set, whose values lie where another run's would.
    Alike,
    /// Neither.
    Different(String),
}

/// What is compared where predictions may differ: a metric that classes and labels have.
const COMPARED: &str = "macro_f1_score";

/// Compares a record made now with the committed one. On the same instruction set predictions must be
/// equal; else values must lie within the 99 % interval of a single run.
pub fn compare(now: &Record, committed: &Record, records: &Records) -> Comparison {
    let (Outcome::Done(here), Outcome::Done(there)) = (&now.outcome, &committed.outcome) else {
        let same = now.outcome == committed.outcome;
        return if same { Comparison::Same } else { different(now, "another outcome") };
    };
    if predictions(here) == predictions(there) {
        return Comparison::Same;
    }
    if now.cost.instructions == committed.cost.instructions {
        return different(now, "other predictions on the same instruction set");
    }
    let family = committed.place.family();
    let of_family: Vec<&Done> = records
        .iter()
        .filter(|record| record.place.family() == family && record.key == committed.key)
        .filter_map(Record::done)
        .collect();
    for (evaluation, evaluated) in &here.evaluations {
        let score = |evaluated: &Evaluated| evaluated.evidence.value(COMPARED).ok();
        let values: Vec<f64> =
            of_family.iter().filter_map(|done| score(done.evaluations.get(evaluation)?)).collect();
        let interval = Predictive::of(&values).and_then(|predictive| predictive.interval(0.99));
        let within = match (interval, score(evaluated)) {
            (Ok(interval), Some(value)) => (interval.lower..=interval.upper).contains(&value),
            _ => false,
        };
        if !within {
            return different(now, &format!("{evaluation}: outside the 99 % interval of a single run"));
        }
    }
    Comparison::Alike
}

fn different(record: &Record, why: &str) -> Comparison {
    Comparison::Different(format!("{}: {why}", record.place))
}

fn predictions(done: &Done) -> Vec<&str> {
    done.evaluations.values().map(|evaluated| evaluated.predicted.as_str()).collect()
}
