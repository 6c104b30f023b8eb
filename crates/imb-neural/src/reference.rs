//! The trainers compared with PyTorch 2.9.0. `tests/reference/tiny-training.json` holds two small networks
//! that PyTorch trained in float32 on fixed rows from fixed weights. The file states a tolerance of 1e-4; since
//! there are few steps, a tenth of that is required here.

use std::collections::BTreeMap;

use imb_core::{Device, Labels, Predict, Prediction};
use ndarray::{Array1, Array2};
use serde::Deserialize;

use crate::device::{tested_devices, trainer_on};
use crate::trainer::{Batch, Trainer};
use crate::{
    Activation, Adam, HiddenLayer, LayerWeights, LearnerState, Loss, MlpClassifier, MlpModel, Weights,
};

const FILE: &str = include_str!("../tests/reference/tiny-training.json");

#[derive(Deserialize)]
struct Reference {
    tolerance: f64,
    adam: Adam,
    batch_size: usize,
    x: Vec<[f64; 5]>,
    y: Vec<u32>,
    initial: Parameters,
    networks: Vec<Network>,
}

/// PyTorch's names and layout: `W1` is `(n_outputs, n_inputs)`.
type Parameters = BTreeMap<String, serde_json::Value>;

#[derive(Deserialize)]
struct Network {
    loss: Loss,
    first_gradient: Parameters,
    batch_losses: Vec<[f64; 2]>,
    gradient_norms: Vec<[f64; 2]>,
    loss_of_all_rows: Vec<f64>,
    r#final: Parameters,
    outputs_before: Vec<[f64; 2]>,
    outputs_after: Vec<[f64; 2]>,
}

impl Reference {
    fn read() -> Self {
        serde_json::from_str(FILE).expect("the file has these fields")
    }

    fn method(&self, loss: Loss) -> MlpClassifier {
        let layer = |width, activation| HiddenLayer { width, activation };
        let hidden_layers = vec![layer(8, Activation::None), layer(6, Activation::Relu)];
        let (adam, batch_size) = (self.adam, self.batch_size);
        MlpClassifier { hidden_layers, loss, adam, batch_size, ..MlpClassifier::default() }
    }

    fn labels(&self) -> Labels {
        Labels::new(self.y.clone(), ["no", "yes"].map(String::from).into()).expect("classes 0 and 1")
    }

    fn x(&self) -> Array2<f64> {
        Array2::from(self.x.clone())
    }

    /// The two mini-batches of an epoch: rows 0 to 31 and rows 32 to 39.
    fn batches(&self) -> Vec<Batch> {
        let data = imb_core::Dataset::unnamed(self.x(), self.labels()).expect("valid");
        let rows = crate::batches::Rows::new(&data).expect("valid");
        let order: Vec<usize> = (0..self.y.len()).collect();
        let batch = |numbers: &[usize]| {
            let mut batch = Batch::default();
            rows.fill(&mut batch, numbers);
            batch
        };
        order.chunks(self.batch_size).map(batch).collect()
    }

    fn prediction(&self, method: &MlpClassifier, weights: Weights) -> Prediction<Labels> {
        let activations = method.hidden_layers.iter().map(|layer| layer.activation).collect();
        let classes = self.labels().classes().into();
        let model = MlpModel::new(weights, crate::model::Shape { activations, classes });
        model.predict(self.x().view()).expect("five features")
    }

    /// The mean loss over all rows, from a prediction.
    fn loss(&self, loss: Loss, prediction: &Prediction<Labels>) -> f64 {
        let z = match loss {
            Loss::CrossEntropy => prediction.logits.as_ref().expect("has logits"),
            Loss::CrossEntropyOnSoftmax => &prediction.scores,
        };
        let of_row = |(z, &y): (ndarray::ArrayView1<'_, f64>, &u32)| {
            z.iter().map(|z| z.exp()).sum::<f64>().ln() - z[y as usize]
        };
        z.rows().into_iter().zip(&self.y).map(of_row).sum::<f64>() / self.y.len() as f64
    }
}

