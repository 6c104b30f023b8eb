//! AEMLO on rows from a file, for `cargo xtask bench aemlo`.
//!
//! `aemlo_bench FILE N_ROWS N_FEATURES N_LABELS` reads f32 numbers, little-endian: the features row after row,
//! then the labels. It prints its version, and answers `run STEPS` with the seconds of that many mini-batches,
//! and `peak` with the floating-point operations a second of the `gemm` crate on 512 × 512 matrices.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

use imb_core::{Budget, Dataset, LabelMatrix, Resample, Run, Seed, Train};
use imb_neural::generative::{Aemlo, Thresholds};
use ndarray::Array2;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, numbers @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<usize>, _>>()?;
    let [n_rows, n_features, n_labels] = numbers[..] else { return Err(USAGE.into()) };
    let train = Train { rows: rows(file, n_rows, n_features, n_labels)?, validation: None };
    println!("imb-neural {}, {}", env!("CARGO_PKG_VERSION"), imb_neural::instruction_set());
    for line in std::io::stdin().lock().lines() {
        match line?.split(' ').collect::<Vec<_>>()[..] {
            ["run", steps] => println!("{:.6}", seconds(&train, steps.parse()?)?),
            ["peak"] => println!("{:.0}", peak()),
            _ => return Err("run STEPS or peak".into()),
        }
    }
    Ok(())
}

const USAGE: &str = "usage: aemlo_bench FILE N_ROWS N_FEATURES N_LABELS";

fn rows(
    file: &str,
    n_rows: usize,
    n_features: usize,
    n_labels: usize,
) -> Result<Dataset<LabelMatrix>, Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    let numbers: Vec<f64> =
        bytes.chunks_exact(4).map(|four| f64::from(f32::from_le_bytes([four[0], four[1], four[2], four[3]]))).collect();
    let (x, y) = numbers.split_at(n_rows * n_features);
    let x = Array2::from_shape_vec((n_rows, n_features), x.to_vec())?;
    let y = Array2::from_shape_vec((n_rows, n_labels), y.iter().map(|on| *on == 1.0).collect())?;
    let names = (0..n_labels).map(|label| format!("label_{label}")).collect();
    Ok(Dataset::unnamed(x, LabelMatrix::new(y, names)?)?)
}

/// The seconds of a training of that many mini-batches, without a last step that makes rows.
fn seconds(train: &Train<LabelMatrix>, steps: u64) -> Result<f64, Box<dyn Error>> {
    let method = Aemlo {
        thresholds: Thresholds::Half,
        sampling_rate: 1e-9,
        epochs: u64::MAX,
        ..Aemlo::paper()
    };
    let (mut rng, mut nobody) = (Seed::new(2).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    run.budget = Some(Budget { steps, epochs: u64::MAX });
    let start = Instant::now();
    method.resample(train, &mut run)?;
    Ok(start.elapsed().as_secs_f64())
}

/// The operations a second of a product of two matrices of 512 × 512, the best of several rounds.
fn peak() -> f64 {
    const N: usize = 512;
    let (a, b, mut out) = (vec![1.0_f32; N * N], vec![1.0_f32; N * N], vec![0.0_f32; N * N]);
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        let n = N as isize;
        // SAFETY: all three matrices hold N × N numbers, row after row, and `out` is not read.
        #[allow(unsafe_code, reason = "the crate's interface is made of pointers")]
        unsafe {
            gemm::gemm(
                N, N, N, out.as_mut_ptr(), 1, n, false, a.as_ptr(), 1, n, b.as_ptr(), 1, n, 0.0, 1.0,
                false, false, false, gemm::Parallelism::None,
            );
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    2.0 * (N * N * N) as f64 / best
}
