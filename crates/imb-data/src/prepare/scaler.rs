//! Brings every column to one scale: standard deviations from the training mean, or places in the
//! training range.
//!
//! Gaps are left out when fitting and stay gaps. Values of other rows are not clipped, so they may
//! lie outside the training range. Categorical columns hold codes, which have no scale, and pass
//! through as they are, as do columns without a single value in the training rows. A column whose
//! numbers do move becomes numeric, since they need no longer be whole.

use imb_core::{Column, ColumnKind, Result, Table, Target, Values};
use serde::{Deserialize, Serialize};

use super::fit_rows::{FitRows, SeenColumns, put_together};
use super::summary::Summary;

/// `(value − mean) / sd` with the mean and the standard deviation (divisor n) of the training rows.
///
/// A column of equal values is divided by 1, so it becomes 0. Sparse columns become dense unless
/// their mean is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StandardScaler {}

/// `(value − min) / (max − min)` with the range of the training rows, which becomes [0, 1].
///
/// A column of equal values is divided by 1, so it becomes 0. Sparse columns whose minimum is 0 stay
/// sparse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MinMaxScaler {}

/// `(value − shift) / scale`, one pair a column.
#[derive(Clone, Debug)]
pub struct FittedScaler {
    seen: SeenColumns,
    maps: Vec<Map>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Map {
    shift: f64,
    scale: f64,
}

impl StandardScaler {
    /// Learns mean and standard deviation of each column from these rows.
    ///
    /// # Errors
    /// [`imb_core::Error::NotFinite`] for an infinite number in these rows;
    /// [`imb_core::Error::NotApplicable`] for numbers whose squares are too large;
    /// [`imb_core::Error::LengthMismatch`] and [`imb_core::Error::InvalidParameter`] for no rows and
    /// rows that are not there.
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedScaler> {
        FittedScaler::new(table, rows, |summary| Map { shift: summary.mean, scale: summary.scale() })
    }
}

impl MinMaxScaler {
    /// Learns the range of each column from these rows.
    ///
    /// # Errors
    /// As [`StandardScaler::fit`].
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedScaler> {
        FittedScaler::new(table, rows, |Summary { min, max, .. }| Map {
            shift: min,
            scale: if min == max { 1.0 } else { max - min },
        })
    }
}

impl FittedScaler {
    fn new<Y: Target>(table: &Table<Y>, rows: &[usize], map: impl Fn(Summary) -> Map) -> Result<Self> {
        let rows = FitRows::new(rows, table.n_rows())?;
        let fit = |column: &Column| match column.kind {
            ColumnKind::Categorical(_) => Ok(Map::IDENTITY),
            _ => Ok(Summary::of(column, &rows)?.map_or(Map::IDENTITY, &map)),
        };
        let maps = table.columns().iter().map(fit).collect::<Result<_>>()?;
        Ok(Self { seen: SeenColumns::of(table), maps })
    }

    /// Shifts and scales every row.
    ///
    /// # Errors
    /// [`imb_core::Error::LengthMismatch`] or [`imb_core::Error::InvalidParameter`] if the table has
    /// other columns.
    pub fn apply<Y: Target>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (columns, target) = self.seen.take_apart(table)?;
        let scaled = columns.into_iter().zip(&self.maps).map(|(column, map)| map.apply(column, n_rows));
        put_together(scaled.collect(), n_rows, target)
    }
}

impl Map {
    const IDENTITY: Self = Self { shift: 0.0, scale: 1.0 };

    fn apply(self, column: Column, n_rows: usize) -> Column {
        if self == Self::IDENTITY {
            return column;
        }
        let values = match column.values {
            Values::Sparse { rows, mut values } if self.shift == 0.0 => {
                self.move_all(&mut values);
                Values::Sparse { rows, values }
            }
            Values::Dense(mut values) => {
                self.move_all(&mut values);
                Values::Dense(values)
            }
            sparse => {
                let mut values = sparse.to_dense(n_rows);
                self.move_all(&mut values);
                Values::Dense(values)
            }
        };
        Column { name: column.name, kind: ColumnKind::Numeric, values }
    }

