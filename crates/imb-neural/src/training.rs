//! The training loop: epochs, mini-batches, stopping, observers. It is written once, above the seam.

use std::ops::ControlFlow::Break;

use imb_core::{Budget, Dataset, Error, Labels, Observe, Result, Run};
use serde::{Deserialize, Serialize};

use crate::batches::{Order, Rows};
use crate::learner::MlpLearner;
use crate::mlp::METHOD;
use crate::trainer::{Batch, Step};
use crate::{Stop, StopReason};

/// What a training did and why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingReport {
    /// Gradient steps done.
    pub steps: u64,
    /// Epochs done; under [`Stop::Steps`] the last one may be unfinished.
    pub epochs: u64,
    /// Mean loss of the last epoch's mini-batches by their rows, each taken before its update.
    pub loss: f64,
    /// L2 norm over all weights of the last mini-batch's gradient, before its update.
    pub gradient_norm: f64,
    /// Why training ended.
    pub stopped: StopReason,
}

impl TrainingReport {
    /// Tells an observer the values.
    pub(crate) fn tell(&self, observer: &mut dyn Observe<Labels>) {
        observer.value("gradient_steps", self.steps as f64);
        observer.value("epochs", self.epochs as f64);
        observer.value("last_loss", self.loss);
        observer.value("last_gradient_norm", self.gradient_norm);
    }
}

/// How far a training has come.
pub(crate) struct Progress {
    pub(crate) steps: u64,
    pub(crate) epochs: u64,
    loss: f64,
    pub(crate) gradient_norm: f64,
    last_batch_loss: Option<f64>,
}

/// The stage that observers are told.
const STAGE: &str = "training";

impl MlpLearner {
    /// Trains on these rows until the rule ends it, going on from the weights and the optimiser's
    /// memory that the learner has. Draws from `run.rng` the order of the rows of each epoch; the
    /// device is the one that the learner was made on. If rows have weights, the loss of a
    /// mini-batch is their weighted mean; one whose rows weigh nothing has no loss and no gradient.
    ///
    /// The observer sees each epoch, counted from 0 in each call, and may end the training there:
    /// `Break` from `on_epoch` ends it in good order with the weights as they are. Progress is told
    /// in the unit of the rule, gradient steps or epochs. `run.budget` may end the training before the
    /// rule does; the observer is told.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a rule that cannot be kept, rows without any weight, or other
    /// classes than the network's; [`Error::LengthMismatch`] for another number of features;
    /// [`Error::NotFinite`] for a number beyond f32; [`Error::Diverged`] if loss, gradient or weights
    /// leave the finite numbers; [`Error::Interrupted`] if `progress` says `Break` before the rule
    /// is met. The learner keeps what it has learnt until then.
    pub fn train(
        &mut self,
        rows: &Dataset<Labels>,
        stop: &Stop,
        run: &mut Run<'_, Labels>,
    ) -> Result<TrainingReport> {
        stop.check()?;
        self.require_same_shape(rows)?;
        let mut order = Order::new(rows.n_rows(), self.batch_size);
        let rows = Rows::new(rows)?;
        let (mut batch, mut progress) = (Batch::default(), Progress::new());
        loop {
            order.shuffle(run.rng);
            let limits = Limits { stop, budget: run.budget };
            self.epoch(&rows, &order, &limits, &mut batch, &mut progress)?;
            if let Some(reason) = self.after_epoch(stop, &progress, run)? {
                self.require_finite_weights(&progress)?;
                return Ok(progress.report(reason));
            }
        }
    }

    /// One pass over the rows, cut short where rule or budget count steps.
    fn epoch(
        &mut self,
        rows: &Rows,
        order: &Order,
        limits: &Limits<'_>,
        batch: &mut Batch,
        progress: &mut Progress,
    ) -> Result<()> {
        let mut batches = order.batches().peekable();
        let (mut total, mut seen) = (0.0, 0.0);
        while let Some(numbers) = batches.next() {
            let last = batches.peek().is_none() || limits.is_last_step(progress.steps + 1);
            rows.fill(batch, numbers);
            let step = self.trainer.step(batch, last);
            progress.count(step)?;
            total += step.loss * numbers.len() as f64;
            seen += numbers.len() as f64;
            if last {
                break;
            }
        }
        progress.epochs += 1;
        progress.loss = total / seen;
        Ok(())
    }

    /// Shows the epoch to the observer; says whether, and why, training ends here.
    fn after_epoch(
        &self,
        stop: &Stop,
        progress: &Progress,
        run: &mut Run<'_, Labels>,
    ) -> Result<Option<StopReason>> {
        let epoch = (progress.epochs - 1) as usize;
        let watched = run.observer.on_epoch(epoch, &self.view());
        let ended = stop.reached(progress).or(watched.is_break().then_some(StopReason::Observer));
        let spent = run.budget.is_some_and(|budget| is_spent(budget, progress));
        let ended = ended.or(spent.then_some(StopReason::Budget));
        if ended == Some(StopReason::Budget) {
            run.observer.capped();
        }
        let (done, total) = stop.progress(progress);
        if run.observer.progress(STAGE, done, total) == Break(()) && ended.is_none() {
            let kept = format!("{} epochs were done", progress.epochs);
            return Err(Error::Interrupted { stage: STAGE.into(), kept });
        }
        Ok(ended)
    }

    /// The last update is followed by no loss that would show its damage.
    fn require_finite_weights(&self, progress: &Progress) -> Result<()> {
        if self.trainer.weights().is_finite() {
            return Ok(());
        }
        Err(progress.diverged("a weight is not finite", progress.epochs - 1))
    }
}

/// What may end an epoch before its last mini-batch.
struct Limits<'a> {
    stop: &'a Stop,
    budget: Option<Budget>,
}

impl Limits<'_> {
    fn is_last_step(&self, step: u64) -> bool {
        self.stop.is_last_step(step) || self.budget.is_some_and(|budget| step >= budget.steps)
    }
}

fn is_spent(budget: Budget, so_far: &Progress) -> bool {
    so_far.steps >= budget.steps || so_far.epochs >= budget.epochs
}

impl Progress {
    fn new() -> Self {
        Self { steps: 0, epochs: 0, loss: f64::NAN, gradient_norm: f64::NAN, last_batch_loss: None }
    }

    /// Counts a step, unless it left the finite numbers.
    fn count(&mut self, step: Step) -> Result<()> {
        if !step.loss.is_finite() {
            return Err(self.diverged(&format!("the loss is {}", step.loss), self.epochs));
        }
        self.last_batch_loss = Some(step.loss);
        if let Some(norm) = step.gradient_norm {
            if !norm.is_finite() {
                return Err(self.diverged(&format!("the gradient's norm is {norm}"), self.epochs));
            }
            self.gradient_norm = norm;
        }
        self.steps += 1;
        Ok(())
    }

    fn diverged(&self, what: &str, epoch: u64) -> Error {
        let detail = match self.last_batch_loss {
            Some(loss) => format!("{what} after {} steps; the last finite loss was {loss}", self.steps),
            None => format!("{what} on the first mini-batch"),
        };
        Error::Diverged { method: METHOD.into(), epoch: epoch as usize, detail }
    }

    fn report(&self, stopped: StopReason) -> TrainingReport {
        let Self { steps, epochs, loss, gradient_norm, .. } = *self;
        TrainingReport { steps, epochs, loss, gradient_norm, stopped }
    }
}

#[cfg(test)]
mod tests;
