//! `imb resample`: a user's table in, a resampled table out.

mod classes;
mod encode;
mod impute;
mod kind;
mod labels;
mod output;
mod parameters;
mod progress;
mod report;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use imb_core::{Dataset, Device, Error, LabelMatrix, Labels, Resample, Resampled, Run, Seed, Train};
use imb_data::{Destination, Input, Parsed, is_same_file, require_writable, write_whole};
use imb_methods::{Method, resampling_method};

use super::file::FileArguments;
use super::interrupt::Interrupt;
use super::targets::TargetArguments;
use encode::{Encode, Encoding};
use impute::Impute;
use kind::Kind;
use progress::Progress;
use report::Report;
use rows::{Place, Role};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The table: CSV, KEEL .dat or ARFF, plain or compressed with gzip; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    targets: TargetArguments,
    /// The method, from `imb list methods`.
    #[arg(long)]
    method: String,
    /// A parameter of the method, such as k_neighbors=3; may be given more than once. How many rows
    /// classes are to have: sampling_strategy=minority, ratio=0.5, counts=rare:500,other:800.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// A column that is written but kept out of the computation; new rows have a gap there. May be given more than
    /// once.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    ignore: Vec<String>,
    /// A column that is written but kept out of the computation; new rows have the cell of the row that they start
    /// from. May be given more than once.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    copy: Vec<String>,
    /// How gaps are filled before a method computes with them. New rows are complete; kept rows are written
    /// as they were read.
    #[arg(long, value_enum)]
    impute: Option<Impute>,
    /// How categories are encoded for a method that needs numbers. New rows contain categories again.
    #[arg(long, value_enum)]
    encode: Option<Encode>,
    /// Seed of the random number generator.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The device that trains a method's networks; `imb list devices` shows which can be used.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// The file to write, kept rows first, then new ones: .csv, .tsv, .txt, .data, .dat or .arff; add .gz to
    /// compress it; `-` is standard output. An existing file is replaced. For ARFF with labels, Mulan's XML file
    /// with their names is written beside it.
    #[arg(long)]
    out: PathBuf,
    /// Replace the table that was read, if --out names it, and an XML file with other labels.
    #[arg(long)]
    force: bool,
    /// Add columns that say which rows (the first is 1) each row was made from, and where between them. For a
    /// generated row, they are those of the generator's input row.
    #[arg(long)]
    origins: bool,
    /// Write what the method measured while it ran, such as the outer steps of moods, as JSON.
    #[arg(long, value_name = "FILE")]
    trajectory: Option<PathBuf>,
    #[command(flatten)]
    reading: FileArguments,
    /// Print the delivery report as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let chosen = resampling_method(&arguments.method)?;
    require_fitting(chosen, &arguments.targets)?;
    // Where neither is named, the file may name the one that the method is for.
    let given = &arguments.targets;
    if given.asks_for_labels() || (!given.are_given() && chosen.resamples::<LabelMatrix>()) {
        run_on::<LabelMatrix>(arguments, chosen)
    } else {
        run_on::<Labels>(arguments, chosen)
    }
}

/// Refuses a method that makes no rows, or none of what is to be predicted.
fn require_fitting(chosen: &Method, targets: &TargetArguments) -> Result<()> {
    let name = chosen.name;
    match (chosen.resamples::<Labels>(), chosen.resamples::<LabelMatrix>()) {
        (true, false) if targets.asks_for_labels() => {
            bail!("{name} resamples classes: name the class column by --target, not labels")
        }
        (false, true) if targets.target.is_some() => {
            bail!("{name} resamples labels: name them by --labels or --xml, not by --target")
        }
        (false, false) => {
            let does: Vec<&str> = chosen.roles.iter().map(imb_methods::Role::title).collect();
            bail!("{name} makes no rows, it {}; `imb list methods` shows which do", does.join(", "))
        }
        _ => Ok(()),
    }
}

