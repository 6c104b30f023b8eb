//! Random over-sampling: rows are copied with their labels.
//!
//! The simplest way to a larger training set, for comparison with methods that make new rows. Rows are drawn
//! with replacement and equal chance, from all rows or from those with a minority label, `sampling_rate` ×
//! rows of them. With the second rule a copy is what AEMLO (doi:10.1007/978-3-031-70368-3_7, Alg. 1) would
//! make of its seeds if its network changed nothing: minority labels have ImR > 10 and IRLbl > MeanIR.
//! Nothing is measured again between two draws, unlike in [`MlRos`](crate::MlRos).

use imb_core::{Delivery, LabelMatrix, Resample, Resampled, Result, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::memory::require_memory;
use crate::multi_label::bags::{imbalance, rows_in};
use crate::multi_label::report::Report;

/// Copies rows at random, with their labels.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::MlRandomOverSampler;
/// use ndarray::{Array2, array};
///
/// let y = LabelMatrix::new(array![[true, false], [false, true]], vec!["sea".into(), "sky".into()])?;
/// let train = Train { rows: Dataset::unnamed(Array2::zeros((2, 1)), y)?, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let method = MlRandomOverSampler { sampling_rate: 0.5, ..MlRandomOverSampler::default() };
/// let resampled = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(resampled.kept.len(), 3);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`MlRos`](crate::MlRos), which copies rows of rare labels until they are rare no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlRandomOverSampler {
    /// The copies, as a share of the rows, above 0.
    pub sampling_rate: f64,
    /// Which rows are copied.
    pub rows: CopiedRows,
}

/// Which rows are copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopiedRows {
    /// Any.
    #[default]
    Any,
    /// Those with a label of ImR > 10 and IRLbl > MeanIR, the seeds of AEMLO. Without any, no row is copied.
    Minority,
}

/// The bound of ImR above which AEMLO's labels are in the minority.
const IMR_ABOVE: f64 = 10.0;

impl Default for MlRandomOverSampler {
    fn default() -> Self {
        Self { sampling_rate: 0.3, rows: CopiedRows::Any }
    }
}

impl Resample<LabelMatrix> for MlRandomOverSampler {
    /// The delivery report has an entry `all labels`, because rows are asked for and not labels; then one for each
    /// label whose count changes.
    ///
    /// # Errors
    /// [`imb_core::Error::InvalidParameter`] for a rate that is not above 0 or whose rows do not fit into memory;
    /// [`imb_core::Error::NotApplicable`] without a positive row.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let labels = train.rows.y();
        let n_rows = labels.n_rows();
        let asked = rows_in(self.sampling_rate, n_rows)?;
        let imbalance = imbalance("ml_random_over_sampler", labels)?;
        require_memory("sampling_rate", asked, train.rows.n_features())?;
        let from = match self.rows {
            CopiedRows::Any => (0..n_rows).collect(),
            CopiedRows::Minority => imbalance.minority_rows(labels, Some(IMR_ABOVE)),
        };
        let delivered = if from.is_empty() { 0 } else { asked };
        let mut kept: Vec<usize> = (0..n_rows).collect();
        kept.extend((0..delivered).map(|_| from[run.rng.random_range(0..from.len())]));
        let mut resampled = Resampled::kept_only(&train.rows, kept, Vec::new());
        let remark = from.is_empty().then(|| "no label has ImR above 10 and IRLbl above MeanIR".to_owned());
        let all = Delivery { name: "all labels".into(), asked, delivered, remark };
        let of_labels = Report::new(labels).finish(&resampled.kept_targets.positives());
        resampled.delivery = [all].into_iter().chain(of_labels).collect();
        Ok(resampled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::{label_rows, resample};

    #[test]
    fn copies_come_from_the_rows_that_are_asked_for() {
        // 12 rows with label a, the last of them with label b too: ImR 11, IRLbl 12.
        let rows: Vec<&str> = std::iter::repeat_n("10", 11).chain(["11"]).collect();
        let any = MlRandomOverSampler { sampling_rate: 10.0, ..MlRandomOverSampler::default() };
        let resampled = resample(&any, &label_rows(&rows), 1).expect("valid");
        assert_eq!((resampled.kept.len(), resampled.delivery[0].delivered), (132, 120));
        assert!((0..12).all(|row| resampled.kept[12..].contains(&row)), "each of 12 in 120 draws");
        let minority = MlRandomOverSampler { rows: CopiedRows::Minority, ..any };
        let resampled = resample(&minority, &label_rows(&rows), 1).expect("valid");
        assert!(resampled.kept[12..].iter().all(|row| *row == 11));
    }

    #[test]
    fn without_a_minority_nothing_is_copied_and_it_is_said() {
        let method = MlRandomOverSampler { rows: CopiedRows::Minority, ..MlRandomOverSampler::default() };
        let resampled = resample(&method, &label_rows(&["10", "01", "11", "00"]), 1).expect("valid");
        assert_eq!(resampled.kept, [0, 1, 2, 3]);
        assert_eq!((resampled.delivery[0].asked, resampled.delivery[0].delivered), (1, 0));
        assert!(resampled.delivery[0].remark.is_some());
    }
}
