//! What a resampler made: which rows are kept, which are new, where the new ones come from, and
//! whether what was asked for was delivered.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dataset::all_finite;
use crate::{Dataset, Error, Result, Target};

/// The rows that a resampler chose and made.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled<Y> {
    /// Numbers of the rows that are kept, in order; a row that was copied stands more than once.
    pub kept: Vec<usize>,
    /// The targets of the kept rows. A resampler may clear labels here, as MLBOTE does.
    pub kept_targets: Y,
    /// The new rows, `(n_synthetic, n_features)`.
    pub synthetic: Array2<f64>,
    /// The targets of the new rows.
    pub synthetic_targets: Y,
    /// Where each new row comes from.
    pub origins: Vec<Origin>,
    /// What was asked for and what was delivered, per class or label that was to change.
    pub delivery: Vec<Delivery>,
}

/// A row that another was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// A row of the data, by number.
    Row(usize),
    /// A row made earlier in the same call, by number among the new rows.
    Synthetic(usize),
}

/// How far along the way from the first parent to the second a new row lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The same for each feature. Below 0 or above 1 the row lies outside the segment.
    Same(f64),
    /// One for each feature, `(n_features)`.
    PerFeature(Vec<f64>),
}

/// Where a new row comes from. Exact before integer columns are rounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `seed + gap · (neighbor − seed)`.
    Interpolated {
        /// The row that was started from.
        seed: Parent,
        /// The row that was headed for.
        neighbor: Parent,
        /// How far.
        gap: Gap,
    },
    /// Made by a model from one row, as an autoencoder does.
    Latent {
        /// The row that was started from.
        seed: Parent,
    },
    /// Σ weight · parent, as a convex generator makes.
    Mixture {
        /// The rows that were mixed, with weights that are not negative and sum to 1, the heaviest first.
        /// There is at least one.
        parents: Vec<(Parent, f64)>,
    },
}

impl Origin {
    /// The row that was started from, whose weight and group the new row takes: of a mixture the
    /// heaviest parent, and of several alike the first.
    ///
    /// # Panics
    /// If a mixture has no parent.
    pub fn seed(&self) -> Parent {
        match self {
            Self::Interpolated { seed, .. } | Self::Latent { seed } => *seed,
            Self::Mixture { parents } => {
                let heavier = |best: (Parent, f64), next: &(Parent, f64)| {
                    if next.1 > best.1 { *next } else { best }
                };
                parents[1..].iter().fold(parents[0], heavier).0
            }
        }
    }

    /// The rows that the new row was made from.
    fn parents(&self) -> impl Iterator<Item = Parent> {
        let (first, second, mixed) = match self {
            Self::Interpolated { seed, neighbor, .. } => (Some(*seed), Some(*neighbor), [].as_slice()),
            Self::Latent { seed } => (Some(*seed), None, [].as_slice()),
            Self::Mixture { parents } => (None, None, parents.as_slice()),
        };
        first.into_iter().chain(second).chain(mixed.iter().map(|(parent, _)| *parent))
    }

    /// Gives the parents that are rows other numbers.
    pub fn map_rows(&mut self, number: impl Fn(usize) -> usize) {
        let map = |parent: &mut Parent| {
            if let Parent::Row(row) = parent {
                *row = number(*row);
            }
        };
        match self {
            Self::Interpolated { seed, neighbor, .. } => {
                map(seed);
                map(neighbor);
            }
            Self::Latent { seed } => map(seed),
            Self::Mixture { parents } => parents.iter_mut().for_each(|(parent, _)| map(parent)),
        }
    }
}

/// What was asked for and what was delivered, for one class or label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The class or label, as the data name it.
    pub name: String,
    /// Rows asked for.
    pub asked: usize,
    /// Rows delivered.
    pub delivered: usize,
    /// Why the two differ, or what was changed on the way.
    pub remark: Option<String>,
}

impl<Y: Target> Resampled<Y> {
    /// Rows of `source` and no new ones.
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

