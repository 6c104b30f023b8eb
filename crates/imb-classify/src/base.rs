//! What a multi-label method needs of its base learner: many targets over the same rows.
//!
//! Binary relevance, chains and label sets fit one classifier after the other on the same features. What
//! depends on the features alone, sorted columns or rows without their zeros, is made once, in
//! [`SharedRows`], and every [`Problem`] says which rows and columns it uses and how they are labelled.

use std::sync::OnceLock;

use imb_core::{Dataset, Error, Feature, Labels, Predict, Prediction, Result, Run, Target, Train};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::sorted_columns::SortedColumns;
use crate::sparse_rows::SparseRows;

/// Learns any classification of rows that several problems share.
pub trait BaseLearner: Send + Sync {
    /// Fits a model to the rows of one problem.
    ///
    /// # Errors
    /// As the learner says; [`Error::InvalidParameter`] for a problem without rows, or with a row, column
    /// or class that does not exist.
    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Box<dyn BaseModel>>;
}

/// What a [`BaseLearner`] learned.
pub trait BaseModel: std::fmt::Debug + Send + Sync {
    /// One score a class, higher is likelier, `(n_rows, n_classes)`. The first class with the highest
    /// score is the predicted one. Only columns that the problem named are read.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the rows have another number of features than the training rows.
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>>;
}

/// Rows to learn from or to predict, with what the learners derive from them, made at first need.
#[derive(Debug)]
pub struct SharedRows<'a> {
    features: &'a [Feature],
    x: ArrayView2<'a, f64>,
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
        Ok(Self { features, x, columns: OnceLock::new(), sparse: OnceLock::new() })
    }

    /// The rows of a data set.
    pub fn of<Y: Target>(data: &'a Dataset<Y>) -> Self {
        Self::new(data.features(), data.x()).expect("a data set has one feature a column")
    }

    /// The features, by column.
    pub fn features(&self) -> &'a [Feature] {
        self.features
    }

    /// The numbers, `(n_rows, n_features)`.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        self.x
    }

    pub(crate) fn sorted_columns(&self) -> &SortedColumns {
        self.columns.get_or_init(|| SortedColumns::new(self.x))
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
        require_below("column of a problem", self.columns.into_iter().flatten().copied(), rows.x.ncols())
    }
}

/// Fits all rows of a data set. A row counts as often as its weight says.
pub(crate) fn fit_labels(
    learner: &dyn BaseLearner,
    train: &Train<Labels>,
    run: &mut Run<'_, Labels>,
) -> Result<Box<dyn Predict<Labels>>> {
    let (data, labels) = (&train.rows, train.rows.y());
    let rows = repeated_rows(data)?;
    let codes: Vec<u32> = rows.iter().map(|&row| labels.codes()[row]).collect();
    let problem = Problem { rows: &rows, codes: &codes, n_classes: labels.classes().len(), columns: None };
    let model = learner.fit_problem(&SharedRows::of(data), &problem, run)?;
    Ok(Box::new(LabelsModel { features: data.features().clone(), classes: labels.classes().to_vec(), model }))
}

/// Each row as often as its weight says.
fn repeated_rows(data: &Dataset<Labels>) -> Result<Vec<usize>> {
    let Some(weights) = data.weights() else { return Ok((0..data.n_rows()).collect()) };
    if let Some(weight) = weights.iter().find(|weight| weight.fract() != 0.0) {
        return Err(Error::InvalidParameter {
            name: "row weight".into(),
            requirement: "a whole number, as it says how often the row counts".into(),
            value: weight.to_string(),
        });
    }
    let repeated = |(row, &weight): (usize, &f64)| std::iter::repeat_n(row, weight as usize);
    Ok(weights.iter().enumerate().flat_map(repeated).collect())
}

/// A base model that knows the names of its classes.
struct LabelsModel {
    features: std::sync::Arc<[Feature]>,
    classes: Vec<String>,
    model: Box<dyn BaseModel>,
}

impl Predict<Labels> for LabelsModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        let scores = self.model.scores(&SharedRows::new(&self.features, x)?)?;
        let codes = scores.rows().into_iter().map(first_best).collect();
        Ok(Prediction { labels: Labels::new(codes, self.classes.clone())?, scores, logits: None })
    }
}

/// The first class with the highest score.
fn first_best(scores: ArrayView1<'_, f64>) -> u32 {
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

fn require_below(what: &str, mut numbers: impl Iterator<Item = usize>, end: usize) -> Result<()> {
    match numbers.find(|&number| number >= end) {
        None => Ok(()),
        Some(number) => Err(Error::InvalidParameter {
            name: what.into(),
            requirement: format!("below {end}"),
            value: number.to_string(),
        }),
    }
}
