//! Winequality red, quality 8 against quality 6, from the copy that `linfa-datasets` carries.
//!
//! KEEL made its set from the red wines by leaving out all other qualities; the rows of quality 8
//! and 6, in order, are that set, as the fingerprint proves on every load.

use imb_core::{Column, ColumnKind, Result, Table, Values};

/// The name of the data set in the catalog.
pub(crate) const NAME: &str = "winequality-red-8_vs_6";

/// The table as the KEEL file holds it.
pub(crate) fn table() -> Result<Table<()>> {
    let wines = linfa_datasets::winequality();
    let qualities: Vec<usize> = wines.targets.iter().copied().collect();
    let rows: Vec<usize> = qualities
        .iter()
        .enumerate()
        .filter(|(_, quality)| matches!(quality, 6 | 8))
        .map(|(row, _)| row)
        .collect();
    let feature = |(number, name): (usize, &String)| {
        let values = rows.iter().map(|&row| wines.records[[row, number]]).collect();
        Column { name: name.clone(), kind: ColumnKind::Numeric, values: Values::Dense(values) }
    };
    let mut columns: Vec<Column> = wines.feature_names().iter().enumerate().map(feature).collect();
    let classes = ["negative", "positive"].map(String::from).to_vec();
    let codes = rows.iter().map(|&row| f64::from(u8::from(qualities[row] == 8))).collect();
    columns.push(Column {
        name: "class".into(),
        kind: ColumnKind::Categorical(classes),
        values: Values::Dense(codes),
    });
    Table::new(columns, rows.len())
}
