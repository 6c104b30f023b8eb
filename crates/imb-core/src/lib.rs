//! The vocabulary of imbalanced learning.
//!
//! Data travel one way, and each step has its own type, so that no step can be done out of order:
//!
//! ```text
//! files ── read ──► Table<Y> ── split, prepare ──► Dataset<Y> in a Train<Y>
//!     ── resample ──► Resampled<Y> ── fit ──► Predict<Y> ── predict ──► Prediction<Y>
//! ```
//!
//! - A [`Table`] is what a file holds: named columns, dense or sparse, perhaps with gaps.
//! - A [`Dataset`] is what a method works on: a dense matrix of finite numbers.
//! - A [`Train`] is all that a method may see. It has no place for test rows.
//! - [`Resampled`] says where each row came from and whether what was asked was delivered.
//!
//! `Y` is the kind of target: [`Labels`] (one class a row) or [`LabelMatrix`] (any number of labels
//! a row). This crate holds no algorithm and touches no file.

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

pub use dataset::{Dataset, Feature};
pub use error::{Error, ReadError, ReadProblem, Result};
pub use facts::{Facts, Kind};
pub use fetch_error::{FetchAttempt, FetchError, FetchProblem};
pub use imbalance::LabelImbalance;
pub use resampled::{Delivery, Gap, Origin, Parent, Resampled};
pub use seed::{Rng, Seed};
pub use table::{Column, ColumnKind, Table, Values};
pub use targets::{LabelMatrix, Labels, Target};
pub use traits::{Budget, Device, Fit, Observe, Predict, Prediction, Resample, Run, Train, Watch};
pub use two_stage::TwoStage;
