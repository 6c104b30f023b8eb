//! The contract of resamplers of multi-label rows. The ids, such as M1, are those of `docs/invariants.md`.

use imb_core::{ColumnKind, Dataset, Error, Feature, Gap, LabelMatrix, Origin, Parent};
use imb_core::{Resample, Resampled, Result, Seed, Target};
use ndarray::{Array2, ArrayView2, Axis};
use rand::RngExt;

use super::resample;

/// What a multi-label resampler promises besides what all do.
#[derive(Clone, Copy, Debug)]
pub struct MultiLabelFacts {
    /// What becomes of rows.
    pub change: Change,
    /// The most rows that are made or removed, as a share of the rows, if there is such a limit.
    pub budget: Option<f64>,
    /// Whether another seed gives other rows.
    pub random: bool,
    /// Whether labels of equal counts are left as they are.
    pub leaves_equal_counts: bool,
    /// Whether labels in another order give the same rows with labels in that order.
    pub ignores_label_order: bool,
    /// The most rows that are too few, because neighbours are looked for; 0 if any number will do.
    pub too_few_rows: usize,
    /// Whether each new row, or copy, has a label. MLSOL and MLBOTE also help values that are off, and a row drawn at
    /// random may have no label, so their new rows may have none.
    pub labels_new_rows: bool,
}

/// What becomes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// All are kept, some more than once.
    Copies,
    /// All are kept, and new ones are made.
    Makes,
    /// All are kept, of which some lose labels, and new ones are made.
    MakesAndClears,
    /// Some are removed.
    Removes,
}

/// Checks a resampler of any number of labels.
///
/// ```
/// use imb_resample::MlRos;
/// use imb_resample::contract::{Change, MultiLabelFacts, multi_label};
///
/// let facts = MultiLabelFacts {
///     change: Change::Copies,
///     budget: Some(0.3),
///     random: true,
///     leaves_equal_counts: true,
///     ignores_label_order: false,
///     too_few_rows: 0,
///     labels_new_rows: true,
/// };
/// multi_label("ml_ros", &MlRos::default(), facts);
/// ```
///
/// # Panics
/// If the method breaks a promise.
pub fn multi_label(name: &str, method: &dyn Resample<LabelMatrix>, facts: MultiLabelFacts) {
    for data in [clouds(1), clouds(2)] {
        let before = (data.x().to_owned(), data.y().clone());
        let resampled = resample(method, &data, 7).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((data.x().to_owned(), data.y().clone()), before, "{name} changes its input");
        same_bytes(name, method, &data, &resampled);
        if facts.random {
            assert_ne!(resample(method, &data, 8).ok(), Some(resampled.clone()), "{name}: another seed");
        }
        kept_rows(name, &data, &resampled, facts.change);
        labels_remain(name, &data, &resampled, facts.labels_new_rows);
        within_budget(name, &data, &resampled, facts.budget);
        rebuilt(name, &data, &resampled);
        if facts.ignores_label_order {
            any_label_order(name, method, &data, &resampled);
        }
        reported(name, &data, &resampled);
        resampled.into_dataset(&data).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    if facts.leaves_equal_counts {
        equal_counts(name, method);
    }
    bad_input(name, method, facts.too_few_rows);
}

/// Rows with numbers, whole numbers, a constant and categories, some of them twins; the labels have from 10
/// to 100 of 150 rows, and follow the features loosely.
fn clouds(seed: u64) -> Dataset<LabelMatrix> {
    const N: usize = 150;
    let mut rng = Seed::new(seed).rng();
    let category = ColumnKind::Categorical(["red", "green", "blue"].map(String::from).into());
    let kinds = [ColumnKind::Numeric, ColumnKind::Integer, ColumnKind::Numeric, category];
    let features: Vec<Feature> = kinds
        .into_iter()
        .enumerate()
        .map(|(number, kind)| Feature { name: format!("column_{number}"), kind })
        .collect();
    let mut x = Array2::from_shape_fn((N, 4), |(_, column)| match column {
        0 => rng.random_range(-2.0..2.0),
        1 => f64::from(rng.random_range(0..40_u8)),
        2 => 1.5,
        _ => f64::from(rng.random_range(0..3_u8)),
    });
    let twin = x.row(0).to_owned();
    x.row_mut(1).assign(&twin);
    let mut labels = Array2::from_elem((N, 5), false);
    for (label, share) in [0.65, 0.4, 0.25, 0.12, 0.01].into_iter().enumerate() {
        for row in 0..N {
            let likely = share * (1.0 + 0.8 * x[[row, 0]].signum());
            labels[[row, label]] = rng.random::<f64>() < likely;
        }
        // No label is so rare that its rows have too few neighbours of their own; the last is as rare as AEMLO asks.
        (0..10).for_each(|row| labels[[(row * 13 + label * 7) % N, label]] = true);
    }
    let names = (0..5).map(|label| format!("label_{label}")).collect();
    let labels = LabelMatrix::new(labels, names).expect("one name a label");
    Dataset::new(features, x, labels).expect("finite")
}

/// The same seed gives the same bytes, on any number of threads.
fn same_bytes(
    name: &str,
    method: &dyn Resample<LabelMatrix>,
    data: &Dataset<LabelMatrix>,
    expected: &Resampled<LabelMatrix>,
) {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let again = pool.install(|| resample(method, data, 7));
        assert_eq!(again.ok().as_ref(), Some(expected), "{name} on {threads} threads");
    }
}

