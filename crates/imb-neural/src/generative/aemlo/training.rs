//! Training: epochs, mini-batches, progress, budget, divergence.

use imb_core::{Budget, Dataset, Error, LabelMatrix, Result, Run};
use ndarray::Array2;

use super::columns::Columns;
use super::losses::{Batch, Losses, NAMES};
use super::network::Autoencoder;
use super::{Aemlo, METHOD};
use crate::adversarial::players::Optimizer;
use crate::batches::Order;
use crate::matrix::Matrix;

/// The training of one network.
pub(crate) struct Training<'a> {
    pub(crate) method: &'a Aemlo,
    pub(crate) rows: &'a Dataset<LabelMatrix>,
    /// The rows to train on, by number.
    pub(crate) fitted: &'a [usize],
    pub(crate) columns: &'a Columns,
}

/// The stage that observers are told. It is not "training", which programs do not show, since trainings within an
/// outer loop are too short for that.
const STAGE: &str = "training of the autoencoder";

/// How far a training has come.
#[derive(Default)]
struct Count {
    steps: u64,
    epochs: u64,
}

impl Training<'_> {
    /// Trains until the last epoch, or until the budget or the observer ends it. Returns the network and the epoch that
    /// training came to, from 0.
    ///
    /// # Errors
    /// [`Error::Diverged`], [`Error::Interrupted`].
    pub(crate) fn train<M: Matrix>(
        &self,
        mut network: Autoencoder<M>,
        run: &mut Run<'_, LabelMatrix>,
        place: &M::Place,
    ) -> Result<(Autoencoder<M>, u64)> {
        let mut order = Order::new(self.fitted.len(), self.method.batch_size);
        let mut optimizer = Optimizer::new(self.method.adam, &network.parameters());
        let mut best: Option<(f64, Autoencoder<M>)> = None;
        let mut count = Count::default();
        while count.epochs < self.method.epochs {
            order.shuffle(run.rng);
            let summed = self.epoch(&mut network, &mut optimizer, &order, &mut count, run, place)?;
            count.epochs += 1;
            if self.method.keep_best_epoch && best.as_ref().is_none_or(|(least, _)| summed < *least) {
                best = Some((summed, network.clone()));
            }
            let spent = |budget: Budget| count.steps >= budget.steps || count.epochs >= budget.epochs;
            if count.epochs < self.method.epochs && run.budget.is_some_and(spent) {
                run.observer.capped();
                break;
            }
        }
        run.observer.value("gradient_steps", count.steps as f64);
        run.observer.value("epochs", count.epochs as f64);
        Ok((best.map_or(network, |(_, network)| network), count.epochs.saturating_sub(1)))
    }

    /// Returns the sum of the losses of all mini-batches.
    fn epoch<M: Matrix>(
        &self,
        network: &mut Autoencoder<M>,
        optimizer: &mut Optimizer<M>,
        order: &Order,
        count: &mut Count,
        run: &mut Run<'_, LabelMatrix>,
        place: &M::Place,
    ) -> Result<f64> {
        let (mut summed, mut means, mut taken) = (0.0, [0.0; 3], 0.0);
        let of_epoch = self.steps_per_epoch();
        let total = self.method.epochs.saturating_mul(of_epoch);
        for numbers in order.batches().filter(|numbers| numbers.len() > 1) {
            let batch = self.batch(numbers, place);
            let (parts, loss) = step(self.method, network, optimizer, &batch);
            if !loss.is_finite() {
                return Err(self.diverged(count, parts, loss));
            }
            summed += loss;
            taken += 1.0;
            for (mean, part) in means.iter_mut().zip(parts) {
                *mean += (part - *mean) / taken;
            }
            count.steps += 1;
            let done = count.steps;
            if run.observer.progress(STAGE, done, total).is_break() && done < total {
                let kept = format!("{} epochs were done, no row is kept", count.epochs);
                return Err(Error::Interrupted { stage: STAGE.into(), kept });
            }
            if run.budget.is_some_and(|budget| count.steps >= budget.steps) {
                break;
            }
        }
        let named: Vec<(&str, f64)> = NAMES.into_iter().zip(means).collect();
        run.observer.step("losses", &named);
        Ok(summed)
    }

    /// Mini-batches of an epoch; one of a single row is left out.
    fn steps_per_epoch(&self) -> u64 {
        let (n, size) = (self.fitted.len(), self.method.batch_size);
        (n.div_ceil(size) - usize::from(n % size == 1)) as u64
    }

    /// The mini-batch of these places among the fitted rows.
    fn batch<M: Matrix>(&self, numbers: &[usize], place: &M::Place) -> Batch<M> {
        let rows: Vec<usize> = numbers.iter().map(|&number| self.fitted[number]).collect();
        let labels = self.rows.y().view();
        let y = Array2::from_shape_fn((rows.len(), labels.ncols()), |(row, label)| {
            f64::from(u8::from(labels[[rows[row], label]]))
        });
        Batch::new(self.method, &self.columns.encode(self.rows.x(), &rows), &y, place)
    }

    fn diverged(&self, count: &Count, parts: [f64; 3], loss: f64) -> Error {
        let parts: Vec<String> =
            NAMES.iter().zip(parts).map(|(name, loss)| format!("{name} {loss}")).collect();
        let detail = format!("the loss is {loss} after {} mini-batches: {}", count.steps, parts.join(", "));
        Error::Diverged { method: METHOD.into(), epoch: count.epochs as usize, detail }
    }
}

/// One step of Adam. Returns Φ, Ψ and Γ, and the loss that they add up to, from before the step.
pub(crate) fn step<M: Matrix>(
    method: &Aemlo,
    network: &mut Autoencoder<M>,
    optimizer: &mut Optimizer<M>,
    batch: &Batch<M>,
) -> ([f64; 3], f64) {
    let (parts, loss, gradients) = {
        let Losses { parts, total } = Losses::of(method, batch, &network.map(&batch.x, &batch.y));
        let parts = parts.map(|part| part.map_or(0.0, |part| part.number()));
        (parts, total.number(), total.gradients(&network.parameters()))
    };
    optimizer.step(network.parameters_mut(), gradients);
    (parts, loss)
}
