//! Protocols: which rows of a data set train, validate and test, and how they are prepared.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use imb_core::{Rng, Seed, Table};
use imb_data::prepare::Step;
use imb_data::split::scikit_learn::train_test_split;
use imb_data::split::{
    Fold, Holdout, MoodsReleased, StratifiedKFold, Stratify, bootstrap_as_released, given_parts,
    with_validation,
};
use imb_data::{AnyTable, Catalog, DataDirs, Entry, Loaded};
use serde::Deserialize;

/// The protocols of a paper.
#[derive(Clone, Debug, Deserialize)]
pub struct Protocols {
    /// The root of the seeds of all splits.
    pub seed: u64,
    /// The protocols, by name.
    #[serde(flatten)]
    by_name: BTreeMap<String, Protocol>,
}

/// How a data set is read, split and prepared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The variant of the data set that is read; the plain reading where a data set has no such.
    pub variant: Option<String>,
    /// Steps fitted on all rows before the split, test rows included: the leaks of released code.
    #[serde(default)]
    pub prepare_on_all_rows: Vec<Step>,
    /// Which rows train, validate and test.
    pub split: SplitRule,
    /// Steps fitted on the training rows.
    #[serde(default)]
    pub prepare: Vec<Step>,
}

/// Which rows train, validate and test.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitRule {
    /// Stratified shares of all rows.
    Stratified(Holdout),
    /// The files that a data set comes in, else stratified; validation is a share of train.
    StratifiedOrGiven {
        /// Share of all rows that test.
        test: f64,
        /// Share of the other rows that validate.
        validation_of_train: f64,
    },
    /// The files that a data set comes in, else scikit-learn's unstratified split.
    Unstratified {
        /// Its integer `random_state`.
        random_state: u32,
        /// The share that tests, by the data set's row in the paper.
        test: BTreeMap<String, f64>,
    },
    /// The split of the code released with MOODS, with test and validation rows drawn anew from it.
    MoodsReleased,
    /// Folds, of which a run tests one.
    Folds(StratifiedKFold),
}

impl Protocols {
    /// The protocol of a name.
    ///
    /// # Errors
    /// If there is none, with the names there are.
    pub fn get(&self, name: &str) -> Result<&Protocol> {
        let known = || self.by_name.keys().cloned().collect::<Vec<_>>().join(", ");
        self.by_name
            .get(name)
            .with_context(|| format!("no protocol is called \"{name}\"; there is: {}", known()))
    }
}

impl Protocol {
    /// Loads a data set as the protocol reads it.
    ///
    /// # Errors
    /// As [`Catalog::load`] and the steps on all rows.
    pub fn load(&self, catalog: &Catalog, entry: &Entry, dirs: &DataDirs) -> Result<Loaded> {
        let mut loaded = catalog.load(&entry.name, self.variant_of(entry), dirs)?;
        loaded.table = loaded.table.prepared_leaking_as_released(&self.prepare_on_all_rows)?;
        Ok(loaded)
    }

    /// The variant of a data set that the protocol reads.
    pub fn variant_of<'a>(&'a self, entry: &Entry) -> Option<&'a str> {
        self.variant.as_deref().filter(|name| entry.variants.contains_key(*name))
    }

    /// The rows of one run (from 0). The same on every machine.
    ///
    /// # Errors
    /// If the data set cannot be split so: a class with too few rows, a run that there is not.
    pub fn fold(&self, seed: u64, entry: &Entry, loaded: &Loaded, run: usize) -> Result<Fold> {
        let seed = Seed::new(seed).child(&entry.paper).child(&entry.name);
        match &loaded.table {
            AnyTable::SingleLabel(table) if matches!(self.split, SplitRule::MoodsReleased) => {
                let fold = moods_released(entry)?.split(table.n_rows())?;
                Ok(bootstrap_as_released(&fold, table.target(), &mut run_rng(seed, run))?)
            }
            AnyTable::SingleLabel(table) => self.fold_of(seed, entry, loaded, table, run),
            AnyTable::MultiLabel(table) => self.fold_of(seed, entry, loaded, table, run),
        }
    }

    fn fold_of<Y: Stratify>(
        &self,
        seed: Seed,
        entry: &Entry,
        loaded: &Loaded,
        table: &Table<Y>,
        run: usize,
    ) -> Result<Fold> {
        let mut rng = run_rng(seed, run);
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
            SplitRule::Unstratified { random_state, test } => match given(loaded)? {
                Some(fold) => Ok(fold),
                None => {
                    let test =
                        test.get(&entry.row).with_context(|| format!("no test share for {}", entry.row))?;
                    let rows = train_test_split(table.n_rows(), *test, *random_state)?;
                    Ok(rows.into_fold(table.n_rows())?)
                }
            },
            SplitRule::Folds(folds) => {
                let (repeat, fold) = (run / folds.n_folds, run % folds.n_folds);
                let mut all = folds.split(y, &mut run_rng(seed, repeat))?;
                Ok(all.swap_remove(fold))
            }
            SplitRule::MoodsReleased => {
                bail!("{}: the released split is for data with two classes", entry.name)
            }
        }
    }
}

fn run_rng(seed: Seed, run: usize) -> Rng {
    seed.child("run").index(run as u64).rng()
}

/// The training and the test file, where a data set comes in them.
fn given(loaded: &Loaded) -> Result<Option<Fold>> {
    let part = |name: &str| loaded.parts.iter().find(|(part, _)| part == name).map(|(_, rows)| rows.clone());
    match (part("train"), part("test")) {
        (Some(train), Some(test)) => Ok(Some(given_parts(loaded.table.n_rows(), train, test)?)),
        _ => Ok(None),
    }
}

/// The seeds of the released code, by data set.
fn moods_released(entry: &Entry) -> Result<MoodsReleased> {
    Ok(match entry.row.as_str() {
        "Ecoli" => MoodsReleased::ECOLI,
        "Yeast" => MoodsReleased::YEAST,
        "Winequality" => MoodsReleased::WINEQUALITY,
        "Abalone" => MoodsReleased::ABALONE,
        "Spambase" => MoodsReleased::SPAMBASE,
        "Shuttle" => MoodsReleased::SHUTTLE,
        "Connect4" => MoodsReleased::CONNECT4,
        other => bail!("the code released with MOODS has no split for {other}"),
    })
}
