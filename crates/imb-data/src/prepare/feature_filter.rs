//! Keeps some of the columns: those with the largest sums, or those correlated with the class.
//!
//! What is kept stays in the order of the table. Gaps are left out of sums and correlations, and the
//! codes of categorical columns count as numbers.

use imb_core::{Column, Error, Result, Table, Target};
use serde::{Deserialize, Serialize};

use super::PrepareTarget;
use super::fit_rows::{FitRows, SeenColumns, put_together};
use super::summary::Summary;

/// Keeps the columns with the largest sum over the training rows; at equal sums the first ones.
///
/// For texts this keeps the words with the most weight: 472 of the 47,236 of rcv1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LargestSums {
    /// How many columns to keep.
    pub keep: usize,
}

/// Keeps the columns whose correlation with the class code (0 or 1) over the training rows is, as an
/// absolute value, large enough.
///
/// The correlation is Pearson's. A column of equal values has none and is dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelatedWithTarget {
    /// The smallest absolute correlation that is kept, from 0 to 1.
    pub at_least: f64,
}

/// The columns to keep.
#[derive(Clone, Debug)]
pub struct FittedFeatureFilter {
    seen: SeenColumns,
    keep: Vec<bool>,
}

/// One in a hundred of the words of rcv1.
impl Default for LargestSums {
    fn default() -> Self {
        Self { keep: 472 }
    }
}

/// The threshold that leaves 19 of the 57 columns of Spambase.
impl Default for CorrelatedWithTarget {
    fn default() -> Self {
        Self { at_least: 0.2 }
    }
}

impl LargestSums {
    /// Sums each column over these rows. A sparse column costs what it holds.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `keep` is at least 1 and at most the number of columns, and
    /// for rows that are not there; [`Error::LengthMismatch`] for no rows.
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedFeatureFilter> {
        let rows = FitRows::new(rows, table.n_rows())?;
        let n_columns = table.n_columns();
        if self.keep == 0 || self.keep > n_columns {
            return Err(Error::invalid_parameter(
                "keep",
                format!("from 1 to the number of columns, {n_columns}"),
                self.keep,
            ));
        }
        let sum = |column| {
            let present = rows.non_zero(column).map(|(_, value)| value).filter(|value| !value.is_nan());
            // `+ 0.0`: no values sum to -0.0, which would come after 0.0.
            present.sum::<f64>() + 0.0
        };
        let sums: Vec<f64> = table.columns().iter().map(sum).collect();
        let mut order: Vec<usize> = (0..n_columns).collect();
        order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a]));
        let mut keep = vec![false; n_columns];
        for &column in &order[..self.keep] {
            keep[column] = true;
        }
        Ok(FittedFeatureFilter { seen: SeenColumns::of(table), keep })
    }
}

impl CorrelatedWithTarget {
    /// Correlates each column with the class over these rows.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] unless there are two classes, each with a row among these, and if no
    /// column is correlated enough, and for numbers too large to be squared; [`Error::NotFinite`] for an infinite
    /// number in these rows; [`Error::InvalidParameter`] unless `at_least` is from 0 to 1, and for rows that are not
    /// there; [`Error::LengthMismatch`] for no rows.
    pub fn fit<Y: PrepareTarget>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedFeatureFilter> {
        let rows = FitRows::new(rows, table.n_rows())?;
        if !(0.0..=1.0).contains(&self.at_least) {
            return Err(Error::invalid_parameter("at_least", "from 0 to 1", self.at_least));
        }
        let codes = table.target().two_class_codes(CORRELATED)?;
        if rows.ascending().iter().all(|&row| codes[row] == codes[rows.ascending()[0]]) {
            return not_applicable("all training rows have one class".into());
        }
        let strength = |column: &Column| {
            Summary::of(column, &rows)?;
            Ok(correlation(column, codes, &rows, table.n_rows()).map_or(0.0, f64::abs))
        };
        let strengths: Vec<f64> = table.columns().iter().map(strength).collect::<Result<_>>()?;
        let keep: Vec<bool> =
            strengths.iter().map(|&strength| strength > 0.0 && strength >= self.at_least).collect();
        if !keep.contains(&true) {
            let largest = strengths.iter().copied().fold(0.0, f64::max);
            return not_applicable(format!(
                "no column reaches {}; the largest absolute correlation is {largest}",
                self.at_least
            ));
        }
        Ok(FittedFeatureFilter { seen: SeenColumns::of(table), keep })
    }
}

impl FittedFeatureFilter {
    /// The numbers of the columns that are kept, in order.
    pub fn kept(&self) -> Vec<usize> {
        (0..self.keep.len()).filter(|&column| self.keep[column]).collect()
    }

    /// Drops the other columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] or [`Error::InvalidParameter`] if the table has other columns.
    pub fn apply<Y: Target>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (columns, target) = self.seen.take_apart(table)?;
        let kept = columns.into_iter().zip(&self.keep).filter(|(_, keep)| **keep).map(|(column, _)| column);
        put_together(kept.collect(), n_rows, target)
    }
}

const CORRELATED: &str = "keeping the columns correlated with the class";

fn not_applicable<T>(reason: String) -> Result<T> {
    Err(Error::NotApplicable { method: CORRELATED.into(), reason })
}

