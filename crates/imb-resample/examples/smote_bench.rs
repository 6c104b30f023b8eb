//! Times SMOTE on rows from a file, for `cargo xtask bench smote`.
//!
//! The file holds little-endian `f64`, row by row, the class (0 or 1) last. Arguments: the file and
//! the number of columns, class included. Prints the seconds of one call, after another one that is
//! not counted.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::time::Instant;

use imb_core::{Dataset, Device, Labels, Resample, Run, Seed, Train};
use imb_resample::Smote;
use ndarray::{Array2, s};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(columns)) = (arguments.next(), arguments.next()) else {
        return Err("arguments: FILE COLUMNS".into());
    };
    let n_columns: usize = columns.parse()?;
    let bytes = std::fs::read(file)?;
    let numbers: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    let all = Array2::from_shape_vec((numbers.len() / n_columns, n_columns), numbers)?;
    let codes = all.column(n_columns - 1).iter().map(|&class| class as u32).collect();
    let labels = Labels::new(codes, vec!["0".into(), "1".into()])?;
    let rows = Dataset::unnamed(all.slice(s![.., ..n_columns - 1]).to_owned(), labels)?;
    let train = Train { rows, validation: None };

    let mut seconds = 0.0;
    for seed in [1, 2] {
        let start = Instant::now();
        let mut run = Run { rng: &mut Seed::new(seed).rng(), observer: &mut (), device: Device::Cpu };
        let resampled = Smote::default().resample(&train, &mut run)?.into_dataset(&train.rows)?;
        seconds = start.elapsed().as_secs_f64();
        assert!(resampled.n_rows() > train.rows.n_rows());
    }
    println!("{seconds}");
    Ok(())
}
