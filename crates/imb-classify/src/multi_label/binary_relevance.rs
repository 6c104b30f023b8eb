//! Binary relevance (BR): one classifier for each label.
//!
//! Each label is a problem of two classes: the rows with it against the rows without it. What labels say
//! about each other is not used; this is the baseline of multi-label learning.
//!
//! A label is predicted where the score for it is at least the score against it, as in mulan. Its score is
//! the base learner's. A label that every training row has, or none, is a problem of one class: a tree predicts
//! it for every row, a linear support vector machine for the training rows and those like them.
//!
//! Boutell, Luo, Shen and Brown, "Learning multi-label scene classification", Pattern Recognition 37
//! (2004), doi:10.1016/j.patcog.2004.03.009. Tsoumakas, Katakis and Vlahavas, "Mining multi-label data"
//! (2010), doi:10.1007/978-0-387-09823-4_34.

use std::sync::Arc;

use imb_core::{Feature, Fit, LabelMatrix, Predict, Prediction, Result, Run, Train};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fitter::Fitter;
use super::{is_on, prediction, require_labels};
use crate::base::{BaseLearner, BaseModel, Problem, SharedRows};

/// Binary relevance.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::BinaryRelevance;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = BinaryRelevance::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`ClassifierChain`](super::ClassifierChain), where labels see each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BinaryRelevance<B> {
    /// What learns each label.
    pub base: B,
}

/// A fitted [`BinaryRelevance`].
#[derive(Debug)]
pub struct BinaryRelevanceModel {
    features: Arc<[Feature]>,
    names: Vec<String>,
    /// One a label.
    models: Vec<Box<dyn BaseModel>>,
}

impl<B: BaseLearner> Fit<LabelMatrix> for BinaryRelevance<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        Ok(Box::new(BinaryRelevanceModel::fit(&self.base, train, "binary relevance", run)?))
    }
}

impl BinaryRelevanceModel {
    /// Fits a base learner to each label, and calls it by the name of a stage.
    pub(super) fn fit(
        base: &impl BaseLearner,
        train: &Train<LabelMatrix>,
        stage: &str,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Self> {
        let labels = train.rows.y();
        require_labels(labels)?;
        let shared = SharedRows::of(&train.rows);
        let rows: Vec<usize> = (0..train.rows.n_rows()).collect();
        let models = Fitter::new(run).fit_all(stage, labels.n_labels(), run.observer, |label, run| {
            let codes: Vec<u32> = labels.view().column(label).iter().map(|&on| on.into()).collect();
            let problem = Problem { rows: &rows, codes: &codes, n_classes: 2, columns: None };
            Ok(Box::new(base.fit_problem(&shared, &problem, run)?) as Box<dyn BaseModel>)
        })?;
        Ok(Self { features: train.rows.features().clone(), names: labels.names().to_vec(), models })
    }

    pub(super) fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Which labels are predicted, and their scores, `(n_rows, n_labels)` each.
    pub(super) fn answers(&self, rows: &SharedRows<'_>) -> Result<(Array2<bool>, Array2<f64>)> {
        let shape = (rows.x().nrows(), self.models.len());
        let (mut on, mut scores) = (Array2::from_elem(shape, false), Array2::zeros(shape));
        let columns: Vec<_> = self.models.par_iter().map(|model| model.scores(rows)).collect();
        for (label, column) in columns.into_iter().enumerate() {
            for (row, of_row) in column?.rows().into_iter().enumerate() {
                on[[row, label]] = is_on(of_row[0], of_row[1]);
                scores[[row, label]] = of_row[1];
            }
        }
        Ok((on, scores))
    }
}

impl Predict<LabelMatrix> for BinaryRelevanceModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let (on, scores) = self.answers(&SharedRows::new(&self.features, x)?)?;
        prediction(on, scores, &self.names)
    }
}
