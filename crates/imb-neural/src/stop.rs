//! When a training ends.

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::training::Progress;

/// The rule by which a training ends. An observer may end it sooner.
///
/// As TOML: `stop = { steps = 20000 }`, `stop = { epochs = 100 }` or
/// `stop = { gradient_norm = { at_most = 1e-5, max_epochs = 2000 } }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stop {
    /// After this many gradient steps, in the middle of an epoch if need be.
    Steps(u64),
    /// After this many epochs.
    Epochs(u64),
    /// After the epoch whose last mini-batch has a small gradient.
    GradientNorm {
        /// The L2 norm over all weights at which training ends, taken before that batch's update.
        at_most: f64,
        /// The epoch after which training ends in any case.
        max_epochs: u64,
    },
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The gradient steps are done.
    Steps,
    /// The epochs are done, also as the cap of [`Stop::GradientNorm`].
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
        let (name, requirement, value) = match *self {
            Self::Steps(0) => ("stop.steps", "at least 1", "0".to_owned()),
            Self::Epochs(0) => ("stop.epochs", "at least 1", "0".to_owned()),
            Self::GradientNorm { max_epochs: 0, .. } => {
                ("stop.gradient_norm.max_epochs", "at least 1", "0".to_owned())
            }
            Self::GradientNorm { at_most, .. } if !(at_most.is_finite() && at_most >= 0.0) => {
                ("stop.gradient_norm.at_most", "finite and not negative", at_most.to_string())
            }
            _ => return Ok(()),
        };
        Err(Error::InvalidParameter { name: name.into(), requirement: requirement.into(), value })
    }

    /// Why training ends here, if it does.
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

    /// Whether this gradient step, counted from 1, is the last that the rule allows.
    pub(crate) fn is_last_step(&self, step: u64) -> bool {
        matches!(*self, Self::Steps(steps) if step >= steps)
    }

    /// How much is done, of how much at most: gradient steps where the rule counts them, else epochs.
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
    fn rules_that_cannot_be_kept_are_refused() {
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
