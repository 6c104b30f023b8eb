//! Nearest neighbours: `imb-neighbors` compared with scikit-learn's `NearestNeighbors(algorithm="auto")`.

use std::path::{Path, PathBuf};

use super::{Options, Report, Sides, Worker, interleave, medians, ratio, thread_counts, with_threads};

const PACKAGES: [&str; 2] = ["scikit-learn==1.9.1", "numpy==2.4.6"];
/// The number of neighbours.
const K: &str = "5";

/// A set of points, and how many times faster than scikit-learn ours should be.
struct Case {
    kind: &'static str,
    n_rows: &'static str,
    n_features: &'static str,
    target: f64,
}

const CASES: [Case; 5] = [
    Case { kind: "normal", n_rows: "50000", n_features: "8", target: 3.0 },
    Case { kind: "manifold", n_rows: "50000", n_features: "8", target: 2.0 },
    Case { kind: "normal", n_rows: "50000", n_features: "42", target: 1.5 },
    Case { kind: "normal", n_rows: "50000", n_features: "102", target: 1.5 },
    Case { kind: "normal", n_rows: "10000", n_features: "500", target: 1.5 },
];

/// Measures every case with every number of threads.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-neighbors", "neighbors_bench"], "neighbors.py", &PACKAGES)?;
    let head = ["points", "threads", "ours, s", "scikit-learn, s", "ratio", "target", "same neighbours"];
    let mut report = Report::new("neighbors", &head);
    for threads in thread_counts() {
        for case in &CASES {
            measure(&sides, case, threads, options.repeats, &mut report)?;
        }
    }
    report.publish(&format!("{} pairs per row, medians", options.repeats), "", options)
}

/// Adds the row of a case.
fn measure(
    sides: &Sides,
    case: &Case,
    threads: usize,
    repeats: usize,
    report: &mut Report,
) -> Result<(), String> {
    let words = [case.kind, case.n_rows, case.n_features];
    let [data] = sides.make(&words, [format!("{}.f64", words.join("-"))])?;
    let shape = [case.n_rows, case.n_features, K];
    let mut ours = Worker::start(with_threads(sides.ours(), threads).arg(&data).args(shape))?;
    let theirs = sides.theirs(&["serve"]);
    let mut theirs = Worker::start(with_threads(theirs, threads).arg(&data).args(shape))?;
    let pairs = interleave(&mut ours, &mut theirs, repeats)?;
    let saved = ["ours", "theirs"].map(|name| sides.file(&format!("neighbors-{name}.u64")));
    ours.ask(&format!("save {}", saved[0].display()))?;
    theirs.ask(&format!("save {}", saved[1].display()))?;
    let [our_seconds, their_seconds] = medians(&pairs);
    report.add(vec![
        format!("{}, {} × {}", case.kind, case.n_rows, case.n_features),
        threads.to_string(),
        format!("{our_seconds:.3}"),
        format!("{their_seconds:.3}"),
        format!("{:.1}", ratio(&pairs)),
        format!("{:.1}", case.target),
        agreement(sides, &data, &shape, &saved)?,
    ]);
    report.versions = format!("{}, {}", ours.version, theirs.version);
    Ok(())
}

/// The share of rows for which both sides found the same neighbours, or others at the same distances.
fn agreement(sides: &Sides, data: &Path, shape: &[&str], saved: &[PathBuf]) -> Result<String, String> {
    let mut compare = sides.theirs(&["compare"]);
    let output = compare.arg(data).args(shape).args(saved).output();
    let output = output.map_err(|error| format!("compare: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
