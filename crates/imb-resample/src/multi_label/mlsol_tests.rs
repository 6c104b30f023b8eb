use super::*;
use crate::multi_label::testing::{
    assert_close, assert_uniform, chi_square_passes, label_rows, labels, lists, points, reals, references,
    resample, written,
};
use imb_core::{Gap, Origin, Parent};

fn letter(kind: Kind) -> char {
    match kind {
        Kind::Majority => 'M',
        Kind::Safe => 'S',
        Kind::Borderline => 'B',
        Kind::Rare => 'R',
        Kind::Outlier => 'O',
    }
}

/// C, types, weights and neighbours of mulan; where several neighbours are equally far, its set is another.
#[test]
fn surroundings_equal_those_of_mulan() {
    for reference in references("mulan-mlsol").filter(|line| line.is("mlsol k=5")) {
        let rows = &reference.rows;
        let expected = lists(&reference["neighbours"]);
        let ours = Mlsol::as_released().surroundings(rows).expect("valid");
        let scaled = range_scaled(rows.features(), rows.x());
        for (row, expected) in expected.iter().enumerate() {
            let far = |other: &usize| (&scaled.row(row) - &scaled.row(*other)).map(|d| d * d).sum();
            let ours: Vec<f64> = ours.neighbors.row(row).iter().map(far).collect();
            assert_close(&ours, &expected.iter().map(far).collect::<Vec<f64>>(), 1e-12, &reference.name);
        }
        // The rest is compared from mulan's own neighbours, so that ties do not matter.
        let neighbors = Array2::from_shape_fn((rows.n_rows(), 5), |(row, place)| expected[row][place]);
        let opposite = opposite_shares(rows.y(), &neighbors);
        let recorded = reference["C"].as_array().expect("rows");
        for (row, recorded) in opposite.rows().into_iter().zip(recorded) {
            for (share, recorded) in row.iter().zip(recorded.as_array().expect("labels")) {
                assert_eq!(recorded.as_f64(), (!share.is_nan()).then_some(*share), "{}", reference.name);
            }
        }
        let kinds = Mlsol::as_released().kinds(&opposite, &neighbors);
        let kinds: Vec<String> =
            kinds.rows().into_iter().map(|row| row.iter().map(|kind| letter(*kind)).collect()).collect();
        let recorded: Vec<&str> =
            reference["types"].as_array().expect("rows").iter().filter_map(|kinds| kinds.as_str()).collect();
        assert_eq!(kinds, recorded, "{}", reference.name);
        assert_close(&weights(&opposite), &reals(&reference["weights"]), 1e-12, &reference.name);
    }
}

/// Ten rows on a line and one label, on in rows 0, 1, 2, 5 and 9 of which 5 and 9 stand apart; k is 2.
///
/// row          0    1    2    3  4  5    6  7  8  9
/// x            0    1    2    3  4  5    6  7  8  9.5
/// label        on   on   on   -  -  on   -  -  -  on
/// neighbours  1,2  0,2  1,3          4,6          8,7
/// C            0    0   1/2           1            1
///
/// The sum of C below 1 is 1/2, so all weight is with row 2.
fn ten() -> Dataset<LabelMatrix> {
    let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.5];
    points(&x, &["1", "1", "1", "0", "0", "1", "0", "0", "0", "1"])
}

