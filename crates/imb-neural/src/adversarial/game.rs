//! The game of three players that AO and DO share: critic D, classifier Q, generator G. What differs
//! between the two is behind a private trait, in [`ao`](super::ao) and `do`, the module of [`Do`](super::Do).

use imb_core::{Dataset, Labels, Predict, Resampled, Result, Rng, Run, Train, require_numbers};
use ndarray::{Array2, Axis};
use rand::RngExt;
use rand::seq::index;
use serde::{Deserialize, Deserializer, Serialize};

use super::labels::{Draw, LabelDistribution};
use super::losses::weighted_cross_entropy;
use super::mixture::{self, Mixtures};
use super::players::{Duel, Generator, Head, MixedRows, Network, Optimizer, critic_loss};
use super::training::{Game, RealBatch, Training, check};
use crate::device::{Work, work_on};
use crate::init::initial_weights;
use crate::matrix::Matrix;
use crate::mlp::{require, require_size, require_widths};
use crate::{Adam, MlpClassifier, MlpModel, Weights};

/// The players of [`Ao`](super::Ao) and [`Do`](super::Do) and how they are trained.
///
/// The paper prints the numbers of layers, 100 epochs, and a Wasserstein game with a gradient penalty. All
/// else is chosen: widths and slopes as in GAMO, Adam for critic and generator as in the paper of the
/// gradient penalty but for β₁.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdversarialGame {
    /// Q: its layers, optimiser, batch size and stopping rule.
    #[serde(deserialize_with = "classifier_over_default")]
    pub classifier: MlpClassifier,
    /// Widths of G's layers below the last, with ReLU.
    pub generator_layers: Vec<usize>,
    /// Widths of D's hidden layers, with leaky ReLU of slope 0.1.
    pub critic_layers: Vec<usize>,
    /// Standard normal numbers that a generated row starts from.
    pub n_noise: usize,
    /// The optimiser of D and G.
    #[serde(deserialize_with = "adam_over_default")]
    pub adam: Adam,
    /// Steps of D a mini-batch, each on rows generated anew.
    pub critic_steps: usize,
    /// The weight of the gradient penalty in D's loss.
    pub penalty_weight: f64,
    /// The weight of D in G's loss.
    pub critic_weight: f64,
    /// The most rows of a class that G mixes; of larger classes, as many are drawn at the start and kept.
    pub max_mixed_rows: usize,
}

impl Default for AdversarialGame {
    fn default() -> Self {
        Self {
            classifier: MlpClassifier::adversarial_q(),
            generator_layers: vec![256, 64],
            critic_layers: vec![256, 128],
            n_noise: 100,
            adam: Adam { learning_rate: 1e-4, beta1: 0.5, beta2: 0.9, ..Adam::default() },
            critic_steps: 1,
            penalty_weight: 10.0,
            critic_weight: 1.0,
            max_mixed_rows: 1_000,
        }
    }
}

fn classifier_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MlpClassifier, D::Error> {
    AdversarialGame::default().classifier.overwritten(deserializer)
}

fn adam_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Adam, D::Error> {
    AdversarialGame::default().adam.overwritten(deserializer)
}

/// What AO and DO do differently.
pub(crate) trait Rules: Sync {
    const METHOD: &'static str;

    /// Refuses values of its own parameters.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Which classes Q is shown generated rows of; none for no such rows.
    fn classifier_labels(&self, counts: &[usize]) -> Option<LabelDistribution>;
    /// Q's loss on generated rows.
    fn classifier_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M;
    /// G's loss through Q, on rows of all classes alike.
    fn generator_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M;
}

/// The slope of D below zero.
const CRITIC_SLOPE: f64 = 0.1;
/// The slope of G below zero.
const GENERATOR_SLOPE: f64 = 0.0;

impl AdversarialGame {
    fn check(&self, method: &'static str, rows: &Dataset<Labels>) -> Result<()> {
        check(method, &self.classifier, rows)?;
        for (name, values) in
            [("generator_layers", &self.generator_layers), ("critic_layers", &self.critic_layers)]
        {
            require_widths(name, values)?;
        }
        let generator = self.generator_layers.len();
        require("number of generator_layers", "at least 1", generator >= 1, generator)?;
        require_size("n_noise", 1, self.n_noise)?;
        for (name, value) in [("critic_steps", self.critic_steps), ("max_mixed_rows", self.max_mixed_rows)] {
            require(name, "at least 1", value >= 1, value)?;
        }
        for (name, value) in [("penalty_weight", self.penalty_weight), ("critic_weight", self.critic_weight)]
        {
            require(name, "finite and not negative", value.is_finite() && value >= 0.0, value)?;
        }
        self.adam.check("adam")
    }

