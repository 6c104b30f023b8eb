//! `imb predictions`: what a recorded cell predicts of each test row.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use imb_core::Device;
use imb_data::{Catalog, write_whole};
use imb_harness::cell::Cell;
use imb_harness::choices::Choices;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::paper::{Paper, papers};
use imb_harness::predictions::CellPredictions;
use imb_harness::profile::Profile;
use imb_harness::record::Record;
use imb_harness::records::{Records, listed};
use imb_harness::runner::Machine;
use imb_harness::spec::Evaluation;

use super::run::stop_on_interrupt;
use crate::DataFolder;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The cell: its place, such as "moods ecoli4 sound smote run 0", or the first digits of its id, by which
    /// its record is named. Part of a place lists the matching cells.
    cell: String,
    /// The test rows and the weights: last (the last weights on the test rows), natural_test (the test rows before the
    /// bootstrap), without_first_test_row, best_on_validation or best_on_test (the weights of the best epoch).
    #[arg(long, value_name = "NAME", default_value = "last", value_parser = evaluation)]
    evaluation: Evaluation,
    /// The CSV file to write; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// The results folder, whose records are used besides the committed ones.
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
}

/// A place that has a record.
const EXAMPLE: &str = "moods ecoli4 sound smote run 0";

fn evaluation(name: &str) -> Result<Evaluation, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (paper, records, of_place) = arguments.recorded()?;
    let catalog = Catalog::built_in();
    let dataset = std::slice::from_ref(&of_place[0].place.dataset);
    let experiment = Experiment::read_only(paper, &catalog, &arguments.folder.dirs()?, dataset)?;
    let (record, cell) = planned(&experiment, &of_place, &experiment.choices(&records)?)?;
    let stop = stop_on_interrupt()?;
    let found = CellPredictions::of(&experiment, &cell, arguments.evaluation, stop)?;
    write(&arguments.out, &found.to_csv()?)?;
    let recorded = record.done().and_then(|done| done.evaluations.get(&arguments.evaluation));
    let recorded = recorded.map(|evaluated| evaluated.predicted.as_str());
    if recorded == Some(&*found.hash) {
        super::print_aside(&format!(
            "{}: the predictions are those of the record ({})",
            cell.place, found.hash
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let here = Machine::here().instructions;
    super::print_aside(&format!(
        "{}: NOT the predictions of the record: hash {} here on {here}, {} there on {}",
        cell.place,
        found.hash,
        recorded.unwrap_or("none"),
        record.cost.instructions
    ));
    Ok(ExitCode::FAILURE)
}

impl Arguments {
    /// The paper of the cell, all of its records, and those at the place of the cell, of which there is at least one:
    /// a place may have a record with a budget and one without, or one of each device.
    fn recorded(&self) -> Result<(Paper, Records, Vec<Record>)> {
        let mut papers = papers(&[])?;
        let mut found: Vec<(usize, Record)> = Vec::new();
        let mut of_papers: Vec<Records> = Vec::new();
        for (number, paper) in papers.iter().enumerate() {
            let mut records = paper.committed_records()?;
            records.extend(Records::read(&self.results, &paper.spec.id)?);
            let fitting = records.iter().filter(|record| self.fits(record));
            found.extend(fitting.map(|record| (number, record.clone())));
            of_papers.push(records);
        }
        let is_exact = |(_, record): &(usize, Record)| record.place.to_string() == self.cell;
        if found.iter().any(is_exact) {
            found.retain(is_exact);
        }
        let Some((number, first)) = found.first().cloned() else { bail!(self.which(&found)) };
        if found.iter().any(|(_, record)| record.place != first.place) {
            bail!(self.which(&found));
        }
        // Of several devices, the processor is there for everybody.
        found.sort_by_key(|(_, record)| record.key.device != Device::Cpu);
        let of_place = found.into_iter().map(|(_, record)| record).collect();
        Ok((papers.swap_remove(number), of_papers.swap_remove(number), of_place))
    }

    /// What to say where not one record fits.
    fn which(&self, found: &[(usize, Record)]) -> String {
        if found.is_empty() {
            return format!("no record fits \"{}\"; for example \"{EXAMPLE}\"", self.cell);
        }
        let places: Vec<String> =
            found.iter().map(|(_, record)| format!("{}  {}", record.id(), record.place)).collect();
        format!("{} records fit \"{}\"; name one:\n{}", found.len(), self.cell, listed(&places))
    }

    fn fits(&self, record: &Record) -> bool {
        let is_id = self.cell.len() >= 4 && record.id().starts_with(&self.cell);
        is_id || record.place.to_string().contains(&self.cell)
    }
}

/// The first of the records of a place whose cell is planned, with that cell.
fn planned<'r>(
    experiment: &Experiment,
    of_place: &'r [Record],
    choices: &Choices,
) -> Result<(&'r Record, Cell)> {
    let mut why = None;
    for record in of_place {
        match cell_of(experiment, record, choices.clone()) {
            Ok(cell) => return Ok((record, cell)),
            Err(error) => why = why.or(Some(error)),
        }
    }
    Err(why.context("a place without a record")?)
}

/// The cell of a record, as it would be run now.
fn cell_of(experiment: &Experiment, record: &Record, choices: Choices) -> Result<Cell> {
    let place = &record.place;
    let catalog = Catalog::built_in();
    let entry = catalog.entries.iter().find(|entry| entry.name == place.dataset);
    if let Some(reason) = entry.and_then(|entry| experiment.absent.get(&entry.row)) {
        bail!("{place} cannot be run: {reason}");
    }
    let selection = Selection {
        profile: Profile::Full,
        datasets: vec![place.dataset.clone()],
        columns: vec![place.column.clone()],
        protocols: vec![place.protocol.clone()],
        most_runs: None,
        device: record.key.device,
        choices,
    };
    let mut cells = experiment.cells(&selection)?;
    cells.extend(experiment.comparison_cells(&selection)?);
    if let Some(same) = cells.iter().position(|cell| cell.id() == record.id()) {
        return Ok(cells.swap_remove(same));
    }
    let at_place = cells.iter().find(|cell| cell.place == *place);
    let at_place = at_place.with_context(|| format!("{place}: no such cell is planned any more"))?;
    bail!("{place} was recorded with another {}", at_place.key.differences(&record.key).join(" and "))
}

fn write(path: &Path, text: &str) -> Result<()> {
    if path.as_os_str() == "-" { super::print(text) } else { Ok(write_whole(path, text.as_bytes())?) }
}
