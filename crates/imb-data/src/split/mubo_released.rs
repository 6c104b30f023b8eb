//! The splits of the code released with MUBO, and the rows that its loaders draw from them.
//!
//! One fifth of the rows tests, by scikit-learn's unstratified [`train_test_split`]; the others train, and
//! none validates. Shuttle has files of its own. Rows are numbered as that code reads them: it takes the first
//! line of every file for a header.
//!
//! Its two loaders then draw with replacement. Both redraw the minority rows, once for training and twice for
//! testing, so that about two thirds of them are left. They differ in the majority rows that test: the loader
//! for small data draws as many as there are, that for large data as many as there are minority rows. Such a
//! test set is balanced, and a method that calls many rows minority looks better on it. The majority rows that
//! train stay as they are.
//!
//! The program draws once when it starts, from an unseeded generator: those draws cannot be replayed, and these
//! are draws of our own.
//!
//! Code: <https://github.com/kkmedlin/MUBO>.

use imb_core::{Error, Labels, Result, Rng, Target};
use serde::{Deserialize, Serialize};

use crate::split::scikit_learn::{TrainTest, train_test_split};
use crate::split::{Fold, bootstrap_to_counts, given_parts};

/// A way in which the released code of MUBO makes its two parts, with its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MuboReleased {
    /// 20 % held out.
    HeldOut {
        /// `random_state` of the split.
        random_state: u32,
    },
    /// A training file and a test file. The rows of the training file come first.
    Files {
        /// Rows of the training file, as read.
        n_train: usize,
    },
}

/// The test set that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnTest {
    /// As many rows of each class as there are: the loader for small data.
    Natural,
    /// As many majority rows as there are minority rows: the loader for large data.
    Balanced,
    /// Nothing is drawn: the released code of SMOTified-GAN, from which MUBO has its splits.
    AsSplit,
}

impl MuboReleased {
    /// The split of a table with `n_rows` rows, before anything is drawn.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if there are too few rows for two parts.
    pub fn split(&self, n_rows: usize) -> Result<Fold> {
        match *self {
            Self::HeldOut { random_state } => {
                let TrainTest { train, test } = train_test_split(n_rows, 0.2, random_state)?;
                Fold::new(n_rows, train, Vec::new(), test)
            }
            Self::Files { n_train } if n_train < n_rows => given_parts(n_rows, 0..n_train, n_train..n_rows),
            Self::Files { n_train } => Err(Error::invalid_parameter(
                "rows of the training file",
                "fewer than of both files",
                n_train,
            )),
        }
    }
}

impl DrawnTest {
    /// The fold with the rows that the loader draws from it. The minority is that of the whole table.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] unless there are two classes; [`Error::TooFewRows`] if one of them has no row
    /// in train or test.
    pub fn draw(self, fold: &Fold, labels: &Labels, rng: &mut Rng) -> Result<Fold> {
        if self == Self::AsSplit {
            return Ok(fold.clone());
        }
        let (Some(minority), 2) = (labels.minority(), labels.classes().len()) else {
            let reason = "the released loaders know two classes".into();
            return Err(Error::NotApplicable { method: "MUBO's loaders".into(), reason });
        };
        let class = minority as usize;
        let members = |rows: &[usize]| -> Vec<usize> {
            rows.iter().copied().filter(|&row| labels.codes()[row] == minority).collect()
        };
        let mut draw = |rows: &[usize], counts: Vec<usize>| bootstrap_to_counts(rows, labels, &counts, rng);
        let of_minority = |count: usize| if class == 0 { vec![count, 0] } else { vec![0, count] };

        let mut train = draw(fold.train(), of_minority(members(fold.train()).len()))?;
        let majority = fold.train().iter().filter(|&&row| labels.codes()[row] != minority);
        train.extend(majority);

        let mut counts = labels.select(fold.test()).counts();
        let once = draw(fold.test(), of_minority(counts[class]))?;
        if self == Self::Balanced {
            counts[1 - class] = counts[class];
        }
        let majority = fold.test().iter().copied().filter(|&row| labels.codes()[row] != minority);
        let pool: Vec<usize> = majority.chain(once).collect();
        let test = draw(&pool, counts)?;
        Fold::overlapping_as_released(fold.n_rows(), train, Vec::new(), test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use std::collections::BTreeSet;

    /// Counts recorded from runs of the released code: Ecoli, as read, has its minority in rows 258 to 277.
    #[test]
    fn ecoli_has_the_counts_of_the_released_runs() {
        let fold = MuboReleased::HeldOut { random_state: 2 }.split(335).expect("enough rows");
        let minority = |part: &[usize]| part.iter().filter(|row| (258..278).contains(*row)).count();
        assert_eq!((fold.train().len() - 16, minority(fold.train())), (252, 16));
        assert_eq!((fold.test().len() - 4, minority(fold.test())), (63, 4));
        assert!(fold.validation().is_empty());
    }

    #[test]
    fn files_stay_what_they_are() {
        let files = MuboReleased::Files { n_train: 3 };
        let fold = files.split(5).expect("two parts");
        assert_eq!((fold.train(), fold.test()), (&[0, 1, 2][..], &[3, 4][..]));
        assert!(files.split(3).is_err());
    }

    #[test]
    fn drawn_sizes_are_natural_or_balanced() {
        let codes = (0..1_000).map(|row| u32::from(row % 10 == 0)).collect();
        let labels = Labels::new(codes, vec!["often".into(), "rare".into()]).expect("two classes");
        let fold = MuboReleased::HeldOut { random_state: 1 }.split(1_000).expect("enough rows");
        let [train, test] = [fold.train(), fold.test()].map(|part| labels.select(part).counts());
        for (drawn, majority) in [(DrawnTest::Natural, test[0]), (DrawnTest::Balanced, test[1])] {
            let drawn = drawn.draw(&fold, &labels, &mut Seed::new(1).rng()).expect("two classes");
            assert_eq!(labels.select(drawn.train()).counts(), train);
            assert_eq!(labels.select(drawn.test()).counts(), [majority, test[1]]);
            assert!(drawn.test().iter().all(|row| fold.test().contains(row)));
            let of_class = |rows: &[usize], class: u32| -> BTreeSet<usize> {
                rows.iter().copied().filter(|&row| labels.codes()[row] == class).collect()
            };
            assert_eq!(of_class(drawn.train(), 0).len(), train[0], "no majority row is left out");
            assert!(of_class(drawn.train(), 1).len() < train[1] * 3 / 4, "drawn with replacement");
        }
    }

    #[test]
    fn three_classes_are_refused() {
        let labels = Labels::from_texts(&["a", "b", "c", "a", "b", "c"]);
        let fold = MuboReleased::Files { n_train: 3 }.split(6).expect("two parts");
        assert!(DrawnTest::Natural.draw(&fold, &labels, &mut Seed::new(1).rng()).is_err());
        assert_eq!(DrawnTest::AsSplit.draw(&fold, &labels, &mut Seed::new(1).rng()).expect("as it is"), fold);
    }
}
