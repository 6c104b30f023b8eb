//! Every search returns, to the last bit, what comparing all pairs returns.

use imb_core::Error;
use imb_neighbors::{Algorithm, Index, Neighbors, Search, k_nearest, k_nearest_within};
use ndarray::{Array2, ArrayView2, Axis, array, concatenate};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

const ALL: [Algorithm; 3] = [Algorithm::Blocked, Algorithm::Sparse, Algorithm::Tree];

fn naive(points: ArrayView2<'_, f64>, queries: ArrayView2<'_, f64>, k: usize, within: bool) -> Neighbors {
    let mut indices = Array2::zeros((queries.nrows(), k));
    let mut squared_distances = Array2::zeros((queries.nrows(), k));
    let scale = scale(points);
    for (number, query) in queries.outer_iter().enumerate() {
        let squared = |point: usize| {
            let difference = |a: &f64, b: &f64| a * scale - b * scale;
            let squares = query.iter().zip(points.row(point)).map(|(a, b)| difference(a, b).powi(2));
            squares.fold(0.0, |sum, square| sum + square)
        };
        let others = (0..points.nrows()).filter(|&row| !(within && row == number));
        let mut all: Vec<(f64, usize)> = others.map(|row| (squared(row), row)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (place, (distance, row)) in all.into_iter().take(k).enumerate() {
            indices[[number, place]] = row;
            squared_distances[[number, place]] = distance / scale / scale;
        }
    }
    Neighbors { indices, squared_distances }
}

/// The power of two that keeps squares within the range of a double; 1 where they are anyway.
fn scale(points: ArrayView2<'_, f64>) -> f64 {
    let sizes = || points.iter().map(|number| number.abs()).filter(|size| *size > 0.0);
    let (smallest, largest) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    if largest == 0.0 || (smallest >= 2f64.powi(-460) && largest <= 2f64.powi(480)) {
        return 1.0;
    }
    2f64.powi((400 - largest.log2().floor() as i32).min(1000))
}

fn assert_exact(points: &Array2<f64>, queries: &Array2<f64>, k: usize) {
    let (points, queries) = (points.view(), queries.view());
    let expected = naive(points, queries, k, false);
    let expected_within = (k < points.nrows()).then(|| naive(points, points, k, true));
    for algorithm in ALL {
        let search = Search { algorithm };
        let found = search.k_nearest(points, queries, k).expect("valid");
        assert_eq!(found, expected, "{algorithm:?}");
        if let Some(expected) = &expected_within {
            let found = search.k_nearest_within(points, k).expect("valid");
            assert_eq!(&found, expected, "{algorithm:?} within");
        }
    }
}

/// Kinds of test data.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Normal,
    /// Integers of three values: ties everywhere, computed without rounding.
    Integers,
    /// Integers, some of them too large to compute without rounding.
    LargeIntegers,
    /// Multiples of an eighth, which form a grid too.
    Eighths,
    /// Three multiples of a third: ties everywhere, and every number is rounded.
    Thirds,
    /// Far from the origin, where single precision has few digits left for the differences.
    Offset,
    /// Two clusters, far from each other.
    Heaps,
    /// Numbers from `1e-30` to `1e30`, and zeros.
    Wild,
    /// So small or so large that squares underflow or overflow.
    Extreme(f64),
    /// Mostly zeros, and numbers of any size and sign.
    Sparse,
    /// Mostly zeros, and ones.
    Words,
    /// Only the first column varies.
    Constant,
    /// Every row several times.
    Duplicates,
    /// One point is very far away.
    Outlier,
}

const KINDS: [Kind; 19] = [
    Kind::Sparse,
    Kind::Words,
    Kind::Normal,
    Kind::Integers,
    Kind::LargeIntegers,
    Kind::Eighths,
    Kind::Thirds,
    Kind::Offset,
    Kind::Heaps,
    Kind::Wild,
    Kind::Extreme(1e-30),
    Kind::Extreme(1e-160),
    Kind::Extreme(1e-310),
    Kind::Extreme(1e100),
    Kind::Extreme(1e155),
    Kind::Extreme(1e300),
    Kind::Constant,
    Kind::Duplicates,
    Kind::Outlier,
];

