//! The trajectory of a search: what each outer step proposed, and whether it was accepted.

use std::ops::ControlFlow::Break;

use imb_core::{Error, Labels, Observe, Result};
use imb_neural::TrainingReport;
use serde::{Deserialize, Serialize};

/// The name of the series under which observers see the outer steps.
const SERIES: &str = "steps";

/// The outer steps of a search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trajectory {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Gradient steps of the burn-in, before the first outer step.
    pub burn_in_gradient_steps: u64,
    /// Whether the observer ended the search.
    pub interrupted: bool,
}

/// One outer step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's number, from 1.
    pub number: usize,
    /// The number of majority rows drawn, the paper's M.
    pub batch: usize,
    /// The number of majority and of minority rows in the proposal.
    pub sizes: Option<[usize; 2]>,
    /// Why there was no proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_proposal: Option<String>,
    /// What the decision rests on, by name: of [`Moods`](crate::Moods) the objectives on the validation rows, of
    /// [`Mubo`](crate::Mubo) the loss of the majority (`majority_loss`, F) and its threshold (`threshold`, γ).
    pub values: Vec<(String, f64)>,
    /// Whether the proposal was accepted.
    pub accepted: bool,
    /// Gradient steps of the inner loop.
    pub gradient_steps: u64,
    /// Epochs of the inner loop.
    pub epochs: u64,
    /// The mean loss of the inner loop's last epoch.
    pub loss: Option<f64>,
    /// The L2 norm of the gradient of the inner loop's last mini-batch.
    pub gradient_norm: Option<f64>,
    /// Wall-clock time of the step, in seconds.
    pub seconds: f64,
}

impl Trajectory {
    /// The number of accepted steps.
    pub fn accepted(&self) -> usize {
        self.steps.iter().filter(|step| step.accepted).count()
    }

    /// Shows the observer how far the search is.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if it ends the search.
    pub(crate) fn ask(&self, method: &str, total: usize, observer: &mut dyn Observe<Labels>) -> Result<()> {
        let stage = format!("{method}, {} of {} proposals accepted", self.accepted(), self.steps.len());
        if observer.progress(&stage, self.steps.len() as u64, total as u64) == Break(()) {
            let kept = format!("{} sets were accepted", self.accepted());
            return Err(Error::Interrupted { stage: method.into(), kept });
        }
        Ok(())
    }

    /// The gradient steps of all trainings.
    pub fn gradient_steps(&self) -> u64 {
        self.burn_in_gradient_steps + self.steps.iter().map(|step| step.gradient_steps).sum::<u64>()
    }

    /// How many steps had no proposal, and why the first of them had none; none if all had one.
    pub(crate) fn without_proposal(&self) -> Option<String> {
        let mut reasons = self.steps.iter().filter_map(|step| step.no_proposal.as_deref());
        let first = reasons.next()?;
        let n = 1 + reasons.count();
        Some(format!(
            "{n} of {} steps were rejected because no minority rows could be made; the first time: {first}",
            self.steps.len()
        ))
    }

    pub(crate) fn report(&self, observer: &mut dyn Observe<Labels>) {
        observer.value("outer_steps", self.steps.len() as f64);
        observer.value("accepted_steps", self.accepted() as f64);
        observer.value("gradient_steps", self.gradient_steps() as f64);
        if self.interrupted {
            observer.value("interrupted", 1.0);
        }
    }
}

impl Step {
    pub(crate) fn new(number: usize, batch: usize) -> Self {
        Self {
            number,
            batch,
            sizes: None,
            no_proposal: None,
            values: Vec::new(),
            accepted: false,
            gradient_steps: 0,
            epochs: 0,
            loss: None,
            gradient_norm: None,
            seconds: 0.0,
        }
    }

    pub(crate) fn trained(&mut self, report: &TrainingReport) {
        self.gradient_steps = report.steps;
        self.epochs = report.epochs;
        self.loss = Some(report.loss);
        self.gradient_norm = Some(report.gradient_norm);
    }

    pub(crate) fn report(&self, observer: &mut dyn Observe<Labels>) {
        let mut values = vec![
            ("number", self.number as f64),
            ("accepted", f64::from(u8::from(self.accepted))),
            ("batch", self.batch as f64),
        ];
        if let Some([majority, minority]) = self.sizes {
            values.push(("majority_rows", majority as f64));
            values.push(("minority_rows", minority as f64));
            values.push(("gradient_steps", self.gradient_steps as f64));
        }
        let measured = [("loss", self.loss), ("gradient_norm", self.gradient_norm)];
        values.extend(measured.into_iter().filter_map(|(name, value)| Some((name, value?))));
        values.extend(self.values.iter().map(|(name, value)| (name.as_str(), *value)));
        observer.step(SERIES, &values);
    }
}
