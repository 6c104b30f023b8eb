//! The features as the network sees them: numbers scaled, categories as columns of their own.

use imb_core::{ColumnKind, Dataset, Error, LabelMatrix, Result};
use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use super::Scaling;
use crate::model::first_largest;

/// How rows become inputs of the network, and its outputs rows.
pub(crate) struct Columns {
    columns: Vec<Column>,
    width: usize,
}

enum Column {
    /// `(value − low) / range`; a range of 0 gives 0.
    Number { low: f64, range: f64, is_whole: bool },
    /// A category, 0 or 1.
    Pair,
    /// That many categories, one column each.
    Categories(usize),
}

impl Columns {
    /// Ranges are those of the rows with these numbers.
    ///
    /// # Errors
    /// Those of [`require_encodable`](Self::require_encodable).
    pub(crate) fn new(rows: &Dataset<LabelMatrix>, fitted: &[usize], scaling: Scaling) -> Result<Self> {
        let mut columns = Vec::with_capacity(rows.n_features());
        for (number, feature) in rows.features().iter().enumerate() {
            columns.push(match &feature.kind {
                ColumnKind::Categorical(names) if names.len() == 2 => Column::Pair,
                ColumnKind::Categorical(names) => Column::Categories(names.len()),
                kind => {
                    let values = fitted.iter().map(|&row| rows.x()[[row, number]]);
                    let [low, range] = low_and_range(values, scaling);
                    Column::Number { low, range, is_whole: *kind == ColumnKind::Integer }
                }
            });
        }
        let width = columns.iter().map(Column::width).sum();
        let columns = Self { columns, width };
        columns.require_encodable(rows)?;
        Ok(columns)
    }

    /// Inputs of the network.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The inputs, `(n, width)`, for the rows of `x` with these numbers.
    pub(crate) fn encode(&self, x: ArrayView2<'_, f64>, rows: &[usize]) -> Array2<f64> {
        let mut inputs = Array2::zeros((rows.len(), self.width));
        for (mut inputs, &row) in inputs.rows_mut().into_iter().zip(rows) {
            let inputs = inputs.as_slice_mut().expect("rows of a new matrix lie together");
            let mut first = 0;
            for (column, &value) in self.columns.iter().zip(x.row(row)) {
                column.encode(value, &mut inputs[first..first + column.width()]);
                first += column.width();
            }
        }
        inputs
    }

    /// Writes a row of features from outputs `(width)`.
    pub(crate) fn decode(&self, outputs: &[f64], mut row: ArrayViewMut1<'_, f64>) {
        let mut first = 0;
        for (column, value) in self.columns.iter().zip(&mut row) {
            *value = column.decode(&outputs[first..first + column.width()]);
            first += column.width();
        }
    }

    /// Refuses rows with a cell that cannot be an input of the network.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a number that is beyond the range of f32 after scaling.
    pub(crate) fn require_encodable(&self, rows: &Dataset<LabelMatrix>) -> Result<()> {
        for ((row, number), &value) in rows.x().indexed_iter() {
            if let Column::Number { low, range, .. } = self.columns[number]
                && (!range.is_finite() || !(scaled(value, low, range) as f32).is_finite())
            {
                return Err(Error::NotFinite { row, column: rows.features()[number].name.clone(), value });
            }
        }
        Ok(())
    }
}

impl Column {
    fn width(&self) -> usize {
        match self {
            Self::Number { .. } | Self::Pair => 1,
            Self::Categories(n) => *n,
        }
    }

    fn encode(&self, value: f64, inputs: &mut [f64]) {
        match self {
            Self::Number { low, range, .. } => inputs[0] = scaled(value, *low, *range),
            Self::Pair => inputs[0] = value,
            Self::Categories(_) => inputs[value as usize] = 1.0,
        }
    }

    fn decode(&self, outputs: &[f64]) -> f64 {
        match self {
            Self::Number { low, range, is_whole } => {
                let value = low + range * outputs[0];
                if *is_whole { value.round() } else { value }
            }
            Self::Pair => f64::from(u8::from(outputs[0] > 0.5)),
            Self::Categories(_) => first_largest(outputs.into()) as f64,
        }
    }
}

/// Most numbers of sparse data are the least of their column, and need no division.
fn scaled(value: f64, low: f64, range: f64) -> f64 {
    if value != low && range > 0.0 { (value - low) / range } else { 0.0 }
}

fn low_and_range(values: impl Iterator<Item = f64>, scaling: Scaling) -> [f64; 2] {
    if scaling == Scaling::None {
        return [0.0, 1.0];
    }
    let wider = |[low, high]: [f64; 2], value: f64| [low.min(value), high.max(value)];
    let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], wider);
    [low, high - low]
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Feature;
    use ndarray::{Array1, array};

    #[test]
    fn a_column_gets_no_category_that_it_does_not_have() {
        let kind =
            |names: &[&str]| ColumnKind::Categorical(names.iter().map(|name| (*name).into()).collect());
        let feature = |(name, kind): (&str, ColumnKind)| Feature { name: name.into(), kind };
        let features = [("only", kind(&["x"])), ("pair", kind(&["no", "yes"]))].map(feature).to_vec();
        let y = LabelMatrix::new(array![[true], [false]], vec!["a".into()]).expect("a name a label");
        let rows = Dataset::new(features, array![[0.0, 1.0], [0.0, 0.0]], y).expect("valid");
        let columns = Columns::new(&rows, &[0, 1], Scaling::None).expect("categories");
        let mut row = Array1::zeros(2);
        columns.decode(&[0.9, 0.9], row.view_mut());
        assert_eq!(row, array![0.0, 1.0]);
    }
}
