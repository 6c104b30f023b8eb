//! What every learner must do, whatever else it does. For tests: behind the feature `contract`.
//!
//! One function a role, which panics with the learner's name where a promise is broken. The crate of a
//! learner calls it, and the workspace's tests call it once for every learner of the registry.

use imb_core::{
    Budget, Dataset, Device, Error, Fit, LabelMatrix, Labels, Predict, Result, Run, Seed, Target, Train,
};
use ndarray::{Array2, s};
use rand::RngExt;

/// Checks a learner of classes, on rows of two classes with validation rows beside them. Trainings are
/// capped.
///
/// ```
/// use imb_classify::{C45, contract::fit_classes};
///
/// fit_classes("c45", &C45::default());
/// ```
///
/// # Panics
/// If the learner breaks a promise.
pub fn fit_classes(name: &str, learner: &dyn Fit<Labels>) {
    let (rows, validation) = (clouds(60, 1), clouds(24, 2));
    check(name, learner, &Train { rows, validation: Some(validation) }, 2);
}

/// Checks a learner of labels.
///
/// ```
/// use imb_classify::{contract::fit_labels, multi_label::MlKnn};
///
/// fit_labels("ml_knn", &MlKnn::default());
/// ```
///
/// # Panics
/// If the learner breaks a promise.
pub fn fit_labels(name: &str, learner: &dyn Fit<LabelMatrix>) {
    let train = Train { rows: labelled(60, 1), validation: None };
    check(name, learner, &train, 4);
    let prediction = fitted(learner, &train).and_then(|model| model.predict(train.rows.x()));
    let labels = prediction.unwrap_or_else(|error| panic!("{name}: {error}")).labels;
    let counts = labels.positives();
    assert_eq!((counts[2], counts[3]), (0, 60), "{name}: a label of no row, and one of every row");
}

/// What both kinds of learner promise: answers of the right shape, the same for the same seed on any number
/// of threads, and a typed error for rows of another width or with a gap.
fn check<Y: Target>(name: &str, learner: &dyn Fit<Y>, train: &Train<Y>, n_scores: usize) {
    let before = train.clone();
    let model = fitted(learner, train).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(*train, before, "{name} changes its input");
    let x = train.rows.x();
    let prediction = model.predict(x).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(prediction.labels.n_rows(), x.nrows(), "{name}");
    assert_eq!(prediction.scores.dim(), (x.nrows(), n_scores), "{name}");
    assert!(prediction.scores.iter().all(|score| score.is_finite()), "{name}: a score is no number");
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let again = pool.install(|| fitted(learner, train).and_then(|model| model.predict(x)));
        assert_eq!(again.ok().as_ref(), Some(&prediction), "{name} on {threads} threads");
    }
    let narrow = model.predict(x.slice(s![.., ..1]));
    assert!(matches!(narrow, Err(Error::LengthMismatch { .. })), "{name}: rows of another width");
    let mut gap = x.to_owned();
    gap[[1, 2]] = f64::NAN;
    let refused = model.predict(gap.view());
    assert!(matches!(refused, Err(Error::NotFinite { row: 1, .. })), "{name}: a row with a gap");
}

fn fitted<Y: Target>(learner: &dyn Fit<Y>, train: &Train<Y>) -> Result<Box<dyn Predict<Y>>> {
    let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
    let budget = Some(Budget { steps: 60, epochs: 2 });
    learner.fit(train, &mut Run { rng: &mut rng, observer: &mut nobody, device: Device::Cpu, budget })
}

/// Numbers in two groups, the second from a third of the rows on.
fn numbers(n_rows: usize, seed: u64) -> Array2<f64> {
    let mut rng = Seed::new(seed).rng();
    let noise: Vec<f64> = (0..3 * n_rows).map(|_| rng.random::<f64>()).collect();
    Array2::from_shape_fn((n_rows, 3), |(row, column)| {
        noise[3 * row + column] + if row.is_multiple_of(3) { 0.7 } else { 0.0 }
    })
}

fn clouds(n_rows: usize, seed: u64) -> Dataset<Labels> {
    let codes = (0..n_rows).map(|row| u32::from(row.is_multiple_of(3))).collect();
    let y = Labels::new(codes, vec!["often".into(), "rare".into()]).expect("two classes");
    Dataset::unnamed(numbers(n_rows, seed), y).expect("finite")
}

/// Labels of a third and of half the rows, of none and of all.
fn labelled(n_rows: usize, seed: u64) -> Dataset<LabelMatrix> {
    let on = Array2::from_shape_fn((n_rows, 4), |(row, label)| match label {
        0 => row.is_multiple_of(3),
        1 => row.is_multiple_of(2),
        2 => false,
        _ => true,
    });
    let names = ["a", "b", "none", "all"].map(String::from).into();
    Dataset::unnamed(numbers(n_rows, seed), LabelMatrix::new(on, names).expect("four names")).expect("finite")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::{
        BinaryRelevance, CalibratedLabelRanking, ClassifierChain, EnsembleOfClassifierChains, LabelPowerset,
        MlKnn, Rakel,
    };
    use crate::{C45, Cart, LinearSvm, Svc};

    #[test]
    fn learners_of_classes() {
        fit_classes("c45", &C45::default());
        fit_classes("cart", &Cart::default());
        fit_classes("linear_svm", &LinearSvm::default());
        fit_classes("svc", &Svc::default());
    }

    #[test]
    fn learners_of_labels() {
        fit_labels("ml_knn", &MlKnn::default());
        fit_labels("binary_relevance", &BinaryRelevance::<C45>::default());
        fit_labels("label_powerset", &LabelPowerset::<C45>::default());
        fit_labels("classifier_chain", &ClassifierChain::<C45>::default());
        fit_labels("ensemble_of_classifier_chains", &EnsembleOfClassifierChains::<C45>::default());
        fit_labels("rakel", &Rakel::<C45>::default());
        fit_labels("calibrated_label_ranking", &CalibratedLabelRanking::<LinearSvm>::default());
    }
}
