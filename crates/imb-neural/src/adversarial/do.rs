//! Data-space over-sampling (DO): a generator makes rows of every class that the classifier gets right and
//! the critic takes for real, and the classifier learns to deny them, so that it claims no more of the
//! space for a class than the real rows hold.
//!
//! [`Ao`](super::Ao) shows both methods beside each other, and what of them is printed, inferred and
//! chosen (eqs. 6 to 8 here). One choice more concerns DO alone: the paper names no distribution for the
//! classes k of the rows that Q denies, and "over-samples at a fractional rate" f_s = p₁ / p_C, the size of
//! the smallest class by that of the largest, which its Fig. 2 varies. Here the classes are
//! drawn as often as they have rows, but none less often than f_s times the largest; so where f_s is above the ratio
//! of the rarest to the most frequent class in the data, it is that ratio among the generated rows. Below, it changes
//! nothing: on Pima, with a ratio of 0.53, f_s from 0.1 to 0.5 is the same method. 1 is balance, and 0 stands for no
//! generated rows in Q's loss. The value behind Table 2 is not printed; 1 is the default.
//!
//! Source: Dam, Ferdaus et al. (2021), "Does Adversarial Oversampling Help us?", CIKM, arXiv:2108.10697.

use imb_core::{Fit, Labels, Predict, Resample, Resampled, Result, Run, Train};
use serde::{Deserialize, Serialize};

use super::game::{self, AdversarialGame, Rules};
use super::labels::LabelDistribution;
use super::losses::{complement_cross_entropy, cross_entropy};
use crate::matrix::Matrix;
use crate::mlp::require;

/// Data-space over-sampling.
///
/// As [`Fit`] it gives the classifier; as [`Resample`] the training rows and, of each smaller class, as many
/// rows of the trained generator as the largest has more. A classifier is fitted to rows as they are: scale
/// them first. A resampler standardises columns while it trains, and mixes the rows as they are; its delivery report
/// counts the new rows that equal a given one. Row weights count in the classifier's loss on real rows, and nowhere
/// else.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_neural::adversarial::Do;
/// use imb_neural::Stop;
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes"]);
/// let rows = Dataset::unnamed(array![[-1.0], [-0.9], [-0.8], [1.0]], y)?;
/// let mut method = Do { sampling_fraction: 0.5, ..Do::default() };
/// method.game.classifier.stop = Stop::Epochs(5);
///
/// let (mut rng, mut nobody) = (Seed::new(7).child("do").rng(), ());
/// let train = Train { rows, validation: None };
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(made.into_dataset(&train.rows)?.y().counts(), [3, 3]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Ao`](super::Ao), [`Gamo`](super::Gamo).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Do {
    /// f_s: how often the rarest class is generated for Q, at least, relative to the most frequent one; 0 to 1.
    pub sampling_fraction: f64,
    /// The players and their training.
    pub game: AdversarialGame,
}

impl Default for Do {
    /// As many generated rows of each class as of the largest: the fraction behind the paper's Table 2 is not printed.
    fn default() -> Self {
        Self { sampling_fraction: 1.0, game: AdversarialGame::default() }
    }
}

impl Rules for Do {
    const METHOD: &'static str = "DO";

    fn check(&self) -> Result<()> {
        let fraction = self.sampling_fraction;
        require("sampling_fraction", "from 0 to 1", (0.0..=1.0).contains(&fraction), fraction)
    }

    fn classifier_labels(&self, counts: &[usize]) -> Option<LabelDistribution> {
        (self.sampling_fraction > 0.0).then(|| LabelDistribution::raised(counts, self.sampling_fraction))
    }

    fn classifier_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M {
        complement_cross_entropy(logits, classes)
    }

    fn generator_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M {
        cross_entropy(logits, classes)
    }
}

impl Fit<Labels> for Do {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        game::fit(self, &self.game, train, run)
    }
}

impl Resample<Labels> for Do {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        game::resample(self, &self.game, train, run)
    }
}
