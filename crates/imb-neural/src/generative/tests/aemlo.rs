//! What AEMLO claims, its contract with users, and how it meets bad data.

use std::ops::ControlFlow::{self, Break, Continue};

use imb_core::{
    Budget, ColumnKind, Dataset, Device, Error, Feature, LabelMatrix, Observe, Origin, Parent, Resample,
    Resampled, Result, Run, Seed, Train, Watch,
};
use ndarray::{Array2, array};
use rand::RngExt;

use crate::adversarial::players::Optimizer;
use crate::generative::aemlo::columns::Columns;
use crate::generative::aemlo::generation::{Decoder, Seeds, best_threshold};
use crate::generative::aemlo::losses::Batch;
use crate::generative::aemlo::network::{Autoencoder, Initial};
use crate::generative::aemlo::training::{Training, step};
use crate::generative::{Aemlo, SeedLabels, SeedOrder, Thresholds};
use crate::host::HostMatrix;
use crate::matrix::Matrix;

/// 60 rows of a number, a whole number, a pair of categories and three categories; the labels have 40, 20
/// and 4 rows and follow the first column.
fn rows() -> Dataset<LabelMatrix> {
    let mut rng = Seed::new(3).rng();
    let category =
        |names: &[&str]| ColumnKind::Categorical(names.iter().map(|name| (*name).into()).collect());
    let kinds = [
        ColumnKind::Numeric,
        ColumnKind::Integer,
        category(&["no", "yes"]),
        category(&["red", "green", "blue"]),
    ];
    let feature = |(number, kind)| Feature { name: format!("column_{number}"), kind };
    let features: Vec<Feature> = kinds.into_iter().enumerate().map(feature).collect();
    let x = Array2::from_shape_fn((60, 4), |(row, column)| match column {
        0 => row as f64 * 100.0 + rng.random::<f64>(),
        1 => f64::from(rng.random_range(0..30_u8)),
        2 => f64::from(u8::from(row >= 30)),
        _ => (row / 20) as f64,
    });
    let on = Array2::from_shape_fn((60, 3), |(row, label)| row >= [20, 40, 56][label]);
    Dataset::new(features, x, labels(on)).expect("valid")
}

fn labels(on: Array2<bool>) -> LabelMatrix {
    let names = (0..on.ncols()).map(|label| format!("label_{label}")).collect();
    LabelMatrix::new(on, names).expect("a name a label")
}

fn small() -> Aemlo {
    Aemlo {
        sampling_rate: 0.5,
        latent_units: 16,
        feature_encoder: vec![16],
        label_encoder: vec![16],
        adam: crate::Adam { learning_rate: 1e-2, ..crate::Adam::default() },
        batch_size: 16,
        epochs: 60,
        ..Aemlo::paper()
    }
}

fn resample(method: &Aemlo, rows: &Dataset<LabelMatrix>, seed: u64) -> Result<Resampled<LabelMatrix>> {
    let train = Train { rows: rows.clone(), validation: None };
    method.resample(&train, &mut Run::new(&mut Seed::new(seed).rng(), &mut ()))
}

#[test]
fn new_rows_resemble_their_seeds() {
    let rows = rows();
    let made = resample(&small(), &rows, 1).expect("valid");
    assert!(made.kept.iter().copied().eq(0..60));
    assert!(made.synthetic.nrows() > 15, "{:?}", made.delivery);
    for (number, origin) in made.origins.iter().enumerate() {
        let Origin::Latent { seed: Parent::Row(seed), .. } = *origin else { panic!("{origin:?}") };
        assert!(seed >= 56, "only label_2 is rare");
        let new = made.synthetic.row(number);
        assert!((new[0] - rows.x()[[seed, 0]]).abs() < 1_000.0, "{} of {}", new[0], rows.x()[[seed, 0]]);
        assert_eq!(new[1], new[1].round(), "a whole number");
        assert_eq!((new[2], new[3]), (1.0, 2.0), "categories");
        assert!(made.synthetic_targets.view()[[number, 1]], "a label that all seeds have");
    }
    made.into_dataset(&rows).expect("fits");
}

