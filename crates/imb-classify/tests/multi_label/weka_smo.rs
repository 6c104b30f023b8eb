//! Binary relevance and label ranking over a linear support vector machine, against mulan's over Weka's SMO.
//!
//! SMO solves the same problem, hinge and C = 1, up to its own tolerance, on features that it scales to [0, 1]
//! by the rows of each problem. So must ours be scaled here.

use imb_classify::multi_label::{BinaryRelevance, CalibratedLabelRanking};
use imb_classify::{BaseLearner, BaseModel, LinearSvm, LinearSvmModel, Problem, SharedRows};
use imb_core::{Feature, Fit, LabelMatrix, Labels, Prediction, Result, Run, Seed};
use ndarray::{Array2, ArrayView2, Axis};

use crate::mulan::Reference;

/// A linear support vector machine on features scaled by the rows of each problem.
#[derive(Clone, Debug)]
struct Scaled(LinearSvm);

#[derive(Debug)]
struct ScaledModel {
    features: Vec<Feature>,
    /// Lowest value and width of each column.
    ranges: Vec<(f64, f64)>,
    model: LinearSvmModel,
}

impl BaseLearner for Scaled {
    type Model = ScaledModel;

    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<ScaledModel> {
        let x = rows.x().select(Axis(0), problem.rows);
        let ranges = x.columns().into_iter().map(|column| {
            let lowest = column.fold(f64::INFINITY, |low, &value| low.min(value));
            (lowest, column.fold(f64::NEG_INFINITY, |high, &value| high.max(value)) - lowest)
        });
        let ranges: Vec<(f64, f64)> = ranges.collect();
        let x = scaled(x.view(), &ranges);
        let all: Vec<usize> = (0..x.nrows()).collect();
        let shared = SharedRows::new(rows.features(), x.view())?;
        let model = self.0.fit_problem(&shared, &Problem { rows: &all, ..*problem }, run)?;
        Ok(ScaledModel { features: rows.features().to_vec(), ranges, model })
    }
}

impl BaseModel for ScaledModel {
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>> {
        self.model.scores(&SharedRows::new(&self.features, scaled(rows.x(), &self.ranges).view())?)
    }
}

/// As Weka scales: a column without width becomes 0.
fn scaled(x: ArrayView2<'_, f64>, ranges: &[(f64, f64)]) -> Array2<f64> {
    Array2::from_shape_fn(x.dim(), |(row, column)| {
        let (lowest, width) = ranges[column];
        if width > 0.0 { (x[[row, column]] - lowest) / width } else { 0.0 }
    })
}

/// Some pairs of yeast400 need more passes than the default allows.
fn base() -> Scaled {
    Scaled(LinearSvm { max_iterations: 100_000, ..LinearSvm::default() })
}

fn predicted(method: &dyn Fit<LabelMatrix>, reference: &Reference) -> Prediction<LabelMatrix> {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let model = method.fit(&reference.train, &mut Run::new(&mut rng, &mut nobody)).expect("enough rows");
    model.predict(reference.test.x()).expect("same features")
}

#[test]
fn labels_of_binary_relevance_equal_mulans_on_yeast400() {
    let Some(reference) = Reference::yeast400("labels_of_binary_relevance_equal_mulans_on_yeast400") else {
        return;
    };
    let found = predicted(&BinaryRelevance { base: base() }, &reference);
    assert_eq!(found.labels.view(), reference.answer("br weka smo").labels());
}

/// Label b of tiny14 has seven rows of fourteen, and all are on or inside the margin: the bias may be anything
/// in an interval. SMO takes its midpoint, ours the bias nearest to 0.
#[test]
fn labels_of_binary_relevance_equal_mulans_on_tiny14_where_the_bias_is_unique() {
    let reference = Reference::tiny14();
    let found = predicted(&BinaryRelevance { base: base() }, &reference);
    let expected = reference.answer("br weka smo").labels();
    for label in [0, 2, 3] {
        assert_eq!(found.labels.view().column(label), expected.column(label), "label {label}");
    }
}

/// A machine stops at its own tolerance, and SMO has no price on the bias, so a row near the plane
/// between two labels may vote otherwise.
#[test]
fn votes_of_label_ranking_are_mulans_but_for_rows_near_a_plane() {
    let test = "votes_of_label_ranking_are_mulans_but_for_rows_near_a_plane";
    let Some(reference) = Reference::yeast400(test) else { return };
    let ranking = CalibratedLabelRanking { base: base(), memory_megabytes: 512.0 };
    let (found, answer) = (predicted(&ranking, &reference), reference.answer("clr weka smo"));
    let labels = answer.labels();
    let cells = found.labels.view().into_iter().zip(&labels);
    assert!(cells.filter(|(found, mulans)| found != mulans).count() <= 2, "two labels at most");
    let vote = 1.0 / labels.ncols() as f64;
    let gaps = found.scores.iter().zip(answer.scores()).map(|(found, mulans)| (found - mulans).abs());
    let differing: Vec<f64> = gaps.filter(|gap| *gap > 1e-9).collect();
    assert!(differing.iter().all(|gap| *gap < vote + 1e-9), "one vote at most");
    assert!(differing.len() * 20 <= labels.len(), "5 % of the scores at most");
}
