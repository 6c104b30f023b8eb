//! Linear support vector machines, for many rows, many features and many problems.
//!
//! Between two classes lies the plane that leaves the widest margin, where a row may stand inside the margin
//! or beyond it at a price. Unlike [`Svc`](crate::Svc) with a linear kernel, the machine keeps one weight a
//! feature and never compares rows with each other: a pass over the data costs as much as reading the
//! numbers that are not 0. Of more than two classes each has a machine against all others.
//!
//! It minimises `½ |w|² + Σ c · loss(y w·x)`, where the bias is the weight of one more feature, which is `bias`
//! in every row, and the loss is the hinge `max(0, 1 − y w·x)` or its square. The solver is coordinate descent
//! on the dual problem with random order and shrinking, algorithm 3 of the paper: it visits row after row
//! and sets the row's multiplier to the best value with all others fixed; rows that seem settled at a
//! bound are left out until the end.
//!
//! As in liblinear, class weights apply to both classes of a two-class problem, but of several classes only to
//! the class that a machine separates from the others. Where only one class has rows, the machine gives each of
//! them that class; a row far from them may still get the other one. Where we depart: the order of rows is drawn from the run's own
//! generator, so weights agree with liblinear's within the tolerance, not bit by bit.
//!
//! Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM",
//! ICML (2008), doi:10.1145/1390156.1390208. Fan et al., "LIBLINEAR", JMLR 9 (2008).

mod descent;

use imb_core::{Dataset, Error, Fit, Labels, Predict, Result, Run, Train};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::base::{
    BaseLearner, BaseModel, LabelsModel, Problem, SharedRows, fit_unwatched, require_features, with_all_rows,
};
use crate::class_weight::ClassWeight;
use crate::progress::Progress;
use crate::sparse_rows::SparseRows;
use descent::{Descent, Machine};

/// A linear support vector machine.
///
/// ```
/// use imb_classify::LinearSvm;
/// use imb_core::{Dataset, Labels, Run, Seed};
/// use ndarray::array;
///
/// let x = array![[-3.0], [-1.0], [1.0], [3.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["0", "0", "1", "1"]))?;
/// let model = LinearSvm::default().fit_rows(&rows)?;
/// // The margin reaches to -1 and 1.
/// assert!((model.weights()[[0, 0]] - 1.0).abs() < 1e-3 && model.intercepts()[0].abs() < 1e-3);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`Svc`](crate::Svc), with kernels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearSvm {
    /// What a row inside the margin costs.
    pub loss: Loss,
    /// The penalty C, what the loss of all rows is multiplied by, above 0.
    pub c: f64,
    /// What C is multiplied by for the rows of each class. Classes of a [`Problem`], which have no names, go by
    /// their numbers.
    pub class_weight: ClassWeight,
    /// The feature whose weight is the bias; 0 for planes through the origin.
    pub bias: f64,
    /// How far the gradient may be from optimal at the end, above 0.
    pub tolerance: f64,
    /// The most passes over the rows, 1 or more. A machine that needs more is used as it is by then:
    /// [`LinearSvmModel::converged`] tells.
    pub max_iterations: usize,
}

impl Default for LinearSvm {
    /// scikit-learn's values, with the hinge.
    fn default() -> Self {
        Self {
            loss: Loss::Hinge,
            c: 1.0,
            class_weight: ClassWeight::Equal,
            bias: 1.0,
            tolerance: 1e-4,
            max_iterations: 1000,
        }
    }
}

/// What a row inside the margin costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// `max(0, 1 − y w·x)`.
    #[default]
    Hinge,
    /// The square of that.
    SquaredHinge,
}

/// Fitted machines: one for two classes, else one a class.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearSvmModel {
    n_classes: usize,
    /// `(n_machines, n_features)`.
    weights: Array2<f64>,
    intercepts: Vec<f64>,
    converged: bool,
}

impl LinearSvm {
    /// Fits the machines to all rows of a data set, visited in an order that seed 0 draws.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for a parameter out of its range, or for a row weight that is
    /// no whole number (a row counts as often as its weight says);
    /// [`UnknownName`](imb_core::Error::UnknownName) for a weight of a class that does not exist.
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<LinearSvmModel> {
        fit_unwatched(rows, |shared, problem, run| self.fit_named(shared, problem, rows.y().classes(), run))
    }

