//! The layers of GAMO's generator that all classes share: dense, ReLU, batch normalisation.
//!
//! Ioffe and Szegedy (2015), "Batch Normalization", arXiv:1502.03167, with the constants of Keras: 0.9 of the
//! running statistics are kept a step, and 1e-3 is added to the variance.

use ndarray::{Array2, Axis};

use crate::matrix::Matrix;
use crate::{LayerWeights, Weights};

/// Dense layers with ReLU, each followed by a batch normalisation.
pub(crate) struct NormalizedBody<M> {
    pub(crate) layers: Vec<NormalizedLayer<M>>,
}

pub(crate) struct NormalizedLayer<M> {
    pub(crate) weight: M,
    pub(crate) bias: M,
    pub(crate) gamma: M,
    pub(crate) beta: M,
    /// Mean and variance of what the layer makes, `(1, n_units)`.
    pub(crate) running: [M; 2],
}

/// Mean and variance of each layer in a mini-batch, and the number of its rows.
pub(crate) struct Statistics<M> {
    layers: Vec<[M; 2]>,
    n_rows: usize,
}

/// How much of a mini-batch's statistics the running ones take; Keras rounds it to f32.
const TAKEN: f32 = 0.1;
/// Added to a variance.
const EPSILON: f64 = 1e-3;

impl<M: Matrix> NormalizedBody<M> {
    /// With γ = 1, β = 0, running means 0 and variances 1.
    pub(crate) fn new(weights: &Weights, place: &M::Place) -> Self {
        let layer = |layer: &LayerWeights| {
            let zeros = Array2::zeros((1, layer.bias.len()));
            let ones = Array2::ones(zeros.dim());
            NormalizedLayer {
                weight: M::parameter(layer.weight.mapv(f64::from).view(), place),
                bias: M::parameter(layer.bias.mapv(f64::from).insert_axis(Axis(0)).view(), place),
                gamma: M::parameter(ones.view(), place),
                beta: M::parameter(zeros.view(), place),
                running: [M::constant(zeros.view(), place), M::constant(ones.view(), place)],
            }
        };
        Self { layers: weights.layers.iter().map(layer).collect() }
    }

    /// Normalised by the running statistics.
    pub(crate) fn with_running_statistics(&self, x: &M) -> M {
        self.layers.iter().fold(x.clone(), |h, layer| {
            let sums = h.dense(&layer.weight, &layer.bias, 0.0);
            let [mean, variance] = &layer.running;
            layer.scaled(&sums.add(&mean.scale(-1.0)), variance)
        })
    }

    /// Normalised by the statistics of these rows, which come back too.
    pub(crate) fn with_batch_statistics(&self, x: &M) -> (M, Statistics<M>) {
        let mut statistics = vec![];
        let made = self.layers.iter().fold(x.clone(), |h, layer| {
            let sums = h.dense(&layer.weight, &layer.bias, 0.0);
            let mean = sums.column_means();
            let centred = sums.add(&mean.scale(-1.0));
            let variance = centred.squared().column_means();
            statistics.push([mean.detached(), variance.detached()]);
            layer.scaled(&centred, &variance)
        });
        (made, Statistics { layers: statistics, n_rows: x.shape()[0] })
    }

    /// Moves the running statistics towards those of a mini-batch. Its variance is made unbiased;
    /// `as_released` does it as Keras 2.3.1 does, by n / (n − 1.001).
    pub(crate) fn remember(&mut self, statistics: &Statistics<M>, as_released: bool) {
        let n = statistics.n_rows as f64;
        let unbiased = n / (n - if as_released { 1.001 } else { 1.0 });
        for (layer, [mean, variance]) in self.layers.iter_mut().zip(&statistics.layers) {
            for (running, new) in layer.running.iter_mut().zip([mean.clone(), variance.scale(unbiased)]) {
                *running = running.add(&new.sub(running).scale(f64::from(TAKEN)));
            }
        }
    }

    /// Weight, bias, γ and β of each layer in turn.
    pub(crate) fn parameters(&self) -> Vec<&M> {
        self.layers.iter().flat_map(|of| [&of.weight, &of.bias, &of.gamma, &of.beta]).collect()
    }

    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut M> {
        fn of<M>(layer: &mut NormalizedLayer<M>) -> [&mut M; 4] {
            [&mut layer.weight, &mut layer.bias, &mut layer.gamma, &mut layer.beta]
        }
        self.layers.iter_mut().flat_map(of).collect()
    }
}

impl<M: Matrix> NormalizedLayer<M> {
    fn scaled(&self, centred: &M, variance: &M) -> M {
        centred.mul(&variance.shift(EPSILON).power(-0.5)).mul(&self.gamma).add(&self.beta)
    }
}
