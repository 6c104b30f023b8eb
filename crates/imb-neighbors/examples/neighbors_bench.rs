//! Our side of `cargo xtask bench neighbors`: reads commands from standard input, answers on standard output.
//!
//! `neighbors_bench FILE N_ROWS N_FEATURES K` reads a matrix of little-endian doubles, row by row, and
//! prints its version. Each later line of input is a command: `run` prints the seconds to find the `k` nearest
//! other rows of every row, including the preparation of the index, and `save FILE` writes the row numbers
//! found last.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_neighbors::k_nearest_within;
use ndarray::Array2;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, n_rows, n_features, k] = arguments.as_slice() else {
        return Err("usage: neighbors_bench FILE N_ROWS N_FEATURES K".into());
    };
    let (bytes, k) = (std::fs::read(file)?, k.parse()?);
    let numbers = bytes.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number)).collect();
    let points = Array2::from_shape_vec((n_rows.parse()?, n_features.parse()?), numbers)?;
    println!("imb-neighbors {}", env!("CARGO_PKG_VERSION"));
    let mut found = Array2::zeros((0, 0));
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line == "run" {
            let start = Instant::now();
            found = k_nearest_within(points.view(), k)?.indices;
            println!("{}", start.elapsed().as_secs_f64());
        } else if let Some(file) = line.strip_prefix("save ") {
            let bytes: Vec<u8> = found.iter().flat_map(|&row| (row as u64).to_le_bytes()).collect();
            std::fs::write(file, bytes)?;
            println!("saved");
        } else {
            return Err(format!("unknown command \"{line}\"; known: run, save FILE").into());
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}
