//! The training loop, tested with a trainer whose losses and norms are scripted.

use std::ops::ControlFlow::{self, Continue};
use std::sync::{Arc, Mutex};

use imb_core::{Budget, Device, Observe, Predict, Seed, Watch};
use ndarray::{Array1, Array2};

use super::*;
use crate::trainer::Trainer;
use crate::{LayerWeights, LearnerState, MlpClassifier, Weights};

/// Returns scripted losses and norms, and records each batch's size and whether its norm was asked for.
struct Scripted {
    losses: fn(usize) -> f64,
    norms: fn(usize) -> f64,
    weight: f32,
    steps: Arc<Mutex<Vec<(usize, bool)>>>,
}

impl Trainer for Scripted {
    fn step(&mut self, batch: &Batch, with_norm: bool) -> Step {
        let mut steps = self.steps.lock().expect("one thread");
        steps.push((batch.n_rows(), with_norm));
        let number = steps.len();
        Step { loss: (self.losses)(number), gradient_norm: with_norm.then(|| (self.norms)(number)) }
    }

    fn weights(&self) -> Weights {
        let weight = Array2::from_elem((1, 2), self.weight);
        Weights { layers: vec![LayerWeights { weight, bias: Array1::zeros(2) }] }
    }

    fn state(&self) -> LearnerState {
        LearnerState::fresh(self.weights())
    }

    fn restore(&mut self, state: &LearnerState) {
        self.weight = state.weights.layers[0].weight[[0, 0]];
    }
}

impl Scripted {
    fn new() -> Self {
        Self { losses: |step| 1.0 / step as f64, norms: |_| 1.0, weight: 0.5, steps: Arc::default() }
    }

    /// Trains on ten rows in batches of four: three steps per epoch.
    fn train(self, stop: Stop, observer: &mut dyn Observe<Labels>) -> Result<TrainingReport> {
        self.train_within(None, stop, observer)
    }

    fn train_within(
        self,
        budget: Option<Budget>,
        stop: Stop,
        observer: &mut dyn Observe<Labels>,
    ) -> Result<TrainingReport> {
        let rows = rows(Array2::from_shape_fn((10, 1), |(row, _)| row as f64));
        let method = MlpClassifier { hidden_layers: vec![], batch_size: 4, ..MlpClassifier::default() };
        let mut learner = MlpLearner::new(Box::new(self), Device::Cpu, &method, 1, rows.y().classes());
        let mut rng = Seed::new(1).rng();
        let mut run = Run { budget, ..Run::new(&mut rng, observer) };
        learner.train(&rows, &stop, &mut run)
    }
}

fn rows(x: Array2<f64>) -> Dataset<Labels> {
    let classes = ["a", "b"].map(String::from).into();
    let codes = (0..x.nrows() as u32).map(|row| row % 2).collect();
    Dataset::unnamed(x, Labels::new(codes, classes).expect("valid")).expect("valid")
}

/// Records what it is told, and returns `Break` where it is set to.
#[derive(Default)]
struct Log {
    epochs: Vec<usize>,
    progress: Vec<(u64, u64)>,
    capped: bool,
    break_epoch: Option<usize>,
    break_progress: Option<u64>,
}

impl Watch for Log {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        assert_eq!(stage, "training");
        self.progress.push((done, total));
        if self.break_progress == Some(done) { Break(()) } else { Continue(()) }
    }

    fn capped(&mut self) {
        self.capped = true;
    }
}

impl Observe<Labels> for Log {
    fn on_epoch(&mut self, epoch: usize, model: &dyn Predict<Labels>) -> ControlFlow<()> {
        let prediction = model.predict(Array2::zeros((3, 1)).view()).expect("the model in training predicts");
        assert_eq!(prediction.labels.codes().len(), 3);
        self.epochs.push(epoch);
        if self.break_epoch == Some(epoch) { Break(()) } else { Continue(()) }
    }
}

#[test]
fn a_budget_ends_a_training_and_the_observer_is_told() {
    let within = |steps, epochs, stop| {
        let mut log = Log::default();
        let report = Scripted::new().train_within(Some(Budget { steps, epochs }), stop, &mut log);
        let report = report.expect("trains");
        assert_eq!(log.capped, report.stopped == StopReason::Budget);
        (report.steps, report.stopped)
    };
    let norm = Stop::GradientNorm { at_most: 0.0, max_epochs: 9 };
    assert_eq!(within(4, 9, norm), (4, StopReason::Budget), "in the middle of an epoch");
    assert_eq!(within(100, 2, norm), (6, StopReason::Budget));
    assert_eq!(within(5, 9, Stop::Steps(5)), (5, StopReason::Steps), "the rule was met as well");
    assert_eq!(within(5, 9, Stop::Steps(20)), (5, StopReason::Budget));
}

