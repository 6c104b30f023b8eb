//! GAMO's players and their steps on one mini-batch.

use imb_core::Rng;
use ndarray::Array2;
use rand::RngExt;

use super::{Gamo, SLOPE, Start};
use crate::Weights;
use crate::adversarial::labels::{Draw, LabelDistribution};
use crate::adversarial::losses::squared_error;
use crate::adversarial::normalized::NormalizedBody;
use crate::adversarial::players::{Head, MixedRows, Network, Optimizer};
use crate::adversarial::training::{Game, RealBatch};
use crate::matrix::Matrix;

/// The players in training, with the memories of their optimisers.
pub(crate) struct Players<'a, M: Matrix> {
    method: &'a Gamo,
    pub(crate) classifier: Network<M>,
    pub(crate) discriminator: Network<M>,
    pub(crate) body: NormalizedBody<M>,
    pub(crate) heads: Vec<Option<Head<M>>>,
    optimizers: [Optimizer<M>; 2],
    /// Through Q and through D, for each class that is generated.
    generator_optimizers: Vec<Option<[Optimizer<M>; 2]>>,
    labels: Option<LabelDistribution>,
    order: Vec<usize>,
    /// Updates of all players so far.
    updates: i32,
    place: M::Place,
}

/// Through which player a step of G goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Through {
    Classifier,
    Discriminator,
}

impl<'a, M: Matrix> Players<'a, M> {
    pub(crate) fn new(method: &'a Gamo, start: &Start, place: &M::Place) -> Self {
        let slopes: Vec<f64> =
            method.classifier.hidden_layers.iter().map(|layer| layer.activation.slope()).collect();
        let classifier = Network::new(&start.classifier, &slopes, place);
        let discriminator =
            Network::new(&start.discriminator, &vec![SLOPE; method.discriminator_layers.len()], place);
        let body = NormalizedBody::new(&start.body, place);
        let head =
            |of: &Option<(Weights, MixedRows)>| of.as_ref().map(|(head, rows)| Head::new(head, rows, place));
        let heads: Vec<Option<Head<M>>> = start.heads.iter().map(head).collect();
        let through = |head: &Option<Head<M>>| {
            let parameters = [body.parameters(), head.as_ref()?.layer.parameters()].concat();
            Some([(); 2].map(|()| Optimizer::new(method.adam, &parameters)))
        };
        let generator_optimizers = heads.iter().map(through).collect();
        let optimizers = [
            Optimizer::new(method.classifier.adam, &classifier.parameters()),
            Optimizer::new(method.adam, &discriminator.parameters()),
        ];
        let lacking: Vec<f64> = start.lacking.iter().map(|&rows| rows as f64).collect();
        let any = lacking.iter().any(|rows| *rows > 0.0);
        Self {
            method,
            classifier,
            discriminator,
            body,
            heads,
            optimizers,
            generator_optimizers,
            labels: any.then(|| LabelDistribution::new(lacking)),
            order: start.order.clone(),
            updates: 0,
            place: place.clone(),
        }
    }

    /// The count that Adam is given, where all players share one.
    fn counter(&mut self) -> Option<i32> {
        self.updates += 1;
        self.method.as_released.then_some(self.updates + 1)
    }

    /// Q's step on rows and their one-hot classes.
    pub(crate) fn classifier_step(&mut self, x: &M, classes: &M) -> f64 {
        let loss = squared_error(&self.classifier.forward(x).softmax(), classes);
        let (value, counter) = (loss.number(), self.counter());
        let gradients = loss.gradients(&self.classifier.parameters());
        self.optimizers[0].advance(self.classifier.parameters_mut(), gradients, counter);
        value
    }

    /// D's step on rows, their one-hot classes, and targets `(n_rows, 1)`.
    pub(crate) fn discriminator_step(&mut self, x: &M, classes: &M, targets: &M) -> f64 {
        let loss = squared_error(&self.discriminator.forward(&x.beside(classes)).sigmoid(), targets);
        let (value, counter) = (loss.number(), self.counter());
        let gradients = loss.gradients(&self.discriminator.parameters());
        self.optimizers[1].advance(self.discriminator.parameters_mut(), gradients, counter);
        value
    }

