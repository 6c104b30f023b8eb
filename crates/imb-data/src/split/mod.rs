//! Which rows train, which validate and which test.
//!
//! A split is made of row numbers only and never sees a feature. Two kinds live here:
//!
//! - stratified splits from our own generator: [`Holdout`], [`StratifiedKFold`], the
//!   [`given`](given_parts) files of an archive, and [`iterative_stratification`] for rows with
//!   several labels;
//! - replays, row by row, of splits that published figures were made with: [`scikit_learn`] and, on
//!   it, [`MoodsReleased`] and [`MuboReleased`].
//!
//! A [`Fold`] that leaks has to be asked for by name: [`Fold::overlapping_as_released`].
//!
//! ```
//! use imb_core::{Labels, Seed};
//! use imb_data::split::Holdout;
//!
//! let labels = Labels::from_texts(&["no", "no", "no", "no", "no", "no", "yes", "yes", "yes", "yes"]);
//! let fold = Holdout { validation: 0.0, test: 0.5 }.split(&labels, &mut Seed::new(1).rng())?;
//! assert_eq!(fold.test().iter().filter(|row| **row >= 6).count(), 2);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod bootstrap;
mod by_class;
mod by_group;
mod given;
mod holdout;
mod iterative_stratification;
mod k_fold;
mod moods_released;
mod mubo_released;
mod random_state;
pub mod scikit_learn;
mod stratify;

pub use bootstrap::{bootstrap_as_released, bootstrap_to_counts, bootstrap_within_class};
pub use given::given_parts;
pub use holdout::{Holdout, with_validation};
pub use iterative_stratification::iterative_stratification;
pub use k_fold::StratifiedKFold;
pub use moods_released::MoodsReleased;
pub use mubo_released::{DrawnTest, MuboReleased};
pub use stratify::Stratify;

use imb_core::{Error, Result};
use sha2::{Digest, Sha256};

/// The row numbers (from 0) of the three parts of a table. The validation part may be empty.
///
/// Rows keep the order that they were given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    n_rows: usize,
    train: Vec<usize>,
    validation: Vec<usize>,
    test: Vec<usize>,
    disjoint: bool,
}

impl Fold {
    /// A fold in which each of `n_rows` rows stands in exactly one part.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if train or test has no row; [`Error::InvalidParameter`] with the
    /// row that the table does not have, that stands twice, or that no part has.
    pub fn new(n_rows: usize, train: Vec<usize>, validation: Vec<usize>, test: Vec<usize>) -> Result<Self> {
        let fold = Self { n_rows, train, validation, test, disjoint: true };
        fold.require_rows_of_the_table()?;
        fold.require_each_row_once()?;
        Ok(fold)
    }

    /// A fold whose parts may share rows and repeat them, as some released code has it.
    ///
    /// Figures that come from such a fold compare with published ones and with nothing else: test
    /// rows may have been trained on.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if train or test has no row; [`Error::InvalidParameter`] with a
    /// row that the table does not have.
    pub fn overlapping_as_released(
        n_rows: usize,
        train: Vec<usize>,
        validation: Vec<usize>,
        test: Vec<usize>,
    ) -> Result<Self> {
        let fold = Self { n_rows, train, validation, test, disjoint: false };
        fold.require_rows_of_the_table()?;
        Ok(fold)
    }

    /// The rows to learn from.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// The rows to choose by; none if the protocol has none.
    pub fn validation(&self) -> &[usize] {
        &self.validation
    }

    /// The rows to be scored once.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// Number of rows of the table.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Whether each row of the table is known to stand in exactly one part.
    pub fn is_disjoint(&self) -> bool {
        self.disjoint
    }

