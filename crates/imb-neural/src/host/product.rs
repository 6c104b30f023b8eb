//! Products of matrices that lie row after row, for the graph of the adversarial and generative methods.
//!
//! Both sides are copied into the order in which the inner loop reads them, so that either may be
//! transposed: the left one in tiles of a few rows, the right one in panels of `WIDTH` columns. The sums
//! of a tile stay in registers. Terms are added in
//! order of the inner dimension, each in one fused operation where the processor has it, so vectors of any width
//! give the same bytes there, and the widest are used.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::kernel::{vectors, vectors_mut};
use super::panels::{Line, WIDTH};
use super::real::Real;
use super::scratch::{Scratch, Scratched};

/// The rows of a tile, and the panels that it crosses at a time. With vectors of eight numbers, 6 rows of one panel take
/// 12 of 16 registers. With vectors of sixteen, 12 rows of two panels take 24 of 32, and a number of the left side that
/// was loaded serves two operations. Fewer sums would wait for each other.
const HEIGHT: usize = 6;
const HEIGHT_OF_WIDE: usize = 12;
const PANELS_OF_WIDE: usize = 2;
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
pub(super) fn add_product<T: Real + Scratched>(out: &mut [T], left: View<'_, T>, right: View<'_, T>) {
    product_by(Arch::new(), Put::Sum, out, left, right);
}

/// Writes left · right to `out`, whatever stood there.
pub(super) fn write_product<T: Real + Scratched>(out: &mut [T], left: View<'_, T>, right: View<'_, T>) {
    product_by(Arch::new(), Put::New, out, left, right);
}

/// Adds or writes left · right with given vector instructions.
fn product_by<T: Real + Scratched>(
    arch: Arch,
    put: Put,
    out: &mut [T],
    left: View<'_, T>,
    right: View<'_, T>,
) {
    if left.shape[1] == 0 && matches!(put, Put::New) {
        out.fill(T::default());
    } else if !out.is_empty() {
        arch.dispatch(Product { put, out, left, right });
    }
}

/// What a product does with the numbers that are there.
#[derive(Clone, Copy)]
enum Put {
    /// It is added to them.
    Sum,
    /// It takes their place.
    New,
}

struct Product<'a, T> {
    put: Put,
    out: &'a mut [T],
    left: View<'a, T>,
    right: View<'a, T>,
}

impl<T: Real + Scratched> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match const { WIDTH * size_of::<T>() / size_of::<T::Vector<S>>() } {
            1 => self.multiply::<S, 1, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
            2 => self.multiply::<S, 2, HEIGHT, 1>(simd),
            4 => self.multiply::<S, 4, HEIGHT, 1>(simd),
            8 => self.multiply::<S, 8, HEIGHT, 1>(simd),
            _ => self.multiply::<S, 16, HEIGHT, 1>(simd),
        }
    }
}

impl<T: Real + Scratched> Product<'_, T> {
    /// A line of a panel is `V` vectors, a tile has `H` rows, and it crosses `P` panels at a time.
    #[inline(always)]
    fn multiply<S: Simd, const V: usize, const H: usize, const P: usize>(self, simd: S) {
        let mut scratch = T::take_scratch();
        self.multiply_in::<S, V, H, P>(simd, &mut scratch);
        scratch.give_back();
    }

    #[inline(always)]
    fn multiply_in<S: Simd, const V: usize, const H: usize, const P: usize>(
        self,
        simd: S,
        scratch: &mut Scratch<T>,
    ) {
        let Scratch { high, low, panels } = scratch;
        let [n_rows, n_inner] = self.left.shape;
        let (n_columns, put) = (self.right.shape[1], self.put);
        // The last rows are a low tile if they fit into one, else zeros fill them up.
        let rest = n_rows % H;
        let n_high = if rest <= LOW { n_rows - rest } else { n_rows };
        let high = tiles::<T, H>(self.left, 0..n_high, high);
        let low = tiles::<T, LOW>(self.left, n_high..n_rows, low);
        // A few panels at a time: they stay in the cache while all tiles pass, and rows are written piece by piece.
        let panel_bytes = n_inner.max(1) * size_of::<Line<T>>();
        let n_panels = (GROUP / panel_bytes / P * P).clamp(P, n_columns.div_ceil(WIDTH).next_multiple_of(P));
        panels.resize(n_panels * n_inner, Line::default());
        for first in (0..n_columns).step_by(n_panels * WIDTH) {
            let columns = first..n_columns.min(first + n_panels * WIDTH);
            let panels = &mut panels[..columns.len().div_ceil(WIDTH) * n_inner];
            fill_panels(self.right, columns.clone(), panels);
            let (above, below) = self.out.split_at_mut(n_high * n_columns);
            let rows = above.chunks_mut(H * n_columns);
            for (tile, rows) in high.chunks_exact(n_inner.max(1)).zip(rows) {
                row_of_tiles::<S, T, V, H, P>(simd, put, rows, n_columns, columns.clone(), tile, panels);
            }
            if n_high < n_rows {
                row_of_tiles::<S, T, V, LOW, P>(simd, put, below, n_columns, columns, low, panels);
            }
        }
    }
}

