//! Wins and losses of methods against each other.

use crate::rank::WinsLosses;

/// Whether there are as many wins as losses over all methods of a table's row: every win of one method is
/// a loss of another. `row` is `(n_methods)`.
///
/// ```
/// use imb_metrics::printed::wins_and_losses_balance;
/// use imb_metrics::rank::WinsLosses;
///
/// let row = [[2, 0], [0, 1], [0, 2]].map(|[wins, losses]| WinsLosses { wins, losses });
/// assert!(!wins_and_losses_balance(&row), "2 wins, 3 losses");
/// ```
pub fn wins_and_losses_balance(row: &[WinsLosses]) -> bool {
    total(row).wins == total(row).losses
}

/// The numbers of the methods with more wins and losses than comparisons: each of `n_tests` tests
/// compares a method with all others once. `row` is `(n_methods)`.
pub fn too_many_comparisons(row: &[WinsLosses], n_tests: usize) -> Vec<usize> {
    let most = n_tests * row.len().saturating_sub(1);
    (0..row.len()).filter(|&method| row[method].wins + row[method].losses > most).collect()
}

/// The sum over methods.
pub(crate) fn total(row: &[WinsLosses]) -> WinsLosses {
    let wins = row.iter().map(|method| method.wins).sum();
    WinsLosses { wins, losses: row.iter().map(|method| method.losses).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pairs: &[[usize; 2]]) -> Vec<WinsLosses> {
        pairs.iter().map(|&[wins, losses]| WinsLosses { wins, losses }).collect()
    }

    #[test]
    fn a_win_is_the_loss_of_another() {
        assert!(wins_and_losses_balance(&row(&[[2, 0], [0, 1], [0, 1]])));
        assert!(!wins_and_losses_balance(&row(&[[2, 0], [0, 1], [0, 2]])));
        assert!(wins_and_losses_balance(&[]));
    }

    #[test]
    fn each_other_method_is_met_once_a_test() {
        let three = row(&[[2, 1], [1, 1], [0, 1]]);
        assert_eq!(too_many_comparisons(&three, 1), [0]);
        assert_eq!(too_many_comparisons(&three, 2), [0; 0]);
    }
}
