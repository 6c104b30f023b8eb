//! Makes a column of zeros and ones of each category.
//!
//! A column `Sex` with the categories M, F and I becomes the integer columns `Sex=M`, `Sex=F` and
//! `Sex=I`, which stand in its place. Categories are those that the column declares, not those that
//! occur, so nothing is learned from rows. A gap stays a gap in each of the new columns: impute the
//! categories before, if there are gaps.

use imb_core::{Column, ColumnKind, Result, Table, Target, Values};
use serde::{Deserialize, Serialize};

use super::fit_rows::{SeenColumns, put_together, require_rows};
use super::summary::category_of;

/// Encodes every categorical column; other columns pass through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneHot {
    /// Whether two categories make one column, which is 1 for the second, instead of two columns of
    /// which each says all.
    pub two_categories_in_one: bool,
}

/// The columns to encode.
#[derive(Clone, Debug)]
pub struct FittedOneHot {
    two_categories_in_one: bool,
    seen: SeenColumns,
}

impl OneHot {
    /// Notes which columns there are. Rows are checked to exist, and not looked at.
    ///
    /// # Errors
    /// [`imb_core::Error::LengthMismatch`] and [`imb_core::Error::InvalidParameter`] for no rows and
    /// rows that are not there.
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedOneHot> {
        require_rows(rows, table.n_rows())?;
        let two_categories_in_one = self.two_categories_in_one;
        Ok(FittedOneHot { two_categories_in_one, seen: SeenColumns::of(table) })
    }
}

impl FittedOneHot {
    /// Encodes every row.
    ///
    /// # Errors
    /// [`imb_core::Error::InvalidParameter`] for a number that is no category, for a new column
    /// whose name is taken, and, as [`imb_core::Error::LengthMismatch`], for a table with other
    /// columns.
    pub fn apply<Y: Target>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (columns, target) = self.seen.take_apart(table)?;
        let mut encoded = Vec::with_capacity(columns.len());
        for column in columns {
            match &column.kind {
                ColumnKind::Categorical(categories) => {
                    let first = usize::from(self.two_categories_in_one && categories.len() == 2);
                    encoded.extend(indicators(&column, n_rows)?.into_iter().skip(first));
                }
                _ => encoded.push(column),
            }
        }
        put_together(encoded, n_rows, target)
    }
}

/// One column a category. Those of a sparse column are sparse, except that of its category 0.
fn indicators(column: &Column, n_rows: usize) -> Result<Vec<Column>> {
    let ColumnKind::Categorical(categories) = &column.kind else { return Ok(vec![]) };
    let base = match column.values {
        Values::Dense(_) => Values::Dense(vec![0.0; n_rows]),
        Values::Sparse { .. } => Values::Sparse { rows: vec![], values: vec![] },
    };
    let mut all = vec![base; categories.len()];
    if let (Some(first), Values::Sparse { .. }) = (all.first_mut(), &column.values) {
        *first = Values::Dense(vec![1.0; n_rows]);
    }
    let rows: Vec<usize> = match &column.values {
        Values::Dense(values) => (0..values.len()).collect(),
        Values::Sparse { rows, .. } => rows.iter().map(|&row| row as usize).collect(),
    };
    for row in rows {
        let category = category_of(column, row)?;
        for (number, values) in all.iter_mut().enumerate() {
            let value = category.map_or(f64::NAN, |category| f64::from(u8::from(category == number)));
            set(values, row, value);
        }
    }
    let named = categories.iter().zip(all).map(|(category, values)| Column {
        name: format!("{}={category}", column.name),
        kind: ColumnKind::Integer,
        values,
    });
    Ok(named.collect())
}

/// Sets a cell; in a sparse column it must come after those that are there.
fn set(values: &mut Values, row: usize, value: f64) {
    match values {
        Values::Dense(values) => values[row] = value,
        Values::Sparse { rows, values } if value != 0.0 => {
            rows.push(u32::try_from(row).expect("it is the row number of a sparse column"));
            values.push(value);
        }
        Values::Sparse { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, cells, numeric, sparse, table};
    use super::*;
    use imb_core::Labels;

    fn encoded(columns: Vec<Column>, step: &OneHot) -> Result<Table<Labels>> {
        let table = table(columns, &["x", "y", "x", "y"]);
        step.fit(&table, &[0])?.apply(table)
    }

    fn names(table: &Table<Labels>) -> Vec<&str> {
        table.columns().iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn each_declared_category_becomes_a_column() {
        let sex = categorical("Sex", &["M", "F", "I"], &[1.0, 0.0, f64::NAN, 1.0]);
        let columns = vec![numeric("a", &[1.0; 4]), sex, numeric("b", &[2.0; 4])];
        let encoded = encoded(columns, &OneHot::default()).expect("codes are categories");
        assert_eq!(names(&encoded), ["a", "Sex=M", "Sex=F", "Sex=I", "b"]);
        assert_eq!(cells(&encoded, "Sex=M"), [Some(0.0), Some(1.0), None, Some(0.0)]);
        assert_eq!(cells(&encoded, "Sex=F"), [Some(1.0), Some(0.0), None, Some(1.0)]);
        assert_eq!(cells(&encoded, "Sex=I"), [Some(0.0), Some(0.0), None, Some(0.0)], "no row has it");
        assert_eq!(encoded.columns()[1].kind, ColumnKind::Integer);
    }

    #[test]
    fn two_categories_may_make_one_column() {
        let columns = vec![categorical("a", &["no", "yes"], &[0.0, 1.0, 1.0, 0.0])];
        let encoded = encoded(columns, &OneHot { two_categories_in_one: true }).expect("valid");
        assert_eq!(names(&encoded), ["a=yes"]);
        assert_eq!(cells(&encoded, "a=yes"), [0.0, 1.0, 1.0, 0.0].map(Some));
    }

    #[test]
    fn sparse_columns_give_the_same_cells() {
        let codes = [0.0, 2.0, f64::NAN, 1.0];
        let dense = categorical("a", &["p", "q", "r"], &codes);
        let packed = Column { values: sparse("a", &codes).values, ..dense.clone() };
        let dense = encoded(vec![dense], &OneHot::default()).expect("valid");
        let packed = encoded(vec![packed], &OneHot::default()).expect("valid");
        for name in names(&dense) {
            assert_eq!(cells(&packed, name), cells(&dense, name), "{name}");
        }
        assert!(matches!(packed.columns()[1].values, Values::Sparse { .. }));
    }

    #[test]
    fn numbers_that_are_no_category_and_names_that_are_taken_are_refused() {
        let step = OneHot::default();
        assert!(encoded(vec![categorical("a", &["p"], &[0.0, 0.0, 1.0, 0.0])], &step).is_err());
        let codes = categorical("a", &["p"], &[0.0; 4]);
        assert!(encoded(vec![codes, numeric("a=p", &[0.0; 4])], &step).is_err());
    }
}
