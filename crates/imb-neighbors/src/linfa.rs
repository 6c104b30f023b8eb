//! The searches of this crate behind the trait of linfa-nn.
//!
//! linfa uses another version of ndarray, so the points are copied. Its trait answers one query at a time;
//! for many queries [`k_nearest`](crate::k_nearest) is faster.

use std::any::type_name;
use std::borrow::Cow;

use linfa::Float;
use linfa_nn::distance::{Distance, L2Dist};
use linfa_nn::{BuildError, NearestNeighbour, NearestNeighbourIndex, NnError};
use ndarray::ArrayView2;
use ndarray_linfa::{ArrayBase, ArrayView1, ArrayView2 as Batch, Data, Ix2};

use crate::{Algorithm, Index};

/// Exact nearest neighbours for linfa; among equal distances the lower row comes first.
///
/// With [`L2Dist`] and finite numbers it uses an [`Index`], in double precision whatever the type of the
/// numbers. With any other distance it compares every point. The leaf size is ignored.
///
/// ```
/// use imb_neighbors::Exact;
/// use linfa_nn::{NearestNeighbour, distance::L2Dist};
/// use ndarray_linfa::array;
///
/// let points = array![[0.0], [4.0], [2.0]];
/// let index = Exact.from_batch(&points, L2Dist).expect("one column");
/// let nearest = index.k_nearest(array![1.0].view(), 1).expect("one column");
/// assert_eq!(nearest[0].1, 0, "rows 0 and 2 tie");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact;

impl NearestNeighbour for Exact {
    fn from_batch_with_leaf_size<'a, F: Float, DT: Data<Elem = F>, D: 'a + Distance<F>>(
        &self,
        batch: &'a ArrayBase<DT, Ix2>,
        leaf_size: usize,
        dist_fn: D,
    ) -> Result<Box<dyn 'a + Send + Sync + NearestNeighbourIndex<F>>, BuildError> {
        if batch.ncols() == 0 {
            return Err(BuildError::ZeroDimension);
        }
        if leaf_size == 0 {
            return Err(BuildError::EmptyLeaf);
        }
        // `TypeId` needs a type without borrowed parts, which `D` may not be. Its name is enough here.
        let euclidean = type_name::<D>() == type_name::<L2Dist>();
        let numbers: Vec<f64> = batch.iter().copied().map(to_f64).collect();
        let index = (euclidean && numbers.iter().all(|value| value.is_finite()))
            .then(|| Index::of_numbers(Cow::Owned(numbers), batch.ncols(), Algorithm::Auto));
        Ok(Box::new(ExactIndex { batch: batch.view(), distance: dist_fn, index }))
    }
}

/// A batch of points, `(n_points, n_features)`, with an index if one can be used.
struct ExactIndex<'a, F: Float, D: Distance<F>> {
    batch: Batch<'a, F>,
    distance: D,
    index: Option<Index<'a>>,
}

type Found<'a, F> = Vec<(ArrayView1<'a, F>, usize)>;

