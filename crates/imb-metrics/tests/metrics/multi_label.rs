//! H5: multi-label metrics compared with scikit-learn.

use imb_core::{LabelMatrix, Result};
use imb_metrics::multi_label::*;
use ndarray::Array2;
use serde::Deserialize;

use crate::reference::{assert_close, assert_defined_alike, scaled, section};

#[derive(Deserialize)]
struct Case {
    n_labels: usize,
    scale: u32,
    truth: String,
    scores: Vec<u32>,
    macro_f1: f64,
    micro_f1: f64,
    hamming: f64,
    macro_auc: Option<f64>,
    macro_auc_ties_win: f64,
    ranking: f64,
    one_error: f64,
    coverage: f64,
    average_precision: f64,
}

#[test]
fn equal_to_scikit_learn() {
    let cases: Vec<Case> = section(include_str!("../reference/multi_label.json"), "cases");
    assert_eq!(cases.len(), 175);
    for (number, case) in cases.iter().enumerate() {
        let scores = scaled(&case.scores, case.scale, case.n_labels);
        let truth = matrix(truth_of(case));
        let what = |metric: &str| format!("{metric} of case {number}");
        let outcomes = LabelOutcomes::new(&truth, &matrix(scores.mapv(|score| score > 0.5)));
        let outcomes = outcomes.expect("same labels");
        assert_close(macro_f1_score(&outcomes), case.macro_f1, &what("macro F1"));
        assert_close(micro_f1_score(&outcomes), case.micro_f1, &what("micro F1"));
        assert_close(hamming_loss(&outcomes), case.hamming, &what("Hamming loss"));

        let scores = scores.view();
        let half = macro_auc_score(&truth, scores, TieRule::Half);
        assert_defined_alike(half, case.macro_auc, &what("macro AUC"));
        let close = |found: Result<f64>, expected: f64, metric: &str| {
            assert_close(found.expect("applies to any truth"), expected, &what(metric));
        };
        let win = macro_auc_score(&truth, scores, TieRule::Win);
        close(win, case.macro_auc_ties_win, "macro AUC, ties as wins");
        close(ranking_loss(&truth, scores), case.ranking, "ranking loss");
        close(one_error_loss(&truth, scores), case.one_error, "one-error");
        close(coverage_loss(&truth, scores), case.coverage, "coverage");
        close(average_precision_score(&truth, scores), case.average_precision, "average precision");
    }
}

fn truth_of(case: &Case) -> Array2<bool> {
    let on: Vec<bool> = case.truth.chars().map(|digit| digit == '1').collect();
    Array2::from_shape_vec((on.len() / case.n_labels, case.n_labels), on).expect("whole rows")
}

fn matrix(on: Array2<bool>) -> LabelMatrix {
    let names = (0..on.ncols()).map(|label| label.to_string()).collect();
    LabelMatrix::new(on, names).expect("one name per label")
}
