//! Splits that come with the data: files named train and test.
//!
//! The rows of both files stand in one table, one file after the other. Wafer (1,000 + 6,164 rows)
//! and Shuttle (43,500 + 14,500 rows) are such archives.

use std::ops::Range;

use imb_core::{Error, Result, Rng};

use crate::split::holdout::cut_part;
use crate::split::{Fold, Stratify};

/// The fold whose training and test rows are these ranges of a table with `n_rows` rows.
///
/// Validation rows come from train by [`with_validation`](crate::split::with_validation) or from
/// test by [`halve_test`].
///
/// # Errors
/// [`Error::InvalidParameter`] if a range leaves the table, or a row is in both or none of them;
/// [`Error::LengthMismatch`] if a range is empty.
pub fn given_parts(n_rows: usize, train: Range<usize>, test: Range<usize>) -> Result<Fold> {
    for (name, range) in [("train", &train), ("test", &test)] {
        if range.end > n_rows {
            return Err(Error::InvalidParameter {
                name: format!("end of the {name} rows"),
                requirement: format!("at most the number of rows, {n_rows}"),
                value: range.end.to_string(),
            });
        }
    }
    Fold::new(n_rows, train.collect(), Vec::new(), test.collect())
}

/// The fold with half of its test rows, stratified, moved to validation.
///
/// A class with a single test row keeps it in test.
///
/// # Errors
/// [`Error::InvalidParameter`] if the fold has validation rows; [`Error::LengthMismatch`] if the
/// targets are not those of the fold's table.
pub fn halve_test<Y: Stratify>(fold: &Fold, y: &Y, rng: &mut Rng) -> Result<Fold> {
    let [test, validation] = cut_part(fold, y, fold.test(), 0.5, rng)?;
    Fold::new(fold.n_rows(), fold.train().to_vec(), validation, test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Labels, Seed, Target};

    #[test]
    fn ranges_become_parts() {
        let fold = given_parts(5, 0..3, 3..5).expect("two files");
        assert_eq!((fold.train(), fold.validation(), fold.test()), (&[0, 1, 2][..], &[][..], &[3, 4][..]));
        assert!(given_parts(5, 0..3, 3..usize::MAX).is_err());
        assert!(given_parts(5, 0..3, 2..5).is_err());
        assert!(given_parts(6, 0..3, 3..5).is_err());
        assert!(given_parts(5, 0..5, 5..5).is_err());
    }

    #[test]
    fn half_of_the_test_rows_validate() {
        let texts: Vec<String> = (0..40).map(|row| (row % 4 / 3).to_string()).collect();
        let labels = Labels::from_texts(&texts);
        let fold = given_parts(40, 0..8, 8..40).expect("two files");
        let halved = halve_test(&fold, &labels, &mut Seed::new(1).rng()).expect("no validation rows");
        assert_eq!(halved.train(), fold.train());
        assert_eq!(labels.select(halved.validation()).counts(), [12, 4]);
        assert_eq!(labels.select(halved.test()).counts(), [12, 4]);
        assert!(halve_test(&halved, &labels, &mut Seed::new(1).rng()).is_err());
        assert!(halve_test(&fold, &labels.select(&[0]), &mut Seed::new(1).rng()).is_err());
    }
}
