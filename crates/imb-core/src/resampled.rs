//! The result of a resampler: which rows are kept, which are new, where the new ones come from, and
//! whether each class got as many rows as were asked for.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dataset::all_finite;
use crate::{Dataset, Error, Result, Target};

/// The rows that a resampler keeps and makes.
///
/// ```
/// use imb_core::{Dataset, Gap, Labels, Origin, Parent, Resampled, Target};
/// use ndarray::array;
///
/// let rows = Dataset::unnamed(array![[0.0], [4.0]], Labels::from_texts(&["a", "a"]))?;
/// let mut resampled = Resampled::kept_only(&rows, vec![0, 1], Vec::new());
/// // A new row, a quarter of the way from row 0 to row 1.
/// resampled.synthetic = array![[1.0]];
/// resampled.synthetic_targets = rows.y().select(&[0]);
/// resampled.origins = vec![Origin::Interpolated {
///     seed: Parent::Row(0),
///     neighbor: Parent::Row(1),
///     gap: Gap::Same(0.25),
/// }];
/// assert_eq!(resampled.into_dataset(&rows)?.x(), array![[0.0], [4.0], [1.0]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled<Y> {
    /// Numbers of the kept rows, in order; a row that was copied appears more than once.
    pub kept: Vec<usize>,
    /// The targets of the kept rows. A resampler may change them, as MLBOTE clears labels.
    pub kept_targets: Y,
    /// The new rows, `(n_synthetic, n_features)`.
    pub synthetic: Array2<f64>,
    /// The targets of the new rows.
    pub synthetic_targets: Y,
    /// Where each new row comes from, in the order of `synthetic`.
    pub origins: Vec<Origin>,
    /// Rows asked for and rows delivered, for each class or label that was to change.
    pub delivery: Vec<Delivery>,
}

/// A row that a new row was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// A row of the data, by number.
    Row(usize),
    /// A row made earlier in the same call, by number among the new rows.
    Synthetic(usize),
}

/// Where a new row lies between its seed (0) and its neighbour (1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The same gap for every feature. Below 0 or above 1 the row lies outside the segment.
    Same(f64),
    /// A gap for each feature, `(n_features)`.
    PerFeature(Vec<f64>),
}

/// Where a new row comes from. The formula is exact before integer columns are rounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `seed + gap · (neighbor − seed)`.
    Interpolated {
        /// The row that the new row starts from.
        seed: Parent,
        /// The row that it moves towards.
        neighbor: Parent,
        /// How far it moves.
        gap: Gap,
    },
    /// Made by a model from one row, as an autoencoder does.
    Latent {
        /// The row that the model was given, or the seed of the one that it was given.
        seed: Parent,
        /// Where the row that the model was given comes from, if it is in no set: a SMOTE row, say, that a generator
        /// moves.
        given: Option<Box<Origin>>,
    },
    /// Σ weight · parent, as a convex generator makes.
    Mixture {
        /// The rows that were mixed, with weights that are not negative and sum to 1, the heaviest first.
        /// There is at least one.
        parents: Vec<(Parent, f64)>,
    },
}

impl Origin {
    /// The row that the new row starts from and whose weight and group it takes: for a mixture, its heaviest
    /// parent, the first of them on a tie.
    ///
    /// # Panics
    /// If a mixture has no parent.
    pub fn seed(&self) -> Parent {
        match self {
            Self::Interpolated { seed, .. } | Self::Latent { seed, .. } => *seed,
            Self::Mixture { parents } => {
                let heavier = |best: (Parent, f64), next: &(Parent, f64)| {
                    if next.1 > best.1 { *next } else { best }
                };
                parents[1..].iter().fold(parents[0], heavier).0
            }
        }
    }

    /// Looks at the rows that the new row was made from.
    ///
    /// # Errors
    /// That of the first look that fails; [`Error::LengthMismatch`] for a mixture of nothing.
    fn try_parents(&self, look: &impl Fn(Parent) -> Result<()>) -> Result<()> {
        match self {
            Self::Interpolated { seed, neighbor, .. } => look(*seed).and_then(|()| look(*neighbor)),
            Self::Latent { seed, given } => {
                look(*seed)?;
                given.iter().try_for_each(|given| given.try_parents(look))
            }
            Self::Mixture { parents } if parents.is_empty() => require_length("parents of a mixture", 1, 0),
            Self::Mixture { parents } => parents.iter().try_for_each(|(parent, _)| look(*parent)),
        }
    }

    /// Renumbers the parents that are rows of the data, for an origin that moves to another set of rows.
    pub fn map_rows(&mut self, number: impl Fn(usize) -> usize) {
        self.map_parents(&|parent| parent.map_row(&number));
    }

