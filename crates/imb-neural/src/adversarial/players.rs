//! The players that the games share: dense networks, the convex generator, the critic with its gradient
//! penalty, and what trains them.

use ndarray::{Array2, Axis};

use super::labels::Draw;
use crate::matrix::{AdamStep, Matrix};
use crate::{Adam, LayerWeights, Weights};

/// A dense network in training, without anything after its last sums.
#[derive(Clone)]
pub(crate) struct Network<M> {
    layers: Vec<Dense<M>>,
}

#[derive(Clone)]
struct Dense<M> {
    weight: M,
    bias: M,
    /// What the layer multiplies sums below zero by; 1 for the last.
    slope: f64,
}

impl<M: Matrix> Network<M> {
    /// `slopes` are those of the hidden layers.
    pub(crate) fn new(weights: &Weights, slopes: &[f64], place: &M::Place) -> Self {
        let slopes = slopes.iter().copied().chain(std::iter::repeat(1.0));
        let dense = |(layer, slope): (&LayerWeights, f64)| Dense {
            weight: M::parameter(layer.weight.mapv(f64::from).view(), place),
            bias: M::parameter(layer.bias.mapv(f64::from).insert_axis(Axis(0)).view(), place),
            slope,
        };
        Self { layers: weights.layers.iter().zip(slopes).map(dense).collect() }
    }

    /// What the last layer makes of rows `(n_rows, n_inputs)`.
    pub(crate) fn forward(&self, x: &M) -> M {
        self.layers.iter().fold(x.clone(), |h, layer| h.dense(&layer.weight, &layer.bias, layer.slope))
    }

    /// The derivative of the one output of each row by its inputs, `(n_rows, n_inputs)`, as a forward
    /// expression of the weights.
    ///
    /// The activations are linear on either side of zero, so their slopes are constants: the derivative
    /// is wₗᵀ ⊙ slopes · Wₗ₋₁ᵀ ⊙ slopes · … · W₁ᵀ.
    pub(crate) fn input_gradient(&self, x: &M) -> M {
        let (last, hidden) = self.layers.split_last().expect("a network has a layer");
        let mut h = x.detached();
        let slopes = |layer: &Dense<M>| {
            h = h.dense(&layer.weight.detached(), &layer.bias.detached(), layer.slope);
            h.slopes(layer.slope)
        };
        let slopes: Vec<M> = hidden.iter().map(slopes).collect();
        let ones = M::stacked(&vec![last.bias.detached().scale(0.0).shift(1.0); x.shape()[0]]);
        hidden
            .iter()
            .zip(&slopes)
            .rev()
            .fold(ones.matmul_transposed(&last.weight), |gradient, (layer, slopes)| {
                gradient.mul(slopes).matmul_transposed(&layer.weight)
            })
    }

    /// The same network as constants, for a loss that is not to train it.
    pub(crate) fn detached(&self) -> Self {
        let mut network = self.clone();
        network.parameters_mut().into_iter().for_each(|parameter| *parameter = parameter.detached());
        network
    }

    /// Weight and bias of each layer in turn.
    pub(crate) fn parameters(&self) -> Vec<&M> {
        self.layers.iter().flat_map(|layer| [&layer.weight, &layer.bias]).collect()
    }

    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut M> {
        self.layers.iter_mut().flat_map(|layer| [&mut layer.weight, &mut layer.bias]).collect()
    }

    pub(crate) fn weights(&self) -> Weights {
        let layer = |layer: &Dense<M>| LayerWeights {
            weight: layer.weight.values().mapv(|x| x as f32),
            bias: layer.bias.values().row(0).mapv(|x| x as f32),
        };
        Weights { layers: self.layers.iter().map(layer).collect() }
    }
}

/// The rows that the generator mixes for one class: some or all of the class's training rows.
#[derive(Clone, Debug)]
pub(crate) struct MixedRows {
    /// Row numbers in the training set.
    pub(crate) rows: Vec<usize>,
    /// Their numbers, `(n_rows, n_features)`.
    pub(crate) x: Array2<f64>,
}

/// One class's last layer and the rows that it mixes.
#[derive(Clone)]
pub(crate) struct Head<M> {
    pub(crate) layer: Network<M>,
    x: M,
}

impl<M: Matrix> Head<M> {
    pub(crate) fn new(weights: &Weights, rows: &MixedRows, place: &M::Place) -> Self {
        Self { layer: Network::new(weights, &[], place), x: M::constant(rows.x.view(), place) }
    }

    /// Convex weights of the mixed rows, `(n_rows, n_mixed)`: not negative, each row of sum 1.
    pub(crate) fn shares(&self, body: &M) -> M {
        self.layer.forward(body).softmax()
    }

    pub(crate) fn mix(&self, shares: &M) -> M {
        shares.matmul(&self.x)
    }
}

/// G(z|k) = g(z|k)ᵀ τ_k (eq. 1 of AO and DO): from noise and class to a convex mixture of that class's rows.
///
/// The layers below the last are shared by all classes and see the class as a one-hot vector behind the
/// noise; the last is one of each class, as wide as the class has rows.
#[derive(Clone)]
pub(crate) struct Generator<M> {
    pub(crate) body: Network<M>,
    /// One a class; none for a class that is not generated.
    pub(crate) heads: Vec<Option<Head<M>>>,
}

