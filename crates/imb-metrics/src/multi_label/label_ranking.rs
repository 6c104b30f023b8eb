//! Metrics of the ranking of the labels by a row's scores.
//!
//! All take `truth` and `scores`, `(n_rows, n_labels)`, and are averaged over rows. A label is *relevant* to a
//! row that has it. The order of rows and labels does not matter.

use imb_core::{LabelMatrix, Result};
use ndarray::ArrayView2;

use crate::checks::{require_at_least, require_scores};
use crate::ties::{TieCredit, TieGroup, ordered_pairs, stepwise_average_precision, tie_groups, totals};

/// Share of the pairs of a relevant and an irrelevant label in which the irrelevant one scores at least as
/// high, averaged over rows, in `[0, 1]`. A tie counts as a whole error.
///
/// A row with every label or with none has no such pair; it counts as 0. O(q log q) per row with q labels.
/// It is scikit-learn's `label_ranking_loss`.
///
/// # Errors
/// [`LengthMismatch`](imb_core::Error::LengthMismatch) or
/// [`NotFinite`](imb_core::Error::NotFinite) for scores that do not fit;
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) without rows or labels.
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::ranking_loss;
/// use ndarray::array;
///
/// let names = ["sea", "sun", "sky"].map(String::from).to_vec();
/// let truth = LabelMatrix::new(array![[true, false, false], [true, true, true]], names)?;
/// let scores = array![[0.5, 0.5, 0.1], [0.3, 0.2, 0.1]];
/// assert_eq!(ranking_loss(&truth, scores.view())?, 0.25, "(1/2 + 0) / 2");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn ranking_loss(truth: &LabelMatrix, scores: ArrayView2<'_, f64>) -> Result<f64> {
    mean_over_rows(truth, scores, |groups| {
        let from_the_lowest: Vec<TieGroup> = groups.iter().rev().copied().collect();
        ordered_pairs(&from_the_lowest, TieCredit::Full).unwrap_or(0.0)
    })
}

/// Share of rows whose highest-scoring label is irrelevant, in `[0, 1]`.
///
/// If several labels share the highest score, the share of irrelevant ones among them counts. A row
/// without labels counts as 1, since its highest label cannot be relevant.
///
/// # Errors
/// Those of [`ranking_loss`].
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::one_error_loss;
/// use ndarray::array;
///
/// let names = ["sea", "sun"].map(String::from).to_vec();
/// let truth = LabelMatrix::new(array![[true, false], [true, false]], names)?;
/// assert_eq!(one_error_loss(&truth, array![[0.9, 0.1], [0.1, 0.9]].view())?, 0.5);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn one_error_loss(truth: &LabelMatrix, scores: ArrayView2<'_, f64>) -> Result<f64> {
    mean_over_rows(truth, scores, |groups| {
        let top = groups[0];
        top.negatives as f64 / (top.positives + top.negatives) as f64
    })
}

/// The number of labels, from the highest score down, that must be taken to include every relevant one,
/// averaged over rows, in `[0, n_labels]`.
///
/// Labels of equal score are taken together. A row without labels counts as 0. It is scikit-learn's
/// `coverage_error`; Zhang and Zhou subtract 1.
///
/// # Errors
/// Those of [`ranking_loss`].
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::coverage_loss;
/// use ndarray::array;
///
/// let names = ["sea", "sun", "sky"].map(String::from).to_vec();
/// let truth = LabelMatrix::new(array![[true, false, true]], names)?;
/// assert_eq!(coverage_loss(&truth, array![[0.9, 0.5, 0.1]].view())?, 3.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn coverage_loss(truth: &LabelMatrix, scores: ArrayView2<'_, f64>) -> Result<f64> {
    mean_over_rows(truth, scores, |groups| {
        let last = groups.iter().rposition(|group| group.positives > 0);
        let taken = &groups[..last.map_or(0, |last| last + 1)];
        taken.iter().map(|group| group.positives + group.negatives).sum::<u64>() as f64
    })
}

/// For each relevant label, the share of relevant labels among those that score at least as high, averaged
/// over the row's labels and then over rows, in `[0, 1]`.
///
/// A row with every label or with none counts as 1. It is scikit-learn's
/// `label_ranking_average_precision_score`.
///
/// # Errors
/// Those of [`ranking_loss`].
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::average_precision_score;
/// use ndarray::array;
///
/// let names = ["sea", "sun", "sky"].map(String::from).to_vec();
/// let truth = LabelMatrix::new(array![[true, false, true]], names)?;
/// let value = average_precision_score(&truth, array![[0.9, 0.5, 0.1]].view())?;
/// assert_eq!(value, (1.0 + 2.0 / 3.0) / 2.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn average_precision_score(truth: &LabelMatrix, scores: ArrayView2<'_, f64>) -> Result<f64> {
    mean_over_rows(truth, scores, |groups| {
        if totals(groups).0 == 0 { 1.0 } else { stepwise_average_precision(groups) }
    })
}

/// The mean over rows of `of_row`, which gets a row's labels grouped by score, from the highest down.
fn mean_over_rows(
    truth: &LabelMatrix,
    scores: ArrayView2<'_, f64>,
    of_row: impl Fn(&[TieGroup]) -> f64,
) -> Result<f64> {
    let on = truth.view();
    require_at_least("rows", 1, on.nrows())?;
    require_at_least("labels", 1, on.ncols())?;
    require_scores(scores, on.nrows(), truth.names())?;
    let values = scores.rows().into_iter().zip(on.rows()).map(|(scores, on)| {
        let labels = scores.iter().copied().zip(on.iter().copied());
        of_row(&tie_groups(labels))
    });
    Ok(values.sum::<f64>() / on.nrows() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Error;
    use ndarray::{Array2, array};

    fn truth(on: Array2<bool>) -> LabelMatrix {
        let names = (0..on.ncols()).map(|label| format!("label {label}")).collect();
        LabelMatrix::new(on, names).expect("one name per label")
    }

    #[test]
    fn one_row_by_hand() {
        let truth = truth(array![[true, false, true, false]]);
        let scores = array![[0.9, 0.9, 0.3, 0.1]];
        assert_eq!(ranking_loss(&truth, scores.view()).expect("fits"), 2.0 / 4.0);
        assert_eq!(one_error_loss(&truth, scores.view()).expect("fits"), 0.5);
        assert_eq!(coverage_loss(&truth, scores.view()).expect("fits"), 3.0);
        let precision = average_precision_score(&truth, scores.view()).expect("fits");
        assert!((precision - (1.0 / 2.0 + 2.0 / 3.0) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn rows_with_every_label_and_with_none() {
        let truth = truth(array![[true, true], [false, false]]);
        let scores = array![[0.1, 0.9], [0.5, 0.5]];
        assert_eq!(ranking_loss(&truth, scores.view()).expect("fits"), 0.0);
        assert_eq!(one_error_loss(&truth, scores.view()).expect("fits"), 0.5);
        assert_eq!(coverage_loss(&truth, scores.view()).expect("fits"), 1.0);
        assert_eq!(average_precision_score(&truth, scores.view()).expect("fits"), 1.0);
    }

    #[test]
    fn a_score_that_is_nan_is_named() {
        let truth = truth(array![[true, false]]);
        let result = ranking_loss(&truth, array![[0.1, f64::NAN]].view());
        assert!(matches!(result, Err(Error::NotFinite { row: 0, column, .. }) if column == "label 1"));
    }
}