    /// SHA-256 of the row numbers in hexadecimal, the same on every machine.
    ///
    /// Hashed are train, validation and test, in this order: each part as its length followed by
    /// its rows in their order, every number as eight bytes, the lowest first.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (_, part) in self.parts() {
            hasher.update((part.len() as u64).to_le_bytes());
            for &row in part {
                hasher.update((row as u64).to_le_bytes());
            }
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn parts(&self) -> [(&'static str, &[usize]); 3] {
        [("train", &self.train), ("validation", &self.validation), ("test", &self.test)]
    }

    fn require_rows_of_the_table(&self) -> Result<()> {
        for (name, part) in self.parts() {
            if part.is_empty() && name != "validation" {
                return Err(Error::LengthMismatch {
                    what: format!("rows of the {name} part, at least"),
                    expected: 1,
                    found: 0,
                });
            }
            if let Some(row) = part.iter().find(|row| **row >= self.n_rows) {
                return Err(Error::invalid_parameter(
                    format!("row number in the {name} part"),
                    format!("below the number of rows, {}", self.n_rows),
                    row,
                ));
            }
        }
        Ok(())
    }

    fn require_each_row_once(&self) -> Result<()> {
        let at_fault = |row: usize, value: String| {
            let requirement = "in exactly one part of the split, once";
            Err(Error::invalid_parameter(format!("row {row}"), requirement, value))
        };
        let mut part_of = vec![None; self.n_rows];
        for (name, part) in self.parts() {
            for &row in part {
                if let Some(other) = part_of[row].replace(name) {
                    return at_fault(row, format!("in {other} and in {name}"));
                }
            }
        }
        match part_of.iter().position(Option::is_none) {
            Some(row) => at_fault(row, "in none".into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{LabelMatrix, Labels, Seed};
    use ndarray::Array2;

    fn refusal(train: &[usize], validation: &[usize], test: &[usize]) -> String {
        let fold = Fold::new(4, train.into(), validation.into(), test.into());
        fold.expect_err("not a partition").to_string()
    }

    #[test]
    fn parts_must_be_disjoint_and_cover() {
        assert!(Fold::new(4, vec![3, 0], vec![1], vec![2]).expect("a partition").is_disjoint());
        assert!(refusal(&[0, 1], &[1], &[2, 3]).contains("row 1 must be"));
        assert!(refusal(&[0, 1, 0], &[], &[2, 3]).ends_with("is in train and in train"));
        assert!(refusal(&[0, 1], &[], &[3]).ends_with("is in none"));
        assert!(refusal(&[0, 1, 2], &[], &[4]).contains("below the number of rows, 4"));
        assert!(refusal(&[0, 1, 2, 3], &[], &[]).contains("test part"));
    }

    #[test]
    fn overlap_and_repeats_need_their_name() {
        let fold = Fold::overlapping_as_released(4, vec![0, 1], vec![3, 3], vec![1]);
        assert!(!fold.expect("rows of the table").is_disjoint());
        assert!(Fold::overlapping_as_released(4, vec![0, 1], vec![], vec![4]).is_err());
    }

    /// Value from Python's `hashlib` over the bytes that the documentation states.
    #[test]
    fn hash_is_that_of_the_documented_bytes() {
        let fold = Fold::new(4, vec![3, 0], vec![1], vec![2]).expect("a partition");
        assert_eq!(fold.hash(), "8fa17cf7b895e7296bbd5cae510d7557882f1efe3f9916d9dde919b5d1e20ccf");
        let other = Fold::new(4, vec![3, 0, 1], vec![], vec![2]).expect("a partition");
        assert_ne!(fold.hash(), other.hash(), "the same rows in the same order, cut elsewhere");
    }

    /// A change here moves every table of this workspace: it is value-breaking and belongs in the
    /// changelog under that word.
    #[test]
    fn splits_are_stable() {
        let texts: Vec<String> = (0..60).map(|row| (row % 7 % 3).to_string()).collect();
        let labels = Labels::from_texts(&texts);
        let on = Array2::from_shape_fn((60, 4), |(row, label)| row % (label + 2) == 0);
        let matrix = LabelMatrix::new(on, ["a", "b", "c", "d"].map(String::from).into()).expect("names");
        let rng = || Seed::new(42).child("split").rng();
        let fold = Holdout::default().split(&labels, &mut rng()).expect("valid");
        let folds = StratifiedKFold::default();
        let hashes = [
            fold.hash(),
            Holdout::default().split(&matrix, &mut rng()).expect("valid").hash(),
            folds.split(&labels, &mut rng()).expect("valid")[4].hash(),
            folds.split(&matrix, &mut rng()).expect("valid")[4].hash(),
            bootstrap_as_released(&fold, &labels, &mut rng()).expect("same table").hash(),
        ];
        assert_eq!(
            hashes.map(|hash| hash[..8].to_owned()),
            ["ccdbd217", "289d4751", "8b72a2b3", "203cf5c5", "41e0feb0"]
        );
    }
}
