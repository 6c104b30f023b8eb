//! `cargo xtask check`: all checks that must pass before a commit, the cheapest first.

use std::time::Instant;

use crate::{cargo, root, tidy};

/// Crates that must stay free of heavy dependencies, and those dependencies.
const LIGHT: [&str; 6] =
    ["imb-core", "imb-neighbors", "imb-data", "imb-metrics", "imb-classify", "imb-resample"];
const HEAVY: [&str; 2] = ["burn", "linfa"];

/// Runs every check and stops at the first that fails.
pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    step("format", || cargo_task(&["fmt", "--all", "--check"]))?;
    step("tidy", tidy::run)?;
    step("dependencies", light_crates_stay_light)?;
    step("lints", || {
        cargo_task(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])
    })?;
    step("tests", || cargo_task(&["test", "--workspace", "--quiet", "--lib", "--bins", "--tests"]))?;
    step("examples in the documentation", || cargo_task(&["test", "--workspace", "--quiet", "--doc"]))?;
    step("documentation", || {
        let mut doc = cargo();
        doc.args(["doc", "--workspace", "--no-deps", "--quiet"]);
        super::run(doc.current_dir(root()).env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    step("licences and sources", deny)?;
    println!("check: all passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn step(name: &str, task: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("check: {name}");
    task().map_err(|message| format!("{name}: {message}"))
}

fn cargo_task(words: &[&str]) -> Result<(), String> {
    super::run(cargo().args(words).current_dir(root()))
}

fn light_crates_stay_light() -> Result<(), String> {
    for name in LIGHT {
        let words = ["tree", "--package", name, "--edges", "normal", "--prefix", "none"];
        let output = cargo().args(words).current_dir(root()).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let tree = String::from_utf8_lossy(&output.stdout);
        for heavy in HEAVY {
            if tree.lines().any(|line| line.starts_with(heavy)) {
                return Err(format!("{name} depends on {heavy} by default"));
            }
        }
    }
    Ok(())
}

/// Runs cargo-deny if it is installed; it is not part of the toolchain.
fn deny() -> Result<(), String> {
    let installed = cargo().args(["deny", "--version"]).output().is_ok_and(|output| output.status.success());
    if !installed {
        println!("check: skipped, cargo-deny is not installed (cargo install cargo-deny)");
        return Ok(());
    }
    cargo_task(&["deny", "--offline", "--log-level", "error", "check", "licenses", "bans", "sources"])
}
