//! Label powerset (LP): one classifier whose classes are the label sets of the training rows.
//!
//! It does not ask whether a row has each label, but which of the known combinations of labels it has. So
//! labels that come together are predicted together, and a combination that no training row has is never
//! predicted. With many labels the classes become many and small; [`Rakel`](super::Rakel) avoids this.
//!
//! A row gets the label set with the highest score p. The score of a label is p if this set has the label,
//! else 1 − p, as in mulan. Where p is no share, as with a support vector machine, the scores are 1 and 0. Of
//! equal scores the set of more training rows wins, then the one that comes first among them (mulan draws one).
//!
//! Tsoumakas and Vlahavas, "Random k-labelsets: an ensemble method for multilabel classification", ECML
//! 2007, doi:10.1007/978-3-540-74958-5_38.

use std::collections::BTreeMap;
use std::sync::Arc;

use imb_core::{Feature, Fit, LabelMatrix, Labels, Predict, Prediction, Result, Run, Train};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::fitter::Fitter;
use super::{prediction, require_labels};
use crate::base::{BaseLearner, BaseModel, Problem, SharedRows, first_best};

/// Label powerset.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::LabelPowerset;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = LabelPowerset::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`Rakel`](super::Rakel), for more than a few labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelPowerset<B> {
    /// What learns the label sets as classes.
    pub base: B,
}

/// A fitted [`LabelPowerset`].
#[derive(Debug)]
pub struct LabelPowersetModel {
    features: Arc<[Feature]>,
    names: Vec<String>,
    sets: SetModel,
}

/// Which of some label sets a row has.
#[derive(Debug)]
pub(super) struct SetModel {
    /// The label sets, `(n_sets, n_labels)`, the most frequent first.
    sets: Array2<bool>,
    model: Box<dyn BaseModel>,
}

impl<B: BaseLearner> Fit<LabelMatrix> for LabelPowerset<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        Ok(Box::new(self.fit_rows(train, run)?))
    }
}

impl<B: BaseLearner> LabelPowerset<B> {
    /// As [`fit`](Fit::fit), with a model whose label sets can be asked for.
    ///
    /// # Errors
    /// As the base learner says.
    pub fn fit_rows(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<LabelPowersetModel> {
        let labels = train.rows.y();
        require_labels(labels)?;
        let shared = SharedRows::of(&train.rows);
        let mut models = Fitter::new(run).fit_all("label powerset", 1, run.observer, |_, run| {
            SetModel::fit(&self.base, &shared, labels.view(), run)
        })?;
        let sets = models.pop().expect("one was asked for");
        Ok(LabelPowersetModel {
            features: train.rows.features().clone(),
            names: labels.names().to_vec(),
            sets,
        })
    }
}

impl LabelPowersetModel {
    /// The label sets of the training rows, `(n_sets, n_labels)`, the most frequent first.
    pub fn label_sets(&self) -> ArrayView2<'_, bool> {
        self.sets.label_sets()
    }

    /// The score of each label set for rows `x`, `(n_rows, n_sets)`.
    ///
    /// # Errors
    /// [`LengthMismatch`](imb_core::Error::LengthMismatch) if `x` has another number of features than the
    /// training rows.
    pub fn set_scores(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.sets.scores(&SharedRows::new(&self.features, x)?)
    }
}

impl Predict<LabelMatrix> for LabelPowersetModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let of_sets = self.set_scores(x)?;
        let shape = (x.nrows(), self.names.len());
        let (mut on, mut scores) = (Array2::from_elem(shape, false), Array2::zeros(shape));
        for (row, of_sets) in of_sets.rows().into_iter().enumerate() {
            let best = first_best(of_sets) as usize;
            // Distances from a margin are no shares.
            let share = if (0.0..=1.0).contains(&of_sets[best]) { of_sets[best] } else { 1.0 };
            for (label, &has) in self.sets.sets.row(best).iter().enumerate() {
                on[[row, label]] = has;
                scores[[row, label]] = if has { share } else { 1.0 - share };
            }
        }
        prediction(on, scores, &self.names)
    }
}

impl SetModel {
    /// Learns the sets of labels `on`, `(n_rows, n_labels)`.
    pub(super) fn fit(
        base: &impl BaseLearner,
        shared: &SharedRows<'_>,
        on: ArrayView2<'_, bool>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Self> {
        let (sets, codes) = distinct_sets(on);
        let rows: Vec<usize> = (0..on.nrows()).collect();
        let problem = Problem { rows: &rows, codes: &codes, n_classes: sets.nrows(), columns: None };
        Ok(Self { model: Box::new(base.fit_problem(shared, &problem, run)?), sets })
    }

    pub(super) fn label_sets(&self) -> ArrayView2<'_, bool> {
        self.sets.view()
    }

    pub(super) fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>> {
        self.model.scores(rows)
    }
}

/// The distinct rows of a matrix, the most frequent first, then in order of appearance; and which of them
/// each row is.
fn distinct_sets(on: ArrayView2<'_, bool>) -> (Array2<bool>, Vec<u32>) {
    let mut rows_of: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for (row, set) in on.rows().into_iter().enumerate() {
        rows_of.entry(set.to_vec()).or_default().push(row);
    }
    let mut groups: Vec<Vec<usize>> = rows_of.into_values().collect();
    groups.sort_by_key(|rows| (std::cmp::Reverse(rows.len()), rows[0]));
    let mut codes = vec![0; on.nrows()];
    for (code, rows) in (0u32..).zip(&groups) {
        rows.iter().for_each(|&row| codes[row] = code);
    }
    let firsts: Vec<usize> = groups.iter().map(|rows| rows[0]).collect();
    (on.select(Axis(0), &firsts), codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LinearSvm;
    use imb_core::{Dataset, Seed};
    use ndarray::array;

    #[test]
    fn labels_of_the_predicted_set_score_higher_over_a_margin_too() {
        let on = array![[true, false], [true, false], [false, true], [false, true], [true, true]];
        let names = vec!["a".into(), "b".into()];
        let rows = Dataset::unnamed(
            array![[0.0], [0.1], [0.2], [0.3], [0.15]],
            LabelMatrix::new(on, names).expect("two names"),
        );
        let train = Train { rows: rows.expect("finite"), validation: None };
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let powerset = LabelPowerset { base: LinearSvm::default() };
        let model = powerset.fit_rows(&train, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
        let best = model.set_scores(train.rows.x()).expect("as wide");
        assert!(best.rows().into_iter().any(|row| row.iter().all(|score| *score < 0.0)), "{best}");
        let predicted = model.predict(train.rows.x()).expect("as wide");
        for (on, score) in predicted.labels.view().iter().zip(&predicted.scores) {
            assert!(if *on { *score >= 0.5 } else { *score <= 0.5 }, "{}", predicted.scores);
        }
    }

    #[test]
    fn frequent_sets_come_first_then_early_ones() {
        let on = array![[true, true], [true, false], [false, false], [false, false]];
        let (sets, codes) = distinct_sets(on.view());
        assert_eq!(sets, array![[false, false], [true, true], [true, false]]);
        assert_eq!(codes, [1, 2, 0, 0]);
    }
}
