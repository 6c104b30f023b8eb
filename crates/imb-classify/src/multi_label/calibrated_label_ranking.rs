//! Calibrated label ranking (CLR): a classifier for each pair of labels, and a virtual label that parts
//! the relevant from the rest.
//!
//! Which of two labels fits a row better is an easier question than how well each fits. Every pair of
//! labels is asked it, and votes rank the labels. A virtual label takes part: a label that wins against it
//! fits, so where the virtual label stands in the ranking, prediction stops.
//!
//! 1. For each pair learn the first label against the second, from the rows that have one of the two.
//! 2. For each label learn rows with it against rows without it: the label against the virtual one.
//! 3. Each classifier gives its winner one vote; a tie goes to the first label of a pair, and to the label
//!    against the virtual one, as in mulan.
//! 4. A label is predicted if it has at least as many votes as the virtual label. Its score is its
//!    votes divided by the number of labels.
//!
//! A pair of which no row has exactly one label casts no vote (in mulan no later pair votes either then).
//!
//! There are `q (q − 1) / 2` pairs for q labels, 69,751 for 374. Together they have few rows, so they are
//! quickly trained; but a linear model of each takes memory. If all may take more than
//! [`memory_megabytes`](CalibratedLabelRanking::memory_megabytes), no pair's model is kept: a prediction
//! trains each pair again, counts its votes and drops it. The answers are the same; what a pair's training
//! refuses, the prediction then refuses.
//!
//! Fürnkranz, Hüllermeier, Loza Mencía and Brinker, "Multilabel classification via calibrated label
//! ranking", Machine Learning 73 (2008), doi:10.1007/s10994-008-5064-8.

use imb_core::{Dataset, Fit, LabelMatrix, Labels, Predict, Prediction, Result, Run, Train};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::binary_relevance::BinaryRelevanceModel;
use super::fitter::Fitter;
use super::{is_on, prediction, rows_of_labels};
use crate::base::{BaseLearner, BaseModel, Problem, SharedRows, invalid};

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
    /// Megabytes that the models of pairs may take, counted as a number of 8 bytes for each pair and
    /// feature, which a linear model takes at most; 0 or more.
    pub memory_megabytes: f64,
}

impl<B: Default> Default for CalibratedLabelRanking<B> {
    /// 512 megabytes keep the pairs of 374 labels with 500 features (279) or of 159 labels with 1,836
    /// (184).
    fn default() -> Self {
        Self { base: B::default(), memory_megabytes: 512.0 }
    }
}

/// A fitted [`CalibratedLabelRanking`].
#[derive(Debug)]
pub struct CalibratedLabelRankingModel<B> {
    virtual_label: BinaryRelevanceModel,
    pairs: Pairs<B>,
    /// One a pair, none for a pair without rows; absent if they are not kept.
    models: Option<Vec<PairModel>>,
}

/// The model of a pair; none if no row has exactly one of its labels.
type PairModel = Option<Box<dyn BaseModel>>;

/// All that training a pair needs.
#[derive(Debug)]
struct Pairs<B> {
    base: B,
    rows: Dataset<LabelMatrix>,
    fitter: Fitter,
    /// The rows of each label.
    rows_of: Vec<Vec<usize>>,
    /// The labels of each pair, the lower number first.
    labels: Vec<[usize; 2]>,
}

impl<B: BaseLearner + Clone + std::fmt::Debug + 'static> Fit<LabelMatrix> for CalibratedLabelRanking<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        if self.memory_megabytes.is_nan() || self.memory_megabytes < 0.0 {
            return Err(invalid("memory_megabytes", "0 or more", self.memory_megabytes));
        }
        let stage = "calibrated label ranking: labels";
        let virtual_label = BinaryRelevanceModel::fit(&self.base, train, stage, run)?;
        let pairs = Pairs::new(self.base.clone(), &train.rows, Fitter::new(run));
        let bytes = pairs.labels.len() as f64 * train.rows.n_features() as f64 * 8.0;
        let is_small = bytes <= self.memory_megabytes * f64::from(1 << 20);
        let models = if is_small { Some(pairs.fit(run)?) } else { None };
        Ok(Box::new(CalibratedLabelRankingModel { virtual_label, pairs, models }))
    }
}

