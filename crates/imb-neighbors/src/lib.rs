//! Exact k nearest neighbours by Euclidean distance, with one rule for ties.
//!
//! Of two points at one distance the one with the lower row number comes first. That rule, and
//! distances summed in the order of the columns, make the answer independent of the search and of
//! the number of threads, to the last bit.
//!
//! In few dimensions a k-d tree answers a query in a time that hardly grows with the points; in
//! many dimensions trees visit nearly everything, and a scan in blocks is faster.

mod best;
mod scan;
mod tree;

use imb_core::{Error, Result};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use best::Best;
use scan::Scan;
use tree::Tree;

/// Up to so many columns a tree is built, unless there are few points.
const TREE_COLUMNS: usize = 12;

/// Below so many points building a tree does not pay.
const TREE_POINTS: usize = 64;

/// Queries answered together: they share what a scan has in the cache.
const QUERY_BLOCK: usize = 16;

/// The nearest points of each query, nearest first.
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
/// A query that is itself among the points finds itself. Work is spread over the threads of the
/// current rayon pool; memory is that of the points and the answer, never `n_points × n_queries`.
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
/// [`Error::InvalidParameter`] unless `1 ≤ k ≤ n_points`; [`Error::LengthMismatch`] if the two have
/// different numbers of columns or none; [`Error::NotFinite`] for a number that is not finite.
pub fn k_nearest(points: ArrayView2<'_, f64>, queries: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
    check(points, queries, k)?;
    if points.ncols() <= TREE_COLUMNS && points.nrows() >= TREE_POINTS {
        Ok(search(&Tree::new(points), queries, k))
    } else {
        Ok(search(&Scan::new(points), queries, k))
    }
}

/// The `k` nearest other rows of each row of `points`, `(n_points, n_features)`.
///
/// A row is never its own neighbour; a duplicate of it may be.
///
/// # Errors
/// As [`k_nearest`], with `k` below the number of points.
pub fn k_nearest_within(points: ArrayView2<'_, f64>, k: usize) -> Result<Neighbors> {
    let n_points = points.nrows();
    if k + 1 > n_points {
        return Err(Error::InvalidParameter {
            name: "k".into(),
            requirement: format!("below the number of points, {n_points}"),
            value: k.to_string(),
        });
    }
    let all = k_nearest(points, points, k + 1)?;
    let mut indices = Array2::zeros((n_points, k));
    let mut squared_distances = Array2::zeros((n_points, k));
    for row in 0..n_points {
        // Among many duplicates the row itself may not be found: then the last one goes.
        let itself = all.indices.row(row).iter().position(|&found| found == row).unwrap_or(k);
        let others = (0..=k).filter(|&place| place != itself);
        for (place, from) in others.enumerate() {
            indices[[row, place]] = all.indices[[row, from]];
            squared_distances[[row, place]] = all.squared_distances[[row, from]];
        }
    }
    Ok(Neighbors { indices, squared_distances })
}

/// A way to find the nearest points.
trait Search: Sync {
    /// Offers every point that may be among the nearest of `queries[i]` to `best[i]`.
    fn nearest(&self, queries: &[&[f64]], best: &mut [Best]);
}

fn search(points: &impl Search, queries: ArrayView2<'_, f64>, k: usize) -> Neighbors {
    let (n_queries, n_columns) = queries.dim();
    let queries = queries.as_standard_layout();
    let numbers = queries.as_slice().expect("standard layout is contiguous");
    let mut indices = vec![0; n_queries * k];
    let mut squared = vec![0.0; n_queries * k];
    let places = indices.par_chunks_mut(QUERY_BLOCK * k).zip(squared.par_chunks_mut(QUERY_BLOCK * k));
    places.zip(numbers.par_chunks(QUERY_BLOCK * n_columns)).for_each(|((indices, squared), block)| {
        let rows: Vec<&[f64]> = block.chunks_exact(n_columns).collect();
        let mut best = vec![Best::new(k); rows.len()];
        points.nearest(&rows, &mut best);
        let found = best.iter().flat_map(Best::found);
        for ((index, distance), &(nearest_squared, nearest)) in indices.iter_mut().zip(squared).zip(found) {
            (*index, *distance) = (nearest, nearest_squared);
        }
    });
    let shaped = "k numbers a query";
    Neighbors {
        indices: Array2::from_shape_vec((n_queries, k), indices).expect(shaped),
        squared_distances: Array2::from_shape_vec((n_queries, k), squared).expect(shaped),
    }
}

