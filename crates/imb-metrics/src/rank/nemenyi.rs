//! The Nemenyi test: how far apart two average ranks must be, corrected for all pairs.
//!
//! Nemenyi, "Distribution-free multiple comparisons" (thesis, Princeton, 1963), as in Demšar (2006).

use imb_core::{Error, Result};

use super::studentized_range::{studentized_range_cdf, studentized_range_quantile};
use crate::checks::{require_at_least, require_inner_fraction};

/// The smallest difference of average ranks over `n_data_sets` at which two of `n_methods` differ at level
/// `alpha`: q √(k (k + 1) / (12 n)), where q is the 1 − α quantile of the studentized range with
/// infinitely many degrees of freedom. (Papers that tabulate q / √2 have 6 instead of 12.)
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) if `alpha` is not above 0 and below 1, or
/// there are fewer than two methods or no data set.
///
/// ```
/// use imb_metrics::rank::critical_difference;
///
/// let difference = critical_difference(0.05, 8, 9)?;
/// assert_eq!(format!("{difference:.2}"), "3.50");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn critical_difference(alpha: f64, n_methods: usize, n_data_sets: usize) -> Result<f64> {
    require_inner_fraction("alpha", alpha)?;
    Ok(studentized_range_quantile(1.0 - alpha, n_methods)? * rank_deviation(n_methods, n_data_sets)?)
}

/// The p-value of a `difference` of average ranks: the probability that any two of `n_methods` are that far
/// apart or farther over `n_data_sets` if the methods do not differ. It is below α if and only if the
/// difference is above [`critical_difference`].
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) if the difference is negative or NaN, or
/// there are fewer than two methods or no data set.
///
/// ```
/// use imb_metrics::rank::nemenyi_p;
///
/// assert!(nemenyi_p(3.6, 8, 9)? < 0.05 && nemenyi_p(3.4, 8, 9)? > 0.05);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn nemenyi_p(difference: f64, n_methods: usize, n_data_sets: usize) -> Result<f64> {
    if difference.is_nan() || difference < 0.0 {
        return Err(Error::invalid_parameter("difference of average ranks", "0 or above", difference));
    }
    let deviation = rank_deviation(n_methods, n_data_sets)?;
    Ok(1.0 - studentized_range_cdf(difference / deviation, n_methods)?)
}

/// The standard deviation by which the range of average ranks is divided to be a studentized range.
fn rank_deviation(n_methods: usize, n_data_sets: usize) -> Result<f64> {
    require_at_least("number of methods", 2, n_methods)?;
    require_at_least("number of data sets", 1, n_data_sets)?;
    let k = n_methods as f64;
    Ok((k * (k + 1.0) / (12.0 * n_data_sets as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Demšar (2006), Table 5a, q / √2 at 0.05 for 2 to 10 methods.
    #[test]
    fn printed_critical_values() {
        let printed = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164];
        for (k, value) in (2..).zip(printed) {
            let q = studentized_range_quantile(0.95, k).expect("valid") / std::f64::consts::SQRT_2;
            assert!((q - value).abs() < 1.1e-3, "{k}: {q}");
        }
    }

    #[test]
    fn p_at_the_critical_difference_is_alpha() {
        let difference = critical_difference(0.05, 8, 9).expect("valid");
        let p = nemenyi_p(difference, 8, 9).expect("valid");
        assert!((p - 0.05).abs() < 1e-13);
        assert_eq!(nemenyi_p(0.0, 8, 9).expect("valid"), 1.0);
        assert!(nemenyi_p(-1.0, 8, 9).is_err());
        assert!(critical_difference(0.0, 8, 9).is_err());
        assert!(critical_difference(0.05, 8, 0).is_err());
    }
}
