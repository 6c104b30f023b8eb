//! The pair of networks that the generative adversarial samplers share, and its steps.
//!
//! The generator has layers of linear units, each followed by batch normalisation and ReLU, and ends in a
//! sigmoid; the discriminator has leaky ReLU of slope 0.2 and ends in one logit. A step on a mini-batch of
//! real rows x and inputs z of the generator:
//!
//! 1. D descends ½ (mean of log(1 + exp(−D(x))) + mean of log(1 + exp(D(G(z))))).
//! 2. G descends the mean of log(1 + exp(−D(G(z)))), with the new D.
//!
//! **From the code** of SMOTified-GAN (sydney-machine-learning/GANclassimbalanced 425986d): the networks, both
//! losses, the order of the steps and all constants. Its generator stays in training mode, so also the final
//! rows are normalised by their own mean and variance, and no running statistics are needed. G is run once a
//! step, not twice: its weights do not change in between.
//!
//! Goodfellow et al. (2014), "Generative Adversarial Nets", arXiv:1406.2661; Sharma, Singh and Chandra (2022),
//! "SMOTified-GAN for Class Imbalanced Pattern Classification Problems", doi:10.1109/ACCESS.2022.3158977.

use imb_core::{Error, Labels, Result, Rng, Run};
use ndarray::{Array2, Axis};
use rand::seq::SliceRandom;
use serde::{Deserialize, Deserializer, Serialize};

use crate::adversarial::players::{Network, Optimizer};
use crate::device::{Work, work_on};
use crate::init::initial_weights;
use crate::matrix::Matrix;
use crate::mlp::{require, require_size, require_widths};
use crate::written::WrittenAdam;
use crate::{Adam, LayerWeights, Weights};

/// The networks, their optimiser and the size of a mini-batch.
///
/// ```
/// use imb_neural::generative::{GanPair, Ssg};
///
/// let pair = GanPair { generator_layers: vec![32, 32], ..Ssg::default().pair };
/// let ssg = Ssg { pair, epochs: 100, ..Ssg::default() };
/// assert_eq!(ssg.pair.discriminator_layers, [512, 256, 128]);
/// assert_eq!(ssg.pair.batch_size, 32);
/// ```
///
/// Where a method is read from a file, the parts of its pair that are not written are those of the method's default.
///
/// *See also* [`Gan`](super::Gan), [`SmotifiedGan`](super::SmotifiedGan), [`Gbo`](super::Gbo), [`Ssg`](super::Ssg).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GanPair {
    /// Widths of the generator's hidden layers.
    pub generator_layers: Vec<usize>,
    /// Widths of the discriminator's hidden layers.
    pub discriminator_layers: Vec<usize>,
    /// The optimiser of both.
    pub adam: Adam,
    /// Real rows of a mini-batch.
    pub batch_size: usize,
    /// Whether columns are scaled to [0, 1] by the training rows while the pair trains, and rows scaled back. The
    /// generator's sigmoid makes nothing outside [0, 1].
    pub scale: bool,
}

impl Default for GanPair {
    /// The networks of SMOTified-GAN's code, with the optimiser of its second script; columns are scaled.
    fn default() -> Self {
        Self {
            generator_layers: vec![128, 256, 512, 1024],
            discriminator_layers: vec![512, 256, 128],
            adam: Adam { learning_rate: 2e-4, beta1: 0.5, ..Adam::default() },
            batch_size: 128,
            scale: true,
        }
    }
}

/// A pair as it is written, in which any part may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenPair {
    generator_layers: Option<Vec<usize>>,
    discriminator_layers: Option<Vec<usize>>,
    adam: WrittenAdam,
    batch_size: Option<usize>,
    scale: Option<bool>,
}

impl<'de> Deserialize<'de> for GanPair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::default().overwritten(deserializer)
    }
}

/// The slope of the discriminator below zero.
const SLOPE: f64 = 0.2;
/// Added to a variance; PyTorch's constant.
const EPSILON: f64 = 1e-5;

impl GanPair {
    /// This pair with the parts that are written.
    pub(super) fn overwritten<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        let written = WrittenPair::deserialize(deserializer)?;
        Ok(Self {
            generator_layers: written.generator_layers.unwrap_or(self.generator_layers),
            discriminator_layers: written.discriminator_layers.unwrap_or(self.discriminator_layers),
            adam: written.adam.over(self.adam),
            batch_size: written.batch_size.unwrap_or(self.batch_size),
            scale: written.scale.unwrap_or(self.scale),
        })
    }

    pub(crate) fn check(&self) -> Result<()> {
        require_widths("generator_layers", &self.generator_layers)?;
        require_widths("discriminator_layers", &self.discriminator_layers)?;
        let layers = self.generator_layers.len();
        require("number of generator_layers", "at least 1", layers >= 1, layers)?;
        require_size("batch_size", 1, self.batch_size)?;
        self.adam.check("adam")
    }

    /// Draws the initial weights of both networks, for rows of so many features.
    fn start(&self, n_features: usize, rng: &mut Rng) -> Start {
        let widths = |hidden: &[usize], last: usize| [&[n_features], hidden, &[last]].concat();
        Start {
            generator: initial_weights(&widths(&self.generator_layers, n_features), rng),
            discriminator: initial_weights(&widths(&self.discriminator_layers, 1), rng),
        }
    }
}

