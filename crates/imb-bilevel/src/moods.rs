//! MOODS: a training set is grown by proposals, and a proposal is kept if the network trained on it
//! does better on validation rows by every objective.
//!
//! Medlin, Leyffer and Raghavan, "Sampling Imbalanced Data with Multi-objective Bilevel Optimization"
//! (2025), arXiv:2506.11315, Algorithm 1. Each outer step draws majority rows by their chances p,
//! proposes them together with minority rows that SVM-SMOTE makes, trains, and accepts or rejects:
//! accepted rows leave the pool and the next batch is larger by one, rejected rows are half as likely
//! to be drawn again and the next batch is smaller by one.
//!
//! The released code and the paper's text differ, and the parameters cover what they differ in:
//!
//! | | [`as_released`] | [`paper`] |
//! |---|---|---|
//! | start | a burn-in training on ⌈m/2⌉ majority and m minority rows, both drawn with repeats | S₀: the minority and ⌈m/2⌉ majority rows |
//! | S₀ leaves the pool | no | yes |
//! | first proposal | the minority and the burn-in's majority rows; always accepted | as every other; accepted if the objectives are above 0 |
//! | first batch | m | ⌈m/2⌉ |
//! | synthetic rows | dropped where they outnumber what is proposed | never dropped |
//! | draws | by p, without repeats | by p, without repeats |
//! | accepted if | better by margins of 1e-9 and 1e-5 | better |
//! | rejected: batch | smaller by 1 while above 10 | smaller by 1 while above 1 |
//! | network | goes on from step to step, with the optimiser's memory | fresh at each step |
//! | SVM-SMOTE's generator | set back before each call | goes on |
//!
//! m is the number of minority rows. In both, a rejected step counts as a step: the text would go on
//! for ever where nothing improves. The text halves the chances of the synthetic rows, which have
//! none; the code halves those of the majority rows drawn. Neither says the number of steps in the
//! text; the code makes nine. Where SVM-SMOTE cannot make rows the released program ends; here the
//! step is rejected.
//!
//! [`as_released`]: Moods::as_released
//! [`paper`]: Moods::paper

mod pool;
mod sample;
mod trajectory;

use std::ops::ControlFlow::Break;
use std::time::Instant;

use imb_core::{Dataset, Error, Fit, Labels, Predict, Resample, Resampled, Result, Rng, Run, Train};
use imb_neural::{MlpClassifier, MlpLearner, MlpModel, Stop, TrainingReport};
use imb_resample::{Split, SvmSmote};
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::objective::{Objective, measure};
use crate::validation::with_validation;
use pool::Pool;
use sample::Sample;
pub use trajectory::{Step, Trajectory};

const METHOD: &str = "MOODS";

/// Multi-objective bilevel sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Moods {
    /// The network, its inner loop and when that stops.
    pub classifier: MlpClassifier,
    /// What makes minority rows, for the minority up to the size of the majority.
    pub resampler: SvmSmote,
    /// Whether the resampler's generator is set back before each call.
    pub restart_resampler: bool,
    /// What must improve on the validation rows.
    pub objectives: Vec<Objective>,
    /// Outer steps, accepted or not.
    pub max_steps: usize,
    /// What the first accepted set grows from.
    pub start: Start,
    /// Whether the majority rows of the start can be drawn again.
    pub start_leaves_pool: bool,
    /// Majority rows of the first batch.
    pub first_batch: Size,
    /// How majority rows are drawn from the pool.
    pub draw: Draw,
    /// A batch becomes smaller after a rejected step while it is larger than this.
    pub smallest_batch: usize,
    /// Whether synthetic rows are dropped where the minority is at least as large as the majority of
    /// the proposal.
    pub drop_synthetic: bool,
    /// Whether one network goes on from step to step.
    pub warm_start: bool,
    /// Whether the gradient steps that the classifier's rule counts are for all trainings together, an
    /// equal part for each. Tables in which every column takes the same number of steps need it.
    pub share_steps: bool,
}

/// What the first accepted set grows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A training on ⌈m/2⌉ majority and m minority rows, drawn with repeats; the first proposal is all
    /// minority rows with those majority rows, and is accepted.
    BurnIn,
    /// The minority and ⌈m/2⌉ majority rows, to which the first proposal adds.
    Half,
}

/// A number of rows, by the number m of minority rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// m
    Minority,
    /// ⌈m/2⌉
    HalfMinority,
}

/// How majority rows are drawn from the pool, without repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Draw {
    /// By their chances.
    Weighted,
    /// Each row alike.
    Uniform,
}

impl Default for Moods {
    /// [`as_released`](Self::as_released) with the network as one would write it today, 2,000 gradient
    /// steps a training, and SVM-SMOTE delivering what it is asked for.
    fn default() -> Self {
        Self {
            classifier: MlpClassifier { stop: Stop::Steps(2_000), ..MlpClassifier::moods_sound() },
            resampler: SvmSmote { k_neighbors: 1, ..SvmSmote::default() },
            restart_resampler: false,
            ..Self::as_released()
        }
    }
}

