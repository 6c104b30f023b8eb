//! Profiles: how much of a paper is run.

use std::fmt;

use clap::ValueEnum;
use imb_neural::Stop;
use serde::{Deserialize, Serialize};

/// How much of a paper is run. A smaller profile does less training, so its figures are no verdict
/// on the paper: reports say on top which profile they are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// One run of 200 gradient steps or two epochs, on sets below 1,000 rows.
    Smoke,
    /// Three runs of at most 4,000 gradient steps.
    Quick,
    /// Everything: 20 runs on sets below 10,000 rows, 5 on larger ones.
    Full,
}

/// What ends a training early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// The most gradient steps.
    pub steps: u64,
    /// The most epochs.
    pub epochs: u64,
}

impl Profile {
    /// Runs of each cell of a data set with so many rows; none if it is left out.
    pub fn runs(self, n_rows: usize) -> usize {
        match self {
            Self::Smoke if n_rows < 1_000 => 1,
            Self::Smoke => 0,
            Self::Quick => 3,
            Self::Full if n_rows < 10_000 => 20,
            Self::Full => 5,
        }
    }

    /// What ends a training early; nothing in the full profile.
    pub fn budget(self) -> Option<Budget> {
        match self {
            Self::Smoke => Some(Budget { steps: 200, epochs: 2 }),
            Self::Quick => Some(Budget { steps: 4_000, epochs: u64::MAX }),
            Self::Full => None,
        }
    }

    /// What a report of this profile says on top.
    pub fn caution(self) -> Option<&'static str> {
        match self {
            Self::Smoke => Some(
                "Smoke profile: one run of 200 steps or two epochs. It shows that the path works, no more.",
            ),
            Self::Quick => Some(
                "Quick profile: 3 runs of at most 4,000 gradient steps, under every protocol. The papers trained \
                 longer; --profile full does as they did.",
            ),
            Self::Full => None,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Full => "full",
        })
    }
}

impl Budget {
    /// The rule, ended where the budget ends it, for a training of so many steps an epoch.
    pub fn cap(self, stop: Stop, steps_per_epoch: u64) -> Stop {
        let most = self.steps.min(self.epochs.saturating_mul(steps_per_epoch));
        match stop {
            Stop::Steps(steps) => Stop::Steps(steps.min(most)),
            Stop::Epochs(epochs) if epochs.saturating_mul(steps_per_epoch) <= most => stop,
            Stop::Epochs(_) => Stop::Steps(most),
            Stop::GradientNorm { at_most, max_epochs } => {
                let whole_epochs = (most / steps_per_epoch).max(1);
                Stop::GradientNorm { at_most, max_epochs: max_epochs.min(whole_epochs) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_only_shortens() {
        let budget = Budget { steps: 200, epochs: 2 };
        assert_eq!(budget.cap(Stop::Steps(20_000), 10), Stop::Steps(20));
        assert_eq!(budget.cap(Stop::Steps(5), 10), Stop::Steps(5));
        assert_eq!(budget.cap(Stop::Epochs(100), 10), Stop::Steps(20));
        assert_eq!(budget.cap(Stop::Epochs(1), 10), Stop::Epochs(1));
        assert_eq!(budget.cap(Stop::Epochs(1), 500), Stop::Steps(200));
        let norm = |max_epochs| Stop::GradientNorm { at_most: 1e-5, max_epochs };
        assert_eq!(budget.cap(norm(2_000), 10), norm(2));
        assert_eq!(budget.cap(norm(2_000), 500), norm(1), "an epoch is never cut");
        let quick = Profile::Quick.budget().expect("capped");
        assert_eq!(quick.cap(norm(2_000), 7), norm(571));
    }
}
