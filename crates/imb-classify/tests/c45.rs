//! What trees must do on any data: zeros are values like others, problems are data sets, bad input is answered.
//! `c45_reference.rs` compares trees with J48's.

use imb_classify::{BaseLearner, BaseModel, C45, Cart, DecisionTree, Problem, SharedRows};
use imb_core::{ColumnKind, Dataset, Error, Feature, Fit, Labels, Observe, Run, Seed, Train, Watch};
use ndarray::{Array2, Axis, array};
use rand::RngExt;

/// Zeros are not stored. Shifted by 1, the same data have none, and the trees are the same.
#[test]
fn zeros_are_values_like_others() {
    for seed in 0..30 {
        let (x, y) = random(seed, 300, 40);
        let (sparse, dense) = (rows(x.clone(), &y), rows(x + 1.0, &y));
        for fit in [c45, cart] {
            let (sparse_tree, dense_tree) = (fit(&sparse), fit(&dense));
            assert!(sparse_tree.n_leaves() > 5, "seed {seed}: {}", text(&sparse_tree, &sparse));
            assert_eq!(shifted(&text(&sparse_tree, &sparse)), text(&dense_tree, &dense), "seed {seed}");
            assert_eq!(scores(&sparse_tree, &sparse), scores(&dense_tree, &dense), "seed {seed}");
        }
    }
}

/// A problem of some rows (some of them twice, as in a bootstrap) and columns is a data set of its own.
#[test]
fn a_problem_is_a_data_set_of_its_own() {
    let (x, y) = random(77, 300, 12);
    let data = rows(x, &y);
    let mut rng = Seed::new(5).rng();
    let bag: Vec<usize> = (0..250).map(|_| rng.random_range(0..300)).collect();
    let columns = [7, 0, 3, 11, 2];
    let codes: Vec<u32> = bag.iter().map(|&row| y[row]).collect();
    let problem = Problem { rows: &bag, codes: &codes, n_classes: 3, columns: Some(&columns) };
    let alone = rows(data.x().select(Axis(0), &bag).select(Axis(1), &columns), &codes);
    let shared = SharedRows::of(&data);
    let of_columns = data.x().select(Axis(1), &columns);
    let as_wide = rows(of_columns, &y);
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let of_problem = [
        C45::default().fit_problem(&shared, &problem, &mut run).expect("valid"),
        Cart::default().fit_problem(&shared, &problem, &mut run).expect("valid"),
    ];
    for (tree, alone) in of_problem.iter().zip([c45(&alone), cart(&alone)]) {
        assert_eq!(tree.scores(&shared).expect("as wide"), scores(&alone, &as_wide));
    }
}

/// A row's weight says how often it counts.
#[test]
fn weights_are_repetitions() {
    let (x, y) = random(3, 60, 4);
    let weights: Vec<f64> = (0..60).map(|row| f64::from(row % 3)).collect();
    let repeated: Vec<usize> = (0..60).flat_map(|row| vec![row; row % 3]).collect();
    let data = rows(x, &y);
    let weighted = data.clone().with_weights(weights).expect("one a row");
    assert_eq!(c45(&weighted), c45(&data.select(&repeated).expect("rows")));
    let halves = data.clone().with_weights(vec![0.5; 60]).expect("one a row");
    assert!(C45::default().fit_rows(&halves).expect_err("halves").to_string().contains("whole number"));
    let heavy = data.clone().with_weights(vec![1e15; 60]).expect("one a row");
    assert!(
        C45::default().fit_rows(&heavy).expect_err("too many").to_string().contains("sum of the row weights")
    );
    let none = data.with_weights(vec![0.0; 60]).expect("one a row");
    assert!(matches!(
        C45::default().fit_rows(&none),
        Err(Error::LengthMismatch { expected: 1, found: 0, .. })
    ));
}

