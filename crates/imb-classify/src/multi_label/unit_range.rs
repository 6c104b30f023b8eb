//! Columns scaled to [0, 1] by the range that they have in the training rows.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// The range of each column.
#[derive(Clone, Debug)]
pub(crate) struct UnitRange {
    /// Lowest value and width, by column.
    columns: Vec<(f64, f64)>,
}

impl UnitRange {
    /// Learns the ranges of training rows, `(n_rows, n_features)`.
    pub(crate) fn of(x: ArrayView2<'_, f64>) -> Self {
        Self { columns: x.columns().into_iter().map(range).collect() }
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
                *value = if width > 0.0 { (*value - lowest) / width } else { 0.0 };
            }
        }
        scaled
    }
}

fn range(column: ArrayView1<'_, f64>) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    let (lowest, highest) = column.iter().fold(ends, |(low, high), &value| (low.min(value), high.max(value)));
    (lowest, highest - lowest)
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
