//! Products of matrices that lie row after row, for the graph of the adversarial and generative methods.
//!
//! Both sides are copied into the order in which the inner loop reads them, so that either may be
//! transposed: the left one in tiles of a few rows, the right one in panels of `WIDTH` columns. The sums
//! of a tile stay in registers. Terms are added in
//! order of the inner dimension, each in one fused operation, so vectors of any width give the same bytes,
//! and the widest are used.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::kernel::{vectors, vectors_mut};
use super::panels::{Line, WIDTH};
use super::real::Real;

/// The rows of a tile: 6 rows of 16 columns take 12 of 16 registers with vectors of eight numbers, and 12 rows take
/// 12 of 32 registers with vectors of sixteen. Fewer sums would wait for each other.
const HEIGHT: usize = 6;
const HEIGHT_OF_WIDE: usize = 12;
/// The rows of the last tile where no more are left.
const LOW: usize = 4;

/// The bytes of the panels that are used together: they fit into the second cache.
const GROUP: usize = 256 << 10;

/// A matrix in place: `at(row, column)` is `numbers[row · by_row + column · by_column]`.
#[derive(Clone, Copy)]
pub(super) struct View<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) shape: [usize; 2],
    by_row: usize,
    by_column: usize,
}

impl<'a, T: Real> View<'a, T> {
    pub(super) fn new(numbers: &'a [T], shape: [usize; 2]) -> Self {
        Self { numbers, shape, by_row: shape[1], by_column: 1 }
    }

    pub(super) fn transposed(self) -> Self {
        let [rows, columns] = self.shape;
        Self { shape: [columns, rows], by_row: self.by_column, by_column: self.by_row, ..self }
    }
}

/// Adds left · right to `out`, `(n_rows, n_columns)`, row after row.
pub(super) fn add_product<T: Real>(out: &mut [T], left: View<'_, T>, right: View<'_, T>) {
    add_product_by(Arch::new(), out, left, right);
}

/// The same with given vector instructions.
fn add_product_by<T: Real>(arch: Arch, out: &mut [T], left: View<'_, T>, right: View<'_, T>) {
    if !out.is_empty() {
        arch.dispatch(Product { out, left, right });
    }
}

struct Product<'a, T> {
    out: &'a mut [T],
    left: View<'a, T>,
    right: View<'a, T>,
}

impl<T: Real> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match const { WIDTH * size_of::<T>() / size_of::<T::Vector<S>>() } {
            1 => self.multiply::<S, 1, HEIGHT_OF_WIDE>(simd),
            2 => self.multiply::<S, 2, HEIGHT>(simd),
            4 => self.multiply::<S, 4, HEIGHT>(simd),
            8 => self.multiply::<S, 8, HEIGHT>(simd),
            _ => self.multiply::<S, 16, HEIGHT>(simd),
        }
    }
}

impl<T: Real> Product<'_, T> {
    /// A line of a panel is `V` vectors, and a tile has `H` rows.
    #[inline(always)]
    fn multiply<S: Simd, const V: usize, const H: usize>(self, simd: S) {
        let [n_rows, n_inner] = self.left.shape;
        let n_columns = self.right.shape[1];
        // The last rows are a low tile if they fit into one, else zeros fill them up.
        let rest = n_rows % H;
        let n_high = if rest <= LOW { n_rows - rest } else { n_rows };
        let high = tiles::<T, H>(self.left, 0..n_high);
        let low = tiles::<T, LOW>(self.left, n_high..n_rows);
        // A few panels at a time: they stay in the cache while all tiles pass, and rows are written piece by piece.
        let n_panels = (GROUP / (n_inner.max(1) * size_of::<Line<T>>())).clamp(1, n_columns.div_ceil(WIDTH));
        let mut panels = vec![Line::default(); n_panels * n_inner];
        for first in (0..n_columns).step_by(n_panels * WIDTH) {
            fill_panels(self.right, first, &mut panels);
            let places = || (first..n_columns).step_by(WIDTH).zip(panels.chunks_exact(n_inner.max(1)));
            let (above, below) = self.out.split_at_mut(n_high * n_columns);
            let rows = above.chunks_mut(H * n_columns);
            for (tile, rows) in high.chunks_exact(n_inner.max(1)).zip(rows) {
                for (first, panel) in places() {
                    add_sums(rows, n_columns, first, &sums::<S, T, V, H>(simd, tile, panel));
                }
            }
            if n_high < n_rows {
                for (first, panel) in places() {
                    add_sums(below, n_columns, first, &sums::<S, T, V, LOW>(simd, &low, panel));
                }
            }
        }
    }
}

/// Some rows of the left matrix in tiles, column after column of each; rows beyond the last are 0.
fn tiles<T: Real, const H: usize>(left: View<'_, T>, rows: Range<usize>) -> Vec<[T; H]> {
    let View { numbers, shape: [_, n_inner], by_row, by_column } = left;
    let mut tiles = vec![[T::default(); H]; rows.len().div_ceil(H) * n_inner];
    for (tile, first) in tiles.chunks_exact_mut(n_inner.max(1)).zip(rows.clone().step_by(H)) {
        let height = H.min(rows.end - first);
        if by_column == 1 && height == H {
            let rows: [&[T]; H] = std::array::from_fn(|row| &numbers[(first + row) * by_row..][..n_inner]);
            for (column, to) in tile.iter_mut().enumerate() {
                for (to, row) in to.iter_mut().zip(&rows) {
                    *to = row[column];
                }
            }
        } else if by_row == 1 {
            // Transposed: a tile's numbers stand side by side.
            for (column, to) in tile.iter_mut().enumerate() {
                let from = &numbers[column * by_column + first..][..height];
                match from.try_into() {
                    Ok(from) => *to = from,
                    Err(_) => to[..height].copy_from_slice(from),
                }
            }
        } else {
            for (row, number) in (0..height).zip(first..) {
                let numbers = &numbers[number * by_row..][..n_inner];
                tile.iter_mut().zip(numbers).for_each(|(to, number)| to[row] = *number);
            }
        }
    }
    tiles
}

