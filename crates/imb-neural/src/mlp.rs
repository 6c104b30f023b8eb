//! The dense classifier (multi-layer perceptron), trained by Adam on mini-batches.
//!
//! Two papers on imbalanced data use such a network, and neither prints all of its constants. There is a
//! constructor for each, with the values of their code or text, and our choice where both are silent:
//!
//! | | [`moods_released`] | [`moods_sound`] | [`adversarial_q`] |
//! |---|---|---|---|
//! | hidden layers | 256 none, 128 ReLU | 256 ReLU, 128 ReLU | 256, 128, 64, leaky ReLU 0.1 |
//! | loss | on the softmax output | on the logits | on the logits |
//! | Adam | 1e-4, 0.9, 0.999 | 1e-4, 0.9, 0.999 | 2e-4, 0.5, 0.999 |
//! | batch | 32 | 32 | 32 |
//! | stops at | gradient norm ≤ 1e-5, or 2,000 epochs | 20,000 steps | 100 epochs |
//!
//! The optimiser is that of Kingma and Ba (2015), "Adam: A method for stochastic optimization",
//! arXiv:1412.6980.
//!
//! [`moods_released`]: MlpClassifier::moods_released
//! [`moods_sound`]: MlpClassifier::moods_sound
//! [`adversarial_q`]: MlpClassifier::adversarial_q

use imb_core::{Dataset, Device, Error, Fit, Labels, Predict, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::init::initial_weights;
use crate::{Activation, LearnerState, Loss, MlpLearner, Stop, Trained, Weights, device};

/// The name of the method in error messages.
pub(crate) const METHOD: &str = "dense classifier";

/// A dense classifier and its training.
///
/// Rows are not scaled; scale them first. Validation rows are not used. If rows have weights, the loss of a
/// mini-batch is the weighted mean. Each epoch visits every row once, in a new random order; the last
/// mini-batch may be smaller and is not dropped.
///
/// ```
/// use imb_core::{Dataset, Labels, Run, Seed};
/// use imb_neural::{MlpClassifier, Stop, StopReason};
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "yes", "yes"]);
/// let rows = Dataset::unnamed(array![[0.0], [0.1], [0.9], [1.0]], y)?;
/// let method = MlpClassifier { batch_size: 2, stop: Stop::Epochs(3), ..MlpClassifier::default() };
/// let trained = method.train(&rows, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!((trained.report.steps, trained.report.stopped), (6, StopReason::Epochs));
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`MlpLearner`], to train one network repeatedly.
///
/// # Reference
/// Kingma and Ba, "Adam: A method for stochastic optimization" (2015), arXiv:1412.6980.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpClassifier {
    /// The layers between the features and the output layer, which has one unit per class and no activation.
    /// Without hidden layers the classifier is linear.
    pub hidden_layers: Vec<HiddenLayer>,
    /// The loss to minimise.
    pub loss: Loss,
    /// Rows per gradient step, at least 1.
    pub batch_size: usize,
    /// The optimiser.
    pub adam: Adam,
    /// The stopping rule.
    pub stop: Stop,
}

/// A hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HiddenLayer {
    /// Number of units, from 1 to 65,536.
    pub width: usize,
    /// Their activation function.
    pub activation: Activation,
}

/// The parameters of the Adam optimiser. There is no weight decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adam {
    /// The step size.
    pub learning_rate: f64,
    /// The decay rate of the running mean of the gradient.
    pub beta1: f64,
    /// The decay rate of the running mean of the squared gradient.
    pub beta2: f64,
    /// A small number, added to the root of the mean squared gradient.
    pub epsilon: f64,
}

