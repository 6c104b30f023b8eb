//! Whether some confusion matrix of two classes gives printed metrics, and which.
//!
//! With N and P test rows of two classes there are only (N + 1)(P + 1) outcomes: how many rows of each are
//! right. A pair of metrics with two decimals in percent distinguishes 10⁸ values, so on a small test set
//! most pairs belong to no outcome, and one that does often to a single one. Then the printed values reveal
//! the matrix, and with several methods in a row even the number of test rows.

use std::ops::RangeInclusive;

use imb_core::{Error, Result};
use ndarray::array;
use serde::{Deserialize, Serialize};

use super::{PrintedMetric, Rounding};
use crate::ConfusionMatrix;
use crate::interval::{Interval, binomial_interval};

/// Test rows of two classes, in either order.
///
/// See [`printed`](crate::printed) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TestRows(pub [u64; 2]);

/// How many rows of two classes are right: all that there is to know of a confusion matrix of two classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoClassCounts {
    /// Test rows of each class.
    pub rows: [u64; 2],
    /// Those that are predicted right.
    pub right: [u64; 2],
}

/// The confusion matrices that give printed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Matrices {
    /// How many there are.
    pub count: u64,
    /// One of them: that with the fewest right rows of the smaller class, then of the other.
    pub first: Option<TwoClassCounts>,
}

/// How well a number of test rows explains the values of several methods: see [`TestRows::search`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowsFit {
    /// The test rows.
    pub rows: TestRows,
    /// The numbers of the methods whose values some confusion matrix gives.
    pub fits: Vec<usize>,
}

impl TestRows {
    /// The confusion matrices whose metrics print as these values do.
    ///
    /// Its time is that of about 2 (metrics) × (rows of the smaller class) × log₂ (rows of the larger)
    /// evaluations.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if a class has no rows.
    pub fn matrices(self, printed: &[PrintedMetric], rounding: Rounding) -> Result<Matrices> {
        self.require_rows()?;
        let [first, second] = self.0;
        let larger = usize::from(second > first);
        let mut found = Matrices { count: 0, first: None };
        let mut right = [0; 2];
        for smaller_right in 0..=self.0[1 - larger] {
            right[1 - larger] = smaller_right;
            let mut fitting = 0..self.0[larger] + 1;
            for metric in printed {
                let range = metric.range(rounding);
                let value = |count| {
                    let mut right = right;
                    right[larger] = count;
                    metric.metric.of(&self.with(right).two_by_two())
                };
                fitting.start = first_where(fitting.clone(), |count| value(count) >= range.lower);
                fitting.end = first_where(fitting.clone(), |count| value(count) > range.upper);
            }
            if fitting.is_empty() {
                continue;
            }
            found.count += fitting.end - fitting.start;
            right[larger] = fitting.start;
            found.first = found.first.or(Some(self.with(right)));
        }
        Ok(found)
    }

    /// Searches for the test rows that explain the printed values of most of `methods`, `(n_methods)`; the
    /// rows of each class are sought in a range. Only the best are returned, fewest rows first.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if a range is empty or contains 0.
    ///
    /// ```
    /// use imb_metrics::printed::{PrintedMetric, Rounding, TestRows, TwoClassMetric};
    ///
    /// // ACSA and geometric mean, in percent, of three methods.
    /// let printed = [["65.00", "60.91"], ["68.84", "67.93"], ["60.00", "58.38"]];
    /// let metrics = [TwoClassMetric::Acsa, TwoClassMetric::GeometricMean];
    /// let mut methods = Vec::new();
    /// for texts in printed {
    ///     let mut method = Vec::new();
    ///     for (metric, text) in metrics.into_iter().zip(texts) {
    ///         method.push(PrintedMetric { metric, value: text.parse()?, percent: true });
    ///     }
    ///     methods.push(method);
    /// }
    /// let best = TestRows::search([60..=70, 20..=30], &methods, Rounding::Either)?;
    /// assert_eq!(best[0].rows, TestRows([65, 26]));
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    pub fn search(
        ranges: [RangeInclusive<u64>; 2],
        methods: &[Vec<PrintedMetric>],
        rounding: Rounding,
    ) -> Result<Vec<RowsFit>> {
        let [firsts, seconds] = ranges;
        if firsts.is_empty() || seconds.is_empty() {
            let found = format!("{firsts:?} and {seconds:?}");
            return Err(Error::invalid_parameter("range of test rows", "at least one number", found));
        }
        let mut best: Vec<RowsFit> = Vec::new();
        for rows in firsts.flat_map(|first| seconds.clone().map(move |second| Self([first, second]))) {
            let mut fits = Vec::new();
            for (method, printed) in methods.iter().enumerate() {
                if rows.matrices(printed, rounding)?.count > 0 {
                    fits.push(method);
                }
            }
            let most = best.first().map_or(0, |fit| fit.fits.len());
            if fits.len() > most {
                best.clear();
            }
            if !fits.is_empty() && fits.len() >= most {
                best.push(RowsFit { rows, fits });
            }
        }
        Ok(best)
    }

    pub(super) fn with(self, right: [u64; 2]) -> TwoClassCounts {
        TwoClassCounts { rows: self.0, right }
    }

    pub(super) fn require_rows(self) -> Result<()> {
        if self.0.iter().all(|rows| (1..=u64::from(u32::MAX)).contains(rows)) {
            return Ok(());
        }
        let found = format!("{} and {}", self.0[0], self.0[1]);
        Err(Error::invalid_parameter("test rows of two classes", "1 to 4294967295 rows each", found))
    }
}

