//! Support vector machines with soft margins.
//!
//! The decision surface between two classes is the one with the widest margin, where rows inside the margin or
//! on the wrong side are penalised by `c`. It depends only on the support vectors: the rows on the margin, inside
//! it or on the wrong side. The kernel `exp(−gamma |a − b|²)` allows curved surfaces. With more than two classes
//! there is a machine for each pair, and a row is assigned to the class that wins most of its pairs.
//!
//! The solver is libsvm's, as translated by the crate `libsvm-rs`. Kernel rows are computed here, from dense data,
//! with the arithmetic of scikit-learn's `SVC`, whose defaults these are. Classes and rows are passed to the
//! solver in its order too, so that the support vectors are the same. Row weights are ignored. The time grows at
//! least with the square of the number of rows; the memory is that of the data and of the cache.
//!
//! Cortes and Vapnik, "Support-vector networks", Machine Learning 20 (1995), doi:10.1007/BF00994018.
//! Chang and Lin, "LIBSVM: a library for support vector machines", ACM TIST 2 (2011),
//! doi:10.1145/1961189.1961199.

mod kernel_rows;
mod row_cache;

use imb_core::{Dataset, Error, Fit, Labels, Predict, Prediction, Result, Run, Train};
use libsvm_rs::solver::{Solver, SolverVariant};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::first_best;
use crate::class_weight::ClassWeight;
use kernel_rows::{KernelFunction, Points, SignedKernel};

/// A support vector classifier.
///
/// ```
/// use imb_classify::{ClassWeight, Kernel, Svc};
/// use imb_core::{Dataset, Labels, Predict};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [6.0], [7.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["often", "often", "often", "rare", "rare"]))?;
/// let svc = Svc { kernel: Kernel::Linear, class_weight: ClassWeight::Balanced, ..Svc::default() };
/// let model = svc.fit_rows(&rows)?;
/// assert_eq!(model.predict(array![[1.5], [6.5]].view())?.labels.codes(), [0, 1]);
/// assert_eq!(model.support(), [2, 3], "the rows on the margin");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # Reference
/// Cortes and Vapnik (1995), doi:10.1007/BF00994018; Chang and Lin (2011), doi:10.1145/1961189.1961199.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svc {
    /// The kernel.
    pub kernel: Kernel,
    /// The penalty of rows inside the margin or on the wrong side, above 0.
    pub c: f64,
    /// The coefficient of [`Kernel::Rbf`]; other kernels ignore it.
    pub gamma: Gamma,
    /// The factor of the penalty for the rows of each class.
    pub class_weight: ClassWeight,
    /// The solver's tolerance for the optimality conditions, above 0.
    pub tolerance: f64,
    /// The memory for kernel rows in megabytes, above 0. It affects the time only.
    pub cache_megabytes: f64,
}

impl Default for Svc {
    /// scikit-learn's values.
    fn default() -> Self {
        Self {
            kernel: Kernel::Rbf,
            c: 1.0,
            gamma: Gamma::Scale,
            class_weight: ClassWeight::Equal,
            tolerance: 1e-3,
            cache_megabytes: 200.0,
        }
    }
}

/// The kernel of an [`Svc`]: the similarity of two rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// `exp(−gamma |a − b|²)`.
    #[default]
    Rbf,
    /// `a·b`; the decision surface is a plane.
    Linear,
}

/// The coefficient `gamma` of [`Kernel::Rbf`]: the larger, the faster similarity decreases with distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gamma {
    /// `1 / (n_features · variance of all cells)`, or 1 if all cells are equal.
    #[default]
    Scale,
    /// `1 / n_features`.
    Auto,
    /// A number above 0.
    Value(f64),
}

/// A fitted [`Svc`].
#[derive(Debug)]
pub struct SvcModel {
    classes: Vec<String>,
    support: Vec<usize>,
    points: Points,
    machines: Vec<Machine>,
}

/// The machine of a pair of classes.
#[derive(Debug)]
struct Machine {
    /// Class numbers. Decision values above 0 are in favour of the first.
    classes: [usize; 2],
    /// Its support vectors, by place among all support vectors, with their coefficients.
    terms: Vec<(usize, f64)>,
    offset: f64,
}

