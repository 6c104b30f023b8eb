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
    around_mean(values, confidence, |variance, n| variance / n)
}

/// The confidence interval of the mean of `values`, `(n)`, each measured on another split of the same rows into training
/// and test rows: mean ± t s √(1/n + q), with s and t as in [`student_interval`]. `test_per_training`, q, is the number of
/// test rows over that of training rows: 3/7 where 30 % are tested, 1/(k − 1) with k folds.
///
/// Splits of the same rows share most of them, so the values vary together and less than those of fresh rows would;
/// Student's interval is too narrow for them, and gets ever narrower with more splits. Nadeau and Bengio (2003),
/// doi:10.1023/A:1024068626366; for repeated folds Bouckaert and Frank (2004), doi:10.1007/978-3-540-24775-3_3.
///
/// # Errors
/// As [`student_interval`], and [`Error::InvalidParameter`] if `test_per_training` is negative or not finite.
///
/// ```
/// use imb_metrics::interval::{resampled_interval, student_interval};
///
/// let differences = [0.01, 0.03, 0.02, 0.04, 0.02, 0.03, 0.01, 0.02, 0.03, 0.02];
/// let width = |interval: imb_metrics::interval::Interval| interval.upper - interval.lower;
/// let student = width(student_interval(&differences, 0.95)?);
/// let resampled = width(resampled_interval(&differences, 3.0 / 7.0, 0.95)?);
/// assert!((resampled / student - (1.0_f64 + 10.0 * 3.0 / 7.0).sqrt()).abs() < 1e-9, "2.3 times as wide");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn resampled_interval(values: &[f64], test_per_training: f64, confidence: f64) -> Result<Interval> {
    if !(test_per_training.is_finite() && test_per_training >= 0.0) {
        return Err(Error::invalid_parameter(
            "test_per_training",
            "finite and at least 0",
            test_per_training,
        ));
    }
    around_mean(values, confidence, |variance, n| variance * (1.0 / n + test_per_training))
}

/// Student's interval, with the variance of the mean made from that of `n` values.
fn around_mean(
    values: &[f64],
    confidence: f64,
    variance_of_mean: impl Fn(f64, f64) -> f64,
) -> Result<Interval> {
    require_inner_fraction("confidence", confidence)?;
    require_finite(values, "values")?;
    require_two(values)?;
    let (mean, variance) = mean_and_variance(values);
    let t = positive_root(|t| central_student_probability(t, values.len() - 1) - confidence);
    let reach = t * variance_of_mean(variance, values.len() as f64).sqrt();
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
    use rand::RngExt;
    use rand::seq::SliceRandom;

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

    /// Ten random splits of 100 rows, 70 to train and 30 to test, and two methods that are equally good: one guesses the
    /// mean of its training rows, the other a number that is wrong by as much as that mean is on average.
    #[test]
    fn equal_methods_seem_to_differ_where_splits_are_taken_for_fresh_rows() {
        let mut rng = imb_core::Seed::new(5).rng();
        let mean = |rows: &[f64]| rows.iter().sum::<f64>() / rows.len() as f64;
        // Uniform rows have the variance 1/12, and the mean of 70 a seventieth of it.
        let other = 0.5 + (1.0_f64 / 12.0 / 70.0).sqrt();
        let (mut student, mut resampled) = (0, 0);
        for _ in 0..400 {
            let mut rows: Vec<f64> = (0..100).map(|_| rng.random::<f64>()).collect();
            let difference = |_| {
                rows.shuffle(&mut rng);
                let (train, test) = rows.split_at(70);
                let error = |guess: f64| test.iter().map(|row| (row - guess).powi(2)).sum::<f64>() / 30.0;
                error(mean(train)) - error(other)
            };
            let differences: Vec<f64> = (0..10).map(difference).collect();
            let leaves_out_0 = |interval: Result<Interval>| {
                let interval = interval.expect("ten values");
                usize::from(!(interval.lower..=interval.upper).contains(&0.0))
            };
            student += leaves_out_0(student_interval(&differences, 0.95));
            resampled += leaves_out_0(resampled_interval(&differences, 3.0 / 7.0, 0.95));
        }
        assert!(student > 80 && resampled <= 20, "{student} and {resampled} of 400");
    }

    #[test]
    fn too_little_is_refused() {
        for share in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(resampled_interval(&[1.0, 2.0], share, 0.95).is_err());
        }
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
