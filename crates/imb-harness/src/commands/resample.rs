//! `imb resample`: a user's table in, a resampled table out.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use clap::Args;
use imb_core::{
    ColumnKind, Dataset, Delivery, Gap, Labels, Observe, Origin, Parent, Resampled, Run, Seed, Table, Target,
    Train, Values, Watch,
};
use imb_data::prepare::prepare;
use imb_data::{OutColumn, OutValues, TargetRule, write_csv, write_whole};
use imb_harness::grid::Grid;
use imb_methods::{Method, method, parse_parameter};
use indicatif::{ProgressBar, ProgressStyle};
use ndarray::Array2;
use serde::Serialize;

use super::file::FileArguments;
use super::run::stop_on_interrupt;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The table: CSV, KEEL .dat or ARFF, packed with gzip or not.
    file: PathBuf,
    /// The class column: its name, its number from 1 (from the end if negative), or `last`.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    target: String,
    /// The method, from `imb list methods`.
    #[arg(long)]
    method: String,
    /// A parameter of the method, such as k_neighbors=3; may be given more than once.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// Where the generator starts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The CSV file to write: kept rows first, then new ones.
    #[arg(long)]
    out: PathBuf,
    /// Add columns that say which rows (from 0) each row was made from, and where between them.
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

/// What is printed.
#[derive(Serialize)]
struct Report {
    method: String,
    seed: u64,
    rows_read: usize,
    rows_kept: usize,
    rows_made: usize,
    classes: Vec<(String, usize)>,
    delivery: Vec<Delivery>,
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let chosen = method(&arguments.method)?;
    let parameters =
        arguments.parameters.iter().map(|text| parse_parameter(text)).collect::<Result<_, _>>()?;
    let resampler = chosen.resampler::<Labels>(parameters)?;
    let whole = arguments.reading.read(&arguments.file)?.table;
    let table = TargetRule::classes_of(&arguments.target).apply(whole.clone(), &arguments.file)?;
    let train = Train { rows: rows_for(chosen, &table)?, validation: None };
    let mut rng = Seed::new(arguments.seed).child("resample").child(chosen.name).rng();
    let mut watch = Progress::new()?;
    let mut run = Run::new(&mut rng, &mut watch);
    let resampled = resampler.resample(&train, &mut run);
    watch.bar.finish_and_clear();
    let resampled = resampled?;
    if let Some(path) = &arguments.trajectory {
        let text = serde_json::to_string_pretty(&trajectory(&watch))?;
        write_whole(path, format!("{text}\n").as_bytes())?;
    }

    let out = Out { whole: &whole, table: &table, resampled: &resampled };
    let mut columns = out.columns();
    if arguments.origins {
        columns.extend(out.origins());
    }
    if let Some(twin) = columns.iter().enumerate().find_map(|(place, column)| {
        columns[..place].iter().any(|earlier| earlier.name == column.name).then_some(&column.name)
    }) {
        bail!("the table has a column \"{twin}\" already: leave out --origins or rename it");
    }
    let n_rows = resampled.kept.len() + resampled.synthetic.nrows();
    write_csv(&arguments.out, &columns, n_rows)?;
    report(arguments, &table, resampled)
}

/// Shows how far a method is, keeps its figures, and hands on the user's Ctrl-C.
struct Progress {
    bar: ProgressBar,
    stop: &'static AtomicBool,
    values: BTreeMap<String, f64>,
    series: BTreeMap<String, Vec<BTreeMap<String, f64>>>,
}

impl Progress {
    fn new() -> Result<Self> {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
        let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Ok(Self { bar, stop: stop_on_interrupt()?, values: BTreeMap::new(), series: BTreeMap::new() })
    }
}

impl Observe<Labels> for Progress {}

impl Watch for Progress {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        // Trainings inside an outer loop are over too soon to be shown.
        if stage != "training" {
            self.bar.set_message(stage.to_owned());
            self.bar.set_length(total);
            self.bar.set_position(done);
        }
        if self.stop.load(Ordering::Relaxed) { Break(()) } else { Continue(()) }
    }

    fn value(&mut self, name: &str, value: f64) {
        self.values.insert(name.to_owned(), value);
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        let step = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        self.series.entry(series.to_owned()).or_default().push(step);
    }
}

/// What a method measured of its own work, as JSON: its values, and each series as a list of steps.
fn trajectory(progress: &Progress) -> serde_json::Value {
    let mut whole = serde_json::Map::new();
    whole.extend(progress.values.iter().map(|(name, value)| (name.clone(), (*value).into())));
    whole.extend(progress.series.iter().map(|(name, steps)| (name.clone(), serde_json::json!(steps))));
    whole.into()
}

/// The rows as the method sees them. A method that does not read values gets row numbers instead,
/// so that gaps and categories pass.
fn rows_for(method: &Method, table: &Table<Labels>) -> Result<Dataset<Labels>> {
    let n_rows = table.n_rows();
    if !method.facts.reads_values {
        let numbers = Array2::from_shape_fn((n_rows, 1), |(row, _)| row as f64);
        return Ok(Dataset::unnamed(numbers, table.target().clone())?);
    }
    let all: Vec<usize> = (0..n_rows).collect();
    Ok(prepare(table.clone(), &all, &[])?.dataset(&all)?)
}

