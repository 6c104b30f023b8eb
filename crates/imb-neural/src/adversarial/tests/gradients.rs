//! N1: every loss and the gradient penalty against finite differences, in f64.

use imb_core::Seed;
use ndarray::Array2;
use rand::RngExt;

use crate::adversarial::labels::one_hot;
use crate::adversarial::losses::{
    complement_cross_entropy, complement_entropy, complement_entropy_as_coded, cross_entropy, squared_error,
    weighted_cross_entropy,
};
use crate::adversarial::normalized::NormalizedBody;
use crate::adversarial::players::{Duel, Head, MixedRows, Network, critic_loss, gradient_penalty};
use crate::host::HostMatrix;
use crate::init::initial_weights;
use crate::matrix::Matrix;

type M = HostMatrix<f64>;

pub(crate) fn random(key: &str, shape: (usize, usize)) -> Array2<f64> {
    let mut rng = Seed::new(11).child(key).rng();
    Array2::from_shape_simple_fn(shape, || 3.0 * rng.random::<f64>() - 1.5)
}

fn constant(key: &str, shape: (usize, usize)) -> M {
    M::constant(random(key, shape).view(), &())
}

/// The loss's derivative by each number of each parameter, both ways. `of` makes the loss of the parameters.
pub(crate) fn check(what: &str, parameters: &[Array2<f64>], of: impl Fn(&[M]) -> M) {
    let place = |arrays: &[Array2<f64>]| -> Vec<M> {
        arrays.iter().map(|array| M::parameter(array.view(), &())).collect()
    };
    let matrices = place(parameters);
    let gradients = of(&matrices).gradients(&matrices.iter().collect::<Vec<_>>());
    for (number, gradient) in gradients.into_iter().enumerate() {
        let gradient = gradient.map_or_else(|| Array2::zeros(parameters[number].dim()), |g| g.values());
        for (at, found) in gradient.indexed_iter() {
            let moved = |by: f64| {
                let mut parameters = parameters.to_vec();
                parameters[number][at] += by;
                of(&place(&parameters)).number()
            };
            let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            // Central differences in f64 are good to some 1e-10 here.
            let tolerance = 1e-6 * expected.abs().max(1e-3);
            assert!((found - expected).abs() < tolerance, "{what}, {number} {at:?}: {found}, {expected}");
        }
    }
}

/// The parameters of a network as arrays, and the network of them.
fn network(key: &str, sizes: &[usize]) -> Vec<Array2<f64>> {
    let weights = initial_weights(sizes, &mut Seed::new(12).child(key).rng());
    Network::<M>::new(&weights, &[], &()).parameters().iter().map(|parameter| parameter.values()).collect()
}

fn rebuilt(sizes: &[usize], slope: f64, parameters: &[M]) -> Network<M> {
    let weights = initial_weights(sizes, &mut Seed::new(1).rng());
    let mut network = Network::new(&weights, &vec![slope; sizes.len() - 2], &());
    for (to, from) in network.parameters_mut().into_iter().zip(parameters) {
        *to = from.clone();
    }
    network
}

#[test]
fn losses_by_logits() {
    for n_classes in [2, 3, 10] {
        let logits = [random("logits", (6, n_classes)) * 2.0];
        let labels: Vec<usize> = (0..6).map(|row| row % n_classes).collect();
        let classes = M::constant(one_hot(&labels, n_classes).view(), &());
        check("cross-entropy", &logits, |z| cross_entropy(&z[0], &classes));
        check("complement cross-entropy", &logits, |z| complement_cross_entropy(&z[0], &classes));
        check("complement entropy", &logits, |z| complement_entropy(&z[0], &classes));
        check("complement entropy as coded", &logits, |z| complement_entropy_as_coded(&z[0], &classes));
        let weights = constant("weights", (6, n_classes));
        check("weighted cross-entropy", &logits, |z| weighted_cross_entropy(&z[0], &weights));
        check("squared error of a softmax", &logits, |z| squared_error(&z[0].softmax(), &classes));
    }
    let target = constant("target", (6, 1));
    check("squared error of a sigmoid", &[random("one", (6, 1))], |z| {
        squared_error(&z[0].sigmoid(), &target)
    });
}

