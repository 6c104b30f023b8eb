//! Comparison of all pairs of methods by one test, and the wins and losses of each method.

use imb_core::Result;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::ranks::{average_ranks, require_results};
use super::{friedman, holm, nemenyi_p, wilcoxon_signed_rank};
use crate::Direction;
use crate::checks::require_inner_fraction;

/// The test by which two methods are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairTest {
    /// Wilcoxon's signed-rank test, without correction. Among many pairs some differ by chance.
    Wilcoxon,
    /// Wilcoxon's signed-rank test, corrected for the number of pairs by Holm's procedure.
    WilcoxonHolm,
    /// Friedman's test of the two methods alone, without correction. It depends only on the number of data
    /// sets on which each is ahead.
    FriedmanOfTwo,
    /// Nemenyi's test of the average ranks among all methods, which is corrected for all pairs.
    Nemenyi,
}

/// The comparison of two methods.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PairComparison {
    /// Number of the first method.
    pub first: usize,
    /// Number of the second method, above the first.
    pub second: usize,
    /// The method that the test's statistic favours; none if it favours neither.
    pub better: Option<usize>,
    /// The p-value of the difference, corrected if the test is.
    pub p: f64,
}

/// How many other methods are significantly worse, and significantly better, than a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinsLosses {
    /// Methods that are significantly worse.
    pub wins: usize,
    /// Methods that are significantly better.
    pub losses: usize,
}

/// Compares each pair of methods by their `results`, `(n_data_sets, n_methods)`. The pairs are in the order
/// (0, 1), (0, 2), …, (1, 2), ….
///
/// # Errors
/// [`NotFinite`](imb_core::Error::NotFinite) for a value that is not finite;
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) without data sets or methods, and for
/// [`PairTest::FriedmanOfTwo`] with a single data set.
pub fn compare_pairs(
    results: ArrayView2<'_, f64>,
    direction: Direction,
    test: PairTest,
) -> Result<Vec<PairComparison>> {
    require_results(results)?;
    let ranks = average_ranks(results, direction)?;
    let n_methods = results.ncols();
    let pairs = (0..n_methods).flat_map(|first| (first + 1..n_methods).map(move |second| (first, second)));
    let compared = pairs.map(|(first, second)| match test {
        PairTest::Wilcoxon | PairTest::WilcoxonHolm => by_signed_rank(results, direction, first, second),
        PairTest::FriedmanOfTwo => by_friedman(results, direction, first, second),
        PairTest::Nemenyi => by_average_rank(&ranks, results.nrows(), first, second),
    });
    let mut compared = compared.collect::<Result<Vec<PairComparison>>>()?;
    if test == PairTest::WilcoxonHolm {
        let p_values: Vec<f64> = compared.iter().map(|pair| pair.p).collect();
        compared.iter_mut().zip(holm(&p_values)?).for_each(|(pair, p)| pair.p = p);
    }
    Ok(compared)
}

/// For each method, `(n_methods)`, how many others it beats and how many it loses to, counting pairs with a
/// p-value of at most `alpha`. Over all methods there are as many wins as losses.
///
/// # Errors
/// Those of [`compare_pairs`]; [`InvalidParameter`](imb_core::Error::InvalidParameter) if `alpha` is not
/// above 0 and below 1.
///
/// ```
/// use imb_metrics::Direction;
/// use imb_metrics::rank::{PairTest, wins_and_losses};
/// use ndarray::Array2;
///
/// // Three methods, each better than the one before on all of six data sets.
/// let f1 = Array2::from_shape_fn((6, 3), |(row, method)| 0.1 * method as f64 + 0.01 * row as f64);
/// let table = wins_and_losses(f1.view(), Direction::HigherIsBetter, PairTest::Wilcoxon, 0.05)?;
/// assert_eq!((table[0].wins, table[0].losses), (0, 2));
/// assert_eq!((table[2].wins, table[2].losses), (2, 0));
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn wins_and_losses(
    results: ArrayView2<'_, f64>,
    direction: Direction,
    test: PairTest,
    alpha: f64,
) -> Result<Vec<WinsLosses>> {
    require_inner_fraction("alpha", alpha)?;
    let mut table = vec![WinsLosses::default(); results.ncols()];
    for pair in compare_pairs(results, direction, test)? {
        if let Some(better) = pair.better.filter(|_| pair.p <= alpha) {
            table[better].wins += 1;
            table[pair.first + pair.second - better].losses += 1;
        }
    }
    Ok(table)
}

