//! How far mean ranks would move with other folds: folds are drawn anew from those there are.
//!
//! A mean rank over data sets is a small number of whole steps, and no formula gives its spread. So the folds
//! of each data set are drawn with replacement, the same for all columns and learners, since these share
//! their folds, and the columns are ranked again. The spread of such draws around their mean is that of our mean
//! rank. The printed one was made from five folds of its own: its predictive distribution is our mean rank plus
//! the difference of two such draws, one of five folds, and one of as many as we have.
//!
//! Plain draws vary too little: values of one and the same method would differ too often. Two things mend this.
//!
//! - The mean of n drawn folds has (n − 1)/n of the variance that the mean of n new folds has. So each fold's deviation
//!   from the mean of its column is stretched by √(n/(n − 1)).
//! - Columns that are equally good have different means by chance, and draws around these means change places
//!   less often than the columns themselves would. So the means that draws vary around are first drawn together, each to
//!   the average of all means with the weights exp(−d²/4v): d is the difference of two columns, and v the variance of d
//!   by its folds. Columns that the folds tell apart clearly keep their means.
//!
//! The test `the_same_method_rarely_differs` simulates what comes of it.

use imb_core::{Rng, Seed};
use imb_metrics::Direction;
use imb_metrics::rank::rank_rows;
use ndarray::{Array1, Array2, ArrayView1, Axis};
use rand::RngExt;

use super::LEAST_COLUMNS;
use super::values::{RankedSet, RankedValues};

/// Draws of folds. Ten of them lie beyond each end of a 99 % interval.
const DRAWS: usize = 2_000;

/// Folds that a printed value was made from.
const PRINTED_FOLDS: usize = 5;

/// Mean ranks of one learner in every draw, `(n_draws, n_columns)`.
pub(super) struct Resampled {
    /// Around our mean ranks, as those of as many other folds would lie.
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
        let middle = mean_of_rows(&rank_rows(means.view(), direction)?);
        let of_set = |set: &RankedSet| set.by_learner[learner].as_ref().map(as_uncertain);
        let sets: Vec<Option<Array2<f64>>> = values.sets.iter().map(of_set).collect();
        let of = |draws: &[Vec<Vec<usize>>]| mean_ranks(&sets, draws, direction);
        let (drawn, others) = (of(&ours)?, of(&printed)? - of(&again)? + &middle);
        let ours = &drawn - &mean_of_rows(&drawn) + middle;
        resampled.push(Some(Resampled { ours, others }));
    }
    Ok(resampled)
}

fn mean_of_rows(values: &Array2<f64>) -> Array1<f64> {
    values.mean_axis(Axis(0)).expect("a row")
}

/// The folds of a data set, `(n_folds, n_columns)`, such that means of drawn ones are as uncertain as those of new
/// folds: around means that are drawn together, with deviations that are stretched.
fn as_uncertain(folds: &Array2<f64>) -> Array2<f64> {
    let n = folds.nrows() as f64;
    if folds.nrows() < 2 {
        return folds.clone();
    }
    let means = mean_of_rows(folds);
    (folds - &means) * (n / (n - 1.0)).sqrt() + drawn_together(folds, &means)
}

/// The means of columns, each drawn to those that its folds cannot tell it from.
fn drawn_together(folds: &Array2<f64>, means: &Array1<f64>) -> Array1<f64> {
    let n = folds.nrows() as f64;
    let weight = |one: usize, other: usize| {
        let distance = means[one] - means[other];
        let deviation = |row: ArrayView1<'_, f64>| row[one] - row[other] - distance;
        let squares: f64 = folds.rows().into_iter().map(|row| deviation(row).powi(2)).sum();
        let variance = squares / (n - 1.0) / n;
        // Columns with the same values in every fold have neither.
        if distance == 0.0 { 1.0 } else { (-distance * distance / (4.0 * variance)).exp() }
    };
    (0..means.len())
        .map(|one| {
            let weights: Vec<f64> = (0..means.len()).map(|other| weight(one, other)).collect();
            let sum: f64 = weights.iter().zip(means).map(|(weight, mean)| weight * mean).sum();
            sum / weights.iter().sum::<f64>()
        })
        .collect()
}

/// For each draw and data set the folds that are drawn.
fn draws(n_folds: &[usize], size: fn(usize) -> usize, rng: &mut Rng) -> Vec<Vec<Vec<usize>>> {
    let of_set = |n: usize, rng: &mut Rng| (0..size(n)).map(|_| rng.random_range(0..n)).collect();
    (0..DRAWS).map(|_| n_folds.iter().map(|&n| of_set(n, rng)).collect()).collect()
}

