//! The public interface of the dense classifier, on the default engine.

use std::ops::ControlFlow::{self, Break, Continue};

use imb_core::{Dataset, Device, Error, Fit, Labels, Observe, Predict, Result, Run, Seed, Train, Watch};
use imb_neural::{Activation, Adam, HiddenLayer, LearnerState, Loss, MlpClassifier, MlpLearner};
use imb_neural::{Stop, StopReason, Trained, require_device};
use ndarray::Array2;
use rand::RngExt;

/// Two clouds of standard deviation 1, around −1 and +1 on every axis. About one row in 40 is nearer to the centre
/// of the other cloud.
fn clouds(n_rows: usize, seed: u64) -> Dataset<Labels> {
    let mut rng = Seed::new(seed).child("clouds").rng();
    let codes: Vec<u32> = (0..n_rows).map(|row| u32::from(row % 4 == 0)).collect();
    let x = Array2::from_shape_fn((n_rows, 4), |(row, _)| {
        let noise: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        noise + if codes[row] == 1 { 1.0 } else { -1.0 }
    });
    let classes = ["majority", "minority"].map(String::from).into();
    Dataset::unnamed(x, Labels::new(codes, classes).expect("valid")).expect("finite")
}

fn small(stop: Stop) -> MlpClassifier {
    let hidden_layers = vec![HiddenLayer { width: 16, activation: Activation::Relu }];
    let adam = Adam { learning_rate: 1e-3, ..Adam::default() };
    MlpClassifier { hidden_layers, adam, stop, ..MlpClassifier::default() }
}

