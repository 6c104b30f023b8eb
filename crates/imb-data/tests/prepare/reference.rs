//! Against scikit-learn's imputer and scalers: see `../reference/prepare_reference.py`.

use imb_core::{Column, ColumnKind, Labels, Table, Values};
use imb_data::prepare::{KnnImputer, MinMaxScaler, StandardScaler, Step, prepare};

#[derive(serde::Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    n_train: usize,
    k: usize,
    rows: Matrix,
    imputed: Matrix,
    standardised: Matrix,
    min_maxed: Matrix,
}

/// `None` is a gap.
type Matrix = Vec<Vec<Option<f64>>>;

fn cases() -> Vec<Case> {
    let reference: Reference =
        serde_json::from_str(include_str!("../reference/prepare.json")).expect("written by the script");
    reference.cases
}

fn table(rows: &Matrix) -> Table<Labels> {
    let column = |at: usize| Column {
        name: format!("column_{at}"),
        kind: ColumnKind::Numeric,
        values: Values::Dense(rows.iter().map(|row| row[at].unwrap_or(f64::NAN)).collect()),
    };
    Table::new((0..rows[0].len()).map(column).collect(), rows.len())
        .and_then(|table| table.with_target(Labels::from_texts(&vec!["x"; rows.len()])))
        .expect("all columns have all rows")
}

fn assert_step_gives(step: Step, case: &Case, expected: &Matrix) {
    let train: Vec<usize> = (0..case.n_train).collect();
    let prepared = prepare(table(&case.rows), &train, std::slice::from_ref(&step)).expect("numbers");
    for (at, column) in prepared.table().columns().iter().enumerate() {
        for (row, expected) in expected.iter().enumerate() {
            let found = column.values.get(row);
            match expected[at] {
                None => assert!(found.is_nan(), "{step:?}: row {row}, column {at} is {found}"),
                Some(expected) => {
                    approx::assert_relative_eq!(found, expected, max_relative = 1e-10, epsilon = 1e-12);
                }
            }
        }
    }
}

#[test]
fn gaps_are_filled_as_scikit_learn_fills_them() {
    for case in cases() {
        assert!(case.imputed.iter().flatten().all(Option::is_some));
        let step = KnnImputer { k: case.k, ..KnnImputer::default() };
        assert_step_gives(Step::KnnImputer(step), &case, &case.imputed);
    }
}

#[test]
fn columns_are_scaled_as_scikit_learn_scales_them() {
    for case in cases() {
        assert_step_gives(Step::StandardScaler(StandardScaler {}), &case, &case.standardised);
        assert_step_gives(Step::MinMaxScaler(MinMaxScaler {}), &case, &case.min_maxed);
    }
}
