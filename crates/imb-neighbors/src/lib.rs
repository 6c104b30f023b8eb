//! Exact k nearest neighbours by Euclidean distance, with a fixed rule for ties.
//!
//! Among points at equal distance the one with the lower row number comes first. Distances are computed in
//! double precision and summed in the order of the columns, `(a₀ − b₀)² + (a₁ − b₁)² + …`, with each
//! operation rounded on its own. So the result is the same to the last bit, whatever the algorithm, the number
//! of threads and the processor.
//!
//! With few columns a k-d tree answers a query in a time that hardly grows with the number of points. With
//! many columns a tree visits nearly all points, and comparing with every point in blocks is faster; if the
//! points themselves are the queries, each pair is compared only once. Where most numbers are 0, only the others
//! are visited. [`Algorithm`] states the rule. All algorithms select candidates with a proven bound of the
//! rounding error, the first two in single precision, and decide among them by the exact distance.
//!
//! Where squares would leave the range of a double, all numbers are multiplied by one power of two. A difference
//! below some 10^-280 of the largest number then counts as 0, and a query far beyond the points may be infinitely
//! far from all of them.
//!
//! ```
//! use ndarray::array;
//!
//! let points = array![[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [0.0, 0.0]];
//! let nearest = imb_neighbors::k_nearest_within(points.view(), 2)?;
//! assert_eq!(nearest.indices.row(0), array![3, 2], "row 3 is a duplicate, not the row itself");
//! assert_eq!(nearest.squared_distances.row(0), array![0.0, 1.0]);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod best;
mod blocked;
mod candidates;
mod distance;
mod growing;
mod image;
mod index;
mod kernel;
mod leaf_order;
#[cfg(feature = "linfa")]
mod linfa;
mod mutual;
mod panels;
mod question;
mod search;
mod sparse;
mod tree;

use imb_core::Result;
use ndarray::{Array2, ArrayView2};

pub use growing::Growing;
pub use index::Index;
#[cfg(feature = "linfa")]
pub use linfa::Exact;
pub use search::{Algorithm, Search};

/// The nearest points of each query, nearest first.
///
/// ```
/// use ndarray::array;
///
/// let nearest = imb_neighbors::k_nearest_within(array![[0.0], [4.0], [1.0]].view(), 1)?;
/// assert_eq!(nearest.indices, array![[2], [2], [0]]);
/// assert_eq!(nearest.squared_distances, array![[1.0], [9.0], [1.0]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    /// Row numbers of points, `(n_queries, k)`.
    pub indices: Array2<usize>,
    /// Squared Euclidean distances to those points, `(n_queries, k)`.
    pub squared_distances: Array2<f64>,
}

/// The `k` nearest of `points`, `(n_points, n_features)`, for each of `queries`,
/// `(n_queries, n_features)`.
///
/// A query that is also a point finds itself. The work is spread over the threads of the current rayon
/// pool. A query takes at most `O(n_points · n_features)`. The memory is that of the result and of the points
/// in single precision, never `n_points × n_queries`.
///
/// ```
/// use ndarray::array;
///
/// let points = array![[0.0], [4.0], [2.0]];
/// let nearest = imb_neighbors::k_nearest(points.view(), array![[1.0]].view(), 2)?;
/// assert_eq!(nearest.indices, array![[0, 2]], "both are 1 away: the lower row comes first");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`](imb_core::Error::InvalidParameter) unless `1 ≤ k ≤ n_points`;
/// [`Error::LengthMismatch`](imb_core::Error::LengthMismatch) if points and queries have different numbers
/// of columns, or none; [`Error::NotFinite`](imb_core::Error::NotFinite) for a number that is not finite.
pub fn k_nearest(points: ArrayView2<'_, f64>, queries: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
    Search::default().k_nearest(points, queries, k)
}

/// The `k` nearest other rows of each row of `points`, `(n_points, n_features)`.
///
/// A row is not its own neighbour, but its duplicates are. It takes at most as long as [`k_nearest`]; with
/// many columns half as long, and `O(k)` more memory per row.
///
/// # Errors
/// [`Error::InvalidParameter`](imb_core::Error::InvalidParameter) unless `1 ≤ k < n_points`;
/// [`Error::LengthMismatch`](imb_core::Error::LengthMismatch) for points without columns;
/// [`Error::NotFinite`](imb_core::Error::NotFinite) for a number that is not finite.
pub fn k_nearest_within(points: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
    Search::default().k_nearest_within(points, k)
}
