//! GAMO against its released code under Keras 2.3.1.

use std::collections::BTreeMap;

use imb_core::Labels;
use ndarray::{Array2, Axis};
use serde::Deserialize;

use super::{assert_checksum, assert_near, bias, network, pattern, unrounded};
use crate::adversarial::gamo::players::{Players, Through};
use crate::adversarial::gamo::{Gamo, Start, by_size};
use crate::adversarial::labels::{Draw, one_hot};
use crate::adversarial::mixture::lacking;
use crate::adversarial::players::MixedRows;
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Activation, HiddenLayer};

#[derive(Deserialize)]
struct Reference {
    x: Vec<Vec<f64>>,
    labels: Vec<usize>,
    before_training: BTreeMap<String, Before>,
    batches: Vec<Batch>,
    relabel: Relabel,
}

#[derive(Deserialize)]
struct Relabel {
    train: Vec<u32>,
    sizes: Vec<usize>,
    deficits: Vec<usize>,
}

#[derive(Deserialize)]
struct Before {
    mixture_inference: Vec<Vec<f64>>,
    mixture_batch_statistics: Vec<Vec<f64>>,
    rows_inference: Vec<Vec<f64>>,
    #[serde(rename = "Q_on_inference_rows")]
    q: Vec<Vec<f64>>,
    #[serde(rename = "D_on_inference_rows")]
    d: Vec<f64>,
}

#[derive(Deserialize)]
struct Batch {
    rows: [usize; 2],
    fake_labels: Vec<usize>,
    losses: Vec<(String, f64)>,
    fake_rows: Vec<Vec<f64>>,
    after: BTreeMap<String, Vec<(f64, f64, Vec<f64>)>>,
}

const N_CLASSES: usize = 3;
const N_NOISE: usize = 5;
/// The reference gives all digits; a hand-written loop reached its losses to 1.4e-11.
const IN_F64: f64 = 1e-9;
const IN_F32: f64 = 1e-4;

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../tests/reference/gamo-released.json")).expect("these fields")
}

fn method() -> Gamo {
    let mut gamo = Gamo::as_released();
    let leaky = Activation::LeakyRelu { slope: 0.1 };
    gamo.classifier.hidden_layers = [16, 12].map(|width| HiddenLayer { width, activation: leaky }).into();
    gamo.discriminator_layers = vec![16, 12];
    gamo.generator_layers = vec![16, 8];
    (gamo.n_noise, gamo.generator_rows) = (N_NOISE, 8);
    gamo
}

impl Reference {
    fn x(&self) -> Array2<f64> {
        // The file prints as many digits as an f32 has.
        Array2::from_shape_fn((self.x.len(), 7), |(row, column)| f64::from(self.x[row][column] as f32))
    }

    fn start(&self) -> Start {
        let counts: Vec<usize> =
            (0..N_CLASSES).map(|class| self.labels.iter().filter(|label| **label == class).count()).collect();
        let head = |class: usize| {
            let rows: Vec<usize> = (0..self.labels.len()).filter(|&row| self.labels[row] == class).collect();
            let x = self.x().select(Axis(0), &rows);
            Some((network(300 + 10 * class as u64, &[8, counts[class]]), MixedRows { rows, x }))
        };
        let mut body = network(200, &[8, 16, 8]);
        // A batch normalisation has four keys of its own.
        body.layers[1].weight = pattern(206, [16, 8], 0.25).mapv(|x| x as f32);
        body.layers[1].bias = bias(207, 8, 0.05);
        Start {
            classifier: network(0, &[7, 16, 12, 3]),
            discriminator: network(100, &[10, 16, 12, 1]),
            body,
            heads: vec![head(0), head(1), None],
            lacking: counts.iter().map(|count| 10 - count).collect(),
            order: vec![0, 1, 2],
        }
    }
}

