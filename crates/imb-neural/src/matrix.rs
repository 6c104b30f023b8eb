//! The seam of the adversarial and generative methods: matrices whose operations remember how to be differentiated.
//!
//! A method is written once over [`Matrix`]. The processor has an implementation of our own
//! (`host/graph.rs`), every other device burn's (`burn_matrix.rs`); `device.rs` chooses. Both differentiate once; what needs a
//! derivative inside a loss, such as a gradient penalty, writes it as a forward expression.
//!
//! All shapes are `(n_rows, n_columns)`; a number is a matrix of one row and one column.

use ndarray::{Array2, ArrayView2};

/// Added to an output that is to take no part in a log Σ exp or a softmax. exp of it is 0, and products with that 0
/// stay finite.
pub(crate) const EXCLUDED: f64 = -1e30;

/// A matrix of numbers, perhaps with a memory of what made it. Clones share the numbers.
pub(crate) trait Matrix: Clone {
    /// Where matrices live.
    type Place: Clone;

    /// Numbers that no gradient is asked for.
    fn constant(values: ArrayView2<'_, f64>, place: &Self::Place) -> Self;
    /// Numbers to be trained.
    fn parameter(values: ArrayView2<'_, f64>, place: &Self::Place) -> Self;
    fn values(&self) -> Array2<f64>;
    fn shape(&self) -> [usize; 2];
    /// The same numbers without a memory.
    fn detached(&self) -> Self;

    /// slope(self · weight + bias), where `slope` multiplies what is not above zero: 1 leaves the sums as
    /// they are. The bias has one row.
    fn dense(&self, weight: &Self, bias: &Self, slope: f64) -> Self;
    /// What `dense` multiplied each of these outputs by, without a memory: 1 above zero, `slope` elsewhere.
    fn slopes(&self, slope: f64) -> Self;
    fn matmul(&self, right: &Self) -> Self;
    /// self · rightᵀ.
    fn matmul_transposed(&self, right: &Self) -> Self;
    /// self · selfᵀ, `(n_rows, n_rows)`.
    fn gram(&self) -> Self;

    /// `other` may have one row, one column or both, which then count for all.
    fn add(&self, other: &Self) -> Self;
    /// As [`add`](Self::add).
    fn mul(&self, other: &Self) -> Self;
    fn scale(&self, factor: f64) -> Self;
    fn shift(&self, by: f64) -> Self;
    fn power(&self, exponent: f64) -> Self;
    fn exp(&self) -> Self;
    fn ln(&self) -> Self;
    /// 1 / (1 + exp(−x)), which does not overflow.
    fn sigmoid(&self) -> Self;

    /// The logarithm of the softmax of each row.
    fn log_softmax(&self) -> Self;
    fn softmax(&self) -> Self;
    /// log Σ exp of each row, `(n_rows, 1)`.
    fn log_sum_exp(&self) -> Self;

    /// The sum of each row, `(n_rows, 1)`.
    fn row_sums(&self) -> Self;
    /// The mean of each column, `(1, n_columns)`.
    fn column_means(&self) -> Self;
    /// The sum of all numbers, `(1, 1)`.
    fn sum(&self) -> Self;

    /// These columns followed by those of the other.
    fn beside(&self, other: &Self) -> Self;
    /// The rows of all parts, in turn.
    fn stacked(parts: &[Self]) -> Self;
    /// `n` rows from row `first` on.
    fn rows(&self, first: usize, n: usize) -> Self;
    /// The first `n` columns.
    fn first_columns(&self, n: usize) -> Self;

    /// The derivative of this number by each parameter; none where it does not depend on it.
    fn gradients(self, parameters: &[&Self]) -> Vec<Option<Self>>;
    /// One step of Adam on a parameter, with its running means of the gradient and of its square.
    fn adam(&mut self, moments: &mut [Self; 2], gradient: Self, step: &AdamStep);
    /// One step of gradient descent with momentum on a parameter.
    fn descend(&mut self, velocity: &mut Self, gradient: Self, step: &DescentStep);

    fn sub(&self, other: &Self) -> Self {
        self.add(&other.scale(-1.0))
    }

    fn mean(&self) -> Self {
        let [rows, columns] = self.shape();
        self.sum().scale(1.0 / (rows * columns) as f64)
    }

    fn squared(&self) -> Self {
        self.mul(self)
    }

    fn number(&self) -> f64 {
        self.values()[[0, 0]]
    }
}

/// What one step of Adam multiplies by: `value −= size · mean / (√square / root + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamStep {
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) size: f64,
    pub(crate) root: f64,
    pub(crate) epsilon: f64,
}

/// `velocity = momentum · velocity + gradient + decay · value; value −= size · velocity`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DescentStep {
    pub(crate) size: f64,
    pub(crate) momentum: f64,
    pub(crate) decay: f64,
}
