//! C4.5, the decision tree that chooses columns by gain ratio and is pruned by estimated errors.
//!
//! Rows are divided by the column that tells most about their classes, a number at a threshold, a category
//! into one branch each; the branches are divided further, until they are pure or too small. Then branches
//! that do not promise fewer errors than a leaf are cut, or replaced by their own largest branch.
//!
//! The steps and their constants are those of J48, C4.5 release 8 in Weka 3.9, whose trees these equal:
//!
//! 1. *Split* (`c45/split.rs`): a numeric column's threshold has the highest information gain, less the
//!    cost of choosing it among all thresholds; among columns of at least average gain the one with
//!    the highest gain ratio wins.
//! 2. *Collapse*: a subtree that makes no fewer training errors than a leaf becomes one.
//! 3. *Prune* (`c45/prune.rs`): from below, by the upper confidence limit of the errors.
//!
//! Memory: 4 bytes for each different value of each column and each class, in each node that waits to be divided.
//! With label sets as classes this may be much: a thousand of them and a million different values take 4 GB.
//!
//! Where we depart: ours has no missing values (a [`Dataset`] has none) and no binary splits of categories;
//! for a category that the column does not have, which only a row to predict can hold, the class shares of the
//! node itself are the prediction.
//!
//! Quinlan, "C4.5: Programs for Machine Learning" (1993). Quinlan, "Improved use of continuous attributes in
//! C4.5", JAIR 4 (1996), doi:10.1613/jair.279.

mod prune;
mod split;

use imb_core::{Dataset, Error, Fit, Labels, Predict, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::base::{BaseLearner, Problem, SharedRows, fit_labels, fit_unwatched};
use crate::tree::{DecisionTree, grow};
use prune::{Pruner, collapse};
use split::Splits;

/// A C4.5 decision tree.
///
/// ```
/// use imb_classify::C45;
/// use imb_core::{Dataset, Labels};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [6.0], [7.0], [8.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["low", "low", "low", "high", "high", "high"]))?;
/// let tree = C45::default().fit_rows(&rows)?;
/// let text = tree.text(rows.features(), rows.y().classes()).to_string();
/// assert_eq!(text, "column_1 <= 2: low (3.0)\ncolumn_1 > 2: high (3.0)\n");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`Cart`](crate::Cart), binary splits by Gini impurity without pruning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct C45 {
    /// Whether branches are cut after growth.
    pub prune: bool,
    /// The chance that a leaf's true error rate lies above its estimate, above 0 and at most 0.5. Lower
    /// values prune more.
    pub confidence: f64,
    /// Whether pruning may replace a node by its largest branch.
    pub raise_subtrees: bool,
    /// Rows that two branches of a split need at least, 1 or more.
    pub min_leaf: usize,
    /// Whether subtrees that make no fewer training errors than a leaf become leaves.
    pub collapse: bool,
    /// Whether a threshold's gain is lowered by the cost of choosing it among all.
    pub penalize_thresholds: bool,
    /// Whether a threshold is a value of the training rows rather than the midpoint of two.
    pub thresholds_from_data: bool,
}

impl Default for C45 {
    /// J48's values.
    fn default() -> Self {
        Self {
            prune: true,
            confidence: 0.25,
            raise_subtrees: true,
            min_leaf: 2,
            collapse: true,
            penalize_thresholds: true,
            thresholds_from_data: true,
        }
    }
}

impl C45 {
    /// Fits a tree to all rows of a data set.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for a parameter out of its range, or for a row weight that is
    /// no whole number (a row counts as often as its weight says), or a number in a nominal column that is
    /// no category.
    pub fn fit_rows(&self, rows: &Dataset<Labels>) -> Result<DecisionTree> {
        fit_unwatched(rows, |shared, problem, run| self.fit_problem(shared, problem, run))
    }

    fn check(&self) -> Result<()> {
        if !(self.confidence > 0.0 && self.confidence <= 0.5) {
            return Err(Error::invalid_parameter("confidence", "above 0 and at most 0.5", self.confidence));
        }
        if self.min_leaf == 0 {
            return Err(Error::invalid_parameter("min_leaf", "1 or more", self.min_leaf));
        }
        Ok(())
    }
}

impl BaseLearner for C45 {
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
        let n_categories = problem.n_categories(rows, &columns)?;
        let mut splits = Splits::new(self, &columns, n_categories, problem);
        let mut grown = grow(&columns, problem.codes, problem.n_classes, &mut splits, run)?;
        if self.collapse {
            collapse(&mut grown.tree);
        }
        if self.prune {
            Pruner::new(self, &mut grown, &columns, problem.codes).prune();
        }
        Ok(grown.tree.compacted().in_all_columns(problem, rows))
    }
}

impl Fit<Labels> for C45 {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        fit_labels(self, train, run)
    }
}
