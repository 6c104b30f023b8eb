//! The objectives of the outer loop.

use imb_core::{Dataset, Error, Labels, Predict, Result};
use imb_metrics::single_label::per_class_f1_score;
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
    /// which higher is better. Where it names the minority or the majority, that is the class with the fewest
    /// or the most *training* rows, whatever the validation rows are.
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

/// The values of the objectives, for a model on validation rows. `minority` is that of the training rows,
/// one of two classes: a small validation set may have as many rows of it as of the other.
pub(crate) fn measure(
    objectives: &[Objective],
    model: &dyn Predict<Labels>,
    rows: &Dataset<Labels>,
    minority: u32,
) -> Result<Vec<f64>> {
    let confusion = ConfusionMatrix::new(rows.y(), &model.predict(rows.x())?.labels)?;
    let value = |objective: &Objective| match objective.metric.as_str() {
        "minority_f1_score" => Ok(per_class_f1_score(&confusion)[minority as usize]),
        "majority_f1_score" => Ok(per_class_f1_score(&confusion)[1 - minority as usize]),
        _ => Ok(objective.compute()?(&confusion)),
    };
    objectives.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Prediction;
    use ndarray::{Array2, ArrayView2, array};

    /// Calls every row the second class.
    struct AlwaysSecond;

    impl Predict<Labels> for AlwaysSecond {
        fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
            let labels = Labels::new(vec![1; x.nrows()], vec!["often".into(), "rare".into()])?;
            Ok(Prediction { labels, scores: Array2::zeros((x.nrows(), 2)), logits: None })
        }
    }

    #[test]
    fn the_minority_is_that_of_the_training_rows() {
        let y = Labels::new(vec![0, 1, 1], vec!["often".into(), "rare".into()]).expect("two classes");
        let validation = Dataset::unnamed(array![[0.0], [1.0], [2.0]], y).expect("finite");
        let objective = |metric: &str| Objective { metric: metric.into(), margin: 0.0 };
        let objectives = [objective("minority_f1_score"), objective("majority_f1_score")];
        let values = measure(&objectives, &AlwaysSecond, &validation, 1).expect("defined");
        assert_eq!(values, [0.8, 0.0], "the second class is rare in training, not in validation");
    }
}
