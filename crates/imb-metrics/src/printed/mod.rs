//! What arithmetic alone says about printed tables of results.
//!
//! A printed value stands for a range of values ([`PrintedValue::range`]): those that round to it, and, if
//! a paper may have cut digits off, those that are cut to it. Each check asks whether some values in these
//! ranges fit together, so it never accuses a table that was computed and printed correctly.
//!
//! - [`Combination::contradicts`]: parts against the whole that they make up.
//! - [`is_geometric_above_mean`]: a geometric mean above the arithmetic mean of the same values.
//! - [`RankRow`]: sums of mean ranks, and ranks that no results give.
//! - [`wins_and_losses_balance`]: every win of one method is a loss of another.
//! - [`TestRows`]: whether some confusion matrix gives a set of printed metrics, which, and with which
//!   test rows.
//! - [`PrintedTables::lint`]: all of these on whole tables.
//!
//! ```
//! use imb_metrics::printed::{PrintedMetric, Rounding, TestRows, TwoClassMetric, is_geometric_above_mean};
//!
//! // ACSA and geometric mean in percent, of a classifier tested on 65 and 26 rows.
//! let [acsa, gm] = ["65.00".parse()?, "60.91".parse()?];
//! assert!(!is_geometric_above_mean(acsa, gm, Rounding::Either));
//! let printed = [
//!     PrintedMetric { metric: TwoClassMetric::Acsa, value: acsa, percent: true },
//!     PrintedMetric { metric: TwoClassMetric::GeometricMean, value: gm, percent: true },
//! ];
//! let matrices = TestRows([65, 26]).matrices(&printed, Rounding::Either)?;
//! let only = matrices.only().expect("one matrix");
//! assert_eq!(only.right, [57, 11], "57 of 65 rows and 11 of 26 are right");
//! # Ok::<(), imb_core::Error>(())
//! ```

mod attainable;
mod lint;
mod mean_of_runs;
mod parts;
mod ranks;
mod two_class_metric;
mod value;
mod wins;

pub use attainable::{Matrices, RowsFit, TestRows, TwoClassCounts};
pub use lint::{
    Finding, FindingKind, LintReport, PrintedTables, Relation, Revealed, Selector, TableCell, TableFacts,
    parts_against_whole,
};
pub use mean_of_runs::{HULL_LIMIT, is_mean_attainable};
pub use parts::{Combination, is_geometric_above_mean};
pub use ranks::RankRow;
pub use two_class_metric::{PrintedMetric, TwoClassMetric};
pub use value::{PrintedValue, Rounding};
pub use wins::{too_many_comparisons, wins_and_losses_balance};
