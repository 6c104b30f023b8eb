//! Fills each gap with what the nearest training rows have there.
//!
//! The distance of two rows is that of their standardised columns (training mean and standard
//! deviation, divisor n), over the columns that both have, scaled up to all columns:
//! `d² = n_columns / n_common · Σ (a − b)²`. Two different categories are 1 apart in the squared sum.
//! The donors for a gap are the training rows that have the column; the `k` nearest of them give
//!
//! - a numeric column the mean of their original values,
//! - an integer column that mean, rounded, halves away from zero,
//! - a categorical column the most frequent of their categories, the nearer donor's on a tie.
//!
//! Of donors at one distance the one with the lower row number comes first. A donor must share a
//! column with the row that is filled; where none does, the training rows give their mean, rounded for
//! whole numbers, or their most frequent category, the first to occur on a tie.
//!
//! With numeric columns this is what scikit-learn's `KNNImputer` does after its `StandardScaler`,
//! except that the result is in original units. The search is exact. Rows with gaps in the same
//! columns are searched for together, so that no matrix of all distances is ever held: memory is that
//! of the training rows, one number a column and one a category.
//!
//! Troyanskaya, Cantor, Sherlock, Brown, Hastie, Tibshirani, Botstein and Altman: Missing value
//! estimation methods for DNA microarrays. Bioinformatics 17 (2001), doi:10.1093/bioinformatics/17.6.520.

use imb_core::{Column, ColumnKind, Error, Result, Table, Target};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::donors::{Coordinate, Donors, RowsWithGaps};
use super::fit_rows::{FitRows, SeenColumns, put_together};
use super::summary::{Summary, empty, most_frequent, set_gap, typical};

/// Fills gaps from the nearest training rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnnImputer {
    /// How many donors a gap is filled from; fewer where there are not so many.
    pub k: usize,
    /// What to do about a column without a single value in the training rows.
    pub empty_columns: EmptyColumns,
}

/// What to do about a column without a single value in the training rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyColumns {
    /// Refuse, naming the column.
    #[default]
    Error,
    /// Leave the column out of every row.
    Drop,
}

/// The training rows to fill gaps from.
#[derive(Clone, Debug)]
pub struct FittedKnnImputer {
    k: usize,
    seen: SeenColumns,
    /// Which of the columns seen have a value in the training rows.
    keep: Vec<bool>,
    /// Those columns, training rows only.
    donors: Vec<Column>,
    n_donors: usize,
    axes: Vec<Coordinate>,
    /// Mean or most frequent category of each of those columns.
    typical: Vec<f64>,
}

/// Two donors, as in the comparison of AO and DO with other methods.
impl Default for KnnImputer {
    fn default() -> Self {
        Self { k: 2, empty_columns: EmptyColumns::Error }
    }
}

const METHOD: &str = "k-nearest-neighbour imputation";

impl KnnImputer {
    /// Takes these rows as donors, and their means and deviations as scales.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if `k` is 0, for a number that is no category and for rows that
    /// are not there; [`Error::LengthMismatch`] for no rows; [`Error::NotApplicable`] for a column
    /// without a value in these rows (see [`EmptyColumns`]) and for numbers too large to be squared;
    /// [`Error::NotFinite`] for an infinite number in these rows.
    pub fn fit<Y: Target>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedKnnImputer> {
        if self.k == 0 {
            return Err(Error::invalid_parameter("k", "at least 1", 0));
        }
        let rows = FitRows::new(rows, table.n_rows())?;
        let mut fitted = FittedKnnImputer {
            k: self.k,
            seen: SeenColumns::of(table),
            keep: vec![],
            donors: vec![],
            n_donors: rows.len(),
            axes: vec![],
            typical: vec![],
        };
        for column in table.columns() {
            let summary = Summary::of(column, &rows)?;
            fitted.keep.push(summary.is_some());
            match summary {
                Some(summary) => fitted.push(column, summary, &rows)?,
                None if self.empty_columns == EmptyColumns::Drop => {}
                None => return Err(empty(METHOD, column, "leave it out, or set empty_columns = \"drop\"")),
            }
        }
        Ok(fitted)
    }
}