impl Svc {
    /// Fits a machine for each pair of classes that have rows.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter out of its range, or rows of fewer than two classes;
    /// [`Error::UnknownName`] for the weight of a class that does not exist.
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<SvcModel> {
        self.check()?;
        let labels = rows.y();
        let counts = labels.counts();
        let present: Vec<usize> = (0..counts.len()).filter(|&class| counts[class] > 0).collect();
        if present.len() < 2 {
            let name = "number of classes for a support vector machine";
            return Err(Error::invalid_parameter(name, "at least two classes with rows", present.len()));
        }
        let penalties = self.penalties(labels)?;
        let kernel = self.kernel_function(rows.x());
        // Otherwise the solver prints its progress to standard error.
        libsvm_rs::set_quiet(true);
        let members: Vec<Vec<usize>> = (0..counts.len()).map(|class| labels.rows_of(class as u32)).collect();
        let mut machines = Vec::new();
        for (place, &one) in present.iter().enumerate() {
            for &other in &present[place + 1..] {
                machines.push(self.solve(rows.x(), &members, [one, other], &penalties, kernel));
            }
        }
        Ok(SvcModel::new(rows, machines, kernel))
    }

    fn check(&self) -> Result<()> {
        let gamma = if let Gamma::Value(gamma) = self.gamma { gamma } else { 1.0 };
        let numbers = [
            ("c", self.c),
            ("gamma", gamma),
            ("tolerance", self.tolerance),
            ("cache_megabytes", self.cache_megabytes),
        ];
        match numbers.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0)) {
            None => Ok(()),
            Some((name, value)) => Err(Error::invalid_parameter(name, "a number above 0", value)),
        }
    }

    /// The penalty of the rows of each class.
    fn penalties(&self, labels: &Labels) -> Result<Vec<f64>> {
        let weights = self.class_weight.weights(labels.classes(), &labels.counts())?;
        Ok(weights.into_iter().map(|weight| self.c * weight).collect())
    }

    fn kernel_function(&self, x: ArrayView2<'_, f64>) -> KernelFunction {
        let gamma = match self.gamma {
            Gamma::Value(gamma) => gamma,
            Gamma::Auto => 1.0 / x.ncols() as f64,
            Gamma::Scale => scale(x),
        };
        match self.kernel {
            Kernel::Linear => KernelFunction::Linear,
            Kernel::Rbf => KernelFunction::Rbf { gamma },
        }
    }

    /// Fits the machine of two classes. Its support vectors are row numbers.
    fn solve(
        &self,
        x: ArrayView2<'_, f64>,
        members: &[Vec<usize>],
        classes: [usize; 2],
        penalties: &[f64],
        kernel: KernelFunction,
    ) -> Machine {
        let rows: Vec<usize> = classes.iter().flat_map(|&class| &members[class]).copied().collect();
        let n_first = members[classes[0]].len();
        let signs: Vec<i8> = (0..rows.len()).map(|place| if place < n_first { 1 } else { -1 }).collect();
        let points = Points::new(x.select(Axis(0), &rows).view(), kernel);
        let cache_bytes = (self.cache_megabytes * f64::from(1 << 20)) as usize;
        let matrix = SignedKernel::new(points, signs.clone(), cache_bytes);
        let mut alpha = vec![0.0; rows.len()];
        let solution = Solver::solve(
            SolverVariant::Standard,
            rows.len(),
            Box::new(matrix),
            &vec![-1.0; rows.len()],
            &signs,
            &mut alpha,
            penalties[classes[0]],
            penalties[classes[1]],
            self.tolerance,
            true,
        );
        let signed = rows.into_iter().zip(alpha.iter().zip(signs));
        let terms = signed.map(|(row, (alpha, sign))| (row, alpha * f64::from(sign)));
        Machine { classes, terms: terms.filter(|(_, alpha)| *alpha != 0.0).collect(), offset: solution.rho }
    }
}

