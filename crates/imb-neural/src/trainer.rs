//! The interface between the training loop and the code that does the arithmetic.

use ndarray::ArrayView2;

use crate::{LearnerState, Weights};

/// A network in training, with its optimiser's state.
///
/// Implementations draw no random numbers and do not know of epochs, stopping rules or observers.
pub(crate) trait Trainer: Send + Sync {
    /// One gradient step on the mean loss of a mini-batch. With `with_norm`, the norm of the gradient used for
    /// the update is measured too.
    fn step(&mut self, batch: &Batch, with_norm: bool) -> Step;

    /// A copy of the weights.
    fn weights(&self) -> Weights;

    /// A copy of the weights and of the optimiser's state.
    fn state(&self) -> LearnerState;

    /// Replaces both by a state of a network with the same widths.
    fn restore(&mut self, state: &LearnerState);
}

/// A mini-batch. One value is refilled for each step, so that its memory is reused.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// `(n_rows, n_features)`, row by row.
    pub(crate) x: Vec<f32>,
    pub(crate) n_features: usize,
    /// Each row's share of the mean loss, in the column of its class and 0 elsewhere, `(n_rows, n_classes)`, row
    /// by row. The loss is the sum of shares times −log probabilities.
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

/// The values of one gradient step, measured before its update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// The mean loss of the mini-batch.
    pub(crate) loss: f64,
    /// The L2 norm of the gradient over all weights, if it was measured.
    pub(crate) gradient_norm: Option<f64>,
}
