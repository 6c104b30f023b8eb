//! C4.5 against J48 of Weka 3.9.7: 106 trees, equal as printed, with their class shares.

use std::io::{Read, Write};
use std::path::Path;

use imb_classify::{BaseLearner, BaseModel, C45, DecisionTree, Problem, SharedRows};
use imb_core::{Column, ColumnKind, Dataset, Feature, LabelMatrix, Labels, Run, Seed, Table};
use imb_data::{AnyTable, Catalog, DataDirs, ReadOptions, read_bytes};
use ndarray::{Array2, s};
use serde::Deserialize;

/// A tree of J48.
#[derive(Deserialize)]
struct Expected {
    data: String,
    options: String,
    leaves: usize,
    size: usize,
    tree: String,
    /// Training rows predicted correctly, in Weka's cases.
    train_correct: Option<usize>,
    /// Class shares of the first rows, in Weka's cases.
    first20: Option<Vec<Vec<f64>>>,
    /// The label and the class shares of the rows to predict, in mulan's cases.
    label: Option<usize>,
    distributions: Option<Vec<Vec<f64>>>,
}

impl Expected {
    fn check(&self, tree: &DecisionTree, rows: &Dataset<Labels>) {
        let case = format!("{} {:?} with {}", self.data, self.label, self.options);
        let text = tree.text(rows.features(), rows.y().classes()).to_string();
        assert_eq!(text.trim(), printed_branches(&self.tree), "{case}");
        assert_eq!((tree.n_leaves(), tree.n_nodes()), (self.leaves, self.size), "{case}");
    }
}

#[test]
fn trees_equal_those_of_weka() {
    let cases = expected("weka397.jsonl.gz");
    assert_eq!(cases.len(), 64);
    for case in cases {
        let rows = with_last_as_class(&arff(&case.data));
        let tree = c45(&case.options).fit_rows(&rows).expect("valid");
        case.check(&tree, &rows);
        let shares = tree.scores(&SharedRows::of(&rows)).expect("as wide");
        let first = case.first20.as_ref().expect("recorded");
        assert_shares(shares.slice(s![..first.len(), ..]).to_owned(), first);
        let n_correct = shares.rows().into_iter().zip(rows.y().codes()).filter(|(shares, class)| {
            (0..shares.len()).rev().max_by(|&a, &b| shares[a].total_cmp(&shares[b])) == Some(**class as usize)
        });
        assert_eq!(Some(n_correct.count()), case.train_correct, "{} {}", case.data, case.options);
    }
}

#[test]
fn trees_equal_those_of_mulan_on_tiny_data() {
    let (features, x, labels) = with_last_as_labels(&arff("tiny14.arff"), 4);
    let rows = Dataset::new(features, x, labels).expect("finite");
    let all: Vec<usize> = (0..14).collect();
    assert_eq!(check_mulan("tiny14", &rows, &all, &all), 21);
}

/// On part of the rows of a data set, which is a problem of its own.
#[test]
fn trees_equal_those_of_mulan_on_yeast() {
    let Some(rows) = yeast() else { return };
    let (train, test) = ((0..400).collect::<Vec<_>>(), (400..500).collect::<Vec<_>>());
    assert_eq!(check_mulan("yeast400", &rows, &train, &test), 21);
}

/// Checks the trees of a data set and gives their number.
fn check_mulan(data: &str, rows: &Dataset<LabelMatrix>, train: &[usize], test: &[usize]) -> usize {
    let test = rows.select(test).expect("rows");
    let (shared, test) = (SharedRows::of(rows), SharedRows::of(&test));
    let cases: Vec<Expected> =
        expected("mulan.jsonl.gz").into_iter().filter(|case| case.data == data).collect();
    for case in &cases {
        let on = rows.y().view();
        let label = on.column(case.label.expect("recorded"));
        let codes: Vec<u32> = label.iter().map(|&on| u32::from(on)).collect();
        let labels = Labels::new(codes.clone(), vec!["0".into(), "1".into()]).expect("two classes");
        let codes = &codes[..train.len()];
        let problem = Problem { rows: train, codes, n_classes: 2, columns: None };
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let mut run = Run::new(&mut rng, &mut nobody);
        let tree = c45(&case.options).fit_problem(&shared, &problem, &mut run).expect("valid");
        case.check(&tree, &rows.with_targets(labels).expect("a class a row"));
        let shares = tree.scores(&test).expect("as wide");
        assert_shares(shares, case.distributions.as_ref().expect("recorded"));
    }
    cases.len()
}

