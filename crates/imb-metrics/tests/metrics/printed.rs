//! Printed tables: what three papers print, and tables of real confusion matrices, in which nothing may be
//! found.

use std::collections::BTreeMap;

use imb_core::{Rng, Seed};
use imb_metrics::interval::Interval;
use imb_metrics::printed::{
    PrintedMetric, PrintedTables, PrintedValue, Rounding, TableCell, TableFacts, TestRows, TwoClassCounts,
    TwoClassMetric,
};
use imb_metrics::rank::{PairTest, average_ranks, wins_and_losses};
use imb_metrics::{ConfusionMatrix, Direction};
use ndarray::Array2;
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

/// A table of real matrices: every metric of one or two methods, as one run or as a mean of runs.
fn real_table(rng: &mut Rng) -> PrintedTables {
    let rows = [rng.random_range(1..50_u64), rng.random_range(1..20_u64)];
    let n_runs = if rng.random() { 1 } else { rng.random_range(2..8_u64) };
    let (decimals, percent, cut) = (rng.random_range(0..5_usize), rng.random(), rng.random());
    let exact = if cut { Rounding::Truncated } else { Rounding::Rounded };
    let rounding = if rng.random() { exact } else { Rounding::Either };
    let mut cells = Vec::new();
    for column in 0..rng.random_range(1..3) {
        let matrices: Vec<ConfusionMatrix> = (0..n_runs)
            .map(|_| {
                let right = rows.map(|rows| rng.random_range(0..=rows));
                TwoClassCounts { rows, right }.matrix().expect("rows")
            })
            .collect();
        // The hulls of all pairs of metrics would take a minute.
        let kept = if n_runs == 1 { 12 } else { 5 };
        for metric in TwoClassMetric::ALL.iter().take(kept) {
            let mean = matrices.iter().map(|matrix| metric.of(matrix)).sum::<f64>() / n_runs as f64;
            let value = print(if percent { 100.0 * mean } else { mean }, decimals, cut);
            cells.push(cell(&metric.to_string(), column, value));
        }
    }
    let test_rows = BTreeMap::from([(String::from("row"), rows)]);
    let runs = Some(n_runs).filter(|_| rng.random());
    let facts = TableFacts { percent, runs, test_rows, search: 1, ..TableFacts::default() };
    PrintedTables {
        rounding,
        cells,
        facts: BTreeMap::from([("table".to_owned(), facts)]),
        ..PrintedTables::default()
    }
}

fn cell(line: &str, column: usize, value: PrintedValue) -> TableCell {
    let [table, row] = ["table", "row"].map(str::to_owned);
    TableCell { table, row, line: line.to_owned(), column: column.to_string(), value }
}

#[test]
fn nothing_is_found_in_ten_thousand_real_tables() {
    let mut rng = Seed::new(22).child("real tables").rng();
    for table in 0..10_000 {
        let tables = real_table(&mut rng);
        let report = tables.lint().expect("well formed");
        assert!(report.findings.is_empty(), "table {table}: {report:?}\n{tables:?}");
    }
}

/// Ranks, wins and losses of random results, with ties.
#[test]
fn nothing_is_found_in_ranks_of_real_results() {
    let mut rng = Seed::new(22).child("real ranks").rng();
    for table in 0..500 {
        let shape = (rng.random_range(5..12_usize), rng.random_range(2..9_usize));
        let results = Array2::from_shape_simple_fn(shape, || f64::from(rng.random_range(0..30_u8)));
        let ranks = average_ranks(results.view(), Direction::HigherIsBetter).expect("finite");
        let test = PairTest::FriedmanOfTwo;
        let wins = wins_and_losses(results.view(), Direction::HigherIsBetter, test, 0.05).expect("finite");
        let (decimals, cut) = (rng.random_range(1..4_usize), rng.random());
        let mut cells = Vec::new();
        for (column, (&rank, pair)) in ranks.iter().zip(&wins).enumerate() {
            cells.push(cell("rank", column, print(rank, decimals, cut)));
            cells.push(cell("wins", column, print(pair.wins as f64, 0, false)));
            cells.push(cell("losses", column, print(pair.losses as f64, 0, false)));
        }
        let rounding = if cut { Rounding::Truncated } else { Rounding::Rounded };
        let facts = TableFacts { data_sets: Some(shape.0 as u64), ..TableFacts::default() };
        let facts = BTreeMap::from([("table".to_owned(), facts)]);
        let tables = PrintedTables { rounding, cells, facts, relations: Vec::new() };
        let report = tables.lint().expect("well formed");
        assert!(report.findings.is_empty(), "table {table}: {report:?}\n{tables:?}");
    }
}

/// Each fault is found, and only at its place.
#[test]
fn what_is_wrong_is_found_where_it_stands() {
    let found = |cells: Vec<TableCell>, facts: TableFacts| {
        let facts = BTreeMap::from([("table".to_owned(), facts)]);
        let tables = PrintedTables { rounding: Rounding::Rounded, cells, facts, ..PrintedTables::default() };
        let report = tables.lint().expect("well formed");
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let of = |line: &str, texts: &[&str]| -> Vec<TableCell> {
        texts.iter().enumerate().map(|(column, text)| cell(line, column, value(text))).collect()
    };
    let f1 = [of("minority_f1_score", &["0.5"]), of("majority_f1_score", &["0.9"])].concat();
    let wrong = found([f1.clone(), of("macro_f1_score", &["0.9"])].concat(), TableFacts::default());
    assert_eq!(wrong, ["table, row, 0: the mean of 0.5 and 0.9 is 0.700, but table prints 0.9"]);
    assert!(found([f1, of("macro_f1_score", &["0.7"])].concat(), TableFacts::default()).is_empty());
    let nine = TableFacts { data_sets: Some(9), ..TableFacts::default() };
    let ranks = found(of("rank", &["1.02", "1.89"]), nine.clone());
    assert_eq!(ranks.len(), 2, "{ranks:?}");
    assert!(ranks[0].contains("no mean of 9 ranks is 1.02; 1.11 would also make the sum right"), "{ranks:?}");
    assert!(found(of("rank", &["2.50", "0.50"]), nine)[0].contains("no rank among 2 methods"));
    let wins = found([of("wins", &["2", "0"]), of("losses", &["0", "1"])].concat(), TableFacts::default());
    assert!(
        wins[0].contains("2 wins and 1 losses") && wins[1].contains("more than 1 comparisons"),
        "{wins:?}"
    );
    let rows = |runs| TableFacts {
        runs,
        test_rows: BTreeMap::from([(String::from("row"), [10, 5])]),
        ..TableFacts::default()
    };
    let recall = || of("minority_recall_score", &["0.5"]);
    assert_eq!(found(recall(), rows(Some(1))).len(), 1, "no share of 5 rows is 0.5");
    assert!(found(recall(), rows(Some(2))).is_empty() && found(recall(), rows(None)).is_empty());
    let beyond = found(of("minority_recall_score", &["1.2"]), rows(None));
    assert!(beyond[0].contains("does not lie between 0 and 1") && beyond[1].contains("any number of runs"));
}
