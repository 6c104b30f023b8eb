//! What an observer of the control of MOODS is shown, and which rows are enough for it.

mod clouds;

use clouds::{clouds, shortened};
use imb_bilevel::{Moods, MoodsControl};
use imb_core::{Error, Fit, Labels, Observe, Predict, Resampled, Result, Run, Seed, Target, Train, Watch};

fn control(keep_sizes: bool) -> MoodsControl {
    let moods = Moods::as_released();
    let moods = Moods { classifier: shortened(&moods.classifier, 30), max_steps: 4, ..moods };
    MoodsControl { moods, keep_sizes, keep_steps: false }
}

/// The sets that were shown.
#[derive(Default)]
struct Shown(Vec<Resampled<Labels>>);

impl Watch for Shown {}

impl Observe<Labels> for Shown {
    fn on_resampled(&mut self, resampled: &Resampled<Labels>) {
        self.0.push(resampled.clone());
    }
}

fn fit(method: &MoodsControl, train: &Train<Labels>, shown: &mut Shown) -> Result<Box<dyn Predict<Labels>>> {
    method.fit(train, &mut Run::new(&mut Seed::new(3).rng(), shown))
}

/// Some of the given rows are held out first, which renumbers the others.
#[test]
fn the_observer_is_shown_rows_by_their_numbers_in_the_given_data() {
    let train = Train { rows: clouds(180, 1), validation: None };
    let mut shown = Shown::default();
    fit(&control(true), &train, &mut shown).expect("fits");
    let [resampled] = shown.0.as_slice() else { panic!("{} sets", shown.0.len()) };
    assert_eq!(resampled.kept_targets, train.rows.y().select(&resampled.kept));
    assert!(
        resampled.seed_rows().iter().all(|row| train.rows.y().codes()[*row] == 1),
        "rows of the minority"
    );
    assert!(resampled.clone().into_dataset(&train.rows).is_ok());
}

/// MOODS runs with two rows of a class, of which one is held out. One row is refused as MOODS refuses it.
#[test]
fn as_few_rows_are_enough_as_for_moods() {
    let rows = clouds(180, 1);
    let with_rare = |n: usize| {
        let rare = rows.y().rows_of(1).into_iter().take(n);
        let kept: Vec<usize> = rows.y().rows_of(0).into_iter().chain(rare).collect();
        Train { rows: rows.select(&kept).expect("rows of the data"), validation: None }
    };
    let method = control(false);
    let search = |train: &Train<Labels>| {
        method.moods.search(train, &mut Run::new(&mut Seed::new(3).rng(), &mut ())).map(drop)
    };
    assert!(search(&with_rare(2)).is_ok());
    assert!(fit(&method, &with_rare(2), &mut Shown::default()).is_ok());
    let alone = search(&with_rare(1)).expect_err("one row").to_string();
    let error = fit(&method, &with_rare(1), &mut Shown::default()).err().expect("one row");
    assert!(matches!(error, Error::NotApplicable { .. }) && error.to_string() == alone, "{error}");
}
