//! The seam: all that the training loop asks of the code that does the arithmetic.

use ndarray::Array2;

use crate::Weights;

/// A network in training, with the memory of its optimiser.
///
/// Implementations draw no random number and know nothing of epochs, stopping or observers.
pub(crate) trait Trainer: Send + Sync {
    /// One gradient step on the mean loss of a mini-batch. The gradient's norm is measured only
    /// where it is asked for, on the gradient that the update uses.
    fn step(&mut self, batch: Batch, with_norm: bool) -> Step;

    /// A copy of the weights.
    fn weights(&self) -> Weights;
}

/// A mini-batch.
#[cfg_attr(not(feature = "burn"), allow(dead_code))]
pub(crate) struct Batch {
    /// `(n_rows, n_features)`.
    pub(crate) x: Array2<f32>,
    /// Each row's share of the mean loss, in the column of its class, `(n_rows, n_classes)`: the
    /// loss is the sum of shares times −log probabilities.
    pub(crate) shares: Array2<f32>,
}

/// What one gradient step found, before its update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// The mean loss of the mini-batch.
    pub(crate) loss: f64,
    /// The L2 norm of the gradient over all weights, if it was asked for.
    pub(crate) gradient_norm: Option<f64>,
}