/// Kept rows stand in order and are those of the data.
fn kept_rows(name: &str, data: &Dataset<LabelMatrix>, resampled: &Resampled<LabelMatrix>, change: Change) {
    let Resampled { kept, kept_targets, synthetic, synthetic_targets, .. } = resampled;
    let n = data.n_rows();
    for labels in [kept_targets, synthetic_targets] {
        assert_eq!(labels.names(), data.y().names(), "{name}: labels");
    }
    match change {
        Change::Removes => assert!(kept.is_sorted_by(|a, b| a < b), "{name}: order"),
        _ => assert!(kept[..n].iter().copied().eq(0..n), "{name}: all rows are kept, in order"),
    }
    assert!(change == Change::Copies || kept.len() <= n, "{name}: rows are copied");
    let makes = matches!(change, Change::Makes | Change::MakesAndClears);
    assert!(makes || synthetic.nrows() == 0, "{name}: rows are made");
    let source = data.y().select(kept);
    let pairs =
        source.view().iter().zip(kept_targets.view()).map(|(was, is)| (*was, *is)).collect::<Vec<_>>();
    let allowed = |(was, is): &(bool, bool)| was == is || (change == Change::MakesAndClears && *was);
    assert!(pairs.iter().all(allowed), "{name}: labels of kept rows");
}

/// M1: there are as many labels as before, and no row without labels is added unless the method allows it. (That
/// labels stay 0 or 1 is for their type to say.)
fn labels_remain(
    name: &str,
    data: &Dataset<LabelMatrix>,
    resampled: &Resampled<LabelMatrix>,
    labels_new_rows: bool,
) {
    for labels in [&resampled.kept_targets, &resampled.synthetic_targets] {
        assert_eq!(labels.names(), data.y().names(), "{name}");
    }
    let new = resampled.synthetic_targets.view();
    let copies = resampled.kept_targets.view();
    let added = copies.rows().into_iter().skip(data.n_rows()).chain(new.rows());
    let empty = added.filter(|row| !row.iter().any(|on| *on)).count();
    assert!(!labels_new_rows || empty == 0, "{name}: {empty} new rows have no label");
}

/// M5: no more rows are copied, made or removed than the budget allows.
fn within_budget(
    name: &str,
    data: &Dataset<LabelMatrix>,
    resampled: &Resampled<LabelMatrix>,
    budget: Option<f64>,
) {
    let (n, kept) = (data.n_rows(), resampled.kept.len());
    let changed = n.abs_diff(kept) + resampled.synthetic.nrows();
    if let Some(budget) = budget {
        let most = (budget * n as f64) as usize;
        assert!(changed <= most, "{name}: {changed} rows, but {most} are allowed");
    }
}