fn weights(parameters: &Parameters) -> Weights {
    let read = |name: String| parameters[&name].clone();
    let layer = |number: usize| {
        let rows: Vec<Vec<f32>> = serde_json::from_value(read(format!("W{number}"))).expect("a matrix");
        let bias: Vec<f32> = serde_json::from_value(read(format!("b{number}"))).expect("a vector");
        let weight = Array2::from_shape_fn((rows[0].len(), rows.len()), |(input, unit)| rows[unit][input]);
        LayerWeights { weight, bias: Array1::from(bias) }
    };
    Weights { layers: (1..=3).map(layer).collect() }
}

fn trainer(reference: &Reference, network: &Network, device: Device) -> Box<dyn Trainer> {
    let state = LearnerState::fresh(weights(&reference.initial));
    trainer_on(device, &reference.method(network.loss), &state).expect("this build has it")
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance / 10.0, "{what}: {found}, PyTorch {expected}");
}

fn assert_weights_near(found: &Weights, expected: &Weights, tolerance: f64, what: &str) {
    for (found, expected) in found.layers.iter().zip(&expected.layers) {
        let found = found.weight.iter().chain(&found.bias);
        for (&found, &expected) in found.zip(expected.weight.iter().chain(&expected.bias)) {
            assert_near(f64::from(found), f64::from(expected), tolerance, what);
        }
    }
}

fn assert_outputs_near(found: &Prediction<Labels>, expected: &[[f64; 2]], network: &Network, tolerance: f64) {
    let found = match network.loss {
        Loss::CrossEntropy => found.logits.as_ref().expect("has logits"),
        Loss::CrossEntropyOnSoftmax => &found.scores,
    };
    for (found, expected) in found.iter().zip(expected.iter().flatten()) {
        assert_near(*found, *expected, tolerance, "output");
    }
}

#[test]
fn training_agrees_with_pytorch() {
    let reference = Reference::read();
    for device in tested_devices() {
        for network in &reference.networks {
            training_agrees(&reference, network, device);
        }
    }
}

fn training_agrees(reference: &Reference, network: &Network, device: Device) {
    let tolerance = reference.tolerance;
    let (method, mut trainer) = (reference.method(network.loss), trainer(reference, network, device));
    let before = reference.prediction(&method, trainer.weights());
    assert_outputs_near(&before, &network.outputs_before, network, tolerance);
    for epoch in 0..10 {
        for (number, batch) in reference.batches().iter().enumerate() {
            let step = trainer.step(batch, true);
            let norm = step.gradient_norm.expect("asked for");
            assert_near(step.loss, network.batch_losses[epoch][number], tolerance, "loss");
            assert_near(norm, network.gradient_norms[epoch][number], tolerance, "gradient norm");
        }
        let prediction = reference.prediction(&method, trainer.weights());
        let loss = reference.loss(network.loss, &prediction);
        assert_near(loss, network.loss_of_all_rows[epoch], tolerance, "loss of all rows");
    }
    assert_weights_near(&trainer.weights(), &weights(&network.r#final), tolerance, "final weight");
    let after = reference.prediction(&method, trainer.weights());
    assert_outputs_near(&after, &network.outputs_after, network, tolerance);
}

/// Adam's steps hardly depend on the size of the gradient, so the gradient is compared by itself: with
/// `beta1 = 0` the running mean is the last gradient.
#[test]
fn the_first_gradient_agrees_with_pytorch() {
    let mut reference = Reference::read();
    reference.adam.beta1 = 0.0;
    for device in tested_devices() {
        for network in &reference.networks {
            let mut trainer = trainer(&reference, network, device);
            trainer.step(&reference.batches()[0], false);
            let gradient = trainer.state().mean;
            assert_weights_near(&gradient, &weights(&network.first_gradient), 1e-6, "gradient");
        }
    }
}
