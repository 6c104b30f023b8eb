//! Preconditions shared by several metrics.

use imb_core::{Error, Result};
use ndarray::ArrayView2;

/// Requires one finite score for each row and each name, `(n_rows, n_names)`.
pub(crate) fn require_scores(scores: ArrayView2<'_, f64>, n_rows: usize, names: &[String]) -> Result<()> {
    require_length("rows of the scores", n_rows, scores.nrows())?;
    require_length("columns of the scores", names.len(), scores.ncols())?;
    match scores.indexed_iter().find(|(_, score)| !score.is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::NotFinite { row, column: names[column].clone(), value }),
    }
}

pub(crate) fn require_finite(values: &[f64], column: &str) -> Result<()> {
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((row, &value)) => Err(Error::NotFinite { row, column: column.into(), value }),
    }
}

pub(crate) fn require_length(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: what.into(), expected, found })
}

pub(crate) fn require_same_names(what: &str, truth: &[String], predicted: &[String]) -> Result<()> {
    if truth == predicted {
        return Ok(());
    }
    let requirement = format!("those of the truth ({})", truth.join(", "));
    Err(Error::invalid_parameter(format!("{what} of the prediction"), requirement, predicted.join(", ")))
}

pub(crate) fn require_at_least(name: &str, least: usize, found: usize) -> Result<()> {
    if found >= least {
        return Ok(());
    }
    Err(Error::invalid_parameter(name, format!("at least {least}"), found))
}

/// Requires a significance level or a confidence strictly between 0 and 1; at the ends, intervals are empty
/// or infinite.
pub(crate) fn require_inner_fraction(name: &str, value: f64) -> Result<()> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(Error::invalid_parameter(name, "above 0 and below 1", value))
}

pub(crate) fn not_applicable(method: &str, reason: impl Into<String>) -> Error {
    Error::NotApplicable { method: method.into(), reason: reason.into() }
}
