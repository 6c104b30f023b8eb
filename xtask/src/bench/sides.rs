//! The two sides of a bench: an example of this workspace, and a Python script in `xtask/bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, root, target_dir};

/// The programs of a bench, and the folder of its data.
pub(super) struct Sides {
    ours: PathBuf,
    python: PathBuf,
    script: PathBuf,
    folder: PathBuf,
}

impl Sides {
    /// Builds the example of a package, and installs the packages (such as `numpy==2.4.6`) for the script.
    pub(super) fn prepare(
        [package, example]: [&str; 2],
        script: &str,
        packages: &[&str],
    ) -> Result<Self, String> {
        let python = venv(packages)?;
        let ours = built_example(package, example)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(script);
        Ok(Self { ours, python, script, folder: target_folder("bench-data")? })
    }

    /// Our program.
    pub(super) fn ours(&self) -> Command {
        Command::new(&self.ours)
    }

    /// The script of the other side, with the task that it is to do.
    pub(super) fn theirs(&self, task: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.script).args(task);
        command
    }

    /// The path of a file in the data folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Data files; if the last is missing, the script's task `make` writes them, given these words and the paths.
    pub(super) fn make<const N: usize>(
        &self,
        words: &[&str],
        files: [String; N],
    ) -> Result<[PathBuf; N], String> {
        let paths = files.clone().map(|name| self.file(&name));
        if paths.last().is_some_and(|path| !path.exists()) {
            // A script that is stopped leaves files that are cut short: they get their names at its end.
            let unfinished = self.file("unfinished");
            let failed = |error: std::io::Error| format!("{}: {error}", unfinished.display());
            fs::create_dir_all(&unfinished).map_err(failed)?;
            let written = files.map(|name| unfinished.join(name));
            crate::run(self.theirs(&["make"]).args(words).args(&written))?;
            written.iter().zip(&paths).try_for_each(|(from, to)| fs::rename(from, to)).map_err(failed)?;
        }
        Ok(paths)
    }
}

/// The Python of a virtual environment with these packages. It is made, and the packages are downloaded, on
/// first use.
fn venv(packages: &[&str]) -> Result<PathBuf, String> {
    let folder = target_dir().join("bench-venv");
    let python = folder.join("bin").join("python");
    if !python.exists() {
        println!("bench: creating {}", folder.display());
        crate::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    crate::run(Command::new(&python).args(pip).args(packages))?;
    Ok(python)
}

/// An example of a package, built in the release profile.
pub(super) fn built_example(package: &str, example: &str) -> Result<PathBuf, String> {
    let words = ["build", "--release", "--quiet", "--package", package, "--example", example];
    crate::run(cargo().args(words).current_dir(root()))?;
    Ok(target_dir().join("release/examples").join(example))
}

fn target_folder(name: &str) -> Result<PathBuf, String> {
    let folder = target_dir().join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}
