//! Our side of `cargo xtask bench samplers`: reads commands from standard input, answers on standard output.
//!
//! `samplers_bench METHOD FILE N_ROWS N_FEATURES` reads a matrix of little-endian doubles, row by row,
//! with the class (0 or 1) as a last column, and prints its version. Each later line of input is a command:
//! `run` prints the seconds from the training rows to the resampled ones, `svm` those of the support vector
//! machine alone, and `memory` the peak memory of the process in megabytes.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Read, Write};
use std::time::Instant;

use imb_classify::Svc;
use imb_core::{Dataset, Device, Labels, Resample, Run, Seed, Train};
use imb_resample::{Adasyn, BorderlineSmote, SvmSmote};
use ndarray::{Array2, s};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, file, n_rows, n_features] = arguments.as_slice() else {
        return Err("usage: samplers_bench METHOD FILE N_ROWS N_FEATURES".into());
    };
    let method: Box<dyn Resample<Labels>> = match method.as_str() {
        "borderline_smote" => Box::new(BorderlineSmote::default()),
        "svm_smote" => Box::new(SvmSmote::default()),
        "adasyn" => Box::new(Adasyn::default()),
        unknown => return Err(format!("unknown method {unknown}").into()),
    };
    let train = Train { rows: read(file, n_rows.parse()?, n_features.parse()?)?, validation: None };
    println!("imb-resample {}", env!("CARGO_PKG_VERSION"));
    for (seed, line) in (0..).zip(std::io::stdin().lock().lines()) {
        let start = Instant::now();
        match line?.as_str() {
            "memory" => println!("{}", peak_megabytes()?),
            "svm" => {
                let n_support = Svc::default().fit_rows(&train.rows)?.support().len();
                println!("{} {n_support}", start.elapsed().as_secs_f64());
            }
            _ => {
                let mut run = Run {
                    rng: &mut Seed::new(seed).rng(),
                    observer: &mut (),
                    device: Device::Cpu,
                    budget: None,
                };
                let resampled = method.resample(&train, &mut run)?.into_dataset(&train.rows)?;
                println!("{} {}", start.elapsed().as_secs_f64(), resampled.n_rows());
            }
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn read(file: &str, n_rows: usize, n_features: usize) -> Result<Dataset<Labels>, Box<dyn Error>> {
    let mut numbers = Vec::with_capacity(n_rows * (n_features + 1));
    let mut source = std::io::BufReader::new(std::fs::File::open(file)?);
    let mut number = [0; 8];
    while numbers.len() < numbers.capacity() {
        source.read_exact(&mut number)?;
        numbers.push(f64::from_le_bytes(number));
    }
    let everything = Array2::from_shape_vec((n_rows, n_features + 1), numbers)?;
    let codes = everything.column(n_features).iter().map(|&class| class as u32).collect();
    let labels = Labels::new(codes, vec!["often".into(), "rare".into()])?;
    Ok(Dataset::unnamed(everything.slice(s![.., ..n_features]).to_owned(), labels)?)
}

/// The peak resident memory, which Linux keeps for each process.
fn peak_megabytes() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
