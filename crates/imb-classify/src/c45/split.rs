//! Which column divides a node, and where.

use crate::base::Problem;
use crate::c45::C45;
use crate::sorted_columns::SortedColumns;
use crate::tree::{Chooser, NodeCounts, Rule, Split};

/// Numbers closer than this are equal to J48, which compares everything so.
pub(super) const SMALL: f64 = 1e-6;
/// Two values have a threshold between them if they differ by more.
const LEAST_GAP: f64 = 1e-5;
/// How far below the average gain a column may lie. The value is J48's; C4.5 averages in another way.
const AVERAGE_SLACK: f64 = 1e-3;
/// Each side of a threshold needs this part of the node's rows divided by the number of classes, …
const LEAST_PART: f64 = 0.1;
/// … but never more than this number of rows.
const LEAST_ROWS_CAP: f64 = 25.0;
/// A nominal column with categories for this part of all rows does not count in the average gain.
const MANY_CATEGORIES: f64 = 0.3;

/// Chooses splits.
pub(super) struct Splits<'a> {
    c45: &'a C45,
    columns: &'a SortedColumns,
    /// The number of categories of each nominal column; none for a numeric one.
    n_categories: Vec<Option<usize>>,
    n_rows: usize,
    /// Whether every column is nominal with many categories.
    only_many_categories: bool,
    entropy: Entropy,
    /// The columns of the node at hand that can divide it.
    candidates: Vec<Candidate>,
    /// Room for the rows of each class that are 0, and for those below a threshold.
    zeros: Vec<u32>,
    below: Vec<u32>,
}

/// A column that can divide a node.
struct Candidate {
    column: usize,
    gain: f64,
    gain_ratio: f64,
    /// The values around the threshold of a numeric column.
    around: Option<[f64; 2]>,
}

impl<'a> Splits<'a> {
    pub(super) fn new(
        c45: &'a C45,
        columns: &'a SortedColumns,
        n_categories: Vec<Option<usize>>,
        problem: &Problem<'_>,
    ) -> Self {
        let n_rows = columns.n_rows();
        Self {
            only_many_categories: n_categories.iter().all(|&n| has_many_categories(n, n_rows)),
            c45,
            columns,
            n_categories,
            n_rows,
            entropy: Entropy::new(n_rows),
            candidates: Vec::new(),
            zeros: vec![0; problem.n_classes],
            below: vec![0; problem.n_classes],
        }
    }

    /// The best threshold of a numeric column.
    fn threshold(&mut self, node: &NodeCounts<'_>, column: usize, totals: Totals) -> Option<Candidate> {
        let n_others = node.count_zeros(column, &mut self.zeros);
        // Zeros stand on one side of any threshold, the others alone cannot fill the other side.
        if n_others < totals.least_side {
            return None;
        }
        let mut scan = Scan::new(&self.entropy, totals);
        if let &[one, other] = node.classes {
            scan_pair(&mut scan, node, column, &self.zeros, [one, other]);
        } else {
            scan_many(&mut scan, node, column, &self.zeros, &mut self.below);
        }
        scan.candidate(column, self.c45.penalize_thresholds)
    }

    /// A nominal column, if two of its branches have rows enough.
    fn categories(
        &mut self,
        node: &NodeCounts<'_>,
        column: usize,
        n_categories: usize,
        totals: Totals,
    ) -> Option<Candidate> {
        node.count_zeros(column, &mut self.zeros);
        let (mut n_filled, mut conditional, mut split) = (0, 0.0, self.entropy.of(totals.n_rows));
        node.visit(column, &self.zeros, |_, counts| {
            let size: u32 = counts.iter().sum();
            n_filled += usize::from(size as usize >= self.c45.min_leaf);
            conditional += self.entropy.of(size) - self.entropy.sum(counts);
            split -= self.entropy.of(size);
        });
        if n_filled < 2 || n_categories < 2 {
            return None;
        }
        let n_rows = f64::from(totals.n_rows);
        let gained = totals.entropy - conditional;
        let gain = if gained.abs() < SMALL { 0.0 } else { gained / n_rows };
        Some(Candidate { column, gain, gain_ratio: gain_ratio(gain, split, n_rows), around: None })
    }

