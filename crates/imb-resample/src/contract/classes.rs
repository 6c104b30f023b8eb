//! The contract of resamplers of one class a row. The ids, such as S5, are those of `docs/invariants.md`.

use std::collections::BTreeMap;

use imb_core::{
    ColumnKind, Dataset, Error, Facts, Feature, Gap, Kind, Labels, Origin, Parent, Resample, Resampled,
    Result, Seed, Target,
};
use ndarray::{Array2, Axis, array};
use rand::RngExt;
use rand::seq::SliceRandom;

use super::resample as resample_with;

/// Builds a method from its parameters, written as TOML.
pub type Build<'a> = &'a (dyn Fn(&str) -> Result<Box<dyn Resample<Labels>>> + Sync);

/// A resampler with what it promises.
struct Subject<'a> {
    name: &'a str,
    facts: Facts,
    build: Build<'a>,
}

impl Subject<'_> {
    fn build(&self, parameters: &str) -> Box<dyn Resample<Labels>> {
        (self.build)(parameters).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// Checks a resampler of one class a row, which has the parameter `sampling_strategy` and, if it reads
/// values, `k_neighbors` and `small_classes`. See also
/// [`trained_single_label`](super::trained_single_label), for those that have none of them.
///
/// ```
/// use imb_core::{Error, Facts, Kind};
/// use imb_resample::Smote;
/// use imb_resample::contract::single_label;
///
/// single_label("smote", Facts::of_kind(Kind::OverSampler), &|parameters| {
///     let smote: Smote = toml::from_str(parameters)
///         .map_err(|error| Error::invalid_parameter("parameters", error.message(), parameters))?;
///     Ok(Box::new(smote))
/// });
/// ```
///
/// # Panics
/// If the method breaks a promise.
pub fn single_label(name: &str, facts: Facts, build: Build<'_>) {
    let subject = &Subject { name, facts, build };
    over_samplers_keep_every_row_first(subject);
    under_samplers_make_no_rows(subject);
    classes_have_the_rows_asked_for(subject);
    a_target_for_one_class_changes_that_class_only(subject);
    new_rows_are_where_their_origins_say(subject);
    neighbours_are_among_the_nearest(subject);
    moving_scaling_and_reordering_columns_change_no_choice(subject);
    the_same_seed_gives_the_same_bytes(subject);
    the_order_of_rows_does_not_matter_to_the_counts(subject);
    renaming_classes_changes_only_names(subject);
    integer_columns_stay_whole(subject);
    balanced_data_are_unchanged(subject);
    small_classes_are_refused_with_what_would_work(subject);
    categories_and_missing_values_are_named(subject);
    weights_and_groups_follow_the_seed(subject);
}

fn resample(subject: &Subject<'_>, rows: &Dataset<Labels>, seed: u64) -> Resampled<Labels> {
    resample_with(subject.build("").as_ref(), rows, seed).expect(subject.name)
}

/// Three clouds of different sizes, with duplicate rows and a constant column.
pub(super) fn clouds(seed: u64) -> Dataset<Labels> {
    let mut rng = Seed::new(seed).rng();
    let sizes = [("many", 40), ("some", 17), ("few", 9)];
    let mut rows: Vec<[f64; 3]> = Vec::new();
    let mut texts = Vec::new();
    for (centre, (class, size)) in [0.0, 3.0, 6.0].into_iter().zip(sizes) {
        for _ in 0..size {
            let mut draw = || centre + rng.random::<f64>() * 4.0;
            rows.push([draw(), draw(), 1.5]);
            texts.push(class);
        }
    }
    rows[1] = rows[0];
    let last = rows.len() - 1;
    rows[last] = rows[last - 1];
    let x = Array2::from_shape_fn((rows.len(), 3), |(row, column)| rows[row][column]);
    Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite")
}

/// S1: the original rows come first, in order and unchanged.
fn over_samplers_keep_every_row_first(subject: &Subject<'_>) {
    let rows = clouds(1);
    if subject.facts.kind != Kind::OverSampler {
        return;
    }
    let resampled = resample(subject, &rows, 2);
    let originals: Vec<usize> = (0..rows.n_rows()).collect();
    assert_eq!(resampled.kept[..rows.n_rows()], originals, "{}", subject.name);
    let data = resampled.into_dataset(&rows).expect("fits");
    assert_eq!(data.x().select(Axis(0), &originals), rows.x(), "{}", subject.name);
    assert_eq!(data.y().select(&originals), *rows.y());
}

/// S2: under-samplers keep rows of the data and make no new ones.
fn under_samplers_make_no_rows(subject: &Subject<'_>) {
    let rows = clouds(1);
    if subject.facts.kind != Kind::UnderSampler {
        return;
    }
    let resampled = resample(subject, &rows, 2);
    assert!(resampled.synthetic.is_empty() && resampled.origins.is_empty());
    assert!(resampled.kept.is_sorted_by(|a, b| a < b), "{} repeats or reorders rows", subject.name);
}

/// S3 and S4: each class has the number of rows asked for, or the report says why not; no other class
/// changes.
fn classes_have_the_rows_asked_for(subject: &Subject<'_>) {
    let rows = clouds(1);
    let resampled = resample(subject, &rows, 3);
    let delivery: BTreeMap<String, (usize, usize)> = resampled
        .delivery
        .iter()
        .map(|delivery| (delivery.name.clone(), (delivery.asked, delivery.delivered)))
        .collect();
    for (class, (asked, delivered)) in &delivery {
        let remark = resampled
            .delivery
            .iter()
            .find(|entry| entry.name == *class)
            .and_then(|entry| entry.remark.as_ref());
        assert!(
            asked == delivered || remark.is_some(),
            "{}: {class} falls short without a remark",
            subject.name
        );
    }
    let before = rows.y().counts();
    let after = resampled.into_dataset(&rows).expect("fits").y().counts();
    for (class, name) in rows.y().classes().iter().enumerate() {
        let expected = match (delivery.get(name), subject.facts.kind) {
            (None, _) => before[class],
            (Some((_, delivered)), Kind::OverSampler) => before[class] + delivered,
            (Some((_, delivered)), _) => *delivered,
        };
        assert_eq!(after[class], expected, "{}: {name}", subject.name);
    }
}

/// S4: a target for one class changes that class only.
fn a_target_for_one_class_changes_that_class_only(subject: &Subject<'_>) {
    let rows = clouds(1);
    let (class, target) = if subject.facts.kind == Kind::OverSampler { ("few", 12) } else { ("many", 12) };
    let parameters = format!("sampling_strategy = {{ counts = {{ {class} = {target} }} }}");
    let resampled = resample_with(subject.build(&parameters).as_ref(), &rows, 4).expect("possible");
    let before: BTreeMap<_, _> = rows.y().classes().iter().cloned().zip(rows.y().counts()).collect();
    let y = resampled.into_dataset(&rows).expect("fits").y().clone();
    for (name, count) in y.classes().iter().zip(y.counts()) {
        assert_eq!(count, if name == class { target } else { before[name] }, "{}: {name}", subject.name);
    }
}

/// S5 and S6: each new row lies where its origin says, between two rows of its class, or beyond them by at most
/// half their distance if the method extrapolates.
fn new_rows_are_where_their_origins_say(subject: &Subject<'_>) {
    let rows = clouds(1);
    if subject.facts.kind != Kind::OverSampler {
        return;
    }
    let least = if subject.name == "svm_smote" { -0.5 } else { 0.0 };
    let resampled = resample(subject, &rows, 5);
    for (row, origin) in resampled.origins.iter().enumerate() {
        let Origin::Interpolated {
            seed: Parent::Row(seed),
            neighbor: Parent::Row(neighbor),
            gap: Gap::Same(gap),
        } = origin
        else {
            continue;
        };
        assert!((least..1.0).contains(gap) && seed != neighbor, "{}: {gap}", subject.name);
        let class = resampled.synthetic_targets.codes()[row];
        assert_eq!([rows.y().codes()[*seed], rows.y().codes()[*neighbor]], [class; 2], "{}", subject.name);
        for column in 0..rows.n_features() {
            let (from, to) = (rows.x()[[*seed, column]], rows.x()[[*neighbor, column]]);
            assert_eq!(resampled.synthetic[[row, column]], from + gap * (to - from), "{}", subject.name);
        }
    }
}

/// S5: the neighbour is among the k nearest rows of the seed in its class.
fn neighbours_are_among_the_nearest(subject: &Subject<'_>) {
    let rows = clouds(1);
    if subject.name != "smote" {
        return;
    }
    let resampled = resample_with(subject.build("k_neighbors = 3").as_ref(), &rows, 5).expect("possible");
    let distance = |a: usize, b: usize| -> f64 {
        rows.x().row(a).iter().zip(rows.x().row(b)).map(|(a, b)| (a - b).powi(2)).sum()
    };
    for origin in &resampled.origins {
        let Origin::Interpolated { seed: Parent::Row(seed), neighbor: Parent::Row(neighbor), .. } = origin
        else {
            panic!("SMOTE interpolates between rows of the data");
        };
        let members = rows.y().rows_of(rows.y().codes()[*seed]);
        let closer = members
            .iter()
            .filter(|&&other| other != *seed && distance(*seed, other) < distance(*seed, *neighbor));
        assert!(closer.count() < 3, "{neighbor} is not among the three nearest of {seed}");
    }
}

/// S7: translation, scaling by a power of two and reordering columns do not change which rows are chosen.
fn moving_scaling_and_reordering_columns_change_no_choice(subject: &Subject<'_>) {
    let rows = clouds(1);
    let choices = |rows: &Dataset<Labels>| {
        let resampled = resample(subject, rows, 6);
        (resampled.kept, resampled.origins)
    };
    let changed = |x: Array2<f64>| Dataset::unnamed(x, rows.y().clone()).expect("finite");
    let reordered = rows.x().select(Axis(1), &[2, 0, 1]);
    let before = choices(&rows);
    assert_eq!(before, choices(&changed(&rows.x() * 4.0)), "{}: scaled", subject.name);
    assert_eq!(before, choices(&changed(reordered)), "{}: reordered", subject.name);
    // A translation rounds, so only clouds on a coarse grid can be moved without changing a distance.
    let grid = rows.x().mapv(|value| (value * 64.0).round() / 64.0);
    let moved = grid.mapv(|value| value + 1024.0);
    assert_eq!(choices(&changed(grid)), choices(&changed(moved)), "{}: moved", subject.name);
}

/// S8: the same seed gives the same bytes with any number of threads; another seed gives others.
fn the_same_seed_gives_the_same_bytes(subject: &Subject<'_>) {
    let rows = clouds(1);
    let once = resample(subject, &rows, 7);
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        assert_eq!(
            once,
            pool.install(|| resample(subject, &rows, 7)),
            "{} on {threads} threads",
            subject.name
        );
    }
    assert_ne!(once, resample(subject, &rows, 8), "{}", subject.name);
}

