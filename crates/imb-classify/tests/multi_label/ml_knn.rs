//! MLkNN against mulan.

use imb_classify::multi_label::MlKnn;
use imb_core::{Error, Fit, LabelMatrix, Predict, Prediction, Run, Seed};
use ndarray::{Array2, ArrayView2};

use crate::mulan::Reference;
use crate::weka_neighbors;

fn predicted(learner: &MlKnn, reference: &Reference) -> Prediction<LabelMatrix> {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let model = learner.fit(&reference.train, &mut Run::new(&mut rng, &mut nobody)).expect("enough rows");
    model.predict(reference.test.x()).expect("same features")
}

/// Columns on [0, 1], by their range in `train`.
fn scaled(x: ArrayView2<'_, f64>, train: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut scaled = x.to_owned();
    for (mut column, train) in scaled.columns_mut().into_iter().zip(train.columns()) {
        let lowest = train.fold(f64::INFINITY, |low, &value| low.min(value));
        let highest = train.fold(f64::NEG_INFINITY, |high, &value| high.max(value));
        column.mapv_inplace(|value| (value - lowest) / (highest - lowest));
    }
    scaled
}

#[test]
fn equals_mulan_on_yeast400() {
    let Some(reference) = Reference::yeast400("equals_mulan_on_yeast400") else { return };
    reference.answer("mlknn").assert_equals(&predicted(&MlKnn::default(), &reference));
}

/// The rows of tiny14 lie on a grid, so that many are equally far: mulan's neighbours are given.
#[test]
fn equals_mulan_on_tiny14_with_its_order_of_tied_neighbours() {
    let reference = Reference::tiny14();
    let x = reference.train.rows.x();
    let points = scaled(x, x);
    let learner = MlKnn::default();
    let within = weka_neighbors::k_nearest(points.view(), points.view(), 10, true);
    let model = learner.fit_neighbors(&reference.train.rows, within.view()).expect("ten of each row");
    let nearest = weka_neighbors::k_nearest(points.view(), points.view(), 10, false);
    reference
        .answer("mlknn")
        .assert_equals(&model.predict_neighbors(nearest.view()).expect("ten of each row"));
}

/// The order of ties is all that differs on tiny14: without ties at the tenth neighbour it is the same.
#[test]
fn neighbours_are_wekas_where_distances_do_not_tie() {
    let Some(reference) = Reference::yeast400("neighbours_are_wekas_where_distances_do_not_tie") else {
        return;
    };
    let x = reference.train.rows.x();
    let (points, queries) = (scaled(x, x), scaled(reference.test.x(), x));
    let ours = imb_neighbors::k_nearest(points.view(), queries.view(), 10).expect("ten rows");
    assert_eq!(ours.indices, weka_neighbors::k_nearest(points.view(), queries.view(), 10, false));
}

/// scikit-multilearn takes each training row for a neighbour of itself, which changes its likelihoods.
#[test]
fn a_row_may_be_its_own_neighbour() {
    let Some(reference) = Reference::yeast400("a_row_may_be_its_own_neighbour") else { return };
    let learner = MlKnn { self_neighbor: true, ..MlKnn::default() };
    let (own, other) = (predicted(&learner, &reference), predicted(&MlKnn::default(), &reference));
    let x = reference.train.rows.x();
    let points = scaled(x, x);
    let nearest = imb_neighbors::k_nearest(points.view(), points.view(), 10).expect("ten rows");
    assert!(nearest.indices.column(0).iter().enumerate().all(|(row, nearest)| row == *nearest));
    let model =
        learner.fit_neighbors(&reference.train.rows, nearest.indices.view()).expect("ten of each row");
    assert_eq!(model.predict(reference.test.x()).expect("same features"), own);
    let cells = own.labels.view().into_iter().zip(other.labels.view());
    assert_eq!(cells.filter(|(own, other)| own != other).count(), 88, "as an independent program counts");
}

#[test]
fn more_neighbours_than_other_rows_are_refused() {
    let reference = Reference::tiny14();
    let fit = |k_neighbors| {
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let learner = MlKnn { k_neighbors, ..MlKnn::default() };
        learner.fit(&reference.train, &mut Run::new(&mut rng, &mut nobody)).map(|_| ())
    };
    assert!(fit(13).is_ok());
    assert!(matches!(fit(0), Err(Error::InvalidParameter { .. })));
    let error = fit(14).expect_err("13 others").to_string();
    assert_eq!(error, "the training set has 14 rows, but 15 are needed: k_neighbors = 13 works");
}
