//! Metrics of multi-label data.
//!
//! - Metrics of predicted labels, computed from [`LabelOutcomes`]: [`macro_f1_score`], [`micro_f1_score`],
//!   [`hamming_loss`].
//! - Metrics of each label's scores over all rows: [`macro_auc_score`], with two rules for ties.
//! - Metrics of each row's scores over all labels: [`ranking_loss`], [`one_error_loss`], [`coverage_loss`],
//!   [`average_precision_score`].
//!
//! The definitions follow Zhang and Zhou, "A review on multi-label learning algorithms" (2014),
//! doi:10.1109/TKDE.2013.39, unless a function says otherwise.

mod label_outcomes;
mod label_ranking;
mod macro_auc;

pub use label_outcomes::{LabelOutcomes, hamming_loss, macro_f1_score, micro_f1_score};
pub use label_ranking::{average_precision_score, coverage_loss, one_error_loss, ranking_loss};
pub use macro_auc::{TieRule, macro_auc_score};
