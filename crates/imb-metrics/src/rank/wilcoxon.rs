//! The two-sided Wilcoxon signed-rank test of paired values.
//!
//! Wilcoxon, "Individual comparisons by ranking methods" (1945), doi:10.2307/3001968.

use imb_core::Result;
use serde::Serialize;

use super::ranks::{ascending_ranks, tie_sum};
use crate::checks::{require_at_least, require_finite, require_length};
use crate::numeric::normal_cdf;

/// Up to this many pairs that differ, the p-value is exact: the 2⁵⁰ sign patterns can still be counted
/// exactly in an `f64`.
const MOST_EXACT: usize = 50;

/// The result of testing whether two paired samples differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SignedRank {
    /// The sum of the ranks of the pairs in which the first value is higher.
    pub w_plus: f64,
    /// The sum of the ranks of the pairs in which the second value is higher.
    pub w_minus: f64,
    /// Pairs that differ.
    pub n_different: usize,
    /// Whether the p-value is exact.
    pub exact: bool,
    /// The p-value: the probability of sums at least as far apart if the two samples do not differ.
    pub p: f64,
}

impl SignedRank {
    /// The smaller of the two sums, which is the usual statistic of the test.
    pub fn statistic(&self) -> f64 {
        self.w_plus.min(self.w_minus)
    }
}

/// Tests whether paired values `first` and `second`, `(n_pairs)` each, differ.
///
/// Pairs without a difference are left out, as Wilcoxon did. Equal differences share their ranks. Differences
/// are compared as computed in floating point, where 0.3 − 0.2 is not equal to 0.2 − 0.1.
///
/// With up to 50 pairs that differ, the p-value is exact, with or without ties: twice the smaller tail of the
/// sum of ranks over all sign patterns, at most 1. With more pairs it comes from the normal distribution,
/// corrected for ties but not for continuity. If no pair differs it is 1. scipy's `method="auto"` gives the
/// same values, except that with ties or zeros it uses the normal distribution from 14 pairs on.
///
/// # Errors
/// [`LengthMismatch`](imb_core::Error::LengthMismatch),
/// [`NotFinite`](imb_core::Error::NotFinite), or
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) without pairs.
///
/// ```
/// use imb_metrics::rank::wilcoxon_signed_rank;
///
/// let first = [0.9, 0.8, 0.7, 0.9, 0.6, 0.8, 0.7, 0.9, 0.5];
/// let second = [0.5; 9].map(|value: f64| value - 0.1);
/// assert_eq!(wilcoxon_signed_rank(&first, &second)?.p, 2.0 / 512.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn wilcoxon_signed_rank(first: &[f64], second: &[f64]) -> Result<SignedRank> {
    require_length("second values of pairs", first.len(), second.len())?;
    require_at_least("number of pairs", 1, first.len())?;
    require_finite(first, "first")?;
    require_finite(second, "second")?;
    let pairs = first.iter().zip(second).map(|(first, second)| first - second);
    let differences: Vec<f64> = pairs.filter(|difference| *difference != 0.0).collect();
    let sizes: Vec<f64> = differences.iter().map(|difference| difference.abs()).collect();
    let ranks = ascending_ranks(&sizes);
    let signed = differences.iter().zip(&ranks);
    let w_plus: f64 = signed.filter(|(difference, _)| **difference > 0.0).map(|(_, rank)| rank).sum();
    let n_different = ranks.len();
    let exact = n_different <= MOST_EXACT;
    Ok(SignedRank {
        w_plus,
        w_minus: (n_different * (n_different + 1)) as f64 / 2.0 - w_plus,
        n_different,
        exact,
        p: if exact { exact_p(&ranks, w_plus) } else { normal_p(&ranks, w_plus) },
    })
}

/// Counts the sign patterns by their sum of ranks. Ranks are doubled, which makes shared ranks whole numbers.
fn exact_p(ranks: &[f64], w_plus: f64) -> f64 {
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank) as usize).collect();
    let mut patterns = vec![0.0; doubled.iter().sum::<usize>() + 1];
    patterns[0] = 1.0;
    let mut reached = 0;
    for rank in doubled {
        for sum in (0..=reached).rev() {
            patterns[sum + rank] += patterns[sum];
        }
        reached += rank;
    }
    let observed = (2.0 * w_plus) as usize;
    let as_low: f64 = patterns[..=observed].iter().sum();
    let as_high: f64 = patterns[observed..].iter().sum();
    (2.0 * as_low.min(as_high) / 2f64.powi(ranks.len() as i32)).min(1.0)
}

fn normal_p(ranks: &[f64], w_plus: f64) -> f64 {
    let n = ranks.len() as f64;
    let expected = n * (n + 1.0) / 4.0;
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - tie_sum(ranks) / 2.0) / 24.0;
    2.0 * normal_cdf(-(w_plus - expected).abs() / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_differs() {
        let test = wilcoxon_signed_rank(&[1.0, 2.0], &[1.0, 2.0]).expect("pairs");
        assert_eq!((test.statistic(), test.n_different, test.p), (0.0, 0, 1.0));
    }

    #[test]
    fn the_smallest_p_value_of_nine_pairs() {
        let first: Vec<f64> = (1..=9).map(f64::from).collect();
        let test = wilcoxon_signed_rank(&first, &[0.0; 9]).expect("pairs");
        assert_eq!((test.w_plus, test.w_minus, test.p), (45.0, 0.0, 2.0 / 512.0));
    }

    #[test]
    fn exact_and_normal_p_values_agree_at_fifty_pairs() {
        let first: Vec<f64> =
            (1..=50).map(|rank| if rank % 3 == 0 { -1.0 } else { 1.0 } * f64::from(rank)).collect();
        let exact = wilcoxon_signed_rank(&first, &[0.0; 50]).expect("pairs");
        let ranks: Vec<f64> = (1..=50).map(f64::from).collect();
        let normal = normal_p(&ranks, exact.w_plus);
        assert!(exact.exact && (exact.p - normal).abs() < 1e-3, "{} {normal}", exact.p);
    }

    #[test]
    fn mismatched_input_is_refused() {
        assert!(wilcoxon_signed_rank(&[1.0], &[1.0, 2.0]).is_err());
        assert!(wilcoxon_signed_rank(&[], &[]).is_err());
        assert!(wilcoxon_signed_rank(&[f64::NAN], &[1.0]).is_err());
    }
}
