//! Area under the ROC curve, averaged over labels, with two rules for ties.

use imb_core::{LabelMatrix, Result};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::checks::{not_applicable, require_at_least, require_scores};
use crate::ties::{TieCredit, ordered_pairs, tie_groups};

/// How a tie between a row with the label and a row without it counts, and how a label counts that every
/// row has, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// A tie counts as half a pair. A label without both kinds of rows is left out of the mean.
    #[default]
    Half,
    /// A tie counts as a whole pair, and a label without both kinds of rows as 0 in the mean. This is the rule
    /// in the code of Zhou et al., "AEMLO: AutoEncoder-guided multi-label oversampling" (2024). Constant scores
    /// reach 1 under it.
    Win,
}

/// Mean over the labels of the area under the ROC curve, in `[0, 1]`: the share of the pairs of a row
/// with the label and a row without it in which the former has the higher score.
///
/// `truth` and `scores` are `(n_rows, n_labels)`. O(n log n) for each label.
///
/// # Errors
/// [`NotApplicable`](imb_core::Error::NotApplicable) under [`TieRule::Half`] if no label has both
/// kinds of rows (under [`TieRule::Win`] the value is then 0);
/// [`LengthMismatch`](imb_core::Error::LengthMismatch) or
/// [`NotFinite`](imb_core::Error::NotFinite) for scores that do not fit;
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) without rows or labels.
///
/// ```
/// use imb_core::LabelMatrix;
/// use imb_metrics::multi_label::{TieRule, macro_auc_score};
/// use ndarray::array;
///
/// let names = vec!["sea".to_owned(), "sun".to_owned()];
/// let truth = LabelMatrix::new(array![[true, false], [false, false]], names)?;
/// let scores = array![[0.5, 0.1], [0.5, 0.9]];
/// assert_eq!(macro_auc_score(&truth, scores.view(), TieRule::Half)?, 0.5);
/// assert_eq!(macro_auc_score(&truth, scores.view(), TieRule::Win)?, 0.5, "(1 + 0) / 2");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn macro_auc_score(truth: &LabelMatrix, scores: ArrayView2<'_, f64>, ties: TieRule) -> Result<f64> {
    let on = truth.view();
    require_at_least("rows", 1, on.nrows())?;
    require_at_least("labels", 1, on.ncols())?;
    require_scores(scores, on.nrows(), truth.names())?;
    let credit = match ties {
        TieRule::Half => TieCredit::Half,
        TieRule::Win => TieCredit::Full,
    };
    let columns = scores.columns().into_iter().zip(on.columns());
    let areas: Vec<f64> = columns
        .filter_map(|(scores, on)| {
            let rows = scores.iter().copied().zip(on.iter().copied());
            ordered_pairs(&tie_groups(rows), credit)
        })
        .collect();
    let sum = areas.iter().sum::<f64>();
    match ties {
        TieRule::Win => Ok(sum / truth.n_labels() as f64),
        TieRule::Half if areas.is_empty() => {
            Err(not_applicable("macro_auc_score", "no label has rows with it and rows without"))
        }
        TieRule::Half => Ok(sum / areas.len() as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Error;
    use ndarray::{Array2, array};

    #[test]
    fn labels_that_every_row_has() {
        let on = array![[true, true], [true, false]];
        let truth = LabelMatrix::new(on, vec!["a".into(), "b".into()]).expect("valid");
        let scores = array![[0.3, 0.9], [0.3, 0.1]];
        assert_eq!(macro_auc_score(&truth, scores.view(), TieRule::Half).expect("label b"), 1.0);
        assert_eq!(macro_auc_score(&truth, scores.view(), TieRule::Win).expect("label b"), 0.5);

        let none = LabelMatrix::new(array![[true], [true]], vec!["a".into()]).expect("valid");
        let flat = Array2::zeros((2, 1));
        let half = macro_auc_score(&none, flat.view(), TieRule::Half);
        assert!(matches!(half, Err(Error::NotApplicable { .. })));
        assert_eq!(macro_auc_score(&none, flat.view(), TieRule::Win).expect("0 by rule"), 0.0);
    }
}