/// The numbers themselves are those of `generation.rs`, where a row without labels is certain.
#[test]
fn what_was_dropped_or_copied_is_said() {
    #[derive(Default)]
    struct Values(Vec<(String, f64)>);
    impl Watch for Values {
        fn value(&mut self, name: &str, value: f64) {
            self.0.push((name.into(), value));
        }
    }
    impl Observe<LabelMatrix> for Values {}
    let (mut rng, mut values) = (Seed::new(1).rng(), Values::default());
    let train = Train { rows: rows(), validation: None };
    let made = small().resample(&train, &mut Run::new(&mut rng, &mut values)).expect("valid");
    let all = &made.delivery[0];
    assert_eq!((all.name.as_str(), all.asked, all.delivered), ("all labels", 30, made.synthetic.nrows()));
    let of = |name: &str| values.0.iter().find(|(known, _)| known == name).expect("told").1 as usize;
    let (dropped, copied) = (of("dropped_rows"), of("copied_rows"));
    let mut seeds = made.seed_rows();
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!(copied, made.synthetic.nrows() - seeds.len());
    let remark = all.remark.as_deref().expect("counts");
    assert!(remark.starts_with(&format!("{dropped} rows dropped")), "{remark}");
    assert!(remark.contains(&format!("{copied} are copies")), "{remark}");
    // 48 rows are trained on, in three mini-batches an epoch.
    assert_eq!((of("gradient_steps"), of("epochs")), (180, 60));
}

/// Training draws all that it needs before the seeds are drawn, whatever the rate is.
#[test]
fn trained_once_it_makes_the_same_rows_at_each_rate() {
    let train = Train { rows: rows(), validation: None };
    for rate in [0.2, 0.9] {
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let mut run = Run::new(&mut rng, &mut nobody);
        let trained = small().trained(&train, &mut run).expect("valid").expect("it has a network");
        let method = Aemlo { sampling_rate: rate, ..small() };
        assert_eq!(
            trained.at_rate(rate, &mut run).expect("valid"),
            resample(&method, &rows(), 1).expect("valid")
        );
        assert!(matches!(trained.at_rate(-1.0, &mut run), Err(Error::InvalidParameter { .. })));
    }
}

#[test]
fn the_seed_decides_the_bytes_on_any_number_of_threads() {
    for method in [small(), Aemlo { epochs: 3, ..Aemlo::as_released() }] {
        let method = Aemlo { scaling: crate::generative::Scaling::MinMax, ..method };
        let first = resample(&method, &rows(), 1).expect("valid");
        assert_eq!(resample(&method, &rows(), 1).expect("valid"), first);
        assert_ne!(resample(&method, &rows(), 2).expect("valid"), first);
        let other = std::thread::spawn(move || resample(&method, &rows(), 1)).join().expect("no panic");
        assert_eq!(other.expect("valid"), first);
    }
}

/// Where validation rows are given, all training rows are trained on.
#[test]
fn validation_rows_choose_the_thresholds() {
    let rows = rows();
    let half = Aemlo { thresholds: Thresholds::Half, ..small() };
    let given = |method: &Aemlo| {
        let train = Train { rows: rows.clone(), validation: Some(rows.clone()) };
        method.resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ())).expect("valid")
    };
    let (tuned, half) = (given(&small()), given(&half));
    let share = |made: &Resampled<LabelMatrix>| {
        let on = made.synthetic_targets.positives()[2] as f64;
        on / made.synthetic.nrows() as f64
    };
    assert!(share(&tuned) > 0.5, "{:?}", tuned.delivery);
    assert_ne!(tuned.synthetic_targets, half.synthetic_targets);
    let narrow = Dataset::unnamed(Array2::zeros((3, 1)), labels(Array2::from_elem((3, 3), true)));
    let train = Train { rows, validation: Some(narrow.expect("valid")) };
    let error = small().resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()));
    assert!(matches!(error, Err(Error::LengthMismatch { expected: 4, found: 1, .. })));
}

/// Rows of other categories or labels would be encoded as something else, or as nothing at all.
#[test]
fn validation_rows_of_other_categories_or_labels_are_refused() {
    let rows = rows();
    let refused = |rows: &Dataset<LabelMatrix>, validation: Dataset<LabelMatrix>| {
        let train = Train { rows: rows.clone(), validation: Some(validation) };
        let short = Aemlo { epochs: 1, ..small() };
        short
            .resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()))
            .expect_err("refused")
            .to_string()
    };
    let mut features = rows.features().to_vec();
    features[3].kind = ColumnKind::Categorical(["red", "green", "blue", "black"].map(String::from).into());
    let more = Dataset::new(features, rows.x().to_owned(), rows.y().clone()).expect("valid");
    let error = refused(&rows, more);
    assert!(
        error.contains("column \"column_3\" of the validation rows") && error.contains("black"),
        "{error}"
    );
    let reversed = rows.y().names().iter().rev().cloned().collect();
    let reversed = LabelMatrix::new(rows.y().view().to_owned(), reversed).expect("three names");
    let error = refused(&rows, rows.with_targets(reversed).expect("as many rows"));
    assert!(error.starts_with("labels of the validation rows"), "{error}");
    let mut x = rows.x().to_owned();
    x[[7, 0]] = 1e300;
    let far = Dataset::new(rows.features().clone(), x, rows.y().clone()).expect("finite");
    assert!(refused(&rows, far).contains("data row 8"), "beyond f32 by the scale of the training rows");
}

