//! Cells and records as a user meets them: resumed after a kill, the same for any number of workers,
//! merged, and failing in good order. All on the data set that is built in.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use imb_harness::paper::papers;
use imb_harness::record::Record;
use imb_harness::records::Records;
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

/// The outcome of each cell, by its name.
fn results(folder: &Path, results: &str) -> BTreeMap<String, String> {
    let records = Records::read(&folder.join(results), "moods").expect("a folder");
    assert_eq!(records.problems, Vec::<String>::new());
    let outcome = |record: &Record| (record.id(), serde_json::to_string(&record.outcome).expect("JSON"));
    records.iter().map(outcome).collect()
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

/// H2: killed fifty times at all kinds of moments and resumed, the records are those of a run in peace, and
/// nothing is left of those that were being written.
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
        let found = results(folder.path(), &name);
        if found.len() == expected.len() {
            assert_eq!(found, expected);
            round += 1;
        }
    }
    assert!(caught > 0, "no kill came in time");
    let name = format!("killed{round}");
    stdout(&output(folder.path(), &run_words(&name, &[])));
    assert_eq!(results(folder.path(), &name), expected);
    let left = std::fs::read_dir(folder.path().join(&name).join("moods/records")).expect("a folder");
    let left: Vec<_> = left.flatten().map(|file| file.file_name()).collect();
    assert_eq!(left.len(), expected.len(), "{left:?}");
}

/// H4: parts are joined, also of a part of the cells and where two have the same; what is foreign or has
/// a twin with other values is refused by name.
#[test]
fn parts_are_merged_or_refused_by_name() {
    let folder = folder();
    let part = |column: &str, results: &str| {
        let words = ["run", "moods", "--profile", "smoke", "--column", column, "--results", results];
        stdout(&output(folder.path(), &words));
    };
    part("none", "a");
    part("smote", "b");
    let merge = |sources: &[&str], into: &str| {
        let words: Vec<&str> =
            ["merge", "moods"].iter().chain(sources).chain(&["--results", into]).copied().collect();
        output(folder.path(), &words)
    };
    assert!(stdout(&merge(&["a", "b", "a"], "joined")).contains("6 records"));
    stdout(&output(folder.path(), &run_words("whole", &[])));
    assert_eq!(results(folder.path(), "joined"), results(folder.path(), "whole"));
    assert!(stdout(&merge(&["a"], "partial")).contains("3 records"));
    // What is not selected is left out, not refused.
    assert!(stdout(&merge(&["whole", "--column", "smote"], "selected")).contains("3 records"));
    assert_eq!(results(folder.path(), "selected"), results(folder.path(), "b"));

    let words: Vec<&str> = FAILING.iter().chain(&["--results", "e"]).copied().collect();
    stderr_or_failed(&output(folder.path(), &words));
    let foreign = stderr(&merge(&["a", "e"], "f"));
    let says = |what: &str| foreign.contains(what);
    assert!(says("3 records do not fit") && says("another method or parameters"), "{foreign}");
    assert!(!folder.path().join("f").exists(), "nothing is written of a merge that is refused");
    let missing = stderr(&merge(&["nowhere"], "g"));
    assert!(missing.contains("nowhere"), "{missing}");
}

/// Two processes in one folder share the cells, each ends when all are recorded, and no lock is left.
#[test]
fn two_processes_share_the_cells() {
    let folder = folder();
    let start = || {
        let mut command = imb(folder.path(), &run_words("shared", &["--jobs", "1"]));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    };
    let runs = [start(), start()].map(|child| stdout(&child.wait_with_output().expect("ends")));
    let run_now = |text: &String| -> usize {
        let words: Vec<&str> = text.split(' ').collect();
        let at = words.iter().position(|word| *word == "run").expect("\"N run now\"");
        words[at - 1].parse().expect("a number")
    };
    assert_eq!(runs.iter().map(run_now).sum::<usize>(), 6, "{runs:?}");
    stdout(&output(folder.path(), &run_words("alone", &[])));
    assert_eq!(results(folder.path(), "shared"), results(folder.path(), "alone"));
    assert_eq!(files_in(&folder.path().join("shared/moods/records")), 6);
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}

