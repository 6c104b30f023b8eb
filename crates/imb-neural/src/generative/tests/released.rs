//! AEMLO as released, against outputs of the authors' classes: `aemlo-released.json`.

use std::collections::BTreeMap;

use imb_core::{Dataset, LabelImbalance, LabelMatrix};
use ndarray::{Array1, Array2, array};
use serde::Deserialize;
use serde_json::Value;

use crate::adversarial::players::Optimizer;
use crate::adversarial::tests::{assert_near, pattern};
use crate::generative::aemlo::generation::{Seeds, is_on};
use crate::generative::aemlo::losses::{
    Batch, LabelPairs, Losses, distance_loss, feature_loss, latent_loss, latent_parts,
};
use crate::generative::aemlo::network::{Autoencoder, Initial, Mapped};
use crate::generative::aemlo::training::step;
use crate::generative::{Aemlo, Reconstruction, SeedLabels};
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Adam, LayerWeights, Weights};

#[derive(Deserialize)]
struct Reference {
    losses: Value,
    overflow: Vec<Overflow>,
    networks: BTreeMap<String, Trained>,
    generation: Value,
}

#[derive(Deserialize)]
struct Overflow {
    outputs: Vec<f64>,
    loss: f64,
    /// Numbers, or the text NaN.
    gradient: Vec<Value>,
}

#[derive(Deserialize)]
struct Trained {
    sizes: BTreeMap<String, usize>,
    lr: f64,
    /// Key, name and shape of each, in order.
    parameters: Vec<(u64, String, Vec<usize>)>,
    float64: Run,
    float32: Run,
}

#[derive(Deserialize)]
struct Run {
    first_loss_parts: BTreeMap<String, Value>,
    after_three: BTreeMap<String, f64>,
    #[serde(default)]
    first_gradients: BTreeMap<String, Option<Checksum>>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    before: BTreeMap<String, f64>,
    after: Option<BTreeMap<String, Checksum>>,
}

/// Sum, sum of squares, first values of a matrix `(n_outputs, n_inputs)`.
type Checksum = (f64, f64, Vec<f64>);

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../tests/reference/aemlo-released.json")).expect("these fields")
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).expect("a matrix");
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

