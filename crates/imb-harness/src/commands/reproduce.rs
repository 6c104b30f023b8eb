//! `imb reproduce`: the tables of the papers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use imb_data::{Catalog, write_whole};
use imb_harness::cell::Cell;
use imb_harness::comparison::Comparisons;
use imb_harness::experiment::Experiment;
use imb_harness::paper::{Paper, papers};
use imb_harness::protocol::TrainingRows;
use imb_harness::record::Records;
use imb_harness::results::{ResultTable, Source};
use imb_harness::table1::Table1;
use imb_harness::verdict::Verdict;
use serde::Serialize;

use super::plan;
use super::run::{How, Ran, What, execute, stop_on_interrupt};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial, aemlo; all if none is named.
    papers: Vec<String>,
    /// Only this table; 1 is that of the data sets.
    #[arg(long, value_name = "N")]
    table: Option<u32>,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    how: How,
    /// Run nothing: show what there are records of.
    #[arg(long)]
    no_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write each table as Markdown, and the records behind it, into its paper's folder here.
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Compare each table with the one in its paper's folder here, made anew from the data (table 1)
    /// and from the records that stand there, and fail if one differs. Nothing is run.
    #[arg(long, value_name = "DIR", conflicts_with = "save")]
    check: Option<PathBuf>,
}

/// What committed records keep of the figures of a method: what tables, comparisons and estimates read.
const COMMITTED_FIGURES: [&str; 2] = ["accepted_steps", "gradient_steps"];

/// What is printed.
#[derive(Default, Serialize)]
struct Report {
    data_sets: Vec<Table1>,
    results: Vec<ResultTable>,
    comparisons: Vec<Comparisons>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let papers = papers(&arguments.papers)?;
    arguments.require_table(&papers)?;
    let mut report = Report::default();
    if arguments.table.is_none_or(|table| table == 1) {
        report.data_sets = arguments.data_sets(&papers)?;
    }
    let mut whole = true;
    if arguments.table != Some(1) {
        for paper in papers.into_iter().filter(|paper| !paper.spec.tables.is_empty()) {
            match &arguments.check {
                Some(folder) => arguments.check_results(&paper, folder)?,
                None => match arguments.run_paper(paper, &mut report)? {
                    Went::Interrupted => return Ok(ExitCode::from(130)),
                    went => whole &= went == Went::Whole,
                },
            }
        }
    }
    if arguments.json {
        super::print_json(&report)?;
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(PartialEq)]
enum Went {
    Whole,
    SomeFailed,
    Interrupted,
}

impl Arguments {
    fn require_table(&self, papers: &[Paper]) -> Result<()> {
        let Some(number) = self.table.filter(|number| *number != 1) else { return Ok(()) };
        let known = |paper: &Paper| paper.spec.tables.iter().map(|table| table.number).collect::<Vec<_>>();
        if papers.iter().any(|paper| known(paper).contains(&number)) {
            return Ok(());
        }
        let lists: Vec<String> = papers
            .iter()
            .map(|paper| {
                let numbers: Vec<String> = known(paper).iter().map(u32::to_string).collect();
                format!("{}: {}", paper.spec.id, [vec!["1".to_owned()], numbers].concat().join(", "))
            })
            .collect();
        bail!("table {number} cannot be reproduced yet; there is: {}", lists.join("; "))
    }

    fn say(&self, text: &str) -> Result<()> {
        if self.json { Ok(()) } else { super::print(text) }
    }

    /// Table 1 of each paper: measured, saved or checked.
    fn data_sets(&self, papers: &[Paper]) -> Result<Vec<Table1>> {
        let (catalog, dirs) = (Catalog::built_in(), self.what.folder.dirs()?);
        let tables: Vec<Table1> =
            papers.iter().map(|paper| Table1::measure(paper, &catalog, &dirs)).collect();
        for table in &tables {
            let file = |folder: &Path| folder.join(&table.paper).join("table1.md");
            if let Some(folder) = &self.save {
                save_table1(table, &file(folder))?;
            }
            if let Some(folder) = &self.check {
                require_same(&file(folder), &table.to_markdown())?;
            }
        }
        let texts: Vec<String> = tables.iter().map(Table1::to_text).collect();
        self.say(&texts.join("\n"))?;
        self.say(&summary(&tables))?;
        Ok(tables)
    }

