//! The four roles of a method: resample, fit, predict, observe. None has a place for test rows.

use std::fmt;
use std::ops::ControlFlow::{self, Continue};
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{Dataset, Error, Resampled, Result, Rng, Target};

/// All that a method may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Train<Y> {
    /// The rows to learn from.
    pub rows: Dataset<Y>,
    /// Rows to choose by, where the protocol gives any.
    pub validation: Option<Dataset<Y>>,
}

/// What a method is run with.
pub struct Run<'a, Y> {
    /// The generator of every random choice.
    pub rng: &'a mut Rng,
    /// Who watches.
    pub observer: &'a mut dyn Observe<Y>,
    /// Where tensors live.
    pub device: Device,
}

/// Chooses and makes training rows.
pub trait Resample<Y: Target>: Send + Sync {
    /// Resamples the training rows.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], [`Error::TooFewRows`] or [`Error::NotApplicable`], each with
    /// what would work.
    fn resample(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Resampled<Y>>;
}

/// Learns from training rows. A column of a table is a `Fit`, whatever it is inside.
pub trait Fit<Y: Target>: Send + Sync {
    /// Fits a model to the training rows.
    ///
    /// # Errors
    /// As the method says; [`Error::NotApplicable`] prints `NA` in a table.
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>>;
}

/// A fitted model.
pub trait Predict<Y: Target>: Send + Sync {
    /// Predicts rows `x`, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `x` has another number of features than the training rows.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Y>>;
}

/// Watches a method at work, without the method knowing what for. `()` is nobody.
pub trait Observe<Y: Target> {
    /// A stage has come to `done` of `total` steps. `Break` asks the method to stop: it keeps its
    /// best so far and returns [`Error::Interrupted`].
    fn on_progress(&mut self, _stage: &str, _done: u64, _total: u64) -> ControlFlow<()> {
        Continue(())
    }

    /// A training set has been made, for the model that is fitted next.
    fn on_resampled(&mut self, _resampled: &Resampled<Y>) {}

    /// An epoch (from 0) has ended with this model. `Break` ends the training.
    fn on_epoch(&mut self, _epoch: usize, _model: &dyn Predict<Y>) -> ControlFlow<()> {
        Continue(())
    }

    /// A figure that a method measured of its own work, such as `gradient_steps`. A later figure of
    /// a name takes the place of an earlier one.
    fn on_figure(&mut self, _name: &str, _value: f64) {}
}

impl<Y: Target> Observe<Y> for () {}

/// What a model says of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction<Y> {
    /// The predicted targets.
    pub labels: Y,
    /// One score a class or label, higher is likelier, `(n_rows, n_classes or n_labels)`.
    pub scores: Array2<f64>,
    /// The numbers before the last non-linearity, of the same shape, if the model has any.
    pub logits: Option<Array2<f64>>,
}

/// Where tensors live. Only the neural crate turns it into a device of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// This machine's processor, with the project's own training loop.
    #[default]
    Cpu,
    /// burn's portable processor backend.
    Flex,
    /// burn on `ndarray`.
    Ndarray,
    /// burn on libtorch.
    Tch,
    /// burn on any graphics card.
    Wgpu,
    /// burn on an NVIDIA card.
    Cuda,
}

impl Device {
    const NAMES: [(&'static str, Self); 6] = [
        ("cpu", Self::Cpu),
        ("flex", Self::Flex),
        ("ndarray", Self::Ndarray),
        ("tch", Self::Tch),
        ("wgpu", Self::Wgpu),
        ("cuda", Self::Cuda),
    ];
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().find(|(_, device)| device == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, device)| *device).ok_or_else(|| Error::UnknownName {
            what: "device".into(),
            name: text.into(),
            known: Self::NAMES.map(|(name, _)| name).join(", "),
        })
    }
}

impl<Y: Target, R: Resample<Y> + ?Sized> Resample<Y> for Box<R> {
    fn resample(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Resampled<Y>> {
        (**self).resample(train, run)
    }
}

impl<Y: Target, F: Fit<Y> + ?Sized> Fit<Y> for Box<F> {
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>> {
        (**self).fit(train, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written() {
        for (name, device) in Device::NAMES {
            assert_eq!(device.to_string(), name);
            assert_eq!(name.parse::<Device>().expect("known"), device);
        }
        let error = "gpu".parse::<Device>().expect_err("unknown").to_string();
        assert!(error.contains("cuda"), "{error}");
    }
}
