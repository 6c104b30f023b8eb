//! `imb resample`: a user's table in, a resampled table out.

mod output;
mod parameters;
mod progress;
mod report;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Result, bail};
use clap::Args;
use imb_core::{Device, Error, Labels, Resampled, Run, Seed, Target, Train};
use imb_data::{Classes, Destination, Input, Parsed, TargetRule, write_whole};
use imb_methods::{Method, method};

use super::file::FileArguments;
use super::interrupt::Interrupt;
use progress::Progress;
use report::Report;
use rows::{Place, Role};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The table: CSV, KEEL .dat or ARFF, packed with gzip or not; `-` is standard input.
    file: PathBuf,
    /// The class column: its name, its number from 1 (from the end if negative), or `last`.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    target: String,
    /// Take each value of the class column for a class, even if it looks like a measurement.
    #[arg(long)]
    every_value_a_class: bool,
    /// The method, from `imb list methods`.
    #[arg(long)]
    method: String,
    /// A parameter of the method, such as k_neighbors=3; may be given more than once. How many rows
    /// classes are to have: sampling_strategy=minority, ratio=0.5, counts=rare:500,other:800.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// A column to keep and not to compute with; new rows have a gap there. May be given more than once.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    ignore: Vec<String>,
    /// A column to keep and not to compute with; new rows have the cell of the row that they start from.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    copy: Vec<String>,
    /// Where the generator starts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What trains the networks of methods that have some; `imb list devices` shows which are there.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// The file to write, kept rows first, then new ones: .csv, .tsv, .txt, .data, .dat or .arff, with .gz
    /// packed; `-` is standard output.
    #[arg(long)]
    out: PathBuf,
    /// Replace the table that was read, if --out names it.
    #[arg(long)]
    force: bool,
    /// Add columns that say which rows (the first is 1) each row was made from, and where between them.
    #[arg(long)]
    origins: bool,
    /// Write what the method measured of its own work, such as the outer steps of moods, as JSON.
    #[arg(long, value_name = "FILE")]
    trajectory: Option<PathBuf>,
    #[command(flatten)]
    reading: FileArguments,
    /// Print the delivery report as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let chosen = method(&arguments.method)?;
    let resampler = chosen.resampler::<Labels>(parameters::all(&arguments.parameters)?)?;
    super::device::require(arguments.device)?;
    let to = Destination::new(&arguments.out)?;
    if !arguments.force && to.is_file(&arguments.file) {
        bail!("{} is the table itself: --force replaces it", arguments.out.display());
    }
    let interrupt = Interrupt::install()?;
    let from = Input::open(&arguments.file)?;
    let options = arguments.reading.options(Some(&arguments.target));
    let parsed = from.parse(&options)?;
    let (labels, places) = classes_and_places(arguments, &parsed, &from)?;
    require_two_classes(&labels, &places)?;
    let Parsed { table, layout, notes, .. } = parsed;
    let columns = table.into_parts().0;
    let mut remarks =
        if chosen.facts.reads_values { rows::warnings(&columns, &places, &notes) } else { Vec::new() };
    remarks.extend(for_its_own_network(chosen));
    let rows = rows::rows_for(chosen, columns, &places, &notes, labels.clone())?;

    interrupt.begin_work();
    let mut progress = Progress::new(&interrupt.stop_work);
    let mut resampled = resample(arguments, chosen, &*resampler, rows, &mut progress)?;
    if interrupt.stop_work.load(Ordering::SeqCst) && !keeps_its_best(chosen) {
        return Err(
            Error::Interrupted { stage: chosen.name.into(), kept: "nothing is written".into() }.into()
        );
    }
    if !arguments.origins && arguments.copy.is_empty() {
        // They take as much memory as a third of the new rows.
        resampled.origins = Vec::new();
    }
    interrupt.begin_writing();
    if let Some(path) = &arguments.trajectory {
        let text = serde_json::to_string_pretty(&progress.trajectory())?;
        write_whole(path, format!("{text}\n").as_bytes())?;
    }
    let out = output::table(&places, &labels, &resampled, arguments.origins);
    out.write(&to, &from, &layout, &interrupt.stop_writing)?;
    let report =
        Report::new(chosen.name, arguments.seed, &labels, &resampled, remarks, arguments.out.clone())?;
    let text = match arguments.json {
        true => super::json(&report)?,
        false => report.to_text(&labels),
    };
    // Standard output holds the table, if it is written there.
    if to.is_standard_output() {
        super::print_aside(&text)
    } else {
        super::print(&text)?
    }
    Ok(ExitCode::SUCCESS)
}

/// The classes of the rows, and what is done with each column.
fn classes_and_places(arguments: &Arguments, parsed: &Parsed, from: &Input) -> Result<(Labels, Vec<Place>)> {
    let (table, file) = (&parsed.table, from.name());
    parsed.require_whole_target(&arguments.target, file)?;
    let target = parsed.place_of(&arguments.target, file)?;
    let classes = if arguments.every_value_a_class { Classes::EachValue } else { Classes::AsWritten };
    let rule = TargetRule { column: arguments.target.clone(), classes };
    let labels = rule.labels(table, file)?;
    let mut places: Vec<Place> = table
        .columns()
        .iter()
        .map(|column| Place { name: column.name.clone(), kind: column.kind.clone(), role: Role::Feature })
        .collect();
    places[target].role = Role::Target;
    let set_aside = [(&arguments.ignore, Role::Ignored), (&arguments.copy, Role::Copied)];
    for (name, role) in set_aside.iter().flat_map(|(names, role)| names.iter().map(move |name| (name, *role)))
    {
        let place = parsed.place_of(name, file)?;
        if place == target {
            bail!("column \"{}\" is the target, and cannot be ignored or copied", places[place].name);
        }
        places[place].role = role;
    }
    if arguments.origins
        && let Some(twin) = places.iter().find(|place| place.name.starts_with("origin_"))
    {
        bail!("the table has a column \"{}\" already: leave out --origins or rename it", twin.name);
    }
    Ok((labels, places))
}

fn require_two_classes(labels: &Labels, places: &[Place]) -> Result<()> {
    if let ([class], Some(target)) =
        (labels.classes(), places.iter().find(|place| place.role == Role::Target))
    {
        bail!(
            "column \"{}\" holds one class only ({class}, {} rows), so there is nothing to balance",
            target.name,
            labels.n_rows()
        );
    }
    Ok(())
}

/// Whether an interrupted method has a result worth writing.
fn keeps_its_best(method: &Method) -> bool {
    method.name == "moods"
}

fn for_its_own_network(method: &Method) -> Option<String> {
    (method.name == "moods").then(|| {
        "moods makes rows for its own network: on five sets, logistic regression and forests that were fitted on \
         them lost more often than they won"
            .to_owned()
    })
}

/// Runs the method. The rows are given up afterwards.
fn resample(
    arguments: &Arguments,
    method: &Method,
    resampler: &dyn imb_core::Resample<Labels>,
    rows: imb_core::Dataset<Labels>,
    progress: &mut Progress,
) -> Result<Resampled<Labels>> {
    let train = Train { rows, validation: None };
    let mut rng = Seed::new(arguments.seed).child("resample").child(method.name).rng();
    let mut run = Run { device: arguments.device, ..Run::new(&mut rng, progress) };
    let resampled = resampler.resample(&train, &mut run);
    progress.clear();
    Ok(resampled?)
}
