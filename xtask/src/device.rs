//! Builds of the program `imb` that train on other devices than the default one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::{cargo, root, run, target_dir};

/// The devices, and the cargo feature of `imb-harness` that builds each in.
const FEATURES: [(&str, Option<&str>); 7] = [
    ("cpu", None),
    ("flex", Some("burn")),
    ("ndarray", Some("ndarray")),
    ("tch", Some("tch")),
    ("tch-cuda", Some("tch")),
    ("wgpu", Some("wgpu")),
    ("cuda", Some("cuda")),
];

/// Builds the program for a device and puts it beside the plain one, under a name of its own.
pub(crate) fn build(words: &[&str]) -> Result<(), String> {
    let ["--device", device] = words else {
        return Err(format!("build needs --device and one of: {}", known()));
    };
    if !FEATURES.iter().any(|(name, _)| name == device) {
        return Err(format!("unknown device \"{device}\"; known: {}", known()));
    }
    let words = ["build", "--release", "--package", "imb-harness", "--bin", "imb"];
    run(for_device(cargo().args(words).current_dir(root()), Some(device))?)?;
    let release = target_dir().join("release");
    let (built, own) = (release.join("imb"), release.join(format!("imb-{device}")));
    std::fs::copy(&built, &own).map_err(|error| format!("{}: {error}", own.display()))?;
    println!("{}", own.display());
    if needs_libtorch(device) {
        println!("It needs libtorch when it starts: LD_LIBRARY_PATH={}", libtorch()?.display());
    }
    Ok(())
}

fn known() -> String {
    FEATURES.map(|(name, _)| name).join(", ")
}

/// The device that a command line names.
pub(crate) fn named<'a>(words: &[&'a str]) -> Option<&'a str> {
    let after = words.iter().skip_while(|word| **word != "--device").nth(1).copied();
    after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--device=")))
}

/// Adds to a cargo command what a device needs: the feature that builds it in, and where libtorch is. A device
/// that is unknown is left to the program, which names the known ones.
pub(crate) fn for_device<'a>(
    command: &'a mut Command,
    device: Option<&str>,
) -> Result<&'a mut Command, String> {
    let Some(device) = device else { return Ok(command) };
    if let Some((_, Some(feature))) = FEATURES.iter().find(|(name, _)| *name == device) {
        command.args(["--features", feature]);
    }
    if needs_libtorch(device) {
        let mut path = OsString::from(libtorch()?);
        if let Some(others) = std::env::var_os("LD_LIBRARY_PATH") {
            path.push(":");
            path.push(others);
        }
        command.env("LD_LIBRARY_PATH", path);
        if std::env::var_os("LIBTORCH").is_none() {
            command.env("LIBTORCH_USE_PYTORCH", "1");
        }
    }
    Ok(command)
}

fn needs_libtorch(device: &str) -> bool {
    device.starts_with("tch")
}

/// The folder of libtorch's libraries: that of `LIBTORCH`, or of the torch of the Python on the path.
fn libtorch() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("LIBTORCH") {
        return Ok(PathBuf::from(folder).join("lib"));
    }
    let script = "import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))";
    let output = Command::new("python3").args(["-c", script]).output();
    let found = output.ok().filter(|output| output.status.success());
    let found = found.and_then(|output| String::from_utf8(output.stdout).ok());
    found.map(|text| PathBuf::from(text.trim())).ok_or_else(|| {
        "no libtorch: set LIBTORCH to its folder, or make a Python with it the first on the path: \
         python3 -m venv torch && torch/bin/pip install torch==2.9.0 numpy && . torch/bin/activate"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_is_found_in_either_form() {
        assert_eq!(named(&["run", "moods", "--device", "wgpu"]), Some("wgpu"));
        assert_eq!(named(&["run", "--device=tch", "moods"]), Some("tch"));
        assert_eq!(named(&["run", "moods"]), None);
        assert_eq!(named(&["run", "--device"]), None);
    }

    #[test]
    fn an_unknown_device_is_refused_with_the_known_ones() {
        let error = build(&["--device", "gpu"]).expect_err("unknown");
        assert!(error.contains("tch-cuda"), "{error}");
        assert!(build(&[]).expect_err("none named").contains("--device"));
    }
}
