//! Fills gaps with what is typical of the training rows: the mean of a column of numbers, rounded in a column of
//! whole numbers, and the most frequent category, of equally frequent ones the first that occurs.

use imb_core::{Column, Result, Table, Target};
use serde::{Deserialize, Serialize};

use super::fit_rows::{FitRows, SeenColumns, put_together};
use super::summary::{Summary, empty, set_gap, typical};

/// Fills gaps with the mean or the most frequent category of the training rows.
///
/// # See also
/// [`KnnImputer`](super::KnnImputer), which fills them from similar rows.
///
/// ```
/// use imb_core::{Column, ColumnKind, Labels, Table, Values};
/// use imb_data::prepare::MeanImputer;
///
/// let values = Values::Dense(vec![2.0, 4.0, f64::NAN]);
/// let column = Column { name: "age".into(), kind: ColumnKind::Numeric, values };
/// let table = Table::new(vec![column], 3)?.with_target(Labels::from_texts(&["a", "a", "b"]))?;
/// let filled = MeanImputer {}.fit(&table, &[0, 1, 2])?.apply(table)?;
/// assert_eq!(filled.columns()[0].values.get(2), 3.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanImputer {}

/// What is typical of each column.
#[derive(Clone, Debug)]
pub struct FittedMeanImputer {
    seen: SeenColumns,
    typical: Vec<f64>,
}

impl MeanImputer {
    /// Learns what is typical of these rows.
    ///
    /// # Errors
    /// [`NotApplicable`](imb_core::Error::NotApplicable) for a column without a value in these rows;
    /// [`NotFinite`](imb_core::Error::NotFinite) for an infinite number;
    /// [`LengthMismatch`](imb_core::Error::LengthMismatch) and
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for no rows, rows that are not there and numbers
    /// that are no category.
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedMeanImputer> {
        let rows = FitRows::new(rows, table.n_rows())?;
        let of = |column: &Column| {
            let summary = Summary::of(column, &rows)?;
            let summary = summary.ok_or_else(|| empty("mean imputation", column, "leave it out"))?;
            typical(column, summary, &rows)
        };
        let typical = table.columns().iter().map(of).collect::<Result<_>>()?;
        Ok(FittedMeanImputer { seen: SeenColumns::of(table), typical })
    }
}

impl FittedMeanImputer {
    /// Fills the gaps of every row.
    ///
    /// # Errors
    /// [`LengthMismatch`](imb_core::Error::LengthMismatch) or
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) if the table has other columns.
    pub fn apply<Y: Target>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (mut columns, target) = self.seen.take_apart(table)?;
        for (column, &typical) in columns.iter_mut().zip(&self.typical) {
            let gaps: Vec<usize> =
                column.values.non_zero().filter(|(_, value)| value.is_nan()).map(|(row, _)| row).collect();
            gaps.into_iter().for_each(|row| set_gap(&mut column.values, row, typical));
        }
        put_together(columns, n_rows, target)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, cells, integer, numeric, sparse, table};
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn gaps_take_what_is_typical_of_the_training_rows() {
        let columns = vec![
            numeric("a", &[1.0, 2.0, NAN, 900.0]),
            integer("b", &[1.0, 2.0, NAN, 900.0]),
            categorical("c", &["p", "q"], &[1.0, 1.0, NAN, 0.0]),
            sparse("d", &[0.0, 3.0, NAN, 0.0]),
        ];
        let table = table(columns, &["x", "x", "y", "y"]);
        let filled = MeanImputer {}
            .fit(&table, &[0, 1])
            .and_then(|fitted| fitted.apply(table))
            .expect("can be filled");
        let of = |name| cells(&filled, name)[2];
        assert_eq!([of("a"), of("b"), of("c"), of("d")], [1.5, 2.0, 1.0, 1.5].map(Some));
        assert_eq!(cells(&filled, "a")[3], Some(900.0), "nothing else moves");
    }

    #[test]
    fn a_column_without_values_is_refused() {
        let table = table(vec![numeric("a", &[NAN, NAN, 3.0])], &["x", "x", "y"]);
        let error = MeanImputer {}.fit(&table, &[0, 1]).expect_err("a is empty").to_string();
        assert!(error.contains("mean imputation") && error.contains("\"a\""), "{error}");
    }
}
