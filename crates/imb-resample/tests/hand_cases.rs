//! Borderline-SMOTE, SVM-SMOTE and ADASYN on rows small enough to check by hand, and on random rows.

use imb_core::{Dataset, Delivery, Error, Gap, Labels, Origin, Parent, Resample, Resampled, Result};
use imb_core::{Rng, Run, Seed, Train};
use imb_resample::{
    Adasyn, BorderlineKind, BorderlineSmote, EmptyGroup, Regions, Rounding, SamplingStrategy,
};
use imb_resample::{SmallClasses, SvmSmote};
use ndarray::{Array2, Axis};
use proptest::prelude::*;
use rand::RngExt;
use std::collections::BTreeMap;

/// Rows on a line.
fn line(often: &[f64], rare: &[f64]) -> Dataset<Labels> {
    let texts = [vec!["often"; often.len()], vec!["rare"; rare.len()]].concat();
    let x = Array2::from_shape_vec((texts.len(), 1), [often, rare].concat()).expect("one column");
    Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite")
}

const RARE: u32 = 1;

fn resample_with(
    sampler: &dyn Resample<Labels>,
    rows: &Dataset<Labels>,
    rng: &mut Rng,
) -> Result<Resampled<Labels>> {
    let train = Train { rows: rows.clone(), validation: None };
    sampler.resample(&train, &mut Run::new(rng, &mut ()))
}

fn resample(sampler: &dyn Resample<Labels>, rows: &Dataset<Labels>, seed: u64) -> Result<Resampled<Labels>> {
    resample_with(sampler, rows, &mut Seed::new(seed).rng())
}

fn only_delivery(resampled: &Resampled<Labels>) -> &Delivery {
    assert_eq!(resampled.delivery.len(), 1);
    assert_eq!(resampled.delivery[0].delivered, resampled.synthetic.nrows());
    &resampled.delivery[0]
}

fn remark(resampled: &Resampled<Labels>) -> &str {
    only_delivery(resampled).remark.as_deref().unwrap_or_default()
}

