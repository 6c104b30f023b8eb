//! Tables as files hold them: named columns, dense or sparse, possibly with missing values.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Target};

/// Named columns of equal length and a target.
///
/// `Table<()>` is a table as it was read; [`with_target`](Table::with_target) adds what is to be
/// predicted.
///
/// ```
/// use imb_core::{Column, ColumnKind, Labels, Table, Values};
///
/// let values = Values::Dense(vec![1.5, f64::NAN]);
/// let columns = vec![Column { name: "height".into(), kind: ColumnKind::Numeric, values }];
/// let table = Table::new(columns, 2)?.with_target(Labels::from_texts(&["rare", "often"]))?;
/// assert_eq!(table.n_missing(), 1);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`Dataset`](crate::Dataset), the dense and complete form that methods work on.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<Y> {
    columns: Vec<Column>,
    n_rows: usize,
    target: Y,
}

/// One column: a name, what its numbers mean, and the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name in the file, or `column_1`, `column_2`, … if the file has no names.
    pub name: String,
    /// What the numbers mean.
    pub kind: ColumnKind,
    /// The numbers.
    pub values: Values,
}

/// What the numbers of a column mean. Every data set made from the column keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Any number.
    Numeric,
    /// Whole numbers.
    Integer,
    /// Category numbers (from 0), with the names of the categories.
    Categorical(Vec<String>),
}

/// The number of the category that a number stands for, of `n_categories`; none if it is not whole, is below 0 or
/// is too large.
///
/// ```
/// use imb_core::category_of;
///
/// assert_eq!(category_of(1.0, 2), Some(1));
/// assert!([2.0, -1.0, 0.5, f64::NAN].iter().all(|number| category_of(*number, 2).is_none()));
/// ```
pub fn category_of(number: f64, n_categories: usize) -> Option<usize> {
    let is_category = number.fract() == 0.0 && number >= 0.0 && number < n_categories as f64;
    is_category.then_some(number as usize)
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric => f.write_str("numeric"),
            Self::Integer => f.write_str("whole numbers"),
            Self::Categorical(names) => write!(f, "of the categories {}", names.join(", ")),
        }
    }
}

/// The numbers of a column. A missing value is NaN.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// One number per row, `(n_rows)`.
    Dense(Vec<f64>),
    /// The rows whose number is not 0, and these numbers.
    Sparse {
        /// Row numbers, strictly ascending.
        rows: Vec<u32>,
        /// The number in each of those rows.
        values: Vec<f64>,
    },
}

impl Values {
    /// The number in a row; 0 where a sparse column stores none.
    ///
    /// # Panics
    /// If a dense column has no such row.
    pub fn get(&self, row: usize) -> f64 {
        match self {
            Self::Dense(values) => values[row],
            Self::Sparse { rows, values } => u32::try_from(row)
                .ok()
                .and_then(|row| rows.binary_search(&row).ok())
                .map_or(0.0, |at| values[at]),
        }
    }

