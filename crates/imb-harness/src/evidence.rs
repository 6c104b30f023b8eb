//! What a cell keeps of a trained method: counts and measures of its predictions, never the model.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use imb_core::{Dataset, Delivery, LabelMatrix, Labels, Predict, Prediction, Resampled, Target};
use imb_data::prepare::PrepareTarget;
use imb_data::split::Stratify;
use imb_methods::Builds;
use imb_metrics::multi_label::LabelOutcomes;
use imb_metrics::non_overlapping_diversification::OutputSpread;
use imb_metrics::{Compute, ConfusionMatrix, METRICS, Metric, Task};
use serde::{Deserialize, Serialize};

use crate::digest::digest_bytes;
use crate::histogram::OutputHistogram;
use crate::predictions::Predictions;
use crate::projection::Projection;
use crate::spec::Evaluation;

/// A cell's outcome; byte-identical when it is run again on the same instruction set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It ran.
    Done(Box<Done>),
    /// The method cannot be applied to these rows: tables print `NA`.
    NotApplicable(String),
    /// It failed.
    Failed(String),
}

/// What is known of a cell that ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// What the predictions leave, by evaluation.
    pub evaluations: BTreeMap<Evaluation, Evaluated>,
    /// Rows that the method was given to train on.
    pub training_rows: RowCounts,
    /// Rows that the learner was fitted to.
    pub fitted_rows: RowCounts,
    /// Where a resampler made fewer rows of a class than it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<Delivery>,
    /// Where the network's outputs lie for the rows that it was fitted to, with two classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_outputs: Option<OutputSpread>,
    /// The same outputs, counted; of a first run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<OutputHistogram>,
    /// Rows that a model generated and real rows of their class; of a first run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection: Option<Projection>,
    /// What the method measured of its own work, such as its gradient steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// The same, step by step; losses of a first run only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub series: BTreeMap<String, Vec<BTreeMap<String, f64>>>,
    /// Whether a budget ended a training before its own rule did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub capped: bool,
}

/// Numbers of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCounts {
    /// All rows.
    pub rows: usize,
    /// Rows of each class; empty where rows have labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<usize>,
}

/// A set of rows, predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluated {
    /// What the predictions leave.
    pub evidence: Evidence,
    /// A hash of the predicted classes or labels.
    pub predicted: String,
    /// The epoch (from 0) whose weights predicted, where it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// The predictions themselves, where they are asked for. Records do not keep them.
    #[serde(skip)]
    pub predictions: Option<Predictions>,
}

/// What predictions leave, by kind of target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Rows by true and by predicted class.
    Classes(ConfusionMatrix),
    /// Labels.
    Labels(LabelEvidence),
}

/// What predicted labels and scores leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelEvidence {
    /// Rows.
    pub rows: usize,
    /// Labels.
    pub labels: usize,
    /// Pairs of row and label that are on in truth, in the prediction, and in both.
    pub on: [usize; 3],
    /// Every metric that is defined, by name.
    pub metrics: BTreeMap<String, f64>,
}

/// A kind of target whose predictions leave evidence. The harness is generic over it.
pub trait Scored: Builds + Stratify + PrepareTarget {
    /// What predictions of rows with these targets leave.
    ///
    /// # Errors
    /// If truth and prediction do not fit each other.
    fn evidence(&self, prediction: &Prediction<Self>) -> imb_core::Result<Evidence>;

    /// The bytes of the targets, for a hash.
    fn bytes(&self) -> Vec<u8>;

    /// The classes or labels.
    fn names(&self) -> &[String];

    /// The targets of each row as texts: its class, or a 0 or 1 for each label.
    fn texts(&self) -> Vec<Vec<String>>;

    /// Numbers of rows.
    fn row_counts(&self) -> RowCounts;

    /// Where the model's outputs lie for the rows it was fitted to; `given` are the rows before
    /// resampling. None where that is not defined.
    ///
    /// # Errors
    /// If the model cannot predict the rows.
    fn outputs(
        _model: &dyn Predict<Self>,
        _fitted: &Dataset<Self>,
        _given: &Self,
    ) -> imb_core::Result<Option<(OutputSpread, OutputHistogram)>> {
        Ok(None)
    }

    /// Rows that a model generated and the real rows of their class, for a plot; none where there are none.
    fn projection(_resampled: &Resampled<Self>, _given: &Dataset<Self>) -> Option<Projection> {
        None
    }
}

impl Evaluated {
    /// Predicts rows, and keeps the predictions if they are asked for.
    ///
    /// # Errors
    /// If the model cannot predict the rows.
    pub fn new<Y: Scored>(model: &dyn Predict<Y>, rows: &Dataset<Y>, keep: bool) -> imb_core::Result<Self> {
        let prediction = model.predict(rows.x())?;
        Ok(Self {
            evidence: rows.y().evidence(&prediction)?,
            predicted: digest_bytes(&prediction.labels.bytes()),
            epoch: None,
            predictions: keep.then(|| Predictions::new(rows.y(), &prediction)),
        })
    }
}

