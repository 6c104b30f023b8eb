//! What a multi-label method needs of its base learner: many targets over the same rows.
//!
//! Binary relevance, chains and label sets fit one classifier after the other on the same features. What
//! depends on the features alone, sorted columns or rows without their zeros, is made once, in
//! [`SharedRows`], and every [`Problem`] says which rows and columns it uses and how they are labelled.
//!
//! ```
//! use imb_classify::{BaseLearner, BaseModel, C45, Problem, SharedRows};
//! use imb_core::{Dataset, LabelMatrix, Run, Seed};
//! use ndarray::array;
//!
//! let on = array![[false, true], [false, true], [true, true], [true, false]];
//! let labels = LabelMatrix::new(on, vec!["red".into(), "round".into()])?;
//! let data = Dataset::unnamed(array![[1.0], [2.0], [3.0], [4.0]], labels)?;
//! let rows = SharedRows::of(&data);
//! let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
//! let mut run = Run::new(&mut rng, &mut nobody);
//! for label in data.y().view().columns() {
//!     let codes: Vec<u32> = label.iter().map(|&on| u32::from(on)).collect();
//!     let problem = Problem { rows: &[0, 1, 2, 3], codes: &codes, n_classes: 2, columns: None };
//!     let model = C45::default().fit_problem(&rows, &problem, &mut run)?;
//!     assert_eq!(model.scores(&rows)?.dim(), (4, 2));
//! }
//! # Ok::<(), imb_core::Error>(())
//! ```

use std::borrow::Cow;
use std::sync::OnceLock;

use imb_core::{
    ColumnKind, Dataset, Error, Feature, Labels, Predict, Prediction, Result, Run, Target, Train, category_of,
};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::sorted_columns::SortedColumns;
use crate::sparse_rows::SparseRows;

/// Rows are numbered in 32 bits; this leaves room for their repetitions.
const MOST_ROWS: f64 = 1e8;

/// Learns any classification of rows that several problems share.
pub trait BaseLearner: Send + Sync {
    /// What it learns.
    type Model: BaseModel + 'static;

    /// Fits a model to the rows of one problem.
    ///
    /// # Errors
    /// As the learner says; [`Error::LengthMismatch`] for a problem without rows, or with more or fewer classes
    /// than rows;
    /// [`Error::InvalidParameter`] for a row, column or class that does not exist;
    /// [`Error::NotFinite`] if a number is missing.
    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Self::Model>;
}

/// What a [`BaseLearner`] learned.
pub trait BaseModel: std::fmt::Debug + Send + Sync {
    /// One score a class, higher is likelier, `(n_rows, n_classes)`. The first class with the highest
    /// score is the predicted one. Only columns that the problem named are read.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the rows have another number of features than the training rows;
    /// [`Error::NotFinite`] if a number is missing or infinite.
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>>;
}

impl BaseModel for Box<dyn BaseModel> {
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>> {
        self.as_ref().scores(rows)
    }
}

/// Rows to learn from or to predict, with what the learners derive from them, made at first need.
#[derive(Debug)]
pub struct SharedRows<'a> {
    features: &'a [Feature],
    x: ArrayView2<'a, f64>,
    /// The place of a number that is not finite, if there is one.
    not_finite: OnceLock<Option<(usize, usize)>>,
    columns: OnceLock<SortedColumns>,
    sparse: OnceLock<SparseRows>,
}

