//! Times the multi-label resamplers, or shows what each departure of released code does to the imbalance.
//!
//! `multi_label_bench FILE.arff [LABELS.xml]` prints a line a method: seconds, seconds of processor time (0
//! where the system is not Linux), rows before and after, MeanIR before and after. `multi_label_bench
//! --presets FILE…` prints a Markdown table: MeanIR (and rows) after each method as it is by default, with
//! one departure at a time, and as released, the mean of ten seeds; then the macro F1 of binary relevance with linear
//! support vector machines after it, the mean of five folds whose columns are scaled by the training rows.
//!
//! Labels are those of the XML file, which is looked for beside the ARFF file under the same name, or those
//! that a MEKA header counts. Set `RAYON_NUM_THREADS=1` to time one core.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use imb_classify::LinearSvm;
use imb_classify::multi_label::BinaryRelevance;
use imb_core::{
    Dataset, Fit, LabelImbalance, LabelMatrix, Resample, Resampled, Run, Seed, Table, Target, Train,
};
use imb_data::prepare::{MinMaxScaler, Step};
use imb_data::split::StratifiedKFold;
use imb_data::{LabelSet, Parsed, ReadOptions, prepare, read, read_label_names};
use imb_metrics::multi_label::{LabelOutcomes, macro_f1_score};
use imb_resample::{
    LabelRule, MlRos, MlRus, Mlbote, Mlsmote, Mlsol, Mltl, Partners, Ranges, RareLabels, RareRule,
    Retirement, SmallClasses,
};

/// The system's allocator returns large blocks to the system at once, which costs more than some methods do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Method = Box<dyn Resample<LabelMatrix>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--presets", ref files @ ..] if !files.is_empty() => print_presets(files),
        [arff] => time(&load(arff, None)?),
        [arff, xml] => time(&load(arff, Some(xml))?),
        _ => Err("usage: multi_label_bench FILE.arff [LABELS.xml], or --presets FILE.arff…".into()),
    }
}

fn time(rows: &Dataset<LabelMatrix>) -> Result<(), Box<dyn Error>> {
    let before = LabelImbalance::of(rows.y()).mean_ir;
    println!("{} rows, {} features, {} labels", rows.n_rows(), rows.n_features(), rows.y().n_labels());
    for (name, method) in defaults() {
        let (start, busy) = (Instant::now(), processor_seconds());
        let result = resample(&method, rows, 1);
        let (seconds, busy) = (start.elapsed().as_secs_f64(), processor_seconds() - busy);
        match result {
            Ok(labels) => {
                let after = LabelImbalance::of(&labels).mean_ir;
                let (n, then) = (rows.n_rows(), labels.n_rows());
                println!(
                    "{name:8} {seconds:6.2} s {busy:6.2} s  rows {n} -> {then}  MeanIR {before:.2} -> {after:.2}"
                );
            }
            Err(error) => println!("{name:8} {error}"),
        }
    }
    Ok(())
}

