//! S9: random choices have the distributions that they should have. Seeds are fixed, so each test always passes or
//! always fails. A correct method fails with a probability of one in ten thousand.

use imb_core::{Dataset, Device, Gap, Labels, Origin, Parent, Resample, Run, Seed, Train};
use imb_resample::{RandomOverSampler, RandomUnderSampler, SamplingStrategy, Smote};
use ndarray::Array2;
use rand::RngExt;
use std::collections::BTreeMap;

/// The upper 1e-4 quantile of χ² with 49 degrees of freedom (Wilson and Hilferty).
const CHI_SQUARE_49: f64 = 95.0;
/// The upper 1e-4 quantile of the Kolmogorov distribution.
const KOLMOGOROV: f64 = 2.225;

/// Fifty rare rows and `n_often` others.
fn data(n_often: usize) -> Train<Labels> {
    let mut rng = Seed::new(20).rng();
    let texts: Vec<&str> = [vec!["often"; n_often], vec!["rare"; 50]].concat();
    let x = Array2::from_shape_fn((texts.len(), 4), |_| rng.random::<f64>());
    Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite"), validation: None }
}

fn origins(seed: u64) -> Vec<(usize, usize, f64)> {
    drawn(&Smote::default(), &data(20_050), seed)
}

/// Seed, neighbour and gap of each row that a sampler makes from rows of the data.
pub(crate) fn drawn(
    sampler: &dyn Resample<Labels>,
    train: &Train<Labels>,
    seed: u64,
) -> Vec<(usize, usize, f64)> {
    let mut run =
        Run { rng: &mut Seed::new(seed).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let resampled = sampler.resample(train, &mut run).expect("enough rows");
    let parts = resampled.origins.iter().map(|origin| match origin {
        Origin::Interpolated {
            seed: Parent::Row(seed),
            neighbor: Parent::Row(neighbor),
            gap: Gap::Same(gap),
        } => (*seed, *neighbor, *gap),
        _ => panic!("made from rows of the data"),
    });
    parts.collect()
}

/// Pearson's χ² of counts that should be equal.
fn chi_square(counts: &[usize]) -> f64 {
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum()
}

fn counts_by<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts.into_values().collect()
}

/// S9: every row of the class is the seed equally often.
#[test]
fn smote_draws_seeds_evenly() {
    let counts = counts_by(origins(1).into_iter().map(|(seed, ..)| seed));
    assert_eq!(counts.len(), 50);
    assert!(chi_square(&counts) < CHI_SQUARE_49, "{}", chi_square(&counts));
}

/// S9: each of the five neighbours of a seed is drawn equally often.
#[test]
fn smote_draws_neighbours_evenly() {
    let drawn = origins(2);
    let mut statistic = 0.0;
    for seed in 20_050..20_100 {
        let counts = counts_by(drawn.iter().filter(|origin| origin.0 == seed).map(|origin| origin.1));
        assert_eq!(counts.len(), 5);
        statistic += chi_square(&counts);
    }
    // Two hundred degrees of freedom: the mean is 200, the standard deviation 20, and the limit 3.9 deviations
    // above.
    assert!(statistic < 278.0, "{statistic}");
}

/// S9: the gap is uniform on [0, 1).
#[test]
fn smote_draws_gaps_uniformly() {
    let mut gaps: Vec<f64> = origins(3).into_iter().map(|(.., gap)| gap).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = gaps.iter().enumerate().fold(0f64, |most, (place, gap)| {
        most.max((gap - place as f64 / n).abs()).max(((place + 1) as f64 / n - gap).abs())
    });
    assert!(distance * n.sqrt() < KOLMOGOROV, "{}", distance * n.sqrt());
}

#[test]
fn random_samplers_draw_rows_evenly() {
    let train = data(20_050);
    let mut run = Run { rng: &mut Seed::new(4).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let over = RandomOverSampler::default().resample(&train, &mut run).expect("two classes");
    let copies = counts_by(over.kept[20_100..].iter());
    assert!(copies.len() == 50 && chi_square(&copies) < CHI_SQUARE_49, "{}", chi_square(&copies));

    // Fifty of two hundred rows, four hundred times over: each row is kept equally often.
    let train = data(200);
    let mut kept = vec![0; 200];
    for _ in 0..400 {
        let sampler = RandomUnderSampler { sampling_strategy: SamplingStrategy::Auto, replacement: false };
        let under = sampler.resample(&train, &mut run).expect("two classes");
        under.kept.iter().filter(|row| **row < 200).for_each(|&row| kept[row] += 1);
    }
    // Rows are drawn without replacement, so the variance is 1 - 50/200 of that of independent draws.
    let statistic = chi_square(&kept) / 0.75;
    // 199 degrees of freedom: the mean is 199, the standard deviation 20.
    assert!(statistic < 277.0, "{statistic}");
}
