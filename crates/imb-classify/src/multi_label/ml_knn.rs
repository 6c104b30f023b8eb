//! Multi-label k nearest neighbours (MLkNN).
//!
//! How many of a row's nearest training rows have a label decides whether it gets the label. How many are
//! enough is learned for each label: for a frequent label it may take seven of ten neighbours; for a label
//! so rare that its own rows have only two such neighbours, two of ten may do.
//!
//! 1. Scale the columns to [0, 1] by their range in the training rows.
//! 2. Prior: `P(H) = (s + rows with the label) / (2 s + rows)`.
//! 3. For each training row count the label among its k nearest other rows. `c[j]` rows with the label,
//!    and `c'[j]` rows without it, have j neighbours with it.
//! 4. Likelihood: `P(j | H) = (s + c[j]) / (s (k + 1) + sum of c)`, and `P(j | not H)` likewise from `c'`.
//! 5. A new row with j such neighbours gets the label if `P(H) P(j | H) ≥ P(not H) P(j | not H)`. The
//!    score is the first product's share in the sum of both.
//!
//! The paper leaves ties open. Of neighbours at one distance those of lower row numbers come first (in
//! mulan the order depends on a heap), and a label as likely as not is predicted (mulan draws). The scale
//! is mulan's; the paper has none. scikit-multilearn counts each training row among its own neighbours in
//! step 3, though a new row is never its own neighbour; [`MlKnn::self_neighbor`] does so too.
//!
//! Zhang and Zhou, "ML-KNN: a lazy learning approach to multi-label learning", Pattern Recognition 40
//! (2007), doi:10.1016/j.patcog.2006.12.019.

use imb_core::{Dataset, Error, Fit, LabelMatrix, Predict, Prediction, Result, Run, Target, Train};
use imb_neighbors::{k_nearest, k_nearest_within};
use ndarray::{Array2, ArrayView2, Axis, Zip};
use serde::{Deserialize, Serialize};

use super::unit_range::UnitRange;
use super::{prediction, proceed, require_labels};
use crate::base::require_features;

/// Multi-label k nearest neighbours.
///
/// Codes of categorical columns count as numbers: encode those of more than two values first. Time is
/// that of an exact neighbour search.
///
/// ```
/// use imb_classify::multi_label::MlKnn;
/// use imb_core::{Dataset, Fit, LabelMatrix, Run, Seed, Train};
/// use ndarray::array;
///
/// let y = array![[true, false], [true, false], [false, true], [false, true]];
/// let y = LabelMatrix::new(y, vec!["sea".into(), "sun".into()])?;
/// let rows = Dataset::unnamed(array![[0.0], [1.0], [8.0], [9.0]], y)?;
/// let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
/// let learner = MlKnn { k_neighbors: 1, ..MlKnn::default() };
/// let model = learner.fit(&Train { rows, validation: None }, &mut Run::new(&mut rng, &mut nobody))?;
/// let prediction = model.predict(array![[0.5]].view())?;
/// assert_eq!(prediction.labels.view(), array![[true, false]]);
/// assert_eq!(prediction.scores, array![[0.75, 0.25]]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`BinaryRelevance`](super::BinaryRelevance), which takes any base learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlKnn {
    /// The number k of neighbours, at least 1 and below the number of training rows.
    pub k_neighbors: usize,
    /// The number s that is added to every count, above 0.
    pub smoothing: f64,
    /// Whether a training row counts among its own neighbours, as in scikit-multilearn.
    pub self_neighbor: bool,
}

impl Default for MlKnn {
    /// The paper's values.
    fn default() -> Self {
        Self { k_neighbors: 10, smoothing: 1.0, self_neighbor: false }
    }
}

/// A fitted [`MlKnn`].
#[derive(Clone, Debug)]
pub struct MlKnnModel {
    range: UnitRange,
    /// The training rows on the scale of `range`, `(n_rows, n_features)`.
    points: Array2<f64>,
    labels: LabelMatrix,
    evidence: Evidence,
}

/// How well each count of neighbours with a label is explained, `(n_labels, k + 1)`.
#[derive(Clone, Debug)]
struct Evidence {
    /// `P(H) P(j | H)`.
    with: Array2<f64>,
    /// `P(not H) P(j | not H)`.
    without: Array2<f64>,
}

impl Fit<LabelMatrix> for MlKnn {
    fn fit(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Box<dyn Predict<LabelMatrix>>> {
        self.check(train.rows.y())?;
        let range = UnitRange::of(train.rows.x());
        let points = range.scale(train.rows.x());
        proceed(run.observer, "MLkNN", 0, 1)?;
        let neighbors = if self.self_neighbor {
            k_nearest(points.view(), points.view(), self.k_neighbors)?
        } else {
            k_nearest_within(points.view(), self.k_neighbors)?
        };
        proceed(run.observer, "MLkNN", 1, 1)?;
        Ok(Box::new(self.model(range, points, train.rows.y(), neighbors.indices.view())?))
    }
}

impl MlKnn {
    /// Fits to training rows whose neighbours are known: `neighbors`, `(n_rows, k_neighbors)`, row numbers.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter out of its range or a row number that does not exist;
    /// [`Error::TooFewRows`] for `k_neighbors` rows or fewer; [`Error::LengthMismatch`] for `neighbors` of
    /// another shape.
    pub fn fit_neighbors(
        &self,
        rows: &Dataset<LabelMatrix>,
        neighbors: ArrayView2<'_, usize>,
    ) -> Result<MlKnnModel> {
        self.check(rows.y())?;
        require("rows of neighbours", rows.n_rows(), neighbors.nrows())?;
        require("neighbours of a row", self.k_neighbors, neighbors.ncols())?;
        let range = UnitRange::of(rows.x());
        let points = range.scale(rows.x());
        self.model(range, points, rows.y(), neighbors)
    }

