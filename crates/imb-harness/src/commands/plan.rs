//! `imb plan`: what is done, what is missing, and how long that may take.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use imb_harness::cell::Cell;
use imb_harness::experiment::Experiment;
use imb_harness::grid::Grid;
use imb_harness::plan::{Briefs, Costs, Estimate, Plan};
use imb_harness::records::listed;
use serde::Serialize;

use super::run::What;
use super::script::{self, Scheduler};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial, aemlo (default: all that can be run).
    #[arg(conflicts_with = "spec")]
    papers: Vec<String>,
    #[command(flatten)]
    what: What,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write a script into the results folder that runs the missing cells as tasks of a scheduler.
    #[arg(long, value_enum, conflicts_with = "json")]
    script: Option<Scheduler>,
    /// The number of tasks (default: each takes about half an hour).
    #[arg(long, value_name = "N", requires = "script", value_parser = clap::value_parser!(u32).range(1..))]
    parts: Option<u32>,
}

/// What is printed of a paper.
#[derive(Serialize)]
struct Report {
    paper: String,
    data_sets: Vec<Line>,
    failed: Vec<String>,
    cannot_be_run: Vec<String>,
}

/// A data set under a protocol.
#[derive(Serialize)]
struct Line {
    data_set: String,
    protocol: String,
    cells: usize,
    done: usize,
    failed: usize,
    missing: usize,
    /// CPU seconds for what is missing, as far as they are known.
    seconds: f64,
    /// Missing cells of which nothing similar has been recorded.
    unknown: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let experiments = arguments.what.experiments(&arguments.papers)?;
    if let Some(scheduler) = arguments.script {
        let parts = arguments.parts.map(|parts| parts as usize);
        return script::write(scheduler, &experiments, &arguments.what, parts);
    }
    let reports: Result<Vec<Report>> =
        experiments.iter().map(|experiment| report(experiment, &arguments.what)).collect();
    let reports = reports?;
    if arguments.json {
        super::print_json(&reports)?;
        return Ok(ExitCode::SUCCESS);
    }
    reports.iter().try_for_each(|report| super::print(&to_text(report)))?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of a paper, for a terminal.
pub(crate) fn text(experiment: &Experiment, what: &What) -> Result<String> {
    Ok(to_text(&report(experiment, what)?))
}

fn report(experiment: &Experiment, what: &What) -> Result<Report> {
    let paper = &experiment.paper;
    let cells = what.cells(experiment)?;
    let briefs = Briefs::read(&what.results, &paper.spec.id)?;
    let committed = Briefs::committed(paper)?;
    let costs = Costs::new([&briefs, &committed]);
    let alike =
        |a: &Cell, b: &Cell| (&a.place.dataset, &a.place.protocol) == (&b.place.dataset, &b.place.protocol);
    let mut failed = Vec::new();
    let data_sets = cells.chunk_by(alike).map(|cells| {
        let plan = Plan::new(cells, &briefs, &costs);
        failed.extend(plan.failed.iter().map(|(cell, error)| format!("{}: {error}", cell.place)));
        let Estimate { seconds, unknown } = plan.estimate;
        let place = &cells[0].place;
        Line {
            data_set: place.dataset.clone(),
            protocol: place.protocol.clone(),
            cells: cells.len(),
            done: plan.done.len(),
            failed: plan.failed.len(),
            missing: plan.missing.len(),
            seconds,
            unknown,
        }
    });
    let data_sets = data_sets.collect();
    failed.extend(briefs.problems.iter().map(|problem| format!("set aside: {problem}")));
    let absent = experiment.absent.iter().map(|(row, reason)| format!("{row}: {reason}"));
    let skipped = experiment.skipped.iter();
    let skipped = skipped.map(|[row, protocol, reason]| format!("{row} under {protocol}: {reason}"));
    let cannot_be_run = absent.chain(skipped).collect();
    Ok(Report { paper: paper.spec.id.clone(), data_sets, failed, cannot_be_run })
}

fn to_text(report: &Report) -> String {
    let header = [&report.paper, "protocol", "cells", "done", "failed", "missing", "CPU time"];
    let time = |line: &Line| match (line.missing, line.unknown) {
        (0, _) => "–".to_owned(),
        (_, 0) => duration(line.seconds),
        (missing, unknown) if missing == unknown => "unknown".to_owned(),
        (_, unknown) => format!("{} and {unknown} unknown", duration(line.seconds)),
    };
    let rows = report.data_sets.iter().map(|line| {
        let counts = [line.cells, line.done, line.failed, line.missing].map(|count| count.to_string());
        [line.data_set.clone(), line.protocol.clone()].into_iter().chain(counts).chain([time(line)]).collect()
    });
    let grid = Grid { header: header.map(str::to_owned).into(), rows: rows.collect(), text_columns: 2 };
    let seconds: f64 = report.data_sets.iter().map(|line| line.seconds).sum();
    let missing: usize = report.data_sets.iter().map(|line| line.missing).sum();
    let unknown: usize = report.data_sets.iter().map(|line| line.unknown).sum();
    let mut text = format!("{}\n{missing} cells missing", grid.to_text());
    if missing > unknown {
        text += &format!(": about {} of CPU time, by what similar cells took", duration(seconds));
    }
    if unknown > 0 {
        text += &format!("; of {unknown} nothing similar has been recorded");
    }
    text.push('\n');
    if !report.failed.is_empty() {
        text += &format!("{} failed or were set aside:\n{}", report.failed.len(), listed(&report.failed));
    }
    report.cannot_be_run.iter().for_each(|row| text += &format!("  cannot be run: {row}\n"));
    text
}

fn duration(seconds: f64) -> String {
    match seconds {
        ..90.0 => format!("{seconds:.0} s"),
        ..5400.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}