    /// The rows of `source` that were kept, followed by the new ones.
    ///
    /// A new row takes weight and group of the row that it was started from.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the parts do not fit each other or `source`;
    /// [`Error::NotFinite`] if a new row holds a number that is not finite.
    pub fn into_dataset(self, source: &Dataset<Y>) -> Result<Dataset<Y>> {
        self.check(source)?;
        let x = rows_of(source.x(), &self.kept, self.synthetic.view());
        let y = self.kept_targets.concat(&self.synthetic_targets)?;
        // The rows of the source are finite; where a new one is not, the error is to name it.
        let mut data = match all_finite(self.synthetic.view()) {
            true => Dataset::of_finite(source.features().clone(), x, y)?,
            false => Dataset::new(source.features().clone(), x, y)?,
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

    /// The row of the data that each new row goes back to. A parent made in the same call comes
    /// before its children, so one pass suffices.
    fn seed_rows(&self) -> Vec<usize> {
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
        let same = |what: &str, expected, found| {
            if expected == found {
                return Ok(());
            }
            Err(Error::LengthMismatch { what: what.into(), expected, found })
        };
        let n_synthetic = self.synthetic.nrows();
        same("targets of the kept rows", self.kept.len(), self.kept_targets.n_rows())?;
        same("targets of the new rows", n_synthetic, self.synthetic_targets.n_rows())?;
        same("origins of the new rows", n_synthetic, self.origins.len())?;
        if n_synthetic > 0 {
            same("features of the new rows", source.n_features(), self.synthetic.ncols())?;
        }
        let unknown = |row: usize, limit: usize| Error::InvalidParameter {
            name: "row number in a resampled set".into(),
            requirement: format!("below {limit}"),
            value: row.to_string(),
        };
        if let Some(&row) = self.kept.iter().find(|&&row| row >= source.n_rows()) {
            return Err(unknown(row, source.n_rows()));
        }
        for (place, origin) in self.origins.iter().enumerate() {
            if origin.parents().next().is_none() {
                same("parents of a mixture", 1, 0)?;
            }
            for parent in origin.parents() {
                match parent {
                    Parent::Row(row) if row >= source.n_rows() => return Err(unknown(row, source.n_rows())),
                    Parent::Synthetic(earlier) if earlier >= place => return Err(unknown(earlier, place)),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The rows of `source` that are kept, followed by the new ones, which may be none and of any width.
fn rows_of(source: ArrayView2<'_, f64>, kept: &[usize], synthetic: ArrayView2<'_, f64>) -> Array2<f64> {
    let (n_rows, n_columns) = (kept.len() + synthetic.nrows(), source.ncols());
    let source = source.as_standard_layout();
    let from = source.as_slice().expect("standard layout is contiguous");
    let mut numbers = Vec::with_capacity(n_rows * n_columns);
    // Most rows are kept in order: each run of them is one copy.
    for run in kept.chunk_by(|row, next| row + 1 == *next) {
        append(&mut numbers, &from[run[0] * n_columns..(run[run.len() - 1] + 1) * n_columns]);
    }
    match synthetic.as_slice() {
        Some(new) => append(&mut numbers, new),
        None => numbers.extend(synthetic.iter()),
    }
    Array2::from_shape_vec((n_rows, n_columns), numbers).expect("both are as wide as the source")
}

/// Copies numbers behind others, many of them on all threads: most of the time goes into new memory.
fn append(numbers: &mut Vec<f64>, more: &[f64]) {
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
        assert!(broken(|r| r.origins[0] = Origin::Latent { seed: Parent::Synthetic(0) }).is_err());
        assert!(broken(|r| r.origins[0] = Origin::Latent { seed: Parent::Row(3) }).is_err());
        assert!(broken(|r| r.origins[0] = Origin::Mixture { parents: vec![] }).is_err());
        assert!(broken(|r| r.origins[0] = Origin::Mixture { parents: vec![(Parent::Row(3), 1.0)] }).is_err());
        assert!(broken(|r| r.synthetic[[0, 0]] = f64::INFINITY).is_err());
        assert!(broken(|r| r.synthetic = array![[1.0, 2.0], [1.0, 2.0]]).is_err());
    }
}
