//! The activation functions of the hidden layers.

use serde::{Deserialize, Serialize};

/// The activation function of a hidden layer.
///
/// ```
/// use imb_neural::{Activation, HiddenLayer, MlpClassifier};
///
/// let layer = HiddenLayer { width: 64, activation: Activation::LeakyRelu { slope: 0.1 } };
/// let method = MlpClassifier { hidden_layers: vec![layer; 2], ..MlpClassifier::default() };
/// assert_eq!(method.hidden_layers.len(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Activation {
    /// No activation: the identity.
    None,
    /// max(x, 0).
    #[default]
    Relu,
    /// x if it is positive, slope · x otherwise.
    LeakyRelu {
        /// The slope below zero, finite and not negative.
        slope: f64,
    },
}

impl Activation {
    /// The factor of inputs that are not positive; positive inputs are unchanged.
    pub(crate) fn slope(self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Relu => 0.0,
            Self::LeakyRelu { slope } => slope,
        }
    }

    /// The activation of an input.
    pub(crate) fn of(self, sum: f32) -> f32 {
        if sum > 0.0 { sum } else { self.slope() as f32 * sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_treats_both_sides_of_zero() {
        let leaky = Activation::LeakyRelu { slope: 0.5 };
        let of = |activation: Activation| [-2.0, 0.0, 3.0].map(|sum| activation.of(sum));
        assert_eq!(of(Activation::None), [-2.0, 0.0, 3.0]);
        assert_eq!(of(Activation::Relu), [0.0, 0.0, 3.0]);
        assert_eq!(of(leaky), [-1.0, 0.0, 3.0]);
    }
}
