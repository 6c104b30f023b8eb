//! One side of `cargo xtask bench multi-label`: answers on standard output what is asked on standard input.
//!
//! `trees_bench DATA_SET` loads a multi-label set of the catalog (`IMB_DATA` or the cache folder), keeps four
//! of five rows and says its version. Then `run LEARNER COLUMNS` fits one model a label and is answered by the
//! seconds a label, the preparation of the rows included, and by the number of leaves of all trees. `LEARNER`
//! is `c45`, `cart` or `svm`; `COLUMNS` is `typed` (nominal columns as such), `numeric`, or `interpolated`:
//! numeric with three rows in ten more, each between two random rows.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_classify::{C45, Cart, LinearSvm, Problem, SharedRows};
use imb_core::{Dataset, Feature, LabelMatrix, Run, Seed, Target};
use imb_data::{AnyTable, Catalog, DataDirs};
use ndarray::{Array2, Axis, concatenate};
use rand::RngExt;

/// Rows added to each row, so that columns have many values.
const ADDED: f64 = 0.3;

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).ok_or("usage: trees_bench DATA_SET")?;
    let typed = load(&name)?;
    let numeric = Dataset::unnamed(typed.x().to_owned(), typed.y().clone())?;
    let interpolated = interpolated(&numeric)?;
    println!("imb-classify {}", env!("CARGO_PKG_VERSION"));
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (learner, columns) = line
            .strip_prefix("run ")
            .and_then(|run| run.split_once(' '))
            .ok_or("only `run` is understood")?;
        let rows = match columns {
            "typed" => &typed,
            "numeric" => &numeric,
            "interpolated" => &interpolated,
            other => return Err(format!("no such columns: {other}").into()),
        };
        let start = Instant::now();
        let leaves = fit_all(learner, rows)?;
        println!("{} {leaves}", start.elapsed().as_secs_f64() / rows.y().n_labels() as f64);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Fits a model a label and gives the leaves of all trees.
fn fit_all(learner: &str, data: &Dataset<LabelMatrix>) -> Result<usize, Box<dyn Error>> {
    let shared = SharedRows::of(data);
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut leaves = 0;
    for label in data.y().view().columns() {
        let codes: Vec<u32> = label.iter().map(|&on| u32::from(on)).collect();
        let problem = Problem { rows: &rows, codes: &codes, n_classes: 2, columns: None };
        let mut run = Run::new(&mut rng, &mut nobody);
        match learner {
            "c45" => leaves += C45::default().fit_tree(&shared, &problem, &mut run)?.n_leaves(),
            "cart" => leaves += Cart::default().fit_tree(&shared, &problem, &mut run)?.n_leaves(),
            "svm" => drop(LinearSvm::default().fit_machines(&shared, &problem, &mut run)?),
            other => return Err(format!("no such learner: {other}").into()),
        }
    }
    Ok(leaves)
}

/// Four of five rows of a data set.
fn load(name: &str) -> Result<Dataset<LabelMatrix>, Box<dyn Error>> {
    let AnyTable::MultiLabel(table) = Catalog::built_in().load(name, None, &DataDirs::find(None)?)?.table
    else {
        return Err(format!("{name} has one class a row").into());
    };
    let mut x = Array2::zeros((table.n_rows(), table.n_columns()));
    for (mut cells, column) in x.columns_mut().into_iter().zip(table.columns()) {
        cells.assign(&ndarray::Array1::from(column.values.to_dense(table.n_rows())));
    }
    let features = table.columns().iter();
    let features: Vec<Feature> =
        features.map(|column| Feature { name: column.name.clone(), kind: column.kind.clone() }).collect();
    let kept: Vec<usize> = (0..table.n_rows()).filter(|row| row % 5 != 0).collect();
    Ok(Dataset::new(features, x, table.target().clone())?.select(&kept)?)
}

/// The rows with others between two of them, which have the labels of the first.
fn interpolated(rows: &Dataset<LabelMatrix>) -> Result<Dataset<LabelMatrix>, Box<dyn Error>> {
    let mut rng = Seed::new(1).rng();
    let n_added = (ADDED * rows.n_rows() as f64) as usize;
    let seeds: Vec<usize> = (0..n_added).map(|_| rng.random_range(0..rows.n_rows())).collect();
    let mut added = rows.x().select(Axis(0), &seeds);
    for mut row in added.rows_mut() {
        let (partner, gap) =
            (rows.x().row(rng.random_range(0..rows.n_rows())).to_owned(), rng.random::<f64>());
        row.zip_mut_with(&partner, |cell, partner| *cell += gap * (partner - *cell));
    }
    let x = concatenate(Axis(0), &[rows.x(), added.view()])?;
    Ok(Dataset::unnamed(x, rows.y().concat(&rows.y().select(&seeds))?)?)
}