fn train(method: &MlpClassifier, rows: &Dataset<Labels>, seed: u64) -> Result<Trained> {
    let mut run =
        Run { rng: &mut Seed::new(seed).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    method.train(rows, &mut run)
}

fn accuracy(model: &dyn Predict<Labels>, rows: &Dataset<Labels>) -> f64 {
    let predicted = model.predict(rows.x()).expect("same features").labels;
    let right = predicted.codes().iter().zip(rows.y().codes()).filter(|(a, b)| a == b).count();
    right as f64 / rows.n_rows() as f64
}

#[test]
fn every_preset_tells_two_clouds_apart() {
    let (train, test) = (clouds(320, 1), clouds(400, 2));
    let train = Train { rows: train, validation: None };
    let presets =
        [MlpClassifier::moods_released(), MlpClassifier::moods_sound(), MlpClassifier::adversarial_q()];
    for preset in presets {
        let method = MlpClassifier { stop: Stop::Epochs(15), ..preset };
        let mut run =
            Run { rng: &mut Seed::new(5).rng(), observer: &mut (), device: Device::Cpu, budget: None };
        let model = method.fit(&train, &mut run).expect("fits");
        let accuracy = accuracy(&*model, &test);
        assert!(accuracy > 0.95, "{accuracy} for {method:?}");
        let prediction = model.predict(test.x()).expect("same features");
        assert_eq!(prediction.scores.dim(), (400, 2));
        assert_eq!(prediction.logits.expect("has logits").dim(), (400, 2));
    }
}

#[test]
fn three_classes_are_learnt_too() {
    let rows = clouds(300, 1);
    let x = rows.x();
    let codes = x.rows().into_iter().map(|row| row.iter().filter(|x| **x > 0.0).count() as u32 / 2);
    let y = Labels::new(codes.collect(), ["few", "half", "all"].map(String::from).into()).expect("valid");
    let rows = Dataset::unnamed(x.to_owned(), y).expect("finite");
    let trained = train(&small(Stop::Epochs(60)), &rows, 1).expect("trains");
    assert!(accuracy(&trained.model, &rows) > 0.8);
}

#[test]
fn a_seed_gives_the_same_bytes_in_any_company() {
    let (method, rows) = (small(Stop::Steps(60)), clouds(100, 1));
    let alone = train(&method, &rows, 7).expect("trains");
    let together: Vec<Trained> = std::thread::scope(|scope| {
        let threads = [7, 7, 8].map(|seed| {
            let (method, rows) = (&method, &rows);
            scope.spawn(move || train(method, rows, seed).expect("trains"))
        });
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(together[0], alone);
    assert_eq!(together[1], alone);
    assert_ne!(together[2].model, alone.model);
}

#[test]
fn reports_count_what_was_done() {
    let rows = clouds(100, 1);
    let report = train(&small(Stop::Steps(6)), &rows, 1).expect("trains").report;
    assert_eq!((report.steps, report.epochs, report.stopped), (6, 2, StopReason::Steps));
    assert!(report.loss > 0.0 && report.gradient_norm > 0.0);
    let wide = Stop::GradientNorm { at_most: 1e9, max_epochs: 50 };
    let report = train(&small(wide), &rows, 1).expect("trains").report;
    assert_eq!((report.steps, report.epochs, report.stopped), (4, 1, StopReason::GradientNorm));
}

#[test]
fn the_double_softmax_has_a_floor() {
    let method = MlpClassifier { loss: Loss::CrossEntropyOnSoftmax, ..small(Stop::Epochs(150)) };
    let loss = train(&method, &clouds(200, 1), 1).expect("trains").report.loss;
    assert!((0.3133..0.36).contains(&loss), "{loss}");
}

#[test]
fn an_absurd_learning_rate_is_a_typed_error() {
    // The double softmax bounds the loss, so there only sums beyond the range of f32 are noticed.
    let cases = [(MlpClassifier::moods_sound(), 1e10), (MlpClassifier::moods_released(), 1e20)];
    for (preset, learning_rate) in cases {
        let adam = Adam { learning_rate, ..Adam::default() };
        let method = MlpClassifier { adam, stop: Stop::Epochs(50), ..preset };
        let error = train(&method, &clouds(200, 1), 1).map(|trained| trained.report).expect_err("diverges");
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
    }
}

/// Ends the training once the accuracy is above 0.9.
struct GoodEnough<'a>(&'a Dataset<Labels>, usize);

impl Watch for GoodEnough<'_> {}

impl Observe<Labels> for GoodEnough<'_> {
    fn on_epoch(&mut self, epoch: usize, model: &dyn Predict<Labels>) -> ControlFlow<()> {
        self.1 = epoch;
        if accuracy(model, self.0) > 0.9 { Break(()) } else { Continue(()) }
    }
}

#[test]
fn an_observer_sees_the_model_of_each_epoch_and_can_end_it() {
    let rows = clouds(200, 1);
    let mut watch = GoodEnough(&rows, 0);
    let mut run =
        Run { rng: &mut Seed::new(1).rng(), observer: &mut watch, device: Device::Cpu, budget: None };
    let trained = small(Stop::Epochs(1_000)).train(&rows, &mut run).expect("ends in good order");
    assert_eq!(trained.report.stopped, StopReason::Observer);
    assert_eq!(trained.report.epochs, watch.1 as u64 + 1);
    assert!(accuracy(&trained.model, &rows) > 0.9, "the model is the one that was seen");
}

#[test]
fn a_learner_continues_where_it_stopped() {
    let (method, rows) = (small(Stop::Epochs(4)), clouds(64, 1));
    let classes = rows.y().classes();
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let mut learner = method.learner(4, classes, &mut run).expect("valid");
    let fresh = learner.model();
    learner.train(&rows, &Stop::Steps(1), &mut run).expect("trains");
    let once = learner.model();
    assert_ne!(once, fresh);

    // From the weights alone, training continues with a new optimiser and so takes another course.
    let mut warm = method.learner_from(once.weights(), classes, Device::Cpu).expect("they fit");
    assert_eq!(warm.model(), once);
    let step = |learner: &mut MlpLearner| {
        let mut rng = Seed::new(2).rng();
        let mut run = Run { rng: &mut rng, observer: &mut (), device: Device::Cpu, budget: None };
        learner.train(&rows, &Stop::Steps(1), &mut run).expect("trains");
        learner.model()
    };
    assert_ne!(step(&mut learner), step(&mut warm));
}

#[test]
fn a_state_can_be_kept_written_and_restored() {
    let (method, rows) = (small(Stop::Epochs(4)), clouds(70, 1));
    let classes = rows.y().classes();
    let train = |learner: &mut MlpLearner| {
        let mut run =
            Run { rng: &mut Seed::new(2).rng(), observer: &mut (), device: Device::Cpu, budget: None };
        let report = learner.train(&rows, &Stop::Steps(5), &mut run).expect("trains");
        (report, learner.state())
    };
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let mut learner = method.learner(4, classes, &mut run).expect("valid");
    train(&mut learner);
    let kept = learner.state();
    assert_eq!((kept.steps, &kept.weights), (5, learner.model().weights()));
    let went_on = train(&mut learner);
    assert_ne!(went_on.1, kept);

    learner.restore(&kept).expect("its own");
    assert_eq!(learner.state(), kept);
    assert_eq!(train(&mut learner), went_on);

    let read = LearnerState::from_bytes(&kept.to_bytes()).expect("as written");
    let mut elsewhere = method.learner_from_state(&read, classes, Device::Cpu).expect("they fit");
    assert_eq!(train(&mut elsewhere), went_on);

    let other = MlpClassifier { hidden_layers: vec![], ..method };
    let mut other = other.learner(4, classes, &mut run).expect("valid");
    let before = other.state();
    assert!(matches!(other.restore(&kept), Err(Error::LengthMismatch { .. })));
    assert_eq!(other.state(), before);
}

/// Sizes that do not fill a panel, and more classes and rows per batch than a panel has columns.
#[test]
fn networks_of_any_size_learn() {
    let x = Array2::from_shape_fn((90, 1), |(row, _)| (row % 18) as f64 / 9.0 - 1.0);
    let codes = (0..90).map(|row| row % 18).collect();
    let y = Labels::new(codes, (0..18).map(|class| class.to_string()).collect()).expect("valid");
    let rows = Dataset::unnamed(x, y).expect("finite");
    for batch_size in [1, 17, 90, usize::MAX] {
        let hidden_layers = vec![HiddenLayer { width: 33, activation: Activation::Relu }; 2];
        let adam = Adam { learning_rate: 1e-2, ..Adam::default() };
        let stop = Stop::Steps(1_500);
        let method = MlpClassifier { hidden_layers, batch_size, adam, stop, ..MlpClassifier::default() };
        let trained = train(&method, &rows, 1).expect("trains");
        let accuracy = accuracy(&trained.model, &rows);
        assert!(accuracy > 0.6, "{accuracy} in batches of {batch_size}; chance is 0.06");
    }
}

/// Both engines get the same draws, so that they differ only by rounding.
#[test]
#[cfg(feature = "burn")]
fn burn_trains_the_same_network_on_every_device() {
    let (method, rows) = (small(Stop::Epochs(3)), clouds(100, 1));
    let on = |device| {
        let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device, budget: None };
        method.train(&rows, &mut run).expect("trains")
    };
    let ours = on(Device::Cpu);
    let predict = |trained: &Trained| trained.model.predict(rows.x()).expect("same features").scores;
    let usable = |device: &Device| *device != Device::Cpu && require_device(*device).is_ok();
    let devices: Vec<Device> = Device::ALL.into_iter().filter(usable).collect();
    assert!(devices.contains(&Device::Flex), "it needs nothing");
    for device in devices {
        let burns = on(device);
        assert_ne!(ours.model, burns.model, "two engines");
        assert_eq!(burns, on(device), "{device}: the seed decides");
        assert!((ours.report.loss - burns.report.loss).abs() < 1e-5);
        assert!((ours.report.gradient_norm - burns.report.gradient_norm).abs() < 1e-5);
        for (ours, burns) in predict(&ours).iter().zip(&predict(&burns)) {
            assert!((ours - burns).abs() < 1e-4);
        }
    }
}

