//! The methods against finite differences, against the authors' released code, against PyTorch, and
//! against what they claim. Values are made by one integer formula, as in the reference files.

mod cot;
mod games;
mod gamo;
pub(crate) mod gradients;
mod limits;
mod pytorch;

use ndarray::{Array1, Array2, Axis};

use crate::matrix::Matrix;
use crate::{LayerWeights, Weights};

/// Numbers between ±amplitude from a key, rounded to f32, `(n_rows, n_columns)` row after row.
pub(crate) fn pattern(key: u64, [rows, columns]: [usize; 2], amplitude: f64) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        f64::from((amplitude * unrounded(key, (row * columns + column) as u64)) as f32)
    })
}

/// The formula of the files, between ±1.
fn unrounded(key: u64, i: u64) -> f64 {
    let u = (13 * i * i + 7919 * i + 4243 * key + 101) % 10007;
    (2.0 * u as f64 - 10006.0) / 10006.0
}

/// A network with weights of amplitude 1 / √inputs, two keys a layer, biases of amplitude 0.05.
pub(crate) fn network(first_key: u64, sizes: &[usize]) -> Weights {
    let layer = |(number, pair): (usize, &[usize])| {
        let key = first_key + 2 * number as u64;
        let weight = pattern(key, [pair[0], pair[1]], 1.0 / (pair[0] as f64).sqrt());
        LayerWeights { weight: weight.mapv(|x| x as f32), bias: bias(key + 1, pair[1], 0.05) }
    };
    Weights { layers: sizes.windows(2).enumerate().map(layer).collect() }
}

pub(crate) fn bias(key: u64, n: usize, amplitude: f64) -> Array1<f32> {
    pattern(key, [1, n], amplitude).index_axis(Axis(0), 0).mapv(|x| x as f32)
}

/// Relative to the larger of 1 and the expected value.
pub(crate) fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let difference = (found - expected).abs();
    assert!(difference <= tolerance * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
}

/// Sum and sum of squares of a parameter.
pub(crate) fn assert_checksum<M: Matrix>(
    parameter: &M,
    [sum, squares]: [f64; 2],
    tolerance: f64,
    what: &str,
) {
    let values = parameter.values();
    assert_near(values.sum(), sum, tolerance, &format!("sum of {what}"));
    assert_near(values.mapv(|x| x * x).sum(), squares, tolerance, &format!("sum of squares of {what}"));
}