impl Evidence {
    /// The value of a metric.
    ///
    /// # Errors
    /// If there is no such metric for this kind of target, or it is not defined here.
    pub fn value(&self, metric: &str) -> Result<f64> {
        match self {
            Self::Classes(confusion) => match Metric::named(Task::SingleLabel, metric)?.compute {
                Compute::Classes(compute) => Ok(compute(confusion)),
                _ => bail!("{metric} needs more than a confusion matrix, and records keep no more"),
            },
            Self::Labels(labels) => {
                let known = Metric::named(Task::MultiLabel, metric)?;
                let value = labels.metrics.get(known.name).copied();
                value.with_context(|| format!("{metric} is not defined here"))
            }
        }
    }

    /// The number of rows.
    pub fn n_rows(&self) -> u64 {
        match self {
            Self::Classes(confusion) => confusion.truth_counts().iter().sum(),
            Self::Labels(labels) => labels.rows as u64,
        }
    }

    /// The confusion matrix, where rows have one class.
    pub fn confusion(&self) -> Option<&ConfusionMatrix> {
        if let Self::Classes(confusion) = self { Some(confusion) } else { None }
    }
}

impl Done {
    /// The class with the fewest training rows among those that have any, where rows have one class.
    pub fn minority(&self) -> Option<usize> {
        let classes = &self.training_rows.classes;
        (0..classes.len()).filter(|class| classes[*class] > 0).min_by_key(|class| classes[*class])
    }

    /// The class with the most training rows, where there are two. Of two equal ones one is the minority and the other
    /// the majority.
    pub fn majority(&self) -> Option<usize> {
        let classes = &self.training_rows.classes;
        let largest = (0..classes.len()).max_by_key(|class| classes[*class])?;
        (Some(largest) != self.minority()).then_some(largest)
    }
}

impl Scored for Labels {
    fn evidence(&self, prediction: &Prediction<Self>) -> imb_core::Result<Evidence> {
        ConfusionMatrix::new(self, &prediction.labels).map(Evidence::Classes)
    }

    fn bytes(&self) -> Vec<u8> {
        self.codes().iter().flat_map(|code| code.to_le_bytes()).collect()
    }

    fn names(&self) -> &[String] {
        self.classes()
    }

    fn texts(&self) -> Vec<Vec<String>> {
        self.codes().iter().map(|&code| vec![self.classes()[code as usize].clone()]).collect()
    }

    fn row_counts(&self) -> RowCounts {
        RowCounts { rows: self.n_rows(), classes: self.counts() }
    }

    fn outputs(
        model: &dyn Predict<Self>,
        fitted: &Dataset<Self>,
        given: &Self,
    ) -> imb_core::Result<Option<(OutputSpread, OutputHistogram)>> {
        let counts = fitted.y().counts();
        // A variance needs two rows of a class.
        if counts.len() != 2 || counts.iter().any(|&count| count < 2) {
            return Ok(None);
        }
        let Some(minority) = given.minority() else { return Ok(None) };
        let prediction = model.predict(fitted.x())?;
        let Some(logits) = &prediction.logits else { return Ok(None) };
        let histogram = OutputHistogram::count(logits.column(minority as usize), fitted.y(), minority);
        Ok(Some((OutputSpread::of(fitted.y(), &prediction, minority)?, histogram)))
    }

    fn projection(resampled: &Resampled<Self>, given: &Dataset<Self>) -> Option<Projection> {
        Projection::of(resampled, &given.x().to_owned(), given.y())
    }
}

impl Scored for LabelMatrix {
    fn evidence(&self, prediction: &Prediction<Self>) -> imb_core::Result<Evidence> {
        let outcomes = LabelOutcomes::new(self, &prediction.labels)?;
        let mut metrics = BTreeMap::new();
        for metric in METRICS {
            let value = match metric.compute {
                Compute::Labels(compute) => Some(compute(&outcomes)),
                Compute::LabelScores(compute) => compute(self, prediction.scores.view()).ok(),
                _ => None,
            };
            if let Some(value) = value.filter(|value| value.is_finite()) {
                metrics.insert(metric.name.to_owned(), value);
            }
        }
        let count = |on: &LabelMatrix| on.view().iter().filter(|on| **on).count();
        let both = self.view().iter().zip(prediction.labels.view()).filter(|(a, b)| **a && **b).count();
        Ok(Evidence::Labels(LabelEvidence {
            rows: self.n_rows(),
            labels: self.n_labels(),
            on: [count(self), count(&prediction.labels), both],
            metrics,
        }))
    }

    fn bytes(&self) -> Vec<u8> {
        self.view().iter().map(|on| u8::from(*on)).collect()
    }

    fn names(&self) -> &[String] {
        Self::names(self)
    }

    fn texts(&self) -> Vec<Vec<String>> {
        let text = |on: &bool| if *on { "1".to_owned() } else { "0".to_owned() };
        self.view().rows().into_iter().map(|row| row.iter().map(text).collect()).collect()
    }

    fn row_counts(&self) -> RowCounts {
        RowCounts { rows: self.n_rows(), classes: Vec::new() }
    }
}
