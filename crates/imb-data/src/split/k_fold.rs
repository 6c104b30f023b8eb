//! Stratified k-fold cross-validation: every row tests once, every fold has its share of each class.
//!
//! The counts of a class differ by at most one row between folds, and so do the sizes of the folds:
//! `by_class.rs` says how. Rows with several labels are dealt by
//! [iterative stratification](crate::split::iterative_stratification()).

use imb_core::{Result, Rng};
use serde::{Deserialize, Serialize};

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
        let mut folds = Vec::with_capacity(parts.len());
        for (tested, test) in parts.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|(part, _)| *part != tested);
            let mut train: Vec<usize> = others.flat_map(|(_, rows)| rows.iter().copied()).collect();
            train.sort_unstable();
            let fold = Fold::new(y.n_rows(), train, Vec::new(), test.clone())?;
            folds.push(with_validation(&fold, y, self.validation, rng)?);
        }
        Ok(folds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{LabelMatrix, Labels, Seed, Target};
    use ndarray::Array2;
    use proptest::prelude::*;

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
