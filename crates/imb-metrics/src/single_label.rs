//! Metrics of predicted classes, for single-label data. All are computed from a [`ConfusionMatrix`].
//!
//! Where a formula is 0/0 the value is 0, like scikit-learn's `zero_division=0`: the precision of a class
//! that is never predicted, the recall of a class without rows, the F1 of a class with neither. In macro F1, a
//! class without rows that is never predicted counts as 0. ACSA and the geometric mean, which are means of
//! recalls, leave classes without rows out. None of these functions can fail, since a matrix counts at least
//! one row.
//!
//! ```
//! use imb_metrics::{ConfusionMatrix, single_label};
//! use ndarray::array;
//!
//! let matrix = ConfusionMatrix::from_counts(array![[9, 1], [1, 1]])?;
//! assert_eq!(single_label::per_class_recall_score(&matrix), [0.9, 0.5]);
//! assert_eq!(single_label::minority_f1_score(&matrix), 0.5);
//! assert!((single_label::geometric_mean_score(&matrix) - 0.45f64.sqrt()).abs() < 1e-15);
//! # Ok::<(), imb_core::Error>(())
//! ```

use crate::{ConfusionMatrix, Outcomes};

/// Precision of each class, `(n_classes)`, in `[0, 1]`; 0 for a class that is never predicted.
pub fn per_class_precision_score(matrix: &ConfusionMatrix) -> Vec<f64> {
    matrix.outcomes().iter().map(Outcomes::precision).collect()
}

/// Recall of each class, `(n_classes)`, in `[0, 1]`; 0 for a class without rows.
pub fn per_class_recall_score(matrix: &ConfusionMatrix) -> Vec<f64> {
    matrix.outcomes().iter().map(Outcomes::recall).collect()
}

/// F1 of each class, `(n_classes)`, in `[0, 1]`; 0 for a class without rows that is never predicted.
pub fn per_class_f1_score(matrix: &ConfusionMatrix) -> Vec<f64> {
    matrix.outcomes().iter().map(Outcomes::f1).collect()
}

/// Unweighted mean of the classes' F1, in `[0, 1]`.
///
/// For two classes this is Definition 3 of Medlin, Leyffer and Raghavan, "Sampling imbalanced data
/// with multi-objective bilevel optimization" (2025), arXiv:2506.11315.
///
/// ```
/// use imb_metrics::{ConfusionMatrix, single_label::macro_f1_score};
/// use ndarray::array;
///
/// let matrix = ConfusionMatrix::from_counts(array![[8, 2], [1, 1]])?;
/// assert_eq!(macro_f1_score(&matrix), 0.5 * (16.0 / 19.0) + 0.5 * (2.0 / 5.0));
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn macro_f1_score(matrix: &ConfusionMatrix) -> f64 {
    mean(&per_class_f1_score(matrix))
}

/// F1 of the class with the fewest rows, among those that have any (the lower number on a tie), in
/// `[0, 1]`.
///
/// The class is chosen by the counts of this matrix. In a test set the smallest class may not be that of the
/// whole data; where that matters, use the class's entry of [`per_class_f1_score`].
pub fn minority_f1_score(matrix: &ConfusionMatrix) -> f64 {
    let counts = matrix.truth_counts().into_iter().enumerate();
    let minority = counts.filter(|(_, count)| *count > 0).min_by_key(|(_, count)| *count);
    minority.map_or(0.0, |(class, _)| per_class_f1_score(matrix)[class])
}

/// F1 of the class with the most rows, in `[0, 1]`. On a tie it is the class with the higher number, so that
/// of two classes of equal size one is the minority and the other the majority.
pub fn majority_f1_score(matrix: &ConfusionMatrix) -> f64 {
    let counts = matrix.truth_counts().into_iter().enumerate();
    let majority = counts.max_by_key(|(_, count)| *count);
    majority.map_or(0.0, |(class, _)| per_class_f1_score(matrix)[class])
}

/// Average class-specific accuracy: mean recall of the classes that have rows, in `[0, 1]`.
///
/// Also known as balanced accuracy; scikit-learn leaves out classes without rows in the same way.
/// Brodersen, Ong, Stephan and Buhmann (2010), doi:10.1109/ICPR.2010.764.
///
/// ```
/// use imb_metrics::{ConfusionMatrix, single_label::acsa_score};
/// use ndarray::array;
///
/// let matrix = ConfusionMatrix::from_counts(array![[9, 1, 0], [1, 1, 0], [0, 0, 0]])?;
/// assert_eq!(acsa_score(&matrix), 0.7);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn acsa_score(matrix: &ConfusionMatrix) -> f64 {
    mean(&recalls_of_present_classes(matrix))
}

/// Geometric mean of the recalls of the C classes that have rows, in `[0, 1]`: the C-th root of their
/// product.
///
/// It is 0 if the recall of any class is 0. Kubat and Matwin, "Addressing the curse of imbalanced training
/// sets", ICML 1997. Leaving out classes without rows is a rule of this crate; with it the value never
/// exceeds [`acsa_score`].
pub fn geometric_mean_score(matrix: &ConfusionMatrix) -> f64 {
    let recalls = recalls_of_present_classes(matrix);
    let root = 1.0 / recalls.len() as f64;
    recalls.iter().map(|recall| recall.powf(root)).product()
}

/// Share of correctly predicted rows, in `[0, 1]`.
pub fn accuracy_score(matrix: &ConfusionMatrix) -> f64 {
    matrix.view().diag().sum() as f64 / matrix.n_rows() as f64
}

fn recalls_of_present_classes(matrix: &ConfusionMatrix) -> Vec<f64> {
    let present = |outcomes: &&Outcomes| outcomes.true_positives + outcomes.false_negatives > 0;
    matrix.outcomes().iter().filter(present).map(Outcomes::recall).collect()
}

/// The mean of at least one value: a matrix has at least one class with rows.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn everything_predicted_as_the_majority() {
        let matrix = ConfusionMatrix::from_counts(array![[95, 0], [5, 0]]).expect("valid");
        assert_eq!(accuracy_score(&matrix), 0.95);
        assert_eq!(acsa_score(&matrix), 0.5);
        assert_eq!(geometric_mean_score(&matrix), 0.0);
        assert_eq!(minority_f1_score(&matrix), 0.0);
        assert_eq!(majority_f1_score(&matrix), 190.0 / 195.0);
        assert_eq!(per_class_precision_score(&matrix), [0.95, 0.0]);
    }

    #[test]
    fn minority_and_majority_by_rows() {
        let matrix = ConfusionMatrix::from_counts(array![[1, 1], [0, 2]]).expect("valid");
        assert_eq!(minority_f1_score(&matrix), per_class_f1_score(&matrix)[0], "the lower number on a tie");
        assert_eq!(majority_f1_score(&matrix), per_class_f1_score(&matrix)[1]);
        let absent = ConfusionMatrix::from_counts(array![[0, 0], [1, 3]]).expect("valid");
        assert_eq!(minority_f1_score(&absent), 6.0 / 7.0, "an absent class is no minority");
    }
}