impl FittedKnnImputer {
    /// Fills the gaps of every row. Training rows are filled from other training rows: a row with a
    /// gap is no donor for it.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] or [`Error::InvalidParameter`] if the table has other columns or a
    /// number that is no category; [`Error::NotFinite`] for an infinite number in a row with gaps.
    pub fn apply<Y: Target>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (columns, target) = self.seen.take_apart(table)?;
        let kept = columns.into_iter().zip(&self.keep).filter(|(_, keep)| **keep);
        let mut columns: Vec<Column> = kept.map(|(column, _)| column).collect();
        let gaps = RowsWithGaps::by_columns(&columns);
        if !gaps.is_empty() {
            let donors = Donors::new(&self.donors, self.n_donors, &self.axes)?;
            let fill = |gaps: &RowsWithGaps| self.fill(gaps, &columns, &donors);
            let fills = gaps.par_iter().map(fill).collect::<Result<Vec<_>>>()?;
            for fill in fills.into_iter().flatten() {
                set_gap(&mut columns[fill.column].values, fill.row, fill.value);
            }
        }
        put_together(columns, n_rows, target)
    }

    fn push(&mut self, column: &Column, summary: Summary, rows: &FitRows) -> Result<()> {
        let number = self.donors.len();
        if let ColumnKind::Categorical(categories) = &column.kind {
            self.axes.extend((0..categories.len()).map(|category| Coordinate::category(number, category)));
        } else {
            self.axes.push(Coordinate::number(number, summary.mean, summary.scale()));
        }
        self.typical.push(typical(column, summary, rows)?);
        self.donors.push(Column { values: column.values.select(rows.ascending()), ..column.clone() });
        Ok(())
    }

    fn fill(&self, gaps: &RowsWithGaps, columns: &[Column], donors: &Donors<'_>) -> Result<Vec<Fill>> {
        let nearest = donors.nearest(gaps, columns, self.k)?;
        let mut fills = Vec::with_capacity(gaps.rows.len() * gaps.columns.len());
        for (&column, nearest) in gaps.columns.iter().zip(&nearest) {
            for (&row, nearest) in gaps.rows.iter().zip(nearest) {
                fills.push(Fill { row, column, value: self.value(column, nearest) });
            }
        }
        Ok(fills)
    }

    /// What these donors, nearest first, give the column.
    fn value(&self, column: usize, nearest: &[(f64, usize)]) -> f64 {
        if nearest.is_empty() {
            return self.typical[column];
        }
        let donors = &self.donors[column];
        let values: Vec<f64> = nearest.iter().map(|&(_, donor)| donors.values.get(donor)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        match &donors.kind {
            ColumnKind::Numeric => mean,
            ColumnKind::Integer => mean.round(),
            ColumnKind::Categorical(categories) => most_frequent(&values, categories.len()),
        }
    }
}