/// The mean ranks of a learner's columns in every draw, `(n_draws, n_columns)`, over the data sets that it has.
fn mean_ranks(
    sets: &[Option<Array2<f64>>],
    draws: &[Vec<Vec<usize>>],
    direction: Direction,
) -> imb_core::Result<Array2<f64>> {
    let sets: Vec<(usize, &Array2<f64>)> =
        sets.iter().enumerate().filter_map(|(number, folds)| Some((number, folds.as_ref()?))).collect();
    let n_columns = sets.first().map_or(0, |(_, folds)| folds.ncols());
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
        row.assign(&mean_of_rows(&ranks.to_owned()));
    }
    Ok(by_draw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_metrics::interval::percentile_interval;
    use ndarray::array;

    fn values_of(sets: Vec<Array2<f64>>) -> RankedValues {
        let columns = (0..sets[0].ncols()).collect();
        let set = |folds| RankedSet { row: "set".into(), by_learner: vec![Some(folds)] };
        let sets = sets.into_iter().map(set).collect();
        RankedValues { columns, learners: vec!["br".into()], sets, errors: Vec::new() }
    }

    fn resampled(values: &RankedValues) -> Resampled {
        let all = resample(values, Direction::HigherIsBetter, Seed::new(1)).expect("finite");
        all.into_iter().next().flatten().expect("a learner with data sets")
    }

    #[test]
    fn draws_lie_around_our_ranks() {
        let folds = array![[0.4, 0.5], [0.4, 0.5], [0.4, 0.5], [0.4, 0.5], [1.0, 0.5]];
        let resampled = resampled(&values_of(vec![folds]));
        for ranks in [&resampled.ours, &resampled.others] {
            let mean = ranks.column(0).mean().expect("draws");
            assert!((mean - 1.0).abs() < 0.06, "{mean}");
            assert!(ranks.rows().into_iter().all(|ranks| (ranks.sum() - 3.0).abs() < 1e-12));
            assert!(ranks.column(0).iter().any(|rank| *rank > 1.5), "the columns change places");
        }
    }

    #[test]
    fn equal_folds_leave_no_doubt() {
        let folds = Array2::from_shape_fn((5, 2), |(_, column)| column as f64);
        let resampled = resampled(&values_of(vec![folds]));
        assert!(resampled.ours.column(0).iter().chain(resampled.others.column(0)).all(|rank| *rank == 2.0));
    }

    #[test]
    fn columns_with_equal_folds_stay_tied() {
        let folds =
            array![[0.1, 0.1, 0.3], [0.4, 0.4, 0.2], [0.3, 0.3, 0.1], [0.2, 0.2, 0.5], [0.7, 0.7, 0.6]];
        let resampled = resampled(&values_of(vec![folds]));
        assert!(resampled.ours.rows().into_iter().all(|ranks| ranks[0] == ranks[1]));
    }

    #[test]
    fn means_are_drawn_to_those_that_folds_cannot_tell_them_from() {
        // The first two differ by 0.1 with a standard error of 0.245, the third is far away.
        let folds =
            array![[0.0, 0.5, 9.0], [1.0, 0.5, 9.5], [0.5, 1.0, 9.0], [0.0, 1.0, 9.5], [1.0, 0.0, 9.0]];
        let means = mean_of_rows(&folds);
        let together = drawn_together(&folds, &means);
        let gap = |means: &Array1<f64>| means[1] - means[0];
        assert!(gap(&together).abs() < 0.1 * gap(&means).abs(), "{together} of {means}");
        assert!((together[2] - means[2]).abs() < 1e-6, "{together}");
        let uncertain = as_uncertain(&folds);
        assert!((mean_of_rows(&uncertain) - &together).iter().all(|difference| difference.abs() < 1e-12));
    }

    /// Normal noise around the means of eight columns.
    fn folds(n: usize, means: &[f64; 8], rng: &mut Rng) -> Array2<f64> {
        let noise = |rng: &mut Rng| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        Array2::from_shape_fn((n, 8), |(_, column)| means[column] + noise(rng))
    }

    /// How often a mean rank of five new folds of the same methods lies outside the 99 % interval.
    fn false_alarms(means: [f64; 8], seed: u64) -> f64 {
        const REPEATS: usize = 25;
        let mut rng = Seed::new(seed).rng();
        let mut outside = 0;
        for _ in 0..REPEATS {
            let ours = (0..9).map(|set| folds(if set < 4 { 10 } else { 5 }, &means, &mut rng)).collect();
            let others = resampled(&values_of(ours)).others;
            let printed = values_of((0..9).map(|_| folds(5, &means, &mut rng)).collect());
            let ranks = rank_rows(printed.means(0).view(), Direction::HigherIsBetter).expect("finite");
            for (rank, draws) in mean_of_rows(&ranks).iter().zip(others.columns()) {
                let interval = percentile_interval(&draws.to_vec(), 0.99).expect("draws");
                outside += usize::from(!(interval.lower - 0.005..=interval.upper + 0.005).contains(rank));
            }
        }
        outside as f64 / (8 * REPEATS) as f64
    }

    /// Plain draws put four to six in a hundred outside.
    #[test]
    fn the_same_method_rarely_differs() {
        let equal = false_alarms([0.0; 8], 1);
        let spread = false_alarms([-0.5, -0.4, -0.2, -0.1, 0.1, 0.2, 0.4, 0.5], 2);
        let groups = false_alarms([0.0, 0.0, 0.0, 0.0, 0.0, -4.0, -6.0, -8.0], 3);
        assert!([equal, spread, groups].iter().all(|share| *share <= 0.025), "{equal} {spread} {groups}");
    }
}
