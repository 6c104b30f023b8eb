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
            match row.to_slice() {
                Some(row) => rows.append(row),
                None => rows.append(&row.to_vec()),
            }
            rows.starts.push(rows.columns.len());
        }
        rows
    }

    /// Appends the cells of a row. Most pieces of a sparse row hold nothing; in the others, a loop without
    /// branches is three times as fast as one that asks of each number whether it is 0.
    fn append(&mut self, row: &[f64]) {
        const PIECE: usize = 16;
        for (piece, first) in row.chunks(PIECE).zip((0u32..).step_by(PIECE)) {
            // A double is 0 if all its bits but the sign are.
            if piece.iter().fold(0, |bits, value| bits | (value.to_bits() << 1)) == 0 {
                continue;
            }
            let (mut columns, mut values, mut n) = ([0; PIECE], [0.0; PIECE], 0);
            for (column, &value) in (first..).zip(piece) {
                (columns[n], values[n]) = (column, value);
                n += usize::from(value != 0.0);
            }
            self.columns.extend_from_slice(&columns[..n]);
            self.values.extend_from_slice(&values[..n]);
        }
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

    /// The columns and the values of all cells, row by row.
    pub(crate) fn cells(&self) -> (&[u32], &[f64]) {
        (&self.columns, &self.values)
    }

    /// The same rows, of which only the cells in these columns are left.
    pub(crate) fn keep_columns(&self, columns: &[usize]) -> Self {
        let mut is_kept = vec![false; self.n_columns];
        columns.iter().for_each(|&column| is_kept[column] = true);
        let mut kept =
            Self { n_columns: self.n_columns, starts: vec![0], columns: Vec::new(), values: Vec::new() };
        for row in 0..self.n_rows() {
            let (columns, values) = self.row(row);
            let cells = columns.iter().zip(values).filter(|(column, _)| is_kept[**column as usize]);
            cells.for_each(|(&column, &value)| {
                kept.columns.push(column);
                kept.values.push(value);
            });
            kept.starts.push(kept.columns.len());
        }
        kept
    }
}
