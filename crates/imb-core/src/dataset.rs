//! The input of a method: a dense matrix of finite numbers with its targets.

use std::sync::Arc;

use ndarray::{ArcArray2, Array2, ArrayView1, ArrayView2, Axis};

use crate::{ColumnKind, Error, Result, Target, category_of};

/// A feature column: its name and what its numbers mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The column's name.
    pub name: String,
    /// What its numbers mean.
    pub kind: ColumnKind,
}

/// Rows ready to be resampled or fitted: finite numbers and one target per row.
///
/// The constructor checks everything once, so that methods need not check again. Clones share the
/// numbers, so binary relevance over many labels copies none.
///
/// ```
/// use imb_core::{Dataset, Labels};
/// use ndarray::array;
///
/// let rows = Dataset::unnamed(array![[0.5, 1.0], [2.0, 3.0]], Labels::from_texts(&["rare", "often"]))?;
/// assert_eq!((rows.n_rows(), rows.n_features()), (2, 2));
/// assert_eq!(rows.features()[1].name, "column_2");
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<Y> {
    features: Arc<[Feature]>,
    x: ArcArray2<f64>,
    y: Y,
    weights: Option<Vec<f64>>,
    groups: Option<Vec<u64>>,
}

/// Refuses categorical columns, for a method that computes between the values of a column.
///
/// # Errors
/// [`Error::NotApplicable`] with the first such column.
pub fn require_numbers(method: &str, features: &[Feature]) -> Result<()> {
    match features.iter().find(|feature| matches!(feature.kind, ColumnKind::Categorical(_))) {
        None => Ok(()),
        Some(Feature { name, .. }) => Err(Error::NotApplicable {
            method: method.to_owned(),
            reason: format!(
                "column \"{name}\" holds categories, between which nothing can be computed: encode them as numbers first"
            ),
        }),
    }
}

/// Refuses a number that no category has; a number that is not finite is named elsewhere.
fn require_categories(feature: &Feature, column: ArrayView1<'_, f64>) -> Result<()> {
    let ColumnKind::Categorical(names) = &feature.kind else { return Ok(()) };
    let is_code = |value: f64| !value.is_finite() || category_of(value, names.len()).is_some();
    match column.iter().position(|value| !is_code(*value)) {
        None => Ok(()),
        Some(row) => Err(Error::invalid_parameter(
            format!("data row {} of categorical column \"{}\"", row + 1, feature.name),
            format!("a whole number below its number of categories, {}", names.len()),
            column[row],
        )),
    }
}

impl<Y: Target> Dataset<Y> {
    /// Makes a data set of rows `x`, `(n_rows, n_features)`, with one feature per column and one target per row.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the numbers of features, rows and targets do not fit, or there is no
    /// row or no column; [`Error::NotFinite`], with row and column name, for a missing or infinite number;
    /// [`Error::InvalidParameter`] for a number in a categorical column that is not the number of a category.
    pub fn new(features: impl Into<Arc<[Feature]>>, x: Array2<f64>, y: Y) -> Result<Self> {
        let data = Self::of_finite(features.into(), x, y)?;
        if !all_finite(data.x()) {
            let culprit = data.x.indexed_iter().find(|(_, value)| !value.is_finite());
            let ((row, column), &value) = culprit.expect("one is not finite");
            return Err(Error::NotFinite { row, column: data.features[column].name.clone(), value });
        }
        Ok(data)
    }

    /// Like [`new`](Self::new), for numbers that are known to be finite.
    pub(crate) fn of_finite(features: Arc<[Feature]>, x: Array2<f64>, y: Y) -> Result<Self> {
        let mismatch =
            |what: &str, expected, found| Err(Error::LengthMismatch { what: what.into(), expected, found });
        if x.is_empty() {
            return mismatch("rows and columns of a data set, at least", 1, 0);
        }
        if features.len() != x.ncols() {
            return mismatch("features", x.ncols(), features.len());
        }
        if y.n_rows() != x.nrows() {
            return mismatch("rows of the target", x.nrows(), y.n_rows());
        }
        features
            .iter()
            .zip(x.columns())
            .try_for_each(|(feature, column)| require_categories(feature, column))?;
        Ok(Self { features, x: x.into_shared(), y, weights: None, groups: None })
    }

    /// Makes a data set whose features are numeric and named `column_1`, `column_2`, ….
    ///
    /// # Errors
    /// Those of [`Dataset::new`].
    pub fn unnamed(x: Array2<f64>, y: Y) -> Result<Self> {
        let features: Vec<Feature> = (1..=x.ncols())
            .map(|number| Feature { name: format!("column_{number}"), kind: ColumnKind::Numeric })
            .collect();
        Self::new(features, x, y)
    }

    /// Gives each row a weight. Resampling passes it on to new rows.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there is one weight per row; [`Error::InvalidParameter`] if
    /// a weight is negative or not finite.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self> {
        self.require_one_per_row("weights", weights.len())?;
        if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            return Err(Error::invalid_parameter("weights", "finite and not negative", weight));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// Gives each row a group, such as the patient it comes from.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there is one group per row.
    pub fn with_groups(mut self, groups: Vec<u64>) -> Result<Self> {
        self.require_one_per_row("groups", groups.len())?;
        self.groups = Some(groups);
        Ok(self)
    }

