//! Runs cells on all cores and hands over each record as it is made.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

use crate::cell::{Cell, Ran};
use crate::evidence::Outcome;
use crate::experiment::Experiment;
use crate::record::{Cost, Record};
use crate::rows::AnyRows;

/// How a run of cells ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every cell was run.
    Complete,
    /// The flag was raised; cells that were under way are lost.
    Interrupted,
}

/// Runs cells with `jobs` workers, one cell a worker at a time. Each record is handed to `keep` as
/// soon as it is made; their order depends on the workers, their content does not.
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
    stop: &AtomicBool,
    mut keep: impl FnMut(Record) -> Result<()>,
) -> Result<Ended> {
    let shared = |a: &&Cell, b: &&Cell| a.place.shares_rows_with(&b.place);
    let queue: Mutex<VecDeque<&[&Cell]>> = Mutex::new(cells.chunk_by(shared).collect());
    let machine = Machine::here();
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

fn work(
    experiment: &Experiment,
    queue: &Mutex<VecDeque<&[&Cell]>>,
    machine: &Machine,
    stop: &AtomicBool,
    sender: &Sender<Record>,
) {
    // Cells run side by side, so a cell has one thread: its CPU time is then all of its cost.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().context("a thread for a worker");
    while !stop.load(Ordering::Relaxed) {
        let Some(cells) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
        let mut rows = contained(|| experiment.rows(&cells[0].place).map_err(|error| format!("{error:#}")));
        for cell in cells {
            let run = || match &mut rows {
                Ok(rows) => run_cell(experiment, cell, rows, stop),
                Err(error) => Some(failed(error.clone())),
            };
            let ran = match &pool {
                Ok(pool) => pool.install(run),
                Err(error) => Some(failed(format!("{error:#}"))),
            };
            // An interrupted cell has no outcome; it is run anew next time.
            let Some(ran) = ran else { return };
            if sender.send(Record::new(cell, ran, machine.cost())).is_err() {
                return;
            }
        }
    }
}

fn failed(error: String) -> Ran {
    Ran { outcome: Outcome::Failed(error), seconds: Vec::new() }
}

fn run_cell(experiment: &Experiment, cell: &Cell, rows: &mut AnyRows, stop: &AtomicBool) -> Option<Ran> {
    let run = || Ok(cell.run(experiment.seed(), rows, stop).ok());
    contained(run).unwrap_or_else(|panic| Some(failed(panic)))
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
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// The instructions that train.
    pub instructions: &'static str,
}

impl Machine {
    /// The machine that this program runs on.
    pub fn here() -> Self {
        let mut system = sysinfo::System::new();
        system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
        let name = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned());
        let processor = name.filter(|name| !name.is_empty());
        Self {
            processor: processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            instructions: imb_neural::instruction_set(),
        }
    }

    fn cost(&self) -> Cost {
        Cost {
            cpu_seconds: Vec::new(),
            processor: self.processor.clone(),
            instructions: self.instructions.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