#[test]
fn thresholds_by_hand() {
    let best = |scores: &[f64], on: &[bool]| {
        best_threshold(ndarray::ArrayView1::from(scores), ndarray::ArrayView1::from(on))
    };
    assert_eq!(best(&[0.1, 0.2, 0.3], &[false, true, true]), 0.19, "the nearest to 0.5 below 0.2");
    assert_eq!(best(&[0.9, 0.8, 0.7], &[true, true, false]), 0.7, "a score of the threshold is off");
    assert_eq!(best(&[0.9, 0.1], &[true, false]), 0.5, "0.10 to 0.89 are as good");
    assert_eq!(best(&[0.9, 0.1], &[false, false]), 0.5, "nothing to find");
}

#[test]
fn seeds_have_a_rare_label() {
    // 22, 2 and 11 of 24 rows: IRLbl 1, 11, 2, so MeanIR is 14/3; ImR of the second is 11.
    let on = Array2::from_shape_fn((24, 3), |(row, label)| row < [22, 2, 11][label]);
    let seeds = |on: &Array2<bool>, rule| Seeds::of(rule, &labels(on.clone())).map(|seeds| seeds.0);
    assert_eq!(seeds(&on, SeedLabels::ImrAndIrlbl), Some(vec![0, 1]));
    let three = Array2::from_shape_fn((24, 3), |(row, label)| row < [22, 3, 11][label]);
    assert_eq!(seeds(&three, SeedLabels::ImrAndIrlbl), None, "ImR is 7");
    assert_eq!(seeds(&three, SeedLabels::Irlbl), Some(vec![0, 1, 2]));
    let mut drawn = Seeds(vec![3, 5, 8]).draw(SeedOrder::InTurn, 6, &mut Seed::new(1).rng());
    assert_eq!(drawn[..3], drawn[3..], "in turn");
    drawn.sort_unstable();
    assert_eq!(drawn, [3, 3, 5, 5, 8, 8]);
    let drawn = Seeds(vec![3, 5, 8]).draw(SeedOrder::Random, 3_000, &mut Seed::new(1).rng());
    for seed in [3, 5, 8] {
        let share = drawn.iter().filter(|row| **row == seed).count();
        assert!((900..1_100).contains(&share), "{share} of 3000, five deviations from 1000");
    }
}

/// The labels of 50 rows go in and come out again, as the paper's label decoder has them, in a smaller network: the
/// highest outputs of a row are its labels.
#[test]
fn the_label_decoder_reproduces_training_labels() {
    type M = HostMatrix<f32>;
    let mut rng = Seed::new(9).rng();
    let x = Array2::from_shape_simple_fn((50, 6), || rng.random::<f64>());
    // Each row has a label and lacks one: other rows have no pairs.
    let y = Array2::from_shape_fn((50, 5), |(row, label)| {
        let on = rng.random::<f64>() < 0.4 && label != (row + 1) % 5;
        f64::from(u8::from(on || label == row % 5))
    });
    let method = Aemlo { beta: 1.0, latent_units: 64, ..small() };
    let initial = Initial::draw(&method, 6, 5, &mut rng);
    let mut network = Autoencoder::<M>::new(&method, &initial, &());
    let mut optimizer = Optimizer::new(method.adam, &network.parameters());
    let batch = Batch::<M>::new(&method, &x, &y, &());
    for _ in 0..300 {
        step(&method, &mut network, &mut optimizer, &batch);
    }
    let outputs = network.map(&batch.x, &batch.y).labels.values();
    for (outputs, on) in outputs.rows().into_iter().zip(y.rows()) {
        // Γ trains an order: as many of the highest outputs as the row has labels are its labels.
        let mut order: Vec<usize> = (0..5).collect();
        order.sort_by(|a, b| outputs[*b].total_cmp(&outputs[*a]));
        let mut found = [0.0; 5];
        order[..on.sum() as usize].iter().for_each(|label| found[*label] = 1.0);
        assert_eq!(found.to_vec(), on.to_vec());
    }
}