/// The sums of a tile of rows in a panel.
#[inline(always)]
fn sums<S: Simd, T: Real, const V: usize, const H: usize>(
    simd: S,
    tile: &[[T; H]],
    panel: &[Line<T>],
) -> [Line<T>; H] {
    let mut sums = [[T::splat(simd, T::default()); V]; H];
    for (left, right) in tile.iter().zip(panel) {
        let right = vectors::<S, T, V>(right);
        for (sums, left) in sums.iter_mut().zip(left) {
            let left = T::splat(simd, *left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = T::mul_add(simd, left, *right, *sum);
            }
        }
    }
    let mut lines = [Line::default(); H];
    for (line, sums) in lines.iter_mut().zip(&sums) {
        vectors_mut::<S, T, V>(line).copy_from_slice(sums);
    }
    lines
}

/// Adds the sums of a tile to its rows, from a column on.
#[inline(always)]
fn add_sums<T: Real>(rows: &mut [T], n_columns: usize, first: usize, sums: &[Line<T>]) {
    let width = WIDTH.min(n_columns - first);
    for (row, sums) in rows.chunks_exact_mut(n_columns).zip(sums) {
        let out = row[first..][..width].iter_mut();
        out.zip(&sums.0).for_each(|(out, sum)| *out = T::plus(*out, *sum));
    }
}

/// Columns of the right matrix from `first` on, in panels of `WIDTH`; those beyond the last are 0.
fn fill_panels<T: Real>(right: View<'_, T>, first: usize, panels: &mut [Line<T>]) {
    let View { numbers, shape: [n_inner, n_columns], by_row, by_column } = right;
    let columns = first..n_columns.min(first + panels.len() / n_inner.max(1) * WIDTH);
    if columns.len() % WIDTH > 0 {
        panels.fill(Line::default());
    }
    if by_column == 1 {
        for row in 0..n_inner {
            let numbers = &numbers[row * by_row..][columns.clone()];
            for (panel, numbers) in numbers.chunks(WIDTH).enumerate() {
                let line = &mut panels[panel * n_inner + row].0;
                match numbers.try_into() {
                    Ok(numbers) => *line = numbers,
                    Err(_) => line[..numbers.len()].copy_from_slice(numbers),
                }
            }
        }
        return;
    }
    for (place, column) in columns.enumerate() {
        let column = &numbers[column * by_column..][..n_inner];
        let panel = &mut panels[place / WIDTH * n_inner..][..n_inner];
        panel.iter_mut().zip(column).for_each(|(line, number)| line.0[place % WIDTH] = *number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::arch;
    use imb_core::Seed;
    use ndarray::{Array2, ArrayView2};
    use rand::RngExt;

    #[test]
    fn products_of_any_shape_and_direction_agree_with_plain_ones() {
        let number = |row: usize, column: usize| (((row * 31 + column * 17) % 23) as f64) - 11.0;
        for [m, k, n] in [[1, 1, 1], [7, 5, 17], [6, 16, 16], [13, 3, 33], [2, 40, 1], [9, 1, 20], [1, 4, 16]]
        {
            let (a, b) = (Array2::from_shape_fn((m, k), |(r, c)| number(r, c)), number);
            let b = Array2::from_shape_fn((k, n), |(r, c)| b(r + 3, c));
            let expected = a.dot(&b) + 1.0;
            let turned = [a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned()];
            let views = [
                (slice(&a), slice(&b)),
                (slice(&turned[0]).transposed(), slice(&b)),
                (slice(&a), slice(&turned[1]).transposed()),
            ];
            for arch in [Arch::new(), arch(), Arch::Scalar] {
                for (left, right) in views {
                    let mut out = vec![1.0; m * n];
                    add_product_by(arch, &mut out, left, right);
                    assert_eq!(ArrayView2::from_shape((m, n), &out).expect("fits"), expected);
                }
            }
        }
    }

    #[test]
    fn vectors_of_any_width_give_the_same_bytes() {
        let random = |seed: u64, n: usize| -> Vec<f32> {
            let mut rng = Seed::new(seed).rng();
            (0..n).map(|_| rng.random::<f32>() - 0.5).collect()
        };
        for [m, k, n] in [[32, 100, 40], [31, 7, 16], [5, 64, 3], [12, 33, 48]] {
            let (left, right) = (random(1, m * k), random(2, k * n));
            let of = |arch| {
                let mut out = vec![0.25; m * n];
                add_product_by(arch, &mut out, View::new(&left, [m, k]), View::new(&right, [k, n]));
                out
            };
            assert_eq!(of(Arch::new()), of(arch()));
        }
    }

    fn slice(array: &Array2<f64>) -> View<'_, f64> {
        View::new(array.as_slice().expect("standard"), [array.nrows(), array.ncols()])
    }
}
