//! Metrics of predicted classes, for single-label data. All are computed from a [`ConfusionMatrix`].
//!
//! Where a formula is 0/0 the value is 0, like scikit-learn's `zero_division=0`: the precision of a class
//! that is never predicted, the recall of a class without rows, the F1 of a class with neither. In macro F1, a
//! class without rows that is never predicted counts as 0. ACSA and the geometric mean, which are means of
//! recalls, leave classes without rows out. None of these can fail, since a matrix counts at least one row,
//! except two: [`mcc_score`] does if all rows are of one class or are predicted as one (scikit-learn returns 0), and
//! [`cohen_kappa_score`] if all rows are of one class and are predicted as it.
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

use imb_core::{Error, Result};

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

/// The correlation of truth and prediction, in `[-1, 1]`; of two classes, Matthews' coefficient (MCC).
///
/// Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004),
/// doi:10.1016/j.compbiolchem.2004.09.006.
///
/// ```
/// use imb_metrics::{ConfusionMatrix, single_label::mcc_score};
/// use ndarray::array;
///
/// let matrix = ConfusionMatrix::from_counts(array![[2, 0], [0, 3]])?;
/// assert_eq!(mcc_score(&matrix)?, 1.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotApplicable`] if all rows are of one class, or predicted as one.
pub fn mcc_score(matrix: &ConfusionMatrix) -> Result<f64> {
    let [n, right, together, truth, predicted] = margins(matrix);
    let spread = (n * n - truth) * (n * n - predicted);
    if spread == 0.0 {
        return not_defined("mcc_score", "all rows are of one class, or all are predicted as one");
    }
    Ok((right * n - together) / spread.sqrt())
}

/// Agreement of truth and prediction beyond chance, Cohen's kappa, in `[-1, 1]`.
///
/// Cohen, "A coefficient of agreement for nominal scales" (1960), doi:10.1177/001316446002000104.
///
/// # Errors
/// [`Error::NotApplicable`] if all rows are of one class and predicted as that.
pub fn cohen_kappa_score(matrix: &ConfusionMatrix) -> Result<f64> {
    let [n, right, together, ..] = margins(matrix);
    let chance = together / (n * n);
    if chance == 1.0 {
        return not_defined("cohen_kappa_score", "all rows are of one class and are predicted as it");
    }
    Ok((right / n - chance) / (1.0 - chance))
}

fn not_defined<T>(metric: &str, reason: &str) -> Result<T> {
    Err(Error::NotApplicable { method: metric.to_owned(), reason: reason.to_owned() })
}

/// Rows; rows predicted right; and the sums over the classes of: rows of the class times rows predicted as
/// it, rows of the class squared, rows predicted as it squared.
fn margins(matrix: &ConfusionMatrix) -> [f64; 5] {
    let counts = matrix.view().mapv(|count| count as f64);
    let truth = counts.sum_axis(ndarray::Axis(1));
    let predicted = counts.sum_axis(ndarray::Axis(0));
    [counts.sum(), counts.diag().sum(), truth.dot(&predicted), truth.dot(&truth), predicted.dot(&predicted)]
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

    /// 45 of 60 are right; 35 of 60 would be by chance.
    #[test]
    fn agreement_by_hand() {
        let matrix = ConfusionMatrix::from_counts(array![[40, 5], [10, 5]]).expect("valid");
        let chance = (45.0 * 50.0 + 15.0 * 10.0) / 3600.0;
        let kappa = cohen_kappa_score(&matrix).expect("defined");
        assert!((kappa - (0.75 - chance) / (1.0 - chance)).abs() < 1e-15, "{kappa}");
        let mcc = mcc_score(&matrix).expect("defined");
        let by_matthews = (40.0 * 5.0 - 5.0 * 10.0) / (45.0_f64 * 15.0 * 50.0 * 10.0).sqrt();
        assert!((mcc - by_matthews).abs() < 1e-15, "{mcc}");
        let one = ConfusionMatrix::from_counts(array![[3, 0], [0, 0]]).expect("valid");
        assert!(mcc_score(&one).is_err() && cohen_kappa_score(&one).is_err());
        let guessed = ConfusionMatrix::from_counts(array![[3, 0], [1, 0]]).expect("valid");
        assert!(mcc_score(&guessed).is_err());
        assert_eq!(cohen_kappa_score(&guessed).expect("defined"), 0.0);
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
