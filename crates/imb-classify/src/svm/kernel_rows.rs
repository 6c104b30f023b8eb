//! Rows of the kernel matrix, computed from dense data when the solver needs them.

use std::ops::Range;

use libsvm_rs::qmatrix::QMatrix;
use ndarray::ArrayView2;
use pulp::{Arch, WithSimd};

use super::row_cache::RowCache;

/// A kernel with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum KernelFunction {
    /// `a·b`.
    Linear,
    /// `exp(−gamma |a − b|²)`.
    Rbf { gamma: f64 },
}

/// Points, stored feature by feature, with their squared lengths.
#[derive(Debug)]
pub(super) struct Points {
    n_points: usize,
    pub(super) n_features: usize,
    /// `(n_features, n_points)`, row by row.
    columns: Vec<f64>,
    squared: Vec<f64>,
    kernel: KernelFunction,
}

/// Kernel values per block: 2 KiB, which stay in the first cache while the features are added up.
const BLOCK: usize = 256;

impl Points {
    /// The points `x`, `(n_points, n_features)`.
    pub(super) fn new(x: ArrayView2<'_, f64>, kernel: KernelFunction) -> Self {
        let columns: Vec<f64> = x.t().iter().copied().collect();
        // Added in the same order as the products, so that the distance of a point from itself is exactly 0.
        let squared = x.rows().into_iter().map(|row| row.iter().fold(0.0, |sum, value| sum + value * value));
        Self { n_points: x.nrows(), n_features: x.ncols(), columns, squared: squared.collect(), kernel }
    }

    /// A point, `(n_features)`.
    pub(super) fn point(&self, number: usize) -> Vec<f64> {
        (0..self.n_features).map(|feature| self.columns[feature * self.n_points + number]).collect()
    }

    /// Computes the kernel values of a point with the points of a range, in blocks. Calls `found` for each block,
    /// with the number of its first point and the values.
    pub(super) fn compare(&self, point: &[f64], range: Range<usize>, found: impl FnMut(usize, &[f64])) {
        Arch::new().dispatch(Compare { points: self, point, range, found });
    }

    fn swap(&mut self, one: usize, other: usize) {
        for column in self.columns.chunks_exact_mut(self.n_points) {
            column.swap(one, other);
        }
        self.squared.swap(one, other);
    }
}

/// The comparison of a point with others, compiled for each instruction set. Products are added in the order of the
/// features and each operation is rounded on its own, so that all instruction sets give the same values.
struct Compare<'a, F> {
    points: &'a Points,
    point: &'a [f64],
    range: Range<usize>,
    found: F,
}

impl<F: FnMut(usize, &[f64])> WithSimd for Compare<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) {
        let Self { points, point, range, mut found } = self;
        let squared = point.iter().fold(0.0, |sum, value| sum + value * value);
        let mut values = [0.0; BLOCK];
        for start in range.clone().step_by(BLOCK) {
            let end = range.end.min(start + BLOCK);
            let values = &mut values[..end - start];
            values.fill(0.0);
            for (column, factor) in points.columns.chunks_exact(points.n_points).zip(point) {
                for (value, other) in values.iter_mut().zip(&column[start..end]) {
                    *value += factor * other;
                }
            }
            if let KernelFunction::Rbf { gamma } = points.kernel {
                for (value, other) in values.iter_mut().zip(&points.squared[start..end]) {
                    *value = (-gamma * (squared + other - 2.0 * *value)).exp();
                }
            }
            found(start, values);
        }
    }
}

/// The matrix `Q[i][j] = y[i] y[j] K(i, j)`, with a cache of recently used rows.
pub(super) struct SignedKernel {
    points: Points,
    signs: Vec<i8>,
    diagonal: Vec<f64>,
    cache: RowCache,
}

impl SignedKernel {
    /// Takes the points, the sign of each, and the size of the cache.
    pub(super) fn new(points: Points, signs: Vec<i8>, cache_bytes: usize) -> Self {
        let n_points = points.n_points;
        let mut diagonal = Vec::with_capacity(n_points);
        for number in 0..n_points {
            let point = points.point(number);
            points.compare(&point, number..number + 1, |_, values| diagonal.extend(values));
        }
        Self { points, signs, diagonal, cache: RowCache::new(n_points, cache_bytes) }
    }
}

impl QMatrix for SignedKernel {
    fn get_q(&mut self, i: usize, len: usize) -> &[f32] {
        let row = self.cache.row(i, len);
        if row.len() < len {
            let (signs, own) = (&self.signs, f64::from(self.signs[i]));
            self.points.compare(&self.points.point(i), row.len()..len, |first, values| {
                let signed = values.iter().zip(&signs[first..]);
                row.extend(signed.map(|(value, sign)| (own * f64::from(*sign) * value) as f32));
            });
        }
        &row[..len]
    }

    fn get_qd(&self) -> &[f64] {
        &self.diagonal
    }

    fn swap_index(&mut self, i: usize, j: usize) {
        self.cache.swap(i, j);
        self.points.swap(i, j);
        self.signs.swap(i, j);
        self.diagonal.swap(i, j);
    }
}
