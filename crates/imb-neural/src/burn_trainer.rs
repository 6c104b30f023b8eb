//! The trainer on burn: tensors, automatic gradients, burn's Adam.

use burn::optim::{Adam, AdamConfig, AdamState, Optimizer};
use burn::tensor::activation::{leaky_relu, log_softmax, relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::{Array1, Array2, Axis};

use crate::trainer::{Batch, Step, Trainer};
use crate::{Activation, LayerWeights, Loss, MlpClassifier, Weights};

pub(crate) struct BurnTrainer {
    /// Weight `(n_inputs, n_outputs)` and bias `(1, n_outputs)` of each layer in turn.
    parameters: Vec<Parameter>,
    /// After each hidden layer.
    activations: Vec<Activation>,
    loss: Loss,
    adam: Adam,
    learning_rate: f64,
    device: Device,
}

/// A tensor that is trained, with Adam's running means of its gradient.
struct Parameter {
    value: Tensor<2>,
    moments: Option<AdamState<2>>,
}

impl BurnTrainer {
    pub(crate) fn new(device: Device, method: &MlpClassifier, weights: &Weights) -> Self {
        let device = device.autodiff();
        let parameter = |values: Array2<f32>| {
            let value = tensor(values, &device).require_grad();
            Parameter { value, moments: None }
        };
        let of_layer = |layer: &LayerWeights| {
            [parameter(layer.weight.clone()), parameter(layer.bias.clone().insert_axis(Axis(0)))]
        };
        // burn's own default for epsilon is 1e-5, a thousand times what Adam's paper has.
        let adam = AdamConfig::new()
            .with_beta_1(method.adam.beta1 as f32)
            .with_beta_2(method.adam.beta2 as f32)
            .with_epsilon(method.adam.epsilon as f32)
            .build();
        Self {
            parameters: weights.layers.iter().flat_map(of_layer).collect(),
            activations: method.hidden_layers.iter().map(|layer| layer.activation).collect(),
            loss: method.loss,
            adam,
            learning_rate: method.adam.learning_rate,
            device,
        }
    }

    /// The loss of a mini-batch and its gradient, parameter by parameter.
    fn loss_and_gradient(&self, batch: Batch) -> (f64, Vec<Tensor<2>>) {
        let shares = tensor(batch.shares, &self.device);
        let logits = self.logits(tensor(batch.x, &self.device));
        let log_probabilities = match self.loss {
            Loss::CrossEntropy => log_softmax(logits, 1),
            Loss::CrossEntropyOnSoftmax => log_softmax(softmax(logits, 1), 1),
        };
        let loss = (log_probabilities * shares).sum().neg();
        let mut gradients = loss.backward();
        let gradient = |parameter: &Parameter| {
            parameter.value.grad_remove(&mut gradients).expect("the loss depends on every parameter")
        };
        let gradient = self.parameters.iter().map(gradient).collect();
        (f64::from(loss.inner().into_scalar::<f32>()), gradient)
    }

    /// The gradient of a mini-batch, in the shape of the weights.
    #[cfg(test)]
    pub(crate) fn gradient(&self, batch: Batch) -> Weights {
        by_layer(self.loss_and_gradient(batch).1.into_iter())
    }

    /// The numbers before the softmax, `(n_rows, n_classes)`, of rows `(n_rows, n_features)`.
    fn logits(&self, x: Tensor<2>) -> Tensor<2> {
        self.parameters.chunks_exact(2).enumerate().fold(x, |h, (layer, parameters)| {
            let sums = h.matmul(parameters[0].value.clone()) + parameters[1].value.clone();
            match self.activations.get(layer) {
                None | Some(Activation::None) => sums,
                Some(Activation::Relu) => relu(sums),
                Some(Activation::LeakyRelu { slope }) => leaky_relu(sums, *slope),
            }
        })
    }
}

impl Trainer for BurnTrainer {
    fn step(&mut self, batch: Batch, with_norm: bool) -> Step {
        let (loss, gradient) = self.loss_and_gradient(batch);
        let gradient_norm = with_norm.then(|| norm(&gradient));
        let parameters = std::mem::take(&mut self.parameters).into_iter().zip(gradient);
        self.parameters = parameters
            .map(|(parameter, gradient)| parameter.updated(&self.adam, self.learning_rate, gradient))
            .collect();
        Step { loss, gradient_norm }
    }

    fn weights(&self) -> Weights {
        by_layer(self.parameters.iter().map(|parameter| parameter.value.clone().inner()))
    }
}

impl Parameter {
    fn updated(self, adam: &Adam, learning_rate: f64, gradient: Tensor<2>) -> Self {
        let (value, moments) = adam.step(learning_rate, self.value.inner(), gradient, self.moments);
        Self { value: value.autodiff().require_grad(), moments }
    }
}

/// The L2 norm over all parameters. Only the sum of each is left to f32.
fn norm(gradient: &[Tensor<2>]) -> f64 {
    let squares = |part: &Tensor<2>| f64::from(part.clone().square().sum().into_scalar::<f32>());
    gradient.iter().map(squares).sum::<f64>().sqrt()
}

fn tensor(values: Array2<f32>, device: &Device) -> Tensor<2> {
    let shape = [values.nrows(), values.ncols()];
    let values: Vec<f32> = values.into_iter().collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Weights and biases in turn, layer by layer.
fn by_layer(tensors: impl Iterator<Item = Tensor<2>>) -> Weights {
    let arrays: Vec<Array2<f32>> = tensors.map(array).collect();
    let layer = |pair: &[Array2<f32>]| {
        let bias = Array1::from_iter(pair[1].iter().copied());
        LayerWeights { weight: pair[0].clone(), bias }
    };
    Weights { layers: arrays.chunks_exact(2).map(layer).collect() }
}

fn array(tensor: Tensor<2>) -> Array2<f32> {
    let shape = tensor.dims();
    let values = tensor.into_data_as::<f32>().try_into_vec().expect("read as f32");
    Array2::from_shape_vec(shape, values).expect("as many numbers as the shape says")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::initial_weights;
    use crate::{HiddenLayer, Stop};
    use imb_core::Seed;

    const SIZES: [usize; 5] = [3, 5, 4, 4, 3];

    /// Three classes and every activation.
    fn method(loss: Loss) -> MlpClassifier {
        let layer = |width, activation| HiddenLayer { width, activation };
        let slope = 0.1;
        let hidden_layers = vec![
            layer(5, Activation::LeakyRelu { slope }),
            layer(4, Activation::None),
            layer(4, Activation::Relu),
        ];
        MlpClassifier { hidden_layers, loss, stop: Stop::Steps(1), ..MlpClassifier::default() }
    }

    /// Seven rows with uneven shares of the mean loss.
    fn batch() -> Batch {
        let x = Array2::from_shape_fn((7, 3), |(row, column)| (1.3 * row as f32 + 2.1 * column as f32).sin());
        let shares =
            Array2::from_shape_fn(
                (7, 3),
                |(row, class)| {
                    if row % 3 == class { (row + 1) as f32 / 28.0 } else { 0.0 }
                },
            );
        Batch { x, shares }
    }

    fn log_softmax_f64(z: &[f64]) -> Vec<f64> {
        let total: f64 = z.iter().map(|z| z.exp()).sum();
        z.iter().map(|z| z - total.ln()).collect()
    }

    /// The loss by plain loops in f64, as the reference of the finite differences.
    fn loss_f64(method: &MlpClassifier, parameters: &[Array2<f64>], batch: &Batch) -> f64 {
        let mut loss = 0.0;
        for (x, shares) in batch.x.rows().into_iter().zip(batch.shares.rows()) {
            let mut h = x.mapv(f64::from);
            for (number, layer) in parameters.chunks_exact(2).enumerate() {
                h = h.dot(&layer[0]) + layer[1].row(0);
                match method.hidden_layers.get(number).map(|layer| layer.activation) {
                    Some(Activation::Relu) => h.mapv_inplace(|sum| sum.max(0.0)),
                    Some(Activation::LeakyRelu { slope }) => h.mapv_inplace(|sum| sum.max(slope * sum)),
                    Some(Activation::None) | None => {}
                }
            }
            let mut log_p = log_softmax_f64(&h.to_vec());
            if method.loss == Loss::CrossEntropyOnSoftmax {
                log_p = log_softmax_f64(&log_p.iter().map(|log_p| log_p.exp()).collect::<Vec<_>>());
            }
            loss -= shares.iter().zip(log_p).map(|(&share, log_p)| f64::from(share) * log_p).sum::<f64>();
        }
        loss
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let weights = initial_weights(&SIZES, &mut Seed::new(3).rng());
        let mut parameters: Vec<Array2<f64>> = vec![];
        for layer in &weights.layers {
            parameters.push(layer.weight.mapv(f64::from));
            parameters.push(layer.bias.mapv(f64::from).insert_axis(Axis(0)));
        }
        for method in [Loss::CrossEntropy, Loss::CrossEntropyOnSoftmax].map(method) {
            let trainer = BurnTrainer::new(Device::flex(), &method, &weights);
            let (loss, gradient) = trainer.loss_and_gradient(batch());
            assert!((loss - loss_f64(&method, &parameters, &batch())).abs() < 1e-6);
            let mut squares = 0.0;
            for (number, gradient) in gradient.iter().cloned().map(array).enumerate() {
                for (place, &found) in gradient.indexed_iter() {
                    let at = |moved: f64| {
                        let mut parameters = parameters.clone();
                        parameters[number][place] += moved;
                        loss_f64(&method, &parameters, &batch())
                    };
                    let expected = (at(1e-5) - at(-1e-5)) / 2e-5;
                    assert!(
                        (f64::from(found) - expected).abs() < 1e-6,
                        "{number} {place:?} {found} {expected}"
                    );
                    squares += expected * expected;
                }
            }
            assert!((norm(&gradient) - squares.sqrt()).abs() < 1e-6);
        }
    }

    #[test]
    fn weights_go_in_and_come_out_unchanged() {
        let weights = initial_weights(&SIZES, &mut Seed::new(3).rng());
        let mut turned = weights.clone();
        for layer in &mut turned.layers {
            layer.weight = layer.weight.t().as_standard_layout().into_owned().reversed_axes();
        }
        let method = method(Loss::CrossEntropy);
        for given in [&weights, &turned] {
            assert_eq!(BurnTrainer::new(Device::flex(), &method, given).weights(), weights);
        }
    }
}
