//! A network that can be trained repeatedly.

use imb_core::{Dataset, Device, Error, Labels, Result};

use crate::mlp::MlpClassifier;
use crate::model::{EpochView, Shape};
use crate::trainer::Trainer;
use crate::{LearnerState, MlpModel, TrainingReport};

/// A network with its optimiser's state, for methods that train one network on changing rows.
///
/// ```
/// use imb_core::{Dataset, Labels, Run, Seed};
/// use imb_neural::{LearnerState, MlpClassifier, Stop};
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "yes", "yes"]);
/// let rows = Dataset::unnamed(array![[0.0], [0.1], [0.9], [1.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
/// let mut learner = MlpClassifier::default().learner(1, rows.y().classes(), &mut run)?;
/// learner.train(&rows, &Stop::Steps(10), &mut run)?;
///
/// // The state can be kept, written to bytes and restored.
/// let bytes = learner.state().to_bytes();
/// learner.train(&rows, &Stop::Steps(10), &mut run)?;
/// learner.restore(&LearnerState::from_bytes(&bytes)?)?;
/// assert_eq!(learner.state().steps, 10);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`MlpClassifier::learner`], which makes one; [`MlpClassifier::train`], for a single training.
pub struct MlpLearner {
    pub(crate) trainer: Box<dyn Trainer>,
    pub(crate) device: Device,
    pub(crate) batch_size: usize,
    shape: Shape,
    n_features: usize,
}

/// A trained network and the report of its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The network.
    pub model: MlpModel,
    /// The report of its training.
    pub report: TrainingReport,
}

impl MlpLearner {
    pub(crate) fn new(
        trainer: Box<dyn Trainer>,
        device: Device,
        method: &MlpClassifier,
        n_features: usize,
        classes: &[String],
    ) -> Self {
        let activations = method.hidden_layers.iter().map(|layer| layer.activation).collect();
        let shape = Shape { activations, classes: classes.into() };
        Self { trainer, device, batch_size: method.batch_size, shape, n_features }
    }

    /// Everything that training changes, including the optimiser's state, as a value.
    pub fn state(&self) -> LearnerState {
        self.trainer.state()
    }

    /// Replaces the weights and the optimiser's state.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for a network of other widths; [`Error::InvalidParameter`] for
    /// numbers that are not finite. The learner is then unchanged.
    pub fn restore(&mut self, state: &LearnerState) -> Result<()> {
        state.require(&self.trainer.weights().sizes())?;
        self.trainer.restore(state);
        Ok(())
    }

    /// A copy of the network in its present state.
    pub fn model(&self) -> MlpModel {
        MlpModel::new(self.trainer.weights(), self.shape.clone())
    }

    pub(crate) fn view(&self) -> EpochView<'_> {
        EpochView { trainer: &*self.trainer, shape: &self.shape }
    }

    /// Refuses rows whose features or classes differ from the network's.
    pub(crate) fn require_same_shape(&self, rows: &Dataset<Labels>) -> Result<()> {
        let (expected, found) = (self.n_features, rows.n_features());
        if expected != found {
            return Err(Error::LengthMismatch { what: "features".into(), expected, found });
        }
        if rows.y().classes() == &*self.shape.classes {
            return Ok(());
        }
        let requirement = format!("those of the network ({})", self.shape.classes.join(", "));
        Err(Error::invalid_parameter("classes of the rows", requirement, rows.y().classes().join(", ")))
    }
}