#[test]
fn row_weights_say_how_much_a_row_counts() {
    let rows = clouds(200, 1);
    let minority_only = rows.y().codes().iter().map(|&code| f64::from(code)).collect();
    let weighted = rows.clone().with_weights(minority_only).expect("valid");
    let model = train(&small(Stop::Epochs(150)), &weighted, 1).expect("trains").model;
    let predicted = model.predict(rows.x()).expect("same features").labels;
    assert!(predicted.codes().iter().all(|&code| code == 1), "rows without weight teach nothing");

    // Equal weights give the same shares of the mean as no weights, hence the same bytes.
    let equal = rows.clone().with_weights(vec![0.1; 200]).expect("valid");
    let method = small(Stop::Epochs(3));
    assert_eq!(train(&method, &equal, 1).expect("trains"), train(&method, &rows, 1).expect("trains"));
}

#[test]
fn rows_and_weights_that_do_not_fit_are_typed_errors() {
    let rows = clouds(20, 1);
    let one_class = Labels::new(vec![0; 20], vec!["only".into()]).expect("valid");
    let one_class = Dataset::unnamed(rows.x().to_owned(), one_class).expect("finite");
    let error = train(&small(Stop::Epochs(1)), &one_class, 1).expect_err("one class");
    assert!(matches!(error, Error::NotApplicable { .. }), "{error}");

    let model = train(&small(Stop::Epochs(1)), &rows, 1).expect("trains").model;
    let error = model.predict(Array2::zeros((1, 3)).view()).expect_err("three of four features");
    assert!(matches!(error, Error::LengthMismatch { expected: 4, found: 3, .. }), "{error}");

    let other = MlpClassifier { hidden_layers: vec![], ..small(Stop::Epochs(1)) };
    let error = other.learner_from(model.weights(), model.classes(), Device::Cpu).err().expect("one layer");
    assert!(matches!(error, Error::LengthMismatch { .. }), "{error}");
}

