//! Methods in which a network that reconstructs rows makes new ones.
//!
//! - [`Aemlo`], for any number of labels a row: features and labels are encoded into one latent space, and new
//!   rows are decoded from it.
//!
//! Like the [`adversarial`](crate::adversarial) methods they are written once over the private trait `Matrix`
//! (`matrix.rs`), so they run on every device, and draw all random numbers from the run's generator.

mod aemlo;
#[cfg(test)]
mod tests;

pub use aemlo::{Aemlo, LabelEncoder, Reconstruction, Scaling, SeedLabels, SeedOrder, Thresholds};
