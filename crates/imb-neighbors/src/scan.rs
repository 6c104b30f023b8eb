//! Search by comparing with every point: the choice in many dimensions.
//!
//! `O(n_points · n_features)` a query. Points lie in blocks of eight, column by column within a
//! block, so that eight distances grow side by side, each summed in the order of the columns.

use ndarray::{ArrayView2, Axis};

use crate::Search;
use crate::best::Best;

const LANES: usize = 8;

pub(crate) struct Scan {
    /// `n_columns` entries a block; the last block is filled up with zeros.
    blocks: Vec<[f64; LANES]>,
    n_points: usize,
    n_columns: usize,
}

impl Scan {
    pub(crate) fn new(points: ArrayView2<'_, f64>) -> Self {
        let (n_points, n_columns) = points.dim();
        let mut blocks = Vec::with_capacity(n_points.div_ceil(LANES) * n_columns);
        for block in points.axis_chunks_iter(Axis(0), LANES) {
            for column in block.columns() {
                let mut lanes = [0.0; LANES];
                for (lane, value) in lanes.iter_mut().zip(column) {
                    *lane = *value;
                }
                blocks.push(lanes);
            }
        }
        Self { blocks, n_points, n_columns }
    }
}

impl Search for Scan {
    fn nearest(&self, queries: &[&[f64]], best: &mut [Best]) {
        for (number, block) in self.blocks.chunks_exact(self.n_columns).enumerate() {
            let rows = number * LANES..self.n_points;
            for (query, best) in queries.iter().zip(&mut *best) {
                for (squared, row) in squared_distances(query, block).into_iter().zip(rows.clone()) {
                    best.offer(squared, row);
                }
            }
        }
    }
}

fn squared_distances(query: &[f64], block: &[[f64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (value, lanes) in query.iter().zip(block) {
        for (sum, lane) in sums.iter_mut().zip(lanes) {
            let difference = value - lane;
            *sum += difference * difference;
        }
    }
    sums
}
