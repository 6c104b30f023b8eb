//! The Friedman test, with the correction of Iman and Davenport.
//!
//! Friedman (1937), doi:10.1080/01621459.1937.10503522; Iman and Davenport, "Approximations of the
//! critical region of the Friedman statistic" (1980), doi:10.1080/03610928008827904.

use imb_core::{Error, Result};
use ndarray::ArrayView2;
use serde::Serialize;

use super::ranks::{rank_rows, require_results, tie_sum};
use crate::Direction;
use crate::checks::{require_at_least, require_finite};
use crate::numeric::{chi_square_tail, f_tail};

/// The result of testing whether methods differ at all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Friedman {
    /// Friedman's χ², from 0 to n (k − 1) for k methods on n data sets.
    pub chi_square: f64,
    /// The p-value of χ², by the χ² distribution with k − 1 degrees of freedom.
    pub p: f64,
    /// Iman and Davenport's F, (n − 1) χ² / (n (k − 1) − χ²); infinite if all data sets agree.
    pub f: f64,
    /// The p-value of F, by the F distribution with k − 1 and (k − 1)(n − 1) degrees of freedom.
    pub f_p: f64,
}

/// Tests whether methods differ by their `results`, `(n_data_sets, n_methods)`. It does not matter whether
/// higher or lower is better.
///
/// χ² is corrected for ties, as in scipy's `friedmanchisquare`; unlike there, two methods are enough.
/// If all methods tie on every data set, χ² is 0/0: it is set to 0, and both p-values to 1.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) for fewer than two data sets or methods;
/// [`NotFinite`](imb_core::Error::NotFinite) for a value that is not finite.
///
/// ```
/// use imb_metrics::rank::friedman;
/// use ndarray::array;
///
/// let f1 = array![[0.5, 0.6, 0.9], [0.4, 0.5, 0.8], [0.7, 0.8, 0.9]];
/// let friedman = friedman(f1.view())?;
/// assert_eq!(friedman.chi_square, 6.0, "all data sets agree: n (k - 1)");
/// assert!(friedman.p < 0.05);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn friedman(results: ArrayView2<'_, f64>) -> Result<Friedman> {
    require_results(results)?;
    let (n, k) = results.dim();
    let ranks = rank_rows(results, Direction::LowerIsBetter)?;
    let sums: Vec<f64> = ranks.columns().into_iter().map(|ranks| ranks.sum()).collect();
    let ties: f64 = ranks.rows().into_iter().map(|ranks| tie_sum(&ranks.to_vec())).sum();
    let (rows, methods) = (n as f64, k as f64);
    let untied = 1.0 - ties / (rows * methods * (methods * methods - 1.0));
    let all_tied = ranks.rows().into_iter().all(|row| row.iter().all(|rank| *rank == row[0]));
    let chi_square = if all_tied { 0.0 } else { chi_square_of(&sums, n) / untied };
    tested(chi_square, n, k)
}

/// The Friedman test from the average rank of each method over `n_data_sets`, `(n_methods)`, as papers print
/// them: 12 n / (k (k + 1)) · (Σ R² − k (k + 1)² / 4), as in Demšar (2006).
///
/// Ties are not corrected for, since average ranks do not show them. The formula assumes that the ranks add
/// up to k (k + 1) / 2. Printed ranks are rounded, which changes χ² by about a tenth: in the example their
/// sum is 36.01 and χ² is 10.85; with the ninths that were rounded it is 10.74.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) for fewer than two data sets or methods, or a rank
/// outside 1 to the number of methods; [`NotFinite`](imb_core::Error::NotFinite) for a rank that is not finite.
///
/// ```
/// use imb_metrics::rank::friedman_of_average_ranks;
///
/// // Zhou et al., AEMLO (2024), Table 2: ranking loss with ECC, eight methods on nine data sets.
/// let ranks = [5.00, 4.56, 4.78, 3.67, 4.67, 6.33, 4.11, 2.89];
/// let friedman = friedman_of_average_ranks(&ranks, 9)?;
/// assert_eq!(format!("{:.1} {:.2}", friedman.chi_square, friedman.p), "10.8 0.15");
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn friedman_of_average_ranks(average_ranks: &[f64], n_data_sets: usize) -> Result<Friedman> {
    require_finite(average_ranks, "average ranks")?;
    let k = average_ranks.len();
    if let Some(rank) = average_ranks.iter().find(|rank| !(1.0..=k as f64).contains(*rank)) {
        let requirement = format!("from 1 to {k}, the number of methods");
        return Err(Error::invalid_parameter("average rank", requirement, rank));
    }
    let (n, methods) = (n_data_sets as f64, k as f64);
    let squares: f64 = average_ranks.iter().map(|rank| rank * rank).sum();
    let excess = (squares - methods * (methods + 1.0).powi(2) / 4.0).max(0.0);
    tested(12.0 * n * excess / (methods * (methods + 1.0)), n_data_sets, k)
}