    /// The rows whose number is not 0, and these numbers, in the order of the rows. NaN is not 0.
    pub fn non_zero(&self) -> Box<dyn Iterator<Item = (usize, f64)> + '_> {
        match self {
            Self::Dense(values) => {
                Box::new(values.iter().copied().enumerate().filter(|(_, value)| *value != 0.0))
            }
            Self::Sparse { rows, values } => Box::new(
                rows.iter()
                    .map(|&row| row as usize)
                    .zip(values.iter().copied())
                    .filter(|(_, value)| *value != 0.0),
            ),
        }
    }

    /// All numbers, one per row, `(n_rows)`.
    pub fn to_dense(&self, n_rows: usize) -> Vec<f64> {
        match self {
            Self::Dense(values) => values.clone(),
            Self::Sparse { rows, values } => {
                let mut dense = vec![0.0; n_rows];
                for (&row, &value) in rows.iter().zip(values) {
                    dense[row as usize] = value;
                }
                dense
            }
        }
    }

    /// The numbers of these rows, in this order; dense stays dense and sparse stays sparse.
    #[must_use]
    pub fn select(&self, chosen: &[usize]) -> Self {
        match self {
            Self::Dense(values) => Self::Dense(chosen.iter().map(|&row| values[row]).collect()),
            Self::Sparse { .. } => {
                let picked = (0u32..).zip(chosen).map(|(place, &row)| (place, self.get(row)));
                let (rows, values) = picked.filter(|(_, value)| *value != 0.0).unzip();
                Self::Sparse { rows, values }
            }
        }
    }

    /// Bytes that the numbers take.
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::Dense(values) => size_of_val(values.as_slice()),
            Self::Sparse { rows, values } => size_of_val(rows.as_slice()) + size_of_val(values.as_slice()),
        }
    }

    /// Refuses what cannot be the numbers of `n_rows` rows.
    fn require_fit(&self, column: &str, n_rows: usize) -> Result<()> {
        let mismatch = |what: String, expected, found| Err(Error::LengthMismatch { what, expected, found });
        match self {
            Self::Dense(values) if values.len() != n_rows => {
                mismatch(format!("rows of column \"{column}\""), n_rows, values.len())
            }
            Self::Sparse { rows, values } if rows.len() != values.len() => {
                mismatch(format!("numbers of sparse column \"{column}\""), rows.len(), values.len())
            }
            Self::Sparse { rows, .. } if !rows.is_sorted_by(|a, b| a < b) => Err(Error::invalid_parameter(
                format!("row numbers of sparse column \"{column}\""),
                "in ascending order, each once",
                "another order",
            )),
            Self::Sparse { rows, .. } => match rows.last() {
                Some(&last) if last as usize >= n_rows => {
                    mismatch(format!("rows of column \"{column}\""), n_rows, last as usize + 1)
                }
                _ => Ok(()),
            },
            Self::Dense(_) => Ok(()),
        }
    }
}

impl Table<()> {
    /// Makes a table of `n_rows` rows without a target.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if a column does not have `n_rows` rows; [`Error::InvalidParameter`]
    /// if two columns have the same name.
    pub fn new(columns: Vec<Column>, n_rows: usize) -> Result<Self> {
        let mut names = std::collections::BTreeSet::new();
        for column in &columns {
            column.values.require_fit(&column.name, n_rows)?;
            if !names.insert(column.name.as_str()) {
                let value = format!("\"{}\" twice", column.name);
                return Err(Error::invalid_parameter("column names", "all different", value));
            }
        }
        Ok(Self { columns, n_rows, target: () })
    }

    /// The same columns with one target per row.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the target has another number of rows.
    pub fn with_target<Y: Target>(self, target: Y) -> Result<Table<Y>> {
        if target.n_rows() != self.n_rows {
            return Err(Error::LengthMismatch {
                what: "rows of the target".into(),
                expected: self.n_rows,
                found: target.n_rows(),
            });
        }
        Ok(Table { columns: self.columns, n_rows: self.n_rows, target })
    }
}

impl<Y: Target> Table<Y> {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of feature columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The feature columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The target.
    pub fn target(&self) -> &Y {
        &self.target
    }

    /// Takes the table apart into columns and target.
    pub fn into_parts(self) -> (Vec<Column>, Y) {
        (self.columns, self.target)
    }

