//! Rows of sparse ARFF: `{number value, …}`, numbers ascending.

use std::collections::BTreeMap;

use crate::read::declaration::{split_sparse, without_comment};
use crate::read::layout::Layout;

/// The cells of a row by the number of their column, as they were written; none if the row is not sparse.
pub(crate) fn cells(layout: &Layout, row: &str) -> Option<BTreeMap<usize, Vec<u8>>> {
    let row = without_comment(row).trim();
    let (cells, _) = split_sparse(row.strip_prefix('{').filter(|_| layout.is_sparse)?).ok()?;
    let numbered = cells.into_iter().filter_map(|cell| {
        let (number, value) = cell.split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, value.trim().as_bytes().to_vec()))
    });
    Some(numbered.collect())
}

/// Appends a row of these cells.
pub(crate) fn append_row(bytes: &mut Vec<u8>, cells: &BTreeMap<usize, Vec<u8>>) {
    bytes.push(b'{');
    for (place, (number, value)) in cells.iter().enumerate() {
        bytes.extend(&b","[..place.min(1)]);
        bytes.extend(itoa::Buffer::new().format(*number).as_bytes());
        bytes.push(b' ');
        bytes.extend(value);
    }
    bytes.push(b'}');
}
