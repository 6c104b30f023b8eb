//! Bilevel resampling: an outer loop proposes training sets, an inner loop trains a network on each,
//! and validation rows decide which is kept.
//!
//! [`Moods`] is a classifier ([`Fit`](imb_core::Fit)) and a resampler ([`Resample`](imb_core::Resample))
//! at once; [`Moods::search`] gives both results and the whole [`Trajectory`].

mod moods;
mod objective;
mod validation;

pub use moods::{Draw, Found, Moods, Size, Start, Step, Trajectory};
pub use objective::Objective;
