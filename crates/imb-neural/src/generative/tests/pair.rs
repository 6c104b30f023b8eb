//! Three mini-batches of the pair against the released code of SMOTified-GAN, and the rows it then makes.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::Deserialize;

use crate::adversarial::tests::gradients::check;
use crate::adversarial::tests::{assert_checksum, assert_near, pattern};
use crate::generative::absolute_error::absolute_error;
use crate::generative::pair::{GanPair, Generator, Pair, Start, discriminator_loss, generator_loss};
use crate::host::HostMatrix;
use crate::init::initial_weights;
use crate::matrix::Matrix;
use crate::{Adam, Weights};
use imb_core::Seed;

type Checksums = BTreeMap<String, [f64; 2]>;

#[derive(Deserialize)]
struct Reference {
    inputs: Inputs,
    small: Networks,
    released_width: Networks,
}

#[derive(Deserialize)]
struct Inputs {
    x_s: Vec<Vec<f64>>,
    real_batches: Vec<Vec<Vec<f64>>>,
}

#[derive(Deserialize)]
struct Networks {
    /// The key and the name of each parameter.
    parameters: Vec<(u64, String)>,
    refactored: Precisions,
    original: Precisions,
}

#[derive(Deserialize)]
struct Precisions {
    float64: Run,
    float32: Run,
}

#[derive(Deserialize)]
struct Run {
    steps: Vec<Step>,
    final_rows: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Step {
    d_loss: f64,
    g_loss: f64,
    generator: Option<Checksums>,
    discriminator: Option<Checksums>,
}

fn reference() -> Reference {
    let file = include_str!("../../../tests/reference/smotified-gan-released.json");
    serde_json::from_str(file).expect("the reference")
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| f64::from(rows[row][column] as f32))
}

/// The networks of the code, whose widths follow from one number.
fn method(hidden: usize, adam: Adam) -> GanPair {
    GanPair {
        generator_layers: [1, 2, 4, 8].map(|times| times * hidden).into(),
        discriminator_layers: [4, 2, 1].map(|times| times * hidden).into(),
        adam,
        ..GanPair::default()
    }
}

fn start(method: &GanPair) -> Start {
    let weights = |hidden: &[usize], last: usize| -> Weights {
        initial_weights(&[&[7], hidden, &[last]].concat(), &mut Seed::new(1).rng())
    };
    Start {
        generator: weights(&method.generator_layers, 7),
        discriminator: weights(&method.discriminator_layers, 1),
    }
}

/// The value that the formula of the file gives a parameter; PyTorch keeps a weight as (outputs, inputs).
fn patterned(key: u64, name: &str, [rows, columns]: [usize; 2]) -> Array2<f64> {
    let normalization = name.split('.').nth(1) == Some("1");
    match (normalization, name.ends_with("weight")) {
        (true, true) => pattern(key, [rows, columns], 0.1).mapv(|x| f64::from(1.0 + x as f32)),
        (true, false) | (false, false) => pattern(key, [rows, columns], 0.05),
        (false, true) => {
            let torch = pattern(key, [columns, rows], 1.0 / (rows as f64).sqrt());
            torch.reversed_axes().as_standard_layout().into_owned()
        }
    }
}

fn agrees<M: Matrix>(
    networks: &Networks,
    inputs: &Inputs,
    (hidden, adam, run): (usize, Adam, &Run),
    place: &M::Place,
    tolerance: f64,
) {
    let method = method(hidden, adam);
    let mut pair = Pair::<M>::new(&method, &start(&method), place);
    let parameters = pair.generator.parameters_mut().into_iter().chain(pair.discriminator.parameters_mut());
    for (parameter, (key, name)) in parameters.zip(&networks.parameters) {
        *parameter = M::parameter(patterned(*key, name, parameter.shape()).view(), place);
    }
    let x_s = M::constant(matrix(&inputs.x_s).view(), place);
    for (number, (step, real)) in run.steps.iter().zip(&inputs.real_batches).enumerate() {
        let [d_loss, g_loss] = pair.step(&M::constant(matrix(real).view(), place), &x_s);
        assert_near(d_loss, step.d_loss, tolerance, &format!("D's loss, step {number}"));
        assert_near(g_loss, step.g_loss, tolerance, &format!("G's loss, step {number}"));
        let generator = pair.generator.parameters().into_iter().zip(&networks.parameters);
        let discriminator = pair.discriminator.parameters().into_iter();
        let discriminator = discriminator.zip(&networks.parameters[pair.generator.parameters().len()..]);
        for (parameters, sums) in
            [(generator.collect::<Vec<_>>(), &step.generator), (discriminator.collect(), &step.discriminator)]
        {
            let Some(sums) = sums else { continue };
            for (parameter, (_, name)) in parameters {
                // A bias before a batch normalisation has no gradient but rounding errors, which Adam enlarges.
                let cancelled = name.ends_with(".0.bias") && sums.contains_key("0.1.weight");
                if !cancelled {
                    assert_checksum(parameter, sums[name], tolerance, &format!("{name}, step {number}"));
                }
            }
        }
    }
    let rows = pair.generator.forward(&x_s).values();
    for (found, expected) in rows.iter().zip(matrix64(&run.final_rows).iter()) {
        assert_near(*found, *expected, tolerance, "final rows");
    }
}

