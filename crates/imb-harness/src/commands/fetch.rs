//! `imb data fetch`: downloads, one data set after the other; one that fails stops no other.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use imb_data::{Catalog, FetchOptions, FetchSource, Fetched, Progress, State};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::data_selection::Selection;

/// A data set and what became of it.
#[derive(Serialize)]
struct Line {
    dataset: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Fetched(Fetched),
    Failed(String),
}

pub(super) fn run(catalog: &Catalog, selection: &Selection, mirror: Option<&str>) -> Result<ExitCode> {
    let to = selection.target()?;
    let mut options = FetchOptions::default();
    if let Some(mirror) = mirror {
        options.mirror_base = mirror.to_owned();
    }
    let names = selection.names(catalog);
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    for dataset in names {
        let bar = progress_bar(&dataset)?;
        let fetched = catalog.fetch(&dataset, &to, &options, &mut |progress| show(&bar, &progress));
        bar.finish_and_clear();
        let outcome = fetched.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Fetched);
        if !selection.json {
            super::print(&format!("{dataset:width$}  {}", in_words(&outcome)))?;
        }
        lines.push(Line { dataset, outcome });
    }
    if selection.json {
        super::print_json(&lines)?;
    }
    let failed = lines.iter().filter(|line| matches!(line.outcome, Outcome::Failed(_))).count();
    if !selection.json {
        super::print(&format!(
            "{} of {} data sets are in {}",
            lines.len() - failed,
            lines.len(),
            to.display()
        ))?;
    }
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        failed => super::failure(&format!("data sets that are not available: {failed}; their lines say why")),
    })
}

/// A bar on standard error; it draws nothing where there is no terminal.
fn progress_bar(dataset: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{prefix} {spinner} {bytes}/{total_bytes} {wide_msg}")?;
    let bar = ProgressBar::no_length().with_style(style).with_prefix(dataset.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

fn show(bar: &ProgressBar, progress: &Progress<'_>) {
    match progress {
        Progress::Waiting { lock } => {
            bar.set_message(format!("waiting for another process: {}", lock.display()))
        }
        Progress::Received { address, bytes, total } => {
            if let Some(total) = total {
                bar.set_length(*total);
            }
            bar.set_position(*bytes);
            bar.set_message((*address).to_owned());
        }
        Progress::Retrying { address, problem } => bar.set_message(format!("again, {problem}: {address}")),
        Progress::Checking { .. } => bar.set_message("checking"),
        _ => {}
    }
}

fn in_words(outcome: &Outcome) -> String {
    let fetched = match outcome {
        Outcome::Failed(error) => return format!("failed: {error}"),
        Outcome::Fetched(fetched) => fetched,
    };
    let source = match fetched.source {
        FetchSource::AlreadyThere => "already there",
        FetchSource::Mirror => "fetched from a mirror",
        FetchSource::Archive => "fetched from where it was first published",
    };
    let state = match &fetched.state {
        State::Verified { .. } => "verified".to_owned(),
        State::SameTable { .. } => "verified by its table".to_owned(),
        State::Unverified { fingerprint, .. } => format!("unverified: {fingerprint}"),
        State::BuiltIn => "built in".to_owned(),
        State::Wrong { problem: detail } | State::Missing { remedy: detail } => detail.clone(),
    };
    format!("{source}, {state}")
}
