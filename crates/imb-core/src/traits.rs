//! Traits of methods that resample, fit and predict, and of those who watch them. None has a place for test rows.

use std::fmt;
use std::ops::ControlFlow::{self, Continue};
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{Dataset, Error, Resampled, Result, Rng, Target};

/// All that a method may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Train<Y> {
    /// The rows to learn from.
    pub rows: Dataset<Y>,
    /// Rows to choose by, where the protocol gives any.
    pub validation: Option<Dataset<Y>>,
}

impl<Y: Target> Train<Y> {
    /// Refuses validation rows that are not described as the training rows are: with the same kinds of features and
    /// the same categories, and with the same classes or labels, each in the same order. The names of features do
    /// not matter. A method that uses validation rows calls this before anything else, since it meets both by
    /// number.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of features; [`Error::InvalidParameter`] for a feature of another
    /// kind or with other categories, and for other classes or labels.
    pub fn check_validation(&self) -> Result<()> {
        let Some(validation) = &self.validation else { return Ok(()) };
        let (ours, theirs) = (self.rows.features(), validation.features());
        if ours.len() != theirs.len() {
            let what = "features of the validation rows".into();
            return Err(Error::LengthMismatch { what, expected: ours.len(), found: theirs.len() });
        }
        let mut differing = ours.iter().zip(theirs.iter()).filter(|(ours, theirs)| ours.kind != theirs.kind);
        if let Some((ours, theirs)) = differing.next() {
            let name = format!("column \"{}\" of the validation rows", theirs.name);
            let requirement = format!("{}, as in the training rows", ours.kind);
            return Err(Error::invalid_parameter(name, requirement, &theirs.kind));
        }
        self.rows.y().require_same_names(validation.y(), "the validation rows")
    }
}

/// What a method is run with.
///
/// ```
/// use imb_core::{Labels, Run, Seed};
///
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let run: Run<'_, Labels> = Run::new(&mut rng, &mut nobody);
/// assert!(run.budget.is_none());
/// ```
pub struct Run<'a, Y> {
    /// The generator of every random choice.
    pub rng: &'a mut Rng,
    /// Who watches.
    pub observer: &'a mut dyn Observe<Y>,
    /// Where tensors live.
    pub device: Device,
    /// What ends each training early; none if its own rule does.
    pub budget: Option<Budget>,
}

impl<'a, Y: Target> Run<'a, Y> {
    /// A run on this machine's processor, without a budget.
    pub fn new(rng: &'a mut Rng, observer: &'a mut dyn Observe<Y>) -> Self {
        Self { rng, observer, device: Device::Cpu, budget: None }
    }

    /// The same run within another budget, as an outer loop shares its own among its trainings.
    pub fn within(&mut self, budget: Option<Budget>) -> Run<'_, Y> {
        Run { rng: self.rng, observer: &mut *self.observer, device: self.device, budget }
    }

    /// Runs a learner of another kind of target inside this run, as binary relevance does for each
    /// label.
    ///
    /// It draws from the same generator, on the same device, within the same budget. Of what it
    /// reports, only progress and the end of a budget reach the observer: its training sets, epochs and
    /// values are not the outer method's.
    pub fn base<Z: Target, T>(&mut self, work: impl FnOnce(&mut Run<'_, Z>) -> T) -> T {
        let mut observer = OfBase(&mut *self.observer);
        work(&mut Run { rng: self.rng, observer: &mut observer, device: self.device, budget: self.budget })
    }

    /// Runs a stage that makes rows for the model that is fitted next, as a resampler before a classifier does.
    ///
    /// It draws from the same generator, on the same device, within the same budget. All that it measures reaches
    /// the observer, except the networks that it trains for itself, epoch by epoch, and the rows that it fits them
    /// to: an observer would take them for the epochs and the training set of the model that follows.
    pub fn resampling<T>(&mut self, work: impl FnOnce(&mut Run<'_, Y>) -> T) -> T {
        let mut observer = OfStage(&mut *self.observer);
        work(&mut Run { rng: self.rng, observer: &mut observer, device: self.device, budget: self.budget })
    }
}

/// The observer of a stage that makes rows.
struct OfStage<'a>(&'a mut dyn Watch);