impl Moods {
    /// As the released code does.
    pub fn as_released() -> Self {
        Self {
            classifier: MlpClassifier::moods_released(),
            resampler: SvmSmote { k_neighbors: 1, split: Split::Beta, ..SvmSmote::default() },
            restart_resampler: true,
            objectives: objectives([1e-9, 1e-5]),
            max_steps: 9,
            start: Start::BurnIn,
            start_leaves_pool: false,
            first_batch: Size::Minority,
            draw: Draw::Weighted,
            smallest_batch: 10,
            drop_synthetic: true,
            warm_start: true,
            share_steps: false,
        }
    }

    /// As Algorithm 1 has it, where that can be done. Each proposal is trained on from fresh weights, as
    /// long as a column without an outer loop.
    pub fn paper() -> Self {
        Self {
            classifier: MlpClassifier::moods_sound(),
            resampler: SvmSmote { k_neighbors: 1, ..SvmSmote::default() },
            restart_resampler: false,
            objectives: objectives([0.0, 0.0]),
            max_steps: 9,
            start: Start::Half,
            start_leaves_pool: true,
            first_batch: Size::HalfMinority,
            draw: Draw::Weighted,
            smallest_batch: 1,
            drop_synthetic: false,
            warm_start: false,
            share_steps: false,
        }
    }

    /// Searches for a training set, and trains on it on the way.
    ///
    /// Where `train` has no validation rows, a fifth of each class is taken for that, one row at least,
    /// and is no part of the set that is found. The observer sees each outer step as progress and as a
    /// step of the series `steps` (`accepted`, `macro_f1_score`, …), each epoch of the inner loop,
    /// and at the end the accepted set. If it ends the search, the best set so far is the result.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] without two classes, or if no proposal was better;
    /// [`Error::InvalidParameter`] for a value that a parameter cannot have; [`Error::Interrupted`] if the
    /// observer ends the search before anything was accepted; what training says.
    pub fn search(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Found> {
        self.check(&train.rows)?;
        let (train, places) = with_validation(train, run.rng)?;
        let mut search = Search::new(self, &train, run)?;
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
        search.finish(&places, run)
    }

    /// The trainings of a search, among which steps are shared.
    fn trainings(&self) -> u64 {
        self.max_steps as u64 + u64::from(self.start == Start::BurnIn)
    }

    /// When each training of the inner loop ends.
    fn inner_stop(&self) -> Stop {
        match self.classifier.stop {
            Stop::Steps(steps) if self.share_steps => Stop::Steps((steps / self.trainings()).max(1)),
            stop => stop,
        }
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        let refuse = |name: &str, requirement: &str, value: String| {
            Err(Error::InvalidParameter { name: name.into(), requirement: requirement.into(), value })
        };
        let not_applicable = |reason: String| Err(Error::NotApplicable { method: METHOD.into(), reason });
        let counts = rows.y().counts();
        if counts.len() != 2 {
            return not_applicable(format!("it needs two classes, and there are {}", counts.len()));
        }
        if let Some(class) = counts.iter().position(|&count| count < 2) {
            let name = &rows.y().classes()[class];
            return not_applicable(format!(
                "class {name} has {} training rows, and needs two",
                counts[class]
            ));
        }
        if self.max_steps == 0 {
            return refuse("max_steps", "at least 1", "0".into());
        }
        if self.objectives.is_empty() {
            return refuse("objectives", "at least one", "none".into());
        }
        self.objectives.iter().try_for_each(|objective| objective.compute().map(|_| ()))
    }
}

fn objectives(margins: [f64; 2]) -> Vec<Objective> {
    let metrics = ["macro_f1_score", "minority_f1_score"];
    let of = |(metric, margin): (&str, f64)| Objective { metric: metric.to_owned(), margin };
    metrics.into_iter().zip(margins).map(of).collect()
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The last accepted set, as rows of what was given and synthetic ones.
    pub resampled: Resampled<Labels>,
    /// The network as it was when that set was accepted.
    pub model: MlpModel,
    /// The way there.
    pub trajectory: Trajectory,
}

/// A set that was accepted.
struct Accepted {
    sample: Sample,
    model: MlpModel,
    values: Vec<f64>,
}

/// A search under way.
struct Search<'a> {
    method: &'a Moods,
    rows: &'a Dataset<Labels>,
    validation: &'a Dataset<Labels>,
    minority: Vec<usize>,
    pool: Pool,
    batch: usize,
    /// What the first proposal is made from.
    start: Sample,
    accepted: Option<Accepted>,
    learner: Option<MlpLearner>,
    resampler_rng: Rng,
    trajectory: Trajectory,
}

