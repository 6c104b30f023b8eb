//! Running the program `imb` in a folder of files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// `imb` with no data folder but an empty one.
pub(crate) fn imb(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_imb"))
        .args(words)
        .env_remove("IMB_DATA")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("HOME", folder)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

pub(crate) fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("a folder");
        std::fs::write(path, content).expect("written");
    }
    folder
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect(name)
}

/// What a command reports as JSON.
pub(crate) fn json(folder: &Path, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&stdout(&imb(folder, &words))).expect("JSON")
}
