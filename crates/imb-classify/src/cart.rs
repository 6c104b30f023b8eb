//! CART, the decision tree of binary splits by Gini impurity, not pruned.
//!
//! Rows are divided by the column and threshold that leave both sides purest, and the sides again, until
//! every leaf is pure or its rows are all equal.
//!
//! The steps are those of scikit-learn's `DecisionTreeClassifier`: a threshold is the midpoint of two
//! neighbouring values that differ by more than 1e-7, and the best one has the highest
//! `Σ left² / n_left + Σ right² / n_right` over the rows of each class, even if it gains nothing. Nominal
//! columns are read as numbers.
//!
//! Where we depart: scikit-learn visits columns in random order and keeps the first of equally good ones;
//! here the first column wins and of its thresholds the lowest, so that a tree depends on nothing but its
//! rows. It also rounds features to single precision, which is not done here.
//!
//! Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees" (1984),
//! doi:10.1201/9781315139470.

use imb_core::{Dataset, Fit, Labels, Predict, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::base::{BaseLearner, BaseModel, Problem, SharedRows, fit_labels, fit_unwatched, invalid};
use crate::tree::{Chooser, DecisionTree, NodeCounts, Rule, Split, grow};

/// Two values have a threshold between them if they differ by more, as in scikit-learn.
const LEAST_GAP: f64 = 1e-7;

/// A CART decision tree.
///
/// ```
/// use imb_classify::Cart;
/// use imb_core::{Dataset, Labels};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [6.0], [7.0], [8.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["low", "low", "low", "high", "high", "high"]))?;
/// let tree = Cart::default().fit_rows(&rows)?;
/// let text = tree.text(rows.features(), rows.y().classes()).to_string();
/// assert_eq!(text, "column_1 <= 4: low (3.0)\ncolumn_1 > 4: high (3.0)\n");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`C45`](crate::C45), which splits by gain ratio, knows nominal columns and prunes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cart {
    /// The most splits from the root to a leaf; none for no limit.
    pub max_depth: Option<usize>,
    /// Rows that a node needs to be split, 2 or more.
    pub min_samples_split: usize,
    /// Rows that each side of a split needs, 1 or more.
    pub min_samples_leaf: usize,
}

impl Default for Cart {
    /// scikit-learn's values.
    fn default() -> Self {
        Self { max_depth: None, min_samples_split: 2, min_samples_leaf: 1 }
    }
}

impl Cart {
    /// Fits a tree to all rows of a data set.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for a parameter out of its range.
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<DecisionTree> {
        fit_unwatched(rows, |shared, problem, run| self.fit_tree(shared, problem, run))
    }

    /// Fits a tree to the rows of one problem.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and as [`BaseLearner::fit_problem`].
    pub fn fit_tree(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<DecisionTree> {
        self.check()?;
        problem.check(rows)?;
        let columns = problem.sorted_columns(rows);
        let mut splits =
            Splits { cart: self, zeros: vec![0; problem.n_classes], below: vec![0; problem.n_classes] };
        let grown = grow(&columns, problem.codes, problem.n_classes, &mut splits, run)?;
        Ok(problem.in_all_columns(grown.tree, rows))
    }

    fn check(&self) -> Result<()> {
        if self.min_samples_split < 2 {
            return Err(invalid("min_samples_split", "2 or more", self.min_samples_split));
        }
        if self.min_samples_leaf == 0 {
            return Err(invalid("min_samples_leaf", "1 or more", self.min_samples_leaf));
        }
        Ok(())
    }
}

impl BaseLearner for Cart {
    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Box<dyn BaseModel>> {
        Ok(Box::new(self.fit_tree(rows, problem, run)?))
    }
}

impl Fit<Labels> for Cart {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        fit_labels(self, train, run)
    }
}

/// Chooses splits.
struct Splits<'a> {
    cart: &'a Cart,
    /// Room for the rows of each class that are 0, and for those below a threshold.
    zeros: Vec<u32>,
    below: Vec<u32>,
}

/// The best threshold so far.
#[derive(Clone, Copy)]
struct Best {
    purity: f64,
    column: usize,
    threshold: f64,
}

impl Chooser for Splits<'_> {
    fn is_leaf(&self, counts: &[u32], depth: usize) -> bool {
        let n_rows: u32 = counts.iter().sum();
        self.cart.max_depth.is_some_and(|most| depth >= most)
            || (n_rows as usize) < self.cart.min_samples_split
            || (n_rows as usize) / 2 < self.cart.min_samples_leaf
            || counts.contains(&n_rows)
    }

    fn choose(&mut self, node: &NodeCounts<'_>) -> Option<Split> {
        let mut best = Best { purity: f64::NEG_INFINITY, column: 0, threshold: f64::NAN };
        for column in 0..node.n_columns() {
            self.improve(&mut best, node, column);
        }
        (best.purity > f64::NEG_INFINITY)
            .then_some(Split { column: best.column, rule: Rule::Threshold(best.threshold) })
    }
}

impl Splits<'_> {
    /// Replaces the best threshold by a better one of this column.
    fn improve(&mut self, best: &mut Best, node: &NodeCounts<'_>, column: usize) {
        let n_rows: u32 = node.classes.iter().sum();
        let least_side = self.cart.min_samples_leaf as u32;
        if node.count_zeros(column, &mut self.zeros) < least_side.min(n_rows) {
            return;
        }
        let (below, classes) = (&mut self.below, node.classes);
        below.fill(0);
        let (mut n_below, mut last) = (0, f64::INFINITY);
        node.visit(column, &self.zeros, |value, counts| {
            let size: u32 = counts.iter().sum();
            if size == 0 {
                return;
            }
            if last + LEAST_GAP < value && n_below >= least_side && n_rows - n_below >= least_side {
                let purity = purity(below, classes, n_below, n_rows);
                if purity > best.purity {
                    *best = Best { purity, column, threshold: midpoint(last, value) };
                }
            }
            below.iter_mut().zip(counts).for_each(|(below, count)| *below += count);
            (n_below, last) = (n_below + size, value);
        });
    }
}

/// The squared rows of each class by the rows of the side, of both sides: higher is purer.
#[inline]
fn purity(below: &[u32], classes: &[u32], n_below: u32, n_rows: u32) -> f64 {
    let (mut left, mut right) = (0.0, 0.0);
    for (&below, &all) in below.iter().zip(classes) {
        left += f64::from(below) * f64::from(below);
        right += f64::from(all - below) * f64::from(all - below);
    }
    left / f64::from(n_below) + right / f64::from(n_rows - n_below)
}

/// The midpoint, or the lower value where rounding would give the upper.
fn midpoint(lower: f64, upper: f64) -> f64 {
    let middle = f64::midpoint(lower, upper);
    if middle == upper { lower } else { middle }
}
