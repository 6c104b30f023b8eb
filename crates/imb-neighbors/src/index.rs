//! An index of points for nearest-neighbour searches.

use std::borrow::Cow;

use imb_core::{Error, Result};
use ndarray::ArrayView2;

use crate::Neighbors;
use crate::blocked::Blocked;
use crate::candidates::Space;
use crate::distance::Rows;
use crate::leaf_order::{LEAF, leaf_order};
use crate::question::Question;
use crate::search::Algorithm;
use crate::tree::Tree;

/// An index of points, built once and searched any number of times.
///
/// It takes half the memory of the points, three quarters with a tree. The points themselves are borrowed, or
/// copied if their rows are not contiguous.
///
/// ```
/// use imb_neighbors::{Algorithm, Index};
/// use ndarray::array;
///
/// let points = array![[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]];
/// let index = Index::new(points.view(), Algorithm::Auto)?;
/// assert_eq!(index.k_nearest(array![[3.0, 3.0]].view(), 1)?.indices, array![[1]]);
/// assert_eq!(index.k_nearest_within(1)?.indices, array![[2], [2], [0]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`k_nearest`](crate::k_nearest) and [`k_nearest_within`](crate::k_nearest_within), which build an index
/// for one search; [`Growing`](crate::Growing), to which points can be added.
pub struct Index<'a> {
    n_points: usize,
    n_columns: usize,
    prepared: Option<Prepared<'a>>,
}

enum Prepared<'a> {
    Blocked(Blocked<'a>),
    Tree(Tree<'a>),
}

impl<'a> Index<'a> {
    /// Builds an index of points, `(n_points, n_features)`, for an algorithm.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for points without columns; [`Error::NotFinite`] for a number that is
    /// not finite.
    pub fn new(points: ArrayView2<'a, f64>, algorithm: Algorithm) -> Result<Self> {
        if points.ncols() == 0 {
            let what = "columns of the points, at least".into();
            return Err(Error::LengthMismatch { what, expected: 1, found: 0 });
        }
        all_finite(points)?;
        let n_columns = points.ncols();
        Ok(Self::of_numbers(contiguous(points), n_columns, algorithm))
    }

    /// Builds an index of points that are known to be finite, given row by row, with at least one column.
    pub(crate) fn of_numbers(numbers: Cow<'a, [f64]>, n_columns: usize, algorithm: Algorithm) -> Self {
        let n_points = numbers.len() / n_columns;
        let prepared = (n_points > 0).then(|| {
            let space = Space::new(numbers, n_columns);
            match algorithm.chosen(n_columns) {
                Algorithm::Tree => Prepared::Tree(Tree::new(space)),
                _ => Prepared::Blocked(Blocked::new(space)),
            }
        });
        Self { n_points, n_columns, prepared }
    }

    /// The `k` nearest points of each query; see [`k_nearest`](crate::k_nearest).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `1 ≤ k ≤ n_points`; [`Error::LengthMismatch`] if the queries
    /// have another number of columns; [`Error::NotFinite`] for a number that is not finite.
    pub fn k_nearest(&self, queries: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
        let prepared = self.for_k(k, "points", self.n_points)?;
        if queries.ncols() != self.n_columns {
            return Err(Error::LengthMismatch {
                what: "columns of the queries".into(),
                expected: self.n_columns,
                found: queries.ncols(),
            });
        }
        all_finite(queries)?;
        let numbers = contiguous(queries);
        let queries = Rows::new(&numbers, self.n_columns);
        let question = Question { queries, k, among_points: false };
        Ok(match prepared {
            Prepared::Tree(tree) => question.answer(tree, &leaf_order(queries, LEAF)),
            Prepared::Blocked(blocked) => question.answer(blocked, &in_row_order(queries)),
        })
    }

    /// The `k` nearest other points of each point; see [`k_nearest_within`](crate::k_nearest_within).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `1 ≤ k < n_points`.
    pub fn k_nearest_within(&self, k: usize) -> Result<Neighbors> {
        let question = |queries| Question { queries, k, among_points: true };
        Ok(match self.for_k(k, "other points", self.n_points.saturating_sub(1))? {
            Prepared::Tree(tree) => question(tree.points()).answer(tree, tree.order()),
            Prepared::Blocked(blocked) => blocked.nearest_others(k).unwrap_or_else(|| {
                question(blocked.points()).answer(blocked, &in_row_order(blocked.points()))
            }),
        })
    }

    /// The prepared points, if there are enough for `k` neighbours.
    fn for_k(&self, k: usize, of: &str, most: usize) -> Result<&Prepared<'a>> {
        match &self.prepared {
            Some(prepared) if (1..=most).contains(&k) => Ok(prepared),
            _ => Err(Error::invalid_parameter("k", format!("from 1 to the number of {of}, {most}"), k)),
        }
    }
}

fn in_row_order(queries: Rows<'_>) -> Vec<usize> {
    (0..queries.len()).collect()
}

fn all_finite(matrix: ArrayView2<'_, f64>) -> Result<()> {
    match matrix.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value })
        }
    }
}

fn contiguous(matrix: ArrayView2<'_, f64>) -> Cow<'_, [f64]> {
    match matrix.to_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(matrix.iter().copied().collect()),
    }
}
