//! Complement objective training against its released code.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView1, Axis};
use serde::Deserialize;

use super::{assert_near, pattern};
use crate::adversarial::cot::{Complement, Cot, CotOptimizer, TwoSteps};
use crate::adversarial::labels::one_hot;
use crate::adversarial::losses::{complement_entropy, complement_entropy_as_coded};
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Activation, Adam, HiddenLayer, LayerWeights, MlpClassifier, Weights};

#[derive(Deserialize)]
struct Reference {
    loss: BTreeMap<String, Losses>,
    training: Training,
}

#[derive(Deserialize)]
struct Losses {
    logits: Vec<Vec<f64>>,
    targets: Vec<usize>,
    float64: Found,
}

#[derive(Deserialize)]
struct Found {
    loss: f64,
    gradient: Vec<Vec<f64>>,
    rows_alone: Vec<(f64, Vec<f64>)>,
}

#[derive(Deserialize)]
struct Training {
    x: Vec<Vec<f64>>,
    #[serde(flatten)]
    runs: BTreeMap<String, Runs>,
}

#[derive(Deserialize)]
struct Runs {
    targets: Vec<usize>,
    #[serde(flatten)]
    by_optimizer: BTreeMap<String, Ran>,
}

#[derive(Deserialize)]
struct Ran {
    iterations: Vec<BTreeMap<String, f64>>,
    after: BTreeMap<String, (f64, f64, Vec<f64>)>,
    logits_after: Vec<Vec<f64>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../tests/reference/cot-released.json")).expect("these fields")
}

/// The numbers of the file, which prints as many digits as an f32 has.
fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| f64::from(rows[row][column] as f32))
}

/// The loss and its gradient by the logits.
fn differentiated(logits: &Array2<f64>, targets: &[usize], exact: bool) -> (f64, Array2<f64>) {
    let z = HostMatrix::<f64>::parameter(logits.view(), &());
    let classes = HostMatrix::constant(one_hot(targets, logits.ncols()).view(), &());
    let loss = if exact { complement_entropy } else { complement_entropy_as_coded }(&z, &classes);
    let value = loss.number();
    let gradient = loss.gradients(&[&z]).swap_remove(0).expect("it depends on the logits");
    (value, gradient.values())
}

fn assert_row(found: ArrayView1<'_, f64>, expected: &[f64], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_near(*found, *expected, 1e-9, what);
    }
}

#[test]
fn the_loss_as_coded_is_the_released_one() {
    for (classes, case) in reference().loss {
        let logits = matrix(&case.logits);
        let (loss, gradient) = differentiated(&logits, &case.targets, false);
        assert_near(loss, case.float64.loss, 1e-9, &classes);
        for (row, expected) in case.float64.gradient.iter().enumerate() {
            assert_row(gradient.row(row), expected, &classes);
        }
        for (row, (loss, gradient)) in case.float64.rows_alone.iter().enumerate() {
            let alone = logits.row(row).insert_axis(Axis(0)).to_owned();
            let (found, by_logits) = differentiated(&alone, &[case.targets[row]], false);
            assert_near(found, *loss, 1e-9, &format!("{classes}, row {row}"));
            assert_row(by_logits.row(0), gradient, &format!("{classes}, row {row}"));
        }
    }
}

/// The stabiliser aside, both forms are one: rows 0 to 3 are ordinary.
#[test]
fn the_exact_loss_is_the_released_one_without_its_stabiliser() {
    for (classes, case) in reference().loss {
        let logits = matrix(&case.logits);
        for row in 0..4 {
            let alone = logits.row(row).insert_axis(Axis(0)).to_owned();
            let (exact, gradient) = differentiated(&alone, &[case.targets[row]], true);
            let (released, expected) = &case.float64.rows_alone[row];
            assert_near(exact, *released, 5e-6, &classes);
            for (found, expected) in gradient.iter().zip(expected) {
                assert_near(*found, *expected, 5e-6, &classes);
            }
        }
        if classes == "C=2" {
            let (loss, gradient) = differentiated(&logits, &case.targets, true);
            assert_eq!(loss, 0.0);
            assert!(gradient.iter().all(|slope| *slope == 0.0), "the exact loss of two classes is constant");
        }
    }
}

fn method(optimizer: &str) -> Cot {
    let sgd = |weight_decay| CotOptimizer::Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay };
    let classifier = MlpClassifier {
        hidden_layers: vec![HiddenLayer { width: 6, activation: Activation::Relu }],
        adam: Adam { learning_rate: 1e-3, ..Adam::default() },
        ..MlpClassifier::adversarial_q()
    };
    let optimizer = match optimizer {
        "sgd_released" => sgd(1e-4),
        "sgd_no_decay" => sgd(0.0),
        _ => CotOptimizer::Adam,
    };
    Cot { classifier, complement: Complement::AsCoded, optimizer }
}

/// Linear(5, 6) and Linear(6, C) in the layout of the file, `(n_outputs, n_inputs)`.
fn initial(n_classes: usize) -> Weights {
    let layer = |key: u64, inputs: usize, outputs: usize| LayerWeights {
        weight: pattern(key, [outputs, inputs], 1.0 / (inputs as f64).sqrt()).t().mapv(|x| x as f32),
        bias: super::bias(key + 1, outputs, 0.05),
    };
    Weights { layers: vec![layer(0, 5, 6), layer(2, 6, n_classes)] }
}

/// Three iterations of each run of the file. In single precision the one run of two classes with Adam is left out: its
/// complement has no slope but rounding noise, and Adam takes whole steps along that.
fn three_iterations<M: Matrix>(place: &M::Place, tolerance: f64) {
    let training = reference().training;
    let x = M::constant(matrix(&training.x).view(), place);
    for (name, runs) in &training.runs {
        let n_classes: usize = name[2..].parse().expect("C=…");
        let classes = one_hot(&runs.targets, n_classes);
        let shares = M::constant((&classes / classes.nrows() as f64).view(), place);
        let classes = M::constant(classes.view(), place);
        for (optimizer, ran) in &runs.by_optimizer {
            let (method, what) = (method(optimizer), format!("{name}, {optimizer}"));
            if tolerance > 1e-6 && what == "C=2, adam" {
                continue;
            }
            let mut game = TwoSteps::<M>::new(&method, &initial(n_classes), place);
            for losses in &ran.iterations {
                assert_near(game.cross_entropy_step(&x, &shares), losses["cross_entropy"], tolerance, &what);
                assert_near(game.complement_step(&x, &classes), losses["complement"], tolerance, &what);
            }
            let names = ["0.weight", "0.bias", "2.weight", "2.bias"];
            for (parameter, name) in game.network.parameters().iter().zip(names) {
                let (sum, squares, _) = &ran.after[name];
                super::assert_checksum(*parameter, [*sum, *squares], tolerance, &what);
            }
            let logits = game.network.forward(&x).values();
            for (found, expected) in logits.iter().zip(ran.logits_after.iter().flatten()) {
                assert_near(*found, *expected, tolerance, &what);
            }
        }
    }
}

#[test]
fn three_iterations_are_the_released_ones() {
    three_iterations::<HostMatrix<f64>>(&(), 1e-9);
    three_iterations::<HostMatrix<f32>>(&(), 1e-4);
}

#[cfg(feature = "burn")]
#[test]
fn three_iterations_on_burn() {
    for place in crate::device::places_of_burn() {
        three_iterations::<crate::burn_matrix::BurnMatrix>(&place, 1e-4);
    }
}
