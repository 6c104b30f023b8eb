//! What a method promises, whatever its parameters: help, tests and reports read it.

use serde::{Deserialize, Serialize};

/// What a method promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What it does.
    pub kind: Kind,
    /// Whether it works on the numbers of the rows; if not, gaps and categories are welcome.
    pub reads_values: bool,
    /// Whether validation rows, where there are any, change its result.
    pub uses_validation: bool,
}

/// What a method does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Adds rows to small classes or labels.
    OverSampler,
    /// Leaves out rows of large classes or labels.
    UnderSampler,
    /// Adds and leaves out.
    Combined,
    /// Learns and predicts.
    Learner,
}

impl Facts {
    /// A resampler that works on the numbers of the rows.
    pub const fn of_kind(kind: Kind) -> Self {
        Self { kind, reads_values: true, uses_validation: false }
    }
}
