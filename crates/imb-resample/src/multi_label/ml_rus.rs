//! ML-RUS: rows of frequent labels are removed.
//!
//! Every label that is more frequent than the mean loses rows, drawn with equal chance. A row that goes takes
//! all of its labels along, rare ones too, unless those rows are protected.
//!
//! Steps, with the paper's names: MeanIR and IRLbl are measured; the rows of each label with IRLbl < MeanIR
//! are its *maxBag*; the labels take turns, each deletes a row of its bag; a label whose IRLbl has come up to
//! MeanIR is excluded; the end is at `sampling_rate` × rows deletions.
//!
//! What the paper leaves open is decided as in [`MlRos`](crate::MlRos): MeanIR and the largest count are
//! those of the data as given (with the present count the most frequent label could never be excluded). mulan
//! checks a label before its turn ([`Retirement`]). Neither protects rows with rare labels. mldr.resampling
//! does something else: it deletes uniformly among the rows without any rare label; `protect_rare` with
//! [`Retirement::Never`] comes close to it, with turns. The default share of 0.3 is that of the experiments
//! of mulan's samplers.
//!
//! Charte, Rivera, del Jesus and Herrera, "Addressing imbalance in multilabel classification: measures and
//! random resampling algorithms", Neurocomputing 163 (2015), doi:10.1016/j.neucom.2014.08.091.

use imb_core::{Error, LabelImbalance, LabelMatrix, Resample, Resampled, Result, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::multi_label::bags::{bags, has_label, imbalance, rows_in};
use crate::multi_label::report::Report;
use crate::multi_label::turns::{Direction, Picks, Retirement, Turns};

/// Removes rows of frequent labels.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::MlRus;
/// use ndarray::{Array2, array};
///
/// let y = array![[false, true], [true, false], [true, false], [true, false]];
/// let y = LabelMatrix::new(y, vec!["often".into(), "rare".into()])?;
/// let rows = Dataset::unnamed(Array2::from_shape_fn((4, 1), |(row, _)| row as f64), y)?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let resampled = MlRus { sampling_rate: 0.5, ..MlRus::default() }.resample(&train, &mut run)?;
/// assert_eq!(resampled.kept_targets.positives(), [1, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlRos`](crate::MlRos), which copies rows of rare labels, and [`Mltl`](crate::Mltl), which
/// removes rows that contradict their neighbour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlRus {
    /// The most rows to remove, as a share of the rows, above 0 and below 1. The paper's P.
    pub sampling_rate: f64,
    /// When a label loses no more rows.
    pub retirement: Retirement,
    /// Whether rows with a label of IRLbl above MeanIR stay.
    pub protect_rare: bool,
}

impl Default for MlRus {
    /// 30 % of the rows; a label leaves after its pick, as in the paper.
    fn default() -> Self {
        Self { sampling_rate: 0.3, retirement: Retirement::AfterPick, protect_rare: false }
    }
}

impl MlRus {
    /// As mulan 43f6389 does it.
    pub fn as_released() -> Self {
        Self { retirement: Retirement::BeforePick, ..Self::default() }
    }

    /// The rows to remove, given how a label chooses one of its rows.
    pub(crate) fn picks(
        &self,
        labels: &LabelMatrix,
        imbalance: &LabelImbalance,
        pick: impl FnMut(usize) -> Option<usize>,
    ) -> Result<(Report, Picks)> {
        let budget = self.budget(labels.n_rows())?;
        let turns = Turns::new(labels, imbalance, Direction::Lose, self.retirement);
        let (mut report, picks) = turns.take(budget, pick);
        let why = if self.protect_rare {
            "its other rows have rare labels and are protected, or went for other labels"
        } else {
            "it has no row left"
        };
        picks.exhausted.iter().for_each(|label| report.remark(*label, why));
        Ok((report, picks))
    }

    fn budget(&self, n_rows: usize) -> Result<usize> {
        let budget = rows_in(self.sampling_rate, n_rows)?;
        if budget < n_rows {
            return Ok(budget);
        }
        Err(Error::invalid_parameter("sampling_rate", "below 1, so that a row remains", self.sampling_rate))
    }

    /// The rows that may go, by label.
    fn removable(&self, labels: &LabelMatrix, imbalance: &LabelImbalance) -> Vec<Vec<usize>> {
        let mut bags = bags(labels);
        if self.protect_rare {
            let is_rare = |label: usize| imbalance.ir_lbl[label] > imbalance.mean_ir;
            let protects = |row: &usize| has_label(labels, *row, is_rare);
            bags.iter_mut().for_each(|bag| bag.retain(|row| !protects(row)));
        }
        bags
    }
}