    /// The first column with the highest gain ratio among those of at least average gain.
    fn best(&self) -> Option<&Candidate> {
        let counting = |candidate: &&Candidate| {
            self.only_many_categories
                || !has_many_categories(self.n_categories[candidate.column], self.n_rows)
        };
        let counted: Vec<f64> =
            self.candidates.iter().filter(counting).map(|candidate| candidate.gain).collect();
        if counted.is_empty() {
            return None;
        }
        let average = counted.iter().sum::<f64>() / counted.len() as f64;
        let (mut best, mut best_ratio) = (None, 0.0);
        for candidate in &self.candidates {
            if candidate.gain >= average - AVERAGE_SLACK && candidate.gain_ratio - best_ratio > SMALL {
                (best, best_ratio) = (Some(candidate), candidate.gain_ratio);
            }
        }
        best
    }

    fn split(&self, candidate: &Candidate) -> Split {
        let column = candidate.column;
        let rule = match (candidate.around, self.n_categories[column]) {
            (Some(around), _) => Rule::Threshold(self.threshold_between(column, around)),
            (None, n_categories) => Rule::Categories(n_categories.expect("a nominal column")),
        };
        Split { column, rule }
    }

    /// The midpoint of two values, or the largest value not above it among all training rows.
    fn threshold_between(&self, column: usize, [below, above]: [f64; 2]) -> f64 {
        let midpoint = f64::midpoint(below, above);
        let midpoint = if midpoint == above { below } else { midpoint };
        if !self.c45.thresholds_from_data {
            return midpoint;
        }
        let values = &self.columns.values()[self.columns.bins_of(column)];
        let n_below = values.partition_point(|&value| value <= midpoint);
        let zero = (self.columns.has_zero(column) && midpoint >= 0.0).then_some(0.0);
        let largest = values[..n_below].last().copied();
        largest.into_iter().chain(zero).fold(f64::NEG_INFINITY, f64::max)
    }
}

impl Chooser for Splits<'_> {
    fn is_leaf(&self, counts: &[u32], _depth: usize) -> bool {
        let n_rows: u32 = counts.iter().sum();
        (n_rows as usize) / 2 < self.c45.min_leaf || counts.contains(&n_rows)
    }

    fn choose(&mut self, node: &NodeCounts<'_>) -> Option<Split> {
        self.candidates.clear();
        let totals = Totals::new(&self.entropy, node.classes, self.c45.min_leaf);
        let has_thresholds = totals.n_rows / 2 >= totals.least_side;
        for column in 0..node.n_columns() {
            let candidate = match self.n_categories[column] {
                Some(n_categories) => self.categories(node, column, n_categories, totals),
                None if has_thresholds => self.threshold(node, column, totals),
                None => None,
            };
            self.candidates.extend(candidate);
        }
        self.best().map(|best| self.split(best))
    }
}

/// What all columns of a node share.
#[derive(Clone, Copy)]
struct Totals {
    n_rows: u32,
    /// The entropy of the classes, times the number of rows.
    entropy: f64,
    /// The rows that each side of a threshold needs.
    least_side: u32,
    /// The least improvement of `gained` that counts.
    least_step: f64,
}

impl Totals {
    fn new(entropy: &Entropy, classes: &[u32], min_leaf: usize) -> Self {
        let n_rows: u32 = classes.iter().sum();
        let (part, min_leaf) = (LEAST_PART * f64::from(n_rows) / classes.len() as f64, min_leaf as f64);
        let least_side = if part < min_leaf + SMALL { min_leaf } else { part.min(LEAST_ROWS_CAP) };
        Self {
            n_rows,
            entropy: entropy.of(n_rows) - entropy.sum(classes),
            least_side: (least_side - SMALL).ceil() as u32,
            least_step: SMALL * f64::from(n_rows),
        }
    }
}

/// A pass over the values of a numeric column.
struct Scan<'a> {
    entropy: &'a Entropy,
    totals: Totals,
    /// Rows up to the last value met, and that value.
    n_below: u32,
    last: f64,
    n_thresholds: u32,
    best: Best,
}

/// The best threshold so far.
struct Best {
    /// The gain, times the number of rows.
    gained: f64,
    around: [f64; 2],
    n_below: u32,
}

