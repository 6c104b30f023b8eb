//! A list of steps, fitted one after the other, and the data sets that come out.

use std::sync::Arc;

use imb_core::{Column, Dataset, Error, Feature, Result, Table, Target, Values};

use super::fit_rows::require_rows;
use super::{FittedStep, PrepareTarget, Step};
use crate::matrix_of;

/// A table after all steps, from which data sets are taken by row numbers.
#[derive(Clone, Debug)]
pub struct Prepared<Y> {
    table: Table<Y>,
    features: Arc<[Feature]>,
    steps: Vec<FittedStep>,
}

/// Fits each step on `train_rows` of what the steps before made, and applies it to every row.
///
/// `train_rows` are a set: their order and repeats change nothing.
///
/// # Errors
/// [`Error::LengthMismatch`] without training rows, [`Error::InvalidParameter`] for a row that the
/// table does not have, and the errors of the steps.
pub fn prepare<Y: PrepareTarget>(
    mut table: Table<Y>,
    train_rows: &[usize],
    steps: &[Step],
) -> Result<Prepared<Y>> {
    require_rows(train_rows, table.n_rows())?;
    let mut fitted = Vec::with_capacity(steps.len());
    for step in steps {
        let step = step.fit(&table, train_rows)?;
        table = step.apply(table)?;
        fitted.push(step);
    }
    let feature = |column: &Column| Feature { name: column.name.clone(), kind: column.kind.clone() };
    let features = table.columns().iter().map(feature).collect();
    Ok(Prepared { table, features, steps: fitted })
}

/// Fits each step on **all** rows, test rows included, as released code of several papers does.
///
/// The result is for replaying such code and for measuring what the leak is worth. Scores on rows
/// prepared this way say too much; use [`prepare`] for everything else.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_leaking_as_released<Y: PrepareTarget>(table: Table<Y>, steps: &[Step]) -> Result<Prepared<Y>> {
    let every_row: Vec<usize> = (0..table.n_rows()).collect();
    prepare(table, &every_row, steps)
}

impl<Y: Target> Prepared<Y> {
    /// These rows, in this order, as a dense matrix `(n_rows, n_features)`; a row may be named more
    /// than once.
    ///
    /// # Errors
    /// [`Error::NotFinite`] with the row number of the table for a missing or infinite number,
    /// [`Error::InvalidParameter`] for a row that the table does not have, [`Error::LengthMismatch`]
    /// if no row is named or no column is left.
    pub fn dataset(&self, rows: &[usize]) -> Result<Dataset<Y>> {
        require_rows(rows, self.table.n_rows())?;
        let columns: Vec<&Values> = self.table.columns().iter().map(|column| &column.values).collect();
        let x = matrix_of(&columns, rows);
        let targets = self.table.target().select(rows);
        Dataset::new(self.features.clone(), x, targets).map_err(|error| match error {
            Error::NotFinite { row, column, value } => Error::NotFinite { row: rows[row], column, value },
            other => other,
        })
    }

    /// The table after all steps; columns may still be sparse and have gaps.
    pub fn table(&self) -> &Table<Y> {
        &self.table
    }

    /// The fitted steps, in the order in which they were applied.
    pub fn steps(&self) -> &[FittedStep] {
        &self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{numeric, sparse, table};
    use super::*;
    use crate::prepare::{MinMaxScaler, StandardScaler};
    use ndarray::array;

    fn two_columns() -> Table<imb_core::Labels> {
        let columns = vec![numeric("a", &[0.0, 1.0, f64::NAN, 3.0]), sparse("b", &[0.0, 4.0, 8.0, 0.0])];
        table(columns, &["x", "y", "x", "y"])
    }

    #[test]
    fn rows_come_in_the_order_asked_for_and_may_repeat() {
        let prepared = prepare(two_columns(), &[0], &[]).expect("no steps");
        let data = prepared.dataset(&[3, 1, 1]).expect("no gaps there");
        assert_eq!(data.x(), array![[3.0, 0.0], [1.0, 4.0], [1.0, 4.0]]);
        assert_eq!(data.y().codes(), [1, 1, 1]);
        assert_eq!(data.features()[1].name, "b");
    }

    #[test]
    fn a_gap_that_is_left_is_named_by_its_row_in_the_table() {
        let prepared = prepare(two_columns(), &[0], &[]).expect("no steps");
        let error = prepared.dataset(&[0, 2]).expect_err("row 2 has a gap");
        assert_eq!(error.to_string(), "data row 3 of column \"a\" is NaN: impute or drop it first");
    }

    #[test]
    fn rows_that_are_not_there_are_refused() {
        assert!(prepare(two_columns(), &[], &[]).is_err());
        assert!(prepare(two_columns(), &[4], &[]).is_err());
        let prepared = prepare(two_columns(), &[0], &[]).expect("no steps");
        assert!(prepared.dataset(&[4]).is_err());
        assert!(prepared.dataset(&[]).is_err());
    }

    #[test]
    fn the_leak_is_another_function() {
        let steps = [Step::MinMaxScaler(MinMaxScaler {})];
        let last = |prepared: Result<Prepared<_>>| {
            prepared.and_then(|prepared| prepared.dataset(&[3])).expect("row 3 has no gap").x()[[0, 0]]
        };
        assert_eq!(last(prepare(two_columns(), &[0, 1], &steps)), 3.0);
        assert_eq!(last(prepare_leaking_as_released(two_columns(), &steps)), 1.0);
    }

    #[test]
    fn a_later_step_sees_what_an_earlier_one_made() {
        let steps = [Step::MinMaxScaler(MinMaxScaler {}), Step::StandardScaler(StandardScaler {})];
        let prepared = prepare(two_columns(), &[1, 0, 1], &steps).expect("numbers");
        assert_eq!(prepared.steps().len(), 2);
        let data = prepared.dataset(&[0, 1]).expect("no gaps there");
        assert_eq!(data.x(), array![[-1.0, -1.0], [1.0, 1.0]]);
    }
}
