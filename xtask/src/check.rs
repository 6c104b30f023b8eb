//! `cargo xtask check`: all checks that must pass before a commit, the cheapest first.

use std::time::Instant;

use crate::{cargo, root, tidy};

/// Crates that must stay free of heavy dependencies, and those dependencies.
const LIGHT: [&str; 8] = [
    "imb-core",
    "imb-neighbors",
    "imb-data",
    "imb-metrics",
    "imb-classify",
    "imb-resample",
    "imb-bilevel",
    "imb-methods",
];
const HEAVY: [&str; 2] = ["burn", "linfa"];

/// burn's other backend on the processor is tested too.
const BACKEND: [&str; 2] = ["--features", "imb-neural/ndarray"];

/// Runs every check and stops at the first that fails.
pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    step("format", || cargo_task(&["fmt", "--all", "--check"]))?;
    step("tidy", tidy::run)?;
    step("dependencies", light_crates_stay_light)?;
    step("lints", || {
        let words = ["clippy", "--workspace", "--all-targets", "--quiet"];
        cargo_task(&[&words[..], &BACKEND, &["--", "--deny", "warnings"]].concat())
    })?;
    let test =
        |targets: &[&str]| cargo_task(&[&["test", "--workspace", "--quiet"][..], &BACKEND, targets].concat());
    step("tests", || test(&["--lib", "--bins", "--tests"]))?;
    step("examples in the documentation", || test(&["--doc"]))?;
    step("documentation", || {
        let mut doc = cargo();
        doc.args(["doc", "--workspace", "--no-deps", "--quiet"]).args(BACKEND);
        super::run(doc.current_dir(root()).env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    let unchecked = deny()?;
    let unchecked =
        if unchecked.is_empty() { String::new() } else { format!("; not checked: {}", unchecked.join(", ")) };
    println!("check: all passed in {:.0} s{unchecked}", start.elapsed().as_secs_f64());
    Ok(())
}

fn step(name: &str, task: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("check: {name}");
    let start = Instant::now();
    task().map_err(|message| format!("{name}: {message}"))?;
    println!("check: {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
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

/// Runs cargo-deny, which is not part of the toolchain, and returns what could not be checked.
fn deny() -> Result<Vec<String>, String> {
    let succeeds = |words: &[&str]| cargo().args(words).output().is_ok_and(|output| output.status.success());
    if !succeeds(&["deny", "--version"]) {
        let reason =
            "licences, sources and advisories (cargo-deny is not installed: cargo install cargo-deny)";
        return Ok(vec![reason.to_owned()]);
    }
    step("licences and sources", || {
        cargo_task(&["deny", "--offline", "--log-level", "error", "check", "licenses", "bans", "sources"])
    })?;
    // The advisories are fetched on their own, so that a missing network is told from an advisory.
    if !succeeds(&["deny", "fetch", "db"]) {
        return Ok(vec!["advisories (they could not be fetched: no network?)".to_owned()]);
    }
    step("advisories", || cargo_task(&["deny", "--offline", "--log-level", "error", "check", "advisories"]))?;
    Ok(Vec::new())
}