impl SvcModel {
    /// Makes a model of machines whose support vectors are row numbers.
    fn new(rows: &Dataset<Labels>, mut machines: Vec<Machine>, kernel: KernelFunction) -> Self {
        let terms = machines.iter().flat_map(|machine| &machine.terms);
        let mut support: Vec<usize> = terms.map(|(row, _)| *row).collect();
        support.sort_unstable();
        support.dedup();
        for (row, _) in machines.iter_mut().flat_map(|machine| &mut machine.terms) {
            *row = support.binary_search(row).expect("a support vector of some machine");
        }
        let points = Points::new(rows.x().select(Axis(0), &support).view(), kernel);
        Self { classes: rows.y().classes().to_vec(), support, points, machines }
    }

    /// The numbers of the training rows that are support vectors of any pair of classes, ascending.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    /// The pairs of class numbers, in the order of the columns of
    /// [`decision_values`](Self::decision_values).
    pub fn pairs(&self) -> impl Iterator<Item = [usize; 2]> {
        self.machines.iter().map(|machine| machine.classes)
    }

    /// The decision value of each row of `x`, `(n_rows, n_features)`, for each pair of classes,
    /// `(n_rows, n_pairs)`: above 0 for the first class of the pair, below 0 for the second.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `x` has another number of features than the training rows;
    /// [`Error::NotFinite`] if a number is missing or infinite.
    pub fn decision_values(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if x.ncols() != self.points.n_features {
            let what = "features of the rows to predict".into();
            return Err(Error::LengthMismatch { what, expected: self.points.n_features, found: x.ncols() });
        }
        if let Some(((row, column), &value)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value });
        }
        let mut values = Array2::zeros((x.nrows(), self.machines.len()));
        let rows = values.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0)));
        rows.for_each(|(mut values, row)| {
            let mut kernel = vec![0.0; self.support.len()];
            self.points.compare(&row.to_vec(), 0..self.support.len(), |start, found| {
                kernel[start..][..found.len()].copy_from_slice(found);
            });
            for (value, machine) in values.iter_mut().zip(&self.machines) {
                let terms = machine.terms.iter();
                *value =
                    terms.fold(0.0, |sum, (place, factor)| sum + factor * kernel[*place]) - machine.offset;
            }
        });
        Ok(values)
    }
}

impl Fit<Labels> for Svc {
    fn fit(&self, train: &Train<Labels>, _run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        Ok(Box::new(self.fit_rows(&train.rows)?))
    }
}

impl Predict<Labels> for SvcModel {
    /// Predicts the class that wins most of its pairs, the lower number on a tie. The score of a class is the
    /// number of pairs won plus a fraction that grows with the margin, as in scikit-learn.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        let values = self.decision_values(x)?;
        let shape = (x.nrows(), self.classes.len());
        let (mut votes, mut margins) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
        for (row, values) in values.rows().into_iter().enumerate() {
            for (value, [one, other]) in values.iter().zip(self.pairs()) {
                votes[[row, if *value > 0.0 { one } else { other }]] += 1.0;
                margins[[row, one]] += value;
                margins[[row, other]] -= value;
            }
        }
        let codes = votes.rows().into_iter().map(first_best).collect();
        let scores = votes + margins.mapv(|margin| margin / (3.0 * (margin.abs() + 1.0)));
        Ok(Prediction { labels: Labels::new(codes, self.classes.clone())?, scores, logits: None })
    }
}

/// `1 / (n_features · variance of all cells)`, summed row by row as scikit-learn does.
fn scale(x: ArrayView2<'_, f64>) -> f64 {
    let n_cells = x.len() as f64;
    let mean = x.rows().into_iter().map(|row| row.sum()).sum::<f64>() / n_cells;
    let squares = |row: ArrayView1<'_, f64>| row.fold(0.0, |sum, value| sum + (value - mean).powi(2));
    let variance = x.rows().into_iter().map(squares).sum::<f64>() / n_cells;
    if variance == 0.0 { 1.0 } else { 1.0 / (x.ncols() as f64 * variance) }
}