impl<F: Float, D: Distance<F>> NearestNeighbourIndex<F> for ExactIndex<'_, F, D> {
    fn k_nearest(&self, point: ArrayView1<'_, F>, k: usize) -> Result<Found<'_, F>, NnError> {
        let k = k.min(self.batch.nrows());
        self.check(&point)?;
        if k == 0 {
            return Ok(vec![]);
        }
        let query: Vec<f64> = point.iter().copied().map(to_f64).collect();
        let searched = self.index.as_ref().and_then(|index| {
            let query = ArrayView2::from_shape((1, query.len()), &query).ok()?;
            index.k_nearest(query, k).ok()
        });
        let rows = match searched {
            Some(neighbors) => neighbors.indices.into_iter().collect(),
            None => self.compare_all(&point, k),
        };
        Ok(rows.into_iter().map(|row| (self.batch.row(row), row)).collect())
    }

    fn within_range(&self, point: ArrayView1<'_, F>, range: F) -> Result<Found<'_, F>, NnError> {
        self.check(&point)?;
        let range = self.distance.dist_to_rdist(range);
        let rows = self.batch.rows().into_iter().enumerate();
        let within = rows.filter(|(_, row)| self.distance.rdistance(point.view(), row.view()) < range);
        Ok(within.map(|(number, row)| (row, number)).collect())
    }
}

impl<F: Float, D: Distance<F>> ExactIndex<'_, F, D> {
    fn check(&self, point: &ArrayView1<'_, F>) -> Result<(), NnError> {
        if point.len() == self.batch.ncols() { Ok(()) } else { Err(NnError::WrongDimension) }
    }

    /// The rows of the `k` nearest points by any distance. A distance that is NaN counts as farthest.
    fn compare_all(&self, point: &ArrayView1<'_, F>, k: usize) -> Vec<usize> {
        let distance = |row: ArrayView1<'_, F>| to_f64(self.distance.rdistance(point.view(), row)).abs();
        let mut found: Vec<(f64, usize)> =
            self.batch.rows().into_iter().enumerate().map(|(number, row)| (distance(row), number)).collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.into_iter().take(k).map(|(_, row)| row).collect()
    }
}

/// Exact for linfa's two types of numbers, `f32` and `f64`.
fn to_f64<F: Float>(value: F) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa_nn::LinearSearch;
    use linfa_nn::distance::{L1Dist, LpDist};
    use ndarray_linfa::{Array2, array};

    /// Points whose distances from a query are all different.
    fn points(n_rows: usize, n_columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
            let number = (row * n_columns + column) as f64;
            (number * number * 0.618_033_988_749_895).fract()
        })
    }

    fn same<D: Distance<f64> + Clone>(points: &Array2<f64>, distance: D) {
        let ours = Exact.from_batch(points, distance.clone()).expect("columns");
        let theirs = LinearSearch.from_batch(points, distance).expect("columns");
        for query in points.rows().into_iter().step_by(17) {
            let ours_found = ours.k_nearest(query, 6).expect("as wide");
            let theirs_found = theirs.k_nearest(query, 6).expect("as wide");
            assert_eq!(ours_found, theirs_found);
            let range = 0.4;
            assert_eq!(ours.within_range(query, range).ok(), theirs.within_range(query, range).ok());
        }
    }

    #[test]
    fn linfas_linear_search_finds_the_same() {
        for n_columns in [3, 20] {
            same(&points(300, n_columns), L2Dist);
            same(&points(300, n_columns), L1Dist);
            same(&points(300, n_columns), LpDist(3.0));
        }
    }

    #[test]
    fn ties_go_to_the_lower_row() {
        let points = array![[2.0f32], [0.0], [2.0], [0.0]];
        let rows = |found: Found<'_, f32>| found.into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        let index = Exact.from_batch(&points, L2Dist).expect("a column");
        assert_eq!(rows(index.k_nearest(array![1.0].view(), 3).expect("as wide")), [0, 1, 2]);
        let index = Exact.from_batch(&points, L1Dist).expect("a column");
        assert_eq!(rows(index.k_nearest(array![1.0].view(), 9).expect("as wide")), [0, 1, 2, 3]);
    }

    #[test]
    fn invalid_input_is_refused_as_the_trait_requires() {
        let points = array![[0.0], [f64::NAN], [1.0]];
        assert!(Exact.from_batch_with_leaf_size(&points, 0, L2Dist).is_err());
        assert!(Exact.from_batch(&Array2::<f64>::zeros((2, 0)), L2Dist).is_err());
        let index = Exact.from_batch(&points, L2Dist).expect("a column");
        assert!(index.k_nearest(array![0.0, 1.0].view(), 1).is_err());
        assert_eq!(index.k_nearest(array![0.9].view(), 1).expect("as wide")[0].1, 2);
        assert!(index.k_nearest(array![0.9].view(), 0).expect("as wide").is_empty());
    }
}
