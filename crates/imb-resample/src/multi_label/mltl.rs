//! MLTL: rows whose nearest neighbour has very different labels are removed.
//!
//! Only rows with a frequent label are looked at. Where such a row and its nearest neighbour have few labels
//! in common, they form a multi-label Tomek link, and the row goes: it stands on a border or is noise.
//!
//! Steps, with the paper's names: *majority bags* are the rows of labels with IRLbl < MeanIR; for each of
//! their rows the nearest neighbour in the whole set is found; the difference of the two label sets is the
//! number of labels that one has over the number that any has (Jaccard); rows with a difference above the
//! threshold TH are removed together in the end. TH follows the imbalance: 1/√MeanIR above 0.5 gives 0.5,
//! above 0.3 gives 0.3, else 0.15; but SCUMBLE above 0.3 gives 0.5. In `cleaning` mode all rows are looked
//! at.
//!
//! The link need not be mutual, unlike Tomek's. Of several nearest rows the first counts. Two rows without
//! labels do not differ. Distances are those of Weka: numbers scaled by their range, two categories 1 apart.
//!
//! [`Mltl::as_released`] is the author's imb-mulan aa8ab11. There the labels are in the distance too, so that
//! neighbours tend to agree and little is removed: with labels 34 of the 2,417 rows of yeast, without 1,789. And a
//! row without labels makes SCUMBLE not a number there, so that its rule never fires. mldr.resampling calls
//! its MLeNN with one neighbour, which divides the symmetric difference by the sum of both sizes and takes TH
//! from the user. `k_neighbors` above 1 is that edited-neighbour rule: a row goes if at least half of them
//! differ.
//!
//! Pereira, Costa and Silla, "MLTL: a multi-label approach for the Tomek Link undersampling algorithm",
//! Neurocomputing 383 (2020), doi:10.1016/j.neucom.2019.11.076.

use imb_core::{
    Dataset, Error, LabelImbalance, LabelMatrix, Resample, Resampled, Result, Run, Target, Train,
};
use imb_neighbors::{Algorithm, Index};
use ndarray::{Array2, ArrayView1, Axis};
use serde::{Deserialize, Serialize};

use crate::grow::nearest_others;
use crate::multi_label::bags::{has_label, imbalance, require_neighbors};
use crate::multi_label::report::Report;
use crate::multi_label::space::{range_scaled, with_labels};

/// Removes rows of frequent labels that contradict their nearest neighbour.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::Mltl;
/// use ndarray::array;
///
/// let y = array![[true, false], [true, false], [true, false], [false, true]];
/// let y = LabelMatrix::new(y, vec!["often".into(), "rare".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let resampled = Mltl::default().resample(&train, &mut run)?;
/// assert_eq!(resampled.kept, [0, 1, 3], "row 2 lies next to row 3, which has the rare label");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlRus`](crate::MlRus), which removes rows of frequent labels at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mltl {
    /// The difference of labels above which a row is removed.
    pub threshold: Threshold,
    /// Whether the distance spans the labels too.
    pub labels_in_distance: bool,
    /// How many neighbours are compared, at least 1; a row goes if at least half of them differ.
    pub k_neighbors: usize,
    /// Whether all rows are looked at, not only those of frequent labels.
    pub cleaning: bool,
    /// Whether rows without labels have a SCUMBLE of 0; otherwise one such row makes that of the data not a
    /// number.
    pub scumble_of_empty_rows: bool,
}

/// The difference of labels above which a row goes, from 0 (equal) to 1 (none in common).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// The paper's rule, from MeanIR and SCUMBLE.
    #[default]
    Auto,
    /// This one.
    Above(f64),
}

impl Default for Mltl {
    /// The paper's rule for the threshold; unlike in its author's code, the distance does not span the labels.
    fn default() -> Self {
        Self {
            threshold: Threshold::Auto,
            labels_in_distance: false,
            k_neighbors: 1,
            cleaning: false,
            scumble_of_empty_rows: true,
        }
    }
}

impl Resample<LabelMatrix> for Mltl {
    /// In the delivery report, `delivered` are the positive rows that a label loses; none are asked for.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        _run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let rows = &train.rows;
        let imbalance = imbalance("mltl", rows.y())?;
        let checked = self.checked_rows(rows.y(), &imbalance);
        let mut removed = vec![false; rows.n_rows()];
        let threshold = self.threshold(rows.y(), &imbalance)?;
        for (&row, neighbors) in checked.iter().zip(self.nearest(rows, &checked)?.rows()) {
            removed[row] = self.is_link(rows.y(), row, neighbors, threshold);
        }
        let kept: Vec<usize> = (0..rows.n_rows()).filter(|row| !removed[*row]).collect();
        if kept.is_empty() {
            return Err(Error::NotApplicable {
                method: "mltl".into(),
                reason: format!(
                    "each row differs from its neighbour by more than {threshold}: raise the threshold"
                ),
            });
        }
        let mut resampled = Resampled::kept_only(rows, kept, Vec::new());
        let (mut report, after) = (Report::new(rows.y()), resampled.kept_targets.positives());
        let lost: Vec<usize> =
            report.before().iter().zip(&after).map(|(before, after)| before - after).collect();
        lost.into_iter().enumerate().for_each(|(label, lost)| report.count(label, 0, lost));
        resampled.delivery = report.finish(&after);
        Ok(resampled)
    }
}

