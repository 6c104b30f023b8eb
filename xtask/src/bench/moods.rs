//! MOODS: gradient steps per second of a whole run, compared with a plain PyTorch loop on the training set that
//! the run accepts.

use super::{Options, Report, Sides, Worker, median, medians, with_threads};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];
const DATASETS: [&str; 2] = ["ecoli4", "spambase"];
/// How many times faster ours should be.
const TARGET: f64 = 5.0;

/// Gradient steps of PyTorch for each run of ours.
const STEPS: u32 = 2_000;

/// Lets both sides run alternately on each data set, on one thread.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-harness", "moods_bench"], "moods.py", &PACKAGES)?;
    let head = ["data set", "rows accepted", "ours, steps/s", "PyTorch, steps/s", "ratio", "target"];
    let mut report = Report::new("moods", &head);
    for dataset in DATASETS {
        measure(&sides, dataset, options.repeats, &mut report)?;
    }
    report.publish(&format!("{} pairs, medians", options.repeats), "", options)
}

/// Adds the row of a data set.
fn measure(sides: &Sides, dataset: &str, repeats: usize, report: &mut Report) -> Result<(), String> {
    // Our side runs first and writes the accepted set for the other.
    let file = sides.file(&format!("moods-{dataset}.f32"));
    let mut ours = Worker::start(with_threads(sides.ours(), 1).arg(dataset).arg(&file))?;
    let answer = ours.version.clone();
    let [name, version, n_rows, n_features] = answer.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("moods_bench says: {answer}"));
    };
    let theirs = sides.theirs(&[]);
    let mut theirs = Worker::start(with_threads(theirs, 1).arg(&file).args([n_rows, n_features]))?;
    let mut rates = vec![];
    for _ in 0..repeats {
        let [steps, seconds] = ours.numbers("run")?[..] else {
            return Err("moods_bench must answer with steps and seconds".to_owned());
        };
        rates.push([steps / seconds, f64::from(STEPS) / theirs.number(&format!("run {STEPS}"))?]);
    }
    let [our_rate, their_rate] = medians(&rates);
    let ratio = median(rates.iter().map(|[ours, theirs]| ours / theirs).collect());
    report.add(vec![
        dataset.to_owned(),
        n_rows.to_owned(),
        format!("{our_rate:.0}"),
        format!("{their_rate:.0}"),
        format!("{ratio:.1}"),
        format!("{TARGET:.1}"),
    ]);
    report.versions = format!("{name} {version}; {}", theirs.version);
    Ok(())
}