fn by_signed_rank(
    results: ArrayView2<'_, f64>,
    direction: Direction,
    first: usize,
    second: usize,
) -> Result<PairComparison> {
    let column = |method: usize| results.column(method).to_vec();
    let tested = wilcoxon_signed_rank(&column(first), &column(second))?;
    let lead = match direction {
        Direction::HigherIsBetter => tested.w_plus - tested.w_minus,
        Direction::LowerIsBetter => tested.w_minus - tested.w_plus,
    };
    Ok(PairComparison { first, second, better: ahead(lead, first, second), p: tested.p })
}

fn by_friedman(
    results: ArrayView2<'_, f64>,
    direction: Direction,
    first: usize,
    second: usize,
) -> Result<PairComparison> {
    let two = results.select(ndarray::Axis(1), &[first, second]);
    let ranks = average_ranks(two.view(), direction)?;
    let p = friedman(two.view())?.p;
    Ok(PairComparison { first, second, better: ahead(ranks[1] - ranks[0], first, second), p })
}

fn by_average_rank(ranks: &[f64], n_data_sets: usize, first: usize, second: usize) -> Result<PairComparison> {
    let lead = ranks[second] - ranks[first];
    let p = nemenyi_p(lead.abs(), ranks.len(), n_data_sets)?;
    Ok(PairComparison { first, second, better: ahead(lead, first, second), p })
}

fn ahead(lead_of_first: f64, first: usize, second: usize) -> Option<usize> {
    match lead_of_first {
        lead if lead > 0.0 => Some(first),
        lead if lead < 0.0 => Some(second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    const TESTS: [PairTest; 4] =
        [PairTest::Wilcoxon, PairTest::WilcoxonHolm, PairTest::FriedmanOfTwo, PairTest::Nemenyi];

    /// Eight methods on nine data sets, each better than the one before everywhere.
    fn ladder() -> Array2<f64> {
        Array2::from_shape_fn((9, 8), |(row, method)| method as f64 + 0.01 * (row * method) as f64)
    }

    /// With nine data sets the smallest exact p-value is 0.0039, and the correction for 28 pairs makes it 0.109.
    #[test]
    fn holm_cannot_be_passed_with_nine_data_sets() {
        let wins = |test| {
            let table = wins_and_losses(ladder().view(), Direction::HigherIsBetter, test, 0.05);
            table.expect("finite").iter().map(|method| method.wins).collect::<Vec<_>>()
        };
        assert_eq!(wins(PairTest::Wilcoxon), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(wins(PairTest::FriedmanOfTwo), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(wins(PairTest::WilcoxonHolm), [0; 8]);
        assert_eq!(wins(PairTest::Nemenyi), [0, 0, 0, 0, 1, 2, 3, 4], "from 3.50 ranks apart");
    }

    #[test]
    fn the_other_direction_swaps_wins_and_losses() {
        for test in TESTS {
            let table = |direction| wins_and_losses(ladder().view(), direction, test, 0.05).expect("finite");
            for (up, down) in table(Direction::HigherIsBetter).iter().zip(table(Direction::LowerIsBetter)) {
                assert_eq!((up.wins, up.losses), (down.losses, down.wins));
            }
        }
    }

    #[test]
    fn equal_methods_neither_win_nor_lose() {
        for test in TESTS {
            let pairs = compare_pairs(Array2::zeros((4, 2)).view(), Direction::HigherIsBetter, test);
            let pair = pairs.expect("finite")[0];
            assert_eq!((pair.better, pair.p), (None, 1.0), "{test:?}");
        }
    }
}