impl Resample<LabelMatrix> for MlRus {
    /// In the delivery report, `asked` is the number of rows that a label alone would have to lose to reach
    /// MeanIR, and `delivered` the number removed in its turns.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let labels = train.rows.y();
        let imbalance = imbalance("ml_rus", labels)?;
        let mut bags = self.removable(labels, &imbalance);
        let mut removed = vec![false; labels.n_rows()];
        let (report, _) = self.picks(labels, &imbalance, |label| {
            let bag = &mut bags[label];
            bag.retain(|row| !removed[*row]);
            let row = (!bag.is_empty()).then(|| bag[run.rng.random_range(0..bag.len())])?;
            removed[row] = true;
            Some(row)
        })?;
        let kept = (0..labels.n_rows()).filter(|row| !removed[*row]).collect();
        let mut resampled = Resampled::kept_only(&train.rows, kept, Vec::new());
        resampled.delivery = report.finish(&resampled.kept_targets.positives());
        Ok(resampled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::{JavaRandom, label_rows, numbers, pairs, references, resample};

    /// The picks of mulan, from its own random integers: it draws again where a row is gone already.
    #[test]
    fn picks_equal_those_of_mulan() {
        for reference in references("mulan-samplers").filter(|line| line.is("mlrus")) {
            let labels = reference.rows.y();
            let imbalance = LabelImbalance::of(labels);
            let (mut bags, mut random) = (bags(labels), JavaRandom::new(1));
            let mut removed = vec![false; labels.n_rows()];
            let method = MlRus { sampling_rate: reference.number("P"), ..MlRus::as_released() };
            let picked = method.picks(labels, &imbalance, |label| {
                loop {
                    let row = random.pick(&bags[label]);
                    bags[label].retain(|other| *other != row);
                    if !std::mem::replace(&mut removed[row], true) {
                        return Some(row);
                    }
                }
            });
            let (_, picks) = picked.expect("valid");
            let expected: Vec<(usize, usize)> =
                numbers(&reference["pick_label"]).into_iter().zip(numbers(&reference["pick_row"])).collect();
            assert_eq!(picks.picked, expected, "{}", reference.name);
            assert_eq!(picks.retired, pairs(&reference["retired_label_after_picks"]), "{}", reference.name);
        }
    }

    /// Labels a, b, c have 6, 1 and 1 positive rows: IRLbl 1, 6, 6 and MeanIR 13/3. a loses rows until 6 over
    /// its count is at least 13/3, which is at one row.
    #[test]
    fn a_label_is_excluded_once_it_has_reached_the_mean() {
        let data = label_rows(&["100", "100", "100", "100", "100", "100", "010", "001"]);
        let left = |method: MlRus| resample(&method, &data, 1).expect("valid").kept_targets.positives();
        let most = MlRus { sampling_rate: 0.9, ..MlRus::default() };
        assert_eq!(left(MlRus { retirement: Retirement::BeforePick, ..most }), [1, 1, 1]);
        assert_eq!(left(most), [1, 1, 1]);
        let quarter = MlRus { sampling_rate: 0.25, ..MlRus::default() };
        assert_eq!(left(quarter), [4, 1, 1], "a quarter of eight rows is two");
    }

    /// a has four rows, of which one also has the rare c.
    #[test]
    fn rows_with_rare_labels_can_be_protected() {
        let data = label_rows(&["101", "100", "100", "100", "010", "010", "010", "010"]);
        let method = MlRus { sampling_rate: 0.9, retirement: Retirement::Never, protect_rare: true };
        let resampled = resample(&method, &data, 1).expect("valid");
        assert_eq!(resampled.kept, [0]);
        let remark = resampled.delivery[0].remark.as_deref().expect("why");
        assert!(remark.contains("protected"), "{remark}");
        let unprotected = MlRus { protect_rare: false, ..method };
        assert_eq!(resample(&unprotected, &data, 1).expect("valid").kept.len(), 1);
    }

    /// a and b share their three rows, and the budget is four.
    #[test]
    fn a_label_without_rows_is_not_said_to_be_protected() {
        let data = label_rows(&["110", "110", "110", "001", "001"]);
        let method = MlRus { sampling_rate: 0.9, retirement: Retirement::Never, protect_rare: false };
        let resampled = resample(&method, &data, 1).expect("valid");
        let remarks: Vec<&str> =
            resampled.delivery.iter().filter_map(|report| report.remark.as_deref()).collect();
        assert!(remarks.iter().any(|remark| remark.contains("no row left")), "{remarks:?}");
        assert!(!remarks.iter().any(|remark| remark.contains("protected")), "{remarks:?}");
    }

    #[test]
    fn a_row_must_remain() {
        let all = MlRus { sampling_rate: 1.0, ..MlRus::default() };
        let error = resample(&all, &label_rows(&["10", "01"]), 1).expect_err("no row left");
        assert!(error.to_string().contains("below 1"), "{error}");
    }
}
