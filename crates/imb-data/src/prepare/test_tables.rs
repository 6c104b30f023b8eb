//! Small tables for the tests of this folder.

use imb_core::{Column, ColumnKind, Labels, Table, Values};

pub(super) fn numeric(name: &str, values: &[f64]) -> Column {
    Column { name: name.into(), kind: ColumnKind::Numeric, values: Values::Dense(values.to_vec()) }
}

pub(super) fn integer(name: &str, values: &[f64]) -> Column {
    Column { kind: ColumnKind::Integer, ..numeric(name, values) }
}

pub(super) fn categorical(name: &str, categories: &[&str], codes: &[f64]) -> Column {
    let categories = categories.iter().map(|&category| category.to_owned()).collect();
    Column { kind: ColumnKind::Categorical(categories), ..numeric(name, codes) }
}

/// A column that holds only its numbers that are not 0.
pub(super) fn sparse(name: &str, values: &[f64]) -> Column {
    let (rows, values) = (0u32..).zip(values.iter().copied()).filter(|(_, value)| *value != 0.0).unzip();
    Column { values: Values::Sparse { rows, values }, ..numeric(name, &[]) }
}

pub(super) fn table(columns: Vec<Column>, classes: &[&str]) -> Table<Labels> {
    Table::new(columns, classes.len())
        .and_then(|table| table.with_target(Labels::from_texts(classes)))
        .expect("columns and classes fit")
}

/// The numbers of a column, with gaps as `None`, so that they can be compared.
pub(super) fn cells<Y: imb_core::Target>(table: &Table<Y>, name: &str) -> Vec<Option<f64>> {
    let column = &table.columns()[table.position(name).expect("a column of this name")];
    column
        .values
        .to_dense(table.n_rows())
        .into_iter()
        .map(|value| Some(value).filter(|v| !v.is_nan()))
        .collect()
}
