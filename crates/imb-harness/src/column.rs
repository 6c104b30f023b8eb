//! A column of a table of results: a method, resampler and classifier together.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use imb_core::{Fit, Labels, Predict, Resample, Run, Train, TwoStage};
use imb_neural::{MlpClassifier, Stop};
use serde::{Deserialize, Serialize};

use crate::methods::{Method, method};
use crate::profile::Budget;

/// A method as `spec.toml` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What the method is, in a few words.
    pub title: String,
    /// The resampler before the classifier, if any.
    pub resampler: Option<String>,
    /// The resampler's parameters; those that are not given have their defaults.
    #[serde(default)]
    pub parameters: toml::Table,
    /// Parameters that differ under a protocol, by its name.
    #[serde(default)]
    pub under: BTreeMap<String, toml::Table>,
}

/// The network that follows the resampler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classifier {
    /// [`MlpClassifier::moods_released`].
    MoodsReleased,
    /// [`MlpClassifier::moods_sound`].
    MoodsSound,
    /// [`MlpClassifier::adversarial_q`].
    AdversarialQ,
}

/// All that a column's figures depend on, apart from the rows: what a cell's hash covers.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    resampler: Option<ResamplerRecipe>,
    classifier: MlpClassifier,
    budget: Option<Budget>,
    trainer_version: u32,
}

#[derive(Clone, Debug, Serialize)]
struct ResamplerRecipe {
    name: &'static str,
    version: u32,
    parameters: toml::Table,
}

impl Classifier {
    /// The network with its training.
    pub fn build(self) -> MlpClassifier {
        match self {
            Self::MoodsReleased => MlpClassifier::moods_released(),
            Self::MoodsSound => MlpClassifier::moods_sound(),
            Self::AdversarialQ => MlpClassifier::adversarial_q(),
        }
    }
}

impl Column {
    /// The column under a protocol.
    ///
    /// # Errors
    /// If there is no such resampler or it refuses the parameters.
    pub fn recipe(
        &self,
        protocol: &str,
        classifier: MlpClassifier,
        budget: Option<Budget>,
    ) -> Result<Recipe> {
        let mut parameters = self.parameters.clone();
        parameters.extend(self.under.get(protocol).cloned().unwrap_or_default());
        let resampler = match &self.resampler {
            None => None,
            Some(name) => {
                let Method { name, version, .. } = method(name)?;
                Some(ResamplerRecipe { name, version, parameters })
            }
        };
        let recipe = Recipe { resampler, classifier, budget, trainer_version: imb_neural::VERSION };
        recipe.build().with_context(|| format!("column \"{}\"", self.title))?;
        Ok(recipe)
    }
}

impl Recipe {
    /// Gradient steps on so many rows, if nothing but the budget ends the training early.
    pub fn most_steps(&self, n_rows: usize) -> u64 {
        let (stop, steps_per_epoch) = stop(&self.classifier, self.budget, n_rows);
        match stop {
            Stop::Steps(steps) => steps,
            Stop::Epochs(epochs) | Stop::GradientNorm { max_epochs: epochs, .. } => {
                epochs.saturating_mul(steps_per_epoch)
            }
        }
    }

    /// The method.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for parameters that the resampler
    /// refuses.
    pub fn build(&self) -> imb_core::Result<Box<dyn Fit<Labels>>> {
        let classifier = Budgeted { classifier: self.classifier.clone(), budget: self.budget };
        let Some(ResamplerRecipe { name, parameters, .. }) = &self.resampler else {
            return Ok(Box::new(classifier));
        };
        let resampler: Box<dyn Resample<Labels>> = method(name)?.build(parameters.clone())?;
        Ok(Box::new(TwoStage { resampler, classifier }))
    }
}

/// A classifier whose training a budget may end.
struct Budgeted {
    classifier: MlpClassifier,
    budget: Option<Budget>,
}

/// The classifier's rule, ended where the budget ends it, and the steps of an epoch.
fn stop(classifier: &MlpClassifier, budget: Option<Budget>, n_rows: usize) -> (Stop, u64) {
    let steps_per_epoch = n_rows.div_ceil(classifier.batch_size.max(1)) as u64;
    (budget.map_or(classifier.stop, |budget| budget.cap(classifier.stop, steps_per_epoch)), steps_per_epoch)
}

impl Fit<Labels> for Budgeted {
    fn fit(
        &self,
        train: &Train<Labels>,
        run: &mut Run<'_, Labels>,
    ) -> imb_core::Result<Box<dyn Predict<Labels>>> {
        let (stop, _) = stop(&self.classifier, self.budget, train.rows.n_rows());
        MlpClassifier { stop, ..self.classifier.clone() }.fit(train, run)
    }
}
