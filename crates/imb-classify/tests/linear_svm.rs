//! Linear machines against liblinear's optima, and what any of them must do.

use std::collections::BTreeMap;
use std::path::Path;

use imb_classify::{
    BaseLearner, BaseModel, ClassWeight, LinearSvm, LinearSvmModel, Loss, Problem, SharedRows,
};
use imb_core::{Dataset, Error, Fit, Labels, Run, Seed, Train, Watch};
use ndarray::{Array2, array, s};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    c: f64,
    weights: BTreeMap<String, f64>,
    x: Vec<Vec<f64>>,
    y: Vec<u32>,
    /// The objective of each machine at liblinear's optimum.
    objectives: BTreeMap<String, Vec<f64>>,
}

/// No weight moves such a row: its multiplier is at its bound at once.
#[test]
fn a_row_of_zeros_without_a_bias_does_not_keep_a_machine_from_converging() {
    let data = rows(array![[0.0], [-1.0], [2.0]], &[0, 0, 1]);
    let model = LinearSvm { bias: 0.0, ..LinearSvm::default() }.fit_rows(&data).expect("two classes");
    assert!(model.converged() && model.weights()[[0, 0]] > 0.9);
}

/// With a tolerance of 1e-5 the objective is within 1e-4 of the optimum, for both losses, and never below
/// it. (The default tolerance leaves 2.5e-4 with the hinge on separable classes.)
#[test]
fn objectives_are_those_of_liblinear() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/linear_svm.json");
    let text = std::fs::read_to_string(file).expect("committed");
    let reference: Reference = serde_json::from_str(&text).expect("cases");
    assert_eq!(reference.cases.len(), 5);
    for case in &reference.cases {
        let x = Array2::from_shape_fn((case.x.len(), case.x[0].len()), |(row, column)| case.x[row][column]);
        let data = rows(x, &case.y);
        for (name, loss) in [("hinge", Loss::Hinge), ("squared_hinge", Loss::SquaredHinge)] {
            let class_weight = ClassWeight::Of(case.weights.clone());
            let exact = LinearSvm { tolerance: 1e-5, max_iterations: 100_000, ..LinearSvm::default() };
            let svm = LinearSvm { loss, c: case.c, class_weight, ..exact };
            let model = svm.fit_rows(&data).expect("valid");
            assert!(model.converged(), "{} {name}", case.name);
            let optima = &case.objectives[name];
            assert_eq!(optima.len(), model.intercepts().len());
            for (machine, optimum) in optima.iter().enumerate() {
                let excess = objective(&model, machine, &svm, case, &data) / optimum - 1.0;
                assert!((-1e-9..1e-4).contains(&excess), "{} {name} {machine}: {excess}", case.name);
            }
        }
    }
}

fn objective(
    model: &LinearSvmModel,
    machine: usize,
    svm: &LinearSvm,
    case: &Case,
    data: &Dataset<Labels>,
) -> f64 {
    let (weights, intercept) = (model.weights(), model.intercepts()[machine]);
    let weights = weights.row(machine);
    let n_machines = model.intercepts().len();
    let x = data.x();
    let losses = x.rows().into_iter().zip(&case.y).map(|(row, class)| {
        let is_class = if n_machines == 1 { *class == 1 } else { *class as usize == machine };
        let weight = case.weights.get(&class.to_string()).filter(|_| is_class || n_machines == 1);
        let sign = if is_class { 1.0 } else { -1.0 };
        let slack = (1.0 - sign * (row.dot(&weights) + intercept)).max(0.0);
        let loss = if svm.loss == Loss::Hinge { slack } else { slack * slack };
        svm.c * weight.unwrap_or(&1.0) * loss
    });
    0.5 * (weights.dot(&weights) + intercept * intercept) + losses.sum::<f64>()
}

/// Rows and columns of a problem are those of a data set that holds nothing else.
#[test]
fn a_problem_sees_its_rows_and_columns_only() {
    let x = Array2::from_shape_fn((30, 4), |(row, column)| ((row * 7 + column * 5) % 11) as f64 / 11.0);
    let y: Vec<u32> = (0..30).map(|row| u32::from(row * 7 % 11 > 5)).collect();
    let data = rows(x, &y);
    let chosen: Vec<usize> = (0..30).filter(|row| row % 3 != 0).collect();
    let codes: Vec<u32> = chosen.iter().map(|&row| y[row]).collect();
    let problem = Problem { rows: &chosen, codes: &codes, n_classes: 2, columns: Some(&[3, 1]) };
    let shared = SharedRows::of(&data);
    let (mut rng, mut nobody) = (Seed::new(0).rng(), ());
    let svm = LinearSvm { tolerance: 1e-9, max_iterations: 100_000, ..LinearSvm::default() };
    let model = svm.fit_problem(&shared, &problem, &mut Run::new(&mut rng, &mut nobody)).expect("valid");
    let part = rows(data.x().select(ndarray::Axis(0), &chosen).slice(s![.., 1..;2]).to_owned(), &codes);
    let alone = svm.fit_rows(&part).expect("valid");
    let weights = model.weights();
    assert_eq!([weights[[0, 0]], weights[[0, 2]]], [0.0; 2]);
    for (place, column) in [(0, 1), (1, 3)] {
        assert!((weights[[0, column]] - alone.weights()[[0, place]]).abs() < 1e-6);
    }
}