impl Watch for OfStage<'_> {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        self.0.progress(stage, done, total)
    }

    fn value(&mut self, name: &str, value: f64) {
        self.0.value(name, value);
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        self.0.step(series, values);
    }

    fn capped(&mut self) {
        self.0.capped();
    }
}

impl<Y: Target> Observe<Y> for OfStage<'_> {}

/// The observer of a base learner.
struct OfBase<'a>(&'a mut dyn Watch);

impl Watch for OfBase<'_> {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        self.0.progress(stage, done, total)
    }

    fn capped(&mut self) {
        self.0.capped();
    }
}

impl<Z: Target> Observe<Z> for OfBase<'_> {}

/// What ends a training before its own rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The most gradient steps.
    pub steps: u64,
    /// The most epochs.
    pub epochs: u64,
}

impl Budget {
    /// The budget of each of several trainings that share this one: an equal part of the steps, at
    /// least one.
    #[must_use]
    pub fn share(self, trainings: u64) -> Self {
        Self { steps: (self.steps / trainings.max(1)).max(1), ..self }
    }
}

/// Chooses and makes training rows.
pub trait Resample<Y: Target>: Send + Sync {
    /// Resamples the training rows. Where a model is fitted to them in the same run, call this within
    /// [`Run::resampling`].
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], [`Error::TooFewRows`] or [`Error::NotApplicable`], each with what would work;
    /// [`Error::UnknownName`] for a class that a sampling strategy names and the rows lack; [`Error::Interrupted`] if
    /// the observer stops it. Methods that train a network also return the errors of training.
    fn resample(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Resampled<Y>>;

    /// Trains once, for several sampling rates. None, the default, for a method that has nothing to train or
    /// whose training depends on the rate.
    ///
    /// # Errors
    /// As [`resample`](Self::resample).
    fn trained(&self, _train: &Train<Y>, _run: &mut Run<'_, Y>) -> Result<Option<Box<dyn AtRate<Y>>>> {
        Ok(None)
    }
}

/// A resampler whose training is done.
pub trait AtRate<Y: Target> {
    /// Resamples the training rows at a sampling rate. It draws as [`Resample::resample`] does after training.
    ///
    /// # Errors
    /// As [`Resample::resample`].
    fn at_rate(&self, sampling_rate: f64, run: &mut Run<'_, Y>) -> Result<Resampled<Y>>;
}

/// Learns from training rows. A column of a table is a `Fit`, whatever it is inside.
pub trait Fit<Y: Target>: Send + Sync {
    /// Fits a model to the training rows.
    ///
    /// # Errors
    /// As the method says; [`Error::NotApplicable`] prints `NA` in a table.
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>>;
}

/// A fitted model.
pub trait Predict<Y: Target>: Send + Sync {
    /// Predicts rows `x`, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if `x` has another number of features than the training rows;
    /// [`Error::NotFinite`] if a number is missing or infinite.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Y>>;
}

/// Watches a method at work, whatever it predicts. `()` is nobody.
pub trait Watch {
    /// A stage has come to `done` of `total` steps. `Break` asks the method to stop: one that
    /// has something to return by then may return it, any other returns [`Error::Interrupted`], which says what is
    /// kept.
    fn progress(&mut self, _stage: &str, _done: u64, _total: u64) -> ControlFlow<()> {
        Continue(())
    }

    /// A number that a method measured of its own work, such as `gradient_steps`. A later value of a
    /// name replaces an earlier one.
    fn value(&mut self, _name: &str, _value: f64) {}

    /// One step of a series, such as the outer steps of a search, with a value a name.
    fn step(&mut self, _series: &str, _values: &[(&str, f64)]) {}

