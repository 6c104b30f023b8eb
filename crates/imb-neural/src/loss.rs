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
