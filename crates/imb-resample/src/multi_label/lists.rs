//! Products with mostly zero rows.

use ndarray::{Array2, ArrayView2};

/// At most one number in so many may differ from 0, or a product of matrices is faster.
const LEAST_SPARSITY: usize = 8;

/// For each column the rows that are not 0 there, in single precision.
pub(crate) struct Lists {
    n_rows: usize,
    /// Where the cells of each column begin, and where the last one's end.
    starts: Vec<usize>,
    cells: Vec<(u32, f32)>,
}

impl Lists {
    /// Rows, `(n_rows, n_columns)`; none if they are not sparse enough.
    pub(crate) fn of_sparse(rows: ArrayView2<'_, f64>) -> Option<Self> {
        let mut starts = vec![0; rows.ncols() + 1];
        for row in rows.rows() {
            row.iter().zip(&mut starts[1..]).for_each(|(value, n)| *n += usize::from(*value != 0.0));
        }
        (1..starts.len()).for_each(|column| starts[column] += starts[column - 1]);
        let n_cells = starts[rows.ncols()];
        if n_cells * LEAST_SPARSITY > rows.len() {
            return None;
        }
        let (mut next, mut cells) = (starts.clone(), vec![(0, 0.0); n_cells]);
        for (number, row) in (0u32..).zip(rows.rows()) {
            for (value, next) in row.iter().zip(&mut next).filter(|(value, _)| **value != 0.0) {
                cells[*next] = (number, *value as f32);
                *next += 1;
            }
        }
        Some(Self { n_rows: rows.nrows(), starts, cells })
    }

    /// The products of other rows, `(n_others, n_columns)`, with these, `(n_others, n_rows)`.
    pub(crate) fn products(&self, others: ArrayView2<'_, f64>) -> Array2<f32> {
        let mut products = Array2::zeros((others.nrows(), self.n_rows));
        for (other, mut products) in others.rows().into_iter().zip(products.rows_mut()) {
            for (column, value) in other.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                for (row, cell) in &self.cells[self.starts[column]..self.starts[column + 1]] {
                    products[*row as usize] += *value as f32 * cell;
                }
            }
        }
        products
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn products_are_those_of_matrices() {
        let mut rows = Array2::zeros((4, 10));
        (rows[[0, 1]], rows[[2, 1]], rows[[3, 9]]) = (2.0, -1.0, 0.5);
        let mut others = Array2::zeros((2, 10));
        (others[[0, 1]], others[[0, 9]], others[[1, 3]]) = (3.0, 4.0, 7.0);
        let lists = Lists::of_sparse(rows.view()).expect("sparse");
        assert_eq!(lists.products(others.view()), array![[6.0, 0.0, -3.0, 2.0], [0.0, 0.0, 0.0, 0.0]]);
        assert!(Lists::of_sparse(array![[1.0, 0.0]].view()).is_none());
    }
}
