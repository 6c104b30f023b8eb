//! A program that answers each line of its input with a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running program. Its first line of output is its name and version.
pub(super) struct Worker {
    pub(super) version: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    pub(super) fn start(command: &mut Command) -> Result<Self, String> {
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

    /// The answer to a command.
    pub(super) fn ask(&mut self, command: &str) -> Result<String, String> {
        writeln!(self.input, "{command}").map_err(|error| format!("{}: {error}", self.version))?;
        self.line()
    }

    /// The numbers in the answer to a command.
    pub(super) fn numbers(&mut self, command: &str) -> Result<Vec<f64>, String> {
        let answer = self.ask(command)?;
        let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
        numbers.map_err(|_| format!("{}: not numbers: {answer}", self.version))
    }

    /// The first number in the answer to a command, such as the seconds that it took by the program's own clock.
    pub(super) fn number(&mut self, command: &str) -> Result<f64, String> {
        let numbers = self.numbers(command)?;
        numbers.first().copied().ok_or_else(|| format!("{}: an empty answer", self.version))
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
    /// Ends the program, even if it hangs.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sets the number of threads of a program, for every threading library that the two sides use.
pub(super) fn with_threads(mut command: Command, threads: usize) -> Command {
    for name in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
        command.env(name, threads.to_string());
    }
    command
}
