//! A trained network. It is a plain value and predicts without a device.

use std::sync::Arc;

use imb_core::{Error, Labels, Predict, Prediction, Result};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, concatenate};

use crate::trainer::Trainer;
use crate::{Activation, Weights};

/// A trained dense network.
///
/// It holds no tensors and needs no device; rows are predicted in f32 by plain matrix products.
/// [`Prediction::logits`] are the outputs of the last layer, [`Prediction::scores`] their softmax, both
/// `(n_rows, n_classes)`. The predicted class is that of the largest score, the lower class number on a tie.
///
/// ```
/// use imb_core::{Dataset, Labels, Predict, Run, Seed};
/// use imb_neural::{MlpClassifier, Stop};
/// use ndarray::array;
///
/// let rows = Dataset::unnamed(array![[0.0], [1.0]], Labels::from_texts(&["no", "yes"]))?;
/// let method = MlpClassifier { stop: Stop::Steps(300), ..MlpClassifier::default() };
/// let model = method.train(&rows, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?.model;
/// let prediction = model.predict(array![[0.0], [1.0]].view())?;
/// assert_eq!(prediction.labels.codes(), [0, 1]);
/// assert!((prediction.scores.row(0).sum() - 1.0).abs() < 1e-12);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MlpModel {
    weights: Weights,
    shape: Shape,
}

/// The parts of a network that training does not change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    /// The activation of each hidden layer.
    pub(crate) activations: Arc<[Activation]>,
    /// The names of the classes, by class number.
    pub(crate) classes: Arc<[String]>,
}

/// Rows per block of prediction: enough for fast matrix products, few enough to stay in the caches.
const BLOCK: usize = 512;

impl MlpModel {
    pub(crate) fn new(weights: Weights, shape: Shape) -> Self {
        Self { weights, shape }
    }

    /// The weights, as [`MlpClassifier::learner_from`](crate::MlpClassifier::learner_from) takes them.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The names of the classes, by class number.
    pub fn classes(&self) -> &[String] {
        &self.shape.classes
    }

    /// The outputs of the last layer for rows that were checked, `(n_rows, n_classes)`.
    fn logits(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut h = x.mapv(|number| number as f32);
        for (number, layer) in self.weights.layers.iter().enumerate() {
            h = h.dot(&layer.weight) + &layer.bias;
            if let Some(activation) = self.shape.activations.get(number) {
                h.mapv_inplace(|sum| activation.of(sum));
            }
        }
        h.mapv(f64::from)
    }

    fn require_finite(&self, logits: &Array2<f64>) -> Result<()> {
        match logits.indexed_iter().find(|(_, logit)| !logit.is_finite()) {
            None => Ok(()),
            Some(((row, class), &value)) => {
                let column = format!("logit of class {}", self.shape.classes[class]);
                Err(Error::NotFinite { row, column, value })
            }
        }
    }
}

impl Predict<Labels> for MlpModel {
    /// Predicts rows `x`, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of features than in training;
    /// [`Error::NotFinite`] for a number that is missing or beyond the range of f32, or for a logit that
    /// overflows.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        require_rows(x, self.weights.layers[0].weight.nrows())?;
        let blocks: Vec<_> = x.axis_chunks_iter(Axis(0), BLOCK).map(|block| self.logits(block)).collect();
        let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
        let logits = if views.is_empty() {
            Array2::zeros((0, self.shape.classes.len()))
        } else {
            concatenate(Axis(0), &views).expect("all blocks have one column per class")
        };
        self.require_finite(&logits)?;
        let scores = softmax(&logits);
        let codes = scores.rows().into_iter().map(|row| first_largest(row) as u32).collect();
        let labels = Labels::new(codes, self.shape.classes.to_vec())?;
        Ok(Prediction { labels, scores, logits: Some(logits) })
    }
}

/// Refuses rows that no network can be shown: with another number of features than it has inputs, or with a number
/// that is missing or beyond the range of f32. Rows are checked before they are cut into blocks, so that the error
/// has the row's own number.
pub(crate) fn require_rows(x: ArrayView2<'_, f64>, n_features: usize) -> Result<()> {
    if x.ncols() != n_features {
        let what = "features".into();
        return Err(Error::LengthMismatch { what, expected: n_features, found: x.ncols() });
    }
    match x.indexed_iter().find(|(_, number)| !(**number as f32).is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value })
        }
    }
}

