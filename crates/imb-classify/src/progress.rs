//! Reports progress a few times a second, and stops a fit when asked.

use std::time::{Duration, Instant};

use imb_core::{Error, Labels, Result, Run};

/// Often enough for a bar to move, seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(200);

/// One stage of a fit.
pub(crate) struct Progress {
    stage: &'static str,
    last: Instant,
}

impl Progress {
    pub(crate) fn new(stage: &'static str) -> Self {
        Self { stage, last: Instant::now() }
    }

    /// Tells the observer, if it has not heard for a while, that `done` of `total` steps are done.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the observer asks to stop.
    pub(crate) fn tell(&mut self, run: &mut Run<'_, Labels>, done: usize, total: usize) -> Result<()> {
        if self.last.elapsed() < INTERVAL {
            return Ok(());
        }
        self.last = Instant::now();
        if run.observer.progress(self.stage, done as u64, total as u64).is_break() {
            return Err(Error::Interrupted { stage: self.stage.into(), kept: "nothing is kept".into() });
        }
        Ok(())
    }
}
