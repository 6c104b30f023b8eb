//! The three losses of a mini-batch: latent Φ, features Ψ, labels Γ.

use ndarray::{Array2, Axis};

use super::network::Mapped;
use super::{Aemlo, Reconstruction};
use crate::matrix::{EXCLUDED, Matrix};

/// Rows of a mini-batch, and what the losses need of them that no weight changes.
pub(crate) struct Batch<M> {
    /// X, `(n, d)`.
    pub(crate) x: M,
    /// Y, `(n, q)`, 0 or 1.
    pub(crate) y: M,
    /// The squared distance of each pair of rows, `(n, n)`; none where the loss does not ask for it.
    distances: Option<M>,
    pub(crate) pairs: LabelPairs<M>,
    /// The identity, `(n, n)`.
    identity: M,
}

impl<M: Matrix> Batch<M> {
    pub(crate) fn new(method: &Aemlo, x: &Array2<f64>, y: &Array2<f64>, place: &M::Place) -> Self {
        let constant = |values: &Array2<f64>| M::constant(values.view(), place);
        let (x, identity) = (constant(x), constant(&Array2::eye(y.nrows())));
        let asked = method.alpha > 0.0 && method.distances > 0.0;
        let distances = asked.then(|| squared_distances(&x, &identity));
        let pairs = LabelPairs::new(y, method.reconstruction, place);
        Self { x, y: constant(y), distances, pairs, identity }
    }

    fn n_rows(&self) -> f64 {
        self.x.shape()[0] as f64
    }
}

/// Φ, Ψ and Γ as they are added up, none where its weight is 0, and their weighted sum (eq. 2).
pub(crate) struct Losses<M> {
    pub(crate) parts: [Option<M>; 3],
    pub(crate) total: M,
}

/// Their names, in order.
pub(crate) const NAMES: [&str; 3] = ["latent", "features", "labels"];

impl<M: Matrix> Losses<M> {
    pub(crate) fn of(method: &Aemlo, batch: &Batch<M>, mapped: &Mapped<M>) -> Self {
        let n = batch.n_rows();
        let weights = [method.latent_weight, method.alpha, method.beta];
        let of: [&dyn Fn() -> M; 3] = [
            &|| latent_loss(mapped, &batch.identity, method.orthonormality).scale(1.0 / n),
            &|| feature_loss(method, batch, &mapped.features),
            &|| batch.pairs.row_losses(&mapped.labels).sum().scale(1.0 / n),
        ];
        let parts = [0, 1, 2].map(|part| (weights[part] > 0.0).then(|| of[part]()));
        let weighted = parts.iter().zip(weights);
        let weighted = weighted.filter_map(|(part, weight)| Some(part.as_ref()?.scale(weight)));
        let total = weighted.reduce(|sum, part| sum.add(&part));
        Self { total: total.unwrap_or_else(|| mapped.features.sum().scale(0.0)), parts }
    }
}

/// Φ (eqs. 3, 4): tr(C₁ᵀC₁) + λ tr(C₂ᵀC₂ + C₃ᵀC₃).
pub(crate) fn latent_loss<M: Matrix>(mapped: &Mapped<M>, identity: &M, orthonormality: f64) -> M {
    let [c1, c2, c3] = latent_parts(mapped, identity);
    c1.add(&c2.add(&c3).scale(orthonormality))
}

/// tr(C₁ᵀC₁), tr(C₂ᵀC₂) and tr(C₃ᵀC₃), where C₁ is the difference of the two codes, and C₂ and C₃ are
/// EᵀE − I for each code E.
pub(crate) fn latent_parts<M: Matrix>(mapped: &Mapped<M>, identity: &M) -> [M; 3] {
    let [n, latent] = mapped.latent_x.shape();
    // ‖EᵀE − I‖² is ‖E Eᵀ − I‖² + l − n, since EᵀE and E Eᵀ have the same eigenvalues but for zeros. The
    // second is n × n: with 128 rows and 512 units that is a sixteenth of the numbers.
    let departure = |code: &M| code.gram().sub(identity).squared().sum().shift(latent as f64 - n as f64);
    let difference = mapped.latent_x.sub(&mapped.latent_y).squared().sum();
    [difference, departure(&mapped.latent_x), departure(&mapped.latent_y)]
}

