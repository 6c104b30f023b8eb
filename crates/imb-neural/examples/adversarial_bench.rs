//! One side of `cargo xtask bench adversarial`: reads requests on standard input and answers on standard
//! output.
//!
//! `adversarial_bench DEVICE METHOD N_MINORITY N_MAJORITY N_FEATURES BATCH` prints its version. Each `run N` is
//! answered by the seconds of N mini-batches of a training on random rows, on one thread. METHOD is q, cot,
//! gamo, ao or do.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_core::{Dataset, Device, Fit, Labels, Run, Seed, Train};
use imb_neural::adversarial::{AdversarialGame, Ao, Complement, Cot, Do, Gamo};
use imb_neural::{MlpClassifier, Stop};
use ndarray::Array2;
use rand::RngExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [device, method, numbers @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<usize>, _>>()?;
    let [minority, majority, n_features, batch] = numbers[..] else { return Err(USAGE.into()) };
    let train = Train { rows: rows(minority, majority, n_features)?, validation: None };
    let device: Device = device.parse()?;
    let instructions = if device == Device::Cpu { imb_neural::instruction_set() } else { "burn" };
    println!("imb-neural {}, {device} ({instructions})", env!("CARGO_PKG_VERSION"));
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let steps = line.strip_prefix("run ").ok_or("only `run N` is understood")?;
        let method = named(method, batch, steps.parse()?)?;
        let (mut rng, mut nobody) = (Seed::new(2).rng(), ());
        let mut run = Run::new(&mut rng, &mut nobody);
        run.device = device;
        let start = Instant::now();
        method.fit(&train, &mut run)?;
        println!("{:.6}", start.elapsed().as_secs_f64());
        std::io::stdout().flush()?;
    }
    Ok(())
}

const USAGE: &str = "usage: adversarial_bench DEVICE METHOD N_MINORITY N_MAJORITY N_FEATURES BATCH";

/// The method with the classifier of the paper on AO and DO. With large batches, as for Credit, 256 rows of a
/// class are mixed.
fn named(method: &str, batch_size: usize, steps: u64) -> Result<Box<dyn Fit<Labels>>, Box<dyn Error>> {
    let classifier = MlpClassifier { batch_size, stop: Stop::Steps(steps), ..MlpClassifier::adversarial_q() };
    let max_mixed_rows = if batch_size > 256 { 256 } else { 1_000 };
    let game =
        AdversarialGame { classifier: classifier.clone(), max_mixed_rows, ..AdversarialGame::default() };
    Ok(match method {
        "q" => Box::new(classifier),
        "ao" => Box::new(Ao { game }),
        "do" => Box::new(Do { game, ..Do::default() }),
        "gamo" => Box::new(Gamo { classifier, max_mixed_rows, ..Gamo::default() }),
        "cot" => Box::new(Cot { classifier, complement: Complement::AsCoded, ..Cot::default() }),
        other => return Err(format!("no method {other}").into()),
    })
}

/// Normal rows; those of the minority are shifted by ½.
fn rows(minority: usize, majority: usize, n_features: usize) -> Result<Dataset<Labels>, Box<dyn Error>> {
    let mut rng = Seed::new(1).rng();
    let n_rows = minority + majority;
    let x = Array2::from_shape_fn((n_rows, n_features), |(row, _)| {
        let shift = if row < minority { 0.5 } else { 0.0 };
        shift + (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
    });
    let codes = (0..n_rows).map(|row| u32::from(row < minority)).collect();
    Ok(Dataset::unnamed(x, Labels::new(codes, vec!["majority".into(), "minority".into()])?)?)
}
