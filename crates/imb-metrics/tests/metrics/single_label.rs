//! H5: metrics of predicted classes compared with scikit-learn.

use imb_metrics::ConfusionMatrix;
use imb_metrics::single_label::*;
use serde::Deserialize;

use crate::reference::{assert_all_close, assert_close, labels, section};

#[derive(Deserialize)]
struct Case {
    n_classes: usize,
    truth: String,
    predicted: String,
    matrix: Vec<Vec<u64>>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    macro_f1: f64,
    minority_f1: f64,
    majority_f1: f64,
    acsa: f64,
    geometric_mean: f64,
    accuracy: f64,
}

#[test]
fn equal_to_scikit_learn() {
    let cases: Vec<Case> = section(include_str!("../reference/single_label.json"), "cases");
    assert_eq!(cases.len(), 350);
    for case in cases {
        let (truth, predicted) =
            (labels(&case.truth, case.n_classes), labels(&case.predicted, case.n_classes));
        let matrix = ConfusionMatrix::new(&truth, &predicted).expect("same classes");
        let what = |metric: &str| format!("{metric} of {:?}", case.matrix);
        assert_eq!(Vec::from(matrix.clone()), case.matrix);
        assert_all_close(&per_class_precision_score(&matrix), &case.precision, &what("precision"));
        assert_all_close(&per_class_recall_score(&matrix), &case.recall, &what("recall"));
        assert_all_close(&per_class_f1_score(&matrix), &case.f1, &what("F1"));
        assert_close(macro_f1_score(&matrix), case.macro_f1, &what("macro F1"));
        assert_close(minority_f1_score(&matrix), case.minority_f1, &what("F1 of the minority"));
        assert_close(majority_f1_score(&matrix), case.majority_f1, &what("F1 of the majority"));
        assert_close(acsa_score(&matrix), case.acsa, &what("ACSA"));
        assert_close(geometric_mean_score(&matrix), case.geometric_mean, &what("geometric mean"));
        assert_close(accuracy_score(&matrix), case.accuracy, &what("accuracy"));
    }
}
