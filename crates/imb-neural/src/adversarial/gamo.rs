//! Generative adversarial minority over-sampling (GAMO): a generator makes rows of the smaller classes as
//! convex mixtures of their training rows, where the classifier is wrong and the discriminator takes them
//! for real; the classifier learns from them as much as each class lacks to the size of the largest.
//!
//! All losses are mean squared errors: of Q's softmax against the one-hot class, of D's sigmoid against 1
//! for real and 0 for generated rows, softened by up to 0.1. Each mini-batch:
//! 1. Q, then D, on real rows.
//! 2. As many generated rows, labels drawn in proportion to what each class lacks; Q, then D, on them. The
//!    generator's batch normalisation uses its running statistics here.
//! 3. For each generated class, from the smallest, ⌈32 / C⌉ new noise vectors: a step of G through Q, whose
//!    target is 1 for every class but the row's own, and a step of G through D with target 1, on the same
//!    noise. The batch normalisation uses these rows' statistics, and updates the running ones twice.
//!
//! The largest class, and classes tied with it, are not generated. Rows are shuffled once.
//!
//! **Printed** by the paper on AO and DO: that a generated row is G(z|k) = g(z|k)ᵀ τ_k, with softmax weights g over
//! the rows τ_k of its class, as in GAMO (eq. 1); that GAMO's classifier learns by least squares; 100 epochs for
//! every method.
//!
//! **Inferred** from the released code, which is all that follows: the losses, the players' widths, Adam at 2e-4 with
//! β₁ = 0.5, mini-batches of 32, the order of the steps, the classes of generated rows, the noise of D's targets,
//! Glorot's weights, and 25,000 mini-batches (the code counts two steps for each).
//!
//! **As released** ([`Gamo::as_released`]): one counter of Adam's steps is shared by Q, D and every pair of
//! class and loss, whose running means are their own, and under Keras 2.3.1 it is one ahead; so a pair's first
//! steps are about √K times those of a conventional Adam, K being the updates of a mini-batch.
//! Epsilon, 1e-7, is added to the root of the uncorrected mean square, and the running variance takes the
//! batch's times n / (n − 1.001).
//!
//! **Chosen**: in [`Gamo::default`] a counter for each, Adam as in its paper, n / (n − 1), and at least 2 noise
//! vectors, without which a batch has no variance; for the paper on AO and DO, which prints neither network nor
//! constants of GAMO ([`Gamo::with_adversarial_q`]), Q widened to its four layers, 100 epochs; and at most 1,000 rows
//! of a class are mixed. As a resampler, a new row is the mixture of the heaviest parents that hold 99.9 % of the
//! weight, so that its origin is short.
//!
//! Source: Mullick, Datta and Das (2019), "Generative Adversarial Minority Oversampling", ICCV,
//! arXiv:1903.09730; code SankhaSubhra/GAMO 165d634.

pub(crate) mod players;

use imb_core::{
    Dataset, Fit, Labels, Predict, Resample, Resampled, Result, Rng, Run, Train, require_numbers,
};
use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize};

use self::players::Players;
use super::game::{layers, mixed_rows};
use super::labels::Draw;
use super::mixture::{self, Mixtures};
use super::players::MixedRows;
use super::training::{Training, check};
use crate::device::{Work, work_on};
use crate::init::glorot_weights;
use crate::matrix::Matrix;
use crate::mlp::{require, require_size, require_widths};
use crate::{Activation, Adam, HiddenLayer, Loss, MlpClassifier, MlpModel, Stop, Weights};

