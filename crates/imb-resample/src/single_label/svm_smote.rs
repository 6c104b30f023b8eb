//! SVM-SMOTE: new rows from the support vectors of a class.
//!
//! The support vectors of a support vector machine are the rows that fix the border between the classes.
//! New rows are made from those of the class that is to grow. Where at least half of a support vector's
//! neighbours belong to other classes (in danger), new rows lie between it and neighbours of its class,
//! which makes the class denser. Where fewer do (safe), they lie on the opposite side, away from the
//! neighbour, which moves the border outwards.
//!
//! The steps:
//!
//! 1. fit the support vector machine to all rows;
//! 2. sort the support vectors of the class by their m nearest rows: safe, in danger, or noise (only
//!    other classes around), as in Borderline-SMOTE; noise is not used;
//! 3. draw the share of the new rows to make from the vectors in danger;
//! 4. interpolate from vectors in danger, extrapolate from safe ones, with one of the k nearest neighbours
//!    in the class.
//!
//! The paper makes the same number of new rows from every support vector and takes its neighbours in turn.
//! Here seed and neighbour are drawn. This and the remaining details follow imbalanced-learn, whose version
//! is the one in use: noise is dropped, a step outwards is at most half the way to the neighbour, and the
//! share made in danger is drawn once per class from Beta(10, 10). If one group is empty, imbalanced-learn
//! does not make its share at all; here the other group makes it, unless [`EmptyGroup::Skip`] is set. If all support
//! vectors are noise, imbalanced-learn fails; here the class gets no rows, and the delivery report says so.
//!
//! The time is that of the [`Svc`], which grows at least with the square of the number of rows.
//!
//! Nguyen, Cooper and Kamei, "Borderline over-sampling for imbalanced data classification", International
//! Journal of Knowledge Engineering and Soft Data Paradigms 3 (2011), doi:10.1504/IJKESDP.2011.039875.

use imb_classify::{Svc, SvcModel};
use imb_core::{Dataset, Error, Labels, Resample, Resampled, Result, Rng, Run, Train, require_numbers};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, NeighborCount, grow_classes};
use crate::interpolate::{RowDraws, place_below, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::{Regions, Surroundings};

/// Interpolates from support vectors in danger and extrapolates from safe ones.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::SvmSmote;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.9], [7.0], [8.0], [9.1]];
/// let y = Labels::from_texts(&[&["often"; 6][..], &["rare"; 4]].concat());
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
/// let sampler = SvmSmote { m_neighbors: 3, k_neighbors: 2, ..SvmSmote::default() };
/// let resampled = sampler.resample(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [6, 6]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`BorderlineSmote`](crate::BorderlineSmote), which finds the border by nearest neighbours alone;
/// [`Smote`](crate::Smote), which makes rows from every row alike.
///
/// # Reference
/// Nguyen, Cooper and Kamei (2011), doi:10.1504/IJKESDP.2011.039875.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SvmSmote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours in the class to interpolate with, at least 1.
    pub k_neighbors: usize,
    /// The number of neighbours in the whole training set that decide whether a support vector is in danger,
    /// at least 1.
    pub m_neighbors: usize,
    /// The longest step outwards, as a fraction of the way to the neighbour, above 0.
    pub out_step: f64,
    /// What to do with the share of an empty group, if no support vector is in danger or none is safe.
    pub empty_group: EmptyGroup,
    /// The share of the new rows that are made from support vectors in danger, from 0 to 1; if none is given, it is
    /// drawn from Beta(10, 10), once for each class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger_share: Option<f64>,
    /// The support vector machine.
    pub svm: Svc,
    /// What to do with too few rows for `k_neighbors` or `m_neighbors` neighbours.
    pub small_classes: SmallClasses,
    /// Whether to return an error if fewer rows were made than asked for.
    pub strict: bool,
}

/// What [`SvmSmote`] does with the new rows that fall to an empty group of support vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyGroup {
    /// The other group makes them, so that exactly the rows asked for are made.
    #[default]
    Reassign,
    /// They are not made, as in imbalanced-learn; the delivery report says so.
    Skip,
}

impl Default for SvmSmote {
    /// imbalanced-learn's values, except that the share of an empty group is reassigned.
    fn default() -> Self {
        Self {
            sampling_strategy: SamplingStrategy::Auto,
            k_neighbors: 5,
            m_neighbors: 10,
            out_step: 0.5,
            empty_group: EmptyGroup::Reassign,
            danger_share: None,
            svm: Svc::default(),
            small_classes: SmallClasses::Error,
            strict: false,
        }
    }
}

impl Resample<Labels> for SvmSmote {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        self.resample_rows(&train.rows, run.rng)
    }
}

impl SvmSmote {
    /// Resamples rows without a [`Run`], for methods that resample many training sets inside.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] or [`Error::TooFewRows`] for parameters that do not fit the rows;
    /// [`Error::NotApplicable`] for categorical columns, and for a shortfall if `strict` is set.
    pub fn resample_rows(&self, rows: &Dataset<Labels>, rng: &mut Rng) -> Result<Resampled<Labels>> {
        self.check(rows)?;
        let prepare = |_| self.fit(rows);
        grow_classes(rows, &self.sampling_strategy, rng, prepare, |(around, model), class, n_new, draws| {
            self.grow(around, model, class, n_new, draws)?.require_delivery(self.strict, "svm_smote")
        })
    }

