//! Whether a printed value holds. The rule stands in a paper's `spec.toml` before anything is measured.
//!
//! Two questions are kept apart: is our mean the printed value, and could the printed value have come
//! out of one unit of the method at all? A unit is what one printed value was made from: a run, a start
//! of several runs, or all folds. The second question is answered by the predictive distribution of one
//! further unit, because the printed value has noise of its own.

use std::fmt;

use imb_metrics::Predictive;
use imb_metrics::interval::{Interval, percentile_interval, student_interval};
use serde::Serialize;

use crate::spec::Tolerance;

/// What is said of a printed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The mean of our runs is the printed value, within the tolerance.
    Reproduced,
    /// The printed value could be that of one unit of our runs, which do not vary much.
    Compatible,
    /// The printed value is unlikely for one unit of our runs: outside their 95 % interval.
    Doubtful,
    /// The printed value is not that of one unit of our runs: outside their 99 % interval.
    Differs,
    /// Too few runs, runs that failed or vary too much, or a printed value within the tolerance of a mean that is not
    /// known well enough.
    Undecided,
    /// A budget ended a training before its own rule did.
    Capped,
    /// Arithmetic forbids it; the proof stands beside.
    CannotBeRight,
    /// The data or the method is not available; the reason stands beside.
    NotAttempted,
}

impl Verdict {
    /// Every verdict, the best first.
    pub const ALL: [Self; 8] = [
        Self::Reproduced,
        Self::Compatible,
        Self::Doubtful,
        Self::Differs,
        Self::Undecided,
        Self::Capped,
        Self::CannotBeRight,
        Self::NotAttempted,
    ];

    /// Whether it says something of the printed value.
    pub fn is_judgement(self) -> bool {
        matches!(self, Self::Reproduced | Self::Compatible | Self::Doubtful | Self::Differs)
    }

    /// The sign that stands for it in tables.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Reproduced => "✓",
            Self::Compatible => "≈",
            Self::Doubtful => "?",
            Self::Differs => "✗",
            Self::Undecided => "~",
            Self::Capped => "c",
            Self::CannotBeRight => "!",
            Self::NotAttempted => "–",
        }
    }

    /// When it is given, in a few words that continue those of the verdict before it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Reproduced => {
                "the 95 % interval of our mean lies within the tolerance around the printed value"
            }
            Self::Compatible => "the printed value lies in the 95 % interval of one further unit",
            Self::Doubtful => {
                "it lies outside that but in the 99 % one, and farther from our mean than the tolerance"
            }
            Self::Differs => {
                "it lies outside the 99 % interval, and farther from our mean than the tolerance"
            }
            Self::Undecided => "no rule before fits, too few runs, or a failed one",
            Self::Capped => "a budget ended a training early",
            Self::CannotBeRight => "arithmetic forbids the printed value",
            Self::NotAttempted => "not run",
        }
    }

    /// Its name. A value that holds under a protocol other than the paper's own is replicated, not
    /// reproduced.
    pub fn name(self, is_papers_protocol: bool) -> &'static str {
        match self {
            Self::Reproduced if !is_papers_protocol => "replicated",
            Self::Reproduced => "reproduced",
            Self::Compatible => "compatible",
            Self::Doubtful => "doubtful",
            Self::Differs => "differs",
            Self::Undecided => "undecided",
            Self::Capped => "capped",
            Self::CannotBeRight => "cannot be right",
            Self::NotAttempted => "not attempted",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name(true))
    }
}

/// What a paper prints at one place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Printed {
    /// A number.
    Value(f64),
    /// That the method cannot be applied.
    NotApplicable,
}

impl Printed {
    /// The number, if it is one.
    pub fn value(self) -> Option<f64> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// A printed number as the paper has it: with the digits of its table, or with more where it stands with more.
pub(crate) fn as_printed(value: f64, decimals: usize) -> String {
    let (whole, all) = (format!("{value:.decimals$}"), value.to_string());
    let is_longer = all.split_once('.').is_some_and(|(_, digits)| digits.len() > decimals);
    if is_longer { all } else { whole }
}

/// By what a printed value is judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// How far our mean may lie from it.
    pub tolerance: f64,
    /// Digits printed after the point.
    pub decimals: usize,
    /// The least and the greatest value of the metric.
    pub range: (f64, f64),
}

/// The runs behind a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// The value of each unit, or of each run where runs are not in units.
    pub values: Vec<f64>,
    /// Runs behind them.
    pub runs: usize,
    /// Runs that failed or diverged.
    pub failed: usize,
    /// Runs in which the method could not be applied.
    pub not_applicable: usize,
    /// Whether a budget ended a training.
    pub capped: bool,
}

/// Fewer values than this decide nothing.
const LEAST_VALUES: usize = 5;

