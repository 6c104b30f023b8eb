//! Products of small matrices, tile by tile.
//!
//! A tile is a few rows by one panel of columns, and its sums stay in registers: with vectors of eight
//! numbers, 6 rows by 16 columns take 12 of the 16 registers. With vectors of sixteen, 8 rows take 8 of 32, and so many
//! sums are enough for none to wait for another. The left matrix is read number by number and the right one vector by
//! vector, so the left matrix can be used transposed or not.

use pulp::Simd;

use super::panels::{Line, Panels, WIDTH};
use super::real::Real;

/// The sums of `R` rows by one panel of columns, `V` vectors per row.
pub(crate) type Tile<S, T, const R: usize, const V: usize> = [[<T as Real>::Vector<S>; V]; R];

/// A computation on the tiles of a product.
pub(crate) trait Tiles {
    /// Computes the tile of `R` rows from row `first`.
    fn tile<const R: usize>(&mut self, first: usize);
}

/// Divides rows into tiles, for lines of `V` vectors. Where a line is more than one, tiles of 6 and of 4 rows keep the
/// processor busy, so 8 rows become 4 and 4, not 6 and 2.
#[inline(always)]
pub(crate) fn each_tile<const V: usize>(n_rows: usize, tiles: &mut impl Tiles) {
    let mut first = 0;
    while first < n_rows {
        let height = match n_rows - first {
            rest if V == 1 => rest.min(8),
            rest @ 0..=5 => rest,
            7 | 8 => 4,
            _ => 6,
        };
        match height {
            1 => tiles.tile::<1>(first),
            2 => tiles.tile::<2>(first),
            3 => tiles.tile::<3>(first),
            4 => tiles.tile::<4>(first),
            5 => tiles.tile::<5>(first),
            6 => tiles.tile::<6>(first),
            7 => tiles.tile::<7>(first),
            _ => tiles.tile::<8>(first),
        }
        first += height;
    }
}

/// Adds `R` rows of left · right, from row `first` of the left matrix, to the sums.
#[inline(always)]
pub(crate) fn add_rows<S: Simd, T: Real, const R: usize, const V: usize>(
    simd: S,
    mut sums: Tile<S, T, R, V>,
    left: &Panels<T>,
    first: usize,
    right: &[Line<T>],
) -> Tile<S, T, R, V> {
    for (panel, right) in right.chunks(WIDTH).enumerate() {
        let left: &[Line<T>; R] = left.panel(panel)[first..].first_chunk().expect("R rows");
        for (place, right) in (0..WIDTH).zip(right) {
            let right = vectors::<S, T, V>(right);
            for (sums, left) in sums.iter_mut().zip(left) {
                let left = T::splat(simd, left.0[place]);
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = T::mul_add(simd, left, *right, *sum);
                }
            }
        }
    }
    sums
}

/// `R` rows of leftᵀ · right, from column `first` of the left panel.
#[inline(always)]
pub(crate) fn columns<S: Simd, T: Real, const R: usize, const V: usize>(
    simd: S,
    left: &[Line<T>],
    first: usize,
    right: &[Line<T>],
) -> Tile<S, T, R, V> {
    let mut sums = [[T::splat(simd, T::default()); V]; R];
    for (left, right) in left.iter().zip(right) {
        let left: &[T; R] = left.0[first..].first_chunk().expect("R columns");
        let right = vectors::<S, T, V>(right);
        for (sums, left) in sums.iter_mut().zip(left) {
            let left = T::splat(simd, *left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = T::mul_add(simd, left, *right, *sum);
            }
        }
    }
    sums
}

#[inline(always)]
pub(crate) fn vectors<S: Simd, T: Real, const V: usize>(line: &Line<T>) -> &[T::Vector<S>; V] {
    T::vectors::<S>(&line.0).first_chunk().expect("V vectors")
}

#[inline(always)]
pub(crate) fn vectors_mut<S: Simd, T: Real, const V: usize>(line: &mut Line<T>) -> &mut [T::Vector<S>; V] {
    T::vectors_mut::<S>(&mut line.0).first_chunk_mut().expect("V vectors")
}
