//! The seam: all that the training loop asks of the code that does the arithmetic.

use ndarray::ArrayView2;

use crate::{LearnerState, Weights};

/// A network in training, with the memory of its optimiser.
///
/// Implementations draw no random number and know nothing of epochs, stopping or observers.
pub(crate) trait Trainer: Send + Sync {
    /// One gradient step on the mean loss of a mini-batch. The gradient's norm is measured only
    /// where it is asked for, on the gradient that the update uses.
    fn step(&mut self, batch: &Batch, with_norm: bool) -> Step;

    /// A copy of the weights.
    fn weights(&self) -> Weights;

    /// A copy of the weights and of the optimiser's memory.
    fn state(&self) -> LearnerState;

    /// Goes on from a state of a network of the same widths.
    fn restore(&mut self, state: &LearnerState);
}

/// A mini-batch. It is filled again and again, so its memory is kept.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// `(n_rows, n_features)`, row after row.
    pub(crate) x: Vec<f32>,
    pub(crate) n_features: usize,
    /// Each row's share of the mean loss, in the column of its class, `(n_rows, n_classes)`, row
    /// after row: the loss is the sum of shares times −log probabilities.
    pub(crate) shares: Vec<f32>,
}

impl Batch {
    pub(crate) fn n_rows(&self) -> usize {
        self.x.len() / self.n_features
    }

    /// `(n_rows, n_features)`.
    pub(crate) fn x(&self) -> ArrayView2<'_, f32> {
        self.matrix(&self.x)
    }

    /// `(n_rows, n_classes)`.
    pub(crate) fn shares(&self) -> ArrayView2<'_, f32> {
        self.matrix(&self.shares)
    }

    fn matrix<'a>(&self, numbers: &'a [f32]) -> ArrayView2<'a, f32> {
        let shape = (self.n_rows(), numbers.len() / self.n_rows());
        ArrayView2::from_shape(shape, numbers).expect("whole rows")
    }
}

/// What one gradient step found, before its update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// The mean loss of the mini-batch.
    pub(crate) loss: f64,
    /// The L2 norm of the gradient over all weights, if it was asked for.
    pub(crate) gradient_norm: Option<f64>,
}
