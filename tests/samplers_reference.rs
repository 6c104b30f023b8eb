//! Borderline-SMOTE, SVM-SMOTE and ADASYN compared with imbalanced-learn and scikit-learn on real data.
//! `reference/samplers_reference.py` writes the reference values.

use std::collections::BTreeMap;

use imb_classify::Svc;
use imb_core::{Dataset, Device, Error, Labels, Resample, Run, Seed, Target, Train};
use imb_data::prepare::prepare;
use imb_data::{AnyTable, Catalog, DataDirs};
use imb_resample::{Adasyn, BorderlineSmote, Regions, Rounding, SvmSmote};
use ndarray::s;

use crate::real_data::have;

#[derive(serde::Deserialize)]
struct Reference {
    data_sets: Vec<DataSet>,
}

#[derive(serde::Deserialize)]
struct DataSet {
    name: String,
    shape: [usize; 2],
    class_counts: Vec<usize>,
    support: Vec<usize>,
    decision_values: Vec<Vec<f64>>,
    classes: Vec<Class>,
}

/// imbalanced-learn's values for a class that is to grow.
#[derive(serde::Deserialize)]
struct Class {
    class: u32,
    asked: usize,
    danger: Vec<usize>,
    noise: Vec<usize>,
    /// Rows whose region depends on how ties of distance are resolved, each with the fewest and the most rows of
    /// other classes that its ten nearest rows may include.
    tied: Vec<(usize, usize, usize)>,
    support_noise: Vec<usize>,
    adasyn: Allocation,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Allocation {
    Given { others: Vec<usize>, given: Vec<usize>, tied: Vec<(usize, usize, usize)> },
    Refused { refused: String },
}

/// The reference values of the data sets that are present, with their rows.
fn data_sets(test: &str) -> Vec<(DataSet, Dataset<Labels>)> {
    let text = include_str!("reference/samplers.json");
    let reference: Reference = serde_json::from_str(text).expect("written by the script");
    let there = reference.data_sets.into_iter().filter(|set| have(test, &set.name));
    there
        .map(|set| {
            let rows = load(&set.name);
            assert_eq!([rows.n_rows(), rows.n_features()], set.shape, "{}", set.name);
            assert_eq!(rows.y().counts(), set.class_counts, "{}", set.name);
            (set, rows)
        })
        .collect()
}

fn load(name: &str) -> Dataset<Labels> {
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    let AnyTable::SingleLabel(table) = Catalog::built_in().load(name, None, &dirs).expect("known").table
    else {
        panic!("{name} has one class per row")
    };
    let every_row: Vec<usize> = (0..table.target().n_rows()).collect();
    let prepared = prepare(table, &every_row, &[]).expect("no steps");
    prepared.dataset(&every_row).expect("numbers without gaps")
}

#[test]
fn support_vectors_equal_scikit_learns() {
    for (set, rows) in data_sets("support_vectors_equal_scikit_learns") {
        let model = Svc::default().fit_rows(&rows).expect("two classes");
        assert_eq!(model.support(), set.support, "{}", set.name);
        let n_rows = set.decision_values.len();
        let values = model.decision_values(rows.x().slice(s![..n_rows, ..])).expect("as wide");
        for (found, expected) in values.iter().zip(set.decision_values.iter().flatten()) {
            assert!((found - expected).abs() < 1e-6, "{}: {found} for {expected}", set.name);
        }
    }
}

/// S17: the rows in danger and the noise equal imbalanced-learn's. Among ties of distance, imbalanced-learn uses
/// whichever rows its search finds first, and among duplicates it may drop another row instead of the query
/// itself. For such rows ours must be one of the results that Han et al. 2005 allow.
#[test]
fn danger_and_noise_equal_imbalanced_learns() {
    let mut n_tied = 0;
    for (set, rows) in data_sets("danger_and_noise_equal_imbalanced_learns") {
        for class in &set.classes {
            let sampler = BorderlineSmote { k_neighbors: 1, ..BorderlineSmote::default() };
            let regions = sampler.regions(&rows, class.class).expect("enough rows");
            let tied: BTreeMap<usize, [usize; 2]> =
                class.tied.iter().map(|&(row, fewest, most)| (row, [fewest, most])).collect();
            n_tied += tied.len();
            for row in rows.y().rows_of(class.class) {
                let of = |danger: &[usize], noise: &[usize]| [danger.contains(&row), noise.contains(&row)];
                let ours = of(&regions.danger, &regions.noise);
                let place = format!("{}, class {}, row {row}", set.name, class.class);
                match tied.get(&row) {
                    None => assert_eq!(ours, of(&class.danger, &class.noise), "{place}"),
                    Some(&[fewest, most]) => {
                        let by_count = |others: usize| [(5..10).contains(&others), others == 10];
                        assert!((fewest..=most).any(|others| by_count(others) == ours), "{place}");
                    }
                }
            }
        }
    }
    assert!(n_tied < 220, "too many rows depend on ties: {n_tied}");
}

/// The noise among the support vectors equals imbalanced-learn's, except for ties. The region of a support vector
/// is its region as a row.
#[test]
fn support_vectors_have_the_regions_of_their_rows() {
    for (set, rows) in data_sets("support_vectors_have_the_regions_of_their_rows") {
        for class in &set.classes {
            let svm_smote = SvmSmote { k_neighbors: 1, ..SvmSmote::default() };
            let borderline = BorderlineSmote { k_neighbors: 1, ..BorderlineSmote::default() };
            let regions = svm_smote.regions(&rows, class.class).expect("enough rows");
            let all = borderline.regions(&rows, class.class).expect("enough rows");
            let support = |rows: &[usize]| -> Vec<usize> {
                rows.iter().copied().filter(|row| set.support.binary_search(row).is_ok()).collect()
            };
            let of_support = Regions {
                safe: support(&all.safe),
                danger: support(&all.danger),
                noise: support(&all.noise),
            };
            assert_eq!(regions, of_support, "{}, class {}", set.name, class.class);
            let untied = |rows: &[usize]| -> Vec<usize> {
                rows.iter().copied().filter(|row| class.tied.iter().all(|tied| tied.0 != *row)).collect()
            };
            assert_eq!(untied(&regions.noise), untied(&class.support_noise), "{}", set.name);
        }
    }
}

/// S18: ADASYN's allocation with each share rounded on its own equals imbalanced-learn's. The default allocation
/// adds up to the number asked for, as `g_i = r_i G` does in He et al. 2008.
#[test]
fn adasyn_allocates_as_imbalanced_learn_does() {
    let each = Adasyn { rounding: Rounding::Each, ..Adasyn::default() };
    for (set, rows) in data_sets("adasyn_allocates_as_imbalanced_learn_does") {
        for class in &set.classes {
            let allocation = |adasyn: &Adasyn| adasyn.allocation(&rows, class.class, class.asked);
            let place = format!("{}, class {}", set.name, class.class);
            let total = allocation(&Adasyn::default()).expect("some row has neighbours of other classes");
            assert_eq!(total.iter().sum::<usize>(), class.asked, "{place}");
            let ours = allocation(&each).expect("some row has neighbours of other classes");
            match &class.adasyn {
                Allocation::Refused { refused } => {
                    // Too few rows, or all shares are rounded to 0.
                    let size = rows.y().counts()[class.class as usize];
                    assert!(
                        refused == "ValueError" && (size <= 5 || ours.iter().sum::<usize>() == 0),
                        "{place}"
                    );
                }
                Allocation::Given { others, given, tied } if tied.is_empty() => {
                    assert_eq!(ours, *given, "{place}");
                    assert!(total.iter().zip(others).all(|(given, others)| *others > 0 || *given == 0));
                }
                // A tie changes the sum by which all shares are divided, so the counts are compared instead.
                Allocation::Given { others, tied, .. } => {
                    assert_counts(&rows, class.class, others, tied, &place);
                }
            }
        }
    }
}

/// Asserts, for each row of a class, how many of its five nearest rows belong to other classes. The allocation of a
/// billion rows gives the proportions of these counts, and the row with the largest count gives the unit.
fn assert_counts(
    rows: &Dataset<Labels>,
    class: u32,
    expected: &[usize],
    tied: &[(usize, usize, usize)],
    place: &str,
) {
    let members = rows.y().rows_of(class);
    let is_tied = |row: usize| tied.iter().find(|tied| tied.0 == row);
    let sure = (0..members.len()).filter(|&at| is_tied(members[at]).is_none());
    let most = sure.max_by_key(|&at| expected[at]).expect("a row without ties");
    let shares = Adasyn::default().allocation(rows, class, 1_000_000_000).expect("others around");
    let unit = shares[most] as f64 / expected[most] as f64;
    for (at, &row) in members.iter().enumerate() {
        let ours = (shares[at] as f64 / unit).round() as usize;
        match is_tied(row) {
            None => assert_eq!(ours, expected[at], "{place}, row {row}"),
            Some((_, fewest, most)) => assert!((*fewest..=*most).contains(&ours), "{place}, row {row}"),
        }
    }
}

/// ADASYN does not apply to the ten classes of Yeast, the smallest of which has five rows. A table prints `NA`
/// with this reason.
#[test]
fn adasyn_does_not_apply_to_yeast() {
    if !have("adasyn_does_not_apply_to_yeast", "yeast-uci") {
        return;
    }
    let train = Train { rows: load("yeast-uci"), validation: None };
    let mut run = Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let error = Adasyn::default().resample(&train, &mut run).expect_err("a class of five rows");
    let Error::NotApplicable { method, reason } = &error else { panic!("{error}") };
    assert_eq!(method, "adasyn");
    assert!(reason.contains("class ERL has 5 rows, but 6 are needed"), "{reason}");
}