impl<'a> SharedRows<'a> {
    /// Rows `x`, `(n_rows, n_features)`, with a feature a column.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if there is not one feature a column.
    pub fn new(features: &'a [Feature], x: ArrayView2<'a, f64>) -> Result<Self> {
        require_features(features.len(), x.ncols())?;
        let (not_finite, columns, sparse) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { features, x, not_finite, columns, sparse })
    }

    /// The rows of a data set.
    pub fn of<Y: Target>(data: &'a Dataset<Y>) -> Self {
        let rows = Self::new(data.features(), data.x()).expect("a data set has one feature a column");
        rows.known_finite()
    }

    /// The same rows, whose numbers are known to be finite: they are not looked through.
    pub(crate) fn known_finite(self) -> Self {
        Self { not_finite: OnceLock::from(None), ..self }
    }

    /// The features, by column.
    pub fn features(&self) -> &'a [Feature] {
        self.features
    }

    /// The numbers, `(n_rows, n_features)`.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        self.x
    }

    /// Refuses a number that is missing or infinite.
    pub(crate) fn require_finite(&self) -> Result<()> {
        let find = || self.x.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(place, _)| place);
        match *self.not_finite.get_or_init(find) {
            None => Ok(()),
            Some((row, column)) => {
                let (name, value) = (self.features[column].name.clone(), self.x[[row, column]]);
                Err(Error::NotFinite { row, column: name, value })
            }
        }
    }

    pub(crate) fn sorted_columns(&self) -> &SortedColumns {
        self.columns.get_or_init(|| SortedColumns::new(self.sparse_rows()))
    }

    pub(crate) fn sparse_rows(&self) -> &SparseRows {
        self.sparse.get_or_init(|| SparseRows::new(self.x))
    }
}

/// One classification of shared rows.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The numbers of the rows to learn from. A row may be named more than once, as in a bootstrap.
    pub rows: &'a [usize],
    /// The class of each of these rows, below `n_classes`.
    pub codes: &'a [u32],
    /// The number of classes; one may have no row.
    pub n_classes: usize,
    /// The columns to learn from, where ties go to the first; none means all.
    pub columns: Option<&'a [usize]>,
}

impl Problem<'_> {
    pub(crate) fn check(&self, rows: &SharedRows<'_>) -> Result<()> {
        let mismatch =
            |what: &str, expected, found| Error::LengthMismatch { what: what.into(), expected, found };
        if self.rows.is_empty() {
            return Err(mismatch("rows of a problem, at least", 1, 0));
        }
        if self.codes.len() != self.rows.len() {
            return Err(mismatch("classes of a problem's rows", self.rows.len(), self.codes.len()));
        }
        require_below("row of a problem", self.rows.iter().copied(), rows.x.nrows())?;
        require_below("class of a problem", self.codes.iter().map(|&code| code as usize), self.n_classes)?;
        rows.require_finite()?;
        // The numbers of a matrix are counted in 32 bits.
        let n_cells = self.rows.len().max(rows.x.nrows()).saturating_mul(rows.x.ncols());
        if u32::try_from(n_cells).is_err() {
            return Err(Error::invalid_parameter(
                "rows times columns",
                "below 4294967296: take fewer rows",
                n_cells,
            ));
        }
        let columns = self.columns.unwrap_or_default();
        require_below("column of a problem", columns.iter().copied(), rows.x.ncols())?;
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            None => Ok(()),
            Some(pair) => Err(Error::invalid_parameter("column of a problem", "named once", pair[0])),
        }
    }

    /// The sorted columns of these rows and columns alone.
    pub(crate) fn sorted_columns<'r>(&self, rows: &'r SharedRows<'_>) -> Cow<'r, SortedColumns> {
        let mut columns = Cow::Borrowed(rows.sorted_columns());
        if let Some(selected) = self.columns {
            columns = Cow::Owned(columns.select_columns(selected));
        }
        if !self.rows.iter().copied().eq(0..rows.x.nrows()) {
            let numbers: Vec<u32> = self.rows.iter().map(|&row| row as u32).collect();
            columns = Cow::Owned(columns.select_rows(&numbers));
        }
        columns
    }

    /// The shared rows, of which the columns of the problem are left.
    pub(crate) fn sparse_rows<'r>(&self, rows: &'r SharedRows<'_>) -> Cow<'r, SparseRows> {
        match self.columns {
            None => Cow::Borrowed(rows.sparse_rows()),
            Some(columns) => Cow::Owned(rows.sparse_rows().keep_columns(columns)),
        }
    }

    /// The number of categories of each column of the problem; none for a numeric one.
    pub(crate) fn n_categories(
        &self,
        rows: &SharedRows<'_>,
        columns: &SortedColumns,
    ) -> Result<Vec<Option<usize>>> {
        let feature = |place: usize| &rows.features[self.columns.map_or(place, |columns| columns[place])];
        let n_categories = |place: usize| {
            let ColumnKind::Categorical(names) = &feature(place).kind else { return Ok(None) };
            let values = &columns.values()[columns.bins_of(place)];
            match values.iter().find(|value| category_of(**value, names.len()).is_none()) {
                None => Ok(Some(names.len())),
                Some(value) => {
                    let requirement = format!("the number of a category, below {}", names.len());
                    Err(Error::invalid_parameter(
                        format!("column \"{}\"", feature(place).name),
                        requirement,
                        value,
                    ))
                }
            }
        };
        (0..columns.n_columns()).map(n_categories).collect()
    }
}

