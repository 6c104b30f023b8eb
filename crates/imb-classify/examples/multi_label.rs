//! RAkEL over C4.5 in five folds of an ARFF file with its label file: `cargo run --example multi_label`.
//!
//! Another data set: `cargo run --release --example multi_label -- FILE.arff FILE.xml`.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::{error::Error, path::PathBuf};

use imb_classify::{C45, multi_label::Rakel};
use imb_core::{Fit, Run, Seed, Train};
use imb_data::{LabelSet, ReadOptions, prepare::prepare, read, read_label_names, split::StratifiedKFold};
use imb_metrics::multi_label::{LabelOutcomes, hamming_loss, macro_f1_score, ranking_loss};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let reference = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let or_tiny = |file: usize, name| files.get(file).cloned().unwrap_or_else(|| reference.join(name));
    let (arff, xml) = (or_tiny(0, "tiny14.arff"), or_tiny(1, "tiny14.xml"));

    let table = read(&arff, &ReadOptions::default())?.table;
    let table = LabelSet::Names(read_label_names(&xml)?).apply(table, &arff)?;
    let mut rng = Seed::new(7).rng();
    for fold in (StratifiedKFold { n_folds: 5, validation: 0.0 }).split(table.target(), &mut rng)? {
        let prepared = prepare(table.clone(), fold.train(), &[])?;
        let train = Train { rows: prepared.dataset(fold.train())?, validation: None };
        let test = prepared.dataset(fold.test())?;
        let model = Rakel::<C45>::default().fit(&train, &mut Run::new(&mut rng, &mut ()))?;
        let predicted = model.predict(test.x())?;
        let outcomes = LabelOutcomes::new(test.y(), &predicted.labels)?;
        let (f1, hamming) = (macro_f1_score(&outcomes), hamming_loss(&outcomes));
        let ranking = ranking_loss(test.y(), predicted.scores.view())?;
        println!("macro F1 {f1:.3}, Hamming loss {hamming:.3}, ranking loss {ranking:.3}");
    }
    Ok(())
}
