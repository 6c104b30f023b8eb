//! What is known of a metric besides its value.

use imb_core::{Error, LabelMatrix, Labels, Result};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::multi_label::LabelOutcomes;
use crate::non_overlapping_diversification::OutputSpread;
use crate::{ConfusionMatrix, METRICS};

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name, with `_score` where higher is better and `_loss` where lower is. A task has a name
    /// once.
    pub name: &'static str,
    /// What it measures, in a few words.
    pub summary: &'static str,
    /// The lowest and the highest value; infinite where there is no bound, or where it depends on the
    /// number of labels.
    pub range: (f64, f64),
    /// The answer where the formula divides by nothing.
    pub undefined: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// The function, by what it needs.
    pub compute: Compute,
}

/// The function that computes a metric, by what it needs.
#[derive(Clone, Copy, Debug)]
pub enum Compute {
    /// Predicted classes; one number.
    Classes(fn(&ConfusionMatrix) -> f64),
    /// Predicted classes; one number a class, `(n_classes)`.
    PerClass(fn(&ConfusionMatrix) -> Vec<f64>),
    /// The scores of one class, `(n_rows)`, and its number.
    OneClassScores(fn(&Labels, u32, ArrayView1<'_, f64>) -> Result<f64>),
    /// One score a class, `(n_rows, n_classes)`.
    ClassScores(fn(&Labels, ArrayView2<'_, f64>) -> Result<f64>),
    /// One probability a class, `(n_rows, n_classes)`.
    ClassProbabilities(fn(&Labels, ArrayView2<'_, f64>) -> Result<f64>),
    /// Logits of the training rows before and after resampling, as measured by [`OutputSpread::of`].
    Logits(fn(&OutputSpread, &OutputSpread) -> Result<f64>),
    /// Predicted labels.
    Labels(fn(&LabelOutcomes) -> f64),
    /// One score a label, `(n_rows, n_labels)`.
    LabelScores(fn(&LabelMatrix, ArrayView2<'_, f64>) -> Result<f64>),
}

/// Whether a row has one class or any number of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One class a row.
    SingleLabel,
    /// Any number of labels a row.
    MultiLabel,
}

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A score.
    HigherIsBetter,
    /// A loss.
    LowerIsBetter,
}

impl Metric {
    /// The metric of this name for this task.
    ///
    /// # Errors
    /// [`Error::UnknownName`], with the names there are.
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

    /// Whether higher or lower is better, as the name says.
    pub fn direction(&self) -> Direction {
        if self.name.ends_with("_loss") { Direction::LowerIsBetter } else { Direction::HigherIsBetter }
    }

    /// The kind of data it is for.
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
    fn unknown_names_are_told_the_known_ones() {
        let error = Metric::named(Task::MultiLabel, "acsa_score").expect_err("single-label");
        assert!(error.to_string().contains("hamming_loss"), "{error}");
    }
}
