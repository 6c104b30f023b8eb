//! SMOTE: `imb-resample` and `imb` compared with imbalanced-learn.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Options, Report, Sides, Worker, interleave, medians, ratio, thread_counts, with_threads};
use crate::{cargo, root, target_dir};

const PACKAGES: [&str; 5] =
    ["imbalanced-learn==0.14.2", "scikit-learn==1.9.1", "numpy==2.4.6", "pandas==3.1.1", "polars==2.1.0"];

/// Rows and features; one row in ten belongs to the small class.
type Shape = [&'static str; 2];
const SHAPES: [Shape; 2] = [["20000", "20"], LARGER];
const LARGER: Shape = ["100000", "20"];

/// How many times faster ours should be on the larger shape.
const TARGET: &str = "5.0";
/// The same where the other side reads and writes with polars, on the two largest shapes.
const POLARS_TARGET: &str = "3.0";
const LARGEST: Shape = ["1000000", "30"];

/// Measures the call alone, then whole processes from CSV to CSV.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-resample", "smote_bench"], "smote.py", &PACKAGES)?;
    let words = ["build", "--release", "--quiet", "--package", "imb-harness", "--bin", "imb"];
    crate::run(cargo().args(words).current_dir(root()))?;
    let head = ["what", "rows", "threads", "ours, s", "imbalanced-learn, s", "ratio", "target"];
    let mut report = Report::new("smote", &head);
    for threads in thread_counts() {
        for shape in SHAPES {
            let pairs = call(&sides, shape, threads, options.repeats, &mut report)?;
            report.add(row("the call alone", shape, threads, &pairs, target(shape)));
            let pairs = process(&sides, "table", shape, threads, options.repeats)?;
            report.add(row("table to table", shape, threads, &pairs, target(shape)));
            let pairs = process(&sides, "polars", shape, threads, options.repeats)?;
            report.add(row(POLARS, shape, threads, &pairs, if shape == LARGER { POLARS_TARGET } else { "" }));
        }
        let pairs = process(&sides, "polars", LARGEST, threads, options.repeats)?;
        report.add(row(POLARS, LARGEST, threads, &pairs, POLARS_TARGET));
    }
    report.publish(&format!("{} pairs per row, medians", options.repeats), "", options)
}

const POLARS: &str = "table to table, imbalanced-learn with polars";

fn target(shape: Shape) -> &'static str {
    if shape == LARGER { TARGET } else { "" }
}

fn row(what: &str, shape: Shape, threads: usize, pairs: &[[f64; 2]], target: &str) -> Vec<String> {
    let [our_seconds, their_seconds] = medians(pairs);
    vec![
        what.to_owned(),
        shape.join(" × "),
        threads.to_string(),
        format!("{our_seconds:.3}"),
        format!("{their_seconds:.3}"),
        format!("{:.1}", ratio(pairs)),
        target.to_owned(),
    ]
}

/// The seconds of the resampling call.
fn call(
    sides: &Sides,
    shape: Shape,
    threads: usize,
    repeats: usize,
    report: &mut Report,
) -> Result<Vec<[f64; 2]>, String> {
    let [numbers, _] = data(sides, shape)?;
    let start = |command| Worker::start(with_threads(command, threads).arg(&numbers).args(shape));
    let (mut ours, mut theirs) = (start(sides.ours())?, start(sides.theirs(&["serve"]))?);
    report.versions = format!("{}, {}", ours.version, theirs.version);
    // The first pair warms up both sides.
    interleave(&mut ours, &mut theirs, 1)?;
    interleave(&mut ours, &mut theirs, repeats)
}

/// The seconds of whole processes that read a table and write the resampled one.
fn process(
    sides: &Sides,
    task: &str,
    shape: Shape,
    threads: usize,
    repeats: usize,
) -> Result<Vec<[f64; 2]>, String> {
    let [_, csv] = data(sides, shape)?;
    let out = sides.file("smote-out.csv");
    let mut pairs = Vec::with_capacity(repeats);
    for _ in 0..repeats {
        let mut ours = Command::new(target_dir().join("release/imb"));
        ours.arg("resample").arg(&csv).args(["--target", "class", "--method", "smote", "--out"]).arg(&out);
        let mut theirs = sides.theirs(&[task]);
        theirs.arg(&csv).arg(&out);
        pairs.push([seconds_of(ours, threads)?, seconds_of(theirs, threads)?]);
    }
    Ok(pairs)
}

/// The wall-clock seconds of a process.
fn seconds_of(command: Command, threads: usize) -> Result<f64, String> {
    let start = Instant::now();
    crate::run(with_threads(command, threads).stdout(Stdio::null()))?;
    Ok(start.elapsed().as_secs_f64())
}

/// The rows of a shape as numbers and as a table.
fn data(sides: &Sides, shape: Shape) -> Result<[PathBuf; 2], String> {
    sides.make(&shape, ["f64", "csv"].map(|ending| format!("smote-{}.{ending}", shape.join("-"))))
}
