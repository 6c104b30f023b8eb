//! A program whose gradient steps are timed.

use std::process::Command;

use super::Worker;

/// The seconds that each measurement should take.
const SECONDS: f64 = 1.0;

/// A worker, and the number of steps that makes a measurement long enough.
pub(super) struct Timed {
    pub(super) worker: Worker,
    steps: u64,
}

impl Timed {
    pub(super) fn start(command: &mut Command) -> Result<Self, String> {
        // Two short runs: the first warms up, the second measures the rate.
        let mut timed = Self { worker: Worker::start(command)?, steps: 100 };
        timed.rate()?;
        timed.steps = (timed.rate()? * SECONDS).ceil() as u64;
        Ok(timed)
    }

    /// Steps per second.
    pub(super) fn rate(&mut self) -> Result<f64, String> {
        Ok(self.steps as f64 / self.worker.number(&format!("run {}", self.steps))?)
    }
}
