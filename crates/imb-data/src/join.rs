//! Several files as one table.

use std::path::Path;

use imb_core::{Column, ColumnKind, Error, Result, Table, Values};

use crate::target::find_column;

/// The columns without those named here.
pub(crate) fn without_columns(table: Table<()>, file: &Path, names: &[String]) -> Result<Table<()>> {
    let dropped: Vec<usize> =
        names.iter().map(|name| find_column(&table, file, name)).collect::<Result<_>>()?;
    let n_rows = table.n_rows();
    let (columns, ()) = table.into_parts();
    let kept = columns.into_iter().enumerate().filter(|(place, _)| !dropped.contains(place));
    Table::new(kept.map(|(_, column)| column).collect(), n_rows)
}

/// Two tables side by side. A name that both have becomes `column_N` in the second, by its place.
pub(crate) fn beside(left: Table<()>, right: Table<()>) -> Result<Table<()>> {
    let n_rows = left.n_rows();
    let (mut columns, ()) = left.into_parts();
    for mut column in right.into_parts().0 {
        if columns.iter().any(|known| known.name == column.name) {
            column.name = format!("column_{}", columns.len() + 1);
        }
        columns.push(column);
    }
    Table::new(columns, n_rows)
}

/// Two tables one below the other, column by column; the names are those of the first.
pub(crate) fn below(above: Table<()>, under: Table<()>) -> Result<Table<()>> {
    if above.n_columns() != under.n_columns() {
        return Err(Error::LengthMismatch {
            what: "columns of the second file".into(),
            expected: above.n_columns(),
            found: under.n_columns(),
        });
    }
    let (n_above, n_under) = (above.n_rows(), under.n_rows());
    let (above, under) = (above.into_parts().0, under.into_parts().0);
    let columns = above.into_iter().zip(under).map(|(above, under)| {
        let mut values = above.values.to_dense(n_above);
        let (kind, added) = match (&above.kind, &under.kind) {
            (ours, theirs) if ours == theirs => (above.kind, under.values.to_dense(n_under)),
            (ColumnKind::Categorical(_), _) | (_, ColumnKind::Categorical(_)) => {
                return Err(Error::invalid_parameter(
                    format!("column \"{}\" of the second file", under.name),
                    format!("of the same kind as \"{}\" of the first", above.name),
                    format!("{:?}", under.kind),
                ));
            }
            _ => (ColumnKind::Numeric, under.values.to_dense(n_under)),
        };
        values.extend(added);
        Ok(Column { name: above.name, kind, values: Values::Dense(values) })
    });
    Table::new(columns.collect::<Result<_>>()?, n_above + n_under)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<()> {
        let column = |name: &str, values: &[f64]| Column {
            name: name.into(),
            kind: ColumnKind::Integer,
            values: Values::Dense(values.to_vec()),
        };
        Table::new(vec![column("rings", &[7.0, 8.0, 1.0]), column("class", &[2.0, 0.0, 2.0])], 3)
            .expect("valid")
    }

    #[test]
    fn tables_join_below_and_beside() {
        let joined = below(table(), table()).expect("same columns");
        assert_eq!(joined.n_rows(), 6);
        assert_eq!(joined.columns()[0].values.get(4), 8.0);
        let wide = beside(table(), table()).expect("same rows");
        assert_eq!(wide.columns()[2].name, "column_3");
    }

    #[test]
    fn columns_go_by_name_or_number() {
        let kept = without_columns(table(), Path::new("f"), &["2".to_owned()]).expect("there is");
        assert_eq!((kept.n_columns(), kept.position("rings")), (1, Some(0)));
        assert!(without_columns(table(), Path::new("f"), &["age".to_owned()]).is_err());
    }
}
