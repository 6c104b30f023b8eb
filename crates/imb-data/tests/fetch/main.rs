//! Downloads against a web server on this machine that does everything wrong. Nothing here reaches
//! further than the loopback address.

mod archives;
mod folder;
mod server;
mod transfers;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use imb_core::{Error, FetchError, FetchProblem, Result};
use imb_data::{Catalog, DataDirs, FetchOptions, Fetched, Progress};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A data folder, a catalog of one data set, and how it is fetched.
struct Toy {
    folder: TempDir,
    catalog: Catalog,
    options: FetchOptions,
}

impl Toy {
    /// A set of the file `toy/toy.csv` in the mirror at an address.
    fn mirrored(address: &str) -> Self {
        Self::new(address, &files(&format!("sha256 = \"{}\", {MIRROR}", sha256(&table()))))
    }

    /// A set of these files, whose table is that of [`table`].
    fn new(address: &str, files: &str) -> Self {
        let known = format!("fingerprints = {{ \"CSV\" = \"{}\" }}", fingerprint());
        Self { catalog: catalog(files, &known), folder: folder(), options: options(address) }
    }

    /// A set of these files, of whose table nothing but the shape is known.
    fn unknown(address: &str, files: &str) -> Self {
        Self { catalog: catalog(files, SHAPE), folder: folder(), options: options(address) }
    }

    fn fetch(&self) -> Result<Fetched> {
        self.fetch_watched(&mut |_| {})
    }

    fn fetch_watched(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Fetched> {
        self.catalog.fetch("toy", self.folder.path(), &self.options, progress)
    }

    /// The error of a fetch, which must fail and leave nothing under the final name.
    fn failure(&self) -> FetchError {
        let failure = match self.fetch() {
            Err(Error::Fetch(failure)) => *failure,
            other => panic!("a failed fetch is expected, not {other:?}"),
        };
        assert!(!self.file().exists(), "{failure}");
        let place = self.folder.path().display().to_string();
        let message = failure.to_string();
        assert!(message.contains("Put toy/toy.csv") && message.contains(&place), "{message}");
        failure
    }

    /// The problem of a fetch that fails at its only address.
    fn problem(&self) -> FetchProblem {
        let mut attempts = self.failure().attempts;
        assert_eq!(attempts.len(), 1, "{attempts:?}");
        attempts.remove(0).problem
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("toy/toy.csv")
    }

    fn dirs(&self) -> DataDirs {
        DataDirs::only(vec![self.folder.path().to_owned()])
    }

    /// The sizes of the unfinished downloads.
    fn parts(&self) -> Vec<u64> {
        let Ok(work) = fs::read_dir(self.folder.path().join(".fetch")) else { return Vec::new() };
        let paths = work.map(|entry| entry.expect("readable").path());
        let parts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "part"));
        parts.map(|path| path.metadata().expect("readable").len()).collect()
    }
}

/// The mirror's entry for the file; its path needs escapes.
const MIRROR: &str = r#"mirror = { repository = "own/repo", commit = "c0ffee", path = "a b/toy.csv" }"#;

/// The path at which a server is asked for it.
const MIRROR_PATH: &str = "/own/repo/c0ffee/a%20b/toy.csv";

const SHAPE: &str = "shape = { n_rows = 2000, n_features = 2, minority_rows = [500, 500] }";

/// The entry of the set's only file.
fn files(rest: &str) -> String {
    format!("[{{ path = \"toy/toy.csv\", {rest} }}]")
}

fn catalog(files: &str, known: &str) -> Catalog {
    Catalog::parse(&format!(
        r#"
[[dataset]]
name = "toy"
title = "a toy"
paper = "none"
row = "none"
origin = "the toy shop"
licence = "none"

[[dataset.edition]]
files = {files}
read = {{ format = "csv", header = "present" }}
targets = {{ class = {{ column = "last", classes = {{ positive = "1" }} }} }}
{known}
"#
    ))
    .expect("a catalog")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn options(address: &str) -> FetchOptions {
    FetchOptions {
        mirror_base: address.to_owned(),
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(5),
        total: Duration::from_secs(10),
        size_limit: 200_000,
        retries: 2,
        pause: Duration::from_millis(5),
        lock_wait: Duration::from_secs(10),
        use_proxy: false,
    }
}

/// The table: 2000 rows, two features, 500 rows of class 1.
fn table() -> Vec<u8> {
    let rows = (0..2000).map(|row| format!("{row},{}.5,{}\n", row % 7, u8::from(row % 4 == 0)));
    format!("a,b,class\n{}", rows.collect::<String>()).into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprint of the table, as loading it by its shape finds it.
fn fingerprint() -> String {
    let toy = TempDir::new().expect("a folder");
    fs::write(toy.path().join("toy.csv"), table()).expect("written");
    let catalog = catalog(&files("part = \"all\""), SHAPE);
    let dirs = DataDirs::only(vec![toy.path().to_owned()]);
    catalog.load("toy", None, &dirs).expect("of that shape").fingerprint.to_string()
}
