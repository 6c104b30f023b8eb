//! Resamplers for any number of labels a row.

pub mod ml_random_over_sampler;
pub mod ml_ros;
pub mod ml_rus;
pub mod mlbote;
pub mod mlsmote;
pub mod mlsol;
pub mod mltl;

mod bags;
mod borders;
mod lists;
mod nearest;
mod pool;
mod report;
mod roulette;
mod space;
pub(crate) mod turns;

#[cfg(test)]
mod one_label_tests;
#[cfg(test)]
mod testing;
