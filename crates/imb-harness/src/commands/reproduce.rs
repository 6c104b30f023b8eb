//! `imb reproduce`: the tables of the papers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use imb_data::Catalog;
use imb_harness::paper::papers;
use imb_harness::table1::Table1;
use imb_harness::verdict::Verdict;

use crate::DataFolder;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial, aemlo; all if none is named.
    papers: Vec<String>,
    /// The table. Table 1, of the data sets, is the one that there is so far.
    #[arg(long, value_name = "N", default_value_t = 1)]
    table: u32,
    #[command(flatten)]
    folder: DataFolder,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write each table as Markdown into its paper's folder here.
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Compare each table with the one in its paper's folder here, and fail if one differs.
    #[arg(long, value_name = "DIR", conflicts_with = "save")]
    check: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let papers = papers(&arguments.papers)?;
    if arguments.table != 1 {
        bail!("table {} cannot be reproduced yet; there is: 1", arguments.table);
    }
    let (catalog, dirs) = (Catalog::built_in(), arguments.folder.dirs()?);
    let tables: Vec<Table1> = papers.iter().map(|paper| Table1::measure(paper, &catalog, &dirs)).collect();
    if let Some(folder) = &arguments.save {
        tables.iter().try_for_each(|table| save(table, folder))?;
    }
    if let Some(folder) = &arguments.check {
        tables.iter().try_for_each(|table| check(table, folder))?;
    }
    if arguments.json {
        super::print_json(&tables)?;
    } else {
        let texts: Vec<String> = tables.iter().map(Table1::to_text).collect();
        super::print(&texts.join("\n"))?;
        super::print(&summary(&tables))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(tables: &[Table1]) -> String {
    let count = |verdict| tables.iter().map(|table| table.count(verdict)).sum::<usize>();
    let missing = tables.iter().flat_map(|table| &table.rows).filter(|row| row.edition.is_none()).count();
    let mut text = format!(
        "All tables: {} figures reproduced, {} differ, {} not attempted.",
        count(Verdict::Reproduced),
        count(Verdict::Differs),
        count(Verdict::NotAttempted)
    );
    if missing > 0 {
        text += &format!("\n{missing} data sets could not be read; the notes above say what to do.");
    }
    text
}

fn file(table: &Table1, folder: &Path) -> PathBuf {
    folder.join(&table.paper).join("table1.md")
}

/// A table that lacks data sets is not saved: it would take the place of one that has them.
fn save(table: &Table1, folder: &Path) -> Result<()> {
    let path = file(table, folder);
    let missing: Vec<&str> =
        table.rows.iter().filter(|row| row.edition.is_none()).map(|row| row.dataset.as_str()).collect();
    if !missing.is_empty() {
        bail!("{} is not written: {} could not be read", path.display(), missing.join(", "));
    }
    imb_data::write_whole(&path, table.to_markdown().as_bytes())?;
    Ok(())
}

fn check(table: &Table1, folder: &Path) -> Result<()> {
    let path = file(table, folder);
    let saved = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if saved != table.to_markdown() {
        bail!(
            "{} is not what is measured now; `cargo xtask reproduce --table 1 --save experiments` writes it anew",
            path.display()
        );
    }
    Ok(())
}
