//! The contract of resamplers of one class a row that train networks to make or to choose rows. They have neither
//! a sampling strategy nor a number of neighbours, and their rows depend on weights, so some promises of the others
//! do not apply to them; each check says which. The ids, such as S5, are those of `docs/invariants.md`.

use imb_core::{
    ColumnKind, Dataset, Error, Feature, Gap, Labels, Origin, Parent, Resample, Resampled, Seed, Target,
};
use ndarray::{Array1, Array2};
use rand::seq::SliceRandom;

use super::classes::clouds;
use super::resample as resample_with;

/// What a trained resampler does with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trained {
    /// It keeps all rows and gives each smaller class as many new ones as the largest has more.
    Grows,
    /// It chooses rows of two classes by retraining, and may add new ones. How many is for the training to decide.
    Chooses,
}

/// Checks a resampler that trains networks.
///
/// ```
/// use imb_resample::contract::{Trained, trained_single_label};
/// use imb_resample::{SmallClasses, Smote};
///
/// // SMOTE trains nothing, but it keeps the same promises.
/// let smote = Smote { small_classes: SmallClasses::Shrink, ..Smote::default() };
/// trained_single_label("smote", &smote, Trained::Grows);
/// ```
///
/// # Panics
/// If the method breaks a promise.
pub fn trained_single_label(name: &str, method: &dyn Resample<Labels>, does: Trained) {
    let subject = &Subject { name, method, does };
    let rows = subject.rows();
    let before = rows.clone();
    let resampled = subject.resample(&rows, 1);
    // S14: the input is not modified.
    assert_eq!(rows, before, "{name}");
    the_number_of_rows(subject, &rows, &resampled);
    new_rows_are_where_their_origins_say(subject, &rows, &resampled);
    units_change_no_choice(subject, &rows, &resampled);
    the_same_seed_gives_the_same_bytes(subject, &rows, &resampled);
    the_order_of_rows_does_not_matter_to_the_counts(subject, &rows);
    renaming_classes_changes_only_names(subject, &rows, &resampled);
    integer_columns_stay_whole(subject, &rows);
    balanced_data_are_unchanged(subject);
    small_classes(subject);
    categories_are_named(subject, &rows);
    weights_and_groups_follow_the_seed(subject, &rows);
}

/// A resampler with what it does.
struct Subject<'a> {
    name: &'a str,
    method: &'a dyn Resample<Labels>,
    does: Trained,
}

impl Subject<'_> {
    fn resample(&self, rows: &Dataset<Labels>, seed: u64) -> Resampled<Labels> {
        resample_with(self.method, rows, seed).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Three clouds of different sizes; the largest and the smallest for a method that knows two classes only.
    fn rows(&self) -> Dataset<Labels> {
        let rows = clouds(1);
        if self.does == Trained::Grows {
            return rows;
        }
        let name = |row: usize| rows.y().classes()[rows.y().codes()[row] as usize].as_str();
        let chosen: Vec<usize> = (0..rows.n_rows()).filter(|row| name(*row) != "some").collect();
        let names: Vec<&str> = chosen.iter().map(|row| name(*row)).collect();
        let chosen = rows.select(&chosen).expect("rows of two classes");
        chosen.with_targets(Labels::from_texts(&names)).expect("one a row")
    }
}

/// S1 and S3: a method that grows classes returns the original rows first, and each class is as large as the largest
/// then. One that chooses has no such number to reach, and no sampling strategy, which S4 is about; all classes
/// remain, kept rows are rows of the data, and no kept row changes its class.
fn the_number_of_rows(subject: &Subject<'_>, rows: &Dataset<Labels>, resampled: &Resampled<Labels>) {
    let (name, before) = (subject.name, rows.y().counts());
    assert_eq!(resampled.kept_targets, rows.y().select(&resampled.kept), "{name}");
    let after = resampled.clone().into_dataset(rows).expect("fits").y().counts();
    if subject.does == Trained::Chooses {
        assert!(after.iter().all(|count| *count > 0), "{name}: {after:?}");
        return;
    }
    assert!(resampled.kept.iter().copied().eq(0..rows.n_rows()), "{name}");
    let largest = before.iter().copied().max().expect("three classes");
    assert!(after.iter().all(|count| *count == largest), "{name}: {after:?}");
    for (class, count) in rows.y().classes().iter().zip(before).filter(|(_, count)| *count < largest) {
        let entry = resampled.delivery.iter().find(|entry| entry.name == *class).expect("a class that grew");
        assert_eq!((entry.asked, entry.delivered), (largest - count, largest - count), "{name}: {class}");
    }
}

