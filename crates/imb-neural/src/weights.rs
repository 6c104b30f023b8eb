//! The weights of a network, as a plain value.

use imb_core::{Error, Result};
use ndarray::{Array1, Array2};

/// The weights of a dense network, layer by layer.
///
/// ```
/// use imb_core::Device;
/// use imb_neural::{LayerWeights, MlpClassifier, Weights};
/// use ndarray::array;
///
/// // A linear classifier of two features and two classes, to continue training from.
/// let layer = LayerWeights { weight: array![[1.0, -1.0], [0.0, 0.5]], bias: array![0.0, 0.0] };
/// let weights = Weights { layers: vec![layer] };
/// let method = MlpClassifier { hidden_layers: vec![], ..MlpClassifier::default() };
/// let learner = method.learner_from(&weights, &["no".into(), "yes".into()], Device::Cpu)?;
/// assert_eq!(learner.model().weights(), &weights);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// From the first hidden layer to the output layer.
    pub layers: Vec<LayerWeights>,
}

/// The weights of one layer, which computes x · weight + bias from its input x, `(n_rows, n_inputs)`.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// `(n_inputs, n_outputs)`, the transpose of PyTorch's layout.
    pub weight: Array2<f32>,
    /// `(n_outputs)`.
    pub bias: Array1<f32>,
}

impl Weights {
    /// Whether all weights are finite.
    pub fn is_finite(&self) -> bool {
        self.numbers().all(|number| number.is_finite())
    }

    /// All weights and biases.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &f32> {
        self.layers.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias))
    }

    /// Zeros in the same shapes.
    pub(crate) fn zeros(&self) -> Self {
        let zeros = |layer: &LayerWeights| LayerWeights {
            weight: Array2::zeros(layer.weight.dim()),
            bias: Array1::zeros(layer.bias.len()),
        };
        Self { layers: self.layers.iter().map(zeros).collect() }
    }

    /// The widths from the features to the classes.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let n_features = self.layers.first().map_or(0, |layer| layer.weight.nrows());
        let widths = self.layers.iter().map(|layer| layer.bias.len());
        std::iter::once(n_features).chain(widths).collect()
    }

    /// Refuses weights that do not form a network of these widths, from the features to the classes.
    pub(crate) fn require_sizes(&self, sizes: &[usize]) -> Result<()> {
        require_length("layers of weights".into(), sizes.len() - 1, self.layers.len())?;
        for (number, (layer, size)) in self.layers.iter().zip(sizes.windows(2)).enumerate() {
            require_length(format!("inputs of layer {number}"), size[0], layer.weight.nrows())?;
            require_length(format!("outputs of layer {number}"), size[1], layer.weight.ncols())?;
            require_length(format!("biases of layer {number}"), size[1], layer.bias.len())?;
        }
        Ok(())
    }
}

fn require_length(what: String, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::LengthMismatch { what, expected, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, array};

    fn layer(n_inputs: usize, n_outputs: usize) -> LayerWeights {
        LayerWeights { weight: Array::zeros((n_inputs, n_outputs)), bias: Array::zeros(n_outputs) }
    }

    #[test]
    fn the_part_that_does_not_fit_is_named() {
        let weights = Weights { layers: vec![layer(2, 3), layer(3, 2)] };
        assert!(weights.require_sizes(&[2, 3, 2]).is_ok());
        let message = |sizes: &[usize]| weights.require_sizes(sizes).expect_err("no fit").to_string();
        assert_eq!(message(&[2, 2]), "layers of weights: 1 expected, 2 found");
        assert_eq!(message(&[4, 3, 2]), "inputs of layer 0: 4 expected, 2 found");
        assert_eq!(message(&[2, 3, 5]), "outputs of layer 1: 5 expected, 2 found");
    }

    #[test]
    fn one_stray_weight_is_found() {
        let mut weights = Weights { layers: vec![layer(1, 2)] };
        assert!(weights.is_finite());
        weights.layers[0].bias = array![0.0, f32::NAN];
        assert!(!weights.is_finite());
    }
}
