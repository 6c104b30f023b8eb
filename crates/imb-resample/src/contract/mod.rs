//! What every resampler must do, whatever else it does. For tests: behind the feature `contract`.
//!
//! One function a role, which panics with the method's name where a promise is broken. The crate of a method
//! calls it, and the workspace's tests call it once for every method of the registry.

mod classes;
mod labels;
mod trained;

pub use classes::{Build, single_label};
pub use labels::{Change, MultiLabelFacts, multi_label};
pub use trained::{Trained, trained_single_label};

use imb_core::{Budget, Dataset, Resample, Resampled, Result, Run, Seed, Target, Train};

pub(crate) fn resample<Y: Target>(
    method: &dyn Resample<Y>,
    rows: &Dataset<Y>,
    seed: u64,
) -> Result<Resampled<Y>> {
    let train = Train { rows: rows.clone(), validation: None };
    let (mut rng, mut nobody) = (Seed::new(seed).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    // What is promised holds of a network after a few steps, too.
    run.budget = Some(Budget { steps: 20, epochs: 20 });
    method.resample(&train, &mut run)
}
