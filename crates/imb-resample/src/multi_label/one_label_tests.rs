//! M7: on data with exactly one label a row, a multi-label resampler does what its single-label parent does to the
//! labels that it changes.

use std::collections::BTreeSet;

use imb_core::{Dataset, LabelMatrix, Labels, Origin, Parent, Resample, Resampled, Seed, Target};
use ndarray::Array2;
use rand::RngExt;

use crate::multi_label::testing::resample;
use crate::{MlRos, MlRus, Mlsmote, Mltl, RandomOverSampler, RandomUnderSampler, Smote};

/// Of 50 rows 30 have label a, 12 b and 8 c: IRLbl 1, 2.5 and 3.75, so b and c are above MeanIR (2.42), and a is
/// below it.
const SIZES: [usize; 3] = [30, 12, 8];

/// The class of each row, and the same as labels.
fn rows() -> (Dataset<Labels>, Dataset<LabelMatrix>) {
    let names = ["a", "b", "c"].map(String::from).to_vec();
    let codes: Vec<u32> = (0..3).flat_map(|class| vec![class; SIZES[class as usize]]).collect();
    let mut rng = Seed::new(4).rng();
    let mut x = Array2::from_shape_simple_fn((50, 2), || rng.random::<f64>());
    // Both columns range from 0 to 1, so that scaling by the range, which is MLSMOTE's, changes no distance.
    for column in 0..2 {
        (x[[column, column]], x[[column + 2, column]]) = (0.0, 1.0);
    }
    let on = Array2::from_shape_fn((50, 3), |(row, label)| codes[row] as usize == label);
    let classes = Labels::new(codes, names.clone()).expect("three classes");
    let classes = Dataset::unnamed(x, classes).expect("finite");
    let labels = classes.with_targets(LabelMatrix::new(on, names).expect("three labels"));
    (classes, labels.expect("as many rows"))
}

/// Seed and neighbour of each new row.
fn pairs<Y: Target>(resampled: &Resampled<Y>) -> impl Iterator<Item = (usize, usize)> {
    resampled.origins.iter().map(|origin| match origin {
        Origin::Interpolated { seed: Parent::Row(seed), neighbor: Parent::Row(neighbor), .. } => {
            (*seed, *neighbor)
        }
        other => panic!("{other:?} is between rows of the data"),
    })
}

fn run<Y: Target>(method: &dyn Resample<Y>, rows: &Dataset<Y>, seed: u64) -> Resampled<Y> {
    resample(method, rows, seed).expect("valid")
}

/// Both interpolate between the same pairs of rows, all of which 100 runs draw, and give the new row their label. How
/// many rows they make is their own rule: MLSMOTE one for each row of the label.
#[test]
fn mlsmote_interpolates_where_smote_does() {
    let (classes, labels) = rows();
    let (smote, mlsmote) =
        (Smote { k_neighbors: 3, ..Smote::default() }, Mlsmote { k_neighbors: 3, ..Mlsmote::default() });
    let of_smote: BTreeSet<_> =
        (0..100).flat_map(|seed| pairs(&run(&smote, &classes, seed)).collect::<Vec<_>>()).collect();
    let made: Vec<_> = (0..100).map(|seed| run(&mlsmote, &labels, seed)).collect();
    assert_eq!(of_smote, made.iter().flat_map(pairs).collect());
    assert_eq!(of_smote.len(), 3 * 20, "three neighbours of each row of b and c");
    for resampled in made {
        assert_eq!(resampled.synthetic_targets.positives(), [0, 12, 8]);
        for (row, (seed, _)) in pairs(&resampled).enumerate() {
            let new = resampled.synthetic_targets.view().row(row).to_vec();
            assert_eq!(new, labels.y().view().row(seed).to_vec(), "the label of its parents, and no other");
        }
    }
}

/// Copies are rows of the classes that random over-sampling copies, and a row brings no other label along: a class
/// grows by exactly the copies made for it.
#[test]
fn ml_ros_copies_as_random_over_sampling_does() {
    let (classes, labels) = rows();
    let copied = |kept: &[usize]| -> BTreeSet<usize> { kept[50..].iter().copied().collect() };
    let mut all = [BTreeSet::new(), BTreeSet::new()];
    for seed in 0..100 {
        let resampled = run(&MlRos::default(), &labels, seed);
        for entry in &resampled.delivery {
            let label = labels.y().names().iter().position(|name| *name == entry.name).expect("a label");
            let grown = resampled.kept_targets.positives()[label] - SIZES[label];
            assert_eq!(grown, entry.delivered, "{}", entry.name);
        }
        all[0].extend(copied(&resampled.kept));
        all[1].extend(copied(&run(&RandomOverSampler::default(), &classes, seed).kept));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], (30..50).collect(), "each row of b and c");
}

/// Rows of the frequent class go, any of them, and no other.
#[test]
fn ml_rus_removes_as_random_under_sampling_does() {
    let (classes, labels) = rows();
    let removed = |kept: &[usize]| -> BTreeSet<usize> {
        let kept: BTreeSet<usize> = kept.iter().copied().collect();
        (0..50).filter(|row| !kept.contains(row)).collect()
    };
    let only_a = "sampling_strategy = { counts = { a = 12 } }";
    let parent: RandomUnderSampler = toml::from_str(only_a).expect("TOML");
    let mut all = [BTreeSet::new(), BTreeSet::new()];
    for seed in 0..100 {
        let resampled = run(&MlRus::default(), &labels, seed);
        assert_eq!(resampled.kept_targets.positives()[1..], SIZES[1..]);
        all[0].extend(removed(&resampled.kept));
        all[1].extend(removed(&run(&parent, &classes, seed).kept));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], (0..30).collect(), "each row of a");
}

/// Label sets are equal or have nothing in common, so a row of the frequent class goes if its nearest row is of
/// another class, whatever the threshold: half of a Tomek link.
#[test]
fn mltl_removes_rows_whose_nearest_row_is_of_another_class() {
    let (classes, labels) = rows();
    let x = classes.x();
    let distance = |a: usize, b: usize| (&x.row(a) - &x.row(b)).mapv(|d| d * d).sum();
    let nearest = |row: usize| {
        let others = (0..50).filter(|other| *other != row);
        others.min_by(|a, b| distance(row, *a).total_cmp(&distance(row, *b))).expect("49 others")
    };
    let codes = classes.y().codes();
    let stays = |row: &usize| codes[*row] != 0 || codes[nearest(*row)] == 0;
    let expected: Vec<usize> = (0..50).filter(stays).collect();
    assert!((21..50).contains(&expected.len()), "some go");
    assert_eq!(run(&Mltl::default(), &labels, 1).kept, expected);
}
