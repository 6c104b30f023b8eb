//! Search in a k-d tree (Friedman, Bentley and Finkel 1977, doi:10.1145/355744.355745): the choice
//! in few dimensions.
//!
//! Each node knows the smallest box around its points. No point is nearer than the box, and that
//! holds after rounding too, because both distances are summed in the same order. So a box farther
//! than the k-th best is left out without any risk. Building takes
//! `O(n_points · n_features · log n_points)`.

use ndarray::ArrayView2;

use crate::Search;
use crate::best::Best;

const LEAF: usize = 16;

pub(crate) struct Tree {
    n_columns: usize,
    /// The points, in the order of the leaves.
    numbers: Vec<f64>,
    /// Row number of each of them.
    rows: Vec<usize>,
    nodes: Vec<Node>,
    /// For each node the lowest, then the highest value of each column.
    boxes: Vec<f64>,
}

struct Node {
    start: usize,
    end: usize,
    /// The lowest row number below this node: at equal distance it decides.
    first_row: usize,
    /// Two node numbers, unless this is a leaf.
    children: Option<[usize; 2]>,
}

impl Tree {
    pub(crate) fn new(points: ArrayView2<'_, f64>) -> Self {
        let (n_points, n_columns) = points.dim();
        let mut tree = Self { n_columns, numbers: vec![], rows: vec![], nodes: vec![], boxes: vec![] };
        let mut rows: Vec<usize> = (0..n_points).collect();
        tree.build(points, &mut rows, 0);
        tree.numbers = rows.iter().flat_map(|&row| points.row(row)).copied().collect();
        tree.rows = rows;
        tree
    }

    /// Adds the node over `rows`, which stand at `start` in the order of the leaves.
    fn build(&mut self, points: ArrayView2<'_, f64>, rows: &mut [usize], start: usize) -> usize {
        let number = self.nodes.len();
        let first_row = rows.iter().copied().min().unwrap_or(usize::MAX);
        self.nodes.push(Node { start, end: start + rows.len(), first_row, children: None });
        let widest = self.push_box(points, rows);
        if rows.len() > LEAF {
            let middle = rows.len() / 2;
            // Equal values are parted by row number, so that heaps of duplicates are parted too.
            rows.select_nth_unstable_by(middle, |&a, &b| {
                points[[a, widest]].total_cmp(&points[[b, widest]]).then(a.cmp(&b))
            });
            let (low, high) = rows.split_at_mut(middle);
            let low = self.build(points, low, start);
            let high = self.build(points, high, start + middle);
            self.nodes[number].children = Some([low, high]);
        }
        number
    }

    /// Adds the box around `rows` and returns its widest column.
    fn push_box(&mut self, points: ArrayView2<'_, f64>, rows: &[usize]) -> usize {
        let start = self.boxes.len();
        self.boxes.resize(start + self.n_columns, f64::INFINITY);
        self.boxes.resize(start + 2 * self.n_columns, f64::NEG_INFINITY);
        let (low, high) = self.boxes[start..].split_at_mut(self.n_columns);
        for &row in rows {
            for ((low, high), &value) in low.iter_mut().zip(&mut *high).zip(points.row(row)) {
                *low = low.min(value);
                *high = high.max(value);
            }
        }
        let width = |column: &usize| high[*column] - low[*column];
        (0..self.n_columns).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0)
    }

    fn visit(&self, number: usize, query: &[f64], best: &mut Best) {
        let node = &self.nodes[number];
        let Some(children) = node.children else {
            for place in node.start..node.end {
                let point = &self.numbers[place * self.n_columns..][..self.n_columns];
                best.offer(squared_distance(query, point), self.rows[place]);
            }
            return;
        };
        let ahead = children.map(|child| (self.squared_to_box(child, query), self.nodes[child].first_row));
        let order = if ahead[1] < ahead[0] { [1, 0] } else { [0, 1] };
        for side in order {
            let (squared, first_row) = ahead[side];
            if best.admits(squared, first_row) {
                self.visit(children[side], query, best);
            }
        }
    }

    fn squared_to_box(&self, number: usize, query: &[f64]) -> f64 {
        let sides = &self.boxes[2 * number * self.n_columns..][..2 * self.n_columns];
        let (low, high) = sides.split_at(self.n_columns);
        let mut sum = 0.0;
        for ((value, low), high) in query.iter().zip(low).zip(high) {
            let outside = (low - value).max(value - high).max(0.0);
            sum += outside * outside;
        }
        sum
    }
}

impl Search for Tree {
    fn nearest(&self, queries: &[&[f64]], best: &mut [Best]) {
        for (query, best) in queries.iter().zip(best) {
            self.visit(0, query, best);
        }
    }
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        let difference = a - b;
        sum += difference * difference;
    }
    sum
}
