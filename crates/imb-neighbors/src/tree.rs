//! Search in a k-d tree, the faster search in few dimensions.
//!
//! The tree has no pointers; it is an order of the points. Each leaf is a run of 32 points, and a node is
//! a run of 16 leaves or of 16 nodes. Each node has a bounding box of its images; a box that is out of reach is
//! skipped with everything in it. Boxes are tested 16 at a time, points 32 at a time. Queries are answered in
//! the order of the leaves, so that the data that one query needs are still in the cache for the next.
//!
//! Building takes `O(n_points · (n_features + log n_points) · log n_points)`; images and boxes take three
//! quarters of the memory of the points.
//!
//! Friedman, Bentley and Finkel, "An algorithm for finding best matches in logarithmic expected time" (1977),
//! doi:10.1145/355744.355745.

use pulp::{Simd, WithSimd};

use crate::candidates::{Candidates, Space};
use crate::distance::Rows;
use crate::image::ANY;
use crate::kernel::{Few, Scores, Sides, arch, scores, set_bits, squared_to_boxes};
use crate::leaf_order::{LEAF, leaf_order};
use crate::panels::{Panel, Panels};
use crate::question::{Block, FindNearest};

/// Children per node.
const FAN: usize = 16;
/// Queries per task: enough that handing them to a thread costs little.
const QUERIES: usize = 256;

/// The points in the order of the leaves, and their bounding boxes.
pub(crate) struct Tree<'a> {
    space: Space<'a>,
    leaves: Panels<LEAF>,
    /// The boxes of the leaves, then of the nodes above them, and so on up to the root.
    levels: Vec<Level>,
}

/// The boxes of one level of nodes: `n_columns` entries for each group of `FAN` nodes.
struct Level {
    boxes: Vec<Sides<FAN>>,
    n_nodes: usize,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(space: Space<'a>) -> Self {
        let rows = leaf_order(space.points(), LEAF);
        let leaves = Panels::new(space.points(), &space.image, rows);
        let n_columns = space.n_columns();
        let mut levels = vec![Level::of_leaves(&leaves, n_columns)];
        while let Some(level) = levels.last().filter(|level| level.n_nodes > FAN) {
            let above = level.above(n_columns);
            levels.push(above);
        }
        Self { space, leaves, levels }
    }

    pub(crate) fn points(&self) -> Rows<'_> {
        self.space.points()
    }

    /// The order of the points in the leaves, in which neighbours are close together.
    pub(crate) fn order(&self) -> &[usize] {
        self.leaves.rows()
    }
}

impl Level {
    fn of_leaves(leaves: &Panels<LEAF>, n_columns: usize) -> Self {
        Self::around(leaves.len(), n_columns, |leaf, column| {
            let leaf = leaves.get(leaf);
            let values = &leaf.columns[column][..leaf.rows.len()];
            values.iter().fold(EMPTY_BOX, |[low, high], &value| [low.min(value), high.max(value)])
        })
    }

    fn above(&self, n_columns: usize) -> Self {
        Self::around(self.n_nodes.div_ceil(FAN), n_columns, |node, column| {
            let [low, high] = &self.boxes[node * n_columns + column];
            [
                low.iter().copied().fold(f32::INFINITY, f32::min),
                high.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            ]
        })
    }

    fn around(n_nodes: usize, n_columns: usize, side: impl Fn(usize, usize) -> [f32; 2]) -> Self {
        let mut boxes = vec![EMPTY_BOX.map(|side| [side; FAN]); n_nodes.div_ceil(FAN) * n_columns];
        for node in 0..n_nodes {
            for column in 0..n_columns {
                let [low, high] = side(node, column);
                let sides = &mut boxes[node / FAN * n_columns + column];
                (sides[0][node % FAN], sides[1][node % FAN]) = (low, high);
            }
        }
        Self { boxes, n_nodes }
    }
}

/// The box of no points, infinitely far from everything.
const EMPTY_BOX: [f32; 2] = [f32::INFINITY, f32::NEG_INFINITY];

impl FindNearest for Tree<'_> {
    fn block_size(&self) -> usize {
        QUERIES
    }

    fn nearest(&self, block: Block<'_>, found: impl FnMut(usize, &[(f64, usize)])) {
        arch().dispatch(Descend { tree: self, block, found });
    }
}

struct Descend<'a, F> {
    tree: &'a Tree<'a>,
    block: Block<'a>,
    found: F,
}

/// A node that waits to be visited, with the squared distance to its box.
#[derive(Clone, Copy)]
struct Pending {
    squared: f32,
    level: usize,
    number: usize,
}

