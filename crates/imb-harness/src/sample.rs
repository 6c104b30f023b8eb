//! The default profile: some recorded cells are run again, and each is compared with its record.

use std::collections::BTreeMap;

use imb_metrics::Predictive;

use crate::cell::Cell;
use crate::evidence::{Done, Evaluated, Outcome};
use crate::place::Place;
use crate::record::Record;
use crate::records::Records;

/// The cells to run again: the first run of every family, the cheapest first, then the second runs, and
/// so on, until so many CPU seconds are spent.
pub fn choose<'a>(cells: &'a [Cell], records: &Records, seconds: f64) -> Vec<&'a Cell> {
    let mut turns: BTreeMap<Place, usize> = BTreeMap::new();
    let mut candidates: Vec<(usize, f64, &Cell)> = Vec::new();
    for cell in cells {
        if let Some(record) = records.of(cell) {
            let turn = turns.entry(cell.place.family()).or_default();
            candidates.push((*turn, record.cost.seconds(), cell));
            *turn += 1;
        }
    }
    candidates.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut spent = 0.0;
    let affordable = candidates.into_iter().take_while(|(_, cost, _)| {
        spent += cost;
        spent <= seconds
    });
    affordable.map(|(.., cell)| cell).collect()
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