/// Generative adversarial minority over-sampling.
///
/// As [`Fit`] it gives the classifier; as [`Resample`] the training rows and, of each smaller class, as many
/// rows of the trained generator as the largest has more. A classifier is fitted to rows as they are: scale
/// them first. A resampler standardises columns while it trains, and mixes the rows as they are; its delivery report
/// counts the new rows that equal a given one. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::adversarial::Gamo;
/// use imb_neural::Stop;
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes", "yes"]);
/// let rows = Dataset::unnamed(array![[-1.0], [-0.9], [-0.8], [1.0], [1.2]], y)?;
/// let mut method = Gamo::default();
/// method.classifier.stop = Stop::Epochs(5);
///
/// let (mut rng, mut nobody) = (Seed::new(7).child("gamo").rng(), ());
/// let train = Train { rows, validation: None };
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert!((1.0..=1.2).contains(&made.synthetic[[0, 0]]), "a mixture of the two rows");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Ao`](super::Ao), [`Do`](super::Do).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gamo {
    /// Q: its layers, optimiser, batch size and stopping rule. Its loss here is the squared error.
    #[serde(deserialize_with = "classifier_over_default")]
    pub classifier: MlpClassifier,
    /// Widths of G's layers below the last, each with ReLU and batch normalisation.
    pub generator_layers: Vec<usize>,
    /// Widths of D's hidden layers, with leaky ReLU of slope 0.1.
    pub discriminator_layers: Vec<usize>,
    /// Standard normal numbers that a generated row starts from.
    pub n_noise: usize,
    /// Noise vectors of G's steps a mini-batch, divided among all classes.
    pub generator_rows: usize,
    /// The most that a target of D is moved towards the other.
    pub label_noise: f64,
    /// The optimiser of D and G.
    #[serde(deserialize_with = "adam_over_default")]
    pub adam: Adam,
    /// Whether Adam counts its steps, and batch normalisation its rows, as the released code does.
    pub as_released: bool,
    /// The most rows of a class that G mixes; of larger classes, as many are drawn at the start and kept.
    pub max_mixed_rows: usize,
}

impl Default for Gamo {
    /// The networks and constants of the released code, 25,000 mini-batches; the arithmetic of Adam and of the
    /// batch normalisation as in their papers.
    fn default() -> Self {
        let leaky = Activation::LeakyRelu { slope: SLOPE };
        let adam = Adam { learning_rate: 2e-4, beta1: 0.5, ..Adam::default() };
        Self {
            classifier: MlpClassifier {
                hidden_layers: [256, 128].map(|width| HiddenLayer { width, activation: leaky }).into(),
                loss: Loss::CrossEntropy,
                batch_size: 32,
                adam,
                stop: Stop::Steps(25_000),
            },
            generator_layers: vec![256, 64],
            discriminator_layers: vec![256, 128],
            n_noise: 100,
            generator_rows: 32,
            label_noise: 0.1,
            adam,
            as_released: false,
            max_mixed_rows: 1_000,
        }
    }
}

fn classifier_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MlpClassifier, D::Error> {
    Gamo::default().classifier.overwritten(deserializer)
}

fn adam_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Adam, D::Error> {
    Gamo::default().adam.overwritten(deserializer)
}

/// The slope of D, and of GAMO's own Q, below zero.
const SLOPE: f64 = 0.1;
/// The name under which errors speak of the method.
const METHOD: &str = "GAMO";

impl Gamo {
    /// The arithmetic of the released code under Keras 2.3.1 as well.
    pub fn as_released() -> Self {
        let mut gamo = Self { as_released: true, ..Self::default() };
        gamo.adam.epsilon = 1e-7;
        gamo.classifier.adam.epsilon = 1e-7;
        gamo
    }

    /// With the classifier of the paper on AO and DO, for 100 epochs.
    pub fn with_adversarial_q() -> Self {
        Self { classifier: MlpClassifier::adversarial_q(), ..Self::default() }
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        check(METHOD, &self.classifier, rows)?;
        require_widths("generator_layers", &self.generator_layers)?;
        require_widths("discriminator_layers", &self.discriminator_layers)?;
        let generator = self.generator_layers.len();
        require("number of generator_layers", "at least 1", generator >= 1, generator)?;
        require_size("n_noise", 1, self.n_noise)?;
        require_size("generator_rows", 1, self.generator_rows)?;
        require("max_mixed_rows", "at least 1", self.max_mixed_rows >= 1, self.max_mixed_rows)?;
        require("label_noise", "from 0 to 1", (0.0..=1.0).contains(&self.label_noise), self.label_noise)?;
        self.adam.check("adam")
    }

    /// Noise vectors of one step of G.
    fn noise_vectors(&self, n_classes: usize) -> usize {
        let vectors = self.generator_rows.div_ceil(n_classes);
        if self.as_released { vectors } else { vectors.max(2) }
    }

    /// Draws all that training starts from: weights uniform as Glorot and Bengio have them, biases 0.
    fn start(&self, rows: &Dataset<Labels>, rng: &mut Rng) -> Start {
        let (n_features, lacking) = (rows.n_features(), mixture::lacking(rows.y()));
        let n_classes = lacking.len();
        let classifier = glorot_weights(&self.classifier.sizes(n_features, rows.y().classes()), rng);
        let inputs = n_features + n_classes;
        let discriminator = glorot_weights(&layers(inputs, &self.discriminator_layers, &[1]), rng);
        let body = glorot_weights(&layers(self.n_noise + n_classes, &self.generator_layers, &[]), rng);
        let width = self.generator_layers.last().copied().unwrap_or(self.n_noise + n_classes);
        let head = |class: usize| {
            (lacking[class] > 0).then(|| {
                let mixed = mixed_rows(rows, class, self.max_mixed_rows, rng);
                (glorot_weights(&[width, mixed.rows.len()], rng), mixed)
            })
        };
        let heads = (0..n_classes).map(head).collect();
        Start { classifier, discriminator, body, heads, lacking, order: by_size(rows.y()) }
    }
}

/// Class numbers from the smallest class to the largest, by class number where two are alike.
pub(super) fn by_size(labels: &Labels) -> Vec<usize> {
    let counts = labels.counts();
    let mut classes: Vec<usize> = (0..counts.len()).collect();
    classes.sort_by_key(|&class| counts[class]);
    classes
}

/// What training starts from.
pub(crate) struct Start {
    pub(crate) classifier: Weights,
    pub(crate) discriminator: Weights,
    pub(crate) body: Weights,
    /// Initial weights and mixed rows of each class that is generated.
    pub(crate) heads: Vec<Option<(Weights, MixedRows)>>,
    /// How many rows each class has less than the largest; 0 for classes that are not generated.
    pub(crate) lacking: Vec<usize>,
    /// The classes in the order of G's steps.
    pub(crate) order: Vec<usize>,
}

impl Fit<Labels> for Gamo {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        self.check(&train.rows)?;
        let (device, asked) = (run.device, vec![0; train.rows.y().classes().len()]);
        let (model, _) = work_on(device, Played { method: self, rows: &train.rows, run, asked })?;
        Ok(Box::new(model))
    }
}

impl Resample<Labels> for Gamo {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        self.check(&train.rows)?;
        require_numbers(METHOD, train.rows.features())?;
        let (device, asked) = (run.device, mixture::lacking(train.rows.y()));
        if asked.iter().all(|rows| *rows == 0) {
            return mixture::resampled(&train.rows, &asked, vec![]);
        }
        let rows = &mixture::standardised(METHOD, &train.rows)?;
        let (_, mixtures) = work_on(device, Played { method: self, rows, run, asked: asked.clone() })?;
        mixture::resampled(&train.rows, &asked, mixtures)
    }
}

struct Played<'a, 'r> {
    method: &'a Gamo,
    rows: &'a Dataset<Labels>,
    run: &'a mut Run<'r, Labels>,
    /// Rows of each class to make in the end.
    asked: Vec<usize>,
}

impl Work for Played<'_, '_> {
    type Output = (MlpModel, Mixtures);

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Self::Output> {
        let Self { method, rows, run, asked } = self;
        let start = method.start(rows, run.rng);
        let mut players = Players::<M>::new(method, &start, place);
        let classifier = &method.classifier;
        let training = Training { method: METHOD, rows, classifier, shuffled_once: true };
        let (model, epoch) = training.play(&mut players, run)?;
        let nothing = || MixedRows { rows: vec![], x: Array2::zeros((0, rows.n_features())) };
        let mixed = start.heads.into_iter().map(|head| head.map_or_else(nothing, |(_, mixed)| mixed));
        let mixed: Vec<MixedRows> = mixed.collect();
        let of = mixture::Trained { method: METHOD, epoch, classes: rows.y().classes() };
        let mixtures = mixture::make(&of, &asked, &mixed, run, |class, n, rng| {
            let draw = Draw::new(vec![class; n], asked.len(), method.n_noise, rng);
            let body = players.body.with_running_statistics(&M::constant(draw.inputs().view(), place));
            players.heads[class].as_ref().map(|head| head.shares(&body).values())
        })?;
        Ok((model, mixtures))
    }
}
