//! The classifier that SMOTified-GAN's released code judges its rows with: a dense network with one linear output,
//! trained on the mean absolute error against 0 and 1.
//!
//! **From the code** (sydney-machine-learning/GANclassimbalanced 425986d, first script): ReLU layers of 256 and 128,
//! Adam at 1e-3, mini-batches of 32, Keras's initial weights; a row is of the minority if the output is above 1/2.
//! **Ours**: Adam's constant is added to the corrected root, as PyTorch does it, and not to the uncorrected one, as Keras
//! does. The classifier is here to measure the method as its authors did, and is not a recommendation: an absolute error
//! has a gradient that does not depend on how wrong an output is.
//!
//! Sharma, Singh and Chandra (2022), "SMOTified-GAN for Class Imbalanced Pattern Classification Problems", IEEE
//! Access 10, doi:10.1109/ACCESS.2022.3158977.

use imb_core::{Dataset, Error, Fit, Labels, Predict, Prediction, Result, Run, Train};
use ndarray::{Array2, ArrayView2, Axis};
use rand::seq::SliceRandom;
use serde::{Deserialize, Deserializer, Serialize};

use crate::adversarial::players::{Network, Optimizer};
use crate::device::{Work, work_on};
use crate::init::glorot_weights;
use crate::matrix::Matrix;
use crate::mlp::{require, require_widths};
use crate::model::require_rows;
use crate::{Adam, Weights};

/// A network of two classes with one output, trained on the absolute error. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::generative::AbsoluteErrorClassifier;
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes", "yes"]);
/// let rows = Dataset::unnamed(array![[0.0], [0.1], [0.2], [0.9], [1.0]], y)?;
/// let classifier = AbsoluteErrorClassifier { epochs: 200, ..AbsoluteErrorClassifier::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = classifier.fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[0.0], [1.0]].view())?.labels.codes(), [0, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlpClassifier`](crate::MlpClassifier), the classifier to use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AbsoluteErrorClassifier {
    /// Widths of the hidden layers.
    pub hidden_layers: Vec<usize>,
    /// The optimiser.
    #[serde(deserialize_with = "adam_over_default")]
    pub adam: Adam,
    /// Rows of a mini-batch.
    pub batch_size: usize,
    /// Passes over the rows.
    pub epochs: u64,
}

impl Default for AbsoluteErrorClassifier {
    /// The constants of the released code; it takes 10 to 100 epochs, data set by data set.
    fn default() -> Self {
        let adam = Adam { learning_rate: 1e-3, epsilon: 1e-7, ..Adam::default() };
        Self { hidden_layers: vec![256, 128], adam, batch_size: 32, epochs: 30 }
    }
}

fn adam_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Adam, D::Error> {
    AbsoluteErrorClassifier::default().adam.overwritten(deserializer)
}

/// The name under which errors speak of the method.
const METHOD: &str = "classifier of absolute errors";

impl AbsoluteErrorClassifier {
    fn check(&self, y: &Labels) -> Result<()> {
        if y.classes().len() != 2 || y.counts().contains(&0) {
            let with_rows = y.counts().iter().filter(|count| **count > 0).count();
            let reason =
                format!("it needs exactly two classes with training rows, and there are {with_rows}");
            return Err(Error::NotApplicable { method: METHOD.into(), reason });
        }
        require_widths("hidden_layers", &self.hidden_layers)?;
        require("batch_size", "at least 1", self.batch_size >= 1, self.batch_size)?;
        require("epochs", "at least 1", self.epochs >= 1, self.epochs)?;
        self.adam.check("adam")
    }
}

impl Fit<Labels> for AbsoluteErrorClassifier {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        self.check(train.rows.y())?;
        require_rows(train.rows.x(), train.rows.n_features())?;
        let weights = work_on(run.device, Training { method: self, rows: &train.rows, run })?;
        let minority = train.rows.y().minority().unwrap_or(1);
        Ok(Box::new(OneOutput { weights, minority, classes: train.rows.y().classes().to_vec() }))
    }
}

/// |output − target|, the mean over rows.
pub(super) fn absolute_error<M: Matrix>(output: &M, target: &M) -> M {
    let difference = output.sub(target);
    difference.mul(&difference.slopes(-1.0)).mean()
}

struct Training<'a, 'r> {
    method: &'a AbsoluteErrorClassifier,
    rows: &'a Dataset<Labels>,
    run: &'a mut Run<'r, Labels>,
}

