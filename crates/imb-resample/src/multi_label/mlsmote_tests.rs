use super::*;
use crate::multi_label::testing::{
    Reference, assert_close, assert_uniform, chi_square_passes, label_rows, numbers, points, reals,
    references, resample, written,
};
use imb_core::{Gap, Origin, Parent};

/// mulan's rows from its recorded draws. Its neighbours are ours; the rows that it made from them are ours
/// to the last digit that was recorded.
#[test]
fn rows_equal_those_of_mulan() {
    let method = Mlsmote::as_released();
    let lines: Vec<Reference> = references("mulan-samplers").collect();
    let runs = lines.iter().enumerate().filter(|(_, line)| line.is("mlsmote"));
    for (start, run) in runs {
        let data = &run.rows;
        let imbalance = LabelImbalance::of(data.y());
        let mut recorded = lines[start + 1..].iter().take_while(|line| line.is("mlsmote_row"));
        let mut pool = Pool::new(data);
        let bag_sizes = numbers(&run["bag_sizes"]);
        let labels = numbers(&run["bags_in_order_label"]);
        let candidates = method.rare_labels(&imbalance);
        let alone = |label: &usize| data.y().positives()[*label] == 1;
        assert!(candidates.iter().filter(|label| !alone(label)).eq(&labels), "{}", run.name);
        for (label, size) in labels.into_iter().zip(bag_sizes) {
            let bag = method.bag(&pool, label);
            assert_eq!(bag.len(), size, "{}", run.name);
            let k = method.k_neighbors.min(size - 1);
            let scaled = range_scaled(data.features(), data.x());
            let neighbors = method.nearest(data.features(), &pool, &scaled, &bag, k).expect("valid");
            let made: Vec<NewRow> = bag
                .iter()
                .zip(&neighbors)
                .map(|(&sample, neighbors)| {
                    let line = recorded.next().expect("a row");
                    recorded_row(&method, &pool, line, sample, neighbors)
                })
                .collect();
            pool.add(made);
        }
        assert!(recorded.next().is_none(), "{}: all rows are checked", run.name);
    }
}

fn recorded_row(
    method: &Mlsmote,
    pool: &Pool<'_>,
    line: &Reference,
    sample: usize,
    neighbors: &[usize],
) -> NewRow {
    assert_eq!(Some(sample as u64), line["seed"].as_u64(), "{}", line.name);
    assert_eq!(neighbors, numbers(&line["neighbours"]), "{}", line.name);
    let reference = line["reference"].as_u64().expect("a row") as usize;
    let gaps = reals(&line["u_times_256"]).into_iter().map(|gap| gap / 256.0).collect();
    let row = method.new_sample(line.rows.features(), pool, Parents { sample, neighbors, reference }, gaps);
    assert_eq!(written(&row.on), line["labels"].as_str().expect("labels"), "{}", line.name);
    if !line["x"].is_null() {
        assert_close(&row.x, &reals(&line["x"]), 1e-9, &line.name);
    }
    assert_close(&[row.x.iter().sum()], &[line.number("sum_x")], 1e-9, &line.name);
    row
}

fn shrink() -> Mlsmote {
    Mlsmote { small_bags: SmallClasses::Shrink, ..Mlsmote::default() }
}

/// M4: a, b, c have 12, 4 and 2 rows: IRLbl 1, 3, 6 and MeanIR 10/3, so c alone is rare, with rows 0 and 2. Of rows 0,
/// 1, 2 and 4 three have b and two have c, which is half of them.
#[test]
fn half_of_the_votes_are_a_tie_and_the_label_is_off() {
    let data = label_rows(&[&["111", "110", "111", "110"][..], &["100"; 8]].concat());
    let resampled = resample(&Mlsmote { k_neighbors: 1, ..Mlsmote::default() }, &data, 3).expect("valid");
    assert_eq!(resampled.synthetic_targets.positives(), [2, 2, 2], "both voters have all three");
    let pool = Pool::new(&data);
    let labels =
        |label_rule| written(&Mlsmote { label_rule, ..Mlsmote::default() }.vote(&pool, &[0, 1, 2, 4]));
    assert_eq!(labels(LabelRule::MoreThanHalf), "110", "two of four are no majority");
    assert_eq!(labels(LabelRule::AtLeastHalf), "111");
    assert_eq!(labels(LabelRule::Union), "111");
    assert_eq!(labels(LabelRule::Intersection), "100");
}

#[test]
fn a_bag_of_one_makes_nothing_and_is_reported() {
    let data = label_rows(&["11", "10", "10", "10"]);
    let resampled = resample(&shrink(), &data, 1).expect("valid");
    assert_eq!(resampled.synthetic.nrows(), 0);
    let report = &resampled.delivery[0];
    assert_eq!((report.name.as_str(), report.asked, report.delivered), ("b", 1, 0));
    assert!(report.remark.as_deref().is_some_and(|remark| remark.contains("no partner")));
    let error = resample(&Mlsmote::default(), &data, 1).expect_err("refused").to_string();
    assert!(error.contains("label b") && error.contains("small_bags = \"shrink\" goes without"), "{error}");
}

