//! The choice of the search algorithm.

use imb_core::Result;
use ndarray::ArrayView2;

use crate::{Index, Neighbors};

/// The search algorithm. All of them return the same result, to the last bit.
///
/// See [`Search`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// `Tree` for at most 15 columns, otherwise `Sparse` if few numbers differ from 0, otherwise `Blocked`.
    #[default]
    Auto,
    /// Comparison with every point, in blocks. If the points are the queries, each pair is compared once.
    Blocked,
    /// Comparison with the points that are not 0 in a column of the query.
    Sparse,
    /// A k-d tree.
    Tree,
}

/// The most columns for which `Auto` builds a tree. `cargo run --release -p imb-neighbors --example
/// algorithm_rule` measures where the tree wins.
pub(crate) const TREE_COLUMNS: usize = 15;

/// A search with a chosen algorithm.
///
/// ```
/// use imb_neighbors::{Algorithm, Search};
/// use ndarray::array;
///
/// let points = array![[0.0], [4.0], [2.0]];
/// let search = Search { algorithm: Algorithm::Blocked };
/// let nearest = search.k_nearest_within(points.view(), 1)?;
/// assert_eq!(nearest.indices, array![[2], [2], [0]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Index`], to search the same points more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The search algorithm.
    pub algorithm: Algorithm,
}

impl Search {
    /// The `k` nearest of `points` for each of `queries`; see [`k_nearest`](crate::k_nearest).
    ///
    /// # Errors
    /// Those of [`k_nearest`](crate::k_nearest).
    pub fn k_nearest(
        &self,
        points: ArrayView2<'_, f64>,
        queries: ArrayView2<'_, f64>,
        k: usize,
    ) -> Result<Neighbors> {
        Index::new(points, self.algorithm)?.k_nearest(queries, k)
    }

    /// The `k` nearest other points of each of `points`; see
    /// [`k_nearest_within`](crate::k_nearest_within).
    ///
    /// # Errors
    /// Those of [`k_nearest_within`](crate::k_nearest_within).
    pub fn k_nearest_within(&self, points: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
        Index::new(points, self.algorithm)?.k_nearest_within(k)
    }
}
