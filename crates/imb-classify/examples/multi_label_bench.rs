//! Our side of `cargo xtask bench multi-label`: reads commands from standard input, answers on standard output.
//!
//! `multi_label_bench DATA_SET EVERY FILE` takes the first of five folds of a data set of the catalog, which is
//! looked for in `IMB_DATA` and the user's cache folder, and keeps every so many-th training row. It writes the
//! rows to a file for the other side: little-endian doubles, the training rows before the test rows, each row's
//! labels after its features. Then it prints its name and version and the numbers of training rows, test rows,
//! features and labels. Each `run METHOD` is answered with seconds and a result. For `c45`, a tree for the
//! label with the most training rows, these are the seconds of the fit and the number of leaves; for all others
//! the seconds of fit and prediction, and the micro F1 on the test rows. Processor time, which a busy machine
//! lengthens less, goes to standard error. `interpolate` moves each training row towards the next one, as
//! over-sampling does, so that few columns hold 0 and 1 only.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_classify::multi_label::{
    BinaryRelevance, CalibratedLabelRanking, EnsembleOfClassifierChains, MlKnn, Rakel,
};
use imb_classify::{BaseLearner, C45, Cart, LinearSvm, Problem, SharedRows};
use imb_core::{ColumnKind, Dataset, Feature, Fit, LabelMatrix, Run, Seed, Train};
use imb_data::prepare::prepare;
use imb_data::split::StratifiedKFold;
use imb_data::{AnyTable, Catalog, DataDirs};
use imb_metrics::multi_label::{LabelOutcomes, micro_f1_score};
use rand::RngExt;

/// The allocator of the program `imb`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type AnyResult<T> = Result<T, Box<dyn Error>>;

fn main() -> AnyResult<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, every, file] = arguments.as_slice() else {
        return Err("usage: multi_label_bench DATA_SET EVERY FILE".into());
    };
    let (mut train, test) = one_fold(name, every.parse()?)?;
    std::fs::write(file, [bytes(&train.rows), bytes(&test)].concat())?;
    let [n_train, n_test] = [train.rows.n_rows(), test.n_rows()];
    let [n_features, n_labels] = [test.n_features(), test.y().n_labels()];
    let version = env!("CARGO_PKG_VERSION");
    println!("imb-classify {version} {n_train} {n_test} {n_features} {n_labels}");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line == "interpolate" {
            train.rows = interpolated(&train.rows)?;
            continue;
        }
        let busy = processor_seconds();
        let method = line.strip_prefix("run ").ok_or("unknown command; known: run METHOD")?;
        let (seconds, result) =
            if method == "c45" { one_tree(&train.rows)? } else { all_labels(method, &train, &test)? };
        println!("{seconds} {result}");
        eprintln!("{method} {:.2} s of processor time", processor_seconds() - busy);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// The seconds to fit a tree to the label with the most rows, and the number of its leaves.
fn one_tree(data: &Dataset<LabelMatrix>) -> AnyResult<(f64, String)> {
    let positives = data.y().positives();
    let most = positives.iter().max().ok_or("no labels")?;
    let label = positives.iter().position(|n| n == most).ok_or("no labels")?;
    let codes: Vec<u32> = data.y().view().column(label).iter().map(|&on| u32::from(on)).collect();
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    let start = Instant::now();
    let shared = SharedRows::of(data);
    let problem = Problem { rows: &rows, codes: &codes, n_classes: 2, columns: None };
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let tree = C45::default().fit_problem(&shared, &problem, &mut run)?;
    Ok((start.elapsed().as_secs_f64(), format!("{} leaves", tree.n_leaves())))
}

/// The seconds of fit and prediction, and the micro F1.
fn all_labels(
    name: &str,
    train: &Train<LabelMatrix>,
    test: &Dataset<LabelMatrix>,
) -> AnyResult<(f64, String)> {
    let method = method(name)?;
    let start = Instant::now();
    let model = method.fit(train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()))?;
    let predicted = model.predict(test.x())?;
    let seconds = start.elapsed().as_secs_f64();
    let f1 = micro_f1_score(&LabelOutcomes::new(test.y(), &predicted.labels)?);
    Ok((seconds, format!("micro F1 {f1:.4}")))
}

fn method(name: &str) -> AnyResult<Box<dyn Fit<LabelMatrix>>> {
    Ok(match name {
        // A training row is its own neighbour, as on the other side.
        "mlknn" => Box::new(MlKnn { self_neighbor: true, ..MlKnn::default() }),
        "br_svm" => Box::new(BinaryRelevance::<LinearSvm>::default()),
        "clr_svm" => Box::new(CalibratedLabelRanking::<LinearSvm>::default()),
        "br_cart" => Box::new(BinaryRelevance::<Cart>::default()),
        "br_c45" => Box::new(BinaryRelevance::<C45>::default()),
        "rakel_c45" => Box::new(Rakel::<C45>::default()),
        "ecc_c45" => Box::new(EnsembleOfClassifierChains::<C45>::default()),
        unknown => {
            let known = "c45, mlknn, br_svm, clr_svm, br_cart, br_c45, rakel_c45, ecc_c45";
            return Err(format!("unknown method \"{unknown}\"; known: {known}").into());
        }
    })
}

/// The first of five folds, with every so many-th training row.
fn one_fold(name: &str, every: usize) -> AnyResult<(Train<LabelMatrix>, Dataset<LabelMatrix>)> {
    let loaded = Catalog::built_in().load(name, None, &DataDirs::find(None)?)?;
    let AnyTable::MultiLabel(table) = loaded.table else {
        return Err(format!("{name} has one class per row").into());
    };
    let folds = StratifiedKFold { n_folds: 5, validation: 0.0 };
    let folds = folds.split(table.target(), &mut Seed::new(1).rng())?;
    let kept: Vec<usize> = folds[0].train().iter().copied().step_by(every.max(1)).collect();
    let prepared = prepare(table, &kept, &[])?;
    let rows = prepared.dataset(&kept)?;
    Ok((Train { rows, validation: None }, prepared.dataset(folds[0].test())?))
}

/// Each row a random part of the way to the next one.
fn interpolated(data: &Dataset<LabelMatrix>) -> AnyResult<Dataset<LabelMatrix>> {
    let (old, mut x, mut rng) = (data.x(), data.x().to_owned(), Seed::new(1).rng());
    for (row, mut cells) in x.rows_mut().into_iter().enumerate() {
        let (next, gap) = (old.row((row + 1) % old.nrows()), rng.random::<f64>());
        cells.iter_mut().zip(next).for_each(|(cell, next)| *cell += gap * (next - *cell));
    }
    let features =
        data.features().iter().map(|feature| Feature { kind: ColumnKind::Numeric, ..feature.clone() });
    Ok(Dataset::new(features.collect::<Vec<_>>(), x, data.y().clone())?)
}

/// Processor time of this process so far; 0 where the system is not Linux.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The rows as doubles, each row's labels after its features.
fn bytes(data: &Dataset<LabelMatrix>) -> Vec<u8> {
    let (x, y) = (data.x(), data.y().view());
    let numbers = x.rows().into_iter().zip(y.rows()).flat_map(|(x, y)| {
        let labels: Vec<f64> = y.iter().map(|&on| f64::from(u8::from(on))).collect();
        x.to_vec().into_iter().chain(labels)
    });
    numbers.flat_map(f64::to_le_bytes).collect()
}
