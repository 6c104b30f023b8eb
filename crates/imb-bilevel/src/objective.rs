//! The objectives of the outer loop.

use imb_core::{Dataset, Error, Labels, Predict, Result};
use imb_metrics::{Compute, ConfusionMatrix, Direction, Metric, Task};
use serde::{Deserialize, Serialize};

/// A metric on the validation rows, and by how much a proposal must improve it.
///
/// ```
/// use imb_bilevel::{Moods, Objective};
///
/// let objective = Objective { metric: "acsa_score".into(), margin: 0.01 };
/// let moods = Moods { objectives: vec![objective], ..Moods::default() };
/// assert_eq!(moods.objectives.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// The name of a metric of [`imb_metrics::METRICS`] that is computed from predicted classes alone and of
    /// which higher is better.
    pub metric: String,
    /// The smallest improvement that counts; with 0, any improvement does.
    pub margin: f64,
}

impl Objective {
    /// The function that computes the metric.
    ///
    /// # Errors
    /// [`Error::UnknownName`] or [`Error::InvalidParameter`] for a metric that cannot be an objective, or a
    /// margin that is negative or not finite.
    pub(crate) fn compute(&self) -> Result<fn(&ConfusionMatrix) -> f64> {
        if !(self.margin.is_finite() && self.margin >= 0.0) {
            let requirement = "finite and not negative";
            return Err(Error::invalid_parameter("margin of an objective", requirement, self.margin));
        }
        let metric = Metric::named(Task::SingleLabel, &self.metric)?;
        match (metric.compute, metric.direction()) {
            (Compute::Classes(compute), Direction::HigherIsBetter) => Ok(compute),
            _ => {
                let requirement = "a score that is computed from predicted classes";
                Err(Error::invalid_parameter("objective", requirement, &self.metric))
            }
        }
    }

    /// Whether `value` is better than `before` by the margin.
    pub(crate) fn improves(&self, value: f64, before: f64) -> bool {
        if self.margin == 0.0 { value > before } else { value >= before + self.margin }
    }
}

/// The values of the objectives, for a model on validation rows.
pub(crate) fn measure(
    objectives: &[Objective],
    model: &dyn Predict<Labels>,
    rows: &Dataset<Labels>,
) -> Result<Vec<f64>> {
    let confusion = ConfusionMatrix::new(rows.y(), &model.predict(rows.x())?.labels)?;
    objectives.iter().map(|objective| Ok(objective.compute()?(&confusion))).collect()
}
