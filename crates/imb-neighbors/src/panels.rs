//! Images of points in panels of equal width, column by column.

use crate::distance::Rows;
use crate::image::Image;

/// Where the score of an empty place starts: no sum comes near it.
const EMPTY: f32 = -1e30;

/// The images of all points, `W` to a panel; the last panel has empty places.
pub(crate) struct Panels<const W: usize> {
    /// Where the scores of each panel's points start; see [`Image`].
    starts: Vec<[f32; W]>,
    /// `n_columns` entries a panel.
    columns: Vec<[f32; W]>,
    /// The largest norm of each panel's images.
    norms: Vec<f32>,
    /// The row of each point, panel after panel.
    rows: Vec<usize>,
    n_columns: usize,
}

/// One panel.
#[derive(Clone, Copy)]
pub(crate) struct Panel<'a, const W: usize> {
    pub(crate) start: &'a [f32; W],
    pub(crate) columns: &'a [[f32; W]],
    pub(crate) norm: f32,
    pub(crate) rows: &'a [usize],
}

impl<const W: usize> Panels<W> {
    /// The points in the order of `rows`.
    pub(crate) fn new(points: Rows<'_>, image: &Image, rows: Vec<usize>) -> Self {
        let n_columns = points.n_columns();
        let n_panels = rows.len().div_ceil(W);
        let mut starts = vec![[EMPTY; W]; n_panels];
        let mut columns = vec![[0.0; W]; n_panels * n_columns];
        let mut norms = Vec::with_capacity(n_panels);
        let places = rows.chunks(W).zip(columns.chunks_exact_mut(n_columns)).zip(&mut starts);
        for ((rows, columns), start) in places {
            let mut of_rows = [0.0; W];
            for (lane, &row) in rows.iter().enumerate() {
                of_rows[lane] =
                    image.of_point(points.row(row), |column, value| columns[column][lane] = value);
            }
            let largest = (of_rows.iter().copied().fold(0.0, f64::max) * (1.0 + 1e-6)) as f32;
            for (start, norm) in start.iter_mut().zip(&of_rows[..rows.len()]) {
                *start = image.start(*norm, f64::from(largest));
            }
            norms.push(largest);
        }
        Self { starts, columns, norms, rows, n_columns }
    }

    pub(crate) fn len(&self) -> usize {
        self.norms.len()
    }

    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }

    pub(crate) fn get(&self, number: usize) -> Panel<'_, W> {
        let first = number * W;
        Panel {
            start: &self.starts[number],
            columns: &self.columns[number * self.n_columns..][..self.n_columns],
            norm: self.norms[number],
            rows: &self.rows[first..self.rows.len().min(first + W)],
        }
    }
}
