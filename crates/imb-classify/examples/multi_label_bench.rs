//! Seconds that multi-label methods take on one fold of a data set of the catalog.
//!
//! `multi_label_bench [DATASET [THREADS [METHOD]]]`, by default `bibtex`, one thread, all methods. The data
//! are looked for in `IMB_DATA` and the user's cache folder; the fold is the first of five.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::time::Instant;

use imb_classify::multi_label::{
    BinaryRelevance, CalibratedLabelRanking, EnsembleOfClassifierChains, MlKnn, Rakel,
};
use imb_classify::{C45, LinearSvm};
use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
use imb_data::prepare::prepare;
use imb_data::split::StratifiedKFold;
use imb_data::{AnyTable, Catalog, DataDirs};
use imb_metrics::multi_label::{LabelOutcomes, macro_f1_score, ranking_loss};

/// As in the program `imb`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Method = (&'static str, Box<dyn Fit<LabelMatrix>>);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize, default| arguments.get(place).map_or(default, String::as_str);
    let (train, test) = one_fold(argument(0, "bibtex"))?;
    let labels = train.rows.y().n_labels();
    println!("{} × {} rows, {labels} labels", train.rows.n_rows(), train.rows.n_features());
    rayon::ThreadPoolBuilder::new().num_threads(argument(1, "1").parse()?).build_global()?;
    for (name, method) in methods().into_iter().filter(|(name, _)| name.contains(argument(2, ""))) {
        let start = Instant::now();
        let model = method.fit(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()))?;
        let fitted = start.elapsed().as_secs_f64();
        let predicted = model.predict(test.x())?;
        let predicting = start.elapsed().as_secs_f64() - fitted;
        let f1 = macro_f1_score(&LabelOutcomes::new(test.y(), &predicted.labels)?);
        let ranking = ranking_loss(test.y(), predicted.scores.view())?;
        println!(
            "{name}: fit {fitted:.2} s, predict {predicting:.2} s, macro F1 {f1:.4}, ranking loss {ranking:.4}"
        );
    }
    Ok(())
}

fn methods() -> Vec<Method> {
    vec![
        ("MLkNN", Box::new(MlKnn::default())),
        ("BR, linear SVM", Box::new(BinaryRelevance::<LinearSvm>::default())),
        ("CLR, linear SVM", Box::new(CalibratedLabelRanking::<LinearSvm>::default())),
        ("BR, C4.5", Box::new(BinaryRelevance::<C45>::default())),
        ("RAkEL, C4.5", Box::new(Rakel::<C45>::default())),
        ("ECC, C4.5", Box::new(EnsembleOfClassifierChains::<C45>::default())),
    ]
}

fn one_fold(name: &str) -> Result<(Train<LabelMatrix>, Dataset<LabelMatrix>), Box<dyn Error>> {
    let loaded = Catalog::built_in().load(name, None, &DataDirs::find(None)?)?;
    let AnyTable::MultiLabel(table) = loaded.table else {
        return Err(format!("{name} has one class a row").into());
    };
    let folds = StratifiedKFold { n_folds: 5, validation: 0.0 };
    let folds = folds.split(table.target(), &mut Seed::new(1).rng())?;
    let prepared = prepare(table, folds[0].train(), &[])?;
    let rows = prepared.dataset(folds[0].train())?;
    Ok((Train { rows, validation: None }, prepared.dataset(folds[0].test())?))
}
