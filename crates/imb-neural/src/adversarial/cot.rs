//! Complement objective training (COT): after each step on cross-entropy, a second one that makes the
//! network's probabilities of the wrong classes equal to each other.
//!
//! Each mini-batch:
//! 1. One step on the cross-entropy.
//! 2. Forward again, and one step of a second optimiser over the same weights on the complement entropy:
//!    with q_c = p_c / (1 − p_y) for the classes c other than y, the mean over rows of Σ q_c log q_c,
//!    divided by the number of classes.
//!
//! With two classes there is one wrong class, q is 1 and the loss 0 whatever the weights are. So
//! [`Complement::Exact`] takes no second step there and is the plain classifier, bit by bit. The released
//! code adds 1e-7 to the denominator and 1e-10 in the logarithm; that leaves a gradient by the wrong class's
//! logit of about 1e-7 (1 − p_c) / (2 p_c), 5e-8 at p_c = ½ and 0.068 at most, of which Adam makes steps of
//! full size: [`Complement::AsCoded`]. In f32 most of it is rounding noise.
//!
//! **Printed** by the paper on AO and DO, which compares with COT: 100 epochs for every method, a classifier of
//! four layers, and no other constant. That paper cites COT for its complement cross-entropy, but the −log(1 − Q)
//! of its eqs. 3 and 8 is another loss: it takes probability from the row's own class, where COT only evens out
//! that of the other classes.
//!
//! **Inferred** from the released code: both steps and their order, two optimisers with memories of their own,
//! the division by rows and by classes, and [`Cot::as_released`]: SGD with learning rate 0.1, momentum 0.9 and
//! weight decay 1e-4 in both steps, a tenth of the rate from epoch 100 and again from 150, batches of 128, 200
//! epochs. Its network was an image classifier, ours is dense; its warm-up takes place above a rate of 0.1 only
//! and is left out.
//!
//! **Chosen**: the exact form, without a second step for two classes, since what the code does there is an effect
//! of its stabilisers; network, optimiser, batches and epochs of the classifier of the paper on AO and DO.
//!
//! Source: Chen, Wang, Liu, Chang, Pan, Chen, Wei and Juan (2019), "Complement Objective Training", ICLR,
//! arXiv:1903.01182; code henry8527/COT 12a3f61.

use imb_core::{Dataset, Fit, Labels, Predict, Result, Rng, Run, Train};
use serde::{Deserialize, Deserializer, Serialize};

use super::losses::{complement_entropy, complement_entropy_as_coded, weighted_cross_entropy};
use super::players::{Network, Optimizer};
use super::training::{Game, RealBatch, Training, check};
use crate::device::{Work, work_on};
use crate::init::initial_weights;
use crate::matrix::{DescentStep, Matrix};
use crate::mlp::require;
use crate::{MlpClassifier, MlpModel, Stop, Weights};

/// Complement objective training.
///
/// Row weights count in the cross-entropy. The second step ignores them: every row counts alike there.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::adversarial::Cot;
/// use imb_neural::{MlpClassifier, Stop};
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["a", "a", "b", "c"]);
/// let rows = Dataset::unnamed(array![[-1.0], [-0.9], [0.0], [1.0]], y)?;
/// let classifier = MlpClassifier { stop: Stop::Epochs(200), ..MlpClassifier::adversarial_q() };
/// let method = Cot { classifier, ..Cot::default() };
///
/// let (mut rng, mut nobody) = (Seed::new(7).child("cot").rng(), ());
/// let model = method.fit(&Train { rows, validation: None }, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[-1.0], [1.0]].view())?.labels.codes(), [0, 2]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlpClassifier`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cot {
    /// The network, batch size and stopping rule.
    #[serde(deserialize_with = "classifier_over_default")]
    pub classifier: MlpClassifier,
    /// The second loss.
    pub complement: Complement,
    /// What takes both kinds of steps, each with a memory of its own.
    pub optimizer: CotOptimizer,
}

/// The form of the second loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complement {
    /// As the formula has it.
    #[default]
    Exact,
    /// As the released code has it.
    AsCoded,
}

/// The optimiser of both steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CotOptimizer {
    /// The classifier's Adam.
    #[default]
    Adam,
    /// Gradient descent with momentum, at a tenth of the rate from epoch 100 and again from epoch 150.
    Sgd {
        /// Size of a step.
        learning_rate: f64,
        /// How much of the last step is kept.
        momentum: f64,
        /// How much of each weight is added to its gradient.
        weight_decay: f64,
    },
}

impl Default for Cot {
    /// The exact form, trained as the classifier of the paper on AO and DO is.
    fn default() -> Self {
        Self {
            classifier: MlpClassifier::adversarial_q(),
            complement: Complement::Exact,
            optimizer: CotOptimizer::Adam,
        }
    }
}

fn classifier_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MlpClassifier, D::Error> {
    Cot::default().classifier.overwritten(deserializer)
}

/// The epochs, from 0, from which the released code divides the learning rate by ten.
const MILESTONES: [u64; 2] = [100, 150];

