//! What the methods claim, and their contract.

use std::ops::ControlFlow::{self, Break, Continue};

use imb_core::{
    Budget, Dataset, Device, Error, Fit, Labels, Observe, Origin, Parent, Predict, Resample, Rng, Run, Seed,
    Train, Watch,
};
use imb_resample::contract::{Trained, trained_single_label};
use ndarray::{Array2, Axis};
use rand::RngExt;

use super::unrounded;
use crate::adversarial::game::{AdversarialGame, Players, Rules, mixed_rows};
use crate::adversarial::labels::{Draw, LabelDistribution};
use crate::adversarial::mixture;
use crate::adversarial::players::MixedRows;
use crate::adversarial::training::{Game, RealBatch, Training};
use crate::adversarial::{Ao, Complement, Cot, CotOptimizer, Do, Gamo};
use crate::host::HostMatrix;
use crate::matrix::Matrix;
use crate::{Adam, MlpClassifier, Stop, Weights};

/// Three classes of 4, 9 and 20 rows at different places, on columns of very different scale.
fn rows() -> Dataset<Labels> {
    let mut rng = Seed::new(3).child("rows").rng();
    let codes: Vec<u32> = [vec![0; 4], vec![1; 9], vec![2; 20]].concat();
    let x = Array2::from_shape_fn((33, 3), |(row, column)| {
        let centre = f64::from(codes[row]) * [1.0, -1.0, 0.5][column];
        [1.0, 1_000.0, 1e-3][column] * (centre + rng.random::<f64>())
    });
    let classes = ["few", "some", "many"].map(String::from).into();
    Dataset::unnamed(x, Labels::new(codes, classes).expect("valid")).expect("valid")
}

fn two_classes() -> Dataset<Labels> {
    let all = rows();
    let chosen: Vec<usize> = (0..33).filter(|&row| all.y().codes()[row] > 0).collect();
    let y = Labels::new(
        chosen.iter().map(|&row| all.y().codes()[row] - 1).collect(),
        vec!["a".into(), "b".into()],
    );
    Dataset::unnamed(all.x().select(Axis(0), &chosen), y.expect("valid")).expect("valid")
}

fn classifier(stop: Stop) -> MlpClassifier {
    MlpClassifier { batch_size: 8, stop, ..MlpClassifier::adversarial_q() }
}

fn small_game(stop: Stop) -> AdversarialGame {
    AdversarialGame {
        classifier: classifier(stop),
        generator_layers: vec![16, 8],
        critic_layers: vec![16, 8],
        n_noise: 6,
        ..AdversarialGame::default()
    }
}

fn ao(stop: Stop) -> Ao {
    Ao { game: small_game(stop) }
}

fn r#do(stop: Stop) -> Do {
    Do { game: small_game(stop), ..Do::default() }
}

fn gamo(stop: Stop) -> Gamo {
    Gamo { classifier: classifier(stop), n_noise: 6, generator_layers: vec![16, 8], ..Gamo::default() }
}

fn train(rows: Dataset<Labels>) -> Train<Labels> {
    Train { rows, validation: None }
}

