//! Comparison of methods over several data sets, by rank.
//!
//! Results are `(n_data_sets, n_methods)`: the value of one metric for each data set and method. All must be
//! finite, so a data set to which a method does not apply has to be left out. The tests follow Demšar,
//! "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006), 1–30.
//!
//! - [`average_ranks`]: the average rank of each method.
//! - [`friedman`]: whether the methods differ at all.
//! - [`critical_difference`] and [`nemenyi_p`]: how far apart two average ranks must be.
//! - [`wilcoxon_signed_rank`] and [`holm`]: whether two methods differ, and the correction for many pairs.
//! - [`compare_pairs`] and [`wins_and_losses`]: all pairs of methods by one of these tests.
//!
//! ```
//! use imb_metrics::{Direction, rank};
//! use ndarray::array;
//!
//! let f1 = array![[0.5, 0.6, 0.9], [0.4, 0.4, 0.8], [0.7, 0.9, 0.8], [0.2, 0.3, 0.5]];
//! let ranks = rank::average_ranks(f1.view(), Direction::HigherIsBetter)?;
//! assert_eq!(ranks, [2.875, 1.875, 1.25]);
//! let friedman = rank::friedman(f1.view())?;
//! assert!(friedman.p > 0.05 && friedman.f_p < 0.05, "{friedman:?}");
//! # Ok::<(), imb_core::Error>(())
//! ```

mod friedman;
mod holm;
mod nemenyi;
mod pairs;
mod ranks;
mod spearman;
mod studentized_range;
mod wilcoxon;

pub use friedman::{Friedman, friedman, friedman_of_average_ranks};
pub use holm::holm;
pub use nemenyi::{critical_difference, nemenyi_p};
pub use pairs::{PairComparison, PairTest, WinsLosses, compare_pairs, wins_and_losses};
pub use ranks::{average_ranks, rank_rows};
pub use spearman::spearman;
pub use studentized_range::{studentized_range_cdf, studentized_range_quantile};
pub use wilcoxon::{SignedRank, wilcoxon_signed_rank};
