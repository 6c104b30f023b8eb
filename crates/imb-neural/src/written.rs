//! Parameters as they are written, laid over the defaults of the method that they are part of.
//!
//! serde's own defaults are those of a type: a method whose network has other defaults would lose them as soon as
//! one part of it is written.

use serde::{Deserialize, Deserializer};

use crate::{Adam, HiddenLayer, Loss, MlpClassifier, Stop};

/// An optimiser as it is written, in which any part may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WrittenAdam {
    learning_rate: Option<f64>,
    beta1: Option<f64>,
    beta2: Option<f64>,
    epsilon: Option<f64>,
}

impl WrittenAdam {
    pub(crate) fn over(self, adam: Adam) -> Adam {
        Adam {
            learning_rate: self.learning_rate.unwrap_or(adam.learning_rate),
            beta1: self.beta1.unwrap_or(adam.beta1),
            beta2: self.beta2.unwrap_or(adam.beta2),
            epsilon: self.epsilon.unwrap_or(adam.epsilon),
        }
    }
}

impl Adam {
    /// This optimiser with the parts that are written.
    pub(crate) fn overwritten<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        Ok(WrittenAdam::deserialize(deserializer)?.over(self))
    }
}

/// A classifier as it is written, in which any part may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenClassifier {
    hidden_layers: Option<Vec<HiddenLayer>>,
    loss: Option<Loss>,
    batch_size: Option<usize>,
    adam: WrittenAdam,
    stop: Option<Stop>,
}

impl MlpClassifier {
    /// This classifier with the parts that are written, for a method that has a classifier of its own inside: what is
    /// not written stays as it is there.
    ///
    /// ```
    /// use imb_neural::{MlpClassifier, Stop};
    ///
    /// let json = r#"{ "batch_size": 64, "adam": { "learning_rate": 0.001 } }"#;
    /// let written = MlpClassifier::adversarial_q().overwritten(&mut serde_json::Deserializer::from_str(json))?;
    /// assert_eq!((written.batch_size, written.adam.learning_rate), (64, 0.001));
    /// assert_eq!((written.adam.beta1, written.stop), (0.5, Stop::Epochs(100)), "as Q has them");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the deserializer, also for a part that a classifier does not have.
    pub fn overwritten<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        let written = WrittenClassifier::deserialize(deserializer)?;
        Ok(Self {
            hidden_layers: written.hidden_layers.unwrap_or(self.hidden_layers),
            loss: written.loss.unwrap_or(self.loss),
            batch_size: written.batch_size.unwrap_or(self.batch_size),
            adam: written.adam.over(self.adam),
            stop: written.stop.unwrap_or(self.stop),
        })
    }
}
