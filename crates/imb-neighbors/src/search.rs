//! Which search is used when.

use imb_core::Result;
use ndarray::ArrayView2;

use crate::{Index, Neighbors};

/// How the nearest are found. All ways lead to the same answer, to the last bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// The tree in at most 15 columns, otherwise blocks.
    #[default]
    Auto,
    /// Comparison with every point, in blocks; of the points with each other, each pair once.
    Blocked,
    /// A k-d tree.
    Tree,
}

/// Up to so many columns a tree is built.
const TREE_COLUMNS: usize = 15;

impl Algorithm {
    /// The algorithm that [`Algorithm::Auto`] stands for.
    pub(crate) fn chosen(self, _n_points: usize, n_columns: usize) -> Self {
        match self {
            Self::Auto if n_columns <= TREE_COLUMNS => Self::Tree,
            Self::Auto => Self::Blocked,
            chosen => chosen,
        }
    }
}

/// A search, with all that can be chosen about it.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// How the nearest are found.
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