/// The advice names the parameter of this method, not that of the resamplers of classes.
#[test]
fn a_bag_that_is_too_small_is_refused_with_the_parameter_that_helps() {
    let data = label_rows(&["11", "11", "11", "10", "10", "10", "10", "10"]);
    let error =
        resample(&Mlsmote::default(), &data, 1).expect_err("three rows for five neighbours").to_string();
    assert!(error.contains("k_neighbors = 2 works, and small_bags = \"shrink\" uses it"), "{error}");
    let shrunk = resample(&shrink(), &data, 1).expect("two neighbours");
    assert_eq!(shrunk.synthetic.nrows(), 3);
}

/// M2: only labels with IRLbl above MeanIR grow.
#[test]
fn equal_counts_change_nothing_unless_labels_at_the_mean_take_part() {
    let data = label_rows(&["10", "10", "01", "01"]);
    let resampled = resample(&Mlsmote::default(), &data, 1).expect("valid");
    assert_eq!((resampled.synthetic.nrows(), resampled.delivery.len()), (0, 0));
    assert_eq!(resample(&Mlsmote::as_released(), &data, 1).expect("valid").synthetic.nrows(), 4);
}

/// M3: b is rare, its rows lie at 0, 1 and 10; rows of a alone lie between them and are no partners.
#[test]
fn partners_are_rows_of_the_bag() {
    let x = [0.0, 1.0, 10.0, 0.5, 0.6, 5.0, 6.0, 7.0];
    let data = points(&x, &["11", "11", "11", "10", "10", "10", "10", "10"]);
    let method = Mlsmote { k_neighbors: 1, ..Mlsmote::default() };
    for seed in 0..20 {
        let resampled = resample(&method, &data, seed).expect("valid");
        let parents: Vec<(Parent, Parent)> = resampled
            .origins
            .iter()
            .map(|origin| match origin {
                Origin::Interpolated { seed, neighbor, gap: Gap::PerFeature(_) } => (*seed, *neighbor),
                other => panic!("{other:?}"),
            })
            .collect();
        let row = Parent::Row;
        assert_eq!(parents, [(row(0), row(1)), (row(1), row(0)), (row(2), row(1))]);
    }
}

#[test]
fn categories_are_voted_for() {
    assert_eq!(most_frequent(3, [2.0, 1.0, 1.0].into_iter()), 1.0);
    assert_eq!(most_frequent(3, [2.0, 1.0].into_iter()), 2.0, "the sample's on a tie");
    assert_eq!(most_frequent(4, [3.0, 2.0, 1.0, 2.0, 1.0].into_iter()), 1.0, "else the lowest");
}

#[test]
fn ties_at_the_last_distance_can_be_kept() {
    let points = ndarray::array![[0.0], [1.0], [-1.0], [1.0], [5.0]];
    assert_eq!(nearest_places(points.view(), 1, false).expect("valid")[0], [1]);
    assert_eq!(nearest_places(points.view(), 1, true).expect("valid")[0], [1, 2, 3]);
}

/// Parents and gaps of each new row.
fn origins(resampled: &Resampled<LabelMatrix>) -> Vec<(usize, usize, Vec<f64>)> {
    let parts = resampled.origins.iter().map(|origin| match origin {
        Origin::Interpolated { seed: Parent::Row(seed), neighbor: Parent::Row(neighbor), gap } => match gap {
            Gap::PerFeature(gaps) => (*seed, *neighbor, gaps.clone()),
            Gap::Same(_) => panic!("a gap a feature"),
        },
        other => panic!("{other:?}"),
    });
    parts.collect()
}

/// b is rare, with rows 0 to 9 on a line; the five nearest of row 0 are rows 1 to 5.
#[test]
fn gaps_are_uniform_and_so_are_references_among_the_neighbours() {
    let rows: Vec<&str> = (0..40).map(|row| if row < 10 { "11" } else { "10" }).collect();
    let x: Vec<f64> = (0..40).map(|row| f64::from(row) * 1.01_f64.powi(row)).collect();
    let data = points(&x, &rows);
    let (mut gaps, mut counts) = (Vec::new(), [0.0; 5]);
    for seed in 0..3000 {
        for (sample, reference, row_gaps) in
            origins(&resample(&Mlsmote::default(), &data, seed).expect("valid"))
        {
            gaps.extend(row_gaps);
            if sample == 0 {
                counts[reference - 1] += 1.0;
            }
        }
    }
    assert_uniform(&mut gaps);
    assert!(chi_square_passes(&counts, &[1.0; 5]), "{counts:?}");
}

/// A gap of its own for each feature, not one for all.
#[test]
fn features_have_gaps_of_their_own() {
    let labels = label_rows(&["11", "11", "10", "10"]);
    let x = Array2::from_shape_fn((4, 3), |(row, column)| (row * (column + 1)) as f64);
    let data = Dataset::unnamed(x, labels.y().clone()).expect("finite");
    let method = Mlsmote { k_neighbors: 1, ..Mlsmote::default() };
    let (_, _, gaps) = &origins(&resample(&method, &data, 1).expect("valid"))[0];
    assert!(gaps[0] != gaps[1] && gaps[1] != gaps[2], "{gaps:?}");
}