/// The weights that training starts from.
pub(crate) struct Start {
    pub(crate) generator: Weights,
    pub(crate) discriminator: Weights,
}

/// Both networks in training, with the memories of their optimisers.
pub(crate) struct Pair<M: Matrix> {
    pub(crate) generator: Generator<M>,
    pub(crate) discriminator: Network<M>,
    optimizers: [Optimizer<M>; 2],
}

impl<M: Matrix> Pair<M> {
    pub(crate) fn new(method: &GanPair, start: &Start, place: &M::Place) -> Self {
        let generator = Generator::new(&start.generator, place);
        let slopes = vec![SLOPE; method.discriminator_layers.len()];
        let discriminator = Network::new(&start.discriminator, &slopes, place);
        let optimizers = [generator.parameters(), discriminator.parameters()]
            .map(|parameters| Optimizer::new(method.adam, &parameters));
        Self { generator, discriminator, optimizers }
    }

    /// One step of D and one of G, on real rows and inputs of the generator. Returns both losses.
    pub(crate) fn step(&mut self, real: &M, inputs: &M) -> [f64; 2] {
        let generated = self.generator.forward(inputs);
        let loss = discriminator_loss(&self.discriminator, real, &generated.detached());
        let d_loss = loss.number();
        let gradients = loss.gradients(&self.discriminator.parameters());
        self.optimizers[1].step(self.discriminator.parameters_mut(), gradients);

        let loss = generator_loss(&self.discriminator.detached(), &generated);
        let g_loss = loss.number();
        let gradients = loss.gradients(&self.generator.parameters());
        // What it was made of shares the weights, which Adam would otherwise copy.
        drop(generated);
        self.optimizers[0].step(self.generator.parameters_mut(), gradients);
        [d_loss, g_loss]
    }
}

/// Binary cross-entropy with target 1 for real and 0 for generated rows.
pub(crate) fn discriminator_loss<M: Matrix>(discriminator: &Network<M>, real: &M, generated: &M) -> M {
    let real = softplus(&discriminator.forward(real).scale(-1.0)).mean();
    real.add(&softplus(&discriminator.forward(generated)).mean()).scale(0.5)
}

/// Binary cross-entropy with target 1 for generated rows.
pub(crate) fn generator_loss<M: Matrix>(discriminator: &Network<M>, generated: &M) -> M {
    softplus(&discriminator.forward(generated).scale(-1.0)).mean()
}

/// log(1 + exp(x)) of one column, which does not overflow.
fn softplus<M: Matrix>(x: &M) -> M {
    x.beside(&x.detached().scale(0.0)).log_sum_exp()
}

/// Linear units, batch normalisation and ReLU, layer by layer; then linear units and the sigmoid.
#[derive(Clone)]
pub(crate) struct Generator<M> {
    hidden: Vec<Normalized<M>>,
    last: Network<M>,
}

#[derive(Clone)]
struct Normalized<M> {
    weight: M,
    bias: M,
    gamma: M,
    beta: M,
}

impl<M: Matrix> Normalized<M> {
    /// Matrices of many rows are dropped as soon as possible: the final pass has as many rows as are to be made.
    fn forward(&self, h: &M) -> M {
        let centred = {
            let sums = h.dense(&self.weight, &self.bias, 1.0);
            sums.sub(&sums.column_means())
        };
        let variance = centred.squared().column_means();
        let normalized = centred.mul(&variance.shift(EPSILON).power(-0.5));
        drop(centred);
        let scaled = normalized.mul(&self.gamma).add(&self.beta);
        drop(normalized);
        scaled.mul(&scaled.slopes(0.0))
    }
}

impl<M: Matrix> Generator<M> {
    /// With γ = 1 and β = 0.
    pub(crate) fn new(weights: &Weights, place: &M::Place) -> Self {
        let (last, hidden) = weights.layers.split_last().expect("a generator has a last layer");
        let normalized = |layer: &LayerWeights| {
            let zeros = Array2::zeros((1, layer.bias.len()));
            Normalized {
                weight: M::parameter(layer.weight.mapv(f64::from).view(), place),
                bias: M::parameter(layer.bias.mapv(f64::from).insert_axis(Axis(0)).view(), place),
                gamma: M::parameter((&zeros + 1.0).view(), place),
                beta: M::parameter(zeros.view(), place),
            }
        };
        Self {
            hidden: hidden.iter().map(normalized).collect(),
            last: Network::new(&Weights { layers: vec![last.clone()] }, &[], place),
        }
    }

