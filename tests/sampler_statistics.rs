//! S9 for Borderline-SMOTE, SVM-SMOTE and ADASYN: their random choices have the distributions that they should
//! have. Seeds are fixed, so each test always passes or always fails. A correct method fails with a probability of
//! one in ten thousand.

use std::collections::BTreeMap;

use imb_core::{Dataset, Labels, Resample, Seed, Train};
use imb_resample::{Adasyn, BorderlineKind, BorderlineSmote, SamplingStrategy, SvmSmote};
use ndarray::Array2;
use rand::RngExt;

use crate::statistics;

/// The upper 1e-4 quantile of the Kolmogorov distribution.
const KOLMOGOROV: f64 = 2.225;
const N_NEW: usize = 20_000;
/// The class number of the rows that grow.
const RARE: u32 = 1;

/// Two hundred rows of each class; the classes overlap on one side.
fn data() -> Train<Labels> {
    let mut rng = Seed::new(20).rng();
    let texts: Vec<&str> = [vec!["often"; 200], vec!["rare"; 200]].concat();
    let x = Array2::from_shape_fn((400, 2), |(row, column)| {
        rng.random::<f64>() + if row >= 200 && column == 0 { 0.6 } else { 0.0 }
    });
    Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite"), validation: None }
}

fn strategy(n_new: usize) -> SamplingStrategy {
    SamplingStrategy::Counts(BTreeMap::from([("rare".to_owned(), 200 + n_new)]))
}

/// Seed, neighbour and gap of each new row.
fn drawn(sampler: &dyn Resample<Labels>, seed: u64) -> Vec<(usize, usize, f64)> {
    statistics::drawn(sampler, &data(), seed)
}

/// The upper 1e-4 quantile of χ² (Wilson and Hilferty).
fn chi_square_limit(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + 3.719 * spread.sqrt()).powi(3)
}

/// Asserts that exactly these keys occur, and equally often.
fn assert_even(keys: impl Iterator<Item = usize>, expected: &[usize]) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    assert!(counts.keys().eq(expected), "{:?} instead of {expected:?}", counts.keys());
    let mean = counts.values().sum::<usize>() as f64 / counts.len() as f64;
    let statistic: f64 = counts.values().map(|&count| (count as f64 - mean).powi(2) / mean).sum();
    assert!(statistic < chi_square_limit(counts.len() as f64 - 1.0), "{statistic} of {}", counts.len());
}

/// Asserts that numbers have the distribution function `below`.
fn assert_distributed(mut numbers: Vec<f64>, below: impl Fn(f64) -> f64) {
    assert!(numbers.len() > 300);
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let distance = numbers.iter().enumerate().fold(0f64, |most, (place, &number)| {
        let share = below(number);
        most.max((share - place as f64 / n).abs()).max(((place + 1) as f64 / n - share).abs())
    });
    assert!(distance * n.sqrt() < KOLMOGOROV, "{}", distance * n.sqrt());
}

fn assert_uniform(gaps: impl Iterator<Item = f64>) {
    assert_distributed(gaps.collect(), |gap| gap.clamp(0.0, 1.0));
}

/// Asserts that each seed has `k` neighbours, each drawn equally often.
fn assert_even_neighbors(drawn: &[(usize, usize, f64)], seeds: &[usize], k: usize) {
    let mut statistic = 0.0;
    for &seed in seeds {
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        drawn.iter().filter(|row| row.0 == seed).for_each(|row| *counts.entry(row.1).or_default() += 1.0);
        assert_eq!(counts.len(), k, "row {seed}");
        let mean = counts.values().sum::<f64>() / k as f64;
        statistic += counts.values().map(|count| (count - mean).powi(2) / mean).sum::<f64>();
    }
    assert!(statistic < chi_square_limit((seeds.len() * (k - 1)) as f64), "{statistic}");
}

#[test]
fn borderline_smote_draws_evenly_from_danger() {
    for (kind, k) in [(BorderlineKind::One, 5), (BorderlineKind::Two, 6)] {
        let sampler =
            BorderlineSmote { sampling_strategy: strategy(N_NEW), kind, ..BorderlineSmote::default() };
        let danger = sampler.regions(&data().rows, RARE).expect("enough rows").danger;
        let drawn = drawn(&sampler, 1);
        assert!(drawn.len() == N_NEW && danger.len() > 15);
        assert_even(drawn.iter().map(|row| row.0), &danger);
        assert_even_neighbors(&drawn, &danger, k);
        // The gap is below 1 towards rows of the class, and below 1/2 towards the others.
        let scale = |neighbor: usize| if neighbor >= 200 { 1.0 } else { 2.0 };
        assert_uniform(drawn.iter().map(|row| row.2 * scale(row.1)));
    }
}

#[test]
fn svm_smote_draws_evenly_from_either_group() {
    let sampler = SvmSmote { sampling_strategy: strategy(N_NEW), ..SvmSmote::default() };
    let regions = sampler.regions(&data().rows, RARE).expect("enough rows");
    let drawn = drawn(&sampler, 2);
    let n_danger = drawn.iter().filter(|row| row.2 > 0.0).count();
    let (danger, safe) = drawn.split_at(n_danger);
    assert!(safe.iter().all(|row| row.2 <= 0.0), "those in danger come first");
    for (drawn, seeds, step) in [(danger, regions.danger, 1.0), (safe, regions.safe, -0.5)] {
        assert!(seeds.len() > 8, "{} of {step}", seeds.len());
        assert_even(drawn.iter().map(|row| row.0), &seeds);
        assert_even_neighbors(drawn, &seeds, 5);
        assert_uniform(drawn.iter().map(|row| row.2 / step));
    }
}

/// The share made in danger is Beta(10, 10): it is below `x` if at least ten of nineteen uniform numbers are.
#[test]
fn svm_smote_draws_the_share_in_danger_from_beta() {
    let sampler = SvmSmote { sampling_strategy: strategy(N_NEW), ..SvmSmote::default() };
    let shares = (0..400).map(|seed| {
        drawn(&sampler, seed).iter().filter(|row| row.2 > 0.0).count() as f64 / (N_NEW + 1) as f64
    });
    let choose = |k: i32| (1..=k).fold(1.0, |product, i| product * f64::from(20 - i) / f64::from(i));
    let below = |x: f64| (10..=19).map(|k| choose(k) * x.powi(k) * (1.0 - x).powi(19 - k)).sum();
    assert_distributed(shares.collect(), below);
}

#[test]
fn adasyn_makes_what_it_allocates() {
    let sampler = Adasyn { sampling_strategy: strategy(N_NEW), ..Adasyn::default() };
    let shares = sampler.allocation(&data().rows, RARE, N_NEW).expect("others around");
    let drawn = drawn(&sampler, 3);
    for (place, &share) in shares.iter().enumerate() {
        assert_eq!(drawn.iter().filter(|row| row.0 == 200 + place).count(), share);
    }
    let seeds: Vec<usize> = (200..400).filter(|row| shares[row - 200] > 0).collect();
    assert!(seeds.len() > 30);
    assert_even_neighbors(&drawn, &seeds, 5);
    assert_uniform(drawn.iter().map(|row| row.2));
}
