//! What every resampler must do, whatever else it does. For tests: behind the feature `contract`.
//!
//! One function a role, which panics with the method's name where a promise is broken. The crate of a method
//! calls it, and the workspace's tests call it once for every method of the registry.

mod classes;
mod labels;

pub use classes::{Build, single_label};
pub use labels::{Change, MultiLabelFacts, multi_label};

use imb_core::{Dataset, Resample, Resampled, Result, Run, Seed, Target, Train};

pub(crate) fn resample<Y: Target>(
    method: &dyn Resample<Y>,
    rows: &Dataset<Y>,
    seed: u64,
) -> Result<Resampled<Y>> {
    let train = Train { rows: rows.clone(), validation: None };
    method.resample(&train, &mut Run::new(&mut Seed::new(seed).rng(), &mut ()))
}
