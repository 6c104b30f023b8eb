//! What is read off a record: a metric by its name, or what is known of the set that was fitted.

use anyhow::{Context, Result, bail};
use imb_metrics::non_overlapping_diversification::OutputSpread;
use imb_metrics::single_label::per_class_f1_score;
use imb_metrics::{Compute, Direction, Metric, Task};

use crate::evidence::{Done, Evidence};
use crate::spec::Evaluation;

/// Something that a run has one number of.
#[derive(Clone, Debug)]
pub enum Measure {
    /// A metric of predictions.
    Metric(&'static Metric),
    /// A metric of the network's outputs for the rows it was fitted to, without resampling and with.
    Outputs(&'static Metric, fn(&OutputSpread, &OutputSpread) -> imb_core::Result<f64>),
    /// What is known of the set that was fitted and of the outputs for it.
    Fitted(OfFitted),
    /// A value that the method measured of its own work.
    Value(String),
}

/// A number of a record; none where it lacks what that needs.
type OfFitted = fn(&Done) -> Option<f64>;

/// What is known of the set that was fitted, by name.
const FITTED: [(&str, OfFitted); 7] = [
    ("minority_fraction", |done| Some(rows(done, true)? / done.fitted_rows.rows as f64)),
    ("minority_rows", |done| rows(done, true)),
    ("majority_rows", |done| rows(done, false)),
    ("overlap_percent", |done| Some(100.0 * done.fitted_outputs?.overlap)),
    ("misclassified_percent", |done| Some(100.0 * done.fitted_outputs?.misclassified)),
    ("log10_minority_variance", |done| log10(done.fitted_outputs?.minority_variance)),
    ("log10_majority_variance", |done| log10(done.fitted_outputs?.majority_variance)),
];

/// None of a variance of 0, as a single row has.
fn log10(variance: f64) -> Option<f64> {
    (variance > 0.0).then(|| variance.log10())
}

/// Rows of the minority or of the majority in the set that was fitted. Which classes these are is decided by the
/// training rows; the majority is another class than the minority.
fn rows(done: &Done, of_minority: bool) -> Option<f64> {
    let class = if of_minority { done.minority()? } else { done.majority()? };
    done.fitted_rows.classes.get(class).map(|count| *count as f64)
}

/// The F1 of the class with the fewest training rows, or with the most, where a metric is one of these: in a small
/// test set another class may have the fewest rows, and this one none. None of any other metric.
///
/// # Errors
/// If the class has no test row, or there is only one class.
fn of_one_class(metric: &Metric, done: &Done, evidence: &Evidence) -> Result<Option<f64>> {
    let Some(confusion) = evidence.confusion() else { return Ok(None) };
    let (class, which) = match metric.name {
        "minority_f1_score" => (done.minority(), "fewest"),
        "majority_f1_score" => (done.majority(), "most"),
        _ => return Ok(None),
    };
    let class = class.with_context(|| format!("{} needs two classes of training rows", metric.name))?;
    if confusion.truth_counts()[class] == 0 {
        bail!("there is no test row of the class that has the {which} training rows");
    }
    Ok(Some(per_class_f1_score(confusion)[class]))
}

/// Which values of a metric are better; of an unknown one, which has no values, the higher.
pub(crate) fn direction_of(metric: &str) -> Direction {
    Measure::named(metric).map_or(Direction::HigherIsBetter, |measure| measure.direction())
}

impl Measure {
    /// The measure of a name: one of those above, a metric of [`imb_metrics::METRICS`], or `value:` and
    /// the name of a value that the method measured of its own work.
    ///
    /// # Errors
    /// If there is none, or the metric needs what records do not keep.
    pub fn named(name: &str) -> Result<Self> {
        if let Some(value) = name.strip_prefix("value:") {
            return Ok(Self::Value(value.to_owned()));
        }
        if let Some((_, compute)) = FITTED.iter().find(|(known, _)| *known == name) {
            return Ok(Self::Fitted(*compute));
        }
        let metric = match Metric::named(Task::SingleLabel, name) {
            Ok(metric) => metric,
            Err(of_classes) => Metric::named(Task::MultiLabel, name).map_err(|_| of_classes)?,
        };
        match metric.compute {
            Compute::Classes(_) | Compute::Labels(_) | Compute::LabelScores(_) => Ok(Self::Metric(metric)),
            Compute::Logits(compute) => Ok(Self::Outputs(metric, compute)),
            _ => bail!("{name} needs what records do not keep"),
        }
    }

    /// Whether it depends on the test rows.
    pub fn is_of_test_rows(&self) -> bool {
        matches!(self, Self::Metric(_))
    }

    /// The least and the greatest value; infinite where there is no bound.
    pub fn range(&self) -> (f64, f64) {
        match self {
            Self::Metric(metric) | Self::Outputs(metric, _) => metric.range,
            Self::Fitted(_) | Self::Value(_) => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// Which of two values is better.
    pub fn direction(&self) -> Direction {
        match self {
            Self::Metric(metric) | Self::Outputs(metric, _) => metric.direction(),
            Self::Fitted(_) | Self::Value(_) => Direction::HigherIsBetter,
        }
    }

    /// The number of a run. `before` is the same run without resampling.
    ///
    /// # Errors
    /// If the record lacks what it needs, or it is not defined on the test rows.
    pub fn of(&self, done: &Done, before: Option<&Done>, evaluation: Evaluation) -> Result<f64> {
        match self {
            Self::Metric(metric) => {
                let evaluated = done.evaluations.get(&evaluation);
                let evaluated = evaluated.with_context(|| format!("a record lacks \"{evaluation}\""))?;
                match of_one_class(metric, done, &evaluated.evidence)? {
                    Some(value) => Ok(value),
                    None => evaluated.evidence.value(metric.name),
                }
            }
            Self::Outputs(_, compute) => {
                let before = before.and_then(|before| before.fitted_outputs.as_ref());
                let before = before.context("there is no run without resampling to compare with")?;
                let after = done.fitted_outputs.as_ref().context("a record lacks the outputs of its rows")?;
                Ok(compute(before, after)?)
            }
            Self::Fitted(compute) => compute(done).context("a record lacks the set that was fitted"),
            Self::Value(name) => {
                done.values.get(name).copied().with_context(|| format!("a record lacks the value {name}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::evidence::{Evaluated, RowCounts};
    use imb_metrics::ConfusionMatrix;
    use ndarray::{Array2, array};

    /// A run with so many training rows of each class, and these test rows by true and by predicted class.
    fn run(classes: &[usize], test: Array2<u64>) -> Done {
        let rows = RowCounts { rows: classes.iter().sum(), classes: classes.to_vec() };
        let evidence = Evidence::Classes(ConfusionMatrix::from_counts(test).expect("square"));
        let evaluated = Evaluated { evidence, predicted: String::new(), epoch: None, predictions: None };
        Done {
            evaluations: [(Evaluation::Last, evaluated)].into(),
            training_rows: rows.clone(),
            fitted_rows: rows,
            ..Done::default()
        }
    }

    fn value(name: &str, done: &Done) -> Result<f64> {
        Measure::named(name).expect("a measure").of(done, None, Evaluation::Last)
    }

    #[test]
    fn training_rows_say_which_class_is_the_minority() {
        let reversed = run(&[50, 6], array![[1, 1], [1, 5]]);
        assert_eq!(value("minority_f1_score", &reversed).expect("defined"), 5.0 / 6.0);
        assert_eq!(value("majority_f1_score", &reversed).expect("defined"), 0.5);
        let without = run(&[50, 6], array![[5, 1], [0, 0]]);
        let said = value("minority_f1_score", &without).expect_err("no row to find").to_string();
        assert!(said.contains("no test row"), "{said}");
        assert!(value("majority_f1_score", &without).is_ok());
        let one = run(&[50, 0], array![[5, 1], [0, 0]]);
        assert!(value("majority_f1_score", &one).is_err(), "the only class is the minority");
    }

    #[test]
    fn of_more_than_two_classes_the_largest_is_the_majority() {
        let done = run(&[10, 65, 25], Array2::from_elem((3, 3), 1));
        assert_eq!(value("minority_rows", &done).expect("known"), 10.0);
        assert_eq!(value("majority_rows", &done).expect("known"), 65.0);
    }
}
