//! The rows of a cell, split and prepared.

use anyhow::{Context, Result};
use imb_core::{Dataset, LabelMatrix, Labels, Table, Target, Train};
use imb_data::prepare::{PrepareTarget, Step, prepare};
use imb_data::split::Fold;
use imb_data::{AnyTable, Entry, Loaded};

use crate::cell::SharedRows;
use crate::place::Place;
use crate::spec::{ProtocolSpec, TrainingRows};

/// What a cell trains on and is tested on.
#[derive(Clone, Debug)]
pub struct RunRows<Y> {
    /// What a method sees.
    pub train: Train<Y>,
    /// What it is tested on.
    pub test: Dataset<Y>,
    /// The test rows before the released code draws from them, where it does.
    pub natural_test: Option<Dataset<Y>>,
    /// What a column made of the training rows last: it serves all learners of the column.
    pub made: Option<Box<SharedRows<Y>>>,
}

/// The rows of a cell of either kind of target.
pub enum AnyRows {
    /// One class a row.
    Classes(RunRows<Labels>),
    /// Any number of labels a row.
    Labels(RunRows<LabelMatrix>),
}

impl AnyRows {
    /// The rows of a cell, prepared by the steps of the protocol, which are fitted on the rows that
    /// train.
    ///
    /// # Errors
    /// As [`ProtocolSpec::fold`] and the steps.
    pub fn prepare(
        protocol: &ProtocolSpec,
        seed: u64,
        entry: &Entry,
        loaded: &Loaded,
        place: &Place,
    ) -> Result<Self> {
        let fold = protocol.fold(seed, entry, loaded, place)?;
        let natural_test = protocol.natural_test(entry, loaded)?.unwrap_or_default();
        let steps = protocol.steps_for(&entry.row);
        let rows = match &loaded.table {
            AnyTable::SingleLabel(table) => {
                RunRows::prepare(&steps, table, &fold, &natural_test, place.rows).map(Self::Classes)
            }
            AnyTable::MultiLabel(table) => {
                let kept = if protocol.labels_in_every_fold {
                    &labels_in_every_fold(protocol, seed, entry, loaded, place, table)?
                } else {
                    table
                };
                RunRows::prepare(&steps, kept, &fold, &natural_test, place.rows).map(Self::Labels)
            }
        };
        rows.with_context(|| entry.name.clone())
    }
}

/// The table without the labels that have no positive in the training or the test rows of some fold, for
/// which nothing can be learned or measured there.
fn labels_in_every_fold(
    protocol: &ProtocolSpec,
    seed: u64,
    entry: &Entry,
    loaded: &Loaded,
    place: &Place,
    table: &Table<LabelMatrix>,
) -> Result<Table<LabelMatrix>> {
    let n_labels = table.target().n_labels();
    let mut kept: Vec<usize> = (0..n_labels).collect();
    for fold in 0..protocol.n_folds().unwrap_or(0) {
        let fold = protocol.fold(seed, entry, loaded, &Place { fold: Some(fold), ..place.clone() })?;
        let train: Vec<usize> = fold.train().iter().chain(fold.validation()).copied().collect();
        for rows in [train.as_slice(), fold.test()] {
            let positives = table.target().select(rows).positives();
            kept.retain(|&label| positives[label] > 0);
        }
    }
    let n_rows = table.n_rows();
    let (columns, target) = table.clone().into_parts();
    let target = target.with_labels(&kept, "labels in every fold")?;
    Ok(Table::new(columns, n_rows)?.with_target(target)?)
}

impl<Y: PrepareTarget> RunRows<Y> {
    fn prepare(
        steps: &[Step],
        table: &Table<Y>,
        fold: &Fold,
        natural_test: &[usize],
        training_rows: TrainingRows,
    ) -> Result<Self> {
        let mut train = fold.train().to_vec();
        let mut validation = fold.validation();
        if training_rows == TrainingRows::WithValidation {
            train.extend(validation);
            validation = &[];
        }
        let prepared = prepare(table.clone(), &train, steps)?;
        let some = |rows: &[usize]| {
            if rows.is_empty() { Ok(None) } else { prepared.dataset(rows).map(Some) }
        };
        Ok(Self {
            train: Train { rows: prepared.dataset(&train)?, validation: some(validation)? },
            test: prepared.dataset(fold.test())?,
            natural_test: some(natural_test)?,
            made: None,
        })
    }
}
