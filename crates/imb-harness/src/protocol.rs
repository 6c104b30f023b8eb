//! Protocols at work: how a data set is read and which rows train, validate and test.

use anyhow::{Context, Result, bail};
use imb_core::{Rng, Seed, Table};
use imb_data::split::scikit_learn::train_test_split;
use imb_data::split::{Fold, Holdout, Stratify, bootstrap_as_released, given_parts, with_validation};
use imb_data::{AnyTable, Catalog, DataDirs, Entry, Loaded};

use crate::place::Place;
use crate::spec::{ProtocolSpec, SplitRule};

/// Raised when a split or a preparation may give other rows than before.
pub(crate) const VERSION: u32 = 2;

impl ProtocolSpec {
    /// Loads a data set as the protocol reads it.
    ///
    /// # Errors
    /// As [`Catalog::load`] and the steps on all rows.
    pub fn load(&self, catalog: &Catalog, entry: &Entry, dirs: &DataDirs) -> Result<Loaded> {
        self.prepared(self.read(catalog, entry, dirs)?)
    }

    /// Reads the variant of a data set that the protocol asks for.
    ///
    /// # Errors
    /// As [`Catalog::load`].
    pub(crate) fn read(&self, catalog: &Catalog, entry: &Entry, dirs: &DataDirs) -> Result<Loaded> {
        Ok(catalog.load(&entry.name, self.variant_of(entry), dirs)?)
    }

    /// What was read after the steps on all rows.
    ///
    /// # Errors
    /// If a step does not fit the data.
    pub(crate) fn prepared(&self, mut loaded: Loaded) -> Result<Loaded> {
        loaded.table = loaded.table.prepared_leaking_as_released(&self.prepare_on_all_rows)?;
        Ok(loaded)
    }

    /// The variant of a data set that the protocol reads.
    pub fn variant_of<'a>(&'a self, entry: &Entry) -> Option<&'a str> {
        self.variant.as_deref().filter(|name| entry.variants.contains_key(*name))
    }

    /// The rows of a cell. The same on every machine, and for every column.
    ///
    /// # Errors
    /// If the data set cannot be split so: a class with too few rows, a fold that does not exist.
    pub fn fold(&self, seed: u64, entry: &Entry, loaded: &Loaded, place: &Place) -> Result<Fold> {
        let seed = Seed::new(seed).child(&entry.paper).child(&entry.name);
        match &loaded.table {
            AnyTable::SingleLabel(table) => match self.released_split(entry, table.n_rows())? {
                Some(fold) => {
                    let rng = &mut split_rng(seed, place);
                    Ok(match &self.split {
                        SplitRule::MuboReleased { test, .. } => test.draw(&fold, table.target(), rng)?,
                        _ => bootstrap_as_released(&fold, table.target(), rng)?,
                    })
                }
                None => self.fold_of(seed, entry, loaded, table, place),
            },
            AnyTable::MultiLabel(table) => self.fold_of(seed, entry, loaded, table, place),
        }
    }

    /// The test rows before the released code draws from them, where it does.
    ///
    /// # Errors
    /// As [`fold`](Self::fold).
    pub fn natural_test(&self, entry: &Entry, loaded: &Loaded) -> Result<Option<Vec<usize>>> {
        let fold = self.released_split(entry, loaded.table.n_rows())?;
        Ok(fold.map(|fold| fold.test().to_vec()))
    }

    /// The split of released code before it draws from it; none where the protocol has another rule.
    fn released_split(&self, entry: &Entry, n_rows: usize) -> Result<Option<Fold>> {
        let unlisted = || format!("no released split is listed for {}", entry.row);
        Ok(match &self.split {
            SplitRule::MoodsReleased(splits) => {
                Some(splits.get(&entry.row).with_context(unlisted)?.split(n_rows)?)
            }
            SplitRule::MuboReleased { splits, .. } => {
                Some(splits.get(&entry.row).with_context(unlisted)?.split(n_rows)?)
            }
            _ => None,
        })
    }

    fn fold_of<Y: Stratify>(
        &self,
        seed: Seed,
        entry: &Entry,
        loaded: &Loaded,
        table: &Table<Y>,
        place: &Place,
    ) -> Result<Fold> {
        let mut rng = split_rng(seed, place);
        let y = table.target();
        match &self.split {
            SplitRule::Stratified(holdout) => Ok(holdout.split(y, &mut rng)?),
            SplitRule::StratifiedOrGiven { test, validation_of_train } => {
                let fold = match given(loaded)? {
                    Some(fold) => fold,
                    None => Holdout { validation: 0.0, test: *test }.split(y, &mut rng)?,
                };
                Ok(with_validation(&fold, y, *validation_of_train, &mut rng)?)
            }
            SplitRule::Unstratified { random_state, test } => {
                if let Some(fold) = given(loaded)? {
                    return Ok(fold);
                }
                let test = test.get(&entry.row);
                let test = test.with_context(|| format!("no test share is listed for {}", entry.row))?;
                Ok(train_test_split(table.n_rows(), *test, *random_state)?.into_fold(table.n_rows())?)
            }
            SplitRule::Folds(folds) => {
                let mut all = folds.split(y, &mut rng)?;
                let fold = place.fold.context("a protocol with folds needs the number of one")?;
                if fold >= all.len() {
                    bail!("there are {} folds, and fold {fold} is asked for", all.len());
                }
                Ok(all.swap_remove(fold))
            }
            SplitRule::MoodsReleased(_) | SplitRule::MuboReleased { .. } => {
                bail!("{}: the released split is for data with two classes", entry.name)
            }
        }
    }
}

/// The generator of a split: of the start, whose runs share their rows, or else of the run.
fn split_rng(seed: Seed, place: &Place) -> Rng {
    match place.start {
        Some(start) => seed.child("start").index(start as u64).rng(),
        None => seed.child("run").index(place.run as u64).rng(),
    }
}

/// The training and the test file, where a data set comes in them.
fn given(loaded: &Loaded) -> Result<Option<Fold>> {
    let part = |name: &str| loaded.parts.iter().find(|(part, _)| part == name).map(|(_, rows)| rows.clone());
    match (part("train"), part("test")) {
        (Some(train), Some(test)) => Ok(Some(given_parts(loaded.table.n_rows(), train, test)?)),
        _ => Ok(None),
    }
}
