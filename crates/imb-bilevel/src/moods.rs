//! MOODS: the training set grows by proposals, and a proposal is accepted if the network trained on it
//! is better on the validation rows by every objective.
//!
//! Each outer step
//!
//! 1. draws a batch of majority rows from a pool, by their probabilities p;
//! 2. adds them to the accepted set, and lets SVM-SMOTE make minority rows up to balance: the proposal;
//! 3. trains the network on the proposal and measures the objectives on the validation rows;
//! 4. accepts or rejects. Accepted rows leave the pool, and the next batch is larger by one. The
//!    probabilities of rejected rows are halved, and the next batch is smaller by one.
//!
//! The released code and the paper's text differ. The parameters cover the differences, and there is a
//! preset for each:
//!
//! | | [`as_released`] | [`paper`] |
//! |---|---|---|
//! | start | a burn-in training on ⌈m/2⌉ majority and m minority rows, both drawn with replacement | S₀: the minority and ⌈m/2⌉ majority rows |
//! | S₀ leaves the pool | no | yes |
//! | first proposal | the minority and the burn-in's majority rows; always accepted | like every other; accepted if the objectives are above 0 |
//! | first batch | m | ⌈m/2⌉ |
//! | synthetic rows | dropped where the minority is at least as large as the proposal's majority | never dropped |
//! | draws | by p, without replacement | by p, without replacement |
//! | accepted if | better by margins of 1e-9 and 1e-5 | better |
//! | batch after a rejection | smaller by 1 while above 10 | smaller by 1 while above 1 |
//! | network | continues from step to step, with the optimiser's state | newly initialised at each step |
//! | SVM-SMOTE's generator | reset before each call | not reset |
//! | SVM-SMOTE's share of rows from support vectors in danger | 0.4703; an empty group is skipped | drawn in each call; the rows of an empty group go to the other |
//!
//! m is the number of minority rows. In both presets a rejected step counts as a step: with the text's rule
//! the loop would never end where nothing improves. The text halves the probabilities of the synthetic rows,
//! which have none; the code halves those of the drawn majority rows, and so do we. The text does not state
//! the number of steps; the code makes nine. Where SVM-SMOTE cannot make rows, the released program aborts;
//! here the step is rejected, and the delivery report of the rows says how often and why.
//!
//! Columns are not scaled, neither for the network nor for SVM-SMOTE: scale them first.
//!
//! Medlin, Leyffer and Raghavan, "Sampling Imbalanced Data with Multi-objective Bilevel Optimization"
//! (2025), arXiv:2506.11315, Algorithm 1.
//!
//! [`as_released`]: Moods::as_released
//! [`paper`]: Moods::paper

mod pool;
mod presets;
mod written;

use std::time::Instant;

use imb_core::{
    Dataset, Delivery, Error, Fit, Labels, Predict, Resample, Resampled, Result, Rng, Run, Train,
    require_numbers,
};
use imb_neural::{MlpClassifier, MlpModel};
use imb_resample::SvmSmote;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::inner_loop::InnerLoop;
use crate::objective::{Objective, measure};
use crate::sample::{Sample, draw_with_replacement, renumber};
use crate::search::{Found, not_applicable, require_single_precision, require_two_classes};
use crate::trajectory::{Step, Trajectory};
use crate::validation::with_validation;
use pool::Pool;

const METHOD: &str = "MOODS";

