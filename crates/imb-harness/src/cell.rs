//! A cell: one training of one method, from its rows to its evidence.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, Ordering};

use imb_core::{Delivery, Error, Observe, Predict, Resampled, Rng, Run, Watch};

use crate::evidence::{Done, Evaluated, Outcome, Scored};
use crate::key::Key;
use crate::measure::direction_of;
use crate::place::Place;
use crate::recipe::{Fitted, Made, Recipe};
use crate::rows::{AnyRows, RunRows};
use crate::spec::Evaluation;

/// A cell, with everything that its numbers depend on.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub place: Place,
    /// What its numbers depend on.
    pub key: Key,
    /// The method.
    pub recipe: Recipe,
    /// On which rows, with which weights.
    pub evaluations: Vec<Evaluation>,
    /// The metric by which the best epoch is chosen, where one is.
    pub choose_epoch_by: Option<String>,
    /// Whether evaluations keep the predictions themselves, which no record has.
    pub keeps_predictions: bool,
}

/// What a cell came to, and what each stage cost.
pub struct Ran {
    /// The outcome.
    pub outcome: Outcome,
    /// CPU seconds of each stage.
    pub seconds: Vec<(&'static str, f64)>,
}

impl Cell {
    /// The name of the cell: a hash of all that its numbers depend on.
    pub fn id(&self) -> String {
        self.key.id(&self.place)
    }

    /// Runs the cell. All random numbers come from a seed made of `seed` and the cell's place.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the flag was raised; everything else is an outcome.
    pub fn run(&self, seed: u64, rows: &mut AnyRows, interrupted: &AtomicBool) -> imb_core::Result<Ran> {
        match rows {
            AnyRows::Classes(rows) => self.run_on(seed, rows, interrupted),
            AnyRows::Labels(rows) => self.run_on(seed, rows, interrupted),
        }
    }

    fn run_on<Y: Scored>(
        &self,
        seed: u64,
        rows: &mut RunRows<Y>,
        interrupted: &AtomicBool,
    ) -> imb_core::Result<Ran> {
        let (mut seconds, mut done) = (Vec::new(), self.fitted(seed, rows, interrupted));
        if let Ok((fitted, _)) = &mut done {
            seconds = std::mem::take(&mut fitted.seconds);
        }
        let done = done.and_then(|(fitted, watcher)| watcher.finish(fitted));
        if interrupted.load(Ordering::Relaxed) {
            // A search that is interrupted returns its best set so far, which is no result of the whole search.
            return Err(Error::Interrupted {
                stage: self.place.to_string(),
                kept: "nothing is recorded".into(),
            });
        }
        let outcome = match done {
            Ok(done) => Outcome::Done(Box::new(done)),
            Err(error @ Error::Interrupted { .. }) => return Err(error),
            Err(Error::NotApplicable { reason, .. }) => Outcome::NotApplicable(reason),
            // The data, or a resampler before, leave a method fewer rows than it needs: no fault of the run.
            Err(error @ Error::TooFewRows { .. }) => Outcome::NotApplicable(error.to_string()),
            Err(error) => Outcome::Failed(error.to_string()),
        };
        Ok(Ran { outcome, seconds })
    }

    /// Resamples the training rows and fits the learner.
    ///
    /// Where columns are crossed with learners, all learners of a column are fitted to the same rows: these
    /// are made once, with a seed that does not depend on the learner.
    fn fitted<'a, Y: Scored>(
        &'a self,
        seed: u64,
        rows: &'a mut RunRows<Y>,
        interrupted: &'a AtomicBool,
    ) -> imb_core::Result<(Fitted<Y>, Watcher<'a, Y>)> {
        let made = match &self.place.learner {
            Some(_) => Some(self.made_once(seed, rows, interrupted)?),
            None => None,
        };
        let rows = &*rows;
        let mut rng = self.place.seed(seed).rng();
        let mut watcher = Watcher::new(self, rows, interrupted);
        let fitted = match made {
            Some((made, notes)) => {
                watcher.notes = notes;
                self.recipe.fit_learner(made, &mut self.run_with(&mut rng, &mut watcher))
            }
            None => self.recipe.fit(&rows.train, &mut self.run_with(&mut rng, &mut watcher)),
        };
        Ok((fitted?, watcher))
    }

