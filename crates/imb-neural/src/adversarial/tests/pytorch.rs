//! Three mini-batches of AO and DO against the same written in PyTorch, `adversarial_reference.py`.

use std::collections::BTreeMap;

use ndarray::{Array2, Axis};
use serde::Deserialize;

use super::{assert_checksum, assert_near, network, pattern};
use crate::adversarial::game::{AdversarialGame, Players, Rules, Start};
use crate::adversarial::labels::{Draw, one_hot};
use crate::adversarial::players::MixedRows;
use crate::adversarial::training::RealBatch;
use crate::adversarial::{Ao, Do};
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Activation, Adam, HiddenLayer, MlpClassifier};

#[derive(Deserialize)]
struct Step {
    losses: [f64; 3],
    critic: Vec<[f64; 2]>,
    classifier: Vec<[f64; 2]>,
    generator: Vec<[f64; 2]>,
}

const CLASSES: [usize; 15] = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2];
const BATCHES: [&[usize]; 3] = [&[0, 3, 4, 8, 9, 10], &[1, 2, 5, 11, 12], &[6, 7, 13, 14]];
const Q_LABELS: [&[usize]; 3] = [&[0, 0, 0, 1, 1, 2], &[0, 0, 1, 2, 2], &[0, 1, 1, 1]];
const G_LABELS: [&[usize]; 3] = [&[0, 0, 1, 1, 2, 2], &[1, 1, 1, 2, 2], &[0, 1, 2, 2]];

fn reference(method: &str) -> Vec<Step> {
    let file = include_str!("../../../tests/reference/adversarial.json");
    let mut file: BTreeMap<String, serde_json::Value> = serde_json::from_str(file).expect("JSON");
    serde_json::from_value(file.remove(method).expect("both methods")).expect("these fields")
}

fn game() -> AdversarialGame {
    let activation = Activation::LeakyRelu { slope: 0.1 };
    let adam = |learning_rate, beta2| Adam { learning_rate, beta1: 0.5, beta2, epsilon: 1e-8 };
    AdversarialGame {
        classifier: MlpClassifier {
            hidden_layers: [8, 7, 6].map(|width| HiddenLayer { width, activation }).into(),
            adam: adam(2e-2, 0.999),
            ..MlpClassifier::adversarial_q()
        },
        generator_layers: vec![9, 5],
        critic_layers: vec![10, 6],
        n_noise: 4,
        adam: adam(1e-2, 0.9),
        ..AdversarialGame::default()
    }
}

fn x() -> Array2<f64> {
    pattern(1000, [15, 5], 1.5)
}

fn start() -> Start {
    let rows = |class: usize| (0..15).filter(|&row| CLASSES[row] == class).collect::<Vec<_>>();
    let mixed: Vec<MixedRows> =
        (0..3).map(rows).map(|rows| MixedRows { x: x().select(Axis(0), &rows), rows }).collect();
    let head = |(class, rows): (u64, &MixedRows)| Some(network(300 + 10 * class, &[5, rows.rows.len()]));
    Start {
        classifier: network(0, &[5, 8, 7, 6, 3]),
        critic: network(100, &[8, 10, 6, 1]),
        body: network(200, &[7, 9, 5]),
        heads: (0..).zip(&mixed).map(head).collect(),
        mixed,
    }
}

fn draw(labels: &[usize], key: u64) -> Draw {
    Draw { labels: labels.to_vec(), n_classes: 3, noise: pattern(key, [labels.len(), 4], 1.7) }
}

fn real(rows: &[usize]) -> RealBatch {
    let labels: Vec<usize> = rows.iter().map(|&row| CLASSES[row]).collect();
    let shares = one_hot(&labels, 3) / rows.len() as f64;
    RealBatch { x: x().select(Axis(0), rows), shares, labels, n_classes: 3 }
}

fn agrees<M: Matrix, R: Rules>(rules: &R, steps: &[Step], place: &M::Place, tolerance: f64) {
    let game = game();
    let mut players = Players::<M, R>::new(rules, &game, &start(), vec![3, 5, 7], place);
    for (number, step) in steps.iter().enumerate() {
        let key = 10 * number as u64;
        let (real, what) = (real(BATCHES[number]), format!("{}, batch {number}", R::METHOD));
        let shares = pattern(2001 + key, [real.labels.len(), 1], 0.5) + 0.5;
        let critic = players.critic_step(&real, &draw(&real.labels, 2000 + key), &shares);
        let classifier = players.classifier_step(&real, Some(&draw(Q_LABELS[number], 2002 + key)));
        let generator = players.generator_step(&draw(G_LABELS[number], 2003 + key));
        for (found, expected) in [critic, classifier, generator].iter().zip(step.losses) {
            assert_near(*found, expected, tolerance, &what);
        }
        for (parameters, sums) in [
            (players.critic.parameters(), &step.critic),
            (players.classifier.parameters(), &step.classifier),
            (players.generator.parameters(), &step.generator),
        ] {
            assert_eq!(parameters.len(), sums.len());
            for (parameter, sums) in parameters.into_iter().zip(sums) {
                assert_checksum(parameter, *sums, tolerance, &what);
            }
        }
    }
}

#[test]
fn our_engine_agrees_in_f64() {
    agrees::<HostMatrix<f64>, _>(&Ao::default(), &reference("ao"), &(), 1e-9);
    agrees::<HostMatrix<f64>, _>(&Do::default(), &reference("do"), &(), 1e-9);
}

#[test]
fn our_engine_agrees_in_f32() {
    agrees::<HostMatrix<f32>, _>(&Ao::default(), &reference("ao"), &(), 1e-5);
    agrees::<HostMatrix<f32>, _>(&Do::default(), &reference("do"), &(), 1e-5);
}

#[cfg(feature = "burn")]
#[test]
fn burn_agrees() {
    use crate::burn_matrix::BurnMatrix;
    for place in crate::device::places_of_burn() {
        agrees::<BurnMatrix, _>(&Ao::default(), &reference("ao"), &place, 1e-5);
        agrees::<BurnMatrix, _>(&Do::default(), &reference("do"), &place, 1e-5);
    }
}
