//! Methods in which networks play against each other, or one against itself, over imbalanced data.
//!
//! - [`Ao`] and [`Do`], adversarial and data-space over-sampling: a critic, a classifier and a generator of
//!   convex mixtures. Their losses stand beside each other in [`ao`]; what they share is in [`game`].
//! - [`Gamo`], whose generator they have.
//! - [`Cot`], complement objective training: one network, two losses.
//!
//! The page of each module has the steps, the source, and where the method departs from the paper.
//!
//! All are written once over the private trait `Matrix` (`matrix.rs`), so they run on every device of
//! [`MlpClassifier`](crate::MlpClassifier), and draw weights, noise, labels and orders from the run's
//! generator alone.

pub mod ao;
pub mod cot;
pub mod r#do;
pub mod game;
pub mod gamo;
mod labels;
mod losses;
mod mixture;
mod normalized;
pub(crate) mod players;
#[cfg(test)]
pub(crate) mod tests;
mod training;

pub(crate) use mixture::too_large;

pub use ao::Ao;
pub use cot::{Complement, Cot, CotOptimizer};
pub use r#do::Do;
pub use game::AdversarialGame;
pub use gamo::Gamo;
