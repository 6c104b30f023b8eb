//! Many base models, fitted side by side.

use imb_core::{Budget, Device, LabelMatrix, Labels, Observe, Result, Run, Seed, Watch};
use rand::Rng as _;
use rayon::prelude::*;

use super::proceed;

/// Fits base models by number, each with a generator of its own: a model fitted again is the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fitter {
    seed: Seed,
    device: Device,
    budget: Option<Budget>,
}

/// Models that each thread fits between two reports of progress.
const MODELS_BETWEEN_REPORTS: usize = 8;

impl Fitter {
    /// Draws one number from the run, however many models follow.
    pub(super) fn new(run: &mut Run<'_, LabelMatrix>) -> Self {
        Self { seed: Seed::new(run.rng.next_u64()), device: run.device, budget: run.budget }
    }

    /// Fits `n` models on all threads, in order of their numbers. Of several errors the first is returned.
    pub(super) fn fit_all<T: Send>(
        &self,
        stage: &str,
        n: usize,
        watch: &mut (impl Watch + ?Sized),
        fit: impl Fn(usize, &mut Run<'_, Labels>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let at_once = rayon::current_num_threads() * MODELS_BETWEEN_REPORTS;
        let mut models = Vec::with_capacity(n);
        while models.len() < n {
            proceed(watch, stage, models.len(), n)?;
            let numbers = models.len()..n.min(models.len() + at_once);
            let fitted: Vec<_> = numbers.into_par_iter().map(|number| self.fit_one(number, &fit)).collect();
            for (model, capped) in fitted {
                if capped {
                    watch.capped();
                }
                models.push(model?);
            }
        }
        proceed(watch, stage, n, n)?;
        Ok(models)
    }

    /// Fits the model of a number, and says whether a budget ended it.
    pub(super) fn fit_one<T>(
        &self,
        number: usize,
        fit: impl Fn(usize, &mut Run<'_, Labels>) -> Result<T>,
    ) -> (Result<T>, bool) {
        let mut rng = self.seed.index(number as u64).rng();
        let mut observer = Capped(false);
        let mut run =
            Run { rng: &mut rng, observer: &mut observer, device: self.device, budget: self.budget };
        let model = fit(number, &mut run);
        (model, observer.0)
    }
}

/// Notes whether a budget ended a training. Other threads cannot reach who watches.
struct Capped(bool);

impl Watch for Capped {
    fn capped(&mut self) {
        self.0 = true;
    }
}

impl Observe<Labels> for Capped {}