/// Ψ (eq. 5).
pub(crate) fn feature_loss<M: Matrix>(method: &Aemlo, batch: &Batch<M>, made: &M) -> M {
    let difference = made.sub(&batch.x);
    let error = match method.reconstruction {
        Reconstruction::Squared => difference.squared().mean(),
        Reconstruction::AsReleased => difference.mul(&difference.slopes(-1.0)).mean(),
    };
    let loss = match &batch.distances {
        None => error,
        Some(distances) => {
            let pairs = distance_loss(distances, made, &batch.identity);
            error.add(&pairs.scale(method.distances))
        }
    };
    match method.reconstruction {
        Reconstruction::Squared => loss,
        Reconstruction::AsReleased => loss.scale(1.0 / batch.n_rows()),
    }
}

/// S (eq. 7): the mean over pairs of rows of the squared difference between their squared distances before
/// and after. No more than n × n numbers are in memory.
pub(crate) fn distance_loss<M: Matrix>(distances: &M, made: &M, identity: &M) -> M {
    let n = made.shape()[0] as f64;
    squared_distances(made, identity).sub(distances).squared().sum().scale(1.0 / (n * (n - 1.0)))
}

/// ‖xᵢ − xⱼ‖² = xᵢ·xᵢ + xⱼ·xⱼ − 2 xᵢ·xⱼ of all pairs of rows, `(n, n)`.
fn squared_distances<M: Matrix>(x: &M, identity: &M) -> M {
    let products = x.gram();
    let own = products.mul(identity);
    let (by_row, by_column) = (own.row_sums(), own.column_means().scale(x.shape()[0] as f64));
    products.scale(-2.0).add(&by_row).add(&by_column)
}

/// What Γ needs of the labels: Γ (eq. 8) as BP-MLL's surrogate, for each row the mean over its pairs of a
/// positive label p and a negative one n of exp(f_n − f_p).
///
/// The sum over the pairs is a product of two sums, Σ exp(f_n) · Σ exp(−f_p), here taken in logarithms.
pub(crate) struct LabelPairs<M> {
    /// Takes positive labels out of a log Σ exp, and negative ones, `(n, q)`.
    not_positive: M,
    not_negative: M,
    /// ln of the number of pairs, `(n, 1)`.
    log_pairs: M,
    /// What the mean over the pairs is multiplied by, `(n, 1)`: 0 for a row with labels of one kind only.
    weight: M,
}

/// The logarithm of the mean over the pairs up to which the exponential is taken; above, the loss is its
/// tangent. exp(20) squared is far from overflowing in f32, where the moments of Adam are kept.
const STRAIGHT_ABOVE: f64 = 20.0;

impl<M: Matrix> LabelPairs<M> {
    pub(crate) fn new(y: &Array2<f64>, reconstruction: Reconstruction, place: &M::Place) -> Self {
        let constant = |values: Array2<f64>| M::constant(values.view(), place);
        let positive = y.sum_axis(Axis(1)).insert_axis(Axis(1));
        let pairs = positive.mapv(|positive| positive * (y.ncols() as f64 - positive));
        let weight = pairs.mapv(|pairs| match reconstruction {
            _ if pairs == 0.0 => 0.0,
            Reconstruction::Squared => 1.0,
            // The released code adds 1e-4 in f32.
            Reconstruction::AsReleased => pairs / f64::from((pairs + 1e-4) as f32),
        });
        Self {
            not_positive: constant(y.mapv(|on| EXCLUDED * on)),
            not_negative: constant(y.mapv(|on| EXCLUDED * (1.0 - on))),
            log_pairs: constant(pairs.mapv(|pairs| pairs.max(1.0).ln())),
            weight: constant(weight),
        }
    }

    /// The loss of each row, `(n, 1)`, from outputs `(n, q)`.
    pub(crate) fn row_losses(&self, outputs: &M) -> M {
        let negative = outputs.add(&self.not_positive).log_sum_exp();
        let positive = outputs.scale(-1.0).add(&self.not_negative).log_sum_exp();
        let log_mean = negative.add(&positive).sub(&self.log_pairs);
        // min(log_mean, STRAIGHT_ABOVE), and by how much log_mean is above it. The two are told apart by
        // constants: as a difference their gradients of exp(20) would cancel, which f32 cannot.
        let room = log_mean.scale(-1.0).shift(STRAIGHT_ABOVE);
        let is_below = room.slopes(0.0);
        let is_above = is_below.scale(-1.0).shift(1.0);
        let kept = room.mul(&is_below);
        let excess = room.mul(&is_above).scale(-STRAIGHT_ABOVE.exp());
        kept.scale(-1.0).shift(STRAIGHT_ABOVE).exp().add(&excess).mul(&self.weight)
    }
}
