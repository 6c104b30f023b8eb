//! Products of matrices that lie row after row, for the graph of the adversarial methods.
//!
//! Both sides are copied into the order in which the inner loop reads them, so that either may be
//! transposed: the left one in tiles of `HEIGHT` rows, the right one in panels of `WIDTH` columns. The
//! sums of a tile stay in registers. Terms are added in order of the inner dimension, whatever the
//! caches are like, so the bytes depend on the vector instructions alone.

use pulp::{Arch, Simd, WithSimd};

use super::kernel::{vectors, vectors_mut};
use super::panels::{Line, WIDTH};
use super::real::Real;

/// 6 rows of 16 columns take 12 of 16 registers with vectors of eight numbers.
const HEIGHT: usize = 6;

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
pub(super) fn add_product<T: Real>(arch: Arch, out: &mut [T], left: View<'_, T>, right: View<'_, T>) {
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
            1 => self.multiply::<S, 1>(simd),
            2 => self.multiply::<S, 2>(simd),
            4 => self.multiply::<S, 4>(simd),
            8 => self.multiply::<S, 8>(simd),
            _ => self.multiply::<S, 16>(simd),
        }
    }
}

impl<T: Real> Product<'_, T> {
    #[inline(always)]
    fn multiply<S: Simd, const V: usize>(self, simd: S) {
        let [_, n_inner] = self.left.shape;
        let n_columns = self.right.shape[1];
        let tiles = tiles(self.left);
        let mut panel = vec![Line::default(); n_inner];
        for first in (0..n_columns).step_by(WIDTH) {
            fill_panel(self.right, first, &mut panel);
            let rows = self.out.chunks_mut(HEIGHT * n_columns);
            for (tile, rows) in tiles.chunks_exact(n_inner.max(1)).zip(rows) {
                let sums = tile_sums::<S, T, V>(simd, tile, &panel);
                for (row, sums) in rows.chunks_exact_mut(n_columns).zip(&sums) {
                    let width = WIDTH.min(n_columns - first);
                    for (out, sum) in row[first..][..width].iter_mut().zip(&sums.0) {
                        *out = T::plus(*out, *sum);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn tile_sums<S: Simd, T: Real, const V: usize>(
    simd: S,
    tile: &[[T; HEIGHT]],
    panel: &[Line<T>],
) -> [Line<T>; HEIGHT] {
    let mut sums = [[T::splat(simd, T::default()); V]; HEIGHT];
    for (left, right) in tile.iter().zip(panel) {
        let right = vectors::<S, T, V>(right);
        for (sums, left) in sums.iter_mut().zip(left) {
            let left = T::splat(simd, *left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = T::mul_add(simd, left, *right, *sum);
            }
        }
    }
    let mut lines = [Line::default(); HEIGHT];
    for (line, sums) in lines.iter_mut().zip(&sums) {
        vectors_mut::<S, T, V>(line).copy_from_slice(sums);
    }
    lines
}

/// The left matrix in tiles, column after column of each; rows beyond the last are 0.
#[inline(always)]
fn tiles<T: Real>(left: View<'_, T>) -> Vec<[T; HEIGHT]> {
    let [n_rows, n_inner] = left.shape;
    let mut tiles = Vec::with_capacity(n_rows.div_ceil(HEIGHT) * n_inner);
    for first in (0..n_rows).step_by(HEIGHT) {
        let height = HEIGHT.min(n_rows - first);
        // In a transposed matrix a tile's numbers stand side by side, in others its rows are read together.
        if left.by_row == 1 && left.by_column > 1 {
            let columns = left.numbers[first..].chunks(left.by_column).take(n_inner);
            tiles.extend(columns.map(|column| padded(&column[..height])));
        } else if height == HEIGHT {
            let row = |row: usize| &left.numbers[(first + row) * left.by_row..][..n_inner];
            let rows: [&[T]; HEIGHT] = std::array::from_fn(row);
            tiles.extend((0..n_inner).map(|column| rows.map(|row| row[column])));
        } else {
            let number = |row: usize, column: usize| left.numbers[(first + row) * left.by_row + column];
            let column = |column: usize| {
                std::array::from_fn(|row| if row < height { number(row, column) } else { T::default() })
            };
            tiles.extend((0..n_inner).map(column));
        }
    }
    tiles
}

#[inline(always)]
fn padded<T: Real>(numbers: &[T]) -> [T; HEIGHT] {
    if let Ok(numbers) = numbers.try_into() {
        return numbers;
    }
    let mut tile = [T::default(); HEIGHT];
    tile[..numbers.len()].copy_from_slice(numbers);
    tile
}

/// `WIDTH` columns of the right matrix; those beyond the last are 0.
#[inline(always)]
fn fill_panel<T: Real>(right: View<'_, T>, first: usize, panel: &mut [Line<T>]) {
    let [n_inner, n_columns] = right.shape;
    let width = WIDTH.min(n_columns - first);
    if width < WIDTH {
        panel.fill(Line::default());
    }
    if right.by_column == 1 {
        for (row, line) in panel.iter_mut().enumerate() {
            let row = &right.numbers[row * right.by_row + first..][..width];
            match row.try_into() {
                Ok(row) => line.0 = row,
                Err(_) => line.0[..width].copy_from_slice(row),
            }
        }
        return;
    }
    let column = |column: usize| &right.numbers[(first + column) * right.by_column..][..n_inner];
    if width == WIDTH {
        // Sixteen columns at a time, so that each line is written once.
        let columns: [&[T]; WIDTH] = std::array::from_fn(column);
        for (row, line) in panel.iter_mut().enumerate() {
            line.0 = columns.map(|column| column[row]);
        }
        return;
    }
    for number in 0..width {
        panel.iter_mut().zip(column(number)).for_each(|(line, value)| line.0[number] = *value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, ArrayView2};

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
            for arch in [Arch::new(), Arch::Scalar] {
                for (left, right) in views {
                    let mut out = vec![1.0; m * n];
                    add_product(arch, &mut out, left, right);
                    assert_eq!(ArrayView2::from_shape((m, n), &out).expect("fits"), expected);
                }
            }
        }
    }

    fn slice(array: &Array2<f64>) -> View<'_, f64> {
        View::new(array.as_slice().expect("standard"), [array.nrows(), array.ncols()])
    }
}
