//! What the benches have in common: other people's programs in a virtual environment, two sides that
//! run in turns, and tables that `docs/performance.md` keeps.

mod moods;
mod neighbors;
mod samplers;
mod smote;
mod train;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::{cargo, root};

/// Where the tables are kept.
const PERFORMANCE: &str = "docs/performance.md";

/// Runs the bench of this name.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match words {
        ["moods", options @ ..] => moods::run(&Options::read(options)?),
        ["neighbors", options @ ..] => neighbors::run(&Options::read(options)?),
        ["samplers", options @ ..] => samplers::run(&Options::read(options)?),
        ["smote", options @ ..] => smote::run(&Options::read(options)?),
        ["train", options @ ..] => train::run(&Options::read(options)?),
        _ => Err("the benches are: moods, neighbors, samplers, smote, train".to_owned()),
    }
}

/// What every bench understands.
struct Options {
    /// How often each side runs.
    repeats: usize,
    /// Whether to put the table into the documentation.
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
                    let least_one = number.parse().ok().filter(|repeats| *repeats > 0);
                    options.repeats =
                        least_one.ok_or(format!("--repeats must be 1 or more, but is {number}"))?;
                    rest
                }
                [unknown, ..] => return Err(format!("no option of a bench: {unknown}")),
            }
        }
    }
}

/// A folder for what benches leave behind.
fn scratch(name: &str) -> Result<PathBuf, String> {
    let folder = root().join("target").join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The Python of a virtual environment that has these packages, such as `numpy==2.4.6`. It is made when first
/// asked for, and the packages are fetched then.
fn venv(packages: &[&str]) -> Result<PathBuf, String> {
    let folder = root().join("target").join("bench-venv");
    let python = folder.join("bin").join("python");
    if !python.exists() {
        println!("bench: making {}", folder.display());
        crate::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    crate::run(Command::new(&python).args(pip).args(packages))?;
    Ok(python)
}

/// An example of a package, built for speed.
fn built_example(package: &str, example: &str) -> Result<PathBuf, String> {
    let words = ["build", "--release", "--quiet", "--package", package, "--example", example];
    crate::run(cargo().args(words).current_dir(root()))?;
    Ok(root().join("target/release/examples").join(example))
}

/// A command whose program is to use so many threads, whatever library makes them.
fn with_threads(command: &mut Command, threads: usize) -> &mut Command {
    for name in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
        command.env(name, threads.to_string());
    }
    command
}

/// A program that answers lines by lines.
struct Worker {
    /// What it says first: its name and version.
    version: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(command: &mut Command) -> Result<Self, String> {
        let shown = format!("{command:?}");
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{shown}: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{shown}: no pipes"));
        };
        let mut worker = Self { version: String::new(), child, input, output: BufReader::new(output) };
        worker.version = worker.line()?;
        Ok(worker)
    }

    fn ask(&mut self, question: &str) -> Result<String, String> {
        writeln!(self.input, "{question}").map_err(|error| format!("{}: {error}", self.version))?;
        self.line()
    }

    /// The seconds that one run takes, by its own clock.
    fn seconds(&mut self) -> Result<f64, String> {
        self.seconds_of("run")
    }

    /// The seconds of what is asked for.
    fn seconds_of(&mut self, question: &str) -> Result<f64, String> {
        let answer = self.ask(question)?;
        answer.parse().map_err(|_| format!("{}: not a number of seconds: {answer}", self.version))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(read) if read > 0 => Ok(line.trim_end().to_owned()),
            Ok(_) => Err(format!("{} ended early", self.version)),
            Err(error) => Err(format!("{}: {error}", self.version)),
        }
    }
}

impl Drop for Worker {
    /// A worker ends with its input; one that hangs is ended.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs ours and theirs in turns and returns the seconds of each pair, so that what else the machine
/// does falls on both.
fn interleave(ours: &mut Worker, theirs: &mut Worker, repeats: usize) -> Result<Vec<[f64; 2]>, String> {
    (0..repeats).map(|_| Ok([ours.seconds()?, theirs.seconds()?])).collect()
}

/// How many times longer theirs takes: the median over the pairs.
fn ratio(pairs: &[[f64; 2]]) -> f64 {
    median(pairs.iter().map(|[ours, theirs]| theirs / ours).collect())
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

/// Numbers of threads to measure with: one, and two where the machine has them.
fn thread_counts() -> Vec<usize> {
    let there_are = std::thread::available_parallelism().map_or(1, usize::from);
    (1..=there_are.min(2)).collect()
}

/// The processor's name, where the system tells.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{name}, {threads} hardware threads")
}

/// How busy the machine is: processes that run or wait, over the last minute.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

/// The commit that is checked out, and whether files differ from it.
fn commit() -> String {
    let words = ["describe", "--always", "--dirty=, changed", "--abbrev=10"];
    let output = Command::new("git").args(words).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|commit| !commit.is_empty()).unwrap_or("unknown".to_owned())
}

/// A table in Markdown.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    line(&head) + &line(&rule) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// Prints a bench's result and, if asked to, puts it into the documentation.
fn publish(name: &str, text: &str, options: &Options) -> Result<(), String> {
    println!("{text}");
    if !options.save {
        return Ok(());
    }
    let file = root().join(PERFORMANCE);
    let shown = |error: std::io::Error| format!("{}: {error}", file.display());
    let old = fs::read_to_string(&file).map_err(shown)?;
    fs::write(&file, between_markers(&old, name, text)?).map_err(shown)
}

/// The document with this text between the markers of a name.
fn between_markers(document: &str, name: &str, text: &str) -> Result<String, String> {
    let markers = [format!("<!-- bench {name}: begin -->"), format!("<!-- bench {name}: end -->")];
    let missing = || format!("{PERFORMANCE} lacks the markers {markers:?}");
    let (before, rest) = document.split_once(&markers[0]).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&markers[1]).ok_or_else(missing)?;
    Ok(format!("{before}{}\n\n{}\n\n{}{after}", markers[0], text.trim_end(), markers[1]))
}

/// A program of this repository that a bench needs.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_pairs() {
        assert_eq!(ratio(&[[1.0, 2.0], [1.0, 9.0], [2.0, 6.0]]), 3.0);
        assert_eq!(ratio(&[[1.0, 2.0], [1.0, 4.0]]), 3.0);
    }

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let document = "a\n<!-- bench x: begin -->old<!-- bench x: end -->\nb\n";
        let changed = between_markers(document, "x", "| t |\n").expect("markers");
        assert_eq!(changed, "a\n<!-- bench x: begin -->\n\n| t |\n\n<!-- bench x: end -->\nb\n");
        assert!(between_markers(document, "y", "").is_err());
    }

    #[test]
    fn options_are_checked() {
        let options = Options::read(&["--repeats", "3", "--save"]).expect("valid");
        assert!(options.repeats == 3 && options.save);
        assert!(Options::read(&["--repeats", "0"]).is_err());
        assert!(Options::read(&["--fast"]).is_err());
    }

    #[test]
    fn tables_are_markdown() {
        let rows = [vec!["1".to_owned(), "2".to_owned()]];
        assert_eq!(table(&["a", "b"], &rows), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    }
}
