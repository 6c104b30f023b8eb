//! Methods over C4.5 against mulan's over J48.

use imb_classify::C45;
use imb_classify::multi_label::{
    BinaryRelevance, CalibratedLabelRanking, Chain, ChainOrder, ClassifierChain, EnsembleOfClassifierChains,
    LabelPowerset, Rakel,
};
use imb_core::{Error, Fit, LabelMatrix, Predict, Prediction, Run, Seed};
use ndarray::{Array2, Axis};

use crate::java::mulan_choices;
use crate::mulan::Reference;

fn references(test: &str) -> Vec<Reference> {
    [Some(Reference::tiny14()), Reference::yeast400(test)].into_iter().flatten().collect()
}

fn run<T>(work: impl FnOnce(&mut Run<'_, LabelMatrix>) -> T) -> T {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    work(&mut Run::new(&mut rng, &mut nobody))
}

fn predicted(method: &dyn Fit<LabelMatrix>, reference: &Reference) -> Prediction<LabelMatrix> {
    let model = run(|run| method.fit(&reference.train, run)).expect("enough rows");
    model.predict(reference.test.x()).expect("same features")
}

#[test]
fn binary_relevance_equals_mulan() {
    for reference in references("binary_relevance_equals_mulan") {
        reference.answer("br j48").assert_equals(&predicted(&BinaryRelevance::<C45>::default(), &reference));
    }
}

#[test]
fn a_chain_equals_mulan() {
    let chain = ClassifierChain { base: C45::default(), order: ChainOrder::Natural };
    for reference in references("a_chain_equals_mulan") {
        reference.answer("cc j48 natural order").assert_equals(&predicted(&chain, &reference));
    }
}

#[test]
fn a_chain_on_rows_that_do_not_exist_is_refused() {
    let reference = Reference::tiny14();
    let chain = Chain { order: (0..reference.train.rows.y().n_labels()).collect(), rows: vec![0, 99] };
    let ensemble = EnsembleOfClassifierChains::<C45>::default();
    let refused = run(|run| ensemble.fit_chains(&reference.train, &[chain], run));
    assert!(matches!(refused, Err(Error::InvalidParameter { .. })));
}

#[test]
fn an_ensemble_of_chains_equals_mulan() {
    for reference in references("an_ensemble_of_chains_equals_mulan") {
        let answer = reference.answer("ecc n=5 j48 no bagging");
        let rows: Vec<usize> = (0..reference.train.rows.y().view().nrows()).collect();
        let chain = |order: &Vec<usize>| Chain { order: order.clone(), rows: rows.clone() };
        let chains: Vec<Chain> = answer.chains.iter().map(chain).collect();
        let ensemble = EnsembleOfClassifierChains::<C45>::default();
        let model = run(|run| ensemble.fit_chains(&reference.train, &chains, run)).expect("enough rows");
        answer.assert_equals(&model.predict(reference.test.x()).expect("same features"));
    }
}

#[test]
fn calibrated_label_ranking_equals_mulan() {
    for reference in references("calibrated_label_ranking_equals_mulan") {
        let answer = reference.answer("clr j48 hard votes");
        for memory_megabytes in [512.0, 0.0] {
            let method = CalibratedLabelRanking { base: C45::default(), memory_megabytes };
            answer.assert_equals(&predicted(&method, &reference));
        }
    }
}

/// Where several label sets have the highest score, mulan draws one; given what it drew, all is equal.
#[test]
fn label_powerset_equals_mulan() {
    for reference in references("label_powerset_equals_mulan") {
        let answer = reference.answer("lp j48");
        let labels = reference.train.rows.y().view();
        let method = LabelPowerset::<C45>::default();
        let model = run(|run| method.fit_rows(&reference.train, run)).expect("enough rows");
        let ours = model.predict(reference.test.x()).expect("same features");
        let scores = model.set_scores(reference.test.x()).expect("same features");
        let chosen = mulan_choices(model.label_sets(), &scores, labels);
        let on = model.label_sets().select(Axis(0), &chosen);
        let share = |(row, label): (usize, usize)| {
            let share = scores[[row, chosen[row]]];
            if on[[row, label]] { share } else { 1.0 - share }
        };
        let drawn = Prediction {
            scores: Array2::from_shape_fn(on.dim(), share),
            labels: LabelMatrix::new(on, ours.labels.names().to_vec()).expect("same labels"),
            logits: None,
        };
        answer.assert_equals(&drawn);
        for (row, scores) in scores.rows().into_iter().enumerate() {
            let highest = scores.fold(0.0, |highest: f64, &score| highest.max(score));
            if scores.iter().filter(|score| **score == highest).count() == 1 {
                assert_eq!(ours.labels.view().row(row), drawn.labels.view().row(row));
                assert_eq!(ours.scores.row(row), drawn.scores.row(row));
            }
        }
    }
}

#[test]
fn rakel_equals_mulan() {
    for reference in references("rakel_equals_mulan") {
        let answer = reference.answer("rakel k=3");
        let labels = reference.train.rows.y().view();
        let rakel = Rakel::<C45>::default();
        let model = run(|run| rakel.fit_labelsets(&reference.train, &answer.labelsets, run));
        let model = model.expect("enough rows");
        let ours = model.predict(reference.test.x()).expect("same features");
        let (mut votes, mut asked) = (Array2::<f64>::zeros(ours.scores.dim()), vec![0.0; labels.ncols()]);
        let mut tied = Array2::from_elem(ours.scores.dim(), false);
        let of_sets = model.set_scores(reference.test.x()).expect("same features");
        for (labelset, (sets, scores)) in answer.labelsets.iter().zip(of_sets) {
            let chosen = mulan_choices(sets, &scores, labels.select(Axis(1), labelset).view());
            for (place, &label) in labelset.iter().enumerate() {
                asked[label] += 1.0;
                for (row, &set) in chosen.iter().enumerate() {
                    votes[[row, label]] += f64::from(u8::from(sets[[set, place]]));
                    let highest = scores.row(row).fold(0.0, |highest: f64, &score| highest.max(score));
                    tied[[row, label]] |= scores.row(row).iter().filter(|s| **s == highest).count() > 1;
                }
            }
        }
        let share = |(row, label): (usize, usize)| {
            if asked[label] > 0.0 { votes[[row, label]] / asked[label] } else { 0.0 }
        };
        let scores = Array2::from_shape_fn(votes.dim(), share);
        let on = scores.mapv(|score| score >= 0.5);
        let labels = LabelMatrix::new(on, ours.labels.names().to_vec()).expect("same labels");
        for ((place, &ours), drawn) in ours.scores.indexed_iter().zip(&scores) {
            assert!(tied[place] || ours == *drawn, "{place:?}: {ours}, not {drawn}");
        }
        answer.assert_equals(&Prediction { labels, scores, logits: None });
    }
}