impl<'a> Search<'a> {
    fn new(method: &'a Moods, train: &'a Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Self> {
        let rows = &train.rows;
        let validation = train.validation.as_ref().expect("validation rows were given or carved");
        let class = rows.y().minority().expect("two classes");
        let (minority, majority) = (rows.y().rows_of(class), rows.y().rows_of(1 - class));
        let half = minority.len().div_ceil(2);
        let mut pool = Pool::new(majority);
        let start = match method.start {
            Start::Half => pool.draw(half.min(pool.len()), Draw::Uniform, run.rng),
            Start::BurnIn => with_repeats(&rows.y().rows_of(1 - class), half, run.rng),
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
            learner: None,
            resampler_rng: Rng::from_seed(run.rng.random()),
            trajectory: Trajectory::default(),
        };
        if method.start == Start::BurnIn {
            let minority = with_repeats(&search.minority, search.minority.len(), run.rng);
            let burn_in = Sample::of_rows(rows, minority, search.start.majority.clone());
            let (_, report) = search.train(&burn_in, run)?;
            search.trajectory.burn_in_gradient_steps = report.steps;
        }
        Ok(search)
    }

    /// One outer step.
    fn step(&mut self, number: usize, run: &mut Run<'_, Labels>) -> Result<()> {
        let started = Instant::now();
        let (done, total) = (number as u64 - 1, self.method.max_steps as u64);
        if run.observer.progress(&self.trajectory.stage(), done, total) == Break(()) {
            let kept = format!("{} sets were accepted", self.trajectory.accepted());
            return Err(Error::Interrupted { stage: METHOD.into(), kept });
        }
        self.batch = self.pool.fit(self.batch);
        let drawn = self.pool.draw(self.batch, self.method.draw, run.rng);
        let mut step = Step::new(number, self.batch);
        match self.propose(&drawn) {
            Ok(proposal) => {
                step.sizes = Some(proposal.sizes());
                let (model, report) = self.train(&proposal, run)?;
                step.values = measure(&self.method.objectives, &model, self.validation)?;
                step.trained(&report);
                step.accepted = self.improves(&step.values);
                if step.accepted {
                    let values = step.values.clone();
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
        step.tell(&self.method.objectives, run.observer);
        self.trajectory.steps.push(step);
        Ok(())
    }

    /// The set to train on next.
    fn propose(&mut self, drawn: &[usize]) -> Result<Sample> {
        let from = match &self.accepted {
            None if self.method.start == Start::BurnIn => return Ok(self.start.clone()),
            None => &self.start,
            Some(accepted) => &accepted.sample,
        };
        let grown = from.with_majority(drawn);
        let [majority, minority] = grown.sizes();
        if minority >= majority {
            return Ok(match self.method.drop_synthetic {
                true => grown.without_synthetic(self.rows, &self.minority),
                false => grown,
            });
        }
        let rows = grown.to_dataset(self.rows)?;
        let mut set_back = self.resampler_rng.clone();
        let rng = if self.method.restart_resampler { &mut set_back } else { &mut self.resampler_rng };
        grown.with_synthetic(self.method.resampler.resample_rows(&rows, rng)?)
    }

    /// The inner loop.
    fn train(&mut self, sample: &Sample, run: &mut Run<'_, Labels>) -> Result<(MlpModel, TrainingReport)> {
        let rows = sample.to_dataset(self.rows)?;
        let classifier = &self.method.classifier;
        let mut learner = match self.learner.take() {
            Some(learner) => learner,
            None => classifier.learner(rows.n_features(), rows.y().classes(), run)?,
        };
        let budget = run.budget.map(|budget| budget.share(self.method.trainings()));
        let report = learner.train(&rows, &self.method.inner_stop(), &mut run.within(budget))?;
        let model = learner.model();
        if self.method.warm_start {
            self.learner = Some(learner);
        }
        Ok((model, report))
    }

    fn improves(&self, values: &[f64]) -> bool {
        let nothing = vec![0.0; values.len()];
        let before = match &self.accepted {
            None if self.method.start == Start::BurnIn => return true,
            None => &nothing,
            Some(accepted) => &accepted.values,
        };
        let pairs = values.iter().zip(before);
        self.method
            .objectives
            .iter()
            .zip(pairs)
            .all(|(objective, (value, on))| objective.improves(*value, *on))
    }

    /// What an accepted or rejected step leaves behind.
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
            let reason = format!("none of {} proposals was better", self.trajectory.steps.len());
            return Err(Error::NotApplicable { method: METHOD.into(), reason });
        };
        self.trajectory.tell(run.observer);
        if self.trajectory.interrupted {
            run.observer.value("interrupted", 1.0);
        }
        let mut resampled = accepted.sample.to_resampled(self.rows);
        resampled.kept.iter_mut().for_each(|row| *row = places[*row]);
        for origin in &mut resampled.origins {
            origin.map_rows(|row| places[row]);
        }
        run.observer.on_resampled(&resampled);
        Ok(Found { resampled, model: accepted.model, trajectory: self.trajectory })
    }
}

/// So many rows, each drawn from all of them.
fn with_repeats(rows: &[usize], size: usize, rng: &mut Rng) -> Vec<usize> {
    (0..size).map(|_| rows[rng.random_range(0..rows.len())]).collect()
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
