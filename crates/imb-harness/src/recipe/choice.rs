//! A parameter of a resampler, chosen on validation rows in each fold anew.
//!
//! Every candidate resamples the training rows; the learners that choose are fitted to what it made and
//! predict the validation rows; the candidate with the best mean of the metric stays, and one that cannot be applied
//! is out. Test rows have no place here. Where the candidates are rates, a resampler that can is trained once for all of them.

use std::ops::ControlFlow;

use cpu_time::ThreadTime;
use imb_core::{AtRate, Dataset, Error, Observe, Resampled, Run, Seed, Target, Train, Watch};
use imb_methods::method;
use rand::Rng;
use serde::Serialize;

use super::Stage;
use crate::evidence::{Evaluated, Scored};
use crate::measure::direction_of;
use crate::spec::Choice;

/// How a parameter of a stage is chosen on validation rows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ValidationChoice {
    parameter: String,
    candidates: Vec<toml::Value>,
    metric: String,
    learners: Vec<Stage>,
}

/// The parameter for which a resampler may train once.
const RATE: &str = "sampling_rate";

/// The stage that what is not chosen costs: the other candidates' resampling, and the learners that choose.
pub const CHOICE: &str = "choice";

impl ValidationChoice {
    pub(super) fn new(choice: &Choice, metric: &str, learners: Vec<Stage>) -> Self {
        let (parameter, candidates) = (choice.parameter.clone(), choice.candidates.clone());
        Self { parameter, candidates, metric: metric.to_owned(), learners }
    }

    /// Resamples with the best candidate, the first of equally good ones, and tells the observer which it is.
    ///
    /// The seconds of the stage are those of the chosen candidate alone.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] without validation rows, else as the methods say.
    pub(super) fn resample<Y: Scored>(
        &self,
        stage: &Stage,
        train: &Train<Y>,
        run: &mut Run<'_, Y>,
        seconds: &mut Vec<(&'static str, f64)>,
    ) -> imb_core::Result<Resampled<Y>> {
        let Some(validation) = &train.validation else {
            let reason = format!("{} is chosen on validation rows, and there are none", self.parameter);
            return Err(Error::NotApplicable { method: stage.method.to_owned(), reason });
        };
        let start = ThreadTime::now();
        // Each candidate has a seed of its own, so that one more candidate changes no other.
        let seed = Seed::new(run.rng.next_u64());
        let mut rng = seed.child("training").rng();
        let trained = run.resampling(|run| {
            self.trained(stage, train, &mut Run { rng: &mut rng, ..run.within(run.budget) })
        })?;
        let training = start.elapsed().as_secs_f64();
        let direction = direction_of(&self.metric);
        let (mut best, mut refusal): (Option<Tried<Y>>, _) = (None, None);
        for candidate in &self.candidates {
            let mut rng = seed.child(&candidate.to_string()).rng();
            let mut told = Told::to(&mut *run.observer);
            let mut of_candidate =
                Run { rng: &mut rng, observer: &mut told, device: run.device, budget: run.budget };
            let (before, mut seconds) = (ThreadTime::now(), training);
            let resampled = match (&trained, number(candidate)) {
                (Some(trained), Some(rate)) => trained.at_rate(rate, &mut of_candidate),
                _ => {
                    let stage = stage.with(&self.parameter, candidate);
                    stage.resample(train, &mut of_candidate, &mut Vec::new())
                }
            };
            let resampled = match resampled {
                Err(error @ Error::NotApplicable { .. }) => {
                    refusal = Some(error);
                    continue;
                }
                resampled => resampled?,
            };
            seconds += before.elapsed().as_secs_f64();
            let notes = told.take();
            let mut of_judges =
                Run { rng: &mut rng, observer: &mut told, device: run.device, budget: run.budget };
            let value = self.judge(&resampled, train, validation, &mut of_judges)?;
            if best.as_ref().is_none_or(|best| direction.compare(value, best.value).is_gt()) {
                best = Some(Tried { candidate, value, resampled, notes, seconds });
            }
        }
        let missing = || Error::invalid_parameter(&self.parameter, "at least one candidate", "none");
        let best = best.ok_or_else(|| refusal.unwrap_or_else(missing))?;
        best.notes.tell(run.observer);
        if let Some(number) = number(best.candidate) {
            run.observer.value(&self.parameter, number);
        }
        seconds.push((CHOICE, start.elapsed().as_secs_f64() - best.seconds));
        seconds.push((stage.method, best.seconds));
        Ok(best.resampled)
    }

    /// The resampler trained once for all candidates, if they differ in the rate alone and it can be.
    fn trained<Y: Scored>(
        &self,
        stage: &Stage,
        train: &Train<Y>,
        run: &mut Run<'_, Y>,
    ) -> imb_core::Result<Option<Box<dyn AtRate<Y>>>> {
        if self.parameter != RATE {
            return Ok(None);
        }
        method(stage.method)?.resampler::<Y>(stage.parameters.clone())?.trained(train, run)
    }

    /// The mean of the metric over what the learners make of resampled rows.
    fn judge<Y: Scored>(
        &self,
        resampled: &Resampled<Y>,
        train: &Train<Y>,
        validation: &Dataset<Y>,
        run: &mut Run<'_, Y>,
    ) -> imb_core::Result<f64> {
        let rows = resampled.clone().into_dataset(&train.rows)?;
        let made = Train { rows, validation: Some(validation.clone()) };
        let mut sum = 0.0;
        for learner in &self.learners {
            let learner = method(learner.method)?.learner::<Y>(learner.parameters.clone())?;
            let model = learner.fit(&made, run)?;
            sum += value(&*model, validation, &self.metric)?;
        }
        Ok(sum / self.learners.len() as f64)
    }
}

/// A candidate that has been tried.
struct Tried<'c, Y> {
    candidate: &'c toml::Value,
    value: f64,
    resampled: Resampled<Y>,
    notes: Notes,
    /// CPU seconds of the resampling, a common training included.
    seconds: f64,
}

