use super::*;
use crate::multi_label::testing::{
    Reference, assert_close, assert_uniform, chi_square_passes, label_rows, numbers, pairs, points, reals,
    references, resample, written,
};
use imb_core::Seed;

/// Of the digits that are recorded.
const TOLERANCE: f64 = 2e-9;

/// All that was recorded of the released code, up to the last row whose draws were recorded.
#[test]
fn every_step_equals_that_of_the_released_code() {
    let lines: Vec<Reference> = references("mlbote").collect();
    let mut seen = std::collections::BTreeSet::new();
    let runs = lines.chunk_by(|a, b| a["run"] == b["run"] && a.rows == b.rows);
    for run in runs {
        let parameters = run.iter().find(|line| line.is("parameters")).expect("parameters");
        let method = Mlbote {
            sampling_rate: parameters.number("alpha_s"),
            cross_threshold: parameters.number("th_c"),
            border_neighbors: parameters.number("k_b") as usize,
            weight_neighbors: parameters.number("k_w") as usize,
            loops: parameters.number("loops") as usize,
            ..Mlbote::as_released()
        };
        let (mut work, _) = method.start(&parameters.rows).expect("valid");
        let mut lacking = BTreeMap::new();
        let fails = run.iter().any(|line| line.is("failed"));
        for case in STEPS.into_iter().take(if fails { 2 } else { STEPS.len() }) {
            for line in run.iter().filter(|line| line.is(case)) {
                check(&method, &mut work, line, lowest_row_first(run, line));
                check_interior(&mut work, line, &mut lacking);
                seen.insert(case);
            }
        }
    }
    assert_eq!(seen.len(), STEPS.len(), "{seen:?}");
}

/// Rounding may put the mean of equal ratios below each of them. No label is then frequent, and none lacks rows.
#[test]
fn equally_frequent_labels_lack_no_rows() {
    let mean_is_below = |n: usize, counts: &[usize]| {
        let ratios = shares(counts, n as f64);
        mean_of(&ratios) < ratios[0]
    };
    for (n, counts) in [(7, vec![5; 3]), (7, vec![3; 10])] {
        assert!(mean_is_below(n, &counts), "the case is not the one that is meant");
        assert!(deficits(&counts, &counts, n).values().all(|lacks| *lacks == 0));
    }
}

/// What is recorded of a run, in its order; lines that differ with ties stand behind the others in the file.
const STEPS: [&str; 14] = [
    "noise",
    "after_noise",
    "labels",
    "first_label",
    "first_weights",
    "plan",
    "loop0_self_border",
    "loop0_after_self_label",
    "loop0_after_self_weights",
    "loop0_cross_border",
    "loop0_after_cross_label",
    "loop0_after_cross_weights",
    "interior_plan",
    "interior_step",
];

/// Where lists of neighbours depend on ties, the line with our rule for them.
fn lowest_row_first<'a>(run: &'a [Reference], line: &'a Reference) -> &'a Reference {
    let same =
        |other: &&Reference| other["case"] == line["case"] && other["nearest_ties"] == "lowest row first";
    run.iter().find(same).unwrap_or(line)
}