/// S10: the order of the rows may change bytes, but not the number of rows of each class.
fn the_order_of_rows_does_not_matter_to_the_counts(subject: &Subject<'_>) {
    let rows = clouds(1);
    let mut order: Vec<usize> = (0..rows.n_rows()).collect();
    order.shuffle(&mut Seed::new(9).rng());
    let shuffled = rows.select(&order).expect("rows of it");
    let counts =
        |rows: &Dataset<Labels>| resample(subject, rows, 10).into_dataset(rows).expect("fits").y().counts();
    assert_eq!(counts(&rows), counts(&shuffled), "{}", subject.name);
}

/// S11: renaming the classes changes only their names.
fn renaming_classes_changes_only_names(subject: &Subject<'_>) {
    let rows = clouds(1);
    let names = ["0", "1", "2"].map(String::from).to_vec();
    let renamed = Labels::new(rows.y().codes().to_vec(), names).expect("three names");
    let renamed = Dataset::unnamed(rows.x().to_owned(), renamed).expect("finite");
    let (before, after) = (resample(subject, &rows, 11), resample(subject, &renamed, 11));
    assert_eq!((before.kept, before.synthetic, before.origins), (after.kept, after.synthetic, after.origins));
    assert_eq!(before.synthetic_targets.codes(), after.synthetic_targets.codes());
}