/// Seed, neighbour and gap of each new row.
fn origins(resampled: &Resampled<Labels>) -> Vec<(usize, usize, f64)> {
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

/// Five rare rows: in danger, safe, safe, safe, noise.
fn five() -> Dataset<Labels> {
    let often = [0.0, 1.0, 2.0, 3.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0];
    line(&often, &[3.9, 5.0, 6.0, 7.1, 1.4])
}

/// Far apart.
fn separable() -> Dataset<Labels> {
    let often: Vec<f64> = (0..40).map(f64::from).collect();
    let rare: Vec<f64> = (0..12).map(|row| 500.0 + f64::from(row)).collect();
    line(&often, &rare)
}

/// Each rare row among a dozen others.
fn all_noise() -> Dataset<Labels> {
    let often: Vec<f64> = (0..90).map(f64::from).collect();
    line(&often, &[7.4, 22.4, 37.4, 52.4, 67.4, 82.4])
}

/// S17, by hand with three neighbours: those of 3.9 are 3, 5 and 2; those of 5.0 are 6, 3.9 and 3; those of 1.4
/// are 1, 2 and 0.
#[test]
fn regions_by_hand() {
    let borderline = BorderlineSmote { m_neighbors: 3, ..BorderlineSmote::default() };
    let regions = borderline.regions(&five(), RARE).expect("enough rows");
    assert_eq!(regions, Regions { safe: vec![13, 14, 15], danger: vec![12], noise: vec![16] });
}

#[test]
fn borderline_one_goes_from_danger_to_the_class() {
    let sampler = BorderlineSmote { m_neighbors: 3, k_neighbors: 2, ..BorderlineSmote::default() };
    let resampled = resample(&sampler, &five(), 1).expect("a row in danger");
    assert_eq!(only_delivery(&resampled).delivered, 7);
    // The nearest neighbours of 3.9 in the class are 5.0 and 6.0.
    assert!(origins(&resampled).iter().all(|(seed, neighbor, _)| *seed == 12 && [13, 14].contains(neighbor)));
    assert!(resampled.synthetic.iter().all(|value| (3.9..6.0).contains(value)));
}

/// Han et al. 2005, section 3: also towards the nearest row of another class, less than half-way.
/// (imbalanced-learn multiplies that gap by two random numbers.)
#[test]
fn borderline_two_goes_half_way_to_the_nearest_other_too() {
    let sampling_strategy = SamplingStrategy::Custom(imb_resample::Custom(std::sync::Arc::new(|_| {
        BTreeMap::from([("rare".to_owned(), 3005)])
    })));
    let (m_neighbors, k_neighbors, kind) = (3, 2, BorderlineKind::Two);
    let sampler =
        BorderlineSmote { sampling_strategy, m_neighbors, k_neighbors, kind, ..BorderlineSmote::default() };
    let resampled = resample(&sampler, &five(), 1).expect("a row in danger");
    let mut gaps = BTreeMap::from([(3, vec![]), (13, vec![]), (14, vec![])]);
    for (seed, neighbor, gap) in origins(&resampled) {
        assert_eq!(seed, 12);
        gaps.get_mut(&neighbor).expect("3.0, the nearest other, or the two nearest of the class").push(gap);
    }
    for (neighbor, gaps) in gaps {
        let most = if neighbor == 3 { 0.5 } else { 1.0 };
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!(gaps.iter().all(|gap| (0.0..most).contains(gap)));
        // Four standard deviations of a uniform mean of about 1000, and of a third of 3000.
        assert!((mean / most - 0.5).abs() < 0.037, "{neighbor}: {mean}");
        assert!(gaps.len().abs_diff(1000) < 104, "{neighbor}: {}", gaps.len());
    }
}

/// Of the three neighbours of each rare row, 2, 1, 0, 0 and 3 belong to the other class.
#[test]
fn adasyn_shares_out_by_hand() {
    let adasyn = Adasyn { k_neighbors: 3, ..Adasyn::default() };
    assert_eq!(adasyn.allocation(&five(), RARE, 12).expect("others around"), [4, 2, 0, 0, 6]);
    let resampled = resample(&adasyn, &five(), 1).expect("others around");
    let drawn = origins(&resampled);
    // The shares of seven rows are 7/3, 7/6, 0, 0 and 7/2: six rounded down, and one for the largest remainder.
    let of = |row: usize| drawn.iter().filter(|(seed, ..)| *seed == row).count();
    assert_eq!([of(12), of(13), of(14), of(15), of(16)], [2, 1, 0, 0, 4]);
    assert!(
        drawn
            .iter()
            .all(|(seed, neighbor, gap)| seed != neighbor && *neighbor >= 12 && (0.0..1.0).contains(gap))
    );
}

/// imbalanced-learn returns the data unchanged here, without a warning.
#[test]
fn without_danger_borderline_says_so() {
    for rows in [separable(), all_noise()] {
        for kind in [BorderlineKind::One, BorderlineKind::Two] {
            let sampler = BorderlineSmote { kind, ..BorderlineSmote::default() };
            let resampled = resample(&sampler, &rows, 1).expect("a report");
            assert_eq!(only_delivery(&resampled).delivered, 0);
            assert!(remark(&resampled).contains("no row of the class is in danger"));
            assert_eq!(resampled.into_dataset(&rows).expect("fits"), rows);
            let error = resample(&BorderlineSmote { strict: true, ..sampler }, &rows, 1).expect_err("strict");
            let Error::NotApplicable { reason, .. } = &error else { panic!("{error}") };
            assert!(reason.contains("gets 0 of") && reason.contains("in danger"), "{reason}");
        }
    }
}

/// All support vectors are safe, so all rows are made outwards. imbalanced-learn does not make the share
/// that falls to the vectors in danger.
#[test]
fn separable_classes_grow_outwards_in_full() {
    let rows = separable();
    let asked = 28;
    let regions = SvmSmote::default().regions(&rows, RARE).expect("enough rows");
    assert!(!regions.safe.is_empty() && regions.danger.is_empty() && regions.noise.is_empty());
    for seed in 0..10 {
        let filled = resample(&SvmSmote::default(), &rows, seed).expect("safe ones");
        assert_eq!([only_delivery(&filled).asked, only_delivery(&filled).delivered], [asked, asked]);
        assert!(origins(&filled).iter().all(|(.., gap)| (-0.5..=0.0).contains(gap)));
        let skipping = SvmSmote { empty_group: EmptyGroup::Skip, ..SvmSmote::default() };
        let short = resample(&skipping, &rows, seed).expect("safe ones");
        assert!((5..24).contains(&only_delivery(&short).delivered), "{:?}", short.delivery);
        let made =
            format!("no support vector is in danger: its {} rows", asked - short.delivery[0].delivered);
        assert_eq!(remark(&short), format!("{made} were not made"));
        assert_eq!(remark(&filled), format!("{made} were made from the others"));
        assert!(resample(&SvmSmote { strict: true, ..skipping }, &rows, seed).is_err());
        assert!(resample(&SvmSmote { strict: true, ..SvmSmote::default() }, &rows, seed).is_ok());
    }
}

#[test]
fn support_vectors_that_are_all_noise_make_nothing() {
    let resampled = resample(&SvmSmote::default(), &all_noise(), 1).expect("a report");
    assert_eq!(only_delivery(&resampled).delivered, 0);
    assert!(remark(&resampled).contains("only rows of other classes around"));
    let error =
        resample(&SvmSmote { strict: true, ..SvmSmote::default() }, &all_noise(), 1).expect_err("strict");
    assert!(matches!(error, Error::NotApplicable { .. }));
}

/// S18: the shares are 0/0 where no row has a neighbour of another class, and equal where all neighbours
/// are of other classes.
#[test]
fn adasyn_at_both_ends() {
    let error = resample(&Adasyn::default(), &separable(), 1).expect_err("nothing is hard");
    let Error::NotApplicable { method, reason } = &error else { panic!("{error}") };
    assert!(method == "adasyn" && reason.contains("class rare"), "{reason}");
    assert_eq!(Adasyn::default().allocation(&all_noise(), RARE, 84).expect("others around"), [14; 6]);
}

#[test]
fn shares_rounded_one_by_one_are_reported() {
    let each = Adasyn { rounding: Rounding::Each, ..Adasyn::default() };
    // Six equal shares of 81 are 13.5 each, and half to even is 14.
    let strategy = SamplingStrategy::Counts(BTreeMap::from([("rare".to_owned(), 87)]));
    let resampled =
        resample(&Adasyn { sampling_strategy: strategy, ..each }, &all_noise(), 1).expect("others");
    assert_eq!((only_delivery(&resampled).asked, only_delivery(&resampled).delivered), (81, 84));
    assert!(remark(&resampled).contains("rounded on its own"));
    // 75 / 6 is 12.5, and half to even is 12: short.
    let strategy = SamplingStrategy::Counts(BTreeMap::from([("rare".to_owned(), 81)]));
    let strict = Adasyn { sampling_strategy: strategy, strict: true, ..each };
    assert!(resample(&strict, &all_noise(), 1).is_err());
    assert!(resample(&Adasyn { rounding: Rounding::Total, ..strict }, &all_noise(), 1).is_ok());
}

/// Fifteen duplicates of both classes: a row is not its own neighbour, whatever its number, and among
/// equally distant rows the lower numbers come first.
#[test]
fn duplicates_are_neighbours_and_no_row_is_its_own() {
    let x = Array2::from_shape_fn((45, 2), |(row, _)| if row < 15 { 0.0 } else { row as f64 });
    let texts: Vec<&str> = (0..45).map(|row| if row < 8 { "rare" } else { "often" }).collect();
    let rows = Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite");
    let rare = rows.y().codes()[0];
    let regions = BorderlineSmote::default().regions(&rows, rare).expect("enough rows");
    // Each has seven rows of its class and three others around it.
    assert_eq!(regions, Regions { safe: (0..8).collect(), ..Regions::default() });
    let regions = BorderlineSmote { m_neighbors: 14, ..BorderlineSmote::default() }.regions(&rows, rare);
    assert_eq!(regions.expect("enough rows").danger, (0..8).collect::<Vec<_>>(), "seven of fourteen");
    let adasyn = Adasyn { k_neighbors: 7, ..Adasyn::default() };
    assert!(matches!(adasyn.allocation(&rows, rare, 9), Err(Error::NotApplicable { .. })));
    for sampler in [
        &SvmSmote::default() as &dyn Resample<Labels>,
        &BorderlineSmote { m_neighbors: 14, ..BorderlineSmote::default() },
    ] {
        let resampled = resample(sampler, &rows, 1).expect("a report");
        assert!(resampled.synthetic.iter().all(|value| *value == 0.0));
        assert!(origins(&resampled).iter().all(|(seed, neighbor, _)| seed != neighbor));
    }
}

#[test]
fn more_neighbours_than_rows_are_refused_or_reported() {
    let rows = line(&[0.0, 1.0, 2.0, 3.0, 4.0], &[4.5, 5.5, 6.5]);
    let k_neighbors = 2;
    let refused =
        |sampler: &dyn Resample<Labels>| resample(sampler, &rows, 1).expect_err("ten of eight").to_string();
    let of_refused = [
        refused(&BorderlineSmote { k_neighbors, ..BorderlineSmote::default() }),
        refused(&SvmSmote { k_neighbors, ..SvmSmote::default() }),
    ];
    for message in of_refused {
        assert!(
            message.contains("training set has 8 rows") && message.contains("m_neighbors = 7 works"),
            "{message}"
        );
    }
    let small_classes = SmallClasses::Shrink;
    let shrunk = resample(&SvmSmote { small_classes, ..SvmSmote::default() }, &rows, 1).expect("seven");
    assert!(remark(&shrunk).contains("k_neighbors shrunk from 5 to 2; m_neighbors shrunk from 10 to 7"));
    assert!(resample(&SvmSmote { m_neighbors: 0, ..SvmSmote::default() }, &rows, 1).is_err());
    for out_step in [0.0, f64::NAN, f64::INFINITY] {
        assert!(resample(&SvmSmote { out_step, ..SvmSmote::default() }, &rows, 1).is_err());
    }
}

/// Rows of three classes on a grid, so that there are equal distances and duplicates.
fn on_a_grid(n_rows: usize, rng: &mut Rng) -> Dataset<Labels> {
    let codes: Vec<u32> = (0..n_rows).map(|row| [0, 0, 0, 0, 1, 1, 2][row % 7]).collect();
    let shift = |row: usize| f64::from(codes[row]) * 3.0;
    let x = Array2::from_shape_fn((n_rows, 2), |(row, _)| shift(row) + f64::from(rng.random_range(0..9u32)));
    let classes = ["a", "b", "c"].map(String::from).to_vec();
    Dataset::unnamed(x, Labels::new(codes.clone(), classes).expect("three")).expect("finite")
}

fn samplers() -> Vec<Box<dyn Resample<Labels>>> {
    let small_classes = SmallClasses::Shrink;
    vec![
        Box::new(BorderlineSmote { small_classes, ..BorderlineSmote::default() }),
        Box::new(BorderlineSmote { small_classes, kind: BorderlineKind::Two, ..BorderlineSmote::default() }),
        Box::new(SvmSmote { small_classes, ..SvmSmote::default() }),
        Box::new(SvmSmote { small_classes, empty_group: EmptyGroup::Skip, ..SvmSmote::default() }),
        Box::new(Adasyn { small_classes, ..Adasyn::default() }),
        Box::new(Adasyn { small_classes, rounding: Rounding::Each, ..Adasyn::default() }),
    ]
}

/// S5: whether `neighbor` is among the five nearest rows of `seed` in its class, or its nearest row of another
/// class.
fn is_a_partner(rows: &Dataset<Labels>, seed: usize, neighbor: usize) -> bool {
    let codes = rows.y().codes();
    let squared = |row: usize| (&rows.x().row(row) - &rows.x().row(seed)).mapv(|step| step * step).sum();
    let same_side = |row: usize| (codes[row] == codes[seed]) == (codes[neighbor] == codes[seed]);
    let nearer =
        (0..rows.n_rows()).filter(|&row| row != seed && same_side(row) && squared(row) < squared(neighbor));
    nearer.count() < if codes[neighbor] == codes[seed] { 5 } else { 1 }
}

proptest! {
    /// S3, S5 and S6 on random rows: the report counts the rows that are there; a new row lies where its origin
    /// says, in the box of its parents or beyond it by at most half their distance.
    #[test]
    fn reports_and_origins_hold_on_any_rows(n_rows in 14..90usize, seed in 0..u64::MAX) {
        let rows = on_a_grid(n_rows, &mut Seed::new(seed).rng());
        for sampler in samplers() {
            let resampled = match resample(sampler.as_ref(), &rows, seed) {
                Ok(resampled) => resampled,
                Err(Error::NotApplicable { .. }) => continue,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let made = resampled.synthetic_targets.counts();
            for delivery in &resampled.delivery {
                let class = rows.y().classes().iter().position(|name| *name == delivery.name).expect("known");
                prop_assert_eq!(delivery.delivered, made[class]);
                prop_assert!(delivery.delivered == delivery.asked || delivery.remark.is_some());
            }
            for (new, (seed, neighbor, gap)) in resampled.synthetic.rows().into_iter().zip(origins(&resampled)) {
                prop_assert!((-0.5..1.0).contains(&gap));
                prop_assert!(is_a_partner(&rows, seed, neighbor), "{} of {}", neighbor, seed);
                for column in 0..2 {
                    let (from, to) = (rows.x()[[seed, column]], rows.x()[[neighbor, column]]);
                    prop_assert_eq!(new[column], from + gap * (to - from));
                }
            }
        }
    }

    /// S10: reordering the rows changes neither regions nor allocation, if all distances differ.
    #[test]
    fn the_order_of_rows_changes_no_region(seed in 0..u64::MAX) {
        let mut rng = Seed::new(seed).rng();
        let rows = on_a_grid(60, &mut rng);
        let x = rows.x().mapv(|value| value + rng.random::<f64>());
        let rows = Dataset::unnamed(x, rows.y().clone()).expect("finite");
        let order: Vec<usize> = (0..60).rev().collect();
        let turned = rows.select(&order).expect("rows of it");
        let back = |rows: Vec<usize>| rows.into_iter().rev().map(|row| order[row]).collect::<Vec<_>>();
        for class in 1..3 {
            let of = |rows: &Dataset<Labels>| BorderlineSmote::default().regions(rows, class).expect("enough rows");
            let (ours, turned_round) = (of(&rows), of(&turned));
            prop_assert_eq!(ours.danger, back(turned_round.danger));
            prop_assert_eq!(ours.noise, back(turned_round.noise));
            // On a tie the largest remainder depends on the row number, so the other rounding is compared.
            let adasyn = |rows: &Dataset<Labels>| Adasyn { rounding: Rounding::Each, ..Adasyn::default() }.allocation(rows, class, 1000);
            if let (Ok(ours), Ok(mut theirs)) = (adasyn(&rows), adasyn(&turned)) {
                theirs.reverse();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}

/// S16: the new rows of a class do not depend on what the other classes are asked for. The generator is
/// drawn from once per growing class.
#[test]
fn classes_grow_independently() {
    let rows = on_a_grid(84, &mut Seed::new(5).rng());
    let counts = rows.y().counts();
    let ask = |classes: &[usize]| {
        let target = |class: usize| (rows.y().classes()[class].clone(), counts[class] + 25);
        SamplingStrategy::Counts(classes.iter().map(|&class| target(class)).collect())
    };
    let grow = |name: &str, classes: &[usize], rng: &mut Rng| {
        let sampling_strategy = ask(classes);
        let sampler: Box<dyn Resample<Labels>> = match name {
            "borderline" => Box::new(BorderlineSmote { sampling_strategy, ..BorderlineSmote::default() }),
            "svm" => Box::new(SvmSmote { sampling_strategy, ..SvmSmote::default() }),
            _ => Box::new(Adasyn { sampling_strategy, ..Adasyn::default() }),
        };
        resample_with(sampler.as_ref(), &rows, rng).expect("enough rows").synthetic
    };
    for name in ["borderline", "svm", "adasyn"] {
        let rng = || Seed::new(6).rng();
        let both = grow(name, &[1, 2], &mut rng());
        let first = grow(name, &[1], &mut rng());
        let mut later = rng();
        let _: [u8; 32] = later.random();
        let second = grow(name, &[2], &mut later);
        assert_eq!((first.nrows(), second.nrows()), (25, 25), "{name}");
        assert_eq!(
            both,
            ndarray::concatenate(Axis(0), &[first.view(), second.view()]).expect("as wide"),
            "{name}"
        );
    }
}
