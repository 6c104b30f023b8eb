//! Calibrated label ranking (CLR): a classifier for each pair of labels, and a virtual label that separates
//! the relevant labels from the rest.
//!
//! Which of two labels suits a row better is an easier question than how well each does. So every two
//! labels are compared, each comparison is a vote, and the votes rank the labels. The virtual label takes
//! part as one more: labels that rank at least as high are predicted.
//!
//! 1. For each pair learn the first label against the second, from the rows that have exactly one of them.
//! 2. For each label learn the rows with it against all others: the label against the virtual one.
//! 3. Each classifier gives its winner one vote. A tie goes to the first label of a pair, and to a label
//!    against the virtual one, as in mulan.
//! 4. A label is predicted if it has at least as many votes as the virtual label. Its score is its
//!    votes divided by the number of labels.
//!
//! A pair without rows of step 1 casts no vote. (mulan at a56aeff stops counting at the first such pair.)
//!
//! There are `q (q − 1) / 2` pairs for q labels: 69,751 for 374. Few rows belong to each, so training is
//! quick, but a linear model of each takes memory. If all may take more than
//! [`memory_megabytes`](CalibratedLabelRanking::memory_megabytes), no pair's model is kept: each prediction
//! trains every pair again, counts its votes and drops it. The answers are the same, but errors of the base
//! learner then come from the prediction.
//!
//! Fürnkranz, Hüllermeier, Loza Mencía and Brinker, "Multilabel classification via calibrated label
//! ranking", Machine Learning 73 (2008), doi:10.1007/s10994-008-5064-8.

use std::ops::{Deref, Range};

use imb_core::{Dataset, Error, Fit, LabelMatrix, Labels, Predict, Prediction, Result, Run, Train};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::binary_relevance::BinaryRelevanceModel;
use super::fitter::Fitter;
use super::{is_on, prediction, rows_of_labels};
use crate::base::{BaseLearner, BaseModel, Problem, SharedRows};

/// Calibrated label ranking.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::CalibratedLabelRanking;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = CalibratedLabelRanking::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`BinaryRelevance`](super::BinaryRelevance), the votes against the virtual label alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibratedLabelRanking<B> {
    /// What learns each pair, and each label against the virtual one.
    pub base: B,
    /// The most megabytes that the models of pairs may take, 0 or more. They count as linear models: 8 bytes
    /// for each pair and feature.
    pub memory_megabytes: f64,
}

impl<B: Default> Default for CalibratedLabelRanking<B> {
    /// 512 megabytes: 374 labels with 500 features take 279, 159 labels with 1,836 take 184.
    fn default() -> Self {
        Self { base: B::default(), memory_megabytes: 512.0 }
    }
}

/// A fitted [`CalibratedLabelRanking`].
#[derive(Debug)]
pub struct CalibratedLabelRankingModel<B> {
    virtual_label: BinaryRelevanceModel,
    /// The labels of each pair, the lower number first.
    pairs: Vec<[usize; 2]>,
    models: PairModels<B>,
}

/// The model of a pair; none if no row has exactly one of its labels.
type PairModel = Option<Box<dyn BaseModel>>;

#[derive(Debug)]
enum PairModels<B> {
    /// One a pair.
    Kept(Vec<PairModel>),
    /// Trained whenever they are asked.
    Retrained(Box<PairTrainer<B>>),
}

/// All that training a pair needs.
#[derive(Debug)]
struct PairTrainer<B> {
    base: B,
    rows: Dataset<LabelMatrix>,
    fitter: Fitter,
    /// The rows of each label.
    rows_of: Vec<Vec<usize>>,
}

impl<B: BaseLearner + Clone + std::fmt::Debug + 'static> Fit<LabelMatrix> for CalibratedLabelRanking<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        if self.memory_megabytes.is_nan() || self.memory_megabytes < 0.0 {
            return Err(Error::invalid_parameter("memory_megabytes", "0 or more", self.memory_megabytes));
        }
        let stage = "calibrated label ranking: labels";
        let virtual_label = BinaryRelevanceModel::fit(&self.base, train, stage, run)?;
        let pairs = pairs_of(train.rows.y().n_labels());
        let trainer = PairTrainer::new(self.base.clone(), &train.rows, Fitter::new(run));
        let models = if self.keeps(pairs.len(), train.rows.n_features()) {
            PairModels::Kept(trainer.fit_all(&pairs, run)?)
        } else {
            PairModels::Retrained(Box::new(trainer))
        };
        Ok(Box::new(CalibratedLabelRankingModel { virtual_label, pairs, models }))
    }
}

impl<B> CalibratedLabelRanking<B> {
    /// Whether the models of all pairs are small enough to be kept.
    fn keeps(&self, n_pairs: usize, n_features: usize) -> bool {
        n_pairs as f64 * n_features as f64 * 8.0 <= self.memory_megabytes * 1e6
    }
}

impl<B: BaseLearner> PairTrainer<B> {
    fn new(base: B, rows: &Dataset<LabelMatrix>, fitter: Fitter) -> Self {
        Self { base, rows: rows.clone(), fitter, rows_of: rows_of_labels(rows.y().view()) }
    }

    fn fit_all(&self, pairs: &[[usize; 2]], run: &mut Run<'_, LabelMatrix>) -> Result<Vec<PairModel>> {
        let shared = SharedRows::of(&self.rows);
        self.fitter.fit_all("calibrated label ranking: pairs", pairs.len(), run.observer, |pair, run| {
            self.fit_pair(pairs[pair], &shared, run)
        })
    }