/// A network in training, as an observer sees it. Its weights are copied only when it predicts, so an observer
/// that does not predict costs nothing.
pub(crate) struct EpochView<'a> {
    pub(crate) trainer: &'a dyn Trainer,
    pub(crate) shape: &'a Shape,
}

impl Predict<Labels> for EpochView<'_> {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        MlpModel::new(self.trainer.weights(), self.shape.clone()).predict(x)
    }
}

fn softmax(logits: &Array2<f64>) -> Array2<f64> {
    let mut scores = logits.clone();
    for mut row in scores.rows_mut() {
        let largest = row.fold(f64::NEG_INFINITY, |largest, &logit| largest.max(logit));
        row.mapv_inplace(|logit| (logit - largest).exp());
        let total = row.sum();
        row /= total;
    }
    scores
}

/// The place of the largest number, the first of equal ones.
pub(crate) fn first_largest(numbers: ArrayView1<'_, f64>) -> usize {
    let better = |best: usize, (at, number): (usize, &f64)| if *number > numbers[best] { at } else { best };
    numbers.iter().enumerate().fold(0, better)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LayerWeights;
    use ndarray::array;

    /// One hidden unit max(x0 − x1, 0), whose output is the logit of the second class.
    fn model() -> MlpModel {
        let layers = vec![
            LayerWeights { weight: array![[1.0], [-1.0]], bias: array![0.0] },
            LayerWeights { weight: array![[0.0, 1.0]], bias: array![0.0, 0.0] },
        ];
        let classes = ["no", "yes"].map(String::from).into();
        let shape = Shape { activations: [Activation::Relu].into(), classes };
        MlpModel::new(Weights { layers }, shape)
    }

    #[test]
    fn logits_scores_and_labels_by_hand() {
        let prediction = model().predict(array![[3.0, 1.0], [1.0, 3.0]].view()).expect("two features");
        assert_eq!(prediction.logits, Some(array![[0.0, 2.0], [0.0, 0.0]]));
        assert!((prediction.scores[[0, 1]] - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-15);
        assert_eq!(prediction.scores.row(1), array![0.5, 0.5]);
        assert_eq!(prediction.labels.codes(), [1, 0], "a tie goes to the lower class number");
        assert_eq!(prediction.labels.classes(), ["no", "yes"]);
    }

    #[test]
    fn shapes_hold_for_any_number_of_rows() {
        for n_rows in [0, 1, BLOCK, 2 * BLOCK + 1] {
            let x = Array2::from_shape_fn((n_rows, 2), |(row, column)| (row * column) as f64);
            let prediction = model().predict(x.view()).expect("two features");
            assert_eq!(prediction.scores.dim(), (n_rows, 2));
            assert_eq!(prediction.logits.expect("has logits").dim(), (n_rows, 2));
            assert_eq!(prediction.labels.codes().len(), n_rows);
        }
    }

    #[test]
    fn invalid_rows_are_typed_errors() {
        let error = |x: Array2<f64>| model().predict(x.view()).expect_err("refused");
        assert!(matches!(error(array![[1.0]]), Error::LengthMismatch { expected: 2, found: 1, .. }));
        assert!(matches!(error(array![[f64::NAN, 0.0]]), Error::NotFinite { row: 0, .. }));
        assert!(matches!(error(array![[3e38, -3e38]]), Error::NotFinite { .. }), "the sum overflows");
    }

    #[test]
    fn a_bad_row_is_named_by_its_own_number() {
        let mut x = Array2::zeros((2 * BLOCK, 2));
        x[[BLOCK + 3, 1]] = f64::NAN;
        let error = model().predict(x.view()).expect_err("a gap");
        assert!(
            matches!(&error, Error::NotFinite { row, column, .. } if *row == BLOCK + 3 && column == "column_2")
        );
    }

    #[test]
    fn softmax_of_large_logits_is_finite() {
        assert_eq!(softmax(&array![[1e30, -1e30, 0.0]]), array![[1.0, 0.0, 0.0]]);
    }
}