impl<B: BaseLearner> Pairs<B> {
    fn new(base: B, rows: &Dataset<LabelMatrix>, fitter: Fitter) -> Self {
        let n_labels = rows.y().n_labels();
        let pairs_of = |one: usize| (one + 1..n_labels).map(move |other| [one, other]);
        Self {
            base,
            rows_of: rows_of_labels(rows.y().view()),
            rows: rows.clone(),
            fitter,
            labels: (0..n_labels).flat_map(pairs_of).collect(),
        }
    }

    fn fit(&self, run: &mut Run<'_, LabelMatrix>) -> Result<Vec<PairModel>> {
        let shared = SharedRows::of(&self.rows);
        let stage = "calibrated label ranking: pairs";
        self.fitter
            .fit_all(stage, self.labels.len(), run.observer, |pair, run| self.fit_pair(pair, &shared, run))
    }

    fn fit_pair(&self, pair: usize, shared: &SharedRows<'_>, run: &mut Run<'_, Labels>) -> Result<PairModel> {
        let [one, other] = self.labels[pair];
        let (rows, codes) = rows_of_one(&self.rows_of[one], &self.rows_of[other]);
        if rows.is_empty() {
            return Ok(None);
        }
        let problem = Problem { rows: &rows, codes: &codes, n_classes: 2, columns: None };
        Ok(Some(self.base.fit_problem(shared, &problem, run)?))
    }

    /// The votes of some pairs, `(n_rows, n_labels)`, with their models if they are kept.
    fn votes(
        &self,
        pairs: std::ops::Range<usize>,
        models: Option<&[PairModel]>,
        train: &SharedRows<'_>,
        rows: &SharedRows<'_>,
    ) -> Result<Array2<u32>> {
        let mut votes = Array2::zeros((rows.x().nrows(), self.rows_of.len()));
        for pair in pairs {
            let fitted;
            let model = match models {
                Some(models) => models[pair].as_deref(),
                None => {
                    fitted = self.fitter.fit_one(pair, |pair, run| self.fit_pair(pair, train, run)).0?;
                    fitted.as_deref()
                }
            };
            let Some(model) = model else { continue };
            let [one, other] = self.labels[pair];
            for (row, scores) in model.scores(rows)?.rows().into_iter().enumerate() {
                votes[[row, if is_on(scores[0], scores[1]) { one } else { other }]] += 1;
            }
        }
        Ok(votes)
    }
}

/// Pairs that a thread counts before its votes are added to the others'.
const PAIRS_AT_ONCE: usize = 512;

impl<B: BaseLearner> CalibratedLabelRankingModel<B> {
    /// The votes of all pairs, `(n_rows, n_labels)`.
    fn pair_votes(&self, rows: &SharedRows<'_>) -> Result<Array2<u32>> {
        let n_pairs = self.pairs.labels.len();
        let train = SharedRows::of(&self.pairs.rows);
        let starts: Vec<usize> = (0..n_pairs).step_by(PAIRS_AT_ONCE).collect();
        let blocks = starts.into_par_iter().map(|start| {
            let block = start..n_pairs.min(start + PAIRS_AT_ONCE);
            self.pairs.votes(block, self.models.as_deref(), &train, rows)
        });
        let none = || Array2::zeros((rows.x().nrows(), self.pairs.rows_of.len()));
        blocks.try_reduce(none, |sum, votes| Ok(sum + votes))
    }
}

impl<B: BaseLearner> Predict<LabelMatrix> for CalibratedLabelRankingModel<B> {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let rows = SharedRows::new(self.virtual_label.features(), x)?;
        let (beats_virtual, _) = self.virtual_label.answers(&rows)?;
        let mut votes = self.pair_votes(&rows)?;
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