fn players<'a, M: Matrix>(method: &'a Gamo, start: &Start, place: &M::Place) -> Players<'a, M> {
    let mut players = Players::<M>::new(method, start, place);
    for (layer, key) in players.body.layers.iter_mut().zip([202, 208]) {
        let n = layer.gamma.shape()[1];
        let gamma = pattern(key, [1, n], 0.1).mapv(|x| f64::from((1.0 + x) as f32));
        layer.gamma = M::parameter(gamma.view(), place);
        layer.beta = M::parameter(pattern(key + 1, [1, n], 0.05).view(), place);
    }
    players
}

fn assert_rows<M: Matrix>(found: &M, expected: &[Vec<f64>], tolerance: f64, what: &str) {
    for (found, expected) in found.values().rows().into_iter().zip(expected) {
        for (found, expected) in found.iter().zip(expected) {
            assert_near(*found, *expected, tolerance, what);
        }
    }
}

fn rows_before_training<M: Matrix>(place: &M::Place, tolerance: f64) {
    let (reference, method) = (reference(), method());
    let players = players::<M>(&method, &reference.start(), place);
    for (name, before) in &reference.before_training {
        let class: usize = name["class ".len()..].parse().expect("a number");
        let noise = pattern(4050, [3, N_NOISE], 1.7);
        let draw = Draw { labels: vec![class; 3], n_classes: N_CLASSES, noise };
        let inputs = M::constant(draw.inputs().view(), place);
        let head = players.heads[class].as_ref().expect("generated");
        let (body, _) = players.body.with_batch_statistics(&inputs);
        assert_rows(&head.shares(&body), &before.mixture_batch_statistics, tolerance, name);
        let shares = head.shares(&players.body.with_running_statistics(&inputs));
        assert_rows(&shares, &before.mixture_inference, tolerance, name);
        let rows = players.fakes(&draw);
        assert_rows(&rows, &before.rows_inference, tolerance, name);
        assert_rows(&players.classifier.forward(&rows).softmax(), &before.q, tolerance, name);
        let classes = M::constant(draw.one_hot().view(), place);
        let d = players.discriminator.forward(&rows.beside(&classes)).sigmoid().values();
        for (found, expected) in d.iter().zip(&before.d) {
            assert_near(*found, *expected, tolerance, name);
        }
    }
}

#[test]
fn rows_before_training_are_the_released_ones() {
    rows_before_training::<HostMatrix<f64>>(&(), IN_F64);
    rows_before_training::<HostMatrix<f32>>(&(), IN_F32);
}

/// Order of the drawn rows by class; a draw is always in that order, and no mean depends on it.
fn by_class(labels: &[usize]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..labels.len()).collect();
    places.sort_by_key(|&place| labels[place]);
    places
}

fn targets(key: u64, n: usize) -> Array2<f64> {
    Array2::from_shape_fn((n, 1), |(row, _)| 0.1 * (0.5 * unrounded(key, row as u64) + 0.5))
}

/// Plays a mini-batch with the draws of the file and compares every loss.
fn play<M: Matrix>(
    players: &mut Players<'_, M>,
    reference: &Reference,
    number: u64,
    batch: &Batch,
    (place, tolerance): (&M::Place, f64),
) {
    let [first, end] = batch.rows;
    let (n, key) = (end - first, 20 * number);
    let expect = |place: usize, found: f64| {
        let (name, expected) = &batch.losses[place];
        assert_near(found, *expected, tolerance, &format!("{name}, batch {number}"));
    };
    let rows: Vec<usize> = (first..end).collect();
    let x = M::constant(reference.x().select(Axis(0), &rows).view(), place);
    let classes = M::constant(one_hot(&reference.labels[first..end], N_CLASSES).view(), place);
    expect(0, players.classifier_step(&x, &classes));
    let real = M::constant((1.0 - targets(4100 + key, n)).view(), place);
    expect(1, players.discriminator_step(&x, &classes, &real));

    let places = by_class(&batch.fake_labels);
    let labels = places.iter().map(|&place| batch.fake_labels[place]).collect();
    let noise = pattern(4103 + key, [n, N_NOISE], 1.7).select(Axis(0), &places);
    let draw = Draw { labels, n_classes: N_CLASSES, noise };
    let fakes = players.fakes(&draw);
    let expected: Vec<Vec<f64>> = places.iter().map(|&place| batch.fake_rows[place].clone()).collect();
    assert_rows(&fakes, &expected, tolerance, "generated row");
    let classes = M::constant(draw.one_hot().view(), place);
    let fake = M::constant(targets(4101 + key, n).select(Axis(0), &places).view(), place);
    expect(2, players.classifier_step(&fakes, &classes));
    expect(3, players.discriminator_step(&fakes, &classes, &fake));

    for class in 0..2 {
        let noise = pattern(4104 + key + class as u64, [3, N_NOISE], 1.7);
        let draw = Draw { labels: vec![class; 3], n_classes: N_CLASSES, noise };
        expect(4 + 2 * class, players.generator_step(class, &draw, Through::Classifier));
        expect(5 + 2 * class, players.generator_step(class, &draw, Through::Discriminator));
    }
}