/// Fits all rows of a data set. A row counts as often as its weight says.
pub(crate) fn fit_labels(
    learner: &impl BaseLearner,
    train: &Train<Labels>,
    run: &mut Run<'_, Labels>,
) -> Result<Box<dyn Predict<Labels>>> {
    let model = with_all_rows(&train.rows, |rows, problem| learner.fit_problem(rows, problem, run))?;
    Ok(Box::new(LabelsModel::new(&train.rows, model)))
}

/// Fits all rows of a data set, without anybody watching.
pub(crate) fn fit_unwatched<T>(
    data: &Dataset<Labels>,
    fit: impl FnOnce(&SharedRows<'_>, &Problem<'_>, &mut Run<'_, Labels>) -> Result<T>,
) -> Result<T> {
    let (mut rng, mut nobody) = (imb_core::Seed::new(0).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    with_all_rows(data, |rows, problem| fit(rows, problem, &mut run))
}

/// Makes one problem of all rows of a data set. A row counts as often as its weight says.
pub(crate) fn with_all_rows<T>(
    data: &Dataset<Labels>,
    fit: impl FnOnce(&SharedRows<'_>, &Problem<'_>) -> Result<T>,
) -> Result<T> {
    let (rows, labels) = (repeated_rows(data)?, data.y());
    let codes: Vec<u32> = rows.iter().map(|&row| labels.codes()[row]).collect();
    let problem = Problem { rows: &rows, codes: &codes, n_classes: labels.classes().len(), columns: None };
    fit(&SharedRows::of(data), &problem)
}

/// Each row as often as its weight says.
fn repeated_rows(data: &Dataset<Labels>) -> Result<Vec<usize>> {
    let Some(weights) = data.weights() else { return Ok((0..data.n_rows()).collect()) };
    if let Some(weight) = weights.iter().find(|weight| weight.fract() != 0.0) {
        return Err(Error::invalid_parameter(
            "row weight",
            "a whole number, as it says how often the row counts",
            weight,
        ));
    }
    let n_rows = weights.iter().sum::<f64>();
    if n_rows > MOST_ROWS {
        return Err(Error::invalid_parameter(
            "the sum of the row weights",
            format!("at most {MOST_ROWS}"),
            n_rows,
        ));
    }
    let repeated = |(row, &weight): (usize, &f64)| std::iter::repeat_n(row, weight as usize);
    Ok(weights.iter().enumerate().flat_map(repeated).collect())
}

/// A base model that knows the names of its classes.
pub(crate) struct LabelsModel<M> {
    features: std::sync::Arc<[Feature]>,
    classes: Vec<String>,
    model: M,
}

impl<M> LabelsModel<M> {
    pub(crate) fn new(data: &Dataset<Labels>, model: M) -> Self {
        Self { features: data.features().clone(), classes: data.y().classes().to_vec(), model }
    }
}

impl<M: BaseModel> Predict<Labels> for LabelsModel<M> {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        let scores = self.model.scores(&SharedRows::new(&self.features, x)?)?;
        let codes = scores.rows().into_iter().map(first_best).collect();
        Ok(Prediction { labels: Labels::new(codes, self.classes.clone())?, scores, logits: None })
    }
}

/// The first class with the highest score.
pub(crate) fn first_best(scores: ArrayView1<'_, f64>) -> u32 {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, &score) in (0u32..).zip(scores) {
        if score > best.1 {
            best = (class, score);
        }
    }
    best.0
}

pub(crate) fn require_features(expected: usize, found: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: "features of the rows".into(), expected, found })
}

pub(crate) fn require_below(what: &str, mut numbers: impl Iterator<Item = usize>, end: usize) -> Result<()> {
    match numbers.find(|&number| number >= end) {
        None => Ok(()),
        Some(number) => Err(Error::invalid_parameter(what, format!("below {end}"), number)),
    }
}
