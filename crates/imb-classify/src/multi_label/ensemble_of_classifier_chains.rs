//! Ensemble of classifier chains (ECC): chains in several orders, averaged.
//!
//! A single chain depends on its order. Here each of a few [chains](super::ClassifierChain) has an order
//! and a bootstrap of the training rows of its own, and their scores are averaged.
//!
//! 1. For each chain draw an order of the labels, and as many training rows as there are, with
//!    replacement.
//! 2. Fit the chain to them.
//! 3. The score of a label is its mean score; it is predicted where that is at least the mean score
//!    against it: for scores that are shares, from one half on.
//!
//! The paper averages votes; mulan averages confidences by default, and so do we. The released code of
//! Zhou et al., "AEMLO: AutoEncoder-guided multi-label oversampling" (2024), has one chain of all rows in the
//! order of the data: `n_chains: 1, order: ChainOrder::Natural, bootstrap: false`.
//!
//! Read, Pfahringer, Holmes and Frank, "Classifier chains for multi-label classification", Machine Learning
//! 85 (2011), doi:10.1007/s10994-011-5256-5.

use imb_core::{Error, Fit, LabelMatrix, Predict, Prediction, Result, Rng, Run, Train};
use ndarray::{Array2, ArrayView2, Zip};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::classifier_chain::{ChainOrder, ChainSpace, Link, check_chain};
use super::fitter::Fitter;
use super::{is_on, prediction, require_labels};
use crate::base::{BaseLearner, SharedRows, require_below};

/// An ensemble of classifier chains.
///
/// ```
/// use imb_classify::C45;
/// use imb_classify::multi_label::EnsembleOfClassifierChains;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, true], [true, true], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let train = Train { rows, validation: None };
/// let learner = EnsembleOfClassifierChains::<C45> { bootstrap: false, ..Default::default() };
/// let model = learner.fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5], [8.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, true], [false, true]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`ClassifierChain`](super::ClassifierChain), a single one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnsembleOfClassifierChains<B> {
    /// What learns each label of each chain.
    pub base: B,
    /// The number of chains, at least 1.
    pub n_chains: usize,
    /// The order of the labels in the chains.
    pub order: ChainOrder,
    /// Whether each chain has a bootstrap of the training rows, else all of them.
    pub bootstrap: bool,
}

impl<B: Default> Default for EnsembleOfClassifierChains<B> {
    /// Five chains, each drawn as in the paper.
    fn default() -> Self {
        Self { base: B::default(), n_chains: 5, order: ChainOrder::Random, bootstrap: true }
    }
}

/// What is drawn for a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// All label numbers, in the order of the chain.
    pub order: Vec<usize>,
    /// The numbers of the training rows that it learns from; a row may be named more than once.
    pub rows: Vec<usize>,
}

/// A fitted [`EnsembleOfClassifierChains`].
#[derive(Debug)]
pub struct EnsembleOfClassifierChainsModel {
    space: ChainSpace,
    chains: Vec<Vec<Link>>,
}

impl<B: BaseLearner> Fit<LabelMatrix> for EnsembleOfClassifierChains<B> {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        let chains = self.draw_chains(train.rows.n_rows(), train.rows.y().n_labels(), run.rng);
        Ok(Box::new(self.fit_chains(train, &chains, run)?))
    }
}

impl<B> EnsembleOfClassifierChains<B> {
    /// Draws order and rows of each chain.
    pub fn draw_chains(&self, n_rows: usize, n_labels: usize, rng: &mut Rng) -> Vec<Chain> {
        let draw = |_| {
            let order = self.order.draw(n_labels, rng);
            let rows = if self.bootstrap {
                (0..n_rows).map(|_| rng.random_range(0..n_rows)).collect()
            } else {
                (0..n_rows).collect()
            };
            Chain { order, rows }
        };
        (0..self.n_chains).map(draw).collect()
    }
}

impl<B: BaseLearner> EnsembleOfClassifierChains<B> {
    /// Fits to chains that are given.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) for no chains, or one that does not name each
    /// label once or names a row that does not exist; and as the base learner says.
    pub fn fit_chains(
        &self,
        train: &Train<LabelMatrix>,
        chains: &[Chain],
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<EnsembleOfClassifierChainsModel> {
        let labels = train.rows.y();
        require_labels(labels)?;
        if chains.is_empty() {
            return Err(Error::invalid_parameter("n_chains", "at least 1", 0));
        }
        for chain in chains {
            check_chain(&chain.order, labels.n_labels())?;
            require_below("row of a chain", chain.rows.iter().copied(), train.rows.n_rows())?;
        }
        let space = ChainSpace::of(train);
        let x = space.training_rows(train);
        let shared = SharedRows::new(space.columns(), x.view())?;
        let (n_labels, stage) = (labels.n_labels(), "ensemble of classifier chains");
        let fitter = Fitter::new(run);
        let links = fitter.fit_all(stage, chains.len() * n_labels, run.observer, |number, run| {
            let Chain { order, rows } = &chains[number / n_labels];
            space.fit_link(&self.base, &shared, labels, rows, &order[..=number % n_labels], run)
        })?;
        drop(shared);
        let mut links = links.into_iter();
        let chains = chains.iter().map(|_| links.by_ref().take(n_labels).collect()).collect();
        Ok(EnsembleOfClassifierChainsModel { space, chains })
    }
}

impl Predict<LabelMatrix> for EnsembleOfClassifierChainsModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        let shape = (x.nrows(), self.space.names().len());
        let (mut off, mut on) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
        let of_chains: Vec<_> = self.chains.par_iter().map(|links| self.space.scores(links, x)).collect();
        for of_chain in of_chains {
            let [chain_off, chain_on] = of_chain?;
            off += &chain_off;
            on += &chain_on;
        }
        let labels = Zip::from(&off).and(&on).map_collect(|&off, &on| is_on(off, on));
        prediction(labels, on / self.chains.len() as f64, self.space.names())
    }
}
