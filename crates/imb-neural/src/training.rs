//! The training loop over epochs and mini-batches, with stopping rules and observers. All trainers share it.

use std::ops::ControlFlow::Break;

use imb_core::{Budget, Dataset, Error, Labels, Observe, Result, Run};
use serde::{Deserialize, Serialize};

use crate::batches::{Order, Rows};
use crate::device::guarded;
use crate::learner::MlpLearner;
use crate::mlp::METHOD;
use crate::trainer::{Batch, Step};
use crate::{Stop, StopReason};

/// The report of a training: what was done, and why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingReport {
    /// The number of gradient steps.
    pub steps: u64,
    /// The number of epochs; under [`Stop::Steps`] the last one may be incomplete.
    pub epochs: u64,
    /// The mean loss over the rows of the last epoch, each mini-batch measured before its update.
    pub loss: f64,
    /// The L2 norm over all weights of the last mini-batch's gradient, before its update.
    pub gradient_norm: f64,
    /// Why training ended.
    pub stopped: StopReason,
}

impl TrainingReport {
    /// Passes the values to an observer.
    pub(crate) fn show(&self, observer: &mut dyn Observe<Labels>) {
        observer.value("gradient_steps", self.steps as f64);
        observer.value("epochs", self.epochs as f64);
        observer.value("last_loss", self.loss);
        observer.value("last_gradient_norm", self.gradient_norm);
    }
}

/// The progress of a training.
pub(crate) struct Progress {
    pub(crate) steps: u64,
    pub(crate) epochs: u64,
    loss: f64,
    pub(crate) gradient_norm: f64,
    last_batch_loss: Option<f64>,
}

/// The name of the stage that observers see.
const STAGE: &str = "training";

impl MlpLearner {
    /// Trains on these rows until the rule ends it, continuing from the learner's weights and optimiser state.
    ///
    /// The order of the rows in each epoch is drawn from `run.rng`. The device is the one that the learner was
    /// made on. If rows have weights, the loss of a mini-batch is the weighted mean; a mini-batch whose weights
    /// are all 0 has no loss and no gradient.
    ///
    /// The observer sees each epoch, counted from 0 in each call, and may end the training: after `Break` from
    /// `on_epoch` it returns normally with the present weights. Progress is reported in the unit of the rule,
    /// gradient steps or epochs. `run.budget` may end the training before the rule does; the observer is then
    /// notified by `capped`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for an invalid rule, rows whose weights are all 0, or other classes than the
    /// network's; [`Error::LengthMismatch`] for another number of features; [`Error::NotFinite`] for a number
    /// beyond the range of f32; [`Error::Diverged`] if loss, gradient or weights are no longer finite;
    /// [`Error::Interrupted`] if `progress` returns `Break` before the training is over; [`Error::Device`] if the
    /// device's driver fails. The learner keeps what it has learnt so far, except where the device failed.
    pub fn train(
        &mut self,
        rows: &Dataset<Labels>,
        stop: &Stop,
        run: &mut Run<'_, Labels>,
    ) -> Result<TrainingReport> {
        guarded(self.device, || self.train_on(rows, stop, run))
    }

    fn train_on(
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

    /// One pass over the rows. It ends early when the last step of the rule or the budget is done.
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

    /// Shows the epoch to the observer, and returns the reason if training ends here.
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

    /// Checks the weights after the last update, since no later loss would reveal that it diverged.
    fn require_finite_weights(&self, progress: &Progress) -> Result<()> {
        if self.trainer.weights().is_finite() {
            return Ok(());
        }
        Err(progress.diverged("a weight is not finite", progress.epochs - 1))
    }
}

/// The limits that may end an epoch before its last mini-batch.
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

    /// Counts a step, or returns an error if its loss or gradient is not finite.
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
