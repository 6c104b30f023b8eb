//! Borderline-SMOTE: new rows from the rows at the border of a class.
//!
//! A row is in danger of being misclassified if at least half of its m nearest rows, but not all of them,
//! belong to other classes. A row surrounded by other classes only counts as noise. New rows are made from
//! the rows in danger only: between them and neighbours of their class (kind 1), or also on the first half
//! of the way to the nearest row of another class (kind 2).
//!
//! The steps, with the paper's symbols:
//!
//! 1. m' of the m nearest rows in the whole training set belong to other classes;
//! 2. the danger set: the rows of the class with `m / 2 ≤ m' < m`;
//! 3. the k nearest neighbours, within the class, of each row in danger;
//! 4. new rows between rows in danger and these neighbours; for kind 2 also towards the nearest row of
//!    another class, with a gap below 1/2.
//!
//! The paper makes the same number of new rows from every row in danger. As in imbalanced-learn, whose
//! parameters and defaults these are, seed and neighbour are drawn for each new row instead. For kind 2,
//! imbalanced-learn searches the neighbours in the whole training set and multiplies the gap towards another
//! class by two random numbers; here kind 2 follows the paper: one of the k nearest neighbours in the class
//! or the nearest row of another class is drawn, and the gap by one number. All other classes together are
//! the "majority" of a class. If no row is in danger, no rows are made, and the delivery report says so.
//!
//! Han, Wang and Mao, "Borderline-SMOTE: a new over-sampling method in imbalanced data sets learning",
//! ICIC 2005, LNCS 3644, doi:10.1007/11538059_91.

use imb_core::{Dataset, Labels, Origin, Resample, Resampled, Result, Run, Train, require_numbers};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, NeighborCount, grow_classes, make_rows};
use crate::interpolate::{RowDraws, place_below, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::{Regions, Surroundings};

/// Interpolates from the rows in danger of being misclassified.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::BorderlineSmote;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.9], [7.0], [8.0], [9.1]];
/// let y = Labels::from_texts(&[&["often"; 6][..], &["rare"; 4]].concat());
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
/// let sampler = BorderlineSmote { m_neighbors: 3, k_neighbors: 2, ..BorderlineSmote::default() };
/// // 5, 7 and 4 are nearest to 5.9, and two of them are frequent rows.
/// assert_eq!(sampler.regions(&train.rows, 1)?.danger, [6]);
/// let resampled = sampler.resample(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [6, 6]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Smote`](crate::Smote), which makes rows from every row alike; [`SvmSmote`](crate::SvmSmote), which
/// finds the border by a support vector machine; [`Adasyn`](crate::Adasyn), which weighs the rows.
///
/// # Reference
/// Han, Wang and Mao (2005), doi:10.1007/11538059_91.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BorderlineSmote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class to interpolate with, at least 1.
    pub k_neighbors: usize,
    /// The number of neighbours in the whole training set that decide whether a row is in danger, at least 1.
    pub m_neighbors: usize,
    /// Which rows to interpolate with.
    pub kind: BorderlineKind,
    /// What to do with too few rows for `k_neighbors` or `m_neighbors` neighbours.
    pub small_classes: SmallClasses,
    /// Whether to return an error if fewer rows were made than asked for.
    pub strict: bool,
}

/// Which rows [`BorderlineSmote`] interpolates with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BorderlineKind {
    /// Neighbours in the class.
    #[default]
    #[serde(rename = "borderline-1")]
    One,
    /// Neighbours in the class and the nearest row of another class, towards which rows lie at most half-way.
    #[serde(rename = "borderline-2")]
    Two,
}

impl Default for BorderlineSmote {
    /// imbalanced-learn's values.
    fn default() -> Self {
        Self {
            sampling_strategy: SamplingStrategy::Auto,
            k_neighbors: 5,
            m_neighbors: 10,
            kind: BorderlineKind::One,
            small_classes: SmallClasses::Error,
            strict: false,
        }
    }
}

