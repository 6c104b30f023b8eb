//! Which rows have which labels, and how imbalanced the labels are.

use imb_core::{Error, LabelImbalance, LabelMatrix, Result};

/// The rows that have each label, ascending, by label.
pub(crate) fn bags(labels: &LabelMatrix) -> Vec<Vec<usize>> {
    let rows_of = |label: ndarray::ArrayView1<'_, bool>| {
        label.iter().enumerate().filter(|(_, on)| **on).map(|(row, _)| row).collect()
    };
    labels.view().columns().into_iter().map(rows_of).collect()
}

/// The imbalance of the labels, or why it cannot be measured.
pub(crate) fn imbalance(method: &str, labels: &LabelMatrix) -> Result<LabelImbalance> {
    if labels.view().iter().any(|on| *on) {
        return Ok(LabelImbalance::of(labels));
    }
    Err(Error::NotApplicable {
        method: method.to_owned(),
        reason: format!(
            "none of the {} labels has a positive row, so there is no imbalance to measure: give it rows with labels",
            labels.n_labels()
        ),
    })
}

/// Whether a row has a label of which something holds.
pub(crate) fn has_label(labels: &LabelMatrix, row: usize, holds: impl Fn(usize) -> bool) -> bool {
    labels.view().row(row).iter().enumerate().any(|(label, on)| *on && holds(label))
}

/// How many rows a share of all rows is, rounded down.
pub(crate) fn rows_in(sampling_rate: f64, n_rows: usize) -> Result<usize> {
    if sampling_rate.is_finite() && sampling_rate > 0.0 {
        return Ok((sampling_rate * n_rows as f64) as usize);
    }
    Err(Error::invalid_parameter("sampling_rate", "a number above 0, such as 0.3", sampling_rate))
}

/// Refuses a number of neighbours that the data do not have.
pub(crate) fn require_neighbors(name: &str, k: usize, n_rows: usize) -> Result<()> {
    if k == 0 {
        return Err(Error::invalid_parameter(name, "at least 1", "0"));
    }
    if k < n_rows {
        return Ok(());
    }
    let remedy = match n_rows {
        0 | 1 => "give it more rows".to_owned(),
        n_rows => format!("{name} = {} works", n_rows - 1),
    };
    Err(Error::TooFewRows { class: "the data set".into(), has: n_rows, needs: k + 1, remedy })
}
