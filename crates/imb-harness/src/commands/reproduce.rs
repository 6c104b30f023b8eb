//! `imb reproduce`: the answers, then some of the cells again, or all of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::export::Format;
use imb_harness::paper::Paper;
use imb_harness::profile::Profile;
use imb_harness::records::{Records, listed};
use imb_harness::rendered::{Rendered, check, check_overview, reports_in, save, save_answers, save_overview};
use imb_harness::report::Report;
use imb_harness::results::ResultTable;
use imb_harness::runner::{Ended, Recorded};
use imb_harness::sample::{self, Comparison};
use imb_harness::table1::Table1;
use imb_harness::verdict::Verdict;

use super::plan;
use super::run::{Asked, How, Say, What, execute, stop_on_interrupt};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The papers: moods, adversarial, aemlo (default: all).
    #[arg(conflicts_with = "spec")]
    papers: Vec<String>,
    /// Show only this table; 1 is that of the data sets. Nothing is run.
    #[arg(long, value_name = "N", conflicts_with_all = ["save", "check"], conflicts_with_all = OF_RUNS)]
    table: Option<u32>,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    how: How,
    /// CPU minutes to spend on each paper's sample, by the recorded times.
    #[arg(long, value_name = "N", default_value_t = 10.0, allow_negative_numbers = true, value_parser = minutes)]
    minutes: f64,
    /// Run nothing: show what the records say.
    #[arg(long, conflicts_with_all = OF_RUNS)]
    no_run: bool,
    /// Do not print the first screens: they have been printed.
    #[arg(long, hide = true)]
    skip_answers: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The form of the table that --table shows.
    #[arg(long, value_enum, requires = "table", conflicts_with = "json", default_value_t = Format::Text)]
    format: Format,
    /// Write reports, tables, figures and the records behind them into each paper's folder here. Nothing is
    /// run.
    #[arg(long, value_name = "DIR", conflicts_with_all = OF_RUNS)]
    save: Option<PathBuf>,
    /// Compare reports, tables and figures in each paper's folder here with what the records there and the
    /// data make now, and fail if one differs. Nothing is run.
    #[arg(long, value_name = "DIR", conflicts_with = "save", conflicts_with_all = OF_RUNS)]
    check: Option<PathBuf>,
}

/// The options that choose what is run, which mean nothing where nothing is run.
const OF_RUNS: [&str; 7] = ["profile", "datasets", "columns", "protocols", "runs", "device", "comparison"];

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| minutes.is_finite() && *minutes >= 0.0);
    minutes.ok_or_else(|| "must be a number of minutes from 0 on, such as 10 or 0.5".to_owned())
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let asked = arguments.what.asked(&arguments.papers)?;
    if let Some(number) = arguments.table {
        return arguments.show_table(&asked, number);
    }
    if let Some(folder) = arguments.check.as_ref().or(arguments.save.as_ref())
        && arguments.what.is_changed()
    {
        bail!(
            "--set changes parameters for one run only: nothing is saved or checked in {}",
            folder.display()
        );
    }
    if let Some(folder) = &arguments.check {
        let mut reports = Vec::new();
        for paper in &asked.papers {
            reports.push(check(paper, &asked.catalog, Some(&asked.dirs), folder)?);
            super::print(&format!("{}: {} is current", paper.spec.id, folder.display()))?;
        }
        if arguments.is_of_all_papers() {
            check_overview(&reports, folder)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &arguments.save {
        return arguments.save(asked, folder);
    }
    if !arguments.skip_answers {
        arguments.show_answers(&asked)?;
    }
    if arguments.no_run {
        return Ok(ExitCode::SUCCESS);
    }
    super::device::require(arguments.what.device)?;
    let mut all_well = true;
    for experiment in arguments.what.experiments(&arguments.papers)? {
        match arguments.run_experiment(&experiment)? {
            Ending::Interrupted => return Ok(ExitCode::from(130)),
            ending => all_well &= ending == Ending::Well,
        }
    }
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        super::failure(
            "not every cell could be run and came out as recorded; the lines above say which and why",
        )
    })
}

