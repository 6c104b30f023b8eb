//! Random over-sampling: copies of rows of the small classes.
//!
//! Each class that is to grow gets copies of its own rows, drawn with replacement and with equal
//! probability. No new values are made, so it works on columns of any kind. A classifier may overfit to
//! the repeated rows.
//!
//! Parameters and defaults as in Lemaître, Nogueira and Aridas, "Imbalanced-learn", JMLR 18 (2017).

use imb_core::{Delivery, Labels, Resample, Resampled, Result, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::strategy::{SamplingStrategy, delivered};

/// Copies random rows of the classes that are to grow. All rows of the data come first, then the copies,
/// class by class.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::RandomOverSampler;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [9.0]];
/// let rows = Dataset::unnamed(x, Labels::from_texts(&["often", "often", "often", "rare"]))?;
/// let train = Train { rows, validation: None };
/// let mut rng = Seed::new(7).rng();
/// let resampled = RandomOverSampler::default().resample(&train, &mut Run::new(&mut rng, &mut ()))?;
/// assert_eq!(resampled.kept, [0, 1, 2, 3, 3, 3]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Smote`](crate::Smote), which makes new rows instead of copies;
/// [`RandomUnderSampler`](crate::RandomUnderSampler), which removes rows of the large classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomOverSampler {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
}

impl Resample<Labels> for RandomOverSampler {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let labels = train.rows.y();
        let to_add = self.sampling_strategy.rows_to_add(labels)?;
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
