//! MOODS: gradient steps a second of a whole run as released against a plain PyTorch loop on the set
//! that the run accepts.

use std::path::PathBuf;
use std::process::Command;

use super::{
    Options, Worker, built_example, commit, load, median, processor, publish, scratch, script, table, venv,
};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];
const DATASETS: [&str; 2] = ["ecoli4", "spambase"];
const WANTED: f64 = 5.0;

/// Gradient steps of PyTorch for each run of ours.
const STEPS: u32 = 2_000;

/// Runs both sides in turns on each data set.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let python = venv(&PACKAGES)?;
    let ours = built_example("imb-harness", "moods_bench")?;
    let (mut rows, mut versions) = (vec![], String::new());
    for dataset in DATASETS {
        let (row, version) = measure(&ours, &python, dataset, options.repeats)?;
        println!("bench: {}", row.join(", "));
        rows.push(row);
        versions = version;
    }
    let head = ["data set", "rows accepted", "ours, steps/s", "PyTorch, steps/s", "ratio", "wanted"];
    let text = format!(
        "{versions}; {}; commit {}; load {}; {} pairs, medians.\n\n{}",
        processor(),
        commit(),
        load(),
        options.repeats,
        table(&head, &rows)
    );
    publish("moods", &text, options)
}

/// A row of the table, and the versions measured.
fn measure(
    ours: &PathBuf,
    python: &PathBuf,
    dataset: &str,
    repeats: usize,
) -> Result<(Vec<String>, String), String> {
    let file = scratch("bench-data")?.join(format!("moods-{dataset}.f32"));
    let mut ours = Worker::start(Command::new(ours).arg(dataset).arg(&file).env("RAYON_NUM_THREADS", "1"))?;
    let answer = ours.version.clone();
    let [name, version, n_rows, n_features] = answer.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("moods_bench says: {answer}"));
    };
    let mut theirs =
        Worker::start(Command::new(python).arg(script("moods.py")).arg(&file).args([n_rows, n_features]))?;
    let mut rates = vec![];
    for _ in 0..repeats {
        let answer = ours.ask("run")?;
        let numbers: Vec<f64> = answer.split(' ').flat_map(str::parse).collect();
        let [steps, seconds] = numbers[..] else { return Err(format!("moods_bench says: {answer}")) };
        rates.push([steps / seconds, f64::from(STEPS) / theirs.seconds_of(&format!("run {STEPS}"))?]);
    }
    let of = |side: usize| median(rates.iter().map(|pair| pair[side]).collect());
    let ratio = median(rates.iter().map(|[ours, theirs]| ours / theirs).collect());
    let row = vec![
        dataset.to_owned(),
        n_rows.to_owned(),
        format!("{:.0}", of(0)),
        format!("{:.0}", of(1)),
        format!("{ratio:.1}"),
        format!("{WANTED:.1}"),
    ];
    Ok((row, format!("{name} {version}; {}", theirs.version)))
}
