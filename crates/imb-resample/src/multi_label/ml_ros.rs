//! ML-ROS: rows of rare labels are copied.
//!
//! Every label that is rarer than the mean gets copies of its rows, drawn with equal chance. A copied row
//! brings all of its labels along, frequent ones too, so the imbalance falls less than the number of copies
//! suggests. No new information is made, and none is lost.
//!
//! Steps, with the paper's names: MeanIR and IRLbl are measured; the rows of each label with IRLbl > MeanIR
//! are its *minBag*; the labels take turns, each clones a row of its bag; a label whose IRLbl has come down
//! to MeanIR is excluded; the end is at `sampling_rate` × rows clones.
//!
//! The paper computes MeanIR once and IRLbl anew after each clone; it does not say against which largest
//! count. Here it is that of the data as given, as in mulan. mulan checks a label before its turn, imb-mulan
//! lets MeanIR move, mldr.resampling never excludes a label (its line that would is never reached): see
//! [`Retirement`]. mldr.resampling also finishes its last round, so it may exceed the budget; here no method
//! does. Authors use shares of 0.1 to 0.9; the default of 0.3 is that of the experiments of mulan's samplers.
//!
//! Charte, Rivera, del Jesus and Herrera, "Addressing imbalance in multilabel classification: measures and
//! random resampling algorithms", Neurocomputing 163 (2015), doi:10.1016/j.neucom.2014.08.091.

use imb_core::{LabelImbalance, LabelMatrix, Resample, Resampled, Result, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::memory::require_memory;
use crate::multi_label::bags::{bags, imbalance, rows_in};
use crate::multi_label::report::Report;
use crate::multi_label::turns::{Direction, Picks, Retirement, Turns};

/// Copies rows of rare labels.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::MlRos;
/// use ndarray::{Array2, array};
///
/// let y = array![[true, true], [true, false], [true, false], [true, false]];
/// let y = LabelMatrix::new(y, vec!["often".into(), "rare".into()])?;
/// let rows = Dataset::unnamed(Array2::from_shape_fn((4, 1), |(row, _)| row as f64), y)?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let resampled = MlRos { sampling_rate: 0.5, ..MlRos::default() }.resample(&train, &mut run)?;
/// // One copy of row 0 brings the rare label's IRLbl from 4 to 2, below the MeanIR of 2.5.
/// assert_eq!(resampled.kept, [0, 1, 2, 3, 0]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlRus`](crate::MlRus), which removes rows of frequent labels, and
/// [`Mlsmote`](crate::Mlsmote), which makes new rows instead of copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlRos {
    /// The most copies, as a share of the rows, above 0. The paper's P.
    pub sampling_rate: f64,
    /// When a label gets no more copies.
    pub retirement: Retirement,
}

impl Default for MlRos {
    /// 30 % of the rows; a label leaves after its pick, as in the paper.
    fn default() -> Self {
        Self { sampling_rate: 0.3, retirement: Retirement::AfterPick }
    }
}

impl MlRos {
    /// As mulan 43f6389 does it.
    pub fn as_released() -> Self {
        Self { retirement: Retirement::BeforePick, ..Self::default() }
    }

    /// The copies, given how a label chooses one of its rows.
    pub(crate) fn picks(
        &self,
        labels: &LabelMatrix,
        imbalance: &LabelImbalance,
        pick: impl FnMut(usize) -> Option<usize>,
    ) -> Result<(Report, Picks)> {
        let budget = rows_in(self.sampling_rate, labels.n_rows())?;
        Ok(Turns::new(labels, imbalance, Direction::Gain, self.retirement).take(budget, pick))
    }
}