fn check(method: &Mlbote, work: &mut Work<'_>, line: &Reference, by_our_ties: &Reference) {
    let name = &line.name;
    match line["case"].as_str().expect("a case") {
        "noise" => {
            let labels = work.pool.n_original();
            let cleared = (0..labels).flat_map(|row| {
                let now = work.pool.labels_of(row).iter().enumerate();
                let was = line.rows.y().view().row(row).to_vec();
                now.filter(move |(label, on)| was[*label] && !**on).map(move |(label, _)| (row, label))
            });
            assert_eq!(cleared.collect::<Vec<_>>(), pairs(&line["noise"]), "{name}");
        }
        "after_noise" => {
            let rows = (0..work.pool.n_original()).map(|row| written(work.pool.labels_of(row)));
            let recorded = line["labels"].as_array().expect("rows");
            assert!(rows.eq(recorded.iter().filter_map(|row| row.as_str()).map(str::to_owned)), "{name}");
            assert_eq!(work.counts, numbers(&line["counts"]), "{name}");
        }
        "labels" => {
            let labels: Vec<usize> = work.sampled.iter().map(|(label, _)| *label).collect();
            assert_eq!(labels, numbers(&line["to_sample"]), "{name}");
            for (label, divisor) in &work.sampled {
                let recorded = line["divisor"][label.to_string()].as_f64().expect("a divisor");
                assert_close(&[*divisor], &[recorded], TOLERANCE, name);
            }
        }
        "plan" => {
            assert_close(&[work.rows_to_make()], &[line.number("N")], TOLERANCE, name);
            assert_eq!(method.in_round(work.rows_to_make(), 0), line.number("per_loop") as usize, "{name}");
            check_partners(work, line, by_our_ties);
        }
        "first_label" | "loop0_after_self_label" | "loop0_after_cross_label" => check_border(work, line),
        "first_weights" | "loop0_after_self_weights" | "loop0_after_cross_weights" => {
            check_weights(work, line);
        }
        "loop0_self_border" => replay(work, line),
        "loop0_cross_border" => {
            let excess = work.excess();
            let candidates: Vec<usize> = (0..excess.len()).filter(|row| excess[*row] > 0.0).collect();
            assert_eq!(candidates, numbers(&line["candidates"]), "{name}");
            let asked = excess.iter().map(|excess| excess.min(5.0)).sum::<f64>() as usize;
            assert_eq!(asked, line.number("number") as usize, "{name}");
            replay(work, line);
        }
        _ => {}
    }
}

/// The interior step from the recorded counts: only loop 0 was recorded draw by draw, so that the counts
/// after all rounds are an input here.
fn check_interior(work: &mut Work<'_>, line: &Reference, lacking: &mut BTreeMap<usize, usize>) {
    let name = &line.name;
    if line.is("interior_plan") {
        work.present = numbers(&line["positives_now"]);
        let n = line.number("n_now") as usize;
        let rare: Vec<usize> = deficits(&vec![2; work.present.len()], &work.present, n).into_keys().collect();
        assert_eq!(rare, numbers(&line["labels_above_mean"]), "{name}");
        *lacking = deficits(&work.counts, &work.present, n);
    }
    if line.is("interior_step") {
        let (label, n) = smallest(lacking).expect("rows are lacking");
        assert_eq!([n], numbers(&line["number"])[..], "{name}");
        if work.pool.len() == work.pool.n_original() {
            assert_eq!(work.interior_pool(label), numbers(&line["pool"]), "{name}");
        }
        lacking.remove(&label);
        let steps = numbers(&line["seeds_kept"]).into_iter().zip(numbers(&line["references"]));
        let rows: Vec<NewRow> = steps
            .zip(reals(&line["u"]))
            .map(|((seed, partner), gap)| work.new_row((seed, partner, gap)))
            .collect();
        for row in &rows {
            lacking
                .iter_mut()
                .filter(|(label, _)| row.on[**label])
                .for_each(|(_, n)| *n = n.saturating_sub(1));
        }
        for (row, recorded) in rows.iter().zip(line["x"].as_array().expect("rows")) {
            assert_close(&row.x, &reals(recorded), TOLERANCE, name);
        }
    }
}

fn check_partners(work: &Work<'_>, line: &Reference, by_our_ties: &Reference) {
    let alone: Vec<usize> = (0..work.partners.len()).filter(|row| work.partners[*row].is_empty()).collect();
    assert_eq!(alone, numbers(&line["rows_alone_in_label_set"]), "{}", line.name);
    for (row, partners) in work.partners.iter().enumerate().filter(|(_, partners)| !partners.is_empty()) {
        let recorded = numbers(&by_our_ties["references"][row.to_string()]);
        assert_eq!(*partners, recorded, "{}, row {row}", by_our_ties.name);
    }
}

