//! Reads the rows that scikit-learn gave, as `tests/reference/split_reference.py` wrote them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A list of row numbers: whole if it is short, else its ends and the SHA-256 of its numbers.
#[derive(Deserialize)]
pub(in crate::split) struct Rows {
    length: usize,
    sha256: String,
    first: Vec<usize>,
    last: Vec<usize>,
    all: Option<Vec<usize>>,
}

impl Rows {
    pub(in crate::split) fn assert_equal(&self, rows: &[usize]) {
        assert_eq!(rows.len(), self.length);
        assert!(rows.starts_with(&self.first), "{:?} expected", self.first);
        assert!(rows.ends_with(&self.last), "{:?} expected", self.last);
        if let Some(all) = &self.all {
            assert_eq!(rows, all);
        }
        let bytes: Vec<u8> = rows.iter().flat_map(|row| (*row as u64).to_le_bytes()).collect();
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, self.sha256);
    }
}

/// The cases that stand under a name.
pub(in crate::split) fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    serde_json::from_value(named(name)).expect("cases of this form")
}

/// What stands under a name.
pub(in crate::split) fn named(name: &str) -> serde_json::Value {
    let text = include_str!("../../../tests/reference/split.json");
    let mut reference: serde_json::Value = serde_json::from_str(text).expect("the script writes JSON");
    reference[name].take()
}