    fn move_all(self, values: &mut [f64]) {
        for value in values {
            *value = (*value - self.shift) / self.scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, cells, integer, numeric, sparse, table};
    use super::*;
    use imb_core::Labels;

    fn of(columns: Vec<Column>) -> Table<Labels> {
        table(columns, &["x", "y", "x", "y"])
    }

    fn standardised(column: Column, rows: &[usize]) -> Table<Labels> {
        let table = of(vec![column]);
        StandardScaler {}.fit(&table, rows).and_then(|fitted| fitted.apply(table)).expect("numbers")
    }

    fn min_maxed(column: Column, rows: &[usize]) -> Table<Labels> {
        let table = of(vec![column]);
        MinMaxScaler {}.fit(&table, rows).and_then(|fitted| fitted.apply(table)).expect("numbers")
    }

    #[test]
    fn mean_and_deviation_are_those_of_the_given_rows() {
        let scaled = standardised(integer("a", &[1.0, 5.0, f64::NAN, 9.0]), &[0, 1, 2]);
        assert_eq!(cells(&scaled, "a"), [Some(-1.0), Some(1.0), None, Some(3.0)]);
        assert_eq!(scaled.columns()[0].kind, ColumnKind::Numeric, "no longer whole");
    }

    #[test]
    fn the_range_of_the_given_rows_becomes_the_unit_interval_without_clipping() {
        let scaled = min_maxed(numeric("a", &[2.0, 6.0, f64::NAN, 10.0]), &[0, 1, 2]);
        assert_eq!(cells(&scaled, "a"), [Some(0.0), Some(1.0), None, Some(2.0)]);
    }

    #[test]
    fn equal_values_become_zero() {
        for scaled in [
            standardised(numeric("a", &[0.1, 0.1, 0.1, 2.1]), &[0, 1, 2]),
            min_maxed(numeric("a", &[0.1, 0.1, 0.1, 2.1]), &[0, 1, 2]),
        ] {
            assert_eq!(cells(&scaled, "a"), [Some(0.0), Some(0.0), Some(0.0), Some(2.0)]);
        }
    }

    #[test]
    fn a_sparse_column_stays_so_where_zero_stays_zero() {
        let is_sparse = |table: &Table<Labels>| matches!(table.columns()[0].values, Values::Sparse { .. });
        let scaled = min_maxed(sparse("a", &[0.0, 4.0, f64::NAN, 8.0]), &[0, 1]);
        assert!(is_sparse(&scaled));
        assert_eq!(cells(&scaled, "a"), [Some(0.0), Some(1.0), None, Some(2.0)]);

        let scaled = min_maxed(sparse("a", &[-2.0, 0.0, 2.0, 0.0]), &[0, 1]);
        assert!(!is_sparse(&scaled));
        assert_eq!(cells(&scaled, "a"), [Some(0.0), Some(1.0), Some(2.0), Some(1.0)]);

        let scaled = standardised(sparse("a", &[0.0, 4.0, 4.0, 8.0]), &[0, 1, 2, 3]);
        assert!(!is_sparse(&scaled));
        assert_eq!(scaled, standardised(numeric("a", &[0.0, 4.0, 4.0, 8.0]), &[0, 1, 2, 3]));
    }

    #[test]
    fn codes_and_columns_without_values_pass_through() {
        let codes = categorical("a", &["p", "q"], &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!(standardised(codes.clone(), &[0, 1]).columns(), [codes]);
        let scaled = min_maxed(numeric("a", &[f64::NAN, 7.0, 8.0, 9.0]), &[0]);
        assert_eq!(cells(&scaled, "a"), [None, Some(7.0), Some(8.0), Some(9.0)]);
    }

    #[test]
    fn columns_of_zeros_and_ones_keep_their_kind() {
        let scaled = min_maxed(integer("a", &[0.0, 1.0, 1.0, 0.0]), &[0, 1]);
        assert_eq!(scaled.columns(), [integer("a", &[0.0, 1.0, 1.0, 0.0])]);
    }

    #[test]
    fn infinite_training_values_are_refused() {
        let table = of(vec![numeric("a", &[1.0, f64::INFINITY, 2.0, 3.0])]);
        assert!(matches!(
            StandardScaler {}.fit(&table, &[0, 1]),
            Err(imb_core::Error::NotFinite { row: 1, .. })
        ));
        assert!(MinMaxScaler {}.fit(&table, &[0, 2]).is_ok());
    }
}