fn three_batches<M: Matrix>(place: &M::Place, tolerance: f64) {
    let (reference, method) = (reference(), method());
    let mut players = players::<M>(&method, &reference.start(), place);
    for (number, batch) in reference.batches.iter().enumerate() {
        play(&mut players, &reference, number as u64, batch, (place, tolerance));
        let body = players.body.layers.iter().flat_map(|layer| {
            let [mean, variance] = &layer.running;
            [&layer.weight, &layer.bias, &layer.gamma, &layer.beta, mean, variance]
        });
        let head = |class: usize| players.heads[class].as_ref().expect("generated").layer.parameters();
        let networks = [
            ("Q", players.classifier.parameters()),
            ("D", players.discriminator.parameters()),
            ("G", body.collect()),
            ("head 0", head(0)),
            ("head 1", head(1)),
        ];
        for (name, parameters) in networks {
            for (parameter, (sum, squares, _)) in parameters.iter().zip(&batch.after[name]) {
                assert_checksum(*parameter, [*sum, *squares], tolerance, &format!("{name}, batch {number}"));
            }
        }
    }
}

#[test]
fn three_batches_are_the_released_ones() {
    three_batches::<HostMatrix<f64>>(&(), IN_F64);
    three_batches::<HostMatrix<f32>>(&(), IN_F32);
}

#[cfg(feature = "burn")]
#[test]
fn three_batches_on_burn() {
    for place in crate::device::places_of_burn() {
        three_batches::<crate::burn_matrix::BurnMatrix>(&place, IN_F32);
    }
}

/// A counter of its own for each optimiser is another method: it misses the reference.
#[test]
fn the_shared_counter_matters() {
    type M = HostMatrix<f64>;
    let reference = reference();
    let method = Gamo { as_released: false, ..method() };
    let mut players = players::<M>(&method, &reference.start(), &());
    let batch = &reference.batches[0];
    let x = M::constant(reference.x().slice(ndarray::s![0..8, ..]).to_owned().view(), &());
    let classes = M::constant(one_hot(&reference.labels[0..8], N_CLASSES).view(), &());
    assert_near(players.classifier_step(&x, &classes), batch.losses[0].1, IN_F64, "before any step");
    let (sum, ..) = batch.after["Q"][0];
    assert!((players.classifier.parameters()[0].values().sum() - sum).abs() > 1e-4);
}

#[test]
fn classes_are_ordered_and_drawn_as_released() {
    let relabel = reference().relabel;
    let texts: Vec<String> = relabel.train.iter().map(u32::to_string).collect();
    let labels = Labels::from_texts(&texts);
    let order = by_size(&labels);
    let in_order = |of: &[usize]| order.iter().map(|&class| of[class]).collect::<Vec<_>>();
    assert_eq!(in_order(&labels.counts()), relabel.sizes);
    let lacking: Vec<usize> = in_order(&lacking(&labels)).into_iter().filter(|rows| *rows > 0).collect();
    assert_eq!(lacking, relabel.deficits);
}
