//! `imb plan --script`: the missing cells as tasks of a scheduler that people already have.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use imb_data::write_whole;
use imb_harness::cell::Cell;
use imb_harness::experiment::Experiment;
use imb_harness::parts::split;
use imb_harness::plan::{Briefs, Costs};

use super::run::What;

/// What runs the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheduler {
    /// An array of jobs, and a job that follows it.
    Slurm,
    /// HyperQueue, by its Python API or its command `hq`.
    Hyperqueue,
    /// Processes of this machine.
    Local,
}

impl Scheduler {
    /// The scripts: the name of each file, its text with names to be filled in, and what starts it.
    fn scripts(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            Self::Slurm => &[("slurm.sh", include_str!("slurm.sh"), "sh")],
            Self::Local => &[("local.sh", include_str!("local.sh"), "sh")],
            Self::Hyperqueue => &[
                ("run_hyperqueue.py", include_str!("hyperqueue.py"), "python"),
                ("hq.sh", include_str!("hq.sh"), "sh"),
            ],
        }
    }
}

/// Writes the scripts that run what is missing, and says how to start them.
pub(crate) fn write(
    scheduler: Scheduler,
    experiments: &[Experiment],
    what: &What,
    parts: Option<usize>,
) -> Result<ExitCode> {
    let work: Vec<Work> =
        experiments.iter().map(|experiment| Work::new(experiment, what)).collect::<Result<_>>()?;
    let tasks = Tasks::new(&work, parts, scheduler)?;
    if tasks.cells == 0 {
        super::print("no cell is missing")?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = std::path::absolute(&what.results)?.join("jobs");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let papers: Vec<&str> = work.iter().map(|work| work.experiment.paper.spec.id.as_str()).collect();
    super::print(&tasks.text(&papers))?;
    for (file, template, interpreter) in scheduler.scripts() {
        let path = folder.join(file);
        let script = fill(template, &papers, &tasks, what, &folder)?;
        write_whole(&path, script.as_bytes())?;
        super::print(&format!("{interpreter} {}", for_sh(&text_of(&path)?)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The cells of a paper.
struct Work<'a> {
    experiment: &'a Experiment,
    cells: Vec<Cell>,
    /// CPU seconds of each cell; none if it has a record.
    missing: Vec<Option<f64>>,
    /// Cells without a record of which nothing similar has been recorded.
    unknown: usize,
    committed: Costs,
}

/// CPU seconds of a cell of which nothing similar has been recorded.
const UNKNOWN: f64 = 60.0;

impl<'a> Work<'a> {
    fn new(experiment: &'a Experiment, what: &What) -> Result<Self> {
        let cells = what.cells_of_parts(experiment)?;
        let briefs = Briefs::read(&what.results, &experiment.paper.spec.id)?;
        let committed = Briefs::committed(&experiment.paper)?;
        let costs = Costs::new([&briefs, &committed]);
        let known: Vec<Option<Option<f64>>> =
            cells.iter().map(|cell| (!briefs.has(cell)).then(|| costs.of(&cell.place))).collect();
        let unknown = known.iter().flatten().filter(|seconds| seconds.is_none()).count();
        let missing = known.into_iter().map(|cell| cell.map(|seconds| seconds.unwrap_or(UNKNOWN))).collect();
        Ok(Self { experiment, cells, missing, unknown, committed: Costs::new([&committed]) })
    }
}

/// What a scheduler must know of the tasks.
struct Tasks {
    parts: usize,
    /// Missing cells.
    cells: usize,
    /// Those among them of which nothing similar has been recorded.
    unknown: usize,
    /// CPU seconds of the longest task, by what similar cells took.
    seconds: f64,
    mebibytes: u64,
}

/// CPU seconds of a task, where nobody says how many there are to be: short enough to find a gap in a queue, and
/// long enough that reading the data does not matter.
const TASK: f64 = 1800.0;

impl Tasks {
    fn new(work: &[Work<'_>], parts: Option<usize>, scheduler: Scheduler) -> Result<Self> {
        let missing: Vec<f64> = work.iter().flat_map(|work| work.missing.iter().flatten().copied()).collect();
        let parts = parts.unwrap_or_else(|| {
            let by_time = (missing.iter().sum::<f64>() / TASK).ceil() as usize;
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            let least = if scheduler == Scheduler::Local { processors } else { 1 };
            by_time.max(least).min(missing.len())
        });
        let mut seconds = vec![0.0; parts.max(1)];
        for work in work {
            let split = split(&work.cells, &work.committed, parts);
            for (part, cost) in split.into_iter().zip(&work.missing) {
                seconds[part] += cost.unwrap_or_default();
            }
        }
        let mebibytes: Result<Vec<u64>> =
            work.iter().map(|work| work.experiment.mebibytes(&work.cells)).collect();
        let mebibytes = mebibytes?.into_iter().max().unwrap_or_default();
        let unknown = work.iter().map(|work| work.unknown).sum();
        let longest = seconds.into_iter().fold(0.0, f64::max);
        Ok(Self { parts, cells: missing.len(), unknown, seconds: longest, mebibytes })
    }

    /// Minutes after which a task may be ended: twice what similar cells took, for slower processors, and time to
    /// start. A task that is ended keeps its records.
    fn minutes(&self) -> u64 {
        10 + (2.0 * self.seconds / 60.0).ceil() as u64
    }

    /// What the time of the longest task is estimated from.
    fn basis(&self) -> String {
        let Self { cells, unknown, .. } = self;
        match unknown {
            0 => "by what similar cells took".to_owned(),
            _ if unknown == cells => format!(
                "if a cell takes {UNKNOWN} s, which is a guess: nothing similar has been recorded (try one with `imb run \
                 --runs 1`, and write the script again)"
            ),
            _ => format!(
                "by what similar cells took, and with a guess of {UNKNOWN} s for each of the {unknown} cells of which \
                 nothing similar has been recorded"
            ),
        }
    }

    fn text(&self, papers: &[&str]) -> String {
        format!(
            "{}: {} cells missing, in {} tasks. The longest takes about {:.0} min, {}. Each is given one processor, {} min \
             and {} MiB. Start them with:",
            papers.join(", "),
            self.cells,
            self.parts,
            (self.seconds / 60.0).ceil(),
            self.basis(),
            self.minutes(),
            self.mebibytes
        )
    }
}

/// A script from its template.
fn fill(template: &str, papers: &[&str], tasks: &Tasks, what: &What, folder: &Path) -> Result<String> {
    let program = text_of(&std::env::current_exe()?)?;
    let selection = what.words()?;
    let words = |words: &[&str]| -> Vec<String> {
        let words = words.iter().map(|word| (*word).to_owned());
        [program.clone()].into_iter().chain(words).chain(selection.iter().cloned()).collect()
    };
    // With --spec, no paper is named.
    let named = if what.is_own() { &[] } else { papers };
    let run = words(&[&["run"], named, &["--jobs", "1"]].concat());
    let results = text_of(&std::path::absolute(&what.results)?)?;
    let merge: Vec<Vec<String>> = match named {
        [] => vec![words(&["merge", &results, "--complete"])],
        papers => papers.iter().map(|paper| words(&["merge", paper, &results, "--complete"])).collect(),
    };
    let logs = text_of(&folder.join("logs"))?;
    let (run, merge, logs) = if template.starts_with("#!/bin/sh") {
        let lines: Vec<String> = merge.iter().map(|words| line_for_sh(words)).collect();
        (line_for_sh(&run), lines.join("\n"), for_sh(&logs))
    } else {
        // Lists and strings are written in Python as in JSON.
        (json(&run)?, json(&merge)?, json(&logs)?)
    };
    let values = [
        ("@cells@", format!("{} cells of {}", tasks.cells, papers.join(", "))),
        ("@parts@", tasks.parts.to_string()),
        ("@minutes@", tasks.minutes().to_string()),
        ("@mib@", tasks.mebibytes.to_string()),
        ("@run@", run),
        ("@merge@", merge),
        ("@logs@", logs),
    ];
    Ok(values.iter().fold(template.to_owned(), |script, (name, value)| script.replace(name, value)))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// A path for a script, which is text.
pub(crate) fn text_of(path: &Path) -> Result<String> {
    let text = path.to_str().filter(|text| !text.contains(['\n', '\r']));
    Ok(text
        .with_context(|| format!("{}: a script needs a path that is a line of UTF-8", path.display()))?
        .to_owned())
}

fn line_for_sh(words: &[String]) -> String {
    words.iter().map(|word| for_sh(word)).collect::<Vec<_>>().join(" ")
}

/// A word that a POSIX shell reads as it is.
fn for_sh(word: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-_./:=,+".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_called_a_guess() {
        let text =
            |unknown| Tasks { parts: 2, cells: 40, unknown, seconds: 90.0, mebibytes: 300 }.text(&["clinic"]);
        assert!(text(0).contains("about 2 min, by what similar cells took. Each"));
        assert!(text(40).contains("60 s, which is a guess") && !text(40).contains("what similar cells took"));
        assert!(text(4).contains("each of the 4 cells"));
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(for_sh("/a/b-1.sh"), "/a/b-1.sh");
        assert_eq!(for_sh("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(for_sh(""), "''");
    }
}