impl<F: FnMut(usize, &[(f64, usize)])> WithSimd for Descend<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let tree = self.tree;
        let mut image = vec![[0.0]; tree.space.n_columns()];
        let mut stack = Vec::new();
        let mut candidates = Candidates::new(self.block.k());
        for number in 0..self.block.len() {
            let exact = self.block.query(number);
            let length = tree.space.image.of_row(exact, |column, value| image[column] = [value]);
            candidates.restart(&tree.space.image, length, self.block.own(number));
            let start = tree.space.image.start(length);
            let mut query = Query { exact, image: &image, start, candidates, cut: ANY, reach: f32::MAX };
            stack.push(Pending { squared: 0.0, level: tree.levels.len() - 1, number: 0 });
            while let Some(node) = stack.pop() {
                if node.squared > query.reach {
                    continue;
                }
                let squared = tree.squared_to_children(simd, node, &image);
                if node.level > 0 {
                    push_near(node, &squared, query.reach, &mut stack);
                } else {
                    tree.visit_leaves(simd, node.number * FAN, &squared, &mut query);
                }
            }
            candidates = query.candidates;
            (self.found)(number, candidates.finish(&tree.space, exact));
        }
    }
}

/// A query during its search.
struct Query<'a> {
    exact: &'a [f64],
    image: &'a [[f32; 1]],
    start: f32,
    candidates: Candidates,
    /// The lowest score of a candidate.
    cut: f32,
    /// Boxes with a larger squared distance are skipped.
    reach: f32,
}

/// Pushes the children of a node that are in reach onto the stack, the nearest on top.
#[inline(always)]
fn push_near(node: Pending, squared: &[f32; FAN], reach: f32, stack: &mut Vec<Pending>) {
    let bottom = stack.len();
    for child in set_bits(not_above(squared, reach)) {
        let pending =
            Pending { squared: squared[child], level: node.level - 1, number: node.number * FAN + child };
        let place = bottom + stack[bottom..].partition_point(|other| other.squared > pending.squared);
        stack.insert(place, pending);
    }
}

impl Tree<'_> {
    #[inline(always)]
    fn squared_to_children<S: Simd>(&self, simd: S, node: Pending, query: &[[f32; 1]]) -> [f32; FAN] {
        let n_columns = self.space.n_columns();
        let boxes = &self.levels[node.level].boxes[node.number * n_columns..][..n_columns];
        squared_to_boxes(simd, boxes, query)
    }

    /// Visits those of the `FAN` leaves from `first` on that are in reach. As long as the reach is unlimited,
    /// the nearest leaf is visited first, to limit it.
    #[inline(always)]
    fn visit_leaves<S: Simd>(&self, simd: S, first: usize, squared: &[f32; FAN], query: &mut Query<'_>) {
        let mut near = not_above(squared, query.reach);
        if query.reach == f32::MAX {
            let nearest = (0..FAN).min_by(|&a, &b| squared[a].total_cmp(&squared[b])).unwrap_or(0);
            self.visit_leaf(simd, first + nearest, query);
            near = not_above(squared, query.reach) & !(1 << nearest);
        }
        for child in set_bits(near) {
            if squared[child] <= query.reach {
                self.visit_leaf(simd, first + child, query);
            }
        }
    }

    #[inline(always)]
    fn visit_leaf<S: Simd>(&self, simd: S, number: usize, query: &mut Query<'_>) {
        let leaf = self.leaves.get(number);
        let few = Few { starts: &[query.start], columns: query.image.iter(), cuts: &[query.cut] };
        if let Some(scores) = scores(simd, few, leaf, None) {
            self.offer(leaf, &scores, query);
        }
    }

    #[cold]
    #[inline(never)]
    fn offer(&self, leaf: Panel<'_, LEAF>, scores: &Scores<LEAF, 1>, query: &mut Query<'_>) {
        let image = &self.space.image;
        let mut tightened = false;
        for lane in set_bits(scores.passing[0]) {
            if let Some(&row) = leaf.rows.get(lane) {
                let score = scores.of_points[0][lane];
                if score >= query.cut
                    && query.candidates.offer(&self.space, query.exact, score, leaf.slack, row)
                {
                    query.cut = query.candidates.cut(image, false);
                    tightened = true;
                }
            }
        }
        if tightened {
            query.reach = query.candidates.reach(image, self.leaves.norm());
        }
    }
}

/// The places of the numbers that are not above the limit, as bits.
#[inline(always)]
fn not_above(numbers: &[f32; FAN], limit: f32) -> u32 {
    numbers.iter().rev().fold(0, |bits, &number| bits << 1 | u32::from(number <= limit))
}