/// Worked by hand: three of four colours have rows; the category without any is answered by the node.
#[test]
fn categories_have_a_branch_each() {
    let colour = ColumnKind::Categorical(["red", "green", "blue", "white"].map(String::from).to_vec());
    let features = vec![Feature { name: "colour".into(), kind: colour }];
    let x = array![[0.0], [0.0], [1.0], [1.0], [2.0], [2.0], [2.0]];
    let labels = || Labels::from_texts(&["no", "no", "yes", "yes", "no", "no", "yes"]);
    let data = Dataset::new(features.clone(), x, labels()).expect("finite");
    let tree = C45 { prune: false, ..C45::default() }.fit_rows(&data).expect("valid");
    let expected = "colour = red: no (2.0)\ncolour = green: yes (2.0)\ncolour = blue: no (3.0/1.0)\ncolour = white: \
                    no (0.0)\n";
    assert_eq!(text(&tree, &data), expected);
    // Neither white nor a number between two categories was seen in training.
    let unseen = array![[3.0], [0.5], [-1.0]];
    let scores =
        tree.scores(&SharedRows::new(&features, unseen.view()).expect("one feature")).expect("as wide");
    assert!(scores.rows().into_iter().all(|shares| shares == array![4.0 / 7.0, 3.0 / 7.0]));
    let between = array![[0.0], [1.5]];
    let rows = SharedRows::new(&features, between.view()).expect("one feature");
    let problem = Problem { rows: &[0, 1], codes: &[0, 1], n_classes: 2, columns: None };
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let error = C45::default().fit_problem(&rows, &problem, &mut Run::new(&mut rng, &mut nobody));
    let error = error.expect_err("no category").to_string();
    assert!(error.contains("\"colour\"") && error.contains("below 4") && error.contains("1.5"), "{error}");
}

