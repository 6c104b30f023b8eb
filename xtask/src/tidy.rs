//! Checks that no compiler makes: no long files, no paths of one machine, no large data files.

use std::path::Path;
use std::process::Command;

use crate::root;

/// The most lines of a source file.
const LONGEST: usize = 500;
/// The most bytes of a tracked file.
const LARGEST: usize = 400_000;
/// The most bytes of a report, which holds all tables and plots of a paper.
const LARGEST_REPORT: usize = 1_500_000;
/// The most bytes of a paper's records, some hundred for each cell.
const LARGEST_RECORDS: usize = 4_000_000;

/// Checks every file that git tracks or would track.
pub(crate) fn run() -> Result<(), String> {
    let mut faults = Vec::new();
    for name in tracked()? {
        let path = root().join(&name);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        faults.extend(faults_of(&name, &bytes));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn tracked() -> Result<Vec<String>, String> {
    let words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git")
        .args(words)
        .current_dir(root())
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if !output.status.success() {
        return Err("git ls-files failed; tidy checks the files that git tracks".to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(str::to_owned).collect())
}

fn faults_of(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let largest = match name.rsplit('/').next() {
        Some("report.html") => LARGEST_REPORT,
        Some("records.jsonl.zst") => LARGEST_RECORDS,
        _ => LARGEST,
    };
    if bytes.len() > largest && name != "Cargo.lock" {
        faults.push(format!("{name}: {} bytes, more than {largest}; do not commit data files", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let is_source = Path::new(name).extension().is_some_and(|extension| extension == "rs");
    if is_source && text.lines().count() > LONGEST {
        faults.push(format!("{name}: more than {LONGEST} lines; split it by topic"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(place) = machine_path(line) {
            faults.push(format!("{name}:{number}: {place} begins a path of one machine"));
        }
    }
    faults
}

/// The beginning of a path that exists on one machine only. It is assembled from parts, so that this file
/// passes its own check.
fn machine_path(line: &str) -> Option<String> {
    let roots = ["home", "root", "Users", "work"].map(|folder| format!("/{folder}/"));
    roots.into_iter().find(|start| {
        line.match_indices(start.as_str()).any(|(at, _)| {
            !line[..at].ends_with(|before: char| {
                before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '}' | '/')
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_distinguished_from_addresses() {
        let home = format!("/{}/", "home");
        assert!(machine_path(&format!("open {home}me/x")).is_some());
        assert!(machine_path(&format!("https://example.org{home}x")).is_none());
        assert!(machine_path(&format!("target/..{home}x")).is_none());
    }

    #[test]
    fn long_files_and_data_files_are_named() {
        assert_eq!(faults_of("a.rs", "x\n".repeat(501).as_bytes()).len(), 1);
        assert_eq!(faults_of("a.txt", "x\n".repeat(501).as_bytes()).len(), 0);
        assert_eq!(faults_of("a.csv", &vec![b'x'; LARGEST + 1]).len(), 1);
    }
}
