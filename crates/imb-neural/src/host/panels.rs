//! Matrices stored in panels of `WIDTH` columns, row by row, so that every kernel reads and writes memory
//! sequentially.

use super::real::Real;

/// Columns per panel: two vectors of eight numbers in f32.
pub(crate) const WIDTH: usize = 16;

/// One row of a panel, aligned so that no vector crosses a cache line.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
pub(crate) struct Line<T>(pub(crate) [T; WIDTH]);

/// A matrix in panels. The padding beyond the last column is always 0, and the kernels keep it so.
#[derive(Clone)]
pub(crate) struct Panels<T> {
    n_rows: usize,
    lines: Vec<Line<T>>,
}

impl<T: Real> Panels<T> {
    pub(crate) fn zeros(n_rows: usize, n_columns: usize) -> Self {
        Self { n_rows, lines: vec![Line::default(); n_rows * n_columns.div_ceil(WIDTH)] }
    }

    pub(crate) fn n_panels(&self) -> usize {
        self.lines.len() / self.n_rows
    }

    #[inline(always)]
    pub(crate) fn panel(&self, number: usize) -> &[Line<T>] {
        &self.lines[number * self.n_rows..][..self.n_rows]
    }

    #[inline(always)]
    pub(crate) fn panel_mut(&mut self, number: usize) -> &mut [Line<T>] {
        &mut self.lines[number * self.n_rows..][..self.n_rows]
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> T {
        self.panel(column / WIDTH)[row].0[column % WIDTH]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, number: T) {
        self.panel_mut(column / WIDTH)[row].0[column % WIDTH] = number;
    }
}

/// Transposes a matrix: `n_blocks[0]` blocks of `WIDTH` rows by `n_blocks[1]` panels.
#[inline(always)]
pub(crate) fn transpose<T: Real>(from: &Panels<T>, n_blocks: [usize; 2], to: &mut Panels<T>) {
    for column in 0..n_blocks[1] {
        for row in 0..n_blocks[0] {
            let from = &from.panel(column)[row * WIDTH..][..WIDTH];
            transpose_block(from, &mut to.panel_mut(row)[column * WIDTH..][..WIDTH]);
        }
    }
}

#[inline(always)]
fn transpose_block<T: Real>(from: &[Line<T>], to: &mut [Line<T>]) {
    for (row, from) in from.iter().enumerate().take(WIDTH) {
        for (to, number) in to.iter_mut().zip(from.0) {
            to.0[row] = number;
        }
    }
}
