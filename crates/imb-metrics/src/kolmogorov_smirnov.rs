//! The two-sided Kolmogorov–Smirnov test of two samples.
//!
//! Hodges, "The significance probability of the Smirnov two-sample test" (1958),
//! doi:10.1007/BF02589501.

use imb_core::Result;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

use crate::checks::{require_at_least, require_finite};

/// Up to this many values in the larger sample, the p-value is exact; the exact computation takes O(n m).
const MOST_EXACT: usize = 10_000;

/// The result of testing whether two samples come from different distributions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KolmogorovSmirnov {
    /// The largest distance between the two empirical distribution functions, in `[0, 1]`.
    pub statistic: f64,
    /// The p-value: the probability of such a distance or a larger one if both samples come from the same
    /// continuous distribution.
    pub p: f64,
    /// Whether the p-value is exact.
    pub exact: bool,
}

/// Tests whether the samples `first`, `(n)`, and `second`, `(m)`, come from different distributions.
///
/// The p-value is exact for up to 10,000 values in the larger sample, in O(n m). Beyond that it is
/// Kolmogorov's limit at D √(n m / (n + m)). Ties make it conservative.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) for an empty sample;
/// [`NotFinite`](imb_core::Error::NotFinite) for a value that is not finite.
///
/// ```
/// use imb_metrics::kolmogorov_smirnov::kolmogorov_smirnov;
///
/// let test = kolmogorov_smirnov(&[0.1, 0.2, 0.3, 0.4], &[0.5, 0.6, 0.7, 0.8])?;
/// assert_eq!(test.statistic, 1.0);
/// assert!((test.p - 2.0 / 70.0).abs() < 1e-15, "two of the 70 ways to deal 8 values");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn kolmogorov_smirnov(first: &[f64], second: &[f64]) -> Result<KolmogorovSmirnov> {
    require_at_least("values of the first sample", 1, first.len())?;
    require_at_least("values of the second sample", 1, second.len())?;
    require_finite(first, "first sample")?;
    require_finite(second, "second sample")?;
    let (n, m) = (first.len(), second.len());
    let distance = whole_distance(first, second);
    let statistic = distance as f64 / (n as f64 * m as f64);
    let exact = n.max(m) <= MOST_EXACT;
    let p = if exact {
        exact_p(n, m, distance)
    } else {
        limit_p(statistic * (n as f64 * m as f64 / (n + m) as f64).sqrt())
    };
    Ok(KolmogorovSmirnov { statistic, p, exact })
}

/// The largest distance between the distribution functions, times both sample sizes. As a whole number it
/// has no rounding error, so that equal distances compare equal.
fn whole_distance(first: &[f64], second: &[f64]) -> u64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (first, second) = (sorted(first), sorted(second));
    let (mut i, mut j, mut largest) = (0, 0, 0);
    while i < first.len() && j < second.len() {
        let value = first[i].min(second[j]);
        i += first[i..].iter().take_while(|other| **other <= value).count();
        j += second[j..].iter().take_while(|other| **other <= value).count();
        largest = largest.max(distance_at(i, j, first.len(), second.len()));
    }
    largest
}

/// |i / n − j / m|, times n m.
fn distance_at(i: usize, j: usize, n: usize, m: usize) -> u64 {
    (i as u64 * m as u64).abs_diff(j as u64 * n as u64)
}

/// The share of the paths from (0, 0) to (n, m), in steps of one value of either sample, that reach the
/// distance somewhere. A path to (i, j) comes from (i − 1, j) in i of i + j cases. The sums have positive terms
/// only, so that small p-values keep their precision.
fn exact_p(n: usize, m: usize, distance: u64) -> f64 {
    let mut reached = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            let from_left = if i > 0 { reached[j] * i as f64 } else { 0.0 };
            let from_below = if j > 0 { reached[j - 1] * j as f64 } else { 0.0 };
            reached[j] = if distance_at(i, j, n, m) >= distance {
                1.0
            } else {
                (from_left + from_below) / (i + j).max(1) as f64
            };
        }
    }
    reached[m].min(1.0)
}

/// 2 Σ (−1)^(k−1) exp(−2 k² x²); near 0, where that sum converges slowly, its dual
/// 1 − √(2π)/x Σ exp(−(2k − 1)² π² / (8 x²)). On either side of 1, eight terms are enough for double
/// precision.
fn limit_p(x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let terms = 1..=8i32;
    let p = if x < 1.0 {
        let dual = terms.map(|k| (-(f64::from(2 * k - 1) * PI / x).powi(2) / 8.0).exp());
        1.0 - (2.0 * PI).sqrt() / x * dual.sum::<f64>()
    } else {
        let sign = |k: i32| if k % 2 == 1 { 2.0 } else { -2.0 };
        terms.map(|k| sign(k) * (-2.0 * (f64::from(k) * x).powi(2)).exp()).sum()
    };
    p.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17.1, `special.kolmogorov`.
    #[test]
    fn the_limit() {
        for (x, value) in [
            (0.1, 1.0),
            (0.5, 0.963_945_243_664_875_1),
            (0.999_999, 0.270_000_743_627_456_46),
            (1.0, 0.269_999_671_677_354_56),
            (2.5, 7.453_306_344_157_342e-6),
        ] {
            assert!((limit_p(x) - value).abs() < 1e-14, "{x}: {}", limit_p(x));
        }
    }

    #[test]
    fn exact_and_limiting_p_values_agree_on_large_samples() {
        let (n, m) = (1500, 1000);
        let distance = 60 * 1500;
        let limit = limit_p(0.06 * 600f64.sqrt());
        assert!((exact_p(n, m, distance) - limit).abs() < 0.02);
    }

    #[test]
    fn equal_samples_and_faults() {
        let same = kolmogorov_smirnov(&[1.0, 2.0], &[2.0, 1.0, 1.0, 2.0]).expect("valid");
        assert_eq!((same.statistic, same.p), (0.0, 1.0));
        assert!(kolmogorov_smirnov(&[], &[1.0]).is_err());
        assert!(kolmogorov_smirnov(&[1.0], &[f64::NAN]).is_err());
    }
}
