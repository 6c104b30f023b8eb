//! Stratified k-fold cross-validation: every row tests once, every fold has its share of each class.
//!
//! The counts of a class differ by at most one row between folds, and so do the sizes of the folds:
//! `by_class.rs` says how. Rows with several labels are dealt by
//! [iterative stratification](crate::split::iterative_stratification()).

use imb_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use crate::split::by_group::require_group_per_row;
use crate::split::stratify::{of_train_validation_test, require_folds};
use crate::split::{Fold, Stratify, with_validation};

/// Stratified k-fold; five folds with one fifth of each training part for validation by default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StratifiedKFold {
    /// Number of folds, at least 2.
    pub n_folds: usize,
    /// Share of each fold's training rows that validate, stratified again; 0 for none.
    pub validation: f64,
}

impl Default for StratifiedKFold {
    fn default() -> Self {
        Self { n_folds: 5, validation: 0.2 }
    }
}

impl StratifiedKFold {
    /// One fold for each part that tests; rows in ascending order.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) unless there are two folds or more, and a row for
    /// each, and the share of validation is at least 0 and below 1;
    /// [`TooFewRows`](imb_core::Error::TooFewRows) for a class with a single row.
    pub fn split<Y: Stratify>(&self, y: &Y, rng: &mut Rng) -> Result<Vec<Fold>> {
        let parts = y.deal(self.n_folds, rng)?;
        parts.iter().map(|test| with_validation(&fold_of(&parts, test)?, y, self.validation, rng)).collect()
    }

    /// The same with whole groups of rows: all rows of a group train, validate or test together. `groups` names
    /// the group of each row.
    ///
    /// The folds are as stratified as `by_group.rs` finds. A class in few groups may be missing in a part.
    ///
    /// ```
    /// use imb_core::{Labels, Seed};
    /// use imb_data::split::StratifiedKFold;
    ///
    /// let labels = Labels::from_texts(&["ill", "ill", "well", "well", "ill", "well", "well", "well"]);
    /// let patients = [1, 1, 2, 2, 3, 4, 4, 4];
    /// let folds = StratifiedKFold { n_folds: 2, validation: 0.0 };
    /// for fold in folds.split_groups(&labels, &patients, &mut Seed::new(1).rng())? {
    ///     assert_eq!(fold.test().contains(&0), fold.test().contains(&1));
    /// }
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`LengthMismatch`](imb_core::Error::LengthMismatch) unless each row has a group;
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) as [`split`](Self::split), for fewer groups than
    /// folds, for a class whose rows all belong to one group, and for a single group in a training part of
    /// which a share is to validate.
    pub fn split_groups<Y: Stratify>(&self, y: &Y, groups: &[u64], rng: &mut Rng) -> Result<Vec<Fold>> {
        require_group_per_row(groups, y.n_rows())?;
        require_folds(self.n_folds, y.n_rows())?;
        let [stay, go, _] = of_train_validation_test([self.validation, 0.0])?;
        y.require_two_groups(groups)?;
        let parts = y.deal_groups(groups, &vec![1.0 / self.n_folds as f64; self.n_folds], rng)?;
        let mut folds = Vec::with_capacity(parts.len());
        for test in &parts {
            let fold = fold_of(&parts, test)?;
            if go == 0.0 {
                folds.push(fold);
                continue;
            }
            let rows = fold.train();
            let train_groups: Vec<u64> = rows.iter().map(|&row| groups[row]).collect();
            let dealt = y.select(rows).deal_groups(&train_groups, &[stay, go], rng)?;
            let mut dealt = dealt.into_iter().map(|part| part.into_iter().map(|place| rows[place]).collect());
            let [train, validation] = [0, 1].map(|_| dealt.next().unwrap_or_default());
            folds.push(Fold::new(y.n_rows(), train, validation, test.clone())?);
        }
        Ok(folds)
    }
}

