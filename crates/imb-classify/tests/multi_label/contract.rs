//! What every multi-label method keeps, whatever the data and the base learner.

use std::ops::ControlFlow;

use imb_classify::multi_label::{
    BinaryRelevance, CalibratedLabelRanking, ChainOrder, ClassifierChain, EnsembleOfClassifierChains,
    LabelPowerset, Labelsets, MlKnn, Rakel,
};
use imb_classify::{BaseLearner, BaseModel, C45, DecisionTree, LinearSvm, Problem, SharedRows};
use imb_core::{
    Dataset, Error, Fit, LabelMatrix, Labels, Observe, Prediction, Result, Run, Seed, Train, Watch,
};
use ndarray::{Array2, array};
use rand::RngExt;

type Method = (&'static str, Box<dyn Fit<LabelMatrix>>);

/// Every method over a base learner. Both ways of calibrated label ranking are there.
fn over<B: BaseLearner + Clone + std::fmt::Debug + 'static>(base: &B) -> Vec<Method> {
    let base = || base.clone();
    let rakel = |labelsets| Rakel { base: base(), labelset_size: 2, labelsets };
    let ranking = |memory_megabytes| CalibratedLabelRanking { base: base(), memory_megabytes };
    let ensemble =
        EnsembleOfClassifierChains { base: base(), n_chains: 3, order: ChainOrder::Random, bootstrap: true };
    vec![
        ("binary relevance", Box::new(BinaryRelevance { base: base() })),
        ("label powerset", Box::new(LabelPowerset { base: base() })),
        ("classifier chain", Box::new(ClassifierChain { base: base(), order: ChainOrder::Random })),
        ("RAkEL, overlapping", Box::new(rakel(Labelsets::Overlapping))),
        ("RAkEL, disjoint", Box::new(rakel(Labelsets::Disjoint))),
        ("ensemble of classifier chains", Box::new(ensemble)),
        ("calibrated label ranking", Box::new(ranking(512.0))),
        ("calibrated label ranking, no pair kept", Box::new(ranking(0.0))),
    ]
}

fn all_methods() -> Vec<Method> {
    let mut methods = over(&C45::default());
    methods.extend(over(&LinearSvm::default()));
    methods.push(("MLkNN", Box::new(MlKnn { k_neighbors: 2, ..MlKnn::default() })));
    methods
}

fn train(x: Array2<f64>, on: Array2<bool>) -> Train<LabelMatrix> {
    let names = (0..on.ncols()).map(|label| format!("label {label}")).collect();
    let labels = LabelMatrix::new(on, names).expect("one name a label");
    Train { rows: Dataset::unnamed(x, labels).expect("finite"), validation: None }
}

/// Twelve rows in two groups; four labels of different size.
fn twelve_rows() -> Train<LabelMatrix> {
    let x = Array2::from_shape_fn((12, 3), |(row, column)| ((row * 7 + column * 5) % 12) as f64);
    train(x, Array2::from_shape_fn((12, 4), |(row, label)| (row * 7) % 12 < 3 * (label + 1) - 1))
}

fn fitted(
    method: &dyn Fit<LabelMatrix>,
    train: &Train<LabelMatrix>,
    seed: u64,
) -> Result<Prediction<LabelMatrix>> {
    let (mut rng, mut nobody) = (Seed::new(seed).rng(), ());
    method.fit(train, &mut Run::new(&mut rng, &mut nobody))?.predict(train.rows.x())
}

/// The prediction of the training rows, after a look at its shape.
fn predicted(name: &str, method: &dyn Fit<LabelMatrix>, train: &Train<LabelMatrix>) -> Array2<bool> {
    let prediction = fitted(method, train, 1).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(prediction.scores.dim(), train.rows.y().view().dim(), "{name}");
    assert!(prediction.scores.iter().all(|score| score.is_finite()), "{name}");
    assert_eq!(prediction.labels.names(), train.rows.y().names(), "{name}");
    prediction.labels.view().to_owned()
}

#[test]
fn a_label_without_rows_is_never_predicted_and_one_of_every_row_always() {
    let mut train = twelve_rows();
    let mut on = train.rows.y().view().to_owned();
    on.column_mut(0).fill(false);
    on.column_mut(2).fill(true);
    let labels = LabelMatrix::new(on, train.rows.y().names().to_vec()).expect("four names");
    train.rows = train.rows.with_targets(labels).expect("twelve rows");
    for (name, method) in all_methods() {
        let on = predicted(name, &*method, &train);
        assert!(on.column(0).iter().all(|on| !on), "{name}");
        assert!(on.column(2).iter().all(|on| *on), "{name}");
    }
}

