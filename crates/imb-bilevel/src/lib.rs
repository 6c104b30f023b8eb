//! Bilevel resampling: an outer loop proposes training sets, an inner loop trains a network on each, and
//! what the network makes of them decides which training set is kept.
//!
//! [`Moods`] decides on validation rows, [`Mubo`] by the loss of the majority rows it trained on. Both are
//! classifiers ([`Fit`](imb_core::Fit)) and resamplers ([`Resample`](imb_core::Resample)); their `search`
//! returns both results and the [`Trajectory`]. [`MoodsControl`] is an ablation of MOODS: it keeps the number of
//! rows that MOODS chose, or how long it trained, and samples the rows at random. The page of each one's module has its
//! steps, its source, and where it departs from the paper.

mod inner_loop;
pub mod moods;
pub mod moods_control;
pub mod mubo;
mod objective;
mod sample;
mod search;
mod trajectory;
mod validation;

pub use moods::{Draw, Moods, Size, Start};
pub use moods_control::MoodsControl;
pub use mubo::Mubo;
pub use objective::Objective;
pub use search::Found;
pub use trajectory::{Step, Trajectory};