/// H3, H4: parts have no cell in common and are all of them, wherever their records are; what is missing is named.
#[test]
fn parts_are_run_apart_and_joined() {
    let folder = folder();
    stdout(&output(folder.path(), &run_words("whole", &[])));
    let mut counts = Vec::new();
    for (part, own) in [("1/2", "a"), ("2/2", "b")] {
        stdout(&output(folder.path(), &run_words(own, &["--part", part])));
        let count = results(folder.path(), own).len();
        counts.push(count);
        // In one folder a part is the same whatever has been recorded.
        let ran = stdout(&output(folder.path(), &run_words("shared", &["--part", part])));
        assert!(ran.contains(&format!("{count} cells, 0 recorded before, {count} run now")), "{ran}");
    }
    assert!(counts.iter().all(|count| *count > 0) && counts.iter().sum::<usize>() == 6, "{counts:?}");
    let merge = |sources: &[&str], into: &str| {
        let words =
            ["merge", "moods", "--profile", "smoke", "--column", "none", "--column", "smote", "--complete"];
        let words: Vec<&str> = words.iter().chain(sources).chain(&["--results", into]).copied().collect();
        output(folder.path(), &words)
    };
    stdout(&merge(&["a", "b"], "joined"));
    for way in ["joined", "shared"] {
        assert_eq!(results(folder.path(), way), results(folder.path(), "whole"), "{way}");
    }
    let missing = stderr(&merge(&["a"], "partial"));
    let expected = format!("{} of 6 cells have no record", counts[1]);
    assert!(missing.contains(&expected) && missing.contains("winequality"), "{missing}");
    assert!(!folder.path().join("partial").exists());
    let error = stderr(&output(folder.path(), &run_words("a", &["--part", "3/2"])));
    assert!(error.contains("3/8"), "{error}");
}

/// The script for this machine, in a folder whose name a shell could misread.
#[test]
#[cfg(unix)]
fn a_script_runs_what_is_missing() {
    let folder = folder();
    let name = "it's $HOME";
    let plan = |script: &str| {
        let words = [
            "plan",
            "moods",
            "--profile",
            "smoke",
            "--column",
            "none",
            "--column",
            "smote",
            "--results",
            name,
        ];
        stdout(&output(folder.path(), &[&words[..], &["--script", script, "--parts", "2"]].concat()))
    };
    let shown = plan("local");
    assert!(shown.contains("6 cells missing, in 2 tasks"), "{shown}");
    let script = folder.path().join(name).join("jobs/local.sh");
    let mut shell = Command::new("sh");
    shell.arg(&script).arg("2").env_remove("IMB_DATA").env("HOME", folder.path());
    let ran = stdout(&shell.env("XDG_CACHE_HOME", folder.path().join("cache")).output().expect("a shell"));
    assert!(ran.contains("moods: 6 records"), "{ran}");
    stdout(&output(folder.path(), &run_words("alone", &[])));
    assert_eq!(results(folder.path(), name), results(folder.path(), "alone"));
    assert!(plan("slurm").contains("no cell is missing"));
}

/// Any digit that is changed in a record is noticed, by the record's place; the others still serve.
#[test]
fn a_changed_digit_is_noticed() {
    let folder = folder();
    stdout(&output(folder.path(), &run_words("r", &[])));
    let before = results(folder.path(), "r");
    let records = folder.path().join("r/moods/records");
    let path = std::fs::read_dir(&records).expect("there").next().expect("one").expect("a file").path();
    let text = std::fs::read_to_string(&path).expect("text");
    let digits: Vec<usize> =
        text.char_indices().filter(|(_, sign)| sign.is_ascii_digit()).map(|(at, _)| at).collect();
    for &at in digits.iter().step_by(digits.len() / 40) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'9' { b'8' } else { changed[at] + 1 };
        std::fs::write(&path, &changed).expect("written");
        let read = Records::read(&folder.path().join("r"), "moods").expect("a folder");
        assert_eq!((read.len(), read.problems.len()), (before.len() - 1, 1), "{}", &text[at - 20..at + 1]);
    }
    let again = stdout(&output(folder.path(), &run_words("r", &[])));
    assert!(again.contains("set aside") && again.contains("1 run now"), "{again}");
    assert_eq!(results(folder.path(), "r"), before);
}