/// Pearson's correlation of a column with the class codes, over the rows where the column has a
/// value; `None` where either does not vary.
fn correlation(column: &Column, codes: &[u32], rows: &FitRows, n_rows: usize) -> Option<f64> {
    let values = column.values.to_dense(n_rows);
    let pairs = rows.ascending().iter().map(|&row| (values[row], f64::from(codes[row])));
    let pairs: Vec<(f64, f64)> = pairs.filter(|(value, _)| !value.is_nan()).collect();
    let varies = |number: fn(&(f64, f64)) -> f64| pairs.iter().any(|pair| number(pair) != number(&pairs[0]));
    if !varies(|pair| pair.0) || !varies(|pair| pair.1) {
        return None;
    }
    let mean = |number: fn(&(f64, f64)) -> f64| pairs.iter().map(number).sum::<f64>() / pairs.len() as f64;
    let (mean_x, mean_y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    Some(xy / (xx.sqrt() * yy.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{numeric, sparse, table};
    use super::*;
    use imb_core::LabelMatrix;
    use ndarray::array;

    #[test]
    fn the_largest_sums_stay_in_the_order_of_the_table() {
        let columns = vec![
            numeric("a", &[1.0, 1.0, 90.0]),
            sparse("b", &[3.0, 0.0, 0.0]),
            numeric("c", &[f64::NAN, 2.0, 0.0]),
            numeric("d", &[-5.0, 0.0, 90.0]),
            sparse("e", &[0.0, 0.0, 90.0]),
        ];
        let table = table(columns, &["x", "y", "x"]);
        let kept = |keep| LargestSums { keep }.fit(&table, &[0, 1]).expect("few enough").kept();
        assert_eq!(kept(1), [1]);
        assert_eq!(kept(2), [0, 1], "a and c both sum to 2: the first is kept");
        assert_eq!(kept(4), [0, 1, 2, 4], "sums are 2, 3, 2, -5, 0");
        let fitted = LargestSums { keep: 2 }.fit(&table, &[0, 1]).expect("few enough");
        let filtered = fitted.apply(table.clone()).expect("the same columns");
        assert_eq!(filtered, table.select_columns(&[0, 1]));
        assert!(LargestSums { keep: 0 }.fit(&table, &[0]).is_err());
        assert!(LargestSums { keep: 6 }.fit(&table, &[0]).is_err());
    }

    fn against_class() -> Table<imb_core::Labels> {
        let columns = vec![
            numeric("same", &[0.0, 0.0, 1.0, 1.0, 50.0]),
            numeric("opposite", &[3.0, 3.0, 1.0, 1.0, 50.0]),
            numeric("half", &[0.0, 1.0, 1.0, 2.0, 50.0]),
            numeric("none", &[0.0, 1.0, 0.0, 1.0, 50.0]),
            numeric("constant", &[0.1, 0.1, 0.1, 0.1, 50.0]),
            numeric("gaps", &[f64::NAN, 0.0, 1.0, f64::NAN, 50.0]),
        ];
        table(columns, &["x", "x", "y", "y", "y"])
    }

    #[test]
    fn correlation_is_pearsons_over_present_values() {
        let (table, rows) = (against_class(), FitRows::new(&[0, 1, 2, 3], 5).expect("rows"));
        let r = |column: usize| correlation(&table.columns()[column], table.target().codes(), &rows, 5);
        let expected =
            [Some(1.0), Some(-1.0), Some(std::f64::consts::FRAC_1_SQRT_2), Some(0.0), None, Some(1.0)];
        for (column, expected) in expected.into_iter().enumerate() {
            match (r(column), expected) {
                (Some(r), Some(expected)) => approx::assert_abs_diff_eq!(r, expected, epsilon = 1e-15),
                (r, expected) => assert_eq!(r, expected),
            }
        }
    }

    #[test]
    fn columns_correlated_enough_are_kept() {
        let table = against_class();
        let kept = |at_least| CorrelatedWithTarget { at_least }.fit(&table, &[0, 1, 2, 3]).map(|f| f.kept());
        assert_eq!(kept(0.7).expect("some"), [0, 1, 2, 5]);
        assert_eq!(kept(0.8).expect("some"), [0, 1, 5]);
        assert_eq!(kept(0.0).expect("some"), [0, 1, 2, 5], "no correlation is never enough");
        assert!(kept(f64::NAN).is_err());
        let one_class = CorrelatedWithTarget::default().fit(&table, &[0, 1]);
        assert!(matches!(one_class, Err(Error::NotApplicable { .. })));
        let only_none = table.select_columns(&[3]);
        let error = CorrelatedWithTarget::default().fit(&only_none, &[0, 1, 2, 3]).expect_err("none");
        assert!(error.to_string().ends_with("the largest absolute correlation is 0"), "{error}");
    }

    #[test]
    fn a_column_that_has_no_correlation_in_doubles_is_refused_and_not_dropped() {
        for (values, reason) in [([f64::INFINITY, 0.0], "data row 1"), ([1e200, -1e200], "too large")] {
            let table = table(vec![numeric("a", &values)], &["x", "y"]);
            let error =
                CorrelatedWithTarget::default().fit(&table, &[0, 1]).expect_err("no number").to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn labels_have_no_class_to_correlate_with() {
        let labels = LabelMatrix::new(array![[true], [false]], vec!["p".into()]).expect("valid");
        let table =
            Table::new(vec![numeric("a", &[0.0, 1.0])], 2).and_then(|table| table.with_target(labels));
        let fitted = CorrelatedWithTarget::default().fit(&table.expect("fits"), &[0, 1]);
        assert!(matches!(fitted, Err(Error::NotApplicable { .. })));
    }
}
