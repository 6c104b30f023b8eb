//! Classifiers of rows that may have any number of labels.

mod ml_knn;
mod unit_range;

use imb_core::{Error, Result, Watch};

pub use ml_knn::{MlKnn, MlKnnModel};

/// Tells who watches how far a method has come, and ends it where asked to.
fn proceed(watch: &mut (impl Watch + ?Sized), stage: &str, done: usize, total: usize) -> Result<()> {
    if watch.progress(stage, done as u64, total as u64).is_continue() {
        return Ok(());
    }
    let kept = format!("nothing is kept of {done} of {total} steps");
    Err(Error::Interrupted { stage: stage.into(), kept })
}
