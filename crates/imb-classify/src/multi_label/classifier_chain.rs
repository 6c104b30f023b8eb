//! Classifier chain (CC): one classifier for each label, which sees the labels before it.
//!
//! Labels are predicted one after the other. The classifier of each label has the features and, as further
//! columns, the labels before it in the chain: the true ones in training, the predicted ones afterwards. So
//! labels use what they say about each other at the cost of one classifier a label. But a label knows
//! nothing of those after it, and errors travel down the chain.
//!
//! A label is predicted where the score for it is at least the score against it, as in mulan. Label columns
//! are categories, `0` and `1`. They follow the features in the order of the data, whatever the order of the
//! chain; that matters only to base learners that settle ties by the order of columns.
//!
//! The paper draws the order of the chain; mulan takes the labels in the order of the data
//! ([`ChainOrder::Natural`]).
//!
//! Read, Pfahringer, Holmes and Frank, "Classifier chains for multi-label classification", Machine Learning
//! 85 (2011), doi:10.1007/s10994-011-5256-5.

use std::sync::Arc;

use imb_core::{
    ColumnKind, Error, Feature, Fit, LabelMatrix, Labels, Predict, Prediction, Result, Rng, Run, Train,
};
use ndarray::{Array2, ArrayView2, Zip, s};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::fitter::Fitter;
use super::{is_on, prediction, require_labels};
use crate::base::{BaseLearner, BaseModel, Problem, SharedRows};

/// A classifier chain.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::ClassifierChain;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let model = ClassifierChain::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`EnsembleOfClassifierChains`](super::EnsembleOfClassifierChains), which depends less on the
/// order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifierChain<B> {
    /// What learns each label.
    pub base: B,
    /// The order of the labels in the chain.
    pub order: ChainOrder,
}

/// The order of the labels in a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainOrder {
    /// Drawn, every order equally likely.
    #[default]
    Random,
    /// As in the data.
    Natural,
}

/// A fitted [`ClassifierChain`].
#[derive(Debug)]
pub struct ClassifierChainModel {
    space: ChainSpace,
    links: Vec<Link>,
}

/// The classifier of a label in a chain.
#[derive(Debug)]
pub(super) struct Link {
    label: usize,
    model: Box<dyn BaseModel>,
}

/// The columns that links learn from: the features, and behind them the labels.
#[derive(Clone, Debug)]
pub(super) struct ChainSpace {
    columns: Arc<[Feature]>,
    names: Vec<String>,
}

impl<B: BaseLearner> Fit<LabelMatrix> for ClassifierChain<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        let chain = self.order.draw(train.rows.y().n_labels(), run.rng);
        Ok(Box::new(self.fit_chain(train, &chain, run)?))
    }
}

impl ChainOrder {
    /// Label numbers in the order of a chain.
    pub(super) fn draw(self, n_labels: usize, rng: &mut Rng) -> Vec<usize> {
        let mut chain: Vec<usize> = (0..n_labels).collect();
        if self == Self::Random {
            chain.shuffle(rng);
        }
        chain
    }
}

impl<B: BaseLearner> ClassifierChain<B> {
    /// Fits to a chain that is given: all label numbers, in order.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) unless each label stands in the chain once;
    /// and as the base learner says.
    pub fn fit_chain(
        &self,
        train: &Train<LabelMatrix>,
        chain: &[usize],
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<ClassifierChainModel> {
        let labels = train.rows.y();
        require_labels(labels)?;
        check_chain(chain, labels.n_labels())?;
        let space = ChainSpace::of(train);
        let x = space.training_rows(train);
        let shared = SharedRows::new(&space.columns, x.view())?;
        let rows: Vec<usize> = (0..x.nrows()).collect();
        let links =
            Fitter::new(run).fit_all("classifier chain", chain.len(), run.observer, |place, run| {
                space.fit_link(&self.base, &shared, labels, &rows, &chain[..=place], run)
            })?;
        drop(shared);
        Ok(ClassifierChainModel { space, links })
    }
}

impl Predict<LabelMatrix> for ClassifierChainModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let [off, on] = self.space.scores(&self.links, x)?;
        let labels = Zip::from(&off).and(&on).map_collect(|&off, &on| is_on(off, on));
        prediction(labels, on, &self.space.names)
    }
}