    fn fit_named(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        names: &[String],
        run: &mut Run<'_, Labels>,
    ) -> Result<LinearSvmModel> {
        self.check()?;
        problem.check(rows)?;
        let mut counts = vec![0; problem.n_classes];
        problem.codes.iter().for_each(|&code| counts[code as usize] += 1);
        let weights = self.class_weight.weights(names, &counts)?;
        let sparse = problem.sparse_rows(rows);
        let is_pair = problem.n_classes == 2;
        let classes = if is_pair { 1..2 } else { 0..problem.n_classes };
        let mut progress = Progress::new("linear support vector machine");
        let machines: Vec<Machine> = classes
            .map(|class| {
                let prices = [if is_pair { weights[0] } else { 1.0 }, weights[class]];
                self.machine(&sparse, problem, class, prices, &mut progress, run)
            })
            .collect::<Result<_>>()?;
        Ok(LinearSvmModel::new(problem.n_classes, sparse.n_columns(), machines))
    }

    /// The machine between a class and all others, whose rows have these class weights: others, class.
    fn machine(
        &self,
        rows: &SparseRows,
        problem: &Problem<'_>,
        class: usize,
        class_weights: [f64; 2],
        progress: &mut Progress,
        run: &mut Run<'_, Labels>,
    ) -> Result<Machine> {
        let is_class: Vec<bool> = problem.codes.iter().map(|&code| code as usize == class).collect();
        let prices = class_weights.map(|weight| self.c * weight);
        let mut descent = Descent::new(self, rows, problem.rows, &is_class, prices);
        for pass in 0..self.max_iterations {
            progress.tell(run, pass, self.max_iterations)?;
            if descent.pass(run.rng) {
                return Ok(descent.machine(true));
            }
        }
        Ok(descent.machine(false))
    }

    fn check(&self) -> Result<()> {
        let is_above_0 = |number: f64| number.is_finite() && number > 0.0;
        for (name, number) in [("c", self.c), ("tolerance", self.tolerance)] {
            if !is_above_0(number) {
                return Err(Error::invalid_parameter(name, "a number above 0", number));
            }
        }
        if !self.bias.is_finite() {
            return Err(Error::invalid_parameter("bias", "a finite number", self.bias));
        }
        if self.max_iterations == 0 {
            return Err(Error::invalid_parameter("max_iterations", "1 or more", self.max_iterations));
        }
        Ok(())
    }
}

impl BaseLearner for LinearSvm {
    type Model = LinearSvmModel;

    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<LinearSvmModel> {
        let names: Vec<String> = (0..problem.n_classes).map(|class| class.to_string()).collect();
        self.fit_named(rows, problem, &names, run)
    }
}

impl Fit<Labels> for LinearSvm {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        let names = train.rows.y().classes();
        let model =
            with_all_rows(&train.rows, |shared, problem| self.fit_named(shared, problem, names, run))?;
        Ok(Box::new(LabelsModel::new(&train.rows, model)))
    }
}

impl LinearSvmModel {
    fn new(n_classes: usize, n_features: usize, machines: Vec<Machine>) -> Self {
        let mut weights = Array2::zeros((machines.len(), n_features));
        for (mut weights, machine) in weights.rows_mut().into_iter().zip(&machines) {
            weights.iter_mut().zip(&machine.weights).for_each(|(weight, &of_machine)| *weight = of_machine);
        }
        Self {
            n_classes,
            weights,
            intercepts: machines.iter().map(|machine| machine.intercept).collect(),
            converged: machines.iter().all(|machine| machine.converged),
        }
    }

    /// The weights of each machine, `(n_machines, n_features)`: of one that separates the second class from
    /// the first if there are two classes, else of one for each class.
    pub fn weights(&self) -> ndarray::ArrayView2<'_, f64> {
        self.weights.view()
    }

    /// What each machine adds to the weighted sum of a row's features.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// Whether all machines came within the tolerance before the last iteration.
    pub fn converged(&self) -> bool {
        self.converged
    }
}

impl BaseModel for LinearSvmModel {
    /// How far a row is on the side of each class, in units of the margin.
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>> {
        require_features(self.weights.ncols(), rows.x().ncols())?;
        rows.require_finite()?;
        let sparse = rows.sparse_rows();
        let mut scores = Array2::zeros((sparse.n_rows(), self.n_classes));
        for (row, mut scores) in scores.rows_mut().into_iter().enumerate() {
            let (columns, values) = sparse.row(row);
            for (machine, &intercept) in self.intercepts.iter().enumerate() {
                let weights = self.weights.row(machine);
                let cells = columns.iter().zip(values);
                let value =
                    intercept + cells.map(|(&column, value)| weights[column as usize] * value).sum::<f64>();
                if self.n_classes == 2 {
                    (scores[0], scores[1]) = (-value, value);
                } else {
                    scores[machine] = value;
                }
            }
        }
        Ok(scores)
    }
}
