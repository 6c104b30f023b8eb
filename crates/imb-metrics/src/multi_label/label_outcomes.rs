//! Metrics of predicted labels: F1 and Hamming loss, computed from the outcomes of each label.

use imb_core::{Error, LabelMatrix, Result};
use ndarray::Zip;
use serde::{Deserialize, Serialize};

use crate::Outcomes;
use crate::checks::{require_at_least, require_length, require_same_names};

/// The [`Outcomes`] of each label, `(n_labels)`. There is at least one label, and all labels count the same
/// number of rows, at least one.
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::{LabelOutcomes, hamming_loss, macro_f1_score, micro_f1_score};
/// use ndarray::array;
///
/// let names = vec!["sea".to_owned(), "sun".to_owned()];
/// let truth = LabelMatrix::new(array![[true, false], [true, true]], names.clone())?;
/// let predicted = LabelMatrix::new(array![[true, false], [true, false]], names)?;
/// let outcomes = LabelOutcomes::new(&truth, &predicted)?;
/// assert_eq!(macro_f1_score(&outcomes), 0.5);
/// assert_eq!(micro_f1_score(&outcomes), 0.8);
/// assert_eq!(hamming_loss(&outcomes), 0.25);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Outcomes>", into = "Vec<Outcomes>")]
pub struct LabelOutcomes {
    per_label: Vec<Outcomes>,
}

impl LabelOutcomes {
    /// Counts the outcomes of true and predicted labels, `(n_rows, n_labels)` each.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the two do not have the same labels in the same order, or have
    /// no rows or no labels; [`Error::LengthMismatch`] if they have different numbers of rows.
    pub fn new(truth: &LabelMatrix, predicted: &LabelMatrix) -> Result<Self> {
        require_same_names("labels", truth.names(), predicted.names())?;
        let (truth, predicted) = (truth.view(), predicted.view());
        require_length("rows of the prediction", truth.nrows(), predicted.nrows())?;
        let columns = truth.columns().into_iter().zip(predicted.columns());
        let outcomes = columns.map(|(truth, predicted)| {
            let mut outcomes = Outcomes::default();
            Zip::from(truth).and(predicted).for_each(|&is, &said| count(&mut outcomes, is, said));
            outcomes
        });
        Self::from_outcomes(outcomes.collect())
    }

    /// Makes label outcomes from the counts of each label, `(n_labels)`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if there is no label or no row, or the sum of all counts exceeds
    /// `u64`; [`Error::LengthMismatch`] if not all labels count the same number of rows.
    pub fn from_outcomes(per_label: Vec<Outcomes>) -> Result<Self> {
        require_at_least("number of labels", 1, per_label.len())?;
        let counts = checked_rows_per_label(&per_label).ok_or_else(|| {
            let requirement = format!("at most {}", u64::MAX);
            Error::invalid_parameter("sum of the counts", requirement, "more than that")
        })?;
        let as_usize = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        require_at_least("number of rows", 1, as_usize(counts[0]))?;
        for &count in &counts {
            require_length("rows of a label", as_usize(counts[0]), as_usize(count))?;
        }
        Ok(Self { per_label })
    }

    /// The outcomes of each label, `(n_labels)`.
    pub fn per_label(&self) -> &[Outcomes] {
        &self.per_label
    }

    /// The outcomes of all labels together.
    pub fn pooled(&self) -> Outcomes {
        self.per_label.iter().fold(Outcomes::default(), |sum, outcomes| sum.plus(*outcomes))
    }
}

impl From<LabelOutcomes> for Vec<Outcomes> {
    fn from(outcomes: LabelOutcomes) -> Self {
        outcomes.per_label
    }
}

impl TryFrom<Vec<Outcomes>> for LabelOutcomes {
    type Error = Error;

    fn try_from(per_label: Vec<Outcomes>) -> Result<Self> {
        Self::from_outcomes(per_label)
    }
}

