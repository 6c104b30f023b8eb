//! Trees as Weka prints them: a line a branch, indented by depth, with the rows of each leaf.

use std::fmt;

use imb_core::{ColumnKind, Feature};

use super::{DecisionTree, Rule};

/// A tree to be printed with the names of features and classes.
///
/// A leaf shows its class with the number of its training rows and, after a slash, of those of other
/// classes: `width <= 0.6: setosa (50.0/1.0)`.
#[derive(Clone, Copy, Debug)]
pub struct TreeText<'a> {
    tree: &'a DecisionTree,
    features: &'a [Feature],
    classes: &'a [String],
}

impl<'a> TreeText<'a> {
    pub(super) fn new(tree: &'a DecisionTree, features: &'a [Feature], classes: &'a [String]) -> Self {
        Self { tree, features, classes }
    }

    /// The condition of a node's branch.
    fn condition(&self, node: usize, branch: usize) -> String {
        let split = self.tree.node(node).split.as_ref().expect("only a split has branches");
        let Feature { name, kind } = &self.features[split.column];
        match (&split.rule, kind) {
            (Rule::Threshold(threshold), _) => {
                let relation = if branch == 0 { "<=" } else { ">" };
                format!("{name} {relation} {}", rounded(*threshold))
            }
            (Rule::Categories(_), ColumnKind::Categorical(categories)) => {
                format!("{name} = {}", categories[branch])
            }
            (Rule::Categories(_), _) => format!("{name} = {branch}"),
        }
    }

    /// The class of a leaf with its counts. Where no training row came, the class of the node above.
    fn leaf(&self, node: usize, above: usize) -> String {
        let counts = self.tree.counts(node);
        let total: u32 = counts.iter().sum();
        let deciding = if total == 0 { self.tree.counts(above) } else { counts };
        let class = majority(deciding);
        let wrong = total - counts[class];
        let others = if wrong > 0 { format!("/{wrong}.0") } else { String::new() };
        format!(": {} ({total}.0{others})", self.classes[class])
    }
}

impl fmt::Display for TreeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tree.node(0).split.is_none() {
            return writeln!(f, "{}", self.leaf(0, 0));
        }
        let branches = |node, depth| (0..self.tree.branches(node).len()).rev().map(move |b| (node, b, depth));
        let mut open: Vec<(usize, usize, usize)> = branches(0, 0).collect();
        while let Some((node, branch, depth)) = open.pop() {
            write!(f, "{}{}", "|   ".repeat(depth), self.condition(node, branch))?;
            let child = self.tree.node(node).first_branch + branch;
            if self.tree.node(child).split.is_none() {
                writeln!(f, "{}", self.leaf(child, node))?;
            } else {
                writeln!(f)?;
                open.extend(branches(child, depth + 1));
            }
        }
        Ok(())
    }
}

/// The class with the most rows, the first on a tie.
fn majority(counts: &[u32]) -> usize {
    (0..counts.len()).rev().max_by_key(|&class| counts[class]).unwrap_or(0)
}

/// At most six decimals, without needless zeros.
fn rounded(number: f64) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}
