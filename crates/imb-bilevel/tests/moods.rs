//! The invariants of MOODS' outer loop, on two overlapping clouds of rows.

mod clouds;

use std::collections::BTreeSet;
use std::ops::ControlFlow::{self, Break, Continue};

use clouds::{clouds, shortened};
use imb_bilevel::{Moods, MoodsControl, Objective, Start, Step};
use imb_core::{
    ColumnKind, Dataset, Error, Gap, Labels, Observe, Origin, Parent, Resample, Resampled, Rng, Run, Seed,
    Train, Watch,
};
use imb_neural::Stop;
use imb_resample::contract::{Trained, trained_single_label};

fn train() -> Train<Labels> {
    Train { rows: clouds(180, 1), validation: Some(clouds(120, 2)) }
}

/// A preset with a small network and a short training.
fn small(preset: Moods, steps: u64) -> Moods {
    Moods { classifier: shortened(&preset.classifier, steps), ..preset }
}

fn run<'a>(rng: &'a mut Rng, observer: &'a mut dyn Observe<Labels>) -> Run<'a, Labels> {
    Run::new(rng, observer)
}

fn presets() -> [(&'static str, Moods); 3] {
    [
        ("as released", small(Moods::as_released(), 60)),
        ("paper", small(Moods::paper(), 60)),
        ("default", small(Moods::default(), 60)),
    ]
}

/// N5: the set consists of rows of the pool and synthetic rows, a step is accepted only if every objective
/// improves, the sizes add up, and no validation row is in the set.
#[test]
fn every_search_keeps_the_invariants() {
    let train = train();
    let mut grown = 0;
    for (name, method) in presets() {
        for seed in 0..5 {
            let mut rng = Seed::new(seed).rng();
            let found = match method.search(&train, &mut run(&mut rng, &mut ())) {
                Ok(found) => found,
                Err(Error::NotApplicable { .. }) if method.start == Start::Half => continue,
                Err(error) => panic!("{name}: {error}"),
            };
            let trajectory = &found.trajectory;
            assert!(trajectory.steps.len() <= method.max_steps);
            let accepted: Vec<_> = trajectory.steps.iter().filter(|step| step.accepted).collect();
            for pair in accepted.windows(2) {
                let values = pair[1].values.iter().zip(&pair[0].values);
                for (objective, ((_, new), (_, old))) in method.objectives.iter().zip(values) {
                    assert!(*new >= old + objective.margin && new > old, "{name}: {pair:?}");
                }
            }
            grown += accepted.len().saturating_sub(1);
            let last = accepted.last().expect("a set was found");
            let data = found.resampled.clone().into_dataset(&train.rows).expect("fits");
            let counts = data.y().counts();
            assert_eq!(last.sizes, Some([counts[0], counts[1]]), "{name}");
            require_rows_and_origins(&found.resampled, &train.rows, method.start == Start::BurnIn);
        }
    }
    assert!(grown > 0, "no search went beyond its first set");
}

/// Majority rows are different rows of the data, except those of a burn-in, which may repeat. All minority
/// rows are present. Each synthetic row lies where its origin says, and its parents are minority rows.
fn require_rows_and_origins(resampled: &Resampled<Labels>, rows: &Dataset<Labels>, burn_in: bool) {
    let of_class = |class: u32| -> Vec<usize> {
        resampled.kept.iter().filter(|row| rows.y().codes()[**row] == class).copied().collect()
    };
    assert_eq!(of_class(1), rows.y().rows_of(1), "every minority row once");
    let majority = of_class(0);
    let different: BTreeSet<usize> = majority.iter().copied().collect();
    let at_most = if burn_in { 2 * rows.y().rows_of(1).len().div_ceil(2) } else { 0 };
    assert!(majority.len() - different.len() <= at_most, "{} repeats", majority.len() - different.len());
    for (place, origin) in resampled.origins.iter().enumerate() {
        let Origin::Interpolated { seed, neighbor, gap: Gap::Same(gap) } = origin else {
            panic!("SVM-SMOTE interpolates with one gap a row")
        };
        let point = |parent: &Parent| match parent {
            Parent::Row(row) => {
                assert_eq!(rows.y().codes()[*row], 1, "parents are of the minority");
                rows.x().row(*row).to_vec()
            }
            Parent::Synthetic(earlier) => {
                assert!(*earlier < place, "parents come first");
                resampled.synthetic.row(*earlier).to_vec()
            }
        };
        let (seed, neighbor) = (point(seed), point(neighbor));
        for (column, made) in resampled.synthetic.row(place).iter().enumerate() {
            let expected = seed[column] + gap * (neighbor[column] - seed[column]);
            assert!((made - expected).abs() < 1e-12, "row {place}: {made} for {expected}");
        }
    }
}

/// Without an objective every proposal is accepted, so there are new rows to check.
#[test]
fn moods_keeps_the_contract_of_resamplers() {
    let mut n_new = 0;
    for (name, method) in presets() {
        let method = Moods { objectives: Vec::new(), max_steps: 4, ..method };
        trained_single_label(&format!("MOODS, {name}"), &method, Trained::Chooses);
        let made = method.resample(&train(), &mut run(&mut Seed::new(1).rng(), &mut ()));
        n_new += made.expect("accepted").synthetic.nrows();
    }
    assert!(n_new > 0, "SVM-SMOTE made no row");
}

/// Without an objective, nothing is selected: every step is accepted.
#[test]
fn without_objectives_every_proposal_is_accepted() {
    let method = Moods { objectives: Vec::new(), ..small(Moods::as_released(), 60) };
    let found = method.search(&train(), &mut run(&mut Seed::new(1).rng(), &mut ())).expect("accepted");
    let possible = |step: &Step| step.no_proposal.is_none();
    let steps = &found.trajectory.steps;
    assert!(steps.len() > 2 && steps.iter().all(|step| step.accepted == possible(step)));
}

#[test]
fn the_same_seed_finds_the_same() {
    let train = train();
    for (name, method) in presets() {
        let find = |seed| {
            let mut rng = Seed::new(seed).rng();
            method
                .search(&train, &mut run(&mut rng, &mut ()))
                .map(|found| (found.resampled, found.model))
                .ok()
        };
        let first = find(3);
        assert_eq!(first, find(3), "{name}");
        assert!((4..9).any(|seed| find(seed) != first), "{name}");
    }
}

/// Ends the search at an outer step.
struct Patience(u64);

impl Observe<Labels> for Patience {}

impl Watch for Patience {
    fn progress(&mut self, stage: &str, done: u64, _total: u64) -> ControlFlow<()> {
        if stage.starts_with("MOODS") && done >= self.0 { Break(()) } else { Continue(()) }
    }
}

#[test]
fn an_interrupted_search_keeps_its_best_set() {
    let (train, method) = (train(), small(Moods::as_released(), 60));
    let find = |patience| {
        let (mut rng, mut observer) = (Seed::new(1).rng(), Patience(patience));
        method.search(&train, &mut run(&mut rng, &mut observer))
    };
    let found = find(2).expect("the first step is always accepted");
    assert!(found.trajectory.interrupted);
    assert_eq!(found.trajectory.steps.len(), 2);
    assert!(matches!(find(0), Err(Error::Interrupted { .. })), "nothing to keep yet");
}

#[test]
fn validation_rows_are_held_out_if_none_are_given() {
    let rows = clouds(180, 1);
    let method = small(Moods::as_released(), 60);
    let train = Train { rows: rows.clone(), validation: None };
    let resampled = method.resample(&train, &mut run(&mut Seed::new(1).rng(), &mut ())).expect("found");
    let kept: BTreeSet<usize> = resampled.kept.iter().copied().collect();
    let minority = kept.iter().filter(|row| rows.y().codes()[**row] == 1).count();
    assert_eq!(minority, 24, "six of thirty minority rows validate");
    assert!(resampled.into_dataset(&rows).is_ok());
}

/// A model's class numbers would mean the other class there.
#[test]
fn validation_rows_of_other_classes_are_refused() {
    let validation = clouds(120, 2);
    let names = ["rare", "often"].map(String::from).into();
    let renamed = Labels::new(validation.y().codes().to_vec(), names).expect("two classes");
    let validation = validation.with_targets(renamed).expect("as many rows");
    let (train, method) =
        (Train { validation: Some(validation), ..train() }, small(Moods::as_released(), 10));
    let error = method.search(&train, &mut run(&mut Seed::new(1).rng(), &mut ())).expect_err("another order");
    assert!(error.to_string().starts_with("classes of the validation rows"), "{error}");
}

/// SVM-SMOTE cannot interpolate with a single row; of two, one is held out.
#[test]
fn steps_without_a_proposal_are_reported_with_their_reason() {
    let rows = clouds(180, 1);
    let kept = [&rows.y().rows_of(0)[..40], &rows.y().rows_of(1)[..2]].concat();
    let train = Train { rows: rows.select(&kept).expect("rows of the data"), validation: None };
    let method = small(Moods::as_released(), 20);
    let found =
        method.search(&train, &mut run(&mut Seed::new(1).rng(), &mut ())).expect("the first is accepted");
    let steps = &found.trajectory.steps;
    let without = steps.iter().filter(|step| step.no_proposal.is_some()).count();
    assert!(without > 0, "{steps:?}");
    let [delivery] = found.resampled.delivery.as_slice() else { panic!("{:?}", found.resampled.delivery) };
    assert_eq!((delivery.name.as_str(), delivery.asked, delivery.delivered), ("rare", 0, 0));
    let remark = delivery.remark.as_deref().expect("a reason");
    let expected =
        format!("{without} of {} steps were rejected because no minority rows could be made", steps.len());
    assert!(remark.starts_with(&expected) && remark.contains("rows, but"), "{remark}");
    let all =
        small(Moods::as_released(), 20).resample(&self::train(), &mut run(&mut Seed::new(1).rng(), &mut ()));
    assert!(all.expect("found").delivery.is_empty(), "nothing to say where every step had a proposal");
}

/// A proposal has rows in another order, so its numbers would say nothing to a user.
#[test]
fn numbers_beyond_single_precision_are_named_by_their_own_row() {
    let with = |rows: Dataset<Labels>, number: f64| {
        let mut x = rows.x().to_owned();
        x[[77, 1]] = number;
        Dataset::new(rows.features().to_vec(), x, rows.y().clone()).expect("finite")
    };
    let method = small(Moods::as_released(), 20);
    let refused = |train: Train<Labels>| {
        let error = method.search(&train, &mut run(&mut Seed::new(1).rng(), &mut ())).expect_err("too large");
        error.to_string()
    };
    let error = refused(Train { rows: with(clouds(180, 1), 1e39), validation: None });
    assert!(error.starts_with("data row 78 of column \"column_2\" is 1e39: "), "{error}");
    assert!(error.contains("single precision") && error.contains("scale the column"), "{error}");
    let error = refused(Train { validation: Some(with(clouds(120, 2), -1e300)), ..train() });
    assert!(error.starts_with("data row 78 of column \"column_2 (validation rows)\" is -1e300: "), "{error}");
}

/// SVM-SMOTE would refuse them at every step, and every step would count as rejected.
#[test]
fn categories_are_refused_at_once() {
    let rows = clouds(180, 1);
    let mut features = rows.features().to_vec();
    features[1].kind = ColumnKind::Categorical(["red", "green"].map(String::from).into());
    let x = rows.x().mapv(|value| f64::from(u8::from(value > 0.0)));
    let rows = Dataset::new(features, x, rows.y().clone()).expect("categories");
    let method = small(Moods::as_released(), 20);
    let train = Train { rows, validation: None };
    let error = method.search(&train, &mut run(&mut Seed::new(1).rng(), &mut ())).expect_err("categories");
    assert!(
        matches!(error, Error::NotApplicable { .. }) && error.to_string().contains("\"column_2\""),
        "{error}"
    );
}

/// The network and SVM-SMOTE have other defaults in MOODS than alone.
#[test]
fn what_is_not_written_of_a_part_is_as_moods_has_it() {
    let written: Moods = serde_json::from_str(
        r#"{ "resampler": { "m_neighbors": 12 }, "classifier": { "batch_size": 64, "adam": { "beta1": 0.5 } } }"#,
    )
    .expect("JSON");
    let mut expected = Moods::default();
    expected.resampler.m_neighbors = 12;
    expected.classifier.batch_size = 64;
    expected.classifier.adam.beta1 = 0.5;
    assert_eq!(written, expected);
    assert_eq!((written.resampler.k_neighbors, written.classifier.stop), (1, Stop::Steps(2_000)));
    let control: MoodsControl =
        serde_json::from_str(r#"{ "moods": { "classifier": { "batch_size": 64 } } }"#).expect("JSON");
    assert_eq!(control.moods.classifier.stop, Stop::Steps(2_000));
    for preset in [Moods::as_released(), Moods::paper(), Moods::default()] {
        let text = serde_json::to_string(&preset).expect("plain");
        assert_eq!(serde_json::from_str::<Moods>(&text).expect("as written"), preset);
    }
    let unknown = serde_json::from_str::<Moods>(r#"{ "resampler": { "neighbors": 3 } }"#);
    assert!(unknown.expect_err("unknown").to_string().contains("unknown field"));
}

#[test]
fn invalid_parameters_and_three_classes_are_refused() {
    let rows = clouds(180, 1);
    let three = Labels::new((0..180).map(|row| row % 3).collect(), ["a", "b", "c"].map(String::from).into());
    let three = Dataset::unnamed(rows.x().to_owned(), three.expect("three")).expect("finite");
    let (mut rng, method) = (Seed::new(1).rng(), small(Moods::default(), 10));
    let train = Train { rows: three, validation: None };
    let error = method.search(&train, &mut run(&mut rng, &mut ())).expect_err("three classes").to_string();
    assert!(error.contains("there are 3"), "{error}");
    let train = Train { rows, validation: None };
    let objective = |metric: &str| Objective { metric: metric.into(), margin: 0.0 };
    for objectives in [vec![objective("hinge")], vec![objective("log_loss")]] {
        let method = Moods { objectives, ..method.clone() };
        assert!(method.search(&train, &mut run(&mut rng, &mut ())).is_err());
    }
    for (max_steps, smallest_batch) in [(0, 10), (9, 0)] {
        let method = Moods { max_steps, smallest_batch, ..method.clone() };
        let error = method.search(&train, &mut run(&mut rng, &mut ())).expect_err("at least 1");
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
    }
}