    /// Replaces every parent, for an origin that moves to another set of rows.
    pub fn map_parents(&mut self, of: &impl Fn(Parent) -> Parent) {
        match self {
            Self::Interpolated { seed, neighbor, .. } => (*seed, *neighbor) = (of(*seed), of(*neighbor)),
            Self::Latent { seed, given } => {
                *seed = of(*seed);
                given.iter_mut().for_each(|given| given.map_parents(of));
            }
            Self::Mixture { parents } => parents.iter_mut().for_each(|(parent, _)| *parent = of(*parent)),
        }
    }
}

impl Parent {
    fn map_row(self, number: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Row(row) => Self::Row(number(row)),
            Self::Synthetic(_) => self,
        }
    }
}

/// Rows asked for and rows delivered, for one class or label. Which rows these are, the method says: over-samplers
/// count rows that they add; random under-sampling those that it keeps; ML-RUS and MLTL those that they remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The name of the class or label in the data.
    pub name: String,
    /// Rows asked for.
    pub asked: usize,
    /// Rows delivered.
    pub delivered: usize,
    /// Why the two differ, or which parameter the method had to adapt, such as a smaller k.
    pub remark: Option<String>,
}

impl<Y: Target> Resampled<Y> {
    /// Keeps these rows of `source` and makes no new ones.
    ///
    /// # Panics
    /// If a row number is not below the number of rows.
    pub fn kept_only(source: &Dataset<Y>, kept: Vec<usize>, delivery: Vec<Delivery>) -> Self {
        Self {
            kept_targets: source.y().select(&kept),
            kept,
            synthetic: Array2::zeros((0, source.n_features())),
            synthetic_targets: source.y().select(&[]),
            origins: Vec::new(),
            delivery,
        }
    }

    /// The kept rows of `source`, followed by the new ones.
    ///
    /// A new row takes the weight and the group of its seed.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the parts do not fit each other or `source`;
    /// [`Error::InvalidParameter`] if a kept row or a seed is not a row of `source`, or a synthetic seed
    /// does not come before its child; [`Error::NotFinite`] if a new row holds a number that is not finite.
    pub fn into_dataset(self, source: &Dataset<Y>) -> Result<Dataset<Y>> {
        self.check(source)?;
        let x = rows_of(source.x(), &self.kept, self.synthetic.view());
        let y = self.kept_targets.concat(&self.synthetic_targets)?;
        // The rows of the source are known to be finite, so only the new ones are checked. Where one is
        // not finite, `Dataset::new` finds it and names it in its error.
        let mut data = if all_finite(self.synthetic.view()) {
            Dataset::of_finite(source.features().clone(), x, y)?
        } else {
            Dataset::new(source.features().clone(), x, y)?
        };
        if source.weights().is_none() && source.groups().is_none() {
            return Ok(data);
        }
        let seeds = self.seed_rows();
        let rows = || self.kept.iter().chain(&seeds).copied();
        if let Some(weights) = source.weights() {
            data = data.with_weights(rows().map(|row| weights[row]).collect())?;
        }
        if let Some(groups) = source.groups() {
            data = data.with_groups(rows().map(|row| groups[row]).collect())?;
        }
        Ok(data)
    }

    /// The row of the data from which each new row descends. A parent made in the same call comes
    /// before its children, so one pass is enough.
    pub fn seed_rows(&self) -> Vec<usize> {
        let mut rows = Vec::with_capacity(self.origins.len());
        for origin in &self.origins {
            rows.push(match origin.seed() {
                Parent::Row(row) => row,
                Parent::Synthetic(earlier) => rows[earlier],
            });
        }
        rows
    }

    fn check(&self, source: &Dataset<Y>) -> Result<()> {
        let n_synthetic = self.synthetic.nrows();
        require_length("targets of the kept rows", self.kept.len(), self.kept_targets.n_rows())?;
        require_length("targets of the new rows", n_synthetic, self.synthetic_targets.n_rows())?;
        require_length("origins of the new rows", n_synthetic, self.origins.len())?;
        if n_synthetic > 0 {
            require_length("features of the new rows", source.n_features(), self.synthetic.ncols())?;
        }
        for &row in &self.kept {
            require_below(row, source.n_rows())?;
        }
        for (place, origin) in self.origins.iter().enumerate() {
            origin.try_parents(&|parent| match parent {
                Parent::Row(row) => require_below(row, source.n_rows()),
                Parent::Synthetic(earlier) => require_below(earlier, place),
            })?;
        }
        Ok(())
    }
}

fn require_length(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: what.into(), expected, found })
}

fn require_below(row: usize, limit: usize) -> Result<()> {
    if row < limit {
        return Ok(());
    }
    Err(Error::invalid_parameter("row number in a resampled set", format!("below {limit}"), row))
}