/// A committed file in which a value was changed is refused by the place of its record.
#[test]
fn committed_records_are_guarded() {
    let folder = folder();
    stdout(&output(folder.path(), &run_words("r", &[])));
    let records = Records::read(&folder.path().join("r"), "moods").expect("a folder");
    let bytes = records.to_committed().expect("compressed");
    assert_eq!(Records::from_committed(&bytes).expect("whole").len(), records.len());
    assert!(Records::from_committed(&bytes[..bytes.len() / 2]).is_err(), "cut off");
    let text = String::from_utf8(zstd::decode_all(&*bytes).expect("compressed")).expect("text");
    let changed = text.replacen("\"run\":0", "\"run\":1", 1);
    let changed = Records::from_committed(&zstd::encode_all(changed.as_bytes(), 1).expect("compressed"));
    let problems = changed.expect("a line is set aside").problems;
    assert!(problems.len() == 1 && problems[0].contains("winequality-red-8_vs_6"), "{problems:?}");
}

fn stderr_or_failed(output: &Output) {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Cells that fail.
const FAILING: [&str; 8] =
    ["run", "moods", "--profile", "smoke", "--column", "smote", "--set", "smote.k_neighbors=0"];

/// A device that is not built in is refused before anything is run.
#[test]
fn a_device_that_is_not_there_is_refused() {
    let folder = folder();
    let words = ["run", "moods", "--profile", "smoke", "--column", "none", "--device", "tch"];
    let error = stderr(&output(folder.path(), &words));
    assert!(error.contains("the cargo feature `tch`"), "{error}");
    assert!(!folder.path().join("results").exists(), "nothing is written");
}

/// A cell that fails is recorded with its error, shown, and run again only on request.
#[test]
fn failed_cells_are_kept_and_shown() {
    let folder = folder();
    let words = FAILING;
    let failed = output(folder.path(), &words);
    let error = stderr(&failed);
    assert!(
        error.contains("imb: failed cells and faulty data sets: 3"),
        "standard error says why the status is 1: {error}"
    );
    let shown = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(shown.contains("failed: moods winequality-red-8_vs_6"), "{shown}");
    assert!(shown.contains("k_neighbors must be at least 1"), "the error says what is wrong: {shown}");
    let plan: Vec<&str> = ["plan"].iter().chain(&words[1..]).chain(&["--json"]).copied().collect();
    let plan: Value = serde_json::from_str(&stdout(&output(folder.path(), &plan))).expect("JSON");
    assert_eq!(plan[0]["failed"].as_array().map(Vec::len), Some(3));
    let merge: Vec<&str> =
        ["merge", "moods", "results", "--complete"].iter().chain(&words[2..]).copied().collect();
    let error = stderr(&output(folder.path(), &merge));
    assert!(error.contains("3 of 3 cells failed") && error.contains("k_neighbors must be"), "{error}");
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
        error.contains("file") && error.contains("once this is fixed, the same command resumes"),
        "{error}"
    );
    stdout(&output(folder.path(), &run_words("r", &[])));
    let records = folder.path().join("r/moods/records");
    let one = std::fs::read_dir(&records).expect("there").next().expect("one").expect("a file").path();
    std::fs::write(&one, "{\"place\":").expect("written");
    let again = stdout(&output(folder.path(), &run_words("r", &[])));
    assert!(again.contains("not a record") && again.contains("1 run now"), "{again}");
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
    let shown = stdout(&output(folder.path(), &["run", "aemlo"]));
    assert!(shown.contains("bibtex cannot be run"), "{shown}");
    let error = stderr(&output(folder.path(), &["run", "moods", "--protocol", "sond"]));
    assert!(error.contains("as_released") && error.contains("sound"), "{error}");
    let error = stderr(&output(folder.path(), &["reproduce", "moods", "--table", "9"]));
    assert!(error.contains("moods: 1, 2, 3"), "{error}");
}

/// A run that ends before anything is asked for writes nothing.
#[test]
fn showing_writes_nothing() {
    let folder = folder();
    let shown = stdout(&output(folder.path(), &["reproduce", "moods", "--no-run"]));
    assert!(shown.contains("Run it again"), "{shown}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The place of every committed record is planned by its paper, so that its seed can be made again.
#[test]
fn committed_records_are_current() {
    let catalog = imb_data::Catalog::built_in();
    for paper in papers(&[]).expect("well formed") {
        let records = paper.committed_records().expect("readable");
        assert_eq!(imb_harness::audit::stale(&paper, &catalog, &records), Vec::<String>::new());
    }
}
