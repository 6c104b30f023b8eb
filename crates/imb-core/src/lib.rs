//! The vocabulary of imbalanced learning: data, targets, methods, results, seeds and errors.
//!
//! Data flow in one direction, and each step has its own type, so steps cannot be done out of order:
//!
//! ```text
//! files ── read ──► Table<Y> ── split, prepare ──► Dataset<Y> in a Train<Y>
//!     ── resample ──► Resampled<Y> ── fit ──► Predict<Y> ── predict ──► Prediction<Y>
//! ```
//!
//! - A [`Table`] is the content of a file: named columns, dense or sparse, possibly with missing values.
//! - A [`Dataset`] is the input of a method: a dense matrix of finite numbers.
//! - A [`Train`] is everything that a method may see. It has no field for test rows.
//! - A [`Resampled`] records where each row came from and whether each class got the rows asked for.
//!
//! `Y` is the kind of target: [`Labels`] (one class per row) or [`LabelMatrix`] (any number of labels
//! per row). This crate contains no learning algorithm and touches no file.

mod dataset;
mod error;
mod facts;
mod fetch_error;
mod imbalance;
#[cfg(feature = "linfa")]
pub mod linfa;
mod resampled;
mod seed;
mod table;
mod targets;
mod traits;
mod two_stage;

pub use dataset::{Dataset, Feature, require_numbers};
pub use error::{Error, ReadError, ReadProblem, Result};
pub use facts::{Facts, Kind};
pub use fetch_error::{FetchAttempt, FetchError, FetchProblem};
pub use imbalance::LabelImbalance;
pub use resampled::{Delivery, Gap, Origin, Parent, Resampled};
pub use seed::{Rng, Seed};
pub use table::{Column, ColumnKind, Table, Values, category_of};
pub use targets::{LabelMatrix, Labels, Target};
pub use traits::{AtRate, Budget, Device, Fit, Observe, Predict, Prediction, Resample, Run, Train, Watch};
pub use two_stage::TwoStage;