    /// A [`Budget`] ended a training before its own rule did.
    fn capped(&mut self) {}
}

/// Watches a method that predicts targets `Y`.
pub trait Observe<Y: Target>: Watch {
    /// A training set has been made, for the model that is fitted next.
    fn on_resampled(&mut self, _resampled: &Resampled<Y>) {}

    /// An epoch (from 0) has ended with this model. `Break` ends the training.
    fn on_epoch(&mut self, _epoch: usize, _model: &dyn Predict<Y>) -> ControlFlow<()> {
        Continue(())
    }
}

impl Watch for () {}

impl<Y: Target> Observe<Y> for () {}

/// What a model says of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction<Y> {
    /// The predicted targets.
    pub labels: Y,
    /// One score a class or label, higher is likelier, `(n_rows, n_classes or n_labels)`.
    pub scores: Array2<f64>,
    /// The numbers before the last non-linearity, of the same shape, if the model has any.
    pub logits: Option<Array2<f64>>,
}

/// Where tensors live. Only the neural crate turns it into a device of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// This machine's processor, with the project's own training loop.
    #[default]
    Cpu,
    /// burn's portable processor backend.
    Flex,
    /// burn on `ndarray`.
    Ndarray,
    /// burn on libtorch, on the processor.
    Tch,
    /// burn on libtorch, on an NVIDIA card.
    TchCuda,
    /// burn on any graphics card.
    Wgpu,
    /// burn on an NVIDIA card.
    Cuda,
}

impl Device {
    /// Every device.
    pub const ALL: [Self; 7] =
        [Self::Cpu, Self::Flex, Self::Ndarray, Self::Tch, Self::TchCuda, Self::Wgpu, Self::Cuda];

    const NAMES: [(&'static str, Self); 7] = [
        ("cpu", Self::Cpu),
        ("flex", Self::Flex),
        ("ndarray", Self::Ndarray),
        ("tch", Self::Tch),
        ("tch-cuda", Self::TchCuda),
        ("wgpu", Self::Wgpu),
        ("cuda", Self::Cuda),
    ];
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().find(|(_, device)| device == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, device)| *device).ok_or_else(|| Error::UnknownName {
            what: "device".into(),
            name: text.into(),
            known: Self::NAMES.map(|(name, _)| name).join(", "),
        })
    }
}