/// The fold that tests one of the parts and trains on all others.
fn fold_of(parts: &[Vec<usize>], test: &[usize]) -> Result<Fold> {
    let others = parts.iter().filter(|part| part.as_slice() != test);
    let mut train: Vec<usize> = others.flatten().copied().collect();
    train.sort_unstable();
    Fold::new(train.len() + test.len(), train, Vec::new(), test.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{LabelMatrix, Labels, Seed, Target};
    use ndarray::Array2;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn labels(counts: &[usize]) -> Labels {
        let codes = (0u32..).zip(counts).flat_map(|(class, &n)| vec![class; n]).collect();
        let names = (0..counts.len()).map(|class| class.to_string()).collect();
        Labels::new(codes, names).expect("codes below the number of classes")
    }

    fn spread(counts: impl Iterator<Item = usize> + Clone) -> usize {
        counts.clone().max().unwrap_or(0) - counts.min().unwrap_or(0)
    }

    #[test]
    fn what_cannot_be_dealt_is_refused() {
        let mut rng = Seed::new(1).rng();
        let folds = |n_folds| StratifiedKFold { n_folds, validation: 0.0 };
        assert!(folds(1).split(&labels(&[4, 4]), &mut rng).is_err());
        assert!(folds(9).split(&labels(&[4, 4]), &mut rng).is_err());
        let error = folds(2).split(&labels(&[4, 1]), &mut rng).expect_err("one row").to_string();
        assert!(error.starts_with("class \"1\" has 1 rows"), "{error}");
        let too_much = StratifiedKFold { n_folds: 2, validation: 1.0 };
        assert!(too_much.split(&labels(&[4, 4]), &mut rng).is_err());
    }

    #[test]
    fn groups_that_cannot_be_dealt_are_refused() {
        let labels = labels(&[4, 2]);
        let refusal = |n_folds, groups: &[u64]| {
            let folds = StratifiedKFold { n_folds, validation: 0.0 };
            let error = folds.split_groups(&labels, groups, &mut Seed::new(1).rng());
            error.expect_err("cannot be dealt").to_string()
        };
        assert!(refusal(3, &[1, 1, 2, 2, 1, 2]).contains("at least 3, one for each part"));
        assert!(refusal(2, &[1, 2, 3, 4, 5, 5]).contains("rows of class \"1\""));
        assert!(refusal(2, &[1, 2]).contains("groups, one per row"));
        assert!(refusal(1, &[1, 2, 3, 4, 5, 6]).contains("n_folds"));
    }

    #[test]
    fn groups_of_rows_with_several_labels_stay_together() {
        let on = Array2::from_shape_fn((60, 3), |(row, label)| row % (label + 2) == 0);
        let labels = LabelMatrix::new(on, ["a", "b", "c"].map(String::from).into()).expect("three labels");
        let groups: Vec<u64> = (0..60).map(|row| row / 3).collect();
        let mut rng = Seed::new(2).rng();
        for fold in StratifiedKFold::default().split_groups(&labels, &groups, &mut rng).expect("valid") {
            assert_eq!(fold.test().len(), 12);
            assert!(fold.test().chunks(3).all(|rows| rows[2] - rows[0] == 2 && rows[0] % 3 == 0));
        }
    }

    #[test]
    fn rows_with_several_labels_are_dealt_too() {
        let on = Array2::from_shape_fn((50, 3), |(row, label)| row % (label + 2) == 0);
        let names = ["a", "b", "c"].map(String::from).into();
        let labels = LabelMatrix::new(on, names).expect("three labels");
        let folds = StratifiedKFold::default().split(&labels, &mut Seed::new(2).rng()).expect("valid");
        for fold in folds {
            assert_eq!((fold.test().len(), fold.validation().len()), (10, 8));
            assert_eq!(labels.select(fold.test()).positives()[0], 5);
        }
    }

    proptest! {
        #[test]
        fn classes_and_sizes_differ_by_a_row_at_most(
            counts in prop::collection::vec(2usize..40, 2..6),
            n_folds in 2usize..5,
            seed: u64,
        ) {
            let labels = labels(&counts);
            let folds = StratifiedKFold { n_folds, validation: 0.2 };
            let folds = folds.split(&labels, &mut Seed::new(seed).rng()).expect("two rows a class");
            let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test().to_vec()).collect();
            tested.sort_unstable();
            prop_assert!(tested.into_iter().eq(0..labels.n_rows()), "each row tests once");
            prop_assert!(spread(folds.iter().map(|fold| fold.test().len())) <= 1);
            for class in 0..counts.len() {
                let in_test = folds.iter().map(|fold| labels.select(fold.test()).counts()[class]);
                prop_assert!(spread(in_test) <= 1);
                for fold in &folds {
                    let train = labels.select(fold.train()).counts()[class];
                    let validation = labels.select(fold.validation()).counts()[class];
                    let off = (validation as f64 - 0.2 * (train + validation) as f64).abs();
                    prop_assert!(train >= 1 && off < 1.0);
                }
            }
        }

        #[test]
        fn groups_stay_together(
            rows in prop::collection::vec((0u32..3, 0u64..30), 40..150),
            n_folds in 2usize..6,
            validation in prop::sample::select(vec![0.0, 0.2]),
            seed: u64,
        ) {
            let (codes, groups): (Vec<u32>, Vec<u64>) = rows.into_iter().unzip();
            let labels = Labels::new(codes, ["a", "b", "c"].map(String::from).into()).expect("three classes");
            let split = |seed| {
                let folds = StratifiedKFold { n_folds, validation };
                folds.split_groups(&labels, &groups, &mut Seed::new(seed).rng())
            };
            prop_assume!(split(seed).is_ok());
            let folds = split(seed).expect("enough groups");
            let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test().to_vec()).collect();
            tested.sort_unstable();
            prop_assert!(tested.into_iter().eq(0..labels.n_rows()), "each row tests once");
            for fold in &folds {
                let groups_of = |part: &[usize]| -> BTreeSet<u64> { part.iter().map(|row| groups[*row]).collect() };
                let [train, validation, test] =
                    [fold.train(), fold.validation(), fold.test()].map(groups_of);
                prop_assert!(train.is_disjoint(&validation) && train.is_disjoint(&test));
                prop_assert!(validation.is_disjoint(&test));
            }
            prop_assert_eq!(folds, split(seed).expect("as before"));
        }

        #[test]
        fn groups_of_two_equal_rows_are_stratified(n in 4usize..30, seed: u64) {
            // Four folds; each class has 4 n groups of two rows.
            let labels = labels(&[8 * n, 8 * n]);
            let groups: Vec<u64> = (0..16 * n as u64).map(|row| row / 2).collect();
            let folds = StratifiedKFold { n_folds: 4, validation: 0.0 };
            let folds = folds.split_groups(&labels, &groups, &mut Seed::new(seed).rng()).expect("enough groups");
            for fold in &folds {
                prop_assert_eq!(labels.select(fold.test()).counts(), vec![2 * n, 2 * n]);
            }
        }

        #[test]
        fn rows_depend_on_the_seed_only(seed: u64) {
            let labels = labels(&[30, 12]);
            let first = |seed| {
                let folds = StratifiedKFold::default().split(&labels, &mut Seed::new(seed).rng());
                folds.expect("valid")[0].hash()
            };
            prop_assert_eq!(first(seed), first(seed));
            prop_assert_ne!(first(seed), first(seed ^ 1));
        }
    }
}