    /// Draws all that training starts from.
    pub(crate) fn start(&self, rows: &Dataset<Labels>, rng: &mut Rng) -> Start {
        let counts = rows.y().counts();
        let (n_features, n_classes) = (rows.n_features(), counts.len());
        let classifier = initial_weights(&self.classifier.sizes(n_features, rows.y().classes()), rng);
        let critic = initial_weights(&layers(n_features + n_classes, &self.critic_layers, &[1]), rng);
        let body = initial_weights(&layers(self.n_noise + n_classes, &self.generator_layers, &[]), rng);
        let mixed: Vec<MixedRows> =
            (0..n_classes).map(|class| mixed_rows(rows, class, self.max_mixed_rows, rng)).collect();
        let width = self.generator_layers.last().copied().unwrap_or(self.n_noise + n_classes);
        let head = |rows: &MixedRows| {
            (!rows.rows.is_empty()).then(|| initial_weights(&[width, rows.rows.len()], rng))
        };
        let heads = mixed.iter().map(head).collect();
        Start { classifier, critic, body, heads, mixed }
    }
}

/// The widths of a network from its inputs to its outputs.
pub(super) fn layers(inputs: usize, hidden: &[usize], outputs: &[usize]) -> Vec<usize> {
    [&[inputs], hidden, outputs].concat()
}

/// All rows of a class, or as many as may be mixed, drawn without replacement and in order.
pub(super) fn mixed_rows(rows: &Dataset<Labels>, class: usize, most: usize, rng: &mut Rng) -> MixedRows {
    let mut numbers = rows.y().rows_of(class as u32);
    if numbers.len() > most {
        let mut places = index::sample(rng, numbers.len(), most).into_vec();
        places.sort_unstable();
        numbers = places.into_iter().map(|place| numbers[place]).collect();
    }
    MixedRows { x: rows.x().select(Axis(0), &numbers), rows: numbers }
}

/// Initial weights of all players, and the rows that G mixes, class by class.
pub(crate) struct Start {
    pub(crate) classifier: Weights,
    pub(crate) critic: Weights,
    pub(crate) body: Weights,
    pub(crate) heads: Vec<Option<Weights>>,
    pub(crate) mixed: Vec<MixedRows>,
}

/// Plays on rows as they are; the classifier is the model.
pub(super) fn fit<R: Rules>(
    rules: &R,
    game: &AdversarialGame,
    train: &Train<Labels>,
    run: &mut Run<'_, Labels>,
) -> Result<Box<dyn Predict<Labels>>> {
    rules.check()?;
    game.check(R::METHOD, &train.rows)?;
    let (device, asked) = (run.device, vec![0; train.rows.y().classes().len()]);
    let (model, _) = work_on(device, Played { rules, game, rows: &train.rows, run, asked })?;
    Ok(Box::new(model))
}

/// Plays on standardised rows; the generator balances the classes.
pub(super) fn resample<R: Rules>(
    rules: &R,
    game: &AdversarialGame,
    train: &Train<Labels>,
    run: &mut Run<'_, Labels>,
) -> Result<Resampled<Labels>> {
    rules.check()?;
    game.check(R::METHOD, &train.rows)?;
    require_numbers(R::METHOD, train.rows.features())?;
    let (device, asked) = (run.device, mixture::lacking(train.rows.y()));
    if asked.iter().all(|rows| *rows == 0) {
        return mixture::resampled(&train.rows, &asked, vec![]);
    }
    let rows = &mixture::standardised(R::METHOD, &train.rows)?;
    let (_, mixtures) = work_on(device, Played { rules, game, rows, run, asked: asked.clone() })?;
    mixture::resampled(&train.rows, &asked, mixtures)
}

/// A game of AO or DO, played on training rows and then asked for rows.
struct Played<'a, 'r, R> {
    rules: &'a R,
    game: &'a AdversarialGame,
    rows: &'a Dataset<Labels>,
    run: &'a mut Run<'r, Labels>,
    /// Rows of each class to make in the end.
    asked: Vec<usize>,
}

impl<R: Rules> Work for Played<'_, '_, R> {
    type Output = (MlpModel, Mixtures);

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Self::Output> {
        let Self { rules, game, rows, run, asked } = self;
        let start = game.start(rows, run.rng);
        let mut players = Players::<M, R>::new(rules, game, &start, rows.y().counts(), place);
        let training =
            Training { method: R::METHOD, rows, classifier: &game.classifier, shuffled_once: false };
        let (model, epoch) = training.play(&mut players, run)?;
        let generator = players.generator.detached();
        let of = mixture::Trained { method: R::METHOD, epoch, classes: rows.y().classes() };
        let mixtures = mixture::make(&of, &asked, &start.mixed, run, |class, n, rng| {
            let draw = Draw::new(vec![class; n], asked.len(), game.n_noise, rng);
            let body = generator.body.forward(&M::constant(draw.inputs().view(), place));
            generator.heads[class].as_ref().map(|head| head.shares(&body).values())
        })?;
        Ok((model, mixtures))
    }
}

/// The three players in training.
pub(crate) struct Players<'a, M: Matrix, R> {
    rules: &'a R,
    game: &'a AdversarialGame,
    pub(crate) classifier: Network<M>,
    pub(crate) critic: Network<M>,
    pub(crate) generator: Generator<M>,
    optimizers: [Optimizer<M>; 3],
    classifier_labels: Option<LabelDistribution>,
    balanced: LabelDistribution,
    place: M::Place,
}