    /// Rows of a draw, made with the running statistics and without a memory.
    pub(crate) fn fakes(&self, draw: &Draw) -> M {
        let body =
            self.body.with_running_statistics(&M::constant(draw.inputs().view(), &self.place)).detached();
        let part = |(class, first, n): (usize, usize, usize)| {
            let head = self.heads[class].as_ref().expect("only generated classes are drawn");
            head.mix(&head.shares(&body.rows(first, n)).detached())
        };
        M::stacked(&draw.runs().map(part).collect::<Vec<_>>())
    }

    /// A step of G on rows of one class.
    pub(crate) fn generator_step(&mut self, class: usize, draw: &Draw, through: Through) -> f64 {
        let Some(head) = &self.heads[class] else { return 0.0 };
        let inputs = M::constant(draw.inputs().view(), &self.place);
        let (body, statistics) = self.body.with_batch_statistics(&inputs);
        let rows = head.mix(&head.shares(&body));
        let classes = M::constant(draw.one_hot().view(), &self.place);
        let loss = match through {
            Through::Classifier => {
                let found = self.classifier.detached().forward(&rows).softmax();
                squared_error(&found, &classes.scale(-1.0).shift(1.0))
            }
            Through::Discriminator => {
                let found = self.discriminator.detached().forward(&rows.beside(&classes)).sigmoid();
                squared_error(&found, &found.detached().scale(0.0).shift(1.0))
            }
        };
        let value = loss.number();
        let gradients = loss.gradients(&[self.body.parameters(), head.layer.parameters()].concat());
        // What they were made of shares the weights, which Adam would otherwise copy.
        drop((body, rows));
        let counter = self.counter();
        self.body.remember(&statistics, self.method.as_released);
        let head = self.heads[class].iter_mut().flat_map(|head| head.layer.parameters_mut());
        let parameters = self.body.parameters_mut().into_iter().chain(head).collect();
        if let Some(optimizers) = &mut self.generator_optimizers[class] {
            optimizers[through as usize].advance(parameters, gradients, counter);
        }
        value
    }

    /// Targets of D: `towards` moved by up to the label noise, `(n_rows, 1)`.
    fn targets(&self, n: usize, real: bool, rng: &mut Rng) -> M {
        let noise = Array2::from_shape_simple_fn((n, 1), || self.method.label_noise * rng.random::<f64>());
        let targets = if real { 1.0 - noise } else { noise };
        M::constant(targets.view(), &self.place)
    }
}

impl<M: Matrix> Game for Players<'_, M> {
    fn play(&mut self, real: &RealBatch, rng: &mut Rng) -> Vec<(&'static str, f64)> {
        let (n, n_classes, n_noise) = (real.labels.len(), real.n_classes, self.method.n_noise);
        let x = M::constant(real.x.view(), &self.place);
        let classes = M::constant(real.one_hot().view(), &self.place);
        let targets = self.targets(n, true, rng);
        let mut losses = vec![
            ("classifier on real rows", self.classifier_step(&x, &classes)),
            ("discriminator on real rows", self.discriminator_step(&x, &classes, &targets)),
        ];
        let Some(labels) = &self.labels else { return losses };
        let draw = Draw::new(labels.draw(n, rng), n_classes, n_noise, rng);
        let (fakes, classes) = (self.fakes(&draw), M::constant(draw.one_hot().view(), &self.place));
        let targets = self.targets(n, false, rng);
        losses.push(("classifier on generated rows", self.classifier_step(&fakes, &classes)));
        losses.push(("discriminator on generated rows", self.discriminator_step(&fakes, &classes, &targets)));
        let mut through = [0.0; 2];
        let mut steps = 0.0;
        for class in self.order.clone() {
            if self.heads[class].is_none() {
                continue;
            }
            let vectors = self.method.noise_vectors(n_classes);
            let draw = Draw::new(vec![class; vectors], n_classes, n_noise, rng);
            through[0] += self.generator_step(class, &draw, Through::Classifier);
            through[1] += self.generator_step(class, &draw, Through::Discriminator);
            steps += 1.0;
        }
        losses.push(("generator through the classifier", through[0] / steps));
        losses.push(("generator through the discriminator", through[1] / steps));
        losses
    }

    fn classifier(&self) -> Weights {
        self.classifier.weights()
    }
}
