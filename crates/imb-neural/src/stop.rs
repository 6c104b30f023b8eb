//! The rules that end a training.

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::training::Progress;

/// The rule that ends a training. An observer or a budget may end it sooner.
///
/// In TOML: `stop = { steps = 20000 }`, `stop = { epochs = 100 }` or
/// `stop = { gradient_norm = { at_most = 1e-5, max_epochs = 2000 } }`.
///
/// ```
/// use imb_neural::Stop;
///
/// assert_eq!(serde_json::from_str::<Stop>(r#"{ "epochs": 100 }"#)?, Stop::Epochs(100));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stop {
    /// After this many gradient steps, possibly within an epoch.
    Steps(u64),
    /// After this many epochs.
    Epochs(u64),
    /// After the first epoch whose last mini-batch has a small gradient.
    GradientNorm {
        /// The largest L2 norm over all weights that counts as small, taken before that mini-batch's update.
        at_most: f64,
        /// The largest number of epochs.
        max_epochs: u64,
    },
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The number of gradient steps was reached.
    Steps,
    /// The number of epochs was reached, under [`Stop::Epochs`] or [`Stop::GradientNorm`].
    Epochs,
    /// The gradient of an epoch's last mini-batch was small enough.
    GradientNorm,
    /// The observer ended it.
    Observer,
    /// The run's budget was spent.
    Budget,
}

impl Stop {
    pub(crate) fn check(&self) -> Result<()> {
        let at_least_1 = |name: &str| Err(Error::invalid_parameter(name, "at least 1", 0));
        match *self {
            Self::Steps(0) => at_least_1("stop.steps"),
            Self::Epochs(0) => at_least_1("stop.epochs"),
            Self::GradientNorm { max_epochs: 0, .. } => at_least_1("stop.gradient_norm.max_epochs"),
            Self::GradientNorm { at_most, .. } if !(at_most.is_finite() && at_most >= 0.0) => {
                let requirement = "finite and not negative";
                Err(Error::invalid_parameter("stop.gradient_norm.at_most", requirement, at_most))
            }
            _ => Ok(()),
        }
    }

    /// Why training ends here, or nothing if it goes on.
    pub(crate) fn reached(&self, so_far: &Progress) -> Option<StopReason> {
        let reached = |done, total, reason| (done >= total).then_some(reason);
        match *self {
            Self::Steps(steps) => reached(so_far.steps, steps, StopReason::Steps),
            Self::Epochs(epochs) => reached(so_far.epochs, epochs, StopReason::Epochs),
            Self::GradientNorm { at_most, .. } if so_far.gradient_norm <= at_most => {
                Some(StopReason::GradientNorm)
            }
            Self::GradientNorm { max_epochs, .. } => reached(so_far.epochs, max_epochs, StopReason::Epochs),
        }
    }

    /// Whether this gradient step, counted from 1, is the last one under the rule.
    pub(crate) fn is_last_step(&self, step: u64) -> bool {
        matches!(*self, Self::Steps(steps) if step >= steps)
    }

    /// The work done and the most work to do, in gradient steps if the rule counts them, otherwise in epochs.
    pub(crate) fn progress(&self, so_far: &Progress) -> (u64, u64) {
        match *self {
            Self::Steps(steps) => (so_far.steps, steps),
            Self::Epochs(epochs) => (so_far.epochs, epochs),
            Self::GradientNorm { max_epochs, .. } => (so_far.epochs, max_epochs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_rules_are_refused() {
        let norm = |at_most, max_epochs| Stop::GradientNorm { at_most, max_epochs };
        for stop in [Stop::Steps(0), Stop::Epochs(0), norm(1e-5, 0), norm(f64::NAN, 9), norm(-1.0, 9)] {
            assert!(matches!(stop.check(), Err(Error::InvalidParameter { .. })), "{stop:?}");
        }
        assert!(norm(0.0, 1).check().is_ok());
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        let text = r#"{"gradient_norm":{"at_most":0.00001,"max_epochs":2000}}"#;
        let stop: Stop = serde_json::from_str(text).expect("valid");
        assert_eq!(stop, Stop::GradientNorm { at_most: 1e-5, max_epochs: 2_000 });
        assert_eq!(serde_json::to_string(&Stop::Steps(20)).expect("plain"), r#"{"steps":20}"#);
        assert!(serde_json::from_str::<Stop>(r#"{"gradient_norm":{"at_most":1,"cap":2}}"#).is_err());
    }
}
