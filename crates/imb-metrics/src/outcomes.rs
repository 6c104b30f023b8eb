//! True and false positives and negatives of one class or label.

use serde::{Deserialize, Serialize};

/// The numbers of true and false positives and negatives of one class or label.
///
/// ```
/// use imb_metrics::Outcomes;
///
/// let outcomes = Outcomes { true_positives: 3, false_positives: 1, false_negatives: 3, true_negatives: 9 };
/// assert_eq!(outcomes.precision(), 0.75);
/// assert_eq!(outcomes.recall(), 0.5);
/// assert_eq!(outcomes.f1(), 0.6);
/// assert_eq!(Outcomes::default().f1(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// Rows with the label that are predicted to have it.
    pub true_positives: u64,
    /// Rows without the label that are predicted to have it.
    pub false_positives: u64,
    /// Rows with the label that are predicted not to have it.
    pub false_negatives: u64,
    /// Rows without the label that are predicted not to have it.
    pub true_negatives: u64,
}

impl Outcomes {
    /// Share of true positives among the predicted positives, in `[0, 1]`; 0 if nothing is predicted positive.
    pub fn precision(&self) -> f64 {
        ratio_or_zero(self.true_positives as f64, self.true_positives as f64 + self.false_positives as f64)
    }

    /// Share of true positives among the positives, in `[0, 1]`; 0 if there are none.
    pub fn recall(&self) -> f64 {
        ratio_or_zero(self.true_positives as f64, self.true_positives as f64 + self.false_negatives as f64)
    }

    /// Harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`, in `[0, 1]`; 0 if no row is positive
    /// or predicted positive.
    pub fn f1(&self) -> f64 {
        let hits = 2.0 * self.true_positives as f64;
        ratio_or_zero(hits, hits + self.false_positives as f64 + self.false_negatives as f64)
    }

    /// The sum of the counts, for example of two folds or of all labels together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
            true_negatives: self.true_negatives + other.true_negatives,
        }
    }
}

/// 0/0 is 0, like scikit-learn's `zero_division=0`.
fn ratio_or_zero(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