fn matrix(kind: Kind, (n_rows, n_columns): (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    let distinct = Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
        let normal: f64 = StandardNormal.sample(rng);
        let whole = f64::from(rng.random_range(0..3u8));
        match kind {
            Kind::Normal | Kind::Duplicates => normal,
            Kind::Integers => whole,
            Kind::LargeIntegers => (normal * 3000.0).round(),
            Kind::Eighths => (normal * 40.0).round() / 8.0,
            Kind::Thirds => whole / 3.0,
            Kind::Offset => 1e8 + normal,
            Kind::Heaps => normal + if row % 2 == 0 { 1e8 } else { 0.0 },
            Kind::Sparse | Kind::Words if rng.random_range(0..6u8) > 0 => 0.0,
            Kind::Sparse => normal,
            Kind::Words => 1.0,
            Kind::Wild if whole == 0.0 => 0.0,
            Kind::Wild => normal * 10f64.powf(rng.random_range(-30.0..30.0)),
            Kind::Extreme(scale) => normal * scale,
            Kind::Constant if column > 0 => 0.1,
            Kind::Constant => normal,
            Kind::Outlier if row == n_rows / 2 => 1e12,
            Kind::Outlier => normal,
        }
    });
    match kind {
        Kind::Duplicates => {
            distinct.select(Axis(0), &(0..n_rows).map(|row| row % (n_rows / 4 + 1)).collect::<Vec<_>>())
        }
        _ => distinct,
    }
}

proptest! {
    #[test]
    fn every_search_finds_what_comparing_all_finds(
        kind in proptest::sample::select(&KINDS[..]),
        query_kind in proptest::sample::select(&KINDS[..]),
        n_points in 1usize..300,
        n_queries in 0usize..40,
        n_columns in 1usize..24,
        k in 1usize..12,
        seed in any::<u64>(),
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let points = matrix(kind, (n_points, n_columns), &mut rng);
        let alike = matrix(kind, (n_queries, n_columns), &mut rng);
        let other = matrix(query_kind, (5, n_columns), &mut rng);
        let some = points.slice(ndarray::s![..n_points.min(10), ..]);
        let queries = concatenate![Axis(0), alike, other, some];
        assert_exact(&points, &queries, k.min(n_points));
    }

    #[test]
    fn any_k_will_do(n_points in 1usize..400, over in 0usize..400, seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let points = matrix(Kind::Thirds, (n_points, 5), &mut rng);
        assert_exact(&points, &points, n_points - over.min(n_points - 1));
    }
}

/// Dozens of points tie at the k-th distance, more than the number of candidates that may wait.
#[test]
fn boards_of_connect_4_come_out_exactly() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut board = |width: f64| {
        Array2::from_shape_fn((5000, 42), |(_, column)| {
            let filled = rng.random_range(0..8) > column % 8;
            if filled { f64::from(rng.random_range(1..3u8)) / width } else { 0.0 }
        })
    };
    for points in [board(1.0), board(1.0) * 0.37] {
        let some = points.slice(ndarray::s![..200, ..]).to_owned();
        let expected = naive(points.view(), some.view(), 6, false);
        for algorithm in ALL {
            let found = Search { algorithm }.k_nearest(points.view(), some.view(), 6).expect("valid");
            assert_eq!(found, expected, "{algorithm:?}");
        }
    }
}

#[test]
fn among_duplicates_the_lowest_rows_are_returned() {
    for value in [1.0, 0.1] {
        let points = Array2::from_elem((10_000, 3), value);
        for algorithm in ALL {
            let nearest = Search { algorithm }.k_nearest_within(points.view(), 2).expect("valid");
            for (row, found) in nearest.indices.outer_iter().enumerate() {
                let expected = match row {
                    0 => [1, 2],
                    1 => [0, 2],
                    _ => [0, 1],
                };
                assert_eq!(found.to_vec(), expected);
            }
        }
    }
}

#[test]
fn many_columns_and_many_rows_are_no_different() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (shape, kind) in [((300, 700), Kind::Normal), ((20_000, 3), Kind::Normal), ((9000, 2), Kind::Thirds)]
    {
        let points = matrix(kind, shape, &mut rng);
        let queries = matrix(kind, (30, shape.1), &mut rng);
        let expected = naive(points.view(), queries.view(), 5, false);
        for algorithm in ALL {
            let found = Search { algorithm }.k_nearest(points.view(), queries.view(), 5).expect("valid");
            assert_eq!(found, expected, "{algorithm:?}");
        }
    }
}