/// χ² of rank sums, by their distances from the expected sum, which avoids cancellation.
fn chi_square_of(rank_sums: &[f64], n_data_sets: usize) -> f64 {
    let (n, k) = (n_data_sets as f64, rank_sums.len() as f64);
    let expected = n * (k + 1.0) / 2.0;
    let squares: f64 = rank_sums.iter().map(|sum| (sum - expected).powi(2)).sum();
    12.0 * squares / (n * k * (k + 1.0))
}

fn tested(chi_square: f64, n_data_sets: usize, n_methods: usize) -> Result<Friedman> {
    require_at_least("number of data sets", 2, n_data_sets)?;
    require_at_least("number of methods", 2, n_methods)?;
    let (rows, free) = (n_data_sets as f64, n_methods as f64 - 1.0);
    let rest = rows * free - chi_square;
    // If all data sets agree, the rest is 0 up to rounding.
    let f = if rest <= 1e-12 * rows * free { f64::INFINITY } else { (rows - 1.0) * chi_square / rest };
    let f_p = f_tail(f, (free, free * (rows - 1.0)));
    Ok(Friedman { chi_square, p: chi_square_tail(chi_square, free), f, f_p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn all_agree_and_all_tie() {
        let agree = Array2::from_shape_fn((7, 3), |(_, method)| method as f64);
        let friedman = friedman(agree.view()).expect("finite");
        assert_eq!((friedman.chi_square, friedman.f, friedman.f_p), (14.0, f64::INFINITY, 0.0));
        let tied = super::friedman(Array2::zeros((4, 3)).view()).expect("finite");
        assert_eq!((tied.chi_square, tied.p, tied.f, tied.f_p), (0.0, 1.0, 0.0, 1.0));
    }

    /// Two methods of which one is ahead on eight data sets of nine.
    #[test]
    fn two_methods_are_enough() {
        let ahead =
            Array2::from_shape_fn((9, 2), |(row, method)| f64::from(u8::from((row < 8) == (method == 0))));
        let friedman = friedman(ahead.view()).expect("finite");
        assert!((friedman.p - 0.0196).abs() < 5e-5, "{friedman:?}");
    }

    /// The rank sums behind the printed ranks of the example: whole numbers that add up to 324.
    #[test]
    fn ranks_before_rounding() {
        let ranks = [45.0, 41.0, 43.0, 33.0, 42.0, 57.0, 37.0, 26.0].map(|sum: f64| sum / 9.0);
        let friedman = friedman_of_average_ranks(&ranks, 9).expect("ranks");
        assert!((friedman.chi_square - 1160.0 / 108.0).abs() < 1e-12, "{friedman:?}");
        assert!((friedman.p - 0.15).abs() < 0.001, "{friedman:?}");
    }

    #[test]
    fn too_little_is_refused() {
        assert!(friedman(array![[1.0, 2.0, 3.0]].view()).is_err());
        assert!(friedman(array![[1.0], [2.0]].view()).is_err());
        assert!(friedman_of_average_ranks(&[1.0, 2.5], 3).is_err());
        assert!(friedman_of_average_ranks(&[], 3).is_err());
        assert!(friedman_of_average_ranks(&[1.0, 2.0], 0).is_err());
    }
}
