//! CART against scikit-learn, and against every other split.

use std::path::Path;

use imb_classify::{BaseModel, Cart, DecisionTree, SharedRows};
use imb_core::{Dataset, Labels, Seed};
use ndarray::{Array2, ArrayView2, array};
use rand::RngExt;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    parameters: Cart,
    x: Vec<Vec<f64>>,
    y: Vec<u32>,
    /// Column, threshold and rows of each class, in preorder; a leaf has neither column nor threshold.
    nodes: Vec<(Option<usize>, Option<f64>, Vec<u32>)>,
}

#[test]
fn trees_equal_those_of_scikit_learn() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cart.json");
    let text = std::fs::read_to_string(file).expect("committed");
    let reference: Reference = serde_json::from_str(&text).expect("cases");
    assert_eq!(reference.cases.len(), 6);
    for case in reference.cases {
        let x = Array2::from_shape_fn((case.x.len(), case.x[0].len()), |(row, column)| case.x[row][column]);
        let data = rows(x, case.y);
        let tree = case.parameters.fit_rows(&data).expect("valid");
        let mut branches = String::new();
        print_branches(&case.nodes, &mut 0, 0, &mut branches);
        let text = tree.text(data.features(), data.y().classes()).to_string();
        assert_eq!(text, branches, "{}", case.name);
    }
}

/// Prints the branches of a node as [`DecisionTree::text`] does, and passes over its nodes.
fn print_branches(
    nodes: &[(Option<usize>, Option<f64>, Vec<u32>)],
    place: &mut usize,
    depth: usize,
    text: &mut String,
) {
    let (column, threshold, _) = &nodes[*place];
    let (column, threshold) = (column.expect("a split") + 1, threshold.expect("a split"));
    *place += 1;
    for relation in ["<=", ">"] {
        *text += &format!("{}column_{column} {relation} {threshold}", "|   ".repeat(depth));
        let (inner, _, counts) = &nodes[*place];
        if inner.is_some() {
            *text += "\n";
            print_branches(nodes, place, depth + 1, text);
            continue;
        }
        *place += 1;
        let (total, most) = (counts.iter().sum::<u32>(), *counts.iter().max().expect("classes"));
        let class = counts.iter().position(|&count| count == most).expect("the most");
        let others = if total > most { format!("/{}.0", total - most) } else { String::new() };
        *text += &format!(": {class} ({total}.0{others})\n");
    }
}

/// Dense, sparse and coarse numbers, with ties everywhere: at the root no split is purer than the one
/// chosen, and of equally pure ones the first column wins, then the lowest threshold.
#[test]
fn the_root_is_the_first_of_the_purest_splits() {
    for seed in 0..200 {
        let mut rng = Seed::new(seed).rng();
        let density = [0.1, 0.5, 1.0][seed as usize % 3];
        let x = Array2::from_shape_fn((24, 5), |_| {
            if rng.random::<f64>() < density { f64::from(rng.random_range(-4..=4)) / 2.0 } else { 0.0 }
        });
        let y: Vec<u32> = (0..24).map(|_| rng.random_range(0..3)).collect();
        let data = rows(x.clone(), y.clone());
        let stump = Cart { max_depth: Some(1), ..Cart::default() }.fit_rows(&data).expect("valid");
        let text = stump.text(data.features(), data.y().classes()).to_string();
        let (column, threshold) = purest_split(x.view(), &y);
        let expected = format!("column_{} <= {threshold}: ", column + 1);
        assert!(text.starts_with(&expected), "{text} is not {expected}");
    }
}

/// The column and the threshold that leave the sides purest, by trying all.
fn purest_split(x: ArrayView2<'_, f64>, y: &[u32]) -> (usize, f64) {
    let mut best = (f64::NEG_INFINITY, 0, 0.0);
    for (number, column) in x.columns().into_iter().enumerate() {
        let mut values = column.to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        for pair in values.windows(2) {
            let mut sides = [[0.0; 3]; 2];
            for (value, &class) in column.iter().zip(y) {
                sides[usize::from(*value > pair[0])][class as usize] += 1.0;
            }
            let purity = |side: &[f64; 3]| side.iter().map(|n| n * n).sum::<f64>() / side.iter().sum::<f64>();
            let purity = purity(&sides[0]) + purity(&sides[1]);
            if purity > best.0 {
                best = (purity, number, f64::midpoint(pair[0], pair[1]));
            }
        }
    }
    (best.1, best.2)
}

/// Unpruned trees err only where equal rows have different classes.
#[test]
fn a_grown_tree_separates_whatever_can_be() {
    let data = rows(array![[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0]], vec![1, 1, 0, 0, 1]);
    let tree = Cart::default().fit_rows(&data).expect("valid");
    let expected = array![[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]];
    assert_eq!(scores(&tree, &data), expected);
}

/// Classes that alternate along a column make a tree as deep as there are rows; nothing overflows.
#[test]
fn a_tree_may_be_very_deep() {
    let n_rows = 5_000;
    let x = Array2::from_shape_fn((n_rows, 1), |(row, _)| row as f64);
    let data = rows(x, (0..n_rows as u32).map(|row| row % 2).collect());
    let tree = Cart::default().fit_rows(&data).expect("valid");
    assert_eq!(tree.n_leaves(), n_rows);
}

#[test]
fn what_cannot_be_split_is_a_leaf() {
    for data in [
        rows(array![[1.0]], vec![1]),
        rows(array![[1.0], [2.0]], vec![1, 1]),
        rows(array![[3.0], [3.0], [3.0]], vec![0, 1, 1]),
    ] {
        assert_eq!(Cart::default().fit_rows(&data).expect("valid").n_nodes(), 1);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let data = rows(array![[1.0], [2.0]], vec![0, 1]);
    let refused = |cart: Cart| cart.fit_rows(&data).expect_err("refused").to_string();
    assert!(refused(Cart { min_samples_split: 1, ..Cart::default() }).contains("min_samples_split"));
    assert!(refused(Cart { min_samples_leaf: 0, ..Cart::default() }).contains("min_samples_leaf"));
}

fn rows(x: Array2<f64>, y: Vec<u32>) -> Dataset<Labels> {
    let n_classes = y.iter().max().expect("rows") + 1;
    let classes = (0..n_classes.max(2)).map(|class| class.to_string()).collect();
    Dataset::unnamed(x, Labels::new(y, classes).expect("classes")).expect("finite")
}

fn scores(tree: &DecisionTree, data: &Dataset<Labels>) -> Array2<f64> {
    tree.scores(&SharedRows::of(data)).expect("as wide")
}
