//! Two methods that only tests use, to show that a method is one file and one line of the list.

use std::time::{Duration, Instant};

use imb_core::{
    Delivery, Error, Facts, Fit, Kind, LabelMatrix, Labels, Predict, Prediction, Resample, Resampled, Result,
    Run, Target, Train,
};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::build::{class_learner, label_resampler};
use crate::{Method, Parameter};

/// Predicts one class for every row, after a time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ToyFit {
    class: u32,
    milliseconds: u64,
}

struct ToyModel {
    class: u32,
    classes: Vec<String>,
    n_features: usize,
}

impl Fit<Labels> for ToyFit {
    fn fit(&self, train: &Train<Labels>, _run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        let classes = train.rows.y().classes().to_vec();
        Labels::new(vec![self.class], classes.clone())?;
        let (start, time) = (Instant::now(), Duration::from_millis(self.milliseconds));
        while start.elapsed() < time {
            std::hint::spin_loop();
        }
        Ok(Box::new(ToyModel { class: self.class, classes, n_features: train.rows.n_features() }))
    }
}

impl Predict<Labels> for ToyModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        if x.ncols() != self.n_features {
            let (what, expected, found) = ("features".into(), self.n_features, x.ncols());
            return Err(Error::LengthMismatch { what, expected, found });
        }
        if let Some(((row, column), &value)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value });
        }
        let labels = Labels::new(vec![self.class; x.nrows()], self.classes.clone())?;
        let scores = Array2::from_shape_fn((x.nrows(), self.classes.len()), |(_, class)| {
            f64::from(u8::from(class == self.class as usize))
        });
        Ok(Prediction { labels, scores, logits: None })
    }
}

/// Repeats every row that has a label.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ToyLabelResampler {}

impl Resample<LabelMatrix> for ToyLabelResampler {
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        _run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let y = train.rows.y();
        let on = y.view();
        let labelled = on.rows().into_iter().enumerate().filter(|(_, on)| on.iter().any(|on| *on));
        let mut more: Vec<usize> = labelled.map(|(row, _)| row).collect();
        if more.is_empty() {
            let (method, reason) = ("toy_label_resampler".into(), "no row has a label".into());
            return Err(Error::NotApplicable { method, reason });
        }
        if y.n_rows() == 1 {
            // A row alone stays as it is.
            more.clear();
        }
        let kept = (0..y.n_rows()).chain(more).collect();
        let twice = |(name, count): (&String, usize)| Delivery {
            name: name.clone(),
            asked: count,
            delivered: count,
            remark: Some(format!("{count} before, {} after", 2 * count)),
        };
        let delivery = y.names().iter().zip(y.positives()).map(twice).collect();
        Ok(Resampled::kept_only(&train.rows, kept, delivery))
    }
}

pub(super) const TOY_FIT: Method = Method {
    name: "toy_fit",
    summary: "predicts one class for every row",
    citation: "tests of this project",
    parameters: &[
        Parameter { name: "class", meaning: "the number of the class", form: "a whole number" },
        Parameter { name: "milliseconds", meaning: "how long training takes", form: "a whole number" },
    ],
    ..class_learner::<ToyFit>()
};

pub(super) const TOY_LABEL_RESAMPLER: Method = Method {
    name: "toy_label_resampler",
    summary: "repeats every row that has a label",
    citation: "tests of this project",
    ..label_resampler::<ToyLabelResampler>(Facts { reads_values: false, ..Facts::of_kind(Kind::OverSampler) })
};