fn check_border(work: &Work<'_>, line: &Reference) {
    let label = line.number("label") as usize;
    let found = work.borders.labels.iter().find(|border| border.label == label);
    let Some(border) = found else {
        assert!(line["R_b"].is_null(), "{}: label {label} has a border", line.name);
        return;
    };
    assert_eq!(border.members.len(), line.number("n_T") as usize, "{}", line.name);
    assert_eq!(border.cross, numbers(&line["R_b"]), "{}", line.name);
    assert_eq!(border.own, numbers(&line["T_b"]), "{}", line.name);
    let pairs = [
        ("weight_T", border.own_weights()),
        ("ratio_R", border.cross_ratios()),
        ("weight_R", border.cross_weights()),
    ];
    for (key, values) in pairs {
        assert_close(&values, &reals(&line[key]), TOLERANCE, &format!("{}, {key}", line.name));
    }
}

fn check_weights(work: &Work<'_>, line: &Reference) {
    let RowWeights { own, cross_ratio, interior } = &work.weights;
    let above =
        |values: &[f64]| -> Vec<usize> { (0..values.len()).filter(|row| values[*row] > 0.0).collect() };
    let of = |values: &[f64]| -> Vec<f64> { values.iter().copied().filter(|value| *value > 0.0).collect() };
    assert_eq!(above(own), numbers(&line["rows_with_weight"]), "{}", line.name);
    assert_close(&of(own), &reals(&line["instance_weight"]), TOLERANCE, &line.name);
    assert_eq!(above(cross_ratio), numbers(&line["rows_with_cross_ratio"]), "{}", line.name);
    assert_close(&of(cross_ratio), &reals(&line["cross_ratio"]), TOLERANCE, &line.name);
    if !line["interior_rows"].is_null() {
        assert_eq!(*interior, numbers(&line["interior_rows"]), "{}", line.name);
    }
}

/// Makes the recorded rows from the recorded seeds, partners and gaps.
fn replay(work: &mut Work<'_>, line: &Reference) {
    let steps = line["seeds_kept"].as_array().map_or_else(Vec::new, |_| numbers(&line["seeds_kept"]));
    if steps.is_empty() {
        return;
    }
    assert!(steps.iter().all(|seed| !work.partners[*seed].is_empty()), "{}", line.name);
    let ends = numbers(&line["references"]).into_iter().zip(reals(&line["u"]));
    let steps: Vec<(usize, usize, f64)> =
        steps.into_iter().zip(ends).map(|(seed, (partner, gap))| (seed, partner, gap)).collect();
    let first = work.pool.len();
    work.add(&steps, true).expect("valid");
    let labels = (first..work.pool.len()).map(|row| written(work.pool.labels_of(row)));
    let recorded = line["labels"].as_array().expect("rows");
    assert!(labels.eq(recorded.iter().filter_map(|row| row.as_str()).map(str::to_owned)), "{}", line.name);
    for (row, recorded) in (first..).zip(line["x"].as_array().expect("rows")) {
        assert_close(work.pool.point(row), &reals(recorded), TOLERANCE, &line.name);
    }
}

/// 40 rows on a line with a; b in rows 0 to 2. (40 − 3) / 3 = 12.3 is above 10, so b is sampled; n / n_j is 1
/// and 13.3.
fn edge() -> Dataset<LabelMatrix> {
    let rows: Vec<&str> = (0..40).map(|row| if row < 3 { "11" } else { "10" }).collect();
    label_rows(&rows)
}

/// The rows of R nearest to 0, 1 and 2 are 3, 4 and 5 for each; the two rows of T nearest to each of these
/// are 2 and 1. Row 1: distances to T 1 and 1, to R 2, 3, 4, so 1/3; row 2: 1 and 2 against 1, 2, 3, so 3/4.
/// Divided by their sum, 4/13 and 9/13. Row 3: to R 1, 2, 3, 4, 5, so 3; its nearest of T is row 2 with 3/2,
/// so 2² = 4. N = α_s · ((0 + 37/3) / 2) · 2 = α_s · 37/3.
#[test]
fn borders_and_weights_by_hand() {
    let method = Mlbote { sampling_rate: 0.5, ..Mlbote::default() };
    let data = edge();
    let (work, _) = method.start(&data).expect("valid");
    let border = &work.borders.labels[0];
    assert_eq!((border.label, &border.cross[..], &border.own[..]), (1, &[3, 4, 5][..], &[1, 2][..]));
    assert_close(&border.own_weights(), &[1.0 / 3.0, 0.75], 1e-15, "weights");
    assert_close(&border.cross_ratios()[..1], &[4.0], 1e-15, "ratios");
    assert_close(&work.weights.own[..3], &[0.0, 4.0 / 13.0, 9.0 / 13.0], 1e-15, "rows");
    assert_close(&[work.rows_to_make()], &[37.0 / 6.0], 1e-13, "N");
    let rounds: Vec<usize> = (0..10).map(|number| method.in_round(6.4, number)).collect();
    assert_eq!(rounds.iter().sum::<usize>(), 6, "none is lost by rounding");
    let released = Mlbote { round_each_loop: true, ..method };
    assert_eq!(released.in_round(5.0, 0), 0, "half a row a round makes none");
    assert_eq!(released.in_round(6.0, 0), 1);
}

