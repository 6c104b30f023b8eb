//! `imb merge`: joins results folders and committed files that each hold a part of the cells.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use imb_harness::cell::Cell;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::profile::Profile;
use imb_harness::records::{Records, folder_of, listed, merge};

use super::run::What;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The paper, then the results folders and committed files to join; with --spec, only these.
    #[arg(required = true, value_name = "PAPER | DIR")]
    words: Vec<PathBuf>,
    #[command(flatten)]
    what: What,
    /// Fail if a cell of the profile lacks a record, or has only that of a failure: the last step of a run in parts.
    #[arg(long)]
    complete: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let What { results, .. } = &arguments.what;
    let mut sources = arguments.words.as_slice();
    let mut names = Vec::new();
    if !arguments.what.is_own() {
        let Some((paper, others)) = sources.split_first().filter(|(_, others)| !others.is_empty()) else {
            bail!("name the paper, and then at least one folder or file to join");
        };
        names.push(paper.display().to_string());
        sources = others;
    }
    for experiment in arguments.what.experiments(&names)? {
        let id = &experiment.paper.spec.id;
        let mut records = Records::default();
        for source in sources.iter().filter(|_| experiment.paper.spec.chooses_on_test_rows()) {
            records.extend(Records::of_source(source, id)?);
        }
        let choices = experiment.choices(&records)?;
        let selection = Selection { choices, ..arguments.what.selection(&experiment)? };
        let cells = every_cell(&experiment, &selection)?;
        let merged = merge(&cells, |place| selection.covers(place), id, sources, results)?;
        if merged.is_empty() {
            let names: Vec<String> = sources.iter().map(|source| source.display().to_string()).collect();
            bail!("{id}: no records in {}", names.join(", "));
        }
        if arguments.complete {
            let cells = arguments.what.cells_of_parts(&experiment)?;
            require_complete(&cells, &merged).with_context(|| format!("{id}: nothing is merged"))?;
        }
        merged.write_missing(&folder_of(results, id))?;
        super::print(&format!("{id}: {} records in {}", merged.len(), results.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn require_complete(cells: &[Cell], records: &Records) -> Result<()> {
    let (mut missing, mut failed) = (Vec::new(), Vec::new());
    for cell in cells {
        match records.of(cell) {
            None => missing.push(cell.place.to_string()),
            Some(record) => failed.extend(record.failure().map(|error| format!("{}: {error}", cell.place))),
        }
    }
    let n_cells = cells.len();
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("{} of {n_cells} cells have no record:\n{}", missing.len(), listed(&missing)));
    }
    if !failed.is_empty() {
        problems.push(format!(
            "{} of {n_cells} cells failed; `imb run --retry-failed` runs them again once the cause is mended:\n{}",
            failed.len(),
            listed(&failed)
        ));
    }
    ensure!(problems.is_empty(), "{}", problems.concat());
    Ok(())
}

/// The cells of every profile and of the comparisons, on every device that a comparison names.
fn every_cell(experiment: &Experiment, selection: &Selection) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for profile in [Profile::Smoke, Profile::Full] {
        cells.extend(experiment.cells(&Selection { profile, ..selection.clone() })?);
    }
    let others = experiment.paper.spec.comparisons.iter().filter_map(|comparison| comparison.against);
    for device in [selection.device].into_iter().chain(others.map(|others| others.device)) {
        cells.extend(experiment.comparison_cells(&Selection { device, ..selection.clone() })?);
    }
    Ok(cells)
}
