//! A fingerprint of a table's content, whatever file it came packed in.

use std::fmt;

use imb_core::{Column, ColumnKind, Table};
use sha2::{Digest, Sha256};

/// Size and content of a table: `ROWSxFEATURESxCLASSES:HASH`.
///
/// The hash covers every cell of every column as it was read, targets among them, and nothing else:
/// not names, not whether a column is sparse, not how a number was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Number of rows.
    pub n_rows: usize,
    /// Number of feature columns.
    pub n_features: usize,
    /// Number of classes or labels.
    pub n_classes: usize,
    /// SHA-256 of the canonical cells, hexadecimal.
    pub sha256: String,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}:{}", self.n_rows, self.n_features, self.n_classes, self.sha256)
    }
}

/// The hash of a table as it was read.
///
/// Column by column, the cells that are not the number 0, each as its row and then a number
/// (`n`, eight bytes of the `f64`), a gap (`m`) or a text (`t`, length, bytes). A category whose
/// name is a number counts as that number.
pub(crate) fn content_hash(table: &Table<()>) -> String {
    let mut hash = Sha256::new();
    let mut bytes = Vec::new();
    hash.update((table.n_rows() as u64).to_le_bytes());
    for column in table.columns() {
        bytes.clear();
        append_cells(column, table.n_rows(), &mut bytes);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    hex(&hash.finalize())
}

/// SHA-256 of bytes, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn append_cells(column: &Column, n_rows: usize, bytes: &mut Vec<u8>) {
    match &column.kind {
        ColumnKind::Numeric | ColumnKind::Integer => {
            for (row, number) in column.values.non_zero() {
                append_number(row, number, bytes);
            }
        }
        ColumnKind::Categorical(values) => {
            let numbers: Vec<Option<f64>> = values.iter().map(|value| value.parse().ok()).collect();
            let codes: Box<dyn Iterator<Item = (usize, f64)>> = match numbers.first() {
                // The category that a sparse column leaves out is the number 0 anyway.
                Some(Some(0.0)) => column.values.non_zero(),
                _ => Box::new((0..n_rows).map(|row| (row, column.values.get(row)))),
            };
            for (row, code) in codes {
                match (code.is_nan(), numbers.get(code as usize)) {
                    (false, Some(Some(number))) => append_number(row, *number, bytes),
                    (false, Some(None)) => append_text(row, &values[code as usize], bytes),
                    _ => append_number(row, f64::NAN, bytes),
                }
            }
        }
    }
}

fn append_number(row: usize, number: f64, bytes: &mut Vec<u8>) {
    if number == 0.0 {
        return;
    }
    bytes.extend((row as u64).to_le_bytes());
    if number.is_nan() {
        bytes.push(b'm');
    } else {
        bytes.push(b'n');
        bytes.extend(number.to_le_bytes());
    }
}

fn append_text(row: usize, text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((row as u64).to_le_bytes());
    bytes.push(b't');
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Values;

    fn hash(kind: ColumnKind, values: Values) -> String {
        let column = Column { name: "any".into(), kind, values };
        content_hash(&Table::new(vec![column], 4).expect("four rows"))
    }

    fn categories(names: &[&str]) -> ColumnKind {
        ColumnKind::Categorical(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn packaging_does_not_matter() {
        let dense = Values::Dense(vec![0.0, 1.0, -0.0, f64::NAN]);
        let sparse = Values::Sparse { rows: vec![1, 3], values: vec![1.0, -f64::NAN] };
        let plain = hash(ColumnKind::Numeric, dense.clone());
        assert_eq!(plain, hash(ColumnKind::Integer, sparse.clone()));
        assert_eq!(plain, hash(categories(&["0", "1"]), sparse));
        assert_eq!(plain, hash(categories(&["0.0", "1.0"]), dense));
        assert_eq!(plain, hash(categories(&["1", "0"]), Values::Dense(vec![1.0, 0.0, 1.0, f64::NAN])));
    }

    #[test]
    fn order_of_categories_does_not_matter_but_their_text_does() {
        let ab = hash(categories(&["a", "b"]), Values::Sparse { rows: vec![2], values: vec![1.0] });
        assert_eq!(ab, hash(categories(&["b", "a"]), Values::Dense(vec![1.0, 1.0, 0.0, 1.0])));
        assert_ne!(ab, hash(categories(&["a", "c"]), Values::Sparse { rows: vec![2], values: vec![1.0] }));
    }

    #[test]
    fn one_cell_matters() {
        let one = hash(ColumnKind::Numeric, Values::Dense(vec![0.0, 1.0, 2.0, 3.0]));
        assert_ne!(one, hash(ColumnKind::Numeric, Values::Dense(vec![0.0, 1.0, 2.0, 3.0 + 1e-15])));
        assert_ne!(one, hash(ColumnKind::Numeric, Values::Dense(vec![1.0, 0.0, 2.0, 3.0])));
    }
}