/// J48's parameters as Weka's command line has them.
fn c45(options: &str) -> C45 {
    let mut c45 = C45::default();
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|number| number.parse::<f64>().ok()).expect("a number");
        match word {
            "-U" => c45.prune = false,
            "-O" => c45.collapse = false,
            "-J" => c45.penalize_thresholds = false,
            "-S" => c45.raise_subtrees = false,
            "-M" => c45.min_leaf = number() as usize,
            "-C" => c45.confidence = number(),
            "-doNotMakeSplitPointActualValue" => c45.thresholds_from_data = false,
            other => panic!("unknown option {other}"),
        }
    }
    c45
}

/// The part of Weka's text that shows the branches.
fn printed_branches(text: &str) -> &str {
    let (_, below_title) = text.split_once("------------------\n").expect("a title");
    below_title.split("\nNumber of Leaves").next().expect("a part").trim()
}

fn assert_shares(found: Array2<f64>, expected: &[Vec<f64>]) {
    assert_eq!(found.nrows(), expected.len());
    for (found, expected) in found.rows().into_iter().zip(expected) {
        let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(found.len() == expected.len() && off < 1e-12, "{found} is not {expected:?}");
    }
}

fn expected(file: &str) -> Vec<Expected> {
    let text = String::from_utf8(unpacked(file)).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a tree")).collect()
}

fn unpacked(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/j48").join(file);
    let packed = std::fs::File::open(&path).expect("committed");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("whole");
    bytes
}

fn arff(name: &str) -> Table<()> {
    let bytes = unpacked(&format!("{name}.gz"));
    read_bytes(Path::new(name), bytes, &ReadOptions::default()).expect("ARFF").table
}

fn features_and_x(columns: &[Column], n_rows: usize) -> (Vec<Feature>, Array2<f64>) {
    let features =
        columns.iter().map(|Column { name, kind, .. }| Feature { name: name.clone(), kind: kind.clone() });
    let mut x = Array2::zeros((n_rows, columns.len()));
    for (column, values) in columns.iter().enumerate() {
        for (row, value) in values.values.to_dense(n_rows).into_iter().enumerate() {
            x[[row, column]] = value;
        }
    }
    (features.collect(), x)
}

fn with_last_as_class(table: &Table<()>) -> Dataset<Labels> {
    let (class, columns) = table.columns().split_last().expect("columns");
    let (features, x) = features_and_x(columns, table.n_rows());
    let ColumnKind::Categorical(classes) = &class.kind else { panic!("the class is nominal") };
    let codes = class.values.to_dense(table.n_rows()).into_iter().map(|code| code as u32).collect();
    Dataset::new(features, x, Labels::new(codes, classes.clone()).expect("classes")).expect("no gaps")
}

fn with_last_as_labels(table: &Table<()>, n_labels: usize) -> (Vec<Feature>, Array2<f64>, LabelMatrix) {
    let (columns, labels) = table.columns().split_at(table.n_columns() - n_labels);
    let (features, x) = features_and_x(columns, table.n_rows());
    let (names, on) = features_and_x(labels, table.n_rows());
    let names = names.into_iter().map(|feature| feature.name).collect();
    (features, x, LabelMatrix::new(on.mapv(|on| on == 1.0), names).expect("labels"))
}

/// The catalog's yeast; none, with a word to the reader, where it is in no data folder.
fn yeast() -> Option<Dataset<LabelMatrix>> {
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    let loaded = match Catalog::built_in().load("yeast-ml", None, &dirs) {
        Ok(loaded) => loaded,
        Err(error) => {
            assert!(std::env::var_os("IMB_REQUIRE_DATA").is_none(), "{error}");
            let line = format!("skipped: J48's trees on yeast ({error})\n");
            std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
            return None;
        }
    };
    let AnyTable::MultiLabel(table) = loaded.table else { panic!("yeast is multi-label") };
    let (features, x) = features_and_x(table.columns(), table.n_rows());
    Some(Dataset::new(features, x, table.target().clone()).expect("no gaps"))
}
