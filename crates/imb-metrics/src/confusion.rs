//! The confusion matrix, from which every threshold metric of single-label data is computed.

use imb_core::{Error, Labels, Result, Target};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::Outcomes;
use crate::checks::{require_at_least, require_length, require_same_names};

/// For each pair of classes, how many rows of the first were predicted as the second. It counts at least one
/// row.
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::ConfusionMatrix;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["a", "a", "b"]);
/// let predicted = Labels::from_texts(&["a", "b", "b"]);
/// let matrix = ConfusionMatrix::new(&truth, &predicted)?;
/// assert_eq!(matrix.view(), array![[1, 1], [0, 1]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`single_label`](crate::single_label), the metrics computed from it;
/// [`LabelOutcomes`](crate::multi_label::LabelOutcomes), its multi-label counterpart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u64>>", into = "Vec<Vec<u64>>")]
pub struct ConfusionMatrix {
    counts: Array2<u64>,
}

impl ConfusionMatrix {
    /// Counts the rows of true and predicted labels, `(n_rows)` each.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the two do not have the same classes in the same order, or have
    /// no rows; [`Error::LengthMismatch`] if they have different numbers of rows.
    pub fn new(truth: &Labels, predicted: &Labels) -> Result<Self> {
        require_same_names("classes", truth.classes(), predicted.classes())?;
        require_length("rows of the prediction", truth.n_rows(), predicted.n_rows())?;
        let n_classes = truth.classes().len();
        let mut counts = Array2::zeros((n_classes, n_classes));
        for (&is, &said) in truth.codes().iter().zip(predicted.codes()) {
            counts[[is as usize, said as usize]] += 1;
        }
        Self::from_counts(counts)
    }

    /// Makes a matrix from counts, `(n_classes, n_classes)`: truth by row, prediction by column.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the matrix is not square; [`Error::InvalidParameter`] if all counts are
    /// 0 or their sum exceeds `u64`.
    pub fn from_counts(counts: Array2<u64>) -> Result<Self> {
        require_length("columns of the confusion matrix", counts.nrows(), counts.ncols())?;
        let total = counts.iter().try_fold(0u64, |sum, &count| sum.checked_add(count));
        let total = total.ok_or_else(too_many_rows)?;
        require_at_least("rows of the confusion matrix", 1, usize::try_from(total).unwrap_or(usize::MAX))?;
        Ok(Self { counts })
    }

    /// The counts, `(n_classes, n_classes)`: truth by row, prediction by column.
    pub fn view(&self) -> ArrayView2<'_, u64> {
        self.counts.view()
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.counts.nrows()
    }

    /// Number of rows counted.
    pub fn n_rows(&self) -> u64 {
        self.counts.sum()
    }

    /// The number of rows of each class, `(n_classes)`.
    pub fn truth_counts(&self) -> Vec<u64> {
        self.counts.rows().into_iter().map(|row| row.sum()).collect()
    }

    /// For each class, the outcomes of that class against all others, `(n_classes)`.
    pub fn outcomes(&self) -> Vec<Outcomes> {
        let total = self.n_rows();
        let rows = self.counts.rows().into_iter().zip(self.counts.columns()).enumerate();
        let outcomes = rows.map(|(class, (truth, predicted))| {
            let hits = self.counts[[class, class]];
            let (has, said) = (truth.sum(), predicted.sum());
            Outcomes {
                true_positives: hits,
                false_positives: said - hits,
                false_negatives: has - hits,
                true_negatives: total - has - (said - hits),
            }
        });
        outcomes.collect()
    }

    /// The sum of two matrices, for example of two folds.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the numbers of classes differ; [`Error::InvalidParameter`] if the
    /// sum of all counts exceeds `u64`.
    pub fn plus(&self, other: &Self) -> Result<Self> {
        require_length("classes of the other confusion matrix", self.n_classes(), other.n_classes())?;
        let total = self.n_rows().checked_add(other.n_rows());
        total.map(|_| Self { counts: &self.counts + &other.counts }).ok_or_else(too_many_rows)
    }
}

fn too_many_rows() -> Error {
    let requirement = format!("at most {}", u64::MAX);
    Error::invalid_parameter("sum of the confusion matrix", requirement, "more than that")
}

impl From<ConfusionMatrix> for Vec<Vec<u64>> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.counts.rows().into_iter().map(|row| row.to_vec()).collect()
    }
}

impl TryFrom<Vec<Vec<u64>>> for ConfusionMatrix {
    type Error = Error;

    fn try_from(rows: Vec<Vec<u64>>) -> Result<Self> {
        let n_classes = rows.len();
        for row in &rows {
            require_length("columns of the confusion matrix", n_classes, row.len())?;
        }
        let counts = Array2::from_shape_vec((n_classes, n_classes), rows.concat());
        Self::from_counts(counts.expect("every row has one count per class"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn one_class_against_the_others() {
        let matrix = ConfusionMatrix::from_counts(array![[5, 1, 0], [2, 7, 3], [0, 0, 4]]).expect("valid");
        let second = matrix.outcomes()[1];
        let by_hand =
            Outcomes { true_positives: 7, false_positives: 1, false_negatives: 5, true_negatives: 9 };
        assert_eq!(second, by_hand);
        assert_eq!((matrix.n_rows(), matrix.truth_counts()), (22, vec![6, 12, 4]));
    }

    #[test]
    fn mismatched_input_is_refused() {
        let ab = Labels::from_texts(&["a", "b"]);
        assert!(ConfusionMatrix::new(&ab, &Labels::from_texts(&["a", "c"])).is_err());
        assert!(ConfusionMatrix::new(&ab, &Labels::from_texts(&["a", "b", "b"])).is_err());
        assert!(ConfusionMatrix::from_counts(array![[1, 2]]).is_err());
        assert!(ConfusionMatrix::from_counts(array![[0, 0], [0, 0]]).is_err());
        assert!(ConfusionMatrix::from_counts(array![[u64::MAX, 0], [0, 1]]).is_err());
        assert!(ConfusionMatrix::from_counts(Array2::zeros((0, 0))).is_err());
    }

    #[test]
    fn records_keep_it_as_rows() {
        let matrix = ConfusionMatrix::from_counts(array![[1, 2], [3, 4]]).expect("valid");
        let text = serde_json::to_string(&matrix).expect("writes");
        assert_eq!(text, "[[1,2],[3,4]]");
        assert_eq!(serde_json::from_str::<ConfusionMatrix>(&text).expect("reads"), matrix);
        assert!(serde_json::from_str::<ConfusionMatrix>("[[1,2],[3]]").is_err());
    }

    #[test]
    fn folds_add_up() {
        let matrix = ConfusionMatrix::from_counts(array![[1, 2], [3, 4]]).expect("valid");
        assert_eq!(matrix.plus(&matrix).expect("same classes").view(), array![[2, 4], [6, 8]]);
        let full = ConfusionMatrix::from_counts(array![[u64::MAX]]).expect("valid");
        assert!(full.plus(&full).is_err());
        assert!(full.plus(&matrix).is_err());
    }
}
