//! Helpers that read and compare reference values.

use imb_core::{Error, Labels, Result};
use ndarray::Array2;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads the cases of a section of a reference file.
pub(crate) fn section<T: DeserializeOwned>(file: &str, name: &str) -> T {
    let mut content: Value = serde_json::from_str(file).expect("the reference file is JSON");
    serde_json::from_value(content[name].take()).expect("the section has the fields named here")
}

/// Asserts equality to 1e-12, relative or absolute.
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, what: &str) {
    assert_within(found, expected, 1e-12, what);
}

#[track_caller]
pub(crate) fn assert_within(found: f64, expected: f64, tolerance: f64, what: &str) {
    let distance = (found - expected).abs();
    assert!(distance <= tolerance * expected.abs().max(1.0), "{what}: {found} instead of {expected}");
}

/// Asserts that a metric is close to the reference, or does not apply if the reference is undefined.
#[track_caller]
pub(crate) fn assert_defined_alike(found: Result<f64>, expected: Option<f64>, what: &str) {
    match (found, expected) {
        (Ok(found), Some(expected)) => assert_close(found, expected, what),
        (Err(Error::NotApplicable { .. }), None) => {}
        (found, expected) => panic!("{what}: {found:?} instead of {expected:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_all_close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    found.iter().zip(expected).for_each(|(found, expected)| assert_close(*found, *expected, what));
}

/// Labels from a text with one digit per row.
pub(crate) fn labels(digits: &str, n_classes: usize) -> Labels {
    let codes = digits.chars().map(|digit| digit.to_digit(10).expect("a digit")).collect();
    let classes = (0..n_classes).map(|class| class.to_string()).collect();
    Labels::new(codes, classes).expect("digits are below the number of classes")
}

/// A matrix of whole numbers divided by a scale, given row by row.
pub(crate) fn scaled(whole: &[u32], scale: u32, n_columns: usize) -> Array2<f64> {
    let values = whole.iter().map(|&value| f64::from(value) / f64::from(scale)).collect();
    Array2::from_shape_vec((whole.len() / n_columns, n_columns), values).expect("whole rows")
}