/// S12: integer columns contain whole numbers only.
fn integer_columns_stay_whole(subject: &Subject<'_>) {
    let rows = clouds(1);
    let whole = rows.x().mapv(|value| (value * 10.0).round());
    let features: Vec<Feature> =
        (0..3).map(|column| Feature { name: format!("n{column}"), kind: ColumnKind::Integer }).collect();
    let data = Dataset::new(features, whole, rows.y().clone()).expect("finite");
    let resampled = resample(subject, &data, 12);
    assert!(resampled.synthetic.iter().all(|value| value.fract() == 0.0), "{}", subject.name);
}

/// S13 and S14: balanced data are returned unchanged, and the input is not modified.
fn balanced_data_are_unchanged(subject: &Subject<'_>) {
    let rows =
        clouds(1).select(&[0, 1, 2, 3, 4, 5, 6, 40, 41, 42, 43, 44, 45, 46]).expect("seven of two classes");
    let before = rows.clone();
    let data = resample(subject, &rows, 13).into_dataset(&rows).expect("fits");
    assert_eq!(rows, before);
    assert_eq!(data, rows, "{}", subject.name);
}

/// S15: one class only, a class of one row, too few rows for k neighbours, one feature.
fn small_classes_are_refused_with_what_would_work(subject: &Subject<'_>) {
    let of = |sizes: [usize; 2]| {
        let texts: Vec<&str> = [vec!["often"; sizes[0]], vec!["rare"; sizes[1]]].concat();
        let x = Array2::from_shape_fn((texts.len(), 1), |(row, _)| row as f64);
        Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite")
    };
    let error = resample_with(subject.build("").as_ref(), &of([9, 0]), 1).expect_err("one class");
    assert!(error.to_string().contains("two classes"), "{}: {error}", subject.name);
    // A generator that starts from noise has no neighbours.
    if subject.facts.reads_values && subject.name != "gan" {
        let default = subject.build("");
        let error =
            resample_with(default.as_ref(), &of([9, 4]), 1).expect_err("four rows for five neighbours");
        let typed = match subject.name {
            // A paper prints NA for ADASYN on a data set with a class that is too small.
            "adasyn" => matches!(&error, Error::NotApplicable { .. }),
            _ => matches!(&error, Error::TooFewRows { has: 4, needs: 6, .. }),
        };
        assert!(typed && error.to_string().contains("has 4 rows, but 6 are needed"), "{error}");
        assert!(error.to_string().contains("k_neighbors = 3 works"), "{error}");
        let error = resample_with(default.as_ref(), &of([9, 1]), 1).expect_err("a single row");
        assert!(error.to_string().contains("shrink"), "{error}");
        assert!(resample_with(subject.build("k_neighbors = 3").as_ref(), &of([9, 4]), 1).is_ok());
        assert!(resample_with(subject.build("k_neighbors = 0").as_ref(), &of([9, 4]), 1).is_err());
        let shrunk = resample_with(subject.build("small_classes = \"shrink\"").as_ref(), &of([9, 4]), 1);
        let shrunk = shrunk.expect("three neighbours");
        assert!(shrunk.delivery[0].remark.as_ref().is_some_and(|remark| remark.contains("to 3")));
        let alone = resample_with(subject.build("small_classes = \"shrink\"").as_ref(), &of([9, 1]), 1);
        assert!(alone.expect("copies").synthetic.iter().all(|value| *value == 9.0));
    }
}