#[test]
fn steps_are_counted_exactly_and_may_cut_an_epoch() {
    let (trainer, mut watch) = (Scripted::new(), Log::default());
    let steps = trainer.steps.clone();
    let report = trainer.train(Stop::Steps(5), &mut watch).expect("trains");
    assert_eq!((report.steps, report.epochs, report.stopped), (5, 2, StopReason::Steps));
    let expected = [(4, false), (4, false), (2, true), (4, false), (4, true)];
    assert_eq!(*steps.lock().expect("done"), expected, "the norm is measured on last batches only");
    assert_eq!(watch.progress, [(3, 5), (5, 5)]);
    assert!((report.loss - (1.0 / 4.0 + 1.0 / 5.0) / 2.0).abs() < 1e-15, "mean over the rows seen");
}

#[test]
fn epochs_are_counted_exactly() {
    let mut watch = Log::default();
    let report = Scripted::new().train(Stop::Epochs(4), &mut watch).expect("trains");
    assert_eq!((report.steps, report.epochs, report.stopped), (12, 4, StopReason::Epochs));
    assert_eq!(watch.epochs, [0, 1, 2, 3]);
    assert_eq!(watch.progress, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    let loss = (4.0 / 10.0 + 4.0 / 11.0 + 2.0 / 12.0) / 10.0;
    assert!((report.loss - loss).abs() < 1e-15, "the short batch counts for its rows");
}

#[test]
fn a_small_gradient_counts_only_at_the_end_of_an_epoch() {
    let norms = |step| if [4, 9, 12].contains(&step) { 1e-5 } else { 0.5 };
    let stop = Stop::GradientNorm { at_most: 1e-5, max_epochs: 2_000 };
    let report = Scripted { norms, ..Scripted::new() }.train(stop, &mut ()).expect("trains");
    assert_eq!((report.steps, report.epochs, report.stopped), (9, 3, StopReason::GradientNorm));
    assert_eq!(report.gradient_norm, 1e-5);
}

#[test]
fn the_cap_ends_what_the_gradient_does_not() {
    let stop = Stop::GradientNorm { at_most: 1e-5, max_epochs: 7 };
    let report = Scripted::new().train(stop, &mut ()).expect("trains");
    assert_eq!((report.epochs, report.stopped), (7, StopReason::Epochs));
}

#[test]
fn an_observer_can_end_training() {
    let mut watch = Log { break_epoch: Some(1), ..Log::default() };
    let report = Scripted::new().train(Stop::Epochs(100), &mut watch).expect("ends normally");
    assert_eq!((report.epochs, report.stopped), (2, StopReason::Observer));
}

#[test]
fn a_break_in_the_progress_is_an_interruption() {
    let mut watch = Log { break_progress: Some(2), ..Log::default() };
    let error = Scripted::new().train(Stop::Epochs(100), &mut watch).expect_err("interrupted");
    assert_eq!(error.to_string(), "interrupted during training; 2 epochs were done");
    let mut late = Log { break_progress: Some(3), ..Log::default() };
    let report = Scripted::new().train(Stop::Epochs(3), &mut late).expect("it was done by then");
    assert_eq!(report.stopped, StopReason::Epochs);
}

#[test]
fn divergence_is_named_with_its_epoch() {
    let message = |trainer: Scripted| {
        let error = trainer.train(Stop::Epochs(100), &mut ()).expect_err("diverges");
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
        error.to_string()
    };
    let losses = |step| if step == 5 { f64::NAN } else { 0.25 };
    assert_eq!(
        message(Scripted { losses, ..Scripted::new() }),
        "dense classifier diverged in epoch 1: the loss is NaN after 4 steps; the last finite loss was 0.25"
    );
    let first = message(Scripted { losses: |_| f64::INFINITY, ..Scripted::new() });
    assert!(first.ends_with("epoch 0: the loss is inf on the first mini-batch"), "{first}");
    let norm = message(Scripted { norms: |_| f64::INFINITY, ..Scripted::new() });
    assert!(norm.contains("in epoch 0: the gradient's norm is inf"), "{norm}");
}

#[test]
fn an_infinite_weight_at_the_end_is_divergence() {
    let trainer = Scripted { weight: f32::INFINITY, ..Scripted::new() };
    let error = trainer.train(Stop::Epochs(2), &mut ()).expect_err("diverged in the last step");
    assert!(matches!(error, Error::Diverged { epoch: 1, .. }), "{error}");
}

#[test]
fn rows_of_another_shape_are_refused() {
    let method = MlpClassifier { hidden_layers: vec![], ..MlpClassifier::default() };
    let classes = ["a", "c"].map(String::from);
    let mut learner = MlpLearner::new(Box::new(Scripted::new()), Device::Cpu, &method, 1, &classes);
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let mut error = |x| learner.train(&rows(x), &Stop::Epochs(1), &mut run).expect_err("refused");
    assert!(matches!(error(Array2::zeros((4, 2))), Error::LengthMismatch { expected: 1, found: 2, .. }));
    assert!(matches!(error(Array2::zeros((4, 1))), Error::InvalidParameter { .. }), "other classes");
}