impl<Y: Target, R: Resample<Y> + ?Sized> Resample<Y> for Box<R> {
    fn resample(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Resampled<Y>> {
        (**self).resample(train, run)
    }

    fn trained(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Option<Box<dyn AtRate<Y>>>> {
        (**self).trained(train, run)
    }
}

impl<Y: Target, F: Fit<Y> + ?Sized> Fit<Y> for Box<F> {
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>> {
        (**self).fit(train, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnKind, Feature, LabelMatrix, Labels, Seed};
    use ndarray::array;
    use rand::RngExt;

    #[derive(Default)]
    struct Log(Vec<String>);

    impl Watch for Log {
        fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
            self.0.push(format!("{stage} {done}/{total}"));
            ControlFlow::Break(())
        }

        fn value(&mut self, name: &str, _value: f64) {
            self.0.push(name.to_owned());
        }

        fn capped(&mut self) {
            self.0.push("capped".into());
        }
    }

    impl Observe<LabelMatrix> for Log {}

    /// Budget, device and generator are those of the run.
    #[test]
    fn a_stage_that_resamples_reports_what_it_measures() {
        let (mut rng, mut log) = (Seed::new(1).rng(), Log::default());
        let budget = Some(Budget { steps: 5, epochs: 1 });
        let mut run = Run::<LabelMatrix> { budget, device: Device::Flex, ..Run::new(&mut rng, &mut log) };
        let drawn: u64 = run.resampling(|run| {
            assert_eq!((run.budget, run.device), (budget, Device::Flex));
            run.observer.value("loss", 1.0);
            run.observer.capped();
            assert!(run.observer.progress("network", 1, 2).is_break());
            run.rng.random()
        });
        assert_eq!(drawn, Seed::new(1).rng().random::<u64>());
        assert_eq!(log.0, ["loss", "capped", "network 1/2"]);
    }

    #[test]
    fn a_base_learner_can_be_interrupted_and_keeps_its_values_to_itself() {
        let (mut rng, mut log) = (Seed::new(1).rng(), Log::default());
        let mut run = Run::<LabelMatrix>::new(&mut rng, &mut log);
        run.budget = Some(Budget { steps: 5, epochs: 1 });
        let broken = run.base(|run: &mut Run<'_, Labels>| {
            assert_eq!(run.budget.map(|budget| budget.share(2).steps), Some(2));
            run.observer.value("loss", 1.0);
            run.observer.capped();
            run.observer.progress("label", 1, 2)
        });
        assert!(broken.is_break());
        assert_eq!(log.0, ["capped", "label 1/2"]);
    }

    fn colours(names: &[&str], x: Array2<f64>, classes: [&str; 2]) -> Dataset<Labels> {
        let kind = ColumnKind::Categorical(names.iter().map(|name| (*name).into()).collect());
        let y = Labels::new(vec![0, 1], classes.map(String::from).into()).expect("two classes");
        Dataset::new(vec![Feature { name: "colour".into(), kind }], x, y).expect("two rows")
    }

    /// The same numbers mean other things where categories or classes are others, or in another order.
    #[test]
    fn validation_rows_must_be_described_as_training_rows_are() {
        let x = || array![[0.0], [1.0]];
        let rows = colours(&["red", "green"], x(), ["often", "rare"]);
        let refused = |validation: Dataset<Labels>| {
            let train = Train { rows: rows.clone(), validation: Some(validation) };
            train.check_validation().map_err(|error| error.to_string()).err()
        };
        assert_eq!(refused(rows.clone()), None);
        assert!(Train { rows: rows.clone(), validation: None }.check_validation().is_ok());
        let more =
            refused(colours(&["red", "green", "blue"], x(), ["often", "rare"])).expect("a category more");
        assert!(more.contains("column \"colour\" of the validation rows"), "{more}");
        assert!(more.contains("categories red, green, as in") && more.contains("green, blue"), "{more}");
        assert!(refused(colours(&["green", "red"], x(), ["often", "rare"])).is_some(), "another order");
        let numeric = Dataset::unnamed(x(), rows.y().clone()).expect("two rows");
        assert!(refused(numeric).expect("a number").ends_with("is numeric"));
        let classes = refused(colours(&["red", "green"], x(), ["rare", "often"])).expect("another order");
        assert!(
            classes.starts_with("classes of the validation rows") && classes.contains("often, rare"),
            "{classes}"
        );
        let wide = Dataset::unnamed(array![[0.0, 1.0], [2.0, 3.0]], rows.y().clone()).expect("two rows");
        assert!(refused(wide).expect("a feature more").contains("1 expected, 2 found"));
    }

    #[test]
    fn validation_labels_must_be_the_same() {
        let of = |names: [&str; 2]| {
            let y = LabelMatrix::new(array![[true, false]], names.map(String::from).into());
            Dataset::unnamed(array![[0.0]], y.expect("two labels")).expect("a row")
        };
        let train = |validation| Train { rows: of(["sea", "sky"]), validation: Some(validation) };
        assert!(train(of(["sea", "sky"])).check_validation().is_ok());
        let error = train(of(["sky", "sea"])).check_validation().expect_err("another order").to_string();
        assert!(error.starts_with("labels of the validation rows"), "{error}");
    }

    #[test]
    fn devices_are_read_as_they_are_written() {
        for (name, device) in Device::NAMES {
            assert_eq!(device.to_string(), name);
            assert_eq!(name.parse::<Device>().expect("known"), device);
            assert!(Device::ALL.contains(&device));
        }
        let error = "gpu".parse::<Device>().expect_err("unknown").to_string();
        assert!(error.contains("cuda"), "{error}");
    }
}