#[test]
fn equal_labels_are_predicted_alike() {
    let x = Array2::from_shape_fn((12, 2), |(row, column)| (row / 6 * (column + 1)) as f64);
    let train = train(x, Array2::from_shape_fn((12, 3), |(row, _)| row < 6));
    for (name, method) in all_methods() {
        let on = predicted(name, &*method, &train);
        assert_eq!(on.column(0), on.column(1), "{name}");
        assert_eq!(on.column(0), on.column(2), "{name}");
        assert_eq!(on, train.rows.y().view(), "{name}");
    }
}

#[test]
fn one_label_is_enough() {
    let x = Array2::from_shape_fn((12, 1), |(row, _)| (row / 6) as f64);
    let train = train(x, Array2::from_shape_fn((12, 1), |(row, _)| row < 6));
    for (name, method) in all_methods() {
        assert_eq!(predicted(name, &*method, &train), train.rows.y().view(), "{name}");
    }
}

#[test]
fn one_row_is_repeated_or_refused() {
    let train = train(array![[1.0, 2.0]], array![[true, false]]);
    for (name, method) in over(&C45::default()) {
        assert_eq!(predicted(name, &*method, &train), array![[true, false]], "{name}");
    }
    let error = fitted(&MlKnn::default(), &train, 1).expect_err("no neighbour");
    assert!(matches!(error, Error::TooFewRows { has: 1, needs: 11, .. }), "{error}");
}

#[test]
fn constant_columns_leave_the_same_answer_for_every_row() {
    let on = twelve_rows().rows.y().view().to_owned();
    let train = train(Array2::from_elem((12, 2), 7.0), on);
    for (name, method) in over(&C45::default()) {
        let on = predicted(name, &*method, &train);
        assert!(on.rows().into_iter().all(|row| row == on.row(0)), "{name}");
    }
    predicted("MLkNN", &MlKnn::default(), &train);
}