/// M6: weights and types of a small set.
#[test]
fn weights_and_types_by_hand() {
    let method = Mlsol { k_neighbors: 2, ..Mlsol::default() };
    let found = method.surroundings(&ten()).expect("valid");
    let kinds: String = found.kinds.iter().map(|kind| letter(*kind)).collect();
    assert_eq!(kinds, "SSBMMOMMMO");
    assert_eq!(found.weights, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(found.neighbors.row(2).to_vec(), [1, 3]);
}

/// A rare entry next to a borderline one becomes borderline by the paper's rule, and one next to it in turn.
#[test]
fn rare_entries_next_to_borderline_ones_become_borderline() {
    let opposite = ndarray::array![[0.5], [0.8], [0.8], [f64::NAN], [1.0]];
    let neighbors = ndarray::array![[1], [0], [1], [0], [0]];
    let kinds = |method: Mlsol| -> String {
        method.kinds(&opposite, &neighbors).iter().map(|kind| letter(*kind)).collect()
    };
    assert_eq!(kinds(Mlsol::default()), "BBBMO");
    assert_eq!(kinds(Mlsol::as_released()), "BRRMO");
    assert_eq!(kinds(Mlsol { safe_below: 0.6, ..Mlsol::as_released() }), "SBRMO");
}

/// Seed at 0 and reference at 10; a is on in the seed, b in the reference, c in both.
#[test]
fn a_label_is_taken_up_to_the_distance_that_its_type_allows() {
    let data = points(&[0.0, 10.0], &["101", "011"]);
    let (pool, distance) = (Pool::new(&data), RangeDistance::new(data.features(), data.x()));
    let made = |kind: Kind, gap: f64| {
        let kinds = ndarray::array![[kind, Kind::Majority, kind], [Kind::Majority, kind, kind]];
        written(&new_row(&pool, &kinds, &distance, 0, 1, vec![gap]).on)
    };
    assert_eq!(made(Kind::Safe, 0.5), "111", "halfway is near enough for both");
    assert_eq!(made(Kind::Safe, 0.6), "011");
    assert_eq!(made(Kind::Borderline, 0.7), "111", "0.7 and 0.3");
    assert_eq!(made(Kind::Borderline, 0.8), "011");
    assert_eq!(made(Kind::Rare, 1.0), "111");
    assert_eq!(made(Kind::Outlier, 0.0), "001", "never");
}

/// Where both parents are at one place the share is one half.
#[test]
fn parents_at_one_place_share_alike() {
    let data = points(&[3.0, 3.0, 9.0], &["1", "0", "0"]);
    let (pool, distance) = (Pool::new(&data), RangeDistance::new(data.features(), data.x()));
    let on = |kind| new_row(&pool, &ndarray::array![[kind], [Kind::Majority]], &distance, 0, 1, vec![0.4]).on;
    assert_eq!((on(Kind::Safe), on(Kind::Outlier)), (vec![true], vec![false]));
}

#[test]
fn a_frequent_label_is_helped_where_it_is_off() {
    let neighbors = ndarray::array![[1], [0], [0]];
    let shares = opposite_shares(&labels(&["1", "1", "0"]), &neighbors);
    assert_eq!(shares[[2, 0]], 1.0);
    assert!(shares[[0, 0]].is_nan());
    let even = opposite_shares(&labels(&["1", "0"]), &ndarray::array![[1], [0]]);
    assert_eq!(even[[0, 0]], 1.0, "on, where both are equally frequent");
    assert!(even[[1, 0]].is_nan());
}

#[test]
fn shares_out_of_order_are_refused() {
    for (safe_below, borderline_below) in [(30.0, 70.0), (f64::NAN, 0.7), (0.8, 0.7), (0.3, 1.5)] {
        let method = Mlsol { safe_below, borderline_below, ..Mlsol::default() };
        let error = resample(&method, &ten(), 1).expect_err("no order").to_string();
        assert!(error.contains("must be a share from 0 to"), "{error}");
    }
}

#[test]
fn rows_without_neighbours_of_the_other_value_have_no_weight() {
    let data = points(&[0.0, 1.0, 10.0, 11.0], &["1", "1", "0", "0"]);
    let error = resample(&Mlsol { k_neighbors: 1, ..Mlsol::default() }, &data, 1).expect_err("no seed");
    assert!(matches!(error, Error::NotApplicable { .. }), "{error}");
}

#[test]
fn more_rows_than_memory_are_refused() {
    let absurd = Mlsol { sampling_rate: 1e300, k_neighbors: 1, ..Mlsol::default() };
    let error = resample(&absurd, &label_rows(&["1", "0", "0"]), 1).expect_err("no such memory");
    assert!(error.to_string().contains("fit into memory"), "{error}");
}

#[test]
fn too_many_neighbours_are_refused_with_the_number_that_works() {
    let error = resample(&Mlsol::default(), &label_rows(&["1", "0", "0"]), 1).expect_err("three rows");
    assert!(error.to_string().contains("k_neighbors = 2 works"), "{error}");
}

/// M8: permuting labels permutes types, and weights stay.
#[test]
fn labels_may_come_in_any_order() {
    let rows = ["110", "100", "010", "001", "100", "110", "011", "100"];
    let swapped: Vec<String> = rows.iter().map(|row| row.chars().rev().collect()).collect();
    let swapped: Vec<&str> = swapped.iter().map(String::as_str).collect();
    let method = Mlsol { k_neighbors: 3, ..Mlsol::default() };
    let found = [&rows[..], &swapped].map(|rows| method.surroundings(&label_rows(rows)).expect("valid"));
    assert_eq!(found[0].kinds, found[1].kinds.slice(ndarray::s![.., ..;-1]));
    assert_close(&found[0].weights, &found[1].weights, 1e-15, "weights");
}

/// Seeds by w, references uniformly among the neighbours of each seed, gaps from 0 to 1.
#[test]
fn draws_have_the_distributions_of_the_paper() {
    let on: Vec<&str> = (0..30).map(|row| ["11", "00", "10", "00", "01"][row * row % 5]).collect();
    let data = points(&(0..30).map(|row| (row * 7 % 31) as f64).collect::<Vec<_>>(), &on);
    let method = Mlsol { sampling_rate: 1000.0, ..Mlsol::default() };
    let surroundings = method.surroundings(&data).expect("valid");
    let resampled = resample(&method, &data, 2).expect("valid");
    let (mut seeds, mut places, mut gaps) = (vec![0.0; 30], [0.0; 5], Vec::new());
    for origin in &resampled.origins {
        let Origin::Interpolated { seed: Parent::Row(seed), neighbor: Parent::Row(neighbor), gap } = origin
        else {
            panic!("{origin:?}")
        };
        seeds[*seed] += 1.0;
        let mut neighbors = surroundings.neighbors.row(*seed).into_iter();
        places[neighbors.position(|row| row == neighbor).expect("a neighbour")] += 1.0;
        match gap {
            Gap::PerFeature(gap) => gaps.extend(gap),
            Gap::Same(_) => panic!("a gap a feature"),
        }
    }
    assert!(surroundings.weights.iter().filter(|weight| **weight > 0.0).count() > 5);
    assert!(chi_square_passes(&seeds, &surroundings.weights), "{seeds:?}");
    assert!(chi_square_passes(&places, &[1.0; 5]), "{places:?}");
    assert_uniform(&mut gaps);
}
