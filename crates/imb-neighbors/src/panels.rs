//! The images of the points, stored in panels of `W` points, each column by column.

use rayon::prelude::*;

use crate::distance::Rows;
use crate::image::Image;

/// The start of the score of an empty place, so low that no score reaches a cut.
const EMPTY: f32 = -1e30;

/// The images of all points, `W` per panel; the last panel may have empty places.
pub(crate) struct Panels<const W: usize> {
    /// The points' parts of the scores; see [`Image::start`].
    starts: Vec<[f32; W]>,
    /// `n_columns` entries per panel.
    columns: Vec<[f32; W]>,
    /// The largest slack in each panel; see [`Image::slack`].
    slacks: Vec<f64>,
    /// The largest norm of an image.
    norm: f64,
    /// The row number of each point, panel by panel.
    rows: Vec<usize>,
    n_columns: usize,
}

/// One panel.
#[derive(Clone, Copy)]
pub(crate) struct Panel<'a, const W: usize> {
    pub(crate) starts: &'a [f32; W],
    pub(crate) columns: &'a [[f32; W]],
    pub(crate) slack: f64,
    pub(crate) rows: &'a [usize],
}

impl<const W: usize> Panels<W> {
    /// Stores the images of the points in the order of `rows`.
    pub(crate) fn new(points: Rows<'_>, image: &Image, rows: Vec<usize>) -> Self {
        let n_columns = points.n_columns();
        let n_panels = rows.len().div_ceil(W);
        let mut starts = vec![[EMPTY; W]; n_panels];
        let mut columns = vec![[0.0; W]; n_panels * n_columns];
        let panels = columns.par_chunks_mut(n_columns).zip(&mut starts).zip(rows.par_chunks(W));
        let bounds = panels.map(|((columns, starts), rows)| {
            let (mut slack, mut norm): (f64, f64) = (0.0, 0.0);
            for ((lane, &row), start) in rows.iter().enumerate().zip(starts) {
                let length = image.of_row(points.row(row), |column, value| columns[column][lane] = value);
                *start = image.start(length);
                slack = image.slack(length).max(slack);
                norm = length.norm().max(norm);
            }
            (slack, norm)
        });
        let (slacks, norms): (Vec<f64>, Vec<f64>) = bounds.unzip();
        let norm = norms.into_iter().fold(0.0, f64::max);
        Self { starts, columns, slacks, norm, rows, n_columns }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The largest norm of an image.
    pub(crate) fn norm(&self) -> f64 {
        self.norm
    }

    pub(crate) fn get(&self, number: usize) -> Panel<'_, W> {
        let first = number * W;
        Panel {
            starts: &self.starts[number],
            columns: &self.columns[number * self.n_columns..][..self.n_columns],
            slack: self.slacks[number],
            rows: &self.rows[first..self.rows.len().min(first + W)],
        }
    }
}