    /// The same rows with other targets, such as one label of several. The numbers are shared.
    ///
    /// ```
    /// use imb_core::{Dataset, LabelMatrix, Labels};
    /// use ndarray::array;
    ///
    /// let y = LabelMatrix::new(array![[true], [false]], vec!["red".into()])?;
    /// let rows = Dataset::unnamed(array![[1.0], [2.0]], y)?;
    /// let red = rows.with_targets(Labels::new(vec![1, 0], vec!["0".into(), "1".into()])?)?;
    /// assert_eq!(red.y().counts(), [1, 1]);
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there is one target per row.
    pub fn with_targets<Z: Target>(&self, y: Z) -> Result<Dataset<Z>> {
        self.require_one_per_row("rows of the target", y.n_rows())?;
        let Self { features, x, weights, groups, .. } = self.clone();
        Ok(Dataset { features, x, y, weights, groups })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.x.nrows()
    }

    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.x.ncols()
    }

    /// The features, by column.
    pub fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    /// The numbers, `(n_rows, n_features)`.
    pub fn x(&self) -> ArrayView2<'_, f64> {
        self.x.view()
    }

    /// The targets.
    pub fn y(&self) -> &Y {
        &self.y
    }

    /// The weight of each row, if rows are weighted.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The group of each row, if rows are grouped.
    pub fn groups(&self) -> Option<&[u64]> {
        self.groups.as_deref()
    }

    /// These rows, in this order; a row may be selected more than once.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if no row is selected.
    ///
    /// # Panics
    /// If a row number is not below the number of rows.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        let x = self.x.select(Axis(0), rows);
        let mut selected = Self::of_finite(self.features.clone(), x, self.y.select(rows))?;
        selected.weights = self.weights.as_ref().map(|all| rows.iter().map(|&row| all[row]).collect());
        selected.groups = self.groups.as_ref().map(|all| rows.iter().map(|&row| all[row]).collect());
        Ok(selected)
    }

    fn require_one_per_row(&self, what: &str, found: usize) -> Result<()> {
        let expected = self.n_rows();
        if found == expected {
            return Ok(());
        }
        Err(Error::LengthMismatch { what: what.into(), expected, found })
    }
}

/// Whether every number is finite. Numbers are checked in blocks, without a branch for each, because
/// data sets are large and made often.
pub(crate) fn all_finite(x: ArrayView2<'_, f64>) -> bool {
    const BLOCK: usize = 1024;
    let finite = |block: &[f64]| block.iter().fold(true, |finite, value| finite & value.is_finite());
    match x.as_slice_memory_order() {
        Some(numbers) => numbers.chunks(BLOCK).all(finite),
        None => x.iter().all(|value| value.is_finite()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;
    use ndarray::array;

    fn labels() -> Labels {
        Labels::from_texts(&["a", "b"])
    }

    #[test]
    fn a_number_that_no_category_has_is_refused() {
        let kind = ColumnKind::Categorical(["a", "b"].map(String::from).to_vec());
        let of = |code: f64| {
            let feature = Feature { name: "kind".into(), kind: kind.clone() };
            Dataset::new(vec![feature], array![[0.0], [code]], Labels::from_texts(&["x", "y"]))
        };
        assert!(of(1.0).is_ok());
        for code in [2.0, -1.0, 0.5] {
            let error = of(code).expect_err("no category").to_string();
            assert!(error.starts_with("data row 2 of categorical column \"kind\" must be"), "{error}");
        }
        assert!(matches!(of(f64::NAN), Err(Error::NotFinite { row: 1, .. })));
    }

    #[test]
    fn categories_are_refused_by_name() {
        let feature = |name: &str, kind| Feature { name: name.into(), kind };
        let whole = feature("age", ColumnKind::Integer);
        let text = feature("sex", ColumnKind::Categorical(vec!["a".into()]));
        assert!(require_numbers("smote", std::slice::from_ref(&whole)).is_ok());
        let error = require_numbers("smote", &[whole, text]).expect_err("a category").to_string();
        assert!(error.starts_with("smote does not apply: column \"sex\" holds categories"), "{error}");
    }

    #[test]
    fn a_gap_is_named_by_row_and_column() {
        let error = Dataset::unnamed(array![[1.0, 2.0], [3.0, f64::NAN]], labels()).expect_err("gap");
        assert_eq!(error.to_string(), "data row 2 of column \"column_2\" is NaN: impute or drop it first");
        let error = Error::NotFinite { row: 2, column: "x".into(), value: 1e39 }.to_string();
        assert!(
            error.starts_with("data row 3 of column \"x\" is 1e39: that is beyond single precision"),
            "{error}"
        );
    }

    #[test]
    fn lengths_must_agree() {
        assert!(Dataset::unnamed(array![[1.0]], labels()).is_err());
        assert!(Dataset::unnamed(Array2::zeros((0, 3)), Labels::from_texts::<&str>(&[])).is_err());
        let data = Dataset::unnamed(array![[1.0], [2.0]], labels()).expect("valid");
        assert!(data.clone().with_weights(vec![1.0]).is_err());
        assert!(data.clone().with_weights(vec![1.0, -1.0]).is_err());
        assert!(data.with_groups(vec![1]).is_err());
    }

    #[test]
    fn weights_and_groups_follow_their_rows() {
        let data = Dataset::unnamed(array![[1.0], [2.0]], labels())
            .and_then(|data| data.with_weights(vec![0.5, 2.0]))
            .and_then(|data| data.with_groups(vec![7, 8]))
            .and_then(|data| data.select(&[1, 1, 0]))
            .expect("valid");
        assert_eq!(data.weights(), Some([2.0, 2.0, 0.5].as_slice()));
        assert_eq!(data.groups(), Some([8, 8, 7].as_slice()));
        assert_eq!(data.y().codes(), [1, 1, 0]);
    }
}