#[test]
fn what_cannot_be_split_is_a_leaf() {
    for (x, y) in [
        (array![[1.0]], vec![1]),
        (array![[1.0], [2.0], [3.0], [4.0]], vec![1; 4]),
        (array![[3.0], [3.0], [3.0], [3.0]], vec![0, 1, 1, 1]),
        (array![[1.0], [1.000_001], [1.0], [1.000_001]], vec![0, 1, 0, 1]),
    ] {
        let tree = c45(&rows(x, &y));
        assert_eq!((tree.n_nodes(), tree.n_leaves()), (1, 1));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let (x, y) = random(1, 20, 2);
    let data = rows(x, &y);
    let refused = |c45: C45| c45.fit_rows(&data).expect_err("refused").to_string();
    for confidence in [0.0, 0.6, f64::NAN] {
        assert!(refused(C45 { confidence, ..C45::default() }).contains("confidence"));
    }
    assert!(refused(C45 { min_leaf: 0, ..C45::default() }).contains("min_leaf"));
    let shared = SharedRows::of(&data);
    let refused = |rows: &[usize], codes: &[u32], columns: &[usize]| {
        let problem = Problem { rows, codes, n_classes: 2, columns: Some(columns) };
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let fitted = C45::default().fit_problem(&shared, &problem, &mut Run::new(&mut rng, &mut nobody));
        fitted.expect_err("refused").to_string()
    };
    assert!(refused(&[], &[], &[0]).contains("at least: 1 expected, 0 found"));
    assert!(refused(&[1, 2], &[0], &[0]).contains("2 expected, 1 found"));
    assert_eq!(refused(&[20], &[0], &[0]), "row of a problem must be below 20, but is 20");
    assert_eq!(refused(&[1], &[2], &[0]), "class of a problem must be below 2, but is 2");
    assert_eq!(refused(&[1], &[1], &[2]), "column of a problem must be below 2, but is 2");
    assert!(refused(&[1], &[1], &[0, 1, 0]).contains("named once"));
    let gap = array![[1.0], [f64::NAN]];
    let (features, problem) =
        (&data.features()[..1], Problem { rows: &[0], codes: &[0], n_classes: 1, columns: None });
    let unchecked = SharedRows::new(features, gap.view()).expect("one feature");
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let fitted = C45::default().fit_problem(&unchecked, &problem, &mut Run::new(&mut rng, &mut nobody));
    assert!(matches!(fitted.expect_err("a gap"), Error::NotFinite { row: 1, .. }));
    let narrow = rows(array![[1.0]], &[0]);
    let error = c45(&data).scores(&SharedRows::of(&narrow)).expect_err("too narrow");
    assert!(matches!(error, Error::LengthMismatch { expected: 2, found: 1, .. }));
}

/// The first class with the largest share is predicted.
#[test]
fn a_fitted_tree_predicts_the_majority_of_a_leaf() {
    let data = rows(array![[0.0], [0.0], [0.0], [5.0], [5.0]], &[1, 0, 0, 1, 2]);
    let train = Train { rows: data, validation: None };
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let model = Cart::default().fit(&train, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
    assert_eq!(model.predict(array![[0.0], [5.0], [9.0]].view()).expect("as wide").labels.codes(), [0, 1, 1]);
}

#[test]
fn a_long_fit_can_be_interrupted() {
    struct Impatient;
    impl Watch for Impatient {
        fn progress(&mut self, stage: &str, done: u64, total: u64) -> std::ops::ControlFlow<()> {
            assert!(stage == "tree" && done <= total);
            std::ops::ControlFlow::Break(())
        }
    }
    impl Observe<Labels> for Impatient {}
    let x = Array2::from_shape_fn((20_000, 1), |(row, _)| row as f64);
    let y: Vec<u32> = (0..20_000).map(|row| row % 2).collect();
    let train = Train { rows: rows(x, &y), validation: None };
    let (mut rng, mut impatient) = (Seed::new(1).rng(), Impatient);
    let error =
        Cart::default().fit(&train, &mut Run::new(&mut rng, &mut impatient)).err().expect("interrupted");
    assert!(matches!(error, Error::Interrupted { .. }));
}

#[test]
fn parameters_are_plain_data() {
    let read = |text: &str| serde_json::from_str::<C45>(text).expect("parameters");
    assert_eq!(read("{}"), C45::default());
    assert_eq!(
        read(r#"{"prune": false, "min_leaf": 5}"#),
        C45 { prune: false, min_leaf: 5, ..C45::default() }
    );
    assert!(serde_json::from_str::<C45>(r#"{"unpruned": true}"#).is_err());
}

/// Mostly zero numbers, exact when shifted, and three classes that hang on them.
fn random(seed: u64, n_rows: usize, n_columns: usize) -> (Array2<f64>, Vec<u32>) {
    let mut rng = Seed::new(seed).rng();
    let x = Array2::from_shape_fn((n_rows, n_columns), |(_, column)| {
        let is_zero = rng.random::<f64>() < [0.5, 0.9, 0.97][column % 3];
        let value = [1, rng.random_range(1..=4), rng.random_range(-64..=64)][column % 3];
        if is_zero { 0.0 } else { f64::from(value) / 32.0 }
    });
    let y = x.rows().into_iter().map(|row| {
        let signal = 10.0 * row.iter().take(8).sum::<f64>() + rng.random::<f64>();
        if signal < 0.6 { 0 } else { 1 + u32::from(signal > 1.5) }
    });
    let y = y.collect();
    (x, y)
}

fn rows(x: Array2<f64>, y: &[u32]) -> Dataset<Labels> {
    let classes = ["0", "1", "2"].map(String::from).to_vec();
    Dataset::unnamed(x, Labels::new(y.to_vec(), classes).expect("classes")).expect("finite")
}

fn c45(data: &Dataset<Labels>) -> DecisionTree {
    C45 { thresholds_from_data: false, ..C45::default() }.fit_rows(data).expect("valid")
}

fn cart(data: &Dataset<Labels>) -> DecisionTree {
    Cart::default().fit_rows(data).expect("valid")
}

fn text(tree: &DecisionTree, data: &Dataset<Labels>) -> String {
    tree.text(data.features(), data.y().classes()).to_string()
}

/// A tree's text with thresholds that are 1 larger.
fn shifted(text: &str) -> String {
    let shift = |line: &str| {
        let (condition, rows) = line.split_once(": ").unwrap_or((line, ""));
        let (column, threshold) = condition.rsplit_once(' ').expect("a condition");
        let threshold = threshold.parse::<f64>().expect("a threshold") + 1.0;
        let rows = if rows.is_empty() { String::new() } else { format!(": {rows}") };
        format!("{column} {threshold}{rows}\n")
    };
    text.lines().map(shift).collect()
}

fn scores(tree: &DecisionTree, data: &Dataset<Labels>) -> Array2<f64> {
    tree.scores(&SharedRows::of(data)).expect("as wide")
}
