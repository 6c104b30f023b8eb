//! Runs cells on all cores and hands over each record as it is made.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::Result;
use imb_core::Device;

use crate::cell::{Cell, Outcome, Place};
use crate::experiment::Experiment;
use crate::record::{Cost, Record};
use crate::rows::RunRows;

/// How a run of cells ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every cell was run.
    Complete,
    /// The flag was raised; cells that were under way are lost.
    Interrupted,
}

/// Runs cells with `jobs` workers, one cell a worker at a time. Each record is handed to `keep` as
/// soon as it is made; their order depends on the workers, what is in them does not.
///
/// The cells of one run of a data set share its prepared rows, so they should stand side by side.
/// Raising `stop` ends the run soon.
///
/// # Errors
/// That of `keep`, which ends the run. A cell that fails is no error: its record says why.
pub fn run(
    experiment: &Experiment,
    cells: &[&Cell],
    jobs: usize,
    device: Device,
    stop: &AtomicBool,
    mut keep: impl FnMut(Record) -> Result<()>,
) -> Result<Ended> {
    let shared = |a: &&Cell, b: &&Cell| rows_of(&a.place) == rows_of(&b.place);
    let queue: Mutex<VecDeque<&[&Cell]>> = Mutex::new(cells.chunk_by(shared).collect());
    let machine = Machine::here(device);
    let mut kept = Ok(());
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..jobs.max(1) {
            let (sender, queue, machine) = (sender.clone(), &queue, &machine);
            scope.spawn(move || work(experiment, queue, machine, stop, &sender));
        }
        drop(sender);
        for record in receiver {
            if kept.is_ok() {
                kept = keep(record);
                if kept.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    kept?;
    Ok(if stop.load(Ordering::Relaxed) { Ended::Interrupted } else { Ended::Complete })
}

/// What cells must have in common to share their rows.
fn rows_of(place: &Place) -> (&str, &str, usize, crate::protocol::TrainingRows) {
    (&place.dataset, &place.protocol, place.run, place.rows)
}

fn work(
    experiment: &Experiment,
    queue: &Mutex<VecDeque<&[&Cell]>>,
    machine: &Machine,
    stop: &AtomicBool,
    sender: &Sender<Record>,
) {
    while !stop.load(Ordering::Relaxed) {
        let Some(cells) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
        let rows = contained(|| experiment.rows(&cells[0].place).map_err(|error| format!("{error:#}")));
        for cell in cells {
            let start = Instant::now();
            let outcome = match &rows {
                Ok(rows) => run_cell(experiment, cell, rows, machine.device, stop),
                Err(error) => Some(Outcome::Failed(error.clone())),
            };
            // An interrupted cell has no outcome; it is run anew next time.
            let Some(outcome) = outcome else { return };
            let cost = machine.cost(start.elapsed().as_secs_f64());
            if sender.send(Record::new(cell, outcome, cost)).is_err() {
                return;
            }
        }
    }
}

fn run_cell(
    experiment: &Experiment,
    cell: &Cell,
    rows: &RunRows,
    device: Device,
    stop: &AtomicBool,
) -> Option<Outcome> {
    let run = || Ok(cell.run(experiment.seed(), rows, device, stop).ok());
    contained(run).unwrap_or_else(|panic| Some(Outcome::Failed(panic)))
}

/// A panic is a fault of ours; it costs the cell, not the run.
fn contained<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// What cells are run on.
struct Machine {
    processor: String,
    device: Device,
}

impl Machine {
    fn here(device: Device) -> Self {
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
        Self { processor: name.to_owned(), device }
    }

    fn cost(&self, seconds: f64) -> Cost {
        Cost {
            seconds: (seconds * 1e4).round() / 1e4,
            processor: self.processor.clone(),
            instructions: imb_neural::instruction_set().to_owned(),
            device: self.device.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
