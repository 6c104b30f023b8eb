//! Metrics of predictions, and statistical tests that compare methods by them.
//!
//! - [`single_label`]: metrics of a [`ConfusionMatrix`]: precision, recall, F1, ACSA, geometric mean.
//! - [`scores`] and [`probabilities`]: metrics of one score per class: ROC AUC, average precision, log
//!   loss, Brier loss, calibration error.
//! - [`multi_label`]: the same for any number of labels per row, and metrics of label rankings.
//! - [`non_overlapping_diversification`]: how a resampled training set spreads a network's outputs.
//! - [`rank`], [`interval`], [`kolmogorov_smirnov`]: whether methods differ.
//! - [`printed`]: what arithmetic says against printed tables.
//!
//! A metric is a plain function. Its name ends in `_score` if higher is better and in `_loss` if lower is
//! better. [`METRICS`] lists them with their range, their source and their value where the formula divides by zero. It
//! omits [`mcc_score`](single_label::mcc_score) and [`cohen_kappa_score`](single_label::cohen_kappa_score), which have
//! no such value: they return an error there.
//!
//! ```
//! use imb_core::Labels;
//! use imb_metrics::{ConfusionMatrix, single_label};
//!
//! let truth = Labels::from_texts(&["healthy", "healthy", "healthy", "ill"]);
//! let predicted = Labels::new(vec![0, 0, 1, 1], truth.classes().to_vec())?;
//! let matrix = ConfusionMatrix::new(&truth, &predicted)?;
//! assert_eq!(single_label::accuracy_score(&matrix), 0.75);
//! assert_eq!(single_label::minority_f1_score(&matrix), 2.0 / 3.0);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod checks;
mod confusion;
pub mod interval;
pub mod kolmogorov_smirnov;
mod metric;
pub mod multi_label;
pub mod non_overlapping_diversification;
mod numeric;
mod outcomes;
mod predictive;
pub mod printed;
pub mod probabilities;
pub mod rank;
pub mod scores;
pub mod single_label;
mod table;
mod ties;

pub use confusion::ConfusionMatrix;
pub use metric::{Compute, Direction, Metric, Task};
pub use outcomes::Outcomes;
pub use predictive::Predictive;
pub use table::METRICS;