impl Mltl {
    /// As the author's imb-mulan aa8ab11 does it.
    pub fn as_released() -> Self {
        Self { labels_in_distance: true, scumble_of_empty_rows: false, ..Self::default() }
    }

    /// The members of the majority bags, or all rows.
    fn checked_rows(&self, labels: &LabelMatrix, imbalance: &LabelImbalance) -> Vec<usize> {
        let is_frequent = |label: usize| imbalance.ir_lbl[label] < imbalance.mean_ir;
        let frequent = |row: &usize| has_label(labels, *row, is_frequent);
        (0..labels.n_rows()).filter(|row| self.cleaning || frequent(row)).collect()
    }

    /// The paper's TH.
    fn threshold(&self, labels: &LabelMatrix, imbalance: &LabelImbalance) -> Result<f64> {
        if let Threshold::Above(threshold) = self.threshold {
            return if (0.0..=1.0).contains(&threshold) {
                Ok(threshold)
            } else {
                Err(Error::invalid_parameter("threshold", "from 0 to 1", threshold))
            };
        }
        let has_labels = |row: ArrayView1<'_, bool>| row.iter().any(|on| *on);
        let is_number = self.scumble_of_empty_rows || labels.view().rows().into_iter().all(has_labels);
        if is_number && imbalance.scumble(labels) > 0.3 {
            return Ok(0.5);
        }
        Ok(match 1.0 / imbalance.mean_ir.sqrt() {
            even if even > 0.5 => 0.5,
            even if even > 0.3 => 0.3,
            _ => 0.15,
        })
    }

    /// The neighbours of some rows in the whole set, `(rows, k)`, nearest first.
    fn nearest(&self, rows: &Dataset<LabelMatrix>, checked: &[usize]) -> Result<Array2<usize>> {
        require_neighbors("k_neighbors", self.k_neighbors, rows.n_rows())?;
        let mut points = range_scaled(rows.features(), rows.x());
        if self.labels_in_distance {
            points = with_labels(&points, rows.y().view());
        }
        let index = Index::new(points.view(), Algorithm::Auto)?;
        if checked.len() * 2 > rows.n_rows() {
            // Searching all rows at once compares each pair once.
            return Ok(index.k_nearest_within(self.k_neighbors)?.indices.select(Axis(0), checked));
        }
        nearest_others(&index, points.select(Axis(0), checked).view(), checked, self.k_neighbors)
    }

    /// Whether at least half of the neighbours differ by more than the threshold.
    fn is_link(
        &self,
        labels: &LabelMatrix,
        row: usize,
        neighbors: ArrayView1<'_, usize>,
        threshold: f64,
    ) -> bool {
        let differs = |other: &&usize| jaccard_distance(labels, row, **other) > threshold;
        2 * neighbors.iter().filter(differs).count() >= neighbors.len()
    }
}

