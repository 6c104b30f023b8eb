//! SSG, SVM-SMOTE with a generative adversarial network: SMOTified-GAN whose generator starts from SVM-SMOTE's
//! rows, near the border of the class, instead of SMOTE's.
//!
//! For each class to grow:
//!
//! 1. SVM-SMOTE makes X_s from the support vectors of the class.
//! 2. A pair of networks (`pair.rs`) plays: real rows are those of the class, the generator's input are 32 rows of
//!    X_s.
//! 3. The new rows are G(X_s).
//!
//! **A reconstruction**: there is no public code. From the paper's abstract is the idea, that rows of SVM-SMOTE
//! replace the noise; networks, steps and optimiser are those of SMOTified-GAN, from which the paper sets out;
//! mini-batches of 32 real rows and 32 inputs are ours.
//!
//! Ahsan, Ali, Raihan et al. (2024), "Enhancing and improving the performance of imbalanced class data using novel
//! GBO and SSG: A comparative analysis", Neural Networks 173, 106157, arXiv:2210.12870.

use imb_core::{Labels, Resample, Resampled, Result, Run, Train};
use imb_resample::{SamplingStrategy, SmallClasses, SvmSmote};
use serde::{Deserialize, Deserializer, Serialize};

use super::growth::{Growth, Inputs, batches_of};
use super::pair::GanPair;

/// A generative adversarial network whose generator starts from SVM-SMOTE's rows.
///
/// Each new row's origin holds that of the SVM-SMOTE row that it was generated from. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::generative::{GanPair, Ssg};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((20, 2), |(row, column)| (row * (column + 1)) as f64);
/// let texts: Vec<&str> = (0..20).map(|row| if row < 14 { "often" } else { "rare" }).collect();
/// let train = Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts))?, validation: None };
///
/// // Small networks and few epochs, for the example.
/// let pair = GanPair { generator_layers: vec![16], discriminator_layers: vec![16], ..Ssg::default().pair };
/// let method = Ssg { pair, epochs: 20, ..Ssg::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(made.into_dataset(&train.rows)?.y().counts(), [14, 14]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`SmotifiedGan`](super::SmotifiedGan), [`Gbo`](super::Gbo), [`SvmSmote`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ssg {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class that SVM-SMOTE interpolates with.
    pub k_neighbors: usize,
    /// The number of neighbours in the whole set that decide whether a support vector is in danger.
    pub m_neighbors: usize,
    /// What to do with a class of at most `k_neighbors` rows.
    pub small_classes: SmallClasses,
    /// The networks and their training.
    #[serde(deserialize_with = "pair_over_default")]
    pub pair: GanPair,
    /// Passes over the real rows of a class.
    pub epochs: u64,
    /// Rows of X_s in a step of the generator.
    pub generator_rows: usize,
}

impl Default for Ssg {
    /// SVM-SMOTE's constants, mini-batches of 32, 1,000 epochs.
    fn default() -> Self {
        let SvmSmote { sampling_strategy, k_neighbors, m_neighbors, small_classes, .. } = SvmSmote::default();
        let pair = GanPair { batch_size: 32, ..GanPair::default() };
        let (epochs, generator_rows) = (1_000, 32);
        Self { sampling_strategy, k_neighbors, m_neighbors, small_classes, pair, epochs, generator_rows }
    }
}

fn pair_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GanPair, D::Error> {
    Ssg::default().pair.overwritten(deserializer)
}

impl Resample<Labels> for Ssg {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        crate::mlp::require("generator_rows", "at least 2", self.generator_rows >= 2, self.generator_rows)?;
        let growth = Growth::new("SSG", &self.pair, self.epochs, &train.rows)?;
        let svm_smote = SvmSmote {
            sampling_strategy: self.sampling_strategy.clone(),
            k_neighbors: self.k_neighbors,
            m_neighbors: self.m_neighbors,
            small_classes: self.small_classes,
            ..SvmSmote::default()
        };
        let made = svm_smote.resample(train, run)?;
        growth.replace(made, run, |class, _| {
            let last = class.made.clone();
            Ok(Inputs { step: batches_of(last.clone(), Some(self.generator_rows)), last })
        })
    }
}