impl Default for Adam {
    /// The values of Adam's paper, with a learning rate of 1e-4.
    fn default() -> Self {
        Self { learning_rate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

impl Adam {
    /// Refuses invalid values. Training uses them as f32, so they must be valid after that rounding.
    pub(crate) fn check(&self, of: &str) -> Result<()> {
        let Self { learning_rate, beta1, beta2, epsilon } = *self;
        for (name, value) in [("learning_rate", learning_rate), ("epsilon", epsilon)] {
            let positive = value as f32 > 0.0 && (value as f32).is_finite();
            require(&format!("{of}.{name}"), "positive and finite as an f32", positive, value)?;
        }
        for (name, value) in [("beta1", beta1), ("beta2", beta2)] {
            let below_one = value >= 0.0 && (value as f32) < 1.0;
            require(&format!("{of}.{name}"), "at least 0 and, as an f32, below 1", below_one, value)?;
        }
        Ok(())
    }
}

impl Default for MlpClassifier {
    /// [`moods_sound`](Self::moods_sound).
    fn default() -> Self {
        Self::moods_sound()
    }
}

impl MlpClassifier {
    /// The network in the released code of MOODS (Medlin, Leyffer and Raghavan, "Sampling Imbalanced Data with
    /// Multi-objective Bilevel Optimization" (2025), arXiv:2506.11315): no activation after the first layer, the
    /// loss on the softmax output, and training until the gradient of an epoch's last mini-batch is small. On
    /// large data that rule ends the training, not the limit of epochs.
    pub fn moods_released() -> Self {
        Self {
            hidden_layers: vec![
                HiddenLayer { width: 256, activation: Activation::None },
                HiddenLayer { width: 128, activation: Activation::Relu },
            ],
            loss: Loss::CrossEntropyOnSoftmax,
            batch_size: 32,
            adam: Adam::default(),
            stop: Stop::GradientNorm { at_most: 1e-5, max_epochs: 2_000 },
        }
    }

    /// The network of MOODS without the peculiarities of its code: the same widths, ReLU after every hidden
    /// layer, cross-entropy on the logits, and the same number of gradient steps for every training set.
    pub fn moods_sound() -> Self {
        Self {
            hidden_layers: hidden(&[256, 128], Activation::Relu),
            loss: Loss::CrossEntropy,
            batch_size: 32,
            adam: Adam::default(),
            stop: Stop::Steps(20_000),
        }
    }

    /// The classifier Q of "Does Adversarial Oversampling Help us?" (Dam, Ferdaus et al. 2021, arXiv:2108.10697):
    /// four layers of weights, 100 epochs. Widths, slope, optimiser and batch size are not printed; they are those
    /// of GAMO, with one more layer (Mullick, Datta and Das 2019, "Generative Adversarial Minority
    /// Oversampling", arXiv:1903.09730). For large data, such as Credit, use a batch size of 256.
    pub fn adversarial_q() -> Self {
        Self {
            hidden_layers: hidden(&[256, 128, 64], Activation::LeakyRelu { slope: 0.1 }),
            loss: Loss::CrossEntropy,
            batch_size: 32,
            adam: Adam { learning_rate: 2e-4, beta1: 0.5, ..Adam::default() },
            stop: Stop::Epochs(100),
        }
    }

    /// Trains a network from weights drawn from `run.rng` and returns it with a report. The observer gets the
    /// values `gradient_steps`, `epochs`, `last_loss` and `last_gradient_norm`.
    ///
    /// # Errors
    /// Those of [`learner`](Self::learner) and [`MlpLearner::train`].
    pub fn train(&self, rows: &Dataset<Labels>, run: &mut Run<'_, Labels>) -> Result<Trained> {
        let mut learner = self.learner(rows.n_features(), rows.y().classes(), run)?;
        let report = learner.train(rows, &self.stop, run)?;
        report.show(run.observer);
        Ok(Trained { model: learner.model(), report })
    }

    /// An untrained network, with weights drawn from `run.rng`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for an invalid parameter of this method, or a device that this build
    /// lacks; [`Error::NotApplicable`] with fewer than two classes.
    pub fn learner(
        &self,
        n_features: usize,
        classes: &[String],
        run: &mut Run<'_, Labels>,
    ) -> Result<MlpLearner> {
        self.check()?;
        let weights = initial_weights(&self.sizes(n_features, classes), run.rng);
        self.learner_from_state(&LearnerState::fresh(weights), classes, run.device)
    }

    /// A network that continues from these weights, with a new optimiser.
    ///
    /// # Errors
    /// Those of [`learner`](Self::learner); [`Error::LengthMismatch`] if the weights do not fit the layers
    /// and classes; [`Error::InvalidParameter`] if one is not finite.
    pub fn learner_from(&self, weights: &Weights, classes: &[String], device: Device) -> Result<MlpLearner> {
        self.learner_from_state(&LearnerState::fresh(weights.clone()), classes, device)
    }

    /// A network that continues from this state, including the optimiser's.
    ///
    /// # Errors
    /// Those of [`learner_from`](Self::learner_from), also for the numbers of the optimiser.
    pub fn learner_from_state(
        &self,
        state: &LearnerState,
        classes: &[String],
        device: Device,
    ) -> Result<MlpLearner> {
        self.check()?;
        if classes.len() < 2 {
            let reason = format!("it needs two classes, and there are {}", classes.len());
            return Err(Error::NotApplicable { method: METHOD.into(), reason });
        }
        let n_features = state.weights.sizes()[0];
        require("number of features", "at least 1", n_features >= 1, n_features)?;
        state.require(&self.sizes(n_features, classes))?;
        let trainer = device::trainer_on(device, self, state)?;
        Ok(MlpLearner::new(trainer, device, self, n_features, classes))
    }

    /// The widths from the features to the classes.
    pub(crate) fn sizes(&self, n_features: usize, classes: &[String]) -> Vec<usize> {
        let hidden = self.hidden_layers.iter().map(|layer| layer.width);
        std::iter::once(n_features).chain(hidden).chain([classes.len()]).collect()
    }

    /// Refuses invalid parameters.
    pub(crate) fn check(&self) -> Result<()> {
        for layer in &self.hidden_layers {
            require_size("width of a hidden layer", 1, layer.width)?;
            if let Activation::LeakyRelu { slope } = layer.activation {
                let finite = slope.is_finite() && slope >= 0.0;
                require("slope", "finite and not negative", finite, slope)?;
            }
        }
        require("batch_size", "at least 1", self.batch_size >= 1, self.batch_size)?;
        self.adam.check("adam")?;
        self.stop.check()
    }
}

impl Fit<Labels> for MlpClassifier {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        Ok(Box::new(self.train(&train.rows, run)?.model))
    }
}

fn hidden(widths: &[usize], activation: Activation) -> Vec<HiddenLayer> {
    widths.iter().map(|&width| HiddenLayer { width, activation }).collect()
}

/// The widest layer, and the most rows or numbers that a network is given at once: of more, memory runs out.
pub(crate) const MOST: usize = 1 << 16;

/// Refuses layers without units, and layers that memory has no room for.
pub(crate) fn require_widths(name: &str, widths: &[usize]) -> Result<()> {
    let wrong = widths.iter().copied().find(|width| !(1..=MOST).contains(width));
    require(name, &format!("widths from 1 to {MOST}"), wrong.is_none(), wrong.unwrap_or_default())
}

/// Refuses a size below `least`, and one that memory has no room for.
pub(crate) fn require_size(name: &str, least: usize, size: usize) -> Result<()> {
    require(name, &format!("from {least} to {MOST}"), (least..=MOST).contains(&size), size)
}

/// An error about a parameter unless its requirement is `met`.
pub(crate) fn require(name: &str, requirement: &str, met: bool, value: impl ToString) -> Result<()> {
    if met {
        return Ok(());
    }
    Err(Error::invalid_parameter(name, requirement, value))
}