/// Multi-objective bilevel sampling: chooses the training set by training on proposals.
///
/// Columns are used as they are, also when the rows are all that is asked for: scale them first.
///
/// ```
/// use imb_bilevel::Moods;
/// use imb_core::{Dataset, Labels, Run, Seed, Train};
/// use imb_neural::{MlpClassifier, Stop};
/// use ndarray::Array2;
///
/// // Two clouds that overlap, the second a quarter of all rows.
/// let x = Array2::from_shape_fn((80, 2), |(row, column)| {
///     let shift = if row % 4 == 0 { 4.0 } else { 0.0 };
///     ((row * 7 + column * 3) % 11) as f64 / 2.0 + shift
/// });
/// let codes = (0..80).map(|row| u32::from(row % 4 == 0)).collect();
/// let y = Labels::new(codes, vec!["often".into(), "rare".into()])?;
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
///
/// // A short inner training, for the example.
/// let released = Moods::as_released();
/// let classifier = MlpClassifier { stop: Stop::Steps(50), ..released.classifier.clone() };
/// let moods = Moods { classifier, ..released };
/// let found = moods.search(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert!(found.trajectory.accepted() >= 1);
/// assert_eq!(found.trajectory.steps.len(), 9);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`SvmSmote`], which makes the minority rows; [`MlpClassifier`], the network of the inner loop.
///
/// # Reference
/// Medlin, Leyffer and Raghavan (2025), arXiv:2506.11315.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Moods {
    /// The network, its training and its stopping rule.
    #[serde(deserialize_with = "written::classifier")]
    pub classifier: MlpClassifier,
    /// Makes minority rows until the proposal is balanced.
    #[serde(deserialize_with = "written::resampler")]
    pub resampler: SvmSmote,
    /// Whether the resampler's generator is reset before each call.
    pub restart_resampler: bool,
    /// The metrics that must improve on the validation rows; with none, every proposal is accepted.
    pub objectives: Vec<Objective>,
    /// The number of outer steps, accepted or not.
    pub max_steps: usize,
    /// The set that the first proposal starts from.
    pub start: Start,
    /// Whether the majority rows of the start are removed from the pool, so that they are not drawn again.
    pub start_leaves_pool: bool,
    /// The number of majority rows in the first batch.
    pub first_batch: Size,
    /// How majority rows are drawn from the pool.
    pub draw: Draw,
    /// After a rejected step the batch shrinks by one while it is larger than this, which is at least 1.
    pub smallest_batch: usize,
    /// Whether synthetic rows are dropped where the minority is at least as large as the majority of
    /// the proposal.
    pub drop_synthetic: bool,
    /// Whether the network continues from step to step, instead of being initialised anew.
    pub warm_start: bool,
    /// Whether the gradient steps of [`Stop::Steps`](imb_neural::Stop::Steps) are those of all trainings together, with an equal share for
    /// each. Tables in which every column takes the same number of steps need it.
    pub share_steps: bool,
}

/// The set that the first proposal starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The network is first trained on ⌈m/2⌉ majority and m minority rows, drawn with replacement. The first
    /// proposal consists of all minority rows and those majority rows, and is always accepted.
    BurnIn,
    /// All minority rows and ⌈m/2⌉ majority rows, to which the first proposal adds.
    Half,
}

/// A number of rows, as a function of the number m of minority rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// m
    Minority,
    /// ⌈m/2⌉
    HalfMinority,
}

/// How majority rows are drawn from the pool, without replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Draw {
    /// In proportion to their probabilities.
    Weighted,
    /// With equal probability.
    Uniform,
}