/// The kept rows of `source`, followed by the new ones. If there are no new ones, their width does not matter.
fn rows_of(source: ArrayView2<'_, f64>, kept: &[usize], synthetic: ArrayView2<'_, f64>) -> Array2<f64> {
    let (n_rows, n_columns) = (kept.len() + synthetic.nrows(), source.ncols());
    let source = source.as_standard_layout();
    let from = source.as_slice().expect("standard layout is contiguous");
    let mut numbers = Vec::with_capacity(n_rows * n_columns);
    // Resamplers keep most rows in order; each run of consecutive rows is copied at once.
    for run in kept.chunk_by(|row, next| row + 1 == *next) {
        append(&mut numbers, &from[run[0] * n_columns..(run[run.len() - 1] + 1) * n_columns]);
    }
    match synthetic.as_slice() {
        Some(new) => append(&mut numbers, new),
        None => numbers.extend(synthetic.iter()),
    }
    Array2::from_shape_vec((n_rows, n_columns), numbers).expect("both are as wide as the source")
}

/// Appends numbers; long runs on all threads, since most of the time goes into touching new memory.
fn append(numbers: &mut Vec<f64>, more: &[f64]) {
    /// 2 MiB; smaller copies are not worth several threads.
    const MANY: usize = 1 << 18;
    if more.len() < MANY {
        numbers.extend_from_slice(more);
    } else {
        numbers.par_extend(more.par_iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;
    use ndarray::array;

    fn source() -> Dataset<Labels> {
        Dataset::unnamed(array![[0.0], [4.0], [9.0]], Labels::from_texts(&["a", "a", "b"]))
            .and_then(|data| data.with_weights(vec![1.0, 2.0, 3.0]))
            .expect("valid")
    }

    fn resampled(source: &Dataset<Labels>) -> Resampled<Labels> {
        let between = |seed, neighbor, gap| Origin::Interpolated { seed, neighbor, gap: Gap::Same(gap) };
        Resampled {
            kept: vec![0, 1, 2],
            kept_targets: source.y().clone(),
            synthetic: array![[3.0], [3.5]],
            synthetic_targets: source.y().select(&[0, 0]),
            origins: vec![
                between(Parent::Row(1), Parent::Row(0), 0.25),
                between(Parent::Synthetic(0), Parent::Row(1), 0.5),
            ],
            delivery: vec![],
        }
    }

    #[test]
    fn originals_come_first_and_weights_follow_the_seed() {
        let source = source();
        let data = resampled(&source).into_dataset(&source).expect("fits");
        assert_eq!(data.x(), array![[0.0], [4.0], [9.0], [3.0], [3.5]]);
        assert_eq!(data.y().counts(), [4, 1]);
        assert_eq!(data.weights(), Some([1.0, 2.0, 3.0, 2.0, 2.0].as_slice()));
    }

    #[test]
    fn a_mixture_counts_as_its_heaviest_parent() {
        let parents = vec![(Parent::Row(0), 0.25), (Parent::Row(2), 0.375), (Parent::Row(1), 0.375)];
        let mut origin = Origin::Mixture { parents };
        assert_eq!(origin.seed(), Parent::Row(2));
        origin.map_rows(|row| row + 10);
        assert_eq!(origin.seed(), Parent::Row(12));
    }

    /// A row that a generator made of an interpolated one.
    fn moved(neighbor: usize) -> Origin {
        let given = Origin::Interpolated {
            seed: Parent::Row(0),
            neighbor: Parent::Row(neighbor),
            gap: Gap::Same(0.5),
        };
        Origin::Latent { seed: Parent::Row(0), given: Some(Box::new(given)) }
    }

    #[test]
    fn what_a_model_was_given_is_renumbered_too() {
        let mut origin = moved(1);
        origin.map_rows(|row| row + 10);
        let Origin::Latent { seed: Parent::Row(10), given: Some(given) } = origin else {
            panic!("{origin:?}")
        };
        assert!(matches!(
            *given,
            Origin::Interpolated { seed: Parent::Row(10), neighbor: Parent::Row(11), .. }
        ));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let source = source();
        let broken = |change: fn(&mut Resampled<Labels>)| {
            let mut resampled = resampled(&source);
            change(&mut resampled);
            resampled.into_dataset(&source)
        };
        assert!(broken(|r| r.kept[0] = 3).is_err());
        assert!(broken(|r| r.origins.truncate(1)).is_err());
        assert!(
            broken(|r| r.origins[0] = Origin::Latent { seed: Parent::Synthetic(0), given: None }).is_err()
        );
        assert!(broken(|r| r.origins[0] = Origin::Latent { seed: Parent::Row(3), given: None }).is_err());
        assert!(broken(|r| r.origins[0] = moved(1)).is_ok());
        assert!(broken(|r| r.origins[0] = moved(3)).is_err());
        assert!(broken(|r| r.origins[0] = Origin::Mixture { parents: vec![] }).is_err());
        assert!(broken(|r| r.origins[0] = Origin::Mixture { parents: vec![(Parent::Row(3), 1.0)] }).is_err());
        assert!(broken(|r| r.synthetic[[0, 0]] = f64::INFINITY).is_err());
        assert!(broken(|r| r.synthetic = array![[1.0, 2.0], [1.0, 2.0]]).is_err());
    }
}
