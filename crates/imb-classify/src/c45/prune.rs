//! Cutting a grown tree back.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::c45::C45;
use crate::c45::split::SMALL;
use crate::sorted_columns::SortedColumns;
use crate::tree::{DecisionTree, Grown, Row, class_counts, partition};

/// A leaf or a raised branch takes a subtree's place if its estimated errors are at most this many more.
const SLACK: f64 = 0.1;

/// Makes a leaf of every subtree that makes no fewer training errors than the leaf would.
pub(super) fn collapse(tree: &mut DecisionTree) {
    let mut errors: Vec<u32> = (0..tree.n_nodes()).map(|node| wrong(tree.counts(node))).collect();
    for node in (0..tree.n_nodes()).rev() {
        if tree.node(node).split.is_none() {
            continue;
        }
        let of_subtree = errors[tree.branches(node)].iter().sum();
        if of_subtree >= errors[node] {
            tree.node_mut(node).split = None;
        } else {
            errors[node] = of_subtree;
        }
    }
}

/// Prunes a tree from below.
pub(super) struct Pruner<'a> {
    grown: &'a mut Grown,
    columns: &'a SortedColumns,
    codes: &'a [u32],
    raise_subtrees: bool,
    bound: ErrorBound,
    /// The estimated errors of each subtree that has been pruned.
    errors: Vec<f64>,
    /// Rows that a subtree would get if it were raised, by node and class, and whether a node gets any.
    extra: Vec<u32>,
    gets_extra: Vec<bool>,
}

/// What is to be done at a node.
enum Step {
    /// Prune the subtree.
    Prune(usize),
    /// Decide about the node, whose branches are pruned.
    Decide(usize),
}

impl<'a> Pruner<'a> {
    pub(super) fn new(c45: &C45, grown: &'a mut Grown, columns: &'a SortedColumns, codes: &'a [u32]) -> Self {
        let (n_nodes, n_classes) = (grown.tree.n_nodes(), grown.tree.counts(0).len());
        Self {
            columns,
            codes,
            raise_subtrees: c45.raise_subtrees,
            bound: ErrorBound::new(c45.confidence),
            errors: vec![0.0; n_nodes],
            extra: vec![0; n_nodes * n_classes],
            gets_extra: vec![false; n_nodes],
            grown,
        }
    }

