//! What every step checks and remembers: the rows to learn from and the columns learned from.

use imb_core::{Column, Error, Feature, Result, Table, Target};

/// The rows that a step may learn from: a set, so that order and repeats change nothing.
pub(super) struct FitRows {
    ascending: Vec<usize>,
    inside: Vec<bool>,
}

impl FitRows {
    pub(super) fn new(rows: &[usize], n_rows: usize) -> Result<Self> {
        require_rows(rows, n_rows)?;
        let mut inside = vec![false; n_rows];
        for &row in rows {
            inside[row] = true;
        }
        let ascending = (0..n_rows).filter(|&row| inside[row]).collect();
        Ok(Self { ascending, inside })
    }

    pub(super) fn ascending(&self) -> &[usize] {
        &self.ascending
    }

    pub(super) fn len(&self) -> usize {
        self.ascending.len()
    }

    pub(super) fn contains(&self, row: usize) -> bool {
        self.inside[row]
    }

    /// The numbers of a column in these rows that are not 0, gaps among them.
    pub(super) fn non_zero<'a>(&'a self, column: &'a Column) -> impl Iterator<Item = (usize, f64)> + 'a {
        column.values.non_zero().filter(|(row, _)| self.contains(*row))
    }
}

/// At least one row, and none beyond the table.
pub(super) fn require_rows(rows: &[usize], n_rows: usize) -> Result<()> {
    if rows.is_empty() {
        return Err(Error::LengthMismatch { what: "rows named, at least".into(), expected: 1, found: 0 });
    }
    match rows.iter().find(|&&row| row >= n_rows) {
        None => Ok(()),
        Some(row) => {
            Err(Error::invalid_parameter("row number", format!("below the number of rows, {n_rows}"), row))
        }
    }
}

/// The columns that a step was fitted on: it can be applied to no others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeenColumns(Vec<Feature>);

impl SeenColumns {
    pub(super) fn of<Y: Target>(table: &Table<Y>) -> Self {
        let feature = |column: &Column| Feature { name: column.name.clone(), kind: column.kind.clone() };
        Self(table.columns().iter().map(feature).collect())
    }

    /// Takes a table apart into columns and target if it has the columns seen.
    pub(super) fn take_apart<Y: Target>(&self, table: Table<Y>) -> Result<(Vec<Column>, Y)> {
        if table.n_columns() != self.0.len() {
            return Err(Error::LengthMismatch {
                what: "columns of the table".into(),
                expected: self.0.len(),
                found: table.n_columns(),
            });
        }
        let differs =
            |(column, seen): &(&Column, &Feature)| column.name != seen.name || column.kind != seen.kind;
        if let Some((column, seen)) = table.columns().iter().zip(&self.0).find(differs) {
            return Err(Error::invalid_parameter(
                "columns of the table",
                format!("those that the step was fitted on, among them {seen:?}"),
                format!("\"{}\", {:?}", column.name, column.kind),
            ));
        }
        Ok(table.into_parts())
    }
}

/// Columns and target as a table again.
pub(super) fn put_together<Y: Target>(columns: Vec<Column>, n_rows: usize, target: Y) -> Result<Table<Y>> {
    Table::new(columns, n_rows)?.with_target(target)
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, numeric, table};
    use super::*;

    #[test]
    fn rows_are_a_set() {
        let rows = FitRows::new(&[3, 1, 3], 5).expect("below 5");
        assert_eq!(rows.ascending(), [1, 3]);
        assert!(rows.contains(3) && !rows.contains(2));
        assert!(FitRows::new(&[5], 5).is_err());
        assert!(FitRows::new(&[], 5).is_err());
    }

    #[test]
    fn other_columns_are_refused() {
        let of = |columns| table(columns, &["x", "y"]);
        let codes = |categories| vec![categorical("a", categories, &[0.0, 1.0])];
        let seen = SeenColumns::of(&of(codes(&["p", "q"])));
        assert!(seen.take_apart(of(codes(&["p", "q"]))).is_ok());
        assert!(seen.take_apart(of(codes(&["q", "p"]))).is_err(), "the codes mean something else");
        assert!(seen.take_apart(of(vec![numeric("a", &[0.0, 1.0])])).is_err());
        assert!(seen.take_apart(of(vec![])).is_err());
    }
}
