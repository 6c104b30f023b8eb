//! Training: the host trainer of `imb-neural` compared with burn-flex and PyTorch, on one core.

use std::path::PathBuf;

use super::{Options, Report, Sides, Timed, median, with_threads};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];

/// Hidden layers: those of MOODS, and those with one more layer.
const NETWORKS: [&str; 2] = ["256,128", "256,128,128"];

/// Rows and features.
type Shape = [&'static str; 2];
const SHAPES: [Shape; 3] = [["2000", "8"], ["4600", "57"], ["67557", "42"]];

/// The shape for which two cells run side by side.
const TWO_CELLS: Shape = SHAPES[1];

/// Rows per gradient step, in every program.
const BATCH_SIZE: usize = 32;

/// The engines in the order in which they run, and the places of PyTorch's two among them.
const ENGINES: [&str; 4] = ["host", "burn-flex", "PyTorch eager", "PyTorch fused Adam"];
const EAGER: usize = 2;
const FUSED: usize = 3;

/// Floating-point operations of one product of the `gemm` worker: 256³ multiplications and additions.
const PEAK_WORK: f64 = 2.0 * 256.0 * 256.0 * 256.0;

/// Measures every network on every shape together with the peak, then two cells at once.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-neural", "train_bench"], "train.py", &PACKAGES)?;
    let head = ["network", "rows", "engine", "samples/s", "steps/s", "× eager", "× fused", "share of peak"];
    let mut report = Report::new("train", &head);
    for network in NETWORKS {
        for shape in SHAPES {
            measure(&sides, network, shape, options.repeats, &mut report)?;
        }
    }
    let mut pairs = vec![];
    for network in NETWORKS {
        let ratio = two_cells(&sides, network, options.repeats)?;
        pairs.push(format!("{ratio:.2} times one for {}", layers(network, TWO_CELLS)));
    }
    let note = format!("\nTwo cells on two cores, {} rows: {}.\n", TWO_CELLS[0], pairs.join(", "));
    report.publish(&format!("{} rounds, medians", options.repeats), &note, options)
}

/// A network's widths from the features to the classes, such as `57-256-128-2`.
fn layers(network: &str, shape: Shape) -> String {
    format!("{}-{}-2", shape[1], network.replace(',', "-"))
}

/// Floating-point operations of training on one sample. Each weight takes part in three products, except those
/// of the first layer: the derivatives with respect to the features are not needed.
fn work(network: &str, shape: Shape) -> f64 {
    let widths: Vec<f64> = layers(network, shape).split('-').flat_map(str::parse).collect();
    let weights = |pair: &[f64]| pair[0] * pair[1];
    6.0 * widths.windows(2).map(weights).sum::<f64>() - 2.0 * weights(&widths)
}

/// The average number of rows per batch; the last batch of an epoch is smaller.
fn mean_batch(shape: Shape) -> f64 {
    let n_rows: usize = shape[0].parse().expect("a number of rows");
    n_rows as f64 / n_rows.div_ceil(BATCH_SIZE) as f64
}

/// Measurements taken directly after one another.
struct Round {
    /// Floating-point operations per second.
    peak: f64,
    /// Steps per second of each engine.
    rates: Vec<f64>,
}

fn row(network: &str, shape: Shape, rounds: &[Round], engine: usize, name: &str) -> Vec<String> {
    let steps = median(rounds.iter().map(|round| round.rates[engine]).collect());
    let times =
        |other: usize| median(rounds.iter().map(|round| round.rates[engine] / round.rates[other]).collect());
    let a_step = work(network, shape) * mean_batch(shape);
    let share = median(rounds.iter().map(|round| round.rates[engine] * a_step / round.peak).collect());
    vec![
        layers(network, shape),
        shape[0].to_owned(),
        name.to_owned(),
        format!("{:.0}", steps * mean_batch(shape)),
        format!("{steps:.0}"),
        format!("{:.2}", times(EAGER)),
        format!("{:.2}", times(FUSED)),
        format!("{:.0} %", 100.0 * share),
    ]
}

/// Adds a row for each engine.
fn measure(
    sides: &Sides,
    network: &str,
    shape: Shape,
    repeats: usize,
    report: &mut Report,
) -> Result<(), String> {
    let mut peak = Timed::start(sides.ours().arg("gemm"))?;
    let mut engines = [
        ours(sides, "cpu", network, shape)?,
        ours(sides, "flex", network, shape)?,
        pytorch(sides, "eager", network, shape)?,
        pytorch(sides, "fused", network, shape)?,
    ];
    let mut rounds = vec![];
    for _ in 0..repeats {
        let peak = peak.rate()? * PEAK_WORK;
        let rates = engines.iter_mut().map(Timed::rate).collect::<Result<_, _>>()?;
        rounds.push(Round { peak, rates });
    }
    for (engine, name) in ENGINES.into_iter().enumerate() {
        report.add(row(network, shape, &rounds, engine, name));
    }
    let versions = [&engines[0], &engines[EAGER], &peak].map(|side| side.worker.version.clone());
    report.versions = versions.join("; ");
    Ok(())
}

/// How many times as many steps two cells do at once as one cell does alone.
fn two_cells(sides: &Sides, network: &str, repeats: usize) -> Result<f64, String> {
    let mut cells = [ours(sides, "cpu", network, TWO_CELLS)?, ours(sides, "cpu", network, TWO_CELLS)?];
    let mut ratios = vec![];
    for _ in 0..repeats {
        let alone = cells[0].rate()?;
        let together = std::thread::scope(|scope| {
            let cells = cells.each_mut().map(|cell| scope.spawn(|| cell.rate()));
            cells.into_iter().map(|cell| cell.join().expect("no panic")).sum::<Result<f64, _>>()
        })?;
        ratios.push(together / alone);
    }
    Ok(median(ratios))
}

fn ours(sides: &Sides, engine: &str, network: &str, shape: Shape) -> Result<Timed, String> {
    Timed::start(sides.ours().arg(engine).arg(data(sides, shape)?).args(shape).arg(network))
}

fn pytorch(sides: &Sides, adam: &str, network: &str, shape: Shape) -> Result<Timed, String> {
    let mut command = with_threads(sides.theirs(&["serve", adam]), 1);
    Timed::start(command.arg(data(sides, shape)?).args(shape).arg(network))
}

/// The file with the rows of a shape.
fn data(sides: &Sides, shape: Shape) -> Result<PathBuf, String> {
    let [file] = sides.make(&shape, [format!("train-{}.f32", shape.join("-"))])?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_by_hand() {
        assert_eq!(layers("256,128", ["2000", "8"]), "8-256-128-2");
        // Products of 2 × 3, 3 × 4 and 4 × 2 weights: two of the first, three of the others.
        assert_eq!(work("3,4", ["9", "2"]), 2.0 * (2.0 * 6.0 + 3.0 * (12.0 + 8.0)));
        assert_eq!(mean_batch(["48", "1"]), 24.0);
    }
}