/// The weights that are kept make the same rows as a training that ends with the best epoch.
#[test]
fn the_best_epoch_is_kept_where_asked() {
    #[derive(Default)]
    struct Sums(Vec<f64>);
    impl Watch for Sums {
        fn step(&mut self, _: &str, values: &[(&str, f64)]) {
            self.0.push(values.iter().zip([1.0, 1.0, 0.1]).map(|((_, loss), weight)| weight * loss).sum());
        }
    }
    impl Observe<LabelMatrix> for Sums {}
    // Fast enough that the loss goes up and down.
    let fast = Aemlo {
        adam: crate::Adam { learning_rate: 0.05, ..crate::Adam::default() },
        epochs: 5,
        keep_best_epoch: true,
        ..small()
    };
    let (mut rng, mut sums) = (Seed::new(1).rng(), Sums::default());
    let train = Train { rows: rows(), validation: None };
    let kept = fast.resample(&train, &mut Run::new(&mut rng, &mut sums)).expect("valid");
    let smaller = |best: usize, epoch: usize| if sums.0[epoch] < sums.0[best] { epoch } else { best };
    let best = (0..5).fold(0, smaller);
    assert!(best < 4, "the last epoch is the best: {:?}", sums.0);
    let ended = Aemlo { epochs: best as u64 + 1, keep_best_epoch: false, ..fast };
    let ended = resample(&ended, &rows(), 1).expect("valid");
    let mut compared = 0;
    for (row, seed) in kept.seed_rows().into_iter().enumerate() {
        if let Some(other) = ended.seed_rows().iter().position(|other| *other == seed) {
            assert_eq!(kept.synthetic.row(row), ended.synthetic.row(other));
            compared += 1;
        }
    }
    assert!(compared > 0);
}

struct Stopper(u64);

impl Watch for Stopper {
    fn progress(&mut self, _: &str, done: u64, _: u64) -> ControlFlow<()> {
        if done >= self.0 { Break(()) } else { Continue(()) }
    }
}

impl Observe<LabelMatrix> for Stopper {}

#[test]
fn observer_and_budget_end_the_training() {
    let train = Train { rows: rows(), validation: None };
    let (mut rng, mut stopper) = (Seed::new(1).rng(), Stopper(7));
    let error = small().resample(&train, &mut Run::new(&mut rng, &mut stopper)).expect_err("stopped");
    let Error::Interrupted { stage, kept } = error else { panic!("{error}") };
    assert_eq!(
        (stage.as_str(), kept.as_str()),
        ("training of the autoencoder", "2 epochs were done, no row is kept")
    );

    #[derive(Default)]
    struct Capped(bool, f64);
    impl Watch for Capped {
        fn capped(&mut self) {
            self.0 = true;
        }
        fn value(&mut self, name: &str, value: f64) {
            if name == "gradient_steps" {
                self.1 = value;
            }
        }
    }
    impl Observe<LabelMatrix> for Capped {}
    let (mut rng, mut capped) = (Seed::new(1).rng(), Capped::default());
    let mut run = Run::new(&mut rng, &mut capped);
    run.budget = Some(Budget { steps: 5, epochs: 9 });
    small().resample(&train, &mut run).expect("valid");
    assert!(capped.0);
    assert_eq!(capped.1, 5.0);
}

#[test]
fn bad_data_and_parameters_are_typed_errors() {
    let of = |on: Array2<bool>| {
        let x = Array2::from_shape_fn((on.nrows(), 2), |(row, column)| (row * (column + 1)) as f64);
        resample(&small(), &Dataset::unnamed(x, labels(on)).expect("valid"), 1)
    };
    assert!(matches!(of(array![[true, false]]), Err(Error::TooFewRows { has: 1, needs: 2, .. })));
    let one_label = of(Array2::from_shape_fn((30, 1), |(row, _)| row == 0));
    assert!(matches!(&one_label, Err(Error::NotApplicable { reason, .. }) if reason.contains("only one")));
    let none = of(Array2::from_elem((30, 2), false));
    assert!(matches!(&none, Err(Error::NotApplicable { reason, .. }) if reason.contains("no imbalance")));
    let no_features = Dataset::unnamed(Array2::zeros((3, 0)), labels(Array2::from_elem((3, 2), true)));
    assert!(no_features.is_err(), "a data set has a column");
    // The third label has no row, so it is never given.
    let absent = of(Array2::from_shape_fn((40, 3), |(row, label)| label == 0 || (label == 1 && row < 3)));
    let absent = absent.expect("two labels remain");
    assert_eq!(absent.synthetic_targets.positives()[2], 0);
    assert!(absent.delivery.iter().any(|entry| entry.name == "label_2" && entry.remark.is_some()));
    let equal = of(Array2::from_shape_fn((30, 3), |(row, label)| row % 3 == label)).expect("no seeds");
    assert_eq!((equal.synthetic.nrows(), equal.delivery[0].asked), (0, 15));
    let refused = |method: Aemlo| match resample(&method, &rows(), 1) {
        Err(Error::InvalidParameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Aemlo { sampling_rate: 0.0, ..small() }), "sampling_rate");
    assert_eq!(refused(Aemlo { sampling_rate: 1e300, ..small() }), "sampling_rate");
    assert_eq!(refused(Aemlo { beta: f64::NAN, ..small() }), "beta");
    assert_eq!(refused(Aemlo { batch_size: 1, ..small() }), "batch_size");
    for units in [0, 100_000_000_000, usize::MAX] {
        assert_eq!(refused(Aemlo { latent_units: units, ..small() }), "latent_units");
        assert_eq!(refused(Aemlo { label_decoder: vec![units], ..small() }), "label_decoder");
    }
    assert_eq!(refused(Aemlo { validation_share: 1.0, ..small() }), "validation_share");
    let wide = Dataset::unnamed(
        array![[0.0], [1e39], [0.5], [0.1]],
        labels(array![[true, true], [true, false], [true, false], [true, false]]),
    );
    let unscaled =
        Aemlo { scaling: crate::generative::Scaling::None, seed_labels: SeedLabels::Irlbl, ..small() };
    let error = resample(&unscaled, &wide.expect("finite in f64"), 1);
    assert!(matches!(error, Err(Error::NotFinite { row: 1, .. })), "{error:?}");
}

