//! AEMLO: mini-batches per second of its training, compared with the same network and losses in PyTorch.

use super::{Options, Report, Sides, Worker, median, medians, with_threads};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];
const DATASETS: [&str; 2] = ["enron", "corel5k"];
/// How many times faster than PyTorch ours should be at least.
const TARGET: f64 = 1.0;
/// Mini-batches of a run.
const STEPS: u32 = 60;
/// The units of each layer of the paper, and the rows of a mini-batch.
const UNITS: f64 = 512.0;
const BATCH: f64 = 128.0;

/// Lets both sides run alternately on each data set, on one thread.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-neural", "aemlo_bench"], "aemlo.py", &PACKAGES)?;
    let head = [
        "data set",
        "rows, features, labels",
        "PyTorch's Adam",
        "ours, steps/s",
        "PyTorch, steps/s",
        "share of peak",
        "ratio",
        "target",
    ];
    let mut report = Report::new("aemlo", &head);
    for dataset in DATASETS {
        for adam in ["eager", "fused"] {
            measure(&sides, [dataset, adam], options.repeats, &mut report)?;
        }
    }
    report.publish(&format!("{} pairs, medians", options.repeats), "", options)
}

/// Adds the row of a data set.
fn measure(
    sides: &Sides,
    [dataset, adam]: [&str; 2],
    repeats: usize,
    report: &mut Report,
) -> Result<(), String> {
    // Our side runs first and writes the rows for the other.
    let file = sides.file(&format!("aemlo-{dataset}.f32"));
    let mut ours = Worker::start(with_threads(sides.ours(), 1).arg(dataset).arg(&file))?;
    let answer = ours.version.clone();
    let [name, version, set, rows, features, labels] = answer.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("aemlo_bench says: {answer}"));
    };
    let mut theirs = with_threads(sides.theirs(&[]), 1);
    let mut theirs = Worker::start(theirs.arg(&file).args([rows, features, labels, adam]))?;
    let (mut rates, mut shares) = (vec![], vec![]);
    for _ in 0..repeats {
        let peak = ours.number("peak")?;
        let command = format!("run {STEPS}");
        let [our_rate, their_rate] =
            [ours.number(&command)?, theirs.number(&command)?].map(|seconds| f64::from(STEPS) / seconds);
        rates.push([our_rate, their_rate]);
        shares.push(our_rate * operations(number(features)?, number(labels)?) / peak);
    }
    let [our_rate, their_rate] = medians(&rates);
    let ratio = median(rates.iter().map(|[ours, theirs]| ours / theirs).collect());
    report.add(vec![
        dataset.to_owned(),
        format!("{rows} × {features}, {labels}"),
        adam.to_owned(),
        format!("{our_rate:.1}"),
        format!("{their_rate:.1}"),
        format!("{:.0} %", 100.0 * median(shares)),
        format!("{ratio:.2}"),
        format!("{TARGET:.2}"),
    ]);
    report.versions = format!("{name} {version} ({set}); {}", theirs.version);
    Ok(())
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("aemlo_bench says {text}, which is no number"))
}

/// The operations of a mini-batch in matrix products: three for each weight, two for those of the first layers.
fn operations(n_features: f64, n_labels: f64) -> f64 {
    let first = UNITS * (n_features + n_labels);
    let others = 2.0 * UNITS * UNITS + first;
    2.0 * BATCH * (2.0 * first + 3.0 * others)
}
