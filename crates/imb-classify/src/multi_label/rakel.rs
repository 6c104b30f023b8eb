//! RAkEL: label powersets of a few random labels each, which vote.
//!
//! A [`LabelPowerset`](super::LabelPowerset) of all labels has too many classes with too few rows. A
//! powerset of three labels has at most eight classes. Many such labelsets, drawn at random, see most of
//! what labels say about each other, and each votes on its own labels.
//!
//! 1. Draw labelsets of k labels: `2 q` distinct ones for q labels, or all if there are fewer
//!    ([`Labelsets::Overlapping`]); or deal each label to one labelset ([`Labelsets::Disjoint`]).
//! 2. Fit a label powerset to each.
//! 3. The score of a label is the share of its labelsets that predict it. It is predicted from one half on.
//!    A label in no labelset scores 0.
//!
//! The share of votes has few values, so labels often rank alike. mulan computes mean confidences too, but
//! returns the votes, and so do we. With k labels or fewer there is one labelset of all labels (mulan
//! refuses). On ties between label sets see [`LabelPowerset`](super::LabelPowerset).
//!
//! Tsoumakas, Katakis and Vlahavas, "Random k-labelsets for multilabel classification", IEEE TKDE 23 (2011),
//! doi:10.1109/TKDE.2010.164.

use std::collections::BTreeSet;
use std::sync::Arc;

use imb_core::{Error, Feature, Fit, LabelMatrix, Predict, Prediction, Result, Rng, Run, Train};
use ndarray::{Array2, ArrayView2, Axis};
use rand::seq::{SliceRandom, index};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fitter::Fitter;
use super::label_powerset::SetModel;
use super::{prediction, require_labels};
use crate::base::{BaseLearner, SharedRows, first_best};

/// Random k-labelsets.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::Rakel;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = Rakel::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`LabelPowerset`](super::LabelPowerset), one labelset of all labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rakel<B> {
    /// What learns the label sets of each labelset.
    pub base: B,
    /// The number k of labels in a labelset, at least 1.
    pub labelset_size: usize,
    /// How labelsets are drawn.
    pub labelsets: Labelsets,
}

/// How labelsets are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Labelsets {
    /// RAkELo: twice as many distinct labelsets as labels, or all if there are fewer.
    #[default]
    Overlapping,
    /// So many distinct labelsets, at least 1 and at most all.
    Distinct(usize),
    /// RAkELd: each label in one labelset; the last may be smaller.
    Disjoint,
}

impl<B: Default> Default for Rakel<B> {
    /// The paper's values.
    fn default() -> Self {
        Self { base: B::default(), labelset_size: 3, labelsets: Labelsets::Overlapping }
    }
}

/// A fitted [`Rakel`].
#[derive(Debug)]
pub struct RakelModel {
    features: Arc<[Feature]>,
    names: Vec<String>,
    labelsets: Vec<Vec<usize>>,
    /// One a labelset.
    models: Vec<SetModel>,
}

impl<B: BaseLearner> Fit<LabelMatrix> for Rakel<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        let labelsets = self.draw_labelsets(train.rows.y().n_labels(), run.rng)?;
        Ok(Box::new(self.fit_labelsets(train, &labelsets, run)?))
    }
}

impl<B> Rakel<B> {
    /// Draws labelsets among `n_labels` labels: label numbers, ascending in each.
    ///
    /// ```
    /// use imb_classify::multi_label::{Labelsets, Rakel};
    /// use imb_core::Seed;
    ///
    /// let rakel = Rakel { base: (), labelset_size: 2, labelsets: Labelsets::Disjoint };
    /// let labelsets = rakel.draw_labelsets(5, &mut Seed::new(1).rng())?;
    /// assert_eq!(labelsets.len(), 3);
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for labelsets of no labels, or for no
    /// labelsets or more than there are.
    pub fn draw_labelsets(&self, n_labels: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
        let k = self.labelset_size;
        if k == 0 {
            return Err(Error::invalid_parameter("labelset_size", "at least 1", k));
        }
        let k = k.min(n_labels);
        let most = binomial(n_labels, k);
        match self.labelsets {
            Labelsets::Disjoint => Ok(deal(n_labels, k, rng)),
            Labelsets::Overlapping => Ok(draw_distinct(n_labels, k, most.min(n_labels * 2), rng)),
            Labelsets::Distinct(n) if (1..=most).contains(&n) => Ok(draw_distinct(n_labels, k, n, rng)),
            Labelsets::Distinct(n) => {
                let requirement = format!("from 1 to {most}, the number of sets of {k} of {n_labels} labels");
                Err(Error::invalid_parameter("labelsets", requirement, n))
            }
        }
    }
}

