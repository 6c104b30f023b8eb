//! `imb run`: runs the cells of papers that have no record yet.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use imb_core::Device;
use imb_data::{Catalog, DataDirs};
use imb_harness::cell::Cell;
use imb_harness::choices::Choices;
use imb_harness::evidence::Outcome;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::locks::Locks;
use imb_harness::own::{Own, set_parameter};
use imb_harness::paper::{Paper, papers};
use imb_harness::parts::Part;
use imb_harness::plan::{Briefs, Costs, Plan};
use imb_harness::profile::Profile;
use imb_harness::records::{Records, folder_of, listed};
use imb_harness::runner::{self, Ended, Recorded};
use indicatif::{ProgressBar, ProgressStyle};

use super::script::text_of;
use crate::DataFolder;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial, aemlo (default: all that can be run; none with --spec).
    #[arg(conflicts_with = "spec")]
    papers: Vec<String>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    how: How,
    /// Only part I of N: the parts have no cell in common, take about the same time, and are the same on every
    /// machine with the same data.
    #[arg(long, value_name = "I/N")]
    part: Option<Part>,
}

/// Which cells, with which data, and where their records are.
#[derive(Args)]
pub(crate) struct What {
    /// How much is run (default: sample for reproduce, else full).
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
    /// The results folder, with one record per cell.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) results: PathBuf,
    /// Only these data sets of the catalog; may be given more than once.
    #[arg(long = "dataset", value_name = "NAME")]
    pub(crate) datasets: Vec<String>,
    /// Only these columns; may be given more than once.
    #[arg(long = "column", value_name = "NAME")]
    columns: Vec<String>,
    /// Only these protocols; may be given more than once.
    #[arg(long = "protocol", value_name = "NAME")]
    protocols: Vec<String>,
    /// Only the first N runs of each column on each data set; with folds the first N repeats, and where several runs
    /// share a start, the first N starts.
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroUsize>,
    /// The device that trains networks; `imb list devices` shows which can be used.
    #[arg(long, default_value = "cpu")]
    pub(crate) device: Device,
    /// Instead of a profile's cells, those for comparing our runs with runs of the authors' code or with runs on another
    /// device; select that device with `--device`.
    #[arg(long)]
    comparison: bool,
    #[command(flatten)]
    own: OwnArguments,
}

/// Which experiment, if it is not a paper.
#[derive(Args)]
struct OwnArguments {
    /// An experiment of your own instead of papers: its spec.toml, as `imb new experiment` writes it.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The catalog of its data sets (default: catalog.toml beside the spec).
    #[arg(long, value_name = "FILE", requires = "spec")]
    catalog: Option<PathBuf>,
    /// Change a parameter of a column or a learner, such as smote.k_neighbors=3; may be given more than once.
    #[arg(long = "set", value_name = "COLUMN.PARAMETER=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,
}

/// What a command is asked for: papers, or an experiment of the user's own, and where their data are.
pub(crate) struct Asked {
    pub(crate) papers: Vec<Paper>,
    pub(crate) catalog: Catalog,
    pub(crate) dirs: DataDirs,
}

/// How cells are run.
#[derive(Args)]
pub(crate) struct How {
    /// Cells at a time (default: one per core).
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run failed cells again.
    #[arg(long)]
    retry_failed: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    super::device::require(arguments.what.device)?;
    if arguments.what.profile == Some(Profile::Sample) {
        bail!("a sample reruns recorded cells: use `imb reproduce --profile sample`");
    }
    let stop = stop_on_interrupt()?;
    let mut failed = 0;
    for experiment in arguments.what.experiments(&arguments.papers)? {
        let summary =
            execute(&experiment, &arguments.what, &arguments.how, arguments.part, stop, super::print)?;
        failed += summary.failed + experiment.damaged.len();
        for (row, reason) in &experiment.absent {
            super::print(&format!("  {row} cannot be run: {reason}"))?;
        }
        for [row, protocol, reason] in &experiment.skipped {
            super::print(&format!("  {row} is not run under {protocol}, which does not fit it: {reason}"))?;
        }
        if summary.interrupted {
            return Ok(ExitCode::from(130));
        }
        if experiment.paper.is_own && experiment.tables.is_empty() {
            bail!("{}: nothing could be run; the lines above say why", experiment.paper.spec.id);
        }
    }
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        failed => super::failure(&format!(
            "failed cells and faulty data sets: {failed}; the lines on standard output say why"
        )),
    })
}

/// What shows a text to the user.
pub(crate) type Say = fn(&str) -> Result<()>;

/// How the cells of a paper went.
#[derive(Default)]
pub(crate) struct RunSummary {
    /// Cells that failed, now or earlier.
    pub(crate) failed: usize,
    /// Whether the user ended it.
    pub(crate) interrupted: bool,
}