/// Puts the sums of a tile in all panels into its rows, in the columns of these panels.
#[inline(always)]
fn row_of_tiles<S: Simd, T: Real, const V: usize, const H: usize, const P: usize>(
    simd: S,
    put: Put,
    rows: &mut [T],
    n_columns: usize,
    columns: Range<usize>,
    tile: &[[T; H]],
    panels: &[Line<T>],
) {
    let n_inner = tile.len();
    let firsts = columns.step_by(P * WIDTH);
    for (first, panels) in firsts.zip(panels.chunks((P * n_inner).max(1))) {
        if panels.len() == P * n_inner {
            let panels = std::array::from_fn(|panel| &panels[panel * n_inner..][..n_inner]);
            for (panel, sums) in sums::<S, T, V, H, P>(simd, tile, panels).iter().enumerate() {
                put_sums(put, rows, n_columns, first + panel * WIDTH, sums);
            }
        } else {
            // The last panels are fewer than a tile crosses.
            for (first, panel) in (first..n_columns).step_by(WIDTH).zip(panels.chunks_exact(n_inner.max(1))) {
                let [sums] = sums::<S, T, V, H, 1>(simd, tile, [panel]);
                put_sums(put, rows, n_columns, first, &sums);
            }
        }
    }
}

/// Copies some rows of the left matrix into tiles, column after column of each; rows beyond the last are 0.
fn tiles<'a, T: Real, const H: usize>(
    left: View<'_, T>,
    rows: Range<usize>,
    memory: &'a mut Vec<T>,
) -> &'a [[T; H]] {
    let View { numbers, shape: [_, n_inner], by_row, by_column } = left;
    memory.resize(rows.len().div_ceil(H) * n_inner * H, T::default());
    let (tiles, _) = memory.as_chunks_mut::<H>();
    for (tile, first) in tiles.chunks_exact_mut(n_inner.max(1)).zip(rows.clone().step_by(H)) {
        let height = H.min(rows.end - first);
        if height < H {
            tile.fill([T::default(); H]);
        }
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

/// The sums of a tile of rows in some panels.
#[inline(always)]
fn sums<S: Simd, T: Real, const V: usize, const H: usize, const P: usize>(
    simd: S,
    tile: &[[T; H]],
    panels: [&[Line<T>]; P],
) -> [[Line<T>; H]; P] {
    let n_inner = tile.len();
    let panels = panels.map(|panel| &panel[..n_inner]);
    let mut sums = [[[T::splat(simd, T::default()); V]; P]; H];
    for (place, left) in tile.iter().enumerate() {
        let right = panels.map(|panel| vectors::<S, T, V>(&panel[place]));
        for (sums, left) in sums.iter_mut().zip(left) {
            let left = T::splat(simd, *left);
            for (sums, right) in sums.iter_mut().zip(right) {
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = T::mul_add(simd, left, *right, *sum);
                }
            }
        }
    }
    let mut lines = [[Line::default(); H]; P];
    for (row, sums) in sums.iter().enumerate() {
        for (lines, sums) in lines.iter_mut().zip(sums) {
            vectors_mut::<S, T, V>(&mut lines[row]).copy_from_slice(sums);
        }
    }
    lines
}

/// Puts the sums of a tile into its rows, from a column on.
#[inline(always)]
fn put_sums<T: Real>(put: Put, rows: &mut [T], n_columns: usize, first: usize, sums: &[Line<T>]) {
    for (row, sums) in rows.chunks_exact_mut(n_columns).zip(sums) {
        let row = &mut row[first..];
        match row.first_chunk_mut::<WIDTH>() {
            Some(row) => put_each(put, row, &sums.0),
            None => put_each(put, row, &sums.0),
        }
    }
}

#[inline(always)]
fn put_each<T: Real>(put: Put, out: &mut [T], sums: &[T]) {
    let places = out.iter_mut().zip(sums);
    match put {
        Put::Sum => places.for_each(|(out, sum)| *out = T::plus(*out, *sum)),
        Put::New => places.for_each(|(out, sum)| *out = *sum),
    }
}

