//! How imbalanced a set of labels is: IRLbl, ImR, MeanIR, CVIR and SCUMBLE.
//!
//! Multi-label resamplers use these values to choose the labels to resample, and data sets are
//! described by them.
//!
//! Charte, Rivera, del Jesus and Herrera, "Addressing imbalance in multilabel classification",
//! Neurocomputing 163 (2015), doi:10.1016/j.neucom.2014.08.091; SCUMBLE: Charte et al.,
//! "Dealing with difficult minority labels in imbalanced mutilabel data sets", Neurocomputing
//! 326–327 (2019), doi:10.1016/j.neucom.2016.08.158.

use ndarray::ArrayView1;

use crate::LabelMatrix;

/// Imbalance of each label and of the label set as a whole.
///
/// A label without a positive row has no finite ratio and is left out of every mean.
///
/// ```
/// use imb_core::{LabelImbalance, LabelMatrix};
/// use ndarray::array;
///
/// let on = array![[true, true], [true, false], [true, false], [false, false]];
/// let labels = LabelMatrix::new(on, vec!["sea".into(), "sunset".into()])?;
/// let imbalance = LabelImbalance::of(&labels);
/// assert_eq!(imbalance.ir_lbl, [1.0, 3.0]);
/// assert_eq!(imbalance.mean_ir, 2.0);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LabelImbalance {
    /// IRLbl: positives of the most frequent label over positives of this one, `(n_labels)`.
    pub ir_lbl: Vec<f64>,
    /// ImR: rows of the label's larger side (positive or negative) over those of the smaller, `(n_labels)`.
    pub im_r: Vec<f64>,
    /// MeanIR: mean IRLbl of the labels with a positive row.
    pub mean_ir: f64,
    /// CVIR: sample standard deviation (n − 1) of those IRLbl over their mean; NaN for fewer than two of them.
    pub cvir: f64,
}

impl LabelImbalance {
    /// Measures a label matrix. Without any positive, the means are NaN.
    pub fn of(labels: &LabelMatrix) -> Self {
        let positives = labels.positives();
        let most = positives.iter().copied().max().unwrap_or(0) as f64;
        let n_rows = labels.view().nrows();
        let ir_lbl: Vec<f64> = positives.iter().map(|&count| most / count as f64).collect();
        let im_r = positives.iter().map(|&count| {
            let (on, off) = (count as f64, (n_rows - count) as f64);
            on.max(off) / on.min(off)
        });
        let finite: Vec<f64> = ir_lbl.iter().copied().filter(|ratio| ratio.is_finite()).collect();
        let n = finite.len() as f64;
        let mean_ir = finite.iter().sum::<f64>() / n;
        let squares: f64 = finite.iter().map(|ratio| (ratio - mean_ir).powi(2)).sum();
        let cvir = (squares / (n - 1.0)).sqrt() / mean_ir;
        Self { im_r: im_r.collect(), mean_ir, cvir, ir_lbl }
    }

    /// Rows with a minority label, ascending: one whose IRLbl is above MeanIR and, where a bound is given, whose
    /// ImR is above it.
    pub fn minority_rows(&self, labels: &LabelMatrix, im_r_above: Option<f64>) -> Vec<usize> {
        let is_minority = |label: usize| {
            let ratio = self.ir_lbl[label];
            ratio.is_finite()
                && ratio > self.mean_ir
                && im_r_above.is_none_or(|bound| self.im_r[label] > bound)
        };
        let minority: Vec<bool> = (0..labels.n_labels()).map(is_minority).collect();
        let has_one = |row: ArrayView1<'_, bool>| row.iter().zip(&minority).any(|(on, rare)| *on && *rare);
        let rows = labels.view();
        let rows = rows.rows().into_iter().enumerate();
        rows.filter(|(_, row)| has_one(*row)).map(|(row, _)| row).collect()
    }

