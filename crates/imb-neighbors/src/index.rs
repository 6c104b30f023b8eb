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
use crate::search::{Algorithm, TREE_COLUMNS};
use crate::sparse::Sparse;
use crate::tree::Tree;

/// An index of points, built once and searched any number of times.
///
/// It takes half the memory of the points, three quarters with a tree, and two numbers for each that is not 0
/// if the points are sparse. The points themselves are borrowed, or
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
    /// What the numbers were multiplied by, so that their squares are numbers.
    scale: f64,
    prepared: Option<Prepared<'a>>,
}

enum Prepared<'a> {
    Blocked(Blocked<'a>),
    Sparse(Sparse<'a>),
    Tree(Tree<'a>),
}

impl<'a> Prepared<'a> {
    fn new(numbers: Cow<'a, [f64]>, n_columns: usize, algorithm: Algorithm) -> Self {
        let blocked = |numbers| Self::Blocked(Blocked::new(Space::new(numbers, n_columns)));
        match algorithm {
            Algorithm::Sparse => Self::Sparse(Sparse::new(numbers, n_columns)),
            Algorithm::Blocked => blocked(numbers),
            Algorithm::Auto if n_columns > TREE_COLUMNS => {
                Sparse::if_faster(numbers, n_columns).map_or_else(blocked, Self::Sparse)
            }
            Algorithm::Auto | Algorithm::Tree => Self::Tree(Tree::new(Space::new(numbers, n_columns))),
        }
    }
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
        let numbers = contiguous(points);
        let scale = scale_of(&numbers);
        Ok(Self { scale, ..Self::of_numbers(scaled(numbers, scale), n_columns, algorithm) })
    }

    /// Builds an index of points that are known to be finite, given row by row, with at least one column.
    pub(crate) fn of_numbers(numbers: Cow<'a, [f64]>, n_columns: usize, algorithm: Algorithm) -> Self {
        let n_points = numbers.len() / n_columns;
        let prepared = (n_points > 0).then(|| Prepared::new(numbers, n_columns, algorithm));
        Self { n_points, n_columns, scale: 1.0, prepared }
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
        let numbers = scaled(contiguous(queries), self.scale);
        let queries = Rows::new(&numbers, self.n_columns);
        let question = Question { queries, k, among_points: false };
        let found = match prepared {
            Prepared::Tree(tree) => question.answer(tree, &leaf_order(queries, LEAF)),
            Prepared::Blocked(blocked) => question.answer(blocked, &in_row_order(queries)),
            Prepared::Sparse(sparse) => question.answer(sparse, &in_row_order(queries)),
        };
        Ok(self.in_units_of_the_points(found))
    }

    /// The `k` nearest other points of each point; see [`k_nearest_within`](crate::k_nearest_within).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `1 ≤ k < n_points`.
    pub fn k_nearest_within(&self, k: usize) -> Result<Neighbors> {
        let question = |queries| Question { queries, k, among_points: true };
        let found = match self.for_k(k, "other points", self.n_points.saturating_sub(1))? {
            Prepared::Tree(tree) => question(tree.points()).answer(tree, tree.order()),
            Prepared::Sparse(sparse) => {
                question(sparse.points()).answer(sparse, &in_row_order(sparse.points()))
            }
            Prepared::Blocked(blocked) => blocked.nearest_others(k).unwrap_or_else(|| {
                question(blocked.points()).answer(blocked, &in_row_order(blocked.points()))
            }),
        };
        Ok(self.in_units_of_the_points(found))
    }

    /// The distances as they are between the points that were given. Some may be infinite or 0, being
    /// beyond the range of a double.
    fn in_units_of_the_points(&self, mut found: Neighbors) -> Neighbors {
        if self.scale != 1.0 {
            found.squared_distances.mapv_inplace(|distance| distance / self.scale / self.scale);
        }
        found
    }

    /// The prepared points, if there are enough for `k` neighbours.
    fn for_k(&self, k: usize, of: &str, most: usize) -> Result<&Prepared<'a>> {
        match &self.prepared {
            Some(prepared) if (1..=most).contains(&k) => Ok(prepared),
            _ => Err(Error::invalid_parameter("k", format!("from 1 to the number of {of}, {most}"), k)),
        }
    }
}

/// Numbers between these powers of two, and their differences, can be squared and summed.
const SAFE: [i32; 2] = [-460, 480];
/// Where the largest is put if not all are between them: queries may be farther away, and differences
/// are smaller.
const LARGEST: i32 = 400;

/// A power of two by which squares stay within the range of a double; 1 if they do anyway.
fn scale_of(numbers: &[f64]) -> f64 {
    let [smallest, largest] = smallest_and_largest(numbers);
    if largest == 0.0 || (smallest >= 2f64.powi(SAFE[0]) && largest <= 2f64.powi(SAFE[1])) {
        return 1.0;
    }
    // No power beyond this one is a double; smaller numbers are then large enough as well.
    2f64.powi((LARGEST - largest.log2().floor() as i32).min(1000))
}

/// The sizes of the smallest number that is not 0, and of the largest, found in several chains.
fn smallest_and_largest(numbers: &[f64]) -> [f64; 2] {
    const CHAINS: usize = 16;
    let mut smallest = [f64::INFINITY; CHAINS];
    let mut largest = [0.0_f64; CHAINS];
    for chunk in numbers.chunks(CHAINS) {
        for (number, (smallest, largest)) in chunk.iter().zip(smallest.iter_mut().zip(&mut largest)) {
            let size = number.abs();
            let if_not_zero = if size > 0.0 { size } else { f64::INFINITY };
            *smallest = if if_not_zero < *smallest { if_not_zero } else { *smallest };
            *largest = if size > *largest { size } else { *largest };
        }
    }
    [smallest.into_iter().fold(f64::INFINITY, f64::min), largest.into_iter().fold(0.0, f64::max)]
}

fn scaled(numbers: Cow<'_, [f64]>, scale: f64) -> Cow<'_, [f64]> {
    if scale == 1.0 { numbers } else { Cow::Owned(numbers.iter().map(|number| number * scale).collect()) }
}

fn in_row_order(queries: Rows<'_>) -> Vec<usize> {
    (0..queries.len()).collect()
}

fn all_finite(matrix: ArrayView2<'_, f64>) -> Result<()> {
    // A sum is as fast as the memory, and not finite if a number is not.
    if matrix.to_slice().is_some_and(|numbers| sum_of(numbers).is_finite()) {
        return Ok(());
    }
    match matrix.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value })
        }
    }
}

/// Zero times each number, added up in several chains.
fn sum_of(numbers: &[f64]) -> f64 {
    let (chunks, rest) = numbers.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, number)| *sum += 0.0 * number);
    }
    sums.iter().chain(rest).map(|number| 0.0 * number).sum()
}

fn contiguous(matrix: ArrayView2<'_, f64>) -> Cow<'_, [f64]> {
    match matrix.to_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(matrix.iter().copied().collect()),
    }
}
