//! Nearest neighbours in a set of points that grows between searches.
//!
//! The points are added one by one to a k-d tree of the crate `kdtree`. It returns `k` nearest points, but an
//! arbitrary choice of those tied at the k-th distance. So a second search fetches all points within that
//! distance, which are then ranked by the rule for ties. The tree computes distances with our function,
//! those to its boxes too; a box is never farther than the points in it, so no point is missed.

use imb_core::{Error, Result};
use kdtree::KdTree;
use ndarray::ArrayView1;

use crate::distance::squared_distance;

/// The largest coordinate. The tree computes the widths of its boxes, which must not overflow.
const LARGEST: f64 = f64::MAX / 4.0;

/// A set of points that grows, with exact nearest neighbours at any time.
///
/// For a fixed set of points, [`Index`](crate::Index) is faster.
///
/// ```
/// use imb_neighbors::Growing;
/// use ndarray::array;
///
/// let mut points = Growing::new(1)?;
/// for point in [array![0.0], array![4.0], array![2.0]] {
///     points.add(point.view())?;
/// }
/// assert_eq!(points.k_nearest(array![1.0].view(), 2)?, [(1.0, 0), (1.0, 2)]);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Growing {
    tree: KdTree<f64, usize, Box<[f64]>>,
    n_columns: usize,
}

impl Growing {
    /// An empty set for points with this number of columns.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if `n_columns` is 0.
    pub fn new(n_columns: usize) -> Result<Self> {
        if n_columns == 0 {
            return Err(Error::invalid_parameter("n_columns", "at least 1", n_columns));
        }
        Ok(Self { tree: KdTree::new(n_columns), n_columns })
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.tree.size()
    }

    /// Whether there are no points yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a point, `(n_features)`, and returns its row number; points are numbered from 0.
    ///
    /// Takes `O(n_features + log n_points)` for points in random order.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of columns; [`Error::NotFinite`] for a number that is
    /// not finite; [`Error::InvalidParameter`] for a magnitude above `4e307`.
    pub fn add(&mut self, point: ArrayView1<'_, f64>) -> Result<usize> {
        let row = self.len();
        let point = self.checked(point, row)?;
        if let Some(value) = point.iter().find(|value| value.abs() > LARGEST) {
            return Err(Error::invalid_parameter(
                "point",
                format!("at most {LARGEST:e} in magnitude"),
                value,
            ));
        }
        self.tree.add(point, row).map_err(|error| refused("point", error))?;
        Ok(row)
    }

    /// Squared distances and row numbers of the `k` points nearest to a query, `(n_features)`: nearest
    /// first, and the lower row first among equal distances.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `1 ≤ k ≤ n_points`; [`Error::LengthMismatch`] for another number
    /// of columns; [`Error::NotFinite`] for a number that is not finite.
    pub fn k_nearest(&self, query: ArrayView1<'_, f64>, k: usize) -> Result<Vec<(f64, usize)>> {
        if k == 0 || k > self.len() {
            let requirement = format!("from 1 to the number of points, {}", self.len());
            return Err(Error::invalid_parameter("k", requirement, k));
        }
        let query = self.checked(query, 0)?;
        let nearest = self.tree.nearest_within_radius(&query, k, Some(f64::INFINITY), &squared_distance);
        let nearest = nearest.map_err(|error| refused("query", error))?;
        let farthest = nearest.last().map_or(f64::INFINITY, |(squared, _)| *squared);
        let within = self.tree.within(&query, farthest, &squared_distance);
        let within = within.map_err(|error| refused("query", error))?;
        let mut found: Vec<(f64, usize)> = within.into_iter().map(|(squared, &row)| (squared, row)).collect();
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.truncate(k);
        Ok(found)
    }

    fn checked(&self, point: ArrayView1<'_, f64>, row: usize) -> Result<Box<[f64]>> {
        if point.len() != self.n_columns {
            return Err(Error::LengthMismatch {
                what: "columns of a point".into(),
                expected: self.n_columns,
                found: point.len(),
            });
        }
        match point.iter().position(|value| !value.is_finite()) {
            None => Ok(point.to_vec().into()),
            Some(place) => {
                Err(Error::NotFinite { row, column: format!("column_{}", place + 1), value: point[place] })
            }
        }
    }
}

/// The tree's refusal. Not expected, since everything it checks was checked before.
fn refused(name: &str, error: impl ToString) -> Error {
    Error::invalid_parameter(name, "accepted by the tree", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k_nearest;
    use ndarray::{Array2, Axis, array};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn at_any_time_it_finds_what_a_fresh_search_finds(
            raw in proptest::collection::vec(-3i32..4, 3..240),
            k in 1usize..8,
        ) {
            let points = Array2::from_shape_fn((raw.len() / 3, 3), |(i, j)| f64::from(raw[i * 3 + j]) * 0.7);
            let mut growing = Growing::new(3).expect("columns");
            for (row, point) in points.outer_iter().enumerate() {
                prop_assert_eq!(growing.add(point).expect("finite"), row);
                if row % 7 == 6 && row + 1 >= k {
                    let so_far = points.slice(ndarray::s![..=row, ..]);
                    let query = points.row(row / 2);
                    let fresh = k_nearest(so_far, query.insert_axis(Axis(0)), k).expect("valid");
                    let squared = fresh.squared_distances.iter().copied();
                    let fresh: Vec<_> = squared.zip(fresh.indices.iter().copied()).collect();
                    prop_assert_eq!(growing.k_nearest(query, k).expect("valid"), fresh);
                }
            }
        }
    }

    #[test]
    fn duplicates_and_extremes_do_no_harm() {
        let mut growing = Growing::new(1).expect("a column");
        for _ in 0..1000 {
            growing.add(array![1.0].view()).expect("finite");
        }
        for value in [-LARGEST, LARGEST, f64::MIN_POSITIVE, -0.0, 0.0, 5e-324] {
            for _ in 0..20 {
                growing.add(array![value].view()).expect("finite");
            }
        }
        let nearest = growing.k_nearest(array![1.0].view(), 2).expect("valid");
        assert_eq!(nearest, [(0.0, 0), (0.0, 1)]);
        let all = growing.k_nearest(array![LARGEST].view(), growing.len()).expect("overflow is infinity");
        assert_eq!((all.len(), all[0]), (1120, (0.0, 1020)));
        assert_eq!(all[20], (f64::INFINITY, 0));
    }

    #[test]
    fn invalid_points_and_k_are_refused() {
        assert!(Growing::new(0).is_err());
        let mut growing = Growing::new(2).expect("columns");
        assert!(growing.is_empty() && growing.k_nearest(array![0.0, 0.0].view(), 1).is_err());
        assert!(growing.add(array![0.0].view()).is_err());
        assert!(matches!(growing.add(array![0.0, f64::NAN].view()), Err(Error::NotFinite { row: 0, .. })));
        assert!(growing.add(array![0.0, f64::MAX].view()).is_err());
        growing.add(array![0.0, 1.0].view()).expect("finite");
        assert!(growing.k_nearest(array![0.0, 0.0].view(), 2).is_err());
    }
}
