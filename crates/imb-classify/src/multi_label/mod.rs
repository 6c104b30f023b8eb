//! Classifiers of rows that may have any number of labels.
//!
//! | method | learns |
//! | --- | --- |
//! | [`MlKnn`] | how many neighbours with a label speak for it |
//! | [`BinaryRelevance`] | a classifier for each label |
//! | [`LabelPowerset`] | one classifier whose classes are the sets of labels |
//! | [`ClassifierChain`] | a classifier for each label, which sees the labels before it |
//! | [`Rakel`] | label powersets of a few labels each, which vote |
//! | [`EnsembleOfClassifierChains`] | chains in several orders, averaged |
//! | [`CalibratedLabelRanking`] | a classifier for each pair of labels, which vote |
//!
//! All but the first take any [`BaseLearner`](crate::BaseLearner). A method that draws has a pure part,
//! [`Rakel::fit_labelsets`], [`ClassifierChain::fit_chain`] and [`EnsembleOfClassifierChains::fit_chains`],
//! which takes what is drawn as an argument. Labels are learned on all threads of the current rayon pool,
//! each with a generator of its own, so the number of threads changes nothing.
//!
//! The answers equal mulan's, as the tests show; the page of each method's
//! module has its source and says where mulan's answers depend on chance. Row weights are ignored.

pub mod binary_relevance;
pub mod calibrated_label_ranking;
pub mod classifier_chain;
pub mod ensemble_of_classifier_chains;
mod fitter;
pub mod label_powerset;
pub mod ml_knn;
pub mod rakel;
mod unit_range;

use imb_core::{Error, LabelMatrix, Prediction, Result, Watch};
use ndarray::{Array2, ArrayView2};

pub use binary_relevance::{BinaryRelevance, BinaryRelevanceModel};
pub use calibrated_label_ranking::{CalibratedLabelRanking, CalibratedLabelRankingModel};
pub use classifier_chain::{ChainOrder, ClassifierChain, ClassifierChainModel};
pub use ensemble_of_classifier_chains::{Chain, EnsembleOfClassifierChains, EnsembleOfClassifierChainsModel};
pub use label_powerset::{LabelPowerset, LabelPowersetModel};
pub use ml_knn::{MlKnn, MlKnnModel};
pub use rakel::{Labelsets, Rakel, RakelModel};

/// Whether a binary classifier's scores, `(off, on)`, put a label on. A tie does, as in mulan.
fn is_on(off: f64, on: f64) -> bool {
    on >= off
}

/// A prediction of labels, `(n_rows, n_labels)`, with these scores.
fn prediction(on: Array2<bool>, scores: Array2<f64>, names: &[String]) -> Result<Prediction<LabelMatrix>> {
    Ok(Prediction { labels: LabelMatrix::new(on, names.to_vec())?, scores, logits: None })
}

/// The numbers of the rows that have a label, ascending, for each label.
fn rows_of_labels(on: ArrayView2<'_, bool>) -> Vec<Vec<usize>> {
    let rows_of = |label: ndarray::ArrayView1<'_, bool>| {
        label.iter().enumerate().filter(|(_, on)| **on).map(|(row, _)| row).collect()
    };
    on.columns().into_iter().map(rows_of).collect()
}

fn require_labels(labels: &LabelMatrix) -> Result<()> {
    if labels.n_labels() > 0 {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: "labels of the training rows, at least".into(), expected: 1, found: 0 })
}

/// Tells who watches how far a method has come, and ends it where asked to.
fn proceed(watch: &mut (impl Watch + ?Sized), stage: &str, done: usize, total: usize) -> Result<()> {
    if watch.progress(stage, done as u64, total as u64).is_continue() {
        return Ok(());
    }
    Err(Error::Interrupted { stage: stage.into(), kept: "nothing is kept".into() })
}