    /// What the resamplers make of the training rows, and what they tell. The cell that makes it bears its
    /// cost.
    fn made_once<Y: Scored>(
        &self,
        seed: u64,
        rows: &mut RunRows<Y>,
        interrupted: &AtomicBool,
    ) -> imb_core::Result<(Made<Y>, Notes)> {
        let place = self.place.without_learner();
        if let Some(shared) = rows.made.as_ref().filter(|shared| shared.place == place) {
            return Ok((shared.made.clone(), shared.notes.clone()));
        }
        rows.made = None;
        let mut rng = place.seed(seed).rng();
        let mut watcher = Watcher::new(self, rows, interrupted);
        let made = self.recipe.resample(&rows.train, &mut self.run_with(&mut rng, &mut watcher))?;
        let notes = watcher.notes;
        let shared = Made { seconds: Vec::new(), ..made.clone() };
        rows.made = Some(Box::new(SharedRows { place, made: shared, notes: notes.clone() }));
        Ok((made, notes))
    }

    fn run_with<'r, Y: Scored>(&self, rng: &'r mut Rng, observer: &'r mut dyn Observe<Y>) -> Run<'r, Y> {
        Run { rng, observer, device: self.key.device, budget: self.key.budget }
    }
}

/// What a column made of training rows: all of its learners are fitted to it.
#[derive(Clone, Debug)]
pub struct SharedRows<Y> {
    /// The place, without the learner.
    place: Place,
    made: Made<Y>,
    notes: Notes,
}

/// What a method tells of its work.
#[derive(Clone, Debug, Default)]
struct Notes {
    values: BTreeMap<String, f64>,
    series: BTreeMap<String, Vec<BTreeMap<String, f64>>>,
    capped: bool,
}

/// The series of an adversarial training that is kept of first runs only.
const LOSSES: &str = "losses";

/// Watches a method at work and keeps what it tells.
struct Watcher<'a, Y> {
    cell: &'a Cell,
    rows: &'a RunRows<Y>,
    interrupted: &'a AtomicBool,
    /// The training set that a learner with a resampler inside it made last.
    resampled: Option<Resampled<Y>>,
    notes: Notes,
    /// The best epochs so far, with the value that made them so.
    best: BTreeMap<Evaluation, (f64, Evaluated)>,
    failure: Option<Error>,
}

impl<'a, Y: Scored> Watcher<'a, Y> {
    fn new(cell: &'a Cell, rows: &'a RunRows<Y>, interrupted: &'a AtomicBool) -> Self {
        Self {
            cell,
            rows,
            interrupted,
            resampled: None,
            notes: Notes::default(),
            best: BTreeMap::new(),
            failure: None,
        }
    }

    /// Evaluates an epoch for each rule that chooses one. The first of equal epochs counts.
    fn evaluate_epoch(&mut self, epoch: usize, model: &dyn Predict<Y>) -> imb_core::Result<()> {
        let Some(metric) = &self.cell.choose_epoch_by else { return Ok(()) };
        for &evaluation in &self.cell.evaluations {
            let rows = match evaluation {
                Evaluation::BestOnValidation => self.rows.train.validation.as_ref(),
                Evaluation::BestOnTest => Some(&self.rows.test),
                _ => None,
            };
            let Some(rows) = rows else { continue };
            let chosen = Evaluated::new(model, rows, self.cell.keeps_predictions)?;
            let value = chosen.evidence.value(metric).map_err(|error| undefined(metric, &error))?;
            let is_better = |best: f64| direction_of(metric).compare(value, best).is_gt();
            if self.best.get(&evaluation).is_some_and(|(best, _)| !is_better(*best)) {
                continue;
            }
            let mut evaluated = match evaluation {
                Evaluation::BestOnTest => chosen,
                _ => Evaluated::new(model, &self.rows.test, self.cell.keeps_predictions)?,
            };
            evaluated.epoch = Some(epoch);
            self.best.insert(evaluation, (value, evaluated));
        }
        Ok(())
    }

