//! What the searches have in common: their requirements and their result.

use imb_core::{Error, Labels, Resampled, Result, Run, Train};
use imb_neural::MlpModel;

use crate::trajectory::Trajectory;

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The last accepted set: rows of the given training set, and synthetic ones.
    pub resampled: Resampled<Labels>,
    /// The network: of [`Moods`](crate::Moods) as it was when that set was accepted, of [`Mubo`](crate::Mubo) after
    /// the last step.
    pub model: MlpModel,
    /// The outer steps.
    pub trajectory: Trajectory,
}

impl Found {
    /// The result, shown to the observer.
    pub(crate) fn new(
        resampled: Resampled<Labels>,
        model: MlpModel,
        trajectory: Trajectory,
        run: &mut Run<'_, Labels>,
    ) -> Self {
        trajectory.report(run.observer);
        run.observer.on_resampled(&resampled);
        Self { resampled, model, trajectory }
    }
}

/// Refuses anything but two classes of at least two rows each.
pub(crate) fn require_two_classes(method: &str, y: &Labels) -> Result<()> {
    let counts = y.counts();
    if counts.len() != 2 {
        return Err(not_applicable(method, format!("it needs two classes, and there are {}", counts.len())));
    }
    if let Some(class) = counts.iter().position(|&count| count < 2) {
        let (name, count) = (&y.classes()[class], counts[class]);
        return Err(not_applicable(method, format!("class {name} has {count} training rows, and needs two")));
    }
    Ok(())
}

/// Refuses numbers that the network cannot be shown, before rows are drawn: a proposal would give them other numbers.
pub(crate) fn require_single_precision(train: &Train<Labels>) -> Result<()> {
    imb_neural::require_single_precision(&train.rows)?;
    let Some(validation) = &train.validation else { return Ok(()) };
    imb_neural::require_single_precision(validation).map_err(|error| match error {
        Error::NotFinite { row, column, value } => {
            Error::NotFinite { row, column: format!("{column} (validation rows)"), value }
        }
        other => other,
    })
}

pub(crate) fn not_applicable(method: &str, reason: String) -> Error {
    Error::NotApplicable { method: method.into(), reason }
}
