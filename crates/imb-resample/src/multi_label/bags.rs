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

/// What a sampler that is interrupted returns.
pub(crate) fn interrupted(stage: &str) -> Error {
    Error::Interrupted { stage: stage.into(), kept: "no rows are kept".into() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::{Reference, assert_close, labels, reals, references};

    /// M8: labels in another order have their bags in that order, and the rows of rare labels stay the same.
    #[test]
    fn permuted_labels_have_permuted_bags() {
        let rows = ["1100", "1000", "1010", "1001", "1000", "1100", "1000"];
        let reversed: Vec<String> = rows.iter().map(|row| row.chars().rev().collect()).collect();
        let reversed = labels(&reversed.iter().map(String::as_str).collect::<Vec<_>>());
        let given = labels(&rows);
        let mut found = bags(&reversed);
        found.reverse();
        assert_eq!(found, bags(&given));
        let rare = |labels: &LabelMatrix| LabelImbalance::of(labels).minority_rows(labels, None);
        assert_eq!(rare(&reversed), rare(&given));
        assert_eq!(rare(&given), [2, 3], "IRLbl 1, 3.5, 7, 7 and MeanIR 4.6");
    }

    /// M9: all measures that were recorded of mulan, and those of the author of MLTL. SCUMBLE is not a number there
    /// where a row has no labels.
    #[test]
    fn measures_equal_those_of_other_programs() {
        let (mut compared, mut scumbles) = (0, 0);
        let programs = ["mulan-samplers", "mulan-mlsol", "mltl"];
        let of_measures = |line: &Reference| line.is("measures") || line.is("threshold");
        for line in programs.into_iter().flat_map(references).filter(of_measures) {
            let (labels, name) = (line.rows.y(), &line.name);
            let ours = LabelImbalance::of(labels);
            assert_close(&ours.ir_lbl, &reals(&line["IRLbl"]), 1e-12, name);
            assert_close(&[ours.mean_ir], &[line.number("MeanIR")], 1e-12, name);
            if !line["ImR"].is_null() {
                assert_close(&ours.im_r, &reals(&line["ImR"]), 1e-12, name);
                assert_close(&[ours.cvir], &[line.number("CVIR")], 1e-12, name);
            }
            if let Some(scumble) = line["SCUMBLE"].as_f64() {
                assert_close(&[ours.scumble(labels)], &[scumble], 1e-9, name);
                scumbles += 1;
            }
            compared += 1;
        }
        assert!(compared >= 5 && scumbles >= 4, "{compared} lines, {scumbles} with SCUMBLE");
    }
}
