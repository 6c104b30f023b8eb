//! The description of a metric: name, range, source and function.

use imb_core::{Error, LabelMatrix, Labels, Result};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::multi_label::LabelOutcomes;
use crate::non_overlapping_diversification::OutputSpread;
use crate::{ConfusionMatrix, METRICS};

/// A metric.
///
/// ```
/// use imb_metrics::METRICS;
///
/// let accuracy = METRICS.iter().find(|metric| metric.name == "accuracy_score").expect("listed");
/// assert_eq!(accuracy.range, (0.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name, ending in `_score` if higher is better and in `_loss` if lower is. It is unique within a task.
    pub name: &'static str,
    /// What it measures, in a few words.
    pub summary: &'static str,
    /// The lowest and the highest value; infinite if there is no bound, or if the bound depends on the
    /// number of labels.
    pub range: (f64, f64),
    /// The value where the formula divides by zero.
    pub undefined: &'static str,
    /// The source of the definition.
    pub source: &'static str,
    /// The function, by its input.
    pub compute: Compute,
}

/// The function that computes a metric, by its input.
#[derive(Clone, Copy, Debug)]
pub enum Compute {
    /// Predicted classes; the result is one number.
    Classes(fn(&ConfusionMatrix) -> f64),
    /// Predicted classes; the result is one number per class, `(n_classes)`.
    PerClass(fn(&ConfusionMatrix) -> Vec<f64>),
    /// The number of a class and its scores, `(n_rows)`.
    OneClassScores(fn(&Labels, u32, ArrayView1<'_, f64>) -> Result<f64>),
    /// One score per class, `(n_rows, n_classes)`.
    ClassScores(fn(&Labels, ArrayView2<'_, f64>) -> Result<f64>),
    /// One probability per class, `(n_rows, n_classes)`.
    ClassProbabilities(fn(&Labels, ArrayView2<'_, f64>) -> Result<f64>),
    /// The logits of the training rows before and after resampling, as measured by [`OutputSpread::of`].
    Logits(fn(&OutputSpread, &OutputSpread) -> Result<f64>),
    /// Predicted labels.
    Labels(fn(&LabelOutcomes) -> f64),
    /// One score per label, `(n_rows, n_labels)`.
    LabelScores(fn(&LabelMatrix, ArrayView2<'_, f64>) -> Result<f64>),
}

/// Whether a row has one class or any number of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One class per row.
    SingleLabel,
    /// Any number of labels per row.
    MultiLabel,
}

/// Whether higher or lower values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A score.
    HigherIsBetter,
    /// A loss.
    LowerIsBetter,
}

impl Direction {
    /// Whether the first of two values is better (`Greater`), as good or worse. NaN has a place of its own, as
    /// in [`f64::total_cmp`].
    ///
    /// ```
    /// use imb_metrics::Direction;
    ///
    /// assert!(Direction::LowerIsBetter.compare(0.1, 0.2).is_gt());
    /// ```
    #[must_use]
    pub fn compare(self, first: f64, second: f64) -> std::cmp::Ordering {
        match self {
            Self::HigherIsBetter => first.total_cmp(&second),
            Self::LowerIsBetter => second.total_cmp(&first),
        }
    }
}

impl Metric {
    /// The metric of this name for this task.
    ///
    /// # Errors
    /// [`Error::UnknownName`], with the known names.
    ///
    /// ```
    /// use imb_metrics::{Direction, Metric, Task};
    ///
    /// let metric = Metric::named(Task::MultiLabel, "ranking_loss")?;
    /// assert_eq!(metric.direction(), Direction::LowerIsBetter);
    /// assert!(Metric::named(Task::SingleLabel, "ranking_loss").is_err());
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    pub fn named(task: Task, name: &str) -> Result<&'static Self> {
        let of_task = || METRICS.iter().filter(move |metric| metric.task() == task);
        of_task().find(|metric| metric.name == name).ok_or_else(|| Error::UnknownName {
            what: "metric".into(),
            name: name.into(),
            known: of_task().map(|metric| metric.name).collect::<Vec<_>>().join(", "),
        })
    }

    /// Whether higher or lower is better, according to the name's ending.
    pub fn direction(&self) -> Direction {
        if self.name.ends_with("_loss") { Direction::LowerIsBetter } else { Direction::HigherIsBetter }
    }

    /// The kind of data that it measures.
    pub fn task(&self) -> Task {
        match self.compute {
            Compute::Labels(_) | Compute::LabelScores(_) => Task::MultiLabel,
            _ => Task::SingleLabel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_by_the_known_ones() {
        let error = Metric::named(Task::MultiLabel, "acsa_score").expect_err("single-label");
        assert!(error.to_string().contains("hamming_loss"), "{error}");
    }
}
