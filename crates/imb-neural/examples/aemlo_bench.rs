//! Our side of `cargo xtask bench aemlo`.
//!
//! `aemlo_bench DATA_SET FILE` takes a data set of the catalog, which is looked for in `IMB_DATA` and the user's
//! cache folder, scales its columns to 0 … 1, and writes it to a file for the other side: little-endian floats,
//! the features row after row, then the labels. It prints its name, version, vector instructions and the numbers
//! of rows, features and labels. `run STEPS` is answered with the seconds of that many mini-batches, `peak` with
//! the floating-point operations a second of the `gemm` crate on 512 × 512 matrices.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

use imb_core::{Budget, Dataset, LabelMatrix, Resample, Run, Seed, Target, Train};
use imb_data::prepare::prepare;
use imb_data::{AnyTable, Catalog, DataDirs};
use imb_neural::generative::{Aemlo, Thresholds};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, file] = arguments.as_slice() else {
        return Err("usage: aemlo_bench DATA_SET FILE".into());
    };
    let rows = rows(name)?;
    std::fs::write(file, bytes(&rows))?;
    let (set, labels) = (imb_neural::instruction_set(), rows.y().n_labels());
    let version = env!("CARGO_PKG_VERSION");
    println!("imb-neural {version} {set} {} {} {labels}", rows.n_rows(), rows.n_features());
    let train = Train { rows, validation: None };
    for line in std::io::stdin().lock().lines() {
        match line?.split(' ').collect::<Vec<_>>()[..] {
            ["run", steps] => println!("{:.6}", seconds(&train, steps.parse()?)?),
            ["peak"] => println!("{:.0}", peak()),
            _ => return Err("unknown command; known: run STEPS, peak".into()),
        }
    }
    Ok(())
}

fn rows(name: &str) -> Result<Dataset<LabelMatrix>, Box<dyn Error>> {
    let loaded = Catalog::built_in().load(name, None, &DataDirs::find(None)?)?;
    let AnyTable::MultiLabel(table) = loaded.table else {
        return Err(format!("{name} has one class per row").into());
    };
    let all: Vec<usize> = (0..table.target().n_rows()).collect();
    let rows = prepare(table, &all, &[])?.dataset(&all)?;
    let mut x = rows.x().to_owned();
    for mut column in x.columns_mut() {
        let low = column.fold(f64::INFINITY, |low, value| low.min(*value));
        let high = column.fold(f64::NEG_INFINITY, |high, value| high.max(*value));
        column.mapv_inplace(|value| if high > low { (value - low) / (high - low) } else { 0.0 });
    }
    // Categories of 0 and 1 are numbers to the other side.
    Ok(Dataset::unnamed(x, rows.y().clone())?)
}

fn bytes(rows: &Dataset<LabelMatrix>) -> Vec<u8> {
    let labels = rows.y().view();
    let labels = labels.iter().map(|&on| f32::from(u8::from(on)));
    rows.x().iter().map(|&value| value as f32).chain(labels).flat_map(f32::to_le_bytes).collect()
}

/// The seconds of a training of that many mini-batches, without a last step that makes rows.
fn seconds(train: &Train<LabelMatrix>, steps: u64) -> Result<f64, Box<dyn Error>> {
    let method =
        Aemlo { thresholds: Thresholds::Half, sampling_rate: 1e-9, epochs: u64::MAX, ..Aemlo::paper() };
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
                N,
                N,
                N,
                out.as_mut_ptr(),
                1,
                n,
                false,
                a.as_ptr(),
                1,
                n,
                b.as_ptr(),
                1,
                n,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    2.0 * (N * N * N) as f64 / best
}