/// An input, which the file prints with as many digits as an f32 has.
fn input(value: &Value) -> Array2<f64> {
    matrix(value).mapv(|x| f64::from(x as f32))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn method(sizes: &BTreeMap<String, usize>, learning_rate: f64) -> Aemlo {
    Aemlo {
        latent_units: sizes["latent"],
        feature_encoder: vec![sizes["fx_h"]; 2],
        label_encoder: vec![sizes["fe_h"]],
        feature_decoder: vec![sizes["fx_h"]],
        label_decoder: vec![sizes["fd_h"]],
        adam: Adam { learning_rate, ..Adam::default() },
        ..Aemlo::as_released()
    }
}

impl Trained {
    /// A layer by its name, with matrices of this many times 1 / √inputs.
    fn layer(&self, name: &str, amplitude: f64) -> LayerWeights {
        let find = |part: &str| {
            let name = format!("{name}.{part}");
            let found = self.parameters.iter().find(|(_, other, _)| *other == name);
            found.unwrap_or_else(|| panic!("no {name}"))
        };
        let ((key, _, shape), (bias_key, ..)) = (find("weight"), find("bias"));
        let [outputs, inputs] = shape[..] else { panic!("a matrix") };
        let weight = pattern(*key, [outputs, inputs], amplitude / (inputs as f64).sqrt());
        let bias = pattern(*bias_key, [1, outputs], 0.05);
        LayerWeights {
            weight: weight.t().mapv(|x| x as f32).as_standard_layout().into_owned(),
            bias: bias.row(0).mapv(|x| x as f32),
        }
    }

    fn initial(&self, amplitude: f64) -> Initial {
        let layers = |names: &[&str]| Weights {
            layers: names.iter().map(|name| self.layer(name, amplitude)).collect(),
        };
        Initial {
            feature_encoder: layers(&["Fx.fc1", "Fx.fc2", "Fx.fc3"]),
            label_encoder: [
                layers(&["Fy.fc1"]),
                layers(&["Fy.attention1.attention_weights"]),
                layers(&["Fy.fc2"]),
            ],
            label_decoder: layers(&["Fd_y.fc1", "Fd_y.fc2"]),
            feature_decoder: layers(&["Fd_x.fc1", "Fd_x.fc2"]),
        }
    }

    /// The names of our parameters, in order: the two heads that the code never uses are not among them.
    fn names(&self) -> impl Iterator<Item = &String> {
        let is_used = |name: &&String| !name.contains("fc_mu") && !name.contains("fc_logvar");
        self.parameters.iter().map(|(_, name, _)| name).filter(is_used)
    }
}

/// The first values in the order of PyTorch, whose matrices are `(n_outputs, n_inputs)`.
fn assert_checksum(found: &Array2<f64>, (sum, squares, first): &Checksum, tolerance: f64, what: &str) {
    assert_near(found.sum(), *sum, tolerance, &format!("sum of {what}"));
    assert_near(found.mapv(|x| x * x).sum(), *squares, tolerance, &format!("squares of {what}"));
    for (found, expected) in found.t().iter().zip(first) {
        assert_near(*found, *expected, tolerance, what);
    }
}

#[test]
fn losses_on_given_outputs() {
    type M = HostMatrix<f64>;
    let losses = reference().losses;
    let (inputs, expected) = (&losses["inputs"], &losses["float64"]);
    let given = ["fe_x", "fe_y", "fd_x", "fd_y"].map(|name| M::parameter(input(&inputs[name]).view(), &()));
    let [latent_x, latent_y, features, labels] = given.clone();
    let mapped = Mapped { latent_x, latent_y, features, labels };
    let method = Aemlo::as_released();
    let batch = Batch::<M>::new(&method, &input(&inputs["x"]), &input(&inputs["y"]), &());
    let identity = M::constant(Array2::eye(6).view(), &());
    for (part, name) in latent_parts(&mapped, &identity).iter().zip(["latent_c1", "latent_c2", "latent_c3"]) {
        assert_near(part.number(), number(&expected[name]), 1e-9, name);
    }
    assert_near(latent_loss(&mapped, &identity, 0.1).number(), number(&expected["latent"]), 1e-9, "latent");
    let rows = batch.pairs.row_losses(&mapped.labels);
    for (found, expected) in rows.values().iter().zip(expected["label_rows"].as_array().expect("rows")) {
        assert_near(*found, number(expected), 1e-9, "label loss of a row");
    }
    let feature = feature_loss(&method, &batch, &mapped.features).scale(6.0);
    assert_near(feature.number(), number(&expected["feature"]), 1e-9, "feature");
    let products = |x: &M| x.values().dot(&x.values().t());
    let apart = |x: &M| {
        let products = products(x);
        Array2::from_shape_fn((6, 6), |(i, j)| products[[i, i]] + products[[j, j]] - 2.0 * products[[i, j]])
    };
    let distances = M::constant(apart(&batch.x).view(), &());
    let pairs = distance_loss(&distances, &mapped.features, &identity);
    assert_near(pairs.number(), number(&expected["feature_pairwise"]), 1e-9, "pairwise");

    let found = Losses::of(&method, &batch, &mapped);
    for (part, name) in found.parts.iter().zip(["latent", "feature", "label"]) {
        let part = part.as_ref().expect("all have a weight").number();
        assert_near(part, number(&expected["per_batch"][name]), 1e-9, name);
    }
    assert_near(found.total.number(), number(&expected["per_batch"]["total"]), 1e-9, "total");
    let gradients = found.total.gradients(&given.iter().collect::<Vec<_>>());
    for (gradient, name) in gradients.into_iter().zip(["fe_x", "fe_y", "fd_x", "fd_y"]) {
        let gradient = gradient.expect("depends").values();
        for (found, expected) in gradient.iter().zip(&matrix(&expected["gradients"][name])) {
            assert_near(*found, *expected, 1e-9, name);
        }
    }
}

/// Where the released gradient is NaN, ours is finite and points the right way; elsewhere they are equal.
#[test]
fn outputs_far_apart_are_stable() {
    type M = HostMatrix<f32>;
    let pairs = LabelPairs::<M>::new(&array![[1.0, 0.0, 0.0]], Reconstruction::AsReleased, &());
    for row in reference().overflow {
        let outputs = Array1::from(row.outputs.clone()).insert_axis(ndarray::Axis(0));
        let outputs = M::parameter(outputs.view(), &());
        let loss = pairs.row_losses(&outputs).sum();
        let found = loss.number();
        let gradient = loss.gradients(&[&outputs]).swap_remove(0).expect("depends").values();
        assert!(found.is_finite() && gradient.iter().all(|x| x.is_finite()), "{:?}", row.outputs);
        let released: Option<Vec<f64>> = row.gradient.iter().map(Value::as_f64).collect();
        match released {
            Some(released) => {
                assert_near(found, row.loss, 1e-4, "loss");
                for (found, expected) in gradient.iter().zip(released) {
                    assert_near(*found, expected, 1e-4, "gradient");
                }
            }
            None => assert!(gradient[[0, 0]] <= 0.0, "the positive label is not pushed down"),
        }
    }
}

fn three_steps<M: Matrix>(trained: &Trained, run: &Run, place: &M::Place, tolerance: f64) {
    let inputs = &reference().losses["inputs"];
    let method = method(&trained.sizes, trained.lr);
    let mut network = Autoencoder::<M>::new(&method, &trained.initial(1.0), place);
    let mut optimizer = Optimizer::new(method.adam, &network.parameters());
    let batch = Batch::new(&method, &input(&inputs["x"]), &input(&inputs["y"]), place);
    let first = Losses::of(&method, &batch, &network.map(&batch.x, &batch.y));
    for (part, name) in first.parts.iter().zip(["latent", "feature", "label"]) {
        let part = part.as_ref().expect("all have a weight").number() * 6.0;
        assert_near(part, number(&run.first_loss_parts[name]), tolerance, name);
    }
    let gradients = first.total.gradients(&network.parameters());
    for (name, gradient) in trained.names().zip(gradients) {
        let Some(Some(expected)) = run.first_gradients.get(name) else { continue };
        assert_checksum(&gradient.expect("depends").values(), expected, tolerance, name);
    }
    for expected in &run.steps {
        let (parts, total) = step(&method, &mut network, &mut optimizer, &batch);
        for (found, name) in parts.iter().chain([&total]).zip(["latent", "feature", "label", "total"]) {
            assert_near(*found, expected.before[name], tolerance, name);
        }
        let Some(after) = &expected.after else { continue };
        for (name, parameter) in trained.names().zip(network.parameters()) {
            assert_checksum(&parameter.values(), &after[name], tolerance, name);
        }
    }
    let last = Losses::of(&method, &batch, &network.map(&batch.x, &batch.y)).total;
    assert_near(last.number(), run.after_three["total"], tolerance, "after three steps");
}

#[test]
fn three_steps_of_adam() {
    let reference = reference();
    assert!(reference.networks.values().any(|network| !network.float64.first_gradients.is_empty()));
    for trained in reference.networks.values() {
        three_steps::<HostMatrix<f64>>(trained, &trained.float64, &(), 1e-9);
        three_steps::<HostMatrix<f32>>(trained, &trained.float32, &(), 1e-4);
    }
}

#[cfg(feature = "burn")]
#[test]
fn three_steps_of_adam_on_burn() {
    for place in crate::device::places_of_burn() {
        for trained in reference().networks.values() {
            three_steps::<crate::burn_matrix::BurnMatrix>(trained, &trained.float32, &place, 1e-4);
        }
    }
}

#[test]
fn seeds_and_generated_rows() {
    type M = HostMatrix<f64>;
    let reference = reference();
    let (expected, tiny) = (&reference.generation, &reference.networks["tiny"]);
    let (x, y) = (input(&expected["x"]), input(&expected["y"]));
    let names = (0..y.ncols()).map(|label| label.to_string()).collect();
    let labels = LabelMatrix::new(y.mapv(|on| on == 1.0), names).expect("a name a label");
    let rows = Dataset::unnamed(x.clone(), labels).expect("valid");
    let imbalance = LabelImbalance::of(rows.y());
    assert_near(imbalance.mean_ir, number(&expected["mean_ir"]), 1e-9, "MeanIR");
    let seeds = Seeds::of(SeedLabels::Irlbl, rows.y()).expect("rare labels").0;
    assert_eq!(serde_json::to_value(&seeds).expect("numbers"), expected["seed_rows_sorted"]);

    let mut initial = tiny.initial(2.5);
    let bias: Vec<f32> = serde_json::from_value(expected["fd_y_fc2_bias"].clone()).expect("numbers");
    initial.label_decoder.layers[1].bias = Array1::from(bias);
    let network = Autoencoder::<M>::new(&method(&tiny.sizes, tiny.lr), &initial, &()).detached();
    let [features, logits] = network.generate(&M::constant(x.view(), &()));
    for (found, name) in [(features.values(), "features"), (logits.values(), "logits")] {
        for (found, expected) in found.iter().zip(&matrix(&expected["all_rows"][name])) {
            assert_near(*found, *expected, 1e-9, name);
        }
    }
    let scores = logits.sigmoid().values();
    for case in ["shuffle_42_p_0.1", "shuffle_42_p_0.5", "shuffle_7_p_1.25"] {
        let case = &expected[case];
        let sources: Vec<usize> = serde_json::from_value(case["source_rows"].clone()).expect("row numbers");
        let found: Vec<Vec<u8>> = sources
            .iter()
            .map(|&row| scores.row(row).iter().map(|score| u8::from(is_on(*score, 0.5))).collect())
            .collect();
        assert_eq!(serde_json::to_value(&found).expect("labels"), case["labels"]);
        let is_empty = |(_, labels): &(usize, &Vec<u8>)| !labels.contains(&1);
        let deleted: Vec<usize> = found.iter().enumerate().filter(is_empty).map(|(at, _)| at).collect();
        assert_eq!(serde_json::to_value(&deleted).expect("places"), case["deleted_positions"]);
    }
}