    /// The number of the column with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// These rows, in this order; a row may be selected more than once.
    ///
    /// # Panics
    /// If a row number is not below the number of rows.
    #[must_use]
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        // A sparse column has no place of its own for a row, so it does not notice one that is not there.
        assert!(rows.iter().all(|row| *row < self.n_rows), "a row is not below {}", self.n_rows);
        let columns = self.columns.iter().map(|column| Column {
            name: column.name.clone(),
            kind: column.kind.clone(),
            values: column.values.select(rows),
        });
        Self { columns: columns.collect(), n_rows: rows.len(), target: self.target.select(rows) }
    }

    /// These columns, in this order.
    ///
    /// # Panics
    /// If a column number is not below the number of columns.
    #[must_use]
    pub fn select_columns(&self, columns: &[usize]) -> Self {
        let columns = columns.iter().map(|&column| self.columns[column].clone()).collect();
        Self { columns, n_rows: self.n_rows, target: self.target.clone() }
    }

    /// How many cells are missing.
    pub fn n_missing(&self) -> usize {
        let missing = |column: &Column| match &column.values {
            Values::Dense(values) | Values::Sparse { values, .. } => {
                values.iter().filter(|value| value.is_nan()).count()
            }
        };
        self.columns.iter().map(missing).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn column(name: &str, values: Values) -> Column {
        Column { name: name.into(), kind: ColumnKind::Numeric, values }
    }

    fn sparse() -> Values {
        Values::Sparse { rows: vec![1, 3], values: vec![5.0, f64::NAN] }
    }

    #[test]
    fn sparse_columns_say_what_is_wrong_with_them() {
        let of = |rows: &[u32], values: &[f64]| {
            let values = Values::Sparse { rows: rows.to_vec(), values: values.to_vec() };
            Table::new(vec![Column { name: "a".into(), kind: ColumnKind::Numeric, values }], 2)
        };
        let message = |rows, values| of(rows, values).expect_err("no column of two rows").to_string();
        assert!(message(&[1, 1], &[2.0, 3.0]).contains("ascending order"));
        assert!(message(&[0], &[2.0, 3.0]).contains("1 expected, 2 found"));
        assert!(message(&[2], &[2.0]).contains("2 expected, 3 found"));
        assert_eq!(
            of(&[1], &[2.0]).expect("fits").select_rows(&[1, 0]).columns()[0].values.to_dense(2),
            [2.0, 0.0]
        );
    }

    #[test]
    #[should_panic(expected = "a row is not below 2")]
    fn a_row_that_is_not_there_cannot_be_selected() {
        let values = Values::Sparse { rows: vec![], values: vec![] };
        let table = Table::new(vec![Column { name: "a".into(), kind: ColumnKind::Numeric, values }], 2);
        let _ = table.expect("fits").select_rows(&[99]);
    }

    #[test]
    fn sparse_and_dense_hold_the_same() {
        let dense = Values::Dense(sparse().to_dense(4));
        for row in 0..4 {
            assert_eq!(sparse().get(row).to_bits(), dense.get(row).to_bits());
        }
        let rows = |values: &Values| values.non_zero().map(|(row, _)| row).collect::<Vec<_>>();
        assert_eq!(rows(&sparse()), rows(&dense));
        let chosen = [3, 1, 0, 1];
        let bits = |values: Values| values.to_dense(4).into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(sparse().select(&chosen)), bits(dense.select(&chosen)));
    }

    #[test]
    fn columns_must_fit() {
        assert!(Table::new(vec![column("a", Values::Dense(vec![1.0]))], 2).is_err());
        assert!(Table::new(vec![column("a", sparse())], 3).is_err(), "row 3 of 3");
        let unsorted = Values::Sparse { rows: vec![1, 1], values: vec![1.0, 2.0] };
        assert!(Table::new(vec![column("a", unsorted)], 3).is_err());
        assert!(Table::new(vec![column("a", sparse()), column("a", sparse())], 4).is_err());
        let table = Table::new(vec![column("a", sparse())], 4).expect("fits");
        assert!(table.with_target(Labels::from_texts(&["x"])).is_err());
    }

    #[test]
    fn selecting_keeps_names_and_targets() {
        let table = Table::new(vec![column("a", sparse()), column("b", Values::Dense(vec![1.0; 4]))], 4)
            .and_then(|table| table.with_target(Labels::from_texts(&["x", "y", "y", "x"])))
            .expect("fits");
        assert_eq!(table.n_missing(), 1);
        let part = table.select_rows(&[1, 0]).select_columns(&[1, 0]);
        assert_eq!(part.columns()[1].name, "a");
        assert_eq!(part.columns()[1].values.get(0), 5.0);
        assert_eq!(part.target().codes(), [1, 0]);
        assert_eq!(table.position("b"), Some(1));
    }
}