/// Scans a column of two classes, the most frequent case, without any loop over classes.
fn scan_pair(scan: &mut Scan<'_>, node: &NodeCounts<'_>, column: usize, zeros: &[u32], all: [u32; 2]) {
    let mut below = [0; 2];
    node.visit(column, zeros, |value, counts| {
        let counts = [counts[0], counts[1]];
        if counts == [0; 2] {
            return;
        }
        if scan.is_threshold(value) {
            let sides = [below[0], below[1], all[0] - below[0], all[1] - below[1]];
            scan.judge(scan.entropy.sum(&sides), value);
        }
        below = [below[0] + counts[0], below[1] + counts[1]];
        scan.pass(counts[0] + counts[1], value);
    });
}

/// Scans a column of any number of classes; `below` is room for the rows of each.
fn scan_many(scan: &mut Scan<'_>, node: &NodeCounts<'_>, column: usize, zeros: &[u32], below: &mut [u32]) {
    below.fill(0);
    node.visit(column, zeros, |value, counts| {
        let size: u32 = counts.iter().sum();
        if size == 0 {
            return;
        }
        if scan.is_threshold(value) {
            let above = node.classes.iter().zip(&*below).map(|(all, below)| scan.entropy.of(all - below));
            scan.judge(scan.entropy.sum(below) + above.sum::<f64>(), value);
        }
        below.iter_mut().zip(counts).for_each(|(below, count)| *below += count);
        scan.pass(size, value);
    });
}

impl<'a> Scan<'a> {
    fn new(entropy: &'a Entropy, totals: Totals) -> Self {
        let best = Best { gained: 0.0, around: [0.0; 2], n_below: 0 };
        Self { entropy, totals, n_below: 0, last: f64::INFINITY, n_thresholds: 0, best }
    }

    /// Whether a threshold may lie between the last value and this one.
    #[inline]
    fn is_threshold(&self, value: f64) -> bool {
        self.n_below >= self.totals.least_side
            && self.totals.n_rows - self.n_below >= self.totals.least_side
            && self.last + LEAST_GAP < value
    }

    /// Judges the threshold below a value by the entropies of the classes on both sides.
    #[inline]
    fn judge(&mut self, sum_of_sides: f64, value: f64) {
        self.n_thresholds += 1;
        let n_above = self.totals.n_rows - self.n_below;
        let conditional = self.entropy.of(self.n_below) + self.entropy.of(n_above) - sum_of_sides;
        let gained = self.totals.entropy - conditional;
        if gained - self.best.gained > self.totals.least_step {
            self.best = Best { gained, around: [self.last, value], n_below: self.n_below };
        }
    }

    /// Moves past a value.
    #[inline]
    fn pass(&mut self, size: u32, value: f64) {
        self.n_below += size;
        self.last = value;
    }

    fn candidate(&self, column: usize, penalize_thresholds: bool) -> Option<Candidate> {
        if self.n_thresholds == 0 {
            return None;
        }
        let n_rows = f64::from(self.totals.n_rows);
        let penalty = if penalize_thresholds { f64::from(self.n_thresholds).log2() / n_rows } else { 0.0 };
        let gain = self.best.gained / n_rows - penalty;
        if gain < SMALL {
            return None;
        }
        let sides = [self.best.n_below, self.totals.n_rows - self.best.n_below];
        let split = self.entropy.of(self.totals.n_rows) - self.entropy.sum(&sides);
        Some(Candidate {
            column,
            gain,
            gain_ratio: gain_ratio(gain, split, n_rows),
            around: Some(self.best.around),
        })
    }
}

/// `n log2 n` of every number of rows.
struct Entropy(Vec<f64>);

impl Entropy {
    fn new(n_rows: usize) -> Self {
        let term = |n: usize| if n == 0 { 0.0 } else { n as f64 * (n as f64).log2() };
        Self((0..=n_rows).map(term).collect())
    }

    #[inline]
    fn of(&self, count: u32) -> f64 {
        self.0[count as usize]
    }

    fn sum(&self, counts: &[u32]) -> f64 {
        counts.iter().map(|&count| self.of(count)).sum()
    }
}

/// The gain by the entropy of the branches' sizes.
fn gain_ratio(gain: f64, split_entropy: f64, n_rows: f64) -> f64 {
    if split_entropy < SMALL { 0.0 } else { gain / (split_entropy / n_rows) }
}

fn has_many_categories(n_categories: Option<usize>, n_rows: usize) -> bool {
    n_categories.is_some_and(|n| n as f64 >= MANY_CATEGORIES * n_rows as f64 - SMALL)
}