impl Matrices {
    /// The confusion matrix, if there is only one.
    pub fn only(self) -> Option<TwoClassCounts> {
        self.first.filter(|_| self.count == 1)
    }
}

impl TwoClassCounts {
    /// The confusion matrix: truth by row, prediction by column.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if there are no rows, or more right rows than rows of a class.
    ///
    /// ```
    /// use imb_metrics::printed::TwoClassCounts;
    /// use ndarray::array;
    ///
    /// let counts = TwoClassCounts { rows: [65, 26], right: [57, 11] };
    /// assert_eq!(counts.matrix()?.view(), array![[57, 8], [15, 11]]);
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    pub fn matrix(self) -> Result<ConfusionMatrix> {
        TestRows(self.rows).require_rows()?;
        if self.right[0] > self.rows[0] || self.right[1] > self.rows[1] {
            let found = format!("{:?} of {:?}", self.right, self.rows);
            return Err(Error::invalid_parameter("right rows", "at most all rows of the class", found));
        }
        Ok(self.two_by_two())
    }

    /// The exact (Clopper-Pearson) interval of the recall of each class, which says how far the recall on
    /// more test rows could be from that on these.
    ///
    /// # Errors
    /// Those of [`binomial_interval`].
    ///
    /// ```
    /// use imb_metrics::printed::TwoClassCounts;
    ///
    /// let recalls = TwoClassCounts { rows: [65, 26], right: [57, 11] }.recall_intervals(0.95)?;
    /// assert_eq!(format!("{:.3} {:.3}", recalls[1].lower, recalls[1].upper), "0.234 0.631");
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    pub fn recall_intervals(self, confidence: f64) -> Result<[Interval; 2]> {
        let of = |class: usize| binomial_interval(self.right[class], self.rows[class], confidence);
        Ok([of(0)?, of(1)?])
    }

    pub(super) fn two_by_two(self) -> ConfusionMatrix {
        let ([n, p], [a, b]) = (self.rows, self.right);
        ConfusionMatrix::from_counts(array![[a, n - a], [p - b, b]]).expect("there are rows, at most 2^33")
    }
}

impl PrintedMetric {
    /// The values, as shares, that print as this one does.
    pub(super) fn range(&self, rounding: Rounding) -> Interval {
        let scale = if self.percent { 100.0 } else { 1.0 };
        let range = self.value.range(rounding);
        Interval { lower: range.lower / scale, upper: range.upper / scale }
    }
}

/// The first number of a range at which a condition holds that then holds for all further ones; the range's
/// end if it holds nowhere.
fn first_where(range: std::ops::Range<u64>, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (range.start, range.end.max(range.start));
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed::{PrintedValue, TwoClassMetric};

    fn printed(metric: TwoClassMetric, text: &str) -> PrintedMetric {
        PrintedMetric { metric, value: text.parse().expect("a number"), percent: false }
    }

    /// Bisection against trying every outcome.
    #[test]
    fn all_outcomes_that_fit_are_counted() {
        let rows = TestRows([23, 9]);
        for metrics in [
            [TwoClassMetric::Acsa, TwoClassMetric::GeometricMean],
            [TwoClassMetric::MacroF1, TwoClassMetric::MinorityPrecision],
            [TwoClassMetric::Mcc, TwoClassMetric::Accuracy],
        ] {
            for decimals in [0, 1, 2] {
                let value = PrintedValue { value: 0.6, decimals };
                let printed = metrics.map(|metric| PrintedMetric { metric, value, percent: false });
                let fits = |right: [u64; 2]| {
                    let matrix = rows.with(right).two_by_two();
                    printed
                        .iter()
                        .all(|metric| metric.value.can_be(metric.metric.of(&matrix), Rounding::Rounded))
                };
                let all = (0..=23).flat_map(|a| (0..=9).map(move |b| [a, b]));
                let by_trying = all.filter(|right| fits(*right)).count() as u64;
                let found = rows.matrices(&printed, Rounding::Rounded).expect("rows");
                assert_eq!(found.count, by_trying, "{metrics:?} {decimals}");
                assert_eq!(found.first.is_some(), by_trying > 0);
                assert!(found.first.is_none_or(|counts| fits(counts.right)));
            }
        }
    }

    #[test]
    fn the_order_of_classes_does_not_matter() {
        let pair =
            [printed(TwoClassMetric::MinorityRecall, "0.42"), printed(TwoClassMetric::Accuracy, "0.75")];
        let of = |rows| TestRows(rows).matrices(&pair, Rounding::Rounded).expect("rows");
        let (one, other) = (of([65, 26]), of([26, 65]));
        assert_eq!((one.count, one.first.map(|counts| counts.right)), (1, Some([57, 11])));
        assert_eq!((other.count, other.first.map(|counts| counts.right)), (1, Some([11, 57])));
    }

    #[test]
    fn without_rows_there_is_no_answer() {
        let error = TestRows([5, 0]).matrices(&[], Rounding::Either).expect_err("no rows").to_string();
        assert!(error.contains("5 and 0"), "{error}");
        assert!(TestRows::search([RangeInclusive::new(1, 0), 1..=1], &[], Rounding::Either).is_err());
        assert!(TestRows::search([0..=1, 1..=1], &[vec![]], Rounding::Either).is_err());
        assert!(TwoClassCounts { rows: [5, 4], right: [6, 0] }.matrix().is_err());
    }
}
