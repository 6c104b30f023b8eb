//! How far a method is, and what it measures of its own work.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, Ordering};

use imb_core::{Observe, Target, Watch};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far a method is, keeps its values, and hands on the user's Ctrl-C.
pub(super) struct Progress {
    bar: ProgressBar,
    stop: &'static AtomicBool,
    values: BTreeMap<String, f64>,
    series: BTreeMap<String, Vec<BTreeMap<String, f64>>>,
}

impl Progress {
    pub(super) fn new(stop: &'static AtomicBool) -> Self {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
        let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, stop, values: BTreeMap::new(), series: BTreeMap::new() }
    }

    /// Takes the bar off the terminal.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// What the method measured of its own work, as JSON: its values, and each series as a list of steps.
    pub(super) fn trajectory(&self) -> serde_json::Value {
        let mut whole = serde_json::Map::new();
        whole.extend(self.values.iter().map(|(name, value)| (name.clone(), (*value).into())));
        whole.extend(self.series.iter().map(|(name, steps)| (name.clone(), serde_json::json!(steps))));
        whole.into()
    }
}

impl<Y: Target> Observe<Y> for Progress {}

impl Watch for Progress {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        // Trainings inside an outer loop are over too soon to be shown.
        if stage != "training" {
            self.bar.set_message(stage.to_owned());
            self.bar.set_length(total);
            self.bar.set_position(done);
        }
        if self.stop.load(Ordering::Relaxed) { Break(()) } else { Continue(()) }
    }

    fn value(&mut self, name: &str, value: f64) {
        self.values.insert(name.to_owned(), value);
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        let step = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        self.series.entry(series.to_owned()).or_default().push(step);
    }
}
