//! Protocols: which rows of a data set train, validate and test, and how they are prepared.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail};
use imb_core::{Rng, Seed, Table};
use imb_data::prepare::Step;
use imb_data::split::scikit_learn::train_test_split;
use imb_data::split::{
    Fold, Holdout, MoodsReleased, StratifiedKFold, Stratify, bootstrap_as_released, given_parts,
    with_validation,
};
use imb_data::{AnyTable, Catalog, DataDirs, Entry, Loaded};
use imb_neural::MlpClassifier;
use serde::{Deserialize, Serialize};

use crate::column::Classifier;

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
    /// The network that all columns share; none where the paper's tables are not run yet.
    pub classifier: Option<Classifier>,
    /// Rows a gradient step, by the data set's row in the paper, where it is not the network's own.
    #[serde(default)]
    pub batch_size: BTreeMap<String, usize>,
    /// What is measured, the main figure first.
    #[serde(default = "last")]
    pub scores: Vec<Score>,
    /// Whether each column is run a second time with the validation rows added to training.
    #[serde(default)]
    pub also_with_validation_rows: bool,
    /// The rows in the paper that the protocol is for; all if none is named.
    #[serde(default)]
    pub only: Vec<String>,
}

/// On which rows, and with the weights of which epoch, a trained method is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// The last weights on the test rows.
    Last,
    /// The last weights on the test rows before the released code draws from them.
    NaturalTest,
    /// The last weights on the test rows but the first, which a reader of files takes for a header.
    WithoutFirstTestRow,
    /// The weights of the epoch that was best on the validation rows.
    BestOnValidation,
    /// The weights of the epoch that was best on the test rows: peeking.
    BestOnTest,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Last => "last weights",
            Self::NaturalTest => "test rows before the bootstrap",
            Self::WithoutFirstTestRow => "without the first test row",
            Self::BestOnValidation => "best epoch on validation rows",
            Self::BestOnTest => "best epoch on test rows (peeking)",
        })
    }
}

fn last() -> Vec<Score> {
    vec![Score::Last]
}

/// Which rows a method is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingRows {
    /// The training rows, and the validation rows beside them.
    Train,
    /// Both together, and no validation rows.
    WithValidation,
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

/// Raised when a split or a preparation may give other rows than before.
pub const VERSION: u32 = 1;

impl Protocols {
    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

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

    /// Whether the protocol is for a data set, by its row in the paper.
    pub fn is_for(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }

    /// The network that all columns of a data set share.
    ///
    /// # Errors
    /// If the protocol names none.
    pub fn classifier_for(&self, row: &str) -> Result<MlpClassifier> {
        let classifier = self.classifier.context("the protocol names no classifier")?.build();
        let batch_size = self.batch_size.get(row).copied().unwrap_or(classifier.batch_size);
        Ok(MlpClassifier { batch_size, ..classifier })
    }

    /// The rows that methods are given, each in a run of its own.
    pub fn training_rows(&self) -> Vec<TrainingRows> {
        match self.also_with_validation_rows {
            true => vec![TrainingRows::Train, TrainingRows::WithValidation],
            false => vec![TrainingRows::Train],
        }
    }

    /// What is measured of a method that is given these rows.
    pub fn scores_for(&self, rows: TrainingRows) -> Vec<Score> {
        let has_validation_rows = rows == TrainingRows::Train;
        let possible = |score: &Score| has_validation_rows || *score != Score::BestOnValidation;
        self.scores.iter().copied().filter(possible).collect()
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

    /// The test rows before the released code draws from them, where it does.
    ///
    /// # Errors
    /// As [`fold`](Self::fold).
    pub fn natural_test(&self, entry: &Entry, loaded: &Loaded) -> Result<Option<Vec<usize>>> {
        match self.split {
            SplitRule::MoodsReleased => {
                Ok(Some(moods_released(entry)?.split(loaded.table.n_rows())?.test().to_vec()))
            }
            _ => Ok(None),
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