impl Resample<LabelMatrix> for MlRos {
    /// In the delivery report, `asked` are the rows that a label lacks to reach MeanIR alone, and `delivered`
    /// the copies made in its turns.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let labels = train.rows.y();
        let imbalance = imbalance("ml_ros", labels)?;
        if self.retirement.may_spend_any_budget() {
            require_memory(
                "sampling_rate",
                rows_in(self.sampling_rate, labels.n_rows())?,
                train.rows.n_features(),
            )?;
        }
        let bags = bags(labels);
        let (report, picks) = self.picks(labels, &imbalance, |label| {
            Some(bags[label][run.rng.random_range(0..bags[label].len())])
        })?;
        let mut kept: Vec<usize> = (0..labels.n_rows()).collect();
        kept.extend(picks.picked.iter().map(|(_, row)| row));
        let mut resampled = Resampled::kept_only(&train.rows, kept, Vec::new());
        resampled.delivery = report.finish(&resampled.kept_targets.positives());
        Ok(resampled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::{
        JavaRandom, label_rows, numbers, pairs, references, resample, written,
    };
    use imb_core::Seed;
    use ndarray::Array2;

    /// The picks of mulan, from its own random integers.
    #[test]
    fn picks_equal_those_of_mulan() {
        for reference in references("mulan-samplers").filter(|line| line.is("mlros")) {
            let labels = reference.rows.y();
            let (bags, imbalance) = (bags(labels), LabelImbalance::of(labels));
            let mut random = JavaRandom::new(1);
            let method = MlRos { sampling_rate: reference.number("P"), ..MlRos::as_released() };
            let picked = method.picks(labels, &imbalance, |label| Some(random.pick(&bags[label])));
            let (_, picks) = picked.expect("valid");
            let expected: Vec<(usize, usize)> =
                numbers(&reference["pick_label"]).into_iter().zip(numbers(&reference["pick_row"])).collect();
            assert_eq!(picks.picked, expected, "{}", reference.name);
            assert_eq!(picks.retired, pairs(&reference["retired_label_after_picks"]), "{}", reference.name);
        }
    }

    /// Labels a to d have 8, 4, 1 and 0 positive rows: IRLbl 1, 2, 8, so MeanIR is 11/3 and only c is rare.
    /// Its IRLbl is 8/2 after one clone and 8/3 after two, which is below 11/3.
    #[test]
    fn a_label_is_excluded_once_it_has_reached_the_mean() {
        let rows = ["1110", "1100", "1100", "1100", "1000", "1000", "1000", "1000"];
        let method = MlRos { sampling_rate: 1.0, ..MlRos::default() };
        let resampled = resample(&method, &label_rows(&rows), 1).expect("valid");
        assert_eq!(resampled.kept[8..], [0, 0], "row 0 alone has the label");
        let names: Vec<&str> = resampled.delivery.iter().map(|report| report.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!((resampled.delivery[2].asked, resampled.delivery[2].delivered), (2, 2));
        let remark = resampled.delivery[3].remark.as_deref().expect("why");
        assert!(remark.contains("no positive row"), "{remark}");
    }

    /// Positives 6, 1, 1: IRLbl 1, 6, 6 and MeanIR 13/3. One clone of "111" for b brings b and c to 6/2 = 3.
    #[test]
    fn the_rules_of_the_other_programs_differ_where_labels_share_rows() {
        let data = label_rows(&["111", "100", "100", "100", "100", "100"]);
        let copies = |retirement| {
            let method = MlRos { sampling_rate: 1.0, retirement };
            resample(&method, &data, 1).expect("valid").kept.len() - 6
        };
        assert_eq!(copies(Retirement::BeforePick), 1, "b lifted c");
        assert_eq!(copies(Retirement::AfterPick), 2, "c has its turn nevertheless");
        assert_eq!(copies(Retirement::MovingMean), 6, "a mean of (1 + 2 r) / 3 sinks as fast as r");
        assert_eq!(copies(Retirement::Never), 6);
    }

    /// M5: MeanIR is not larger after ML-ROS, with few labels and any share of rows. (With many labels of very few
    /// rows a copy may enlarge the largest count by more than it helps its label.)
    #[test]
    fn mean_ir_does_not_grow() {
        let shares = [0.7, 0.4, 0.15, 0.06];
        let mut copied = 0;
        for seed in 0..200 {
            let mut rng = Seed::new(seed).rng();
            let on = Array2::from_shape_fn((80, 4), |(_, label)| rng.random::<f64>() < shares[label]);
            let rows: Vec<String> = on.rows().into_iter().map(|row| written(&row.to_vec())).collect();
            let data = label_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>());
            for sampling_rate in [0.05, 0.3, 0.9] {
                let method = MlRos { sampling_rate, ..MlRos::default() };
                let after = resample(&method, &data, seed).expect("valid").kept_targets;
                let mean_ir = [data.y(), &after].map(|labels| LabelImbalance::of(labels).mean_ir);
                assert!(mean_ir[1] <= mean_ir[0], "seed {seed}, {sampling_rate}: {mean_ir:?}");
                copied += after.n_rows() - 80;
            }
        }
        assert!(copied > 1_000, "{copied} copies");
    }

    #[test]
    fn the_budget_is_reported_where_it_ends_the_turns() {
        let data = label_rows(&["111", "110", "100", "100", "100", "100"]);
        let method = MlRos { sampling_rate: 0.2, retirement: Retirement::Never };
        let resampled = resample(&method, &data, 1).expect("valid");
        assert_eq!(resampled.kept.len(), 7);
        let remark = resampled.delivery[2].remark.as_deref().expect("why");
        assert!(remark.contains("budget of 1 copies"), "{remark}");
    }

    #[test]
    fn a_share_that_is_none_is_refused_and_so_are_rows_without_labels() {
        let data = label_rows(&["10", "00"]);
        let nothing = MlRos { sampling_rate: 0.0, ..MlRos::default() };
        assert!(resample(&nothing, &data, 1).expect_err("no share").to_string().contains("above 0"));
        let endless = MlRos { sampling_rate: 1e300, retirement: Retirement::Never };
        let error = resample(&endless, &label_rows(&["11", "10"]), 1).expect_err("no such memory");
        assert!(error.to_string().contains("fit into memory"), "{error}");
        let error = resample(&MlRos::default(), &label_rows(&["00", "00"]), 1).expect_err("no labels");
        assert!(error.to_string().contains("no imbalance"), "{error}");
    }
}
