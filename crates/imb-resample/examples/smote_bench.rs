//! Our side of `cargo xtask bench smote`: reads commands from standard input, answers on standard output.
//!
//! `smote_bench FILE N_ROWS N_FEATURES` reads a matrix of little-endian doubles, row by row, with the class
//! (0 or 1) as a last column, and prints its version. For each later line of input it prints the seconds from
//! the training rows to the resampled ones.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_core::{Dataset, Device, Labels, Resample, Run, Seed, Train};
use imb_resample::Smote;
use ndarray::{Array2, s};

/// The allocator of the program `imb`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, n_rows, n_features] = arguments.as_slice() else {
        return Err("usage: smote_bench FILE N_ROWS N_FEATURES".into());
    };
    let (n_rows, n_features): (usize, usize) = (n_rows.parse()?, n_features.parse()?);
    let bytes = std::fs::read(file)?;
    let numbers = bytes.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number)).collect();
    let everything = Array2::from_shape_vec((n_rows, n_features + 1), numbers)?;
    let codes = everything.column(n_features).iter().map(|&class| class as u32).collect();
    let labels = Labels::new(codes, vec!["often".into(), "rare".into()])?;
    let rows = Dataset::unnamed(everything.slice(s![.., ..n_features]).to_owned(), labels)?;
    let train = Train { rows, validation: None };
    println!("imb-resample {}", env!("CARGO_PKG_VERSION"));
    for (seed, line) in (0..).zip(std::io::stdin().lock().lines()) {
        line?;
        let start = Instant::now();
        let mut run =
            Run { rng: &mut Seed::new(seed).rng(), observer: &mut (), device: Device::Cpu, budget: None };
        let resampled = Smote::default().resample(&train, &mut run)?.into_dataset(&train.rows)?;
        println!("{}", start.elapsed().as_secs_f64());
        std::io::stdout().flush()?;
        assert!(resampled.n_rows() > n_rows);
    }
    Ok(())
}