/// What a method measured of its own work.
#[derive(Default)]
struct Notes {
    values: Vec<(String, f64)>,
    steps: Vec<(String, Vec<(String, f64)>)>,
}

impl Notes {
    fn tell<Y: Target>(&self, observer: &mut dyn Observe<Y>) {
        self.values.iter().for_each(|(name, value)| observer.value(name, *value));
        for (series, values) in &self.steps {
            let values: Vec<(&str, f64)> =
                values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            observer.step(series, &values);
        }
    }
}

/// The observer of a candidate: keeps what it measures until it is known whether it is chosen. Progress, and the
/// end of a budget, which may have decided the choice, are told at once. Epochs are those of other networks.
struct Told<'a, Y> {
    observer: &'a mut dyn Observe<Y>,
    notes: Notes,
}

impl<'a, Y: Target> Told<'a, Y> {
    fn to(observer: &'a mut dyn Observe<Y>) -> Self {
        Self { observer, notes: Notes::default() }
    }

    fn take(&mut self) -> Notes {
        std::mem::take(&mut self.notes)
    }
}

impl<Y: Target> Watch for Told<'_, Y> {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        self.observer.progress(stage, done, total)
    }

    fn value(&mut self, name: &str, value: f64) {
        self.notes.values.push((name.to_owned(), value));
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        self.notes.steps.push((series.to_owned(), values));
    }

    fn capped(&mut self) {
        self.observer.capped();
    }
}

impl<Y: Target> Observe<Y> for Told<'_, Y> {}

/// The value of a metric of rows.
fn value<Y: Scored>(
    model: &dyn imb_core::Predict<Y>,
    rows: &Dataset<Y>,
    metric: &str,
) -> imb_core::Result<f64> {
    let evidence = Evaluated::new(model, rows, false)?.evidence;
    let undefined = |error: anyhow::Error| Error::NotApplicable {
        method: metric.to_owned(),
        reason: format!("{error:#}"),
    };
    evidence.value(metric).map_err(undefined)
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Labels;
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Log(BTreeMap<String, f64>, bool);

    impl Watch for Log {
        fn value(&mut self, name: &str, value: f64) {
            self.0.insert(name.to_owned(), value);
        }

        fn capped(&mut self) {
            self.1 = true;
        }
    }

    impl Observe<Labels> for Log {}

    /// What another candidate, or a learner that judges, measured is not said of the chosen one.
    #[test]
    fn only_the_chosen_candidate_is_heard() {
        let mut log = Log::default();
        let mut told = Told::<Labels>::to(&mut log);
        told.value("copied_rows", 3.0);
        let chosen = told.take();
        told.value("copied_rows", 99.0);
        told.step("losses", &[("epoch", 1.0)]);
        told.capped();
        drop(told);
        assert!(log.0.is_empty() && log.1, "a budget that ended is told at once");
        chosen.tell::<Labels>(&mut log);
        assert_eq!(log.0["copied_rows"], 3.0);
    }
}
