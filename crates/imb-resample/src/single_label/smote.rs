//! SMOTE: new rows on the lines between neighbours of the same class.
//!
//! Each new row of a class lies between one of its rows (the seed) and one of the seed's k nearest neighbours
//! within the class, at a uniformly drawn point of the line between them. Rows of other classes are
//! ignored, so new rows may fall among them.
//!
//! The paper makes the same number of rows from every row of the class, in multiples of 100 %. Here, as in
//! imbalanced-learn, seed and neighbour are drawn for each new row, and any number of rows can be asked
//! for. All features of a row share one gap, as in the paper's text.
//!
//! Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16
//! (2002), doi:10.1613/jair.953.

use imb_core::{Labels, Resample, Resampled, Result, Run, Train, require_numbers};
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, NeighborCount, grow_classes};
use crate::interpolate::{RowDraws, place_below, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};

/// Interpolates between a row and one of its nearest neighbours in the class.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::Smote;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [8.0], [9.0]];
/// let y = Labels::from_texts(&["often", "often", "often", "often", "rare", "rare"]);
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
/// let smote = Smote { k_neighbors: 1, ..Smote::default() };
/// let resampled = smote.resample(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert!(resampled.synthetic.iter().all(|value| (8.0..=9.0).contains(value)));
/// assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [4, 4]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`BorderlineSmote`](crate::BorderlineSmote), [`SvmSmote`](crate::SvmSmote) and
/// [`Adasyn`](crate::Adasyn), which prefer rows near the other classes;
/// [`RandomOverSampler`](crate::RandomOverSampler), which copies rows and takes columns of any kind.
///
/// # Reference
/// Chawla, Bowyer, Hall and Kegelmeyer (2002), doi:10.1613/jair.953.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class to interpolate with, at least 1.
    pub k_neighbors: usize,
    /// What to do with a class of at most `k_neighbors` rows.
    pub small_classes: SmallClasses,
}

impl Default for Smote {
    /// The paper's five neighbours.
    fn default() -> Self {
        Self { sampling_strategy: SamplingStrategy::Auto, k_neighbors: 5, small_classes: SmallClasses::Error }
    }
}

impl Resample<Labels> for Smote {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let rows = &train.rows;
        self.neighbor_count().check()?;
        require_numbers("smote", rows.features())?;
        grow_classes(
            rows,
            &self.sampling_strategy,
            run.rng,
            |_| Ok(()),
            |(), class, n_new, draws| self.grow(class, n_new, draws),
        )
    }
}

impl Smote {
    fn neighbor_count(&self) -> NeighborCount {
        NeighborCount::new(self.k_neighbors, "k_neighbors", self.small_classes)
    }

    /// Makes `n_new` rows for a class.
    fn grow(&self, class: &Class<'_>, n_new: usize, draws: &RowDraws) -> Result<Grown> {
        let size = class.members.len();
        let (k, remark) = self.neighbor_count().among(&format!("class {}", class.name()), size)?;
        let neighbors = class.nearest_within(&class.places(), k)?;
        let (rows, origins) = class.make(n_new, draws, |_, draws| {
            let seed = place_below(size, draws[0]);
            let neighbor = place_below(neighbors.ncols(), draws[1]);
            (seed, neighbors[[seed, neighbor]], unit_interval(draws[2]))
        });
        let delivery = class.report(n_new, n_new, remark.into_iter().collect());
        Ok(Grown { rows, origins, delivery })
    }
}
