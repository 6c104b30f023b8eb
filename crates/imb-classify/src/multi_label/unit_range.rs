//! Columns scaled to [0, 1] by the range that they have in the training rows.

use ndarray::{Array2, ArrayView2};

/// The range of each column.
#[derive(Clone, Debug)]
pub(crate) struct UnitRange {
    /// Lowest value and width, by column.
    columns: Vec<(f64, f64)>,
}

impl UnitRange {
    /// Learns the ranges of training rows, `(n_rows, n_features)`.
    pub(crate) fn of(x: ArrayView2<'_, f64>) -> Self {
        let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); x.ncols()];
        for row in x.rows() {
            for ((lowest, highest), &value) in ends.iter_mut().zip(row) {
                *lowest = lowest.min(value);
                *highest = highest.max(value);
            }
        }
        Self { columns: ends.into_iter().map(|(lowest, highest)| (lowest, highest - lowest)).collect() }
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Rows `x`, `(n_rows, n_features)`, on the scale of the training rows. Values outside the training
    /// range lie outside [0, 1]; a column without width becomes 0, as in Weka.
    pub(crate) fn scale(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut scaled = x.as_standard_layout().into_owned();
        for mut row in scaled.rows_mut() {
            for (value, &(lowest, width)) in row.iter_mut().zip(&self.columns) {
                // Most numbers of sparse rows are the lowest, and need no division.
                if *value != lowest && width > 0.0 {
                    *value = (*value - lowest) / width;
                } else if *value != 0.0 {
                    *value = 0.0;
                }
            }
        }
        scaled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn other_rows_keep_the_training_scale() {
        let range = UnitRange::of(array![[2.0, 7.0], [4.0, 7.0]].view());
        assert_eq!(range.scale(array![[3.0, 7.0], [6.0, 9.0]].view()), array![[0.5, 0.0], [2.0, 0.0]]);
    }
}
