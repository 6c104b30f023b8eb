//! AEMLO as the paper's text has it, against the same in PyTorch: `aemlo_reference.py`.

use ndarray::Array2;
use serde::Deserialize;

use crate::adversarial::players::{Network, Optimizer};
use crate::adversarial::tests::{assert_near, network, pattern};
use crate::generative::Aemlo;
use crate::generative::aemlo::losses::Batch;
use crate::generative::aemlo::network::{Autoencoder, Initial};
use crate::generative::aemlo::training::step;
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Adam, Weights};

#[derive(Deserialize)]
struct Reference {
    labels: Vec<[u8; 5]>,
    small: Trained,
    paper: Trained,
    plain: Plain,
}

#[derive(Deserialize)]
struct Trained {
    sizes: [usize; 3],
    rate: f64,
    alpha: f64,
    beta: f64,
    steps: Vec<Step>,
    generated: [Vec<Vec<f64>>; 2],
}

/// Name, sum and sum of squares of a parameter.
type Checksum = (String, f64, f64);

#[derive(Deserialize)]
struct Step {
    losses: [f64; 3],
    parameters: Vec<Checksum>,
}

#[derive(Deserialize)]
struct Plain {
    sizes: [usize; 3],
    rate: f64,
    losses: Vec<f64>,
    parameters: Vec<Checksum>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../tests/reference/aemlo.json")).expect("these fields")
}

fn x() -> Array2<f64> {
    pattern(1000, [9, 7], 0.5) + 0.5
}

impl Reference {
    fn y(&self) -> Array2<f64> {
        Array2::from_shape_fn((9, 5), |(row, label)| f64::from(self.labels[row][label]))
    }
}

fn method([latent_units, features, labels]: [usize; 3], learning_rate: f64) -> Aemlo {
    Aemlo {
        latent_units,
        feature_encoder: vec![features],
        label_encoder: vec![labels],
        adam: Adam { learning_rate, ..Adam::default() },
        ..Aemlo::paper()
    }
}

fn initial([latent, features, labels]: [usize; 3]) -> Initial {
    let no_gate = Weights { layers: vec![] };
    Initial {
        feature_encoder: network(0, &[7, features, latent]),
        label_encoder: [network(10, &[5, labels]), no_gate, network(12, &[labels, latent])],
        label_decoder: network(20, &[latent, 5]),
        feature_decoder: network(30, &[latent, 7]),
    }
}

fn assert_parameters<M: Matrix>(found: &[&M], expected: &[Checksum], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, (name, sum, squares)) in found.iter().zip(expected) {
        let values = found.values();
        assert_near(values.sum(), *sum, tolerance, name);
        assert_near(values.mapv(|x| x * x).sum(), *squares, tolerance, name);
    }
}

fn agrees<M: Matrix>(reference: &Reference, trained: &Trained, place: &M::Place, tolerance: f64) {
    let method = Aemlo { alpha: trained.alpha, beta: trained.beta, ..method(trained.sizes, trained.rate) };
    let mut network = Autoencoder::<M>::new(&method, &initial(trained.sizes), place);
    let mut optimizer = Optimizer::new(method.adam, &network.parameters());
    let batch = Batch::new(&method, &x(), &reference.y(), place);
    for expected in &trained.steps {
        let (losses, _) = step(&method, &mut network, &mut optimizer, &batch);
        for (found, expected) in losses.iter().zip(expected.losses) {
            assert_near(*found, expected, tolerance, "loss");
        }
        assert_parameters(&network.parameters(), &expected.parameters, tolerance);
    }
    let generated = network.detached().generate(&M::constant(x().view(), place));
    for (found, expected) in generated.iter().zip(&trained.generated) {
        for (found, expected) in found.values().iter().zip(expected.iter().flatten()) {
            assert_near(*found, *expected, tolerance, "generated");
        }
    }
}

#[test]
fn our_engine_agrees() {
    let reference = reference();
    for trained in [&reference.small, &reference.paper] {
        agrees::<HostMatrix<f64>>(&reference, trained, &(), 1e-9);
        agrees::<HostMatrix<f32>>(&reference, trained, &(), 1e-5);
    }
}

#[cfg(feature = "burn")]
#[test]
fn burn_agrees() {
    let reference = reference();
    for place in crate::device::places_of_burn() {
        for trained in [&reference.small, &reference.paper] {
            agrees::<crate::burn_matrix::BurnMatrix>(&reference, trained, &place, 1e-5);
        }
    }
}

/// With Φ, β and the distances off and α = 1, the features are trained as by a plain auto-encoder: PyTorch's,
/// and one network of our own with nothing of AEMLO in it, to the last bit.
#[test]
fn without_its_own_losses_it_is_a_plain_autoencoder() {
    type M = HostMatrix<f64>;
    let (reference, off) = (reference(), 0.0);
    let plain = &reference.plain;
    let method = Aemlo { latent_weight: off, beta: off, distances: off, ..method(plain.sizes, plain.rate) };
    let initial = initial(plain.sizes);
    let mut aemlo = Autoencoder::<M>::new(&method, &initial, &());
    let mut optimizer = Optimizer::new(method.adam, &aemlo.parameters());
    let batch = Batch::new(&method, &x(), &reference.y(), &());

    let layers = [initial.feature_encoder.layers, initial.feature_decoder.layers].concat();
    let mut own = Network::<M>::new(&Weights { layers }, &[0.01; 2], &());
    let mut own_optimizer = Optimizer::new(method.adam, &own.parameters());
    let rows = M::constant(x().view(), &());
    for expected in &plain.losses {
        let (_, loss) = step(&method, &mut aemlo, &mut optimizer, &batch);
        let own_loss = own.forward(&rows).sub(&rows).squared().mean();
        assert_eq!(loss, own_loss.number());
        assert_near(loss, *expected, 1e-9, "loss");
        let gradients = own_loss.gradients(&own.parameters());
        own_optimizer.step(own.parameters_mut(), gradients);
    }
    let trained = [aemlo.feature_encoder.parameters(), aemlo.feature_decoder.parameters()].concat();
    assert_parameters(&trained, &plain.parameters, 1e-9);
    for (found, own) in trained.iter().zip(own.parameters()) {
        assert_eq!(found.values(), own.values());
    }
    let untrained = Autoencoder::<M>::new(&method, &self::initial(plain.sizes), &());
    for (found, before) in aemlo.label_decoder.parameters().iter().zip(untrained.label_decoder.parameters()) {
        assert_eq!(found.values(), before.values(), "labels take no part");
    }
}
