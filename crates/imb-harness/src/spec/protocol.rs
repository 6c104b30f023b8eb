//! Protocols: how a data set is read, split, prepared and evaluated.

use std::collections::BTreeMap;
use std::fmt;

use imb_data::prepare::Step;
use imb_data::split::{DrawnTest, Holdout, MoodsReleased, MuboReleased, StratifiedKFold};
use serde::{Deserialize, Serialize};

use super::StageSpec;

/// How a data set is read, split, prepared and evaluated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolSpec {
    /// What the protocol is, in a few words.
    pub title: Option<String>,
    /// The variant of the data set that is read; the plain table where a data set has no such variant.
    pub variant: Option<String>,
    /// Steps fitted on all rows before the split, test rows included: the leaks of released code.
    #[serde(default)]
    pub prepare_on_all_rows: Vec<Step>,
    /// Which rows train, validate and test.
    pub split: SplitRule,
    /// Steps fitted on the training rows.
    #[serde(default)]
    pub prepare: Vec<Step>,
    /// Steps fitted on the training rows before those above, which a data set has of its own, by its row in
    /// the paper.
    #[serde(default)]
    pub prepare_first: BTreeMap<String, Vec<Step>>,
    /// Whether labels without a positive in the training or the test rows of some fold are left out.
    #[serde(default)]
    pub labels_in_every_fold: bool,
    /// The learner that all columns share; none where columns are crossed with learners.
    pub learner: Option<StageSpec>,
    /// Parameters of the learner that a data set has of its own, by its row in the paper.
    #[serde(default)]
    pub learner_for: BTreeMap<String, toml::Table>,
    /// On which rows and with which weights results are evaluated, the main evaluation first.
    #[serde(default = "last")]
    pub evaluations: Vec<Evaluation>,
    /// The metric by which evaluations of the best epoch choose it.
    pub choose_epoch_by: Option<String>,
    /// Whether the learner's epochs are of the rows before resampling, so that every column takes the same
    /// number of gradient steps.
    #[serde(default)]
    pub epochs_of_given_rows: bool,
    /// Whether columns that have no use for validation rows are run a second time with those rows
    /// added to training.
    #[serde(default)]
    pub also_with_validation_rows: bool,
    /// Whether the protocol serves sweeps and sensitivities alone, and no table shows it.
    #[serde(default)]
    pub aside: bool,
    /// The rows in the paper that the protocol is for; all if none is named.
    #[serde(default)]
    pub only: Vec<String>,
    /// The columns that the protocol is for; all if none is named.
    #[serde(default)]
    pub only_columns: Vec<String>,
    /// The learners that columns are crossed with; all if none is named.
    #[serde(default)]
    pub only_learners: Vec<String>,
}

/// On which rows, and with the weights of which epoch, a trained method is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    /// The last weights on the test rows.
    Last,
    /// The last weights on the validation rows: what a sweep chooses by, never a result.
    Validation,
    /// The last weights on the test rows before the released code draws from them.
    NaturalTest,
    /// The last weights on the test rows but the first, which a reader of files takes for a header.
    WithoutFirstTestRow,
    /// The weights of the epoch that was best on the validation rows.
    BestOnValidation,
    /// The weights of the epoch that was best on the test rows: peeking.
    BestOnTest,
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Last => "last weights",
            Self::Validation => "last weights on validation rows",
            Self::NaturalTest => "test rows before the bootstrap",
            Self::WithoutFirstTestRow => "without the first test row",
            Self::BestOnValidation => "best epoch on validation rows",
            Self::BestOnTest => "best epoch on test rows (peeking)",
        })
    }
}

fn last() -> Vec<Evaluation> {
    vec![Evaluation::Last]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// A split of the code released with MOODS, by the data set's row in the paper, with test and
    /// validation rows drawn anew from it.
    MoodsReleased(BTreeMap<String, MoodsReleased>),
    /// A split of the code released with MUBO or SMOTified-GAN, with the rows that a loader draws from it.
    MuboReleased {
        /// The test set that is drawn.
        test: DrawnTest,
        /// The split, by the data set's row in the paper.
        splits: BTreeMap<String, MuboReleased>,
    },
    /// Folds, of which a run tests one.
    Folds(StratifiedKFold),
}

impl ProtocolSpec {
    /// Whether the protocol is for a data set, by its row in the paper.
    pub fn is_for(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }

    /// The rows that a column is given, each in a run of its own.
    pub fn training_rows(&self, uses_validation: bool) -> Vec<TrainingRows> {
        if self.also_with_validation_rows && !uses_validation {
            return vec![TrainingRows::Train, TrainingRows::WithValidation];
        }
        vec![TrainingRows::Train]
    }

    /// The evaluations of a method that is given these rows.
    pub fn evaluations_for(&self, rows: TrainingRows) -> Vec<Evaluation> {
        let possible = |evaluation: &Evaluation| {
            rows == TrainingRows::Train || *evaluation != Evaluation::BestOnValidation
        };
        self.evaluations.iter().copied().filter(possible).collect()
    }

    /// The steps fitted on the training rows of a data set, by its row in the paper.
    pub fn steps_for(&self, row: &str) -> Vec<Step> {
        self.prepare_first.get(row).into_iter().flatten().chain(&self.prepare).cloned().collect()
    }

    /// The columns that a step keeps of a data set's `n_features`, by its row in the paper; all if no step chooses.
    pub fn n_kept(&self, row: &str, n_features: usize) -> usize {
        let kept = |step: Step| match step {
            Step::LargestSums(sums) => Some(sums.keep),
            _ => None,
        };
        self.steps_for(row).into_iter().filter_map(kept).fold(n_features, usize::min)
    }

    /// Folds of a repeat; none if a run has a split of its own.
    pub fn n_folds(&self) -> Option<usize> {
        if let SplitRule::Folds(folds) = &self.split { Some(folds.n_folds) } else { None }
    }
}
