//! Spearman's rank correlation.

use imb_core::{Error, Result};

use super::ranks::ascending_ranks;
use crate::checks::{require_at_least, require_finite};

/// Spearman's rank correlation of two lists, from −1 to 1: Pearson's correlation of their ranks, where equal
/// values share the mean of their ranks. Spearman (1904), doi:10.2307/1412159.
///
/// # Errors
/// [`Error::LengthMismatch`] for lists of different lengths; [`Error::InvalidParameter`] for fewer than two values;
/// [`Error::NotFinite`] for a value that is not finite; [`Error::NotApplicable`] if all values of a list are equal.
///
/// ```
/// use imb_metrics::rank::spearman;
///
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 100.0, 1000.0])?, 1.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn spearman(first: &[f64], second: &[f64]) -> Result<f64> {
    let (expected, found) = (first.len(), second.len());
    if expected != found {
        return Err(Error::LengthMismatch { what: "values to correlate".into(), expected, found });
    }
    require_at_least("number of values", 2, expected)?;
    require_finite(first, "first values")?;
    require_finite(second, "second values")?;
    let middle = (expected as f64 + 1.0) / 2.0;
    let centred = |values: &[f64]| -> Vec<f64> {
        ascending_ranks(values).into_iter().map(|rank| rank - middle).collect()
    };
    let (first, second) = (centred(first), centred(second));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let scale = (product(&first, &first) * product(&second, &second)).sqrt();
    if scale == 0.0 {
        let reason = "all values of a list are equal".into();
        return Err(Error::NotApplicable { method: "rank correlation".into(), reason });
    }
    Ok(product(&first, &second) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ranks 1, 2.5, 2.5, 4, 5, 6 and 3, 1, 4.5, 4.5, 2, 6; each list's squares sum to 17, the products
    /// to 7.25.
    #[test]
    fn ties_share_their_ranks() {
        let x = [1.0, 2.0, 2.0, 4.0, 5.0, 7.0];
        let y = [3.0, 1.0, 4.0, 4.0, 2.0, 9.0];
        assert!((spearman(&x, &y).expect("finite") - 7.25 / 17.0).abs() < 1e-12);
        let falling: Vec<f64> = x.iter().map(|x| -x).collect();
        assert!((spearman(&x, &falling).expect("finite") + 1.0).abs() < 1e-12);
    }

    #[test]
    fn equal_values_have_no_rank_correlation() {
        assert!(spearman(&[1.0, 1.0], &[1.0, 2.0]).is_err());
        assert!(spearman(&[1.0], &[1.0]).is_err());
        assert!(spearman(&[1.0, 2.0], &[1.0]).is_err());
    }
}
