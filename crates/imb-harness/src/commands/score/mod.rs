//! `imb score`: every metric that truth, prediction and scores allow.

mod classes;
mod labels;
mod report;
mod scores;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::file::FileArguments;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The file with the true classes, or, with --multi-label, the true labels.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// The file with what was predicted, in the same order of rows.
    #[arg(long, value_name = "FILE")]
    prediction: PathBuf,
    /// The file with one score per class or label, in columns named after them. With two classes, one column
    /// is enough.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// The class that ROC AUC and average precision are of (default: the one that a single column of scores is named
    /// after, or the second of two). A single column that is named after no class holds the scores of this class; one
    /// named after the other of two classes leaves 1 - score to this class.
    #[arg(long, value_name = "CLASS", allow_hyphen_values = true, conflicts_with = "multi_label")]
    positive: Option<String>,
    /// The class column in both files: its name, its number, or `last`. The prediction may call it
    /// something else, if it is the last there.
    #[arg(long, value_name = "COL", default_value = "last", allow_hyphen_values = true)]
    target: String,
    /// Every column is a label, 0 or 1.
    #[arg(long, conflicts_with = "target")]
    multi_label: bool,
    #[command(flatten)]
    reading: FileArguments,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let standard = [Some(&arguments.truth), Some(&arguments.prediction), arguments.scores.as_ref()];
    if standard.into_iter().flatten().filter(|path| path.as_os_str() == "-").count() > 1 {
        bail!("only one of the files can be standard input");
    }
    let report = if arguments.multi_label { labels::report(arguments)? } else { classes::report(arguments)? };
    if arguments.json {
        super::print_json(&report)?
    } else {
        super::print(&report.to_text())?
    }
    Ok(ExitCode::SUCCESS)
}

fn require_rows(path: &Path, expected: usize, found: usize) -> Result<()> {
    if expected != found {
        bail!("{}: {found} rows, but the truth has {expected}", path.display());
    }
    Ok(())
}
