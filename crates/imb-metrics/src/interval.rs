//! Confidence intervals.

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::checks::{require_at_least, require_finite, require_inner_fraction};
use crate::numeric::{beta_cdf, mean_and_variance, normal_cdf, positive_root};

/// A confidence interval.
///
/// See [`student_interval`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Student's confidence interval of the mean of `values`, `(n)`: mean ± t s / √n, where s is the standard
/// deviation (n − 1) and t the quantile of Student's distribution with n − 1 degrees of freedom.
///
/// If all values are equal, its width is 0. Student (1908), doi:10.1093/biomet/6.1.1.
///
/// # Errors
/// [`Error::TooFewRows`] for fewer than two values; [`Error::NotFinite`] for a value that is not finite;
/// [`Error::InvalidParameter`] if `confidence` is not above 0 and below 1.
///
/// ```
/// use imb_metrics::interval::student_interval;
///
/// let interval = student_interval(&[0.80, 0.82, 0.84, 0.86], 0.95)?;
/// assert_eq!(format!("{:.3} {:.3}", interval.lower, interval.upper), "0.789 0.871");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn student_interval(values: &[f64], confidence: f64) -> Result<Interval> {
    require_inner_fraction("confidence", confidence)?;
    require_finite(values, "values")?;
    require_two(values)?;
    let n = values.len() as f64;
    let (mean, variance) = mean_and_variance(values);
    let t = positive_root(|t| central_student_probability(t, values.len() - 1) - confidence);
    let reach = t * (variance / n).sqrt();
    Ok(Interval { lower: mean - reach, upper: mean + reach })
}

/// The interval of a normally distributed number with this `mean` and standard `deviation`: mean ± z · deviation,
/// where z is the quantile of the standard normal distribution.
///
/// # Errors
/// [`Error::InvalidParameter`] if `confidence` is not above 0 and below 1, or `deviation` below 0;
/// [`Error::NotFinite`] if a number is not finite.
///
/// ```
/// use imb_metrics::interval::normal_interval;
///
/// let interval = normal_interval(2.0, 0.5, 0.95)?;
/// assert_eq!(format!("{:.3} {:.3}", interval.lower, interval.upper), "1.020 2.980");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn normal_interval(mean: f64, deviation: f64, confidence: f64) -> Result<Interval> {
    require_inner_fraction("confidence", confidence)?;
    require_finite(&[mean, deviation], "mean and deviation")?;
    if deviation < 0.0 {
        return Err(Error::invalid_parameter("deviation", "at least 0", deviation));
    }
    let reach = deviation * positive_root(|z| 2.0 * normal_cdf(z) - 1.0 - confidence);
    Ok(Interval { lower: mean - reach, upper: mean + reach })
}

/// The exact confidence interval of a share of which `successes` of `trials` were observed.
///
/// Its ends are the shares at which as many, or as few, successes have the probability (1 − confidence) / 2.
/// It holds the true share with at least this confidence, however few the trials. Clopper and Pearson (1934),
/// doi:10.1093/biomet/26.4.404.
///
/// # Errors
/// [`Error::InvalidParameter`] if `confidence` is not above 0 and below 1, without trials, or for more
/// successes than trials.
///
/// ```
/// use imb_metrics::interval::binomial_interval;
///
/// let interval = binomial_interval(11, 26, 0.95)?;
/// assert_eq!(format!("{:.4} {:.4}", interval.lower, interval.upper), "0.2335 0.6308");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn binomial_interval(successes: u64, trials: u64, confidence: f64) -> Result<Interval> {
    require_inner_fraction("confidence", confidence)?;
    if trials == 0 || successes > trials {
        let found = format!("{successes} of {trials}");
        return Err(Error::invalid_parameter("successes", "at most all of at least one trial", found));
    }
    let tail = (1.0 - confidence) / 2.0;
    let (hits, misses) = (successes as f64, (trials - successes) as f64);
    let lower = if successes == 0 { 0.0 } else { positive_root(|x| beta_cdf(x, hits, misses + 1.0) - tail) };
    let upper = if successes == trials {
        1.0
    } else {
        positive_root(|x| beta_cdf(x, hits + 1.0, misses) - (1.0 - tail))
    };
    Ok(Interval { lower, upper })
}