/// Rows are decoded after training, so the epoch that it came to is at fault if they are not finite.
#[test]
fn decoded_rows_that_are_not_finite_name_the_last_epoch() {
    let (method, rows) = (small(), rows());
    let columns = Columns::new(&rows, &[0, 59], method.scaling).expect("finite");
    let mut initial = Initial::draw(&method, columns.width(), 3, &mut Seed::new(1).rng());
    initial.feature_decoder.layers[0].weight.fill(f32::NAN);
    let network = Autoencoder::<HostMatrix<f32>>::new(&method, &initial, &());
    let decoder = Decoder { network, epoch: 7, columns: &columns, place: &() };
    let error = decoder.chosen_thresholds(&rows).expect_err("no numbers");
    assert!(matches!(error, Error::Diverged { epoch: 7, .. }), "{error}");
}

/// The epoch that training came to, by its own rule or by a budget.
#[test]
fn training_tells_its_last_epoch() {
    let (method, rows, fitted) = (small(), rows(), (0..60).collect::<Vec<_>>());
    let columns = Columns::new(&rows, &fitted, method.scaling).expect("finite");
    for (epochs, last) in [(60, 59), (3, 2)] {
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let mut run = Run::new(&mut rng, &mut nobody);
        run.budget = Some(Budget { steps: u64::MAX, epochs });
        let initial = Initial::draw(&method, columns.width(), 3, run.rng);
        let network = Autoencoder::<HostMatrix<f32>>::new(&method, &initial, &());
        let training = Training { method: &method, rows: &rows, fitted: &fitted, columns: &columns };
        assert_eq!(training.train(network, &mut run, &()).expect("finite").1, last);
    }
}

#[test]
fn a_last_mini_batch_of_one_row_is_left_out() {
    let method = Aemlo { batch_size: 59, epochs: 2, thresholds: Thresholds::Half, ..small() };
    assert!(resample(&method, &rows(), 1).is_ok());
}

#[cfg(feature = "burn")]
#[test]
fn burn_makes_rows_too() {
    let (method, train) = (Aemlo { epochs: 4, ..small() }, Train { rows: rows(), validation: None });
    let on = |device| {
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let mut run = Run::new(&mut rng, &mut nobody);
        run.device = device;
        method.resample(&train, &mut run).expect("valid")
    };
    let ours = on(Device::Cpu);
    for device in crate::device::devices_of_burn() {
        let burns = on(device);
        assert_eq!(burns.seed_rows(), ours.seed_rows());
        for (found, expected) in burns.synthetic.iter().zip(&ours.synthetic) {
            assert!(
                (found - expected).abs() < 1e-2 * expected.abs().max(1.0),
                "{device}: {found} {expected}"
            );
        }
        assert_eq!(burns.synthetic, on(device).synthetic, "{device}: the seed decides");
    }
}

#[cfg(not(feature = "burn"))]
#[test]
fn a_missing_device_is_named() {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    run.device = Device::Flex;
    let train = Train { rows: rows(), validation: None };
    assert!(matches!(small().resample(&train, &mut run), Err(Error::InvalidParameter { .. })));
}
