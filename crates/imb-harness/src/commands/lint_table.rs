//! `imb lint-table`: what arithmetic alone says about printed tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use imb_harness::grid::Grid;
use imb_harness::lint_file;
use imb_metrics::printed::{LintReport, PrintedTables, Revealed, TwoClassMetric};
use serde_json::json;

#[derive(Args)]
#[command(
    after_help = "Exit status: 0 if nothing is found, 1 if something is. docs/table-lint.md describes the file."
)]
pub(crate) struct Arguments {
    /// The tables, typed as TOML: a section per table, with its columns and a list of values for each row.
    file: PathBuf,
    /// Confidence of the exact (Clopper-Pearson) intervals of revealed recalls.
    #[arg(long, value_name = "C", default_value_t = 0.95)]
    confidence: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let path = &arguments.file;
    let read = || -> Result<(LintReport, Vec<String>)> {
        let tables = lint_file::read(&fs::read_to_string(path)?)?;
        Ok((tables.lint()?, unknown_lines(&tables)))
    };
    let (report, unknown) = read().with_context(|| path.display().to_string())?;
    if arguments.json {
        let revealed: Vec<serde_json::Value> = report
            .revealed
            .iter()
            .map(|matrix| as_json(matrix, arguments.confidence))
            .collect::<Result<_>>()?;
        super::print_json(&json!({
            "values": report.values,
            "findings": report.findings,
            "unknown_lines": unknown,
            "revealed": revealed,
        }))?;
    } else {
        super::print(&to_text(&report, &unknown, arguments.confidence)?)?;
    }
    Ok(match report.findings.len() {
        0 => ExitCode::SUCCESS,
        n => super::failure(&format!("{}: findings: {n}", path.display())),
    })
}

/// The lines that are called after nothing that is known, so that their values are compared only with those of the
/// same line in other tables, or as the file says.
fn unknown_lines(tables: &PrintedTables) -> Vec<String> {
    let is_known = |line: &str| TwoClassMetric::named(line).is_some() || OTHER_LINES.contains(&line);
    let unknown =
        tables.cells.iter().map(|cell| cell.line.as_str()).filter(|line| !line.is_empty() && !is_known(line));
    unknown.collect::<BTreeSet<&str>>().into_iter().map(str::to_owned).collect()
}

/// Lines that have rules of their own.
const OTHER_LINES: [&str; 4] = ["rank", "wins", "losses", "overlap_percent"];

fn to_text(report: &LintReport, unknown: &[String], confidence: f64) -> Result<String> {
    let mut text = String::new();
    for finding in &report.findings {
        writeln!(text, "{finding}")?;
    }
    let findings = report.findings.len();
    let word = if findings == 1 { "finding" } else { "findings" };
    writeln!(text, "{} values checked, {findings} {word}", report.values)?;
    for line in unknown {
        writeln!(
            text,
            "\"{line}\" is no known metric: its values are only compared with the same line of other tables (`metrics` \
             in the file says what a line stands for)"
        )?;
    }
    if report.revealed.is_empty() {
        return Ok(text);
    }
    let share = 100.0 * confidence;
    writeln!(
        text,
        "\nOnly one confusion matrix gives these values (exact {share} % intervals of the recalls):"
    )?;
    let header = ["place", "right of first class", "recall", "right of second class", "recall"];
    let mut rows = Vec::new();
    for matrix in &report.revealed {
        rows.push(row(matrix, confidence)?);
    }
    text += &Grid { header: header.map(String::from).into(), rows, text_columns: 5 }.to_text();
    Ok(text)
}

fn row(matrix: &Revealed, confidence: f64) -> Result<Vec<String>> {
    let Revealed { table, row, column, counts, are_stated_rows } = matrix;
    let note = if *are_stated_rows { "" } else { " (other test rows)" };
    let mut cells = vec![format!("{table}, {row}, {column}{note}")];
    for (class, interval) in counts.recall_intervals(confidence)?.into_iter().enumerate() {
        let (right, rows) = (counts.right[class], counts.rows[class]);
        cells.push(format!("{right} of {rows}"));
        let recall = right as f64 / rows as f64;
        cells.push(format!("{recall:.3} [{:.3}, {:.3}]", interval.lower, interval.upper));
    }
    Ok(cells)
}

fn as_json(matrix: &Revealed, confidence: f64) -> Result<serde_json::Value> {
    let intervals = matrix.counts.recall_intervals(confidence)?;
    let mut value = serde_json::to_value(matrix)?;
    value["matrix"] = serde_json::to_value(matrix.counts.matrix()?)?;
    value["recall_intervals"] = serde_json::to_value(intervals)?;
    Ok(value)
}
