//! `imb resample` with methods that train networks: what is written, and what an interrupt leaves.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::program::{folder_with, imb, json, read, stderr, stdout};

/// Twelve rare rows among sixty.
fn two_classes() -> TempDir {
    let row = |row: usize| {
        let is_rare = row.is_multiple_of(5);
        let class = if is_rare { "rare" } else { "often" };
        let shift = if is_rare { 5.0 } else { 0.0 };
        format!("{:.1},{:.1},{},{class}\n", (row * 37 % 100) as f64 / 10.0 + shift, row * 29 % 97, row % 9)
    };
    let table: String = std::iter::once("a,b,c,y\n".to_owned()).chain((0..60).map(row)).collect();
    folder_with(&[("t.csv", &table)])
}

#[test]
fn rows_of_generators_follow_those_of_the_table() {
    let folder = two_classes();
    let given = read(folder.path(), "t.csv");
    for (method, setting) in [
        ("do", "game={classifier={stop={epochs=2}}}"),
        ("ao", "game={classifier={stop={epochs=2}}}"),
        ("gamo", "classifier={stop={epochs=2}}"),
        ("gan", "epochs=2"),
        ("smotified_gan", "epochs=2"),
        ("gbo", "epochs=2"),
        ("ssg", "epochs=2"),
    ] {
        let words = ["resample", "t.csv", "--target", "y", "--method", method, "--set", setting, "--out"];
        stdout(&imb(folder.path(), &[&words[..], &["o.csv", "--origins", "--force"]].concat()));
        let made = read(folder.path(), "o.csv");
        assert_eq!(made.lines().count(), 1 + 2 * 48, "{method}");
        assert!(made.lines().skip(61).all(|line| line.contains(",rare,")), "{method}: {made}");
        let mut pairs = given.lines().zip(made.lines());
        assert!(pairs.all(|(given, kept)| kept.starts_with(given)), "{method}: {made}");
    }
}

#[test]
fn chosen_rows_are_rows_of_the_table() {
    let folder = two_classes();
    let given = read(folder.path(), "t.csv");
    let words =
        ["resample", "t.csv", "--target", "y", "--method", "mubo", "--set", "max_steps=2", "--out", "o.csv"];
    stdout(&imb(folder.path(), &words));
    let chosen = read(folder.path(), "o.csv");
    assert!(chosen.lines().all(|row| given.lines().any(|other| other == row)), "{chosen}");
    assert_eq!(chosen.lines().filter(|row| row.ends_with("rare")).count(), 12);
}

#[test]
fn labels_are_made_with_their_rows() {
    let row = |row: usize| {
        let label = |every: usize| usize::from(row.is_multiple_of(every));
        format!("{},{},{},{},{}\n", row * 37 % 100, row * 29 % 97, label(2), label(3), label(15))
    };
    let table: String = std::iter::once("x,y,a,b,c\n".to_owned()).chain((0..60).map(row)).collect();
    let folder = folder_with(&[("t.csv", &table)]);
    let words =
        ["resample", "t.csv", "--labels", "3", "--method", "aemlo", "--set", "epochs=2", "--out", "o.arff"];
    let report = json(folder.path(), &[&words[..], &["--device", "cpu"]].concat());
    let again = json(folder.path(), &["describe", "o.arff", "--xml", "o.xml"]);
    assert_eq!(again["n_rows"], report["after"]["rows"]);
    assert_eq!(again["multi_label"]["mean_ir"], report["after"]["mean_ir"]);
}

/// Ctrl-C ends a training that would take hours. A generator leaves nothing, a search its best set so far.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_training() {
    for (method, setting, leaves) in [
        ("ssg", "epochs=10000000", false),
        ("gamo", "classifier={stop={epochs=10000000}}", false),
        ("do", "game={classifier={stop={epochs=10000000}}}", false),
        ("mubo", "max_steps=10000000", true),
    ] {
        let folder = two_classes();
        let mut process = Command::new(env!("CARGO_BIN_EXE_imb"))
            .args([
                "resample", "t.csv", "--target", "y", "--method", method, "--set", setting, "--out", "o.csv",
            ])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_secs(1));
        assert!(process.try_wait().expect("known").is_none(), "{method}: it is at work");
        let killed = Command::new("kill").args(["-INT", &process.id().to_string()]).status().expect("kill");
        assert!(killed.success());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = process.try_wait().expect("known") {
                break status;
            }
            if start.elapsed() > Duration::from_secs(60) {
                process.kill().expect("it can be killed");
                panic!("{method}: it goes on");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(if leaves { 0 } else { 130 }), "{method}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), if leaves { 2 } else { 1 }, "{method}: {left:?}");
        assert_eq!(folder.path().join("o.csv").exists(), leaves, "{method}");
    }
    let folder = two_classes();
    let unknown =
        ["resample", "t.csv", "--target", "y", "--method", "ssg", "--device", "gpu", "--out", "o.csv"];
    assert!(stderr(&imb(folder.path(), &unknown)).contains("wgpu"));
}
