//! What RAkEL and the ensemble of chains draw, by its distribution.

use std::collections::BTreeMap;

use imb_classify::multi_label::{Chain, ChainOrder, EnsembleOfClassifierChains, Labelsets, Rakel};
use imb_core::Seed;

/// Pearson's statistic of counts that should be equal.
fn chi_squared<K>(counts: &BTreeMap<K, usize>) -> f64 {
    let expected = counts.values().sum::<usize>() as f64 / counts.len() as f64;
    counts.values().map(|&count| (count as f64 - expected).powi(2) / expected).sum()
}

fn rakel(labelset_size: usize, labelsets: Labelsets) -> Rakel<()> {
    Rakel { base: (), labelset_size, labelsets }
}

fn ensemble(n_chains: usize) -> EnsembleOfClassifierChains<()> {
    EnsembleOfClassifierChains { base: (), n_chains, order: ChainOrder::Random, bootstrap: true }
}

#[test]
fn overlapping_labelsets_are_distinct_and_equally_likely() {
    let mut rng = Seed::new(3).rng();
    let mut counts = BTreeMap::new();
    for _ in 0..2000 {
        let labelsets = rakel(3, Labelsets::Distinct(4)).draw_labelsets(5, &mut rng).expect("ten triples");
        let mut distinct = labelsets.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((labelsets.len(), distinct.len()), (4, 4));
        for (place, labelset) in labelsets.into_iter().enumerate() {
            assert!(labelset.is_sorted() && labelset.len() == 3 && labelset[2] < 5);
            *counts.entry((place, labelset)).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.len(), 40, "ten triples in each of four places");
    // Ten equally likely triples in each place: four times nine degrees of freedom at most; 0.999 quantile.
    assert!(chi_squared(&counts) < 67.99, "{}", chi_squared(&counts));
}

#[test]
fn there_are_twice_as_many_labelsets_as_labels_or_all() {
    let mut rng = Seed::new(3).rng();
    let mut count =
        |n_labels| rakel(3, Labelsets::Overlapping).draw_labelsets(n_labels, &mut rng).expect("some").len();
    assert_eq!([1, 2, 3, 4, 5, 6, 14].map(&mut count), [1, 1, 1, 4, 10, 12, 28]);
}

#[test]
fn disjoint_labelsets_have_each_label_once_with_any_other() {
    let mut rng = Seed::new(3).rng();
    let mut together = BTreeMap::new();
    for _ in 0..2000 {
        let labelsets = rakel(3, Labelsets::Disjoint).draw_labelsets(7, &mut rng).expect("three");
        assert_eq!(labelsets.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
        let mut all = labelsets.concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6]);
        *together.entry(labelsets[0].clone()).or_insert(0) += 1;
    }
    assert_eq!(together.len(), 35);
    // 34 degrees of freedom, 0.999 quantile.
    assert!(chi_squared(&together) < 65.25, "{}", chi_squared(&together));
}

#[test]
fn every_order_of_a_chain_is_equally_likely() {
    let mut counts = BTreeMap::new();
    for Chain { order, .. } in ensemble(6000).draw_chains(1, 3, &mut Seed::new(3).rng()) {
        *counts.entry(order).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 6);
    // 5 degrees of freedom, 0.999 quantile.
    assert!(chi_squared(&counts) < 20.52, "{}", chi_squared(&counts));
}

#[test]
fn every_row_of_a_bag_is_equally_likely() {
    let chains = ensemble(2000).draw_chains(10, 2, &mut Seed::new(3).rng());
    let mut counts = BTreeMap::new();
    for chain in &chains {
        assert_eq!(chain.rows.len(), 10);
        for (place, &row) in chain.rows.iter().enumerate().filter(|(place, _)| [0, 9].contains(place)) {
            *counts.entry((place, row)).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.len(), 20);
    // Twice 9 degrees of freedom, 0.999 quantile.
    assert!(chi_squared(&counts) < 42.31, "{}", chi_squared(&counts));
    let distinct = |chain: &Chain| chain.rows.iter().collect::<std::collections::BTreeSet<_>>().len();
    let mean = chains.iter().map(distinct).sum::<usize>() as f64 / 2000.0;
    // 10 (1 − 0.9^10) rows are expected, with a standard deviation of 0.02 of the mean.
    assert!((mean - 6.513).abs() < 0.09, "{mean}");
}
