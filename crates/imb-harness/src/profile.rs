//! Profiles: how much of a paper is run.

use clap::ValueEnum;
use imb_core::Budget;
use serde::{Deserialize, Serialize};

use crate::spec::RunPlan;

/// How much of a paper is run. Every table, figure and verdict comes from the full profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A quick check that everything runs: one run or fold, at most 200 gradient steps or two epochs, only data sets
    /// below 1,000 rows, and only the learners that the specification names for it.
    Smoke,
    /// Some cells of the full profile again, to compare them with the committed records.
    Sample,
    /// Everything that the tables are made from.
    Full,
}

/// Sets with as many rows or more are left out of the smoke profile.
const SMOKE_ROWS: usize = 1_000;

impl Profile {
    /// Runs of a cell, of which the full profile makes so many.
    pub fn plan(self, full: Option<RunPlan>, n_rows: usize) -> RunPlan {
        match self {
            Self::Smoke => RunPlan { starts: 0, runs: usize::from(n_rows < SMOKE_ROWS) },
            Self::Sample | Self::Full => full.unwrap_or(RunPlan { starts: 0, runs: 0 }),
        }
    }

    /// The folds of a repeat, of so many: in the smoke profile the first.
    pub fn n_folds(self, n_folds: usize) -> usize {
        if self == Self::Smoke { n_folds.min(1) } else { n_folds }
    }

    /// What ends each training early; nothing but in the smoke profile.
    pub fn budget(self) -> Option<Budget> {
        (self == Self::Smoke).then_some(Budget { steps: 200, epochs: 2 })
    }
}