/// Mean of the labels' F1, in `[0, 1]`.
///
/// A label that no row has and none is predicted to have counts as 0, as in scikit-learn; mulan counts it as
/// 1.
pub fn macro_f1_score(outcomes: &LabelOutcomes) -> f64 {
    let labels = outcomes.per_label();
    labels.iter().map(Outcomes::f1).sum::<f64>() / labels.len() as f64
}

/// F1 of all labels together, in `[0, 1]`; 0 if no row has any label and none is predicted to.
pub fn micro_f1_score(outcomes: &LabelOutcomes) -> f64 {
    outcomes.pooled().f1()
}

/// Share of wrongly predicted cells of the label matrix, in `[0, 1]`.
pub fn hamming_loss(outcomes: &LabelOutcomes) -> f64 {
    let all = outcomes.pooled();
    let wrong = all.false_positives + all.false_negatives;
    wrong as f64 / (wrong + all.true_positives + all.true_negatives) as f64
}

fn count(outcomes: &mut Outcomes, is: bool, said: bool) {
    *match (is, said) {
        (true, true) => &mut outcomes.true_positives,
        (false, true) => &mut outcomes.false_positives,
        (true, false) => &mut outcomes.false_negatives,
        (false, false) => &mut outcomes.true_negatives,
    } += 1;
}

/// The number of rows that each label counts, unless the sum of all counts exceeds `u64`.
fn checked_rows_per_label(per_label: &[Outcomes]) -> Option<Vec<u64>> {
    let counts = per_label.iter().map(checked_rows).collect::<Option<Vec<u64>>>()?;
    counts.iter().try_fold(0u64, |sum, &count| sum.checked_add(count))?;
    Some(counts)
}

fn checked_rows(outcomes: &Outcomes) -> Option<u64> {
    let predicted = outcomes.true_positives.checked_add(outcomes.false_positives)?;
    predicted.checked_add(outcomes.false_negatives)?.checked_add(outcomes.true_negatives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn labels(on: Array2<bool>) -> LabelMatrix {
        let names = (0..on.ncols()).map(|label| label.to_string()).collect();
        LabelMatrix::new(on, names).expect("one name per label")
    }

    #[test]
    fn a_label_that_no_row_has_counts_as_0_in_the_mean() {
        let truth = labels(array![[true, false], [false, false]]);
        let outcomes = LabelOutcomes::new(&truth, &truth).expect("same shape");
        assert_eq!(macro_f1_score(&outcomes), 0.5);
        assert_eq!(micro_f1_score(&outcomes), 1.0);
        assert_eq!(hamming_loss(&outcomes), 0.0);
    }

    #[test]
    fn mismatched_input_is_refused() {
        let two = labels(array![[true, false]]);
        assert!(LabelOutcomes::new(&two, &labels(array![[true]])).is_err());
        assert!(LabelOutcomes::new(&two, &labels(array![[true, false], [true, false]])).is_err());
        let empty = labels(Array2::from_elem((0, 2), true));
        assert!(LabelOutcomes::new(&empty, &empty).is_err());
        assert!(LabelOutcomes::from_outcomes(vec![]).is_err());
        let one = Outcomes { true_positives: 1, ..Outcomes::default() };
        assert!(LabelOutcomes::from_outcomes(vec![one, one.plus(one)]).is_err());
        let most = Outcomes { true_positives: u64::MAX, ..Outcomes::default() };
        assert!(LabelOutcomes::from_outcomes(vec![most, most]).is_err());
    }

    #[test]
    fn records_keep_it_as_a_list() {
        let truth = labels(array![[true, false], [false, false]]);
        let outcomes = LabelOutcomes::new(&truth, &truth).expect("same shape");
        let text = serde_json::to_string(&outcomes).expect("writes");
        assert_eq!(serde_json::from_str::<LabelOutcomes>(&text).expect("reads"), outcomes);
        assert!(serde_json::from_str::<LabelOutcomes>("[]").is_err());
    }
}
