//! A parameter of a resampler, chosen on validation rows in each fold anew.
//!
//! Every candidate resamples the training rows; the learners that choose are fitted to what it made and
//! predict the validation rows; the candidate with the highest mean of the metric stays. Test rows have no
//! place here. Where the candidates are rates, a resampler that can is trained once for all of them.

use cpu_time::ThreadTime;
use imb_core::{AtRate, Dataset, Error, Resampled, Run, Seed, Train};
use imb_methods::method;
use rand::Rng;
use serde::Serialize;

use super::Stage;
use crate::evidence::{Evaluated, Scored};
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
        let trained = self.trained(stage, train, &mut Run { rng: &mut rng, ..run.within(run.budget) })?;
        let training = start.elapsed().as_secs_f64();
        let mut best: Option<Tried<Y>> = None;
        for candidate in &self.candidates {
            let mut rng = seed.child(&candidate.to_string()).rng();
            let mut run = Run { rng: &mut rng, ..run.within(run.budget) };
            let (before, mut seconds) = (ThreadTime::now(), training);
            let resampled = match (&trained, number(candidate)) {
                (Some(trained), Some(rate)) => trained.at_rate(rate, &mut run)?,
                _ => stage.with(&self.parameter, candidate).resample(train, &mut run, &mut Vec::new())?,
            };
            seconds += before.elapsed().as_secs_f64();
            let value = self.judge(&resampled, train, validation, &mut run)?;
            if best.as_ref().is_none_or(|best| value > best.value) {
                best = Some(Tried { candidate, value, resampled, seconds });
            }
        }
        let missing = || Error::invalid_parameter(&self.parameter, "at least one candidate", "none");
        let best = best.ok_or_else(missing)?;
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
    /// CPU seconds of the resampling, a common training included.
    seconds: f64,
}

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