/// New rows follow from their origins, but for categories, and whole numbers up to their rounding.
fn rebuilt(name: &str, data: &Dataset<LabelMatrix>, resampled: &Resampled<LabelMatrix>) {
    for (number, origin) in resampled.origins.iter().enumerate() {
        let Origin::Interpolated { seed, neighbor, gap } = origin else { continue };
        let cell = |parent: &Parent, column: usize| match parent {
            Parent::Row(row) => data.x()[[*row, column]],
            Parent::Synthetic(earlier) => {
                assert!(*earlier < number, "{name}: a parent comes before its child");
                resampled.synthetic[[*earlier, column]]
            }
        };
        for (column, feature) in data.features().iter().enumerate() {
            let (from, to) = (cell(seed, column), cell(neighbor, column));
            let gap = match gap {
                Gap::Same(gap) => *gap,
                Gap::PerFeature(gaps) => gaps[column],
            };
            let (expected, found) = (from + gap * (to - from), resampled.synthetic[[number, column]]);
            match &feature.kind {
                ColumnKind::Numeric => assert_eq!(found, expected, "{name}: row {number}, {}", feature.name),
                ColumnKind::Integer => assert_eq!(found, expected.round(), "{name}: row {number}"),
                ColumnKind::Categorical(names) => {
                    assert!((0..names.len()).any(|code| code as f64 == found), "{name}: {found}");
                }
            }
        }
    }
}

/// M8: labels in another order give the same rows, with labels in that order.
fn any_label_order(
    name: &str,
    method: &dyn Resample<LabelMatrix>,
    data: &Dataset<LabelMatrix>,
    expected: &Resampled<LabelMatrix>,
) {
    let order: Vec<usize> = (0..data.y().n_labels()).rev().collect();
    let permuted = data.with_targets(reordered(data.y(), &order)).expect("as many rows");
    let found = resample(method, &permuted, 7).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.kept, expected.kept, "{name}: labels in another order");
    assert_eq!(found.kept_targets, reordered(&expected.kept_targets, &order), "{name}");
    assert_eq!(found.synthetic, expected.synthetic, "{name}");
}

fn reordered(labels: &LabelMatrix, order: &[usize]) -> LabelMatrix {
    let names = order.iter().map(|label| labels.names()[*label].clone()).collect();
    LabelMatrix::new(labels.view().select(Axis(1), order), names).expect("the same labels")
}

/// Each label whose count changes is in the delivery report, with its counts.
fn reported(name: &str, data: &Dataset<LabelMatrix>, resampled: &Resampled<LabelMatrix>) {
    let after = resampled.kept_targets.positives().into_iter().zip(resampled.synthetic_targets.positives());
    let counts = data.y().positives().into_iter().zip(after);
    for (label, (before, (kept, new))) in data.y().names().iter().zip(counts) {
        if before == kept + new {
            continue;
        }
        let report = resampled.delivery.iter().find(|report| report.name == *label);
        let remark = report.and_then(|report| report.remark.as_deref());
        let counts = format!("{before} before, {} after", kept + new);
        assert!(
            remark.is_some_and(|remark| remark.contains(&counts)),
            "{name}: {label}: {remark:?}, {counts}"
        );
    }
}

/// M2: labels of equal counts are left as they are.
fn equal_counts(name: &str, method: &dyn Resample<LabelMatrix>) {
    let data = few_rows(24, |row, label| row % 3 == label, 3);
    let resampled = resample(method, &data, 1).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(resampled.kept.iter().copied().eq(0..24), "{name}: equal counts");
    assert_eq!(resampled.synthetic.nrows(), 0, "{name}: equal counts");
}

fn few_rows(n: usize, on: impl Fn(usize, usize) -> bool, n_labels: usize) -> Dataset<LabelMatrix> {
    let names = (0..n_labels).map(|label| format!("label_{label}")).collect();
    let labels = Array2::from_shape_fn((n, n_labels), |(row, label)| on(row, label));
    let x = Array2::from_shape_fn((n, 2), |(row, column)| (row * (column + 2) % 17) as f64);
    Dataset::unnamed(x, LabelMatrix::new(labels, names).expect("a name a label")).expect("finite")
}

/// Too few rows and no labels give typed errors; one label, or one without rows, is no reason to panic.
fn bad_input(name: &str, method: &dyn Resample<LabelMatrix>, too_few_rows: usize) {
    for n in 1..=too_few_rows {
        let error = resample(method, &few_rows(n, |row, label| row >= label, 2), 1);
        let Err(error) = error else { panic!("{name} takes {n} rows") };
        assert!(matches!(error, Error::TooFewRows { .. }), "{name} of {n} rows: {error}");
    }
    let one = resample(method, &few_rows(1, |_, _| true, 1), 1);
    assert!(one.is_err() || unchanged(&one, 1), "{name}: one row");
    let nothing = resample(method, &few_rows(30, |_, _| false, 2), 1);
    assert!(matches!(nothing, Err(Error::NotApplicable { .. })), "{name}: no positive row: {nothing:?}");
    let single = resample(method, &few_rows(30, |row, _| row % 2 == 0, 1), 1);
    assert!(
        !matches!(&single, Err(error) if !matches!(error, Error::NotApplicable { .. } | Error::TooFewRows { .. })),
        "{name}: one label: {single:?}"
    );
    // Of three labels the last has no row, and the second 10.
    let absent = resample(method, &few_rows(30, |row, label| row % (1 + 2 * label) == 0 && label < 2, 3), 1);
    let absent = absent.unwrap_or_else(|error| panic!("{name}: a label without rows: {error}"));
    let said = absent.delivery.iter().find(|report| report.name == "label_2");
    assert!(
        said.is_some_and(|report| report.remark.is_some()),
        "{name}: of a label without rows nothing is said"
    );
    assert_eq!(absent.synthetic_targets.positives()[2], 0, "{name}: a label without rows");
}