/// What is written.
struct Out<'a> {
    /// The columns as they were read, the target among them.
    whole: &'a Table<()>,
    table: &'a Table<Labels>,
    resampled: &'a Resampled<Labels>,
}

impl Out<'_> {
    /// The columns of the file in their order: kept rows as they were read, then new ones.
    fn columns(&self) -> Vec<OutColumn> {
        let column = |column: &imb_core::Column| {
            let feature = self.table.position(&column.name);
            let read = column.values.to_dense(self.whole.n_rows());
            let kept = self.resampled.kept.iter().map(|&row| read[row]);
            let values: Vec<f64> = match feature {
                Some(feature) if self.resampled.synthetic.nrows() > 0 => {
                    kept.chain(self.resampled.synthetic.column(feature).iter().copied()).collect()
                }
                Some(_) => kept.collect(),
                None => kept.chain(self.new_targets(&column.values)).collect(),
            };
            let values = match &column.kind {
                ColumnKind::Numeric => OutValues::Numbers(values),
                ColumnKind::Integer => OutValues::Integers(values),
                ColumnKind::Categorical(texts) => OutValues::Texts(values, texts.clone()),
            };
            OutColumn { name: column.name.clone(), values }
        };
        self.whole.columns().iter().map(column).collect()
    }

    /// The targets of the new rows, as the target column codes them: as any row of the class has it.
    fn new_targets(&self, target: &Values) -> Vec<f64> {
        let labels = self.table.target();
        let example = |class: u32| {
            let row = labels.codes().iter().position(|&code| code == class);
            row.map_or(f64::NAN, |row| target.get(row))
        };
        let examples: Vec<f64> = (0u32..).take(labels.classes().len()).map(example).collect();
        self.resampled.synthetic_targets.codes().iter().map(|&code| examples[code as usize]).collect()
    }

    /// Row numbers of seed and neighbour, and the gap between them; nothing for rows that were read.
    /// A copy has only a seed.
    fn origins(&self) -> Vec<OutColumn> {
        let n_read = self.whole.n_rows();
        let none = [f64::NAN; 3];
        let kept = self.resampled.kept.iter().enumerate();
        let kept =
            kept.map(
                |(place, &row)| {
                    if place < n_read && place == row { none } else { [row as f64, f64::NAN, f64::NAN] }
                },
            );
        let n_kept = self.resampled.kept.len();
        let number = |parent: Parent| match parent {
            Parent::Row(row) => row as f64,
            Parent::Synthetic(earlier) => (n_kept + earlier) as f64,
        };
        let made = self.resampled.origins.iter().map(|origin| match origin {
            Origin::Interpolated { seed, neighbor, gap } => {
                let gap = if let Gap::Same(gap) = gap { *gap } else { f64::NAN };
                [number(*seed), number(*neighbor), gap]
            }
            Origin::Latent { .. } | Origin::Mixture { .. } => [number(origin.seed()), f64::NAN, f64::NAN],
        });
        let all: Vec<[f64; 3]> = kept.chain(made).collect();
        let column = |place: usize| all.iter().map(|origin| origin[place]).collect();
        vec![
            OutColumn { name: "origin_seed".into(), values: OutValues::Integers(column(0)) },
            OutColumn { name: "origin_neighbor".into(), values: OutValues::Integers(column(1)) },
            OutColumn { name: "origin_gap".into(), values: OutValues::Numbers(column(2)) },
        ]
    }
}

fn report(arguments: &Arguments, table: &Table<Labels>, resampled: Resampled<Labels>) -> Result<ExitCode> {
    let all = resampled.kept_targets.concat(&resampled.synthetic_targets)?;
    let report = Report {
        method: arguments.method.clone(),
        seed: arguments.seed,
        rows_read: table.n_rows(),
        rows_kept: resampled.kept.len(),
        rows_made: resampled.synthetic.nrows(),
        classes: all.classes().iter().cloned().zip(all.counts()).collect(),
        delivery: resampled.delivery,
        out: arguments.out.clone(),
    };
    if arguments.json {
        super::print_json(&report)?;
    } else {
        super::print(&to_text(&report, table, &arguments.out))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn to_text(report: &Report, table: &Table<Labels>, out: &Path) -> String {
    let before = table.target().counts();
    let rows = report.classes.iter().zip(before).map(|((class, after), before)| {
        let delivery = report.delivery.iter().find(|delivery| delivery.name == *class);
        let shortfall = delivery.filter(|delivery| delivery.asked != delivery.delivered);
        let mut remarks: Vec<String> = shortfall
            .map(|delivery| format!("{} of {} delivered", delivery.delivered, delivery.asked))
            .into_iter()
            .collect();
        remarks.extend(delivery.and_then(|delivery| delivery.remark.clone()));
        vec![class.clone(), remarks.join("; "), before.to_string(), after.to_string()]
    });
    let header = ["class", "remark", "rows before", "rows after"].map(String::from).to_vec();
    let grid = Grid { header, rows: rows.collect(), text_columns: 2 };
    format!("{}\n{}", grid.to_text(), out.display())
}
