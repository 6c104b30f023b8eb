//! Mean ranks of methods over data sets: what they sum up to, and which values they can have.

use super::{PrintedValue, Rounding};

/// Mean ranks of all methods over the same data sets, as one row of a table prints them; 1 is best.
///
/// ```
/// use imb_metrics::printed::{RankRow, Rounding};
///
/// let texts = ["5.22", "5.02", "3.33", "4.22", "6.89", "7.00", "2.56", "1.56"];
/// let ranks = texts.map(|text| text.parse().expect("a number"));
/// let row = RankRow { ranks: &ranks, unprinted: 0, n_data_sets: Some(9), ties: true, rounding: Rounding::Rounded };
/// assert!((row.wrong_sum().expect("not 36") - 35.8).abs() < 1e-9);
/// assert_eq!(row.impossible(), [1], "no mean of nine ranks prints as 5.02");
/// assert_eq!(row.repaired(1).to_string(), "5.22", "which mends the sum as well");
/// ```
///
/// # See also
/// [`rank_rows`](crate::rank::rank_rows), which ranks results.
#[derive(Clone, Copy, Debug)]
pub struct RankRow<'a> {
    /// The printed mean rank of each method, `(n_methods)`.
    pub ranks: &'a [PrintedValue],
    /// Methods that were ranked too, and whose rank is not printed.
    pub unprinted: usize,
    /// Data sets that ranks are averaged over, if the paper says so.
    pub n_data_sets: Option<u64>,
    /// Whether equal results may share the mean of their ranks; else every rank is a whole number.
    pub ties: bool,
    /// How digits were dropped for print.
    pub rounding: Rounding,
}

impl RankRow<'_> {
    /// How many methods were ranked.
    pub fn n_methods(&self) -> usize {
        self.ranks.len() + self.unprinted
    }

    /// What mean ranks of k methods add up to: k (k + 1) / 2.
    pub fn expected_sum(&self) -> f64 {
        let k = self.n_methods() as f64;
        k * (k + 1.0) / 2.0
    }

    /// The sum of the printed ranks, if no ranks that print so, with any for the unprinted ones, add up to
    /// [`RankRow::expected_sum`].
    pub fn wrong_sum(&self) -> Option<f64> {
        let ranges = self.ranks.iter().map(|rank| rank.range(self.rounding));
        let lower: f64 = ranges.clone().map(|range| range.lower).sum();
        let upper: f64 = ranges.map(|range| range.upper).sum();
        let (unprinted, worst) = (self.unprinted as f64, self.n_methods() as f64);
        let is_possible = (lower + unprinted..=upper + unprinted * worst).contains(&self.expected_sum());
        (!is_possible).then(|| self.printed_sum())
    }

    /// The numbers of the methods whose rank cannot be a mean rank: below 1, above the number of methods,
    /// or, where the number n of data sets is known, no multiple of 1/n (with ties, of 1/(2n)).
    pub fn impossible(&self) -> Vec<usize> {
        (0..self.ranks.len()).filter(|&method| !self.is_possible(self.ranks[method])).collect()
    }

    /// The rank of a method that makes the sum right, given all others.
    pub fn repaired(&self, method: usize) -> PrintedValue {
        let rank = self.ranks[method];
        PrintedValue { value: self.expected_sum() - (self.printed_sum() - rank.value), ..rank }
    }

    fn printed_sum(&self) -> f64 {
        self.ranks.iter().map(|rank| rank.value).sum()
    }

    fn is_possible(&self, rank: PrintedValue) -> bool {
        let range = rank.range(self.rounding);
        let (lower, upper) = (range.lower.max(1.0), range.upper.min(self.n_methods() as f64));
        if lower > upper {
            return false;
        }
        let Some(n) = self.n_data_sets else { return true };
        let steps = if self.ties { 2.0 * n as f64 } else { n as f64 };
        // A multiple that is an end of the range must not be lost to binary digits.
        (lower * steps - 1e-6).ceil() <= (upper * steps + 1e-6).floor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&str]) -> Vec<PrintedValue> {
        texts.iter().map(|text| text.parse().expect("a number")).collect()
    }

    fn row(ranks: &[PrintedValue], ties: bool, rounding: Rounding) -> RankRow<'_> {
        RankRow { ranks, unprinted: 0, n_data_sets: Some(9), ties, rounding }
    }

    #[test]
    fn a_rank_is_a_multiple_of_one_in_so_many_data_sets() {
        let ranks = values(&["3.16", "1.56", "1.50"]);
        // 3.17 is 57 / 18, and 3.11 is 28 / 9.
        assert_eq!(row(&ranks, true, Rounding::Rounded).impossible(), [0]);
        let eight = values(&["3.16", "1.56", "1.50", "5", "5", "5", "5", "5"]);
        assert_eq!(row(&eight, true, Rounding::Truncated).impossible(), [1], "57 / 18 cut off is 3.16");
        assert_eq!(row(&eight, false, Rounding::Rounded).impossible(), [0, 2], "1.50 needs a tie");
        assert_eq!(row(&eight, true, Rounding::Rounded).impossible(), [0]);
    }

    #[test]
    fn a_rank_lies_between_first_and_last() {
        let ranks = values(&["0.99", "1", "2.01", "3.6"]);
        let row = RankRow { n_data_sets: None, ..row(&ranks, true, Rounding::Rounded) };
        assert_eq!(row.impossible(), [0]);
        let three = RankRow { ranks: &values(&["1", "3.1", "2"]), ..row };
        assert_eq!(three.impossible(), [1]);
    }

    #[test]
    fn a_rank_that_is_not_printed_may_be_any() {
        let of_three = RankRow { unprinted: 1, n_data_sets: None, ..row(&[], true, Rounding::Rounded) };
        let ranks = values(&["1.2", "2.4"]);
        let possible = RankRow { ranks: &ranks, ..of_three };
        assert_eq!((possible.impossible(), possible.wrong_sum()), (Vec::new(), None), "the third has 2.4");
        let ranks = values(&["2.7", "2.9"]);
        assert!(RankRow { ranks: &ranks, ..of_three }.wrong_sum().is_some(), "none has less than 1");
    }

    #[test]
    fn a_sum_may_be_off_by_the_rounding_of_its_parts() {
        // 1/3, 4/3 and 4/3 past 1: exactly 6, printed 5.99 or 6.01.
        let below = values(&["1.33", "2.33", "2.33"]);
        assert_eq!(row(&below, true, Rounding::Rounded).wrong_sum(), None);
        assert!(row(&values(&["1.33", "2.33", "2.31"]), true, Rounding::Rounded).wrong_sum().is_some());
        assert_eq!(row(&values(&["1.33", "2.33", "2.31"]), true, Rounding::Truncated).wrong_sum(), None);
    }
}
