//! The trainer on burn, with burn's tensors, automatic differentiation and Adam.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::activation::{leaky_relu, log_softmax, relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::trainer::{Batch, Step, Trainer};
use crate::{Activation, LayerWeights, LearnerState, Loss, MlpClassifier, Weights};

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

/// A trained tensor, with Adam's running means of its gradient.
struct Parameter {
    value: Tensor<2>,
    moments: Option<AdamState<2>>,
}

impl BurnTrainer {
    pub(crate) fn new(device: Device, method: &MlpClassifier, state: &LearnerState) -> Self {
        // Set explicitly, since burn's default for epsilon is 1e-5, a thousand times that of Adam's paper.
        let adam = AdamConfig::new()
            .with_beta_1(method.adam.beta1 as f32)
            .with_beta_2(method.adam.beta2 as f32)
            .with_epsilon(method.adam.epsilon as f32)
            .build();
        let mut trainer = Self {
            parameters: vec![],
            activations: method.hidden_layers.iter().map(|layer| layer.activation).collect(),
            loss: method.loss,
            adam,
            learning_rate: method.adam.learning_rate,
            device: device.autodiff(),
        };
        trainer.restore(state);
        trainer
    }

    /// The loss of a mini-batch and the gradient of each parameter.
    fn loss_and_gradient(&self, batch: &Batch) -> (f64, Vec<Tensor<2>>) {
        let shares = tensor(batch.shares(), &self.device);
        let logits = self.logits(tensor(batch.x(), &self.device));
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

    /// One of Adam's running means of each parameter; zeros before the first step.
    fn moment(&self, of: fn(&AdaptiveMomentumState<2>) -> &Tensor<2>) -> Weights {
        by_layer(self.parameters.iter().map(|parameter| match &parameter.moments {
            Some(moments) => of(&moments.momentum).clone(),
            None => parameter.value.clone().inner().zeros_like(),
        }))
    }

    /// The logits, `(n_rows, n_classes)`, of rows `(n_rows, n_features)`.
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
    fn step(&mut self, batch: &Batch, with_norm: bool) -> Step {
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

    fn state(&self) -> LearnerState {
        let moments = self.parameters.first().and_then(|parameter| parameter.moments.as_ref());
        LearnerState {
            weights: self.weights(),
            mean: self.moment(|momentum| &momentum.moment_1),
            square: self.moment(|momentum| &momentum.moment_2),
            steps: moments.map_or(0, |moments| moments.momentum.time as u64),
        }
    }

    fn restore(&mut self, state: &LearnerState) {
        let inner = self.device.clone().inner();
        let numbers = [&state.weights, &state.mean, &state.square].map(matrices);
        let [values, means, squares] = numbers.map(Vec::into_iter);
        let parameter = |((value, mean), square): ((ArrayView2<'_, f32>, _), _)| {
            let moments = (state.steps > 0).then(|| {
                let (mean, square) = (tensor(mean, &inner), tensor(square, &inner));
                let momentum = AdaptiveMomentumState::new(state.steps as usize, mean, square);
                AdamState { momentum }
            });
            Parameter { value: tensor(value, &self.device).require_grad(), moments }
        };
        self.parameters = values.zip(means).zip(squares).map(parameter).collect();
    }
}

impl Parameter {
    fn updated(self, adam: &Adam, learning_rate: f64, gradient: Tensor<2>) -> Self {
        let (value, moments) = adam.step(learning_rate, self.value.inner(), gradient, self.moments);
        Self { value: value.autodiff().require_grad(), moments }
    }
}

/// The L2 norm over all parameters. The sum of each tensor is computed in f32, the rest in f64.
fn norm(gradient: &[Tensor<2>]) -> f64 {
    let squares = |part: &Tensor<2>| f64::from(part.clone().square().sum().into_scalar::<f32>());
    gradient.iter().map(squares).sum::<f64>().sqrt()
}

fn tensor(values: ArrayView2<'_, f32>, device: &Device) -> Tensor<2> {
    let shape = [values.nrows(), values.ncols()];
    let values: Vec<f32> = values.iter().copied().collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The weight and the bias of each layer in turn, the bias as `(1, n_outputs)`.
fn matrices(weights: &Weights) -> Vec<ArrayView2<'_, f32>> {
    fn of_layer(layer: &LayerWeights) -> [ArrayView2<'_, f32>; 2] {
        [layer.weight.view(), layer.bias.view().insert_axis(Axis(0))]
    }
    weights.layers.iter().flat_map(of_layer).collect()
}

/// The inverse of [`matrices`].
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
