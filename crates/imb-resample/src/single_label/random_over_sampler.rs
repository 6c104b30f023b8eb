//! Random over-sampling: rows of small classes are repeated.
//!
//! Each class that is to grow gets copies of its own rows, drawn with replacement and with equal
//! chance. Nothing new is made, so it works on columns of any kind; a classifier may learn the
//! repeated rows by heart.
//!
//! Parameters and defaults as in Lemaître, Nogueira and Aridas, "Imbalanced-learn", JMLR 18 (2017).

use imb_core::{Delivery, Labels, Resample, Resampled, Result, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::strategy::{SamplingStrategy, delivered};

/// Repeats rows of the classes that are to grow. Kept rows come first, then the copies, class by
/// class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomOverSampler {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
}

impl Resample<Labels> for RandomOverSampler {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let labels = train.rows.y();
        let to_add = self.sampling_strategy.rows_to_add(labels, train.rows.n_features())?;
        let mut kept: Vec<usize> = (0..labels.n_rows()).collect();
        let mut delivery: Vec<Delivery> = Vec::new();
        for (class, &rows) in (0u32..).zip(&to_add).filter(|(_, rows)| **rows > 0) {
            let members = labels.rows_of(class);
            kept.extend((0..rows).map(|_| members[run.rng.random_range(0..members.len())]));
            delivery.push(delivered(labels, class as usize, rows));
        }
        Ok(Resampled::kept_only(&train.rows, kept, delivery))
    }
}
