//! AO and DO: mini-batches per second of the host trainer compared with the same game in PyTorch and on burn-flex.

use super::{Options, Report, Sides, Timed, median, with_threads};

const PACKAGES: [&str; 2] = ["torch==2.9.0", "numpy==2.4.6"];
const METHODS: [&str; 2] = ["ao", "do"];

/// Random rows of a data set's size.
struct Shape {
    dataset: &'static str,
    /// Training rows of the minority and of the majority, features, and rows of a mini-batch.
    numbers: [&'static str; 4],
    /// How many times faster than PyTorch ours should be.
    target: f64,
}

const SHAPES: [Shape; 3] = [
    Shape { dataset: "Pima", numbers: ["213", "401", "8", "32"], target: 2.0 },
    Shape { dataset: "Secom", numbers: ["73", "1023", "431", "32"], target: 1.0 },
    Shape { dataset: "Credit", numbers: ["5614", "78386", "10", "1024"], target: 1.0 },
];

/// The engines in the order in which they run.
const HOST: usize = 0;
const FLEX: usize = 1;
const PYTORCH: usize = 2;

/// Lets all engines run alternately for each method and shape, on one thread.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-neural", "adversarial_bench"], "adversarial.py", &PACKAGES)?;
    let head = [
        "method",
        "data of the size of",
        "rows, features, batch",
        "ours, ms",
        "PyTorch, ms",
        "ratio",
        "target",
        "burn-flex, ms",
        "burn's overhead",
    ];
    let mut report = Report::new("adversarial", &head);
    for method in METHODS {
        for shape in &SHAPES {
            measure(&sides, method, shape, options.repeats, &mut report)?;
        }
    }
    report.publish(&format!("{} rounds, medians", options.repeats), "", options)
}

/// Adds the row of a method on a shape. Burn's overhead is the share of its time that the host trainer does
/// not need for the same work.
fn measure(
    sides: &Sides,
    method: &str,
    shape: &Shape,
    repeats: usize,
    report: &mut Report,
) -> Result<(), String> {
    let ours = |device: &str| {
        let mut command = with_threads(sides.ours(), 1);
        Timed::start(command.args([device, method]).args(shape.numbers))
    };
    let mut pytorch = with_threads(sides.theirs(&[method]), 1);
    let mut engines = [ours("cpu")?, ours("flex")?, Timed::start(pytorch.args(shape.numbers))?];
    let mut rounds: Vec<[f64; 3]> = vec![];
    for _ in 0..repeats {
        let mut rates = [0.0; 3];
        for (rate, engine) in rates.iter_mut().zip(&mut engines) {
            *rate = engine.rate()?;
        }
        rounds.push(rates);
    }
    let milliseconds = |engine: usize| {
        let median = median(rounds.iter().map(|rates| 1e3 / rates[engine]).collect());
        format!("{median:.2}")
    };
    let times = |other: usize| median(rounds.iter().map(|rates| rates[HOST] / rates[other]).collect());
    let [minority, majority, features, batch] = shape.numbers;
    report.add(vec![
        method.to_owned(),
        shape.dataset.to_owned(),
        format!("{minority} + {majority}, {features}, {batch}"),
        milliseconds(HOST),
        milliseconds(PYTORCH),
        format!("{:.1}", times(PYTORCH)),
        format!("{:.1}", shape.target),
        milliseconds(FLEX),
        format!("{:.0} %", 100.0 * (1.0 - 1.0 / times(FLEX))),
    ]);
    report.versions = [HOST, FLEX, PYTORCH].map(|engine| engines[engine].worker.version.clone()).join("; ");
    Ok(())
}
