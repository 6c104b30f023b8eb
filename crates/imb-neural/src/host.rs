//! The default trainer, which runs on the processor with our own products of small matrices. All other
//! operations are fused into these products.
//!
//! A step reads each weight twice and writes it once. In the forward pass, biases and activations are applied
//! while the sums are in registers. In the backward pass, so is the derivative of the activation, and each tile
//! of the gradient goes straight into Adam, which also sums its squares. Vectors are as wide as the processor has
//! them, chosen at run time. Every sum but that of the squares has one order whatever the width, so a step that
//! measures the gradient's norm takes at most those of x86-64-v3; see [`arch`].

mod adam;
mod graph;
mod kernel;
mod layer;
mod node;
mod number;
mod panels;
mod product;
mod real;
mod rows;
mod scratch;

use ndarray::{Array1, Array2};
use pulp::{Arch, Simd, WithSimd};

use self::adam::{Factors, Parameter};
pub(crate) use self::graph::HostMatrix;
use self::layer::{Layer, Level};
use self::panels::{Panels, WIDTH};
use self::real::Real;
use crate::trainer::{Batch, Step, Trainer};
use crate::{Adam, LayerWeights, LearnerState, Loss, MlpClassifier, Weights};

/// The vector instructions whose results the default trainer gives on this processor, such as `x86-64-v3`.
///
/// The same seed gives the same bytes on all machines with the same instruction set, operating system and C library:
/// exponentials, logarithms and powers are those of the C library.
///
/// ```
/// assert!(["x86-64-v3", "neon", "scalar", "other"].contains(&imb_neural::instruction_set()));
/// ```
pub fn instruction_set() -> &'static str {
    match arch() {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(_) => "x86-64-v3",
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(_) => "neon",
        Arch::Scalar => "scalar",
        #[allow(unreachable_patterns, reason = "the other variants depend on the target")]
        _ => "other",
    }
}

/// The vector instructions of everything whose sums depend on how wide they are: at most x86-64-v3, so that machines
/// with AVX-512 give the same bytes.
pub(crate) fn arch() -> Arch {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3);
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    Arch::new()
}

/// A network in training. `T` is f32, or f64 in tests of the gradient.
pub(crate) struct HostTrainer<T> {
    layers: Vec<Layer<T>>,
    /// The features, then the output of each layer.
    levels: Vec<Level<T>>,
    /// The slope of the activation after each layer; 1 after the last.
    slopes: Vec<f64>,
    max_rows: usize,
    /// Buffers for the loss of one row, in f64: logits, shares, and derivatives with respect to the logits.
    row: [Vec<f64>; 3],
    loss: Loss,
    adam: Adam,
    steps: u64,
    /// Of a step, and of a step that measures the gradient's norm.
    arch: [Arch; 2],
}

impl<T: Real> HostTrainer<T> {
    pub(crate) fn new(method: &MlpClassifier, state: &LearnerState) -> Self {
        let hidden = method.hidden_layers.iter().map(|layer| layer.activation.slope());
        let mut trainer = Self {
            layers: vec![],
            levels: vec![],
            slopes: hidden.chain([1.0]).collect(),
            max_rows: 0,
            row: Default::default(),
            loss: method.loss,
            adam: method.adam,
            steps: 0,
            arch: [Arch::new(), arch()],
        };
        trainer.restore(state);
        trainer
    }

    #[cfg(test)]
    pub(crate) fn with_vectors_of(self, arch: Arch) -> Self {
        Self { arch: [arch; 2], ..self }
    }

    /// Allocates the levels for mini-batches of up to this size.
    fn reserve(&mut self, n_rows: usize) {
        if n_rows <= self.max_rows {
            return;
        }
        self.max_rows = n_rows;
        let features = Level::new(n_rows, self.layers[0].n_inputs, T::from_f64(1.0));
        self.levels = vec![features];
        for (layer, &slope) in self.layers.iter().zip(&self.slopes) {
            self.levels.push(Level::new(n_rows, layer.n_outputs, T::from_f64(slope)));
        }
        let n_classes = self.layers.last().map_or(0, |layer| layer.n_outputs);
        self.row = std::array::from_fn(|_| vec![0.0; n_classes]);
    }

    /// Copies the features of a mini-batch into the first level.
    fn load(&mut self, batch: &Batch) {
        let features = &mut self.levels[0];
        for (row, numbers) in batch.x.chunks_exact(batch.n_features).enumerate() {
            for (panel, numbers) in numbers.chunks(WIDTH).enumerate() {
                let line = &mut features.by_row.panel_mut(panel)[row];
                for (to, number) in line.0.iter_mut().zip(numbers) {
                    *to = T::from_f64(f64::from(*number));
                }
            }
        }
    }