fn run_on<Y: Kind>(arguments: &Arguments, chosen: &'static Method) -> Result<ExitCode> {
    let resampler = chosen.resampler::<Y>(parameters::all(&arguments.parameters)?)?;
    super::device::require(arguments.device)?;
    let to = Destination::new(&arguments.out)?;
    if !arguments.force && to.is_file(&arguments.file) {
        bail!("--out {} is the input file: --force overwrites it", arguments.out.display());
    }
    require_own_file::<Y>(arguments, &to)?;
    let interrupt = Interrupt::install()?;
    let from = Input::open(&arguments.file)?;
    let parsed = from.parse(&arguments.reading.options(arguments.targets.target.as_deref()))?;
    let (targets, columns) = Y::read(&arguments.targets, &parsed, from.name())?;
    targets.prepare_beside(&to, arguments.force)?;
    let places = places(arguments, &parsed, &from, &columns)?;
    let Parsed { table, layout, mut notes, .. } = parsed;
    let mut columns = table.into_parts().0;
    if let Some(how) = arguments.impute.filter(|_| chosen.facts.reads_values) {
        how.fill(&mut columns, &places, &mut notes, &targets)?;
    }
    let mut remarks =
        if chosen.facts.reads_values { rows::warnings(&columns, &places, &notes) } else { Vec::new() };
    remarks.extend(chosen.caution.map(str::to_owned));
    let encodes = arguments.encode.is_some() && chosen.facts.reads_values;
    let with_categories = Y::ARE_LABELS || encodes;
    let mut rows = rows::rows_for(chosen, columns, &places, &notes, targets.clone(), with_categories)?;
    let encoding = encodes.then(|| Encoding::of(rows.features()));
    if let Some(encoding) = &encoding {
        rows = encoding.encoded(&rows)?;
    }

    interrupt.begin_work(chosen.facts.keeps_best);
    let mut progress = Progress::new(&interrupt.stop_work);
    let mut resampled = resample(arguments, chosen, &*resampler, rows, &mut progress)?;
    if interrupt.stop_work.load(Ordering::SeqCst) && !chosen.facts.keeps_best {
        return Err(
            Error::Interrupted { stage: chosen.name.into(), kept: "nothing is written".into() }.into()
        );
    }
    if let Some(encoding) = &encoding {
        resampled.synthetic = encoding.decoded(resampled.synthetic.view());
    }
    if !arguments.origins && arguments.copy.is_empty() {
        // They take as much memory as a third of the new rows.
        resampled.origins = Vec::new();
    }
    interrupt.begin_writing();
    if chosen.facts.keeps_best && interrupt.stop_work.load(Ordering::SeqCst) {
        remarks.push("interrupted: this is the best set of rows so far".to_owned());
    }
    let out = output::table(&places, &targets, &resampled, arguments.origins);
    out.write(&to, &from, &layout, &interrupt.stop_writing)?;
    targets.write_beside(&to)?;
    if let Some(path) = &arguments.trajectory {
        let text = serde_json::to_string_pretty(&progress.trajectory())?;
        write_whole(path, format!("{text}\n").as_bytes())?;
    }
    let report = Report::new(chosen.name, arguments.seed, &targets, &resampled, remarks, &arguments.out)?;
    let text = if arguments.json { super::json(&report)? } else { report.to_text::<Y>() };
    say(&text, &to)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the report where the table does not stand.
fn say(text: &str, to: &Destination) -> Result<()> {
    if to.is_standard_output() {
        super::print_aside(text);
        return Ok(());
    }
    super::print(text)
}

/// Refuses a trajectory that would replace what is read or written.
fn require_own_file<Y: Kind>(arguments: &Arguments, to: &Destination) -> Result<()> {
    let Some(path) = &arguments.trajectory else { return Ok(()) };
    require_writable(path)?;
    let label_file = to.label_file().filter(|_| Y::ARE_LABELS);
    let others =
        [Some(&arguments.file), Some(&arguments.out), arguments.targets.xml.as_ref(), label_file.as_ref()];
    match others.into_iter().flatten().find(|other| is_same_file(path, other)) {
        Some(other) => {
            bail!("--trajectory {} would replace {}: name another file", path.display(), other.display())
        }
        None => Ok(()),
    }
}

/// What is done with each column.
fn places(arguments: &Arguments, parsed: &Parsed, from: &Input, targets: &[usize]) -> Result<Vec<Place>> {
    let mut places: Vec<Place> = (parsed.table.columns().iter())
        .map(|column| Place { name: column.name.clone(), kind: column.kind.clone(), role: Role::Feature })
        .collect();
    targets.iter().for_each(|target| places[*target].role = Role::Target);
    let set_aside = [(&arguments.ignore, Role::Ignored), (&arguments.copy, Role::Copied)];
    for (name, role) in set_aside.iter().flat_map(|(names, role)| names.iter().map(move |name| (name, *role)))
    {
        let place = parsed.place_of(name, from.name()).map_err(|error| {
            let remedy = if name.contains(',') { ". Give the option once for each column" } else { "" };
            anyhow!("{error}{remedy}")
        })?;
        if places[place].role == Role::Target {
            bail!("column \"{}\" is to be predicted, and cannot be ignored or copied", places[place].name);
        }
        if places[place].role == Role::Ignored && role == Role::Copied {
            bail!(
                "column \"{}\" cannot be ignored and copied: leave out --ignore or --copy",
                places[place].name
            );
        }
        places[place].role = role;
    }
    if arguments.origins
        && let Some(twin) = places.iter().find(|place| place.name.starts_with("origin_"))
    {
        bail!("the table has a column \"{}\" already: leave out --origins or rename it", twin.name);
    }
    Ok(places)
}

/// Runs the method. The rows are given up afterwards.
fn resample<Y: Kind>(
    arguments: &Arguments,
    method: &Method,
    resampler: &dyn Resample<Y>,
    rows: Dataset<Y>,
    progress: &mut Progress,
) -> Result<Resampled<Y>> {
    let train = Train { rows, validation: None };
    let mut rng = Seed::new(arguments.seed).child("resample").child(method.name).rng();
    let mut run = Run { device: arguments.device, ..Run::new(&mut rng, progress) };
    let resampled = resampler.resample(&train, &mut run);
    progress.clear();
    match resampled {
        Err(Error::Interrupted { stage, kept }) => {
            Err(Error::Interrupted { stage, kept: format!("{kept}; nothing is written") }.into())
        }
        other => Ok(other?),
    }
}