/// S5 and S6: each new row lies where its origin says, between rows of its class. SVM-SMOTE, which MOODS adds rows
/// with, goes beyond them by at most half their distance. Who the nearest rows are, is for the tests of a method's
/// own parts.
fn new_rows_are_where_their_origins_say(
    subject: &Subject<'_>,
    rows: &Dataset<Labels>,
    resampled: &Resampled<Labels>,
) {
    let name = subject.name;
    for (number, origin) in resampled.origins.iter().enumerate() {
        let class = resampled.synthetic_targets.codes()[number];
        let point = |parent: &Parent| -> Array1<f64> {
            match parent {
                Parent::Row(row) => {
                    assert_eq!(rows.y().codes()[*row], class, "{name}: a parent of another class");
                    rows.x().row(*row).to_owned()
                }
                Parent::Synthetic(earlier) => resampled.synthetic.row(*earlier).to_owned(),
            }
        };
        let expected = match origin {
            Origin::Interpolated { seed, neighbor, gap: Gap::Same(gap) } => {
                assert!((-0.5..=1.0).contains(gap), "{name}: {gap}");
                let (seed, neighbor) = (point(seed), point(neighbor));
                &seed + &((&neighbor - &seed) * *gap)
            }
            Origin::Mixture { parents } => {
                let total: f64 = parents.iter().map(|(_, weight)| weight).sum();
                let convex = parents.iter().all(|(_, weight)| *weight >= 0.0) && (total - 1.0).abs() < 1e-12;
                assert!(convex, "{name}: {parents:?}");
                let mix = |sum: Array1<f64>, (parent, weight): &(Parent, f64)| sum + point(parent) * *weight;
                parents.iter().fold(Array1::zeros(rows.n_features()), mix)
            }
            other => panic!("{name}: {other:?} does not say where the row lies"),
        };
        for (found, expected) in resampled.synthetic.row(number).iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                "{name}: {found}, {expected}"
            );
        }
    }
}

/// S7, as far as it applies: columns are standardised before a generator is trained, so their units do not matter.
/// Reordered columns meet other initial weights, a translation rounds, and a method that chooses shows its network
/// the rows as they are.
fn units_change_no_choice(subject: &Subject<'_>, rows: &Dataset<Labels>, resampled: &Resampled<Labels>) {
    if subject.does == Trained::Grows {
        let scaled = Dataset::unnamed(&rows.x() * 4.0, rows.y().clone()).expect("finite");
        let found = subject.resample(&scaled, 1);
        assert_eq!((&found.kept, &found.origins), (&resampled.kept, &resampled.origins), "{}", subject.name);
    }
}

/// S8: the same seed gives the same bytes with any number of threads; another seed gives others.
fn the_same_seed_gives_the_same_bytes(
    subject: &Subject<'_>,
    rows: &Dataset<Labels>,
    resampled: &Resampled<Labels>,
) {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let again = pool.install(|| subject.resample(rows, 1));
        assert_eq!(again, *resampled, "{} on {threads} threads", subject.name);
    }
    assert_ne!(subject.resample(rows, 2), *resampled, "{}", subject.name);
}

/// S10: the order of the rows may change bytes, but not the number of rows of each class; where the training decides
/// about that number, it may.
fn the_order_of_rows_does_not_matter_to_the_counts(subject: &Subject<'_>, rows: &Dataset<Labels>) {
    if subject.does == Trained::Chooses {
        return;
    }
    let mut order: Vec<usize> = (0..rows.n_rows()).collect();
    order.shuffle(&mut Seed::new(9).rng());
    let counts =
        |rows: &Dataset<Labels>| subject.resample(rows, 3).into_dataset(rows).expect("fits").y().counts();
    assert_eq!(counts(rows), counts(&rows.select(&order).expect("rows of it")), "{}", subject.name);
}

/// S11: renaming the classes changes only their names.
fn renaming_classes_changes_only_names(
    subject: &Subject<'_>,
    rows: &Dataset<Labels>,
    resampled: &Resampled<Labels>,
) {
    let names = (0..rows.y().classes().len()).map(|class| class.to_string()).collect();
    let renamed = Labels::new(rows.y().codes().to_vec(), names).expect("as many names");
    let found = subject.resample(&rows.with_targets(renamed).expect("as many rows"), 1);
    assert_eq!((&found.kept, &found.origins), (&resampled.kept, &resampled.origins), "{}", subject.name);
    assert_eq!(found.synthetic, resampled.synthetic, "{}", subject.name);
    assert_eq!(found.synthetic_targets.codes(), resampled.synthetic_targets.codes(), "{}", subject.name);
}

