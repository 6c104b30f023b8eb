//! ADASYN: more new rows from the rows that are harder to learn.
//!
//! How hard a row is, is the share of other classes among its k nearest rows. The new rows of a class are
//! shared out in proportion to that; from each row they are made as SMOTE makes them, towards
//! neighbours of the class. A row without others around it gets none. Where no row of a class has others
//! around it the shares are 0/0, and the method does not apply; nor does it to a class with no more
//! rows than neighbours asked for, unless fewer neighbours will do.
//!
//! In the paper row i gets `g_i = r_i G`, which adds up to G, but is no whole number. Here it is rounded so that
//! the sum stays. imbalanced-learn, whose parameters and defaults these are, rounds each on its own and
//! delivers another number than was asked for; that too can be had. The others of a class are those of
//! all other classes. The paper's threshold of imbalance and its level of balance are what the sampling
//! strategy says.
//!
//! He, Bai, Garcia and Li, "ADASYN: adaptive synthetic sampling approach for imbalanced learning", IJCNN
//! 2008, doi:10.1109/IJCNN.2008.4633969.

use imb_core::{Dataset, Error, Labels, Resample, Resampled, Result, Run, Train};
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, Wanted, grow_classes};
use crate::interpolate::{RowDraws, place_below, require_numbers, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::Surroundings;

/// Interpolates the more from a row the more of its neighbours are of other classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adasyn {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// How many neighbours say how hard a row is, and how many in the class may be the other end; at least
    /// 1. imbalanced-learn calls it `n_neighbors`.
    #[serde(alias = "n_neighbors")]
    pub k_neighbors: usize,
    /// How shares become whole rows.
    pub rounding: Rounding,
    /// What to do with a class that has no more rows than neighbours asked for.
    pub small_classes: SmallClasses,
    /// Whether it is an error to deliver fewer rows than asked for.
    pub strict: bool,
}

/// How the shares of [`Adasyn`] become whole rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Downwards, and the rows still missing to the largest remainders, the first row on a tie: what was asked
    /// for is delivered.
    #[default]
    Total,
    /// Each to the nearest whole number, halves to even, as in imbalanced-learn: the sum may differ from
    /// what was asked for, and the delivery report says so.
    Each,
}

impl Default for Adasyn {
    /// imbalanced-learn's values, but for the rounding.
    fn default() -> Self {
        Self {
            sampling_strategy: SamplingStrategy::Auto,
            k_neighbors: 5,
            rounding: Rounding::Total,
            small_classes: SmallClasses::Error,
            strict: false,
        }
    }
}

impl Resample<Labels> for Adasyn {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let rows = &train.rows;
        self.check(rows)?;
        let prepare = |n_members| Surroundings::new(rows, self.wanted(), n_members);
        grow_classes(rows, &self.sampling_strategy, run.rng, prepare, |around, class, n_new, draws| {
            self.grow(around, class, n_new, draws)?.unless_short(self.strict, NAME)
        })
    }
}

const NAME: &str = "adasyn";

impl Adasyn {
    /// How many of `n_new` rows each row of a class gets, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] if no row of the class has others around it; [`Error::InvalidParameter`] or
    /// [`Error::TooFewRows`], as when resampling.
    pub fn allocation(&self, rows: &Dataset<Labels>, class: u32, n_new: usize) -> Result<Vec<usize>> {
        self.check(rows)?;
        let class = Class::new(rows, class);
        let around = Surroundings::new(rows, self.wanted(), class.members.len())?;
        self.allocate(&around, &class, n_new)
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.wanted().check()?;
        require_numbers(NAME, rows.features())
    }

    fn wanted(&self) -> Wanted {
        Wanted { k: self.k_neighbors, name: "k_neighbors", small_classes: self.small_classes }
    }

