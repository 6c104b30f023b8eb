//! Runs cells on all cores and hands over each record as it is made.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cell::{Cell, Ran};
use crate::evidence::Outcome;
use crate::experiment::Experiment;
use crate::locks::{Asked, Lock, Locks};
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

/// How a cell got its record.
pub enum Recorded<'a> {
    /// It was run here, and its record is to be written.
    Here(Box<Record>),
    /// Another process wrote its record.
    Elsewhere(&'a Cell),
}

/// How long to wait before asking again for cells that other processes run.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs cells with `jobs` workers, one cell a worker at a time. Each record is handed to `keep` as
/// soon as it is made; their order depends on the workers, their content does not.
///
/// With `locks`, cells that another process runs are left to it, and the run ends when each cell has a record,
/// whoever made it.
///
/// The cells of one run of a data set share its prepared rows, so they should stand side by side.
/// Raising `stop` ends the run soon.
///
/// # Errors
/// That of `keep` or of the locks, which ends the run. A cell that fails is no error: its record says why.
pub fn run<'a>(
    experiment: &Experiment,
    cells: &[&'a Cell],
    jobs: usize,
    locks: Option<&Locks>,
    stop: &AtomicBool,
    mut keep: impl FnMut(Recorded<'a>) -> Result<()>,
) -> Result<Ended> {
    let shared = |a: &&Cell, b: &&Cell| a.place.shares_rows_with(&b.place);
    let groups = cells.chunk_by(shared).map(|cells| Group { cells: cells.to_vec(), is_new: true });
    let queue = Mutex::new(groups.collect());
    let machine = Machine::here();
    let mut kept = Ok(());
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..jobs.max(1) {
            let worker =
                Worker { experiment, queue: &queue, machine: &machine, locks, stop, sender: sender.clone() };
            scope.spawn(move || worker.work());
        }
        drop(sender);
        for message in receiver {
            if kept.is_ok() {
                // The lock is held until the record is written.
                kept = message.and_then(|(recorded, _lock)| keep(recorded));
                if kept.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    kept?;
    Ok(if stop.load(Ordering::Relaxed) { Ended::Interrupted } else { Ended::Complete })
}

/// Cells that share their rows.
struct Group<'a> {
    cells: Vec<&'a Cell>,
    /// Whether no worker has looked at it yet.
    is_new: bool,
}

type Message<'a, 'l> = Result<(Recorded<'a>, Lock<'l>)>;

struct Worker<'a, 'l> {
    experiment: &'l Experiment,
    queue: &'l Mutex<VecDeque<Group<'a>>>,
    machine: &'l Machine,
    locks: Option<&'l Locks>,
    stop: &'l AtomicBool,
    sender: Sender<Message<'a, 'l>>,
}

/// The worker is to end: the run was stopped, or nobody listens.
struct Stopped;

impl<'a, 'l> Worker<'a, 'l> {
    fn work(&self) {
        // Cells run side by side, so a cell has one thread: its CPU time is then all of its cost.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = match pool.context("a thread for a worker") {
            Ok(pool) => pool,
            Err(error) => return drop(self.send(Err(error))),
        };
        while !self.stop.load(Ordering::Relaxed) {
            let Some(group) = self.queue().pop_front() else { return };
            let (count, is_new) = (group.cells.len(), group.is_new);
            let Ok(held) = pool.install(|| self.run_group(group)) else { return };
            if held.is_empty() {
                continue;
            }
            if held.len() == count && !is_new {
                thread::sleep(PATIENCE);
            }
            self.queue().push_back(Group { cells: held, is_new: false });
        }
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Group<'a>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the cells that no other process runs, and returns the others. A new group in which another process is
    /// at work is left to it as a whole, so that its rows are prepared once; what it has not begun when all other
    /// groups are done is shared.
    fn run_group(&self, group: Group<'a>) -> Result<Vec<&'a Cell>, Stopped> {
        let (mut rows, mut held) = (None, Vec::new());
        for (at, &cell) in group.cells.iter().enumerate() {
            match self.ask(cell)? {
                Asked::Held if group.is_new => {
                    held.extend(&group.cells[at..]);
                    break;
                }
                Asked::Held => held.push(cell),
                Asked::Recorded => self.send(Ok((Recorded::Elsewhere(cell), Lock::none())))?,
                Asked::Granted(lock) => {
                    let record = self.record(cell, rows.get_or_insert_with(|| self.rows(cell)))?;
                    self.send(Ok((Recorded::Here(Box::new(record)), lock)))?;
                }
            }
        }
        Ok(held)
    }

    fn ask(&self, cell: &Cell) -> Result<Asked<'l>, Stopped> {
        let Some(locks) = self.locks else { return Ok(Asked::Granted(Lock::none())) };
        locks.ask(&cell.id()).or_else(|error| self.send(Err(error)).and(Err(Stopped)))
    }

    fn send(&self, message: Message<'a, 'l>) -> Result<(), Stopped> {
        self.sender.send(message).map_err(|_| Stopped)
    }

    fn rows(&self, cell: &Cell) -> Result<AnyRows, String> {
        contained(|| self.experiment.rows(&cell.place).map_err(|error| format!("{error:#}")))
    }

    fn record(&self, cell: &Cell, rows: &mut Result<AnyRows, String>) -> Result<Record, Stopped> {
        let ran = match rows {
            Ok(rows) => run_cell(self.experiment, cell, rows, self.stop),
            Err(error) => Some(failed(error.clone())),
        };
        // An interrupted cell has no outcome; it is run anew next time.
        Ok(Record::new(cell, ran.ok_or(Stopped)?, self.machine.cost()))
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
