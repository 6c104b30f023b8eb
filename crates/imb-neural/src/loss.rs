//! What training makes small.

use serde::{Deserialize, Serialize};

/// The form of the cross-entropy. With z the logits of a row, y its class and the mean taken over
/// the rows of a mini-batch (weighted, if the rows are):
///
/// | form | loss of a row |
/// |---|---|
/// | [`CrossEntropy`](Self::CrossEntropy) | −log softmax(z)\[y\] |
/// | [`CrossEntropyOnSoftmax`](Self::CrossEntropyOnSoftmax) | −log softmax(softmax(z))\[y\] |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Cross-entropy on the logits.
    #[default]
    CrossEntropy,
    /// Cross-entropy on the output of the softmax, as the released code of MOODS has it: what it
    /// takes for logits are probabilities already. For two classes it never falls below
    /// ln(1 + 1/e) = 0.3133, and its gradients are damped.
    CrossEntropyOnSoftmax,
}

impl Loss {
    /// The loss of one row from its logits and, class by class, its shares of the mean loss. Leaves
    /// in `derivative` what the loss changes by each logit, and in `logits` nothing of use.
    pub(crate) fn of_row(self, logits: &mut [f64], shares: &[f64], derivative: &mut [f64]) -> f64 {
        match self {
            Self::CrossEntropy => cross_entropy(logits, shares, derivative),
            Self::CrossEntropyOnSoftmax => {
                softmax(logits);
                let p = logits;
                let loss = cross_entropy(p, shares, derivative);
                let mean: f64 = derivative.iter().zip(&*p).map(|(slope, p)| slope * p).sum();
                for (slope, p) in derivative.iter_mut().zip(p) {
                    *slope = *p * (*slope - mean);
                }
                loss
            }
        }
    }
}

/// −Σ share · log softmax(z), and its derivative by z.
fn cross_entropy(z: &[f64], shares: &[f64], derivative: &mut [f64]) -> f64 {
    derivative.copy_from_slice(z);
    let log_total = softmax(derivative);
    let all: f64 = shares.iter().sum();
    let mut loss = 0.0;
    for ((slope, share), z) in derivative.iter_mut().zip(shares).zip(z) {
        loss += share * (log_total - z);
        *slope = all * *slope - share;
    }
    loss
}

/// Turns z into softmax(z) and returns log Σ exp(z).
fn softmax(z: &mut [f64]) -> f64 {
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for z in &mut *z {
        *z = (*z - largest).exp();
        total += *z;
    }
    for z in z {
        *z /= total;
    }
    largest + total.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(loss: Loss, logits: [f64; 3], shares: [f64; 3]) -> (f64, [f64; 3]) {
        let (mut logits, mut derivative) = (logits, [0.0; 3]);
        (loss.of_row(&mut logits, &shares, &mut derivative), derivative)
    }

    #[test]
    fn losses_by_hand() {
        let (loss, derivative) = at(Loss::CrossEntropy, [0.0, 0.0, 0.0], [0.0, 0.5, 0.0]);
        assert!((loss - 0.5 * 3.0_f64.ln()).abs() < 1e-15);
        for (found, expected) in derivative.iter().zip([1.0 / 6.0, 1.0 / 6.0 - 0.5, 1.0 / 6.0]) {
            assert!((found - expected).abs() < 1e-15);
        }
        // Softmax makes 0, 1, 0 of this, so what is left is log(e + 2) − 1.
        let (loss, derivative) = at(Loss::CrossEntropyOnSoftmax, [0.0, 800.0, -800.0], [0.0, 1.0, 0.0]);
        assert!((loss - ((1.0_f64.exp() + 2.0).ln() - 1.0)).abs() < 1e-15);
        assert_eq!(derivative, [0.0; 3], "a saturated softmax has no slope");
    }

    #[test]
    fn derivatives_are_those_of_finite_differences() {
        let (logits, shares) = ([0.3, -1.2, 0.8], [0.1, 0.7, 0.0]);
        for loss in [Loss::CrossEntropy, Loss::CrossEntropyOnSoftmax] {
            let (_, derivative) = at(loss, logits, shares);
            for (class, found) in derivative.into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut logits = logits;
                    logits[class] += by;
                    at(loss, logits, shares).0
                };
                let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((found - expected).abs() < 1e-9, "{loss:?}: {found}, {expected}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_shows() {
        for stray in [f64::NAN, f64::INFINITY] {
            let (loss, _) = at(Loss::CrossEntropy, [0.0, stray, 0.0], [1.0, 0.0, 0.0]);
            assert!(!loss.is_finite(), "{loss}");
        }
    }
}
