//! The trajectory of a search: what each outer step proposed, and whether it was accepted.

use imb_core::{Labels, Observe};
use imb_neural::TrainingReport;
use serde::{Deserialize, Serialize};

use crate::objective::Objective;

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
    /// The values of the objectives on the validation rows.
    pub values: Vec<f64>,
    /// Whether the proposal was accepted.
    pub accepted: bool,
    /// Gradient steps of the inner loop.
    pub gradient_steps: u64,
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

    /// The stage that observers see as progress.
    pub(super) fn stage(&self) -> String {
        format!("MOODS, {} of {} proposals accepted", self.accepted(), self.steps.len())
    }

    pub(super) fn report(&self, observer: &mut dyn Observe<Labels>) {
        let gradient_steps: u64 = self.steps.iter().map(|step| step.gradient_steps).sum();
        observer.value("outer_steps", self.steps.len() as f64);
        observer.value("accepted_steps", self.accepted() as f64);
        observer.value("gradient_steps", (gradient_steps + self.burn_in_gradient_steps) as f64);
    }
}

impl Step {
    pub(super) fn new(number: usize, batch: usize) -> Self {
        Self {
            number,
            batch,
            sizes: None,
            no_proposal: None,
            values: Vec::new(),
            accepted: false,
            gradient_steps: 0,
            loss: None,
            gradient_norm: None,
            seconds: 0.0,
        }
    }

    pub(super) fn trained(&mut self, report: &TrainingReport) {
        self.gradient_steps = report.steps;
        self.loss = Some(report.loss);
        self.gradient_norm = Some(report.gradient_norm);
    }

    pub(super) fn report(&self, objectives: &[Objective], observer: &mut dyn Observe<Labels>) {
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
        let objectives = objectives.iter().zip(&self.values);
        values.extend(objectives.map(|(objective, value)| (objective.metric.as_str(), *value)));
        observer.step(SERIES, &values);
    }
}
