//! A fitted decision tree, as C4.5 and CART make it.

mod grow;
mod text;

use imb_core::{Error, Feature, Result, category_of};
use ndarray::{Array2, ArrayView1};

use crate::base::{BaseModel, Problem, SharedRows, require_features};

pub(crate) use grow::{Chooser, Grown, NodeCounts, Row, class_counts, grow, partition};
pub use text::TreeText;

/// A decision tree over numeric and nominal columns.
///
/// A score is the share of a class among the training rows of the leaf that a row comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionTree {
    n_features: usize,
    n_classes: usize,
    /// A node stands before its branches; the root is first.
    nodes: Vec<Node>,
    /// Training rows of each node and class, `(n_nodes, n_classes)` in one piece.
    counts: Vec<u32>,
}

/// A node: a leaf, unless it splits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) split: Option<Split>,
    /// The first of its branches, which follow each other.
    pub(crate) first_branch: usize,
}

/// How the rows of a node are divided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Split {
    pub(crate) column: usize,
    pub(crate) rule: Rule,
}

/// Which branch a value belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// The first branch up to a threshold, the second above it.
    Threshold(f64),
    /// A branch a category, by its number.
    Categories(usize),
}

impl Split {
    pub(crate) fn n_branches(&self) -> usize {
        match self.rule {
            Rule::Threshold(_) => 2,
            Rule::Categories(n_categories) => n_categories,
        }
    }

    /// The branch of a value; none for a number that is no category.
    pub(crate) fn branch(&self, value: f64) -> Option<usize> {
        match self.rule {
            Rule::Threshold(threshold) => Some(usize::from(value > threshold)),
            Rule::Categories(n_categories) => category_of(value, n_categories),
        }
    }
}

impl DecisionTree {
    /// A tree of which only the root is there, with these training rows of each class.
    pub(crate) fn root(n_features: usize, counts: Vec<u32>) -> Self {
        let nodes = vec![Node { split: None, first_branch: 0 }];
        Self { n_features, n_classes: counts.len(), nodes, counts }
    }

    /// Splits a leaf into branches with these counts, `(n_branches, n_classes)`, and gives the first.
    pub(crate) fn split(&mut self, node: usize, split: Split, counts: &[u32]) -> usize {
        let first_branch = self.nodes.len();
        self.nodes.extend((0..split.n_branches()).map(|_| Node { split: None, first_branch: 0 }));
        self.counts.extend_from_slice(counts);
        self.nodes[node] = Node { split: Some(split), first_branch };
        first_branch
    }

    pub(crate) fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    pub(crate) fn node_mut(&mut self, node: usize) -> &mut Node {
        &mut self.nodes[node]
    }

    /// A tree over the columns of a problem as one over all columns of its rows.
    pub(crate) fn in_all_columns(mut self, problem: &Problem<'_>, rows: &SharedRows<'_>) -> Self {
        self.n_features = rows.x().ncols();
        if let Some(columns) = problem.columns {
            let splits = self.nodes.iter_mut().filter_map(|node| node.split.as_mut());
            splits.for_each(|split| split.column = columns[split.column]);
        }
        self
    }

    /// The branches of a node; none of a leaf.
    pub(crate) fn branches(&self, node: usize) -> std::ops::Range<usize> {
        let Node { split, first_branch } = &self.nodes[node];
        *first_branch..first_branch + split.as_ref().map_or(0, Split::n_branches)
    }

    /// The training rows of a node, by class.
    pub(crate) fn counts(&self, node: usize) -> &[u32] {
        &self.counts[node * self.n_classes..][..self.n_classes]
    }

    pub(crate) fn counts_mut(&mut self, node: usize) -> &mut [u32] {
        &mut self.counts[node * self.n_classes..][..self.n_classes]
    }

    /// The same tree without the nodes that pruning cut off.
    pub(crate) fn compacted(&self) -> Self {
        let mut tree = Self::root(self.n_features, self.counts(0).to_vec());
        let mut open = vec![(0, 0)];
        while let Some((old, new)) = open.pop() {
            if let Some(split) = &self.nodes[old].split {
                let branches = self.branches(old);
                let counts = &self.counts[branches.start * self.n_classes..branches.end * self.n_classes];
                let first = tree.split(new, split.clone(), counts);
                open.extend(branches.zip(first..));
            }
        }
        tree
    }

    /// Number of nodes, leaves among them.
    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.split.is_none()).count()
    }

    /// The tree as Weka prints it, with the features and classes of the training rows.
    ///
    /// # Panics
    /// When it is printed, if there are fewer features or classes than the tree knows.
    pub fn text<'a>(&'a self, features: &'a [Feature], classes: &'a [String]) -> TreeText<'a> {
        TreeText::new(self, features, classes)
    }

    /// The node whose training rows answer for a row: its leaf, or the last node with training rows.
    fn answer(&self, row: ArrayView1<'_, f64>) -> usize {
        let mut node = 0;
        while let Some(split) = &self.nodes[node].split {
            let Some(branch) = split.branch(row[split.column]) else { break };
            let next = self.nodes[node].first_branch + branch;
            if self.counts(next).iter().all(|&count| count == 0) {
                break;
            }
            node = next;
        }
        node
    }
}

impl BaseModel for DecisionTree {
    /// The share of each class in a row's leaf. Where no training row came, and for a category that the
    /// feature does not have, the node above answers.
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>, Error> {
        require_features(self.n_features, rows.x().ncols())?;
        rows.require_finite()?;
        let mut scores = Array2::zeros((rows.x().nrows(), self.n_classes));
        for (row, mut scores) in rows.x().rows().into_iter().zip(scores.rows_mut()) {
            let counts = self.counts(self.answer(row));
            let total: u32 = counts.iter().sum();
            for (score, &count) in scores.iter_mut().zip(counts) {
                *score = f64::from(count) / f64::from(total);
            }
        }
        Ok(scores)
    }
}