impl Moods {
    /// Searches for a training set, and returns it with the network trained on it.
    ///
    /// If `train` has no validation rows, a fifth of each class (at least one row) is held out as such, and
    /// is not part of the set found. The observer sees each outer step as progress and as a step of the
    /// series `steps` (`accepted`, `macro_f1_score`, …), each epoch of the inner loop, and at the end
    /// the accepted set. If it ends the search, the best set so far is returned.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] unless there are two classes of at least two rows, for categorical columns, or if no
    /// proposal was accepted; [`Error::InvalidParameter`] or [`Error::UnknownName`] for an invalid parameter;
    /// [`Error::NotFinite`] for a number beyond single precision; [`Error::InvalidParameter`] or
    /// [`Error::LengthMismatch`] for validation rows with other classes or features than the training rows;
    /// [`Error::Interrupted`] if the observer ends the search before anything was accepted; the errors of training.
    pub fn search(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Found> {
        self.check(train)?;
        let (train, places) = with_validation(train, run.rng)?;
        self.search_checked(&train, &places, run)
    }

    /// The search on rows that have been checked, of which some may have been held out since. There are validation
    /// rows; `places` are the row numbers that the result gives to the rows.
    pub(crate) fn search_checked(
        &self,
        train: &Train<Labels>,
        places: &[usize],
        run: &mut Run<'_, Labels>,
    ) -> Result<Found> {
        let mut search = Search::new(self, train, run)?;
        for step in 1..=self.max_steps {
            if search.pool.is_spent() {
                break;
            }
            match search.step(step, run) {
                Ok(()) => {}
                Err(Error::Interrupted { .. }) if search.accepted.is_some() => {
                    search.trajectory.interrupted = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        search.finish(places, run)
    }

    /// The number of trainings of a search, which share its budget and, with `share_steps`, its steps.
    fn trainings(&self) -> u64 {
        (self.max_steps as u64).saturating_add(u64::from(self.start == Start::BurnIn))
    }

    /// Refuses rows and parameters that no search can use.
    pub(crate) fn check(&self, train: &Train<Labels>) -> Result<()> {
        require_two_classes(METHOD, train.rows.y())?;
        // SVM-SMOTE refuses them too, but only step by step, and a step that it refuses is rejected.
        require_numbers(METHOD, train.rows.features())?;
        for (name, value) in [("max_steps", self.max_steps), ("smallest_batch", self.smallest_batch)] {
            if value == 0 {
                return Err(Error::invalid_parameter(name, "at least 1", 0));
            }
        }
        for objective in &self.objectives {
            objective.compute()?;
        }
        train.check_validation()?;
        require_single_precision(train)
    }
}

/// An accepted set, and its objectives.
struct Accepted {
    sample: Sample,
    model: MlpModel,
    values: Vec<f64>,
}

/// The state of a search.
struct Search<'a> {
    method: &'a Moods,
    rows: &'a Dataset<Labels>,
    validation: &'a Dataset<Labels>,
    minority: Vec<usize>,
    pool: Pool,
    batch: usize,
    /// The set that the first proposal is made from.
    start: Sample,
    accepted: Option<Accepted>,
    inner_loop: InnerLoop<'a>,
    resampler_rng: Rng,
    trajectory: Trajectory,
}

impl<'a> Search<'a> {
    fn new(method: &'a Moods, train: &'a Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Self> {
        let rows = &train.rows;
        let validation = train.validation.as_ref().expect("validation rows were given or held out");
        let class = rows.y().minority().expect("two classes");
        let (minority, majority) = (rows.y().rows_of(class), rows.y().rows_of(1 - class));
        let half = minority.len().div_ceil(2);
        let mut pool = Pool::new(majority);
        let start = match method.start {
            Start::Half => pool.draw(half.min(pool.len()), Draw::Uniform, run.rng),
            Start::BurnIn => draw_with_replacement(&rows.y().rows_of(1 - class), half, run.rng),
        };
        if method.start_leaves_pool {
            pool.remove(&start);
        }
        let batch = if method.first_batch == Size::Minority { minority.len() } else { half };
        let mut search = Self {
            method,
            rows,
            validation,
            pool,
            batch,
            start: Sample::of_rows(rows, minority.clone(), start),
            minority,
            accepted: None,
            inner_loop: InnerLoop {
                trainings: method.trainings(),
                warm_start: method.warm_start,
                share_steps: method.share_steps,
                classifier: &method.classifier,
                learner: None,
            },
            resampler_rng: Rng::from_seed(run.rng.random()),
            trajectory: Trajectory::default(),
        };
        if method.start == Start::BurnIn {
            let minority = draw_with_replacement(&search.minority, search.minority.len(), run.rng);
            let burn_in = Sample::of_rows(rows, minority, search.start.majority.clone());
            let (_, report) = search.inner_loop.train(&burn_in.to_dataset(rows)?, run)?;
            search.trajectory.burn_in_gradient_steps = report.steps;
        }
        Ok(search)
    }

    /// One outer step.
    fn step(&mut self, number: usize, run: &mut Run<'_, Labels>) -> Result<()> {
        let started = Instant::now();
        self.trajectory.ask(METHOD, self.method.max_steps, run.observer)?;
        self.batch = self.pool.fit(self.batch);
        let drawn = self.pool.draw(self.batch, self.method.draw, run.rng);
        let mut step = Step::new(number, self.batch);
        match self.propose(&drawn) {
            Ok(proposal) => {
                step.sizes = Some(proposal.sizes());
                let (model, report) = self.inner_loop.train(&proposal.to_dataset(self.rows)?, run)?;
                let minority = self.rows.y().codes()[self.minority[0]];
                let objectives = &self.method.objectives;
                let values = measure(objectives, &model, self.validation, minority)?;
                let names = objectives.iter().map(|objective| objective.metric.clone());
                step.values = names.zip(values.iter().copied()).collect();
                step.trained(&report);
                step.accepted = self.improves(&values);
                if step.accepted {
                    self.accepted = Some(Accepted { sample: proposal, model, values });
                }
            }
            Err(error @ (Error::TooFewRows { .. } | Error::NotApplicable { .. })) => {
                step.no_proposal = Some(error.to_string());
            }
            Err(error) => return Err(error),
        }
        self.settle(step.accepted, &drawn);
        step.seconds = started.elapsed().as_secs_f64();
        step.report(run.observer);
        self.trajectory.steps.push(step);
        Ok(())
    }

    /// The set to train on next: the accepted set, the drawn majority rows and new minority rows.
    fn propose(&mut self, drawn: &[usize]) -> Result<Sample> {
        let from = match &self.accepted {
            None if self.method.start == Start::BurnIn => return Ok(self.start.clone()),
            None => &self.start,
            Some(accepted) => &accepted.sample,
        };
        let grown = from.with_majority(drawn);
        let [majority, minority] = grown.sizes();
        if minority >= majority && self.method.drop_synthetic {
            return Ok(grown.without_synthetic(self.rows, &self.minority));
        }
        if minority >= majority {
            return Ok(grown);
        }
        let rows = grown.to_dataset(self.rows)?;
        // A copy that is thrown away leaves the generator where it was.
        let mut copy = self.resampler_rng.clone();
        let rng = if self.method.restart_resampler { &mut copy } else { &mut self.resampler_rng };
        let made = self.method.resampler.resample_rows(&rows, rng)?;
        if made.origins.is_empty() {
            return Err(not_applicable(METHOD, "SVM-SMOTE made no row".to_owned()));
        }
        grown.with_synthetic(made)
    }

    /// Whether every objective is better than that of the accepted set. Without one, the first proposal of a
    /// burn-in is accepted anyway, and any other must be better than 0.
    fn improves(&self, values: &[f64]) -> bool {
        if self.accepted.is_none() && self.method.start == Start::BurnIn {
            return true;
        }
        let before = self.accepted.as_ref().map(|accepted| accepted.values.as_slice());
        self.method.objectives.iter().zip(values).enumerate().all(|(place, (objective, &value))| {
            objective.improves(value, before.map_or(0.0, |before| before[place]))
        })
    }

    /// Updates the pool and the size of the next batch.
    fn settle(&mut self, accepted: bool, drawn: &[usize]) {
        if accepted {
            self.pool.remove(drawn);
            self.batch += 1;
        } else {
            self.pool.halve(drawn);
            if self.batch > self.method.smallest_batch {
                self.batch -= 1;
            }
        }
    }

    fn finish(self, places: &[usize], run: &mut Run<'_, Labels>) -> Result<Found> {
        let Some(accepted) = self.accepted else {
            let mut reason = match self.trajectory.steps.len() {
                0 => "there is no majority row to propose".to_owned(),
                n => format!("none of {n} proposals was better than what it started from"),
            };
            if let Some(without) = self.trajectory.without_proposal() {
                reason = format!("{reason}; {without}");
            }
            return Err(not_applicable(METHOD, reason));
        };
        let mut resampled = accepted.sample.to_resampled(self.rows);
        renumber(&mut resampled, places);
        let minority = &self.rows.y().classes()[self.rows.y().codes()[self.minority[0]] as usize];
        resampled.delivery.extend(self.trajectory.without_proposal().map(|remark| Delivery {
            name: minority.clone(),
            asked: resampled.synthetic.nrows(),
            delivered: resampled.synthetic.nrows(),
            remark: Some(remark),
        }));
        Ok(Found::new(resampled, accepted.model, self.trajectory, run))
    }
}

impl Fit<Labels> for Moods {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        Ok(Box::new(self.search(train, run)?.model))
    }
}

impl Resample<Labels> for Moods {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        Ok(self.search(train, run)?.resampled)
    }
}
