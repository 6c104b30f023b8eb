//! N1: the gradients of every engine compared with finite differences, and the engines with each other.

use imb_core::{Device, Seed};
use ndarray::{Array2, Axis};
use pulp::Arch;
use rand::RngExt;

use crate::device::{tested_devices, trainer_on};
use crate::host::{HostTrainer, arch};
use crate::init::initial_weights;
use crate::trainer::{Batch, Trainer};
use crate::{Activation, Adam, HiddenLayer, LearnerState, Loss, MlpClassifier, Stop, Weights};

const SLOPE: f64 = 0.1;

/// A network of these widths that uses every activation in turn, and an Adam whose running mean is the last
/// gradient.
fn method(hidden: &[usize], loss: Loss) -> MlpClassifier {
    let activations = [Activation::LeakyRelu { slope: SLOPE }, Activation::None, Activation::Relu];
    let hidden = hidden.iter().zip(activations.into_iter().cycle());
    let hidden_layers = hidden.map(|(&width, activation)| HiddenLayer { width, activation }).collect();
    let adam = Adam { beta1: 0.0, ..Adam::default() };
    MlpClassifier { hidden_layers, loss, adam, stop: Stop::Steps(1), ..MlpClassifier::default() }
}

/// A mini-batch of rows with unequal shares of the mean loss.
fn batch(n_rows: usize, n_features: usize, n_classes: usize) -> Batch {
    let x = |place: usize| (1.3 * (place / n_features) as f32 + 2.1 * (place % n_features) as f32).sin();
    let total = (n_rows * (n_rows + 1) / 2) as f32;
    let share = |place: usize| {
        let (row, class) = (place / n_classes, place % n_classes);
        if row % n_classes == class { (row + 1) as f32 / total } else { 0.0 }
    };
    Batch {
        x: (0..n_rows * n_features).map(x).collect(),
        n_features,
        shares: (0..n_rows * n_classes).map(share).collect(),
    }
}

fn initial(sizes: &[usize]) -> Weights {
    initial_weights(sizes, &mut Seed::new(3).rng())
}

/// Every engine of this build, with its name.
fn trainers(method: &MlpClassifier, state: &LearnerState) -> Vec<(String, Box<dyn Trainer>)> {
    let in_f64: Box<dyn Trainer> = Box::new(HostTrainer::<f64>::new(method, state));
    let on = |device: Device| (device.to_string(), trainer_on(device, method, state).expect("it works here"));
    std::iter::once(("f64".to_owned(), in_f64)).chain(tested_devices().into_iter().map(on)).collect()
}

fn log_softmax_f64(z: &[f64]) -> Vec<f64> {
    let total: f64 = z.iter().map(|z| z.exp()).sum();
    z.iter().map(|z| z - total.ln()).collect()
}

