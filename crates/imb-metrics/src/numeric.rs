//! Distribution functions and root finding, for several statistical tests.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// The distribution function of the standard normal distribution, to about 1e-15.
///
/// It uses the incomplete gamma function, because the error function of statrs 0.19 is off by 1e-10 near 0.5.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    let half_square = z * z / 2.0;
    if half_square == 0.0 {
        0.5
    } else if half_square == f64::INFINITY {
        f64::from(u8::from(z > 0.0))
    } else if z < 0.0 {
        0.5 * gamma_ur(0.5, half_square)
    } else {
        0.5 + 0.5 * gamma_lr(0.5, half_square)
    }
}

/// Mean and unbiased variance of at least two values; of equal values exactly the value and 0.
pub(crate) fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    // The mean of equal values may be off in the last digit, and then their variance is not 0.
    if values.iter().all(|value| *value == values[0]) {
        return (values[0], 0.0);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

/// The probability that χ² with `freedom` degrees of freedom is at least `x`.
pub(crate) fn chi_square_tail(x: f64, freedom: f64) -> f64 {
    match x / 2.0 {
        half if half <= 0.0 => 1.0,
        f64::INFINITY => 0.0,
        half => gamma_ur(freedom / 2.0, half),
    }
}

/// The probability that F with `above` and `below` degrees of freedom is at least `x`.
pub(crate) fn f_tail(x: f64, (above, below): (f64, f64)) -> f64 {
    let share = below / (below + above * x.max(0.0));
    beta_reg(below / 2.0, above / 2.0, share)
}

/// The distribution function of the beta distribution, 1 beyond its range.
pub(crate) fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x >= 1.0 { 1.0 } else { beta_reg(a, b, x) }
}

/// The density of the standard normal distribution.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The positive root of a non-decreasing function that is below 0 at 0 and above 0 somewhere, by bisection
/// down to neighbouring floating-point numbers.
pub(crate) fn positive_root(rising: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while rising(high) < 0.0 && high < f64::MAX / 2.0 {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if rising(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17.1, `special.ndtr`.
    #[test]
    fn normal_distribution() {
        for (z, value) in [
            (0.0, 0.5),
            (0.7095, 0.760_992_874_252_951),
            (1.959_963_984_540_054, 0.975),
            (-3.0, 0.001_349_898_031_630_093_3),
            (-9.0, 1.128_588_405_953_832_4e-19),
        ] {
            assert!((normal_cdf(z) - value).abs() <= 1e-14 * value, "{z}: {}", normal_cdf(z));
        }
    }

    #[test]
    fn limits() {
        assert_eq!(normal_cdf(f64::INFINITY), 1.0);
        assert_eq!(normal_cdf(f64::NEG_INFINITY), 0.0);
        assert_eq!(normal_cdf(1e-200), 0.5);
        assert_eq!((chi_square_tail(0.0, 3.0), chi_square_tail(f64::INFINITY, 3.0)), (1.0, 0.0));
        assert_eq!((f_tail(0.0, (2.0, 5.0)), f_tail(f64::INFINITY, (2.0, 5.0))), (1.0, 0.0));
    }

    #[test]
    fn roots() {
        assert_eq!(positive_root(|x| x * x - 2.0), 2f64.sqrt());
        assert_eq!(positive_root(|x| x - 1e9), 1e9);
        assert!((positive_root(|x| x - 1e-9) - 1e-9).abs() < 1e-24);
    }
}
