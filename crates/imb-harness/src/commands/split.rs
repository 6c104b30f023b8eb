//! `imb split`: which rows of a data set train, validate and test.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use imb_core::Target;
use imb_data::{AnyTable, Catalog, Entry};
use imb_harness::experiment::{place, plan_for};
use imb_harness::grid::Grid;
use imb_harness::paper::papers;
use imb_harness::place::Place;
use imb_harness::spec::Spec;
use serde::Serialize;

use crate::DataFolder;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A data set of the catalog.
    name: String,
    /// A protocol of the data set's paper, such as sound or as_released (as_printed for adversarial).
    #[arg(long, default_value = "sound")]
    protocol: String,
    /// The run or repeat, from 0; also one that is not planned.
    #[arg(long, default_value_t = 0)]
    run: usize,
    /// The start, from 0, where several runs share their rows [default: 0 there].
    #[arg(long)]
    start: Option<usize>,
    /// The fold, from 0, where the protocol has folds [default: 0 there].
    #[arg(long)]
    fold: Option<usize>,
    #[command(flatten)]
    folder: DataFolder,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Report {
    dataset: String,
    paper: String,
    protocol: String,
    /// None where each run has rows of its own.
    start: Option<usize>,
    run: usize,
    /// None where the protocol has no folds.
    fold: Option<usize>,
    edition: String,
    variant: Option<String>,
    n_rows: usize,
    /// Whether each row stands in exactly one part.
    disjoint: bool,
    /// SHA-256 of the row numbers.
    hash: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    n_rows: usize,
    /// Rows of each class or label.
    counts: Vec<(String, usize)>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let catalog = Catalog::built_in();
    let entry = catalog.entry(&arguments.name)?;
    let paper =
        papers(std::slice::from_ref(&entry.paper))?.into_iter().next().context("the paper of the entry")?;
    let protocol = paper.spec.protocol(&arguments.protocol)?;
    let variant = protocol.variant_of(entry);
    let loaded = protocol.load(&catalog, entry, &arguments.folder.dirs()?)?;
    let first = place(&paper.spec, entry, &arguments.protocol, "");
    let has_starts = has_starts(&paper.spec, entry, &first, loaded.table.n_rows());
    let has_folds = protocol.n_folds().is_some();
    let of = format!("{} under {}", entry.name, arguments.protocol);
    let place = Place {
        start: number(
            "--start",
            arguments.start,
            has_starts,
            &format!("each run of {of} has rows of its own"),
        )?,
        run: arguments.run,
        fold: number("--fold", arguments.fold, has_folds, &format!("{of} has no folds"))?,
        ..first
    };
    let fold = protocol.fold(paper.spec.seed, entry, &loaded, &place)?;
    let parts = [("train", fold.train()), ("validation", fold.validation()), ("test", fold.test())];
    let report = Report {
        dataset: entry.name.clone(),
        paper: entry.paper.clone(),
        protocol: arguments.protocol.clone(),
        start: place.start,
        run: place.run,
        fold: place.fold,
        edition: loaded.edition.name.clone(),
        variant: variant.map(str::to_owned),
        n_rows: fold.n_rows(),
        disjoint: fold.is_disjoint(),
        hash: fold.hash(),
        parts: parts
            .map(|(name, rows)| Part { name, n_rows: rows.len(), counts: counts(&loaded.table, rows) })
            .into(),
    };
    if arguments.json {
        super::print_json(&report)?
    } else {
        super::print(&to_text(&report))?
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether runs share their rows with the others of their start, in any of the columns.
fn has_starts(spec: &Spec, entry: &Entry, first: &Place, n_rows: usize) -> bool {
    let columns = spec.columns.keys().filter(|column| spec.runs_column(&first.protocol, column));
    let mut plans = columns.filter_map(|column| {
        plan_for(spec, entry, &Place { column: column.clone(), ..first.clone() }, n_rows)
    });
    plans.any(|plan| plan.starts > 0)
}

/// The start or the fold: the first if none is named, and none where there are none.
fn number(option: &str, asked: Option<usize>, applies: bool, why_not: &str) -> Result<Option<usize>> {
    ensure!(applies || asked.is_none(), "{option} does not apply: {why_not}");
    Ok(applies.then_some(asked.unwrap_or(0)))
}

fn counts(table: &AnyTable, rows: &[usize]) -> Vec<(String, usize)> {
    let (names, counts) = match table {
        AnyTable::SingleLabel(table) => {
            let labels = table.target().select(rows);
            (labels.classes().to_vec(), labels.counts())
        }
        AnyTable::MultiLabel(table) => {
            let labels = table.target().select(rows);
            (labels.names().to_vec(), labels.positives())
        }
    };
    names.into_iter().zip(counts).collect()
}

fn to_text(report: &Report) -> String {
    let overlap = if report.disjoint { "" } else { "; parts share or repeat rows, as released" };
    let start = report.start.map(|start| format!(", start {start}")).unwrap_or_default();
    let fold = report.fold.map(|fold| format!(", fold {fold}")).unwrap_or_default();
    format!(
        "{} of {}{start}, run {}{fold}, {}{overlap}\n{}\nrows {}",
        report.protocol,
        report.paper,
        report.run,
        report.variant.as_deref().unwrap_or("every row and column"),
        grid(report).to_text(),
        report.hash
    )
}

/// A row a part, with a column a class; of more than ten labels, only what they add up to.
fn grid(report: &Report) -> Grid {
    let names =
        || report.parts.iter().take(1).flat_map(|part| part.counts.iter().map(|(name, _)| name.clone()));
    let many = names().count() > 10;
    let mut header = vec![report.dataset.clone(), "rows".to_owned()];
    if many {
        header.extend(["labels per row", "labels without a row"].map(str::to_owned));
    } else {
        header.extend(names());
    }
    let row = |part: &Part| {
        let counts = || part.counts.iter().map(|(_, count)| *count);
        let mut cells = vec![part.name.to_owned(), part.n_rows.to_string()];
        if many {
            cells.push(format!("{:.3}", counts().sum::<usize>() as f64 / part.n_rows.max(1) as f64));
            cells.push(counts().filter(|count| *count == 0).count().to_string());
        } else {
            cells.extend(counts().map(|count| count.to_string()));
        }
        cells
    };
    Grid { header, rows: report.parts.iter().map(row).collect(), text_columns: 1 }
}
