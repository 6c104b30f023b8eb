//! A generative adversarial network as an over-sampler: a generator learns to turn noise into rows of a small
//! class.
//!
//! For each class to grow, a pair of networks (`pair.rs`) plays: real rows are those of the class, the generator's
//! input of each step is a mini-batch of standard normal noise. The new rows are what the generator makes of
//! new noise.
//!
//! The steps are those of the paper, its networks are not: they are the pair of SMOTified-GAN, and noise has as
//! many numbers as a row, so that the two methods differ in the generator's input alone. (The class of that name
//! in SMOTified-GAN's second script returns the other method's generator.)
//!
//! Goodfellow, Pouget-Abadie, Mirza et al. (2014), "Generative Adversarial Nets", NeurIPS, arXiv:1406.2661.

use imb_core::{
    Labels, Origin, Parent, Resample, Resampled, Result, Rng, Run, Target, Train, require_numbers,
};
use imb_resample::{RandomOverSampler, SamplingStrategy};
use ndarray::{Array2, Axis};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use super::growth::{Growth, Inputs};
use super::pair::GanPair;

/// A generative adversarial network whose generator starts from noise.
///
/// Each new row's origin is a row of the class drawn at random: its weight and group come from it, its numbers do
/// not. Where a class has too few rows to train a generator, the new row is a copy of that row, which the delivery
/// report says. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::generative::{Gan, GanPair};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((20, 2), |(row, column)| (row * (column + 1)) as f64);
/// let texts: Vec<&str> = (0..20).map(|row| if row < 14 { "often" } else { "rare" }).collect();
/// let train = Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts))?, validation: None };
///
/// // Small networks and few epochs, for the example.
/// let pair = GanPair { generator_layers: vec![16], discriminator_layers: vec![16], ..GanPair::default() };
/// let method = Gan { pair, epochs: 20, ..Gan::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(made.into_dataset(&train.rows)?.y().counts(), [14, 14]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`SmotifiedGan`](super::SmotifiedGan), which starts from SMOTE's rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gan {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The networks and their training.
    pub pair: GanPair,
    /// Passes over the real rows of a class.
    pub epochs: u64,
}

impl Default for Gan {
    /// The networks of SMOTified-GAN, 1,000 epochs.
    fn default() -> Self {
        Self { sampling_strategy: SamplingStrategy::Auto, pair: GanPair::default(), epochs: 1_000 }
    }
}

impl Resample<Labels> for Gan {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        require_numbers("GAN", train.rows.features())?;
        let growth = Growth::new("GAN", &self.pair, self.epochs, &train.rows)?;
        let made = self.copies(train, run)?;
        let n_noise = self.pair.batch_size.max(2);
        growth.replace(made, run, |class, rng| {
            let (n_rows, n_features) = class.made.dim();
            let last = noise([n_rows, n_features], rng);
            Ok(Inputs { step: Box::new(move |rng| noise([n_noise, n_features], rng)), last })
        })
    }
}

impl Gan {
    /// As many copies of random rows as the strategy asks for, which the generator's rows then replace.
    fn copies(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let sampler = RandomOverSampler { sampling_strategy: self.sampling_strategy.clone() };
        let (rows, sampled) = (&train.rows, sampler.resample(train, run)?);
        let (originals, copied) = sampled.kept.split_at(rows.n_rows());
        let mut made = Resampled::kept_only(rows, originals.to_vec(), sampled.delivery);
        made.synthetic = rows.x().select(Axis(0), copied);
        made.synthetic_targets = rows.y().select(copied);
        let origin = |&row: &usize| Origin::Latent { seed: Parent::Row(row), given: None };
        made.origins = copied.iter().map(origin).collect();
        Ok(made)
    }
}

/// Standard normal numbers.
fn noise(shape: [usize; 2], rng: &mut Rng) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal))
}
