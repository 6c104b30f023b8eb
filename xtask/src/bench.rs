//! `cargo xtask bench NAME`: our programs measured against those of other libraries.
//!
//! Both sides of a bench are programs that read commands and answer with the seconds they took
//! ([`worker`]). They run alternately, so that other load on the machine affects both. The other library runs in
//! a virtual environment ([`sides`]). The result is a table, printed and optionally saved in
//! `docs/performance.md` ([`report`]).

mod adversarial;
mod aemlo;
mod cells;
mod moods;
mod multi_label;
mod neighbors;
mod report;
mod samplers;
mod sides;
mod smote;
mod timed;
mod train;
mod worker;

use report::Report;
use sides::Sides;
use timed::Timed;
use worker::{Worker, with_threads};

/// Runs the bench of this name.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let [name, options @ ..] = words else { return Err(unknown_bench("")) };
    let bench = match *name {
        "adversarial" => adversarial::run,
        "aemlo" => aemlo::run,
        "cells" => cells::run,
        "moods" => moods::run,
        "multi-label" => multi_label::run,
        "neighbors" => neighbors::run,
        "samplers" => samplers::run,
        "smote" => smote::run,
        "train" => train::run,
        unknown => return Err(unknown_bench(unknown)),
    };
    bench(&Options::read(options)?)
}

fn unknown_bench(name: &str) -> String {
    format!(
        "unknown bench \"{name}\"; known: adversarial, aemlo, cells, moods, multi-label, neighbors, samplers, smote, \
         train"
    )
}

/// The options of every bench.
struct Options {
    /// How often each side runs.
    repeats: usize,
    /// Whether to save the table in the documentation.
    save: bool,
}

impl Options {
    fn read(mut words: &[&str]) -> Result<Self, String> {
        let mut options = Self { repeats: 5, save: false };
        loop {
            words = match words {
                [] => return Ok(options),
                ["--save", rest @ ..] => {
                    options.save = true;
                    rest
                }
                ["--repeats", number, rest @ ..] => {
                    let at_least_one = number.parse().ok().filter(|repeats| *repeats > 0);
                    options.repeats =
                        at_least_one.ok_or(format!("--repeats must be at least 1, but is {number}"))?;
                    rest
                }
                [unknown, ..] => {
                    return Err(format!("unknown option \"{unknown}\"; known: --repeats N, --save"));
                }
            }
        }
    }
}

/// Lets both sides run alternately, and returns the seconds of each pair of runs.
fn interleave(ours: &mut Worker, theirs: &mut Worker, repeats: usize) -> Result<Vec<[f64; 2]>, String> {
    (0..repeats).map(|_| Ok([ours.number("run")?, theirs.number("run")?])).collect()
}

/// How many times longer the other side takes: the median over the pairs.
fn ratio(pairs: &[[f64; 2]]) -> f64 {
    median(pairs.iter().map(|[ours, theirs]| theirs / ours).collect())
}

/// The median of each side.
fn medians(pairs: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|side| median(pairs.iter().map(|pair| pair[side]).collect()))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len().is_multiple_of(2) {
        (numbers[middle - 1] + numbers[middle]) / 2.0
    } else {
        numbers[middle]
    }
}

/// The numbers of threads to measure with: one, and two if the machine has them.
fn thread_counts() -> Vec<usize> {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    (1..=available.min(2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_pairs() {
        assert_eq!(ratio(&[[1.0, 2.0], [1.0, 9.0], [2.0, 6.0]]), 3.0);
        assert_eq!(ratio(&[[1.0, 2.0], [1.0, 4.0]]), 3.0);
        assert_eq!(medians(&[[1.0, 2.0], [1.0, 9.0], [2.0, 6.0]]), [1.0, 6.0]);
    }

    #[test]
    fn options_are_checked() {
        let options = Options::read(&["--repeats", "3", "--save"]).expect("valid");
        assert!(options.repeats == 3 && options.save);
        assert!(Options::read(&["--repeats", "0"]).is_err());
        assert!(Options::read(&["--fast"]).is_err());
        assert!(run(&["speed"]).is_err_and(|message| message.contains("neighbors")));
    }
}