/// The loss by plain loops in f64, from which finite differences are taken. `parameters` holds the weight and
/// the bias of each layer in turn.
fn loss_f64(method: &MlpClassifier, parameters: &[Array2<f64>], batch: &Batch) -> f64 {
    let mut loss = 0.0;
    for (x, shares) in batch.x().rows().into_iter().zip(batch.shares().rows()) {
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

fn matrices(weights: &Weights) -> Vec<Array2<f64>> {
    let of_layer = |layer: &crate::LayerWeights| {
        [layer.weight.mapv(f64::from), layer.bias.mapv(f64::from).insert_axis(Axis(0))]
    };
    weights.layers.iter().flat_map(of_layer).collect()
}

/// The derivative of the loss with respect to every weight, by finite differences.
fn by_differences(method: &MlpClassifier, weights: &Weights, batch: &Batch) -> Vec<Array2<f64>> {
    let parameters = matrices(weights);
    let derivative = |number: usize, place| {
        let at = |moved: f64| {
            let mut parameters = parameters.clone();
            parameters[number][place] += moved;
            loss_f64(method, &parameters, batch)
        };
        (at(1e-5) - at(-1e-5)) / 2e-5
    };
    let all = |(number, part): (usize, &Array2<f64>)| {
        Array2::from_shape_fn(part.dim(), |place| derivative(number, place))
    };
    parameters.iter().enumerate().map(all).collect()
}

/// The widths span several panels, blocks and tiles, and do not fill the last ones.
#[test]
fn gradients_equal_finite_differences() {
    let shapes: [(usize, &[usize]); 4] =
        [(7, &[3, 5, 4, 4, 3]), (21, &[19, 23, 34, 2]), (1, &[1, 1, 2]), (40, &[16, 3])];
    for (n_rows, sizes) in shapes {
        let (n_features, n_classes) = (sizes[0], sizes[sizes.len() - 1]);
        let (batch, weights) = (batch(n_rows, n_features, n_classes), initial(sizes));
        for loss in [Loss::CrossEntropy, Loss::CrossEntropyOnSoftmax] {
            let method = method(&sizes[1..sizes.len() - 1], loss);
            let expected = by_differences(&method, &weights, &batch);
            for (engine, mut trainer) in trainers(&method, &LearnerState::fresh(weights.clone())) {
                let step = trainer.step(&batch, true);
                let difference = step.loss - loss_f64(&method, &matrices(&weights), &batch);
                assert!(difference.abs() < 1e-6, "{engine}: loss off by {difference}");
                let mut squares = 0.0;
                for (found, expected) in matrices(&trainer.state().mean).iter().zip(&expected) {
                    for ((place, found), expected) in found.indexed_iter().zip(expected) {
                        assert!((found - expected).abs() < 1e-6, "{engine} {place:?} {found} {expected}");
                        squares += expected * expected;
                    }
                }
                let norm = step.gradient_norm.expect("asked for");
                assert!((norm - squares.sqrt()).abs() < 1e-6, "{engine}: {norm}");
            }
        }
    }
}

#[test]
fn a_state_goes_in_and_comes_out_unchanged() {
    let sizes = [3, 5, 18, 4, 3];
    let state = LearnerState {
        weights: initial(&sizes),
        mean: initial_weights(&sizes, &mut Seed::new(4).rng()),
        square: initial_weights(&sizes, &mut Seed::new(5).rng()),
        steps: 7,
    };
    let mut turned = state.clone();
    for layer in &mut turned.weights.layers {
        layer.weight = layer.weight.t().as_standard_layout().into_owned().reversed_axes();
    }
    let method = method(&sizes[1..4], Loss::CrossEntropy);
    for given in [&state, &turned] {
        for (engine, trainer) in trainers(&method, given) {
            assert_eq!(trainer.state(), state, "{engine}");
        }
    }
}

/// Mini-batches of standard normal rows of two classes, as training makes them.
fn random_batches(n_batches: usize, n_features: usize) -> Vec<Batch> {
    let mut rng = Seed::new(9).rng();
    let mut normal = || (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
    let mut random = |number: usize| {
        let n_rows = if number % 5 == 4 { 11 } else { 32 };
        let mut batch = batch(n_rows, n_features, 2);
        batch.x.iter_mut().for_each(|number| *number = normal());
        for (row, shares) in batch.x.chunks(n_features).zip(batch.shares.chunks_mut(2)) {
            let class = usize::from(row.iter().sum::<f32>() > 1.0);
            shares.fill(0.0);
            shares[class] = 1.0 / n_rows as f32;
        }
        batch
    };
    (0..n_batches).map(&mut random).collect()
}

#[test]
fn a_step_depends_on_its_state_and_batch_alone() {
    let batches = random_batches(6, 20);
    let method = method(&[37, 19], Loss::CrossEntropy);
    let state = LearnerState::fresh(initial(&[20, 37, 19, 2]));
    for (number, (engine, mut used)) in trainers(&method, &state).into_iter().enumerate() {
        for batch in &batches {
            let before = used.state();
            let step = used.step(batch, true);
            let (_, mut new) = trainers(&method, &before).swap_remove(number);
            if engine == "f64" {
                continue; // Its states are rounded to f32.
            }
            assert_eq!(new.step(batch, true), step, "{engine}");
            assert_eq!(new.state(), used.state(), "{engine}");
        }
    }
}

#[test]
fn restoring_a_state_recovers_from_divergence() {
    let batches = random_batches(3, 20);
    let method = method(&[37, 19], Loss::CrossEntropy);
    let state = LearnerState::fresh(initial(&[20, 37, 19, 2]));
    let fresh = trainers(&method, &state);
    for ((engine, mut fresh), (_, mut diverged)) in fresh.into_iter().zip(trainers(&method, &state)) {
        let mut stray = random_batches(1, 20).swap_remove(0);
        stray.x[3] = f32::NAN;
        for batch in [&stray, &batches[0]] {
            assert!(!diverged.step(batch, false).loss.is_finite(), "{engine}");
        }
        diverged.restore(&state);
        for batch in &batches {
            assert_eq!(diverged.step(batch, true), fresh.step(batch, true), "{engine}");
        }
        assert_eq!(diverged.state(), fresh.state(), "{engine}");
    }
}

/// The losses of 100 steps on networks of the papers' widths: f32 compared with f64, our code with burn.
#[test]
fn engines_agree_over_a_hundred_steps() {
    for (hidden, loss) in [
        ([256, 128].as_slice(), Loss::CrossEntropyOnSoftmax),
        ([256, 128, 128].as_slice(), Loss::CrossEntropy),
    ] {
        let sizes = [&[57], hidden, &[2]].concat();
        let method = MlpClassifier { adam: Adam::default(), ..method(hidden, loss) };
        let mut trainers = trainers(&method, &LearnerState::fresh(initial(&sizes)));
        for (number, batch) in random_batches(100, 57).iter().enumerate() {
            let losses =
                trainers.iter_mut().map(|(engine, trainer)| (&*engine, trainer.step(batch, false).loss));
            let losses: Vec<(&String, f64)> = losses.collect();
            for (engine, found) in &losses {
                let expected = losses[0].1;
                assert!((found - expected).abs() < 1e-5, "{engine}, step {number}: {found}, {expected}");
            }
        }
    }
}

/// Scalar operations are not fused, so they round more often.
#[test]
fn without_vectors_a_network_trains_nearly_alike() {
    let ([mut wide, mut narrow], batches) = two_trainers(|trainer| trainer.with_vectors_of(Arch::Scalar));
    for batch in &batches {
        let (wide, narrow) = (wide.step(batch, true), narrow.step(batch, true));
        assert!((wide.loss - narrow.loss).abs() < 1e-6);
        let norms = [wide, narrow].map(|step| step.gradient_norm.expect("asked for"));
        assert!((norms[0] - norms[1]).abs() < 1e-5 * norms[0]);
    }
}

/// Otherwise machines with AVX-512 would give other bytes than machines without.
#[test]
fn the_widest_vectors_give_the_same_bytes() {
    let ([mut widest, mut narrower], batches) = two_trainers(|trainer| trainer.with_vectors_of(arch()));
    for (number, batch) in batches.iter().enumerate() {
        let with_norm = number % 5 == 4;
        assert_eq!(widest.step(batch, with_norm), narrower.step(batch, with_norm));
    }
    assert_eq!(widest.state(), narrower.state());
}

/// A trainer as it is, the same with other vectors, and mini-batches of several sizes for both.
fn two_trainers(change: fn(HostTrainer<f32>) -> HostTrainer<f32>) -> ([HostTrainer<f32>; 2], Vec<Batch>) {
    let sizes = [20, 37, 19, 2];
    let method = method(&sizes[1..3], Loss::CrossEntropyOnSoftmax);
    let state = LearnerState::fresh(initial(&sizes));
    let trainer = || HostTrainer::new(&method, &state);
    ([trainer(), change(trainer())], random_batches(20, 20))
}

/// 0.9 of four times the smallest number of all rounds to the same, and such numbers take a processor long.
#[test]
fn running_means_without_a_gradient_become_0() {
    let sizes = [2, 5, 2];
    let method = MlpClassifier { adam: Adam::default(), ..method(&sizes[1..2], Loss::CrossEntropy) };
    let mut trainer = HostTrainer::<f32>::new(&method, &LearnerState::fresh(initial(&sizes)));
    let mut batch = batch(8, 2, 2);
    trainer.step(&batch, false);
    let of_first = |state: &LearnerState| state.mean.layers[0].weight.row(0).to_owned();
    assert!(of_first(&trainer.state()).iter().all(|mean| mean.is_normal()));
    // The first feature is 0 from now on, and so is the gradient of its weights.
    batch.x.iter_mut().step_by(2).for_each(|number| *number = 0.0);
    for _ in 0..1_000 {
        trainer.step(&batch, false);
    }
    assert!(of_first(&trainer.state()).iter().all(|mean| *mean == 0.0));
}
