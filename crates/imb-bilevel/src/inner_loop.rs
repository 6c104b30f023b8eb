//! The inner loop: one network, trained on one set after another.

use imb_core::{Dataset, Labels, Result, Run};
use imb_neural::{MlpClassifier, MlpLearner, MlpModel, Stop, TrainingReport};

/// Trains a network on one set after another.
pub(crate) struct InnerLoop<'a> {
    /// The network, its training and its stopping rule.
    pub(crate) classifier: &'a MlpClassifier,
    /// The number of trainings of a search, which share its budget and, with `share_steps`, its steps.
    pub(crate) trainings: u64,
    /// Whether the network continues from training to training.
    pub(crate) warm_start: bool,
    /// Whether the steps of [`Stop::Steps`] are those of all trainings together.
    pub(crate) share_steps: bool,
    /// The network so far, where it continues.
    pub(crate) learner: Option<MlpLearner>,
}

impl InnerLoop<'_> {
    /// Trains on a set, and returns the network as it then is.
    pub(crate) fn train(
        &mut self,
        rows: &Dataset<Labels>,
        run: &mut Run<'_, Labels>,
    ) -> Result<(MlpModel, TrainingReport)> {
        let mut learner = match self.learner.take() {
            Some(learner) => learner,
            None => self.classifier.learner(rows.n_features(), rows.y().classes(), run)?,
        };
        let budget = run.budget.map(|budget| budget.share(self.trainings));
        let report = learner.train(rows, &self.stop(), &mut run.within(budget))?;
        let model = learner.model();
        if self.warm_start {
            self.learner = Some(learner);
        }
        Ok((model, report))
    }

    /// The stopping rule of each training.
    fn stop(&self) -> Stop {
        match self.classifier.stop {
            Stop::Steps(steps) if self.share_steps => Stop::Steps((steps / self.trainings).max(1)),
            stop => stop,
        }
    }
}