fn check(points: ArrayView2<'_, f64>, queries: ArrayView2<'_, f64>, k: usize) -> Result<()> {
    let n_points = points.nrows();
    if k == 0 || k > n_points {
        return Err(Error::InvalidParameter {
            name: "k".into(),
            requirement: format!("from 1 to the number of points, {n_points}"),
            value: k.to_string(),
        });
    }
    if points.ncols() == 0 || points.ncols() != queries.ncols() {
        return Err(Error::LengthMismatch {
            what: "columns of the queries".into(),
            expected: points.ncols().max(1),
            found: queries.ncols(),
        });
    }
    for matrix in [points, queries] {
        if let Some(((row, column), &value)) = matrix.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::NotFinite { row, column: format!("column_{}", column + 1), value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    fn naive(points: &Array2<f64>, queries: &Array2<f64>, k: usize) -> Neighbors {
        let mut indices = Array2::zeros((queries.nrows(), k));
        let mut squared_distances = Array2::zeros((queries.nrows(), k));
        for (number, query) in queries.outer_iter().enumerate() {
            let squared = |point: usize| -> f64 {
                query.iter().zip(points.row(point)).map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let mut all: Vec<(f64, usize)> = (0..points.nrows()).map(|row| (squared(row), row)).collect();
            all.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
            for (place, (distance, row)) in all.into_iter().take(k).enumerate() {
                indices[[number, place]] = row;
                squared_distances[[number, place]] = distance;
            }
        }
        Neighbors { indices, squared_distances }
    }

    /// Matrices of one width. Half of them lie on a coarse grid, which makes duplicates and ties.
    fn cases() -> impl Strategy<Value = (Array2<f64>, Array2<f64>, usize)> {
        (1usize..15, 1usize..150, 0usize..40, any::<bool>()).prop_flat_map(
            |(width, points, queries, grid)| {
                let number = move |raw: i32| if grid { f64::from(raw % 3) } else { f64::from(raw) * 0.1 };
                let matrix = move |rows: usize| {
                    proptest::collection::vec((-1000i32..1000).prop_map(number), rows * width).prop_map(
                        move |numbers| Array2::from_shape_vec((rows, width), numbers).expect("rows × width"),
                    )
                };
                (matrix(points), matrix(queries), 1..=points.min(8))
            },
        )
    }

    proptest! {
        #[test]
        fn every_search_finds_what_comparing_all_finds((points, queries, k) in cases()) {
            let expected = naive(&points, &queries, k);
            prop_assert_eq!(&search(&Tree::new(points.view()), queries.view(), k), &expected);
            prop_assert_eq!(&search(&Scan::new(points.view()), queries.view(), k), &expected);
            prop_assert_eq!(&k_nearest(points.view(), queries.view(), k).expect("valid"), &expected);
        }
    }

    #[test]
    fn a_heap_of_duplicates_gives_the_lowest_rows() {
        let points = Array2::ones((10_000, 3));
        let nearest = k_nearest(points.view(), points.view(), 3).expect("valid");
        assert!(nearest.indices.outer_iter().all(|row| row == array![0, 1, 2]));
    }

    #[test]
    fn any_number_of_threads_gives_the_same() {
        let points = Array2::from_shape_fn((500, 4), |(i, j)| ((i * 7 + j * 13) % 31) as f64 * 0.3);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| k_nearest(points.view(), points.view(), 5)).expect("valid")
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn overflowing_distances_are_ties() {
        let points = array![[1e300], [-1e300], [0.0]];
        let nearest = k_nearest(points.view(), array![[-1e308]].view(), 3).expect("finite");
        assert_eq!(nearest.indices, array![[0, 1, 2]]);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let points = array![[0.0, 1.0], [2.0, 3.0]];
        let refused = |queries: Array2<f64>, k| k_nearest(points.view(), queries.view(), k).is_err();
        assert!(refused(points.clone(), 0));
        assert!(refused(points.clone(), 3), "two points have no third neighbour");
        assert!(refused(array![[0.0]], 1));
        assert!(refused(array![[0.0, f64::NAN]], 1));
        let none = Array2::zeros((0, 2));
        assert_eq!(k_nearest(points.view(), none.view(), 1).expect("no queries").indices.dim(), (0, 1));
    }
}