#[test]
fn rows_of_another_width_and_missing_labels_are_refused() {
    let (full, bare) = (twelve_rows(), train(Array2::zeros((12, 3)), Array2::from_elem((12, 0), true)));
    for (name, method) in all_methods() {
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let model = method.fit(&full, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
        let error = model.predict(full.rows.x().slice(ndarray::s![.., ..2])).expect_err("two features");
        assert!(matches!(error, Error::LengthMismatch { expected: 3, found: 2, .. }), "{name}: {error}");
        let error = fitted(&*method, &bare, 1).expect_err("no labels");
        assert!(matches!(error, Error::LengthMismatch { expected: 1, found: 0, .. }), "{name}: {error}");
    }
}

/// Answers with shares that it draws.
#[derive(Clone, Debug)]
struct Dice;

#[derive(Debug)]
struct Thrown(Vec<f64>);

impl BaseLearner for Dice {
    type Model = Thrown;

    fn fit_problem(
        &self,
        _rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Thrown> {
        Ok(Thrown((0..problem.n_classes).map(|_| run.rng.random()).collect()))
    }
}

impl BaseModel for Thrown {
    fn scores(&self, rows: &SharedRows<'_>) -> Result<Array2<f64>> {
        let shape = (rows.x().nrows(), self.0.len());
        Ok(Array2::from_shape_fn(shape, |(row, class)| self.0[class] * (1.0 + rows.x()[[row, 0]])))
    }
}

fn on_threads<T: Send>(n: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads").install(work)
}

#[test]
fn one_seed_gives_one_answer_on_any_number_of_threads() {
    let train = twelve_rows();
    for (name, method) in over(&Dice) {
        let one = on_threads(1, || fitted(&*method, &train, 7)).expect("fits");
        let two = on_threads(2, || fitted(&*method, &train, 7)).expect("fits");
        assert_eq!(one, two, "{name}");
        let other = fitted(&*method, &train, 8).expect("fits");
        assert_ne!(one.scores, other.scores, "{name}");
    }
}

/// Refuses every problem with this number of rows in its second class.
#[derive(Clone, Debug)]
struct Refusing(usize);

impl BaseLearner for Refusing {
    type Model = DecisionTree;

    fn fit_problem(
        &self,
        rows: &SharedRows<'_>,
        problem: &Problem<'_>,
        run: &mut Run<'_, Labels>,
    ) -> Result<DecisionTree> {
        let second = problem.codes.iter().filter(|code| **code == 1).count();
        if second == self.0 {
            let reason = format!("{second} rows");
            return Err(Error::NotApplicable { method: "refusing".into(), reason });
        }
        C45::default().fit_problem(rows, problem, run)
    }
}

#[test]
fn an_error_of_the_base_learner_comes_through() {
    let train = twelve_rows();
    let positives = train.rows.y().positives()[1];
    let methods: [Box<dyn Fit<LabelMatrix>>; 3] = [
        Box::new(BinaryRelevance { base: Refusing(positives) }),
        Box::new(ClassifierChain { base: Refusing(positives), order: ChainOrder::Random }),
        Box::new(CalibratedLabelRanking { base: Refusing(positives), memory_megabytes: 0.0 }),
    ];
    for method in methods {
        let error = fitted(&*method, &train, 1).expect_err("refused").to_string();
        assert_eq!(error, format!("refusing does not apply: {positives} rows"));
    }
    let pair = CalibratedLabelRanking { base: Refusing(0), memory_megabytes: 0.0 };
    assert!(matches!(fitted(&pair, &train, 1), Err(Error::NotApplicable { .. })), "in the prediction");
}

/// Asks to stop at the first word of progress.
struct Impatient;

impl Watch for Impatient {
    fn progress(&mut self, _stage: &str, _done: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

impl Observe<LabelMatrix> for Impatient {}

#[test]
fn a_method_stops_where_it_is_asked_to() {
    for (name, method) in all_methods() {
        let (mut rng, mut impatient) = (Seed::new(1).rng(), Impatient);
        let stopped = method.fit(&twelve_rows(), &mut Run::new(&mut rng, &mut impatient)).map(|_| ());
        assert!(matches!(stopped, Err(Error::Interrupted { .. })), "{name}");
    }
}

#[test]
fn parameters_are_read_by_name_and_unknown_ones_refused() {
    let read = |text| serde_json::from_str::<Rakel<C45>>(text);
    let rakel = read(r#"{"labelset_size": 2, "labelsets": "disjoint", "base": {"min_leaf": 5}}"#);
    let base = C45 { min_leaf: 5, ..C45::default() };
    assert_eq!(rakel.expect("known"), Rakel { base, labelset_size: 2, labelsets: Labelsets::Disjoint });
    assert!(read(r#"{"k": 2}"#).is_err());
    let released = r#"{"n_chains": 1, "order": "natural", "bootstrap": false}"#;
    let ensemble: EnsembleOfClassifierChains<C45> = serde_json::from_str(released).expect("known");
    let chains = ensemble.draw_chains(3, 2, &mut Seed::new(1).rng());
    assert_eq!((&chains[0].order, &chains[0].rows), (&vec![0, 1], &vec![0, 1, 2]));
    assert_eq!(chains.len(), 1);
}

/// A single chain of the ensemble, without a bag, is the chain.
#[test]
fn one_natural_chain_is_the_chain() {
    let train = twelve_rows();
    let base = C45 { min_leaf: 1, ..C45::default() };
    let order = ChainOrder::Natural;
    let ensemble = EnsembleOfClassifierChains { base: base.clone(), n_chains: 1, order, bootstrap: false };
    let chain = ClassifierChain { base, order };
    let (ensemble, chain) = (fitted(&ensemble, &train, 1), fitted(&chain, &train, 1));
    assert_eq!(ensemble.expect("fits"), chain.expect("fits"));
}

#[test]
fn labelsets_and_chains_that_do_not_fit_are_refused() {
    let train = twelve_rows();
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let rakel = Rakel::<C45>::default();
    for labelset in [vec![], vec![0, 4], vec![1, 1]] {
        let refused = rakel.fit_labelsets(&train, &[labelset], &mut run);
        assert!(matches!(refused, Err(Error::InvalidParameter { .. })));
    }
    let chain = ClassifierChain::<C45>::default();
    for order in [vec![0, 1, 2], vec![0, 1, 2, 2], vec![0, 1, 2, 4]] {
        let refused = chain.fit_chain(&train, &order, &mut run);
        assert!(matches!(refused, Err(Error::InvalidParameter { .. })));
    }
    let too_many = Rakel { labelsets: Labelsets::Distinct(5), ..rakel };
    let error = too_many.draw_labelsets(4, &mut Seed::new(1).rng()).expect_err("four triples").to_string();
    assert_eq!(error, "labelsets must be from 1 to 4, the number of sets of 3 of 4 labels, but is 5");
}
