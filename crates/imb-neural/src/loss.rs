//! The loss functions.

use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// The loss that training minimises: the mean over the rows of a mini-batch, weighted if the rows are. For a
/// row with logits z and class y:
///
/// | loss | value for a row |
/// |---|---|
/// | [`CrossEntropy`](Self::CrossEntropy) | −log softmax(z)\[y\] |
/// | [`CrossEntropyOnSoftmax`](Self::CrossEntropyOnSoftmax) | −log softmax(softmax(z))\[y\] |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Cross-entropy on the logits.
    #[default]
    CrossEntropy,
    /// Cross-entropy on the output of the softmax, as in the released code of MOODS, which passes probabilities
    /// to a function that expects logits. For two classes it is never below ln(1 + 1/e) = 0.3133, and its
    /// gradients are damped.
    CrossEntropyOnSoftmax,
}

impl Loss {
    /// The loss of each row, from logits `(n_rows, n_classes)` and the class of each row.
    ///
    /// ```
    /// use imb_neural::Loss;
    /// use ndarray::array;
    ///
    /// let losses = Loss::CrossEntropy.of_rows(array![[0.0, 0.0], [0.0, 9.0]].view(), &[0, 1]);
    /// assert!((losses[0] - 2.0_f64.ln()).abs() < 1e-12 && losses[1] < 1e-3);
    /// ```
    ///
    /// # Panics
    /// If there are more rows than classes given for them, or a class is none of the columns.
    pub fn of_rows(self, logits: ArrayView2<'_, f64>, classes: &[u32]) -> Vec<f64> {
        let mut derivative = vec![0.0; logits.ncols()];
        let of_row = |(row, z): (usize, ArrayView1<'_, f64>)| {
            let mut shares = vec![0.0; z.len()];
            shares[classes[row] as usize] = 1.0;
            self.of_row(&mut z.to_vec(), &shares, &mut derivative)
        };
        logits.rows().into_iter().enumerate().map(of_row).collect()
    }

    /// The loss of one row, from its logits and its share of the mean loss in the place of its class. Writes the
    /// derivative with respect to the logits into `derivative`, and overwrites `logits`.
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

/// −Σ share · log softmax(z), and its derivative with respect to z.
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

    /// N1: of both losses by the logits.
    #[test]
    fn derivatives_equal_finite_differences() {
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
    fn logits_that_are_not_finite_give_a_loss_that_is_not() {
        for stray in [f64::NAN, f64::INFINITY] {
            let (loss, _) = at(Loss::CrossEntropy, [0.0, stray, 0.0], [1.0, 0.0, 0.0]);
            assert!(!loss.is_finite(), "{loss}");
        }
    }
}
