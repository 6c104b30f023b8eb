//! The loop that all methods share: epochs, mini-batches, stopping, observers, divergence.

use imb_core::{Budget, Dataset, Error, Labels, Result, Rng, Run};
use ndarray::Array2;

use super::labels::one_hot;
use crate::batches::{Order, Rows};
use crate::mlp::require;
use crate::model::Shape;
use crate::trainer::Batch;
use crate::{MlpClassifier, MlpModel, Stop, Weights};

/// What a method does with a mini-batch.
pub(crate) trait Game {
    /// Every player's steps on one mini-batch; returns the losses by name, each from before its update.
    fn play(&mut self, real: &RealBatch, rng: &mut Rng) -> Vec<(&'static str, f64)>;

    /// Tells that an epoch, counted from 0, begins.
    fn begin_epoch(&mut self, _epoch: u64) {}

    /// The classifier's weights.
    fn classifier(&self) -> Weights;
}

/// Training rows of a mini-batch, in order of their class.
pub(crate) struct RealBatch {
    /// `(n_rows, n_features)`.
    pub(crate) x: Array2<f64>,
    /// The class of each row.
    pub(crate) labels: Vec<usize>,
    /// One-hot classes times each row's share of the mean loss, `(n_rows, n_classes)`.
    pub(crate) shares: Array2<f64>,
    pub(crate) n_classes: usize,
}

impl RealBatch {
    /// One-hot classes, `(n_rows, n_classes)`.
    pub(crate) fn one_hot(&self) -> Array2<f64> {
        one_hot(&self.labels, self.n_classes)
    }
}

/// A training of one method.
pub(crate) struct Training<'a> {
    /// The method's name in errors.
    pub(crate) method: &'static str,
    pub(crate) rows: &'a Dataset<Labels>,
    /// Batch size, stopping rule and shape of the classifier.
    pub(crate) classifier: &'a MlpClassifier,
    /// Whether all epochs take the rows in the order of the first.
    pub(crate) shuffled_once: bool,
}

/// The stage that observers are told. It is not "training", which programs do not show, since trainings within
/// an outer loop are too short for that.
const STAGE: &str = "adversarial training";