    fn fit_pair(
        &self,
        [one, other]: [usize; 2],
        shared: &SharedRows<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<PairModel> {
        let (rows, codes) = rows_of_one(&self.rows_of[one], &self.rows_of[other]);
        if rows.is_empty() {
            return Ok(None);
        }
        let problem = Problem { rows: &rows, codes: &codes, n_classes: 2, columns: None };
        Ok(Some(Box::new(self.base.fit_problem(shared, &problem, run)?)))
    }

    /// The model that [`fit_all`](Self::fit_all) gives the pair of this number.
    fn fit_again(&self, number: usize, pair: [usize; 2], shared: &SharedRows<'_>) -> Result<PairModel> {
        self.fitter.fit_one(number, |_, run| self.fit_pair(pair, shared, run)).0
    }
}

/// Pairs that a thread counts before its votes are added to the others'.
const PAIRS_AT_ONCE: usize = 256;

impl<B: BaseLearner> CalibratedLabelRankingModel<B> {
    /// The votes of all pairs, `(n_rows, n_labels)`.
    fn votes(&self, rows: &SharedRows<'_>) -> Result<Array2<u32>> {
        let n_pairs = self.pairs.len();
        let starts: Vec<usize> = (0..n_pairs).step_by(PAIRS_AT_ONCE).collect();
        let blocks = starts.into_par_iter().map(|start| start..n_pairs.min(start + PAIRS_AT_ONCE));
        let none = || Array2::zeros((rows.x().nrows(), self.virtual_label.names().len()));
        let sum = |sum: Array2<u32>, votes: Array2<u32>| Ok(sum + votes);
        match &self.models {
            PairModels::Kept(models) => {
                let votes = |block: Range<usize>| {
                    let models = models[block.clone()].iter().map(|model| Ok(model.as_deref()));
                    count_votes(&self.pairs[block], models, none(), rows)
                };
                blocks.map(votes).try_reduce(none, sum)
            }
            PairModels::Retrained(trainer) => {
                let shared = SharedRows::of(&trainer.rows);
                let votes = |block: Range<usize>| {
                    let models = block.clone().map(|pair| trainer.fit_again(pair, self.pairs[pair], &shared));
                    count_votes(&self.pairs[block], models, none(), rows)
                };
                blocks.map(votes).try_reduce(none, sum)
            }
        }
    }
}

/// Adds the votes of pairs, `(n_rows, n_labels)`, whose models come one by one.
fn count_votes<M: Deref<Target = dyn BaseModel>>(
    pairs: &[[usize; 2]],
    models: impl Iterator<Item = Result<Option<M>>>,
    mut votes: Array2<u32>,
    rows: &SharedRows<'_>,
) -> Result<Array2<u32>> {
    for ([one, other], model) in pairs.iter().zip(models) {
        let Some(model) = model? else { continue };
        for (scores, mut votes) in model.scores(rows)?.rows().into_iter().zip(votes.rows_mut()) {
            votes[if is_on(scores[0], scores[1]) { *one } else { *other }] += 1;
        }
    }
    Ok(votes)
}

impl<B: BaseLearner> Predict<LabelMatrix> for CalibratedLabelRankingModel<B> {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let rows = SharedRows::new(self.virtual_label.features(), x)?;
        let (beats_virtual, _) = self.virtual_label.answers(&rows)?;
        let mut votes = self.votes(&rows)?;
        let mut on = Array2::from_elem(votes.raw_dim(), false);
        for ((mut votes, beats), mut on) in
            votes.rows_mut().into_iter().zip(beats_virtual.rows()).zip(on.rows_mut())
        {
            votes.zip_mut_with(&beats, |votes, &beats| *votes += u32::from(beats));
            let virtual_votes = beats.iter().filter(|beats| !**beats).count() as u32;
            on.zip_mut_with(&votes, |on, &votes| *on = votes >= virtual_votes);
        }
        let n_labels = votes.ncols() as f64;
        prediction(on, votes.mapv(|votes| f64::from(votes) / n_labels), self.virtual_label.names())
    }
}

/// All pairs of labels, the lower number first.
fn pairs_of(n_labels: usize) -> Vec<[usize; 2]> {
    (0..n_labels).flat_map(|one| (one + 1..n_labels).map(move |other| [one, other])).collect()
}

/// The rows in exactly one of two ascending lists, ascending, with code 1 for those of the first.
fn rows_of_one(first: &[usize], second: &[usize]) -> (Vec<usize>, Vec<u32>) {
    let (mut rows, mut codes) = (Vec::new(), Vec::new());
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    loop {
        let (row, code) = match (first.peek(), second.peek()) {
            (None, None) => return (rows, codes),
            (Some(a), Some(b)) if a == b => {
                first.next();
                second.next();
                continue;
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => (first.next(), 1),
            _ => (second.next(), 0),
        };
        rows.push(*row.expect("peeked"));
        codes.push(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_both_labels_prefer_none() {
        let (rows, codes) = rows_of_one(&[0, 2, 5, 9], &[1, 2, 9, 10]);
        assert_eq!((rows, codes), (vec![0, 1, 5, 10], vec![1, 0, 1, 0]));
        assert_eq!(rows_of_one(&[3], &[3]), (vec![], vec![]));
    }
}
