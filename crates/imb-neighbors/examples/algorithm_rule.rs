//! Measures where the tree is faster than blocks, to set the rule of `Algorithm::Auto`.
//!
//! `cargo run --release -p imb-neighbors --example algorithm_rule` prints microseconds per query for both, on
//! one thread. The two run alternately, and the shortest of several times is printed.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::time::Instant;

use imb_neighbors::{Algorithm, Search};
use ndarray::{Array2, Axis, concatenate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

const REPEATS: usize = 3;
const K: usize = 5;
/// Dimensions of the manifold.
const INTRINSIC: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut normal = |n_rows: usize, n_columns: usize| -> Array2<f64> {
        Array2::from_shape_simple_fn((n_rows, n_columns), || StandardNormal.sample(&mut rng))
    };
    println!(
        "| rows | columns | normal: tree | blocked | manifold: tree | blocked |\n|---|---|---|---|---|---|"
    );
    for n_rows in [300, 1000, 5000, 20_000, 50_000] {
        for n_columns in [2, 4, 8, 10, 12, 15, 20, 30, 42] {
            let full = normal(n_rows, n_columns);
            let flat = match n_columns.checked_sub(INTRINSIC) {
                Some(more) => {
                    let place = normal(n_rows, INTRINSIC);
                    let bent = place.dot(&normal(INTRINSIC, more));
                    concatenate![Axis(1), place, bent] + 0.05 * normal(n_rows, n_columns)
                }
                None => full.clone(),
            };
            let [tree, blocked] = both(&full)?;
            let [flat_tree, flat_blocked] = both(&flat)?;
            println!(
                "| {n_rows} | {n_columns} | {tree:.2} | {blocked:.2} | {flat_tree:.2} | {flat_blocked:.2} |"
            );
        }
    }
    Ok(())
}

/// Microseconds per query with the tree and with blocks.
fn both(points: &Array2<f64>) -> Result<[f64; 2], Box<dyn Error>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut least = [f64::INFINITY; 2];
    for _ in 0..REPEATS {
        for (least, algorithm) in least.iter_mut().zip([Algorithm::Tree, Algorithm::Blocked]) {
            let start = Instant::now();
            pool.install(|| Search { algorithm }.k_nearest_within(points.view(), K))?;
            *least = least.min(start.elapsed().as_secs_f64() / points.nrows() as f64 * 1e6);
        }
    }
    Ok(least)
}