    /// The support vectors of a class by region: safe, in danger, or noise.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], also for a class that does not exist, or [`Error::TooFewRows`], as when
    /// resampling.
    pub fn regions(&self, rows: &Dataset<Labels>, class: u32) -> Result<Regions> {
        self.check(rows)?;
        let class = Class::asked(rows, class)?;
        let (around, model) = self.fit(rows)?;
        Ok(support_regions(&around, &model, &class)?.as_rows(&class))
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.class_neighbors().check()?;
        self.danger_neighbors().check()?;
        if !(self.out_step > 0.0 && self.out_step.is_finite()) {
            return Err(Error::invalid_parameter("out_step", "a number above 0", self.out_step));
        }
        if let Some(share) = self.danger_share.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::invalid_parameter("danger_share", "a number from 0 to 1", share));
        }
        require_numbers("svm_smote", rows.features())
    }

    /// Neighbours in the class, to interpolate with.
    fn class_neighbors(&self) -> NeighborCount {
        NeighborCount::new(self.k_neighbors, "k_neighbors", self.small_classes)
    }

    /// Neighbours in the whole training set, for the danger set.
    fn danger_neighbors(&self) -> NeighborCount {
        NeighborCount::new(self.m_neighbors, "m_neighbors", self.small_classes)
    }

    /// Fits the support vector machine, and indexes the rows for the neighbours of its support vectors.
    fn fit<'a>(&self, rows: &'a Dataset<Labels>) -> Result<(Surroundings<'a>, SvcModel)> {
        let model = self.svm.fit_rows(rows)?;
        let around = Surroundings::new(rows, self.danger_neighbors(), model.support().len())?;
        Ok((around, model))
    }

    /// Makes up to `n_new` rows for a class: first those from support vectors in danger, then the others.
    fn grow(
        &self,
        around: &Surroundings<'_>,
        model: &SvcModel,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let name = format!("class {}", class.name());
        let (k, shrunk) = self.class_neighbors().among(&name, class.members.len())?;
        let mut remarks: Vec<String> = shrunk.into_iter().chain(around.remark.clone()).collect();
        let Regions { safe, danger, .. } = support_regions(around, model, class)?;
        if safe.is_empty() && danger.is_empty() {
            remarks.push("each support vector of the class has only rows of other classes around it".into());
            return Ok(Grown::empty(class, n_new, remarks));
        }
        let share = self.danger_share.unwrap_or_else(|| danger_share(draws, n_new));
        let drawn = ((share * (n_new + 1) as f64) as usize).min(n_new);
        let shares = self.shares([danger.len(), safe.len()], [drawn, n_new - drawn], &mut remarks);
        // Group 0 is in danger and steps towards the neighbour, group 1 is safe and steps away from it.
        let neighbors = [class.nearest_within(&danger, k)?, class.nearest_within(&safe, k)?];
        let delivered = shares[0] + shares[1];
        let (rows, origins) = class.make(delivered, draws, |number, draws| {
            let group = usize::from(number >= shares[0]);
            let (seeds, step) = [(&danger, 1.0), (&safe, -self.out_step)][group];
            let seed = place_below(seeds.len(), draws[0]);
            let neighbor = neighbors[group][[seed, place_below(neighbors[group].ncols(), draws[1])]];
            (seeds[seed], neighbor, step * unit_interval(draws[2]))
        });
        Ok(Grown { rows, origins, delivery: class.report(n_new, delivered, remarks) })
    }

    /// The rows to make from the vectors in danger and from the safe ones, of which there are `sizes`:
    /// as drawn, unless a group is empty.
    fn shares(&self, sizes: [usize; 2], drawn: [usize; 2], remarks: &mut Vec<String>) -> [usize; 2] {
        let mut shares = drawn;
        for (group, name) in ["in danger", "safe"].into_iter().enumerate() {
            if sizes[group] > 0 || drawn[group] == 0 {
                continue;
            }
            shares[group] = 0;
            let consequence = match self.empty_group {
                EmptyGroup::Reassign => {
                    shares[1 - group] += drawn[group];
                    "were made from the others"
                }
                EmptyGroup::Skip => "were not made",
            };
            remarks.push(format!("no support vector is {name}: its {} rows {consequence}", drawn[group]));
        }
        shares
    }
}

/// The places of the support vectors of a class by region.
fn support_regions(around: &Surroundings<'_>, model: &SvcModel, class: &Class<'_>) -> Result<Regions> {
    let support = model.support().iter();
    let places: Vec<usize> = support.filter_map(|row| class.members.binary_search(row).ok()).collect();
    if places.is_empty() {
        return Ok(Regions::default());
    }
    Ok(around.regions(class, &places, &around.nearest(class, &places)?))
}

/// A draw from Beta(10, 10), the distribution of the tenth smallest of nineteen uniform numbers. Drawing it
/// so takes a fixed number of draws and needs no rejection.
fn danger_share(draws: &RowDraws, n_new: usize) -> f64 {
    let mut rng = draws.behind(n_new);
    let mut numbers: [f64; 19] = std::array::from_fn(|_| rng.random());
    numbers.sort_by(f64::total_cmp);
    numbers[9]
}
