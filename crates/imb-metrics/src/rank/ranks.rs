//! Ranks of methods; equal values share the mean of their ranks.

use imb_core::{Error, Result};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::Direction;
use crate::checks::require_at_least;

/// The rank of each method on each data set, `(n_data_sets, n_methods)`: 1 is the best, and equal
/// values share the mean of their ranks. Each row adds up to k (k + 1) / 2 for k methods.
///
/// # Errors
/// [`Error::InvalidParameter`] without data sets or methods; [`Error::NotFinite`] for a value that is
/// not finite.
///
/// ```
/// use imb_metrics::{Direction, rank::rank_rows};
/// use ndarray::array;
///
/// let ranks = rank_rows(array![[0.5, 0.9, 0.9]].view(), Direction::HigherIsBetter)?;
/// assert_eq!(ranks, array![[3.0, 1.5, 1.5]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn rank_rows(results: ArrayView2<'_, f64>, direction: Direction) -> Result<Array2<f64>> {
    require_results(results)?;
    let sign = match direction {
        Direction::HigherIsBetter => -1.0,
        Direction::LowerIsBetter => 1.0,
    };
    let mut ranks = Array2::zeros(results.raw_dim());
    for (mut ranks, results) in ranks.rows_mut().into_iter().zip(results.rows()) {
        let signed: Vec<f64> = results.iter().map(|value| sign * value).collect();
        ranks.assign(&ArrayView1::from(&ascending_ranks(&signed)));
    }
    Ok(ranks)
}

/// The mean [rank](rank_rows) of each method over the data sets, `(n_methods)`: 1 is the best.
///
/// # Errors
/// Those of [`rank_rows`].
pub fn average_ranks(results: ArrayView2<'_, f64>, direction: Direction) -> Result<Vec<f64>> {
    let ranks = rank_rows(results, direction)?;
    Ok(ranks.columns().into_iter().map(|ranks| ranks.sum() / ranks.len() as f64).collect())
}

/// The rank of each value, 1 for the lowest; equal values share the mean of their ranks.
pub(super) fn ascending_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let shared = below as f64 + (tied.len() + 1) as f64 / 2.0;
        tied.iter().for_each(|&place| ranks[place] = shared);
        below += tied.len();
    }
    ranks
}

/// The sum of t³ − t over groups of t equal ranks, the usual correction term for ties.
pub(super) fn tie_sum(ranks: &[f64]) -> f64 {
    let mut sorted = ranks.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cubes = sorted.chunk_by(|a, b| a == b).map(|tied| tied.len() as f64);
    cubes.map(|size| size.powi(3) - size).sum()
}

pub(super) fn require_results(results: ArrayView2<'_, f64>) -> Result<()> {
    require_at_least("number of data sets", 1, results.nrows())?;
    require_at_least("number of methods", 1, results.ncols())?;
    match results.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, method), &value)) => {
            Err(Error::NotFinite { row, column: format!("method {method}"), value })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(ascending_ranks(&[3.0, 1.0, 3.0, -0.0, 0.0]), [4.5, 3.0, 4.5, 1.5, 1.5]);
        assert_eq!(tie_sum(&[4.5, 3.0, 4.5, 2.0, 2.0, 2.0]), 6.0 + 24.0);
    }

    #[test]
    fn the_better_direction_has_the_lower_rank() {
        let results = array![[0.1, 0.7, 0.7]];
        let ranks = |direction| rank_rows(results.view(), direction).expect("finite");
        assert_eq!(ranks(Direction::HigherIsBetter), array![[3.0, 1.5, 1.5]]);
        assert_eq!(ranks(Direction::LowerIsBetter), array![[1.0, 2.5, 2.5]]);
    }

    #[test]
    fn gaps_are_refused() {
        let results = array![[0.1, f64::NAN]];
        let error = average_ranks(results.view(), Direction::HigherIsBetter).expect_err("a gap");
        assert!(error.to_string().contains("method 1"), "{error}");
        assert!(average_ranks(Array2::zeros((0, 3)).view(), Direction::HigherIsBetter).is_err());
    }
}
