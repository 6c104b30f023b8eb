//! Bilevel resampling: an outer loop proposes training sets, an inner loop trains a network on each,
//! and validation rows decide which training set is kept.
//!
//! [`Moods`] is both a classifier ([`Fit`](imb_core::Fit)) and a resampler
//! ([`Resample`](imb_core::Resample)); [`Moods::search`] returns both results and the [`Trajectory`].

mod moods;
mod objective;
mod validation;

pub use moods::{Draw, Found, Moods, Size, Start, Step, Trajectory};
pub use objective::Objective;
