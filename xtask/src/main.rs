//! `cargo xtask`: reproduces the papers, manages the data, runs benches and checks.
//!
//! It has no dependencies and runs other programs, so that it compiles and answers within a second.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program prints")]

mod bench;
mod check;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask reproduce [PAPER…] [--table N] [--profile P]  run the missing cells, then print the tables with
                      [--data DIR] [--results DIR]        verdicts; P is smoke, quick (default) or full
cargo xtask plan [PAPER…] [--profile P]                   list the missing cells and the time they may take
cargo xtask run [PAPER…] [--profile P]                    run the missing cells
cargo xtask merge PAPER DIR…                              join results that were run in parts
cargo xtask data list|verify [NAME…] [--data DIR]         list or verify the data sets in the data folder
cargo xtask data fetch [NAME…] [--data DIR]               download data sets into it
cargo xtask data import FOLDER [--data DIR]               copy data sets from another folder into it
cargo xtask bench NAME [--repeats N] [--save]             compare our speed with other libraries; NAME is
                                                          moods, neighbors, samplers, smote or train
cargo xtask check                                         run all checks that must pass before a commit

All tasks except bench and check run the program `imb`, which is built on first use and has its own --help.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["help" | "-h" | "--help", ..] => {
            println!("{HELP}");
            Ok(())
        }
        ["reproduce"] => show_committed().and_then(|()| imb(&words)),
        ["reproduce" | "data" | "run" | "plan" | "merge", ..] => imb(&words),
        ["bench", rest @ ..] => bench::run(rest),
        ["check"] => check::run(),
        ["check", "--tidy"] => tidy::run(),
        [unknown, ..] => Err(format!("unknown task \"{unknown}\"\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the committed tables at once, before anything is built or run.
fn show_committed() -> Result<(), String> {
    let experiments = root().join("experiments");
    for paper in ["moods", "adversarial", "aemlo"] {
        for path in markdown_in(&experiments.join(paper))? {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            println!("{text}");
        }
    }
    println!(
        "These are the tables committed in experiments/. Now `imb` is built, which takes a few minutes the\n\
         first time, and runs the missing cells of the quick profile. Ctrl-C stops it; the same command\n\
         resumes it."
    );
    Ok(())
}

/// The Markdown files of a folder, sorted by name.
fn markdown_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    Ok(paths)
}

/// Runs the program `imb`, built in the release profile, in the user's current folder.
fn imb(words: &[&str]) -> Result<(), String> {
    let manifest = root().join("Cargo.toml");
    let mut cargo = cargo();
    cargo.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "imb-harness",
        "--bin",
        "imb",
        "--manifest-path",
    ]);
    run(cargo.arg(manifest).arg("--").args(words))
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs this program.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command; an error if it cannot be started or fails.
fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}").replace('"', "");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
