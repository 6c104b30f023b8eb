//! Whether a printed figure holds. The rule stands in a paper's `spec.toml` before anything is
//! measured.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is said of a printed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The measured figure is the printed one, within the tolerance.
    Reproduced,
    /// It is not.
    Differs,
    /// The data or the method is not at hand; the reason stands beside.
    NotAttempted,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reproduced => "reproduced",
            Self::Differs => "differs",
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
    fn cutting_off_is_told_from_rounding() {
        assert!(is_cut_off(15.93, 15.9356, 2));
        assert!(!is_cut_off(15.93, 15.9344, 2), "rounds to it as well");
        assert!(!is_cut_off(15.93, 15.94, 2));
        assert!(!is_cut_off(15.93, 15.9244, 2));
    }
}
