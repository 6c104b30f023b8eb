//! The four mappings: two encoders into the latent space and two decoders out of it.

use imb_core::Rng;

use super::{Aemlo, LabelEncoder};
use crate::Weights;
use crate::adversarial::players::Network;
use crate::init::initial_weights;
use crate::matrix::Matrix;

/// The weights that training starts from.
#[derive(Clone)]
pub(crate) struct Initial {
    pub(crate) feature_encoder: Weights,
    /// The hidden layers of F_ey, the gate if it has one, and the latent layer.
    pub(crate) label_encoder: [Weights; 3],
    pub(crate) label_decoder: Weights,
    pub(crate) feature_decoder: Weights,
}

impl Initial {
    /// Draws them for `width` inputs that encode the features, and `n_labels` labels.
    pub(crate) fn draw(method: &Aemlo, width: usize, n_labels: usize, rng: &mut Rng) -> Self {
        let latent = method.latent_units;
        let sizes = |first: usize, hidden: &[usize], last: &[usize]| -> Vec<usize> {
            [&[first], hidden, last].concat()
        };
        let mut draw = |sizes: Vec<usize>| initial_weights(&sizes, rng);
        let end = method.label_encoder.last().copied().unwrap_or(n_labels);
        let gate = match method.label_encoder_end {
            LabelEncoder::Plain => vec![end],
            LabelEncoder::Gated => vec![end, end],
        };
        Self {
            feature_encoder: draw(sizes(width, &method.feature_encoder, &[latent])),
            label_encoder: [
                draw(sizes(n_labels, &method.label_encoder, &[])),
                draw(gate),
                draw(vec![end, latent]),
            ],
            label_decoder: draw(sizes(latent, &method.label_decoder, &[n_labels])),
            feature_decoder: draw(sizes(latent, &method.feature_decoder, &[width])),
        }
    }
}

/// F_ex, F_ey, F_dy and F_dx.
#[derive(Clone)]
pub(crate) struct Autoencoder<M> {
    pub(crate) feature_encoder: Network<M>,
    pub(crate) label_encoder: Network<M>,
    /// Without layers where there is no gate.
    pub(crate) gate: Network<M>,
    pub(crate) label_latent: Network<M>,
    pub(crate) label_decoder: Network<M>,
    pub(crate) feature_decoder: Network<M>,
}

/// What the mappings make of a mini-batch.
pub(crate) struct Mapped<M> {
    /// F_ex(X), `(n, l)`.
    pub(crate) latent_x: M,
    /// F_ey(Y), `(n, l)`.
    pub(crate) latent_y: M,
    /// X′ = F_dx(F_ex(X)), `(n, d)`.
    pub(crate) features: M,
    /// Y′ = F_dy(F_ey(Y)), `(n, q)`, before the sigmoid.
    pub(crate) labels: M,
}

impl<M: Matrix> Autoencoder<M> {
    pub(crate) fn new(method: &Aemlo, initial: &Initial, place: &M::Place) -> Self {
        let slopes = |n: usize| vec![method.slope; n];
        let all_layers = |weights: &Weights| Network::new(weights, &slopes(weights.layers.len()), place);
        let but_the_last =
            |weights: &Weights| Network::new(weights, &slopes(weights.layers.len() - 1), place);
        let [hidden, gate, latent] = &initial.label_encoder;
        Self {
            feature_encoder: all_layers(&initial.feature_encoder),
            label_encoder: all_layers(hidden),
            gate: Network::new(gate, &[], place),
            label_latent: match method.label_encoder_end {
                LabelEncoder::Plain => all_layers(latent),
                LabelEncoder::Gated => but_the_last(latent),
            },
            label_decoder: but_the_last(&initial.label_decoder),
            feature_decoder: but_the_last(&initial.feature_decoder),
        }
    }

    /// All four mappings of rows and their labels.
    pub(crate) fn map(&self, x: &M, y: &M) -> Mapped<M> {
        let (latent_x, latent_y) = (self.feature_encoder.forward(x), self.encode_labels(y));
        let features = self.feature_decoder.forward(&latent_x);
        let labels = self.label_decoder.forward(&latent_y);
        Mapped { latent_x, latent_y, features, labels }
    }

    fn encode_labels(&self, y: &M) -> M {
        let hidden = self.label_encoder.forward(y);
        if self.gate.parameters().is_empty() {
            return self.label_latent.forward(&hidden);
        }
        self.label_latent.forward(&hidden.mul(&self.gate.forward(&hidden).sigmoid()))
    }

    /// F_dx(F_ex(X)) and F_dy(F_ex(X)): features, and labels before the sigmoid.
    pub(crate) fn generate(&self, x: &M) -> [M; 2] {
        let latent = self.feature_encoder.forward(x);
        [self.feature_decoder.forward(&latent), self.label_decoder.forward(&latent)]
    }

    fn networks(&self) -> [&Network<M>; 6] {
        [
            &self.feature_encoder,
            &self.label_encoder,
            &self.gate,
            &self.label_latent,
            &self.label_decoder,
            &self.feature_decoder,
        ]
    }

    /// The same as constants.
    pub(crate) fn detached(&self) -> Self {
        let [feature_encoder, label_encoder, gate, label_latent, label_decoder, feature_decoder] =
            self.networks().map(Network::detached);
        Self { feature_encoder, label_encoder, gate, label_latent, label_decoder, feature_decoder }
    }

    /// Weight and bias of each layer, in the order of the fields.
    pub(crate) fn parameters(&self) -> Vec<&M> {
        self.networks().into_iter().flat_map(Network::parameters).collect()
    }

    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut M> {
        let Self { feature_encoder, label_encoder, gate, label_latent, label_decoder, feature_decoder } =
            self;
        [feature_encoder, label_encoder, gate, label_latent, label_decoder, feature_decoder]
            .into_iter()
            .flat_map(Network::parameters_mut)
            .collect()
    }
}
