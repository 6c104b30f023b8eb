//! Changing rows outside the training rows, values or targets, moves no bit of the training rows.

use imb_core::{Column, ColumnKind, LabelMatrix, Labels, Result, Table, Values};
use imb_data::prepare::{PrepareTarget, Prepared, Step, prepare, prepare_leaking_as_released};
use ndarray::Array2;
use proptest::prelude::*;

use crate::every_step;

const N_ROWS: usize = 24;
const CATEGORIES: [&str; 3] = ["p", "q", "r"];

/// The cells of a table and two targets for them, by row.
#[derive(Clone, Debug)]
struct Row {
    numbers: [f64; 4],
    code: f64,
    class: u32,
    labels: [bool; 3],
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => Just(0.0),
        2 => Just(f64::NAN),
        3 => (-3i32..4).prop_map(f64::from),
        3 => -100.0..100.0,
        1 => prop_oneof![Just(1e60), Just(-1e60)],
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let code = prop_oneof![1 => Just(f64::NAN), 4 => (0u32..3).prop_map(f64::from)];
    let numbers = [number(), number(), number(), number()];
    (numbers, code, 0u32..2, any::<[bool; 3]>()).prop_map(|(numbers, code, class, labels)| Row {
        numbers,
        code,
        class,
        labels,
    })
}

/// A table, another that differs from it in the rows that are not for training, and those that are.
fn cases() -> impl Strategy<Value = (Vec<Row>, Vec<Row>, Vec<usize>)> {
    let rows = || proptest::collection::vec(row(), N_ROWS);
    (rows(), rows(), proptest::sample::subsequence((0..N_ROWS).collect::<Vec<_>>(), 1..N_ROWS)).prop_map(
        |(rows, mut others, train)| {
            train.iter().for_each(|&row| others[row] = rows[row].clone());
            (rows, others, train)
        },
    )
}

fn columns(rows: &[Row]) -> Table<()> {
    let column = |name: &str, kind, values| Column { name: name.into(), kind, values };
    let dense = |at: usize| Values::Dense(rows.iter().map(|row| row.numbers[at]).collect());
    let (held, values) =
        (0u32..).zip(rows.iter().map(|row| row.numbers[2])).filter(|(_, value)| *value != 0.0).unzip();
    let whole = rows.iter().map(|row| row.numbers[3].trunc()).collect();
    let codes = rows.iter().map(|row| row.code).collect();
    let columns = vec![
        column("a", ColumnKind::Numeric, dense(0)),
        column("b", ColumnKind::Numeric, dense(1)),
        column("sparse", ColumnKind::Numeric, Values::Sparse { rows: held, values }),
        column("whole", ColumnKind::Integer, Values::Dense(whole)),
        column("kind", ColumnKind::Categorical(CATEGORIES.map(String::from).into()), Values::Dense(codes)),
    ];
    Table::new(columns, rows.len()).expect("columns fit")
}

fn with_classes(rows: &[Row]) -> Table<Labels> {
    let codes = rows.iter().map(|row| row.class).collect();
    let labels = Labels::new(codes, vec!["no".into(), "yes".into()]).expect("two classes");
    columns(rows).with_target(labels).expect("one class a row")
}

fn with_labels(rows: &[Row]) -> Table<LabelMatrix> {
    let on = Array2::from_shape_fn((rows.len(), 3), |(row, label)| rows[row].labels[label]);
    let labels = LabelMatrix::new(on, ["x", "y", "z"].map(String::from).into()).expect("three labels");
    columns(rows).with_target(labels).expect("one set of labels a row")
}

/// Names, kinds, bits of the cells and targets of the training rows, or the error that was met.
fn training_rows<Y: PrepareTarget>(prepared: Result<Prepared<Y>>, train: &[usize]) -> String {
    match prepared {
        Err(error) => error.to_string(),
        Ok(prepared) => {
            let table = prepared.table().select_rows(train);
            let bits = |column: &Column| -> Vec<u64> {
                column.values.to_dense(train.len()).into_iter().map(f64::to_bits).collect()
            };
            let columns: Vec<_> =
                table.columns().iter().map(|column| (&column.name, &column.kind, bits(column))).collect();
            format!("{columns:?} {:?}", table.target())
        }
    }
}

fn with_two_classes_steps() -> impl Iterator<Item = Vec<Step>> {
    every_step::general().into_iter().chain(every_step::for_two_classes())
}

fn with_labels_steps() -> impl Iterator<Item = Vec<Step>> {
    every_step::general().into_iter().chain(every_step::for_labels())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn training_rows_know_nothing_of_the_rest((rows, others, train) in cases()) {
        for steps in with_two_classes_steps() {
            let of = |rows| training_rows(prepare(with_classes(rows), &train, &steps), &train);
            prop_assert_eq!(of(&rows), of(&others), "{:?}", steps);
        }
        for steps in with_labels_steps() {
            let of = |rows| training_rows(prepare(with_labels(rows), &train, &steps), &train);
            prop_assert_eq!(of(&rows), of(&others), "{:?}", steps);
        }
    }

    #[test]
    fn order_and_repeats_of_the_training_rows_change_nothing((rows, _, train) in cases()) {
        let again: Vec<usize> = train.iter().rev().chain(&train).copied().collect();
        for steps in every_step::general() {
            let of = |fitted_on: &[usize]| {
                prepare(with_classes(&rows), fitted_on, &steps).map(|prepared| format!("{:?}", prepared.table()))
            };
            prop_assert_eq!(of(&train).map_err(|e| e.to_string()), of(&again).map_err(|e| e.to_string()));
        }
    }
}

/// The property above is worth something only if a leak would show.
#[test]
fn what_leaks_does_show() {
    let number = |row: usize, at: usize| ((row * (7 + 4 * at) + at) % 13) as f64;
    let rows: Vec<Row> = (0..N_ROWS)
        .map(|row| Row {
            numbers: std::array::from_fn(|at| if row % 5 == at { f64::NAN } else { number(row, at) }),
            code: (row % 3) as f64,
            class: u32::from(row % 2 == 0),
            labels: [true, row == 0, row % 2 == 0],
        })
        .collect();
    let train: Vec<usize> = (0..N_ROWS / 2).collect();
    let mut others = rows.clone();
    for row in &mut others[N_ROWS / 2..] {
        row.numbers = [-40.0, 90.0, 40.0, if row.class == 0 { 1e4 } else { -1e4 }];
        row.labels = [false, true, false];
    }
    let learns = |steps: &Vec<Step>| steps.iter().any(|step| !matches!(step, Step::OneHot(_)));
    for steps in with_two_classes_steps().filter(learns) {
        let of = |rows| training_rows(prepare_leaking_as_released(with_classes(rows), &steps), &train);
        assert_ne!(of(&rows), of(&others), "{steps:?}");
    }
    for steps in with_labels_steps().filter(learns) {
        let of = |rows| training_rows(prepare_leaking_as_released(with_labels(rows), &steps), &train);
        assert_ne!(of(&rows), of(&others), "{steps:?}");
    }
}
