//! SVM-SMOTE: new rows from the support vectors of a class.
//!
//! A support vector machine finds the rows on which the border between the classes hangs. From those of
//! the class that is to grow new rows are made: where others are close by (in danger), towards
//! neighbours of the class, which makes the class denser; where few are (safe), away from them, which
//! moves the border outwards.
//!
//! The paper gives each support vector the same number of new rows and takes its neighbours in turn. Here
//! seed and neighbour are drawn, and the other details too are those of imbalanced-learn, which made
//! the method known: support vectors with others only around them are noise and make nothing, steps
//! outwards have at most half the way to the neighbour, and the share of the new rows that is made in
//! danger is drawn once a class from Beta(10, 10). In imbalanced-learn the share of a group that is empty is not
//! made at all; here it goes to the other group unless asked otherwise.
//!
//! Time is that of the [`Svc`], which grows with the square of the rows at least.
//!
//! Nguyen, Cooper and Kamei, "Borderline over-sampling for imbalanced data classification", International
//! Journal of Knowledge Engineering and Soft Data Paradigms 3 (2011), doi:10.1504/IJKESDP.2011.039875.

use imb_classify::{Svc, SvcModel};
use imb_core::{Dataset, Error, Labels, Resample, Resampled, Result, Rng, Run, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, Wanted, grow_classes};
use crate::interpolate::{RowDraws, place_below, require_numbers, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::{Regions, Surroundings};

/// Interpolates from support vectors in danger and extrapolates from safe ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SvmSmote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// How many neighbours in the class may be the other end, at least 1.
    pub k_neighbors: usize,
    /// How many neighbours in the whole set decide whether a support vector is in danger, at least 1.
    pub m_neighbors: usize,
    /// The longest step outwards, as a part of the way to the neighbour, above 0.
    pub out_step: f64,
    /// What becomes of the share of a group that is empty.
    pub split: Split,
    /// The share of new rows that start from support vectors in danger, in [0, 1]; drawn from
    /// Beta(10, 10) in each call if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger_share: Option<f64>,
    /// The machine whose support vectors are the seeds.
    pub svm: Svc,
    /// What to do where there are no more rows than neighbours asked for.
    pub small_classes: SmallClasses,
    /// Whether it is an error to deliver fewer rows than asked for.
    pub strict: bool,
}

/// What becomes of the share of the new rows that falls to an empty group of support vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// It goes to the other group, so that what was asked for is delivered.
    #[default]
    Fill,
    /// It is not made, as in imbalanced-learn, and the delivery report says so.
    Beta,
}

impl Default for SvmSmote {
    /// imbalanced-learn's values.
    fn default() -> Self {
        Self {
            sampling_strategy: SamplingStrategy::Auto,
            k_neighbors: 5,
            m_neighbors: 10,
            out_step: 0.5,
            split: Split::Fill,
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
    /// Resamples rows, for methods that resample many sets of rows on their way.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], [`Error::TooFewRows`]; [`Error::NotApplicable`] for categories, and
    /// for a shortfall if `strict` is set.
    pub fn resample_rows(&self, rows: &Dataset<Labels>, rng: &mut Rng) -> Result<Resampled<Labels>> {
        self.check(rows)?;
        let prepare = |_| self.fit(rows);
        grow_classes(rows, &self.sampling_strategy, rng, prepare, |(around, model), class, n_new, draws| {
            self.grow(around, model, class, n_new, draws)?.unless_short(self.strict, "svm_smote")
        })
    }

    /// The support vectors of a class, by what surrounds them.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] or [`Error::TooFewRows`], as when resampling.
    pub fn regions(&self, rows: &Dataset<Labels>, class: u32) -> Result<Regions> {
        self.check(rows)?;
        let class = Class::new(rows, class);
        let (around, model) = self.fit(rows)?;
        Ok(support_regions(&around, &model, &class)?.as_rows(&class))
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.partners().check()?;
        self.judges().check()?;
        if !(self.out_step > 0.0 && self.out_step.is_finite()) {
            return Err(Error::InvalidParameter {
                name: "out_step".into(),
                requirement: "a number above 0".into(),
                value: self.out_step.to_string(),
            });
        }
        if let Some(share) = self.danger_share.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::InvalidParameter {
                name: "danger_share".into(),
                requirement: "a number from 0 to 1".into(),
                value: share.to_string(),
            });
        }
        require_numbers("svm_smote", rows.features())
    }

    fn partners(&self) -> Wanted {
        Wanted { k: self.k_neighbors, name: "k_neighbors", small_classes: self.small_classes }
    }

    fn judges(&self) -> Wanted {
        Wanted { k: self.m_neighbors, name: "m_neighbors", small_classes: self.small_classes }
    }

    /// The machine, and the rows ready to be searched for what surrounds its support vectors.
    fn fit<'a>(&self, rows: &'a Dataset<Labels>) -> Result<(Surroundings<'a>, SvcModel)> {
        let model = self.svm.fit_rows(rows)?;
        Ok((Surroundings::new(rows, self.judges(), model.support().len())?, model))
    }

    /// Makes up to `n_new` rows for a class, those in danger first.
    fn grow(
        &self,
        around: &Surroundings<'_>,
        model: &SvcModel,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let (k, shrunk) = self.partners().among(&format!("class {}", class.name()), class.members.len())?;
        let mut remarks: Vec<String> = shrunk.into_iter().chain(around.remark.clone()).collect();
        let Regions { safe, danger, .. } = support_regions(around, model, class)?;
        if safe.is_empty() && danger.is_empty() {
            remarks.push("each support vector of the class has only rows of other classes around it".into());
            return Ok(Grown::nothing(class, n_new, remarks));
        }
        let share = self.danger_share.unwrap_or_else(|| danger_share(draws, n_new));
        let drawn = ((share * (n_new + 1) as f64) as usize).min(n_new);
        let shares = self.shares([danger.len(), safe.len()], [drawn, n_new - drawn], &mut remarks);
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

    /// The rows to make in danger and in safety, given how many support vectors are there.
    fn shares(&self, sizes: [usize; 2], drawn: [usize; 2], remarks: &mut Vec<String>) -> [usize; 2] {
        let mut shares = drawn;
        for (group, name) in ["in danger", "safe"].into_iter().enumerate() {
            if sizes[group] > 0 || drawn[group] == 0 {
                continue;
            }
            shares[group] = 0;
            let fate = match self.split {
                Split::Fill => {
                    shares[1 - group] += drawn[group];
                    "were made from the others"
                }
                Split::Beta => "were not made",
            };
            remarks.push(format!("no support vector is {name}: its {} rows {fate}", drawn[group]));
        }
        shares
    }
}

/// The places of the support vectors of a class, by what surrounds them.
fn support_regions(around: &Surroundings<'_>, model: &SvcModel, class: &Class<'_>) -> Result<Regions> {
    let support = model.support().iter();
    let places: Vec<usize> = support.filter_map(|row| class.members.binary_search(row).ok()).collect();
    if places.is_empty() {
        return Ok(Regions::default());
    }
    Ok(around.regions(class, &places, &around.nearest(class, &places)?))
}

/// A draw from Beta(10, 10), which is how the tenth of nineteen uniform numbers is distributed.
fn danger_share(draws: &RowDraws, n_new: usize) -> f64 {
    let mut rng = draws.behind(n_new);
    let mut numbers: [f64; 19] = std::array::from_fn(|_| rng.random());
    numbers.sort_by(f64::total_cmp);
    numbers[9]
}
