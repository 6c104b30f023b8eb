//! Resamplers for any number of labels a row.

pub(crate) mod ml_random_over_sampler;
pub(crate) mod ml_ros;
pub(crate) mod ml_rus;
pub(crate) mod mlbote;
pub(crate) mod mlsmote;
pub(crate) mod mlsol;
pub(crate) mod mltl;

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
