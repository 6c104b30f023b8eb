//! Stratified holdout: one cut into train, validation and test in which every class keeps its share.
//!
//! **Rounding.** A class of `n` rows wants `n` × share rows of each part. Every part gets the whole
//! rows of that; the rows left over go, one each, to the parts that lack a fraction of a row, first
//! to the part that is most behind, counting what the classes dealt before it have left open. A tie
//! goes to train, then to test, then to validation. Classes are dealt from the rarest to the most
//! frequent, so the rare ones are rounded to the nearest and the frequent ones even out the sizes of
//! the parts. So each class is within one row of its share in each part.
//!
//! **Rare classes.** A class of two rows or more has at least one in train and one in test, where
//! test has a share; validation gets what is left, and only there may a class be further than a row
//! from its share. At 60/20/20 this touches classes of up to five rows. A class with one row cannot
//! be in both parts, which is an error that names it.
//!
//! Which rows of a class go where is drawn from the generator.

use imb_core::{Error, Labels, Result, Rng};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::split::stratify::{rows_by_class, single_row};
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
        let [train, validation, test] = y.hold_out(self, rng)?;
        Fold::new(y.n_rows(), train, validation, test)
    }

    /// The three shares, which sum to 1.
    pub(super) fn of_train_validation_test(&self) -> Result<[f64; 3]> {
        for (name, share) in [("validation", self.validation), ("test", self.test)] {
            if !(0.0..1.0).contains(&share) {
                return Err(not_a_share(name, share, "at least 0 and below 1"));
            }
        }
        let train = 1.0 - self.validation - self.test;
        if train < SMALLEST_SHARE {
            let held_out = self.validation + self.test;
            return Err(not_a_share("validation and test together", held_out, "below 1"));
        }
        Ok([train, self.validation, self.test])
    }
}

/// The fold with a stratified share of its training rows moved to validation.
///
/// # Errors
/// [`Error::InvalidParameter`] if the fold has validation rows, or the share is not at least 0 and
/// below 1; [`Error::LengthMismatch`] if the targets are not those of the fold's table.
pub fn with_validation<Y: Stratify>(fold: &Fold, y: &Y, share: f64, rng: &mut Rng) -> Result<Fold> {
    let [train, validation] = cut_part(fold, y, fold.train(), share, rng)?;
    Fold::new(fold.n_rows(), train, validation, fold.test().to_vec())
}

/// Cuts a part of a fold without validation rows in two: what stays, and the share for validation.
pub(super) fn cut_part<Y: Stratify>(
    fold: &Fold,
    y: &Y,
    part: &[usize],
    share: f64,
    rng: &mut Rng,
) -> Result<[Vec<usize>; 2]> {
    let (expected, found) = (fold.n_rows(), y.n_rows());
    if found != expected {
        return Err(Error::LengthMismatch { what: "targets of the rows to split".into(), expected, found });
    }
    if !fold.validation().is_empty() {
        return Err(Error::InvalidParameter {
            name: "validation rows of the fold".into(),
            requirement: "none, so that some can be made".into(),
            value: fold.validation().len().to_string(),
        });
    }
    let shares = Holdout { validation: share, test: 0.0 };
    let [stay, go, _] = y.select(part).hold_out(&shares, rng)?;
    Ok([stay, go].map(|places| places.into_iter().map(|place| part[place]).collect()))
}

const TRAIN: usize = 0;
const VALIDATION: usize = 1;
const TEST: usize = 2;

/// Shares and fractions of a row below this are nothing but rounding of binary fractions.
const SMALLEST_SHARE: f64 = 1e-9;

/// Train, validation and test rows, each in ascending order.
pub(super) fn hold_out_by_class(labels: &Labels, shares: &Holdout, rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
    let shares = shares.of_train_validation_test()?;
    let mut classes: Vec<(usize, Vec<usize>)> = rows_by_class(labels).into_iter().enumerate().collect();
    classes.retain(|(_, rows)| !rows.is_empty());
    classes.sort_by_key(|(class, rows)| (rows.len(), *class));
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let mut behind = [0.0; 3];
    for (class, mut rows) in classes {
        if rows.len() == 1 && shares[TEST] > 0.0 {
            return Err(single_row(labels, class));
        }
        rows.shuffle(rng);
        let mut rows = rows.into_iter();
        for (part, count) in parts.iter_mut().zip(apportion(rows.len(), shares, &mut behind)) {
            part.extend(rows.by_ref().take(count));
        }
    }
    parts.iter_mut().for_each(|part| part.sort_unstable());
    Ok(parts)
}

/// How many of a class's `n` rows each part gets; `behind` carries what rounding left open from
/// class to class.
fn apportion(n: usize, shares: [f64; 3], behind: &mut [f64; 3]) -> [usize; 3] {
    let exact = shares.map(|share| whole_if_near(share * n as f64));
    let mut counts = exact.map(|rows| rows.floor() as usize);
    if shares[TEST] > 0.0 {
        counts[TEST] = counts[TEST].max(1).min(n - 1);
    }
    counts[TRAIN] = counts[TRAIN].max(1).min(n - counts[TEST]);
    counts[VALIDATION] = counts[VALIDATION].min(n - counts[TRAIN] - counts[TEST]);
    for _ in counts.iter().sum()..n {
        let lacks = |part: usize| exact[part] - counts[part] as f64;
        let wants = |part: &usize| lacks(*part) + behind[*part];
        // The last of equals is taken, so the order here is the reverse of who wins a tie.
        let open = [VALIDATION, TEST, TRAIN].into_iter().filter(|part| lacks(*part) > 0.0);
        let part = open.max_by(|a, b| wants(a).total_cmp(&wants(b))).unwrap_or(TRAIN);
        counts[part] += 1;
    }
    for part in [TRAIN, VALIDATION, TEST] {
        behind[part] += exact[part] - counts[part] as f64;
    }
    counts
}

/// Shares such as 1 − 0.3 − 0.1 are a little off in binary; whole numbers of rows shall not be.
fn whole_if_near(rows: f64) -> f64 {
    let whole = rows.round();
    if (rows - whole).abs() < SMALLEST_SHARE * whole.max(1.0) { whole } else { rows }
}

fn not_a_share(name: &str, share: f64, requirement: &str) -> Error {
    Error::InvalidParameter {
        name: format!("share of {name}"),
        requirement: requirement.into(),
        value: share.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
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

    fn three_counts(n: usize) -> [usize; 3] {
        apportion(n, [0.6, 0.2, 0.2], &mut [0.0; 3])
    }

    #[test]
    fn small_classes_by_hand() {
        assert_eq!(three_counts(2), [1, 0, 1]);
        assert_eq!(three_counts(3), [2, 0, 1]);
        assert_eq!(three_counts(4), [2, 1, 1]);
        assert_eq!(three_counts(5), [3, 1, 1]);
        assert_eq!(three_counts(6), [4, 1, 1]);
        assert_eq!(three_counts(20), [12, 4, 4]);
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
