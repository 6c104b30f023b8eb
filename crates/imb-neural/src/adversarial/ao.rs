//! Adversarial over-sampling (AO): a generator makes rows of every class that the classifier gets wrong
//! and the critic takes for real, and the classifier learns from them, the rarest class most often.
//!
//! Beside its twin, [`Do`](super::Do), with CE = −log Q and CCE = −log(1 − Q) of the row's class:
//!
//! | player | AO | DO |
//! |---|---|---|
//! | critic D | −E D(x) + E D(G) + 10 · penalty (eq. 4) | the same (eq. 7) |
//! | classifier Q | CE on real rows + **CE** on generated ones (eq. 5) | CE + **CCE** (eq. 8) |
//! | generator G | −E D(G) + **CCE** (eq. 3): fools both | −E D(G) + **CE** (eq. 6): fools D, helps Q |
//! | Q's generated rows | classes in inverse proportion to their rows | raised to f_s of the largest class |
//! | G's rows | all classes alike | all classes alike |
//!
//! Each mini-batch: one step of D, one of Q, one of G, each on rows generated anew.
//!
//! **Printed**: the players, eqs. 1 to 5, the Wasserstein distance with a gradient penalty, three layers
//! for D and G, four for Q, 100 epochs, the distributions of i (balanced) and j (inverse).
//!
//! **Inferred**: the signs. Where the paper writes log Q to be minimised we read cross-entropy, where it
//! writes log(1 − Q) complement cross-entropy. It is the one reading under which G fools Q in AO and helps
//! it in DO, and Q learns generated rows in AO and denies them in DO, as the text says. D maximises what
//! eq. 4 calls its loss.
//!
//! **Chosen**: D sees the class beside the features; its generated rows have the classes of the
//! mini-batch's real rows; the penalty is on D's gradient by the features alone; G mixes at most 1,000 rows of
//! a class (the text allows τ_k ⊂ X); the generator has no batch normalisation (the text names none); widths,
//! initial weights, optimisers and the rest as in [`AdversarialGame`]. As a resampler, a new row is the mixture of
//! the heaviest parents that hold 99.9 % of the weight, so that its origin is short. No code was released: this is a reconstruction.
//!
//! Source: Dam, Ferdaus et al. (2021), "Does Adversarial Oversampling Help us?", CIKM, arXiv:2108.10697. Its
//! generator is that of [`Gamo`](super::Gamo).

use imb_core::{Fit, Labels, Predict, Resample, Resampled, Result, Run, Train};
use serde::{Deserialize, Serialize};

use super::game::{self, AdversarialGame, Rules};
use super::labels::LabelDistribution;
use super::losses::{complement_cross_entropy, cross_entropy};
use crate::matrix::Matrix;

/// Adversarial over-sampling.
///
/// As [`Fit`] it gives the classifier; as [`Resample`] the training rows and, of each smaller class, as many
/// rows of the trained generator as the largest has more. A classifier is fitted to rows as they are: scale
/// them first. A resampler standardises columns while it trains, and mixes the rows as they are; its delivery report
/// counts the new rows that equal a given one. Row weights count in the classifier's loss on real rows, and nowhere
/// else.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::adversarial::Ao;
/// use imb_neural::Stop;
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes"]);
/// let rows = Dataset::unnamed(array![[-1.0], [-0.9], [-0.8], [1.0]], y)?;
/// let mut method = Ao::default();
/// method.game.classifier.stop = Stop::Epochs(50);
///
/// let (mut rng, mut nobody) = (Seed::new(7).child("ao").rng(), ());
/// let model = method.fit(&Train { rows, validation: None }, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[-0.9], [1.0]].view())?.labels.codes(), [0, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Do`](super::Do), [`Gamo`](super::Gamo).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ao {
    /// The players and their training.
    pub game: AdversarialGame,
}

impl Rules for Ao {
    const METHOD: &'static str = "AO";

    fn classifier_labels(&self, counts: &[usize]) -> Option<LabelDistribution> {
        Some(LabelDistribution::inverse(counts))
    }

    fn classifier_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M {
        cross_entropy(logits, classes)
    }

    fn generator_loss<M: Matrix>(&self, logits: &M, classes: &M) -> M {
        complement_cross_entropy(logits, classes)
    }
}

impl Fit<Labels> for Ao {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        game::fit(self, &self.game, train, run)
    }
}

impl Resample<Labels> for Ao {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        game::resample(self, &self.game, train, run)
    }
}
