//! The splits of the code released with MOODS, row by row.
//!
//! That code holds out 40 % of the rows by scikit-learn's unstratified
//! [`train_test_split`] and halves them: the part that
//! scikit-learn calls train tests, the other validates. Two data sets go another way:
//!
//! - **Abalone** splits the full table a second time, with the same seed, instead of the held-out
//!   rows. All 2,088 test rows are training rows, and so are 418 of the 2,089 validation rows.
//! - **Shuttle** trains on the archive's training file and halves the test file.
//!
//! Rows are numbered as that code reads them: it takes the first line of every file for a header,
//! so where the file has none, the first row is lost. Test and validation rows are then replaced by
//! a [bootstrap](crate::split::bootstrap_as_released), which came from an unseeded generator: that
//! step is apart from this one and can only be drawn anew.
//!
//! Code: <https://github.com/kkmedlin/MOODS>.

use imb_core::{Error, Result};

use crate::split::Fold;
use crate::split::scikit_learn::{TrainTest, train_test_split};

/// A way in which the released code makes its three parts, with its seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoodsReleased {
    /// 40 % held out, then halved.
    HeldOutHalved {
        /// `random_state` of the first and of the second split.
        random_states: [u32; 2],
    },
    /// 40 % held out for nothing, then the full table halved: test rows are training rows.
    FullTableHalved {
        /// `random_state` of the first and of the second split.
        random_states: [u32; 2],
    },
    /// A training file, and a test file that is halved. The rows of the training file come first.
    TestFileHalved {
        /// Rows of the training file, as read.
        n_train: usize,
        /// `random_state` of the split of the test file.
        random_state: u32,
    },
}

impl MoodsReleased {
    /// Ecoli, 335 rows as read.
    pub const ECOLI: Self = Self::HeldOutHalved { random_states: [2, 1002] };
    /// Yeast, 513 rows as read.
    pub const YEAST: Self = Self::HeldOutHalved { random_states: [5, 1005] };
    /// Winequality, 655 rows as read.
    pub const WINEQUALITY: Self = Self::HeldOutHalved { random_states: [0, 1] };
    /// Abalone, 4,177 rows (its file has a header).
    pub const ABALONE: Self = Self::FullTableHalved { random_states: [10, 10] };
    /// Spambase, 4,600 rows as read.
    pub const SPAMBASE: Self = Self::HeldOutHalved { random_states: [0, 0] };
    /// Shuttle, 43,499 + 14,499 rows as read.
    pub const SHUTTLE: Self = Self::TestFileHalved { n_train: 43_499, random_state: 1 };
    /// Connect4, 376,640 rows (its file has a header), sorted by winner as the code sorts them.
    pub const CONNECT4: Self = Self::HeldOutHalved { random_states: [1, 1] };

    /// The split of a table with `n_rows` rows, in the order of the released code, before the
    /// bootstrap.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if there are too few rows for three parts.
    pub fn split(&self, n_rows: usize) -> Result<Fold> {
        match *self {
            Self::HeldOutHalved { random_states: [first, second] } => {
                let TrainTest { train, test: held_out } = train_test_split(n_rows, 0.4, first)?;
                let [test, validation] = halve(&held_out, second)?;
                Fold::new(n_rows, train, validation, test)
            }
            Self::FullTableHalved { random_states: [first, second] } => {
                let train = train_test_split(n_rows, 0.4, first)?.train;
                let everything: Vec<usize> = (0..n_rows).collect();
                let [test, validation] = halve(&everything, second)?;
                Fold::overlapping_as_released(n_rows, train, validation, test)
            }
            Self::TestFileHalved { n_train, random_state } => {
                let test_file: Vec<usize> = (n_train..n_rows).collect();
                if test_file.len() < 2 {
                    return Err(no_test_file(n_train, n_rows));
                }
                let [test, validation] = halve(&test_file, random_state)?;
                Fold::new(n_rows, (0..n_train).collect(), validation, test)
            }
        }
    }
}

/// Test and validation rows.
fn halve(rows: &[usize], random_state: u32) -> Result<[Vec<usize>; 2]> {
    let TrainTest { train, test } = train_test_split(rows.len(), 0.5, random_state)?;
    Ok([train, test].map(|places| places.into_iter().map(|place| rows[place]).collect()))
}

fn no_test_file(n_train: usize, n_rows: usize) -> Error {
    Error::InvalidParameter {
        name: "number of rows of both files".into(),
        requirement: format!("at least two more than those of the training file, {n_train}"),
        value: n_rows.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::scikit_learn::reference;
    use serde::Deserialize;
    use std::collections::BTreeSet;

    #[derive(Deserialize)]
    struct Released {
        lengths: [usize; 3],
        sha256: String,
    }

    #[test]
    fn rows_equal_those_of_the_released_calls() {
        let all = [
            ("ecoli", MoodsReleased::ECOLI, 335),
            ("yeast", MoodsReleased::YEAST, 513),
            ("winequality", MoodsReleased::WINEQUALITY, 655),
            ("abalone", MoodsReleased::ABALONE, 4_177),
            ("spambase", MoodsReleased::SPAMBASE, 4_600),
            ("shuttle", MoodsReleased::SHUTTLE, 57_998),
            ("connect4", MoodsReleased::CONNECT4, 376_640),
        ];
        let mut reference = reference::named("released_splits");
        for (name, released, n_rows) in all {
            let expected: Released = serde_json::from_value(reference[name].take()).expect("a split");
            let fold = released.split(n_rows).expect("enough rows");
            let lengths = [fold.train(), fold.validation(), fold.test()].map(<[usize]>::len);
            assert_eq!(lengths, expected.lengths, "{name}");
            assert_eq!(fold.hash(), expected.sha256, "{name}");
        }
    }

    /// The minority rows of Ecoli, as read, are rows 258 to 277 of 335.
    #[test]
    fn ecoli_has_one_validation_row_of_the_minority() {
        let fold = MoodsReleased::ECOLI.split(335).expect("enough rows");
        let minority = |part: &[usize]| part.iter().filter(|row| (258..278).contains(*row)).count();
        assert_eq!([fold.train(), fold.test(), fold.validation()].map(minority), [13, 6, 1]);
        assert!(fold.is_disjoint());
    }

    #[test]
    fn abalone_is_tested_on_training_rows() {
        let fold = MoodsReleased::ABALONE.split(4_177).expect("enough rows");
        let train: BTreeSet<_> = fold.train().iter().collect();
        let trained_on = |part: &[usize]| part.iter().filter(|row| train.contains(row)).count();
        assert_eq!((trained_on(fold.test()), fold.test().len()), (2_088, 2_088));
        assert_eq!((trained_on(fold.validation()), fold.validation().len()), (418, 2_089));
        assert!(!fold.is_disjoint());
    }

    #[test]
    fn too_few_rows_are_refused() {
        for released in [MoodsReleased::ECOLI, MoodsReleased::ABALONE, MoodsReleased::SHUTTLE] {
            assert!(released.split(1).is_err());
        }
        assert!(MoodsReleased::SHUTTLE.split(43_500).is_err());
    }
}
