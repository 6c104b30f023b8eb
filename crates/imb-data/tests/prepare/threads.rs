//! One thread and two give the same bytes, and both give what comparing every pair of rows gives.

use imb_core::{Column, ColumnKind, Labels, Table, Values};
use imb_data::prepare::{KnnImputer, Step, prepare};

const N_ROWS: usize = 600;
const N_TRAIN: usize = 400;
const N_COLUMNS: usize = 5;

/// Whole numbers make ties; gaps fall in few patterns, so that groups are large enough to search.
fn cell(row: usize, column: usize) -> f64 {
    let gap = match row % 7 {
        0 => column == 1,
        1 => column == 1 || column == 3,
        2 => column == 4,
        _ => false,
    };
    if gap { f64::NAN } else { ((row * 31 + column * 17 + row * row * (column + 1)) % 23) as f64 }
}

fn table() -> Table<Labels> {
    let column = |at: usize| Column {
        name: format!("column_{at}"),
        kind: ColumnKind::Numeric,
        values: Values::Dense((0..N_ROWS).map(|row| cell(row, at)).collect()),
    };
    Table::new((0..N_COLUMNS).map(column).collect(), N_ROWS)
        .and_then(|table| table.with_target(Labels::from_texts(&[0; N_ROWS].map(|_| "x"))))
        .expect("all columns have all rows")
}

fn imputed(threads: usize) -> Vec<Vec<u64>> {
    let train: Vec<usize> = (0..N_TRAIN).collect();
    let steps = [Step::KnnImputer(KnnImputer::default())];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let prepared = pool.install(|| prepare(table(), &train, &steps)).expect("numbers");
    let bits = |column: &Column| column.values.to_dense(N_ROWS).into_iter().map(f64::to_bits).collect();
    prepared.table().columns().iter().map(bits).collect()
}

/// The rule, word for word: no groups, no search.
fn by_comparing_all() -> Vec<Vec<u64>> {
    let mean_and_sd = |column: usize| {
        let values: Vec<f64> = (0..N_TRAIN).map(|row| cell(row, column)).filter(|v| !v.is_nan()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().filter(|v| **v != 0.0).map(|v| (v - mean).powi(2)).sum::<f64>();
        let n_zero = values.iter().filter(|v| **v == 0.0).count() as f64;
        (mean, ((squares + n_zero * mean * mean) / values.len() as f64).sqrt())
    };
    let scales: Vec<(f64, f64)> = (0..N_COLUMNS).map(mean_and_sd).collect();
    let place = |row: usize, column: usize| (cell(row, column) - scales[column].0) / scales[column].1;
    let distance = |a: usize, b: usize| {
        let terms = (0..N_COLUMNS).map(|column| (place(a, column) - place(b, column)).powi(2));
        let common: Vec<f64> = terms.filter(|term| !term.is_nan()).collect();
        common.iter().fold(0.0, |sum, term| sum + term) * N_COLUMNS as f64 / common.len() as f64
    };
    let value = |row: usize, column: usize| {
        if !cell(row, column).is_nan() {
            return cell(row, column);
        }
        let donors = (0..N_TRAIN).filter(|&donor| !cell(donor, column).is_nan());
        let mut donors: Vec<(f64, usize)> = donors.map(|donor| (distance(row, donor), donor)).collect();
        donors.sort_by(|a, b| a.partial_cmp(b).expect("all rows share a column"));
        (cell(donors[0].1, column) + cell(donors[1].1, column)) / 2.0
    };
    let bits = |column: usize| (0..N_ROWS).map(|row| value(row, column).to_bits()).collect();
    (0..N_COLUMNS).map(bits).collect()
}

#[test]
fn any_number_of_threads_fills_gaps_alike() {
    let one = imputed(1);
    assert_eq!(one, imputed(2));
    assert_eq!(one, by_comparing_all());
}