/// Fills panels with columns of the right matrix, `WIDTH` each; those beyond the last are 0.
#[inline(always)]
fn fill_panels<T: Real>(right: View<'_, T>, columns: Range<usize>, panels: &mut [Line<T>]) {
    let View { numbers, shape: [n_inner, _], by_row, by_column } = right;
    let n_whole = columns.len() / WIDTH;
    let (whole, last) = panels.split_at_mut(n_whole * n_inner);
    if by_column == 1 {
        // All panels row by row: the numbers of a row lie together.
        for row in 0..n_inner {
            let numbers = numbers[row * by_row + columns.start..].chunks_exact(WIDTH).take(n_whole);
            for (panel, numbers) in numbers.enumerate() {
                whole[panel * n_inner + row].0 = *numbers.first_chunk().expect("a whole line");
            }
        }
    } else {
        for (first, panel) in columns.clone().step_by(WIDTH).zip(whole.chunks_exact_mut(n_inner.max(1))) {
            let columns: [&[T]; WIDTH] =
                std::array::from_fn(|place| &numbers[(first + place) * by_column..][..n_inner]);
            for (row, line) in panel.iter_mut().enumerate() {
                for (to, column) in line.0.iter_mut().zip(&columns) {
                    *to = column[row];
                }
            }
        }
    }
    last.fill(Line::default());
    for (line, row) in last.iter_mut().zip(0..n_inner) {
        for (to, column) in line.0.iter_mut().zip(columns.start + n_whole * WIDTH..columns.end) {
            *to = numbers[row * by_row + column * by_column];
        }
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
        for [m, k, n] in [
            [1, 1, 1],
            [7, 5, 17],
            [6, 16, 16],
            [13, 3, 33],
            [2, 40, 1],
            [9, 1, 20],
            [1, 4, 16],
            [25, 130, 70],
            [5, 3, 7],
            [11, 4, 50],
            [17, 9, 40],
            [3, 0, 2],
        ] {
            let (a, b) = (Array2::from_shape_fn((m, k), |(r, c)| number(r, c)), number);
            let b = Array2::from_shape_fn((k, n), |(r, c)| b(r + 3, c));
            let expected = a.dot(&b) + 1.0;
            let turned = [a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned()];
            let views = [
                (slice(&a), slice(&b)),
                (slice(&turned[0]).transposed(), slice(&b)),
                (slice(&a), slice(&turned[1]).transposed()),
            ];
            for (left, right) in views {
                for arch in [Arch::new(), arch(), Arch::Scalar] {
                    let mut out = vec![1.0; m * n];
                    product_by(arch, Put::Sum, &mut out, left, right);
                    assert_eq!(ArrayView2::from_shape((m, n), &out).expect("fits"), expected);
                    product_by(arch, Put::New, &mut out, left, right);
                    assert_eq!(ArrayView2::from_shape((m, n), &out).expect("fits"), &expected - 1.0);
                }
                if k > 0 {
                    let mut out = vec![f64::NAN; m * n];
                    Arch::new().dispatch(Wide(Product { put: Put::New, out: &mut out, left, right }));
                    assert_eq!(ArrayView2::from_shape((m, n), &out).expect("fits"), &expected - 1.0, "wide");
                }
            }
        }
    }

    /// The tiles of the widest vectors, whatever the processor has.
    struct Wide<'a, T>(Product<'a, T>);

    impl<T: Real + Scratched> WithSimd for Wide<'_, T> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            match const { WIDTH * size_of::<T>() / size_of::<T::Vector<S>>() } {
                1 => self.0.multiply::<S, 1, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
                2 => self.0.multiply::<S, 2, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
                4 => self.0.multiply::<S, 4, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
                8 => self.0.multiply::<S, 8, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
                _ => self.0.multiply::<S, 16, HEIGHT_OF_WIDE, PANELS_OF_WIDE>(simd),
            }
        }
    }

    #[test]
    fn vectors_of_any_width_give_the_same_bytes() {
        let random = |seed: u64, n: usize| -> Vec<f32> {
            let mut rng = Seed::new(seed).rng();
            (0..n).map(|_| rng.random::<f32>() - 0.5).collect()
        };
        for [m, k, n] in [[32, 100, 40], [31, 7, 16], [5, 64, 3], [12, 33, 48], [24, 1100, 90]] {
            let (left, right) = (random(1, m * k), random(2, k * n));
            let views = (View::new(&left, [m, k]), View::new(&right, [k, n]));
            let of = |arch| {
                let mut out = vec![0.25; m * n];
                product_by(arch, Put::Sum, &mut out, views.0, views.1);
                out
            };
            assert_eq!(of(Arch::new()), of(arch()));
            let mut wide = vec![0.25; m * n];
            let (left, right) = views;
            arch().dispatch(Wide(Product { put: Put::Sum, out: &mut wide, left, right }));
            assert_eq!(wide, of(arch()), "wide");
        }
    }

    fn slice(array: &Array2<f64>) -> View<'_, f64> {
        View::new(array.as_slice().expect("standard"), [array.nrows(), array.ncols()])
    }
}
