//! What is read off a record: a metric by its name, or what is known of the set that was fitted.

use anyhow::{Context, Result, bail};
use imb_metrics::non_overlapping_diversification::OutputSpread;
use imb_metrics::{Compute, Direction, Metric, Task};

use crate::evidence::Done;
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

/// Rows of one of two classes in the set that was fitted.
fn rows(done: &Done, of_minority: bool) -> Option<f64> {
    let minority = done.minority()?;
    let class = if of_minority { minority } else { 1usize.checked_sub(minority)? };
    done.fitted_rows.classes.get(class).map(|count| *count as f64)
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
    /// If the record lacks what it needs.
    pub fn of(&self, done: &Done, before: Option<&Done>, evaluation: Evaluation) -> Result<f64> {
        match self {
            Self::Metric(metric) => {
                let evaluated = done.evaluations.get(&evaluation);
                let evaluated = evaluated.with_context(|| format!("a record lacks \"{evaluation}\""))?;
                evaluated.evidence.value(metric.name)
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
