//! What each column of a table is like, and which rows stand twice.

use imb_core::{Column, ColumnKind, Table, Values};
use rayon::prelude::*;
use serde::Serialize;

/// A column, summed up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Its name.
    pub name: String,
    /// What its cells are: `numeric`, `integer` or `categorical`.
    pub kind: &'static str,
    /// Cells that are gaps.
    pub n_missing: usize,
    /// Cells that are infinite.
    pub n_infinite: usize,
    /// Different values, gaps aside.
    pub n_different: usize,
    /// Whether no two rows share a value, as with names of rows: at least two rows, and no fractions.
    pub all_differ: bool,
}

impl ColumnSummary {
    /// Whether every row has one value.
    pub fn is_constant(&self) -> bool {
        self.n_different <= 1
    }
}

/// The columns of a table, summed up in their order.
pub fn summarize_columns(table: &Table<()>) -> Vec<ColumnSummary> {
    table.columns().par_iter().map(|column| summarize(column, table.n_rows())).collect()
}

fn summarize(column: &Column, n_rows: usize) -> ColumnSummary {
    let (Values::Dense(stored) | Values::Sparse { values: stored, .. }) = &column.values;
    let n_missing = stored.iter().filter(|value| value.is_nan()).count();
    // One number, 0, stands for what a sparse column leaves out.
    let left_out = (stored.len() < n_rows).then_some(0.0);
    let present = stored.iter().copied().chain(left_out).filter(|value| !value.is_nan());
    let mut different: Vec<u64> = present.map(|value| (value + 0.0).to_bits()).collect();
    different.sort_unstable();
    different.dedup();
    let kind = match column.kind {
        ColumnKind::Numeric => "numeric",
        ColumnKind::Integer => "integer",
        ColumnKind::Categorical(_) => "categorical",
    };
    ColumnSummary {
        name: column.name.clone(),
        kind,
        n_missing,
        n_infinite: stored.iter().filter(|value| value.is_infinite()).count(),
        all_differ: n_rows > 1 && different.len() == n_rows && column.kind != ColumnKind::Numeric,
        n_different: different.len(),
    }
}

/// Rows whose cells are all equal to those of an earlier row. They are told by hashes of 128 bits.
pub fn count_duplicate_rows(table: &Table<()>) -> usize {
    let mut hashes = vec![0_u128; table.n_rows()];
    for (number, column) in (1_u128..).zip(table.columns()) {
        for (row, value) in column.values.non_zero() {
            let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
            hashes[row] = hashes[row].wrapping_add(mix(u128::from(bits) ^ (number << 64)));
        }
    }
    hashes.par_sort_unstable();
    hashes.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Spreads the bits of a number over all of it.
fn mix(number: u128) -> u128 {
    // Odd numbers without a pattern; any would do.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mixed = (mixed ^ (mixed >> 67)).wrapping_mul(0xd6e8_feb8_6659_fd93_c2b2_ae3d_27d4_eb4f);
    mixed ^ (mixed >> 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_rows_by_hand() {
        let nan = f64::NAN;
        let column = |name: &str, kind, values| Column { name: name.into(), kind, values };
        let columns = vec![
            column("id", ColumnKind::Integer, Values::Dense(vec![3.0, 1.0, 2.0, 1.0])),
            column("x", ColumnKind::Numeric, Values::Dense(vec![nan, 0.5, f64::INFINITY, 0.5])),
            column("s", ColumnKind::Numeric, Values::Sparse { rows: vec![0], values: vec![1.0] }),
        ];
        let table = Table::new(columns, 4).expect("valid");
        let summaries = summarize_columns(&table);
        let counts = |at: usize| {
            let column: &ColumnSummary = &summaries[at];
            (column.n_missing, column.n_infinite, column.n_different, column.all_differ)
        };
        assert_eq!((counts(0), counts(1), counts(2)), ((0, 0, 3, false), (1, 1, 2, false), (0, 0, 2, false)));
        assert_eq!(count_duplicate_rows(&table), 1);
    }
}
