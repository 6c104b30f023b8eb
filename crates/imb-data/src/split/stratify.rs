//! Targets by which rows can be stratified, so that every part gets its share of each class.

use imb_core::{Error, LabelMatrix, Labels, Result, Rng, Target};

use crate::split::{Holdout, holdout, iterative_stratification, k_fold};

/// Targets by which rows can be stratified: [`Labels`] by class, [`LabelMatrix`] by
/// [iterative stratification](iterative_stratification()).
///
/// [`Holdout::split`] and [`StratifiedKFold::split`](crate::split::StratifiedKFold::split) make
/// folds of what is dealt here.
pub trait Stratify: Target {
    /// Deals all rows to train, validation and test, each part in ascending order.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for shares that leave no training rows;
    /// [`Error::TooFewRows`] for a class that cannot be in both train and test.
    fn hold_out(&self, shares: &Holdout, rng: &mut Rng) -> Result<[Vec<usize>; 3]>;

    /// Deals all rows to `n_folds` parts of one size, each in ascending order.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless there are two folds or more, and a row for each;
    /// [`Error::TooFewRows`] for a class with a single row.
    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>>;
}

impl Stratify for Labels {
    fn hold_out(&self, shares: &Holdout, rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
        holdout::hold_out_by_class(self, shares, rng)
    }

    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        k_fold::require_folds(n_folds, self.n_rows())?;
        k_fold::deal_by_class(self, n_folds, rng)
    }
}

impl Stratify for LabelMatrix {
    fn hold_out(&self, shares: &Holdout, rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
        let shares = shares.of_train_validation_test()?;
        let wanted: Vec<f64> = shares.into_iter().filter(|share| *share > 0.0).collect();
        let mut dealt = iterative_stratification(self, &wanted, rng)?.into_iter();
        Ok(shares.map(|share| if share > 0.0 { dealt.next().unwrap_or_default() } else { Vec::new() }))
    }

    fn deal(&self, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        k_fold::require_folds(n_folds, self.n_rows())?;
        iterative_stratification(self, &vec![1.0 / n_folds as f64; n_folds], rng)
    }
}

/// The rows of each class in ascending order, by class number.
pub(super) fn rows_by_class(labels: &Labels) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); labels.classes().len()];
    for (row, &class) in labels.codes().iter().enumerate() {
        rows[class as usize].push(row);
    }
    rows
}

/// The error for a class that has one row where train and test need one each.
pub(super) fn single_row(labels: &Labels, class: usize) -> Error {
    Error::TooFewRows {
        class: format!("class \"{}\"", labels.classes()[class]),
        has: 1,
        needs: 2,
        remedy: "train and test need a row each; drop the class or join it with another".into(),
    }
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
        let shares = Holdout { validation: 0.0, test: 0.25 };
        let [train, validation, test] =
            labels.hold_out(&shares, &mut Seed::new(1).rng()).expect("valid shares");
        assert_eq!((train.len(), validation.len(), test.len()), (30, 0, 10));
    }
}