/// S12: integer columns contain whole numbers only.
fn integer_columns_stay_whole(subject: &Subject<'_>, rows: &Dataset<Labels>) {
    let feature = |column| Feature { name: format!("n{column}"), kind: ColumnKind::Integer };
    let features: Vec<Feature> = (0..rows.n_features()).map(feature).collect();
    let whole = rows.x().mapv(|value| (value * 10.0).round());
    let data = Dataset::new(features, whole, rows.y().clone()).expect("finite");
    let resampled = subject.resample(&data, 4);
    assert!(resampled.synthetic.iter().all(|value| value.fract() == 0.0), "{}", subject.name);
}

/// S13: balanced data are returned unchanged. A method that chooses leaves out rows whatever the balance is.
fn balanced_data_are_unchanged(subject: &Subject<'_>) {
    if subject.does == Trained::Chooses {
        return;
    }
    let rows = [0, 1, 2, 3, 40, 41, 42, 43];
    let rows = clouds(1).select(&rows).expect("four rows of two classes");
    assert_eq!(subject.resample(&rows, 5).into_dataset(&rows).expect("fits"), rows, "{}", subject.name);
}

/// S15: one class only is refused; the only row of a class that is grown is copied. (Duplicates and a constant column
/// are in the clouds.) A method that chooses refuses a class of one row, of which none is left to validate.
fn small_classes(subject: &Subject<'_>) {
    let of = |sizes: [usize; 2]| {
        let texts: Vec<&str> = [vec!["often"; sizes[0]], vec!["rare"; sizes[1]]].concat();
        let x = Array2::from_shape_fn((texts.len(), 1), |(row, _)| row as f64);
        Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite")
    };
    let error = resample_with(subject.method, &of([9, 0]), 6).expect_err("one class");
    assert!(error.to_string().contains("two classes"), "{}: {error}", subject.name);
    let alone = resample_with(subject.method, &of([9, 1]), 6);
    match subject.does {
        Trained::Grows => {
            let made = alone.expect("copies").synthetic;
            assert!(made.nrows() == 8 && made.iter().all(|value| *value == 9.0), "{}: {made}", subject.name);
        }
        Trained::Chooses => {
            let error = alone.expect_err("a single row");
            let typed = matches!(error, Error::NotApplicable { .. } | Error::TooFewRows { .. });
            assert!(typed && error.to_string().contains("rare"), "{}: {error}", subject.name);
        }
    }
}

/// Categories, between which there is nothing to mix, are refused by name. A method that chooses and makes no rows
/// shows them to its network as the numbers that they are.
fn categories_are_named(subject: &Subject<'_>, rows: &Dataset<Labels>) {
    if subject.does == Trained::Chooses {
        return;
    }
    let mut features = rows.features().to_vec();
    features[1] = Feature {
        name: "colour".into(),
        kind: ColumnKind::Categorical((0..20).map(|number| format!("c{number}")).collect()),
    };
    let coded = Dataset::new(features, rows.x().mapv(f64::floor), rows.y().clone()).expect("finite");
    let error = resample_with(subject.method, &coded, 7).expect_err("categories").to_string();
    assert!(error.contains("\"colour\""), "{}: {error}", subject.name);
}

/// Copies and new rows take the weight and the group of their seed, over any number of generations.
fn weights_and_groups_follow_the_seed(subject: &Subject<'_>, rows: &Dataset<Labels>) {
    let numbers: Vec<u64> = (0..rows.n_rows() as u64).collect();
    let weights = numbers.iter().map(|&number| number as f64).collect();
    let rows = rows.clone().with_weights(weights).and_then(|rows| rows.with_groups(numbers));
    let rows = rows.expect("one a row");
    let resampled = subject.resample(&rows, 8);
    let seeds = resampled.seed_rows();
    let expected: Vec<u64> = resampled.kept.iter().chain(&seeds).map(|&row| row as u64).collect();
    let data = resampled.into_dataset(&rows).expect("fits");
    assert_eq!(data.groups(), Some(expected.as_slice()), "{}", subject.name);
    let expected: Vec<f64> = expected.into_iter().map(|row| row as f64).collect();
    assert_eq!(data.weights(), Some(expected.as_slice()), "{}", subject.name);
}
