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
use serde::{Deserialize, Serialize};

use crate::split::Fold;
use crate::split::scikit_learn::{TrainTest, train_test_split};

/// A way in which the released code makes its three parts, with its seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
    Error::invalid_parameter(
        "number of rows of both files",
        format!("at least two more than those of the training file, {n_train}"),
        n_rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::scikit_learn::reference;
    use serde::Deserialize;
    use std::collections::BTreeSet;

    const ECOLI: MoodsReleased = MoodsReleased::HeldOutHalved { random_states: [2, 1002] };
    const ABALONE: MoodsReleased = MoodsReleased::FullTableHalved { random_states: [10, 10] };
    const SHUTTLE: MoodsReleased = MoodsReleased::TestFileHalved { n_train: 43_499, random_state: 1 };

    fn halved(first: u32, second: u32) -> MoodsReleased {
        MoodsReleased::HeldOutHalved { random_states: [first, second] }
    }

    #[derive(Deserialize)]
    struct Released {
        lengths: [usize; 3],
        sha256: String,
    }

    #[test]
    fn rows_equal_those_of_the_released_calls() {
        let all = [
            ("ecoli", ECOLI, 335),
            ("yeast", halved(5, 1005), 513),
            ("winequality", halved(0, 1), 655),
            ("abalone", ABALONE, 4_177),
            ("spambase", halved(0, 0), 4_600),
            ("shuttle", SHUTTLE, 57_998),
            ("connect4", halved(1, 1), 376_640),
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
        let fold = ECOLI.split(335).expect("enough rows");
        let minority = |part: &[usize]| part.iter().filter(|row| (258..278).contains(*row)).count();
        assert_eq!([fold.train(), fold.test(), fold.validation()].map(minority), [13, 6, 1]);
        assert!(fold.is_disjoint());
    }

    #[test]
    fn abalone_is_tested_on_training_rows() {
        let fold = ABALONE.split(4_177).expect("enough rows");
        let train: BTreeSet<_> = fold.train().iter().collect();
        let trained_on = |part: &[usize]| part.iter().filter(|row| train.contains(row)).count();
        assert_eq!((trained_on(fold.test()), fold.test().len()), (2_088, 2_088));
        assert_eq!((trained_on(fold.validation()), fold.validation().len()), (418, 2_089));
        assert!(!fold.is_disjoint());
    }

    #[test]
    fn too_few_rows_are_refused() {
        for released in [ECOLI, ABALONE, SHUTTLE] {
            assert!(released.split(1).is_err());
        }
        assert!(SHUTTLE.split(43_500).is_err());
    }
}
