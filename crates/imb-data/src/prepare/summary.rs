//! Mean, spread and range of one column over the rows to learn from, and what is typical of it.

use imb_core::{Column, ColumnKind, Error, Result, Values};

use super::fit_rows::FitRows;

/// Statistics of the values that are present.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) mean: f64,
    /// Standard deviation with the number of values as divisor; 0 exactly if all values are equal.
    pub(super) sd: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Summary {
    /// `None` if no value is present. A sparse column costs what it holds, and gives the same bits
    /// as a dense one.
    pub(super) fn of(column: &Column, rows: &FitRows) -> Result<Option<Self>> {
        let cells: Vec<(usize, f64)> = rows.non_zero(column).collect();
        let values: Vec<f64> =
            cells.iter().map(|&(_, value)| value).filter(|value| !value.is_nan()).collect();
        if let Some(&(row, value)) = cells.iter().find(|(_, value)| value.is_infinite()) {
            return Err(Error::NotFinite { row, column: column.name.clone(), value });
        }
        let n_zero = rows.len() - cells.len();
        let n_present = n_zero + values.len();
        if n_present == 0 {
            return Ok(None);
        }
        let outer = if n_zero > 0 { (0.0, 0.0) } else { (f64::INFINITY, f64::NEG_INFINITY) };
        let (min, max) = values.iter().fold(outer, |(min, max), &value| (value.min(min), value.max(max)));
        // The mean of equal values may be off in the last digit, and then their spread is not 0.
        if min == max {
            return Ok(Some(Self { mean: min, sd: 0.0, min, max }));
        }
        let mean = values.iter().sum::<f64>() / n_present as f64;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let sd = ((squares + n_zero as f64 * mean.powi(2)) / n_present as f64).sqrt();
        if !sd.is_finite() {
            return Err(Error::NotApplicable {
                method: "scaling".into(),
                reason: format!("the numbers of column \"{}\" are too large to be squared", column.name),
            });
        }
        Ok(Some(Self { mean, sd, min, max }))
    }

    /// What to divide by: the standard deviation, or 1 where there is no spread.
    pub(super) fn scale(&self) -> f64 {
        if self.sd > 0.0 { self.sd } else { 1.0 }
    }
}

/// The category that a number in a categorical column stands for; `None` for a gap.
pub(super) fn category_of(column: &Column, row: usize) -> Result<Option<usize>> {
    let ColumnKind::Categorical(categories) = &column.kind else { return Ok(None) };
    let code = column.values.get(row);
    if code.is_nan() {
        return Ok(None);
    }
    imb_core::category_of(code, categories.len()).map(Some).ok_or_else(|| {
        Error::invalid_parameter(
            format!("data row {} of categorical column \"{}\"", row + 1, column.name),
            format!("a whole number below its number of categories, {}", categories.len()),
            code,
        )
    })
}

/// The mean of a column in the training rows, rounded for whole numbers, or its most frequent category.
pub(super) fn typical(column: &Column, summary: Summary, rows: &FitRows) -> Result<f64> {
    let ColumnKind::Categorical(categories) = &column.kind else {
        let is_whole = column.kind == ColumnKind::Integer;
        return Ok(if is_whole { summary.mean.round() } else { summary.mean });
    };
    for &row in rows.ascending() {
        category_of(column, row)?;
    }
    let codes = rows.ascending().iter().map(|&row| column.values.get(row));
    let present: Vec<f64> = codes.filter(|code| !code.is_nan()).collect();
    Ok(most_frequent(&present, categories.len()))
}

/// What is said of a column without a value in the training rows.
pub(super) fn empty(method: &str, column: &Column, remedy: &str) -> Error {
    Error::NotApplicable {
        method: method.into(),
        reason: format!("column \"{}\" has no value in the training rows: {remedy}", column.name),
    }
}

/// The most frequent of some codes; of equally frequent ones that which comes first.
pub(super) fn most_frequent(codes: &[f64], n_categories: usize) -> f64 {
    let mut counts = vec![0; n_categories];
    codes.iter().for_each(|&code| counts[code as usize] += 1);
    let most = counts.iter().copied().max().unwrap_or(0);
    codes.iter().copied().find(|&code| counts[code as usize] == most).unwrap_or(f64::NAN)
}

/// Fills a gap. In a sparse column gaps are among the cells that are held.
pub(super) fn set_gap(values: &mut Values, row: usize, value: f64) {
    match values {
        Values::Dense(values) => values[row] = value,
        Values::Sparse { rows, values } => {
            let held = u32::try_from(row).ok().and_then(|row| rows.binary_search(&row).ok());
            if let Some(place) = held {
                values[place] = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, numeric, sparse};
    use super::*;

    fn summary(column: &Column, rows: &[usize]) -> Result<Option<Summary>> {
        Summary::of(column, &FitRows::new(rows, 5).expect("rows of the column"))
    }

    #[test]
    fn present_values_of_the_given_rows_count() {
        let values = [0.0, 3.0, f64::NAN, 6.0, 1000.0];
        let expected = Summary { mean: 3.0, sd: 6.0_f64.sqrt(), min: 0.0, max: 6.0 };
        for column in [numeric("a", &values), sparse("a", &values)] {
            assert_eq!(summary(&column, &[0, 1, 2, 3]).expect("finite"), Some(expected));
            assert_eq!(summary(&column, &[2]).expect("finite"), None);
        }
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        let tenths = summary(&numeric("a", &[0.1; 5]), &[0, 1, 2]).expect("finite").expect("present");
        assert_eq!((tenths.mean, tenths.sd), (0.1, 0.0));
    }

    #[test]
    fn numbers_that_leave_the_range_are_refused() {
        let column = numeric("a", &[1.0, f64::INFINITY, 1e300, -1e300, 0.0]);
        assert!(matches!(summary(&column, &[0, 1]), Err(Error::NotFinite { row: 1, .. })));
        assert!(matches!(summary(&column, &[2, 3]), Err(Error::NotApplicable { .. })));
        assert!(summary(&column, &[0, 4]).is_ok(), "other rows do not matter");
    }

    #[test]
    fn codes_must_be_categories() {
        let column = categorical("a", &["p", "q"], &[1.0, f64::NAN, 2.0, 0.5, -1.0]);
        let category = |row| category_of(&column, row);
        assert_eq!(category(0).expect("q"), Some(1));
        assert_eq!(category(1).expect("a gap"), None);
        assert!((2..5).all(|row| category(row).is_err()));
    }
}
