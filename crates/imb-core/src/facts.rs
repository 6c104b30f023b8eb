//! Properties of a method that do not depend on its parameters. Help, tests and reports read them.

use serde::{Deserialize, Serialize};

/// The properties of a method.
///
/// ```
/// use imb_core::{Facts, Kind};
///
/// const SMOTE: Facts = Facts::of_kind(Kind::OverSampler);
/// assert!(SMOTE.reads_values && !SMOTE.uses_validation);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The kind of method.
    pub kind: Kind,
    /// Whether it computes with the values of the rows; if not, gaps and categories in them make no difference.
    pub reads_values: bool,
    /// Whether its result depends on validation rows, if there are any.
    pub uses_validation: bool,
    /// Whether it returns its best result when it is interrupted, instead of an error.
    pub keeps_best: bool,
}

/// The kind of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Adds rows to small classes or labels.
    OverSampler,
    /// Removes rows of large classes or labels.
    UnderSampler,
    /// Adds and removes rows.
    Combined,
    /// Learns from rows and predicts.
    Learner,
}

impl Facts {
    /// The properties of a method of this kind that computes with the values of the rows, uses no validation rows
    /// and has nothing to return when it is interrupted.
    pub const fn of_kind(kind: Kind) -> Self {
        Self { kind, reads_values: true, uses_validation: false, keeps_best: false }
    }
}