impl Resample<Labels> for BorderlineSmote {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let rows = &train.rows;
        self.check(rows)?;
        let prepare = |n_members| Surroundings::new(rows, self.danger_neighbors(), n_members);
        grow_classes(rows, &self.sampling_strategy, run.rng, prepare, |around, class, n_new, draws| {
            self.grow(around, class, n_new, draws)?.require_delivery(self.strict, "borderline_smote")
        })
    }
}

impl BorderlineSmote {
    /// The rows of a class by region: safe, in danger, or noise.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](imb_core::Error::InvalidParameter), also for a class that does not exist, or
    /// [`Error::TooFewRows`](imb_core::Error::TooFewRows), as when resampling.
    pub fn regions(&self, rows: &Dataset<Labels>, class: u32) -> Result<Regions> {
        self.check(rows)?;
        let class = Class::asked(rows, class)?;
        let around = Surroundings::new(rows, self.danger_neighbors(), class.members.len())?;
        let places = class.places();
        Ok(around.regions(&class, &places, &around.nearest(&class, &places)?).as_rows(&class))
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.class_neighbors().check()?;
        self.danger_neighbors().check()?;
        require_numbers("borderline_smote", rows.features())
    }

    /// Neighbours in the class, to interpolate with.
    fn class_neighbors(&self) -> NeighborCount {
        NeighborCount::new(self.k_neighbors, "k_neighbors", self.small_classes)
    }

    /// Neighbours in the whole training set, for the danger set.
    fn danger_neighbors(&self) -> NeighborCount {
        NeighborCount::new(self.m_neighbors, "m_neighbors", self.small_classes)
    }

    /// Makes `n_new` rows for a class, or none if no row is in danger.
    fn grow(
        &self,
        around: &Surroundings<'_>,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let name = format!("class {}", class.name());
        let (k, shrunk) = self.class_neighbors().among(&name, class.members.len())?;
        let mut remarks: Vec<String> = shrunk.into_iter().chain(around.remark.clone()).collect();
        let places = class.places();
        let nearest = around.nearest(class, &places)?;
        let danger = around.regions(class, &places, &nearest).danger;
        if danger.is_empty() {
            remarks.push("no row of the class is in danger".into());
            return Ok(Grown::empty(class, n_new, remarks));
        }
        let neighbors = class.nearest_within(&danger, k)?;
        let (rows, origins) = match self.kind {
            BorderlineKind::One => class.make(n_new, draws, |_, draws| {
                let seed = place_below(danger.len(), draws[0]);
                let neighbor = place_below(neighbors.ncols(), draws[1]);
                (danger[seed], neighbors[[seed, neighbor]], unit_interval(draws[2]))
            }),
            BorderlineKind::Two => {
                let others = around.nearest_other(class, &danger, &nearest);
                towards_both(class, &danger, &neighbors, &others, n_new, draws)
            }
        };
        Ok(Grown { rows, origins, delivery: class.report(n_new, n_new, remarks) })
    }
}

/// Kind 2: makes rows on the way to the `neighbors` in the class, `(n_danger, k)`, and on the first half of
/// the way to the nearest row of another class, `others`, `(n_danger)`.
fn towards_both(
    class: &Class<'_>,
    danger: &[usize],
    neighbors: &Array2<usize>,
    others: &[usize],
    n_new: usize,
    draws: &RowDraws,
) -> (Array2<f64>, Vec<Origin>) {
    let every_row: Vec<usize> = (0..class.data.n_rows()).collect();
    let k = neighbors.ncols();
    make_rows(class.data, class.data.x(), &every_row, n_new, draws, |_, draws| {
        let seed = place_below(danger.len(), draws[0]);
        let (chosen, gap) = (place_below(k + 1, draws[1]), unit_interval(draws[2]));
        let (neighbor, gap) = if chosen < k {
            (class.members[neighbors[[seed, chosen]]], gap)
        } else {
            (others[seed], gap / 2.0)
        };
        (class.members[danger[seed]], neighbor, gap)
    })
}