    /// Runs what is missing of a paper, and shows its tables.
    fn run_paper(&self, paper: Paper, report: &mut Report) -> Result<Went> {
        let experiment = Experiment::read(paper, &Catalog::built_in(), &self.what.folder.dirs()?)?;
        self.say("")?;
        self.say(&plan::text(&experiment, &self.what)?)?;
        let ran = match self.no_run {
            true => Ran::default(),
            false => execute(&experiment, &self.what, &self.how, stop_on_interrupt()?, !self.json)?,
        };
        if ran.interrupted {
            return Ok(Went::Interrupted);
        }
        let paper = &experiment.paper;
        let records = Records::read(&self.what.results, &paper.spec.id)?;
        let (catalog, data) = (Catalog::built_in(), experiment.fingerprints());
        let source = Source {
            paper,
            catalog: &catalog,
            records: &records,
            absent: &experiment.absent,
            data: &data,
            profile: self.what.profile,
            device: self.what.device,
        };
        let tables = self.tables(&source)?;
        let folder = self.what.results.join(&paper.spec.id);
        write_figures(&source, &folder)?;
        for table in &tables {
            let file = |kind: &str| folder.join(format!("table{}.{kind}", table.number));
            write_whole(&file("md"), table.to_markdown().as_bytes())?;
            write_whole(&file("csv"), table.to_csv().as_bytes())?;
            write_whole(&file("json"), serde_json::to_string_pretty(table)?.as_bytes())?;
            self.say(&table.to_text())?;
        }
        let mut compared = paper.committed_records()?;
        compared.extend(records.clone());
        let comparison = Comparisons::new(paper, &entries(paper), &compared)?;
        if let Some(comparison) = &comparison {
            self.say(&comparison.to_text())?;
        }
        self.say(&format!("Tables as Markdown, CSV and JSON, figures as SVG and PNG: {}", folder.display()))?;
        if let Some(folder) = &self.save {
            self.save_results(&experiment, folder, &compared)?;
        }
        report.results.extend(tables);
        report.comparisons.extend(comparison);
        Ok(if ran.failed + experiment.damaged.len() == 0 { Went::Whole } else { Went::SomeFailed })
    }

    fn tables(&self, source: &Source<'_>) -> Result<Vec<ResultTable>> {
        let wanted = |number: u32| self.table.is_none_or(|table| table == number);
        let tables = source.paper.spec.tables.iter().filter(|table| wanted(table.number));
        tables.map(|table| ResultTable::new(source, table)).collect()
    }

