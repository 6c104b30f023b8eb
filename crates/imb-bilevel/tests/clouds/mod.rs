//! What the tests of the outer loops share: rows, and a network that is quickly trained.

use imb_core::{Dataset, Labels, Seed};
use imb_neural::{HiddenLayer, MlpClassifier, Stop};
use ndarray::Array2;
use rand::RngExt;

/// Rows of two overlapping clouds, `(n, 3)`; the second holds a sixth of the rows.
pub(crate) fn clouds(n: usize, seed: u64) -> Dataset<Labels> {
    let mut rng = Seed::new(seed).rng();
    let rare = |row: usize| row.is_multiple_of(6);
    let noise: Vec<f64> = (0..3 * n).map(|_| 3.0 * (rng.random::<f64>() - 0.5)).collect();
    let x = Array2::from_shape_fn((n, 3), |(row, column)| {
        noise[3 * row + column] + if rare(row) { 1.0 } else { 0.0 }
    });
    let codes = (0..n).map(|row| u32::from(rare(row))).collect();
    let y = Labels::new(codes, vec!["often".into(), "rare".into()]).expect("two classes");
    Dataset::unnamed(x, y).expect("finite")
}

/// The classifier with a small network and a short training.
pub(crate) fn shortened(classifier: &MlpClassifier, steps: u64) -> MlpClassifier {
    let layers = classifier.hidden_layers.iter();
    let hidden_layers = layers.map(|layer| HiddenLayer { width: 8, ..*layer }).collect();
    let mut adam = classifier.adam;
    adam.learning_rate = 0.01;
    MlpClassifier { hidden_layers, adam, stop: Stop::Steps(steps), ..classifier.clone() }
}