impl Training<'_> {
    /// Plays until the rule, the budget or the observer ends it. Returns the classifier and the last epoch, from 0.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a number beyond f32, [`Error::Diverged`], [`Error::Interrupted`].
    pub(crate) fn play(&self, game: &mut impl Game, run: &mut Run<'_, Labels>) -> Result<(MlpModel, u64)> {
        let mut order = Order::new(self.rows.n_rows(), self.classifier.batch_size);
        let rows = Rows::new(self.rows)?;
        let mut count = Count::default();
        loop {
            if count.epochs == 0 || !self.shuffled_once {
                order.shuffle(run.rng);
            }
            game.begin_epoch(count.epochs);
            self.epoch(game, &rows, &order, &mut count, run)?;
            count.epochs += 1;
            let model = self.model(game.classifier());
            if self.has_ended(&count, &model, run) {
                run.observer.value("gradient_steps", count.steps as f64);
                run.observer.value("epochs", count.epochs as f64);
                let last = count.epochs - 1;
                return if model.weights().is_finite() {
                    Ok((model, last))
                } else {
                    Err(self.diverged(&count, last, "a weight is not finite"))
                };
            }
        }
    }

    /// Shows the epoch to the observer; says whether rule, observer or budget ends the training here.
    fn has_ended(&self, count: &Count, model: &MlpModel, run: &mut Run<'_, Labels>) -> bool {
        let stopped = run.observer.on_epoch((count.epochs - 1) as usize, model).is_break();
        if stopped || self.is_finished(count) {
            return true;
        }
        let spent = |budget: Budget| count.steps >= budget.steps || count.epochs >= budget.epochs;
        let spent = run.budget.is_some_and(spent);
        if spent {
            run.observer.capped();
        }
        spent
    }

    fn epoch(
        &self,
        game: &mut impl Game,
        rows: &Rows,
        order: &Order,
        count: &mut Count,
        run: &mut Run<'_, Labels>,
    ) -> Result<()> {
        let mut batch = Batch::default();
        let mut means: Vec<(&'static str, f64)> = vec![];
        let mut played = 0.0;
        for numbers in order.batches() {
            let losses = game.play(&self.real(rows, numbers, &mut batch), run.rng);
            if let Some((name, loss)) = losses.iter().find(|(_, loss)| !loss.is_finite()) {
                return Err(self.diverged(count, count.epochs, &format!("the loss \"{name}\" is {loss}")));
            }
            played += 1.0;
            means.resize(losses.len(), ("", 0.0));
            for (mean, (name, loss)) in means.iter_mut().zip(&losses) {
                *mean = (name, mean.1 + (loss - mean.1) / played);
            }
            count.last = losses;
            count.steps += 1;
            let spent = run.budget.is_some_and(|budget| count.steps >= budget.steps);
            let last = spent || self.is_last_step(count);
            let (done, total) = self.progress(count);
            if run.observer.progress(STAGE, done, total).is_break() && !last && done < total {
                let kept = format!("{} epochs were done", count.epochs);
                return Err(Error::Interrupted { stage: STAGE.into(), kept });
            }
            if last {
                break;
            }
        }
        run.observer.step("losses", &means);
        Ok(())
    }

    /// These rows, in order of their class.
    fn real(&self, rows: &Rows, numbers: &[usize], batch: &mut Batch) -> RealBatch {
        let codes = self.rows.y().codes();
        let mut numbers = numbers.to_vec();
        numbers.sort_by_key(|&row| codes[row]);
        rows.fill(batch, &numbers);
        RealBatch {
            x: batch.x().mapv(f64::from),
            shares: batch.shares().mapv(f64::from),
            labels: numbers.iter().map(|&row| codes[row] as usize).collect(),
            n_classes: self.rows.y().classes().len(),
        }
    }

    fn model(&self, weights: Weights) -> MlpModel {
        let activations = self.classifier.hidden_layers.iter().map(|layer| layer.activation).collect();
        MlpModel::new(weights, Shape { activations, classes: self.rows.y().classes().into() })
    }

    fn is_last_step(&self, count: &Count) -> bool {
        matches!(self.classifier.stop, Stop::Steps(steps) if count.steps >= steps)
    }

    fn is_finished(&self, count: &Count) -> bool {
        match self.classifier.stop {
            Stop::Steps(steps) => count.steps >= steps,
            Stop::Epochs(epochs) => count.epochs >= epochs,
            Stop::GradientNorm { max_epochs, .. } => count.epochs >= max_epochs,
        }
    }

    /// Mini-batches done, and of how many.
    fn progress(&self, count: &Count) -> (u64, u64) {
        let an_epoch = self.rows.n_rows().div_ceil(self.classifier.batch_size) as u64;
        match self.classifier.stop {
            Stop::Steps(steps) => (count.steps, steps),
            Stop::Epochs(epochs) | Stop::GradientNorm { max_epochs: epochs, .. } => {
                (count.steps, epochs.saturating_mul(an_epoch))
            }
        }
    }

    fn diverged(&self, count: &Count, epoch: u64, what: &str) -> Error {
        let losses: Vec<String> = count.last.iter().map(|(name, loss)| format!("{name} {loss}")).collect();
        let detail = if losses.is_empty() {
            format!("{what} on the first mini-batch")
        } else {
            format!("{what} after {} mini-batches; last finite losses: {}", count.steps, losses.join(", "))
        };
        Error::Diverged { method: self.method.into(), epoch: epoch as usize, detail }
    }
}

/// How far a training has come.
#[derive(Default)]
struct Count {
    steps: u64,
    epochs: u64,
    /// The losses of the last mini-batch.
    last: Vec<(&'static str, f64)>,
}

/// Refuses data with fewer than two classes that have rows, and rules that only the plain classifier knows.
pub(crate) fn check(method: &'static str, classifier: &MlpClassifier, rows: &Dataset<Labels>) -> Result<()> {
    let present = rows.y().counts().iter().filter(|count| **count > 0).count();
    if present < 2 {
        let reason = format!("it needs rows of two classes, and there are {present}");
        return Err(Error::NotApplicable { method: method.into(), reason });
    }
    let known = !matches!(classifier.stop, Stop::GradientNorm { .. });
    require("classifier.stop", "a number of epochs or steps", known, "a norm of the gradient")?;
    let plain = classifier.loss == crate::Loss::CrossEntropy;
    require("classifier.loss", "cross_entropy", plain, "cross_entropy_on_softmax")?;
    classifier.check()
}
