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

use imb_core::{Dataset, Error, Fit, Labels, Predict, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::base::{BaseLearner, Problem, SharedRows, fit_labels, fit_unwatched};
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
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for a parameter out of its range, or for a row weight that is
    /// no whole number (a row counts as often as its weight says).
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<DecisionTree> {
        fit_unwatched(rows, |shared, problem, run| self.fit_problem(shared, problem, run))
    }

    fn check(&self) -> Result<()> {
        if self.min_samples_split < 2 {
            return Err(Error::invalid_parameter("min_samples_split", "2 or more", self.min_samples_split));
        }
        if self.min_samples_leaf == 0 {
            return Err(Error::invalid_parameter("min_samples_leaf", "1 or more", self.min_samples_leaf));
        }
        Ok(())
    }
}

impl BaseLearner for Cart {
    type Model = DecisionTree;

    fn fit_problem(
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
        Ok(grown.tree.in_all_columns(problem, rows))
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
        let least_side = u32::try_from(self.cart.min_samples_leaf).unwrap_or(u32::MAX);
        if node.count_zeros(column, &mut self.zeros) < least_side {
            return;
        }
        let mut scan = Scan { best, column, least_side, n_rows, n_below: 0, last: f64::INFINITY };
        if let &[one, other] = node.classes {
            scan.pair(node, &self.zeros, [one, other]);
        } else {
            scan.many(node, &self.zeros, &mut self.below);
        }
    }
}

/// A pass over the values of a column.
struct Scan<'a> {
    best: &'a mut Best,
    column: usize,
    least_side: u32,
    n_rows: u32,
    /// Rows up to the last value met, and that value.
    n_below: u32,
    last: f64,
}

impl Scan<'_> {
    /// Scans a column of two classes, the most frequent case, without any loop over classes.
    fn pair(&mut self, node: &NodeCounts<'_>, zeros: &[u32], all: [u32; 2]) {
        let mut below = [0; 2];
        node.visit(self.column, zeros, |value, counts| {
            let counts = [counts[0], counts[1]];
            if counts == [0; 2] {
                return;
            }
            if self.is_threshold(value) {
                self.judge(squares(below), squares([all[0] - below[0], all[1] - below[1]]), value);
            }
            below = [below[0] + counts[0], below[1] + counts[1]];
            self.pass(counts[0] + counts[1], value);
        });
    }

    /// Scans a column of any number of classes; `below` is room for the rows of each.
    fn many(&mut self, node: &NodeCounts<'_>, zeros: &[u32], below: &mut [u32]) {
        below.fill(0);
        node.visit(self.column, zeros, |value, counts| {
            let size: u32 = counts.iter().sum();
            if size == 0 {
                return;
            }
            if self.is_threshold(value) {
                let above = node.classes.iter().zip(&*below).map(|(all, below)| all - below);
                self.judge(squares(below.iter().copied()), squares(above), value);
            }
            below.iter_mut().zip(counts).for_each(|(below, count)| *below += count);
            self.pass(size, value);
        });
    }

    /// Whether a threshold may lie between the last value and this one.
    #[inline]
    fn is_threshold(&self, value: f64) -> bool {
        self.n_below >= self.least_side
            && self.n_rows - self.n_below >= self.least_side
            && self.last + LEAST_GAP < value
    }

    /// Judges the threshold below a value by the squared rows of each class on both sides.
    #[inline]
    fn judge(&mut self, below: f64, above: f64, value: f64) {
        let purity = below / f64::from(self.n_below) + above / f64::from(self.n_rows - self.n_below);
        if purity > self.best.purity {
            *self.best = Best { purity, column: self.column, threshold: midpoint(self.last, value) };
        }
    }

    /// Moves past a value.
    #[inline]
    fn pass(&mut self, size: u32, value: f64) {
        self.n_below += size;
        self.last = value;
    }
}

/// The sum of the squares of counts.
#[inline]
fn squares(counts: impl IntoIterator<Item = u32>) -> f64 {
    counts.into_iter().map(|count| f64::from(count) * f64::from(count)).sum()
}

/// The midpoint, or the lower value where rounding would give the upper.
fn midpoint(lower: f64, upper: f64) -> f64 {
    let middle = f64::midpoint(lower, upper);
    if middle == upper { lower } else { middle }
}