/// What our runs say of a printed value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The mean of our runs.
    pub mean: Option<f64>,
    /// Student's 95 % interval of the mean.
    pub of_mean: Option<Interval>,
    /// The 95 % interval of one further unit, widened by the rounding of the print.
    pub of_unit: Option<Interval>,
    /// The verdict, where something is printed.
    pub verdict: Option<Verdict>,
    /// The percentile of the printed value in the predictive distribution, where it is judged.
    pub percentile: Option<f64>,
    /// The smallest difference that would have been called one: half the width of the 99 % interval of
    /// one unit, and the tolerance at least.
    pub detectable: Option<f64>,
}

impl Judged {
    /// Judges a printed value by our runs.
    ///
    /// # Errors
    /// [`NotFinite`](imb_core::Error::NotFinite) if a value is no number.
    pub fn new(sample: &Sample, printed: Option<Printed>, rule: Rule) -> imb_core::Result<Self> {
        let n = sample.values.len();
        let mean = (n > 0).then(|| sample.values.iter().sum::<f64>() / n as f64);
        let of_mean = if n >= 2 { Some(student_interval(&sample.values, 0.95)?) } else { None };
        let predictive = if n >= 2 { Some(Predictive::of(&sample.values)?) } else { None };
        let interval = |confidence| -> imb_core::Result<Option<Interval>> {
            let interval = predictive.map(|predictive| predictive.interval(confidence)).transpose()?;
            Ok(interval.map(|interval| rule.widened(interval)))
        };
        let (of_unit, of_unit_99) = (interval(0.95)?, interval(0.99)?);
        let verdict = printed.map(|printed| match (mean, of_mean, of_unit, of_unit_99) {
            _ if sample.capped => Verdict::Capped,
            _ if sample.failed > 0 => Verdict::Undecided,
            (Some(mean), Some(of_mean), Some(of_unit), Some(of_unit_99))
                if n >= LEAST_VALUES && sample.not_applicable == 0 =>
            {
                printed.value().map_or(Verdict::Undecided, |printed| {
                    rule.verdict(printed, mean, of_mean, [of_unit, of_unit_99])
                })
            }
            _ if n == 0 && sample.not_applicable >= LEAST_VALUES && printed == Printed::NotApplicable => {
                Verdict::Reproduced
            }
            _ => Verdict::Undecided,
        });
        let value = printed.and_then(Printed::value).filter(|_| verdict.is_some_and(Verdict::is_judgement));
        let percentile = value.and_then(|value| predictive.map(|predictive| 100.0 * predictive.cdf(value)));
        let detectable = of_unit_99.filter(|_| n >= LEAST_VALUES);
        let detectable = detectable.map(|unit| ((unit.upper - unit.lower) / 2.0).max(rule.tolerance));
        Ok(Self { mean, of_mean, of_unit, verdict, percentile, detectable })
    }

    /// Judges a printed value by draws: of our value `of_mean`, and of one further unit `of_unit`, where no
    /// formula gives their distributions.
    ///
    /// # Errors
    /// If there are no draws, or one is no number.
    pub fn by_draws(
        mean: f64,
        [of_mean, of_unit]: [Vec<f64>; 2],
        printed: Option<Printed>,
        rule: Rule,
        may_be_judged: bool,
    ) -> imb_core::Result<Self> {
        let of_mean = rule.clipped(percentile_interval(&of_mean, 0.95)?);
        let interval = |confidence| -> imb_core::Result<Interval> {
            Ok(rule.widened(percentile_interval(&of_unit, confidence)?))
        };
        let [within_95, within_99] = [interval(0.95)?, interval(0.99)?];
        let verdict = printed.map(|printed| match printed.value() {
            Some(printed) if may_be_judged => rule.verdict(printed, mean, of_mean, [within_95, within_99]),
            _ => Verdict::Undecided,
        });
        let value = printed.and_then(Printed::value).filter(|_| verdict.is_some_and(Verdict::is_judgement));
        let below = |value: f64| of_unit.iter().filter(|draw| **draw <= value).count();
        let percentile = value.map(|value| 100.0 * below(value) as f64 / of_unit.len() as f64);
        let detectable = ((within_99.upper - within_99.lower) / 2.0).max(rule.tolerance);
        Ok(Self {
            mean: Some(mean),
            of_mean: Some(of_mean),
            of_unit: Some(within_95),
            verdict,
            percentile,
            detectable: may_be_judged.then_some(detectable),
        })
    }
}

impl Rule {
    /// The first rule that fits, for a value that may be judged.
    fn verdict(&self, printed: f64, mean: f64, of_mean: Interval, of_unit: [Interval; 2]) -> Verdict {
        let [within_95, within_99] = of_unit;
        // Printed values are decimal: a border that is met exactly must not depend on binary digits.
        let reach = self.tolerance * (1.0 + f64::EPSILON.sqrt());
        let holds = |interval: Interval| (interval.lower..=interval.upper).contains(&printed);
        let is_far = (printed - mean).abs() > reach;
        if of_mean.lower >= printed - reach && of_mean.upper <= printed + reach {
            Verdict::Reproduced
        } else if is_far && !holds(within_99) {
            Verdict::Differs
        } else if is_far && !holds(within_95) {
            Verdict::Doubtful
        } else if holds(within_95) && within_95.upper - within_95.lower <= 6.0 * reach {
            Verdict::Compatible
        } else {
            Verdict::Undecided
        }
    }