/// Processor time of all threads so far, in hundredths of a second: on a busy machine it says more than the
/// clock.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The methods by default; bags of few rows are taken as they are.
fn defaults() -> [(&'static str, Method); 6] {
    [
        ("MLSMOTE", Box::new(mlsmote())),
        ("MLSOL", Box::new(Mlsol::default())),
        ("ML-ROS", Box::new(MlRos::default())),
        ("ML-RUS", Box::new(MlRus::default())),
        ("MLTL", Box::new(Mltl::default())),
        ("MLBOTE", Box::new(Mlbote::default())),
    ]
}

/// Real data have labels of few rows: their bags shrink the number of neighbours.
fn mlsmote() -> Mlsmote {
    Mlsmote { small_bags: SmallClasses::Shrink, ..Mlsmote::default() }
}

fn print_presets(files: &[&str]) -> Result<(), Box<dyn Error>> {
    let data = files.iter().map(|file| Folded::load(file)).collect::<Result<Vec<_>, _>>()?;
    let names = files.iter().map(|file| stem(file).unwrap_or(file).to_owned());
    println!("| method | departure | {} |", names.collect::<Vec<_>>().join(" | "));
    println!("| --- | --- |{}", " --- |".repeat(files.len()));
    let presets = [("none", "", Box::new(Nothing) as Method)].into_iter().chain(presets());
    for (name, departure, method) in presets {
        let cells = data.iter().map(|data| data.cell(&method).unwrap_or_else(|_| "NA".to_owned()));
        println!("| {name} | {departure} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    Ok(())
}

/// Changes no row.
struct Nothing;

impl Resample<LabelMatrix> for Nothing {
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        _: &mut Run<'_, LabelMatrix>,
    ) -> imb_core::Result<Resampled<LabelMatrix>> {
        Ok(Resampled::kept_only(&train.rows, (0..train.rows.n_rows()).collect(), Vec::new()))
    }
}

/// A data set, whole and in five folds.
struct Folded {
    rows: Dataset<LabelMatrix>,
    folds: Vec<[Dataset<LabelMatrix>; 2]>,
}

impl Folded {
    fn load(file: &str) -> Result<Self, Box<dyn Error>> {
        let table = load_table(file, None)?;
        let all: Vec<usize> = (0..table.n_rows()).collect();
        let mut folds = Vec::new();
        let split = StratifiedKFold { n_folds: 5, validation: 0.0 };
        for fold in split.split(table.target(), &mut Seed::new(1).rng())? {
            let scaled = [Step::MinMaxScaler(MinMaxScaler {})];
            let prepared = prepare::prepare(table.clone(), fold.train(), &scaled)?;
            folds.push([prepared.dataset(fold.train())?, prepared.dataset(fold.test())?]);
        }
        Ok(Self { rows: prepare::prepare(table, &all, &[])?.dataset(&all)?, folds })
    }

    fn cell(&self, method: &Method) -> imb_core::Result<String> {
        let (mean_ir, n_rows) = mean_of_seeds(method, &self.rows)?;
        let mut f1 = 0.0;
        for [train, test] in &self.folds {
            f1 += macro_f1(method, train, test)? / self.folds.len() as f64;
        }
        Ok(format!("{mean_ir:.2} ({n_rows:.0}), {f1:.3}"))
    }
}

fn macro_f1(
    method: &Method,
    train: &Dataset<LabelMatrix>,
    test: &Dataset<LabelMatrix>,
) -> imb_core::Result<f64> {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let given = Train { rows: train.clone(), validation: None };
    let rows = method.resample(&given, &mut run)?.into_dataset(train)?;
    let model = BinaryRelevance::<LinearSvm>::default().fit(&Train { rows, validation: None }, &mut run)?;
    let predicted = model.predict(test.x())?;
    Ok(macro_f1_score(&LabelOutcomes::new(test.y(), &predicted.labels)?))
}

fn mean_of_seeds(method: &Method, rows: &Dataset<LabelMatrix>) -> imb_core::Result<(f64, f64)> {
    const SEEDS: u64 = 10;
    let (mut mean_ir, mut n_rows) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let labels = resample(method, rows, seed)?;
        mean_ir += LabelImbalance::of(&labels).mean_ir / SEEDS as f64;
        n_rows += labels.n_rows() as f64 / SEEDS as f64;
    }
    Ok((mean_ir, n_rows))
}

/// Each method by default, with one departure at a time, and as released.
fn presets() -> Vec<(&'static str, &'static str, Method)> {
    let mut all: Vec<(&'static str, &'static str, Method)> = Vec::new();
    for (departure, method) in mlsmote_presets() {
        all.push(("MLSMOTE", departure, Box::new(method)));
    }
    let mlsol = Mlsol::default();
    for (departure, method) in [
        ("by default", mlsol.clone()),
        (
            "only safe entries make a rare one borderline",
            Mlsol { rare_rule: RareRule::Safe, ..mlsol.clone() },
        ),
        (
            "cuts at 1/3 and 2/3 (mldr.resampling)",
            Mlsol { safe_below: 1.0 / 3.0, borderline_below: 2.0 / 3.0, ..mlsol },
        ),
        ("as released", Mlsol::as_released()),
    ] {
        all.push(("MLSOL", departure, Box::new(method)));
    }
    for (departure, retirement) in RETIREMENTS {
        all.push(("ML-ROS", departure, Box::new(MlRos { retirement, ..MlRos::default() })));
    }
    for (departure, retirement) in RETIREMENTS {
        all.push(("ML-RUS", departure, Box::new(MlRus { retirement, ..MlRus::default() })));
    }
    let protecting = MlRus { protect_rare: true, ..MlRus::default() };
    all.push(("ML-RUS", "rows with rare labels are protected", Box::new(protecting)));
    for (departure, method) in mltl_presets() {
        all.push(("MLTL", departure, Box::new(method)));
    }
    for (departure, method) in mlbote_presets() {
        all.push(("MLBOTE", departure, Box::new(method)));
    }
    all
}

const RETIREMENTS: [(&str, Retirement); 4] = [
    ("by default", Retirement::AfterPick),
    ("looked at before each pick (mulan, as released)", Retirement::BeforePick),
    ("moving MeanIR (imb-mulan)", Retirement::MovingMean),
    ("never retired (mldr.resampling)", Retirement::Never),
];

fn mlsmote_presets() -> Vec<(&'static str, Mlsmote)> {
    let paper = mlsmote();
    vec![
        ("by default", paper.clone()),
        ("labels at MeanIR too", Mlsmote { rare_labels: RareLabels::AtLeastMean, ..paper.clone() }),
        ("half of the votes are enough", Mlsmote { label_rule: LabelRule::AtLeastHalf, ..paper.clone() }),
        ("bags hold earlier new rows", Mlsmote { partners: Partners::Growing, ..paper.clone() }),
        ("ranges of the bag", Mlsmote { ranges: Ranges::Bag, ..paper.clone() }),
        ("ties at the k-th distance vote", Mlsmote { keep_ties: true, ..paper }),
        ("as released (mulan)", Mlsmote::as_released()),
    ]
}

fn mltl_presets() -> Vec<(&'static str, Mltl)> {
    let ours = Mltl::default();
    vec![
        ("by default (features in the distance)", ours.clone()),
        ("labels in the distance", Mltl { labels_in_distance: true, ..ours.clone() }),
        ("SCUMBLE lost to rows without labels", Mltl { scumble_of_empty_rows: false, ..ours.clone() }),
        ("5 neighbours, half of them differ", Mltl { k_neighbors: 5, ..ours.clone() }),
        ("all rows looked at (cleaning)", Mltl { cleaning: true, ..ours }),
        ("as released (imb-mulan)", Mltl::as_released()),
    ]
}

fn mlbote_presets() -> Vec<(&'static str, Mlbote)> {
    let ours = Mlbote::default();
    vec![
        ("by default", ours.clone()),
        ("noise of row 0 lost", Mlbote { lose_noise_of_row_0: true, ..ours.clone() }),
        ("weightless labels void others", Mlbote { void_weightless_labels: true, ..ours.clone() }),
        ("each round rounded", Mlbote { round_each_loop: true, ..ours.clone() }),
        ("copies share a partner", Mlbote { share_partners: true, ..ours.clone() }),
        ("zero rows copied", Mlbote { copy_zero_rows: true, ..ours.clone() }),
        ("last rows not counted", Mlbote { forget_last_rows: true, ..ours }),
        ("as released", Mlbote::as_released()),
    ]
}

fn resample(method: &Method, rows: &Dataset<LabelMatrix>, seed: u64) -> imb_core::Result<LabelMatrix> {
    let train = Train { rows: rows.clone(), validation: None };
    let resampled = method.resample(&train, &mut Run::new(&mut Seed::new(seed).rng(), &mut ()))?;
    resampled.kept_targets.concat(&resampled.synthetic_targets)
}

fn load(arff: &str, xml: Option<&str>) -> Result<Dataset<LabelMatrix>, Box<dyn Error>> {
    let table = load_table(arff, xml)?;
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    Ok(prepare::prepare(table, &rows, &[])?.dataset(&rows)?)
}

fn load_table(arff: &str, xml: Option<&str>) -> Result<Table<LabelMatrix>, Box<dyn Error>> {
    let path = Path::new(arff);
    let Parsed { table, label_count, .. } = read(path, &ReadOptions::default())?;
    let beside = xml.map(PathBuf::from).or_else(|| Some(path.with_file_name(format!("{}.xml", stem(arff)?))));
    let labels = match beside.filter(|file| file.exists()) {
        Some(file) => LabelSet::Names(read_label_names(&file)?),
        None => LabelSet::Count(label_count.ok_or("no label file beside it, and no -C in its header")?),
    };
    Ok(labels.apply(table, path)?)
}

/// A file's name without what follows the first dot.
fn stem(file: &str) -> Option<&str> {
    Path::new(file).file_name()?.to_str()?.split('.').next()
}
