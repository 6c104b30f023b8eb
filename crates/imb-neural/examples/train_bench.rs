//! Our side of `cargo xtask bench train`: reads commands from standard input, answers on standard output.
//!
//! `train_bench ENGINE FILE N_ROWS N_FEATURES WIDTH,WIDTH,…` reads a matrix of little-endian floats, row by
//! row, with the class (0 or 1) as a last column, and prints its version. `ENGINE` is a device. Each later line
//! of input is a command: `run N` prints the seconds for N gradient steps on batches of 32 rows.
//! `train_bench gemm` prints those for N products of two 256 × 256 matrices.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use imb_core::{Dataset, Device, Labels, Run, Seed};
use imb_neural::{Activation, HiddenLayer, MlpClassifier, MlpLearner, Stop, instruction_set};
use ndarray::{Array2, s};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["gemm"] => {
            println!("gemm 0.19");
            serve(product)
        }
        [engine, file, n_rows, n_features, widths] => {
            let rows = read(file, n_rows.parse()?, n_features.parse()?)?;
            let device: Device = engine.parse()?;
            println!("imb-neural {}, {engine} ({})", env!("CARGO_PKG_VERSION"), instruction_set());
            let widths = widths.split(',').map(str::parse).collect::<Result<Vec<_>, _>>()?;
            // A fresh network each time: one that fits every row trains at another speed.
            serve(|steps| train(&mut learner(&rows, &widths, device)?, &rows, steps))
        }
        _ => Err("usage: train_bench ENGINE FILE N_ROWS N_FEATURES WIDTH,WIDTH,… or train_bench gemm".into()),
    }
}

/// Answers each `run N` with the seconds it took.
fn serve(mut run: impl FnMut(u64) -> Result<f64, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let number = line.strip_prefix("run ").ok_or("unknown command; known: run N")?;
        println!("{}", run(number.parse()?)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn read(file: &str, n_rows: usize, n_features: usize) -> Result<Dataset<Labels>, Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    let numbers = bytes.as_chunks().0.iter().map(|number| f64::from(f32::from_le_bytes(*number))).collect();
    let everything = Array2::from_shape_vec((n_rows, n_features + 1), numbers)?;
    let codes = everything.column(n_features).iter().map(|&class| class as u32).collect();
    let labels = Labels::new(codes, vec!["often".into(), "rare".into()])?;
    Ok(Dataset::unnamed(everything.slice(s![.., ..n_features]).to_owned(), labels)?)
}

fn learner(rows: &Dataset<Labels>, widths: &[usize], device: Device) -> imb_core::Result<MlpLearner> {
    let layer = |&width| HiddenLayer { width, activation: Activation::Relu };
    let hidden_layers = widths.iter().map(layer).collect();
    let method = MlpClassifier { hidden_layers, ..MlpClassifier::moods_sound() };
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device, budget: None };
    method.learner(rows.n_features(), rows.y().classes(), &mut run)
}

fn train(learner: &mut MlpLearner, rows: &Dataset<Labels>, steps: u64) -> Result<f64, Box<dyn Error>> {
    let mut run = Run { rng: &mut Seed::new(2).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let start = Instant::now();
    let report = learner.train(rows, &Stop::Steps(steps), &mut run)?;
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(report.steps, steps);
    Ok(seconds)
}

/// Approximates the peak of the processor by a library for matrix products.
#[allow(unsafe_code, reason = "the library takes pointers")]
fn product(number: u64) -> Result<f64, Box<dyn Error>> {
    const N: usize = 256;
    let (a, b, mut c) = (vec![0.5_f32; N * N], vec![0.25_f32; N * N], vec![0.0_f32; N * N]);
    let start = Instant::now();
    for _ in 0..number {
        let (columns, rows) = (N as isize, 1);
        // SAFETY: all three are matrices of N × N numbers, stored column by column.
        unsafe {
            gemm::gemm(
                N,
                N,
                N,
                c.as_mut_ptr(),
                columns,
                rows,
                false,
                a.as_ptr(),
                columns,
                rows,
                b.as_ptr(),
                columns,
                rows,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(c[N * N - 1], 0.125 * N as f32);
    Ok(seconds)
}