fn lines_of(reports: &[Report]) -> Vec<String> {
    reports.iter().map(Report::line).collect()
}

#[derive(PartialEq)]
enum Ending {
    Well,
    SomeFailed,
    Interrupted,
}

impl Arguments {
    fn is_of_all_papers(&self) -> bool {
        self.papers.is_empty() && !self.what.is_own()
    }

    fn say(&self, text: &str) -> Result<()> {
        if self.json { Ok(()) } else { super::print(text) }
    }

    /// What says how runs go. With JSON on standard output, this is for standard error.
    fn aloud(&self) -> Say {
        if !self.json {
            return super::print;
        }
        |text| {
            super::print_aside(text);
            Ok(())
        }
    }

    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Writes what the records make of each paper.
    fn save(&self, asked: Asked, folder: &Path) -> Result<ExitCode> {
        let Asked { papers, catalog, dirs } = asked;
        let mut reports = Vec::new();
        for paper in papers {
            let experiment = Experiment::read(paper, &catalog, &dirs)?;
            reports.push(save(&experiment, &catalog, &dirs, &self.what.results, folder)?);
            self.say(&format!("{}: saved below {}", experiment.paper.spec.id, folder.display()))?;
        }
        self.say(&lines_of(&reports).join("\n"))?;
        if !self.what.is_own() {
            let reports = reports_in(folder, reports, &catalog)?;
            // A README that lacked papers would say less than before.
            if reports.len() == imb_harness::paper::papers(&[])?.len() {
                save_answers(&lines_of(&reports), folder)?;
            }
            save_overview(&reports, folder)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The first screen of each paper, from committed records and what was run here.
    fn show_answers(&self, asked: &Asked) -> Result<()> {
        let mut reports = Vec::new();
        for paper in &asked.papers {
            let records = self.records(paper, asked)?;
            if !records.problems.is_empty() {
                self.say(&format!("records set aside:\n{}", listed(&records.problems)))?;
            }
            let rendered = Rendered::new(paper, &asked.catalog, &records)?;
            self.say(&rendered.report.to_markdown())?;
            reports.push(rendered.report);
        }
        if self.json { super::print_json(&reports) } else { Ok(()) }
    }

    /// What is committed of a paper, and what was run here. Of an experiment of the user's own, whose files
    /// may change: only records of the data that are there now.
    fn records(&self, paper: &Paper, asked: &Asked) -> Result<Records> {
        let mut records = paper.committed_records()?;
        records.extend(Records::read(&self.what.results, &paper.spec.id)?);
        if paper.is_own {
            let data = Experiment::read(paper.clone(), &asked.catalog, &asked.dirs)?.fingerprints();
            records.retain(|record| {
                let place = (record.place.dataset.clone(), record.place.protocol.clone());
                data.get(&place) == Some(&record.key.data)
            });
        }
        Ok(records)
    }

    /// One table of each paper that has it.
    fn show_table(&self, asked: &Asked, number: u32) -> Result<ExitCode> {
        let papers = &asked.papers;
        if number == 1 && papers.iter().any(Paper::prints_data_sets) {
            return self.show_data_sets(asked);
        }
        let mut tables: Vec<ResultTable> = Vec::new();
        for paper in papers {
            let rendered = Rendered::new(paper, &asked.catalog, &self.records(paper, asked)?)?;
            tables.extend(rendered.tables.into_iter().filter(|table| table.number == number));
        }
        if tables.is_empty() {
            let known = papers.iter().map(|paper| {
                let numbers = paper.spec.tables.iter().map(|table| table.number.to_string());
                let of_data = paper.prints_data_sets().then(|| "1".to_owned());
                let numbers: Vec<String> = of_data.into_iter().chain(numbers).collect();
                format!("{}: {}", paper.spec.id, numbers.join(", "))
            });
            bail!("there is no table {number}; known: {}", known.collect::<Vec<_>>().join("; "));
        }
        super::print(&self.format().of(&tables)?)?;
        Ok(ExitCode::SUCCESS)
    }

    fn show_data_sets(&self, asked: &Asked) -> Result<ExitCode> {
        let Asked { papers, catalog, dirs } = asked;
        let tables: Vec<Table1> = papers.iter().map(|paper| Table1::measure(paper, catalog, dirs)).collect();
        super::print(&self.format().of(&tables)?)?;
        if self.format() == Format::Text {
            super::print(&summary(&tables))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Runs what the profile asks for.
    fn run_experiment(&self, experiment: &Experiment) -> Result<Ending> {
        for (row, reason) in &experiment.absent {
            self.aloud()(&format!("  {row} is not run: {reason}"))?;
        }
        if self.what.profile_or_sample() == Profile::Sample {
            return self.run_sample(experiment);
        }
        self.say(&plan::text(experiment, &self.what)?)?;
        let summary = execute(experiment, &self.what, &self.how, None, stop_on_interrupt()?, self.aloud())?;
        if summary.interrupted {
            return Ok(Ending::Interrupted);
        }
        let well = summary.failed + experiment.damaged.len() == 0;
        Ok(if well { Ending::Well } else { Ending::SomeFailed })
    }

    /// Runs some of the recorded cells again and compares each with its record.
    fn run_sample(&self, experiment: &Experiment) -> Result<Ending> {
        let committed = experiment.paper.committed_records()?;
        if committed.is_empty() {
            self.aloud()(&self.nothing_to_compare(experiment))?;
            return Ok(if experiment.damaged.is_empty() { Ending::Well } else { Ending::SomeFailed });
        }
        let selection = Selection { profile: Profile::Full, ..self.what.selection(experiment)? };
        let cells = experiment.cells(&selection)?;
        let chosen = sample::choose(&cells, &committed, 60.0 * self.minutes);
        let (mut same, mut alike, mut different) = (0, 0, Vec::new());
        let ended = self.how.run(experiment, &chosen, None, stop_on_interrupt()?, |recorded| {
            // Without locks, every cell is run here.
            let Recorded::Here(record) = recorded else { return Ok(()) };
            match committed.get(&record.id()).map(|known| sample::compare(&record, known, &committed)) {
                Some(Comparison::Same) => same += 1,
                Some(Comparison::Alike) => alike += 1,
                Some(Comparison::Different(why)) => different.push(why),
                None => different.push(format!("{}: not recorded", record.place)),
            }
            Ok(())
        })?;
        let compared = same + alike + different.len();
        let id = &experiment.paper.spec.id;
        let mut text = if chosen.is_empty() {
            format!(
                "{id}: no recorded cell of this selection has its data and fits into {} CPU minutes",
                self.minutes
            )
        } else {
            format!("{id}: {} of {compared} cells came out as recorded", same + alike)
        };
        if alike > 0 {
            text += &format!(" ({alike} on another instruction set, within the interval of a single run)");
        }
        text += &format!(", of {} recorded\n{}", committed.len(), listed(&different));
        self.aloud()(&text)?;
        Ok(match (ended, different.is_empty() && experiment.damaged.is_empty()) {
            (Ended::Interrupted, _) => Ending::Interrupted,
            (_, true) => Ending::Well,
            (_, false) => Ending::SomeFailed,
        })
    }

    /// What to say of an experiment whose records have not been saved.
    fn nothing_to_compare(&self, experiment: &Experiment) -> String {
        let id = &experiment.paper.spec.id;
        format!(
            "{id}: no cell is run again: a sample compares cells with saved records, and {} does not hold any. \
             `--save DIR` saves those of {} in DIR/{id}; `--profile full` runs what has no record there.",
            experiment.paper.committed_in().display(),
            self.what.results.display()
        )
    }
}

fn summary(tables: &[Table1]) -> String {
    let count = |verdict| tables.iter().map(|table| table.count(verdict)).sum::<usize>();
    let missing = tables.iter().flat_map(|table| &table.rows).filter(|row| row.edition.is_none()).count();
    let mut text = format!(
        "All tables of data sets: {} values reproduced, {} differ, {} not attempted.",
        count(Verdict::Reproduced),
        count(Verdict::Differs),
        count(Verdict::NotAttempted)
    );
    if missing > 0 {
        text += &format!("\n{missing} data sets could not be read; the notes above say what to do.");
    }
    text
}