fn matrix64(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

/// Calls `check` for both scripts and both widths.
fn for_all(check: impl Fn(&Networks, &Inputs, usize, Adam, &Precisions)) {
    let reference = reference();
    let refactored = Adam { learning_rate: 2e-4, beta1: 0.5, ..Adam::default() };
    let original = Adam { learning_rate: 1e-5, ..Adam::default() };
    for (hidden, networks) in [(4, &reference.small), (128, &reference.released_width)] {
        check(networks, &reference.inputs, hidden, refactored, &networks.refactored);
        check(networks, &reference.inputs, hidden, original, &networks.original);
    }
}

#[test]
fn our_engine_agrees_in_f64() {
    for_all(|networks, inputs, hidden, adam, runs| {
        agrees::<HostMatrix<f64>>(networks, inputs, (hidden, adam, &runs.float64), &(), 1e-9);
    });
}

#[test]
fn our_engine_agrees_in_f32() {
    for_all(|networks, inputs, hidden, adam, runs| {
        agrees::<HostMatrix<f32>>(networks, inputs, (hidden, adam, &runs.float32), &(), 1e-4);
    });
}

#[cfg(feature = "burn")]
#[test]
fn burn_agrees() {
    for place in crate::device::places_of_burn() {
        for_all(|networks, inputs, hidden, adam, runs| {
            let run = (hidden, adam, &runs.float32);
            agrees::<crate::burn_matrix::BurnMatrix>(networks, inputs, run, &place, 1e-4);
        });
    }
}

/// N1: both losses by the weights that they train.
#[test]
fn gradients_equal_finite_differences() {
    type M = HostMatrix<f64>;
    let method = GanPair {
        generator_layers: vec![5, 4],
        discriminator_layers: vec![6, 3],
        ..method(1, Adam::default())
    };
    let start = start(&method);
    let values =
        |parameters: Vec<&M>| -> Vec<Array2<f64>> { parameters.into_iter().map(Matrix::values).collect() };
    let rows = |key: u64| M::constant(pattern(key, [6, 7], 1.0).view(), &());
    let pair = Pair::<M>::new(&method, &start, &());
    check("generator", &values(pair.generator.parameters()), |parameters| {
        let mut generator = Generator::<M>::new(&start.generator, &());
        for (to, from) in generator.parameters_mut().into_iter().zip(parameters) {
            *to = from.clone();
        }
        generator_loss(&pair.discriminator.detached(), &generator.forward(&rows(1)))
    });
    check("discriminator", &values(pair.discriminator.parameters()), |parameters| {
        let mut discriminator = pair.discriminator.clone();
        for (to, from) in discriminator.parameters_mut().into_iter().zip(parameters) {
            *to = from.clone();
        }
        discriminator_loss(&discriminator, &rows(2), &rows(3))
    });
}

/// N1: the loss of the classifier of absolute errors.
#[test]
fn absolute_errors_have_their_sign_as_gradient() {
    let target = HostMatrix::<f64>::constant(Array2::from_elem((4, 1), 0.5).view(), &());
    let output = Array2::from_shape_vec((4, 1), vec![0.1, 0.4, 0.9, 2.0]).expect("four");
    check("absolute error", &[output], |output| absolute_error(&output[0], &target));
}

/// Logits of any size give finite losses and derivatives.
#[test]
fn sure_discriminators_stay_finite() {
    type M = HostMatrix<f32>;
    let method = method(1, Adam::default());
    let mut pair = Pair::<M>::new(&method, &start(&method), &());
    for parameter in pair.discriminator.parameters_mut() {
        *parameter = M::parameter((parameter.values() * 1e4).view(), &());
    }
    let rows = |key: u64| M::constant(pattern(key, [6, 7], 1.0).view(), &());
    for _ in 0..3 {
        let losses = pair.step(&rows(1), &rows(2));
        assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
    }
    assert!(pair.generator.forward(&rows(2)).values().iter().all(|value| value.is_finite()));
}
