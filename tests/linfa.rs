//! A linfa model trained on a resampled data set.

use imb_core::linfa::{AsTransformer, LinfaDataset};
use imb_core::{Error, Seed};
use imb_resample::Smote;
use linfa::traits::{Fit, Predict, Transformer};
use linfa_bayes::GaussianNb;
use ndarray_linfa::{Array1, Array2};
use rand::RngExt;

/// Two overlapping clouds; one row in ten belongs to class 1.
fn clouds(seed: u64) -> LinfaDataset {
    let mut rng = Seed::new(seed).rng();
    let targets = Array1::from_iter((0..400).map(|row| usize::from(row % 10 == 0)));
    let records = Array2::from_shape_fn((400, 2), |(row, _)| {
        targets[row] as f64 * 0.3 + (0..6).map(|_| rng.random::<f64>()).sum::<f64>() / 3.0
    });
    linfa::Dataset::new(records, targets)
}

/// The recall of class 1 of a naive Bayes classifier.
fn recall(train: &LinfaDataset, test: &LinfaDataset) -> f64 {
    let model = GaussianNb::params().fit(train).expect("two classes");
    let predicted = model.predict(&test.records);
    let found =
        predicted.iter().zip(&test.targets).filter(|(predicted, truth)| **truth == 1 && **predicted == 1);
    found.count() as f64 / test.targets.iter().filter(|truth| **truth == 1).count() as f64
}

#[test]
fn a_model_finds_more_of_the_rare_class_after_smote() {
    let (train, test) = (clouds(1), clouds(2));
    let smote = AsTransformer { resampler: Smote::default(), seed: Seed::new(3) };
    let balanced = smote.transform(train.clone()).expect("enough rows");
    assert_eq!(balanced.targets.iter().filter(|class| **class == 1).count(), 360);
    assert_eq!(
        balanced.records.rows().into_iter().take(400).collect::<Vec<_>>(),
        train.records.rows().into_iter().collect::<Vec<_>>()
    );
    let (before, after) = (recall(&train, &test), recall(&balanced, &test));
    assert!(after > before + 0.2, "recall {before} before, {after} after");
    assert_eq!(balanced, smote.transform(train).expect("enough rows"), "the same seed gives the same rows");
}

#[test]
fn too_few_rows_are_an_error_and_no_panic() {
    let smote =
        AsTransformer { resampler: Smote { k_neighbors: 80, ..Smote::default() }, seed: Seed::new(3) };
    assert!(matches!(smote.transform(clouds(1)), Err(Error::TooFewRows { has: 40, needs: 81, .. })));
}
