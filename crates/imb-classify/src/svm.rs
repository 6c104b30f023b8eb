//! Support vector machines with soft margins.
//!
//! Between two classes lies the surface that leaves the widest margin, where a row may stand inside
//! the margin or beyond it at a price, `c`. It hangs on few rows, the support vectors: those on the
//! margin or beyond. With the kernel `exp(−gamma |a − b|²)` it may bend. Of more than two classes each
//! pair has a machine of its own, and a row goes to the class that wins most of its pairs.
//!
//! The solver is libsvm's, in the translation of the crate `libsvm-rs`; kernel rows are computed here,
//! from dense data, with the arithmetic of scikit-learn's `SVC`, whose defaults these are. Classes and
//! rows are handed over in its order too, so that the support vectors are the same. Weights of the rows
//! are not looked at. Time grows with the square of the rows at least; memory is that of the data and
//! of the cache.
//!
//! Cortes and Vapnik, "Support-vector networks", Machine Learning 20 (1995), doi:10.1007/BF00994018.
//! Chang and Lin, "LIBSVM: a library for support vector machines", ACM TIST 2 (2011),
//! doi:10.1145/1961189.1961199.

mod kernel_rows;
mod row_cache;

use imb_core::{Dataset, Error, Fit, Labels, Predict, Prediction, Result, Run, Train};
use libsvm_rs::solver::{Solver, SolverVariant};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::invalid;
use crate::class_weight::ClassWeight;
use kernel_rows::{KernelFunction, Points, SignedKernel};

/// Support vector classification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svc {
    /// How alike two rows are.
    pub kernel: Kernel,
    /// The price of a row inside the margin or beyond it, above 0.
    pub c: f64,
    /// How fast likeness fades with distance; for [`Kernel::Rbf`] only.
    pub gamma: Gamma,
    /// What the price is multiplied by, for the rows of each class.
    pub class_weight: ClassWeight,
    /// How far from optimal the solver may stop, above 0.
    pub tolerance: f64,
    /// Megabytes that kernel rows may take, above 0.
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

/// How alike two rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// `exp(−gamma |a − b|²)`.
    #[default]
    Rbf,
    /// `a·b`, which makes the surface a plane.
    Linear,
}

/// How fast likeness fades with distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gamma {
    /// `1 / (n_features · variance of all cells)`, or 1 where all cells are equal.
    #[default]
    Scale,
    /// `1 / n_features`.
    Auto,
    /// This number, above 0.
    Value(f64),
}

/// A fitted classifier.
#[derive(Debug)]
pub struct SvcModel {
    classes: Vec<String>,
    support: Vec<usize>,
    points: Points,
    machines: Vec<Machine>,
}

/// The surface between two classes.
#[derive(Debug)]
struct Machine {
    /// Class numbers; the first is on the side above 0.
    classes: [usize; 2],
    /// Support vectors with their coefficients, by place among all support vectors.
    terms: Vec<(usize, f64)>,
    offset: f64,
}

impl Svc {
    /// Fits the machines of all pairs of classes that have rows.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter out of its range, a class weight for a class that
    /// there is not, or rows of fewer than two classes.
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<SvcModel> {
        self.check()?;
        let labels = rows.y();
        let present: Vec<usize> = labels
            .counts()
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(class, _)| class)
            .collect();
        if present.len() < 2 {
            return Err(invalid(
                "rows for a support vector machine",
                "of two classes at least",
                present.len(),
            ));
        }
        let prices = self.prices(labels)?;
        let kernel = self.kernel_function(rows.x());
        // The solver would report to standard error.
        libsvm_rs::set_quiet(true);
        let members: Vec<Vec<usize>> =
            (0u32..).zip(labels.classes()).map(|(class, _)| labels.rows_of(class)).collect();
        let pairs = present
            .iter()
            .enumerate()
            .flat_map(|(place, &one)| present[place + 1..].iter().map(move |&other| [one, other]));
        let machines: Vec<Machine> =
            pairs.map(|pair| self.solve(rows.x(), &members, pair, &prices, kernel)).collect();
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
            Some((name, value)) => Err(invalid(name, "a number above 0", value)),
        }
    }

    /// The price of a misplaced row of each class.
    fn prices(&self, labels: &Labels) -> Result<Vec<f64>> {
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

    /// The machine between two classes, whose support vectors are given by row number.
    fn solve(
        &self,
        x: ArrayView2<'_, f64>,
        members: &[Vec<usize>],
        classes: [usize; 2],
        prices: &[f64],
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
            prices[classes[0]],
            prices[classes[1]],
            self.tolerance,
            true,
        );
        let signed = rows.into_iter().zip(alpha.iter().zip(signs));
        let terms = signed.map(|(row, (alpha, sign))| (row, alpha * f64::from(sign)));
        Machine { classes, terms: terms.filter(|(_, alpha)| *alpha != 0.0).collect(), offset: solution.rho }
    }
}

impl SvcModel {
    /// The model of machines whose support vectors are given by row number.
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

    /// The rows of the training data that are support vectors of some pair of classes, ascending.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    /// The pairs of class numbers, in the order of the columns of [`decision_values`](Self::decision_values).
    pub fn pairs(&self) -> impl Iterator<Item = [usize; 2]> {
        self.machines.iter().map(|machine| machine.classes)
    }

    /// For each row of `x`, `(n_rows, n_features)`, and each pair of classes how far the row is on the
    /// side of the first (above 0) or of the second, `(n_rows, n_pairs)`.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `x` has another number of features than the training rows.
    pub fn decision_values(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if x.ncols() != self.points.n_features() {
            let what = "features of the rows to predict".into();
            return Err(Error::LengthMismatch { what, expected: self.points.n_features(), found: x.ncols() });
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
    /// A row goes to the class that wins most of its pairs, the lower number on a tie. The score of a
    /// class is the number of pairs won and, as a part of 1, by how much, as scikit-learn has it.
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
        let winner = |votes: ndarray::ArrayView1<'_, f64>| {
            (0u32..)
                .zip(votes)
                .fold((0, -1.0), |best, (class, &votes)| if votes > best.1 { (class, votes) } else { best })
                .0
        };
        let codes = votes.rows().into_iter().map(winner).collect();
        let scores = votes + margins.mapv(|margin| margin / (3.0 * (margin.abs() + 1.0)));
        Ok(Prediction { labels: Labels::new(codes, self.classes.clone())?, scores, logits: None })
    }
}

/// `1 / (n_features · variance of all cells)`.
fn scale(x: ArrayView2<'_, f64>) -> f64 {
    let n_cells = x.len() as f64;
    let mean = x.rows().into_iter().map(|row| row.sum()).sum::<f64>() / n_cells;
    let squares =
        |row: ndarray::ArrayView1<'_, f64>| row.fold(0.0, |sum, value| sum + (value - mean).powi(2));
    let variance = x.rows().into_iter().map(squares).sum::<f64>() / n_cells;
    if variance == 0.0 { 1.0 } else { 1.0 / (x.ncols() as f64 * variance) }
}
