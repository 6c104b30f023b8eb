//! What is written is read back: names, kinds, texts, and numbers bit for bit.

mod generate;
mod kept;

use std::path::Path;

use imb_data::{Header, ReadOptions, read_bytes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use generate::{
    Cells, Columns, columns, declared_quoted, declared_text, delimited, dense_row, head, look, n_rows,
    packed, sparse_row, text,
};

/// Reads bytes and compares what comes back. Returns the outputs that the file names.
fn require_same(name: &str, bytes: Vec<u8>, options: &ReadOptions, columns: &Columns) -> Vec<String> {
    use imb_core::ColumnKind::{Categorical, Integer, Numeric};
    let shown = String::from_utf8_lossy(&bytes).into_owned();
    let parsed =
        read_bytes(Path::new(name), bytes, options).unwrap_or_else(|error| panic!("{error}\n{shown}"));
    assert_eq!(parsed.table.n_rows(), n_rows(columns), "{shown}");
    assert_eq!(parsed.table.n_columns(), columns.len(), "{shown}");
    for (column, (name, cells)) in parsed.table.columns().iter().zip(columns) {
        assert_eq!(&column.name, name, "{shown}");
        let (kind, numbers) = (&column.kind, column.values.to_dense(n_rows(columns)));
        let bits = |number: Option<f64>| number.filter(|number| !number.is_nan()).map(f64::to_bits);
        for (row, number) in numbers.into_iter().enumerate() {
            let number = Some(number);
            match (cells, kind) {
                (Cells::Numeric(cells), Numeric) => assert_eq!(bits(number), bits(cells[row]), "{shown}"),
                (Cells::Integer(cells), Integer | Numeric) => {
                    assert_eq!(bits(number), bits(cells[row].map(|cell| cell as f64)), "{shown}");
                    let known = cells.iter().any(Option::is_some);
                    assert!(*kind == Integer || !known, "{shown}");
                }
                (Cells::Texts(cells), Categorical(values)) => {
                    let text = number.filter(|code| !code.is_nan()).map(|code| &values[code as usize]);
                    assert_eq!(text, cells[row].as_ref(), "{shown}");
                }
                _ => panic!("{name:?} is {kind:?}\n{shown}"),
            }
        }
    }
    parsed.outputs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Above 2^53 whole numbers are no longer exact, and the reader no longer calls them so. Kinds
    /// are inferred: what may look like a number is named as categorical.
    #[test]
    fn delimited_files(columns in columns(text().boxed(), 1 << 53), look in look(), pack in any::<bool>()) {
        let categorical = columns.iter().filter(|(_, cells)| matches!(cells, Cells::Texts(_)));
        let categorical = categorical.map(|(name, _)| name.clone()).collect();
        let options = ReadOptions { header: Header::Present, categorical, ..ReadOptions::default() };
        require_same("any.csv", packed(delimited(&columns, &look), pack), &options, &columns);
    }

    /// A sparse row leaves out zeros, whatever their sign: no -0 where rows are sparse.
    #[test]
    fn arff_files(
        columns in columns(declared_text(), i64::MAX),
        sparse in vec(any::<bool>(), 6),
        pack in any::<bool>(),
    ) {
        let sparse = &sparse[..n_rows(&columns)];
        let mut columns = columns;
        for (_, cells) in &mut columns {
            if let (Cells::Numeric(cells), true) = (cells, sparse.contains(&true)) {
                cells.iter_mut().flatten().for_each(|number| *number += 0.0);
            }
        }
        let row = |(row, sparse): (usize, &bool)| if *sparse { sparse_row(&columns, row) } else { dense_row(&columns, row) };
        let rows: Vec<String> = sparse.iter().enumerate().map(row).collect();
        let content = format!("{}\n@data\n% it's\n{}", head(&columns), rows.join("\r\n"));
        require_same("any.arff", packed(content, pack), &ReadOptions::default(), &columns);
    }

    #[test]
    fn keel_files(columns in columns(declared_text(), i64::MAX), pack in any::<bool>()) {
        let output = &columns[1].0;
        let rows: Vec<String> = (0..n_rows(&columns)).map(|row| dense_row(&columns, row)).collect();
        let head = format!("{}\n@outputs {}", head(&columns), declared_quoted(output));
        let content = format!("{head}\n@data\n{}\n", rows.join("\n"));
        let outputs = require_same("any.dat", packed(content, pack), &ReadOptions::default(), &columns);
        prop_assert_eq!(outputs, [output.as_str()]);
    }
}