    pub(super) fn prune(mut self) {
        let mut steps = vec![Step::Prune(0)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Prune(node) if self.grown.tree.node(node).split.is_none() => {
                    self.errors[node] = self.bound.errors(self.grown.tree.counts(node));
                }
                Step::Prune(node) => {
                    steps.push(Step::Decide(node));
                    steps.extend(self.grown.tree.branches(node).map(Step::Prune));
                }
                Step::Decide(node) => {
                    if self.raised(node) {
                        steps.push(Step::Prune(node));
                    }
                }
            }
        }
    }

    /// Makes a leaf of a node or leaves it; or raises its largest branch, which is then to be pruned again.
    fn raised(&mut self, node: usize) -> bool {
        let tree = &self.grown.tree;
        let branches = tree.branches(node);
        let size = |branch: usize| tree.counts(branch).iter().sum::<u32>();
        let largest = branches.clone().max_by_key(|&branch| size(branch)).expect("a split has branches");
        let as_tree: f64 = self.errors[branches].iter().sum();
        let as_leaf = self.bound.errors(tree.counts(node));
        let as_largest = if self.raise_subtrees { self.raised_errors(node, largest) } else { f64::INFINITY };
        if as_leaf - (as_tree + SLACK) < SMALL && as_leaf - (as_largest + SLACK) < SMALL {
            self.grown.tree.node_mut(node).split = None;
            self.errors[node] = as_leaf;
            return false;
        }
        if as_largest - (as_tree + SLACK) < SMALL {
            *self.grown.tree.node_mut(node) = self.grown.tree.node(largest).clone();
            self.distribute(node);
            return true;
        }
        self.errors[node] = as_tree;
        false
    }

    /// The estimated errors of a branch with all rows of the node. Only the rows of the other branches are
    /// sent down: the branch's own are where they belong.
    fn raised_errors(&mut self, node: usize, branch: usize) -> f64 {
        let Grown { tree, rows, ranges } = &*self.grown;
        let n_classes = tree.counts(0).len();
        let (all, own) = (ranges[node].clone(), ranges[branch].clone());
        for row in rows[all.start..own.start].iter().chain(&rows[own.end..all.end]) {
            let mut at = branch;
            self.gets_extra[at] = true;
            while let Some(split) = &tree.node(at).split {
                let value = self.columns.value(row.number, split.column);
                at = tree.node(at).first_branch + split.branch(value).expect("categories are checked");
                self.gets_extra[at] = true;
            }
            self.extra[at * n_classes + self.codes[row.number as usize] as usize] += 1;
        }
        self.collect_errors(branch)
    }

    /// The estimated errors of a subtree with the extra rows, which are forgotten.
    fn collect_errors(&mut self, root: usize) -> f64 {
        let tree = &self.grown.tree;
        let n_classes = tree.counts(0).len();
        let (mut errors, mut open) = (0.0, vec![root]);
        while let Some(node) = open.pop() {
            if !std::mem::take(&mut self.gets_extra[node]) {
                errors += self.errors[node];
            } else if tree.node(node).split.is_some() {
                open.extend(tree.branches(node));
            } else {
                let extra = &mut self.extra[node * n_classes..][..n_classes];
                extra.iter_mut().zip(tree.counts(node)).for_each(|(extra, count)| *extra += count);
                errors += self.bound.errors(extra);
                extra.fill(0);
            }
        }
        errors
    }

    /// Sends the rows of a node down its new branches.
    fn distribute(&mut self, node: usize) {
        let Grown { tree, rows, ranges } = &mut *self.grown;
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let range = ranges[node].clone();
            let counts = class_counts(&rows[range.clone()], self.codes, tree.counts(0).len());
            tree.counts_mut(node).copy_from_slice(&counts);
            if let Some(split) = &tree.node(node).split {
                let value = |row: &Row| self.columns.value(row.number, split.column);
                let sizes = partition(&mut rows[range.clone()], split, value);
                let mut start = range.start;
                for (branch, size) in tree.branches(node).zip(sizes) {
                    ranges[branch] = start..start + size;
                    start += size;
                }
                open.extend(tree.branches(node));
            }
        }
    }
}

/// The upper limit of a leaf's errors at a confidence.
struct ErrorBound {
    confidence: f64,
    /// The normal deviate of the confidence.
    z: f64,
}

impl ErrorBound {
    fn new(confidence: f64) -> Self {
        Self { confidence, z: Normal::standard().inverse_cdf(1.0 - confidence) }
    }

    /// The training errors of a leaf with these rows and those to be expected beyond them.
    fn errors(&self, counts: &[u32]) -> f64 {
        let n_rows: u32 = counts.iter().sum();
        if n_rows == 0 {
            return 0.0;
        }
        let wrong = f64::from(wrong(counts));
        wrong + self.added(f64::from(n_rows), wrong)
    }

    /// The errors to be expected beyond `wrong` of `n_rows`: exact without errors, else the normal
    /// approximation of the binomial distribution with a continuity correction.
    fn added(&self, n_rows: f64, wrong: f64) -> f64 {
        if wrong == 0.0 {
            return n_rows * (1.0 - self.confidence.powf(1.0 / n_rows));
        }
        if wrong + 0.5 >= n_rows {
            return (n_rows - wrong).max(0.0);
        }
        let (z, rate) = (self.z, (wrong + 0.5) / n_rows);
        let spread = (rate / n_rows - rate * rate / n_rows + z * z / (4.0 * n_rows * n_rows)).sqrt();
        let limit = (rate + z * z / (2.0 * n_rows) + z * spread) / (1.0 + z * z / n_rows);
        limit * n_rows - wrong
    }
}

/// Rows that are not of the most frequent class.
fn wrong(counts: &[u32]) -> u32 {
    counts.iter().sum::<u32>() - counts.iter().max().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quinlan's book (section 4.2) has U(0, 6) = 0.206, U(0, 9) = 0.143 and U(0, 1) = 0.750 at 25 %.
    #[test]
    fn leaves_without_errors_have_the_book_s_limits() {
        let bound = ErrorBound::new(0.25);
        for (n_rows, rate) in [(6, 0.206), (9, 0.143), (1, 0.750)] {
            let errors = bound.errors(&[n_rows, 0]);
            assert!((errors / f64::from(n_rows) - rate).abs() < 5e-4, "{errors} of {n_rows}");
        }
    }
}
