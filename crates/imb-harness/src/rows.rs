//! The rows of a run, prepared.

use anyhow::{Context, Result, bail};
use imb_core::{Dataset, Labels, Train};
use imb_data::prepare::prepare;
use imb_data::{AnyTable, Entry, Loaded};

use crate::protocol::{Protocol, TrainingRows};

/// What a run trains on and is tested on.
#[derive(Clone, Debug)]
pub struct RunRows {
    /// What a method sees.
    pub train: Train<Labels>,
    /// What it is tested on.
    pub test: Dataset<Labels>,
    /// The test rows before the released code draws from them, where it does.
    pub natural_test: Option<Dataset<Labels>>,
}

impl RunRows {
    /// The rows of one run (from 0), prepared by the steps of the protocol, which are fitted on the
    /// rows that train.
    ///
    /// # Errors
    /// As [`Protocol::fold`] and the steps; if the data have several labels a row.
    pub fn prepare(
        protocol: &Protocol,
        seed: u64,
        entry: &Entry,
        loaded: &Loaded,
        run: usize,
        training_rows: TrainingRows,
    ) -> Result<Self> {
        let AnyTable::SingleLabel(table) = &loaded.table else {
            bail!("{} has several labels a row", entry.name);
        };
        let fold = protocol.fold(seed, entry, loaded, run)?;
        let mut train = fold.train().to_vec();
        let mut validation = fold.validation();
        if training_rows == TrainingRows::WithValidation {
            train.extend(validation);
            validation = &[];
        }
        let prepared = prepare(table.clone(), &train, &protocol.prepare).context(entry.name.clone())?;
        let some = |rows: &[usize]| match rows.is_empty() {
            true => Ok(None),
            false => prepared.dataset(rows).map(Some),
        };
        let natural_test = protocol.natural_test(entry, loaded)?.unwrap_or_default();
        Ok(Self {
            train: Train { rows: prepared.dataset(&train)?, validation: some(validation)? },
            test: prepared.dataset(fold.test())?,
            natural_test: some(&natural_test)?,
        })
    }
}