/// Many blocks, the last of them incomplete, and panels with empty places.
#[test]
fn comparing_blocks_misses_no_pair() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    for (kind, n_points) in
        [(Kind::Normal, 2500), (Kind::Normal, 193), (Kind::Thirds, 1003), (Kind::Outlier, 777)]
    {
        let points = matrix(kind, (n_points, 17), &mut rng);
        let expected = naive(points.view(), points.view(), 5, true);
        for algorithm in ALL {
            let found = Search { algorithm }.k_nearest_within(points.view(), 5).expect("valid");
            assert!(found == expected, "{kind:?}, {n_points} points, {algorithm:?}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let points = matrix(Kind::Thirds, (1500, 6), &mut rng);
    for algorithm in ALL {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Search { algorithm }.k_nearest_within(points.view(), 5)).expect("valid")
        };
        let one = run(1);
        assert!(one == run(2) && one == run(3), "{algorithm:?}");
    }
}

#[test]
fn rows_need_not_be_contiguous() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let points = matrix(Kind::Normal, (7, 100), &mut rng);
    let expected = k_nearest_within(points.t().to_owned().view(), 3).expect("valid");
    assert_eq!(k_nearest_within(points.t(), 3).expect("valid"), expected);
    let index = Index::new(points.t(), Algorithm::Auto).expect("finite");
    assert_eq!(index.k_nearest_within(3).expect("valid"), expected);
}

/// The same points in any unit have the same neighbours, even where squares leave the range of a double.
#[test]
fn neighbours_are_right_in_any_unit() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for columns in [3, 20] {
        let points = matrix(Kind::Normal, (60, columns), &mut rng);
        let expected = k_nearest_within(points.view(), 5).expect("finite").indices;
        // Powers of two, so that no number is rounded: 1e-301, 1e-200, 1e200, 1e306.
        for exponent in [-1000, -664, 664, 1017] {
            let scaled = points.mapv(|number| number * 2f64.powi(exponent));
            for algorithm in ALL {
                let found = Search { algorithm }.k_nearest_within(scaled.view(), 5).expect("finite");
                assert_eq!(found.indices, expected, "2^{exponent}, {algorithm:?}");
            }
        }
    }
    let points = array![[1e300], [-1e300], [0.0]];
    let nearest = k_nearest(points.view(), array![[-1e308]].view(), 3).expect("finite");
    assert_eq!(nearest.indices, array![[1, 2, 0]]);
}

#[test]
fn invalid_points_and_k_are_refused() {
    let points = array![[0.0, 1.0], [2.0, 3.0]];
    let refused = |queries: Array2<f64>, k| k_nearest(points.view(), queries.view(), k).expect_err("refused");
    assert!(matches!(refused(points.clone(), 0), Error::InvalidParameter { .. }));
    let message = refused(points.clone(), 3).to_string();
    assert_eq!(message, "k must be from 1 to the number of points, 2, but is 3");
    assert!(matches!(refused(array![[0.0]], 1), Error::LengthMismatch { expected: 2, found: 1, .. }));
    assert!(matches!(refused(array![[0.0, f64::NAN]], 1), Error::NotFinite { row: 0, .. }));
    let message = k_nearest_within(points.view(), 2).expect_err("refused").to_string();
    assert_eq!(message, "k must be from 1 to the number of other points, 1, but is 2");
    assert!(k_nearest_within(array![[f64::INFINITY], [0.0]].view(), 1).is_err());
    for rows in [0, 2] {
        let empty = Array2::zeros((rows, 0));
        assert!(k_nearest(empty.view(), empty.view(), 1).is_err());
    }
    let none = Array2::zeros((0, 2));
    assert!(k_nearest(none.view(), points.view(), 1).is_err());
    assert!(k_nearest_within(none.view(), 1).is_err());
    assert_eq!(k_nearest(points.view(), none.view(), 1).expect("no queries").indices.dim(), (0, 1));
}
