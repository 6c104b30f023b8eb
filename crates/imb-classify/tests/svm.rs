//! Support vector machines that can be solved by hand, and properties of all of them. The workspace's tests
//! compare them with scikit-learn on real data.

use std::collections::BTreeMap;

use imb_classify::{ClassWeight, Gamma, Kernel, Svc, SvcModel};
use imb_core::{Dataset, Device, Error, Fit, Labels, Predict, Run, Seed, Train};
use ndarray::{Array2, array};
use rand::RngExt;

fn rows(x: Array2<f64>, texts: &[&str]) -> Dataset<Labels> {
    Dataset::unnamed(x, Labels::from_texts(texts)).expect("finite")
}

fn fit(svc: &Svc, rows: &Dataset<Labels>) -> SvcModel {
    svc.fit_rows(rows).expect("two classes")
}

/// Three clouds, two of which overlap.
fn clouds() -> Dataset<Labels> {
    let mut rng = Seed::new(3).rng();
    let codes: Vec<u32> = (0..120).map(|row| [0, 0, 0, 1, 1, 2][row % 6]).collect();
    let centres = [[0.0, 0.0], [1.5, 0.5], [8.0, 8.0]];
    let x = Array2::from_shape_fn((120, 2), |(row, column)| {
        centres[codes[row] as usize][column] + 2.0 * rng.random::<f64>()
    });
    let classes = ["a", "b", "c"].map(String::from).to_vec();
    Dataset::unnamed(x, Labels::new(codes, classes).expect("three")).expect("finite")
}

/// The decision plane of two points is half-way between them, and their decision values are 1 and −1.
#[test]
fn two_points_by_hand() {
    let points = rows(array![[3.0], [-1.0]], &["right", "left"]);
    let linear = Svc { kernel: Kernel::Linear, ..Svc::default() };
    let rbf = Svc { c: 10.0, gamma: Gamma::Value(0.1), ..Svc::default() };
    for svc in [linear, rbf] {
        let model = fit(&svc, &points);
        assert_eq!(model.support(), [0, 1]);
        assert_eq!(model.pairs().collect::<Vec<_>>(), [[0, 1]], "left, then right");
        let values = model.decision_values(array![[-1.0], [1.0], [3.0]].view()).expect("as wide");
        for (value, expected) in values.iter().zip([1.0, 0.0, -1.0]) {
            assert!((value - expected).abs() < 1e-3, "{values}");
        }
    }
}

/// A tolerance beyond every gradient ends the search before it begins: no row supports the plane.
#[test]
fn a_machine_without_support_vectors_predicts() {
    let model = fit(&Svc { tolerance: 3.0, ..Svc::default() }, &rows(array![[3.0], [-1.0]], &["a", "b"]));
    assert!(model.support().is_empty());
    assert!(model.predict(array![[0.0]].view()).is_ok());
}

/// Cells of 0 and 2 have variance 1. If all cells are equal, gamma is 1.
#[test]
fn gamma_is_scaled_by_the_variance() {
    let values = |svc: &Svc, x: Array2<f64>| {
        let points = rows(x, &["a", "b", "a", "b"]);
        fit(svc, &points).decision_values(array![[0.5]].view()).expect("as wide")
    };
    let with = |gamma| Svc { gamma, ..Svc::default() };
    let spread = || array![[0.0], [2.0], [0.0], [2.0]];
    assert_eq!(values(&with(Gamma::Scale), spread()), values(&with(Gamma::Value(1.0)), spread()));
    let wide = || spread() * 3.0;
    assert_eq!(values(&with(Gamma::Scale), wide()), values(&with(Gamma::Value(1.0 / 9.0)), wide()));
    let equal = || array![[5.0], [5.0], [5.0], [5.0]];
    assert_eq!(values(&with(Gamma::Scale), equal()), values(&with(Gamma::Value(1.0)), equal()));
    assert_eq!(values(&with(Gamma::Auto), wide()), values(&with(Gamma::Value(1.0)), wide()));
}

