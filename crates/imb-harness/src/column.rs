//! A column of a table of results: a method, with the network that all columns share.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use imb_bilevel::{Moods, Start};
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
    /// A method that has the classifier inside it.
    pub bilevel: Option<Bilevel>,
    /// The method's parameters; those that are not given have their defaults.
    #[serde(default)]
    pub parameters: toml::Table,
    /// Parameters that differ under a protocol, by its name.
    #[serde(default)]
    pub under: BTreeMap<String, toml::Table>,
}

/// A method that has the classifier inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bilevel {
    /// [`Moods::as_released`].
    MoodsAsReleased,
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
    stages: Stages,
    budget: Option<Budget>,
    trainer_version: u32,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Stages {
    Classifier(MlpClassifier),
    TwoStage { resampler: &'static str, version: u32, parameters: toml::Table, classifier: MlpClassifier },
    Moods { moods: Box<Moods>, version: u32 },
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
        let stages = match (&self.resampler, self.bilevel) {
            (None, None) => Stages::Classifier(classifier),
            (Some(name), None) => {
                let Method { name: resampler, version, .. } = method(name)?;
                Stages::TwoStage { resampler, version, parameters, classifier }
            }
            (None, Some(Bilevel::MoodsAsReleased)) => {
                let moods = Moods { classifier, ..with(&Moods::as_released(), parameters)? };
                let moods = Box::new(share_steps(moods));
                Stages::Moods { moods, version: method("moods")?.version }
            }
            (Some(_), Some(_)) => bail!("column \"{}\" has two methods", self.title),
        };
        let recipe = Recipe { stages, budget, trainer_version: imb_neural::VERSION };
        recipe.build().with_context(|| format!("column \"{}\"", self.title))?;
        Ok(recipe)
    }
}

/// A value with other parameters.
fn with(moods: &Moods, parameters: toml::Table) -> Result<Moods> {
    let mut all = toml::Table::try_from(moods)?;
    all.extend(parameters);
    Ok(all.try_into()?)
}

/// Where every column of a table takes the same number of gradient steps, an outer loop has to share
/// them among its trainings.
fn share_steps(mut moods: Moods) -> Moods {
    if let Stop::Steps(steps) = moods.classifier.stop {
        moods.classifier.stop = Stop::Steps((steps / trainings(&moods)).max(1));
    }
    moods
}

/// The trainings of an outer loop.
fn trainings(moods: &Moods) -> u64 {
    moods.max_steps as u64 + u64::from(moods.start == Start::BurnIn)
}

impl Recipe {
    /// Gradient steps on so many rows, if nothing but the budget ends the training early.
    pub fn most_steps(&self, n_rows: usize) -> u64 {
        let (classifier, trainings) = match &self.stages {
            Stages::Classifier(classifier) | Stages::TwoStage { classifier, .. } => (classifier, 1),
            Stages::Moods { moods, .. } => (&moods.classifier, trainings(moods)),
        };
        let (stop, steps_per_epoch) = stop(classifier, share(self.budget, trainings), n_rows);
        trainings.saturating_mul(match stop {
            Stop::Steps(steps) => steps,
            Stop::Epochs(epochs) | Stop::GradientNorm { max_epochs: epochs, .. } => {
                epochs.saturating_mul(steps_per_epoch)
            }
        })
    }

    /// The method.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for parameters that the resampler refuses.
    pub fn build(&self) -> imb_core::Result<Box<dyn Fit<Labels>>> {
        let budgeted =
            |classifier: &MlpClassifier| Budgeted { classifier: classifier.clone(), budget: self.budget };
        Ok(match &self.stages {
            Stages::Classifier(classifier) => Box::new(budgeted(classifier)),
            Stages::TwoStage { resampler, parameters, classifier, .. } => {
                let resampler: Box<dyn Resample<Labels>> = method(resampler)?.build(parameters.clone())?;
                Box::new(TwoStage { resampler, classifier: budgeted(classifier) })
            }
            Stages::Moods { moods, .. } => {
                Box::new(BudgetedMoods { moods: (**moods).clone(), budget: self.budget })
            }
        })
    }
}

/// A budget for each of several trainings.
fn share(budget: Option<Budget>, trainings: u64) -> Option<Budget> {
    budget.map(|Budget { steps, epochs }| Budget { steps: (steps / trainings).max(1), epochs })
}

/// The classifier's rule, ended where the budget ends it, and the steps of an epoch.
fn stop(classifier: &MlpClassifier, budget: Option<Budget>, n_rows: usize) -> (Stop, u64) {
    let steps_per_epoch = n_rows.div_ceil(classifier.batch_size.max(1)) as u64;
    (budget.map_or(classifier.stop, |budget| budget.cap(classifier.stop, steps_per_epoch)), steps_per_epoch)
}

/// A classifier whose training a budget may end.
struct Budgeted {
    classifier: MlpClassifier,
    budget: Option<Budget>,
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

/// MOODS, with a budget for all of its trainings together. They are on sets that begin at about
/// twice the minority, by which epochs are counted.
struct BudgetedMoods {
    moods: Moods,
    budget: Option<Budget>,
}

impl Fit<Labels> for BudgetedMoods {
    fn fit(
        &self,
        train: &Train<Labels>,
        run: &mut Run<'_, Labels>,
    ) -> imb_core::Result<Box<dyn Predict<Labels>>> {
        let mut moods = self.moods.clone();
        let smallest = train.rows.y().counts().into_iter().min().unwrap_or(0);
        let budget = share(self.budget, trainings(&moods));
        (moods.classifier.stop, _) = stop(&moods.classifier, budget, 2 * smallest);
        moods.fit(train, run)
    }
}
