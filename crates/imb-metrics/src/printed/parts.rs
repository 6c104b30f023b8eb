//! Parts against the whole that they make up, and the geometric mean against the arithmetic mean.

use serde::{Deserialize, Serialize};

use super::{PrintedValue, Rounding};
use crate::interval::Interval;

/// How a printed value follows from others.
///
/// ```
/// use imb_metrics::printed::{Combination, PrintedValue, Rounding};
///
/// // The F1 of two classes and their printed mean.
/// let [minority, majority, mean] = ["0.75", "0.95", "0.47"].map(|text| text.parse().expect("a number"));
/// let computed = Combination::Mean.contradicts(&[minority, majority], mean, Rounding::Either);
/// assert!((computed.expect("far from 0.47") - 0.85).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// The mean of all parts.
    Mean,
    /// The sum of all parts.
    Sum,
    /// The first part less all others; of one part, that part.
    Difference,
}

impl Combination {
    /// What the parts make, if no values that print as they do make one that prints as `whole` does; else,
    /// and without parts, none.
    pub fn contradicts(self, parts: &[PrintedValue], whole: PrintedValue, rounding: Rounding) -> Option<f64> {
        let ranges: Vec<Interval> = parts.iter().map(|part| part.range(rounding)).collect();
        let made = self.of_ranges(&ranges)?;
        let whole = whole.range(rounding);
        if made.lower <= whole.upper && whole.lower <= made.upper {
            return None;
        }
        let exact: Vec<Interval> =
            parts.iter().map(|part| Interval { lower: part.value, upper: part.value }).collect();
        self.of_ranges(&exact).map(|made| made.lower)
    }

    /// The range of what parts in these ranges make; none without parts.
    fn of_ranges(self, parts: &[Interval]) -> Option<Interval> {
        let (first, others) = parts.split_first()?;
        let n = parts.len() as f64;
        let lower = |parts: &[Interval]| parts.iter().map(|part| part.lower).sum::<f64>();
        let upper = |parts: &[Interval]| parts.iter().map(|part| part.upper).sum::<f64>();
        Some(match self {
            Self::Mean => Interval { lower: lower(parts) / n, upper: upper(parts) / n },
            Self::Sum => Interval { lower: lower(parts), upper: upper(parts) },
            Self::Difference => {
                Interval { lower: first.lower - upper(others), upper: first.upper - lower(others) }
            }
        })
    }
}

/// Whether a printed geometric mean lies above the printed arithmetic mean of the same non-negative
/// values, which is impossible. Means over runs of both obey the same law.
pub fn is_geometric_above_mean(mean: PrintedValue, geometric: PrintedValue, rounding: Rounding) -> bool {
    geometric.range(rounding).lower > mean.range(rounding).upper
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<const N: usize>(texts: [&str; N]) -> [PrintedValue; N] {
        texts.map(|text| text.parse().expect("a number"))
    }

    fn made(combination: Combination, parts: &[PrintedValue], whole: &str) -> Option<f64> {
        combination.contradicts(parts, whole.parse().expect("a number"), Rounding::Rounded)
    }

    #[test]
    fn rounding_of_every_value_is_allowed_for() {
        let parts = values(["0.86", "0.99"]);
        assert_eq!(made(Combination::Mean, &parts, "0.92"), None, "0.925, and less with rounded parts");
        assert_eq!(made(Combination::Mean, &parts, "0.93"), None);
        assert!(made(Combination::Mean, &parts, "0.91").is_some());
        assert!(made(Combination::Mean, &parts, "0.94").is_some());
    }

    #[test]
    fn sums_and_differences() {
        let parts = values(["13", "10"]);
        assert_eq!(made(Combination::Difference, &parts, "3"), None);
        assert_eq!(made(Combination::Difference, &parts, "10"), Some(3.0));
        assert_eq!(made(Combination::Sum, &parts, "10"), Some(23.0));
        assert_eq!(made(Combination::Difference, &values(["52", "0.3"]), "51.7"), None);
        assert_eq!(made(Combination::Mean, &[], "10"), None, "nothing to compare with");
    }

    #[test]
    fn a_geometric_mean_may_exceed_the_mean_by_rounding_alone() {
        let [mean, equal, above] = values(["61.65", "61.66", "62.19"]);
        assert!(!is_geometric_above_mean(mean, equal, Rounding::Rounded), "61.655 is printed as both");
        assert!(is_geometric_above_mean(mean, above, Rounding::Either));
    }
}
