//! The runs of a data set that tables are made of.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::ConfusionMatrix;

use super::best::best_of_sweeps;
use super::source::{Runs, Source};
use crate::place::Place;
use crate::record::Record;
use crate::spec::{Evaluation, TableSpec};

/// The runs of a data set, by family, and what is to be said of columns that were chosen among others.
pub(super) struct Families<'a> {
    runs: BTreeMap<Place, Runs<'a>>,
    pub(super) notes: Vec<(String, String)>,
}

impl<'a> Families<'a> {
    pub(super) fn of(source: &Source<'a>, entry: &Entry) -> Result<Self> {
        let mut families = Self { runs: BTreeMap::new(), notes: Vec::new() };
        for (protocol, _) in source.protocols(entry) {
            for place in source.places(entry, protocol)? {
                let runs = source.runs(entry, &place)?;
                families.runs.insert(place, runs);
            }
            for best in best_of_sweeps(source, entry, protocol)? {
                families.notes.push((best.place.column.clone(), best.note));
                families.runs.insert(best.place, best.runs);
            }
        }
        Ok(families)
    }

    /// The learners that a line is made for; none, once, where columns are not crossed with learners or
    /// are themselves learners.
    pub(super) fn learners(&self, table: &TableSpec) -> Vec<Option<String>> {
        if table.of_column.is_some() {
            return vec![None];
        }
        let is_shown = |learner: &Option<String>| {
            table.learners.is_empty() || learner.as_ref().is_some_and(|name| table.learners.contains(name))
        };
        let mut learners: Vec<Option<String>> =
            self.runs.keys().map(|place| place.learner.clone()).filter(is_shown).collect();
        learners.sort();
        learners.dedup();
        if learners.is_empty() { vec![None] } else { learners }
    }

    /// The runs of a family, by the place of its first run.
    pub(super) fn get(&self, family: &Place) -> Option<&Runs<'a>> {
        self.runs.get(family)
    }

    /// The runs of a column that was chosen from a sweep.
    pub(super) fn best(&self, protocol: &str, column: &str, learner: Option<&String>) -> Option<&Runs<'a>> {
        let is_asked = |place: &&Place| {
            place.protocol == protocol && place.column == column && place.learner.as_ref() == learner
        };
        self.notes.iter().find(|(best, _)| best == column)?;
        self.runs.keys().find(is_asked).map(|place| &self.runs[place])
    }

    /// Test rows of each class under a protocol, where all of its runs have the same.
    pub(super) fn test_rows(&self, protocol: &str) -> Option<Vec<u64>> {
        let runs = self.runs.iter().filter(|(place, _)| place.protocol == protocol);
        test_rows_of(runs.flat_map(|(_, runs)| &runs.records).copied())
    }
}

/// Test rows of each class, where all runs have the same.
pub(crate) fn test_rows_of<'r>(records: impl Iterator<Item = &'r Record>) -> Option<Vec<u64>> {
    let mut all = records
        .filter_map(|record| record.done()?.evaluations.get(&Evaluation::Last)?.evidence.confusion())
        .map(ConfusionMatrix::truth_counts);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