fn unchanged(result: &Result<Resampled<LabelMatrix>>, n: usize) -> bool {
    let rows = |view: ArrayView2<'_, f64>| view.nrows();
    result.as_ref().is_ok_and(|found| found.kept.len() == n && rows(found.synthetic.view()) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MlRandomOverSampler, MlRos, MlRus, Mlbote, Mlsmote, Mlsol, Mltl, SmallClasses};

    const MAKES: MultiLabelFacts = MultiLabelFacts {
        change: Change::Makes,
        budget: None,
        random: true,
        leaves_equal_counts: false,
        ignores_label_order: false,
        too_few_rows: 1,
        labels_new_rows: false,
    };

    #[test]
    fn mlsmote() {
        let labelled = MultiLabelFacts { too_few_rows: 0, labels_new_rows: true, ..MAKES };
        let facts = MultiLabelFacts { leaves_equal_counts: true, ..labelled };
        multi_label("mlsmote", &Mlsmote::default(), facts);
        multi_label(
            "mlsmote, shrink",
            &Mlsmote { small_bags: SmallClasses::Shrink, ..Mlsmote::default() },
            facts,
        );
        multi_label("mlsmote as released", &Mlsmote::as_released(), labelled);
    }

    #[test]
    fn mlsol() {
        let facts = MultiLabelFacts { budget: Some(0.3), too_few_rows: 5, ..MAKES };
        multi_label("mlsol", &Mlsol::default(), facts);
        multi_label("mlsol as released", &Mlsol::as_released(), facts);
    }

    #[test]
    fn ml_ros_and_ml_rus() {
        let facts =
            MultiLabelFacts { budget: Some(0.3), leaves_equal_counts: true, too_few_rows: 0, ..MAKES };
        let (copies, removes) = (
            MultiLabelFacts { change: Change::Copies, labels_new_rows: true, ..facts },
            MultiLabelFacts { change: Change::Removes, ..facts },
        );
        multi_label("ml_ros", &MlRos::default(), copies);
        let any = MultiLabelFacts { leaves_equal_counts: false, labels_new_rows: false, ..copies };
        multi_label("ml_random_over_sampler", &MlRandomOverSampler::default(), any);
        multi_label("ml_ros as released", &MlRos::as_released(), copies);
        multi_label("ml_rus", &MlRus::default(), removes);
        multi_label("ml_rus as released", &MlRus::as_released(), removes);
        multi_label("ml_rus, protecting", &MlRus { protect_rare: true, ..MlRus::default() }, removes);
    }

    #[test]
    fn mltl() {
        let facts = MultiLabelFacts {
            change: Change::Removes,
            random: false,
            leaves_equal_counts: true,
            ignores_label_order: true,
            ..MAKES
        };
        multi_label("mltl", &Mltl::default(), facts);
        multi_label("mltl as released", &Mltl::as_released(), facts);
        multi_label(
            "mltl, five",
            &Mltl { k_neighbors: 5, ..Mltl::default() },
            MultiLabelFacts { too_few_rows: 5, ..facts },
        );
    }

    #[test]
    fn mlbote() {
        let facts = MultiLabelFacts { change: Change::MakesAndClears, too_few_rows: 5, ..MAKES };
        let many = Mlbote { sampling_rate: 2.0, ratio_threshold: 1.0, ..Mlbote::default() };
        multi_label("mlbote", &many, facts);
        let released = Mlbote { sampling_rate: 2.0, ratio_threshold: 1.0, ..Mlbote::as_released() };
        multi_label("mlbote as released", &released, facts);
    }
}
