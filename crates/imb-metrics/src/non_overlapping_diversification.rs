//! ε/δ non-overlapping diversification: how much training on a resampled set S, instead of the original
//! training set Dᵀʳ, moves the minority rows to their side of the boundary and spreads the network's outputs.
//!
//! Below, z is the logit of the minority class, from the network trained on the set in question, and
//!
//! - κ_m is the share of minority rows with z < 1/2, as in the paper's code (its text has z ≤ 1/2). With two
//!   logits the larger one decides, so 1/2 is not the boundary; we therefore also measure the share of
//!   minority rows that are predicted as the majority;
//! - s² is the unbiased variance (n − 1);
//! - Δ O(s²) is the plain log10 of s²(S) over s²(Dᵀʳ), without the floor of Definition 5, which the paper's
//!   Table 4 does not apply either.
//!
//! Medlin, Leyffer and Raghavan, "Sampling imbalanced data with multi-objective bilevel optimization" (2025),
//! arXiv:2506.11315, Definitions 4 to 6.

use imb_core::{Error, Labels, Prediction, Result, Target};
use serde::{Deserialize, Serialize};

use crate::checks::{not_applicable, require_length, require_same_names, require_scores};
use crate::numeric::mean_and_variance;

/// The distribution of a network's outputs on its own training rows.
///
/// ```
/// use imb_core::{Labels, Prediction};
/// use imb_metrics::non_overlapping_diversification::OutputSpread;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["often", "often", "rare", "rare"]);
/// let logits = array![[2.0, 0.0], [1.0, 0.5], [0.5, 0.25], [0.0, 2.25]];
/// let labels = Labels::new(vec![0, 0, 0, 1], truth.classes().to_vec())?;
/// let prediction = Prediction { labels, scores: logits.clone(), logits: Some(logits) };
/// let spread = OutputSpread::of(&truth, &prediction, 1)?;
/// assert_eq!(spread.overlap, 0.5, "0.25 is below 1/2");
/// assert_eq!(spread.minority_variance, 2.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpread {
    /// κ_m: the share of minority rows with z < 1/2, in `[0, 1]`.
    pub overlap: f64,
    /// The share of minority rows predicted as the majority, in `[0, 1]`.
    pub misclassified: f64,
    /// The unbiased variance of z over the minority rows.
    pub minority_variance: f64,
    /// The unbiased variance of z over the majority rows.
    pub majority_variance: f64,
}

impl OutputSpread {
    /// Measures a prediction, with logits `(n_rows, 2)`, of the rows on which the network was trained.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] if the prediction has no logits or there are not two classes;
    /// [`Error::TooFewRows`] if a class has fewer than two rows; [`Error::InvalidParameter`],
    /// [`Error::LengthMismatch`] or [`Error::NotFinite`] if truth and prediction do not fit.
    pub fn of(truth: &Labels, prediction: &Prediction<Labels>, minority: u32) -> Result<Self> {
        let logits = prediction.logits.as_ref().ok_or_else(|| na("the model has no logits"))?;
        if truth.classes().len() != 2 {
            return Err(na(&format!("it is for two classes, not {}", truth.classes().len())));
        }
        if minority > 1 {
            return Err(Error::invalid_parameter("minority", "0 or 1", minority));
        }
        require_same_names("classes", truth.classes(), prediction.labels.classes())?;
        require_length("rows of the prediction", truth.n_rows(), prediction.labels.n_rows())?;
        require_scores(logits.view(), truth.n_rows(), truth.classes())?;

        let z = logits.column(minority as usize);
        let outputs = |class: u32| truth.rows_of(class).into_iter().map(|row| z[row]).collect::<Vec<f64>>();
        let (of_minority, of_majority) = (outputs(minority), outputs(1 - minority));
        let named = |class: u32| &truth.classes()[class as usize];
        let predicted = prediction.labels.codes();
        let missed = truth.rows_of(minority).into_iter().filter(|&row| predicted[row] != minority);
        Ok(Self {
            minority_variance: unbiased_variance(&of_minority, named(minority))?,
            majority_variance: unbiased_variance(&of_majority, named(1 - minority))?,
            overlap: of_minority.iter().filter(|z| **z < 0.5).count() as f64 / of_minority.len() as f64,
            misclassified: missed.count() as f64 / of_minority.len() as f64,
        })
    }
}

/// Δκ_m: the decrease of the minority's overlap by resampling, in percentage points, in `[-100, 100]`
/// (Definition 4). Higher is better.
pub fn overlap_decrease_score(before: &OutputSpread, after: &OutputSpread) -> f64 {
    100.0 * (before.overlap - after.overlap)
}

/// Like [`overlap_decrease_score`], for misclassified minority rows instead of those with z < 1/2.
pub fn misclassified_decrease_score(before: &OutputSpread, after: &OutputSpread) -> f64 {
    100.0 * (before.misclassified - after.misclassified)
}

/// Δ O(s²_m): the increase of the variance of the minority's outputs by resampling, in orders of magnitude.
/// Higher is better.
///
/// # Errors
/// [`Error::NotApplicable`] if all outputs are equal before or after resampling.
///
/// ```
/// use imb_metrics::non_overlapping_diversification::{OutputSpread, minority_variance_increase_score};
///
/// // The paper's example, Ecoli: from 0.04 to 14.68.
/// let spread = |minority_variance| OutputSpread {
///     overlap: 0.0, misclassified: 0.0, minority_variance, majority_variance: 1.0,
/// };
/// let increase = minority_variance_increase_score(&spread(0.04), &spread(14.68))?;
/// assert_eq!(format!("{increase:.2}"), "2.56");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn minority_variance_increase_score(before: &OutputSpread, after: &OutputSpread) -> Result<f64> {
    orders_of_magnitude(before.minority_variance, after.minority_variance)
}