/// M8: labels in another order are the same labels to sample, with the same borders; the weights of rows, which are
/// sums over labels, are equal up to the order of adding.
#[test]
fn permuted_labels_give_the_same_weights() {
    let on = |row: usize| match row {
        0..3 => "1101",
        3..7 => "1001",
        20..23 => "1010",
        39 => "1000",
        _ => "1100",
    };
    let rows: Vec<&str> = (0..60).map(on).collect();
    let reversed: Vec<String> = rows.iter().map(|row| row.chars().rev().collect()).collect();
    let reversed: Vec<&str> = reversed.iter().map(String::as_str).collect();
    let method = Mlbote { ratio_threshold: 1.0, ..Mlbote::default() };
    let data = [label_rows(&rows), label_rows(&reversed)];
    let [given, permuted] = [&data[0], &data[1]].map(|data| method.start(data).expect("valid").0);
    let mut sampled = permuted.sampled.clone();
    sampled.iter_mut().for_each(|(label, _)| *label = 3 - *label);
    sampled.reverse();
    assert_eq!(sampled, given.sampled);
    assert!(sampled.len() > 1, "several labels share rows: {sampled:?}");
    assert!(given.weights.own.iter().filter(|weight| **weight > 0.0).count() > 3);
    assert_close(&permuted.weights.own, &given.weights.own, 1e-14, "own weights");
    assert_close(&permuted.weights.cross_ratio, &given.weights.cross_ratio, 1e-14, "cross ratios");
    assert_eq!(permuted.weights.interior, given.weights.interior);
    assert_eq!(permuted.partners, given.partners);
    assert_close(&[permuted.rows_to_make()], &[given.rows_to_make()], 1e-13, "N");
}

#[test]
fn new_rows_have_exactly_the_labels_of_both_parents() {
    let resampled = resample(&Mlbote { sampling_rate: 1.0, ..Mlbote::default() }, &edge(), 4).expect("valid");
    assert!(resampled.synthetic.nrows() >= 10, "{}", resampled.synthetic.nrows());
    assert_eq!(resampled.kept.len(), 40);
    for (x, on) in resampled.synthetic.column(0).iter().zip(resampled.synthetic_targets.view().rows()) {
        assert!(if on[1] { *x <= 2.0 } else { *x >= 3.0 }, "{x} {on}");
    }
}

/// b stands in rows 0 to 6, close together, and in row 39, whose neighbours have none of it and whose nearest
/// row of b is 33 away; the fifth neighbours of the others are at most 6 away.
#[test]
fn noise_is_cleared_and_reported() {
    let rows: Vec<&str> = (0..40).map(|row| if row < 7 || row == 39 { "11" } else { "10" }).collect();
    let resampled = resample(&Mlbote::default(), &label_rows(&rows), 1).expect("valid");
    assert_eq!(resampled.kept_targets.positives(), [40, 7]);
    let remark = resampled.delivery[1].remark.as_deref().expect("why");
    assert!(remark.contains("cleared in row 40"), "{remark}");
}