/// Operations whose both sides have gradients, and a matrix that is both sides.
#[test]
fn pairs_of_matrices() {
    let pair = [random("a", (3, 4)), random("b", (3, 4))];
    check("a pair", &pair, |p| p[0].sub(&p[1]).mul(&p[0].add(&p[1])).mul(&p[0]).sum());
    check("itself", &pair[..1], |p| p[0].sub(&p[0]).add(&p[0].mul(&p[0])).sum());
}

fn duel() -> Duel<M> {
    Duel {
        real: constant("real", (5, 4)),
        generated: constant("generated", (5, 4)),
        classes: M::constant(one_hot(&[0, 0, 1, 1, 2], 3).view(), &()),
        real_shares: M::constant(random("shares", (5, 1)).mapv(|x| (x + 1.5) / 3.0).view(), &()),
    }
}

#[test]
fn the_critic_and_its_penalty() {
    let (sizes, duel) = ([7, 6, 5, 1], duel());
    let critic = network("critic", &sizes);
    check("penalty", &critic, |p| gradient_penalty(&rebuilt(&sizes, 0.1, p), &duel));
    check("critic", &critic, |p| critic_loss(&rebuilt(&sizes, 0.1, p), &duel, 10.0));
}

/// The derivative by the inputs, as a forward expression, against finite differences.
#[test]
fn the_critic_by_its_inputs() {
    let sizes = [7, 6, 5, 1];
    let weights = initial_weights(&sizes, &mut Seed::new(12).child("critic").rng());
    let critic = Network::<M>::new(&weights, &[0.1, 0.1], &());
    let x = random("inputs", (4, 7));
    let found = critic.input_gradient(&M::constant(x.view(), &())).values();
    for (at, found) in found.indexed_iter() {
        let moved = |by: f64| {
            let mut x = x.clone();
            x[at] += by;
            critic.forward(&M::constant(x.view(), &())).sum().number()
        };
        let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((found - expected).abs() < 1e-8, "{at:?}: {found}, {expected}");
    }
}

/// Through the mixture and a classifier, into head and body, with and without batch normalisation.
#[test]
fn the_generator() {
    let (inputs, n_rows) = (constant("noise", (5, 4)), 6);
    let rows = MixedRows { rows: (0..n_rows).collect(), x: random("rows", (n_rows, 3)) };
    let q = Network::<M>::new(&initial_weights(&[3, 5, 2], &mut Seed::new(2).rng()), &[0.1], &());
    let classes = M::constant(one_hot(&[1; 5], 2).view(), &());
    let head_weights = initial_weights(&[4, n_rows], &mut Seed::new(3).rng());
    let parameters = [network("body", &[4, 6, 4]), network("head", &[4, n_rows])].concat();
    let through = |body: &M, head: &[M]| {
        let mut last = Head::<M>::new(&head_weights, &rows, &());
        for (to, from) in last.layer.parameters_mut().into_iter().zip(head) {
            *to = from.clone();
        }
        complement_cross_entropy(&q.forward(&last.mix(&last.shares(body))), &classes)
    };
    check("generator", &parameters, |p| {
        let body = rebuilt(&[4, 6, 4], 0.0, &p[..4]).forward(&inputs);
        through(&body, &p[4..])
    });
    let body_weights = initial_weights(&[4, 6, 4], &mut Seed::new(4).rng());
    let body = NormalizedBody::<M>::new(&body_weights, &());
    let normalized: Vec<Array2<f64>> = body.parameters().iter().map(|parameter| parameter.values()).collect();
    check("generator with batch normalisation", &[normalized, network("head", &[4, n_rows])].concat(), |p| {
        let mut body = NormalizedBody::<M>::new(&body_weights, &());
        for (to, from) in body.parameters_mut().into_iter().zip(p) {
            *to = from.clone();
        }
        through(&body.with_batch_statistics(&inputs).0, &p[8..])
    });
}

/// −log(1 − Q) where Q is 1 to the last bit: the loss is the gap of the logits.
#[test]
fn unbounded_losses_stay_finite() {
    let logits = ndarray::array![[200.0, 0.0], [-200.0, 0.0]];
    let classes = one_hot(&[0, 0], 2);
    let z = HostMatrix::<f32>::parameter(logits.view(), &());
    let loss = complement_cross_entropy(&z, &HostMatrix::constant(classes.view(), &()));
    assert!((loss.number() - 100.0).abs() < 1e-4);
    let gradient = loss.gradients(&[&z]).swap_remove(0).expect("depends").values();
    assert_eq!(gradient, ndarray::array![[0.5, -0.5], [0.0, 0.0]]);
}