    /// The mean loss. Writes its derivative with respect to the logits into the last level.
    fn loss(&mut self, batch: &Batch) -> f64 {
        let Some(Level { by_row, delta, .. }) = self.levels.last_mut() else { return 0.0 };
        let [logits, shares, derivative] = &mut self.row;
        let mut loss = 0.0;
        for (row, given) in batch.shares.chunks_exact(logits.len()).enumerate() {
            for (class, share) in given.iter().enumerate() {
                (logits[class], shares[class]) = (by_row.at(row, class).to_f64(), f64::from(*share));
            }
            loss += self.loss.of_row(logits, shares, derivative);
            for (class, number) in derivative.iter().enumerate() {
                delta.set(row, class, T::from_f64(*number));
            }
        }
        loss
    }

    /// Reads one part of all parameters: their values or one of Adam's running means.
    fn read(&self, part: fn(&Parameter<T>) -> &Panels<T>) -> Weights {
        let number = |panels: &Panels<T>, row, column| panels.at(row, column).to_f64() as f32;
        let of_layer = |layer: &Layer<T>| {
            let (weight, bias) = (part(&layer.weight), part(&layer.bias));
            let shape = (layer.n_inputs, layer.n_outputs);
            LayerWeights {
                weight: Array2::from_shape_fn(shape, |(input, output)| number(weight, output, input)),
                bias: Array1::from_shape_fn(layer.n_outputs, |output| number(bias, 0, output)),
            }
        };
        Weights { layers: self.layers.iter().map(of_layer).collect() }
    }

    /// Writes one part of all parameters; see [`read`](Self::read).
    fn write(&mut self, part: fn(&mut Parameter<T>) -> &mut Panels<T>, weights: &Weights) {
        for (layer, weights) in self.layers.iter_mut().zip(&weights.layers) {
            for ((input, output), number) in weights.weight.indexed_iter() {
                part(&mut layer.weight).set(output, input, T::from_f64(f64::from(*number)));
            }
            for (output, number) in weights.bias.iter().enumerate() {
                part(&mut layer.bias).set(0, output, T::from_f64(f64::from(*number)));
            }
        }
    }
}

impl<T: Real> Trainer for HostTrainer<T> {
    fn step(&mut self, batch: &Batch, with_norm: bool) -> Step {
        self.reserve(batch.n_rows());
        let arch = self.arch[usize::from(with_norm)];
        let (loss, squares) = arch.dispatch(Pass { trainer: self, batch });
        self.steps += 1;
        Step { loss, gradient_norm: with_norm.then_some(squares.sqrt()) }
    }

    fn weights(&self) -> Weights {
        self.read(|parameter| &parameter.value)
    }

    fn state(&self) -> LearnerState {
        LearnerState {
            weights: self.weights(),
            mean: self.read(|parameter| &parameter.mean),
            square: self.read(|parameter| &parameter.square),
            steps: self.steps,
        }
    }

    fn restore(&mut self, state: &LearnerState) {
        // Allocated anew, because NaN or infinity may have spread to the padding beyond the last columns.
        let zeros = |layer: &LayerWeights| Layer::zeros(layer.weight.nrows(), layer.weight.ncols());
        self.layers = state.weights.layers.iter().map(zeros).collect();
        self.write(|parameter| &mut parameter.value, &state.weights);
        self.write(|parameter| &mut parameter.mean, &state.mean);
        self.write(|parameter| &mut parameter.square, &state.square);
        self.steps = state.steps;
    }
}

/// One gradient step: forward pass, loss, backward pass and update.
struct Pass<'a, T> {
    trainer: &'a mut HostTrainer<T>,
    batch: &'a Batch,
}

impl<T: Real> WithSimd for Pass<'_, T> {
    /// The loss, and the sum of the squares of the gradient.
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        match const { WIDTH * size_of::<T>() / size_of::<T::Vector<S>>() } {
            1 => self.pass::<S, 1>(simd),
            2 => self.pass::<S, 2>(simd),
            4 => self.pass::<S, 4>(simd),
            8 => self.pass::<S, 8>(simd),
            _ => self.pass::<S, 16>(simd),
        }
    }
}

impl<T: Real> Pass<'_, T> {
    #[inline(always)]
    fn pass<S: Simd, const V: usize>(self, simd: S) -> (f64, f64) {
        let (trainer, n_rows) = (self.trainer, self.batch.n_rows());
        trainer.load(self.batch);
        trainer.levels[0].fill_by_unit(n_rows);
        for (number, layer) in trainer.layers.iter().enumerate() {
            let (below, above) = trainer.levels.split_at_mut(number + 1);
            layer.forward::<S, V>(simd, n_rows, &below[number], &mut above[0]);
        }
        let loss = trainer.loss(self.batch);
        let factors = Factors::new::<S, T>(simd, &trainer.adam, trainer.steps);
        let mut squares = 0.0;
        for (number, layer) in trainer.layers.iter_mut().enumerate().rev() {
            let (below, above) = trainer.levels.split_at_mut(number + 1);
            let (below, above) = (&mut below[number], &above[0]);
            squares += layer.backward::<S, V>(simd, &factors, n_rows, below, above, number > 0);
        }
        (loss, squares)
    }
}
