//! `cargo xtask`: reproduces the papers, manages the data, runs benches and checks.
//!
//! It has no dependencies and runs other programs, so that it compiles and answers within a second.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program prints")]

mod bench;
mod check;
mod device;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask reproduce [PAPER…] [--profile P]              print each paper's answer, then run cells again; P is
                      [--data DIR] [--results DIR]        sample (default), smoke or full
cargo xtask plan [PAPER…] [--profile P]                   list the missing cells and the time they may take
cargo xtask run [PAPER…] [--profile P]                    run the missing cells
cargo xtask merge PAPER DIR…                              join results that were run in parts
cargo xtask data list|verify [NAME…] [--data DIR]         list or verify the data sets in the data folder
cargo xtask data fetch [NAME…] [--data DIR]               download data sets into it
cargo xtask data import FOLDER [--data DIR]               copy data sets from another folder into it
cargo xtask build --device NAME                           build the program for another device: flex, ndarray,
                                                          tch, tch-cuda, wgpu or cuda
cargo xtask bench NAME [--repeats N] [--save]             compare our speed with other libraries; NAME is
                                                          adversarial, aemlo, cells, moods, multi-label,
                                                          neighbors, samplers, smote or train
cargo xtask check                                         run all checks that must pass before a commit

All tasks except build, bench and check run the program `imb`, which is built on first use and has its own --help.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["help" | "-h" | "--help", ..] => {
            println!("{HELP}");
            Ok(())
        }
        ["reproduce", ..] => reproduce(&words),
        ["data" | "run" | "plan" | "merge", ..] => imb(&words),
        ["build", rest @ ..] => device::build(rest),
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

/// The papers, in the order in which they are reported.
const PAPERS: [&str; 3] = ["moods", "adversarial", "aemlo"];

/// Prints the first screen of each paper at once, before anything is built, then runs what is asked for.
fn reproduce(words: &[&str]) -> Result<(), String> {
    // These options print something else, or run nothing.
    let others = ["--table", "--check", "--save", "--json", "--no-run", "--spec", "--help", "-h"];
    if words.iter().any(|word| others.contains(word)) {
        return imb(words);
    }
    let named: Vec<&str> = PAPERS.into_iter().filter(|paper| words.contains(paper)).collect();
    let papers = if named.is_empty() { PAPERS.to_vec() } else { named };
    for paper in papers {
        let path = root().join("experiments").join(paper).join("REPORT.md");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{text}");
    }
    println!(
        "Now the program `imb` is built (a few minutes the first time) and run. Ctrl-C stops it. With --profile full \
         or smoke, the same command resumes; a sample starts again."
    );
    let words: Vec<&str> = words.iter().copied().chain(["--skip-answers"]).collect();
    imb(&words)
}

/// Runs the program `imb`, built in the release profile for the device that is named, in the user's current folder.
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
    cargo.arg(manifest);
    run(device::for_device(&mut cargo, device::named(words))?.arg("--").args(words))
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The folder that cargo builds into.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
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
