//! N1: every loss of AEMLO against finite differences, in f64.

use ndarray::{Array2, array};

use crate::adversarial::tests::gradients::{check, random};
use crate::generative::aemlo::losses::{Batch, LabelPairs, Losses, distance_loss, latent_loss};
use crate::generative::aemlo::network::{Autoencoder, Initial, Mapped};
use crate::generative::{Aemlo, Reconstruction};
use crate::host::HostMatrix;
use crate::matrix::Matrix;

type M = HostMatrix<f64>;

/// Labels of six rows; the second has none and the third all.
fn labels() -> Array2<f64> {
    array![
        [1., 0., 0., 1.],
        [0., 0., 0., 0.],
        [1., 1., 1., 1.],
        [0., 1., 0., 0.],
        [1., 1., 0., 1.],
        [0., 0., 1., 0.]
    ]
}

fn eye(n: usize) -> M {
    M::constant(Array2::eye(n).view(), &())
}

#[test]
fn losses_by_what_the_network_gives() {
    let codes = [random("x", (6, 9)), random("y", (6, 9))];
    let mapped = |codes: &[M]| Mapped {
        latent_x: codes[0].clone(),
        latent_y: codes[1].clone(),
        features: codes[0].clone(),
        labels: codes[1].clone(),
    };
    check("latent", &codes, |codes| latent_loss(&mapped(codes), &eye(6), 0.1));
    let apart = M::constant(random("distances", (6, 6)).view(), &());
    check("distances", &[random("made", (6, 3))], |made| distance_loss(&apart, &made[0], &eye(6)));
    for reconstruction in [Reconstruction::Squared, Reconstruction::AsReleased] {
        let pairs = LabelPairs::<M>::new(&labels(), reconstruction, &());
        check("labels", &[random("outputs", (6, 4)) * 2.0], |outputs| pairs.row_losses(&outputs[0]).sum());
    }
}

/// Beyond the point where the exponential goes on as a straight line, in either order.
#[test]
fn labels_far_apart() {
    let pairs = LabelPairs::<M>::new(&array![[1., 0., 1.], [1., 0., 0.]], Reconstruction::Squared, &());
    let outputs = array![[-15.0, 16.0, -14.0], [200.0, -200.0, -190.0]];
    check("far apart", &[outputs], |outputs| pairs.row_losses(&outputs[0]).sum().scale(1e-10));
}

/// From all weights of the network to the sum of all losses.
#[test]
fn the_whole_network() {
    for method in [Aemlo::paper(), Aemlo::as_released()] {
        let method = Aemlo {
            latent_units: 5,
            feature_encoder: method.feature_encoder.iter().map(|_| 4).collect(),
            label_encoder: vec![3],
            feature_decoder: method.feature_decoder.iter().map(|_| 4).collect(),
            label_decoder: method.label_decoder.iter().map(|_| 3).collect(),
            alpha: 0.7,
            beta: 1.3,
            ..method
        };
        let mut rng = imb_core::Seed::new(5).rng();
        let initial = Initial::draw(&method, 3, 4, &mut rng);
        let network = Autoencoder::<M>::new(&method, &initial, &());
        let batch = Batch::<M>::new(&method, &random("rows", (6, 3)), &labels(), &());
        let weights: Vec<Array2<f64>> =
            network.parameters().iter().map(|parameter| parameter.values()).collect();
        check("network", &weights, |weights| {
            let mut network = network.clone();
            for (to, from) in network.parameters_mut().into_iter().zip(weights) {
                *to = from.clone();
            }
            Losses::of(&method, &batch, &network.map(&batch.x, &batch.y)).total
        });
    }
}
