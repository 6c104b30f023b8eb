//! SMOTE: new rows on the lines between neighbours of the same class.
//!
//! A class that is to grow gets rows that lie between one of its rows and one of that row's nearest
//! neighbours within the class, at a place drawn evenly along the way. Rows of other classes play no
//! part, so new rows may fall among them.
//!
//! The paper makes the same number of rows from every row of the class and takes multiples of 100 %;
//! as is usual since, the pair of row and neighbour is drawn with equal chance for each new row, and
//! any number of rows can be asked for. One gap a row, not one a feature, as in the paper's text.
//!
//! Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16
//! (2002), doi:10.1613/jair.953.

use imb_core::{Labels, Resample, Resampled, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, Wanted, grow_classes};
use crate::interpolate::{RowDraws, place_below, require_numbers, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};

/// Interpolates between a row and one of its nearest neighbours in the class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// How many neighbours of a row may be the other end, at least 1.
    pub k_neighbors: usize,
    /// What to do with a class that has no more rows than that.
    pub small_classes: SmallClasses,
}

impl Default for Smote {
    fn default() -> Self {
        Self { sampling_strategy: SamplingStrategy::Auto, k_neighbors: 5, small_classes: SmallClasses::Error }
    }
}

impl Resample<Labels> for Smote {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let rows = &train.rows;
        self.wanted().check()?;
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
    fn wanted(&self) -> Wanted {
        Wanted { k: self.k_neighbors, name: "k_neighbors", small_classes: self.small_classes }
    }

    /// Makes `n_new` rows for a class.
    fn grow(&self, class: &Class<'_>, n_new: usize, draws: &RowDraws) -> Result<Grown> {
        let size = class.members.len();
        let (k, remark) = self.wanted().among(&format!("class {}", class.name()), size)?;
        let neighbors = class.nearest_within(&class.places(), k)?;
        let (rows, origins) = class.make(n_new, draws, |_, draws| {
            let seed = place_below(size, draws[0]);
            (seed, neighbors[[seed, place_below(neighbors.ncols(), draws[1])]], unit_interval(draws[2]))
        });
        let delivery = class.report(n_new, n_new, remark.into_iter().collect());
        Ok(Grown { rows, origins, delivery })
    }
}
