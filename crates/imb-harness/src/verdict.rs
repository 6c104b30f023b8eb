//! Whether a printed figure holds. The rule stands in a paper's `spec.toml` before anything is
//! measured.

use std::fmt;

use imb_core::Seed;
use imb_metrics::interval::{Interval, bootstrap_interval, student_interval};
use serde::{Deserialize, Serialize};

/// What is said of a printed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The measured figure is the printed one, within the tolerance.
    Reproduced,
    /// It is not.
    Differs,
    /// Too few runs, or figures that vary too much, to tell.
    Undecided,
    /// Arithmetic forbids it; the proof stands beside.
    CannotBeRight,
    /// The data or the method is not at hand; the reason stands beside.
    NotAttempted,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reproduced => "reproduced",
            Self::Differs => "differs",
            Self::Undecided => "undecided",
            Self::CannotBeRight => "cannot be right",
            Self::NotAttempted => "not attempted",
        })
    }
}

/// How far a measured figure may lie from the printed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Not at all: counts.
    Exact,
    /// Half a unit of the last printed digit.
    HalfDigit,
}

impl Tolerance {
    /// Whether `measured` is the figure that was printed with `decimals` digits after the point.
    pub fn holds(self, printed: f64, measured: f64, decimals: usize) -> bool {
        match self {
            Self::Exact => measured == printed,
            Self::HalfDigit => {
                (measured - printed).abs() <= 0.5 * unit(decimals) * (1.0 + f64::EPSILON.sqrt())
            }
        }
    }
}

/// What the runs of a cell say of a printed figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The figure of each run.
    pub runs: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Student's 95 % interval of the mean; none with fewer than two runs.
    pub student: Option<Interval>,
    /// The bootstrap's.
    pub bootstrap: Option<Interval>,
    /// The share of our single runs below the printed figure, in percent; those equal to it count
    /// half.
    pub percentile: Option<f64>,
}

const CONFIDENCE: f64 = 0.95;
const BOOTSTRAP_RESAMPLES: usize = 2_000;

impl Measured {
    /// Sums up the figures of at least one run. `seed` is that of the bootstrap.
    ///
    /// # Errors
    /// [`NotFinite`](imb_core::Error::NotFinite) if a figure is no number.
    pub fn of(runs: Vec<f64>, printed: Option<f64>, seed: Seed) -> imb_core::Result<Self> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let several = runs.len() >= 2;
        let student = several.then(|| student_interval(&runs, CONFIDENCE)).transpose()?;
        let bootstrap = || bootstrap_interval(&runs, mean, CONFIDENCE, BOOTSTRAP_RESAMPLES, &mut seed.rng());
        let bootstrap = several.then(bootstrap).transpose()?;
        Ok(Self {
            mean: mean(&runs),
            student,
            bootstrap,
            percentile: printed.map(|printed| percentile(&runs, printed)),
            runs,
        })
    }

    /// Whether the printed figure is the mean, within the tolerance.
    pub fn verdict(&self, printed: f64, tolerance: f64) -> Verdict {
        // Printed figures are decimal: a border that is met exactly must not depend on binary digits.
        let reach = tolerance * (1.0 + f64::EPSILON.sqrt());
        match self.student {
            Some(Interval { lower, upper }) if lower >= printed - reach && upper <= printed + reach => {
                Verdict::Reproduced
            }
            Some(Interval { lower, upper }) if lower > printed + reach || upper < printed - reach => {
                Verdict::Differs
            }
            _ => Verdict::Undecided,
        }
    }
}

/// The share of runs below a printed figure, in percent; those equal to it count half.
pub(crate) fn percentile(runs: &[f64], printed: f64) -> f64 {
    let weight = |run: &f64| if *run < printed { 1.0 } else { f64::from(u8::from(*run == printed)) / 2.0 };
    100.0 * runs.iter().map(weight).sum::<f64>() / runs.len() as f64
}

/// Whether the printed figure is the measured one with the further digits cut off, where rounding
/// would have given another. It is a remark, not a verdict.
pub fn is_cut_off(printed: f64, measured: f64, decimals: usize) -> bool {
    let excess = (measured - printed) / unit(decimals);
    (0.5..1.0 - 1e-6).contains(&excess)
}

/// One unit of the last of `decimals` digits after the point.
fn unit(decimals: usize) -> f64 {
    10f64.powi(-i32::try_from(decimals).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_digit_either_way_holds() {
        let holds = |printed, measured| Tolerance::HalfDigit.holds(printed, measured, 2);
        assert!(holds(2.74, 2.7439));
        assert!(holds(2.74, 2.745), "the border belongs to it");
        assert!(holds(2.75, 2.745), "on either side");
        assert!(!holds(2.74, 2.74501));
        assert!(!holds(20.10, 20.086));
        assert!(Tolerance::Exact.holds(335.0, 335.0, 0));
        assert!(!Tolerance::Exact.holds(335.0, 336.0, 0));
    }

    #[test]
    fn a_mean_is_judged_by_its_interval() {
        let verdict = |runs: &[f64], printed| {
            Measured::of(runs.to_vec(), Some(printed), Seed::new(1)).expect("finite").verdict(printed, 0.03)
        };
        assert_eq!(verdict(&[0.5, 0.5, 0.5], 0.53), Verdict::Reproduced);
        assert_eq!(verdict(&[0.5, 0.5, 0.5], 0.531), Verdict::Differs);
        assert_eq!(verdict(&[0.4, 0.5, 0.6], 0.5), Verdict::Undecided, "too noisy");
        assert_eq!(verdict(&[0.5], 0.5), Verdict::Undecided, "one run tells nothing");
        assert_eq!(verdict(&[0.9, 0.91, 0.92], 0.5), Verdict::Differs);
        let measured = Measured::of(vec![0.1, 0.2, 0.3, 0.4], Some(0.3), Seed::new(1)).expect("finite");
        assert_eq!(measured.percentile, Some(62.5));
    }

    #[test]
    fn cutting_off_is_told_from_rounding() {
        assert!(is_cut_off(15.93, 15.9356, 2));
        assert!(!is_cut_off(15.93, 15.9344, 2), "rounds to it as well");
        assert!(!is_cut_off(15.93, 15.94, 2));
        assert!(!is_cut_off(15.93, 15.9244, 2));
    }
}
