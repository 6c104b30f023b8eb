//! The table of a bench, with the versions and the machine it was measured on.

use std::fs;
use std::process::Command;

use super::Options;
use crate::root;

/// The file that keeps the tables.
const PERFORMANCE: &str = "docs/performance.md";

/// A table that is filled row by row.
pub(super) struct Report {
    /// The name of the bench.
    name: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The versions of the two sides.
    pub(super) versions: String,
    load_before: String,
}

impl Report {
    pub(super) fn new(name: &'static str, head: &[&str]) -> Self {
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        Self { name, head, rows: Vec::new(), versions: String::new(), load_before: load() }
    }

    /// Adds a row, and prints it as progress.
    pub(super) fn add(&mut self, row: Vec<String>) {
        println!("bench: {}", row.join(", "));
        self.rows.push(row);
    }

    /// Prints the report and, with `--save`, saves it in the documentation. `repeats` says how often each side
    /// ran, and `note` follows the table.
    pub(super) fn publish(&self, repeats: &str, note: &str, options: &Options) -> Result<(), String> {
        let text = format!(
            "{}; {}; commit {}; load {} before, {} after; {repeats}.\n\n{}{note}",
            self.versions,
            processor(),
            commit(),
            self.load_before,
            load(),
            table(&self.head, &self.rows)
        );
        println!("{text}");
        if !options.save {
            return Ok(());
        }
        let file = root().join(PERFORMANCE);
        let shown = |error: std::io::Error| format!("{}: {error}", file.display());
        let old = fs::read_to_string(&file).map_err(shown)?;
        fs::write(&file, between_markers(&old, self.name, &text)?).map_err(shown)
    }
}

/// The document with this text between the markers of a name.
fn between_markers(document: &str, name: &str, text: &str) -> Result<String, String> {
    let markers = [format!("<!-- bench {name}: begin -->"), format!("<!-- bench {name}: end -->")];
    let missing = || format!("{PERFORMANCE} lacks the markers {markers:?}");
    let (before, rest) = document.split_once(&markers[0]).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&markers[1]).ok_or_else(missing)?;
    Ok(format!("{before}{}\n\n{}\n\n{}{after}", markers[0], text.trim_end(), markers[1]))
}

/// A table in Markdown.
fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = vec!["---".to_owned(); head.len()];
    line(head) + &line(&rule) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// The processor's name, if the system tells, and its number of hardware threads.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{name}, {threads} hardware threads")
}

/// The load average of the last minute.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

/// The commit that is checked out, and whether files differ from it.
fn commit() -> String {
    let words = ["describe", "--always", "--dirty= with uncommitted changes", "--abbrev=10"];
    let output = Command::new("git").args(words).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|commit| !commit.is_empty()).unwrap_or("unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_between_the_markers_changes() {
        let document = "a\n<!-- bench x: begin -->old<!-- bench x: end -->\nb\n";
        let changed = between_markers(document, "x", "| t |\n").expect("markers");
        assert_eq!(changed, "a\n<!-- bench x: begin -->\n\n| t |\n\n<!-- bench x: end -->\nb\n");
        assert!(between_markers(document, "y", "").is_err());
    }

    #[test]
    fn tables_are_markdown() {
        let row = ["1", "2"].map(str::to_owned).to_vec();
        let head = ["a", "b"].map(str::to_owned);
        assert_eq!(table(&head, &[row]), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    }
}
