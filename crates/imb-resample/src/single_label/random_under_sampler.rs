//! Random under-sampling: rows of the large classes are removed.
//!
//! Each class that is to shrink keeps rows drawn with equal probability, without replacement by default.
//! Training becomes cheaper, but the information in the removed rows is lost.
//!
//! Parameters and defaults as in Lemaître, Nogueira and Aridas, "Imbalanced-learn", JMLR 18 (2017).

use imb_core::{Delivery, Labels, Resample, Resampled, Result, Run, Train};
use rand::RngExt;
use rand::seq::index;
use serde::{Deserialize, Serialize};

use crate::strategy::SamplingStrategy;

/// Keeps a random subset of each class that is to shrink, in the order of the rows.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::RandomUnderSampler;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [9.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["often", "often", "often", "rare"]))?;
/// let train = Train { rows, validation: None };
/// let mut rng = Seed::new(7).rng();
/// let resampled = RandomUnderSampler::default().resample(&train, &mut Run::new(&mut rng, &mut ()))?;
/// assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [1, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`RandomOverSampler`](crate::RandomOverSampler), which copies rows of the small classes instead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomUnderSampler {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// Whether a row may be drawn more than once.
    pub replacement: bool,
}

impl Resample<Labels> for RandomUnderSampler {
    /// In the delivery report, `asked` and `delivered` count the rows that a class keeps.
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let labels = train.rows.y();
        let (counts, to_keep) = (labels.counts(), self.sampling_strategy.rows_to_keep(labels)?);
        let mut kept: Vec<usize> = Vec::new();
        let mut delivery: Vec<Delivery> = Vec::new();
        for (class, (&count, &target)) in (0u32..).zip(counts.iter().zip(&to_keep)) {
            let members = labels.rows_of(class);
            if target == count {
                kept.extend(members);
                continue;
            }
            if self.replacement {
                kept.extend((0..target).map(|_| members[run.rng.random_range(0..count)]));
            } else {
                kept.extend(index::sample(run.rng, count, target).into_iter().map(|place| members[place]));
            }
            let name = labels.classes()[class as usize].clone();
            delivery.push(Delivery { name, asked: target, delivered: target, remark: None });
        }
        kept.sort_unstable();
        Ok(Resampled::kept_only(&train.rows, kept, delivery))
    }
}
