//! Cells: what planning, sharing out, recording and merging cost beside the cells themselves, and how that grows.

use super::sides::built_example;
use super::{Options, Report, Worker, median};

const COUNTS: [usize; 3] = [2_500, 5_000, 10_000];
/// Seconds of a cell.
const CELL: f64 = 0.01;

/// Runs each number of cells in turn. There is no other side.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let program = built_example("imb-harness", "cells_bench")?;
    let mut worker = Worker::start(&mut std::process::Command::new(program))?;
    let head = ["cells", "plan, s", "split, s", "run, s", "run: cells alone, s", "plan again, s", "merge, s"];
    let mut report = Report::new("cells", &head);
    report.versions = worker.version.clone();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    for count in COUNTS {
        let rounds: Result<Vec<Vec<f64>>, String> =
            (0..options.repeats).map(|_| worker.numbers(&count.to_string())).collect();
        let rounds = rounds?;
        let step = |step: usize| median(rounds.iter().map(|seconds| seconds[step]).collect());
        let cells = count as f64 * CELL / processors as f64;
        let mut row = vec![count.to_string()];
        row.extend(
            [step(0), step(1), step(2), cells, step(3), step(4)].map(|seconds| format!("{seconds:.2}")),
        );
        report.add(row);
    }
    report.publish(&format!("{} rounds, medians", options.repeats), "", options)
}
