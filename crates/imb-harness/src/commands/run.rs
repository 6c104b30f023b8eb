//! `imb run`: runs the cells of papers that have no record yet.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clap::Args;
use imb_core::Device;
use imb_data::Catalog;
use imb_harness::cell::{Cell, Outcome};
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::paper::papers;
use imb_harness::plan::Plan;
use imb_harness::profile::Profile;
use imb_harness::record::Records;
use imb_harness::runner::{self, Ended};
use indicatif::{ProgressBar, ProgressStyle};

use crate::DataFolder;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial; all that can be run if none is named.
    papers: Vec<String>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    how: How,
}

/// Which cells, with which data, and where their records are.
#[derive(Args)]
pub(crate) struct What {
    /// How much is run.
    #[arg(long, value_enum, default_value = "quick")]
    pub(crate) profile: Profile,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
    /// The results folder, with a record a cell.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) results: PathBuf,
    /// Only these data sets of the catalog.
    #[arg(long = "dataset", value_name = "NAME")]
    datasets: Vec<String>,
    /// Only these columns.
    #[arg(long = "column", value_name = "NAME")]
    columns: Vec<String>,
    /// What trains: cpu, or flex (burn, where it is built in).
    #[arg(long, default_value = "cpu")]
    pub(crate) device: Device,
    /// The cells of comparisons, instead of a profile's: with runs of the authors' code, and with runs
    /// on another device, which `--device` runs.
    #[arg(long)]
    comparison: bool,
}

/// How cells are run.
#[derive(Args)]
pub(crate) struct How {
    /// Cells at a time; all cores if not said.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run failed cells again.
    #[arg(long)]
    retry_failed: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let stop = stop_on_interrupt()?;
    let mut failed = 0;
    for experiment in arguments.what.experiments(&arguments.papers)? {
        let ran = execute(&experiment, &arguments.what, &arguments.how, stop, true)?;
        failed += ran.failed + experiment.damaged.len();
        for (row, reason) in &experiment.absent {
            super::print(&format!("  {row} cannot be run: {reason}"))?;
        }
        if ran.interrupted {
            return Ok(ExitCode::from(130));
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How a paper's cells went.
#[derive(Default)]
pub(crate) struct Ran {
    /// Cells that failed, now or earlier.
    pub(crate) failed: usize,
    /// Whether the user ended it.
    pub(crate) interrupted: bool,
}

/// Runs what is missing of a paper and says how that went.
pub(crate) fn execute(
    experiment: &Experiment,
    what: &What,
    how: &How,
    stop: &AtomicBool,
    loud: bool,
) -> Result<Ran> {
    let paper = &experiment.paper.spec.id;
    let cells = what.cells(experiment)?;
    let records = Records::read(&what.results, paper)?;
    let plan = Plan::new(&cells, &records, &Records::default());
    let mut wanted = plan.missing.clone();
    if how.retry_failed {
        wanted.extend(plan.failed.iter().map(|(cell, _)| *cell));
    }
    let mut failed: Vec<String> = match how.retry_failed {
        true => Vec::new(),
        false => plan.failed.iter().map(|(cell, error)| format!("{}: {error}", cell.place)).collect(),
    };
    let bar = bar(paper, wanted.len());
    let jobs = how.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut kept = 0;
    let ended = runner::run(experiment, &wanted, jobs, what.device, stop, |record| {
        Records::write(&what.results, &record).with_context(|| {
            format!("{kept} new records are kept, and the same command goes on once this is mended")
        })?;
        kept += 1;
        bar.inc(1);
        if let Outcome::Failed(error) = &record.outcome {
            failed.push(format!("{}: {error}", record.place));
        }
        Ok(())
    });
    bar.finish_and_clear();
    let ended = ended?;
    let ran = Ran { failed: failed.len(), interrupted: ended == Ended::Interrupted };
    if loud {
        let before = cells.len() - wanted.len();
        let mut text = format!("{paper}: {} cells, {before} recorded before, {kept} run now\n", cells.len());
        failed.iter().for_each(|failure| text += &format!("  failed: {failure}\n"));
        if ran.interrupted {
            let left = wanted.len() - kept;
            text += &format!("{paper}: interrupted; {left} cells are left, and the same command goes on\n");
        }
        super::print(&text)?;
    }
    Ok(ran)
}

impl What {
    /// The papers with their data.
    pub(crate) fn experiments(&self, names: &[String]) -> Result<Vec<Experiment>> {
        let (catalog, dirs) = (Catalog::built_in(), self.folder.dirs()?);
        let all = papers(names)?.into_iter();
        let can_run = |paper: &imb_harness::paper::Paper| !names.is_empty() || !paper.spec.columns.is_empty();
        all.filter(can_run).map(|paper| Experiment::read(paper, &catalog, &dirs)).collect()
    }

    /// The cells that are meant.
    pub(crate) fn cells(&self, experiment: &Experiment) -> Result<Vec<Cell>> {
        if self.comparison {
            return experiment.comparison_cells(self.device);
        }
        experiment.cells(&Selection {
            profile: self.profile,
            datasets: self.datasets.clone(),
            columns: self.columns.clone(),
            device: self.device,
        })
    }
}

/// A flag that the user's Ctrl-C raises; a second one ends the program at once.
pub(crate) fn stop_on_interrupt() -> Result<&'static AtomicBool> {
    static STOP: AtomicBool = AtomicBool::new(false);
    static HANDLED: AtomicBool = AtomicBool::new(false);
    if !HANDLED.swap(true, Ordering::Relaxed) {
        ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        })?;
    }
    Ok(&STOP)
}

fn bar(paper: &str, cells: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} cells, {eta} left");
    let bar = ProgressBar::new(cells as u64).with_prefix(paper.to_owned());
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
