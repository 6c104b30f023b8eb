//! The values behind mean ranks: one for each data set, column, learner and fold.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use imb_data::Entry;
use ndarray::{Array1, Array2, Axis};

use crate::evidence::Outcome;
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::{Evaluation, TableSpec};

/// A metric under a protocol on every data set, by column and learner.
pub(crate) struct RankedValues {
    /// The columns that are ranked, by their places in the table: those with any record.
    pub(crate) columns: Vec<usize>,
    /// The learners, in the table's order.
    pub(crate) learners: Vec<String>,
    /// The data sets of the paper, in its order.
    pub(crate) sets: Vec<RankedSet>,
    /// Why a data set takes no part in the ranks of a learner, where a cell has an error.
    pub(crate) errors: Vec<String>,
}

/// A data set's values.
pub(crate) struct RankedSet {
    /// The data set's row in the paper.
    pub(crate) row: String,
    /// For each learner the values of its folds, `(n_folds, n_columns)`. All learners and columns have the
    /// same folds. None for a learner of which a column's values are not there.
    pub(crate) by_learner: Vec<Option<Array2<f64>>>,
}

impl RankedSet {
    /// The mean over folds of each column, with a learner.
    pub(crate) fn means(&self, learner: usize) -> Option<Array1<f64>> {
        self.by_learner[learner].as_ref().and_then(|folds| folds.mean_axis(Axis(0)))
    }

    /// The number of folds that all learners have.
    pub(crate) fn n_folds(&self) -> usize {
        self.by_learner.iter().flatten().map(Array2::nrows).max().unwrap_or(0)
    }
}

/// What is recorded of a data set, column and learner.
enum Recorded {
    Nothing,
    Values(BTreeMap<Fold, f64>),
    Error(String),
}

/// Run and fold.
type Fold = (usize, Option<usize>);

impl RankedValues {
    /// Reads the values of a metric from records.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub(crate) fn read(
        source: &Source<'_>,
        table: &TableSpec,
        protocol: &str,
        measure: &Measure,
    ) -> Result<Self> {
        let learners = table.learners_of(&source.paper.spec);
        let mut recorded: Vec<Vec<Vec<Recorded>>> = Vec::new();
        for entry in &source.entries {
            let mut of_set = Vec::new();
            for learner in &learners {
                let columns = table.columns.iter();
                let of_learner =
                    columns.map(|column| Recorded::read(source, entry, protocol, column, learner, measure));
                of_set.push(of_learner.collect::<Result<Vec<_>>>()?);
            }
            recorded.push(of_set);
        }
        let is_there = |column: &usize| {
            recorded.iter().flatten().any(|columns| !matches!(columns[*column], Recorded::Nothing))
        };
        let columns: Vec<usize> = (0..table.columns.len()).filter(is_there).collect();
        let mut errors = Vec::new();
        for (entry, of_set) in source.entries.iter().zip(&recorded) {
            for (learner, of_learner) in learners.iter().zip(of_set) {
                for (column, recorded) in table.columns.iter().zip(of_learner) {
                    if let Recorded::Error(why) = recorded {
                        errors.push(format!("{}, {learner}, {column}, {protocol}: {why}", entry.row));
                    }
                }
            }
        }
        let sets = source.entries.iter().zip(&recorded);
        let sets = sets.map(|(entry, recorded)| RankedSet::new(&entry.row, recorded, &columns)).collect();
        Ok(Self { columns, learners, sets, errors })
    }

    /// The data sets of which a column or a learner has not been run yet, by their row in the paper. One with an error
    /// has been run.
    pub(crate) fn not_run(&self) -> Vec<&str> {
        let has_error = |row: &str, learner: &str| {
            let start = format!("{row}, {learner}, ");
            self.errors.iter().any(|error| error.starts_with(&start))
        };
        let is_missing = |set: &&RankedSet| {
            let mut learners = set.by_learner.iter().zip(&self.learners);
            learners.any(|(values, learner)| values.is_none() && !has_error(&set.row, learner))
        };
        self.sets.iter().filter(is_missing).map(|set| set.row.as_str()).collect()
    }

    /// The mean over folds of each data set, `(n_data_sets, n_columns)`, with a learner; only of the data sets
    /// of which every column is there.
    pub(crate) fn means(&self, learner: usize) -> Array2<f64> {
        let rows: Vec<Array1<f64>> = self.sets.iter().filter_map(|set| set.means(learner)).collect();
        Array2::from_shape_fn((rows.len(), self.columns.len()), |(row, column)| rows[row][column])
    }

    /// The data sets that are ranked with a learner.
    pub(crate) fn ranked_sets(&self, learner: usize) -> Vec<&str> {
        let ranked = self.sets.iter().filter(|set| set.by_learner[learner].is_some());
        ranked.map(|set| set.row.as_str()).collect()
    }
}

impl RankedSet {
    fn new(row: &str, recorded: &[Vec<Recorded>], columns: &[usize]) -> Self {
        let values_of = |of_learner: &'_ [Recorded]| -> Option<Vec<BTreeMap<Fold, f64>>> {
            let values = columns.iter().map(|&column| match &of_learner[column] {
                Recorded::Values(values) => Some(values.clone()),
                _ => None,
            });
            values.collect()
        };
        let by_learner: Vec<Option<Vec<BTreeMap<Fold, f64>>>> =
            recorded.iter().map(|of_learner| values_of(of_learner)).collect();
        let mut all = by_learner.iter().flatten().flatten();
        let first: BTreeSet<Fold> =
            all.next().map(|values| values.keys().copied().collect()).unwrap_or_default();
        let folds: Vec<Fold> =
            first.into_iter().filter(|fold| all.clone().all(|values| values.contains_key(fold))).collect();
        let matrix = |columns: Vec<BTreeMap<Fold, f64>>| {
            let shape = (folds.len(), columns.len());
            (!folds.is_empty() && !columns.is_empty())
                .then(|| Array2::from_shape_fn(shape, |(fold, column)| columns[column][&folds[fold]]))
        };
        let by_learner = by_learner.into_iter().map(|columns| columns.and_then(matrix)).collect();
        Self { row: row.to_owned(), by_learner }
    }
}

impl Recorded {
    fn read(
        source: &Source<'_>,
        entry: &Entry,
        protocol: &str,
        column: &str,
        learner: &String,
        measure: &Measure,
    ) -> Result<Self> {
        let Some(family) = source.family(entry, protocol, column, Some(learner))? else {
            return Ok(Self::Nothing);
        };
        let mut values = BTreeMap::new();
        for record in source.runs(entry, &family)?.records {
            let value = match &record.outcome {
                Outcome::Done(done) => {
                    measure.of(done, None, Evaluation::Last).map_err(|error| format!("{error:#}"))
                }
                Outcome::NotApplicable(why) | Outcome::Failed(why) => Err(why.clone()),
            };
            match value {
                Ok(value) => drop(values.insert((record.place.run, record.place.fold), value)),
                Err(why) => return Ok(Self::Error(why)),
            }
        }
        Ok(if values.is_empty() { Self::Nothing } else { Self::Values(values) })
    }
}