    fn finish(mut self, fitted: Fitted<Y>) -> imb_core::Result<Done> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let model = &*fitted.model;
        let mut evaluations: BTreeMap<Evaluation, Evaluated> = BTreeMap::new();
        for (evaluation, (_, evaluated)) in std::mem::take(&mut self.best) {
            evaluations.insert(evaluation, evaluated);
        }
        for &evaluation in &self.cell.evaluations {
            if let Some(evaluated) = self.evaluate_last(evaluation, model)? {
                evaluations.insert(evaluation, evaluated);
            }
        }
        let delivery = self.resampled.iter().flat_map(|resampled| &resampled.delivery);
        let short = |delivery: &&Delivery| delivery.delivered < delivery.asked;
        let shortfalls = fitted.delivery.iter().chain(delivery).filter(short).cloned().collect();
        let given = self.rows.train.rows.y();
        let rows = match self.resampled {
            Some(resampled) => resampled.into_dataset(&fitted.rows)?,
            None => fitted.rows,
        };
        let (fitted_outputs, outputs) = Y::outputs(model, &rows, given)?.unzip();
        let place = &self.cell.place;
        let is_first = place.unit() == 0 && place.run == 0 && place.setting.is_empty();
        if !is_first {
            // Losses of every epoch of every run would be most of what is committed.
            self.notes.series.remove(LOSSES);
        }
        Ok(Done {
            evaluations,
            training_rows: given.row_counts(),
            fitted_rows: rows.y().row_counts(),
            shortfalls,
            fitted_outputs,
            outputs: outputs.filter(|_| is_first),
            projection: fitted.projection.filter(|_| is_first),
            values: self.notes.values,
            series: self.notes.series,
            capped: self.notes.capped,
        })
    }

    /// The last weights, on the rows that an evaluation is of; none if it is of other weights.
    fn evaluate_last(
        &self,
        evaluation: Evaluation,
        model: &dyn Predict<Y>,
    ) -> imb_core::Result<Option<Evaluated>> {
        let (test, validation) = (&self.rows.test, &self.rows.train.validation);
        if let (Evaluation::Validation, Some(rows)) = (evaluation, validation) {
            return Evaluated::new(model, rows, self.cell.keeps_predictions).map(Some);
        }
        let evaluated = match (evaluation, &self.rows.natural_test) {
            (Evaluation::Last, _) => Evaluated::new(model, test, self.cell.keeps_predictions)?,
            (Evaluation::NaturalTest, Some(rows)) => {
                Evaluated::new(model, rows, self.cell.keeps_predictions)?
            }
            (Evaluation::WithoutFirstTestRow, _) => {
                let others: Vec<usize> = (1..test.n_rows()).collect();
                Evaluated::new(model, &test.select(&others)?, self.cell.keeps_predictions)?
            }
            _ => return Ok(None),
        };
        Ok(Some(evaluated))
    }
}

fn undefined(metric: &str, error: &anyhow::Error) -> Error {
    Error::NotApplicable { method: metric.to_owned(), reason: format!("{error:#}") }
}

impl<Y> Watch for Watcher<'_, Y> {
    fn progress(&mut self, _stage: &str, _done: u64, _total: u64) -> ControlFlow<()> {
        if self.interrupted.load(Ordering::Relaxed) { Break(()) } else { Continue(()) }
    }

    fn value(&mut self, name: &str, value: f64) {
        // JSON has no place for others.
        if value.is_finite() {
            self.notes.values.insert(name.to_owned(), value);
        }
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        let finite = values.iter().filter(|(_, value)| value.is_finite());
        let step = finite.map(|(name, value)| ((*name).to_owned(), *value)).collect();
        self.notes.series.entry(series.to_owned()).or_default().push(step);
    }

    fn capped(&mut self) {
        self.notes.capped = true;
    }
}

impl<Y: Scored> Observe<Y> for Watcher<'_, Y> {
    fn on_resampled(&mut self, resampled: &Resampled<Y>) {
        self.resampled = Some(resampled.clone());
    }

    fn on_epoch(&mut self, epoch: usize, model: &dyn Predict<Y>) -> ControlFlow<()> {
        match self.evaluate_epoch(epoch, model) {
            Ok(()) => Continue(()),
            Err(error) => {
                self.failure = Some(error);
                Break(())
            }
        }
    }
}