    /// Writes the records of the profile and of the comparison, and the tables that they make.
    fn save_results(&self, experiment: &Experiment, folder: &Path, all: &Records) -> Result<()> {
        let paper = &experiment.paper;
        if !experiment.absent.is_empty() {
            let absent: Vec<&str> = experiment.absent.keys().map(String::as_str).collect();
            bail!("nothing is saved for {}: {} cannot be read", paper.spec.id, absent.join(", "));
        }
        let of = |cells: &[Cell]| {
            let mut records = Records::default();
            let found = cells.iter().filter_map(|cell| all.of(cell));
            found.for_each(|record| records.insert(record.compact(&COMMITTED_FIGURES)));
            records
        };
        let records = of(&self.what.cells(experiment)?);
        let folder = folder.join(&paper.spec.id);
        write_whole(&folder.join("records.jsonl"), records.to_lines()?.as_bytes())?;
        let mut compared = Records::default();
        for (file, device) in paper.comparison_files() {
            let on_device = of(&experiment.comparison_cells(device)?);
            write_whole(&folder.join(file), on_device.to_lines()?.as_bytes())?;
            compared.extend(on_device);
        }
        for (name, text) in self.rendered(paper, &records, &compared)? {
            write_whole(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// Compares the tables of results in a folder with what the records there make.
    fn check_results(&self, paper: &Paper, folder: &Path) -> Result<()> {
        let folder = folder.join(&paper.spec.id);
        let read = |name: &str| {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            Records::from_lines(&text).with_context(|| path.display().to_string())
        };
        let records = read("records.jsonl")?;
        let mut compared = Records::default();
        for (file, _) in paper.comparison_files() {
            compared.extend(read(file)?);
        }
        for (name, text) in self.rendered(paper, &records, &compared)? {
            require_same(&folder.join(name), &text)?;
        }
        self.say(&format!("{}: {} is current", paper.spec.id, folder.display()))
    }

    /// The files that committed records make.
    fn rendered(
        &self,
        paper: &Paper,
        records: &Records,
        compared: &Records,
    ) -> Result<Vec<(String, String)>> {
        let source = Source {
            paper,
            catalog: &Catalog::built_in(),
            records,
            absent: &BTreeMap::new(),
            data: &BTreeMap::new(),
            profile: self.what.profile,
            device: self.what.device,
        };
        let tables = self.tables(&source)?;
        let tables = tables.iter().map(|table| (format!("table{}.md", table.number), table.to_markdown()));
        let comparison = Comparisons::new(paper, &entries(paper), compared)?;
        let comparison = comparison.map(|comparison| ("comparison.md".to_owned(), comparison.to_markdown()));
        Ok(tables.chain(comparison).collect())
    }
}

/// Draws the figures of a paper under each protocol, as far as they have been run.
fn write_figures(source: &Source<'_>, folder: &Path) -> Result<()> {
    for figure in &source.paper.spec.figures {
        let entries = source.catalog.entries.iter();
        let entry = entries
            .filter(|entry| entry.paper == source.paper.spec.id)
            .find(|entry| entry.row == figure.dataset)
            .with_context(|| format!("figure {}: no data set {}", figure.number, figure.dataset))?;
        for protocol in source.paper.spec.protocols.names() {
            let of = |column: &String| source.runs(entry, protocol, TrainingRows::Train, column);
            let records: Vec<Vec<_>> = figure.columns.iter().map(of).collect::<Result<_>>()?;
            let title = format!("{protocol}, {} profile", source.profile);
            if records.iter().any(Vec::is_empty) {
                continue;
            }
            if let Some(drawn) = figure.draw(&title, &records) {
                let file = |kind: &str| folder.join(format!("figure{}_{protocol}.{kind}", figure.number));
                write_whole(&file("svg"), drawn.to_svg().as_bytes())?;
                write_whole(&file("png"), &drawn.to_png()?)?;
            }
        }
    }
    Ok(())
}

/// The catalog's names of a paper's data sets, by their rows in the paper.
fn entries(paper: &Paper) -> BTreeMap<String, String> {
    let of_paper = Catalog::built_in().entries.into_iter().filter(|entry| entry.paper == paper.spec.id);
    of_paper.map(|entry| (entry.row, entry.name)).collect()
}

fn summary(tables: &[Table1]) -> String {
    let count = |verdict| tables.iter().map(|table| table.count(verdict)).sum::<usize>();
    let missing = tables.iter().flat_map(|table| &table.rows).filter(|row| row.edition.is_none()).count();
    let mut text = format!(
        "All tables of data sets: {} figures reproduced, {} differ, {} not attempted.",
        count(Verdict::Reproduced),
        count(Verdict::Differs),
        count(Verdict::NotAttempted)
    );
    if missing > 0 {
        text += &format!("\n{missing} data sets could not be read; the notes above say what to do.");
    }
    text
}

/// A table that lacks data sets is not saved: it would take the place of one that has them.
fn save_table1(table: &Table1, path: &Path) -> Result<()> {
    let missing: Vec<&str> =
        table.rows.iter().filter(|row| row.edition.is_none()).map(|row| row.dataset.as_str()).collect();
    if !missing.is_empty() {
        bail!("{} is not written: {} could not be read", path.display(), missing.join(", "));
    }
    Ok(write_whole(path, table.to_markdown().as_bytes())?)
}

fn require_same(path: &Path, text: &str) -> Result<()> {
    let saved = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    if saved != text {
        bail!(
            "{} is not what is made now; `cargo xtask reproduce --save experiments` writes it anew",
            path.display()
        );
    }
    Ok(())
}
