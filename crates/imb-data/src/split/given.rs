//! Splits that come with the data: files named train and test.
//!
//! The rows of both files stand in one table, one file after the other. Wafer (1,000 + 6,164 rows)
//! and Shuttle (43,500 + 14,500 rows) are such archives.

use std::ops::Range;

use imb_core::{Error, Result};

use crate::split::Fold;

/// The fold whose training and test rows are these ranges of a table with `n_rows` rows.
///
/// Validation rows come from train by [`with_validation`](crate::split::with_validation).
///
/// # Errors
/// [`Error::InvalidParameter`] if a range leaves the table, or a row is in both or none of them;
/// [`Error::LengthMismatch`] if a range is empty.
pub fn given_parts(n_rows: usize, train: Range<usize>, test: Range<usize>) -> Result<Fold> {
    for (name, range) in [("train", &train), ("test", &test)] {
        if range.end > n_rows {
            return Err(Error::invalid_parameter(
                format!("end of the {name} rows"),
                format!("at most the number of rows, {n_rows}"),
                range.end,
            ));
        }
    }
    Fold::new(n_rows, train.collect(), Vec::new(), test.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_become_parts() {
        let fold = given_parts(5, 0..3, 3..5).expect("two files");
        assert_eq!((fold.train(), fold.validation(), fold.test()), (&[0, 1, 2][..], &[][..], &[3, 4][..]));
        assert!(given_parts(5, 0..3, 3..usize::MAX).is_err());
        assert!(given_parts(5, 0..3, 2..5).is_err());
        assert!(given_parts(6, 0..3, 3..5).is_err());
        assert!(given_parts(5, 0..5, 5..5).is_err());
    }
}
