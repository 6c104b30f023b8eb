//! A printed number, and the values that print as it.

use std::fmt;
use std::str::FromStr;

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::interval::Interval;

/// A number as it is printed: its value and its digits after the point.
///
/// ```
/// use imb_metrics::printed::{PrintedValue, Rounding};
///
/// let printed: PrintedValue = "20.10".parse()?;
/// assert_eq!(printed, PrintedValue { value: 20.1, decimals: 2 });
/// assert!(printed.can_be(20.0951, Rounding::Rounded));
/// assert!(!printed.can_be(20.0951, Rounding::Truncated), "cut off, this is 20.09");
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintedValue {
    /// The number.
    pub value: f64,
    /// Digits after the point.
    pub decimals: usize,
}

/// How digits were dropped for print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest printable number; halves either way.
    Rounded,
    /// Further digits are cut off.
    Truncated,
    /// One or the other: unknown.
    #[default]
    Either,
    /// Not at all: counts.
    Exact,
}

/// Ends of a range belong to it, whatever binary digits make of them: this part of the last printed digit
/// is added.
const SLACK: f64 = 1e-9;

impl PrintedValue {
    /// One unit of the last printed digit.
    pub fn unit(self) -> f64 {
        10f64.powi(-i32::try_from(self.decimals).unwrap_or(i32::MAX))
    }

    /// The values that print as this number, ends included.
    pub fn range(self, rounding: Rounding) -> Interval {
        let (value, unit) = (self.value, self.unit());
        let [nearest, cut] = [unit / 2.0 * (1.0 + SLACK), unit * (1.0 + SLACK)];
        // Cutting digits off moves towards 0.
        let below = match rounding {
            Rounding::Exact => 0.0,
            Rounding::Rounded => nearest,
            Rounding::Truncated | Rounding::Either if value <= 0.0 => cut,
            Rounding::Truncated => unit * SLACK,
            Rounding::Either => nearest,
        };
        let above = match rounding {
            Rounding::Exact => 0.0,
            Rounding::Rounded => nearest,
            Rounding::Truncated | Rounding::Either if value >= 0.0 => cut,
            Rounding::Truncated => unit * SLACK,
            Rounding::Either => nearest,
        };
        Interval { lower: value - below, upper: value + above }
    }

    /// Whether `exact` may have been printed as this number.
    pub fn can_be(self, exact: f64, rounding: Rounding) -> bool {
        let range = self.range(rounding);
        (range.lower..=range.upper).contains(&exact)
    }
}

impl FromStr for PrintedValue {
    type Err = Error;

    /// Reads a plain decimal number such as `0.50` or `-3`.
    fn from_str(text: &str) -> Result<Self> {
        let plain = text.strip_prefix('-').unwrap_or(text);
        let fraction = plain.split_once('.').map_or("", |(_, fraction)| fraction);
        let is_plain = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.parse::<f64>() {
            Ok(value) if is_plain && value.is_finite() => Ok(Self { value, decimals: fraction.len() }),
            _ => Err(Error::invalid_parameter("printed value", "a plain decimal number such as 0.50", text)),
        }
    }
}

impl fmt::Display for PrintedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*}", self.decimals, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> PrintedValue {
        text.parse().expect("a number")
    }

    #[test]
    fn digits_after_the_point_are_kept() {
        assert_eq!(printed("20.10").decimals, 2);
        assert_eq!(printed("7").decimals, 0);
        assert_eq!(printed("-0.030").to_string(), "-0.030");
        for wrong in ["", "1e3", "+1", "nan", "1.2.3", "--1", "1,5", " 1"] {
            assert!(wrong.parse::<PrintedValue>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounding_and_cutting_off_have_ranges_of_their_own() {
        let holds = |text: &str, exact, rounding| printed(text).can_be(exact, rounding);
        assert!(holds("2.74", 2.745, Rounding::Rounded) && holds("2.75", 2.745, Rounding::Rounded));
        assert!(!holds("2.74", 2.7451, Rounding::Rounded) && holds("2.74", 2.7451, Rounding::Truncated));
        assert!(holds("2.74", 2.7451, Rounding::Either) && holds("2.74", 2.735, Rounding::Either));
        assert!(!holds("2.74", 2.735, Rounding::Truncated));
        assert!(holds("-2.74", -2.7451, Rounding::Truncated) && !holds("-2.74", -2.735, Rounding::Truncated));
        assert!(holds("3", 3.0, Rounding::Exact) && !holds("3", 3.1, Rounding::Exact));
        assert!(holds("0.00", -0.004, Rounding::Truncated));
        assert!(!holds("2.74", 2.7501, Rounding::Either) && !holds("2.74", 2.7349, Rounding::Either));
    }
}
