//! How far mean ranks would move with other folds: folds are drawn anew from those there are.
//!
//! A mean rank over data sets is a small number of whole steps, and no formula gives its spread. So the folds
//! of each data set are drawn with replacement, the same for all columns and learners, since these share
//! their folds, and the columns are ranked again. This says where our mean rank lies. The printed one was
//! made from five folds of its own: its predictive distribution is our mean rank plus the difference of two
//! such draws, one of as many folds as we have, and one of five.

use imb_core::{Rng, Seed};
use imb_metrics::Direction;
use imb_metrics::rank::rank_rows;
use ndarray::{Array1, Array2, Axis};
use rand::RngExt;

use super::LEAST_COLUMNS;
use super::values::{RankedSet, RankedValues};

/// Draws of folds. Ten of them lie beyond each end of a 99 % interval.
const DRAWS: usize = 2_000;

/// Folds that a printed value was made from.
const PRINTED_FOLDS: usize = 5;

/// Mean ranks of one learner in every draw, `(n_draws, n_columns)`.
pub(super) struct Resampled {
    /// With as many folds as there are.
    pub(super) ours: Array2<f64>,
    /// Around our mean ranks, as those of five other folds would lie.
    pub(super) others: Array2<f64>,
}

/// Draws the folds and ranks the columns, learner by learner; none for a learner without data sets.
///
/// # Errors
/// If a value is not finite.
pub(super) fn resample(
    values: &RankedValues,
    direction: Direction,
    seed: Seed,
) -> imb_core::Result<Vec<Option<Resampled>>> {
    let n_folds: Vec<usize> = values.sets.iter().map(RankedSet::n_folds).collect();
    let draw = |name: &str, size: fn(usize) -> usize| draws(&n_folds, size, &mut seed.child(name).rng());
    let (ours, again) = (draw("ours", |n| n), draw("ours again", |n| n));
    let printed = draw("printed", |n| n.min(PRINTED_FOLDS));
    let mut resampled = Vec::new();
    for learner in 0..values.learners.len() {
        let means = values.means(learner);
        if means.is_empty() || means.ncols() < LEAST_COLUMNS {
            resampled.push(None);
            continue;
        }
        let ranks = rank_rows(means.view(), direction)?;
        let middle = ranks.mean_axis(Axis(0)).expect("a data set");
        let of = |draws: &[Vec<Vec<usize>>]| mean_ranks(values, learner, draws, direction);
        let others = of(&printed)? - of(&again)? + middle;
        resampled.push(Some(Resampled { ours: of(&ours)?, others }));
    }
    Ok(resampled)
}

/// For each draw and data set the folds that are drawn.
fn draws(n_folds: &[usize], size: fn(usize) -> usize, rng: &mut Rng) -> Vec<Vec<Vec<usize>>> {
    let of_set = |n: usize, rng: &mut Rng| (0..size(n)).map(|_| rng.random_range(0..n)).collect();
    (0..DRAWS).map(|_| n_folds.iter().map(|&n| of_set(n, rng)).collect()).collect()
}

/// The mean ranks of a learner's columns in every draw, `(n_draws, n_columns)`.
fn mean_ranks(
    values: &RankedValues,
    learner: usize,
    draws: &[Vec<Vec<usize>>],
    direction: Direction,
) -> imb_core::Result<Array2<f64>> {
    let sets: Vec<(usize, &Array2<f64>)> = values
        .sets
        .iter()
        .enumerate()
        .filter_map(|(number, set)| Some((number, set.by_learner[learner].as_ref()?)))
        .collect();
    let n_columns = values.columns.len();
    let mut means = Array2::zeros((draws.len() * sets.len(), n_columns));
    let drawn =
        draws.iter().flat_map(|draw| sets.iter().map(move |(number, folds)| (&draw[*number], *folds)));
    for (mut row, (drawn, folds)) in means.rows_mut().into_iter().zip(drawn) {
        let mut sum = Array1::zeros(n_columns);
        drawn.iter().for_each(|&fold| sum += &folds.row(fold));
        row.assign(&(sum / drawn.len() as f64));
    }
    let ranks = rank_rows(means.view(), direction)?;
    let mut by_draw = Array2::zeros((draws.len(), n_columns));
    for (mut row, ranks) in by_draw.rows_mut().into_iter().zip(ranks.axis_chunks_iter(Axis(0), sets.len())) {
        row.assign(&ranks.mean_axis(Axis(0)).expect("a data set"));
    }
    Ok(by_draw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn one_set(folds: Array2<f64>) -> RankedValues {
        let set = RankedSet { row: "set".into(), by_learner: vec![Some(folds)] };
        RankedValues { columns: vec![0, 1], learners: vec!["br".into()], sets: vec![set], errors: Vec::new() }
    }

    /// The first column leads if the good fold is drawn at least once among five: 1 − 0.8⁵ = 0.672.
    #[test]
    fn folds_are_drawn_with_replacement() {
        let folds = array![[0.4, 0.5], [0.4, 0.5], [0.4, 0.5], [0.4, 0.5], [1.0, 0.5]];
        let resampled = resample(&one_set(folds), Direction::HigherIsBetter, Seed::new(1)).expect("finite");
        let resampled = resampled[0].as_ref().expect("one data set");
        let led = resampled.ours.column(0).iter().filter(|rank| **rank == 1.0).count() as f64 / DRAWS as f64;
        // Four standard deviations of a share of 2,000 draws.
        assert!((led - 0.672).abs() < 0.042, "{led}");
        // Around our rank, 1, the difference of two such draws is symmetric.
        let mean = resampled.others.column(0).mean().expect("draws");
        assert!((mean - 1.0).abs() < 0.06, "{mean}");
        assert!(resampled.ours.rows().into_iter().all(|ranks| ranks.sum() == 3.0));
    }

    #[test]
    fn equal_folds_leave_no_doubt() {
        let folds = Array2::from_shape_fn((5, 2), |(_, column)| column as f64);
        let resampled = resample(&one_set(folds), Direction::HigherIsBetter, Seed::new(1)).expect("finite");
        let resampled = resampled[0].as_ref().expect("one data set");
        assert!(resampled.ours.column(0).iter().chain(resampled.others.column(0)).all(|rank| *rank == 2.0));
    }
}
