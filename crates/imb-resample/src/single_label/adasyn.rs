//! ADASYN: more new rows from the rows that are harder to learn.
//!
//! A row is the harder to learn the more of its k nearest rows belong to other classes. Hard rows get more
//! new rows, rows without a neighbour of another class get none. The new rows themselves are made as in
//! SMOTE, on the way to a neighbour of the same class.
//!
//! The steps, with the paper's symbols, for G new rows of a class:
//!
//! 1. `r_i = Δ_i / k`, where Δ_i of the k nearest rows of row i belong to other classes;
//! 2. `g_i = r_i / Σ r_i · G` new rows from row i;
//! 3. each new row lies between row i and one of its k nearest neighbours in the class.
//!
//! `g_i` is no whole number. The paper does not say how to round; here the g_i are rounded so that their sum
//! stays G. imbalanced-learn, whose parameters and defaults these are, rounds each on its own and so
//! delivers more or fewer rows than were asked for; [`Rounding::Each`] does the same. All other classes
//! together are the "majority" of a class. The sampling strategy takes the place of the paper's threshold
//! of imbalance and its level of balance.
//!
//! The method does not apply to a class none of whose rows has a neighbour of another class (the shares
//! would be 0/0), nor to a class with too few rows for `k_neighbors` neighbours unless
//! [`SmallClasses::Shrink`] is set.
//!
//! He, Bai, Garcia and Li, "ADASYN: adaptive synthetic sampling approach for imbalanced learning", IJCNN
//! 2008, doi:10.1109/IJCNN.2008.4633969.

use imb_core::{Dataset, Error, Labels, Resample, Resampled, Result, Run, Train, require_numbers};
use serde::{Deserialize, Serialize};

use crate::grow::{Class, Grown, NeighborCount, grow_classes};
use crate::interpolate::{RowDraws, place_below, unit_interval};
use crate::strategy::{SamplingStrategy, SmallClasses};
use crate::surroundings::Surroundings;

/// Makes more new rows from rows with more neighbours of other classes.
///
/// ```
/// use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
/// use imb_resample::Adasyn;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [3.9], [6.0], [7.0], [8.0]];
/// let often = ["often"; 6];
/// let y = Labels::from_texts(&[&often[..], &["rare"; 4]].concat());
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
/// let adasyn = Adasyn { k_neighbors: 2, ..Adasyn::default() };
/// // Both neighbours of 3.9 and one of 6.0 are frequent rows; 7.0 and 8.0 have none.
/// assert_eq!(adasyn.allocation(&train.rows, 1, 3)?, [2, 1, 0, 0]);
/// let resampled = adasyn.resample(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [6, 6]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Smote`](crate::Smote), which makes rows from every row alike;
/// [`BorderlineSmote`](crate::BorderlineSmote) and [`SvmSmote`](crate::SvmSmote), which also prefer rows
/// near the other classes.
///
/// # Reference
/// He, Bai, Garcia and Li (2008), doi:10.1109/IJCNN.2008.4633969.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adasyn {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// The number of neighbours, at least 1: in the whole training set for how hard a row is, and in the
    /// class for the row to interpolate with. imbalanced-learn calls it `n_neighbors`.
    #[serde(alias = "n_neighbors")]
    pub k_neighbors: usize,
    /// How the shares of the rows become whole numbers.
    pub rounding: Rounding,
    /// What to do with a class of at most `k_neighbors` rows.
    pub small_classes: SmallClasses,
    /// Whether to return an error if fewer rows were made than asked for.
    pub strict: bool,
}

/// How the shares of [`Adasyn`] become whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Shares are rounded down, and the missing rows go to the largest remainders (to the first row on a
    /// tie), so that exactly the rows asked for are made.
    #[default]
    Total,
    /// Each share is rounded to the nearest whole number, halves to even, as in imbalanced-learn. The sum may
    /// differ from the number asked for; the delivery report says so.
    Each,
}