/// The scores of a fitted method on its training rows.
fn fitted(method: &dyn Fit<Labels>, rows: &Dataset<Labels>, seed: u64, device: Device) -> Array2<f64> {
    let (mut rng, mut nobody) = (Seed::new(seed).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    run.device = device;
    let model = method.fit(&train(rows.clone()), &mut run).expect("fits");
    model.predict(rows.x()).expect("as many features").scores
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let stop = Stop::Epochs(3);
    let cot = Cot { classifier: classifier(stop), ..Cot::default() };
    let methods: [&dyn Fit<Labels>; 4] = [&ao(stop), &r#do(stop), &gamo(stop), &cot];
    for method in methods {
        let again = |seed| fitted(method, &rows(), seed, Device::Cpu);
        assert_eq!(again(1), again(1));
        assert_ne!(again(1), again(2));
    }
}

#[cfg(feature = "burn")]
#[test]
fn burn_trains_as_our_engine_does() {
    let stop = Stop::Steps(4);
    let rows = mixture::standardised("AO", &rows()).expect("finite");
    let cot = Cot { classifier: classifier(stop), ..Cot::default() };
    let methods: [&dyn Fit<Labels>; 4] = [&ao(stop), &r#do(stop), &gamo(stop), &cot];
    for method in methods {
        let ours = fitted(method, &rows, 1, Device::Cpu);
        for device in crate::device::devices_of_burn() {
            let burns = fitted(method, &rows, 1, device);
            for (ours, burns) in ours.iter().zip(&burns) {
                assert!((ours - burns).abs() < 1e-4, "{ours}, {device} {burns}");
            }
            assert_eq!(burns, fitted(method, &rows, 1, device), "{device}: the seed decides");
        }
    }
}

fn resampled(method: &dyn Resample<Labels>) -> imb_core::Resampled<Labels> {
    let (mut rng, mut nobody) = (Seed::new(5).rng(), ());
    method.resample(&train(rows()), &mut Run::new(&mut rng, &mut nobody)).expect("resamples")
}

/// N4: each new row is the mixture of its origin, of rows of its own class, in the units of the data, with weights
/// that are not negative and add up to 1.
#[test]
fn rows_are_rebuilt_from_their_origins() {
    let (data, stop) = (rows(), Stop::Epochs(2));
    let methods: [&dyn Resample<Labels>; 3] = [&ao(stop), &r#do(stop), &gamo(stop)];
    for method in methods {
        let made = resampled(method);
        assert_eq!(made.kept, (0..33).collect::<Vec<_>>());
        assert_eq!(made.synthetic_targets.counts(), [16, 11, 0]);
        assert_eq!(
            made.delivery.iter().map(|of| (of.asked, of.delivered)).collect::<Vec<_>>(),
            [(16, 16), (11, 11)]
        );
        for (number, origin) in made.origins.iter().enumerate() {
            let Origin::Mixture { parents } = origin else { panic!("{origin:?}") };
            let code = made.synthetic_targets.codes()[number];
            let mut rebuilt = ndarray::Array1::zeros(3);
            for (parent, weight) in parents {
                let Parent::Row(row) = parent else { panic!("{parent:?}") };
                assert_eq!(data.y().codes()[*row], code);
                assert!(*weight >= 0.0);
                rebuilt.scaled_add(*weight, &data.x().row(*row));
            }
            assert!((parents.iter().map(|(_, weight)| weight).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(parents.is_sorted_by(|(_, weight), (_, next)| weight >= next));
            for (found, expected) in made.synthetic.row(number).iter().zip(&rebuilt) {
                assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found}, {expected}");
            }
        }
        assert_eq!(made.into_dataset(&data).expect("fits").y().counts(), [20, 20, 20]);
    }
}

/// A new row is what the generator's weights make of the rows that it mixes, but for the lightest parents.
#[test]
fn a_new_row_is_what_the_generator_mixes() {
    let (data, mut rng) = (rows(), Seed::new(4).rng());
    let mixed: Vec<MixedRows> = (0..3).map(|class| mixed_rows(&data, class, 6, &mut rng)).collect();
    let asked = [5, 3, 0];
    let weights = |class: usize| {
        let raw = Array2::from_shape_fn((asked[class], mixed[class].rows.len()), |(row, column)| {
            (3.0 * unrounded(class as u64, (7 * row + column) as u64)).exp()
        });
        &raw / &raw.sum_axis(Axis(1)).insert_axis(Axis(1))
    };
    let mut nobody = ();
    let mut run = Run::new(&mut rng, &mut nobody);
    let of = mixture::Trained { method: "game", epoch: 1, classes: data.y().classes() };
    let made = mixture::make(&of, &asked, &mixed, &mut run, |class, _, _| Some(weights(class)));
    let made = mixture::resampled(&data, &asked, made.expect("finite")).expect("valid");
    let expected = [0, 1].map(|class| weights(class).dot(&mixed[class].x));
    for (found, expected) in
        made.synthetic.rows().into_iter().zip(expected.iter().flat_map(|of_class| of_class.rows()))
    {
        for ((found, expected), scale) in found.iter().zip(expected).zip([1.0, 1_000.0, 1e-3]) {
            assert!((found - expected).abs() < 2e-3 * scale, "{found} {expected}");
        }
    }
}

#[test]
fn games_keep_the_contract_of_resamplers() {
    let stop = Stop::Epochs(2);
    let methods: [(&str, &dyn Resample<Labels>); 3] =
        [("AO", &ao(stop)), ("DO", &r#do(stop)), ("GAMO", &gamo(stop))];
    for (name, method) in methods {
        trained_single_label(name, method, Trained::Grows);
    }
}

/// N4: the weights of the generator's mixtures are not negative and add up to 1.
#[test]
fn a_mixture_is_convex() {
    let (method, data) = (ao(Stop::Epochs(1)), rows());
    let mut rng = Seed::new(6).rng();
    let start = method.game.start(&data, &mut rng);
    let players = Players::<HostMatrix<f32>, _>::new(&method, &method.game, &start, data.y().counts(), &());
    let draw = Draw::new(vec![2; 50], 3, 6, &mut rng);
    let body = players.generator.body.forward(&HostMatrix::constant((draw.inputs() * 100.0).view(), &()));
    let shares = players.generator.heads[2].as_ref().expect("generated").shares(&body).values();
    assert!(shares.iter().all(|share| *share >= 0.0));
    assert!(shares.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-5));
}

/// Q's mean probability of the true class on rows of a fixed draw, before and after a step of G without D.
fn probabilities<R: Rules>(rules: &R, game: &AdversarialGame) -> [f64; 2] {
    let data = mixture::standardised("AO", &rows()).expect("finite");
    let mut rng = Seed::new(8).rng();
    let game = AdversarialGame { critic_weight: 0.0, ..game.clone() };
    let start = game.start(&data, &mut rng);
    let mut players = Players::<HostMatrix<f64>, _>::new(rules, &game, &start, data.y().counts(), &());
    let draw = Draw::new([vec![0; 10], vec![1; 10], vec![2; 10]].concat(), 3, 6, &mut rng);
    let probability = |players: &Players<'_, HostMatrix<f64>, R>| {
        let logits = players.classifier.forward(&players.generator.generate(&draw, &()));
        (logits.softmax().values() * draw.one_hot()).sum() / 30.0
    };
    let before = probability(&players);
    players.generator_step(&draw);
    [before, probability(&players)]
}

#[test]
fn without_the_critic_ao_fools_the_classifier_and_do_helps_it() {
    let stop = Stop::Epochs(1);
    let [before, after] = probabilities(&ao(stop), &small_game(stop));
    assert!(after < before, "AO: {before} to {after}");
    let [before, after] = probabilities(&r#do(stop), &small_game(stop));
    assert!(after > before, "DO: {before} to {after}");
}

/// Which classes Q is shown: inversely to their rows in AO; in DO as often as they have rows, but none less
/// often than f_s of the largest, and none at all at 0.
#[test]
fn the_classifier_is_shown_the_stated_classes() {
    let counts = [4, 9, 20];
    let shares = |labels: Option<LabelDistribution>| labels.expect("generated rows").shares();
    let total: f64 = counts.iter().map(|&count| 1.0 / count as f64).sum();
    for (share, count) in shares(ao(Stop::Epochs(1)).classifier_labels(&counts)).iter().zip(counts) {
        assert!((share - 1.0 / count as f64 / total).abs() < 1e-12, "{share}");
    }
    let of = |sampling_fraction| Do { sampling_fraction, ..Do::default() }.classifier_labels(&counts);
    let shares_at_half = [10.0 / 40.0, 10.0 / 40.0, 20.0 / 40.0];
    assert_eq!(shares(of(0.5)), shares_at_half);
    assert_eq!(shares(of(1.0)), [1.0 / 3.0; 3]);
    assert_eq!(of(0.0), None);
}

/// The names of the losses that each epoch told.
#[derive(Default)]
struct Log {
    losses: Vec<Vec<String>>,
    epochs: usize,
    capped: bool,
    break_at: Option<u64>,
}

impl Watch for Log {
    fn progress(&mut self, _stage: &str, done: u64, _total: u64) -> ControlFlow<()> {
        if self.break_at == Some(done) { Break(()) } else { Continue(()) }
    }

    fn step(&mut self, _series: &str, values: &[(&str, f64)]) {
        self.losses.push(values.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    fn capped(&mut self) {
        self.capped = true;
    }
}

impl Observe<Labels> for Log {
    fn on_epoch(&mut self, epoch: usize, _model: &dyn Predict<Labels>) -> ControlFlow<()> {
        assert_eq!(epoch, self.epochs);
        self.epochs += 1;
        Continue(())
    }
}

fn watched(
    method: &dyn Fit<Labels>,
    rows: Dataset<Labels>,
    mut log: Log,
    budget: Option<Budget>,
) -> (Log, Option<Error>) {
    let mut rng = Seed::new(9).rng();
    let mut run = Run::new(&mut rng, &mut log);
    run.budget = budget;
    let error = method.fit(&train(rows), &mut run).err();
    (log, error)
}

#[test]
fn exact_cot_of_two_classes_is_the_classifier() {
    let stop = Stop::Epochs(3);
    let cot = Cot { classifier: classifier(stop), ..Cot::default() };
    let data = two_classes();
    assert_eq!(fitted(&cot, &data, 1, Device::Cpu), fitted(&cot.classifier, &data, 1, Device::Cpu));
    let coded = Cot { complement: Complement::AsCoded, ..cot.clone() };
    assert_ne!(fitted(&coded, &data, 1, Device::Cpu), fitted(&cot, &data, 1, Device::Cpu));
    let (log, _) = watched(&coded, data.clone(), Log::default(), None);
    assert_eq!(log.losses[0], ["cross_entropy", "complement"]);
    // Its own loop, which gradient descent takes, makes no second step either.
    let descent = CotOptimizer::Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 1e-4 };
    let data = mixture::standardised("AO", &data).expect("finite");
    let (log, error) = watched(&Cot { optimizer: descent, ..cot.clone() }, data, Log::default(), None);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(log.losses[0], ["cross_entropy"]);
    let (log, _) = watched(&cot, rows(), Log::default(), None);
    assert_eq!(log.losses[0], ["cross_entropy", "complement"], "three classes have something to say");
}

#[test]
fn a_budget_caps_and_an_interrupt_is_an_error() {
    let method = ao(Stop::Epochs(4));
    let (log, error) = watched(&method, rows(), Log::default(), None);
    assert!(error.is_none() && !log.capped);
    assert_eq!((log.epochs, log.losses.len()), (4, 4));
    let (log, error) = watched(&method, rows(), Log::default(), Some(Budget { steps: 7, epochs: 9 }));
    assert!(error.is_none() && log.capped);
    assert_eq!(log.epochs, 2, "5 mini-batches and 2");
    let broken = Log { break_at: Some(6), ..Log::default() };
    let (_, error) = watched(&method, rows(), broken, None);
    assert!(matches!(error, Some(Error::Interrupted { .. })));
}

/// With such a rate the first step is taken from finite losses, and what it leads to is not finite any more.
#[test]
fn divergence_names_the_last_finite_losses() {
    let mut method = r#do(Stop::Epochs(50));
    method.game.adam = Adam { learning_rate: 1e8, ..method.game.adam };
    let (log, error) = watched(&method, rows(), Log::default(), None);
    let Some(Error::Diverged { method, epoch, detail }) = &error else { panic!("{error:?}") };
    assert_eq!((method.as_str(), *epoch, log.epochs), ("DO", 0, 0));
    assert!(
        detail.starts_with("the loss \"critic\" is ") && detail.contains(" after 1 mini-batches"),
        "{detail}"
    );
    let (_, last) = detail.split_once("last finite losses: ").expect("they are named");
    let losses: Vec<(&str, f64)> = last
        .split(", ")
        .map(|named| named.rsplit_once(' ').map(|(name, loss)| (name, loss.parse().expect("a number"))))
        .collect::<Option<_>>()
        .expect("a name and a number each");
    assert_eq!(
        losses.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["critic", "classifier", "generator"]
    );
    assert!(losses.iter().all(|(_, loss)| loss.is_finite()), "{losses:?}");
}

/// A game whose loss is its number of mini-batches, until it is lost.
struct LostAt(u64, u64);

impl Game for LostAt {
    fn play(&mut self, _real: &RealBatch, _rng: &mut Rng) -> Vec<(&'static str, f64)> {
        self.1 += 1;
        vec![("played", if self.1 < self.0 { self.1 as f64 } else { f64::NAN })]
    }

    fn classifier(&self) -> Weights {
        Weights { layers: vec![] }
    }
}

/// 33 rows are five mini-batches of up to eight.
#[test]
fn divergence_names_the_epoch() {
    let (rows, classifier) = (rows(), classifier(Stop::Epochs(50)));
    for (lost_at, epoch) in [(2, 0), (5, 0), (6, 1), (13, 2)] {
        let training =
            Training { method: "lost", rows: &rows, classifier: &classifier, shuffled_once: false };
        let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
        let error = training.play(&mut LostAt(lost_at, 0), &mut Run::new(&mut rng, &mut nobody));
        let Some(Error::Diverged { epoch: found, detail, .. }) = &error.err() else { panic!("it is lost") };
        let n = lost_at - 1;
        let expected =
            format!("the loss \"played\" is NaN after {n} mini-batches; last finite losses: played {n}");
        assert_eq!((*found, detail), (epoch, &expected));
    }
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let training = Training { method: "lost", rows: &rows, classifier: &classifier, shuffled_once: false };
    let (_, last) = training.play(&mut LostAt(u64::MAX, 0), &mut run).expect("never lost");
    assert_eq!(last, 49);
}

/// A generator is asked for rows after training, so the last epoch is at fault if they are not finite.
#[test]
fn rows_that_are_not_finite_name_the_last_epoch() {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let mut run = Run::new(&mut rng, &mut nobody);
    let nan = |_, n: usize, _: &mut Rng| Some(Array2::from_elem((n, 2), f64::NAN));
    let mixed = [(); 2].map(|()| MixedRows { rows: vec![0, 1], x: Array2::zeros((2, 1)) });
    let classes = ["often", "rare"].map(String::from);
    let of = mixture::Trained { method: "AO", epoch: 7, classes: &classes };
    let error = mixture::make(&of, &[0, 3], &mixed, &mut run, nan).err();
    let Some(Error::Diverged { epoch: 7, detail, .. }) = error else { panic!("{error:?}") };
    assert!(detail.contains("class \"rare\""), "{detail}");
}

#[test]
fn what_cannot_be_is_refused() {
    let refused =
        |method: &dyn Fit<Labels>| watched(method, rows(), Log::default(), None).1.expect("refused");
    let stop = Stop::Epochs(1);
    for fraction in [-0.1, 1.1, f64::NAN] {
        let method = Do { sampling_fraction: fraction, ..r#do(stop) };
        assert!(matches!(refused(&method), Error::InvalidParameter { .. }));
    }
    let norm = Stop::GradientNorm { at_most: 1e-5, max_epochs: 2 };
    assert!(matches!(refused(&ao(norm)), Error::InvalidParameter { .. }));
    let mut none = ao(stop);
    none.game.max_mixed_rows = 0;
    assert!(matches!(refused(&none), Error::InvalidParameter { .. }));
    let one = rows().select(&[0, 1, 2]).expect("rows");
    let (_, error) = watched(&gamo(stop), one, Log::default(), None);
    assert!(matches!(error, Some(Error::NotApplicable { .. })));
}

/// Large classes are mixed of some of their rows; a class without rows is never drawn.
#[test]
fn rows_to_mix_are_capped_and_classes_without_rows_left_out() {
    let mut method = ao(Stop::Epochs(1));
    method.game.max_mixed_rows = 5;
    let without = rows().select(&(4..33).collect::<Vec<_>>()).expect("rows");
    let start = method.game.start(&without, &mut Seed::new(1).rng());
    assert_eq!(start.mixed.iter().map(|of| of.rows.len()).collect::<Vec<_>>(), [0, 5, 5]);
    assert!(start.heads[0].is_none());
    assert!(start.mixed[2].rows.is_sorted());
    let (_, error) = watched(&method, without, Log::default(), None);
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn parameters_are_read_as_they_are_written() {
    let method = Do { sampling_fraction: 0.5, ..Do::default() };
    let text = serde_json::to_string(&method).expect("plain");
    assert_eq!(serde_json::from_str::<Do>(&text).expect("as written"), method);
    let partial: Do = serde_json::from_str(r#"{"game":{"max_mixed_rows":256}}"#).expect("defaults fill");
    assert_eq!(partial.game.max_mixed_rows, 256);
    assert!(serde_json::from_str::<Gamo>(r#"{"widths":3}"#).is_err());
}
