//! SMOTified-GAN: the rows that SMOTE makes of a small class are the generator's input in place of noise, and
//! what the trained generator makes of them are the new rows.
//!
//! For each class to grow:
//!
//! 1. SMOTE makes X_s, the rows that the class lacks.
//! 2. A pair of networks (`pair.rs`) plays: real rows are those of the class, the generator's input is X_s.
//! 3. The new rows are G(X_s).
//!
//! **From the code** (sydney-machine-learning/GANclassimbalanced 425986d): the networks and steps; the whole X_s as
//! one batch at every step, against mini-batches of 128 real rows; 150 to 2,000 epochs, data set by data set.
//! Its first script trains with Adam at 1e-5 and default momentum, its second at 2e-4 and momentum 0.5. **Ours**:
//! the default scales columns to [0, 1] by the training rows and undoes it, because the sigmoid makes nothing
//! else, where the code trains on the columns as they are ([`SmotifiedGan::as_released`]); and a step may take a
//! part of X_s (`generator_rows`), since the whole of it takes a quarter of an hour on 4,600 rows.
//!
//! Sharma, Singh and Chandra (2022), "SMOTified-GAN for Class Imbalanced Pattern Classification Problems", IEEE
//! Access 10, doi:10.1109/ACCESS.2022.3158977.

use imb_core::{Labels, Resample, Resampled, Result, Run, Train};
use imb_resample::{SamplingStrategy, SmallClasses, Smote};
use serde::{Deserialize, Serialize};

use super::growth::{Growth, Inputs, batches_of};
use super::pair::GanPair;
use crate::Adam;
use crate::mlp::require;

/// A generative adversarial network whose generator starts from SMOTE's rows.
///
/// Each new row's origin holds that of the SMOTE row that it was generated from. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::generative::{GanPair, SmotifiedGan};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((20, 2), |(row, column)| (row * (column + 1)) as f64);
/// let texts: Vec<&str> = (0..20).map(|row| if row < 14 { "often" } else { "rare" }).collect();
/// let train = Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts))?, validation: None };
///
/// // Small networks and few epochs, for the example.
/// let pair = GanPair { generator_layers: vec![16], discriminator_layers: vec![16], ..GanPair::default() };
/// let method = SmotifiedGan { pair, epochs: 20, k_neighbors: 3, ..SmotifiedGan::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(made.into_dataset(&train.rows)?.y().counts(), [14, 14]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Ssg`](super::Ssg), whose inputs come from SVM-SMOTE; [`Smote`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmotifiedGan {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class that SMOTE interpolates with.
    pub k_neighbors: usize,
    /// What to do with a class of at most `k_neighbors` rows.
    pub small_classes: SmallClasses,
    /// The networks and their training.
    pub pair: GanPair,
    /// Passes over the real rows of a class.
    pub epochs: u64,
    /// Rows of X_s in a step of the generator; none means all of them.
    pub generator_rows: Option<usize>,
}

impl Default for SmotifiedGan {
    /// The second script's optimiser, 1,000 epochs, columns scaled.
    fn default() -> Self {
        let Smote { sampling_strategy, k_neighbors, small_classes } = Smote::default();
        let pair = GanPair::default();
        Self { sampling_strategy, k_neighbors, small_classes, pair, epochs: 1_000, generator_rows: None }
    }
}

impl SmotifiedGan {
    /// The first script, whose results are those that were published: Adam at 1e-5, columns as they are.
    pub fn as_released() -> Self {
        let adam = Adam { learning_rate: 1e-5, ..Adam::default() };
        Self { pair: GanPair { adam, scale: false, ..GanPair::default() }, ..Self::default() }
    }
}

impl Resample<Labels> for SmotifiedGan {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        if let Some(rows) = self.generator_rows {
            require("generator_rows", "at least 2", rows >= 2, rows)?;
        }
        let growth = Growth::new("SMOTified-GAN", &self.pair, self.epochs, &train.rows)?;
        let smote = Smote {
            sampling_strategy: self.sampling_strategy.clone(),
            k_neighbors: self.k_neighbors,
            small_classes: self.small_classes,
        };
        let made = smote.resample(train, run)?;
        growth.replace(made, run, |class, _| {
            let last = class.made.clone();
            Ok(Inputs { step: batches_of(last.clone(), self.generator_rows), last })
        })
    }
}