    /// An interval widened by half a unit of the last printed digit, then clipped to the metric's range.
    fn widened(&self, interval: Interval) -> Interval {
        let half = 0.5 * unit(self.decimals) * (1.0 + f64::EPSILON.sqrt());
        self.clipped(Interval { lower: interval.lower - half, upper: interval.upper + half })
    }

    /// An interval without what lies beyond the metric's range.
    fn clipped(&self, interval: Interval) -> Interval {
        let (least, greatest) = self.range;
        Interval { lower: interval.lower.max(least), upper: interval.upper.min(greatest) }
    }
}

impl Tolerance {
    /// Whether `measured` is the value that was printed with `decimals` digits after the point.
    pub fn holds(self, printed: f64, measured: f64, decimals: usize) -> bool {
        match self {
            Self::Exact => measured == printed,
            Self::HalfDigit => {
                (measured - printed).abs() <= 0.5 * unit(decimals) * (1.0 + f64::EPSILON.sqrt())
            }
        }
    }
}

/// Whether the printed value is the measured one with the further digits cut off, where rounding
/// would have given another. It is a remark, not a verdict.
pub fn is_cut_off(printed: f64, measured: f64, decimals: usize) -> bool {
    let excess = (measured - printed) / unit(decimals);
    (0.5..1.0 - 1e-6).contains(&excess)
}

/// One unit of the last of `decimals` digits after the point.
pub(crate) fn unit(decimals: usize) -> f64 {
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
    fn printed_numbers_keep_their_digits() {
        assert_eq!(as_printed(0.5, 2), "0.50");
        assert_eq!(as_printed(100.0, 0), "100");
        assert_eq!(as_printed(0.3, 0), "0.3", "Connect4 stands with a digit that no other row has");
    }

    const RULE: Rule = Rule { tolerance: 0.03, decimals: 2, range: (0.0, 1.0) };

    fn verdict(values: &[f64], printed: f64) -> Verdict {
        let sample = Sample { values: values.to_vec(), runs: values.len(), ..Sample::default() };
        let judged = Judged::new(&sample, Some(Printed::Value(printed)), RULE).expect("finite");
        judged.verdict.expect("printed")
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        assert_eq!(verdict(&[0.5; 3], 0.5), Verdict::Undecided, "three equal runs prove nothing");
        assert_eq!(verdict(&[0.5; 5], 0.53), Verdict::Reproduced);
        assert_eq!(verdict(&[0.5; 5], 0.54), Verdict::Differs);
        let spread = [0.49, 0.50, 0.51, 0.50, 0.50];
        assert_eq!(verdict(&spread, 0.51), Verdict::Reproduced);
        assert_eq!(verdict(&spread, 0.60), Verdict::Differs);
        // 95 % of one further unit: ± 2.78 · 0.0071 · 1.095 = ± 0.0215, and 99 % ± 0.0357.
        let sample = Sample { values: spread.to_vec(), runs: 5, ..Sample::default() };
        let rule = Rule { tolerance: 0.01, ..RULE };
        let judge = |printed| {
            Judged::new(&sample, Some(Printed::Value(printed)), rule)
                .expect("finite")
                .verdict
                .expect("printed")
        };
        assert_eq!(judge(0.52), Verdict::Compatible);
        assert_eq!(judge(0.535), Verdict::Doubtful);
        assert_eq!(judge(0.55), Verdict::Differs);
        assert_eq!(verdict(&[0.2, 0.8, 0.5, 0.3, 0.9], 0.6), Verdict::Undecided, "too noisy to tell");
    }

    #[test]
    fn what_may_not_be_judged_is_not() {
        let of = |sample: Sample, printed| {
            Judged::new(&sample, Some(printed), RULE).expect("finite").verdict.expect("printed")
        };
        let five = Sample { values: vec![0.5; 5], runs: 5, ..Sample::default() };
        assert_eq!(of(Sample { capped: true, ..five.clone() }, Printed::Value(0.5)), Verdict::Capped);
        assert_eq!(of(Sample { failed: 1, ..five.clone() }, Printed::Value(0.5)), Verdict::Undecided);
        assert_eq!(of(Sample { not_applicable: 1, ..five.clone() }, Printed::Value(0.5)), Verdict::Undecided);
        assert_eq!(of(five, Printed::NotApplicable), Verdict::Undecided);
        let never = Sample { not_applicable: 20, ..Sample::default() };
        assert_eq!(of(never.clone(), Printed::NotApplicable), Verdict::Reproduced);
        assert_eq!(of(never, Printed::Value(0.5)), Verdict::Undecided);
    }

    #[test]
    fn cutting_off_is_told_from_rounding() {
        assert!(is_cut_off(15.93, 15.9356, 2));
        assert!(!is_cut_off(15.93, 15.9344, 2), "rounds to it as well");
        assert!(!is_cut_off(15.93, 15.94, 2));
        assert!(!is_cut_off(15.93, 15.9244, 2));
    }
}