/// Runs what is missing of a paper, or of a part of it, and says how that went. Other processes may do the same in
/// the same folder: the work is shared, and each ends when all cells are recorded.
pub(crate) fn execute(
    experiment: &Experiment,
    what: &What,
    how: &How,
    part: Option<Part>,
    stop: &AtomicBool,
    say: Say,
) -> Result<RunSummary> {
    let paper = &experiment.paper.spec.id;
    let folder = folder_of(&what.results, paper);
    let cells = cells_of(experiment, what, part)?;
    // Opened before records are read, so that one that appears meanwhile is either read or noticed as new.
    let locks = if cells.is_empty() { None } else { Some(Locks::open(&folder, cells.iter().map(Cell::id))) };
    let briefs = match part {
        Some(_) => Briefs::read_of(&what.results, paper, &cells.iter().collect::<Vec<_>>()),
        None => Briefs::read(&what.results, paper)?,
    };
    if !briefs.problems.is_empty() {
        say(&format!("set aside, and run again:\n{}", listed(&briefs.problems)))?;
    }
    let plan = Plan::new(&cells, &briefs, &Costs::default());
    let (mut wanted, mut tally) = (plan.missing.clone(), Tally::default());
    if how.retry_failed {
        wanted.extend(plan.failed.iter().map(|(cell, _)| *cell));
    } else {
        tally.add_failed(&plan);
    }
    // Where nothing is to be run, nothing needs to be written.
    let locks = if wanted.is_empty() { None } else { locks.transpose().with_context(|| resumes(0))? };
    let keep = |recorded| tally.keep(recorded, &folder);
    let ended = how.run(experiment, &wanted, locks.as_ref(), stop, keep)?;
    let by_others = Briefs::read_of(&what.results, paper, &tally.elsewhere);
    tally.add_failed(&Plan::new(tally.elsewhere.clone(), &by_others, &Costs::default()));
    let interrupted = ended == Ended::Interrupted;
    let name = part.map_or_else(|| paper.clone(), |part| format!("{paper}, part {part}"));
    say(&tally.text(&name, cells.len(), wanted.len(), interrupted))?;
    if part.is_none() && !interrupted && what.cells(experiment)?.len() > cells.len() {
        // What has been chosen on the records made now has cells of its own.
        return execute(experiment, what, how, part, stop, say);
    }
    Ok(RunSummary { failed: tally.failed.len(), interrupted })
}

/// The cells that are asked for, or a part of them.
fn cells_of(experiment: &Experiment, what: &What, part: Option<Part>) -> Result<Vec<Cell>> {
    let Some(part) = part else { return what.cells(experiment) };
    let cells = what.cells_of_parts(experiment)?;
    // The committed records alone are the same on every machine.
    let costs = Costs::new([&Briefs::committed(&experiment.paper)?]);
    Ok(part.choose(cells, &costs))
}

/// How the cells of a run went.
#[derive(Default)]
struct Tally<'a> {
    failed: Vec<String>,
    /// Records written here.
    kept: usize,
    /// Cells that other processes recorded meanwhile.
    elsewhere: Vec<&'a Cell>,
}

impl<'a> Tally<'a> {
    fn add_failed(&mut self, plan: &Plan<'_>) {
        self.failed.extend(plan.failed.iter().map(|(cell, error)| format!("{}: {error}", cell.place)));
    }

    fn keep(&mut self, recorded: Recorded<'a>, folder: &Path) -> Result<()> {
        match recorded {
            Recorded::Elsewhere(cell) => self.elsewhere.push(cell),
            Recorded::Here(record) => {
                record.write(folder).with_context(|| resumes(self.kept))?;
                self.kept += 1;
                if let Outcome::Failed(error) = &record.outcome {
                    self.failed.push(format!("{}: {error}", record.place));
                }
            }
        }
        Ok(())
    }

    fn text(&self, name: &str, n_cells: usize, n_wanted: usize, interrupted: bool) -> String {
        let (before, kept, elsewhere) = (n_cells - n_wanted, self.kept, self.elsewhere.len());
        let mut text = format!("{name}: {n_cells} cells, {before} recorded before, {kept} run now");
        if elsewhere > 0 {
            text += &format!(", {elsewhere} by other processes");
        }
        text.push('\n');
        self.failed.iter().for_each(|failure| text += &format!("  failed: {failure}\n"));
        if interrupted {
            let left = n_wanted - kept - elsewhere;
            text += &format!("{name}: interrupted; {left} cells are left, and the same command resumes\n");
        }
        text
    }
}

fn resumes(kept: usize) -> String {
    format!("{kept} new records are kept; once this is fixed, the same command resumes")
}

impl How {
    /// Runs cells with a bar and hands over each record.
    pub(crate) fn run<'a>(
        &self,
        experiment: &Experiment,
        cells: &[&'a Cell],
        locks: Option<&Locks>,
        stop: &AtomicBool,
        mut keep: impl FnMut(Recorded<'a>) -> Result<()>,
    ) -> Result<Ended> {
        let bar = bar(&experiment.paper.spec.id, cells.len());
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let ended = runner::run(experiment, cells, jobs, locks, stop, |recorded| {
            bar.inc(1);
            keep(recorded)
        });
        bar.finish_and_clear();
        ended
    }
}

impl What {
    /// The profile that was asked for, or the full one.
    pub(crate) fn profile(&self) -> Profile {
        self.profile.unwrap_or(Profile::Full)
    }