/// Δ O(s²_M): like [`minority_variance_increase_score`], for the majority's outputs.
///
/// # Errors
/// Those of [`minority_variance_increase_score`].
pub fn majority_variance_increase_score(before: &OutputSpread, after: &OutputSpread) -> Result<f64> {
    orders_of_magnitude(before.majority_variance, after.majority_variance)
}

/// Δ O(s²): the mean of the increases of minority and majority (Definition 5). Higher is better.
///
/// # Errors
/// Those of [`minority_variance_increase_score`].
pub fn variance_increase_score(before: &OutputSpread, after: &OutputSpread) -> Result<f64> {
    let minority = minority_variance_increase_score(before, after)?;
    Ok((minority + majority_variance_increase_score(before, after)?) / 2.0)
}

/// Whether the resampled set attains ε/δ non-overlapping diversification (Definition 6): an
/// [overlap decrease](overlap_decrease_score) of at least `epsilon` and a
/// [variance increase](variance_increase_score) of at least `delta`.
///
/// # Errors
/// Those of [`minority_variance_increase_score`].
pub fn attains(before: &OutputSpread, after: &OutputSpread, epsilon: f64, delta: f64) -> Result<bool> {
    let increase = variance_increase_score(before, after)?;
    Ok(overlap_decrease_score(before, after) >= epsilon && increase >= delta)
}

fn unbiased_variance(values: &[f64], class: &str) -> Result<f64> {
    if values.len() < 2 {
        return Err(Error::TooFewRows {
            class: format!("class \"{class}\""),
            has: values.len(),
            needs: 2,
            remedy: "the variance of one output is undefined".into(),
        });
    }
    Ok(mean_and_variance(values).1)
}

fn orders_of_magnitude(before: f64, after: f64) -> Result<f64> {
    let positive = |variance: f64| variance > 0.0 && variance.is_finite();
    if positive(before) && positive(after) {
        return Ok((after / before).log10());
    }
    Err(na(&format!("the variances are {before} before and {after} after, so their ratio has no logarithm")))
}

fn na(reason: &str) -> Error {
    not_applicable("non-overlapping diversification", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn predicted(truth: &Labels, codes: Vec<u32>, logits: Option<Array2<f64>>) -> Prediction<Labels> {
        let labels = Labels::new(codes, truth.classes().to_vec()).expect("known classes");
        let scores = Array2::zeros((labels.n_rows(), labels.classes().len()));
        Prediction { labels, scores, logits }
    }

    #[test]
    fn spread_by_hand() {
        let truth = Labels::from_texts(&["1", "0", "0", "1", "0"]);
        let logits = array![[0.0, 0.5], [4.0, -1.0], [4.0, -5.0], [0.0, 0.4], [2.0, 0.0]];
        let prediction = predicted(&truth, vec![0, 0, 0, 1, 0], Some(logits));
        let spread = OutputSpread::of(&truth, &prediction, 1).expect("fits");
        assert_eq!(spread.overlap, 0.5, "0.5 is not below the boundary");
        assert_eq!(spread.misclassified, 0.5);
        assert!((spread.minority_variance - 0.005).abs() < 1e-15);
        assert_eq!(spread.majority_variance, 7.0);
    }

    #[test]
    fn decrease_and_increase() {
        let before = OutputSpread {
            overlap: 1.0,
            misclassified: 0.75,
            minority_variance: 0.01,
            majority_variance: 2.0,
        };
        let after = OutputSpread {
            overlap: 0.25,
            misclassified: 0.5,
            minority_variance: 1.0,
            majority_variance: 0.2,
        };
        assert_eq!(overlap_decrease_score(&before, &after), 75.0);
        assert_eq!(misclassified_decrease_score(&before, &after), 25.0);
        let increase = variance_increase_score(&before, &after).expect("positive variances");
        assert!((increase - 0.5).abs() < 1e-12, "(2 - 1) / 2");
        assert!(attains(&before, &after, 75.0, 0.49).expect("positive variances"));
        assert!(!attains(&before, &after, 76.0, 0.49).expect("positive variances"));
        assert!(!attains(&before, &after, 75.0, 0.51).expect("positive variances"));
        let flat = OutputSpread { minority_variance: 0.0, ..before };
        assert!(matches!(variance_increase_score(&flat, &after), Err(Error::NotApplicable { .. })));
    }

    #[test]
    fn mismatched_input_is_refused() {
        let truth = Labels::from_texts(&["a", "b", "b"]);
        let logits = array![[0.0, 1.0], [1.0, 0.0], [2.0, 0.0]];
        let prediction = predicted(&truth, vec![0, 0, 1], Some(logits));
        assert!(matches!(OutputSpread::of(&truth, &prediction, 0), Err(Error::TooFewRows { has: 1, .. })));
        assert!(OutputSpread::of(&truth, &prediction, 2).is_err());
        let without = predicted(&truth, vec![0, 0, 1], None);
        assert!(matches!(OutputSpread::of(&truth, &without, 0), Err(Error::NotApplicable { .. })));
        let three = Labels::from_texts(&["a", "b", "c"]);
        let prediction = predicted(&three, vec![0, 0, 1], Some(Array2::zeros((3, 3))));
        assert!(matches!(OutputSpread::of(&three, &prediction, 0), Err(Error::NotApplicable { .. })));
    }
}