    /// Makes about `n_new` rows for a class, row after row.
    fn grow(
        &self,
        around: &Surroundings<'_>,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let name = format!("class {}", class.name());
        let (k, shrunk) = self.wanted().among(&name, class.members.len()).map_err(|error| match error {
            Error::TooFewRows { .. } => not_applicable(error.to_string()),
            other => other,
        })?;
        let shares = self.allocate(around, class, n_new)?;
        let neighbors = class.nearest_within(&class.places(), k)?;
        let seeds: Vec<usize> =
            shares.iter().enumerate().flat_map(|(place, &rows)| std::iter::repeat_n(place, rows)).collect();
        let (rows, origins) = class.make(seeds.len(), draws, |number, draws| {
            let neighbor = neighbors[[seeds[number], place_below(neighbors.ncols(), draws[0])]];
            (seeds[number], neighbor, unit_interval(draws[1]))
        });
        let rounded = (seeds.len() != n_new).then(|| "each row's share was rounded on its own".to_owned());
        let remarks = shrunk.into_iter().chain(around.remark.clone()).chain(rounded).collect();
        Ok(Grown { rows, origins, delivery: class.report(n_new, seeds.len(), remarks) })
    }

    /// The rows that each member of a class gets.
    fn allocate(&self, around: &Surroundings<'_>, class: &Class<'_>, n_new: usize) -> Result<Vec<usize>> {
        let nearest = around.nearest(class, &class.places())?;
        let others: Vec<usize> = nearest.rows().into_iter().map(|rows| around.others(class, rows)).collect();
        if others.iter().all(|others| *others == 0) {
            return Err(not_applicable(format!(
                "no row of class {} has rows of other classes around it, so all are equally easy; smote makes rows there",
                class.name()
            )));
        }
        Ok(match self.rounding {
            Rounding::Total => share_out(&others, n_new),
            Rounding::Each => round_each(&others, n_new),
        })
    }
}

fn not_applicable(reason: String) -> Error {
    Error::NotApplicable { method: NAME.into(), reason }
}

/// Shares `n_new` rows out in proportion to the weights, which are not all 0, and keeps their sum: the
/// method of the largest remainders, in whole numbers.
fn share_out(weights: &[usize], n_new: usize) -> Vec<usize> {
    let sum: usize = weights.iter().sum();
    let exact = |weight: usize| weight as u128 * n_new as u128;
    let mut shares: Vec<usize> =
        weights.iter().map(|&weight| (exact(weight) / sum as u128) as usize).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&place| std::cmp::Reverse(exact(weights[place]) % sum as u128));
    let missing = n_new - shares.iter().sum::<usize>();
    by_remainder[..missing].iter().for_each(|&place| shares[place] += 1);
    shares
}

/// Rounds the share of each in `n_new` on its own, halves to even, in whole numbers.
fn round_each(weights: &[usize], n_new: usize) -> Vec<usize> {
    let sum = weights.iter().sum::<usize>() as u128;
    let rounded = |&weight: &usize| {
        let exact = weight as u128 * n_new as u128;
        let (whole, twice_the_rest) = (exact / sum, 2 * (exact % sum));
        let up = twice_the_rest > sum || (twice_the_rest == sum && whole % 2 == 1);
        (whole + u128::from(up)) as usize
    };
    weights.iter().map(rounded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S18: the shares add up.
    #[test]
    fn shares_are_in_proportion_and_add_up() {
        assert_eq!(share_out(&[1, 0, 3], 8), [2, 0, 6]);
        assert_eq!(share_out(&[1, 1, 1], 5), [2, 2, 1], "the first rows on a tie");
        assert_eq!(share_out(&[5, 1], 2), [2, 0], "5/3 and 1/3");
        assert_eq!(share_out(&[0, 7], 0), [0, 0]);
    }

    #[test]
    fn rounding_each_may_miss_the_sum() {
        assert_eq!(round_each(&[1, 1, 1, 1], 10), [2, 2, 2, 2], "2.5 each, halves to even");
        assert_eq!(round_each(&[5, 5, 5], 5), [2, 2, 2]);
    }
}
