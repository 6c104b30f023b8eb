//! Nearest neighbours: `imb-neighbors` against scikit-learn's `NearestNeighbors(algorithm="auto")`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{
    Options, Worker, built_example, interleave, load, median, processor, publish, ratio, scratch, script,
    table, with_threads,
};
use super::{thread_counts, venv};

const PACKAGES: [&str; 2] = ["scikit-learn==1.9.1", "numpy==2.4.6"];
/// Neighbours asked for.
const K: &str = "5";

/// Points, and how many times faster than scikit-learn ours is meant to be.
struct Case {
    kind: &'static str,
    n_rows: &'static str,
    n_features: &'static str,
    wanted: f64,
}

const CASES: [Case; 5] = [
    Case { kind: "normal", n_rows: "50000", n_features: "8", wanted: 3.0 },
    Case { kind: "manifold", n_rows: "50000", n_features: "8", wanted: 2.0 },
    Case { kind: "normal", n_rows: "50000", n_features: "42", wanted: 1.5 },
    Case { kind: "normal", n_rows: "50000", n_features: "102", wanted: 1.5 },
    Case { kind: "normal", n_rows: "10000", n_features: "500", wanted: 1.5 },
];

/// Measures every case and says where ours is slower than meant.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare()?;
    let load_before = load();
    let mut rows = Vec::new();
    let mut versions = String::new();
    for threads in thread_counts() {
        for case in &CASES {
            let (row, measured_versions) = sides.measure(case, threads, options.repeats)?;
            println!("bench: {}", row.join(", "));
            rows.push(row);
            versions = measured_versions;
        }
    }
    let head = ["points", "threads", "ours, s", "scikit-learn, s", "ratio", "wanted", "same neighbours"];
    let text = format!(
        "{versions}; {}; load {load_before} before, {} after; {} pairs a row, medians.\n\n{}",
        processor(),
        load(),
        options.repeats,
        table(&head, &rows)
    );
    publish("neighbors", &text, options)
}

/// The two programs, and where the data are.
struct Sides {
    ours: PathBuf,
    python: PathBuf,
    folder: PathBuf,
}

impl Sides {
    fn prepare() -> Result<Self, String> {
        let python = venv(&PACKAGES)?;
        let ours = built_example("imb-neighbors", "neighbors_bench")?;
        Ok(Self { ours, python, folder: scratch("bench-data")? })
    }

    /// A row of the table, and the versions measured.
    fn measure(&self, case: &Case, threads: usize, repeats: usize) -> Result<(Vec<String>, String), String> {
        let data = self.data(case)?;
        let shape = [case.n_rows, case.n_features, K];
        let start =
            |command: &mut Command| Worker::start(with_threads(command, threads).arg(&data).args(shape));
        let mut ours = start(&mut Command::new(&self.ours))?;
        let mut theirs = start(Command::new(&self.python).arg(script("neighbors.py")).arg("serve"))?;
        let pairs = interleave(&mut ours, &mut theirs, repeats)?;
        let saved = ["ours", "theirs"].map(|name| self.folder.join(format!("neighbors-{name}.u64")));
        ours.ask(&format!("save {}", saved[0].display()))?;
        theirs.ask(&format!("save {}", saved[1].display()))?;
        let seconds = |side: usize| median(pairs.iter().map(|pair| pair[side]).collect());
        let row = vec![
            format!("{}, {} × {}", case.kind, case.n_rows, case.n_features),
            threads.to_string(),
            format!("{:.3}", seconds(0)),
            format!("{:.3}", seconds(1)),
            format!("{:.1}", ratio(&pairs)),
            format!("{:.1}", case.wanted),
            self.agreement(&data, &shape, &saved)?,
        ];
        Ok((row, format!("{}, {}", ours.version, theirs.version)))
    }

    /// The file with the points of a case, made when first asked for.
    fn data(&self, case: &Case) -> Result<PathBuf, String> {
        let shape = [case.kind, case.n_rows, case.n_features];
        let file = self.folder.join(format!("{}.f64", shape.join("-")));
        if !file.exists() {
            let mut make = Command::new(&self.python);
            crate::run(make.arg(script("neighbors.py")).arg("make").args(shape).arg(&file))?;
        }
        Ok(file)
    }

    /// The share of rows for which both found the same neighbours, or others as near.
    fn agreement(&self, data: &Path, shape: &[&str], saved: &[PathBuf]) -> Result<String, String> {
        let mut compare = Command::new(&self.python);
        compare.arg(script("neighbors.py")).arg("compare").arg(data).args(shape).args(saved);
        let output = compare.output().map_err(|error| format!("compare: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
