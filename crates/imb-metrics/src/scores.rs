//! Metrics of how well scores order the rows, for single-label data.
//!
//! Scores may be any finite numbers: an increasing transformation changes none of these metrics.

use imb_core::{Error, Labels, Result, Target};
use ndarray::{ArrayView1, ArrayView2};

use crate::checks::{not_applicable, require_at_least, require_finite, require_length, require_scores};
use crate::ties::{TieCredit, TieGroup, ordered_pairs, stepwise_average_precision, tie_groups, totals};

/// Area under the ROC curve of one class against all others, in `[0, 1]`.
///
/// It is the share of the pairs of a row of `class` and another row in which the former has the higher of
/// the `scores`, `(n_rows)`; a tie counts as half a pair. O(n log n). Hanley and McNeil (1982),
/// doi:10.1148/radiology.143.1.7063747.
///
/// # Errors
/// [`NotApplicable`](imb_core::Error::NotApplicable) if no row is of the class, or every row is;
/// [`LengthMismatch`](imb_core::Error::LengthMismatch) or [`NotFinite`](imb_core::Error::NotFinite)
/// for scores that do not fit; [`InvalidParameter`](imb_core::Error::InvalidParameter) if the class does not
/// exist.
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::scores::roc_auc_score;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["no", "no", "yes", "yes"]);
/// let scores = array![0.1, 0.4, 0.35, 0.8];
/// assert_eq!(roc_auc_score(&truth, 1, scores.view())?, 0.75);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn roc_auc_score(truth: &Labels, class: u32, scores: ArrayView1<'_, f64>) -> Result<f64> {
    let groups = checked_groups(truth, class, scores)?;
    ordered_pairs(&groups, TieCredit::Half).ok_or_else(|| {
        let class = &truth.classes()[class as usize];
        not_applicable("roc_auc_score", format!("class \"{class}\" has no row, or every row"))
    })
}

/// Average precision of one class against all others, in `[0, 1]`: precision at each distinct score,
/// weighted by the recall gained there, without interpolation.
///
/// `scores` is `(n_rows)`. It is 0 if the class has no row, as in scikit-learn. O(n log n).
///
/// # Errors
/// Those of [`roc_auc_score`], except that it applies to any truth.
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::scores::average_precision_score;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["no", "yes", "yes"]);
/// // At 0.9: precision 1, recall 1/2. At 0.1: precision 2/3, recall 1.
/// let value = average_precision_score(&truth, 1, array![0.5, 0.9, 0.1].view())?;
/// assert_eq!(value, (1.0 + 2.0 / 3.0) / 2.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn average_precision_score(truth: &Labels, class: u32, scores: ArrayView1<'_, f64>) -> Result<f64> {
    Ok(stepwise_average_precision(&checked_groups(truth, class, scores)?))
}

/// Mean of [`roc_auc_score`] over the classes, in `[0, 1]`, for `scores` `(n_rows, n_classes)`.
///
/// A class without rows, or with every row, has no ROC curve and is left out. For two classes whose
/// scores add up to a constant it is the ROC AUC of either class.
///
/// # Errors
/// [`NotApplicable`](imb_core::Error::NotApplicable) if all rows are of one class; otherwise those of
/// [`roc_auc_score`].
pub fn macro_roc_auc_score(truth: &Labels, scores: ArrayView2<'_, f64>) -> Result<f64> {
    let areas = per_class_groups(truth, scores)?;
    let areas = areas.iter().filter_map(|groups| ordered_pairs(groups, TieCredit::Half));
    mean_of(areas).ok_or_else(|| not_applicable("macro_roc_auc_score", "all rows are of one class"))
}

/// Mean of [`average_precision_score`] over the classes that have rows, in `[0, 1]`, for `scores`
/// `(n_rows, n_classes)`.
///
/// # Errors
/// Those of [`average_precision_score`].
pub fn macro_average_precision_score(truth: &Labels, scores: ArrayView2<'_, f64>) -> Result<f64> {
    let groups = per_class_groups(truth, scores)?;
    let present = groups.iter().filter(|groups| totals(groups).0 > 0);
    let mean = mean_of(present.map(|groups| stepwise_average_precision(groups)));
    mean.ok_or_else(|| not_applicable("macro_average_precision_score", "there is no row"))
}

fn checked_groups(truth: &Labels, class: u32, scores: ArrayView1<'_, f64>) -> Result<Vec<TieGroup>> {
    let Some(name) = truth.classes().get(class as usize) else {
        let requirement = format!("below the number of classes, {}", truth.classes().len());
        return Err(Error::invalid_parameter("class", requirement, class));
    };
    require_at_least("rows", 1, truth.n_rows())?;
    require_length("scores", truth.n_rows(), scores.len())?;
    require_finite(&scores.to_vec(), name)?;
    Ok(groups_of(truth, class, scores))
}

fn per_class_groups(truth: &Labels, scores: ArrayView2<'_, f64>) -> Result<Vec<Vec<TieGroup>>> {
    require_at_least("rows", 1, truth.n_rows())?;
    require_scores(scores, truth.n_rows(), truth.classes())?;
    let columns = (0u32..).zip(scores.columns());
    Ok(columns.map(|(class, scores)| groups_of(truth, class, scores)).collect())
}

fn groups_of(truth: &Labels, class: u32, scores: ArrayView1<'_, f64>) -> Vec<TieGroup> {
    tie_groups(scores.iter().zip(truth.codes()).map(|(&score, &code)| (score, code == class)))
}

/// The mean, if there is at least one value.
fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0u32, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / f64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn one_class_only_has_no_curve() {
        let truth = Labels::new(vec![0, 0], vec!["a".into(), "b".into()]).expect("valid");
        let scores = array![[0.2, 0.8], [0.6, 0.4]];
        let na = |result: Result<f64>| matches!(result, Err(Error::NotApplicable { .. }));
        assert!(na(roc_auc_score(&truth, 0, scores.column(0))));
        assert!(na(macro_roc_auc_score(&truth, scores.view())));
        assert_eq!(average_precision_score(&truth, 1, scores.column(1)).expect("applies"), 0.0);
        assert_eq!(macro_average_precision_score(&truth, scores.view()).expect("applies"), 1.0);
    }

    #[test]
    fn faults_are_named() {
        let truth = Labels::from_texts(&["a", "b"]);
        let result = macro_roc_auc_score(&truth, array![[0.1, 0.9], [0.5, f64::NAN]].view());
        assert!(matches!(result, Err(Error::NotFinite { row: 1, column, .. }) if column == "b"));
        assert!(roc_auc_score(&truth, 0, array![0.1].view()).is_err());
        assert!(roc_auc_score(&truth, 2, array![0.1, 0.2].view()).is_err());
        assert!(roc_auc_score(&truth, 0, array![0.1, f64::INFINITY].view()).is_err());
    }
}
