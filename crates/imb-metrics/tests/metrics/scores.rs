//! H5: metrics of scores and probabilities compared with scikit-learn.

use imb_core::Result;
use imb_metrics::probabilities::{brier_loss, expected_calibration_loss, log_loss};
use imb_metrics::scores::{
    average_precision_score, macro_average_precision_score, macro_roc_auc_score, roc_auc_score,
};
use serde::Deserialize;

use crate::reference::{assert_close, assert_defined_alike, labels, scaled, section};

#[derive(Deserialize)]
struct Case {
    n_classes: usize,
    scale: u32,
    truth: String,
    scores: Vec<u32>,
    roc_auc: Vec<Option<f64>>,
    average_precision: Vec<f64>,
    macro_roc_auc: Option<f64>,
    macro_average_precision: f64,
    log_loss: f64,
    brier: f64,
    n_bins: usize,
    calibration: f64,
}

#[test]
fn equal_to_scikit_learn() {
    let cases: Vec<Case> = section(include_str!("../reference/scores.json"), "cases");
    assert_eq!(cases.len(), 275);
    for (number, case) in cases.iter().enumerate() {
        let truth = labels(&case.truth, case.n_classes);
        let scores = scaled(&case.scores, case.scale, case.n_classes);
        let what = |metric: &str| format!("{metric} of case {number}");
        let close = |found: Result<f64>, expected: f64, metric: &str| {
            assert_close(found.expect("applies to any truth"), expected, &what(metric));
        };
        for (class, column) in (0u32..).zip(scores.columns()) {
            let area = roc_auc_score(&truth, class, column);
            assert_defined_alike(area, case.roc_auc[class as usize], &what("ROC AUC"));
            let precision = average_precision_score(&truth, class, column);
            close(precision, case.average_precision[class as usize], "average precision");
        }
        let scores = scores.view();
        assert_defined_alike(macro_roc_auc_score(&truth, scores), case.macro_roc_auc, &what("macro ROC AUC"));
        let macro_precision = macro_average_precision_score(&truth, scores);
        close(macro_precision, case.macro_average_precision, "macro average precision");
        close(log_loss(&truth, scores), case.log_loss, "log loss");
        close(brier_loss(&truth, scores), case.brier, "Brier loss");
        let calibration = expected_calibration_loss(&truth, scores, case.n_bins);
        close(calibration, case.calibration, "expected calibration error");
    }
}
