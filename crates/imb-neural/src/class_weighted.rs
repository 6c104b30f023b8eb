//! Class weights: every class counts as much as any other in the loss, however many rows it has.
//!
//! A row of class k gets the weight n / (C · n_k), with n rows in C classes that have any, times the weight
//! that it has already. It is what scikit-learn calls `class_weight="balanced"`, after King and Zeng (2001),
//! "Logistic Regression in Rare Events Data", doi:10.1093/oxfordjournals.pan.a004868.

use imb_core::{Dataset, Fit, Labels, Predict, Result, Run, Train};
use serde::{Deserialize, Serialize};

/// A classifier that is fitted to rows weighted by their class. The classifier must use row weights, as
/// [`MlpClassifier`](crate::MlpClassifier) does.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::{ClassWeighted, MlpClassifier, Stop};
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes"]);
/// let rows = Dataset::unnamed(array![[0.0], [0.1], [0.2], [1.0]], y)?;
/// let classifier = MlpClassifier { stop: Stop::Epochs(200), ..MlpClassifier::adversarial_q() };
///
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = ClassWeighted { classifier }.fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[1.0]].view())?.labels.codes(), [1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`TunedThreshold`](crate::TunedThreshold).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassWeighted<C> {
    /// Learns from the weighted rows.
    pub classifier: C,
}

impl<C: Fit<Labels>> Fit<Labels> for ClassWeighted<C> {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        let rows = train.rows.clone().with_weights(balanced_weights(&train.rows))?;
        self.classifier.fit(&Train { rows, validation: train.validation.clone() }, run)
    }
}

/// A weight for each row, `(n_rows)`.
fn balanced_weights(rows: &Dataset<Labels>) -> Vec<f64> {
    let counts = rows.y().counts();
    let n_classes = counts.iter().filter(|count| **count > 0).count();
    let share = |count: usize| rows.n_rows() as f64 / (n_classes * count) as f64;
    let own = |row: usize| rows.weights().map_or(1.0, |weights| weights[row]);
    let codes = rows.y().codes().iter().enumerate();
    codes.map(|(row, &code)| own(row) * share(counts[code as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn weights_by_hand() {
        let y = Labels::from_texts(&["a", "b", "a", "a"]);
        let rows = Dataset::unnamed(array![[0.0], [1.0], [2.0], [3.0]], y).expect("valid");
        assert_eq!(balanced_weights(&rows), [4.0 / 6.0, 2.0, 4.0 / 6.0, 4.0 / 6.0]);
        let rows = rows.with_weights(vec![3.0, 0.5, 0.0, 1.0]).expect("valid");
        assert_eq!(balanced_weights(&rows), [2.0, 1.0, 0.0, 4.0 / 6.0]);
    }
}
