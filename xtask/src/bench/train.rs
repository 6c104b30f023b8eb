//! Training: the host trainer of `imb-neural` against burn-flex and PyTorch, on one core.

use std::path::PathBuf;
use std::process::Command;

use super::{
    Options, Worker, built_example, commit, load, median, processor, publish, scratch, script, table, venv,
};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];

/// Hidden layers: those of MOODS, and one more.
const NETWORKS: [&str; 2] = ["256,128", "256,128,128"];

/// Rows and features.
const SHAPES: [[&str; 2]; 3] = [["2000", "8"], ["4600", "57"], ["67557", "42"]];

/// The shape for which two cells run side by side.
const TWO_CELLS: [&str; 2] = SHAPES[1];

/// Rows a gradient step, in every program.
const BATCH_SIZE: usize = 32;

/// The engines in the order in which they take turns, and the places of PyTorch's two among them.
const ENGINES: [&str; 4] = ["host", "burn-flex", "PyTorch eager", "PyTorch fused Adam"];
const EAGER: usize = 2;
const FUSED: usize = 3;

/// How long each measurement is meant to take.
const SECONDS: f64 = 1.0;

/// Floating-point operations of what the `gemm` worker repeats: 256³ multiplications and additions.
const PEAK_WORK: f64 = 2.0 * 256.0 * 256.0 * 256.0;

/// Measures every network on every shape, side by side with the peak, then two cells at once.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare()?;
    let load_before = load();
    let (mut rows, mut versions) = (vec![], vec![]);
    for network in NETWORKS {
        for shape in &SHAPES {
            let (measured, names) = sides.measure(network, shape, options.repeats)?;
            measured.iter().for_each(|row| println!("bench: {}", row.join(", ")));
            rows.extend(measured);
            versions = names;
        }
    }
    let mut pairs = vec![];
    for network in NETWORKS {
        let ratio = sides.two_cells(network, options.repeats)?;
        pairs.push(format!("{ratio:.2} times one for {}", layers(network, &TWO_CELLS)));
    }
    let head = ["network", "rows", "engine", "samples/s", "steps/s", "× eager", "× fused", "of the peak"];
    let text = format!(
        "{}; {}; commit {}; load {load_before} before, {} after; {} rounds, medians.\n\n{}\n\
         Two cells on two cores, {} rows: {}.\n",
        versions.join("; "),
        processor(),
        commit(),
        load(),
        options.repeats,
        table(&head, &rows),
        TWO_CELLS[0],
        pairs.join(", ")
    );
    publish("train", &text, options)
}

/// A network's widths from the features to the classes, such as `57-256-128-2`.
fn layers(network: &str, shape: &[&str; 2]) -> String {
    format!("{}-{}-2", shape[1], network.replace(',', "-"))
}

/// Floating-point operations of training on one sample: each weight takes part in three products, but
/// nothing asks for the derivatives by the features.
fn work(network: &str, shape: &[&str; 2]) -> f64 {
    let widths: Vec<f64> = layers(network, shape).split('-').flat_map(str::parse).collect();
    let weights = |pair: &[f64]| pair[0] * pair[1];
    6.0 * widths.windows(2).map(weights).sum::<f64>() - 2.0 * weights(&widths)
}

/// Rows in a batch on average: the last of an epoch is short.
fn mean_batch(shape: &[&str; 2]) -> f64 {
    let n_rows: usize = shape[0].parse().expect("a number of rows");
    n_rows as f64 / n_rows.div_ceil(BATCH_SIZE) as f64
}

/// What was measured at about the same time.
struct Round {
    /// Operations a second.
    peak: f64,
    /// Steps a second of each engine.
    rates: Vec<f64>,
}

fn row(network: &str, shape: &[&str; 2], rounds: &[Round], engine: usize, name: &str) -> Vec<String> {
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

/// The programs, and where the data are.
struct Sides {
    ours: PathBuf,
    python: PathBuf,
    folder: PathBuf,
}

impl Sides {
    fn prepare() -> Result<Self, String> {
        let python = venv(&PACKAGES)?;
        let ours = built_example("imb-neural", "train_bench")?;
        Ok(Self { ours, python, folder: scratch("bench-data")? })
    }

    /// Rows of the table, an engine each, and the versions measured.
    fn measure(
        &self,
        network: &str,
        shape: &[&str; 2],
        repeats: usize,
    ) -> Result<(Vec<Vec<String>>, Vec<String>), String> {
        let mut peak = Timed::start(Command::new(&self.ours).arg("gemm"))?;
        let mut engines = vec![self.ours("cpu", network, shape)?, self.ours("flex", network, shape)?];
        engines.push(self.pytorch("eager", network, shape)?);
        engines.push(self.pytorch("fused", network, shape)?);
        let mut rounds = vec![];
        for _ in 0..repeats {
            let peak = peak.rate()? * PEAK_WORK;
            let rates = engines.iter_mut().map(Timed::rate).collect::<Result<_, _>>()?;
            rounds.push(Round { peak, rates });
        }
        let rows = (0..).zip(ENGINES).map(|(engine, name)| row(network, shape, &rounds, engine, name));
        let rows = rows.collect();
        let versions = [&engines[0], &engines[EAGER], &peak].map(|side| side.worker.version.clone()).to_vec();
        Ok((rows, versions))
    }

    /// How many times the steps of one cell two cells do that run at once.
    fn two_cells(&self, network: &str, repeats: usize) -> Result<f64, String> {
        let mut cells = [self.ours("cpu", network, &TWO_CELLS)?, self.ours("cpu", network, &TWO_CELLS)?];
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

    fn ours(&self, engine: &str, network: &str, shape: &[&str; 2]) -> Result<Timed, String> {
        let data = self.data(shape)?;
        Timed::start(Command::new(&self.ours).arg(engine).arg(data).args(shape).arg(network))
    }

    fn pytorch(&self, adam: &str, network: &str, shape: &[&str; 2]) -> Result<Timed, String> {
        let mut command = Command::new(&self.python);
        command.arg(script("train.py")).args(["serve", adam]).arg(self.data(shape)?).args(shape).arg(network);
        Timed::start(command.env("OMP_NUM_THREADS", "1"))
    }

    /// The file with the rows of a shape, made when first asked for.
    fn data(&self, shape: &[&str; 2]) -> Result<PathBuf, String> {
        let file = self.folder.join(format!("train-{}.f32", shape.join("-")));
        if !file.exists() {
            let mut make = Command::new(&self.python);
            crate::run(make.arg(script("train.py")).arg("make").args(shape).arg(&file))?;
        }
        Ok(file)
    }
}

/// A worker, and how much work makes a measurement long enough.
struct Timed {
    worker: Worker,
    steps: u64,
}

impl Timed {
    fn start(command: &mut Command) -> Result<Self, String> {
        // The second of two short runs is warm.
        let mut timed = Self { worker: Worker::start(command)?, steps: 100 };
        timed.rate()?;
        timed.steps = (timed.rate()? * SECONDS).ceil() as u64;
        Ok(timed)
    }

    /// Steps a second.
    fn rate(&mut self) -> Result<f64, String> {
        Ok(self.steps as f64 / self.worker.seconds_of(&format!("run {}", self.steps))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_by_hand() {
        assert_eq!(layers("256,128", &["2000", "8"]), "8-256-128-2");
        // Products of 2 × 3, 3 × 4 and 4 × 2 numbers; all but the first three times over.
        assert_eq!(work("3,4", &["9", "2"]), 2.0 * (2.0 * 6.0 + 3.0 * (12.0 + 8.0)));
        assert_eq!(mean_batch(&["48", "1"]), 24.0);
    }
}
