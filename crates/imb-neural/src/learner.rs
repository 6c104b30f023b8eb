//! A network in training, which can be trained more than once.

use imb_core::{Dataset, Error, Labels, Result};

use crate::mlp::MlpClassifier;
use crate::model::{EpochView, Shape};
use crate::trainer::Trainer;
use crate::{LearnerState, MlpModel, TrainingReport};

/// A network with the memory of its optimiser: what [`MlpClassifier::learner`] makes, for methods
/// that train one network on rows that change.
pub struct MlpLearner {
    pub(crate) trainer: Box<dyn Trainer>,
    pub(crate) batch_size: usize,
    shape: Shape,
    n_features: usize,
}

/// A trained network and how it was trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The network.
    pub model: MlpModel,
    /// How it was trained.
    pub report: TrainingReport,
}

impl MlpLearner {
    pub(crate) fn new(
        trainer: Box<dyn Trainer>,
        method: &MlpClassifier,
        n_features: usize,
        classes: &[String],
    ) -> Self {
        let activations = method.hidden_layers.iter().map(|layer| layer.activation).collect();
        let shape = Shape { activations, classes: classes.into() };
        Self { trainer, batch_size: method.batch_size, shape, n_features }
    }

    /// All that training has changed, the optimiser's memory included, as a value to keep.
    pub fn state(&self) -> LearnerState {
        self.trainer.state()
    }

    /// Goes back, or over, to a state.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for a network of other widths, [`Error::InvalidParameter`] for
    /// numbers that are not finite. The learner is then as it was.
    pub fn restore(&mut self, state: &LearnerState) -> Result<()> {
        state.require(&self.trainer.weights().sizes())?;
        self.trainer.restore(state);
        Ok(())
    }

    /// The network as it is now.
    pub fn model(&self) -> MlpModel {
        MlpModel::new(self.trainer.weights(), self.shape.clone())
    }

    pub(crate) fn view(&self) -> EpochView<'_> {
        EpochView { trainer: &*self.trainer, shape: &self.shape }
    }

    /// Refuses rows with other features or classes than the network's.
    pub(crate) fn require_same_shape(&self, rows: &Dataset<Labels>) -> Result<()> {
        let (expected, found) = (self.n_features, rows.n_features());
        if expected != found {
            return Err(Error::LengthMismatch { what: "features".into(), expected, found });
        }
        if rows.y().classes() == &*self.shape.classes {
            return Ok(());
        }
        Err(Error::InvalidParameter {
            name: "classes of the rows".into(),
            requirement: format!("those of the network ({})", self.shape.classes.join(", ")),
            value: rows.y().classes().join(", "),
        })
    }
}