/// The middle share `confidence` of draws, `(n)`, such as a statistic of bootstrap samples (Efron 1979,
/// doi:10.1214/aos/1176344552). Percentiles are interpolated linearly.
///
/// # Errors
/// [`Error::InvalidParameter`] without draws, or if `confidence` is not above 0 and below 1;
/// [`Error::NotFinite`] for a draw that is not finite.
///
/// ```
/// use imb_metrics::interval::percentile_interval;
///
/// let draws: Vec<f64> = (0..=100).map(f64::from).collect();
/// let interval = percentile_interval(&draws, 0.9)?;
/// assert!((interval.lower - 5.0).abs() < 1e-9 && (interval.upper - 95.0).abs() < 1e-9);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn percentile_interval(draws: &[f64], confidence: f64) -> Result<Interval> {
    require_inner_fraction("confidence", confidence)?;
    require_at_least("draws", 1, draws.len())?;
    require_finite(draws, "draws")?;
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let outside = (1.0 - confidence) / 2.0;
    Ok(Interval { lower: quantile(&sorted, outside), upper: quantile(&sorted, 1.0 - outside) })
}

/// The probability that Student's t lies between −t and t. For integer degrees of freedom it is a finite sum
/// of powers of cosines: Abramowitz and Stegun (1964), 26.7.3 and 26.7.4.
pub(crate) fn central_student_probability(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2;
    let (mut term, mut sum) = (if odd == 1 { cosine } else { 1.0 }, 0.0);
    for power in (odd..freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
    }
    if odd == 1 { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

/// The quantile of sorted values, linearly interpolated between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor(), place.ceil());
    let (low, high) = (sorted[below as usize], sorted[above as usize]);
    low + (high - low) * (place - below)
}

fn require_two(values: &[f64]) -> Result<()> {
    if values.len() >= 2 {
        return Ok(());
    }
    Err(Error::TooFewRows {
        class: "the sample".into(),
        has: values.len(),
        needs: 2,
        remedy: "an interval needs at least two values".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17.1, `2 * stats.t.cdf(t, freedom) - 1`.
    #[test]
    fn student_distribution() {
        for (t, freedom, value) in [
            (1.0, 1, 0.5),
            (2.0, 2, 0.816_496_580_927_726),
            (2.0, 3, 0.860_674_031_441_157),
            (1.5, 10, 0.835_492_673_554_559_8),
            (1.5, 201, 0.864_816_516_298_337_7),
        ] {
            let found = central_student_probability(t, freedom);
            assert!((found - value).abs() < 1e-14, "{t} {freedom}: {found}");
        }
    }

    /// Linear interpolation, like numpy's `percentile`.
    #[test]
    fn quantiles_between_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.0), 1.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), 4.0);
        assert_eq!(quantile(&[5.0], 0.3), 5.0);
    }

    /// Values of scipy 1.17.1, `stats.binomtest(successes, trials).proportion_ci(confidence, "exact")`.
    const CLOPPER_PEARSON: [(u64, u64, f64, f64, f64); 7] = [
        (0, 10, 0.95, 0.0, 0.308_497_107_818_762_94),
        (10, 10, 0.95, 0.691_502_892_181_237_1, 1.0),
        (11, 26, 0.95, 0.233_521_983_127_443_46, 0.630_819_619_076_034),
        (57, 65, 0.95, 0.771_814_105_938_621_7, 0.945_336_898_398_113),
        (6, 31, 0.99, 0.052_610_846_468_908_345, 0.430_810_262_054_926),
        (1, 100000, 0.9, 5.129328125488569e-07, 4.7437757469115256e-05),
        (41992, 45000, 0.95, 0.930_808_818_679_573_1, 0.935_446_219_756_983_4),
    ];

    #[test]
    fn exact_binomial_intervals() {
        for (successes, trials, confidence, lower, upper) in CLOPPER_PEARSON {
            let found = binomial_interval(successes, trials, confidence).expect("valid");
            assert!((found.lower - lower).abs() < 1e-12, "{successes} of {trials}: {found:?}");
            assert!((found.upper - upper).abs() < 1e-12, "{successes} of {trials}: {found:?}");
        }
    }

    #[test]
    fn too_little_is_refused() {
        assert!(binomial_interval(0, 0, 0.95).is_err() && binomial_interval(3, 2, 0.95).is_err());
        assert!(binomial_interval(1, 2, 1.0).is_err());
        assert!(matches!(student_interval(&[1.0], 0.95), Err(Error::TooFewRows { .. })));
        assert!(student_interval(&[1.0, 2.0], 1.0).is_err());
        assert!(student_interval(&[1.0, f64::NAN], 0.9).is_err());
        assert!(normal_interval(0.0, 1.0, 1.0).is_err() && normal_interval(0.0, -1.0, 0.9).is_err());
        assert!(normal_interval(f64::NAN, 1.0, 0.9).is_err());
        assert_eq!(normal_interval(2.0, 0.0, 0.9).expect("valid"), Interval { lower: 2.0, upper: 2.0 });
        assert!(
            percentile_interval(&[], 0.9).is_err() && percentile_interval(&[1.0, f64::NAN], 0.9).is_err()
        );
        let equal = student_interval(&[2.0, 2.0], 0.9).expect("two values");
        assert_eq!(equal, Interval { lower: 2.0, upper: 2.0 });
    }
}
