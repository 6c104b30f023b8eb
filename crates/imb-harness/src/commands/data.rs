//! `imb data`: the data folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use imb_data::{Catalog, State};
use imb_harness::grid::Grid;
use serde::Serialize;

use super::data_selection::Selection;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show which data sets are there.
    List(Selection),
    /// Check files and tables against the catalog; fail if one is not what it should be.
    Verify(Selection),
    /// Look for data files anywhere below a folder, check them and copy them into the data folder.
    Import {
        /// The folder to look in.
        from: PathBuf,
        #[command(flatten)]
        selection: Selection,
    },
    /// Download what is missing into the data folder, and check it; fail if something is not available.
    #[cfg(feature = "fetch")]
    Fetch {
        #[command(flatten)]
        selection: Selection,
        /// Take repository files from BASE/OWNER/NAME/COMMIT/PATH instead of GitHub.
        #[arg(long, value_name = "BASE")]
        mirror: Option<String>,
    },
}

/// A data set and how it stands to the catalog.
#[derive(Serialize)]
struct Line {
    dataset: String,
    #[serde(flatten)]
    state: State,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let catalog = Catalog::built_in();
    match &arguments.action {
        Action::List(selection) => {
            show(selection, &verify(&catalog, selection)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Verify(selection) => {
            let lines = verify(&catalog, selection)?;
            show(selection, &lines)?;
            let missing = if selection.names.is_empty() { 0 } else { count_missing(&lines) };
            Ok(match (count_wrong(&lines), missing) {
                (0, 0) => ExitCode::SUCCESS,
                (wrong, missing) => super::failure(&format!(
                    "data sets: {wrong} wrong, {missing} of those named missing; the table says why"
                )),
            })
        }
        Action::Import { from, selection } => import(&catalog, from, selection),
        #[cfg(feature = "fetch")]
        Action::Fetch { selection, mirror } => super::fetch::run(&catalog, selection, mirror.as_deref()),
    }
}

fn verify(catalog: &Catalog, selection: &Selection) -> Result<Vec<Line>> {
    let dirs = selection.folder.dirs()?;
    let line = |name: &String| Ok(Line { dataset: name.clone(), state: catalog.verify(name, &dirs)? });
    selection.names(catalog).iter().map(line).collect()
}

fn import(catalog: &Catalog, from: &Path, selection: &Selection) -> Result<ExitCode> {
    if !from.is_dir() {
        bail!("{} is not a folder", from.display());
    }
    let to = selection.target()?;
    let line = |name: &String| Ok(Line { dataset: name.clone(), state: catalog.import(name, from, &to)? });
    let lines: Vec<Line> = selection.names(catalog).iter().map(line).collect::<Result<_>>()?;
    show(selection, &lines)?;
    let copied = lines.iter().filter(|line| line.state.is_usable() && line.state != State::BuiltIn).count();
    if !selection.json {
        super::print(&format!("{copied} of {} data sets copied to {}", lines.len(), to.display()))?;
    }
    Ok(match count_wrong(&lines) {
        0 if copied > 0 => ExitCode::SUCCESS,
        wrong => super::failure(&format!(
            "data sets: {copied} copied, {wrong} wrong; the table says what was found of each"
        )),
    })
}

fn count_wrong(lines: &[Line]) -> usize {
    lines.iter().filter(|line| matches!(line.state, State::Wrong { .. })).count()
}

fn count_missing(lines: &[Line]) -> usize {
    lines.iter().filter(|line| matches!(line.state, State::Missing { .. })).count()
}

fn show(selection: &Selection, lines: &[Line]) -> Result<()> {
    if selection.json {
        return super::print_json(&lines);
    }
    let rows = lines.iter().map(|line| {
        let (state, detail) = match &line.state {
            State::Verified { edition } => ("verified", edition.clone()),
            State::SameTable { edition, file } => {
                ("same table", format!("{edition}; {} is written differently", file.display()))
            }
            State::Unverified { edition, fingerprint } => ("unverified", format!("{edition}; {fingerprint}")),
            State::BuiltIn => ("built in", String::new()),
            State::Wrong { problem } => ("wrong", problem.clone()),
            State::Missing { remedy } => ("missing", remedy.clone()),
        };
        vec![line.dataset.clone(), state.to_owned(), detail]
    });
    let header = ["data set", "state", ""].map(String::from).to_vec();
    let grid = Grid { header, rows: rows.collect(), text_columns: 3 };
    super::print(&grid.to_text())
}
