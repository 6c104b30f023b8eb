//! The learner inside a multi-label method, as data: `{ method = "c45", confidence = 0.25 }`.

use imb_classify::{BaseLearner, BaseModel, C45, Cart, LinearSvm, Problem, SharedRows};
use imb_core::{Labels, Result, Run};
use serde::{Deserialize, Serialize};

/// A base learner by name. C4.5 by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Base {
    /// C4.5.
    C45(C45),
    /// CART.
    Cart(Cart),
    /// A linear support vector machine.
    LinearSvm(LinearSvm),
}

impl Default for Base {
    fn default() -> Self {
        Self::C45(C45::default())
    }
}

impl BaseLearner for Base {
    type Model = Box<dyn BaseModel>;

    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Box<dyn BaseModel>> {
        Ok(match self {
            Self::C45(learner) => Box::new(learner.fit_problem(rows, problem, run)?),
            Self::Cart(learner) => Box::new(learner.fit_problem(rows, problem, run)?),
            Self::LinearSvm(learner) => Box::new(learner.fit_problem(rows, problem, run)?),
        })
    }
}
