//! The invariants of MUBO's outer loop, on two overlapping clouds of rows.

mod clouds;

use std::ops::ControlFlow::{self, Break, Continue};

use clouds::{clouds, shortened};
use imb_bilevel::Mubo;
use imb_core::{Dataset, Error, Labels, Observe, Resample, Run, Seed, Train, Watch};
use imb_neural::Stop;
use imb_resample::contract::{Trained, trained_single_label};

fn train() -> Train<Labels> {
    Train { rows: clouds(180, 1), validation: None }
}

fn small(preset: Mubo, max_steps: usize) -> Mubo {
    let classifier = shortened(&preset.classifier, 60);
    Mubo { classifier, max_steps, ..preset }
}

#[test]
fn every_search_keeps_the_invariants() {
    let train = train();
    for (name, method) in [("as released", Mubo::as_released()), ("default", Mubo::default())] {
        let method = small(method, 20);
        for seed in 0..3 {
            let found = method.search(&train, &mut Run::new(&mut Seed::new(seed).rng(), &mut ()));
            let found = found.expect("the first step is accepted");
            let steps = &found.trajectory.steps;
            assert_eq!(steps.len(), 20, "{name}");
            // 0.15, then 0.25 of 30 minority rows, less 0.2.
            let mut majority = 4 + steps[0].batch;
            assert_eq!(steps[0].batch, 2, "{name}: 8 less 6");
            for step in steps {
                assert_eq!(step.sizes.map(|[_, minority]| minority), Some(30), "{name}");
                let value = |place: usize| step.values[place].1;
                assert_eq!(step.accepted, value(0) < value(1), "{name}: F below the threshold");
            }
            for pair in steps.windows(2) {
                if pair[0].accepted {
                    majority += pair[1].batch;
                } else {
                    majority = majority - pair[0].batch + pair[1].batch;
                }
                assert_eq!(pair[1].sizes, Some([majority, 30]), "{name}");
            }
            let last = steps.iter().rfind(|step| step.accepted).expect("one is");
            let kept = found.resampled.into_dataset(&train.rows).expect("fits");
            assert_eq!(Some(kept.y().counts()), last.sizes.map(Vec::from), "{name}");
        }
    }
}

#[test]
fn mubo_keeps_the_contract_of_resamplers() {
    for (name, method) in [("as released", Mubo::as_released()), ("default", Mubo::default())] {
        trained_single_label(&format!("MUBO, {name}"), &small(method, 6), Trained::Chooses);
    }
}

/// A norm of its own ends the trainings sooner.
#[test]
fn the_inner_loop_may_stop_at_a_larger_gradient() {
    let train = train();
    let mut method = small(Mubo::as_released(), 5);
    method.classifier.stop = Stop::GradientNorm { at_most: 1e-9, max_epochs: 30 };
    let steps = |gradient_norm| {
        let method = Mubo { gradient_norm, ..method.clone() };
        let found = method.search(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ())).expect("found");
        found.trajectory.steps.iter().map(|step| step.epochs).sum::<u64>()
    };
    assert_eq!(steps(None), 150);
    assert_eq!(steps(Some(1e9)), 5, "one epoch each");
}

#[test]
fn the_same_seed_finds_the_same() {
    let (train, method) = (train(), small(Mubo::default(), 9));
    let find = |seed| {
        let found = method.search(&train, &mut Run::new(&mut Seed::new(seed).rng(), &mut ())).expect("found");
        (found.resampled, found.model)
    };
    assert_eq!(find(3), find(3));
    assert_ne!(find(3), find(4));
}

/// Ends the search at an outer step.
struct Patience(u64);

impl Observe<Labels> for Patience {}

impl Watch for Patience {
    fn progress(&mut self, stage: &str, done: u64, _total: u64) -> ControlFlow<()> {
        if stage.starts_with("MUBO") && done >= self.0 { Break(()) } else { Continue(()) }
    }
}