/// With one class there is one side only; the class is predicted everywhere.
#[test]
fn one_class_is_predicted_everywhere() {
    for (code, n_classes) in [(0, 2), (1, 2), (2, 3), (0, 1)] {
        let classes = (0..n_classes).map(|class: u32| class.to_string()).collect();
        let labels = Labels::new(vec![code; 3], classes).expect("classes");
        let data = Dataset::unnamed(array![[1.0], [-2.0], [0.0]], labels).expect("finite");
        let train = Train { rows: data.clone(), validation: None };
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let model = LinearSvm::default().fit(&train, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
        assert_eq!(model.predict(data.x()).expect("as wide").labels, *data.y());
    }
}

/// Without a bias, a row of zeros says nothing and has no curvature.
#[test]
fn a_row_of_zeros_does_no_harm() {
    let data = rows(array![[0.0], [2.0], [-2.0], [0.0]], &[0, 1, 0, 1]);
    let svm = LinearSvm { bias: 0.0, ..LinearSvm::default() };
    let model = svm.fit_rows(&data).expect("valid");
    assert!((model.weights()[[0, 0]] - 0.5).abs() < 1e-3 && model.intercepts() == [0.0]);
}

#[test]
fn what_cannot_be_is_refused() {
    let data = rows(array![[0.0], [1.0]], &[0, 1]);
    let refused = |svm: LinearSvm| svm.fit_rows(&data).expect_err("refused").to_string();
    assert!(refused(LinearSvm { c: 0.0, ..LinearSvm::default() }).starts_with("c must"));
    assert!(refused(LinearSvm { tolerance: f64::NAN, ..LinearSvm::default() }).contains("tolerance"));
    assert!(refused(LinearSvm { bias: f64::INFINITY, ..LinearSvm::default() }).contains("bias"));
    assert!(refused(LinearSvm { max_iterations: 0, ..LinearSvm::default() }).contains("max_iterations"));
    let unknown = ClassWeight::Of(BTreeMap::from([("z".to_owned(), 1.0)]));
    assert!(refused(LinearSvm { class_weight: unknown, ..LinearSvm::default() }).contains("0, 1"));
    let model = LinearSvm::default().fit_rows(&data).expect("valid");
    let wide = rows(array![[0.0, 1.0], [1.0, 0.0]], &[0, 1]);
    let error = model.scores(&SharedRows::of(&wide)).expect_err("too wide");
    assert!(matches!(error, Error::LengthMismatch { expected: 1, found: 2, .. }));
}

#[test]
fn few_passes_may_not_suffice() {
    let x = Array2::from_shape_fn((60, 3), |(row, column)| ((row * 5 + column * 3) % 17) as f64);
    let data = rows(x, &(0..60).map(|row| u32::from(row % 7 > 2)).collect::<Vec<_>>());
    let svm = LinearSvm { max_iterations: 1, ..LinearSvm::default() };
    assert!(!svm.fit_rows(&data).expect("valid").converged());
}

/// A fit of many passes asks whether to go on.
#[test]
fn a_long_fit_can_be_interrupted() {
    struct Impatient;
    impl Watch for Impatient {
        fn progress(&mut self, _stage: &str, _done: u64, _total: u64) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    impl imb_core::Observe<Labels> for Impatient {}
    let x = Array2::from_shape_fn((2000, 20), |(row, column)| ((row * 31 + column * 17) % 101) as f64);
    let data = rows(x, &(0..2000).map(|row| u32::from(row % 7 > 2)).collect::<Vec<_>>());
    let svm = LinearSvm { tolerance: 1e-300, max_iterations: usize::MAX, ..LinearSvm::default() };
    let all: Vec<usize> = (0..2000).collect();
    let problem = Problem { rows: &all, codes: data.y().codes(), n_classes: 2, columns: None };
    let (mut rng, mut impatient) = (Seed::new(1).rng(), Impatient);
    let mut run = Run::new(&mut rng, &mut impatient);
    let error = svm.fit_problem(&SharedRows::of(&data), &problem, &mut run).expect_err("interrupted");
    assert!(matches!(error, Error::Interrupted { .. }));
}

fn rows(x: Array2<f64>, y: &[u32]) -> Dataset<Labels> {
    let n_classes = y.iter().max().expect("rows") + 1;
    let classes = (0..n_classes.max(2)).map(|class| class.to_string()).collect();
    Dataset::unnamed(x, Labels::new(y.to_vec(), classes).expect("classes")).expect("finite")
}
