//! Rows without their zeros.

use ndarray::ArrayView2;

/// The cells of a matrix that are not 0, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SparseRows {
    n_columns: usize,
    /// Where each row starts among the cells, and where the last one ends.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    pub(crate) fn new(x: ArrayView2<'_, f64>) -> Self {
        let mut rows =
            Self { n_columns: x.ncols(), starts: vec![0], columns: Vec::new(), values: Vec::new() };
        for row in x.rows() {
            for (column, &value) in (0u32..).zip(row) {
                if value != 0.0 {
                    rows.columns.push(column);
                    rows.values.push(value);
                }
            }
            rows.starts.push(rows.columns.len());
        }
        rows
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The columns, ascending, and the values of a row's cells.
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let cells = self.starts[row]..self.starts[row + 1];
        (&self.columns[cells.clone()], &self.values[cells])
    }

    /// Number of cells that are not 0.
    pub(crate) fn n_cells(&self) -> usize {
        self.columns.len()
    }
}
