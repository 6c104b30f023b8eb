//! Targets by which rows can be stratified, so that every part gets its share of each class.

use imb_core::{Error, LabelMatrix, Labels, Result, Rng, Target};

use crate::split::by_class::{self, SMALLEST_SHARE};
use crate::split::by_group;
use crate::split::iterative_stratification;

/// Targets by which rows can be stratified: [`Labels`] by class, [`LabelMatrix`] by
/// [iterative stratification](iterative_stratification()).
///
/// [`Holdout::split`](crate::split::Holdout::split) and
/// [`StratifiedKFold::split`](crate::split::StratifiedKFold::split) make folds of what is dealt here.
pub trait Stratify: Target {
    /// Deals all rows to train, validation and test, each part in ascending order. The shares are those of
    /// validation and test; training rows are the rest.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless both shares are at least 0 and leave training rows;
    /// [`Error::TooFewRows`] for a class that cannot be in both train and test.
    fn hold_out(&self, shares: [f64; 2], rng: &mut Rng) -> Result<[Vec<usize>; 3]>;

    /// Deals all rows to `n_folds` parts of one size, each in ascending order.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless there are two folds or more, and a row for each;
    /// [`Error::TooFewRows`] for a class with a single row.
    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>>;

    /// Deals whole groups of rows to one part for each share, each part in ascending order. `groups` names the
    /// group of each row.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for fewer groups than parts.
    fn deal_groups(&self, groups: &[u64], shares: &[f64], rng: &mut Rng) -> Result<Vec<Vec<usize>>>;

    /// Refuses groups that leave the rows of a class in train or in test only. Of rows with several labels
    /// nothing is refused: a rare label may be in one part, as without groups.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a class whose rows all belong to one group.
    fn require_two_groups(&self, _groups: &[u64]) -> Result<()> {
        Ok(())
    }
}

impl Stratify for Labels {
    fn hold_out(&self, shares: [f64; 2], rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
        by_class::hold_out(self, of_train_validation_test(shares)?, rng)
    }

    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        require_folds(n_folds, self.n_rows())?;
        by_class::deal(self, n_folds, rng)
    }

    fn deal_groups(&self, groups: &[u64], shares: &[f64], rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        let classes_of = |row: usize| vec![self.codes()[row] as usize];
        by_group::deal(groups, shares, self.classes().len(), classes_of, rng)
    }

    fn require_two_groups(&self, groups: &[u64]) -> Result<()> {
        by_group::require_two_groups(self, groups)
    }
}

impl Stratify for LabelMatrix {
    fn hold_out(&self, shares: [f64; 2], rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
        let shares = of_train_validation_test(shares)?;
        let wanted: Vec<f64> = shares.into_iter().filter(|share| *share > 0.0).collect();
        let mut dealt = iterative_stratification(self, &wanted, rng)?.into_iter();
        Ok(shares.map(|share| if share > 0.0 { dealt.next().unwrap_or_default() } else { Vec::new() }))
    }

    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        require_folds(n_folds, self.n_rows())?;
        iterative_stratification(self, &vec![1.0 / n_folds as f64; n_folds], rng)
    }

    fn deal_groups(&self, groups: &[u64], shares: &[f64], rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        let labels_of =
            |row: usize| (0..self.n_labels()).filter(|&label| self.view()[[row, label]]).collect();
        by_group::deal(groups, shares, self.n_labels(), labels_of, rng)
    }
}

/// The shares of train, validation and test, which sum to 1.
pub(super) fn of_train_validation_test([validation, test]: [f64; 2]) -> Result<[f64; 3]> {
    for (name, share) in [("validation", validation), ("test", test)] {
        if !(0.0..1.0).contains(&share) {
            return Err(not_a_share(name, share, "at least 0 and below 1"));
        }
    }
    let train = 1.0 - validation - test;
    if train < SMALLEST_SHARE {
        let held_out = validation + test;
        return Err(not_a_share("validation and test together", held_out, "below 1"));
    }
    Ok([train, validation, test])
}

fn not_a_share(name: &str, share: f64, requirement: &str) -> Error {
    Error::invalid_parameter(format!("share of {name}"), requirement, share)
}

/// Refuses fewer than two folds, and more folds than rows.
pub(super) fn require_folds(n_folds: usize, n_rows: usize) -> Result<()> {
    if (2..=n_rows).contains(&n_folds) {
        return Ok(());
    }
    Err(Error::invalid_parameter(
        "n_folds",
        format!("at least 2 and at most the number of rows, {n_rows}"),
        n_folds,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use ndarray::Array2;

    #[test]
    fn a_part_without_a_share_stays_empty() {
        let on = Array2::from_shape_fn((40, 2), |(row, label)| row % (label + 2) == 0);
        let labels = LabelMatrix::new(on, vec!["a".into(), "b".into()]).expect("two labels");
        let [train, validation, test] =
            labels.hold_out([0.0, 0.25], &mut Seed::new(1).rng()).expect("valid shares");
        assert_eq!((train.len(), validation.len(), test.len()), (30, 0, 10));
    }
}