impl ChainSpace {
    pub(super) fn of(train: &Train<LabelMatrix>) -> Self {
        let names = train.rows.y().names().to_vec();
        let kind = ColumnKind::Categorical(vec!["0".into(), "1".into()]);
        let labels = names.iter().map(|name| Feature { name: name.clone(), kind: kind.clone() });
        let columns = train.rows.features().iter().cloned().chain(labels).collect();
        Self { columns, names }
    }

    pub(super) fn columns(&self) -> &[Feature] {
        &self.columns
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    fn n_features(&self) -> usize {
        self.columns.len() - self.names.len()
    }

    /// The training rows with their labels behind them, `(n_rows, n_features + n_labels)`.
    pub(super) fn training_rows(&self, train: &Train<LabelMatrix>) -> Array2<f64> {
        let mut rows = self.without_labels(train.rows.x());
        let labels = train.rows.y().view().mapv(|on| f64::from(u8::from(on)));
        rows.slice_mut(s![.., self.n_features()..]).assign(&labels);
        rows
    }

    /// Rows `x`, `(n_rows, n_features)`, with a column of zeros for each label behind them.
    fn without_labels(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut rows = Array2::zeros((x.nrows(), self.columns.len()));
        rows.slice_mut(s![.., ..self.n_features()]).assign(&x);
        rows
    }

    /// Fits the last label of a chain to the features and the labels before it.
    pub(super) fn fit_link(
        &self,
        base: &impl BaseLearner,
        shared: &SharedRows<'_>,
        labels: &LabelMatrix,
        rows: &[usize],
        chain: &[usize],
        run: &mut Run<'_, Labels>,
    ) -> Result<Link> {
        let (&label, earlier) = chain.split_last().expect("a link has a label");
        let n_features = self.n_features();
        let mut columns: Vec<usize> = (0..n_features).collect();
        columns.extend(earlier.iter().map(|label| n_features + label));
        columns[n_features..].sort_unstable();
        let on = labels.view();
        let codes: Vec<u32> = rows.iter().map(|&row| on[[row, label]].into()).collect();
        let problem = Problem { rows, codes: &codes, n_classes: 2, columns: Some(&columns) };
        Ok(Link { label, model: Box::new(base.fit_problem(shared, &problem, run)?) })
    }

    /// The scores against and for each label, `(n_rows, n_labels)` each, down the chain.
    pub(super) fn scores(&self, links: &[Link], x: ArrayView2<'_, f64>) -> Result<[Array2<f64>; 2]> {
        let n_features = self.n_features();
        SharedRows::new(&self.columns[..n_features], x)?.require_finite()?;
        let mut known = self.without_labels(x);
        let shape = (x.nrows(), self.names.len());
        let mut scores = [Array2::zeros(shape), Array2::zeros(shape)];
        for Link { label, model } in links {
            let found = model.scores(&SharedRows::new(&self.columns, known.view())?.known_finite())?;
            for (row, found) in found.rows().into_iter().enumerate() {
                let (off, on) = (found[0], found[1]);
                scores[0][[row, *label]] = off;
                scores[1][[row, *label]] = on;
                known[[row, n_features + label]] = f64::from(u8::from(is_on(off, on)));
            }
        }
        Ok(scores)
    }
}

/// Whether a chain has each label once.
pub(super) fn check_chain(chain: &[usize], n_labels: usize) -> Result<()> {
    let mut sorted = chain.to_vec();
    sorted.sort_unstable();
    if sorted.iter().copied().eq(0..n_labels) {
        return Ok(());
    }
    let requirement = format!("each label number below {n_labels} once");
    Err(Error::invalid_parameter("chain", requirement, format!("{chain:?}")))
}
