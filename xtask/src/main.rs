//! `cargo xtask`: reproduce the papers, look after data, check before a commit.
//!
//! It has no dependencies and shells out, so that it answers at once.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program prints")]

mod bench;
mod check;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask reproduce [PAPER…] [--table N] [--profile P]  run what is missing, then the tables with
                      [--data DIR] [--results DIR]        verdicts; P is smoke, quick (if not said) or full
cargo xtask plan|run [PAPER…] [--profile P]               what is missing and how long it may take; run it
cargo xtask merge PAPER DIR…                              join results that were run in parts
cargo xtask data list|verify [NAME…] [--data DIR]         the data folder
cargo xtask data fetch [NAME…] [--data DIR]               download data sets into it
cargo xtask data import FOLDER [--data DIR]               sort data files from a folder into it
cargo xtask bench NAME [--save]                           ours against others, in turns: moods,
                                                          neighbors, samplers, smote, train
cargo xtask check                                         all that must pass before a commit

All but bench and check run the program `imb`, which takes --help as well; the first run builds it.";

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
        [unknown, ..] => Err(format!("there is no task \"{unknown}\"\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The tables that are committed, at once, before anything is built or run.
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
        "These are the tables that are committed in experiments/. Now `imb` is built, a few minutes the"
    );
    println!(
        "first time, and runs what is missing in the quick profile; Ctrl-C ends it, and the same command"
    );
    println!("goes on.");
    Ok(())
}

/// The Markdown files of a folder, by name.
fn markdown_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    Ok(paths)
}

/// Runs the harness, built for speed, in the folder of the user.
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

/// Runs a command and fails if it fails.
fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}").replace('"', "");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
