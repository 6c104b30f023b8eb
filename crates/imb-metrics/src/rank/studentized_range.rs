//! The distribution of the range of k independent standard normal numbers: the studentized range with
//! infinitely many degrees of freedom.
//!
//! P(range ≤ q) = k ∫ φ(z) [Φ(z) − Φ(z − q)]^(k−1) dz is computed by the trapezoidal rule. For a smooth
//! integrand that vanishes on both sides, its error decreases faster than any power of the step; here it is
//! below 1e-13. The formula is in Lund and Lund, "Algorithm AS 190" (1983), doi:10.2307/2347300.

use imb_core::{Error, Result};

use crate::checks::{require_at_least, require_inner_fraction};
use crate::numeric::{normal_cdf, normal_density, positive_root};

/// The probability that the range of `k` standard normal numbers is at most `q`, in `[0, 1]`.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) if `k` is below 2 or `q` is NaN.
pub fn studentized_range_cdf(q: f64, k: usize) -> Result<f64> {
    require_at_least("k", 2, k)?;
    if q.is_nan() {
        return Err(Error::invalid_parameter("q", "a number", q));
    }
    Ok(Grid::new().cdf(q, k))
}

/// The value `q` below which the range of `k` standard normal numbers lies with probability `p`.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) if `k` is below 2, or `p` is not above 0
/// and below 1.
///
/// ```
/// use imb_metrics::rank::studentized_range_quantile;
///
/// let q = studentized_range_quantile(0.95, 10)?;
/// assert_eq!(format!("{q:.3}"), "4.474");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn studentized_range_quantile(p: f64, k: usize) -> Result<f64> {
    require_at_least("k", 2, k)?;
    require_inner_fraction("p", p)?;
    let grid = Grid::new();
    Ok(positive_root(|q| grid.cdf(q, k) - p))
}

/// The points z of the trapezoidal rule, with φ(z) and Φ(z).
struct Grid(Vec<(f64, f64, f64)>);

impl Grid {
    /// Beyond 9 on either side φ is below 1e-17.
    const REACH: i32 = 9;
    const STEPS_PER_UNIT: i32 = 16;

    fn new() -> Self {
        let last = Self::REACH * Self::STEPS_PER_UNIT;
        let points = (-last..=last).map(|step| f64::from(step) / f64::from(Self::STEPS_PER_UNIT));
        Self(points.map(|z| (z, normal_density(z), normal_cdf(z))).collect())
    }

    fn cdf(&self, q: f64, k: usize) -> f64 {
        if q <= 0.0 {
            return 0.0;
        }
        let power = (k - 1) as f64;
        let heights = self.0.iter().map(|(z, density, below)| {
            let inside = (below - normal_cdf(z - q)).max(0.0);
            density * inside.powf(power)
        });
        (k as f64 * heights.sum::<f64>() / f64::from(Self::STEPS_PER_UNIT)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::SQRT_2;

    /// For two numbers the range is the absolute value of a normal number with variance 2.
    #[test]
    fn two_numbers_in_closed_form() {
        for q in [1e-3, 0.1, 1.0, 2.0, 3.5, 6.0, 20.0] {
            let closed = 2.0 * normal_cdf(q / SQRT_2) - 1.0;
            let found = studentized_range_cdf(q, 2).expect("valid");
            assert!((found - closed).abs() < 1e-13, "{q}: {found} for {closed}");
        }
    }

    #[test]
    fn quantile_and_distribution_are_inverse() {
        for k in [2, 3, 8, 50, 1000] {
            for p in [0.001, 0.5, 0.9, 0.95, 0.999] {
                let q = studentized_range_quantile(p, k).expect("valid");
                let back = studentized_range_cdf(q, k).expect("valid");
                assert!((back - p).abs() < 1e-13, "{k} {p}: {back}");
            }
        }
    }

    #[test]
    fn limits_and_faults() {
        assert_eq!(studentized_range_cdf(-1.0, 3).expect("valid"), 0.0);
        assert!((studentized_range_cdf(f64::INFINITY, 3).expect("valid") - 1.0).abs() < 1e-13);
        assert!(studentized_range_cdf(1.0, 1).is_err());
        assert!(studentized_range_cdf(f64::NAN, 3).is_err());
        assert!(studentized_range_quantile(1.0, 3).is_err());
    }
}
