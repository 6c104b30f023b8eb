//! Takes whole numbers for measurements, as code does that reads every column as floating point.

use imb_core::{ColumnKind, Result, Table};
use serde::{Deserialize, Serialize};

use super::PrepareTarget;
use super::fit_rows::put_together;

/// Makes numeric columns of integer ones, so that resamplers do not round what they make there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuous {}

impl Continuous {
    /// Changes the kind of the integer columns. There is nothing to learn from rows.
    ///
    /// # Errors
    /// None of its own.
    pub fn apply<Y: PrepareTarget>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (mut columns, target) = table.into_parts();
        for column in columns.iter_mut().filter(|column| column.kind == ColumnKind::Integer) {
            column.kind = ColumnKind::Numeric;
        }
        put_together(columns, n_rows, target)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{numeric, table};
    use super::*;
    use imb_core::Column;

    #[test]
    fn integer_columns_become_numeric_and_keep_their_numbers() {
        let whole = Column { kind: ColumnKind::Integer, ..numeric("a", &[1.0, 2.0]) };
        let before = table(vec![whole.clone(), numeric("b", &[0.5, 1.5])], &["x", "y"]);
        let after = Continuous {}.apply(before).expect("fits");
        assert_eq!(after.columns()[0].kind, ColumnKind::Numeric);
        assert_eq!(after.columns()[0].values, whole.values);
    }
}
