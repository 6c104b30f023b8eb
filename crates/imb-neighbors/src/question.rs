//! The common part of the searches: queries are answered in blocks, which are spread over the threads.

use ndarray::Array2;
use rayon::prelude::*;

use crate::Neighbors;
use crate::distance::Rows;

/// An algorithm that finds the nearest points.
pub(crate) trait FindNearest: Sync {
    /// The best number of queries to answer together.
    fn block_size(&self) -> usize;

    /// Calls `found` once for each query of the block, in any order, with the query's place in the block and
    /// its neighbours, nearest first.
    fn nearest(&self, block: Block<'_>, found: impl FnMut(usize, &[(f64, usize)]));
}

/// A block of queries.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    queries: Rows<'a>,
    /// The row numbers of these queries.
    rows: &'a [usize],
    k: usize,
    among_points: bool,
}

impl<'a> Block<'a> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn k(&self) -> usize {
        self.k
    }

    pub(crate) fn query(&self, number: usize) -> &'a [f64] {
        self.queries.row(self.rows[number])
    }

    /// The number of the query among the points, if the queries are the points.
    pub(crate) fn own(&self, number: usize) -> Option<usize> {
        self.among_points.then(|| self.rows[number])
    }
}

/// The queries and the number of neighbours to find.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) queries: Rows<'a>,
    pub(crate) k: usize,
    /// Whether the queries are the points themselves; then none is its own neighbour.
    pub(crate) among_points: bool,
}

impl Question<'_> {
    /// Answers the queries in this order, which affects the speed only.
    pub(crate) fn answer(self, points: &impl FindNearest, order: &[usize]) -> Neighbors {
        let Self { queries, k, among_points } = self;
        let mut indices = vec![0; order.len() * k];
        let mut squared = vec![0.0; order.len() * k];
        let size = points.block_size();
        let places = indices.par_chunks_mut(size * k).zip(squared.par_chunks_mut(size * k));
        places.zip(order.par_chunks(size)).for_each(|((indices, squared), rows)| {
            points.nearest(Block { queries, rows, k, among_points }, |number, found| {
                let places = indices[number * k..].iter_mut().zip(&mut squared[number * k..]);
                for ((index, distance), &(nearest_squared, nearest)) in places.zip(found) {
                    (*index, *distance) = (nearest, nearest_squared);
                }
            });
        });
        Neighbors {
            indices: in_row_order(indices, order, k),
            squared_distances: in_row_order(squared, order, k),
        }
    }
}

/// Reorders the `k` numbers of each query from the given order of the queries to that of their rows.
pub(crate) fn in_row_order<T: Copy + Default>(numbers: Vec<T>, order: &[usize], k: usize) -> Array2<T> {
    let mut sorted = numbers;
    if !order.is_sorted() {
        let given = std::mem::take(&mut sorted);
        sorted = vec![T::default(); given.len()];
        for (numbers, &row) in given.chunks_exact(k).zip(order) {
            sorted[row * k..][..k].copy_from_slice(numbers);
        }
    }
    Array2::from_shape_vec((order.len(), k), sorted).expect("k numbers per query")
}
