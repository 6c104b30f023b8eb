//! H6: tests and intervals compared with scipy, statsmodels, scikit-posthocs and autorank.

use imb_metrics::Direction;
use imb_metrics::interval::student_interval;
use imb_metrics::kolmogorov_smirnov::kolmogorov_smirnov;
use imb_metrics::rank::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::reference::{assert_all_close, assert_close, assert_within, scaled, section};

fn cases<T: DeserializeOwned>(name: &str) -> T {
    section(include_str!("../reference/rank.json"), name)
}

fn values(whole: &[u32], scale: u32) -> Vec<f64> {
    whole.iter().map(|&value| f64::from(value) / f64::from(scale)).collect()
}

#[derive(Deserialize)]
struct FriedmanCase {
    n_methods: usize,
    scale: u32,
    results: Vec<u32>,
    average_ranks: Vec<f64>,
    chi_square: Option<f64>,
    p: Option<f64>,
    f: Option<f64>,
    f_p: Option<f64>,
    nemenyi_first_row: Vec<f64>,
}

#[test]
fn friedman_and_nemenyi() {
    let cases: Vec<FriedmanCase> = cases("friedman");
    assert_eq!(cases.len(), 40);
    for case in cases {
        let results = scaled(&case.results, case.scale, case.n_methods);
        let ranks = average_ranks(results.view(), Direction::HigherIsBetter).expect("finite");
        assert_all_close(&ranks, &case.average_ranks, "average ranks");
        let tested = friedman(results.view()).expect("finite");
        // If all methods tie everywhere, scipy returns NaN; here χ² is 0 and nothing differs.
        assert_close(tested.chi_square, case.chi_square.unwrap_or(0.0), "χ²");
        assert_close(tested.p, case.p.unwrap_or(1.0), "p of χ²");
        match (case.f, case.chi_square) {
            (Some(f), _) => assert_close(tested.f, f, "F"),
            (None, Some(_)) => assert_eq!(tested.f, f64::INFINITY, "all data sets agree"),
            (None, None) => assert_eq!(tested.f, 0.0),
        }
        assert_close(tested.f_p, case.f_p.unwrap_or(1.0), "p of F");
        for (rank, p) in ranks.iter().zip(case.nemenyi_first_row).skip(1) {
            let found = nemenyi_p((ranks[0] - rank).abs(), case.n_methods, results.nrows());
            assert_close(found.expect("methods"), p, "p of Nemenyi");
        }
    }
}

#[derive(Deserialize)]
struct NemenyiCase {
    alpha: f64,
    n_methods: usize,
    n_data_sets: usize,
    q: f64,
    critical_difference: f64,
    autorank: f64,
}

/// scipy integrates and finds the quantile by a root finder, as we do. autorank uses an approximation, which
/// agrees to three digits only.
#[test]
fn critical_differences() {
    let cases: Vec<NemenyiCase> = cases("nemenyi");
    assert_eq!(cases.len(), 15);
    for case in cases {
        let q = studentized_range_quantile(1.0 - case.alpha, case.n_methods).expect("valid");
        assert_close(q, case.q, "quantile of the studentized range");
        let found = critical_difference(case.alpha, case.n_methods, case.n_data_sets).expect("valid");
        assert_close(found, case.critical_difference, "critical difference");
        assert_within(found, case.autorank, 1e-3, "critical difference by autorank");
    }
}

#[derive(Deserialize)]
struct TwoSamples {
    scale: u32,
    first: Vec<u32>,
    second: Vec<u32>,
    statistic: f64,
    p: f64,
}

#[test]
fn wilcoxon() {
    let cases: Vec<TwoSamples> = cases("wilcoxon");
    assert_eq!(cases.len(), 60);
    for case in cases {
        let (first, second) = (values(&case.first, case.scale), values(&case.second, case.scale));
        let tested = wilcoxon_signed_rank(&first, &second).expect("pairs");
        assert_close(tested.statistic(), case.statistic, "W");
        assert_close(tested.p, case.p, "p of W");
    }
}

#[test]
fn two_samples() {
    let cases: Vec<TwoSamples> = cases("kolmogorov_smirnov");
    assert_eq!(cases.len(), 49);
    for case in cases {
        let (first, second) = (values(&case.first, case.scale), values(&case.second, case.scale));
        let tested = kolmogorov_smirnov(&first, &second).expect("two samples");
        assert_close(tested.statistic, case.statistic, "D");
        assert_close(tested.p, case.p, "p of D");
    }
}

#[derive(Deserialize)]
struct Large {
    statistic: f64,
    p: f64,
}

#[test]
fn two_large_samples() {
    let case: Large = cases("large_kolmogorov_smirnov");
    let first: Vec<f64> = (0..12_000u32).map(|i| f64::from(i * 7919 % 10_007)).collect();
    let second: Vec<f64> = (0..6_000u32).map(|i| f64::from(i * 7907 % 10_007 + 200)).collect();
    let tested = kolmogorov_smirnov(&first, &second).expect("two samples");
    assert!(!tested.exact);
    assert_close(tested.statistic, case.statistic, "D");
    assert_close(tested.p, case.p, "p of D");
}

#[derive(Deserialize)]
struct HolmCase {
    scale: u32,
    p: Vec<u32>,
    adjusted: Vec<f64>,
}

#[test]
fn holm_adjusted() {
    let cases: Vec<HolmCase> = cases("holm");
    assert_eq!(cases.len(), 15);
    for case in cases {
        let found = holm(&values(&case.p, case.scale)).expect("chances");
        assert_all_close(&found, &case.adjusted, "adjusted p");
    }
}

#[derive(Deserialize)]
struct StudentCase {
    scale: u32,
    values: Vec<u32>,
    confidence: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn student() {
    let cases: Vec<StudentCase> = cases("student");
    assert_eq!(cases.len(), 20);
    for case in cases {
        let interval = student_interval(&values(&case.values, case.scale), case.confidence);
        let interval = interval.expect("two values or more");
        assert_close(interval.lower, case.lower, "lower end");
        assert_close(interval.upper, case.upper, "upper end");
    }
}