#[test]
fn an_interrupted_search_keeps_its_best_set() {
    let (train, method) = (train(), small(Mubo::as_released(), 20));
    let find = |patience| {
        let (mut rng, mut observer) = (Seed::new(1).rng(), Patience(patience));
        method.search(&train, &mut Run::new(&mut rng, &mut observer))
    };
    let found = find(2).expect("the first step is accepted");
    assert!(found.trajectory.interrupted && found.trajectory.steps.len() == 2);
    assert!(matches!(find(0), Err(Error::Interrupted { .. })), "nothing to keep yet");
}

/// The released program asks for −1 rows here and aborts.
#[test]
fn one_or_two_minority_rows_are_refused_by_name() {
    let rows = clouds(180, 1);
    let method = small(Mubo::default(), 9);
    for n in 1..=3 {
        let rare = rows.y().rows_of(1).into_iter().take(n);
        let kept: Vec<usize> = rows.y().rows_of(0).into_iter().chain(rare).collect();
        let train = Train { rows: rows.select(&kept).expect("rows of the data"), validation: None };
        let found = method.resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()));
        match n {
            3 => assert_eq!(
                found.expect("three are enough").into_dataset(&train.rows).expect("fits").y().counts()[1],
                3
            ),
            _ => assert!(found.expect_err("too few").to_string().contains("rare")),
        }
    }
    let none = Mubo { max_steps: 0, ..method };
    assert!(none.resample(&train(), &mut Run::new(&mut Seed::new(1).rng(), &mut ())).is_err());
}

/// Also where the classifier stops by another rule, and the norm would not be looked at.
#[test]
fn norms_that_end_no_training_are_refused() {
    for norm in [-5.0, 0.0, f64::NAN, f64::INFINITY] {
        for method in [Mubo::default(), Mubo::as_released()] {
            let method = Mubo { gradient_norm: Some(norm), ..method };
            let error = method.resample(&train(), &mut Run::new(&mut Seed::new(1).rng(), &mut ()));
            let error = error.expect_err("no norm");
            assert!(
                matches!(&error, Error::InvalidParameter { name, .. } if name == "gradient_norm"),
                "{error}"
            );
        }
    }
}

/// With thirty rows of each class, 20 accepted steps draw more majority rows than there are.
#[test]
fn a_majority_that_grows_is_reported() {
    let rows = clouds(180, 1);
    let kept = [&rows.y().rows_of(0)[..31], &rows.y().rows_of(1)[..]].concat();
    let train = Train { rows: rows.select(&kept).expect("rows of the data"), validation: None };
    let made = |max_steps: usize| {
        let method = small(Mubo::default(), max_steps);
        method.resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ())).expect("found")
    };
    assert!(made(1).delivery.is_empty(), "a few rows");
    let many = made(60);
    let n = many.kept_targets.counts()[0];
    assert!(n > 31, "{n} rows");
    let [delivery] = many.delivery.as_slice() else { panic!("{:?}", many.delivery) };
    assert_eq!((delivery.name.as_str(), delivery.asked, delivery.delivered), ("often", n, n));
    let remark = delivery.remark.as_deref().expect("why");
    assert!(remark.starts_with("more rows than the 31 given: they are drawn with replacement"), "{remark}");
}

/// The burn-in and the proposals have rows in another order, so their numbers would say nothing to a user.
#[test]
fn numbers_beyond_single_precision_are_named_by_their_own_row() {
    let rows = clouds(180, 1);
    let mut x = rows.x().to_owned();
    x[[77, 1]] = 1e39;
    let rows = Dataset::new(rows.features().to_vec(), x, rows.y().clone()).expect("finite");
    let method = small(Mubo::default(), 5);
    let train = Train { rows, validation: None };
    let error = method.resample(&train, &mut Run::new(&mut Seed::new(1).rng(), &mut ()));
    let error = error.expect_err("too large").to_string();
    assert!(error.starts_with("data row 78 of column \"column_2\" is 1e39: "), "{error}");
}