struct Fill {
    row: usize,
    column: usize,
    value: f64,
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, cells, integer, numeric, sparse, table};
    use super::*;
    use imb_core::{Labels, Values};

    const NAN: f64 = f64::NAN;

    fn of(columns: Vec<Column>) -> Table<Labels> {
        let classes = vec!["x"; columns[0].values.to_dense(5).len()];
        table(columns, &classes)
    }

    fn imputed(columns: Vec<Column>, k: usize, rows: &[usize]) -> Table<Labels> {
        let table = of(columns);
        let step = KnnImputer { k, ..KnnImputer::default() };
        step.fit(&table, rows).and_then(|fitted| fitted.apply(table)).expect("can be filled")
    }

    #[test]
    fn a_gap_takes_the_mean_of_the_nearest_training_rows() {
        // Row 4 is nearest of all to row 0, but is no training row.
        let a = numeric("a", &[NAN, 10.0, 20.0, 70.0, 1000.0]);
        let b = numeric("b", &[5.0, 4.0, 7.0, 9.0, 5.0]);
        let filled = imputed(vec![a.clone(), b.clone()], 2, &[0, 1, 2, 3]);
        assert_eq!(cells(&filled, "a")[0], Some(15.0));
        assert_eq!(cells(&filled, "b"), [5.0, 4.0, 7.0, 9.0, 5.0].map(Some), "nothing else moves");
        let filled = imputed(vec![a, b], 9, &[0, 1, 2, 3]);
        assert_eq!(cells(&filled, "a")[0], Some(100.0 / 3.0), "there are three donors only");
    }

    #[test]
    fn columns_count_alike_whatever_their_unit() {
        // In standard deviations row 1 is nearer, in units row 2.
        let a = numeric("a", &[NAN, 1.0, 2.0, 0.0, 0.0]);
        let b = numeric("b", &[0.0, 300.0, 0.0, 1000.0, -1000.0]);
        let c = numeric("c", &[0.0, 0.0, 5.0, 1.0, -1.0]);
        let filled = imputed(vec![a, b, c], 1, &[0, 1, 2, 3, 4]);
        assert_eq!(cells(&filled, "a")[0], Some(1.0));
    }

    #[test]
    fn ties_go_to_the_lower_row() {
        let a = numeric("a", &[1.0, 2.0, NAN, 4.0]);
        let b = numeric("b", &[1.0, 0.0, 0.5, 0.0]);
        assert_eq!(cells(&imputed(vec![a, b], 1, &[3, 2, 1, 0]), "a")[2], Some(1.0));
    }

    #[test]
    fn a_row_without_any_value_takes_the_training_means() {
        let a = numeric("a", &[1.0, 2.0, NAN, 900.0]);
        let b = integer("b", &[1.0, 2.0, NAN, 900.0]);
        let c = categorical("c", &["p", "q"], &[1.0, 1.0, NAN, 0.0]);
        let filled = imputed(vec![a, b, c], 2, &[0, 1]);
        assert_eq!(
            [cells(&filled, "a")[2], cells(&filled, "b")[2], cells(&filled, "c")[2]],
            [Some(1.5), Some(2.0), Some(1.0)]
        );
    }

    #[test]
    fn whole_numbers_stay_whole_and_categories_are_not_averaged() {
        let a = numeric("a", &[0.0, 1.0, 2.0, 40.0, 0.4]);
        let b = integer("b", &[-2.0, -3.0, 5.0, 7.0, NAN]);
        let c = categorical("c", &["p", "q", "r"], &[2.0, 0.0, 0.0, 1.0, NAN]);
        let filled = imputed(vec![a.clone(), b, c.clone()], 2, &[0, 1, 2, 3]);
        assert_eq!(cells(&filled, "b")[4], Some(-3.0), "-2.5 is rounded away from zero");
        assert_eq!(cells(&filled, "c")[4], Some(2.0), "one vote each: the nearer donor's");
        let filled = imputed(vec![a, c], 3, &[0, 1, 2, 3]);
        assert_eq!(cells(&filled, "c")[4], Some(0.0), "two votes of three");
    }

    #[test]
    fn sparse_columns_are_filled_and_stay_sparse() {
        let (a, b) = ([0.0, 3.0, NAN, 0.0], [0.0, 8.0, 7.0, 1.0]);
        let dense = imputed(vec![numeric("b", &b), numeric("a", &a)], 1, &[0, 1, 2, 3]);
        let packed = imputed(vec![numeric("b", &b), sparse("a", &a)], 1, &[0, 1, 2, 3]);
        assert_eq!(cells(&packed, "a"), [0.0, 3.0, 3.0, 0.0].map(Some));
        assert_eq!(cells(&packed, "a"), cells(&dense, "a"));
        assert!(matches!(packed.columns()[1].values, Values::Sparse { .. }));
    }

    #[test]
    fn a_column_without_values_is_refused_or_dropped() {
        let table = of(vec![numeric("a", &[NAN, NAN, 3.0]), numeric("b", &[1.0, NAN, 3.0])]);
        let error = KnnImputer::default().fit(&table, &[0, 1]).expect_err("a is empty");
        assert!(error.to_string().contains("column \"a\" has no value in the training rows"), "{error}");
        let dropping = KnnImputer { empty_columns: EmptyColumns::Drop, ..KnnImputer::default() };
        let filled =
            dropping.fit(&table, &[0, 1]).and_then(|fitted| fitted.apply(table)).expect("b is there");
        assert_eq!(filled.n_columns(), 1);
        assert_eq!(cells(&filled, "b"), [Some(1.0), Some(1.0), Some(3.0)]);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let infinite = of(vec![numeric("a", &[1.0, f64::INFINITY, 0.0]), numeric("b", &[1.0, NAN, 2.0])]);
        assert!(KnnImputer { k: 0, ..KnnImputer::default() }.fit(&infinite, &[0]).is_err());
        assert!(KnnImputer::default().fit(&infinite, &[0, 1]).is_err());
        let fitted = KnnImputer::default().fit(&infinite, &[0, 2]).expect("row 1 is not looked at");
        assert!(matches!(fitted.apply(infinite), Err(Error::NotFinite { row: 1, .. })));
        let codes = of(vec![categorical("a", &["p"], &[0.0, 2.0])]);
        assert!(KnnImputer::default().fit(&codes, &[0, 1]).is_err());
    }
}
