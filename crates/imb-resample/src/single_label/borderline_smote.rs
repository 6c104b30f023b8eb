//! Borderline-SMOTE: new rows from the rows of a class that stand on its border.
//!
//! A row most of whose neighbours are of other classes, but not all, is in danger of being taken for
//! one of them; a row with others only around it counts as noise. New rows are made from the rows in
//! danger alone: on the way to neighbours of the class (kind 1), or also on the first half of the way to
//! the nearest row of another class (kind 2).
//!
//! In the paper each row in danger gets the same number of new rows; as in imbalanced-learn, whose
//! parameters and defaults these are, seed and partner are drawn for each new row. Its kind 2 searches the
//! whole set for partners and multiplies the gap towards another class by two random numbers, not one;
//! here kind 2 is the paper's: the k nearest of the class and the one nearest of the others are
//! partners. The others of a class are those of all other classes. Where no row is in danger, nothing
//! is made, and the delivery report says so.
//!
//! Han, Wang and Mao, "Borderline-SMOTE: a new over-sampling method in imbalanced data sets learning",
//! ICIC 2005, LNCS 3644, doi:10.1007/11538059_91.

use imb_core::{Dataset, Labels, Origin, Resample, Resampled, Result, Run, Train};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, Wanted, grow_classes, make_rows};
use crate::interpolate::{RowDraws, place_below, require_numbers, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::{Regions, Surroundings};

/// Interpolates from rows in danger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BorderlineSmote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// How many neighbours in the class may be the other end, at least 1.
    pub k_neighbors: usize,
    /// How many neighbours in the whole set decide whether a row is in danger, at least 1.
    pub m_neighbors: usize,
    /// Which rows may be the other end.
    pub kind: BorderlineKind,
    /// What to do where there are no more rows than neighbours asked for.
    pub small_classes: SmallClasses,
    /// Whether it is an error to deliver fewer rows than asked for.
    pub strict: bool,
}

/// Which rows new rows of [`BorderlineSmote`] are headed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BorderlineKind {
    /// Neighbours of the class.
    #[default]
    #[serde(rename = "borderline-1")]
    One,
    /// Neighbours of the class, and the nearest row of another class, at most half-way.
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
        let prepare = |n_members| Surroundings::new(rows, self.judges(), n_members);
        grow_classes(rows, &self.sampling_strategy, run.rng, prepare, |around, class, n_new, draws| {
            self.grow(around, class, n_new, draws)?.unless_short(self.strict, "borderline_smote")
        })
    }
}

impl BorderlineSmote {
    /// The rows of a class, by what surrounds them.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](imb_core::Error::InvalidParameter) or
    /// [`Error::TooFewRows`](imb_core::Error::TooFewRows), as when resampling.
    pub fn regions(&self, rows: &Dataset<Labels>, class: u32) -> Result<Regions> {
        self.check(rows)?;
        let class = Class::new(rows, class);
        let around = Surroundings::new(rows, self.judges(), class.members.len())?;
        let places = class.places();
        Ok(around.regions(&class, &places, &around.nearest(&class, &places)?).as_rows(&class))
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.partners().check()?;
        self.judges().check()?;
        require_numbers("borderline_smote", rows.features())
    }

    fn partners(&self) -> Wanted {
        Wanted { k: self.k_neighbors, name: "k_neighbors", small_classes: self.small_classes }
    }

    fn judges(&self) -> Wanted {
        Wanted { k: self.m_neighbors, name: "m_neighbors", small_classes: self.small_classes }
    }

    /// Makes `n_new` rows for a class, or none.
    fn grow(
        &self,
        around: &Surroundings<'_>,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let (k, shrunk) = self.partners().among(&format!("class {}", class.name()), class.members.len())?;
        let mut remarks: Vec<String> = shrunk.into_iter().chain(around.remark.clone()).collect();
        let places = class.places();
        let nearest = around.nearest(class, &places)?;
        let danger = around.regions(class, &places, &nearest).danger;
        if danger.is_empty() {
            remarks.push("no row of the class is in danger".into());
            return Ok(Grown::nothing(class, n_new, remarks));
        }
        let neighbors = class.nearest_within(&danger, k)?;
        let (rows, origins) = match self.kind {
            BorderlineKind::One => class.make(n_new, draws, |_, draws| {
                let seed = place_below(danger.len(), draws[0]);
                let partner = place_below(neighbors.ncols(), draws[1]);
                (danger[seed], neighbors[[seed, partner]], unit_interval(draws[2]))
            }),
            BorderlineKind::Two => {
                let others = around.first_other(class, &danger, &nearest);
                towards_both(class, &danger, &neighbors, &others, n_new, draws)
            }
        };
        Ok(Grown { rows, origins, delivery: class.report(n_new, n_new, remarks) })
    }
}

/// Makes rows on the way to the neighbours of the class, `(danger, k)`, and on the first half of the way
/// to the nearest row of another class.
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
        let (partner, gap) = match place_below(k + 1, draws[1]) {
            own if own < k => (class.members[neighbors[[seed, own]]], unit_interval(draws[2])),
            _ => (others[seed], unit_interval(draws[2]) / 2.0),
        };
        (class.members[danger[seed]], partner, gap)
    })
}