/// Labels of one of two rows over labels of any; 0 if none has any.
fn jaccard_distance(labels: &LabelMatrix, a: usize, b: usize) -> f64 {
    let (mut either, mut one) = (0_u32, 0_u32);
    for (a, b) in labels.view().row(a).iter().zip(labels.view().row(b)) {
        either += u32::from(a | b);
        one += u32::from(a ^ b);
    }
    if either == 0 { 0.0 } else { f64::from(one) / f64::from(either) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::{
        assert_close, label_rows, labels, numbers, points, references, resample,
    };

    /// Threshold, nearest rows, differences and removed rows of the author's code, with and without labels in
    /// the distance, and in both modes.
    #[test]
    fn removed_rows_equal_those_of_the_authors_code() {
        for reference in references("mltl") {
            let rows = &reference.rows;
            let imbalance = LabelImbalance::of(rows.y());
            if reference.is("threshold") {
                let threshold = Mltl::as_released().threshold(rows.y(), &imbalance);
                assert_eq!(threshold.expect("auto"), reference.number("TH"), "{}", reference.name);
                continue;
            }
            let flag = |key: &str| reference[key].as_bool().expect("a flag");
            let method = Mltl {
                labels_in_distance: flag("labels_in_distance"),
                cleaning: flag("cleaning_mode"),
                ..Mltl::as_released()
            };
            let checked = method.checked_rows(rows.y(), &imbalance);
            if reference["checked_rows"] != "all" {
                assert_eq!(checked, numbers(&reference["checked_rows"]), "{}", reference.name);
            }
            let nearest = method.nearest(rows, &checked).expect("valid").column(0).to_vec();
            assert_eq!(nearest, numbers(&reference["nearest"]), "{}", reference.name);
            let jaccard = checked.iter().zip(&nearest);
            let jaccard: Vec<f64> =
                jaccard.map(|(row, nearest)| jaccard_distance(rows.y(), *row, *nearest)).collect();
            // Of two rows without labels the code makes 0/0; ours do not differ, and both programs keep them.
            let recorded = reference["jaccard"].as_array().expect("a list");
            let recorded: Vec<f64> = recorded.iter().map(|value| value.as_f64().unwrap_or(0.0)).collect();
            assert_close(&jaccard, &recorded, 1e-9, &reference.name);
            let kept = resample(&method, rows, 1).expect("valid").kept;
            let removed: Vec<usize> = (0..rows.n_rows()).filter(|row| !kept.contains(row)).collect();
            assert_eq!(removed, numbers(&reference["removed"]), "{}", reference.name);
        }
    }

    /// M6: labels a, b, c have 4, 2 and 1 positive rows: IRLbl 1, 2, 4, MeanIR 7/3, so a and b are frequent and
    /// 1/√(7/3) = 0.65 gives the threshold 0.5. On a line:
    ///
    /// row 0 at 0 "100", nearest 1: 0/1, stays
    /// row 1 at 1 "100", nearest 0: stays
    /// row 2 at 4 "110", nearest 3 "100": 1/2 is not above 0.5, stays
    /// row 3 at 4.5 "100", nearest 2: stays
    /// row 4 at 8 "010", nearest 5 "001": 2/2, goes
    /// row 5 at 8.5 "001" is not looked at
    #[test]
    fn links_by_hand() {
        let data = points(&[0.0, 1.0, 4.0, 4.5, 8.0, 8.5], &["100", "100", "110", "100", "010", "001"]);
        let resampled = resample(&Mltl::default(), &data, 1).expect("valid");
        assert_eq!(resampled.kept, [0, 1, 2, 3, 5]);
        assert_eq!(resampled.delivery.len(), 1);
        assert_eq!((resampled.delivery[0].name.as_str(), resampled.delivery[0].delivered), ("b", 1));
        let cleaning = Mltl { cleaning: true, ..Mltl::default() };
        assert_eq!(resample(&cleaning, &data, 1).expect("valid").kept, [0, 1, 2, 3]);
        let strict = Mltl { threshold: Threshold::Above(0.4), ..Mltl::default() };
        assert_eq!(resample(&strict, &data, 1).expect("valid").kept, [0, 1, 5]);
    }

    #[test]
    fn two_rows_without_labels_do_not_differ() {
        let data = points(&[0.0, 1.0, 5.0, 6.0], &["00", "00", "10", "01"]);
        let method = Mltl { cleaning: true, threshold: Threshold::Above(0.0), ..Mltl::default() };
        assert_eq!(resample(&method, &data, 1).expect("valid").kept, [0, 1]);
    }

    /// 16 rows have a and one other label each, which no other row has: IRLbl 1 and 16, MeanIR 257/17,
    /// 1/√15.1 = 0.26. SCUMBLE of each row is 1 − √16 / 8.5 = 0.53. A row without labels more leaves 0.50.
    #[test]
    fn one_row_without_labels_silences_scumble_in_the_released_code() {
        let mut rows: Vec<String> = (0..16).map(|row| format!("1{:016b}", 1 << row)).collect();
        let threshold = |method: Mltl, rows: &[String]| {
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let labels = labels(&rows);
            method.threshold(&labels, &LabelImbalance::of(&labels)).expect("auto")
        };
        assert_eq!(threshold(Mltl::default(), &rows), 0.5);
        assert_eq!(threshold(Mltl::as_released(), &rows), 0.5);
        rows.push("0".repeat(17));
        assert_eq!(threshold(Mltl::default(), &rows), 0.5);
        assert_eq!(threshold(Mltl::as_released(), &rows), 0.15);
    }

    #[test]
    fn equal_counts_change_nothing() {
        let data = label_rows(&["10", "01", "10", "01"]);
        let resampled = resample(&Mltl::default(), &data, 1).expect("valid");
        assert_eq!((resampled.kept.len(), resampled.delivery.len()), (4, 0));
    }

    #[test]
    fn one_row_has_no_neighbour() {
        let error = resample(&Mltl::default(), &label_rows(&["10"]), 1).expect_err("alone").to_string();
        assert!(error.contains("more rows"), "{error}");
    }
}
