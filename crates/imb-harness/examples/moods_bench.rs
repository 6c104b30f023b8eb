//! One side of `cargo xtask bench moods`: reads requests on standard input and answers on standard output.
//!
//! `moods_bench DATASET FILE` runs MOODS as released once on a data set of the catalog (from `IMB_DATA`
//! where it is not built in) and writes the accepted set to `FILE`: little-endian floats, row after row,
//! with the class (0, or 1 for the minority) in one more column. It says its version, the rows of that
//! set and its features. Then each `run` is answered by the gradient steps and the seconds of a whole
//! run of the same seed, on one thread.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_bilevel::{Found, Moods};
use imb_core::{Dataset, Device, Labels, Run, Seed, Train};
use imb_data::{Catalog, DataDirs};
use imb_harness::experiment::{Experiment, place};
use imb_harness::paper::papers;
use imb_harness::rows::AnyRows;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let [dataset, file] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: moods_bench DATASET FILE")?;
    let paper = papers(&["moods".to_owned()])?.remove(0);
    let experiment = Experiment::read(paper, &Catalog::built_in(), &DataDirs::find(None)?)?;
    let catalog = Catalog::built_in();
    let place = place(&experiment.paper.spec, catalog.entry(&dataset)?, "as_released", "moods");
    let AnyRows::Classes(rows) = experiment.rows(&place)? else { return Err("one class a row".into()) };
    let train = rows.train;
    let found = search(&train)?;
    let minority = train.rows.y().minority().ok_or("two classes")?;
    let accepted = found.resampled.into_dataset(&train.rows)?;
    write(&accepted, minority, &file)?;
    let (version, n_rows, n_features) = (env!("CARGO_PKG_VERSION"), accepted.n_rows(), accepted.n_features());
    println!("imb-bilevel {version} {n_rows} {n_features}");
    for line in std::io::stdin().lock().lines() {
        if line? != "run" {
            return Err("only `run` is understood".into());
        }
        let start = Instant::now();
        let trajectory = search(&train)?.trajectory;
        let steps: u64 = trajectory.steps.iter().map(|step| step.gradient_steps).sum();
        println!("{} {}", steps + trajectory.burn_in_gradient_steps, start.elapsed().as_secs_f64());
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn search(train: &Train<Labels>) -> imb_core::Result<Found> {
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    Moods::as_released().search(train, &mut run)
}

fn write(rows: &Dataset<Labels>, minority: u32, file: &str) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    for (row, &code) in rows.x().rows().into_iter().zip(rows.y().codes()) {
        let class = if code == minority { 1.0 } else { 0.0 };
        let numbers = row.iter().map(|&number| number as f32).chain([class]);
        numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
    }
    Ok(std::fs::write(file, bytes)?)
}