    /// The profile that was asked for, or a sample.
    pub(crate) fn profile_or_sample(&self) -> Profile {
        self.profile.unwrap_or(Profile::Sample)
    }

    /// The words of a command line, in any folder, that select the same cells, data and results.
    pub(crate) fn words(&self) -> Result<Vec<String>> {
        let absolute = |path: &Path| text_of(&std::path::absolute(path)?);
        let profile = self.profile().to_possible_value().context("a profile with a name")?;
        let mut words = vec!["--profile".to_owned(), profile.get_name().to_owned()];
        if let Some(folder) = self.folder.named() {
            words.extend(["--data".to_owned(), absolute(&folder)?]);
        }
        words.extend(["--results".to_owned(), absolute(&self.results)?]);
        for (option, names) in
            [("--dataset", &self.datasets), ("--column", &self.columns), ("--protocol", &self.protocols)]
        {
            words.extend(names.iter().flat_map(|name| [option.to_owned(), name.clone()]));
        }
        words.extend(self.runs.into_iter().flat_map(|runs| ["--runs".to_owned(), runs.to_string()]));
        words.extend(["--device".to_owned(), self.device.to_string()]);
        for (option, file) in [("--spec", &self.own.spec), ("--catalog", &self.own.catalog)] {
            if let Some(file) = file {
                words.extend([option.to_owned(), absolute(file)?]);
            }
        }
        words.extend(self.own.set.iter().flat_map(|text| ["--set".to_owned(), text.clone()]));
        words.extend(self.comparison.then(|| "--comparison".to_owned()));
        Ok(words)
    }

    /// The papers of these names, or the experiment of the user's own, with changed parameters.
    pub(crate) fn asked(&self, names: &[String]) -> Result<Asked> {
        let dirs = self.folder.dirs()?;
        let OwnArguments { spec, catalog, set } = &self.own;
        let mut asked = match spec {
            Some(spec) => {
                let own = Own::read(spec, catalog.as_deref())?;
                Asked { dirs: own.dirs(dirs), papers: vec![own.paper], catalog: own.catalog }
            }
            None => Asked { papers: papers(names)?, catalog: Catalog::built_in(), dirs },
        };
        if set.is_empty() {
            return Ok(asked);
        }
        let [paper] = asked.papers.as_mut_slice() else {
            bail!("--set changes one experiment: name one paper, or --spec FILE");
        };
        set.iter().try_for_each(|text| set_parameter(&mut paper.spec, text))?;
        Ok(asked)
    }

    /// Whether parameters were changed.
    pub(crate) fn is_changed(&self) -> bool {
        !self.own.set.is_empty()
    }

    /// Whether an experiment of the user's own is asked for.
    pub(crate) fn is_own(&self) -> bool {
        self.own.spec.is_some()
    }

    /// What is asked for, with its data.
    pub(crate) fn experiments(&self, names: &[String]) -> Result<Vec<Experiment>> {
        let Asked { papers, catalog, dirs } = self.asked(names)?;
        let can_run = |paper: &Paper| !names.is_empty() || !paper.spec.columns.is_empty();
        let read = |paper| Experiment::read_only(paper, &catalog, &dirs, &self.datasets);
        papers.into_iter().filter(can_run).map(read).collect()
    }

    /// The cells that are asked for.
    pub(crate) fn cells(&self, experiment: &Experiment) -> Result<Vec<Cell>> {
        let selection = self.selection(experiment)?;
        if self.comparison {
            return experiment.comparison_cells(&selection);
        }
        experiment.cells(&selection)
    }

    /// The cells that are shared out in parts. What is chosen on records is chosen on the committed ones alone, which
    /// are the same on every machine and do not change while the parts are run.
    pub(crate) fn cells_of_parts(&self, experiment: &Experiment) -> Result<Vec<Cell>> {
        if !experiment.paper.spec.chooses_on_test_rows() {
            return self.cells(experiment);
        }
        let records = experiment.paper.committed_records()?;
        let choices = experiment.choices(&records)?;
        let selection = Selection { choices, ..self.selection(experiment)? };
        if self.comparison { experiment.comparison_cells(&selection) } else { experiment.cells(&selection) }
    }

    /// Which cells are asked for.
    pub(crate) fn selection(&self, experiment: &Experiment) -> Result<Selection> {
        Ok(Selection {
            profile: self.profile(),
            datasets: self.datasets.clone(),
            columns: self.columns.clone(),
            protocols: self.protocols.clone(),
            most_runs: self.runs,
            device: self.device,
            choices: self.choices(experiment)?,
        })
    }

    /// What records choose, those that are committed and those of the results folder.
    fn choices(&self, experiment: &Experiment) -> Result<Choices> {
        if !experiment.paper.spec.chooses_on_test_rows() {
            return Ok(Choices::default());
        }
        let mut records = experiment.paper.committed_records()?;
        records.extend(Records::read(&self.results, &experiment.paper.spec.id)?);
        experiment.choices(&records)
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