impl<M: Matrix> Generator<M> {
    /// Generated rows of a draw, class by class, `(n_rows, n_features)`.
    pub(crate) fn generate(&self, draw: &Draw, place: &M::Place) -> M {
        let body = self.body.forward(&M::constant(draw.inputs().view(), place));
        let part = |(class, first, n): (usize, usize, usize)| {
            let head = self.heads[class].as_ref().expect("only generated classes are drawn");
            head.mix(&head.shares(&body.rows(first, n)))
        };
        M::stacked(&draw.runs().map(part).collect::<Vec<_>>())
    }

    pub(crate) fn detached(&self) -> Self {
        let head = |head: &Head<M>| Head { layer: head.layer.detached(), x: head.x.clone() };
        Self {
            body: self.body.detached(),
            heads: self.heads.iter().map(|of| of.as_ref().map(head)).collect(),
        }
    }

    pub(crate) fn parameters(&self) -> Vec<&M> {
        let heads = self.heads.iter().flatten().flat_map(|head| head.layer.parameters());
        self.body.parameters().into_iter().chain(heads).collect()
    }

    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut M> {
        let heads = self.heads.iter_mut().flatten().flat_map(|head| head.layer.parameters_mut());
        self.body.parameters_mut().into_iter().chain(heads).collect()
    }
}

/// What the critic is trained on: real rows, generated rows of the same classes, and rows between them.
pub(crate) struct Duel<M> {
    pub(crate) real: M,
    pub(crate) generated: M,
    /// The class of each row, real or generated, as a one-hot vector, `(n_rows, n_classes)`.
    pub(crate) classes: M,
    /// How much of the real row each row between has, `(n_rows, 1)`.
    pub(crate) real_shares: M,
}

/// The loss that the critic makes small (eqs. 4 and 7 with s(x) = x, negated): the mean of D over
/// generated rows less that over real ones, and the gradient penalty, which draws the norm of D's
/// derivative by the features towards 1 on rows between real and generated ones of the same class.
pub(crate) fn critic_loss<M: Matrix>(critic: &Network<M>, duel: &Duel<M>, penalty_weight: f64) -> M {
    let value = |rows: &M| critic.forward(&rows.beside(&duel.classes)).mean();
    let distance = value(&duel.generated).sub(&value(&duel.real));
    distance.add(&gradient_penalty(critic, duel).scale(penalty_weight))
}

/// The mean of (‖∂D/∂x‖ − 1)² (Gulrajani et al. 2017, arXiv:1704.00028, eq. 3). The class is an input of D
/// that both ends share, so its derivative takes no part.
pub(crate) fn gradient_penalty<M: Matrix>(critic: &Network<M>, duel: &Duel<M>) -> M {
    let between = duel.real.sub(&duel.generated).mul(&duel.real_shares).add(&duel.generated);
    let gradient = critic.input_gradient(&between.beside(&duel.classes));
    let gradient = gradient.first_columns(duel.real.shape()[1]);
    let norm = gradient.squared().row_sums().shift(SMALLEST_SQUARE).power(0.5);
    norm.shift(-1.0).squared().mean()
}

/// Added under the root of the norm, which has no derivative at 0. It moves a norm of 1 by 5e-13.
const SMALLEST_SQUARE: f64 = 1e-12;

/// Adam and its running means for a list of parameters. A parameter that the loss does not depend on, as
/// the head of a class that was not drawn, takes no step and does not count it.
pub(crate) struct Optimizer<M> {
    adam: Adam,
    moments: Vec<Moments<M>>,
}

struct Moments<M> {
    means: [M; 2],
    steps: i32,
}

impl<M: Matrix> Optimizer<M> {
    pub(crate) fn new(adam: Adam, parameters: &[&M]) -> Self {
        let moments = |parameter: &&M| {
            let zeros = parameter.detached().scale(0.0);
            Moments { means: [zeros.clone(), zeros], steps: 0 }
        };
        Self { adam, moments: parameters.iter().map(moments).collect() }
    }

    /// One step by these gradients, parameter by parameter.
    pub(crate) fn step(&mut self, parameters: Vec<&mut M>, gradients: Vec<Option<M>>) {
        self.advance(parameters, gradients, None);
    }

    /// The same. Given a counter, Adam takes the form of Keras: that counter for all parameters, and epsilon
    /// added to the root of the uncorrected mean square.
    pub(crate) fn advance(
        &mut self,
        parameters: Vec<&mut M>,
        gradients: Vec<Option<M>>,
        counter: Option<i32>,
    ) {
        for ((parameter, gradient), moments) in parameters.into_iter().zip(gradients).zip(&mut self.moments) {
            let Some(gradient) = gradient else { continue };
            moments.steps += 1;
            let step = adam_step(&self.adam, counter.unwrap_or(moments.steps), counter.is_some());
            parameter.adam(&mut moments.means, gradient, &step);
        }
    }
}

/// The factors of a step, counted from 1.
fn adam_step(adam: &Adam, number: i32, as_keras: bool) -> AdamStep {
    let Adam { learning_rate, beta1, beta2, epsilon } = *adam;
    let (mean, root) = (1.0 - beta1.powi(number), (1.0 - beta2.powi(number)).sqrt());
    let (size, root) =
        if as_keras { (learning_rate * root / mean, 1.0) } else { (learning_rate / mean, root) };
    AdamStep { beta1, beta2, size, root, epsilon }
}
