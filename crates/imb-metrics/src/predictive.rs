//! Where one further value of a sample would lie.

use imb_core::Result;
use serde::{Deserialize, Serialize};

use crate::checks::{require_at_least, require_finite, require_inner_fraction};
use crate::interval::{Interval, central_student_probability};
use crate::numeric::{mean_and_variance, positive_root};

/// The distribution of one further value after n values: Student's with n − 1 degrees of freedom around
/// their mean, with variance s² (1 + 1/n).
///
/// An [interval of the mean](crate::interval::student_interval) says where the mean lies; this says where
/// a single value lies, such as one that somebody else printed. Geisser, "Predictive Inference" (1993),
/// section 2.2.
///
/// ```
/// use imb_metrics::Predictive;
///
/// let predictive = Predictive::of(&[0.80, 0.82, 0.84, 0.86])?;
/// let interval = predictive.interval(0.95)?;
/// assert_eq!(format!("{:.3} {:.3}", interval.lower, interval.upper), "0.738 0.922");
/// assert!((predictive.cdf(predictive.mean) - 0.5).abs() < 1e-15);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictive {
    /// The mean of the values.
    pub mean: f64,
    /// The standard deviation of a further value around that mean.
    pub scale: f64,
    /// Degrees of freedom.
    pub freedom: usize,
}

impl Predictive {
    /// The distribution after `values`, `(n)`.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for fewer than two values,
    /// [`NotFinite`](imb_core::Error::NotFinite) for one that is no number.
    pub fn of(values: &[f64]) -> Result<Self> {
        require_at_least("values of a predictive distribution", 2, values.len())?;
        require_finite(values, "values")?;
        let n = values.len() as f64;
        let (mean, variance) = mean_and_variance(values);
        Ok(Self { mean, scale: (variance * (1.0 + 1.0 / n)).sqrt(), freedom: values.len() - 1 })
    }

    /// The central interval that holds a further value with this chance.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) if `confidence` is not above 0 and below 1.
    pub fn interval(&self, confidence: f64) -> Result<Interval> {
        require_inner_fraction("confidence", confidence)?;
        let t = positive_root(|t| central_student_probability(t, self.freedom) - confidence);
        Ok(Interval { lower: self.mean - t * self.scale, upper: self.mean + t * self.scale })
    }

    /// The chance that a further value is at most `value`; half where all values were equal to it.
    pub fn cdf(&self, value: f64) -> f64 {
        let distance = value - self.mean;
        if distance == 0.0 {
            return 0.5;
        }
        let half = if self.scale > 0.0 {
            central_student_probability(distance.abs() / self.scale, self.freedom) / 2.0
        } else {
            0.5
        };
        if distance > 0.0 { 0.5 + half } else { 0.5 - half }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_leave_no_doubt() {
        let distribution = Predictive::of(&[0.1; 3]).expect("three");
        assert_eq!((distribution.mean, distribution.scale, distribution.cdf(0.1)), (0.1, 0.0, 0.5));
    }

    #[test]
    fn chances_of_a_further_value() {
        let predictive = Predictive::of(&[1.0, 2.0, 4.0]).expect("three values");
        assert!((predictive.mean - 7.0 / 3.0).abs() < 1e-15 && predictive.freedom == 2);
        assert!((predictive.scale - (28.0f64 / 9.0).sqrt()).abs() < 1e-15);
        // With two degrees of freedom the distribution function is (1 + t / sqrt(2 + t²)) / 2.
        let t = (4.0 - predictive.mean) / predictive.scale;
        let expected = (1.0 + t / (2.0 + t * t).sqrt()) / 2.0;
        assert!((predictive.cdf(4.0) - expected).abs() < 1e-14);
    }

    #[test]
    fn equal_values_predict_themselves() {
        let predictive = Predictive::of(&[3.0; 5]).expect("five values");
        assert_eq!(predictive.interval(0.99).expect("valid"), Interval { lower: 3.0, upper: 3.0 });
        assert_eq!([2.9, 3.0, 3.1].map(|value| predictive.cdf(value)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn one_value_predicts_nothing() {
        assert!(Predictive::of(&[1.0]).is_err());
        assert!(Predictive::of(&[1.0, f64::NAN]).is_err());
    }
}