/// Row 0 is noise of b, and c has more than six rows, but no noise.
#[test]
fn the_released_code_loses_noise_in_row_0() {
    let on = |row: usize| match row {
        0 => "110",
        33.. => "111",
        _ => "100",
    };
    let data = label_rows(&(0..40).map(on).collect::<Vec<_>>());
    let cleared = |method: Mlbote| resample(&method, &data, 1).expect("valid").kept_targets.positives();
    assert_eq!(cleared(Mlbote::default()), [40, 7, 7]);
    assert_eq!(cleared(Mlbote::as_released()), [40, 8, 7]);
}

#[test]
fn a_label_that_nearly_all_rows_have_is_without_border() {
    let resampled = resample(&Mlbote::default(), &edge(), 1).expect("valid");
    let remark = resampled.delivery[0].remark.as_deref().expect("why");
    assert!(remark.contains("no border"), "{remark}");
}

/// Each row has a label set of its own, so no seed has a partner.
#[test]
fn seeds_alone_in_their_label_set_make_nothing() {
    let rows: Vec<String> = (0..40).map(|row| format!("{:06b}{}", row, u8::from(row < 3))).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let resampled =
        resample(&Mlbote { sampling_rate: 1.0, ..Mlbote::default() }, &label_rows(&rows), 1).expect("valid");
    assert_eq!(resampled.synthetic.nrows(), 0);
    let remarks = resampled.delivery.iter().filter_map(|report| report.remark.as_deref());
    assert!(remarks.into_iter().any(|remark| remark.contains("alone in their label set")));
}

/// In the released code copies of a seed in a small label set share a partner, and a seed of zeros is copied.
#[test]
fn what_the_released_code_does_with_single_seeds() {
    let data =
        points(&(0..40).map(f64::from).collect::<Vec<_>>(), &[["11"; 3].as_slice(), &["10"; 37]].concat());
    let partners = |method: &Mlbote| -> Vec<usize> {
        let (work, _) = method.start(&data).expect("valid");
        let steps = work.steps(&[1; 30], &mut Seed::new(3).rng());
        let mut partners: Vec<usize> = steps.into_iter().map(|(_, partner, _)| partner).collect();
        partners.sort_unstable();
        partners.dedup();
        partners
    };
    assert_eq!(partners(&Mlbote::default()), [0, 2]);
    assert_eq!(partners(&Mlbote::as_released()).len(), 1);
    let x = |method: &Mlbote| method.start(&data).expect("valid").0.new_row((0, 2, 0.5)).x;
    assert_eq!((x(&Mlbote::default()), x(&Mlbote::as_released())), (vec![1.0], vec![0.0]));
}

#[test]
fn bad_parameters_are_refused_with_what_would_work() {
    let error = |method: Mlbote| resample(&method, &edge(), 1).expect_err("bad").to_string();
    assert!(error(Mlbote { loops: 0, ..Mlbote::default() }).contains("loops"));
    assert!(
        error(Mlbote { weight_neighbors: 40, ..Mlbote::default() }).contains("weight_neighbors = 39 works")
    );
    let few = resample(&Mlbote::default(), &label_rows(&["10", "01", "10"]), 1).expect_err("three rows");
    assert!(few.to_string().contains("works"), "{few}");
}

/// Seeds by weight, partners uniformly, gaps from 0 to 1.
#[test]
fn draws_have_the_distributions_of_the_paper() {
    let data = edge();
    let method = Mlbote::default();
    let (work, _) = method.start(&data).expect("valid");
    let mut rng = Seed::new(6).rng();
    let seeds = work.self_border_seeds(20_000, &mut rng);
    let count = |row: usize, rows: &[usize]| rows.iter().filter(|other| **other == row).count() as f64;
    let counts: Vec<f64> = (0..40).map(|row| count(row, &seeds)).collect();
    assert!(chi_square_passes(&counts, &work.weights.own), "{counts:?}");
    let steps = work.steps(&[20; 5000], &mut rng);
    let partners: Vec<usize> = steps.iter().map(|(_, partner, _)| *partner).collect();
    let counts: Vec<f64> = work.partners[20].iter().map(|row| count(*row, &partners)).collect();
    assert!(chi_square_passes(&counts, &[1.0; 5]), "{counts:?}");
    assert_uniform(&mut steps.into_iter().map(|(_, _, gap)| gap).collect::<Vec<_>>());
}