impl Work for Training<'_, '_> {
    type Output = Weights;

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Weights> {
        const STAGE: &str = "training";
        let Self { method, rows, run } = self;
        let sizes = [&[rows.n_features()], method.hidden_layers.as_slice(), &[1]].concat();
        let slopes = vec![0.0; method.hidden_layers.len()];
        let mut network = Network::<M>::new(&glorot_weights(&sizes, run.rng), &slopes, place);
        let mut optimizer = Optimizer::new(method.adam, &network.parameters());
        let minority = rows.y().minority().unwrap_or(1);
        let target: Vec<f64> =
            rows.y().codes().iter().map(|&code| f64::from(u8::from(code == minority))).collect();
        let mut order: Vec<usize> = (0..target.len()).collect();
        let most = run.budget.map_or(u64::MAX, |budget| {
            budget.epochs.min(budget.steps / order.len().div_ceil(method.batch_size) as u64).max(1)
        });
        if most < method.epochs {
            run.observer.capped();
        }
        let epochs = method.epochs.min(most);
        for epoch in 0..epochs {
            if run.observer.progress(STAGE, epoch, method.epochs).is_break() {
                let kept = format!("{epoch} epochs were done");
                return Err(Error::Interrupted { stage: STAGE.into(), kept });
            }
            order.shuffle(run.rng);
            for batch in order.chunks(method.batch_size) {
                let x = M::constant(rows.x().select(Axis(0), batch).view(), place);
                let of_batch = Array2::from_shape_fn((batch.len(), 1), |(row, _)| target[batch[row]]);
                let loss = absolute_error(&network.forward(&x), &M::constant(of_batch.view(), place));
                let gradients = loss.gradients(&network.parameters());
                optimizer.step(network.parameters_mut(), gradients);
            }
        }
        let weights = network.weights();
        if weights.is_finite() {
            return Ok(weights);
        }
        let detail = "a weight is not finite".into();
        Err(Error::Diverged { method: METHOD.into(), epoch: epochs as usize - 1, detail })
    }
}

/// A trained network.
struct OneOutput {
    weights: Weights,
    minority: u32,
    classes: Vec<String>,
}

impl Predict<Labels> for OneOutput {
    /// Predicts rows `x`, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of features than in training; [`Error::NotFinite`] for a number
    /// that is missing or beyond the range of f32: a ReLU would make 0 of NaN, and a score of that.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        require_rows(x, self.weights.layers[0].weight.nrows())?;
        let mut h = x.to_owned();
        for (number, layer) in self.weights.layers.iter().enumerate() {
            h = h.dot(&layer.weight.mapv(f64::from)) + &layer.bias.mapv(f64::from);
            if number + 1 < self.weights.layers.len() {
                h.mapv_inplace(|value| value.max(0.0));
            }
        }
        let of_minority = |row: usize| h[[row, 0]] > 0.5;
        let code = |row: usize| if of_minority(row) { self.minority } else { 1 - self.minority };
        let labels = Labels::new((0..x.nrows()).map(code).collect(), self.classes.clone())?;
        let scores = Array2::from_shape_fn((x.nrows(), 2), |(row, class)| {
            if class as u32 == self.minority { h[[row, 0]] } else { 1.0 - h[[row, 0]] }
        });
        Ok(Prediction { labels, scores, logits: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LayerWeights;
    use ndarray::array;

    /// max(x, 0), of which more than ½ is the second class.
    fn model() -> OneOutput {
        let layer = || LayerWeights { weight: array![[1.0]], bias: array![0.0] };
        let classes = ["often", "rare"].map(String::from).into();
        OneOutput { weights: Weights { layers: vec![layer(), layer()] }, minority: 1, classes }
    }

    #[test]
    fn rows_that_no_network_can_be_shown_are_refused() {
        let prediction = model().predict(array![[0.25], [1.0]].view()).expect("numbers");
        assert_eq!(prediction.scores, array![[0.75, 0.25], [0.0, 1.0]]);
        assert_eq!(prediction.labels.codes(), [0, 1]);
        for number in [f64::NAN, f64::INFINITY, 1e39] {
            let error = model().predict(array![[0.0], [number]].view()).expect_err("no number for it");
            assert!(matches!(error, Error::NotFinite { row: 1, .. }), "{number}: {error}");
        }
        let error = model().predict(array![[0.0, 1.0]].view()).expect_err("two features");
        assert!(matches!(error, Error::LengthMismatch { expected: 1, found: 2, .. }));
    }
}
