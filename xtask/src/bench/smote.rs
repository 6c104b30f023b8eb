//! SMOTE: `imb-resample` and `imb` against imbalanced-learn.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{
    Options, Worker, built_example, interleave, load, median, processor, publish, ratio, scratch, script,
    table, with_threads,
};
use super::{thread_counts, venv};
use crate::{cargo, root};

const PACKAGES: [&str; 4] =
    ["imbalanced-learn==0.14.2", "scikit-learn==1.9.1", "numpy==2.4.6", "pandas==3.1.1"];

/// Rows and features, one row in ten of the small class.
const CASES: [[&str; 2]; 2] = [["20000", "20"], LARGER];
const LARGER: [&str; 2] = ["100000", "20"];

/// How many times faster ours is meant to be on the larger case.
const WANTED: &str = "5.0";

/// Measures the call alone, then whole processes from table to table.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare()?;
    let load_before = load();
    let mut rows = Vec::new();
    let mut versions = String::new();
    for threads in thread_counts() {
        for shape in &CASES {
            let (pairs, measured_versions) = sides.call(shape, threads, options.repeats)?;
            rows.push(row("the call alone", shape, threads, &pairs));
            rows.push(row(
                "table to table",
                shape,
                threads,
                &sides.process(shape, threads, options.repeats)?,
            ));
            versions = measured_versions;
        }
    }
    let head = ["what", "rows", "threads", "ours, s", "imbalanced-learn, s", "ratio", "wanted"];
    let text = format!(
        "{versions}; {}; load {load_before} before, {} after; {} pairs a row, medians.\n\n{}",
        processor(),
        load(),
        options.repeats,
        table(&head, &rows)
    );
    publish("smote", &text, options)
}

fn row(what: &str, shape: &[&str; 2], threads: usize, pairs: &[[f64; 2]]) -> Vec<String> {
    let seconds = |side: usize| median(pairs.iter().map(|pair| pair[side]).collect());
    let row = vec![
        what.to_owned(),
        shape.join(" × "),
        threads.to_string(),
        format!("{:.3}", seconds(0)),
        format!("{:.3}", seconds(1)),
        format!("{:.1}", ratio(pairs)),
        if *shape == LARGER { WANTED.to_owned() } else { String::new() },
    ];
    println!("bench: {}", row.join(", "));
    row
}

/// The programs of both sides, and where the data are.
struct Sides {
    call: PathBuf,
    imb: PathBuf,
    python: PathBuf,
    folder: PathBuf,
}

impl Sides {
    fn prepare() -> Result<Self, String> {
        let python = venv(&PACKAGES)?;
        let call = built_example("imb-resample", "smote_bench")?;
        let words = ["build", "--release", "--quiet", "--package", "imb-harness", "--bin", "imb"];
        crate::run(cargo().args(words).current_dir(root()))?;
        let imb = root().join("target/release/imb");
        Ok(Self { call, imb, python, folder: scratch("bench-data")? })
    }

    /// The seconds of the resampling call, and the versions measured.
    fn call(
        &self,
        shape: &[&str; 2],
        threads: usize,
        repeats: usize,
    ) -> Result<(Vec<[f64; 2]>, String), String> {
        let (numbers, _) = self.data(shape)?;
        let start =
            |command: &mut Command| Worker::start(with_threads(command, threads).arg(&numbers).args(shape));
        let mut ours = start(&mut Command::new(&self.call))?;
        let mut theirs = start(Command::new(&self.python).arg(script("smote.py")).arg("serve"))?;
        interleave(&mut ours, &mut theirs, 1)?;
        let pairs = interleave(&mut ours, &mut theirs, repeats)?;
        Ok((pairs, format!("{}, {}", ours.version, theirs.version)))
    }

    /// The seconds of whole processes that read a table and write the resampled one.
    fn process(&self, shape: &[&str; 2], threads: usize, repeats: usize) -> Result<Vec<[f64; 2]>, String> {
        let (_, csv) = self.data(shape)?;
        let out = self.folder.join("smote-out.csv");
        let seconds = |command: &mut Command| -> Result<f64, String> {
            let start = Instant::now();
            crate::run(with_threads(command, threads).stdout(Stdio::null()))?;
            Ok(start.elapsed().as_secs_f64())
        };
        let pair = |_| -> Result<[f64; 2], String> {
            let mut ours = Command::new(&self.imb);
            ours.arg("resample")
                .arg(&csv)
                .args(["--target", "class", "--method", "smote", "--out"])
                .arg(&out);
            let mut theirs = Command::new(&self.python);
            theirs.arg(script("smote.py")).arg("table").arg(&csv).arg(&out);
            Ok([seconds(&mut ours)?, seconds(&mut theirs)?])
        };
        (0..repeats).map(pair).collect()
    }

    /// The rows of a case as numbers and as a table, made when first asked for.
    fn data(&self, shape: &[&str; 2]) -> Result<(PathBuf, PathBuf), String> {
        let file = |ending: &str| self.folder.join(format!("smote-{}.{ending}", shape.join("-")));
        let (numbers, csv) = (file("f64"), file("csv"));
        if !csv.exists() {
            let mut make = Command::new(&self.python);
            let paths: [&Path; 2] = [&numbers, &csv];
            crate::run(make.arg(script("smote.py")).arg("make").args(shape).args(paths))?;
        }
        Ok((numbers, csv))
    }
}
