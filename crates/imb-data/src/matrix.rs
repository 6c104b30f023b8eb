//! Columns as rows of numbers.

use imb_core::Values;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// The numbers of some rows, `(rows, columns)`; a row may be named more than once. Zeros that the columns leave
/// out are not written.
///
/// ```
/// use imb_core::Values;
/// use imb_data::matrix_of;
/// use ndarray::array;
///
/// let dense = Values::Dense(vec![1.0, 2.0, 3.0]);
/// let sparse = Values::Sparse { rows: vec![2], values: vec![9.0] };
/// assert_eq!(matrix_of(&[&dense, &sparse], &[2, 0, 2]), array![[3.0, 9.0], [1.0, 0.0], [3.0, 9.0]]);
/// ```
///
/// # Panics
/// If a column does not have one of the rows.
pub fn matrix_of(columns: &[&Values], rows: &[usize]) -> Array2<f64> {
    let mut matrix = Array2::zeros((rows.len(), columns.len()));
    write_dense(columns, rows, &mut matrix);
    write_sparse(columns, rows, &mut matrix);
    matrix
}

/// Block by block: a column at a time, each number would be written to another page of memory.
fn write_dense(columns: &[&Values], rows: &[usize], matrix: &mut Array2<f64>) {
    const BLOCK: usize = 1024;
    if columns.is_empty() {
        return;
    }
    let blocks = matrix.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().zip(rows.par_chunks(BLOCK));
    blocks.for_each(|(mut block, rows)| {
        for (values, mut cells) in columns.iter().zip(block.columns_mut()) {
            if let Values::Dense(values) = values {
                cells.iter_mut().zip(rows).for_each(|(cell, row)| *cell = values[*row]);
            }
        }
    });
}

fn write_sparse(columns: &[&Values], rows: &[usize], matrix: &mut Array2<f64>) {
    let mut order: Vec<(usize, usize)> = rows.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let n_rows = order.last().map_or(0, |(row, _)| row + 1);
    // Where the places of each row begin in that order.
    let mut starts = vec![0; n_rows + 1];
    rows.iter().for_each(|row| starts[row + 1] += 1);
    (0..n_rows).for_each(|row| starts[row + 1] += starts[row]);
    for (column, values) in columns.iter().enumerate() {
        let Values::Sparse { rows, values } = values else { continue };
        for (row, value) in rows.iter().map(|row| *row as usize).zip(values).filter(|(row, _)| *row < n_rows)
        {
            order[starts[row]..starts[row + 1]]
                .iter()
                .for_each(|(_, place)| matrix[[*place, column]] = *value);
        }
    }
}
