//! How a network's outputs for the rows it was fitted to are spread.

use imb_core::Labels;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Counts of z, the logit of the minority. The range holds all of each class but a hundredth at either
/// end, which the outermost bins count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputHistogram {
    /// Where the first bin begins.
    pub least: f64,
    /// Where the last bin ends.
    pub greatest: f64,
    /// Minority rows in each of equally wide bins from the one to the other.
    pub minority: Vec<u32>,
    /// Majority rows in each bin.
    pub majority: Vec<u32>,
}

/// More bins than a figure shows, so that two records can share the bins of a figure.
const BINS: usize = 180;

impl OutputHistogram {
    /// Counts the logits of a class, one a row, of rows of two classes.
    pub(crate) fn count(z: ArrayView1<'_, f64>, y: &Labels, minority: u32) -> Self {
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for class in [0, 1] {
            let of_class = z.iter().zip(y.codes()).filter(|(_, code)| **code == class);
            let mut values: Vec<f64> = of_class.map(|(z, _)| *z).collect();
            values.sort_by(f64::total_cmp);
            let beyond = values.len() / 100;
            if let (Some(low), Some(high)) = (values.get(beyond), values.iter().nth_back(beyond)) {
                (least, greatest) = (least.min(*low), greatest.max(*high));
            }
        }
        let mut counts = [vec![0; BINS], vec![0; BINS]];
        for (&z, &code) in z.iter().zip(y.codes()) {
            let place = BINS as f64 * (z - least) / (greatest - least);
            // The cast takes what lies below the range, and a range without width, to 0.
            let bin = (place as usize).min(BINS - 1);
            counts[usize::from(code == minority)][bin] += 1;
        }
        let [majority, minority] = counts;
        Self { least, greatest, minority, majority }
    }
}
