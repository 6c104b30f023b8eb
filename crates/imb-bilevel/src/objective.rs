//! What the outer loop improves.

use imb_core::{Dataset, Error, Labels, Predict, Result};
use imb_metrics::{Compute, ConfusionMatrix, Direction, Metric, Task};
use serde::{Deserialize, Serialize};

/// A metric on the validation rows, and by how much a proposal must improve it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// A metric of [`imb_metrics::METRICS`] that needs no more than predicted classes, and of which
    /// more is better.
    pub metric: String,
    /// A proposal must be better by at least this; with 0, by anything at all.
    pub margin: f64,
}

impl Objective {
    /// The function that computes it.
    ///
    /// # Errors
    /// [`Error::UnknownName`] or [`Error::InvalidParameter`] for a metric that cannot be one, or a
    /// margin that is negative or no number.
    pub(crate) fn compute(&self) -> Result<fn(&ConfusionMatrix) -> f64> {
        let refuse = |name: &str, requirement: &str, value: String| {
            Err(Error::InvalidParameter { name: name.into(), requirement: requirement.into(), value })
        };
        if !(self.margin.is_finite() && self.margin >= 0.0) {
            return refuse("margin of an objective", "finite and not negative", self.margin.to_string());
        }
        let metric = Metric::named(Task::SingleLabel, &self.metric)?;
        match (metric.compute, metric.direction()) {
            (Compute::Classes(compute), Direction::HigherIsBetter) => Ok(compute),
            _ => refuse("objective", "a score that is computed from predicted classes", self.metric.clone()),
        }
    }

    /// Whether a value is better than another by the margin.
    pub(crate) fn improves(&self, value: f64, on: f64) -> bool {
        if self.margin == 0.0 { value > on } else { value >= on + self.margin }
    }
}

/// The objectives of a model on validation rows.
pub(crate) fn measure(
    objectives: &[Objective],
    model: &dyn Predict<Labels>,
    rows: &Dataset<Labels>,
) -> Result<Vec<f64>> {
    let confusion = ConfusionMatrix::new(rows.y(), &model.predict(rows.x())?.labels)?;
    objectives.iter().map(|objective| Ok(objective.compute()?(&confusion))).collect()
}