#[test]
fn class_weights_multiply_the_penalty() {
    let data = clouds();
    let model = |c: f64, class_weight: ClassWeight| fit(&Svc { c, class_weight, ..Svc::default() }, &data);
    let of = |weights: [f64; 3]| {
        let named = ["a", "b", "c"].map(String::from).into_iter().zip(weights);
        ClassWeight::Of(named.collect::<BTreeMap<_, _>>())
    };
    let values = |model: &SvcModel| model.decision_values(data.x()).expect("as wide");
    assert_eq!(values(&model(2.0, ClassWeight::Equal)), values(&model(1.0, of([2.0; 3]))));
    let balanced = [120.0 / (3.0 * 60.0), 120.0 / (3.0 * 40.0), 120.0 / (3.0 * 20.0)];
    assert_eq!(values(&model(1.0, ClassWeight::Balanced)), values(&model(1.0, of(balanced))));
    assert_ne!(values(&model(1.0, ClassWeight::Equal)), values(&model(1.0, of([1.0, 9.0, 1.0]))));
}

/// The cache affects the time only.
#[test]
fn a_small_cache_changes_nothing() {
    let data = clouds();
    let values = |cache_megabytes| {
        let model = fit(&Svc { cache_megabytes, ..Svc::default() }, &data);
        (model.support().to_vec(), model.decision_values(data.x()).expect("as wide"))
    };
    assert_eq!(values(200.0), values(1e-3));
}

#[test]
fn the_class_with_most_pairs_is_predicted_and_scores_highest() {
    let data = clouds();
    let train = Train { rows: data.clone(), validation: None };
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let model = Svc::default().fit(&train, &mut run).expect("three classes");
    let prediction = model.predict(data.x()).expect("as wide");
    let right = prediction.labels.codes().iter().zip(data.y().codes()).filter(|(a, b)| a == b).count();
    assert!(right > 100, "{right} of 120");
    for (row, &code) in prediction.labels.codes().iter().enumerate() {
        let scores = prediction.scores.row(row);
        assert!(scores.iter().all(|score| *score <= scores[code as usize]), "{scores} of {code}");
    }
    let far = model.predict(array![[9.0, 9.0]].view()).expect("as wide");
    assert_eq!(far.labels.codes(), [2]);
}

/// A class without rows, as in a fold that missed it, has no machine.
#[test]
fn absent_classes_have_no_machine() {
    let classes = ["a", "b", "c"].map(String::from).to_vec();
    let labels = Labels::new(vec![0, 2, 0, 2], classes).expect("three names");
    let points = Dataset::unnamed(array![[0.0], [2.0], [0.1], [2.1]], labels).expect("finite");
    let model = fit(&Svc::default(), &points);
    assert_eq!(model.pairs().collect::<Vec<_>>(), [[0, 2]]);
    assert_eq!(model.predict(points.x()).expect("as wide").labels.codes(), [0, 2, 0, 2]);
}

#[test]
fn invalid_parameters_and_rows_are_refused() {
    let data = clouds();
    let refused = |svc: Svc| svc.fit_rows(&data).expect_err("refused").to_string();
    assert!(refused(Svc { c: 0.0, ..Svc::default() }).contains('c'));
    assert!(refused(Svc { gamma: Gamma::Value(f64::NAN), ..Svc::default() }).contains("gamma"));
    assert!(refused(Svc { tolerance: -1.0, ..Svc::default() }).contains("tolerance"));
    assert!(refused(Svc { cache_megabytes: f64::INFINITY, ..Svc::default() }).contains("cache"));
    let weight = |name: &str, weight| ClassWeight::Of(BTreeMap::from([(name.to_owned(), weight)]));
    assert!(refused(Svc { class_weight: weight("z", 1.0), ..Svc::default() }).contains("a, b, c"));
    assert!(refused(Svc { class_weight: weight("a", 0.0), ..Svc::default() }).contains("class_weight of a"));
    let one = rows(array![[0.0], [1.0]], &["a", "a"]);
    let error = Svc::default().fit_rows(&one).expect_err("one class");
    assert!(error.to_string().contains("two classes"), "{error}");
    let error = fit(&Svc::default(), &data).decision_values(array![[1.0]].view()).expect_err("too narrow");
    assert!(matches!(error, Error::LengthMismatch { expected: 2, found: 1, .. }));
}

#[test]
fn parameters_are_plain_data() {
    let read = |text: &str| serde_json::from_str::<Svc>(text).expect("parameters");
    assert_eq!(read("{}"), Svc::default());
    let svc = read(r#"{"kernel": "linear", "gamma": {"value": 0.5}, "class_weight": "balanced"}"#);
    assert_eq!((svc.kernel, svc.gamma), (Kernel::Linear, Gamma::Value(0.5)));
    assert!(serde_json::from_str::<Svc>(r#"{"C": 1.0}"#).is_err());
}