#[test]
fn invalid_parameters_are_refused_by_name() {
    let rows = clouds(20, 1);
    let valid = small(Stop::Epochs(1));
    let adam = |adam| MlpClassifier { adam, ..valid.clone() };
    let hidden = |width, activation| MlpClassifier {
        hidden_layers: vec![HiddenLayer { width, activation }],
        ..valid.clone()
    };
    let cases = [
        ("batch_size", MlpClassifier { batch_size: 0, ..valid.clone() }),
        ("width", hidden(0, Activation::Relu)),
        ("slope", hidden(1, Activation::LeakyRelu { slope: f64::NAN })),
        ("learning_rate", adam(Adam { learning_rate: 0.0, ..Adam::default() })),
        ("learning_rate", adam(Adam { learning_rate: f64::INFINITY, ..Adam::default() })),
        ("beta1", adam(Adam { beta1: 1.0, ..Adam::default() })),
        ("beta2", adam(Adam { beta2: 1.0 - 1e-12, ..Adam::default() })),
        ("epsilon", adam(Adam { epsilon: 1e-60, ..Adam::default() })),
        ("stop.epochs", MlpClassifier { stop: Stop::Epochs(0), ..valid.clone() }),
    ];
    for (name, method) in cases {
        let error = train(&method, &rows, 1).expect_err(name);
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn methods_are_read_as_they_are_written() {
    for method in [MlpClassifier::moods_released(), MlpClassifier::adversarial_q(), small(Stop::Steps(9))] {
        let text = serde_json::to_string(&method).expect("plain data");
        assert_eq!(serde_json::from_str::<MlpClassifier>(&text).expect("as written"), method);
        let strange = text.replacen("batch_size", "batches", 1);
        assert!(serde_json::from_str::<MlpClassifier>(&strange).is_err());
    }
}