    /// Rows made of inputs `(n_rows, n_features)`, normalised by their own statistics.
    pub(crate) fn forward(&self, inputs: &M) -> M {
        let hidden = self.hidden.iter().fold(inputs.clone(), |h, layer| layer.forward(&h));
        self.last.forward(&hidden).sigmoid()
    }

    /// The same network as constants: rows that train nothing need no memory of how they were made.
    fn detached(&self) -> Self {
        let mut generator = self.clone();
        generator.parameters_mut().into_iter().for_each(|parameter| *parameter = parameter.detached());
        generator
    }

    /// Weight, bias, γ and β of each hidden layer in turn, then weight and bias of the last.
    pub(crate) fn parameters(&self) -> Vec<&M> {
        let hidden = self.hidden.iter().flat_map(|of| [&of.weight, &of.bias, &of.gamma, &of.beta]);
        hidden.chain(self.last.parameters()).collect()
    }

    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut M> {
        fn of<M>(layer: &mut Normalized<M>) -> [&mut M; 4] {
            [&mut layer.weight, &mut layer.bias, &mut layer.gamma, &mut layer.beta]
        }
        self.hidden.iter_mut().flat_map(of).chain(self.last.parameters_mut()).collect()
    }
}

/// What a pair is trained on and what it then makes. All rows are `(n_rows, n_features)`.
pub(super) struct Play<'a, 'r, I> {
    /// The name under which errors and progress speak of it.
    pub(super) name: &'a str,
    pub(super) pair: &'a GanPair,
    pub(super) epochs: u64,
    /// Real rows of the class.
    pub(super) real: &'a Array2<f64>,
    /// Draws the generator's inputs of a step.
    pub(super) inputs: I,
    /// The inputs of the final rows.
    pub(super) last: &'a Array2<f64>,
    pub(super) run: &'a mut Run<'r, Labels>,
}

/// What a pair made.
pub(super) struct Played {
    pub(super) rows: Array2<f64>,
    /// Losses of D and G, their means over the last epoch.
    pub(super) losses: [f64; 2],
}

impl<I: FnMut(&mut Rng) -> Array2<f64>> Play<'_, '_, I> {
    /// # Errors
    /// [`Error::Diverged`] if a loss or a row is not finite, [`Error::Interrupted`] if the observer says so.
    pub(super) fn on_device(self) -> Result<Played> {
        work_on(self.run.device, self)
    }

    fn diverged(&self, epoch: u64, detail: String) -> Error {
        Error::Diverged { method: self.name.into(), epoch: epoch as usize, detail }
    }

    /// One pass over the real rows; the mean losses of its steps.
    fn epoch<M: Matrix>(&mut self, epoch: u64, pair: &mut Pair<M>, place: &M::Place) -> Result<[f64; 2]> {
        let mut order: Vec<usize> = (0..self.real.nrows()).collect();
        order.shuffle(self.run.rng);
        let batches = order.len().div_ceil(self.pair.batch_size) as u64;
        let mut sums = [0.0; 2];
        for (number, batch) in (0..).zip(order.chunks(self.pair.batch_size)) {
            let done = epoch.saturating_mul(batches).saturating_add(number);
            let total = self.epochs.saturating_mul(batches);
            if self.run.observer.progress(self.name, done, total).is_break() {
                let kept = "no row is kept".into();
                return Err(Error::Interrupted { stage: self.name.into(), kept });
            }
            let real = M::constant(self.real.select(Axis(0), batch).view(), place);
            let inputs = M::constant((self.inputs)(self.run.rng).view(), place);
            let losses = pair.step(&real, &inputs);
            if !losses.iter().all(|loss| loss.is_finite()) {
                let detail = format!("the losses of discriminator and generator are {losses:?}");
                return Err(self.diverged(epoch, detail));
            }
            sums = [sums[0] + losses[0], sums[1] + losses[1]];
        }
        Ok(sums.map(|sum| sum / batches as f64))
    }
}

impl<I: FnMut(&mut Rng) -> Array2<f64>> Work for Play<'_, '_, I> {
    type Output = Played;

    fn on<M: Matrix>(mut self, place: &M::Place) -> Result<Played> {
        let start = self.pair.start(self.real.ncols(), self.run.rng);
        let mut pair = Pair::<M>::new(self.pair, &start, place);
        let batches = self.real.nrows().div_ceil(self.pair.batch_size) as u64;
        let most = self.run.budget.map(|budget| budget.epochs.min(budget.steps / batches).max(1));
        let epochs = most.map_or(self.epochs, |most| most.min(self.epochs));
        if epochs < self.epochs {
            self.run.observer.capped();
        }
        let mut losses = [f64::NAN; 2];
        for epoch in 0..epochs {
            losses = self.epoch(epoch, &mut pair, place)?;
        }
        let rows = pair.generator.detached().forward(&M::constant(self.last.view(), place)).values();
        if !rows.iter().all(|value| value.is_finite()) {
            return Err(self.diverged(epochs - 1, "the generator makes numbers that are not finite".into()));
        }
        Ok(Played { rows, losses })
    }
}
