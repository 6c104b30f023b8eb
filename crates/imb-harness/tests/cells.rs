//! Cells and records as a user meets them: resumed after a kill, the same for any number of workers,
//! merged, and failing in good order. All on the data set that is built in.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use imb_harness::record::Records;
use serde_json::Value;
use tempfile::TempDir;

fn imb(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imb"));
    command
        .args(words)
        .env_remove("IMB_DATA")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("HOME", folder)
        .current_dir(folder);
    command
}

fn output(folder: &Path, words: &[&str]) -> Output {
    imb(folder, words).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

const RUN: [&str; 6] = ["run", "moods", "--profile", "smoke", "--column", "none"];

fn run_words<'a>(results: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let columns = ["--column", "smote", "--results", results];
    RUN.into_iter().chain(columns).chain(more.iter().copied()).collect()
}

/// What came of each cell, by its name, and the tables made from it.
fn results(folder: &Path, results: &str) -> (BTreeMap<String, String>, String) {
    let records = Records::read(&folder.join(results), "moods").expect("whole records");
    let outcome = |record: &imb_harness::record::Record| {
        (record.id(), serde_json::to_string(&record.outcome).expect("JSON"))
    };
    let outcomes = records.iter().map(outcome).collect();
    let words = ["reproduce", "moods", "--table", "3", "--profile", "smoke", "--results", results];
    let shown = stdout(&output(folder, &words));
    assert!(shown.contains("Table 3 of moods"), "{shown}");
    let table = std::fs::read_to_string(folder.join(results).join("moods/table3.csv")).expect("a table");
    (outcomes, table)
}

/// H3: one worker or two, the same to the last byte; and what is recorded is not run again.
#[test]
fn any_number_of_workers_and_a_second_run() {
    let folder = folder();
    let ran = stdout(&output(folder.path(), &run_words("one", &["--jobs", "1"])));
    assert!(ran.contains("0 recorded before, 6 run now"), "{ran}");
    stdout(&output(folder.path(), &run_words("two", &["--jobs", "2"])));
    assert_eq!(results(folder.path(), "one"), results(folder.path(), "two"));
    let again = stdout(&output(folder.path(), &run_words("one", &[])));
    assert!(again.contains("6 recorded before, 0 run now"), "{again}");
}

