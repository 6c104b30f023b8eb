//! `imb new`: the files of a first experiment.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use imb_data::{Classes, DataDirs, Input, TargetRule, write_whole};
use imb_harness::experiment::Experiment;
use imb_harness::own::{CATALOG, First, Kind, Own, is_plain_id};

use super::file::FileArguments;
use super::targets::{label_count, require_name};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write a folder with a spec.toml and a catalog.toml, ready to run, that compare three resamplers on a CSV,
    /// KEEL .dat or ARFF file.
    Experiment(NewExperiment),
}

#[derive(Args)]
struct NewExperiment {
    /// The experiment's name, which the folder gets.
    name: String,
    /// The data file.
    file: PathBuf,
    /// The class column: its name, its number from 1 (from the end if negative), or `last`.
    #[arg(long, value_name = "COL", allow_hyphen_values = true, required_unless_present = "labels")]
    target: Option<String>,
    /// Treat every value of the class column as a class, even if it looks like a measurement.
    #[arg(long, conflicts_with = "labels")]
    every_value_a_class: bool,
    /// The label columns, which hold 0 or 1: N for the last N columns, or first:N for the first.
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with = "target")]
    labels: Option<String>,
    #[command(flatten)]
    reading: FileArguments,
}

/// The name of a specification.
const SPEC: &str = "spec.toml";

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let What::Experiment(experiment) = &arguments.what;
    experiment.write()?;
    Ok(ExitCode::SUCCESS)
}

impl NewExperiment {
    fn write(&self) -> Result<()> {
        if !is_plain_id(&self.name) {
            bail!("\"{}\" is no name of an experiment: use letters, digits, _ and -", self.name);
        }
        let folder = PathBuf::from(&self.name);
        if let Some(taken) = [SPEC, CATALOG].map(|name| folder.join(name)).iter().find(|path| path.exists()) {
            bail!("{} already exists: choose another name, or edit it", taken.display());
        }
        let options = self.reading.options(self.target.as_deref());
        let input = Input::open(&self.file)?;
        let parsed = input.parse(&options)?;
        let kind = match (&self.target, &self.labels) {
            (Some(target), _) => {
                // Refuses a column with gaps, and one whose values are no classes.
                parsed.require_whole_target(target, &self.file)?;
                let classes = if self.every_value_a_class { Classes::EachValue } else { Classes::AsWritten };
                let rule = TargetRule { column: target.clone(), classes };
                let labels = rule.labels(&parsed.table, &self.file)?;
                require_name(&parsed, parsed.place_of(target, &self.file)?, &labels, &self.file)?;
                Kind::Classes(rule)
            }
            (None, Some(word)) => match label_count(word)? {
                Some(count) => Kind::Labels(count),
                None => {
                    bail!("--labels {word}: N for the last N columns, or first:N for the first, is needed")
                }
            },
            (None, None) => bail!("--target or --labels is needed"),
        };
        let path = self.path_from_folder()?;
        let first = First { name: &self.name, path: &path, parsed: &parsed, options: &options, kind };
        let (spec, catalog) = (first.spec(), first.catalog()?);
        let is_new = !folder.exists();
        let cannot_make = || format!("the folder {} cannot be made", folder.display());
        std::fs::create_dir_all(&folder).with_context(cannot_make)?;
        let paths = [SPEC, CATALOG].map(|name| folder.join(name));
        for (path, text) in paths.iter().zip([spec, catalog]) {
            write_whole(path, text.as_bytes())?;
        }
        match Own::read(&paths[0], None) {
            Ok(own) => self.say(&first, &paths, require_runnable(own).err()),
            Err(error) => {
                paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
                if is_new {
                    let _ = std::fs::remove_dir(&folder);
                }
                Err(error)
            }
        }
    }

    /// What was written and guessed, and what stands in the way of a first run.
    fn say(
        &self,
        first: &First<'_>,
        [spec, catalog]: &[PathBuf; 2],
        obstacle: Option<anyhow::Error>,
    ) -> Result<()> {
        let mut text = format!("written: {} and {}\n", spec.display(), catalog.display());
        for (column, why) in first.ignored() {
            text += &format!(
                "  column \"{}\" is not used as a feature: {why} (listed under `ignore` in the catalog)\n",
                column.name
            );
        }
        for guess in &first.parsed.guesses {
            text += &format!("  guessed: {} (override with {})\n", guess.what, guess.option);
        }
        if let Some(obstacle) = obstacle {
            super::print(&format!("{text}it cannot be run yet: edit these files"))?;
            return Err(obstacle);
        }
        let spec = spec.display();
        text += &format!(
            "now: imb run --spec {spec}\nthen: imb reproduce --spec {spec} --save .    writes {}/report.html",
            self.name
        );
        super::print(&text)
    }

    /// The data file as seen from the new folder.
    fn path_from_folder(&self) -> Result<String> {
        let path = if self.file.is_relative() {
            Path::new("..").join(&self.file)
        } else {
            std::fs::canonicalize(&self.file)?
        };
        match path.to_str() {
            Some(path) => Ok(path.replace('\\', "/")),
            None => bail!("{}: the path is not UTF-8; rename it", path.display()),
        }
    }
}

/// Reads the data, and splits and prepares the rows of a first run, as running does.
fn require_runnable(own: Own) -> Result<()> {
    let dirs = own.dirs(DataDirs::find(None).unwrap_or_else(|_| DataDirs::only(Vec::new())));
    let experiment = Experiment::read(own.paper, &own.catalog, &dirs)?;
    if let Some(why) = experiment.absent.values().next() {
        bail!("{why}");
    }
    if let Some([row, protocol, why]) = experiment.skipped.first() {
        bail!("{row} under {protocol}: {why}");
    }
    Ok(())
}
