//! `imb`: the harness on the command line.

#![allow(clippy::print_stdout, reason = "a program prints")]

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use imb_data::DataDirs;
use tracing_subscriber::EnvFilter;

use commands::interrupt::INTERRUPTED;
use commands::{
    completions, data, describe, lint_table, list, merge, new, plan, predictions, reproduce, resample, run,
    score, split,
};

/// glibc gives the buffers of a training back to the system at each step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Imbalanced learning: describe, resample and score data, compare methods on it, and reproduce the tables of papers
/// with a verdict on every printed value that has been run.
#[derive(Parser)]
#[command(name = "imb", version, max_term_width = 100, after_help = EXIT_STATUS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What the program returns.
const EXIT_STATUS: &str = "Exit status:
  0    all done
  1    something failed or was found wrong, or there is nothing of a name (a data set, a column, a file); standard
       error says what, and no half-written output stays
  2    the command line is wrong: an option or its value, as --help describes them
  130  interrupted with Ctrl-C; but 0 where `imb resample` then writes the best rows found so far, and says so";

#[derive(Subcommand)]
enum Command {
    /// List data sets, methods and devices.
    List(list::Arguments),
    /// Measure a data set of the catalog, or a file: size, gaps, imbalance.
    Describe(describe::Arguments),
    /// Resample a table of your own.
    Resample(resample::Arguments),
    /// Score predictions of your own.
    Score(score::Arguments),
    /// Check printed tables by arithmetic alone.
    LintTable(lint_table::Arguments),
    /// Show which rows of a data set train, validate and test under a protocol.
    Split(split::Arguments),
    /// Start an experiment of your own from a file.
    New(new::Arguments),
    /// Run the cells of papers, or of an experiment of your own, that have no record yet.
    Run(run::Arguments),
    /// Show which cells are done, which are missing, and how long those may take.
    Plan(plan::Arguments),
    /// Join results folders that each hold a part of the cells.
    Merge(merge::Arguments),
    /// Show each paper's answer, then run recorded cells again and compare.
    Reproduce(reproduce::Arguments),
    /// Run a recorded cell again and write what it predicts for each test row.
    Predictions(predictions::Arguments),
    /// List, verify, import or download data sets.
    Data(data::Arguments),
    /// Print a completion script for a shell.
    Completions(completions::Arguments),
}

/// Where data are looked for.
#[derive(Args)]
struct DataFolder {
    /// The data folder (default: IMB_DATA, then the user's cache folder).
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataFolder {
    /// The folder that is named here or by the environment.
    fn named(&self) -> Option<PathBuf> {
        let of_environment =
            || std::env::var_os("IMB_DATA").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        self.data.clone().or_else(of_environment)
    }

    fn dirs(&self) -> imb_core::Result<DataDirs> {
        DataDirs::find(self.data.as_deref())
    }
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("IMB_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();
    let done = match Cli::parse().command {
        Command::List(arguments) => list::run(&arguments),
        Command::Describe(arguments) => describe::run(&arguments),
        Command::Resample(arguments) => resample::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::LintTable(arguments) => lint_table::run(&arguments),
        Command::Split(arguments) => split::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
        Command::Predictions(arguments) => predictions::run(&arguments),
        Command::Data(arguments) => data::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            commands::print_aside(&format!("imb: {}", said_once(&error)));
            match error.downcast_ref() {
                Some(imb_core::Error::Interrupted { .. }) => ExitCode::from(INTERRUPTED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// An error and its causes, without those that it has said itself.
fn said_once(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| {
        match (said.is_empty(), said.contains(&cause)) {
            (true, _) => cause,
            (false, true) => said,
            (false, false) => format!("{said}: {cause}"),
        }
    })
}
