//! The initial weights, drawn from the run's generator.
//!
//! The rule is the default of PyTorch's linear layer: weights and biases are uniform within
//! ±1/√(number of inputs). It goes back to LeCun, Bottou, Orr and Müller (1998), "Efficient
//! BackProp", doi:10.1007/3-540-49430-8_2.

use imb_core::Rng;
use ndarray::{Array1, Array2};
use rand::RngExt;

use crate::{LayerWeights, Weights};

/// Draws the weights of a network of these widths, from the features to the classes. They are drawn layer by
/// layer and input by input, the biases after the weights of their layer.
pub(crate) fn initial_weights(sizes: &[usize], rng: &mut Rng) -> Weights {
    Weights { layers: sizes.windows(2).map(|pair| linear(pair[0], pair[1], rng)).collect() }
}

/// The rule of Keras: weights uniform within ±√(6 / (inputs + outputs)), biases 0. Glorot and Bengio (2010),
/// "Understanding the difficulty of training deep feedforward neural networks", AISTATS.
pub(crate) fn glorot_weights(sizes: &[usize], rng: &mut Rng) -> Weights {
    let layer = |pair: &[usize]| {
        let bound = (6.0 / (pair[0] + pair[1]) as f32).sqrt();
        let draw = || bound * (2.0 * rng.random::<f32>() - 1.0);
        LayerWeights {
            weight: Array2::from_shape_simple_fn((pair[0], pair[1]), draw),
            bias: Array1::zeros(pair[1]),
        }
    };
    Weights { layers: sizes.windows(2).map(layer).collect() }
}

fn linear(n_inputs: usize, n_outputs: usize, rng: &mut Rng) -> LayerWeights {
    let bound = 1.0 / (n_inputs as f32).sqrt();
    let mut draw = || bound * (2.0 * rng.random::<f32>() - 1.0);
    LayerWeights {
        weight: Array2::from_shape_simple_fn((n_inputs, n_outputs), &mut draw),
        bias: Array1::from_shape_simple_fn(n_outputs, &mut draw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;

    /// The largest distance between the empirical distribution of the numbers and the uniform one on ±bound.
    fn distance_from_uniform(numbers: impl Iterator<Item = f32>, bound: f64) -> (f64, usize) {
        let mut numbers: Vec<f64> = numbers.map(f64::from).collect();
        numbers.sort_by(f64::total_cmp);
        let n = numbers.len() as f64;
        let distance = |(rank, number): (usize, &f64)| {
            let share = (number + bound) / (2.0 * bound);
            (share - rank as f64 / n).abs().max((share - (rank + 1) as f64 / n).abs())
        };
        (numbers.iter().enumerate().map(distance).fold(0.0, f64::max), numbers.len())
    }

    #[test]
    fn weights_and_biases_are_uniform_within_their_bound() {
        let weights = initial_weights(&[16, 256, 128, 2], &mut Seed::new(1).rng());
        let inputs = [16.0_f64, 256.0, 128.0];
        for (layer, n_inputs) in weights.layers.iter().zip(inputs) {
            let bound = 1.0 / n_inputs.sqrt();
            for part in [layer.weight.as_slice(), layer.bias.as_slice()] {
                let part = part.expect("contiguous");
                assert!(part.iter().all(|&weight| f64::from(weight).abs() <= bound * 1.000_001));
                let (distance, n) = distance_from_uniform(part.iter().copied(), bound);
                assert!(distance < 1.63 / (n as f64).sqrt(), "{distance} of {n} numbers: p below 1 %");
            }
        }
    }

    #[test]
    fn shapes_follow_the_widths_and_bytes_the_seed() {
        let sizes = [3, 5, 2];
        let draw = |seed| initial_weights(&sizes, &mut Seed::new(seed).rng());
        assert!(draw(1).require_sizes(&sizes).is_ok());
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    /// A change here moves every trained network: it is value-breaking and belongs in the changelog
    /// under that word.
    #[test]
    fn draws_are_stable() {
        let weights = initial_weights(&[4, 1], &mut Seed::new(42).child("init").rng());
        assert_eq!(
            weights.layers[0].weight.as_slice(),
            Some([0.13995957, -0.4603122, -0.37513882, -0.26421684].as_slice())
        );
        assert_eq!(weights.layers[0].bias[0], -0.42921042);
    }
}
