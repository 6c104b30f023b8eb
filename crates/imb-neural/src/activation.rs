//! What a hidden layer does to its sums before it passes them on.

use serde::{Deserialize, Serialize};

/// The non-linearity after a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Activation {
    /// None: the sums are passed on as they are.
    None,
    /// max(x, 0).
    #[default]
    Relu,
    /// x where it is positive, slope · x elsewhere.
    LeakyRelu {
        /// The slope below zero, finite and not negative.
        slope: f64,
    },
}

impl Activation {
    /// What sums that are not above zero are multiplied by; those above stay as they are.
    pub(crate) fn slope(self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Relu => 0.0,
            Self::LeakyRelu { slope } => slope,
        }
    }

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
