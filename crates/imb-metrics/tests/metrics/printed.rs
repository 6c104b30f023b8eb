//! Printed tables: what three papers print, and tables of real confusion matrices, in which nothing may be
//! found.

use imb_core::Seed;
use imb_metrics::interval::Interval;
use imb_metrics::printed::{
    Combination, PrintedMetric, PrintedValue, Rounding, TestRows, TwoClassCounts, TwoClassMetric,
    is_geometric_above_mean, is_mean_attainable,
};
use rand::RngExt;

fn value(text: &str) -> PrintedValue {
    text.parse().expect("a number")
}

/// "Does Adversarial Oversampling Help us?" (CIKM 2021), table 2: ACSA and geometric mean in percent, of Q,
/// RO, COT, SMOTE, Borderline-SMOTE, ADASYN, GAMO, AO and DO.
const SECOM: [[&str; 2]; 9] = [
    ["57.06", "42.82"],
    ["58.99", "43.69"],
    ["60.51", "49.57"],
    ["55.57", "42.15"],
    ["55.08", "35.42"],
    ["59.12", "46.47"],
    ["61.17", "56.90"],
    ["65.82", "65.36"],
    ["68.84", "65.73"],
];
const PIMA: [[&str; 2]; 9] = [
    ["76.89", "76.49"],
    ["73.09", "73.09"],
    ["76.55", "76.53"],
    ["74.10", "71.94"],
    ["76.82", "75.34"],
    ["76.20", "75.16"],
    ["70.10", "68.78"],
    ["77.42", "77.00"],
    ["77.46", "77.45"],
];
const HABERMAN: [[&str; 2]; 9] = [
    ["65.00", "60.91"],
    ["70.00", "69.48"],
    ["68.84", "67.93"],
    ["69.61", "69.48"],
    ["70.38", "70.20"],
    ["69.61", "69.48"],
    ["58.62", "50.46"],
    ["60.00", "58.38"],
    ["70.38", "70.20"],
];
const GAMO: usize = 6;

fn pairs(printed: &[[&str; 2]]) -> Vec<Vec<PrintedMetric>> {
    let metrics = [TwoClassMetric::Acsa, TwoClassMetric::GeometricMean];
    let pair = |texts: &[&str; 2]| {
        let of = |place: usize| PrintedMetric {
            metric: metrics[place],
            value: value(texts[place]),
            percent: true,
        };
        vec![of(0), of(1)]
    };
    printed.iter().map(pair).collect()
}

/// Of 27 pairs, each belongs to one matrix; GAMO's to test rows with one more of the majority.
#[test]
fn the_pairs_of_three_data_sets_reveal_their_matrices() {
    for (rows, printed, by_hand) in [
        (
            [439, 31],
            SECOM,
            [[416, 6], [433, 6], [418, 8], [403, 6], [427, 4], [420, 7], [368, 12], [323, 18], [392, 15]],
        ),
        (
            [98, 55],
            PIMA,
            [[83, 38], [72, 40], [77, 41], [90, 31], [90, 34], [87, 35], [56, 46], [68, 47], [77, 42]],
        ),
        (
            [65, 26],
            HABERMAN,
            [[57, 11], [51, 16], [52, 15], [48, 17], [49, 17], [48, 17], [19, 23], [48, 12], [49, 17]],
        ),
    ] {
        for (method, pair) in pairs(&printed).iter().enumerate() {
            let rows = if method == GAMO { [rows[0] + 1, rows[1]] } else { rows };
            let matrices = TestRows(rows).matrices(pair, Rounding::Either).expect("rows");
            let expected = TwoClassCounts { rows, right: by_hand[method] };
            assert_eq!(matrices.only(), Some(expected), "{rows:?}, method {method}: {matrices:?}");
        }
    }
}

#[test]
fn the_test_rows_are_found_by_searching() {
    for (ranges, printed, rows) in [
        ([430..=450, 27..=35], SECOM, [439, 31]),
        ([90..=108, 48..=62], PIMA, [98, 55]),
        ([58..=72, 20..=32], HABERMAN, [65, 26]),
    ] {
        let best = TestRows::search(ranges, &pairs(&printed), Rounding::Either).expect("ranges");
        let [only] = best.as_slice() else { panic!("one size, not {best:?}") };
        assert_eq!(only.rows, TestRows(rows));
        assert_eq!(only.fits, [0, 1, 2, 3, 4, 5, 7, 8], "all but GAMO, which had one row more");
    }
}

#[test]
fn exact_intervals_of_a_revealed_matrix() {
    let [majority, minority] =
        TwoClassCounts { rows: [439, 31], right: [392, 15] }.recall_intervals(0.95).expect("rows");
    let holds = |interval: Interval, share: f64| (interval.lower..=interval.upper).contains(&share);
    assert!(holds(majority, 392.0 / 439.0) && majority.upper - majority.lower < 0.07, "{majority:?}");
    assert!(holds(minority, 15.0 / 31.0) && minority.upper - minority.lower > 0.35, "{minority:?}");
}

/// A printed number, rounded or cut off.
fn print(exact: f64, decimals: usize, cut: bool) -> PrintedValue {
    let unit = 10f64.powi(decimals as i32);
    if !cut {
        return value(&format!("{exact:.decimals$}"));
    }
    value(&format!("{:.decimals$}", (exact * unit).trunc() / unit))
}

/// Nothing may be found in tables of real matrices: of one run and of means over runs, rounded and cut off.
#[test]
fn nothing_is_found_in_ten_thousand_real_tables() {
    let mut rng = Seed::new(22).child("real tables").rng();
    for table in 0..10_000 {
        let rows = [rng.random_range(1..60_u64), rng.random_range(1..30_u64)];
        let n_runs = if table % 2 == 0 { 1 } else { rng.random_range(2..8_u64) };
        let (decimals, percent, cut) = (rng.random_range(0..5_usize), rng.random(), rng.random());
        let scale = if percent { 100.0 } else { 1.0 };
        let runs: Vec<_> = (0..n_runs)
            .map(|_| {
                let right = rows.map(|rows| rng.random_range(0..=rows));
                TwoClassCounts { rows, right }.matrix().expect("rows")
            })
            .collect();
        let printed: Vec<PrintedMetric> = TwoClassMetric::ALL
            .iter()
            .map(|&metric| {
                let mean = runs.iter().map(|matrix| metric.of(matrix)).sum::<f64>() / n_runs as f64;
                PrintedMetric { metric, value: print(scale * mean, decimals, cut), percent }
            })
            .collect();
        let of = |wanted: TwoClassMetric| {
            printed.iter().find(|printed| printed.metric == wanted).expect("all are printed").value
        };
        for rounding in [if cut { Rounding::Truncated } else { Rounding::Rounded }, Rounding::Either] {
            let (acsa, gm) = (of(TwoClassMetric::Acsa), of(TwoClassMetric::GeometricMean));
            assert!(!is_geometric_above_mean(acsa, gm, rounding), "{printed:?}");
            let f1 = [of(TwoClassMetric::MinorityF1), of(TwoClassMetric::MajorityF1)];
            let whole = of(TwoClassMetric::MacroF1);
            assert_eq!(Combination::Mean.contradicts(&f1, whole, rounding), None, "{printed:?}");
            let attained = if n_runs == 1 {
                TestRows(rows).matrices(&printed, rounding).expect("rows").count > 0
            } else {
                let start = table / 2 % 10;
                let three = &printed[start..start + 3];
                is_mean_attainable(TestRows(rows), n_runs, three, rounding).expect("rows")
            };
            assert!(attained, "{rows:?} {n_runs} {rounding:?} {printed:?}");
        }
    }
}
