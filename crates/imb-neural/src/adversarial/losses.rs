//! The losses that the methods are made of, each the mean over the rows of a mini-batch.
//!
//! `classes` is always one-hot, `(n_rows, n_classes)`. A loss that is not bounded, such as −log(1 − Q), is
//! computed from logits and never from a probability, so it is finite where they are.

use crate::matrix::{EXCLUDED, Matrix};

/// −log Q(x), Q's probability of the given class.
pub(crate) fn cross_entropy<M: Matrix>(logits: &M, classes: &M) -> M {
    weighted_cross_entropy(logits, classes).scale(1.0 / logits.shape()[0] as f64)
}

/// The same with a weight in place of each 1 of `classes`, summed.
pub(crate) fn weighted_cross_entropy<M: Matrix>(logits: &M, weights: &M) -> M {
    logits.log_softmax().mul(weights).sum().scale(-1.0)
}

/// −log(1 − Q(x)): log Σ exp over all logits less that over the logits of the other classes.
pub(crate) fn complement_cross_entropy<M: Matrix>(logits: &M, classes: &M) -> M {
    let others = logits.add(&classes.scale(EXCLUDED)).log_sum_exp();
    logits.log_sum_exp().sub(&others).mean()
}

/// COT's loss as its formula has it: minus the entropy of Q's distribution among the classes other than
/// the given one, divided by the number of classes.
pub(crate) fn complement_entropy<M: Matrix>(logits: &M, classes: &M) -> M {
    let log_q = logits.add(&classes.scale(EXCLUDED)).log_softmax();
    log_q.mul(&log_q.exp()).mean()
}

/// COT's loss as its released code has it, with 1e-7 in the denominator and 1e-10 in the logarithm. For
/// two classes it is not constant, as the formula is.
pub(crate) fn complement_entropy_as_coded<M: Matrix>(logits: &M, classes: &M) -> M {
    let p = logits.softmax();
    let rest = p.mul(classes).row_sums().scale(-1.0).shift(1.0 + 1e-7);
    let q = p.mul(&rest.power(-1.0));
    let others = classes.scale(-1.0).shift(1.0);
    q.mul(&q.shift(1e-10).ln()).mul(&others).mean()
}

/// The mean over all numbers of (found − target)².
pub(crate) fn squared_error<M: Matrix>(found: &M, target: &M) -> M {
    found.sub(target).squared().mean()
}