impl Cot {
    /// The released loss and optimiser on the network of the paper on AO and DO.
    pub fn as_released() -> Self {
        Self {
            classifier: MlpClassifier {
                batch_size: 128,
                stop: Stop::Epochs(200),
                ..MlpClassifier::adversarial_q()
            },
            complement: Complement::AsCoded,
            optimizer: CotOptimizer::Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 1e-4 },
        }
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        check(METHOD, &self.classifier, rows)?;
        if let CotOptimizer::Sgd { learning_rate, momentum, weight_decay } = self.optimizer {
            let positive = learning_rate.is_finite() && learning_rate > 0.0;
            require("learning_rate", "finite and above 0", positive, learning_rate)?;
            require("momentum", "from 0 to below 1", (0.0..1.0).contains(&momentum), momentum)?;
            let sound = weight_decay.is_finite() && weight_decay >= 0.0;
            require("weight_decay", "finite and not negative", sound, weight_decay)?;
        }
        Ok(())
    }

    /// Whether the second loss says anything: the exact one is constant with two classes.
    fn has_second_step(&self, n_classes: usize) -> bool {
        n_classes > 2 || self.complement == Complement::AsCoded
    }
}

/// The name under which errors speak of the method.
const METHOD: &str = "COT";

impl Fit<Labels> for Cot {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        self.check(&train.rows)?;
        let n_classes = train.rows.y().classes().len();
        if !self.has_second_step(n_classes) && self.optimizer == CotOptimizer::Adam {
            return self.classifier.fit(train, run);
        }
        let (device, rows) = (run.device, &train.rows);
        Ok(Box::new(work_on(device, Trained { method: self, rows, run })?))
    }
}

struct Trained<'a, 'r> {
    method: &'a Cot,
    rows: &'a Dataset<Labels>,
    run: &'a mut Run<'r, Labels>,
}

impl Work for Trained<'_, '_> {
    type Output = MlpModel;

    fn on<M: Matrix>(self, place: &M::Place) -> Result<MlpModel> {
        let Self { method, rows, run } = self;
        let sizes = method.classifier.sizes(rows.n_features(), rows.y().classes());
        let mut game = TwoSteps::<M>::new(method, &initial_weights(&sizes, run.rng), place);
        let classifier = &method.classifier;
        let training = Training { method: METHOD, rows, classifier, shuffled_once: false };
        training.play(&mut game, run).map(|(model, _)| model)
    }
}

/// The network with the memories of both optimisers.
pub(crate) struct TwoSteps<'a, M: Matrix> {
    method: &'a Cot,
    pub(crate) network: Network<M>,
    steps: [Stepper<M>; 2],
    place: M::Place,
}

enum Stepper<M> {
    Adam(Optimizer<M>),
    Sgd { velocities: Vec<M>, step: DescentStep },
}

impl<'a, M: Matrix> TwoSteps<'a, M> {
    pub(crate) fn new(method: &'a Cot, initial: &Weights, place: &M::Place) -> Self {
        let slopes = method.classifier.hidden_layers.iter().map(|layer| layer.activation.slope());
        let network = Network::new(initial, &slopes.collect::<Vec<_>>(), place);
        let stepper = || Stepper::new(method, &network.parameters());
        let steps = [stepper(), stepper()];
        Self { method, network, steps, place: place.clone() }
    }

    /// One step on the cross-entropy, `shares` being each row's share of the mean.
    pub(crate) fn cross_entropy_step(&mut self, x: &M, shares: &M) -> f64 {
        let loss = weighted_cross_entropy(&self.network.forward(x), shares);
        self.step(0, loss)
    }

    /// One step on the complement entropy.
    pub(crate) fn complement_step(&mut self, x: &M, classes: &M) -> f64 {
        let logits = self.network.forward(x);
        let loss = match self.method.complement {
            Complement::Exact => complement_entropy(&logits, classes),
            Complement::AsCoded => complement_entropy_as_coded(&logits, classes),
        };
        self.step(1, loss)
    }

    fn step(&mut self, which: usize, loss: M) -> f64 {
        let value = loss.number();
        let gradients = loss.gradients(&self.network.parameters());
        self.steps[which].step(self.network.parameters_mut(), gradients);
        value
    }
}

impl<M: Matrix> Stepper<M> {
    fn new(method: &Cot, parameters: &[&M]) -> Self {
        match method.optimizer {
            CotOptimizer::Adam => Self::Adam(Optimizer::new(method.classifier.adam, parameters)),
            CotOptimizer::Sgd { learning_rate, momentum, weight_decay } => Self::Sgd {
                velocities: parameters.iter().map(|parameter| parameter.detached().scale(0.0)).collect(),
                step: DescentStep { size: learning_rate, momentum, decay: weight_decay },
            },
        }
    }

    fn step(&mut self, parameters: Vec<&mut M>, gradients: Vec<Option<M>>) {
        match self {
            Self::Adam(optimizer) => optimizer.step(parameters, gradients),
            Self::Sgd { velocities, step } => {
                for ((parameter, velocity), gradient) in parameters.into_iter().zip(velocities).zip(gradients)
                {
                    if let Some(gradient) = gradient {
                        parameter.descend(velocity, gradient, step);
                    }
                }
            }
        }
    }
}

impl<M: Matrix> Game for TwoSteps<'_, M> {
    fn begin_epoch(&mut self, epoch: u64) {
        if MILESTONES.contains(&epoch) {
            for stepper in &mut self.steps {
                if let Stepper::Sgd { step, .. } = stepper {
                    step.size /= 10.0;
                }
            }
        }
    }

    fn play(&mut self, real: &RealBatch, _rng: &mut Rng) -> Vec<(&'static str, f64)> {
        let x = M::constant(real.x.view(), &self.place);
        let shares = M::constant(real.shares.view(), &self.place);
        let mut losses = vec![("cross_entropy", self.cross_entropy_step(&x, &shares))];
        if self.method.has_second_step(real.n_classes) {
            let classes = M::constant(real.one_hot().view(), &self.place);
            losses.push(("complement", self.complement_step(&x, &classes)));
        }
        losses
    }

    fn classifier(&self) -> Weights {
        self.network.weights()
    }
}