impl<B: BaseLearner> Rakel<B> {
    /// Fits to labelsets that are given: label numbers, none twice in a labelset.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for no labelsets, or one without labels or
    /// with a label that does not exist or stands twice; and as the base learner says.
    pub fn fit_labelsets(
        &self,
        train: &Train<LabelMatrix>,
        labelsets: &[Vec<usize>],
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<RakelModel> {
        let labels = train.rows.y();
        require_labels(labels)?;
        if labelsets.is_empty() {
            return Err(Error::invalid_parameter("number of labelsets", "at least 1", 0));
        }
        labelsets.iter().try_for_each(|labelset| check(labelset, labels.n_labels()))?;
        let shared = SharedRows::of(&train.rows);
        let models = Fitter::new(run).fit_all("RAkEL", labelsets.len(), run.observer, |number, run| {
            let on = labels.view().select(Axis(1), &labelsets[number]);
            SetModel::fit(&self.base, &shared, on.view(), run)
        })?;
        Ok(RakelModel {
            features: train.rows.features().clone(),
            names: labels.names().to_vec(),
            labelsets: labelsets.to_vec(),
            models,
        })
    }
}

impl RakelModel {
    /// The labelsets: label numbers.
    pub fn labelsets(&self) -> &[Vec<usize>] {
        &self.labelsets
    }

    /// For each labelset its label sets, `(n_sets, n_labels_in_it)`, the most frequent first, and the
    /// score of each for rows `x`, `(n_rows, n_sets)`.
    ///
    /// # Errors
    /// [`LengthMismatch`](imb_core::Error::LengthMismatch) if `x` has another number of features than the
    /// training rows.
    pub fn set_scores(&self, x: ArrayView2<'_, f64>) -> Result<Vec<(ArrayView2<'_, bool>, Array2<f64>)>> {
        let rows = SharedRows::new(&self.features, x)?;
        let scores: Vec<_> = self.models.par_iter().map(|model| model.scores(&rows)).collect();
        let of_each = self.models.iter().zip(scores);
        of_each.map(|(model, scores)| Ok((model.label_sets(), scores?))).collect()
    }
}

impl Predict<LabelMatrix> for RakelModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let mut votes = Array2::<f64>::zeros((x.nrows(), self.names.len()));
        for (labelset, (sets, scores)) in self.labelsets.iter().zip(self.set_scores(x)?) {
            for (mut votes, scores) in votes.rows_mut().into_iter().zip(scores.rows()) {
                let best = first_best(scores) as usize;
                for (&label, &has) in labelset.iter().zip(sets.row(best)) {
                    votes[label] += f64::from(u8::from(has));
                }
            }
        }
        let mut asked = vec![0.0; self.names.len()];
        self.labelsets.iter().flatten().for_each(|&label| asked[label] += 1.0);
        for (mut votes, asked) in votes.columns_mut().into_iter().zip(asked) {
            votes.mapv_inplace(|votes| if asked > 0.0 { votes / asked } else { 0.0 });
        }
        prediction(votes.mapv(|share| share >= 0.5), votes, &self.names)
    }
}

fn draw_distinct(n_labels: usize, k: usize, n: usize, rng: &mut Rng) -> Vec<Vec<usize>> {
    let (mut labelsets, mut seen) = (Vec::with_capacity(n), BTreeSet::new());
    while labelsets.len() < n {
        let mut labelset = index::sample(rng, n_labels, k).into_vec();
        labelset.sort_unstable();
        if seen.insert(labelset.clone()) {
            labelsets.push(labelset);
        }
    }
    labelsets
}

fn deal(n_labels: usize, k: usize, rng: &mut Rng) -> Vec<Vec<usize>> {
    let mut labels: Vec<usize> = (0..n_labels).collect();
    labels.shuffle(rng);
    let mut labelsets: Vec<Vec<usize>> = labels.chunks(k.max(1)).map(<[usize]>::to_vec).collect();
    labelsets.iter_mut().for_each(|labelset| labelset.sort_unstable());
    labelsets
}

/// The number of sets of `k` of `n` things, or the largest number there is.
fn binomial(n: usize, k: usize) -> usize {
    let k = k.min(n - k);
    let grow = |sets: u128, i: usize| Some(sets.checked_mul((n - i) as u128)? / (i + 1) as u128);
    (0..k).try_fold(1, grow).and_then(|sets| usize::try_from(sets).ok()).unwrap_or(usize::MAX)
}

fn check(labelset: &[usize], n_labels: usize) -> Result<()> {
    let distinct: BTreeSet<usize> = labelset.iter().copied().collect();
    if !distinct.is_empty()
        && distinct.len() == labelset.len()
        && distinct.iter().all(|&label| label < n_labels)
    {
        return Ok(());
    }
    let requirement = format!("distinct label numbers below {n_labels}, at least one");
    Err(Error::invalid_parameter("labelset", requirement, format!("{labelset:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_counted_without_overflow() {
        assert_eq!([binomial(14, 3), binomial(4, 3), binomial(3, 3), binomial(374, 0)], [364, 4, 1, 1]);
        assert_eq!(binomial(374, 187), usize::MAX);
    }
}