/// H2: killed fifty times at all kinds of moments, gone on, the tables are those of a run in peace.
#[test]
fn killed_fifty_times() {
    let folder = folder();
    stdout(&output(folder.path(), &run_words("peace", &[])));
    let expected = results(folder.path(), "peace");
    let (mut round, mut caught) = (0, 0);
    for kill in 0..50 {
        let name = format!("killed{round}");
        let mut child: Child = imb(folder.path(), &run_words(&name, &["--jobs", "1"]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(10 + (kill * 37) % 150));
        caught += u32::from(child.try_wait().expect("asks").is_none());
        // On Unix this is SIGKILL.
        let _ = child.kill();
        child.wait().expect("ends");
        let records = Records::read(&folder.path().join(&name), "moods").expect("no record is half-written");
        if records.len() == expected.0.len() {
            assert_eq!(results(folder.path(), &name), expected);
            round += 1;
        }
    }
    assert!(caught > 0, "no kill came in time");
    let name = format!("killed{round}");
    stdout(&output(folder.path(), &run_words(&name, &[])));
    assert_eq!(results(folder.path(), &name), expected);
}

/// H4: parts are joined; what is missing, twice there or foreign is refused by name.
#[test]
fn parts_are_merged_or_refused_by_name() {
    let folder = folder();
    let part = |column: &str, results: &str| {
        let words = ["run", "moods", "--profile", "smoke", "--column", column, "--results", results];
        stdout(&output(folder.path(), &words));
    };
    part("none", "a");
    part("smote", "b");
    let merge = |folders: &[&str], into: &str| {
        let columns = ["--profile", "smoke", "--column", "none", "--column", "smote", "--results", into];
        let words: Vec<&str> = ["merge", "moods"].iter().chain(folders).chain(&columns).copied().collect();
        output(folder.path(), &words)
    };
    assert!(stdout(&merge(&["a", "b"], "joined")).contains("6 records"));
    stdout(&output(folder.path(), &run_words("whole", &[])));
    assert_eq!(results(folder.path(), "joined"), results(folder.path(), "whole"));
    let missing = stderr(&merge(&["a"], "c"));
    assert!(missing.contains("3 cells missing") && missing.contains("smote run 0"), "{missing}");
    let twice = stderr(&merge(&["a", "b", "a"], "d"));
    assert!(twice.contains("3 cells in two folders") && twice.contains("none run 0"), "{twice}");
    let words =
        ["run", "moods", "--profile", "smoke", "--column", "none", "--device", "tch", "--results", "e"];
    stderr_or_failed(&output(folder.path(), &words));
    let foreign = stderr(&merge(&["a", "b", "e"], "f"));
    assert!(foreign.contains("3 cells not in this plan"), "{foreign}");
    assert!(!folder.path().join("f").exists(), "nothing is written of a merge that is refused");
}

fn stderr_or_failed(output: &Output) {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A cell that fails is recorded with its error, shown, and run again only on request.
#[test]
fn failed_cells_are_kept_and_shown() {
    let folder = folder();
    let words = ["run", "moods", "--profile", "smoke", "--column", "none", "--device", "tch"];
    let failed = output(folder.path(), &words);
    assert!(!failed.status.success());
    let shown = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(shown.contains("failed: moods winequality-red-8_vs_6"), "{shown}");
    assert!(shown.contains("`tch`"), "the error says what is missing: {shown}");
    let plan = ["plan", "moods", "--profile", "smoke", "--column", "none", "--device", "tch", "--json"];
    let plan: Value = serde_json::from_str(&stdout(&output(folder.path(), &plan))).expect("JSON");
    assert_eq!(plan[0]["failed"].as_array().map(Vec::len), Some(3));
    let again = String::from_utf8_lossy(&output(folder.path(), &words).stdout).into_owned();
    assert!(again.contains("3 recorded before, 0 run now"), "{again}");
    let retry: Vec<&str> = words.into_iter().chain(["--retry-failed"]).collect();
    let again = String::from_utf8_lossy(&output(folder.path(), &retry).stdout).into_owned();
    assert!(again.contains("3 run now"), "{again}");
}

/// Where records cannot be written the run ends, says where, and what was recorded stays.
#[test]
fn results_that_cannot_be_written() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "taken").expect("written");
    let error = stderr(&output(folder.path(), &run_words("file", &[])));
    assert!(
        error.contains("file") && error.contains("the same command goes on once this is mended"),
        "{error}"
    );
    stdout(&output(folder.path(), &run_words("r", &[])));
    let records = folder.path().join("r/moods/records");
    let one = std::fs::read_dir(&records).expect("there").next().expect("one").expect("a file").path();
    std::fs::write(&one, "{\"place\":").expect("written");
    let error = stderr(&output(folder.path(), &run_words("r", &[])));
    assert!(error.contains("not a record"), "{error}");
}

#[test]
fn names_that_are_unknown() {
    let folder = folder();
    let words = ["run", "moods", "--column", "smoot", "--profile", "smoke"];
    let error = stderr(&output(folder.path(), &words));
    assert!(error.contains("\"smoot\"") && error.contains("smote"), "{error}");
    let words = ["run", "moods", "--dataset", "iris", "--profile", "smoke"];
    let error = stderr(&output(folder.path(), &words));
    assert!(error.contains("winequality-red-8_vs_6"), "{error}");
    let error = stderr(&output(folder.path(), &["run", "aemlo"]));
    assert!(error.contains("aemlo"), "{error}");
    let error = stderr(&output(folder.path(), &["reproduce", "moods", "--table", "9"]));
    assert!(error.contains("moods: 1, 2, 3"), "{error}");
}