impl<'a, M: Matrix, R: Rules> Players<'a, M, R> {
    pub(crate) fn new(
        rules: &'a R,
        game: &'a AdversarialGame,
        start: &Start,
        counts: Vec<usize>,
        place: &M::Place,
    ) -> Self {
        let slopes: Vec<f64> =
            game.classifier.hidden_layers.iter().map(|layer| layer.activation.slope()).collect();
        let classifier = Network::new(&start.classifier, &slopes, place);
        let critic = Network::new(&start.critic, &vec![CRITIC_SLOPE; game.critic_layers.len()], place);
        let body = Network::new(&start.body, &vec![GENERATOR_SLOPE; game.generator_layers.len()], place);
        let heads = start.heads.iter().zip(&start.mixed);
        let heads =
            heads.map(|(head, rows)| head.as_ref().map(|head| Head::new(head, rows, place))).collect();
        let generator = Generator { body, heads };
        let optimizers = [
            Optimizer::new(game.adam, &critic.parameters()),
            Optimizer::new(game.classifier.adam, &classifier.parameters()),
            Optimizer::new(game.adam, &generator.parameters()),
        ];
        Self {
            rules,
            game,
            classifier,
            critic,
            generator,
            optimizers,
            classifier_labels: rules.classifier_labels(&counts),
            balanced: LabelDistribution::balanced(&counts),
            place: place.clone(),
        }
    }

    fn constant(&self, values: &Array2<f64>) -> M {
        M::constant(values.view(), &self.place)
    }

    /// D's step. Each real row meets a generated one of its class.
    pub(crate) fn critic_step(&mut self, real: &RealBatch, draw: &Draw, real_shares: &Array2<f64>) -> f64 {
        let duel = Duel {
            real: self.constant(&real.x),
            generated: self.generator.detached().generate(draw, &self.place),
            classes: self.constant(&draw.one_hot()),
            real_shares: self.constant(real_shares),
        };
        let loss = critic_loss(&self.critic, &duel, self.game.penalty_weight);
        let value = loss.number();
        let gradients = loss.gradients(&self.critic.parameters());
        self.optimizers[0].step(self.critic.parameters_mut(), gradients);
        value
    }

    /// Q's step, on real rows and, where there is a draw, on generated ones (eqs. 5 and 8).
    pub(crate) fn classifier_step(&mut self, real: &RealBatch, draw: Option<&Draw>) -> f64 {
        let logits = self.classifier.forward(&self.constant(&real.x));
        let mut loss = weighted_cross_entropy(&logits, &self.constant(&real.shares));
        if let Some(draw) = draw {
            let generated = self.generator.detached().generate(draw, &self.place);
            let logits = self.classifier.forward(&generated);
            loss = loss.add(&self.rules.classifier_loss(&logits, &self.constant(&draw.one_hot())));
        }
        let value = loss.number();
        let gradients = loss.gradients(&self.classifier.parameters());
        self.optimizers[1].step(self.classifier.parameters_mut(), gradients);
        value
    }

    /// G's step, through Q and D as they are (eqs. 3 and 6).
    pub(crate) fn generator_step(&mut self, draw: &Draw) -> f64 {
        let loss = self.generator_loss(draw);
        let value = loss.number();
        let gradients = loss.gradients(&self.generator.parameters());
        self.optimizers[2].step(self.generator.parameters_mut(), gradients);
        value
    }

    /// −E D(G(z|i)), weighted, and what the rules add.
    pub(crate) fn generator_loss(&self, draw: &Draw) -> M {
        let classes = self.constant(&draw.one_hot());
        let generated = self.generator.generate(draw, &self.place);
        let logits = self.classifier.detached().forward(&generated);
        let through_classifier = self.rules.generator_loss(&logits, &classes);
        let value = self.critic.detached().forward(&generated.beside(&classes)).mean();
        through_classifier.sub(&value.scale(self.game.critic_weight))
    }
}

impl<M: Matrix, R: Rules> Game for Players<'_, M, R> {
    fn play(&mut self, real: &RealBatch, rng: &mut Rng) -> Vec<(&'static str, f64)> {
        let (n, n_classes, n_noise) = (real.labels.len(), real.n_classes, self.game.n_noise);
        let mut critic = f64::NAN;
        for _ in 0..self.game.critic_steps {
            let draw = Draw::new(real.labels.clone(), n_classes, n_noise, rng);
            let real_shares = Array2::from_shape_simple_fn((n, 1), || rng.random());
            critic = self.critic_step(real, &draw, &real_shares);
        }
        let draw = self.classifier_labels.as_ref().map(|labels| labels.draw(n, rng));
        let draw = draw.map(|labels| Draw::new(labels, n_classes, n_noise, rng));
        let classifier = self.classifier_step(real, draw.as_ref());
        let draw = Draw::new(self.balanced.draw(n, rng), n_classes, n_noise, rng);
        let generator = self.generator_step(&draw);
        vec![("critic", critic), ("classifier", classifier), ("generator", generator)]
    }

    fn classifier(&self) -> Weights {
        self.classifier.weights()
    }
}
