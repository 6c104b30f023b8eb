//! One side of `cargo xtask bench cells`: reads requests on standard input and answers on standard output.
//!
//! It says its version first. Then each number of cells is answered by the seconds that it takes to plan so many toy
//! cells of ten milliseconds, to share them out among 100 tasks, to run the tasks one after another on all
//! processors, to plan again when all is recorded, and to merge the records into another folder.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use imb_core::Device;
use imb_data::{Catalog, DataDirs};
use imb_harness::cell::Cell;
use imb_harness::choices::Choices;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::locks::Locks;
use imb_harness::paper::papers;
use imb_harness::parts::{Part, split};
use imb_harness::plan::{Briefs, Costs, Plan};
use imb_harness::profile::Profile;
use imb_harness::records::{folder_of, merge};
use imb_harness::runner::{self, Recorded};
use imb_harness::spec::RunRule;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAPER: &str = "moods";
const TASKS: usize = 100;

/// Instead of the paper's protocols and columns.
const PROTOCOLS: &str = r#"
[sound]
split = { stratified = { validation = 0.2, test = 0.2 } }
learner = { method = "toy_fit", milliseconds = 10 }
"#;
const COLUMNS: &str = r#"
[none]
title = "toy"
"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("imb-harness {}", env!("CARGO_PKG_VERSION"));
    for line in std::io::stdin().lock().lines() {
        let seconds = measure(line?.trim().parse()?)?;
        println!("{}", seconds.map(|seconds| seconds.to_string()).join(" "));
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn measure(n_cells: usize) -> Result<[f64; 5], Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (results, merged) = (folder.path().join("results"), folder.path().join("merged"));
    let experiment = experiment(n_cells)?;
    let mut seconds = [0.0; 5];
    let mut timed = |step: usize, start: Instant| seconds[step] = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let cells = plan(&experiment, &results, 0)?;
    timed(0, start);

    let start = Instant::now();
    let costs = Costs::default();
    let parts = split(&cells, &costs, TASKS);
    timed(1, start);
    assert!((0..TASKS).all(|part| parts.contains(&part)));

    let start = Instant::now();
    for number in 1..=TASKS {
        run(&experiment, &results, Part { number, of: TASKS }.choose(cells.clone(), &costs))?;
    }
    timed(2, start);

    let start = Instant::now();
    plan(&experiment, &results, n_cells)?;
    timed(3, start);

    let start = Instant::now();
    let records = merge(&cells, |_| true, PAPER, &[results], &merged)?;
    records.write_missing(&folder_of(&merged, PAPER))?;
    timed(4, start);
    assert_eq!(records.len(), n_cells);
    Ok(seconds)
}

/// The data set that is built in, so many times split at random.
fn experiment(n_cells: usize) -> Result<Experiment, Box<dyn Error>> {
    let mut paper = papers(&[PAPER.to_owned()])?.remove(0);
    paper.spec.protocols = toml::from_str(PROTOCOLS)?;
    paper.spec.columns = toml::from_str(COLUMNS)?;
    paper.spec.runs = vec![RunRule { runs: n_cells, ..RunRule::default() }];
    Ok(Experiment::read(paper, &Catalog::built_in(), &DataDirs::only(Vec::new()))?)
}

fn plan(experiment: &Experiment, results: &Path, n_done: usize) -> Result<Vec<Cell>, Box<dyn Error>> {
    let cells = experiment.cells(&Selection {
        profile: Profile::Full,
        datasets: Vec::new(),
        columns: Vec::new(),
        protocols: Vec::new(),
        most_runs: None,
        device: Device::Cpu,
        choices: Choices::default(),
    })?;
    let briefs = Briefs::read(results, PAPER)?;
    assert_eq!(Plan::new(&cells, &briefs, &Costs::new([&briefs])).done.len(), n_done);
    Ok(cells)
}

/// What `imb run --part` does.
fn run(experiment: &Experiment, results: &Path, cells: Vec<Cell>) -> Result<(), Box<dyn Error>> {
    let folder = folder_of(results, PAPER);
    let locks = Locks::open(&folder, cells.iter().map(Cell::id))?;
    let cells: Vec<&Cell> = cells.iter().collect();
    let briefs = Briefs::read_of(results, PAPER, &cells);
    let missing = Plan::new(cells, &briefs, &Costs::default()).missing;
    let workers = std::thread::available_parallelism()?.get();
    runner::run(experiment, &missing, workers, Some(&locks), &AtomicBool::new(false), |recorded| {
        match recorded {
            Recorded::Here(record) => record.write(&folder),
            Recorded::Elsewhere(_) => Ok(()),
        }
    })?;
    Ok(())
}