    fn model(
        &self,
        range: UnitRange,
        points: Array2<f64>,
        labels: &LabelMatrix,
        neighbors: ArrayView2<'_, usize>,
    ) -> Result<MlKnnModel> {
        let evidence = self.evidence(labels, &label_counts(labels, neighbors)?);
        Ok(MlKnnModel { range, points, labels: labels.clone(), evidence })
    }

    fn check(&self, labels: &LabelMatrix) -> Result<()> {
        require_labels(labels)?;
        if self.k_neighbors == 0 {
            return Err(Error::invalid_parameter("k_neighbors", "at least 1", self.k_neighbors));
        }
        if !(self.smoothing.is_finite() && self.smoothing > 0.0) {
            return Err(Error::invalid_parameter("smoothing", "a number above 0", self.smoothing));
        }
        let n_rows = labels.n_rows();
        if n_rows > self.k_neighbors {
            return Ok(());
        }
        let remedy = match n_rows {
            0 | 1 => "a single row has no neighbours".into(),
            _ => format!("k_neighbors = {} works", n_rows - 1),
        };
        let class = "the training set".into();
        Err(Error::TooFewRows { class, has: n_rows, needs: self.k_neighbors.saturating_add(1), remedy })
    }

    /// Steps 2 to 4, from the number of neighbours with each label, `(n_rows, n_labels)`.
    fn evidence(&self, labels: &LabelMatrix, counts: &Array2<usize>) -> Evidence {
        let (s, n_rows) = (self.smoothing, labels.n_rows() as f64);
        let shape = (labels.n_labels(), self.k_neighbors + 1);
        let mut evidence = Evidence { with: Array2::zeros(shape), without: Array2::zeros(shape) };
        let on = labels.view();
        Zip::indexed(counts).and(on).for_each(|(_, label), &count, &on| {
            if on { evidence.with[[label, count]] += 1.0 } else { evidence.without[[label, count]] += 1.0 }
        });
        for (label, positives) in labels.positives().into_iter().enumerate() {
            let prior = (s + positives as f64) / (s * 2.0 + n_rows);
            let sides = [(&mut evidence.with, prior), (&mut evidence.without, 1.0 - prior)];
            for (side, prior) in sides {
                let mut of_label = side.row_mut(label);
                let total = s * (self.k_neighbors + 1) as f64 + of_label.sum();
                of_label.mapv_inplace(|rows| prior * ((s + rows) / total));
            }
        }
        evidence
    }
}

impl MlKnnModel {
    /// Predicts rows whose neighbours are known: `neighbors`, `(n_rows, k_neighbors)`, numbers of training
    /// rows.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] for another number of neighbours; [`Error::InvalidParameter`] for a row
    /// number that does not exist.
    pub fn predict_neighbors(&self, neighbors: ArrayView2<'_, usize>) -> Result<Prediction<LabelMatrix>> {
        require("neighbours of a row", self.k_neighbors(), neighbors.ncols())?;
        let counts = label_counts(&self.labels, neighbors)?;
        let Evidence { with, without } = &self.evidence;
        let mut on = Array2::from_elem(counts.raw_dim(), false);
        let mut scores = Array2::zeros(counts.raw_dim());
        Zip::indexed(&counts).and(&mut on).and(&mut scores).for_each(|(_, label), &count, on, score| {
            let place = [label, count];
            *on = with[place] >= without[place];
            *score = with[place] / (with[place] + without[place]);
        });
        prediction(on, scores, self.labels.names())
    }

    fn k_neighbors(&self) -> usize {
        self.evidence.with.ncols() - 1
    }
}

impl Predict<LabelMatrix> for MlKnnModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<LabelMatrix>> {
        require_features(self.range.n_columns(), x.ncols())?;
        let neighbors = k_nearest(self.points.view(), self.range.scale(x).view(), self.k_neighbors())?;
        self.predict_neighbors(neighbors.indices.view())
    }
}

/// How many of each row's neighbours have each label, `(n_rows, n_labels)`.
fn label_counts(labels: &LabelMatrix, neighbors: ArrayView2<'_, usize>) -> Result<Array2<usize>> {
    if let Some(row) = neighbors.iter().find(|row| **row >= labels.n_rows()) {
        let requirement = format!("below the number of training rows, {}", labels.n_rows());
        return Err(Error::invalid_parameter("row number of a neighbour", requirement, row));
    }
    let on = labels.view();
    let mut counts = Array2::zeros((neighbors.nrows(), labels.n_labels()));
    for (mut counts, neighbors) in counts.axis_iter_mut(Axis(0)).zip(neighbors.rows()) {
        for &neighbor in neighbors {
            Zip::from(&mut counts).and(on.row(neighbor)).for_each(|count, &on| *count += usize::from(on));
        }
    }
    Ok(counts)
}

fn require(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: what.into(), expected, found })
}