impl Default for Adasyn {
    /// imbalanced-learn's values, except for the rounding.
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
        let prepare = |n_members| Surroundings::new(rows, self.neighbor_count(), n_members);
        grow_classes(rows, &self.sampling_strategy, run.rng, prepare, |around, class, n_new, draws| {
            self.grow(around, class, n_new, draws)?.require_delivery(self.strict, NAME)
        })
    }
}

const NAME: &str = "adasyn";

impl Adasyn {
    /// How many of `n_new` new rows each row of a class gets, `(rows of the class)`, in their order.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] if no row of the class has a neighbour of another class;
    /// [`Error::InvalidParameter`], also for a class that does not exist, or [`Error::TooFewRows`], as when
    /// resampling.
    pub fn allocation(&self, rows: &Dataset<Labels>, class: u32, n_new: usize) -> Result<Vec<usize>> {
        self.check(rows)?;
        let class = Class::asked(rows, class)?;
        let around = Surroundings::new(rows, self.neighbor_count(), class.members.len())?;
        self.allocate(&around, &class, n_new)
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        self.neighbor_count().check()?;
        require_numbers(NAME, rows.features())
    }

    fn neighbor_count(&self) -> NeighborCount {
        NeighborCount::new(self.k_neighbors, "k_neighbors", self.small_classes)
    }

    /// Makes the new rows of a class: `n_new`, or about as many with [`Rounding::Each`].
    fn grow(
        &self,
        around: &Surroundings<'_>,
        class: &Class<'_>,
        n_new: usize,
        draws: &RowDraws,
    ) -> Result<Grown> {
        let name = format!("class {}", class.name());
        let count = self.neighbor_count().among(&name, class.members.len());
        // A class that is too small prints NA in a table, like one without neighbours of other classes.
        let (k, shrunk) = count.map_err(|error| not_applicable(error.to_string()))?;
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

    /// The number of new rows from each member of a class.
    fn allocate(&self, around: &Surroundings<'_>, class: &Class<'_>, n_new: usize) -> Result<Vec<usize>> {
        let nearest = around.nearest(class, &class.places())?;
        let others: Vec<usize> = nearest.rows().into_iter().map(|rows| around.others(class, rows)).collect();
        if others.iter().all(|others| *others == 0) {
            return Err(not_applicable(format!(
                "no row of class {} has a neighbour of another class, so none is hard to learn; smote works here",
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

/// Divides `n_new` rows in proportion to the weights, which are not all 0, by the method of the largest
/// remainder. Whole numbers throughout: ties are exact.
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

/// Divides `n_new` rows in proportion to the weights and rounds each share on its own, halves to even.
/// Whole numbers throughout: halves are exact.
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

    /// S18: the shares add up to the number asked for.
    #[test]
    fn shares_are_in_proportion_and_add_up() {
        assert_eq!(share_out(&[1, 0, 3], 8), [2, 0, 6]);
        assert_eq!(share_out(&[1, 1, 1], 5), [2, 2, 1], "the first rows on a tie");
        assert_eq!(share_out(&[5, 1], 2), [2, 0], "5/3 and 1/3");
        assert_eq!(share_out(&[0, 7], 0), [0, 0]);
    }

    #[test]
    fn a_class_that_does_not_exist_is_an_error() {
        let y = Labels::from_texts(&["rare", "often", "often"]);
        let rows = Dataset::unnamed(ndarray::array![[0.0], [1.0], [2.0]], y).expect("well formed");
        let method = Adasyn { k_neighbors: 1, ..Adasyn::default() };
        let error = method.allocation(&rows, 7, 3).expect_err("two classes").to_string();
        assert!(error.contains("below 2"), "{error}");
    }

    #[test]
    fn rounding_each_may_miss_the_sum() {
        assert_eq!(round_each(&[1, 1, 1, 1], 10), [2, 2, 2, 2], "2.5 each, halves to even");
        assert_eq!(round_each(&[5, 5, 5], 5), [2, 2, 2]);
    }
}