    /// SCUMBLE of one row, from 0 to 1: high where frequent and rare labels occur together.
    ///
    /// It is one minus the ratio of the geometric to the arithmetic mean of the IRLbl of the row's labels;
    /// 0 for a row without labels.
    pub fn scumble_of(&self, row: ArrayView1<'_, bool>) -> f64 {
        let ratios: Vec<f64> =
            row.iter().zip(&self.ir_lbl).filter(|(on, _)| **on).map(|(_, ratio)| *ratio).collect();
        if ratios.is_empty() {
            return 0.0;
        }
        let n = ratios.len() as f64;
        let geometric = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / n).exp();
        let arithmetic = ratios.iter().sum::<f64>() / n;
        1.0 - geometric / arithmetic
    }

    /// Mean SCUMBLE over all rows.
    pub fn scumble(&self, labels: &LabelMatrix) -> f64 {
        let rows = labels.view();
        let total: f64 = rows.rows().into_iter().map(|row| self.scumble_of(row)).sum();
        total / rows.nrows() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// M8: labels in another order have their ratios in that order; means and rows stay, up to the order of adding.
    #[test]
    fn permuted_labels_have_permuted_measures() {
        let on = array![
            [true, true, true, false],
            [true, true, false, false],
            [true, false, false, false],
            [true, false, true, false],
            [false, true, false, false],
            [true, false, false, true]
        ];
        let names = |order: [&str; 4]| order.map(String::from).to_vec();
        let given = LabelMatrix::new(on.clone(), names(["a", "b", "c", "d"])).expect("valid");
        let order = [2, 0, 3, 1];
        let permuted = on.select(ndarray::Axis(1), &order);
        let permuted = LabelMatrix::new(permuted, names(["c", "a", "d", "b"])).expect("valid");
        let [before, after] = [&given, &permuted].map(LabelImbalance::of);
        for (place, label) in order.into_iter().enumerate() {
            assert_eq!(after.ir_lbl[place], before.ir_lbl[label]);
            assert_eq!(after.im_r[place], before.im_r[label]);
        }
        for (after, before) in [
            (after.mean_ir, before.mean_ir),
            (after.cvir, before.cvir),
            (after.scumble(&permuted), before.scumble(&given)),
        ] {
            assert!((after - before).abs() < 1e-14, "{after}, {before}");
        }
        for bound in [None, Some(4.0)] {
            assert_eq!(after.minority_rows(&permuted, bound), before.minority_rows(&given, bound));
        }
        assert_eq!(before.minority_rows(&given, None), [5], "d alone is above the mean");
    }

    /// M9: four rows, labels with 4, 2, 1 and 0 positives, worked by hand.
    #[test]
    fn ratios_by_hand() {
        let on = array![
            [true, true, true, false],
            [true, true, false, false],
            [true, false, false, false],
            [true, false, false, false]
        ];
        let names = ["a", "b", "c", "d"].map(String::from).into();
        let labels = LabelMatrix::new(on, names).expect("valid");
        let imbalance = LabelImbalance::of(&labels);
        assert_eq!(imbalance.ir_lbl, [1.0, 2.0, 4.0, f64::INFINITY]);
        assert_eq!(imbalance.im_r, [f64::INFINITY, 1.0, 3.0, f64::INFINITY]);
        let mean = 7.0 / 3.0;
        assert!((imbalance.mean_ir - mean).abs() < 1e-15);
        let variance = ((1.0 - mean).powi(2) + (2.0 - mean).powi(2) + (4.0 - mean).powi(2)) / 2.0;
        assert_eq!(imbalance.minority_rows(&labels, None), [0], "the third label alone");
        assert_eq!(imbalance.minority_rows(&labels, Some(3.0)), [0; 0], "its ImR is 3");
        assert!((imbalance.cvir - variance.sqrt() / mean).abs() < 1e-15);
        let first = 1.0 - 2.0 / mean;
        let second = 1.0 - 2f64.sqrt() / 1.5;
        assert!((imbalance.scumble(&labels) - (first + second) / 4.0).abs() < 1e-15);
    }
}