/// Categorical columns, which cannot be interpolated, are refused by name; a missing value never enters a data
/// set.
fn categories_and_missing_values_are_named(subject: &Subject<'_>) {
    let rows = clouds(1);
    let kind = ColumnKind::Categorical(vec!["a".into(), "b".into()]);
    let features: Vec<_> = ["x", "y", "colour"]
        .map(|name| Feature {
            name: name.into(),
            kind: if name == "colour" { kind.clone() } else { ColumnKind::Numeric },
        })
        .into();
    let coded = Dataset::new(features, rows.x().mapv(f64::floor), rows.y().clone()).expect("finite");
    if !subject.facts.reads_values {
        return;
    }
    let error = resample_with(subject.build("").as_ref(), &coded, 1).expect_err("categories");
    assert!(error.to_string().contains("\"colour\""), "{error}");
    let gap =
        Dataset::unnamed(array![[1.0], [f64::NAN]], Labels::from_texts(&["a", "b"])).expect_err("a gap");
    assert!(matches!(gap, Error::NotFinite { row: 1, .. }));
}

/// Copies and new rows take the weight and the group of their seed.
fn weights_and_groups_follow_the_seed(subject: &Subject<'_>) {
    let rows = clouds(1);
    let numbers: Vec<u64> = (0..rows.n_rows() as u64).collect();
    let weights = numbers.iter().map(|&number| number as f64).collect();
    let rows = rows.with_weights(weights).and_then(|rows| rows.with_groups(numbers)).expect("one per row");
    let resampled = resample(subject, &rows, 14);
    let seeds: Vec<usize> = resampled
        .origins
        .iter()
        .map(|origin| match origin.seed() {
            Parent::Row(row) => row,
            Parent::Synthetic(_) => panic!("made from rows of the data"),
        })
        .collect();
    let expected: Vec<u64> = resampled.kept.iter().chain(&seeds).map(|&row| row as u64).collect();
    let data = resampled.into_dataset(&rows).expect("fits");
    assert_eq!(data.groups(), Some(expected.as_slice()), "{}", subject.name);
    assert!(
        data.weights().is_some_and(|weights| weights.iter().zip(&expected).all(|(w, g)| *w == *g as f64))
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Adasyn, BorderlineSmote, RandomOverSampler, RandomUnderSampler, Smote, SvmSmote};
    use serde::de::DeserializeOwned;

    fn build<R: Resample<Labels> + DeserializeOwned + 'static>(
        parameters: &str,
    ) -> Result<Box<dyn Resample<Labels>>> {
        let method: R = toml::from_str(parameters)
            .map_err(|error| Error::invalid_parameter("parameters", error.message(), parameters))?;
        Ok(Box::new(method))
    }

    const OVER: Facts = Facts::of_kind(Kind::OverSampler);

    #[test]
    fn random_over_sampler() {
        single_label(
            "random_over_sampler",
            Facts { reads_values: false, ..OVER },
            &build::<RandomOverSampler>,
        );
    }

    #[test]
    fn random_under_sampler() {
        let facts = Facts { reads_values: false, ..Facts::of_kind(Kind::UnderSampler) };
        single_label("random_under_sampler", facts, &build::<RandomUnderSampler>);
    }

    #[test]
    fn smote() {
        single_label("smote", OVER, &build::<Smote>);
    }

    #[test]
    fn borderline_smote() {
        single_label("borderline_smote", OVER, &build::<BorderlineSmote>);
    }

    #[test]
    fn svm_smote() {
        single_label("svm_smote", OVER, &build::<SvmSmote>);
    }

    #[test]
    fn adasyn() {
        single_label("adasyn", OVER, &build::<Adasyn>);
    }
}
