//! GBO, over-sampling based on a generative adversarial network: the generator starts from fresh interpolations
//! between rows of the class, as SMOTE makes them.
//!
//! For each class to grow:
//!
//! 1. A pair of networks (`pair.rs`) plays: real rows are those of the class; the generator's input of each step
//!    are 32 new points x + u (x' − x), with x' one of the five nearest rows of the class to x, u uniform.
//! 2. SMOTE makes as many rows as the class lacks, and the new rows are what the generator makes of them.
//!
//! **A reconstruction**: there is no public code. From the paper's abstract is the idea, that interpolations
//! replace the noise; networks, steps and optimiser are those of SMOTified-GAN, from which the paper sets out;
//! that they are drawn afresh in each step, and mini-batches of 32 real rows and 32 inputs, are ours.
//!
//! Ahsan, Ali, Raihan et al. (2024), "Enhancing and improving the performance of imbalanced class data using novel
//! GBO and SSG: A comparative analysis", Neural Networks 173, 106157, arXiv:2210.12870.

use imb_core::{Labels, Resample, Resampled, Result, Run, Train};
use imb_neighbors::k_nearest_within;
use imb_resample::{SamplingStrategy, SmallClasses, Smote};
use ndarray::{Array2, Axis};
use rand::RngExt;
use serde::{Deserialize, Deserializer, Serialize};

use super::growth::{Class, DrawInputs, Growth, Inputs};
use super::pair::GanPair;

/// A generative adversarial network whose generator starts from fresh interpolations.
///
/// Each new row's origin holds that of the interpolation that it was generated from. Row weights are not used.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::generative::{GanPair, Gbo};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((20, 2), |(row, column)| (row * (column + 1)) as f64);
/// let texts: Vec<&str> = (0..20).map(|row| if row < 14 { "often" } else { "rare" }).collect();
/// let train = Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts))?, validation: None };
///
/// // Small networks and few epochs, for the example.
/// let pair = GanPair { generator_layers: vec![16], discriminator_layers: vec![16], ..Gbo::default().pair };
/// let method = Gbo { pair, epochs: 20, k_neighbors: 3, ..Gbo::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(made.into_dataset(&train.rows)?.y().counts(), [14, 14]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`SmotifiedGan`](super::SmotifiedGan), [`Ssg`](super::Ssg), [`Smote`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gbo {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class to interpolate with.
    pub k_neighbors: usize,
    /// What to do with a class of at most `k_neighbors` rows.
    pub small_classes: SmallClasses,
    /// The networks and their training.
    #[serde(deserialize_with = "pair_over_default")]
    pub pair: GanPair,
    /// Passes over the real rows of a class.
    pub epochs: u64,
    /// Interpolations in a step of the generator.
    pub generator_rows: usize,
}

impl Default for Gbo {
    /// SMOTE's five neighbours, mini-batches of 32, 1,000 epochs.
    fn default() -> Self {
        let Smote { sampling_strategy, k_neighbors, small_classes } = Smote::default();
        let pair = GanPair { batch_size: 32, ..GanPair::default() };
        Self { sampling_strategy, k_neighbors, small_classes, pair, epochs: 1_000, generator_rows: 32 }
    }
}

fn pair_over_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GanPair, D::Error> {
    Gbo::default().pair.overwritten(deserializer)
}

impl Resample<Labels> for Gbo {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        crate::mlp::require_size("generator_rows", 2, self.generator_rows)?;
        let growth = Growth::new("GBO", &self.pair, self.epochs, &train.rows)?;
        let smote = Smote {
            sampling_strategy: self.sampling_strategy.clone(),
            k_neighbors: self.k_neighbors,
            small_classes: self.small_classes,
        };
        let made = smote.resample(train, run)?;
        growth.replace(made, run, |class, _| {
            let step = interpolations(class, self.k_neighbors, self.generator_rows)?;
            Ok(Inputs { step, last: class.made.clone() })
        })
    }
}

/// Draws interpolations between rows of a class and their nearest neighbours in it. Neighbours are found in the
/// units of the data, as SMOTE's are; the interpolations are scaled.
fn interpolations(class: &Class, k_neighbors: usize, n_rows: usize) -> Result<DrawInputs> {
    let k = k_neighbors.min(class.rows.nrows() - 1);
    let neighbors = k_nearest_within(class.rows.view(), k)?.indices;
    let real = class.real.clone();
    Ok(Box::new(move |rng| {
        let mut drawn = Array2::zeros((n_rows, real.ncols()));
        for mut point in drawn.rows_mut() {
            let seed = rng.random_range(0..real.nrows());
            let neighbor = neighbors[[seed, rng.random_range(0..k)]];
            let (seed, neighbor) = (real.index_axis(Axis(0), seed), real.index_axis(Axis(0), neighbor));
            let gap: f64 = rng.random();
            point.assign(&(&seed + &((&neighbor - &seed) * gap)));
        }
        drawn
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use ndarray::array;

    #[test]
    fn interpolations_lie_between_neighbours() {
        let rows = array![[0.0], [1.0], [10.0], [11.0]];
        let class = Class { real: &rows / 11.0, made: Array2::zeros((0, 1)), rows };
        let mut draw = interpolations(&class, 1, 200).expect("four rows");
        let drawn = draw(&mut Seed::new(1).rng()) * 11.0;
        assert!(drawn.iter().all(|x| (0.0..=1.0).contains(x) || (10.0..=11.0).contains(x)), "{drawn}");
        assert!(drawn.iter().any(|x| *x < 1.0) && drawn.iter().any(|x| *x > 10.0));
    }
}
