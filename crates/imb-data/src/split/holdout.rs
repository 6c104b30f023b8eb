//! Stratified holdout: one cut into train, validation and test in which every class keeps its share.
//!
//! `by_class.rs` says how the rows of classes are rounded and dealt; rows with several labels are dealt by
//! [iterative stratification](crate::split::iterative_stratification()).

use imb_core::{Error, Result, Rng};
use serde::{Deserialize, Serialize};

use crate::split::{Fold, Stratify};

/// The shares of a stratified holdout; training rows are the rest. 60/20/20 by default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// Share of the rows that validate; 0 for a split into two.
    pub validation: f64,
    /// Share of the rows that test.
    pub test: f64,
}

impl Default for Holdout {
    fn default() -> Self {
        Self { validation: 0.2, test: 0.2 }
    }
}

impl Holdout {
    /// Splits the rows of these targets, each part in ascending order.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless both shares are at least 0 and leave training rows;
    /// [`Error::TooFewRows`] for a class with a single row; [`Error::LengthMismatch`] if there are
    /// too few rows for a test part.
    pub fn split<Y: Stratify>(&self, y: &Y, rng: &mut Rng) -> Result<Fold> {
        let [train, validation, test] = y.hold_out([self.validation, self.test], rng)?;
        Fold::new(y.n_rows(), train, validation, test)
    }
}

/// The fold with a stratified share of its training rows moved to validation.
///
/// # Errors
/// [`Error::InvalidParameter`] if the fold has validation rows, or the share is not at least 0 and
/// below 1; [`Error::LengthMismatch`] if the targets are not those of the fold's table.
pub fn with_validation<Y: Stratify>(fold: &Fold, y: &Y, share: f64, rng: &mut Rng) -> Result<Fold> {
    let (expected, found) = (fold.n_rows(), y.n_rows());
    if found != expected {
        return Err(Error::LengthMismatch { what: "targets of the rows to split".into(), expected, found });
    }
    if !fold.validation().is_empty() {
        return Err(Error::invalid_parameter(
            "validation rows of the fold",
            "none, so that some can be made",
            fold.validation().len(),
        ));
    }
    let [stay, go, _] = y.select(fold.train()).hold_out([share, 0.0], rng)?;
    let rows = |places: Vec<usize>| places.into_iter().map(|place| fold.train()[place]).collect();
    Fold::new(fold.n_rows(), rows(stay), rows(go), fold.test().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Labels, Seed};
    use proptest::prelude::*;

    /// Labels with these numbers of rows a class, the classes mixed through the table.
    fn labels(counts: &[usize]) -> Labels {
        let most = counts.iter().max().copied().unwrap_or(0);
        let turns = (0..most).flat_map(|turn| (0..counts.len()).filter(move |&class| turn < counts[class]));
        let codes = turns.map(|class| class as u32).collect();
        let names = (0..counts.len()).map(|class| format!("class {class}")).collect();
        Labels::new(codes, names).expect("codes below the number of classes")
    }

    fn counts_of(labels: &Labels, part: &[usize]) -> Vec<usize> {
        imb_core::Target::select(labels, part).counts()
    }

    #[test]
    fn frequent_classes_even_out_the_sizes() {
        let labels = labels(&[638, 18]);
        let fold = Holdout::default().split(&labels, &mut Seed::new(3).rng()).expect("two classes");
        assert_eq!(counts_of(&labels, fold.train()), [383, 11]);
        assert_eq!(counts_of(&labels, fold.validation()), [128, 3]);
        assert_eq!(counts_of(&labels, fold.test()), [127, 4]);
    }

    #[test]
    fn a_class_with_one_row_is_named() {
        let mut rng = Seed::new(1).rng();
        let error = Holdout::default().split(&labels(&[9, 1]), &mut rng).expect_err("one row");
        assert!(error.to_string().starts_with("class \"class 1\" has 1 rows, but 2 are needed"), "{error}");
    }

    #[test]
    fn shares_must_leave_training_rows() {
        let mut rng = Seed::new(1).rng();
        for (validation, test) in [(0.5, 0.5), (-0.1, 0.2), (0.2, 1.0), (f64::NAN, 0.2), (0.9, 0.4)] {
            assert!(Holdout { validation, test }.split(&labels(&[9, 9]), &mut rng).is_err());
        }
        assert!(Holdout { validation: 0.2, test: 0.0 }.split(&labels(&[9, 9]), &mut rng).is_err());
    }

    #[test]
    fn a_class_with_one_training_row_stays_in_train() {
        let labels = labels(&[20, 2]);
        let mut rng = Seed::new(5).rng();
        let fold = Holdout { validation: 0.0, test: 0.3 }.split(&labels, &mut rng).expect("two classes");
        let fold = with_validation(&fold, &labels, 0.5, &mut rng).expect("no validation rows before");
        assert_eq!(counts_of(&labels, fold.train()), [7, 1]);
        assert_eq!(counts_of(&labels, fold.validation()), [7, 0]);
        assert!(with_validation(&fold, &labels, 0.5, &mut rng).is_err(), "has validation rows");
    }

    proptest! {
        #[test]
        fn each_class_is_within_a_row_of_its_share(
            counts in prop::collection::vec(2usize..60, 1..7),
            validation in 0.0..0.4f64,
            test in 0.05..0.4f64,
            seed: u64,
        ) {
            let labels = labels(&counts);
            let shares = Holdout { validation, test };
            let fold = shares.split(&labels, &mut Seed::new(seed).rng()).expect("two rows a class");
            let [train_counts, validation_counts, test_counts] =
                [fold.train(), fold.validation(), fold.test()].map(|part| counts_of(&labels, part));
            for (class, &n) in counts.iter().enumerate() {
                let off = |count: usize, share: f64| (count as f64 - share * n as f64).abs();
                prop_assert!(train_counts[class] >= 1 && test_counts[class] >= 1);
                prop_assert!(off(train_counts[class], 1.0 - validation - test) < 1.0 + 1e-6);
                prop_assert!(off(test_counts[class], test) < 1.0 + 1e-6);
                prop_assert!(off(validation_counts[class], validation) < 1.0 + 1e-6 || n <= 5);
            }
            let n_rows: usize = counts.iter().sum();
            let off = |part: &[usize], share: f64| (part.len() as f64 - share * n_rows as f64).abs();
            prop_assert!(counts.iter().any(|n| *n < 20) || off(fold.test(), test) < 2.0);
            prop_assert!(counts.iter().any(|n| *n < 20) || off(fold.validation(), validation) < 2.0);
        }

        #[test]
        fn rows_depend_on_the_seed_only(counts in prop::collection::vec(10usize..40, 2..4), seed: u64) {
            let labels = labels(&counts);
            let split = |seed| Holdout::default().split(&labels, &mut Seed::new(seed).rng()).expect("valid");
            prop_assert_eq!(split(seed), split(seed));
            prop_assert_ne!(split(seed).hash(), split(seed ^ 1).hash());
        }
    }
}
